import assert from 'node:assert/strict';
import { macsFormula, parameterFormula } from '../../../server/src/core/analysis/formulas.ts';
import { shortBytes, shortCount, shortMacs, withSeparators } from '../../../server/src/core/analysis/numbers.ts';
import { stateKeys } from '../../../server/src/core/analysis/stateDict.ts';
import { atShapes, atUsualSize, rowsOf, totalsOf } from '../../../server/src/core/analysis/summary.ts';
import type { Model } from '../../../server/src/core/definition.ts';
import { constant, format } from '../../../server/src/core/dimension.ts';
import { formatShape } from '../../../server/src/core/tensor.ts';
import { analyseText } from '../texts.ts';

function rows(text: string): readonly string[] {
  const { facts, problems } = analyseText(text);
  assert.deepEqual(
    problems.filter((each) => !each.startsWith('hint:')),
    [],
  );
  return Array.from(rowsOf(facts.models.at(-1)!), ({ path, kind, output, parameters, macs }) =>
    [path, kind, formatShape(output), format(parameters), format(macs)].join(' '),
  );
}

describe('numbers for people', () => {
  it('are exact below a million, then three figures', () => {
    const said: [bigint, string][] = [
      [0n, '0'],
      [999n, '999'],
      [9_472n, '9,472'],
      [999_499n, '999,499'],
      [999_999n, '1.00 M'],
      [1_000_000n, '1.00 M'],
      [1_234_567n, '1.23 M'],
      [9_994_999n, '9.99 M'],
      [9_996_000n, '10.0 M'],
      [25_557_032n, '25.6 M'],
      [99_960_000n, '100 M'],
      [632_045_800n, '632 M'],
      [999_600_000n, '1.00 B'],
      [1_200_000_000n, '1.20 B'],
      [1_152_921_505_680_588_800n, '1,152,922 T'],
    ];
    for (const [value, text] of said) assert.equal(shortCount(value), text);
    assert.equal(withSeparators(1234567n), '1,234,567');
  });

  it('have their units', () => {
    assert.equal(shortMacs(4_089_184_256n), '4.09 GMACs');
    assert.equal(shortMacs(56_510_400n), '56.5 MMACs');
    assert.equal(shortMacs(341_440n), '341,440 MACs');
    assert.equal(shortBytes(12n), '12 B');
    assert.equal(shortBytes(102_228_128n), '102 MB');
    assert.equal(shortBytes(7_920n), '7.92 kB');
  });
});

describe('formulas', () => {
  function formulas(stage: string, input = '[N, 3, 224, 224]'): readonly (string | undefined)[] {
    const { facts } = analyseText(`model A {\n  input x: ${input}\n  output x -> ${stage}\n}`);
    const [row] = rowsOf(facts.models[0]!);
    return [parameterFormula(row!.node), macsFormula(row!.node, row!.macs)];
  }

  it('show where a count comes from, with its numbers', () => {
    assert.deepEqual(formulas('Conv2d(64, 7, stride=2, padding=3)'), [
      '(3·64·7·7) + 64 = 9,472',
      '(3·64·7·7)·(112·112) = 118,013,952',
    ]);
    assert.deepEqual(formulas('Conv2d(64, 7, bias=False)'), ['3·64·7·7 = 9,408', '(3·64·7·7)·(218·218) = 447,105,792']);
    assert.deepEqual(formulas('Linear(10)', '[N, 84]'), ['(84·10) + 10 = 850', '84·10 = 840']);
    assert.deepEqual(formulas('BatchNorm2d'), ['3 + 3 = 6', undefined]);
    assert.deepEqual(formulas('Embedding(1000, 64)', '[N, 12]'), ['64·1000 = 64,000', undefined]);
    assert.deepEqual(formulas('ReLU'), [undefined, undefined]);
  });

  it('keep free sizes', () => {
    assert.deepEqual(formulas('Conv2d(8, 3, padding=1)', '[N, 3, H, W]'), [
      '(3·8·3·3) + 8 = 224',
      '(3·8·3·3)·(H·W) = 216 * H * W',
    ]);
  });
});

describe('a summary', () => {
  it('has a row a layer: what has no name stands under the module around it', () => {
    assert.deepEqual(
      rows(`block Unit(w: int) { input x  y = x -> Linear(w)  output y + 1 }
        model A { input x: [N, 4]  output x -> stem: (Linear(8) -> ReLU) -> Unit(2) * 2 -> Softmax(1) }`),
      [
        'stem.0 Linear [N, 8] 40 32',
        'stem.1 ReLU [N, 8] 0 0',
        'unit.0.fc Linear [N, 2] 18 16',
        'unit.0 + [N, 2] 0 0',
        'unit.1.fc Linear [N, 2] 6 4',
        'unit.1 + [N, 2] 0 0',
        'softmax Softmax [N, 2] 0 0',
      ],
    );
  });

  it('counts a shared layer once, wherever its uses stand, and its work at each', () => {
    const text = `model A {
      input x: [N, 8]
      layer h = Linear(8)
      layer pair = (h -> Linear(8)) * 2
      y = x -> pair
      output y -> body: (h -> pair) -> h
    }`;
    assert.deepEqual(
      rows(text).map((row) => row.replace('Linear [N, 8] ', '')),
      [
        'pair.0.0 72 64',
        'pair.0.1 72 64',
        'pair.1.0 0 64',
        'pair.1.1 72 64',
        'body.0 0 64',
        'body.1.0.0 0 64',
        'body.1.0.1 0 64',
        'body.1.1.0 0 64',
        'body.1.1.1 0 64',
        'h 0 64',
      ],
    );
    const { facts } = analyseText(text);
    assert.equal(format(totalsOf(facts.models[0]!).parameters), '216');
  });

  it('leaves what is frozen out of the trainable', () => {
    const { facts } = analyseText(`block Unit { input x  output x -> Linear(8) -> Linear(8) }
      model A { input x: [N, 8]  output x -> frozen stem: (Unit -> Linear(8)) -> Unit }`);
    const { parameters, trainable } = totalsOf(facts.models[0]!);
    assert.deepEqual([format(parameters), format(trainable)], ['360', '144']);
  });

  it('counts for one sample, whatever the batch', () => {
    const { facts } = analyseText('model A { input x: [N, 3, H, W]  output x -> Conv2d(8, 1) }');
    const model = facts.models[0]!;
    assert.equal(format(totalsOf(model).macs), '24 * H * W');
    const shape = [16, 3, 10, 10].map((size) => constant(size));
    assert.equal(format(totalsOf(atShapes(facts.session, model.definition as Model, [shape])!).macs), '2400');
    const fixed = analyseText('model A { input x: [4, 3, 10, 10]  output x -> Conv2d(8, 1) }').facts.models[0]!;
    assert.equal(format(totalsOf(fixed).macs), '2400');
  });

  it("is shown at the data set's size where sizes are free", () => {
    const at = (input: string, dataset: string): unknown => {
      const { facts } = analyseText(
        `model A { dataset: ${dataset}  input x: ${input}  output x -> AdaptiveAvgPool2d(1) -> Flatten -> Linear(10) }`,
      );
      const sized = atUsualSize(facts.session, facts.models[0]!);
      return [sized.at, formatShape(sized.instance.inputs[0]!.tensor.shape)];
    };
    assert.deepEqual(at('[N, 1, H, W]', 'MNIST'), [[28, 28], '[N, 1, 28, 28]']);
    assert.deepEqual(at('[N, 3, 8 * h, 8 * w]', 'ImageNet'), [[224, 224], '[N, 3, 224, 224]']);
    assert.deepEqual(at('[N, 3, 100, W]', 'ImageNet'), [[100, 224], '[N, 3, 100, 224]']);
    assert.deepEqual(at('[N, 1, 28, 28]', 'MNIST'), [undefined, '[N, 1, 28, 28]']);
    assert.deepEqual(at('[N, 3, H, W]', 'Unheard'), [undefined, '[N, 3, H, W]']);
  });
});

describe('the state_dict', () => {
  it('has shared layers where they are declared, and in each group that uses them', () => {
    const { facts } = analyseText(`model A {
      input x: [N, 8]
      y = x -> first: Linear(8)
      layer h = Linear(8, bias=False)
      buffer b: [8] = Zeros
      weight w: [8] = Ones
      output y * w + b -> body: (ReLU -> h) -> h
    }`);
    assert.deepEqual(
      Array.from(stateKeys(facts.models[0]!), ({ name, shape }) => `${name} ${formatShape(shape)}`),
      ['w [8]', 'b [8]', 'first.weight [8, 8]', 'first.bias [8]', 'h.weight [8, 8]', 'body.1.weight [8, 8]'],
    );
  });
});

describe('receptive fields', () => {
  function fields(stages: string, input = '[N, 3, 64, 64]'): readonly string[] {
    const { facts, problems } = analyseText(`model A {\n  input x: ${input}\n  output y = ${stages}\n}`);
    assert.deepEqual(problems, []);
    return Array.from(rowsOf(facts.models[0]!), ({ kind, receptiveField }) => {
      const sizes = receptiveField?.map(({ size, jump }) =>
        jump === undefined ? String(size ?? '?') : `${String(size ?? '?')}/${jump.numerator / jump.denominator}`,
      );
      return `${kind} ${sizes?.join(' ') ?? 'nothing'}`;
    });
  }

  it('grow by kernels, dilation and strides, each way on its own', () => {
    assert.deepEqual(
      fields('x -> Conv2d(8, (3, 5), stride=(1, 2)) -> Conv2d(8, 3, dilation=2) -> MaxPool2d(2) -> Conv2d(8, 1)'),
      ['Conv2d 3/1 5/2', 'Conv2d 7/1 13/2', 'MaxPool2d 8/2 15/4', 'Conv2d 8/2 15/4'],
    );
  });

  it('are what all branches see together, which is more than the largest where they lie apart', () => {
    assert.deepEqual(
      fields('x -> [Conv2d(4, 3, padding=1), Conv2d(4, 5, padding=2)] -> Concat(1)').at(-1),
      'Concat 5/1 5/1',
    );
    const apart =
      'x -> [ZeroPad2d((2, 0, 2, 0)) -> Conv2d(4, 3), ZeroPad2d((0, 2, 0, 2)) -> Conv2d(4, 3)] -> Concat(1)';
    assert.deepEqual(fields(apart).at(-1), 'Concat 5/1 5/1');
  });

  it('have no number where branches drift apart, and are all where all is seen', () => {
    const drift = '(x -> Conv2d(4, 2, stride=2)) + (x -> Conv2d(4, 33))';
    assert.deepEqual(fields(drift), ['Conv2d 2/2 2/2', 'Conv2d 33/1 33/1', '+ ? ?']);
    assert.deepEqual(fields('x -> Conv2d(4, 3) -> AdaptiveAvgPool2d(1) -> Flatten -> Linear(2)'), [
      'Conv2d 3/1 3/1',
      'AdaptiveAvgPool2d all all',
      'Flatten all all',
      'Linear all all',
    ]);
    assert.deepEqual(fields('x -> Conv2d(4, 3) -> GroupNorm(2)').at(-1), 'GroupNorm all all');
    // All of one place is that place.
    assert.deepEqual(fields('x -> Conv2d(4, 5) -> Flatten -> Linear(2)', '[N, 3, 5, 5]').at(-1), 'Linear 5 5');
  });

  it('go on through tokens, and back to a map', () => {
    assert.deepEqual(
      fields(
        'x -> Conv2d(8, 16, stride=16) -> Flatten(2) -> Transpose(1, 2) -> LayerNorm -> Linear(8) -> Transpose(1, 2) -> Reshape([N, 8, 4, 4]) -> Conv2d(4, 3)',
      ),
      [
        'Conv2d 16/16 16/16',
        'Flatten 16/16 16/16',
        'Transpose 16/16 16/16',
        'LayerNorm 16/16 16/16',
        'Linear 16/16 16/16',
        'Transpose 16/16 16/16',
        'Reshape 16/16 16/16',
        'Conv2d 48/16 48/16',
      ],
    );
    assert.deepEqual(
      fields('x -> Conv2d(8, 16, stride=16) -> Flatten(2) -> Transpose(1, 2) -> MultiheadAttention(2)').at(-1),
      'MultiheadAttention all all',
    );
  });

  it('are of the input with places; what sees none of it has none', () => {
    assert.deepEqual(fields('x -> Linear(3)', '[N, 4]'), ['Linear nothing']);
    const { facts } = analyseText(
      'model A {\n  input x: [N, 3, 8, 8]\n  weight w: [1, 3, 1, 1] = Ones\n  output y = x * w -> RandnLike\n}',
    );
    assert.deepEqual(
      Array.from(rowsOf(facts.models[0]!), ({ kind, receptiveField }) => [kind, receptiveField?.[0]?.size]),
      [
        ['weight', undefined],
        ['*', 1],
        ['RandnLike', undefined],
      ],
    );
  });
});

describe('activations', () => {
  it('of a layer that is built of layers are what its parts make, and its own where they end otherwise', () => {
    const { facts } = analyseText(
      'model A {\n  input x: [N, 96, 4, 4]\n  output x -> SqueezeExcitation(8) -> Conv2dNormActivation(10, 1)\n}',
    );
    // Mean, two convolutions and their activations, the product; then a convolution, a norm and an activation.
    const squeezed = 96 + 2 * 8 + 2 * 96 + 96 * 16;
    const { activations } = totalsOf(facts.models[0]!);
    assert.equal(format(activations), String(squeezed + 3 * 10 * 16));
  });

  it('are what comes out of all that makes values, not of views, nor in place', () => {
    const { facts } = analyseText(
      'model A {\n  input x: [4, 3, 8, 8]\n  a = x -> Conv2d(2, 3) -> ReLU(inplace=True) -> Flatten\n  output y = a + a -> Linear(5)\n}',
    );
    assert.deepEqual(
      Array.from(rowsOf(facts.models[0]!), ({ kind, activations }) => `${kind} ${format(activations)}`),
      ['Conv2d 72', 'ReLU 0', 'Flatten 0', '+ 72', 'Linear 5'],
    );
    const { activations, activationBytes, stateBytes } = totalsOf(facts.models[0]!);
    assert.deepEqual(
      [activations, activationBytes, stateBytes].map((each) => format(each)),
      ['149', '596', String(4 * (56 + 365))],
    );
  });

  it('are counted in bytes by type', () => {
    const { facts } = analyseText(
      'model A {\n  input x: [N, 6]\n  a, i = x -> Max(1)\n  output b = x > 0\n  output v = a\n  output j = i\n}',
    );
    assert.equal(format(totalsOf(facts.models[0]!).activationBytes), String(4 + 8 + 6));
  });
});
