import assert from 'node:assert/strict';
import { functionHabit, stageHabit } from '../../server/src/core/elaborate/habits.ts';
import { layersByRank } from '../../server/src/core/layers/byRank.ts';
import { nearest } from '../../server/src/core/nearest.ts';
import { analyseText } from './texts.ts';

describe('the name that was meant', () => {
  const names = ['Cos', 'Conv2d', 'Conv1d', 'Linear', 'Sin', 'MaxPool2d', 'classes'];
  const cases: [string, string | undefined][] = [
    ['Con', 'Conv2d'],
    ['Lin', 'Linear'],
    ['clas', 'classes'],
    ['Cov2d', 'Conv2d'],
    ['max_pool2d', 'MaxPool2d'],
    ['conv1d', 'Conv1d'],
    ['Sni', 'Sin'],
    ['w', undefined],
    ['Transformer', undefined],
  ];
  for (const [written, meant] of cases) {
    it(`of ${written} is ${meant ?? 'not known'}`, () => {
      assert.equal(nearest(written, names), meant);
    });
  }
});

describe('layers by rank', () => {
  it('begin with those that take the tensor, the common ones first', () => {
    const first = (rank: number | undefined): string => layersByRank(rank)[0]!.name;
    assert.deepEqual([undefined, 3, 4, 5].map(first), ['Conv2d', 'Conv1d', 'Conv2d', 'Conv3d']);
  });
});

describe('habits', () => {
  it('of torch lead to a layer that there is', () => {
    for (const name of ['cat', 'concatenate', 'view', 'moveaxis', 'swapaxes', 'upsample', 'narrow', 'tile', 'relu']) {
      assert.match(functionHabit(name, [])?.message ?? '', /write x -> [A-Z]/, name);
    }
    assert.match(stageHabit('View', [])?.message ?? '', /write Reshape\./);
  });

  it('are written as one chain', () => {
    const { messages } = analyseText('model A { input x: [N, 3, 8, 8]  output max_pool2d(relu(x), 2) }');
    assert.match(messages[0]!, /write x -> ReLU -> MaxPool2d\(2\)\./);
  });

  it('give layers as arguments, too', () => {
    const { messages } = analyseText(
      'block B(act: layer) { input x  output x -> act }\nmodel A { input x: [N, 3, 8, 8]  output x -> B(relu) }',
    );
    assert.deepEqual(messages, ['There is nothing called relu here. Did you mean ReLU?']);
  });
});
