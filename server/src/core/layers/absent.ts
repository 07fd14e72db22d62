/**
 * Classes of torch.nn that are no layers here, and what is written in their place: the one home of these reasons. Each
 * other class of torch.nn has an entry in the catalogue (test/oracle/absent.test.ts asks torch for all of them).
 */

/** What to say of a class, given its arguments as they were written. */
type Reason = (args: readonly string[]) => string;

/** What `Lazy…` is put before. */
const LAZY = [
  'Linear',
  ...['Conv', 'ConvTranspose', 'BatchNorm', 'InstanceNorm'].flatMap((kind) => [1, 2, 3].map((d) => `${kind}${d}d`)),
];

/** Losses that take more than one output and a target. */
export const LARGE_LOSSES: readonly string[] = [
  'AdaptiveLogSoftmaxWithLoss',
  'CTCLoss',
  'CosineEmbeddingLoss',
  'GaussianNLLLoss',
  'LinearCrossEntropyLoss',
  'MarginRankingLoss',
  'TripletMarginLoss',
  'TripletMarginWithDistanceLoss',
];

const CHAIN: Reason = (args) => {
  const stages = args.length > 0 ? args.join(' -> ') : 'Conv2d(8, 3) -> ReLU';
  return `Stages in a row are written as a chain: ${stages}, in parentheses where they are one group: (${stages}).`;
};

const SPREAD: Reason = () =>
  'How a model is spread over devices is decided where it runs: wrap the generated module in Python.';

const REASONS: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ['Sequential', CHAIN],
  ['Container', CHAIN],
  [
    'ModuleList',
    () =>
      'Modules side by side are written in brackets, [A, B], and in a row as a chain, A -> B; for and * repeat them.',
  ],
  ['ModuleDict', () => 'Modules by name are written in brackets with labels: [first: A, second: B].'],
  ['ParameterList', () => 'Each parameter is a statement with a name: weight scale: [8] = Ones.'],
  ['ParameterDict', () => 'Each parameter is a statement with a name: weight scale: [8] = Ones.'],
  ['Module', () => "A module of one's own is written as a block: block Name { input x  output x -> ReLU }."],
  ...LAZY.map((name): [string, Reason] => [
    `Lazy${name}`,
    (args) =>
      `All layers are lazy here, as the sizes that come in are worked out: write ${name}${args.length > 0 ? `(${args.join(', ')})` : ''}.`,
  ]),
  ...LARGE_LOSSES.map((name): [string, Reason] => [
    name,
    () =>
      `${name} is a loss of more than one output and a target, and such training is written in Python, with the generated module.`,
  ]),
  ['NLLLoss2d', () => 'NLLLoss2d is the old name of a loss: train { loss: NLLLoss }.'],
  ['RNNBase', () => 'RNNBase is what RNN, LSTM and GRU have in common: write one of them.'],
  ['RNNCellBase', () => 'RNNCellBase is what RNNCell, LSTMCell and GRUCell have in common: write one of them.'],
  ['NonDynamicallyQuantizableLinear', () => "It is MultiheadAttention's own Linear: write Linear."],
  ['ModuleWrapper', () => 'ModuleWrapper is around modules that are written in C++; it has no layer of its own.'],
  ['DataParallel', SPREAD],
  ['DistributedDataParallel', SPREAD],
  ['DistributedDataParallelCPU', SPREAD],
  [
    'ParametrizationList',
    () => 'Weights that are worked out of others are set up in Python, with torch.nn.utils.parametrize.',
  ],
]);

/** The names that have a reason of their own. */
export const ABSENT: readonly string[] = [...REASONS.keys()];

/** What to write in the place of a class of torch.nn that is no layer; nothing where it isn't known. */
export function whyAbsent(name: string, args: readonly string[] = []): string | undefined {
  const reason = REASONS.get(name);
  if (reason !== undefined) return reason(args);
  if (!/^[A-Z]\w*Loss$/.test(name)) return undefined;
  return `${name} is a loss, no layer of the model: it is told to the training, train { loss: ${name} }.`;
}
