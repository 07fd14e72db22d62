/** THE catalogue: every layer and tensor function, by name. */
import { activations } from './activation.ts';
import { convolutions } from './convolution.ts';
import { joining } from './joining.ts';
import type { Layer } from './layer.ts';

export const LAYERS: readonly Layer[] = [...convolutions, ...activations, ...joining];

const byName = new Map(LAYERS.map((layer) => [layer.name, layer]));

export function findLayer(name: string): Layer | undefined {
  return byName.get(name);
}
