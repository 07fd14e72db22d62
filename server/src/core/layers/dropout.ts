/** Dropouts: in training, some values are set to 0 by chance; in evaluation nothing happens. */
import { type Inputs, type Layer, layer } from './layer.ts';
import { choice, flag, float } from './parameters.ts';
import { channelsFirst } from './rules.ts';
import { pointwise } from './sight.ts';

const chance = (what: string, standard: number): ReturnType<typeof float> =>
  float(`The chance of ${what}.`, { min: 0, max: 1, default: standard });

function dropout(
  name: string,
  summary: string,
  what: string,
  inputs: Inputs,
  attribute = 'dropout',
  overwrites = true,
): Layer {
  return layer({
    name,
    family: 'dropout',
    kind: 'module',
    summary,
    documentation: `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`,
    attribute,
    inputs,
    parameters: {
      p: chance(`${what} to be dropped`, 0.5),
      inplace: flag(
        overwrites
          ? 'Overwrites its input, which saves memory.'
          : 'Has no effect: torch takes it and overwrites nothing.',
        false,
      ),
    },
    shape: ({ input }) => [input.shape],
    sees: pointwise,
    isView: ({ inplace }) => overwrites && inplace,
    python: { kind: 'module', constructor: `nn.${name}` },
    similarity: 'dropout',
  });
}

const WHOLE_CHANNELS = 'In training, sets whole channels to 0 by chance and enlarges the others to keep the sum.';

const StochasticDepth = layer({
  name: 'StochasticDepth',
  family: 'dropout',
  kind: 'module',
  summary:
    'In training, sets a whole branch to 0 by chance, so that a residual block is skipped; in evaluation nothing happens.',
  documentation: 'https://docs.pytorch.org/vision/stable/generated/torchvision.ops.StochasticDepth.html',
  attribute: 'stochastic_depth',
  inputs: { names: ['input'], minimumRank: 1 },
  parameters: {
    p: float('The chance of a branch to be set to 0.', { min: 0, max: 1 }),
    mode: choice('"row": for each image on its own; "batch": for all together.', ['row', 'batch'], 'row'),
  },
  shape: ({ input }) => [input.shape],
  sees: pointwise,
  python: {
    kind: 'module',
    constructor: 'StochasticDepth',
    source: `class StochasticDepth(nn.Module):
    """Drops its input with probability \`p\` in training: the whole batch, or each sample ("row") on its own."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0.0:
            return input
        survival = 1.0 - self.p
        size = [1] * input.ndim
        if self.mode == "row":
            size[0] = input.shape[0]
        noise = torch.empty(size, dtype=input.dtype, device=input.device)
        noise.bernoulli_(survival)
        if survival > 0.0:
            noise.div_(survival)
        return input * noise

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode}"
`,
  },
  similarity: 'dropout',
});

export const Dropout = dropout(
  'Dropout',
  'In training, sets values to 0 by chance and enlarges the others to keep the sum; in evaluation nothing happens.',
  'a value',
  { names: ['input'] },
);

export const dropouts: readonly Layer[] = [
  Dropout,
  dropout('Dropout1d', WHOLE_CHANNELS, 'a channel', channelsFirst(1)),
  dropout('Dropout2d', WHOLE_CHANNELS, 'a channel', channelsFirst(2)),
  dropout('Dropout3d', WHOLE_CHANNELS, 'a channel', channelsFirst(3)),
  dropout(
    'AlphaDropout',
    'Dropout for SELU: in training, sets values to the least that SELU gives by chance, and keeps mean 0 and variance 1.',
    'a value',
    { names: ['input'] },
    'alpha_dropout',
    false,
  ),
  dropout(
    'FeatureAlphaDropout',
    'AlphaDropout of whole channels.',
    'a channel',
    { names: ['input'], minimumRank: 2 },
    'feature_alpha_dropout',
    false,
  ),
  StochasticDepth,
];
