/** Activations: element by element, shapes stay. */
import { type Layer, layer } from './layer.ts';
import { flag } from './parameters.ts';

const ReLU = layer({
  name: 'ReLU',
  family: 'activation',
  kind: 'module',
  summary: 'Sets negative values to 0: max(0, x).',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html',
  attribute: 'relu',
  inputs: { names: ['input'] },
  parameters: { inplace: flag('Overwrites its input, which saves memory.', false) },
  shape: ({ input }) => [input.shape],
  python: {
    kind: 'module',
    constructor: 'nn.ReLU',
    functional: ({ inputs, keywords }) => `F.relu(${inputs.join(', ')}${keywords('inplace')})`,
  },
  similarity: 'activation',
});

export const activations: readonly Layer[] = [ReLU];
