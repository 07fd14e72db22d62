/** Cases by chance for every layer: arguments and shapes, legal and illegal mixed. */
import { constant, constantValue, type Dimension } from '../../../server/src/core/dimension.ts';
import { findLayer } from '../../../server/src/core/layers/catalogue.ts';
import type { Layer, ShapedTensor } from '../../../server/src/core/layers/layer.ts';
import type { DataType } from '../../../server/src/core/tensor.ts';
import { type Float, type LayerLiteral, type Literal, isLayer, toPython } from './literal.ts';
import type { Random } from '../../random.ts';

export interface Input {
  readonly shape: readonly number[];
  readonly type: DataType;
}

export interface Case {
  readonly layer: string;
  readonly arguments: Readonly<Record<string, Literal>>;
  readonly inputs: readonly Input[];
}

const float = (value: number): Float => ({ float: value });

/** Whether something goes that is probably refused. */
const WRONG = 0.05;

/** @param given what it is made for; of the layer's own kind where absent. */
export function makeCase(layer: Layer, random: Random, given?: readonly Input[]): Case {
  const whole = given === undefined ? WHOLE[layer.name] : undefined;
  if (whole !== undefined) return { layer: layer.name, ...whole(random) };
  const inputs = given ?? INPUTS[layer.name]?.(random) ?? [makeInput(layer, random)];
  return { layer: layer.name, arguments: makeArguments(layer, inputs, random), inputs };
}

function makeArguments(layer: Layer, inputs: readonly Input[], random: Random): Record<string, Literal> {
  const given: Record<string, Literal> = {};
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    if (parameter.infer !== undefined) {
      if (random.chance(0.05)) {
        const found = parameter.infer(inputs.map(shaped), undefined);
        given[name] = found === undefined ? 3 : random.chance(0.5) ? Number(numberOf(found)) : random.int(1, 6);
      }
    } else if (parameter.default === undefined || random.chance(0.5)) {
      const special = ARGUMENTS[`${layer.name}.${name}`] ?? ARGUMENTS[name];
      const make = (): Literal | undefined =>
        special === undefined
          ? byType(parameter.type, parameter.choices, random)
          : special(random, inputs, given, layer);
      let made = make();
      // Another than the default says more.
      for (let i = 0; i < 2 && made !== undefined && toPython(made) === parameter.default; i++) made = make();
      if (made !== undefined) given[name] = made;
    }
  }
  // What only has a meaning together.
  const activation = 'activation_layer' in layer.parameters ? given.activation_layer : undefined;
  if (isLayer(activation) && !('inplace' in (findLayer(activation.layer)?.parameters ?? {})) && random.chance(0.9))
    given.inplace = null;
  if ('nhead' in layer.parameters && random.chance(0.9)) {
    given.nhead ??= (inputs[0]?.shape.at(-1) ?? 8) % 8 === 0 ? 8 : 2;
    if (inputs[0]?.shape[0] !== BATCH) given.batch_first ??= false;
  }
  if (given.antialias === true && rank(inputs) === 4 && random.chance(0.9)) given.mode = 'bilinear';
  if (given.keepdim === true && 'dim' in layer.parameters && random.chance(0.7))
    given.dim ??= dimension(random, inputs, given, layer) ?? 0;
  if (typeof given.align_corners === 'boolean' && random.chance(0.7)) given.mode ??= resizeMode(random, inputs);
  if ('output_ratio' in layer.parameters && given.output_size === undefined && random.chance(0.9)) {
    given.output_ratio ??= ratio(random, inputs, given, layer) ?? null;
  }
  if ('scale_factor' in layer.parameters && given.size === undefined && random.chance(0.9)) {
    given.scale_factor ??= factor(random);
  }
  return given;
}

export function shaped({ shape, type }: Input): ShapedTensor {
  return { shape: shape.map((size) => constant(size)), type, output: 0, node: undefined as never };
}

function numberOf(value: unknown): bigint {
  return constantValue(value as Dimension) ?? 0n;
}

// ---------------------------------------------------------------------------------------------- inputs

const CHANNELS = [1, 2, 3, 4, 6, 8, 12];

function sizesOf(rank: number, random: Random): number[] {
  const largest = rank > 4 ? 8 : 14;
  return Array.from({ length: rank }, (_, i) =>
    i === 0
      ? random.int(1, 3)
      : i === 1
        ? random.pick(CHANNELS)
        : random.chance(0.08)
          ? 1
          : random.int(rank > 4 ? 3 : 2, largest),
  );
}

function makeInput(layer: Layer, random: Random): Input {
  const { rank, minimumRank = 0, type = 'float', types } = layer.inputs;
  const wrong = random.chance(WRONG);
  const dimensions =
    rank === undefined
      ? wrong
        ? random.int(0, 5)
        : random.int(Math.max(minimumRank, 1), 5)
      : wrong
        ? random.int(1, 6)
        : random.pick(rank);
  const wanted = types?.[0] ?? type;
  const usual =
    typeof wanted === 'object'
      ? random.pick(wanted)
      : wanted === 'any'
        ? random.pick(['float', 'float', 'int64'] as const)
        : wanted;
  const shape = sizesOf(dimensions, random);
  return { shape, type: random.chance(0.03) ? random.pick(['float', 'int64', 'bool']) : usual };
}

const floats = (shape: readonly number[]): Input => ({ shape, type: 'float' });

/** One of the sizes is another by chance. */
function disturbed(shape: readonly number[], random: Random, chance = 0.15): readonly number[] {
  if (!random.chance(chance) || shape.length === 0) return shape;
  return shape.with(random.int(0, shape.length - 1), random.int(1, 5));
}

const INPUTS: Readonly<Partial<Record<string, (random: Random) => readonly Input[] | undefined>>> = {
  GLU(random) {
    const even = (size: number): number => (random.chance(0.6) ? 2 * size : size);
    return random.chance(0.9) ? [floats(sizesOf(random.int(1, 4), random).map(even))] : undefined;
  },
  // Images have the most modes.
  Interpolate: (random) => (random.chance(0.5) ? [floats(sizesOf(4, random))] : undefined),
  Concat(random) {
    const shape = sizesOf(random.int(1, 4), random);
    const axis = random.int(0, shape.length - 1);
    return Array.from({ length: random.int(1, 3) }, () => ({
      shape: disturbed(shape.with(axis, random.int(1, 5)), random),
      type: random.chance(0.9) ? 'float' : 'int64',
    }));
  },
  Stack(random) {
    const shape = sizesOf(random.int(0, 4), random);
    return Array.from({ length: random.int(1, 3) }, () => floats(disturbed(shape, random)));
  },
  Maximum: broadcastable,
  Minimum: broadcastable,
  Gather(random) {
    const shape = sizesOf(random.int(1, 4), random);
    const index = disturbed(
      shape.map((size) => random.int(1, size)),
      random,
    );
    return [floats(shape), { shape: random.chance(0.05) ? [...index, 1] : index, type: 'int64' }];
  },
  GridSample(random) {
    const image = sizesOf(random.chance(0.7) ? 4 : 5, random);
    const places = image.slice(2).map(() => random.int(1, 6));
    return [floats(image), floats(disturbed([image[0]!, ...places, places.length], random))];
  },
  Where(random) {
    const [a, b] = broadcastable(random);
    const condition = {
      shape: random.chance(0.5) ? a!.shape : [],
      type: random.chance(0.05) ? 'float' : 'bool',
    } as const;
    return [condition, a!, b!];
  },
  MatMul(random) {
    const [n, m, k] = [random.int(1, 5), random.int(1, 5), random.int(1, 5)];
    const batch = sizesOf(random.int(0, 2), random);
    const a = random.chance(0.2) ? [k] : [...batch, n, k];
    const b = random.chance(0.2)
      ? [k]
      : [...(random.chance(0.5) ? batch : random.chance(0.5) ? [] : batch.map(() => 1)), k, m];
    return [floats(disturbed(a, random)), floats(disturbed(b, random))];
  },
  MultiheadAttention(random) {
    const [batch, length, size, keys] = [
      random.int(1, 3),
      random.int(1, 6),
      random.pick([4, 6, 8, 12]),
      random.int(1, 6),
    ];
    const query = floats([batch, length, size]);
    if (random.chance(0.4)) return [random.chance(0.05) ? floats([size, 3]) : query];
    if (random.chance(0.5)) return [query, query, query];
    const [keySize, valueSize] = [random.pick([size, 5]), random.pick([size, 7])];
    return [
      query,
      floats(disturbed([batch, keys, keySize], random)),
      floats(disturbed([batch, keys, valueSize], random)),
    ].slice(0, random.chance(0.05) ? 2 : 3);
  },
  ScaledDotProductAttention(random) {
    const heads = sizesOf(random.int(0, 2), random);
    const [length, keys, size, out] = [random.int(1, 6), random.int(1, 6), random.int(1, 8), random.int(1, 8)];
    const few = heads.length > 0 && random.chance(0.15) ? heads.with(-1, 1) : heads;
    const made = [
      floats(disturbed([...heads, length, size], random)),
      floats(disturbed([...few, keys, size], random)),
      floats(disturbed([...few, keys, random.chance(0.7) ? size : out], random)),
    ];
    if (random.chance(0.3))
      made.push({ shape: disturbed([length, keys], random), type: random.pick(['float', 'bool']) });
    return made;
  },
  TransformerEncoderLayer: attending(1, [[0, 0]]),
  TransformerEncoder: attending(1, [[0, 0]]),
  TransformerDecoderLayer: attending(2, [
    [0, 0],
    [0, 1],
  ]),
  TransformerDecoder: attending(2, [
    [0, 0],
    [0, 1],
  ]),
  Transformer: attending(2, [
    [0, 0],
    [1, 1],
    [1, 0],
  ]),
  RoIAlign(random) {
    const boxes = random.int(1, 4);
    return [floats(sizesOf(4, random)), floats(disturbed([boxes, 5], random))];
  },
  RNN: sequence(1),
  GRU: sequence(1),
  LSTM: sequence(2),
  Index(random) {
    const count = random.int(1, 4);
    const index = random.chance(0.95) ? [count] : [count, 2];
    const types = random.chance(0.95) ? 'int64' : 'float';
    return [floats(sizesOf(random.int(1, 4), random)), { shape: index, type: types }];
  },
  PReLU(random) {
    return [floats(sizesOf(random.int(1, 4), random))];
  },
  MaxUnpool1d: withIndices(1),
  MaxUnpool2d: withIndices(2),
  MaxUnpool3d: withIndices(3),
  Bilinear(random) {
    const leading = sizesOf(random.int(0, 3), random);
    return [random.int(1, 6), random.int(1, 6)].map((size) => floats(disturbed([...leading, size], random)));
  },
  FractionalMaxPool2d: (random) => [floats(sizesOf(4, random).map((size, i) => (i < 2 ? size : size + 2)))],
  FractionalMaxPool3d: (random) => [floats(sizesOf(5, random).map((size, i) => (i < 2 ? size : size + 2)))],
  EmbeddingBag(random) {
    const shape = random.chance(0.6) ? [random.int(1, 3), random.int(1, 5)] : [random.int(1, 8)];
    const numbers = {
      shape: random.chance(WRONG) ? [] : shape,
      type: random.chance(0.97) ? 'int64' : 'float',
    } as const;
    const offsets = { shape: disturbed([random.int(1, 4)], random), type: 'int64' } as const;
    const isFlat = (shape.length === 1) !== random.chance(WRONG);
    return [
      numbers,
      ...(isFlat ? [offsets] : []),
      ...(random.chance(0.25) ? [floats(random.chance(0.1) ? [...shape, 1] : disturbed(shape, random, 0.05))] : []),
    ];
  },
  PairwiseDistance: broadcastable,
  CosineSimilarity: broadcastable,
  RNNCell: step(1),
  GRUCell: step(1),
  LSTMCell: step(2),
};

function broadcastable(random: Random): readonly Input[] {
  const shape = sizesOf(random.int(0, 4), random);
  const other = shape.map((size) => (random.chance(0.3) ? 1 : size)).slice(random.chance(0.3) ? 1 : 0);
  const types = ['float', 'float', 'int64', 'bool'] as const;
  return [
    { shape: disturbed(shape, random), type: random.pick(types) },
    { shape: disturbed(other, random), type: random.pick(types) },
  ];
}

/** What transformers are tried with: sequences of other lengths, so that it shows which dimension is the batch. */
const BATCH = 2;
/** Heads that masks of three dimensions are made for. */
const HEADS = 2;

/** Sequences, sometimes with masks for the attentions of them: `[0, 1]` looks from the first at the second. */
function attending(count: 1 | 2, attentions: readonly (readonly [query: number, key: number])[]) {
  return (random: Random): readonly Input[] => {
    const features = random.pick([4, 6, 8, 12]);
    const isBatchFirst = random.chance(0.6);
    const lengths = Array.from({ length: count }, () => random.pick([1, 3, 4, 5]));
    const few = (shape: readonly number[]): readonly number[] =>
      random.chance(0.2) ? disturbed(shape, random) : shape;
    const all = lengths.map((length) => floats(few([...(isBatchFirst ? [BATCH, length] : [length, BATCH]), features])));
    if (random.chance(0.5)) return random.chance(0.03) ? [floats([BATCH, 3]), ...all.slice(1)] : all;
    const type = random.chance(0.05) ? 'int64' : random.pick(['float', 'bool'] as const);
    const masks = attentions.map(([query, key]) => [
      ...(random.chance(0.3) ? [BATCH * HEADS] : []),
      lengths[query]!,
      lengths[key]!,
    ]);
    const paddings = attentions.map(([, key]) => [BATCH, lengths[key]!]);
    const made = [...masks, ...paddings].map((shape): Input => ({
      shape: few(shape),
      type,
    }));
    return [...all, ...made.slice(0, random.int(1, made.length))];
  };
}

/** Sometimes with the states to begin with; they fit hidden_size 3 of one layer. */
function sequence(states: number) {
  return (random: Random): readonly Input[] => {
    const [batch, length, size] = [random.int(1, 3), random.int(1, 5), random.int(1, 6)];
    const x = floats(random.chance(0.05) ? [length, size] : [batch, length, size]);
    if (random.chance(0.75)) return [x];
    const count = random.chance(0.1) ? 1 : states;
    return [x, ...Array.from({ length: count }, () => floats(disturbed([1, batch, 3], random)))];
  };
}

// ---------------------------------------------------------------------------------------------- whole cases

/** Layers whose arguments say what the inputs must be. */
const WHOLE: Readonly<Partial<Record<string, (random: Random) => Omit<Case, 'layer'>>>> = {
  Fold(random) {
    const pair = (from: number, to: number, standard: number): [Literal | undefined, number, number] => {
      const [a, b] = [random.int(from, to), random.int(from, to)];
      const kind = random.int(0, 2);
      return kind === 0 ? [undefined, standard, standard] : kind === 1 ? [a, a, a] : [[a, b], a, b];
    };
    const given = {
      output_size: pair(3, 8, 6),
      kernel_size: pair(1, 3, 2),
      dilation: pair(1, 2, 1),
      padding: pair(0, 2, 0),
      stride: pair(1, 3, 1),
    };
    const { output_size: size, kernel_size: kernel, dilation, padding, stride } = given;
    const steps = (i: 1 | 2): number =>
      Math.floor((size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1;
    const literals = Object.entries(given).map(([name, [literal, standard]]): [string, Literal | undefined] => [
      name,
      literal ?? (name === 'output_size' || name === 'kernel_size' ? standard : undefined),
    ]);
    const shape = [random.int(1, 3), kernel[1] * kernel[2] * random.int(1, 3), Math.max(steps(1) * steps(2), 1)];
    return {
      arguments: Object.fromEntries(literals.filter((each): each is [string, Literal] => each[1] !== undefined)),
      inputs: [{ shape: disturbed(shape, random), type: random.chance(0.95) ? 'float' : 'bool' }],
    };
  },
  Einsum(random) {
    const letters = random.pick([
      ['a', 'b', 'c'],
      ['b', 'i', 'j', 'k'],
      ['n', 'h', 'L', 'd'],
      ['X', 'y', 'z'],
    ]);
    const sizeOf = new Map(letters.map((letter) => [letter, random.chance(0.1) ? 1 : random.int(2, 5)]));
    const wide = sizesOf(random.int(0, 2), random);
    const terms = Array.from({ length: random.pick([1, 2, 2, 2, 3]) }, () => {
      const own = letters.filter(() => random.chance(0.6));
      if (own.length > 0 && random.chance(0.08)) own.push(own[0]!);
      if (random.chance(0.2)) own.splice(random.int(0, own.length), 0, '...');
      return own;
    });
    const used = [...new Set(terms.flat())];
    const output = used.filter((letter) => random.chance(letter === '...' ? 0.9 : 0.5));
    if (random.chance(0.05)) output.push(random.pick([...letters, 'q', '...']));
    const right = random.chance(0.2) ? '' : `${random.pick(['->', ' -> '])}${output.join('')}`;
    const separator = random.pick([',', ', ']);
    const written = terms.map((term) => term.join('')).join(separator) + right;
    const inputs = terms.map((term) => {
      const shape = term.flatMap((letter) =>
        letter === '...' ? wide.slice(random.chance(0.3) ? 1 : 0) : random.chance(0.05) ? [1] : [sizeOf.get(letter)!],
      );
      return { shape: disturbed(shape, random, 0.05), type: random.chance(0.97) ? 'float' : 'int64' } as const;
    });
    const wrong = random.pick([`${written}?`, `${written}->`, `${written},a`, `..${written}`, '']);
    return { arguments: { equation: random.chance(0.06) ? wrong : written }, inputs };
  },
};

/** As a sequence, without its steps. */
function step(states: number) {
  return (random: Random): readonly Input[] => {
    const [batch, size] = [random.int(1, 3), random.int(1, 6)];
    const x = floats(random.chance(0.05) ? [2, batch, size] : [batch, size]);
    if (random.chance(0.75)) return [x];
    const count = random.chance(0.1) ? 1 : states;
    return [x, ...Array.from({ length: count }, () => floats(disturbed([batch, 3], random)))];
  };
}

/** Values and where they were. */
function withIndices(dimensions: number) {
  return (random: Random): readonly Input[] => {
    const shape = sizesOf(dimensions + (random.chance(WRONG) ? 3 : 2), random);
    return [floats(shape), { shape: disturbed(shape, random), type: random.chance(0.97) ? 'int64' : 'float' }];
  };
}

// ---------------------------------------------------------------------------------------------- arguments

type Generator = (
  random: Random,
  inputs: readonly Input[],
  given: Readonly<Record<string, Literal>>,
  layer: Layer,
) => Literal | undefined;

function places(layer: Layer): number {
  return Number(/([123])d(?:$|[A-Z])/.exec(layer.name)?.[1] ?? 2);
}

/** One for all, or each its own; seldom too many. */
function sizes(from: number, to: number): Generator {
  return (random, _inputs, _given, layer) => {
    const one = (): number => (random.chance(0.03) ? random.int(-1, 0) : random.int(from, to));
    if (random.chance(0.6)) return one();
    return Array.from({ length: places(layer) + (random.chance(0.03) ? 1 : 0) }, one);
  };
}

const rank = (inputs: readonly Input[]): number => inputs[0]?.shape.length ?? 0;

const dimension: Generator = (random, inputs) => {
  const count = rank(inputs);
  return random.chance(WRONG) ? random.int(-count - 2, count + 1) : random.int(-count, count - 1);
};

const someDimensions: Generator = (random, inputs, given, layer) => {
  if (random.chance(0.4)) return dimension(random, inputs, given, layer);
  const all = Array.from({ length: rank(inputs) }, (_, i) => (random.chance(0.3) ? i - rank(inputs) : i));
  const chosen = all.filter(() => random.chance(0.4));
  return random.chance(0.05) ? [...chosen, 0] : chosen;
};

const mostlyDivisor = (random: Random, size: number): number => {
  const divisors = [1, 2, 3, 4, 6, 8].filter((each) => size % each === 0);
  return random.chance(0.1) ? random.int(0, 5) : random.pick(divisors);
};

const channels = (inputs: readonly Input[]): number => inputs[0]?.shape[1] ?? 1;

const aroundSizes: Generator = (random, _inputs, _given, layer) => {
  const one = (): number => (random.chance(0.15) ? random.int(-2, -1) : random.int(0, 3));
  return random.chance(0.4) ? one() : Array.from({ length: 2 * places(layer) + (random.chance(0.03) ? 1 : 0) }, one);
};

const factor = (random: Random): Literal =>
  random.chance(0.5) ? random.int(1, 3) : float(random.pick([0.5, 1.5, 0.3, 2.7, 0.7, 0.1, 2]));

const newShape: Generator = (random, inputs) => {
  const total = inputs[0]!.shape.reduce((a, b) => a * b, 1);
  const found: number[] = [];
  let rest = total;
  while (rest > 1 && found.length < 4) {
    const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((each) => rest % each === 0);
    const next = random.chance(0.4) ? rest : random.pick(divisors);
    found.push(next);
    rest /= next;
  }
  if (rest > 1) found.push(rest);
  if (found.length > 0 && random.chance(0.5)) found[random.int(0, found.length - 1)] = -1;
  if (found.length > 0 && random.chance(0.15)) found[random.int(0, found.length - 1)] = random.int(-2, 5);
  return found;
};

const probability: Generator = (random) => float(random.pick(random.chance(0.1) ? [-0.1, 1.5, 2] : [0, 0.1, 0.5, 1]));

/** By `Layer.parameter`, else by the parameter's name. */
const ARGUMENTS: Readonly<Partial<Record<string, Generator>>> = {
  kernel_size: (random, inputs, given, layer) => sizes(1, rank(inputs) > 4 ? 3 : 4)(random, inputs, given, layer),
  stride: sizes(1, 3),
  padding: sizes(0, 2),
  dilation: sizes(1, 2),
  output_padding: (random, _inputs, given) => {
    const stride = typeof given.stride === 'number' ? given.stride : 1;
    return stride > 1 || given.stride !== undefined
      ? random.int(1, Math.max(1, stride - 1))
      : random.int(0, random.chance(0.2) ? 1 : 0);
  },
  out_channels: (random) => (random.chance(0.03) ? 0 : random.pick(CHANNELS)),
  groups: (random, inputs, given) => {
    const out = typeof given.out_channels === 'number' ? given.out_channels : 0;
    const common = [1, 2, 3, 4, 6, 8, 12].filter((each) => channels(inputs) % each === 0 && out % each === 0);
    return random.chance(0.1) ? random.int(0, 4) : (common.findLast(() => random.chance(0.5)) ?? 1);
  },
  num_groups: (random, inputs) => mostlyDivisor(random, channels(inputs)),
  lower: (random) => float(random.pick([0, 0.1, 0.25])),
  upper: (random) => float(random.pick([0.25, 0.5, 1, 0.05])),
  lambd: (random) => float(random.pick([0, 0.1, 1, random.chance(0.2) ? -1 : 2])),
  threshold: (random) => float(random.pick([0, 0.1, -1])),
  norm_type: (random) => float(random.pick([1, 2, 3, 0.5, random.chance(0.2) ? 0 : 4])),
  alpha: (random) => float(random.pick([1e-3, 0.5, 2])),
  beta: (random) => float(random.pick([0.5, 1, 2])),
  'ChannelShuffle.groups': (random, inputs) => mostlyDivisor(random, channels(inputs)),
  p: probability,
  dropout: probability,
  dropout_p: probability,
  'Normalize.p': (random) => float(random.pick([1, 2, 3])),
  divisor_override: (random) => (random.chance(0.1) ? 0 : random.int(1, 5)),
  output_size: (random, _inputs, _given, layer) => {
    const one = (): Literal => (random.chance(0.2) ? null : random.int(1, 6));
    return random.chance(0.5) ? one() : Array.from({ length: places(layer) }, one);
  },
  ...Object.fromEntries(
    [1, 2, 3].flatMap((d): [string, Generator][] => [
      [`MaxUnpool${d}d.output_size`, unpooledSize],
      [`FractionalMaxPool${d}d.kernel_size`, sizes(1, 2)],
      [`FractionalMaxPool${d}d.output_size`, someSize],
      [`FractionalMaxPool${d}d.output_ratio`, ratio],
    ]),
  ),
  dim: dimension,
  dim0: dimension,
  dim1: dimension,
  'Mean.dim': someDimensions,
  'Sum.dim': someDimensions,
  'Squeeze.dim': someDimensions,
  'Max.dim': dimension,
  'Min.dim': dimension,
  'Unsqueeze.dim': (random, inputs) => random.int(-rank(inputs) - 1, rank(inputs) + (random.chance(0.1) ? 1 : 0)),
  'Stack.dim': (random, inputs) => random.int(-rank(inputs) - 1, rank(inputs) + (random.chance(0.1) ? 1 : 0)),
  start_dim: dimension,
  end_dim: (random, inputs) => (random.chance(0.3) ? -1 : random.int(Math.min(1, rank(inputs)), rank(inputs) - 1)),
  dims: (random, inputs) => {
    const left = Array.from({ length: rank(inputs) }, (_, i) => i);
    const order: number[] = [];
    while (left.length > 0) order.push(...left.splice(random.int(0, left.length - 1), 1));
    const signed = order.map((each) => (random.chance(0.2) ? each - rank(inputs) : each));
    if (random.chance(0.08) && signed.length > 0) signed[0] = random.int(-4, 4);
    if (random.chance(0.05)) signed.pop();
    return signed;
  },
  'Roll.dims': (random, inputs, given) => {
    const shifts = given.shifts;
    const count = Array.isArray(shifts) ? shifts.length : 1;
    const order = Array.from({ length: count + (random.chance(0.1) ? 1 : 0) }, () =>
      random.int(-rank(inputs), rank(inputs) - 1),
    );
    return count === 1 && random.chance(0.5) ? order[0] : order;
  },
  shifts: (random) =>
    random.chance(0.6) ? random.int(-3, 3) : Array.from({ length: random.int(1, 2) }, () => random.int(-3, 3)),
  shape: newShape,
  unflattened_size: (random, inputs, given) => {
    const at = typeof given.dim === 'number' ? inputs[0]!.shape.at(given.dim) : undefined;
    return newShape(random, [floats([at ?? 6])], given, undefined as never);
  },
  sizes: (random, inputs) => {
    const own = inputs[0]!.shape.map((size) =>
      size === 1 && random.chance(0.6) ? random.int(1, 4) : random.chance(0.3) ? -1 : size,
    );
    const made = random.chance(0.3) ? [random.int(1, 3), ...own] : own;
    if (random.chance(0.1) && made.length > 0) made[random.int(0, made.length - 1)] = random.int(-1, 3);
    return random.chance(0.05) ? made.slice(1) : made;
  },
  repeats: (random, inputs) =>
    Array.from({ length: rank(inputs) + random.int(random.chance(0.1) ? -1 : 0, 1) }, () =>
      random.int(random.chance(0.05) ? 0 : 1, 3),
    ),
  index: (random, inputs, given) => {
    const size = (typeof given.dim === 'number' ? inputs[0]!.shape.at(given.dim) : undefined) ?? 3;
    return random.int(random.chance(0.1) ? -size - 1 : -size, random.chance(0.1) ? size : size - 1);
  },
  start: (random) => random.int(-6, 6),
  stop: (random) => (random.chance(0.2) ? null : random.int(-4, 12)),
  step: (random) => random.int(1, 3),
  k: (random) => random.int(1, 4),
  diagonal: (random) => random.int(-2, 2),
  'ArgMax.dim': dimension,
  chunks: (random) => (random.chance(0.05) ? 0 : random.int(1, 5)),
  split_size_or_sections: (random, inputs) => {
    if (random.chance(0.5)) return random.int(random.chance(0.1) ? 0 : 1, 5);
    let rest = inputs[0]?.shape[0] ?? 3;
    const parts: number[] = [];
    while (rest > 0) {
      const part = random.int(1, rest);
      parts.push(part);
      rest -= part;
    }
    return random.chance(0.1) ? [...parts, 1] : parts;
  },
  'Split.dim': (random, inputs, given, layer) =>
    typeof given.split_size_or_sections === 'number' ? dimension(random, inputs, given, layer) : 0,
  'Transformer.custom_encoder': oneOf('TransformerEncoder'),
  'Transformer.custom_decoder': oneOf('TransformerDecoder'),
  encoder_layer: oneOf('TransformerEncoderLayer'),
  decoder_layer: oneOf('TransformerDecoderLayer'),
  norm: (random, inputs, given, layer) =>
    oneOf(random.pick(random.chance(0.9) ? ['LayerNorm', 'Identity'] : ['BatchNorm1d', 'InstanceNorm1d', 'Conv2d']))(
      random,
      inputs,
      given,
      layer,
    ),
  nhead: (random, inputs) => {
    const isPerHead = inputs.slice(1).some(({ shape }) => shape.length === 3 && shape[0] === BATCH * HEADS);
    if (isPerHead && random.chance(0.9)) return HEADS;
    return random.chance(0.4) ? mostlyDivisor(random, inputs[0]?.shape.at(-1) ?? 4) : random.pick([1, 2]);
  },
  dim_feedforward: (random) => random.int(1, 9),
  num_encoder_layers: (random) => random.int(1, 3),
  num_decoder_layers: (random) => random.int(1, 3),
  norm_layer: (random, _inputs, given, layer) => {
    if (random.chance(0.15)) return null;
    const usual =
      layer.name === 'MLP' ? ['LayerNorm', 'LayerNorm', 'Identity'] : ['InstanceNorm', 'GroupNorm', 'Identity'];
    const name = random.pick(
      random.chance(0.85) ? usual : ['LayerNorm', 'Softmax2d', 'BatchNorm1d', 'GroupNorm', 'Conv2d'],
    );
    const full = name.endsWith('Norm') && name.startsWith('Instance') ? `${name}${places(layer)}d` : name;
    if (full === 'GroupNorm') return { layer: full, given: { num_groups: random.chance(0.8) ? 1 : 2 } };
    return oneOf(full)(random, [], given, layer);
  },
  activation_layer: (random, inputs, given, layer) => {
    if (layer.name !== 'MLP' && random.chance(0.15)) return null;
    return oneOf(random.pick(ACTIVATIONS))(random, inputs, given, layer);
  },
  'SqueezeExcitation.activation': (random, inputs, given, layer) =>
    oneOf(random.pick([...ACTIVATIONS, 'GLU']))(random, inputs, given, layer),
  scale_activation: (random, inputs, given, layer) =>
    oneOf(random.pick(['Hardsigmoid', 'Tanh', 'ReLU', 'PReLU']))(random, inputs, given, layer),
  squeeze_channels: (random) => (random.chance(0.03) ? 0 : random.int(1, 5)),
  hidden_channels: (random) =>
    Array.from({ length: random.int(random.chance(0.1) ? 0 : 1, 3) }, () => random.int(1, 6)),
  'Conv2dNormActivation.inplace': (random) => (random.chance(0.5) ? null : random.chance(0.5)),
  'Conv3dNormActivation.inplace': (random) => (random.chance(0.5) ? null : random.chance(0.5)),
  'MLP.inplace': (random) => (random.chance(0.3) ? null : random.chance(0.5)),
  window_size: (random) => twoSizes(random, 1, 6),
  shift_size: (random) => twoSizes(random, 0, 4),
  'RoIAlign.output_size': (random) => (random.chance(0.5) ? random.int(1, 4) : [random.int(1, 4), random.int(1, 4)]),
  sampling_ratio: (random) => random.int(-1, 3),
  ...Object.fromEntries(
    ['TransformerEncoderLayer', 'TransformerDecoderLayer', 'Transformer'].map((name): [string, Generator] => [
      `${name}.batch_first`,
      (random, inputs) => (inputs[0]?.shape[0] === BATCH) !== random.chance(0.1),
    ]),
  ),
  num_heads: (random, inputs) => mostlyDivisor(random, inputs[0]?.shape.at(-1) ?? 4),
  hidden_size: (random) => (random.chance(0.5) ? 3 : random.int(1, 6)),
  num_layers: (random) => (random.chance(0.05) ? 0 : random.int(1, 3)),
  proj_size: (random) => random.int(0, 3),
  num_embeddings: (random) => random.int(1, 9),
  embedding_dim: (random) => random.int(1, 6),
  padding_idx: (random) => random.int(-6, 6),
  num_parameters: (random, inputs) => (random.chance(0.7) ? channels(inputs) : random.int(1, 4)),
  out_features: (random) => random.int(random.chance(0.03) ? 0 : 1, 9),
  upscale_factor: (random, inputs) => {
    const at = inputs[0]?.shape.at(-3) ?? 4;
    return random.chance(0.7) ? random.pick([1, 2, 3].filter((each) => at % (each * each) === 0)) : random.int(0, 3);
  },
  downscale_factor: (random) => (random.chance(0.4) ? 1 : random.int(0, 3)),
  size: (random, inputs, given) => {
    if (given.scale_factor !== undefined) return undefined;
    const one = (): number => random.int(1, 9);
    return random.chance(0.5) ? one() : Array.from({ length: rank(inputs) - (random.chance(0.1) ? 1 : 2) }, one);
  },
  scale_factor: (random, inputs, given) => {
    if (given.size !== undefined && given.size !== null && random.chance(0.9)) return null;
    return random.chance(0.6)
      ? factor(random)
      : Array.from({ length: rank(inputs) - (random.chance(0.1) ? 1 : 2) }, () => factor(random));
  },
  'Upsample.mode': resizeMode,
  'Interpolate.mode': resizeMode,
  align_corners: (random, _inputs, given) => (given.mode === undefined ? null : random.chance(0.5)),
  antialias: (random, inputs) => random.chance(rank(inputs) === 4 ? 0.7 : 0.1),
  recompute_scale_factor: (random, _inputs, given) => random.chance(given.size === undefined ? 0.6 : 0.1),
  pad: (random, inputs) => {
    const count = random.chance(0.5) ? Math.max(rank(inputs) - 2, 0) : random.int(0, rank(inputs));
    return Array.from({ length: 2 * count + (random.chance(0.05) ? 1 : 0) }, () =>
      random.int(random.chance(0.1) ? -2 : 0, random.int(0, 2)),
    );
  },
  value: (random) => float(random.pick([0, 1, -0.5])),
  'Pad.value': (random, _inputs, given) => (given.mode === undefined ? float(random.pick([0, 1])) : null),
  min: (random) => float(random.pick([-1, 0])),
  max: (random) => float(random.pick([1, 6])),
  min_val: (random) => float(random.pick([-1, 0, 0.5])),
  max_val: (random) => float(random.pick([1, 6, 0])),
  eps: (random) => float(random.pick([1e-3, 1e-6])),
  scale: (random) => (random.chance(0.3) ? null : float(0.5)),
  enable_gqa: (random) => random.chance(0.7),
  padding_mode: (random) => random.pick(['zeros', 'reflect', 'replicate', 'circular']),
  // With one offset there is no bag, and torch 2.13 writes over memory that isn't its own.
  include_last_offset: (random, inputs) => inputs[1]?.shape[0] !== 1 && random.chance(0.7),
  'EmbeddingBag.mode': (random, inputs) =>
    inputs.some(({ type }) => type === 'float') ? 'sum' : random.pick(['sum', 'sum', 'max', 'mean']),
  mode: (random) => random.pick(['constant', 'reflect', 'replicate', 'circular']),
  'GridSample.mode': (random) => random.pick(['bilinear', 'nearest', 'bicubic']),
  'GridSample.padding_mode': (random) => random.pick(['zeros', 'border', 'reflection', 'none']),
  num_classes: (random) => random.int(random.chance(0.1) ? 0 : 1, 8),
  'StochasticDepth.mode': (random) => random.pick(['row', 'batch']),
  ...Object.fromEntries(
    [1, 2, 3].flatMap((d): [string, Generator][] => [
      [`Conv${d}d.padding`, convolutionPadding],
      [`ConvTranspose${d}d.padding_mode`, () => 'zeros'],
      [`MaxPool${d}d.padding`, sizes(0, 1)],
      [`AvgPool${d}d.padding`, sizes(0, 1)],
      ...['Zero', 'Constant', 'Reflection', 'Replication', 'Circular'].map(
        (kind) => [`${kind}Pad${d}d.padding`, aroundSizes] as [string, Generator],
      ),
    ]),
  ),
};

/** Near what comes out without it. */
function unpooledSize(...[random, inputs, given, layer]: Parameters<Generator>): Literal {
  const one = (literal: Literal | undefined, i: number): number | undefined =>
    Array.isArray(literal) ? (literal as readonly number[])[i] : typeof literal === 'number' ? literal : undefined;
  const wanted = inputs[0]!.shape.slice(2, 2 + places(layer)).map((size, i) => {
    const kernel = one(given.kernel_size, i) ?? 1;
    const step = one(given.stride, i) ?? kernel;
    const usual = (size - 1) * step + kernel - 2 * (one(given.padding, i) ?? 0);
    return usual + random.int(1 - step, random.chance(0.05) ? step : step - 1);
  });
  if (random.chance(0.05)) wanted.pop();
  return random.chance(0.3) ? [...inputs[0]!.shape.slice(0, 2), ...wanted] : wanted;
}

/** Every other time, so that there is room for a ratio. */
function someSize(...[random, , , layer]: Parameters<Generator>): Literal | undefined {
  if (random.chance(0.5)) return undefined;
  return random.chance(0.5) ? random.int(1, 3) : Array.from({ length: places(layer) }, () => random.int(1, 3));
}

/** Where there is no size. */
function ratio(...[random, , given, layer]: Parameters<Generator>): Literal | undefined {
  if (given.output_size !== undefined && random.chance(0.95)) return null;
  const one = (): Literal => float(random.pick([0.5, 0.6, 0.4, 0.75, random.chance(0.1) ? 1 : 0.5]));
  return random.chance(0.5) ? one() : Array.from({ length: places(layer) }, one);
}

const ACTIVATIONS = ['ReLU', 'LeakyReLU', 'SiLU', 'GELU', 'PReLU', 'Hardswish', 'Identity'];

function twoSizes(random: Random, from: number, to: number): Literal {
  const one = (): number => random.int(from, to);
  if (random.chance(0.04)) return one();
  return random.chance(0.03) ? [one(), one(), one()] : [one(), one()];
}

/** A layer as an argument, with arguments of its own. */
function oneOf(name: string): Generator {
  return (random, inputs): LayerLiteral => {
    const layer = findLayer(name);
    if (layer === undefined) throw new Error(`There is no ${name}.`);
    return { layer: name, given: makeArguments(layer, inputs, random) };
  };
}

function convolutionPadding(...call: Parameters<Generator>): Literal | undefined {
  const [random] = call;
  return random.chance(0.25) ? random.pick(['same', 'valid', 'same', 'full']) : sizes(0, 3)(...call);
}

function resizeMode(random: Random, inputs: readonly Input[]): Literal {
  const fitting = { 3: 'linear', 4: random.pick(['bilinear', 'bicubic']), 5: 'trilinear' }[rank(inputs)] ?? 'nearest';
  return random.chance(0.6)
    ? fitting
    : random.pick(['nearest', 'linear', 'bilinear', 'bicubic', 'trilinear', 'area', 'nearest-exact']);
}

function byType(type: string, choices: readonly string[] | undefined, random: Random): Literal {
  if (choices !== undefined) return random.chance(0.03) ? 'nonsense' : random.pick(choices);
  if (type === 'bool') return random.chance(0.5);
  if (type === 'bool or None') return random.pick([true, false, null]);
  if (type.startsWith('float'))
    return type.includes('None') && random.chance(0.3) ? null : float(random.pick([0.1, 0.5, 1, 2]));
  if (type.includes('None') && random.chance(0.2)) return null;
  return random.int(random.chance(0.1) ? 0 : 1, 4);
}
