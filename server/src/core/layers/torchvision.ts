/**
 * What torchvision.ops has beside torch. Its Python-only classes become classes of the generated file, with the same
 * keys, so that this runs with torch alone; its compiled operations are imported.
 */
import { type Dimension, FALSE, ONE, TRUE, constant, floorDivide, format, multiply, subtract } from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { ReLU, Sigmoid } from './activation.ts';
import { Conv2d, Conv3d } from './convolution.ts';
import { Dropout } from './dropout.ts';
import { type Layer, type LayerCall, type ShapedTensor, layer } from './layer.ts';
import { Linear } from './linear.ts';
import { BatchNorm2d, BatchNorm3d } from './normalization.ts';
import {
  type LayerArgument,
  asValue,
  flag,
  float,
  inferred,
  int,
  intList,
  layerValue,
  optionalFlag,
  optionalLayer,
  optionalPresence,
  optionalSizesOr,
  presence,
  sizes,
  withArguments,
} from './parameters.ts';
import { AdaptiveAvgPool2d } from './pooling.ts';
import { channels, channelsFirst, features } from './rules.ts';
import { Identity } from './shape.ts';
import { type Seen, inSequence, own, pointwise } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/vision/stable/generated/torchvision.ops.${name}.html`;

// ---------------------------------------------------------------------------------------------- layers that are called for

/**
 * A normalization that is called for with the size that it works on: `norm_layer(64)`. What it would work out from its
 * input must be that size.
 */
function normalize(
  call: LayerCall,
  name: string,
  { layer: one, given }: LayerArgument,
  input: ShapedTensor,
  size: Dimension,
): ShapedTensor {
  const [parameter, found] = Object.entries(one.parameters).find(([, { infer }]) => infer !== undefined) ?? [];
  const own = parameter === undefined ? undefined : found?.infer?.([input], undefined);
  const written = one === Identity || (parameter !== undefined && !given.has(parameter));
  const refusal = () => ({
    code: 'argument-value',
    message: `calls for norm_layer with ${format(size)}, the size to be normalized, which ${one.name} doesn't take on ${formatShape(input.shape)}: give one that does, as BatchNorm2d on images, without that size.`,
    argument: 'norm_layer',
  });
  if (!written) call.refuse(refusal());
  // Where it takes no such input at all, that is told as a part's refusal.
  if (one !== Identity && own !== undefined) call.agree(own as Dimension, size, refusal);
  const [out] = call.part({ name, layer: { layer: one, given }, inputs: [input], argument: 'norm_layer' });
  return out!;
}

/** An activation that is called for, with `inplace` unless that is None; it must leave shapes as they are. */
function activate(
  call: LayerCall,
  name: string,
  argument: string,
  activation: LayerArgument,
  input: ShapedTensor,
  inplace?: boolean,
): ShapedTensor {
  const { layer: one } = activation;
  if (inplace !== undefined && one !== Identity && !('inplace' in one.parameters)) {
    call.refuse({
      code: 'argument-value',
      message: `calls for ${argument} with inplace=${inplace ? 'True' : 'False'}, which ${one.name} doesn't take: add inplace=None.`,
      argument,
    });
  }
  const [out] = call.part({ name, layer: activation, inputs: [input], argument });
  return out!;
}

// ---------------------------------------------------------------------------------------------- convolutions

const NORM = 'The normalization behind it, which is called for with the channels; None for none.';
const ACTIVATION = 'The activation behind that; None for none.';

function convNormActivation(dimensions: 2 | 3): Layer {
  const name = `Conv${dimensions}dNormActivation`;
  const [conv, norm] = dimensions === 2 ? ([Conv2d, BatchNorm2d] as const) : ([Conv3d, BatchNorm3d] as const);
  const tuple = `tuple[${Array.from({ length: dimensions }, () => 'int').join(', ')}]`;
  return layer({
    name,
    family: 'convolution',
    kind: 'module',
    summary: `A Conv${dimensions}d that keeps the size (at stride 1), with a normalization and an activation behind it. It has a bias only where nothing normalizes.`,
    documentation: page(name),
    attribute: 'conv_norm_activation',
    inputs: channelsFirst(dimensions),
    parameters: {
      in_channels: inferred('Channels of the input.', channels),
      out_channels: int('Channels that come out: how many kernels there are.', { min: 1 }),
      kernel_size: sizes(dimensions, 'Size of the kernel.', { min: 1, default: 3 }),
      stride: sizes(dimensions, 'How far the kernel moves at each step.', { min: 1, default: 1 }),
      padding: optionalSizesOr(
        dimensions,
        ['same', 'valid'],
        'How much is put around the input; None for as much as keeps the size: (kernel_size - 1) // 2 * dilation.',
        { min: 0 },
      ),
      groups: int('Parts that the channels are divided into, each seen by kernels of its own.', { min: 1, default: 1 }),
      norm_layer: optionalLayer(NORM, 'factory of channels', { default: norm }),
      activation_layer: optionalLayer(ACTIVATION, 'factory', { default: ReLU }),
      dilation: sizes(dimensions, 'Distance between the places that the kernel looks at.', { min: 1, default: 1 }),
      inplace: optionalFlag('What the activation is called for with; None for one that has no inplace.', {
        default: true,
      }),
      bias: optionalPresence('Adds a learned number to each output channel; None where nothing normalizes.'),
    },
    shape(call) {
      const { out_channels, kernel_size, stride, padding, groups, norm_layer, activation_layer, dilation, inplace } =
        call.arguments;
      const around =
        padding ?? kernel_size.map((size, i) => multiply(floorDivide(subtract(size, ONE), constant(2)), dilation[i]!));
      const parts = withArguments(conv, {
        out_channels: asValue.int(out_channels),
        kernel_size: asValue.ints(kernel_size),
        stride: asValue.ints(stride),
        padding: typeof around === 'string' ? asValue.string(around) : asValue.ints(around),
        groups: asValue.int(groups),
        dilation: asValue.ints(dilation),
        bias: asValue.bool(call.arguments.bias ?? (norm_layer === undefined ? TRUE : FALSE)),
      });
      let [out] = call.part({ name: '0', layer: parts, inputs: [call.input] });
      let next = 1;
      if (norm_layer !== undefined) out = normalize(call, String(next++), norm_layer, out!, out_channels);
      if (activation_layer !== undefined)
        out = activate(call, String(next), 'activation_layer', activation_layer, out!, inplace);
      return [out!.shape];
    },
    sees: ({ parts }) => inSequence(parts),
    python: {
      kind: 'module',
      constructor: name,
      source: `class ${name}(nn.Sequential):
    """A convolution, and perhaps a normalization and an activation behind it."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | ${tuple} = 3,
        stride: int | ${tuple} = 1,
        padding: int | ${tuple} | str | None = None,
        groups: int = 1,
        norm_layer: Callable[..., nn.Module] | None = nn.${norm.name},
        activation_layer: Callable[..., nn.Module] | None = nn.ReLU,
        dilation: int | ${tuple} = 1,
        inplace: bool | None = True,
        bias: bool | None = None,
    ) -> None:
        if padding is None:
            kernel = (kernel_size,) * ${dimensions} if isinstance(kernel_size, int) else kernel_size
            steps = (dilation,) * ${dimensions} if isinstance(dilation, int) else dilation
            padding = tuple((k - 1) // 2 * step for k, step in zip(kernel, steps))
        layers: list[nn.Module] = [
            nn.${conv.name}(
                in_channels,
                out_channels,
                kernel_size,
                stride,
                padding,
                dilation=dilation,
                groups=groups,
                bias=norm_layer is None if bias is None else bias,
            )
        ]
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            options = {} if inplace is None else {"inplace": inplace}
            layers.append(activation_layer(**options))
        super().__init__(*layers)
`,
    },
    example: { arguments: '64, stride=2' },
    similarity: 'convolution',
  });
}

// ---------------------------------------------------------------------------------------------- squeeze and excitation

const SqueezeExcitation = layer({
  name: 'SqueezeExcitation',
  family: 'attention',
  kind: 'module',
  summary:
    'Multiplies each channel by a number that is worked out from the means of all channels (squeeze and excitation): attention to channels.',
  documentation: page('SqueezeExcitation'),
  attribute: 'squeeze_excitation',
  inputs: channelsFirst(2),
  parameters: {
    input_channels: inferred('Channels of the input.', channels),
    squeeze_channels: int('Channels between the two maps, usually a fraction of the input’s.', { min: 1 }),
    activation: layerValue('What stands between the two maps.', 'factory', { default: ReLU }),
    scale_activation: layerValue('What makes factors of the outcome.', 'factory', { default: Sigmoid }),
  },
  shape(call) {
    const { input_channels, squeeze_channels, activation, scale_activation } = call.arguments;
    const mean = withArguments(AdaptiveAvgPool2d, { output_size: asValue.int(ONE) });
    const [pooled] = call.part({ name: 'avgpool', layer: mean, inputs: [call.input] });
    const conv = (out: Dimension): LayerArgument =>
      withArguments(Conv2d, { out_channels: asValue.int(out), kernel_size: asValue.int(ONE) });
    const [squeezed] = call.part({ name: 'fc1', layer: conv(squeeze_channels), inputs: [pooled!] });
    const [scale] = call.part({ name: 'fc2', layer: conv(input_channels), inputs: [squeezed!] });
    for (const [argument, one, input] of [
      ['activation', activation, squeezed!],
      ['scale_activation', scale_activation, scale!],
    ] as const) {
      const { shape } = activate(call, argument, argument, one, input);
      const refusal = () => ({
        code: 'argument-value',
        message: `needs ${argument} to leave shapes as they are, but ${one.layer.name} makes ${formatShape(shape)} of ${formatShape(input.shape)}.`,
        argument,
      });
      if (shape.length !== input.shape.length) call.refuse(refusal());
      shape.forEach((size, i) => call.agree(size, input.shape[i]!, refusal));
    }
    return [call.input.shape];
  },
  sees({ parts }) {
    const [, fc1, fc2, activation, scaleActivation] = parts;
    const [scale] = inSequence([fc1!, activation!, fc2!, scaleActivation!]);
    return [[Array.isArray(scale) ? (scale as readonly Seen[])[0]! : 'unknown', 'all', 'all', 'all']];
  },
  python: {
    kind: 'module',
    constructor: 'SqueezeExcitation',
    source: `class SqueezeExcitation(nn.Module):
    """Multiplies each channel by a number that all channels decide."""

    def __init__(
        self,
        input_channels: int,
        squeeze_channels: int,
        activation: Callable[..., nn.Module] = nn.ReLU,
        scale_activation: Callable[..., nn.Module] = nn.Sigmoid,
    ) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = nn.Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        scale = self.activation(self.fc1(self.avgpool(input)))
        return self.scale_activation(self.fc2(scale)) * input
`,
  },
  example: { arguments: '8' },
  similarity: 'attention',
});

// ---------------------------------------------------------------------------------------------- linear maps in a row

const MLP = layer({
  name: 'MLP',
  family: 'linear',
  kind: 'module',
  summary:
    'Linear maps in a row, with an activation and a dropout between them (and perhaps a normalization), and a dropout behind the last.',
  documentation: page('MLP'),
  attribute: 'mlp',
  inputs: { names: ['input'], minimumRank: 1 },
  parameters: {
    in_channels: inferred('Size of the last dimension of the input.', features),
    hidden_channels: intList('Features that come out of each map, the last being what comes out of all.', { min: 1 }),
    norm_layer: optionalLayer(
      'A normalization behind each map but the last, which is called for with the features.',
      'factory of features',
    ),
    activation_layer: layerValue('The activation behind each map but the last.', 'factory', { default: ReLU }),
    inplace: optionalFlag('What activations and dropouts are called for with; None for what they have.'),
    bias: presence('Adds a learned number to each output feature.', true),
    dropout: float('Chance of a value to be set to 0, in training.', { min: 0, max: 1, default: 0 }),
  },
  shape(call) {
    const { hidden_channels, norm_layer, activation_layer, inplace, bias } = call.arguments;
    let out = call.input;
    let next = 0;
    const part = (one: LayerArgument): void => {
      [out] = call.part({ name: String(next++), layer: one, inputs: [out] }) as [ShapedTensor];
    };
    hidden_channels.forEach((size, i) => {
      part(withArguments(Linear, { out_features: asValue.int(size), bias: asValue.bool(bias) }));
      if (i < hidden_channels.length - 1) {
        if (norm_layer !== undefined) out = normalize(call, String(next++), norm_layer, out, size);
        out = activate(call, String(next++), 'activation_layer', activation_layer, out, inplace);
      }
      part(withArguments(Dropout));
    });
    return [out.shape];
  },
  sees: ({ parts }) => inSequence(parts),
  python: {
    kind: 'module',
    constructor: 'MLP',
    source: `class MLP(nn.Sequential):
    """Linear maps in a row, with activations and dropouts between them."""

    def __init__(
        self,
        in_channels: int,
        hidden_channels: Sequence[int],
        norm_layer: Callable[..., nn.Module] | None = None,
        activation_layer: Callable[..., nn.Module] = nn.ReLU,
        inplace: bool | None = None,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        options = {} if inplace is None else {"inplace": inplace}
        layers: list[nn.Module] = []
        for i, channels in enumerate(hidden_channels, 1):
            layers.append(nn.Linear(in_channels, channels, bias=bias))
            if i < len(hidden_channels):
                if norm_layer is not None:
                    layers.append(norm_layer(channels))
                layers.append(activation_layer(**options))
            layers.append(nn.Dropout(dropout, **options))
            in_channels = channels
        super().__init__(*layers)
`,
  },
  example: { inputs: ['[N, 50, 64]'], arguments: '[256, 64]' },
  similarity: 'linear',
});

// ---------------------------------------------------------------------------------------------- frozen normalization

const FrozenBatchNorm2d = layer({
  name: 'FrozenBatchNorm2d',
  family: 'normalization',
  kind: 'module',
  summary:
    'BatchNorm2d that learns nothing: means, variances, factors and offsets are those of a model that was trained before.',
  documentation: page('FrozenBatchNorm2d'),
  attribute: 'frozen_batch_norm',
  inputs: channelsFirst(2, 'any'),
  parameters: {
    num_features: inferred('Channels of the input.', channels),
    eps: float('Added to the variance, so that nothing is divided by 0.', { default: 1e-5 }),
  },
  shape: ({ input }) => [{ shape: input.shape, type: 'float' }],
  sees: pointwise,
  weights: ({ arguments: { num_features } }) =>
    ['weight', 'bias', 'running_mean', 'running_var'].map((name) => ({ name, kind: 'buffer', shape: [num_features] })),
  python: {
    kind: 'module',
    constructor: 'FrozenBatchNorm2d',
    source: `class FrozenBatchNorm2d(nn.Module):
    """Batch normalization of images whose statistics and affine parameters are fixed."""

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(num_features))
        self.register_buffer("bias", torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def _load_from_state_dict(self, state_dict, prefix, *args) -> None:
        # A BatchNorm2d has one more, which nothing reads here.
        state_dict.pop(prefix + "num_batches_tracked", None)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = self.weight * (self.running_var + self.eps).rsqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale[:, None, None] + shift[:, None, None]

    def extra_repr(self) -> str:
        return f"{self.weight.shape[0]}, eps={self.eps}"
`,
  },
  similarity: 'normalization',
});

// ---------------------------------------------------------------------------------------------- regions of interest

const RoIAlign = layer({
  name: 'RoIAlign',
  family: 'vision',
  kind: 'function',
  summary:
    'Cuts boxes out of feature maps and brings each to one size: (features, boxes) -> RoIAlign(7). A box is [index in the batch, x1, y1, x2, y2].',
  documentation: page('roi_align'),
  inputs: {
    names: ['input', 'boxes'],
    rank: [4],
    layout: '[N, channels, height, width]',
    others: { boxes: { rank: [2], layout: '[boxes, 5]' } },
  },
  parameters: {
    output_size: sizes(2, 'Height and width of what is cut out.', { min: 1 }),
    spatial_scale: float('What coordinates are multiplied by: 1/16 for a map of an image 16 times as large.', {
      default: 1,
    }),
    sampling_ratio: int('Places that are looked at along each side of an output value; -1 for as many as there are.', {
      default: -1,
    }),
    aligned: flag('Moves boxes by half a place, so that they lie right; as Detectron2 does.', false),
  },
  shape(call) {
    const [input, boxes] = call.inputs;
    call.agree(boxes!.shape[1]!, constant(5), () => ({
      code: 'shape-mismatch',
      message: `takes boxes of 5 numbers (the index in the batch, x1, y1, x2, y2), but got ${formatShape(boxes!.shape)}.`,
    }));
    return [[boxes!.shape[0]!, input!.shape[1]!, ...call.arguments.output_size]];
  },
  // A box may lie anywhere.
  sees: () => [
    ['all', own(1), 'all', 'all'],
    [own(0), 'all'],
  ],
  python: {
    kind: 'function',
    importsFrom: 'torchvision.ops',
    expression: ({ imported, inputs: [input, boxes], argument, keywords }) =>
      `${imported('roi_align')}(${input!}, ${boxes!}, ${argument('output_size')!}${keywords('spatial_scale', 'sampling_ratio', 'aligned')})`,
  },
  example: { inputs: ['[N, 32, 56, 48]', '[R, 5]'], arguments: '7, spatial_scale=0.25' },
  similarity: 'pooling',
});

export const torchvisions: readonly Layer[] = [
  convNormActivation(2),
  convNormActivation(3),
  SqueezeExcitation,
  MLP,
  FrozenBatchNorm2d,
  RoIAlign,
];
