/** Recurrent layers. Batch first unless told otherwise: the one difference from torch. */
import {
  type Dimension,
  ONE,
  TRUE,
  ZERO,
  add,
  compare,
  constant,
  constantValue,
  equal,
  format,
  multiply,
  product,
  subtract,
  sum,
} from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, type Outputs, type WeightShape, layer } from './layer.ts';
import { choice, flag, float, inferred, int, presence } from './parameters.ts';
import { features, requireFew } from './rules.ts';
import { type Sees, own } from './sight.ts';

/** Names of the weights of one layer and direction and how many gates they hold. */
interface Cell {
  readonly name: 'RNN' | 'LSTM' | 'GRU';
  readonly summary: string;
  readonly gates: number;
  /** What is carried from step to step, beside the output: `h`, and for an LSTM `c`. */
  readonly states: readonly string[];
}

const HEAD = {
  input_size: inferred('Size of the last dimension of the input.', features),
  hidden_size: int('Size of the state that is carried from step to step.', { min: 1 }),
  num_layers: int('How many of them are stacked.', { min: 1, default: 1 }),
} as const;

const TAIL = {
  bias: presence('Has learned offsets.', true),
  batch_first: flag('Takes [N, length, features]; else [length, N, features].', true, { torchDefault: 'False' }),
  dropout: float('Chance of a value to be set to 0 between stacked layers, in training.', {
    min: 0,
    max: 1,
    default: 0,
  }),
  bidirectional: flag('Also runs from the end to the beginning and puts both side by side.', false),
} as const;

type Arguments = LayerCall<typeof HEAD & typeof TAIL>['arguments'];

const NO_PROJECTION = ZERO;

function directions({ bidirectional }: Arguments): number {
  return bidirectional ? 2 : 1;
}

/** What each step gives out of one direction: the hidden state, or its projection. */
function stepSize({ hidden_size }: Arguments, projection: Dimension): Dimension {
  return equal(projection, ZERO) ? hidden_size : projection;
}

/** Layers that are alike, by the number in their names. */
interface Stacked {
  readonly index: string;
  /** What comes in. */
  readonly size: Dimension;
  readonly count?: Dimension;
}

/** The layers in torch's order: one by one, or those after the first together where their number isn't known. */
function stack(given: Arguments, projection: Dimension): readonly Stacked[] {
  const wide = multiply(stepSize(given, projection), constant(directions(given)));
  const first: Stacked = { index: '0', size: given.input_size };
  const known = constantValue(given.num_layers);
  if (known === undefined) return [first, { index: '{i}', size: wide, count: subtract(given.num_layers, ONE) }];
  return Array.from({ length: Number(known) }, (_, i) => (i === 0 ? first : { index: String(i), size: wide }));
}

function recurrentWeights(cell: Cell, given: Arguments, projection: Dimension): WeightShape[] {
  const { hidden_size, bias } = given;
  const gates = multiply(constant(cell.gates), hidden_size);
  const step = stepSize(given, projection);
  const suffixes = given.bidirectional ? ['', '_reverse'] : [''];
  return stack(given, projection).flatMap(({ index, size, count }) =>
    suffixes.flatMap((direction) => {
      const weight = (name: string, shape: readonly Dimension[], present = TRUE): WeightShape => ({
        name: `${name}_l${index}${direction}`,
        kind: 'parameter',
        shape,
        present,
        ...(count === undefined ? {} : { count }),
      });
      return [
        weight('weight_ih', [gates, size]),
        weight('weight_hh', [gates, step]),
        weight('bias_ih', [gates], bias),
        weight('bias_hh', [gates], bias),
        ...(equal(projection, ZERO) ? [] : [weight('weight_hr', [projection, hidden_size])]),
      ];
    }),
  );
}

function recurrentShape(call: LayerCall, given: Arguments, cell: Cell, projection: Dimension): Outputs {
  requireFew(call, 'num_layers');
  const [first, second] = call.input.shape;
  const [batch, length] = given.batch_first ? [first!, second!] : [second!, first!];
  const step = stepSize(given, projection);
  const wide = multiply(step, constant(directions(given)));
  const stacked = multiply(given.num_layers, constant(directions(given)));
  const states = cell.states.map((_, i) => [stacked, batch, i === 0 ? step : given.hidden_size]);
  const begins = call.inputs.slice(1);
  requireStates(call, cell, begins.length);
  begins.forEach((begin, i) => {
    begin.shape.forEach((size, k) => {
      call.agree(size, states[i]![k]!, () => ({
        code: 'shape-mismatch',
        message: `begins with a ${cell.states[i]!}_0 of [layers · directions, N, size], here ${formatShape(states[i])}, but got ${formatShape(begin.shape)}.`,
      }));
    });
  });
  return [given.batch_first ? [batch, length, wide] : [length, batch, wide], ...states];
}

function requireStates(call: Pick<LayerCall, 'refuse'>, cell: Cell, given: number): void {
  if (given === 0 || given === cell.states.length) return;
  call.refuse({ code: 'input-count', message: 'begins with both states, (x, h_0, c_0), or with neither.' });
}

/** The sequences of a batch don't see each other; a state, [layers · directions, N, size], is of the whole sequence. */
const recurrentSight: Sees = ({ inputs, arguments: given }, output, index) => {
  const batch = given.batch_first === true ? 0 : 1;
  const out = index === 0 ? batch : 1;
  const [first] = inputs;
  const states = inputs[2]?.shape[0];
  const steps = first?.shape[1 - batch];
  // In a single step of a single layer the memory goes through value by value.
  const isOneStep = [steps, states].every((size) => size !== undefined && equal(size, ONE));
  const isPassedOn = isOneStep && equal(output.at(-1)!, inputs[2]!.shape[2]!);
  return inputs.map(({ shape }, i) =>
    shape.map((_, k) => (k === (i === 0 ? batch : 1) ? own(out) : i === 2 && k === 2 && isPassedOn ? own(2) : 'all')),
  );
};

/** Both weights, at each step. */
function recurrentMacs(cell: Cell, call: LayerCall, given: Arguments, projection: Dimension): Dimension {
  const [first, second] = call.input.shape;
  const gates = multiply(constant(cell.gates), given.hidden_size);
  const step = stepSize(given, projection);
  const each = sum(
    stack(given, projection).map(({ size, count = ONE }) =>
      product([
        count,
        constant(directions(given)),
        add(multiply(gates, add(size, step)), multiply(projection, given.hidden_size)),
      ]),
    ),
  );
  return product([first!, second!, each]);
}

function common(cell: Cell) {
  return {
    name: cell.name,
    family: 'recurrent',
    kind: 'module',
    summary: cell.summary,
    documentation: `https://docs.pytorch.org/docs/stable/generated/torch.nn.${cell.name}.html`,
    attribute: cell.name.toLowerCase(),
    inputs: {
      names: ['input', ...cell.states.map((state) => `${state}_0`)],
      optional: cell.states.length,
      rank: [3],
      layout: '[N, length, features]',
    },
    sees: recurrentSight,
    outputs: { names: ['output', ...cell.states.map((state) => `${state}_n`)] },
    similarity: 'recurrent',
  } as const;
}

const RNN_CELL: Cell = {
  name: 'RNN',
  summary: 'Reads a sequence step by step, carrying a state: h = tanh(W·x + U·h).',
  gates: 1,
  states: ['h'],
};
const GRU_CELL: Cell = {
  name: 'GRU',
  summary: 'Reads a sequence step by step, carrying a state that two gates update.',
  gates: 3,
  states: ['h'],
};
const LSTM_CELL: Cell = {
  name: 'LSTM',
  summary: 'Reads a sequence step by step, carrying a state and a memory that gates write, keep and read.',
  gates: 4,
  states: ['h', 'c'],
};

const NONLINEARITY = choice('What the state goes through at each step.', ['tanh', 'relu'], 'tanh');

const RNN = layer({
  ...common(RNN_CELL),
  parameters: {
    ...HEAD,
    nonlinearity: NONLINEARITY,
    ...TAIL,
  },
  shape: (call) => recurrentShape(call, call.arguments, RNN_CELL, NO_PROJECTION),
  weights: (call) => recurrentWeights(RNN_CELL, call.arguments, NO_PROJECTION),
  macs: (call) => recurrentMacs(RNN_CELL, call, call.arguments, NO_PROJECTION),
  python: { kind: 'module', constructor: 'nn.RNN' },
});

const GRU = layer({
  ...common(GRU_CELL),
  parameters: { ...HEAD, ...TAIL },
  shape: (call) => recurrentShape(call, call.arguments, GRU_CELL, NO_PROJECTION),
  weights: (call) => recurrentWeights(GRU_CELL, call.arguments, NO_PROJECTION),
  macs: (call) => recurrentMacs(GRU_CELL, call, call.arguments, NO_PROJECTION),
  python: { kind: 'module', constructor: 'nn.GRU' },
});

/** Both states are one argument. */
function withStates(module: string, [input, ...states]: readonly string[]): string {
  return `${module}(${input!}${states.length === 0 ? '' : `, (${states.join(', ')})`})`;
}

const LSTM = layer({
  ...common(LSTM_CELL),
  parameters: {
    ...HEAD,
    ...TAIL,
    proj_size: int('Size that the state is projected to before it goes out; 0 for none.', { min: 0, default: 0 }),
  },
  shape(call) {
    const { proj_size, hidden_size } = call.arguments;
    call.require(compare('<', proj_size, hidden_size), () => ({
      code: 'argument-value',
      message: `projects its state of ${format(hidden_size)} to proj_size=${format(proj_size)}, which must be smaller.`,
      argument: 'proj_size',
    }));
    return recurrentShape(call, call.arguments, LSTM_CELL, proj_size);
  },
  weights: (call) => recurrentWeights(LSTM_CELL, call.arguments, call.arguments.proj_size),
  macs: (call) => recurrentMacs(LSTM_CELL, call, call.arguments, call.arguments.proj_size),
  python: {
    kind: 'module',
    constructor: 'nn.LSTM',
    forward: withStates,
    unpack: ([output, h, c]) => (h === '_' && c === '_' ? `${output!}, _` : `${output!}, (${h!}, ${c!})`),
  },
});

/** One step of a recurrent layer. */
function oneStep(cell: Cell) {
  const name = `${cell.name}Cell`;
  return {
    name,
    family: 'recurrent',
    kind: 'module',
    summary: `One step of ${cell.name}: makes the next state of an input and a state (0 where none is given).`,
    documentation: `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`,
    attribute: name.toLowerCase(),
    inputs: {
      names: ['input', ...(cell.states.length === 1 ? ['hx'] : cell.states.map((state) => `${state}_0`))],
      optional: cell.states.length,
      rank: [2],
      layout: '[N, features]',
    },
    similarity: 'recurrent',
  } as const;
}

const STEP = {
  input_size: HEAD.input_size,
  hidden_size: int('Size of the state.', { min: 1 }),
  bias: TAIL.bias,
} as const;

function stepShape(call: LayerCall<typeof STEP>, cell: Cell): Outputs {
  const state = [call.input.shape[0]!, call.arguments.hidden_size];
  const begins = call.inputs.slice(1);
  requireStates(call, cell, begins.length);
  for (const { shape } of begins) {
    shape.forEach((size, i) => {
      call.agree(size, state[i]!, () => ({
        code: 'shape-mismatch',
        message: `takes a state of [N, hidden_size], here ${formatShape(state)}, but got ${formatShape(shape)}.`,
      }));
    });
  }
  return cell.states.map(() => state);
}

const stepSight: Sees<typeof STEP> = ({ inputs }) => inputs.map(() => [own(0), 'all']);

function stepWeights(call: LayerCall<typeof STEP>, cell: Cell): WeightShape[] {
  const { input_size, hidden_size, bias } = call.arguments;
  const gates = multiply(constant(cell.gates), hidden_size);
  return [
    { name: 'weight_ih', kind: 'parameter', shape: [gates, input_size] },
    { name: 'weight_hh', kind: 'parameter', shape: [gates, hidden_size] },
    { name: 'bias_ih', kind: 'parameter', shape: [gates], present: bias },
    { name: 'bias_hh', kind: 'parameter', shape: [gates], present: bias },
  ];
}

function stepMacs(call: LayerCall<typeof STEP>, cell: Cell): Dimension {
  const { input_size, hidden_size } = call.arguments;
  return product([call.input.shape[0]!, constant(cell.gates), hidden_size, add(input_size, hidden_size)]);
}

const RNNCell = layer({
  ...oneStep(RNN_CELL),
  parameters: { ...STEP, nonlinearity: NONLINEARITY },
  shape: (call) => stepShape(call, RNN_CELL),
  sees: stepSight,
  weights: (call) => stepWeights(call, RNN_CELL),
  macs: (call) => stepMacs(call, RNN_CELL),
  python: { kind: 'module', constructor: 'nn.RNNCell' },
});

const LSTMCell = layer({
  ...oneStep(LSTM_CELL),
  outputs: { names: ['h_1', 'c_1'] },
  parameters: STEP,
  shape: (call) => stepShape(call, LSTM_CELL),
  sees: (call, output, index) =>
    // The memory goes through value by value.
    stepSight(call, output, index).map((sight, i) => (i === 2 ? [own(0), own(1)] : sight)),
  weights: (call) => stepWeights(call, LSTM_CELL),
  macs: (call) => stepMacs(call, LSTM_CELL),
  python: { kind: 'module', constructor: 'nn.LSTMCell', forward: withStates },
});

const GRUCell = layer({
  ...oneStep(GRU_CELL),
  parameters: STEP,
  shape: (call) => stepShape(call, GRU_CELL),
  sees: stepSight,
  weights: (call) => stepWeights(call, GRU_CELL),
  macs: (call) => stepMacs(call, GRU_CELL),
  python: { kind: 'module', constructor: 'nn.GRUCell' },
});

export const recurrents: readonly Layer[] = [RNN, LSTM, GRU, RNNCell, LSTMCell, GRUCell];
