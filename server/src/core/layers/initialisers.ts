/** What a `weight` or `buffer` begins with. */
import { type Dimension, isDimension, product } from '../dimension.ts';
import { choice, float, int, type Parameters } from './parameters.ts';

export interface Initialiser {
  readonly name: string;
  readonly summary: string;
  /** Only a buffer begins so: its shape says how it is made. */
  readonly buffer: boolean;
  readonly parameters: Parameters;
  /** So many dimensions it must have, or at least so many: torch refuses others, or makes another shape. */
  readonly rank?: {
    readonly least: number;
    readonly exact: boolean;
    /** What to write instead, a sentence. */
    readonly instead: string;
  };
  /** The shape that comes out, where its arguments say it. */
  readonly shape?: (given: Given) => readonly Dimension[] | undefined;
  /** Why torch refuses arguments that are right one by one, behind "takes". */
  readonly refuse?: (given: Given) => string | undefined;
  /** In place, on a tensor that is there (`nn.init`), with the arguments behind it; absent for those of buffers. */
  readonly initialise?: string;
  /** Makes the tensor: `torch.zeros`. */
  readonly make?: string;
  /** A function that makes the tensor of the arguments, which generated files bring with them. */
  readonly function?: { readonly name: string; readonly source: string };
}

/** Arguments as they were read; those that aren't known are absent or undefined. */
export type Given = Readonly<Record<string, unknown>>;

const LIST = { least: 1, exact: true, instead: 'State one size, as in [49].' };
const MATRIX = { least: 2, exact: true, instead: 'State two sizes, as in [49, 49].' };
const TRIANGLE = { least: 2, exact: false, instead: 'State two sizes, as in [49, 49].' };
/** The spread of these follows from the sizes of a matrix, or of a kernel. */
const FAN = {
  least: 2,
  exact: false,
  instead: 'Its spread follows from the first two sizes: write Normal(std=0.02) where there is no second.',
};

/** `torch.nn.init.calculate_gain`'s. */
const NONLINEARITIES = [
  ...['linear', 'conv1d', 'conv2d', 'conv3d', 'conv_transpose1d', 'conv_transpose2d', 'conv_transpose3d'],
  ...['sigmoid', 'tanh', 'relu', 'leaky_relu', 'selu'],
] as const;

export const INITIALISERS: readonly Initialiser[] = [
  { name: 'Zeros', summary: 'All 0.', buffer: false, parameters: {}, make: 'torch.zeros' },
  { name: 'Ones', summary: 'All 1.', buffer: false, parameters: {}, make: 'torch.ones' },
  {
    name: 'Constant',
    summary: 'All one number.',
    buffer: false,
    parameters: { val: float('The number.') },
    initialise: 'nn.init.constant_',
  },
  {
    name: 'Normal',
    summary: 'Normally distributed.',
    buffer: false,
    parameters: { mean: float('Its mean.', { default: 0 }), std: float('Its deviation.', { default: 1, min: 0 }) },
    initialise: 'nn.init.normal_',
  },
  {
    name: 'TruncNormal',
    summary: 'Normally distributed, drawn again where outside the bounds.',
    buffer: false,
    parameters: {
      mean: float('Its mean.', { default: 0 }),
      std: float('Its deviation.', { default: 1 }),
      a: float('The lower bound.', { default: -2 }),
      b: float('The upper bound.', { default: 2 }),
    },
    refuse: (given) => (given.std === 0 ? 'a deviation (std) other than 0: torch divides by it' : boundsInOrder(given)),
    initialise: 'nn.init.trunc_normal_',
  },
  {
    name: 'Uniform',
    summary: 'Evenly distributed between two bounds.',
    buffer: false,
    parameters: {
      a: float('The lower bound.', { default: 0 }),
      b: float('The upper bound.', { default: 1 }),
    },
    refuse: boundsInOrder,
    initialise: 'nn.init.uniform_',
  },
  {
    name: 'XavierUniform',
    summary: 'Glorot and Bengio (2010): keeps the variance through layers with symmetric activations.',
    buffer: false,
    parameters: { gain: float('What the bounds are multiplied by.', { default: 1, min: 0 }) },
    rank: FAN,
    initialise: 'nn.init.xavier_uniform_',
  },
  {
    name: 'KaimingNormal',
    summary: 'He et al. (2015): keeps the variance through layers with ReLU.',
    buffer: false,
    parameters: {
      a: float('The slope of leaky_relu for negative values.', { default: 0 }),
      mode: choice('Whose variance is kept: forwards or backwards.', ['fan_in', 'fan_out'], 'fan_in'),
      nonlinearity: choice('What comes behind it.', NONLINEARITIES, 'leaky_relu'),
    },
    rank: FAN,
    initialise: 'nn.init.kaiming_normal_',
  },
  { name: 'Arange', summary: '0, 1, 2, … along its one dimension.', buffer: true, parameters: {}, rank: LIST },
  { name: 'Eye', summary: 'The identity matrix.', buffer: true, parameters: {}, rank: MATRIX },
  {
    name: 'Tril',
    summary: '1 on and below the diagonal, else 0.',
    buffer: true,
    parameters: {},
    rank: TRIANGLE,
  },
  {
    name: 'Triu',
    summary: '1 on and above the diagonal, else 0.',
    buffer: true,
    parameters: {},
    rank: TRIANGLE,
  },
  {
    name: 'RelativePositionIndex',
    summary: "Which row of a Swin transformer's bias table belongs to each pair of places in a square window.",
    buffer: true,
    parameters: { window: int("The window's height and width.", { min: 1 }) },
    rank: LIST,
    shape: ({ window }) => (isDimension(window) ? [product([window, window, window, window])] : undefined),
    function: {
      name: 'relative_position_index',
      source: `def relative_position_index(window: int) -> torch.Tensor:
    """Which row of the bias table belongs to each pair of places in a square window."""
    places = torch.cartesian_prod(torch.arange(window), torch.arange(window))
    apart = places[:, None] - places[None, :] + window - 1
    return (apart[..., 0] * (2 * window - 1) + apart[..., 1]).flatten()`,
    },
  },
];

export function findInitialiser(name: string, kind: 'weight' | 'buffer'): Initialiser | undefined {
  return INITIALISERS.find((each) => each.name === name && (kind === 'buffer' || !each.buffer));
}

function boundsInOrder({ a, b }: Given): string | undefined {
  return typeof a === 'number' && typeof b === 'number' && a > b
    ? "a lower bound (a) that isn't above the upper one (b)"
    : undefined;
}
