import assert from 'node:assert/strict';
import { type Computation, computationOf } from '../../server/src/core/analysis/computation.ts';
import { samples } from '../language/support.ts';
import { analyseText } from './texts.ts';

function computation(...lines: string[]): Computation {
  const { facts } = analyseText(`model M {\n  input x: [N, 4, 8, 8]\n${lines.join('\n')}\n}\n`);
  return computationOf(facts.models[0]!)!;
}

describe('what a model computes', () => {
  const plain = computation('output x -> Conv2d(4, 1) -> ReLU');

  it('is told step by step, with what goes in', () => {
    const { outline, keys } = computation('a = x -> Conv2d(4, 1)', 'output a + (x -> c: Conv2d(4, 1))');
    assert.deepEqual(outline, ['Conv2d input 0', 'Conv2d input 0', 'operator 0.0 1.0']);
    const names = ['conv.weight', 'conv.bias', 'c.weight', 'c.bias'];
    assert.deepEqual(keys, [...names, ...names]);
  });

  it('is the same under other names, in groups and in blocks', () => {
    for (const line of [
      'output x -> c: Conv2d(4, 1) -> ReLU',
      'output x -> (Conv2d(4, 1) -> ReLU)',
      'output x -> Conv2d(out_channels=2 * 2, kernel_size=[1, 1]) -> ReLU',
      'y = x -> Conv2d(4, 1)\noutput y -> ReLU',
    ])
      assert.deepEqual(computation(line).steps, plain.steps, line);
    const block = 'block B(n: int) {\n  input y\n  output y -> Conv2d(n, 1) -> ReLU\n}\n';
    const { facts } = analyseText(`${block}model M {\n  input x: [N, 4, 8, 8]\n  output x -> B(4)\n}\n`);
    assert.deepEqual(computationOf(facts.models[0]!)!.steps, plain.steps);
  });

  it('is another for another layer, argument, source, size, order or what is frozen', () => {
    for (const line of [
      'output x -> Conv2d(4, 1) -> Tanh',
      'output x -> Conv2d(4, 3, padding=1) -> ReLU',
      'output x -> ReLU -> Conv2d(4, 1)',
      'output x -> frozen c: Conv2d(4, 1) -> ReLU',
      'output y = x -> Conv2d(4, 1) -> ReLU',
      'output x -> Conv2d(4, 1)',
    ])
      assert.notDeepEqual(computation(line).steps, plain.steps, line);
    assert.notDeepEqual(
      computation('a = x -> ReLU', 'b = x -> Tanh', 'output a / b').steps,
      computation('a = x -> ReLU', 'b = x -> Tanh', 'output b / a').steps,
    );
  });

  it('tells which layers share their weights', () => {
    const [twice, group, inBlock, turns, copies] = [
      'layer f = Conv2d(4, 1)\noutput x -> f -> f',
      'layer f = Conv2d(4, 1)\nlayer g = (f -> ReLU)\noutput x -> f -> g',
      'output x -> (A -> A)',
      'layer f = Conv2d(4, 1)\noutput x -> f * 2',
      'output x -> Conv2d(4, 1) * 2',
    ].map((lines) => {
      const block = 'block A {\n  input y\n  layer f = Conv2d(4, 1)\n  output y -> f\n}\n';
      const { facts } = analyseText(`${block}model M {\n  input x: [N, 4, 8, 8]\n${lines}\n}\n`);
      return computationOf(facts.models[0]!)!;
    });
    assert.deepEqual(twice!.outline, ['Conv2d input 0', 'Conv2d with the weights of 0 0.0']);
    assert.deepEqual(turns!.steps, twice!.steps);
    assert.deepEqual(copies!.outline, ['Conv2d input 0', 'Conv2d 0.0']);
    assert.deepEqual(inBlock!.steps, copies!.steps);
    assert.deepEqual(group!.outline, ['Conv2d input 0', 'Conv2d with the weights of 0 0.0', 'ReLU 1.0']);
  });

  it('has a weight where it is first used', () => {
    const late = computation('a = x -> Conv2d(4, 1)', 'weight w: [4, 1, 1]', 'output a * w');
    assert.deepEqual(late.outline, ['Conv2d input 0', 'weight', 'operator 0.0 1.0']);
    assert.deepEqual(computation('weight w: [4, 1, 1]', 'a = x -> Conv2d(4, 1)', 'output a * w').steps, late.steps);
  });

  it('is the same each time', () => {
    for (const { name, text } of samples('examples/blocks', 'test/golden/names')) {
      const [once, again] = [analyseText(text), analyseText(text)].map(({ facts }) =>
        [...facts.models, ...[...facts.instances.values()].flat()].map(computationOf),
      );
      assert.deepEqual(again, once, name);
    }
  });
});
