import assert from 'node:assert/strict';
import { FALSE, TRUE, constant, format, symbol, type Dimension } from '../../server/src/core/dimension.ts';
import { type Applied, type LayerProblem, applyLayer } from '../../server/src/core/layers/apply.ts';
import { LAYERS, findLayer } from '../../server/src/core/layers/catalogue.ts';
import { FAMILIES } from '../../server/src/core/layers/layer.ts';
import { type DataType, type Shape, type Tensor, formatShape } from '../../server/src/core/tensor.ts';
import type { Value } from '../../server/src/core/value.ts';

type Written = number | boolean | string | null | readonly Written[] | Value;

interface Result extends Applied {
  readonly problems: readonly LayerProblem[];
  readonly conditions: readonly string[];
}

/** `apply('Conv2d', ['N', 3, 'H', 'W'], { out_channels: 8 })`; `undefined` is a tensor of unknown rank. */
function apply(
  name: string,
  inputs: readonly (readonly (number | string | Dimension)[] | undefined)[],
  given: Readonly<Record<string, Written>> = {},
  options: { hint?: string; type?: DataType; buildTime?: (size: Dimension) => boolean } = {},
): Result {
  const problems: LayerProblem[] = [];
  const conditions: string[] = [];
  const layer = findLayer(name);
  assert.ok(layer, name);
  const applied = applyLayer(
    layer,
    new Map(Object.entries(given).map(([key, written]) => [key, valueOf(written)])),
    inputs.map((shape) => tensor(shape, options.type ?? 'float')),
    {
      problem: (problem) => problems.push(problem),
      condition: (_, text) => conditions.push(text),
      buildTime: (size) => options.buildTime?.(size) ?? true,
      example: (value) => value,
    },
    () => options.hint,
  );
  return { ...applied, problems, conditions };
}

function tensor(shape: readonly (number | string | Dimension)[] | undefined, type: DataType): Tensor {
  const sizes: Shape | undefined = shape?.map((size) =>
    typeof size === 'number' ? constant(size) : typeof size === 'string' ? symbol(size, 1n) : size,
  );
  return { shape: sizes, type, node: undefined as never, output: 0 };
}

function valueOf(written: Written): Value {
  if (written === null) return { kind: 'none' };
  if (typeof written === 'number') {
    return Number.isInteger(written) ? { kind: 'int', value: constant(written) } : { kind: 'float', value: written };
  }
  if (typeof written === 'boolean') return { kind: 'bool', value: written ? TRUE : FALSE };
  if (typeof written === 'string') return { kind: 'string', value: written };
  if (isList(written)) return { kind: 'list', items: written.map(valueOf), isTuple: true };
  return written;
}

function isList(written: readonly Written[] | Value): written is readonly Written[] {
  return Array.isArray(written);
}

function shapes({ outputs }: Applied): string | undefined {
  return outputs?.map(({ shape }) => formatShape(shape)).join(' ');
}

describe('the catalogue', () => {
  it('has each name once', () => {
    const names = LAYERS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  for (const layer of LAYERS) {
    it(`says all of ${layer.name}`, () => {
      assert.match(layer.name, /^[A-Z][A-Za-z0-9]*$/);
      assert.match(layer.summary, /^.{10,}[.]$/);
      assert.match(layer.documentation, /^https:\/\/docs\.pytorch\.org\/(docs|vision)\/stable\/[\w./]+\.html$/);
      assert.ok(FAMILIES.includes(layer.family));
      assert.equal(layer.kind, layer.python.kind);
      assert.equal(layer.attribute !== undefined, layer.kind === 'module', 'a module has a name, a function none');
      if (layer.attribute !== undefined) assert.match(layer.attribute, /^[a-z][a-z0-9_]*$/);
      assert.ok(layer.inputs.names.length > 0);
      for (const [name, parameter] of Object.entries(layer.parameters)) {
        assert.match(parameter.doc, /^.{8,}[.]$/, name);
        assert.match(parameter.type, /^[\w ,()"'-]+$/, name);
      }
      // What has a default must be readable without a value, what must be given must not.
      for (const [name, { default: standard, infer, read }] of Object.entries(layer.parameters)) {
        if (infer === undefined) assert.equal(typeof read(undefined) === 'object', standard !== undefined, name);
      }
    });
  }
});

describe('applying a layer', () => {
  it('gives shapes, weights and multiply-adds over symbols', () => {
    const conv = apply('Conv2d', [['N', 3, 'H', 'W']], { out_channels: 64, kernel_size: 7, stride: 2, padding: 3 });
    assert.equal(shapes(conv), '[N, 64, (H - 1) // 2 + 1, (W - 1) // 2 + 1]');
    assert.deepEqual(
      conv.weights.map(({ name, shape }) => `${name} ${formatShape(shape)}`),
      ['weight [64, 3, 7, 7]', 'bias [64]'],
    );
    const linear = apply('Linear', [['N', 400]], { out_features: 10 });
    assert.equal(format(linear.macs), '4000 * N');
  });

  it('tells sizes that work for some values as a condition', () => {
    const shuffled = apply('PixelUnshuffle', [['N', 3, 'H', 32]], { downscale_factor: 4 });
    assert.deepEqual(shuffled.conditions, ['H divisible by 4']);
    assert.equal(shapes(shuffled), '[N, 48, H // 4, 8]');
    assert.deepEqual(
      apply(
        'Concat',
        [
          ['N', 3, 'H'],
          ['N', 5, 8],
        ],
        { dim: 1 },
      ).conditions,
      ['H == 8'],
    );
  });

  it('says what comes in and where it stands', () => {
    const [problem] = apply(
      'Conv2d',
      [['N', 400]],
      { out_channels: 8, kernel_size: 3 },
      { hint: 'it stands after Flatten' },
    ).problems;
    assert.deepEqual(problem, {
      code: 'rank-mismatch',
      severity: 'error',
      message: 'Conv2d needs [N, channels, height, width] but got [N, 400]: it stands after Flatten.',
    });
  });

  it('knows after a refusal what is certain all the same', () => {
    const grouped = apply('Conv2d', [['N', 4, 8, 8]], { out_channels: 6, kernel_size: 3, groups: 4 });
    assert.deepEqual(
      grouped.problems.map(({ code, argument }) => [code, argument]),
      [['not-divisible', 'groups']],
    );
    assert.equal(shapes(grouped), '[?, 6, ?, ?]');
    assert.equal(grouped.complete, false);
    const pooled = apply('MaxPool2d', [['N', 400]], { kernel_size: 2, return_indices: true });
    assert.equal(pooled.outputs?.length, 2);
    assert.equal(apply('Chunk', [undefined], { chunks: 2, dim: 1 }).outputs, undefined);
  });

  it('says nothing where something is unknown', () => {
    const conv = apply('Conv2d', [undefined], { out_channels: 8, kernel_size: 3 });
    assert.deepEqual([conv.problems, shapes(conv)], [[], '[?, 8, ?, ?]']);
    const unread = apply('Conv2d', [['N', 3, 8, 8]], { out_channels: { kind: 'unknown' }, kernel_size: 3 });
    assert.deepEqual([unread.problems, unread.complete], [[], false]);
    const linear = apply('Linear', [undefined], { out_features: 10 });
    assert.deepEqual([linear.problems, shapes(linear)], [[], '[?]']);
    const later = apply('ReLU', [conv.outputs?.[0]?.shape]);
    assert.deepEqual([later.problems, later.conditions, shapes(later)], [[], [], '[?, 8, ?, ?]']);
    const grouped = apply('Conv2d', [['N', '?9', 8, 8]], { out_channels: 6, kernel_size: 3, groups: 2 });
    assert.deepEqual([grouped.problems, grouped.conditions], [[], []]);
    assert.deepEqual(shapes(apply('Squeeze', [conv.outputs?.[0]?.shape])), '[?]');
  });

  it('leaves a size that is free when the model is built to the caller', () => {
    const asked: string[] = [];
    const refused = apply(
      'Linear',
      [['N', 'F']],
      { out_features: 10 },
      { buildTime: (size) => (asked.push(format(size)), false) },
    );
    assert.deepEqual([refused.problems, asked, refused.complete], [[], ['10', 'F'], false]);
    const free = apply('Linear', [['N', 'F']], { out_features: 10 }, { buildTime: (size) => format(size) !== 'F' });
    assert.deepEqual([shapes(free), free.complete], ['[?, 10]', false]);
    const resized = apply('Upsample', [['N', 3, 8, 8]], { size: 4 }, { buildTime: () => false });
    assert.equal(resized.complete, true);
  });

  it('says what an argument must be', () => {
    const said = (name: string, given: Readonly<Record<string, Written>>): string[] =>
      apply(name, [['N', 8, 8, 8]], given).problems.map(({ code, message }) => `${message} [${code}]`);
    assert.deepEqual(said('Conv2d', { out_channels: '8', kernel_size: 3 }), [
      'Conv2d takes a whole number of at least 1 for out_channels, not "8". [argument-type]',
    ]);
    assert.deepEqual(said('Conv2d', { out_channels: 8, kernel_size: 0 }), [
      'Conv2d takes a whole number of at least 1 for kernel_size, not 0. [argument-value]',
    ]);
    assert.deepEqual(said('Dropout', { p: 2 }), ['Dropout takes a number from 0 to 1 for p, not 2. [argument-value]']);
    assert.deepEqual(said('Linear', { out_features: ratio(7, 2) }), [
      "Linear takes a whole number of at least 1 for out_features, not 7 / 2, which isn't whole. Write // for a whole quotient. [division-inexact]",
    ]);
    assert.deepEqual(said('Conv2d', { out_channels: 8, kernel_size: 3, in_channels: 4 }), [
      'Conv2d is given in_channels=4 but gets [N, 8, 8, 8], which makes it 8. It need not be given: it is worked out. [inferred-mismatch]',
    ]);
    assert.deepEqual(said('Flatten', { start_dim: 5 }), [
      'Flatten asks for dimension 5 of a tensor of 4 dimensions: they are numbered 0 to 3, or -4 to -1 from the end. [dimension-range]',
    ]);
  });

  it('attends to itself, or to others of another size', () => {
    const own = apply('MultiheadAttention', [['N', 'L', 64]], { num_heads: 8 });
    assert.deepEqual(keysOf(own), ['in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias']);
    const other = apply(
      'MultiheadAttention',
      [
        ['N', 5, 64],
        ['N', 7, 32],
        ['N', 7, 64],
      ],
      { num_heads: 8 },
    );
    assert.deepEqual(keysOf(other).slice(0, 3), ['q_proj_weight', 'k_proj_weight', 'v_proj_weight']);
    assert.equal(other.arguments.kdim, constant(32));
    assert.equal(other.arguments.vdim, undefined);
  });

  it('multiplies by letters', () => {
    const scores = apply(
      'Einsum',
      [
        ['B', 8, 'L', 64],
        ['B', 8, 'S', 64],
      ],
      { equation: 'bhid, bhjd -> bhij' },
    );
    assert.deepEqual([shapes(scores), format(scores.macs)], ['[B, 8, L, S]', '512 * B * L * S']);
    const mixed = apply('Einsum', [['N', 'C', 'H', 'W'], ['C']], { equation: 'nc...,c' });
    assert.equal(shapes(mixed), '[H, W, N]');
    const diagonal = apply('Einsum', [['H', 'W']], { equation: 'ii->i' });
    assert.deepEqual([shapes(diagonal), diagonal.conditions], ['[H]', ['H == W']]);
  });

  it('puts back what was cut out, at free sizes, too', () => {
    const columns = apply('Unfold', [['N', 3, 'H', 16]], { kernel_size: 4, stride: 4 });
    assert.equal(shapes(columns), '[N, 48, H // 4 * 4]');
    const other = apply('Fold', [['N', 48, 'L']], { output_size: [16, 16], kernel_size: 4, stride: 4 });
    assert.deepEqual([shapes(other), other.conditions], ['[N, 3, 16, 16]', ['L == 16']]);
  });

  it('needs two offsets where the last is no bag', () => {
    const [numbers, offsets] = [['L'], [1]].map((shape) => tensor(shape, 'int64'));
    const said: string[] = [];
    applyLayer(
      findLayer('EmbeddingBag')!,
      new Map([
        ['num_embeddings', valueOf(10)],
        ['embedding_dim', valueOf(4)],
        ['include_last_offset', valueOf(true)],
      ]),
      [numbers!, offsets!],
      {
        problem: ({ code }) => said.push(code),
        condition: () => undefined,
        buildTime: () => true,
        example: (value) => value,
      },
    );
    assert.deepEqual(said, ['size-vanishes']);
  });

  it('takes int64 for an Embedding and floats elsewhere', () => {
    assert.deepEqual(
      apply('Embedding', [['N', 5]], { num_embeddings: 10, embedding_dim: 8 }).problems.map(({ message }) => message),
      ['Embedding needs whole numbers (int64) but gets floats.'],
    );
    const embedded = apply('Embedding', [['N', 5]], { num_embeddings: 10, embedding_dim: 8 }, { type: 'int64' });
    assert.deepEqual([shapes(embedded), embedded.outputs?.[0]?.type], ['[N, 5, 8]', 'float']);
  });
});

function ratio(numerator: number, denominator: number): Value {
  return { kind: 'ratio', numerator: constant(numerator), denominator: constant(denominator) };
}

function keysOf({ weights }: Applied): string[] {
  return weights.filter(({ present }) => present === undefined || present === TRUE).map(({ name }) => name);
}
