/** New models run in PyTorch: with the shapes, counts and keys that are told, forward and backward. */
import assert from 'node:assert/strict';
import { TEMPLATES, newModel } from '../../server/src/core/templates.ts';
import { prepare } from './programs/check.ts';
import { Judge } from './programs/judge.ts';

/** One of each size of images. */
const DATASETS = ['MNIST', 'CIFAR10', 'EMNIST', 'STL10', 'Digits', 'Flowers102', 'ImageFolder', 'VOCSegmentation'];

describe('templates in PyTorch', function () {
  this.timeout(120_000);

  it('run as they are told', async () => {
    const judge = await Judge.start();
    const cases = TEMPLATES.flatMap(({ id, datasets }) =>
      datasets.filter(({ name }) => DATASETS.includes(name)).map(({ name }) => [id, name] as const),
    );
    const prepared = cases.map(([id, name]) => prepare(newModel(id, name)));
    assert.deepEqual(
      prepared.flatMap((each, i) => (each.kind === 'ready' ? [] : [`${cases[i]!.join(' for ')}: ${each.why}`])),
      [],
    );
    const failures = await judge.failures(prepared);
    judge.stop();
    assert.deepEqual(
      failures.flatMap((why, i) => (why === undefined ? [] : [`${cases[i]!.join(' for ')}: ${why}`])),
      [],
    );
    assert.ok(cases.length >= 18, String(cases.length));
  });
});
