/** Activations: element by element, shapes stay (but for GLU). */
import { constant, equal, floorDivide, format, ONE, ZERO, compare, modulo } from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { type Example, type InputType, NUMBERS, type Layer, type LayerCall, type Outputs, layer } from './layer.ts';
import { axisOf, mixed, mixing, numbers, own, pointwise, type Sees } from './sight.ts';
import { type Parameters, choice, dim, flag, float, int, optionalDim } from './parameters.ts';
import { channelsFirst } from './rules.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

const inplace = flag('Overwrites its input, which saves memory.', false);

/** What most of them are: `name` in torch.nn, `functional` in torch.nn.functional, and no rule but that shapes stay. */
function activation<const P extends Parameters>(
  name: string,
  functional: string,
  summary: string,
  parameters: P,
  shape: (call: LayerCall<P>) => Outputs = ({ input }) => [input.shape],
  type: InputType = 'float',
  sees: Sees<P> = pointwise,
  example?: Example,
): Layer {
  const names: (keyof P & string)[] = Object.keys(parameters);
  return layer<P>({
    name,
    family: 'activation',
    kind: 'module',
    summary,
    documentation: page(name),
    attribute: functional,
    inputs: { names: ['input'], type },
    parameters,
    shape,
    sees,
    isView: (given) => 'inplace' in given && given.inplace === true,
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, keywords }) => `F.${functional}(${inputs.join(', ')}${keywords(...names)})`,
    },
    ...(example === undefined ? {} : { example }),
    similarity: 'activation',
  });
}

/** For those that take whole numbers too. */
const same = ({ input }: Pick<LayerCall, 'input'>): Outputs => [input.shape];
const asFloats = ({ input }: Pick<LayerCall, 'input'>): Outputs => [{ shape: input.shape, type: 'float' }];

const CLASSES: Example = { inputs: ['[N, 10]'], arguments: 'dim=1' };

const softmaxDim = optionalDim('The dimension that sums to 1: 1 for classes in [N, classes].');

/** Without a dim it is the one that torch takes then. */
const seesDim: Sees<{ dim: typeof softmaxDim }> = ({ arguments: { dim: wanted }, input: { shape } }, output) => {
  const usual = shape.length === 2 || shape.length > 3 ? 1 : 0;
  return [mixed(shape.length, [axisOf(wanted ?? usual, shape)], output)];
};

function alongDim(call: LayerCall<{ dim: typeof softmaxDim }>): Outputs {
  const { shape } = call.input;
  const { dim } = call.arguments;
  if (dim === undefined) {
    const chosen = [0, 1, 3].includes(shape.length) ? 0 : 1;
    call.warn({
      code: 'implicit-dimension',
      message: `takes dimension ${chosen} of ${formatShape(shape)}, by a rule that torch warns of. Say which one is to sum to 1: dim=1 for the classes of [N, classes], dim=-1 for the last.`,
      instead: (shape.length === 3 ? ['-1', '1'] : ['1', '-1']).map((value) => ({ argument: 'dim', value })),
    });
  } else if (equal(shape[call.axis(dim)] ?? ZERO, ONE)) {
    call.warn({
      code: 'single-value',
      message: `sees one value along dimension ${dim} of ${formatShape(shape)}, which always becomes 1 (its logarithm 0). Write Sigmoid for the chance of yes or no, or choose another dimension.`,
      argument: 'dim',
    });
  }
  return [shape];
}

const PReLU = layer({
  name: 'PReLU',
  family: 'activation',
  kind: 'module',
  summary: 'Like LeakyReLU, with a learned slope for negative values: one for all, or one a channel.',
  documentation: page('PReLU'),
  attribute: 'prelu',
  inputs: { names: ['input'] },
  parameters: {
    num_parameters: int('How many slopes: 1, or as many as the input has channels.', { min: 1, default: 1 }),
    init: float('The slope to begin with.', { default: 0.25 }),
  },
  shape(call) {
    const { num_parameters } = call.arguments;
    if (!equal(num_parameters, ONE)) {
      const size = call.input.shape[1] ?? ONE;
      call.agree(num_parameters, size, () => ({
        code: 'argument-value',
        message: `has num_parameters=${format(num_parameters)}, but the channels of the input are ${format(size)}: give 1, or as many as channels.`,
        argument: 'num_parameters',
      }));
    }
    return [call.input.shape];
  },
  sees: pointwise,
  weights: ({ arguments: { num_parameters } }) => [{ name: 'weight', kind: 'parameter', shape: [num_parameters] }],
  python: { kind: 'module', constructor: 'nn.PReLU' },
  similarity: 'activation',
});

const RReLU = layer({
  name: 'RReLU',
  family: 'activation',
  kind: 'module',
  summary:
    'LeakyReLU whose slope for negative values is drawn by chance in training; in evaluation it is the middle of them.',
  documentation: page('RReLU'),
  attribute: 'rrelu',
  inputs: { names: ['input'] },
  parameters: {
    lower: float('The least slope.', { default: 1 / 8 }),
    upper: float('The largest slope.', { default: 1 / 3 }),
    inplace,
  },
  shape(call) {
    const { lower, upper } = call.arguments;
    if (lower !== undefined && upper !== undefined && lower > upper) {
      call.refuse({
        code: 'argument-value',
        message: `needs upper (${upper}) to be at least lower (${lower}).`,
        argument: 'upper',
      });
    }
    return [call.input.shape];
  },
  sees: pointwise,
  isView: (given) => given.inplace,
  // As a call it doesn't know whether it is training.
  python: { kind: 'module', constructor: 'nn.RReLU' },
  similarity: 'activation',
});

const Softmax2d = layer({
  name: 'Softmax2d',
  family: 'activation',
  kind: 'module',
  summary: 'Softmax over the channels of an image: at each place they sum to 1.',
  documentation: page('Softmax2d'),
  attribute: 'softmax',
  inputs: channelsFirst(2),
  parameters: {},
  shape: ({ input }) => [input.shape],
  sees: mixing(1),
  python: {
    kind: 'module',
    constructor: 'nn.Softmax2d',
    functional: ({ inputs: [input] }) => `F.softmax(${input!}, dim=1)`,
  },
  similarity: 'activation',
});

export const ReLU = activation('ReLU', 'relu', 'Sets negative values to 0: max(0, x).', { inplace }, same, NUMBERS);

export const Sigmoid = activation(
  'Sigmoid',
  'sigmoid',
  'Squeezes each value between 0 and 1: 1 / (1 + exp(−x)).',
  {},
  asFloats,
  'any',
);

export const activations: readonly Layer[] = [
  ReLU,
  activation('ReLU6', 'relu6', 'ReLU that also stops at 6: min(max(0, x), 6).', { inplace }, same, NUMBERS),
  activation(
    'GELU',
    'gelu',
    'x times the chance that a normal variable is below x: a smooth ReLU, usual in transformers.',
    {
      approximate: choice('"tanh" is a faster formula, close to it.', ['none', 'tanh'], 'none'),
    },
  ),
  activation('SiLU', 'silu', 'x · sigmoid(x), also called Swish: a smooth ReLU.', { inplace }),
  activation('Mish', 'mish', 'x · tanh(softplus(x)): a smooth ReLU.', { inplace }),
  activation('Hardswish', 'hardswish', 'SiLU made of straight lines: x · min(max(0, x + 3), 6) / 6, cheap on phones.', {
    inplace,
  }),
  activation('Hardsigmoid', 'hardsigmoid', 'Sigmoid made of straight lines: min(max(0, x + 3), 6) / 6.', { inplace }),
  Sigmoid,
  activation('Tanh', 'tanh', 'Squeezes each value between −1 and 1.', {}, asFloats, 'any'),
  activation('LeakyReLU', 'leaky_relu', 'Like ReLU, but negative values are made small instead of 0.', {
    negative_slope: float('What negative values are multiplied by.', { default: 0.01 }),
    inplace,
  }),
  activation('ELU', 'elu', 'Like ReLU, but negative values bend smoothly towards −alpha.', {
    alpha: float('Where negative values end.', { default: 1 }),
    inplace,
  }),
  activation(
    'CELU',
    'celu',
    'ELU with a continuous slope for every alpha.',
    {
      alpha: float('How far negative values go.', { default: 1 }),
      inplace,
    },
    (call) => {
      if (call.arguments.alpha === 0) {
        call.refuse({ code: 'argument-value', message: "divides by alpha, so that can't be 0.", argument: 'alpha' });
      }
      return [call.input.shape];
    },
  ),
  RReLU,
  activation(
    'Threshold',
    'threshold',
    'Keeps what is above a threshold and puts one value in the place of all else.',
    {
      threshold: float('Values above this stay.'),
      value: float('What takes the place of the others.'),
      inplace,
    },
    same,
    NUMBERS,
  ),
  activation('Hardshrink', 'hardshrink', 'Sets values between −lambd and lambd to 0.', {
    lambd: float('How far from 0 that goes.', { default: 0.5 }),
  }),
  activation('Softshrink', 'softshrink', 'Moves each value towards 0 by lambd; what is closer becomes 0.', {
    lambd: float('How far values are moved.', { min: 0, default: 0.5 }),
  }),
  activation('SELU', 'selu', 'ELU with the two numbers that keep mean 0 and variance 1 from layer to layer.', {
    inplace,
  }),
  activation('Softplus', 'softplus', 'A smooth ReLU: log(1 + exp(beta · x)) / beta.', {
    beta: float('How close to ReLU.', { default: 1 }),
    threshold: float('Above this it is x itself.', { default: 20 }),
  }),
  activation('Softsign', 'softsign', 'Squeezes each value between −1 and 1: x / (1 + |x|).', {}, asFloats, NUMBERS),
  activation('LogSigmoid', 'logsigmoid', 'The logarithm of Sigmoid.', {}),
  activation('Tanhshrink', 'tanhshrink', 'x − tanh(x).', {}, asFloats, NUMBERS),
  activation(
    'Hardtanh',
    'hardtanh',
    'Cuts values off below min_val and above max_val.',
    {
      min_val: float('The least that comes out.', { default: -1 }),
      max_val: float('The most that comes out.', { default: 1 }),
      inplace,
    },
    (call) => {
      const { min_val, max_val } = call.arguments;
      if (min_val !== undefined && max_val !== undefined && min_val >= max_val) {
        call.refuse({
          code: 'argument-value',
          message: `needs max_val (${max_val}) above min_val (${min_val}).`,
          argument: 'max_val',
        });
      }
      return [call.input.shape];
    },
    NUMBERS,
  ),
  PReLU,
  activation(
    'Softmax',
    'softmax',
    'Makes positive numbers that sum to 1 along a dimension: chances of classes.',
    {
      dim: softmaxDim,
    },
    alongDim,
    'float',
    seesDim,
    CLASSES,
  ),
  activation(
    'LogSoftmax',
    'log_softmax',
    'The logarithm of Softmax, for NLLLoss.',
    { dim: softmaxDim },
    alongDim,
    'float',
    seesDim,
    CLASSES,
  ),
  Softmax2d,
  activation(
    'Softmin',
    'softmin',
    'Softmax of −x: the smallest value gets the largest chance.',
    { dim: softmaxDim },
    alongDim,
    'float',
    seesDim,
    CLASSES,
  ),
  activation(
    'GLU',
    'glu',
    'Halves a dimension: the first half, gated by the sigmoid of the second.',
    {
      dim: dim('The dimension that is halved.', { default: -1 }),
    },
    (call) => {
      const axis = call.axis(call.arguments.dim);
      const size = call.input.shape[axis] ?? ONE;
      call.require(compare('==', modulo(size, constant(2)), ZERO), () => ({
        code: 'not-divisible',
        message: `halves dimension ${axis}, but ${format(size)} is odd. Give it an even number.`,
        argument: 'dim',
      }));
      return [call.input.shape.map((other, i) => (i === axis ? floorDivide(size, constant(2)) : other))];
    },
    'float',
    ({ arguments: { dim: wanted }, input: { shape } }, output) => {
      const axis = axisOf(wanted, shape);
      const [half] = numbers([output[axis] ?? ONE]) ?? [];
      const both = {
        along: axis,
        period: 1,
        advance: 1,
        range: (place: number) => [place, place + half!, half!] as const,
      };
      return [shape.map((_, i) => (i !== axis ? own(i) : half === undefined ? 'unknown' : both))];
    },
    { arguments: 'dim=1' },
  ),
];
