/** Padding: values are put around the last dimensions, or cut off where the number is negative. */
import { type Dimension, ONE, ZERO, compare, format, minimum, subtract, sum } from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { NUMBERS, type Layer, type LayerCall, layer } from './layer.ts';
import { choice, float, optionalFloat, shapeSizes, sizes } from './parameters.ts';
import { channelsFirst } from './rules.ts';
import { type Sight, window } from './sight.ts';

type Dimensions = 1 | 2 | 3;
type Mode = 'constant' | 'reflect' | 'replicate' | 'circular';

const MODES: Readonly<Record<Mode, string>> = {
  constant: 'a number',
  reflect: 'the values inside, mirrored',
  replicate: 'the value at the edge',
  circular: 'the values of the other side',
};

/** `padding` is torch's: left and right of the last dimension, then of the one before, and so on. */
function padded(
  call: Pick<LayerCall, 'require'>,
  shape: readonly Dimension[],
  padding: readonly Dimension[],
  mode: Mode,
  argument: string,
): readonly Dimension[] {
  const rank = shape.length;
  return shape.map((size, i) => {
    const last = rank - 1 - i;
    const before = padding[2 * last] ?? ZERO;
    const after = padding[2 * last + 1] ?? ZERO;
    // What is cut off goes first.
    const kept = sum([size, minimum(before, ZERO), minimum(after, ZERO)]);
    if (mode === 'constant' || mode === 'circular') {
      call.require(compare('>=', kept, mode === 'circular' ? ONE : ZERO), () => ({
        code: mode === 'circular' ? 'size-vanishes' : 'argument-value',
        message: `cuts ${format(subtract(size, kept))} off a size of ${format(size)}: there isn't that much. Cut off less.`,
        argument,
      }));
    }
    if (mode === 'reflect' || mode === 'circular') {
      for (const around of [before, after]) {
        const enough = mode === 'reflect' ? compare('<', around, size) : compare('<=', around, kept);
        call.require(enough, () => ({
          code: 'argument-value',
          message: `takes ${format(around)} values from ${format(size)} (${MODES[mode]}), which are too few: use less padding or zeros.`,
          argument,
        }));
      }
    }
    const out = sum([size, before, after]);
    call.require(compare('>=', out, ONE), () => ({
      code: 'size-vanishes',
      message: `cuts ${format(size)} down to ${format(out)}: nothing would be left. Cut off less.`,
      argument,
    }));
    return out;
  });
}

function paddedSight(rank: number, padding: readonly Dimension[]): readonly Sight[] {
  return [Array.from({ length: rank }, (_, i) => window(i, ONE, ONE, padding[2 * (rank - 1 - i)] ?? ZERO))];
}

function fixedPadding(prefix: string, mode: Mode, what: string) {
  return (dimensions: Dimensions): Layer => {
    const name = `${prefix}Pad${dimensions}d`;
    const parameters = {
      padding: sizes(
        2 * dimensions,
        'How much is put around: one number, or left, right (top, bottom (front, back)); negative cuts off.',
        { runtime: true },
      ),
    };
    const form = {
      name,
      family: 'padding',
      kind: 'module',
      summary: `Puts ${what} around the input.`,
      documentation: `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`,
      attribute: `${prefix.toLowerCase()}pad`,
      inputs: channelsFirst(dimensions, mode === 'reflect' || mode === 'replicate' ? NUMBERS : 'any'),
      similarity: 'padding',
    } as const;
    const shape = (call: LayerCall<typeof parameters>) => [
      padded(call, call.input.shape, call.arguments.padding, mode, 'padding'),
    ];
    const sees = ({ input, arguments: given }: Pick<LayerCall<typeof parameters>, 'input' | 'arguments'>) =>
      paddedSight(input.shape.length, given.padding);
    // As a call where sizes are read when the model runs; F.pad takes no single number.
    const around = (written: string): string => {
      if (/^-?\d+$/.test(written)) return `(${Array.from({ length: 2 * dimensions }, () => written).join(', ')})`;
      return /^[([]/.test(written) ? written : `(${written},) * ${2 * dimensions}`;
    };
    if (prefix !== 'Constant') {
      const last = mode === 'constant' ? '' : `, mode="${mode}"`;
      return layer({
        ...form,
        parameters,
        shape,
        sees,
        python: {
          kind: 'module',
          constructor: `nn.${name}`,
          functional: ({ inputs: [input], argument }) => `F.pad(${input!}, ${around(argument('padding')!)}${last})`,
        },
      });
    }
    return layer({
      ...form,
      parameters: { ...parameters, value: float('The number that is put around.') },
      shape,
      sees,
      python: {
        kind: 'module',
        constructor: `nn.${name}`,
        functional: ({ inputs: [input], argument, keywords }) =>
          `F.pad(${input!}, ${around(argument('padding')!)}${keywords('value')})`,
      },
    });
  };
}

const Pad = layer({
  name: 'Pad',
  family: 'padding',
  kind: 'function',
  summary:
    'Puts values around the last dimensions, or cuts off where a number is negative: Pad([1, 1]) makes the last dimension 2 larger.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html',
  inputs: { names: ['input'], type: 'any' },
  parameters: {
    pad: shapeSizes('Before and after the last dimension, then the one before it, and so on.', { list: true }),
    mode: choice('What is put there.', ['constant', 'reflect', 'replicate', 'circular'], 'constant'),
    value: optionalFloat('The number that is put there in mode "constant"; 0 where None.'),
  },
  shape(call) {
    const { pad, mode, value } = call.arguments;
    const rank = call.input.shape.length;
    if (pad.length % 2 === 1 || pad.length > 2 * rank) {
      call.refuse({
        code: 'argument-value',
        message: `takes two numbers for each padded dimension, at most ${2 * rank} here, but got ${pad.length}.`,
        argument: 'pad',
      });
    }
    if (call.input.type === 'bool' && (mode === 'reflect' || mode === 'replicate')) {
      call.refuse({ code: 'input-type', message: `needs numbers in mode="${mode}" but gets a bool tensor.` });
    }
    if (mode !== 'constant') {
      if (value !== undefined && value !== 0) {
        call.refuse({
          code: 'argument-value',
          message: `takes no value in mode="${mode}", which puts ${MODES[mode]} there. Leave value out, or write mode="constant".`,
          argument: 'value',
        });
      }
      // Torch pads the last dimensions only, all but batch and channels (or but channels).
      if (
        rank < 2 ||
        rank > 5 ||
        (pad.length !== 2 * (rank - 1) && pad.length !== 2 * (rank - 2)) ||
        pad.length === 0 ||
        pad.length > 6
      ) {
        call.refuse({
          code: 'argument-value',
          message:
            rank < 3 || rank > 5
              ? `pads [N, channels, …] with 1 to 3 dimensions behind in mode="${mode}", but got ${formatShape(call.input.shape)}: write mode="constant".`
              : `pads all dimensions behind the channels in mode="${mode}": ${2 * (rank - 2)} numbers for ${formatShape(call.input.shape)}, but got ${pad.length}.`,
          argument: 'pad',
        });
      }
    }
    return [padded(call, call.input.shape, pad, mode, 'pad')];
  },
  sees: ({ input, arguments: { pad } }) => paddedSight(input.shape.length, pad),
  python: {
    kind: 'function',
    expression: ({ inputs: [input], argument, keywords }) =>
      `F.pad(${input!}, ${argument('pad')!}${keywords('mode', 'value')})`,
  },
  example: { arguments: '[1, 1, 2, 2]' },
  similarity: 'padding',
});

const ALL = [1, 2, 3] as const;

export const paddings: readonly Layer[] = [
  ...ALL.map(fixedPadding('Zero', 'constant', 'zeros')),
  ...ALL.map(fixedPadding('Constant', 'constant', 'a number')),
  ...ALL.map(fixedPadding('Reflection', 'reflect', 'the values inside, mirrored,')),
  ...ALL.map(fixedPadding('Replication', 'replicate', 'the values at the edge')),
  ...ALL.map(fixedPadding('Circular', 'circular', 'the values of the other side')),
  Pad,
];
