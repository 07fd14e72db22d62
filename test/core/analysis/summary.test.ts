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
