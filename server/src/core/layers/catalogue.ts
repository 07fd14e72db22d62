/** THE catalogue: every layer and tensor function, by name. */
import { activations } from './activation.ts';
import { arithmetics } from './arithmetic.ts';
import { attentions } from './attention.ts';
import { convolutions } from './convolution.ts';
import { distances } from './distance.ts';
import { dropouts } from './dropout.ts';
import { joining } from './joining.ts';
import { einsums } from './einsum.ts';
import type { Layer } from './layer.ts';
import { linears } from './linear.ts';
import { normalizations } from './normalization.ts';
import { paddings } from './padding.ts';
import { poolings } from './pooling.ts';
import { recurrents } from './recurrent.ts';
import { reductions } from './reduction.ts';
import { selections } from './selection.ts';
import { shapes } from './shape.ts';
import { torchvisions } from './torchvision.ts';
import { transformers } from './transformer.ts';
import { visions } from './vision.ts';
import { windowAttentions } from './windowAttention.ts';

export const LAYERS: readonly Layer[] = [
  ...convolutions,
  ...poolings,
  ...paddings,
  ...activations,
  ...normalizations,
  ...linears,
  ...attentions,
  ...transformers,
  ...recurrents,
  ...dropouts,
  ...distances,
  ...visions,
  ...torchvisions,
  ...windowAttentions,
  ...shapes,
  ...joining,
  ...selections,
  ...arithmetics,
  ...einsums,
  ...reductions,
];

const byName = new Map(LAYERS.map((layer) => [layer.name, layer]));

export function findLayer(name: string): Layer | undefined {
  return byName.get(name);
}
