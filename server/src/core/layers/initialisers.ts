/** What a `weight` or `buffer` begins with. */
export interface Initialiser {
  readonly name: string;
  readonly summary: string;
  /** Only a buffer begins so: its shape says how it is made. */
  readonly buffer: boolean;
  readonly parameters: readonly { readonly name: string; readonly default?: string }[];
  /** In place, on a tensor that is there (`nn.init`), with the arguments behind it; absent for those of buffers. */
  readonly initialise?: string;
  /** Makes the tensor: `torch.zeros`. */
  readonly make?: string;
  /** A function that makes the tensor of the arguments, which generated files bring with them. */
  readonly function?: { readonly name: string; readonly source: string };
}

export const INITIALISERS: readonly Initialiser[] = [
  { name: 'Zeros', summary: 'All 0.', buffer: false, parameters: [], make: 'torch.zeros' },
  { name: 'Ones', summary: 'All 1.', buffer: false, parameters: [], make: 'torch.ones' },
  {
    name: 'Constant',
    summary: 'All one number.',
    buffer: false,
    parameters: [{ name: 'val' }],
    initialise: 'nn.init.constant_',
  },
  {
    name: 'Normal',
    summary: 'Normally distributed.',
    buffer: false,
    parameters: [
      { name: 'mean', default: '0.0' },
      { name: 'std', default: '1.0' },
    ],
    initialise: 'nn.init.normal_',
  },
  {
    name: 'TruncNormal',
    summary: 'Normally distributed, drawn again where outside the bounds.',
    buffer: false,
    parameters: [
      { name: 'mean', default: '0.0' },
      { name: 'std', default: '1.0' },
      { name: 'a', default: '-2.0' },
      { name: 'b', default: '2.0' },
    ],
    initialise: 'nn.init.trunc_normal_',
  },
  {
    name: 'Uniform',
    summary: 'Evenly distributed between two bounds.',
    buffer: false,
    parameters: [
      { name: 'a', default: '0.0' },
      { name: 'b', default: '1.0' },
    ],
    initialise: 'nn.init.uniform_',
  },
  {
    name: 'XavierUniform',
    summary: 'Glorot and Bengio (2010): keeps the variance through layers with symmetric activations.',
    buffer: false,
    parameters: [{ name: 'gain', default: '1.0' }],
    initialise: 'nn.init.xavier_uniform_',
  },
  {
    name: 'KaimingNormal',
    summary: 'He et al. (2015): keeps the variance through layers with ReLU.',
    buffer: false,
    parameters: [
      { name: 'a', default: '0' },
      { name: 'mode', default: '"fan_in"' },
      { name: 'nonlinearity', default: '"leaky_relu"' },
    ],
    initialise: 'nn.init.kaiming_normal_',
  },
  { name: 'Arange', summary: '0, 1, 2, … along its one dimension.', buffer: true, parameters: [] },
  { name: 'Eye', summary: 'The identity matrix.', buffer: true, parameters: [] },
  { name: 'Tril', summary: '1 on and below the diagonal, else 0.', buffer: true, parameters: [] },
  { name: 'Triu', summary: '1 on and above the diagonal, else 0.', buffer: true, parameters: [] },
  {
    name: 'RelativePositionIndex',
    summary: "Which row of a Swin transformer's bias table belongs to each pair of places in a square window.",
    buffer: true,
    parameters: [{ name: 'window' }],
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
