/** Nothing of torch.nn is forgotten: each of its modules is in the catalogue, or it is written why not. */
import assert from 'node:assert/strict';
import { LOSSES } from '../../server/src/core/analysis/checks/trainingTables.ts';
import { ABSENT, whyAbsent } from '../../server/src/core/layers/absent.ts';
import { findLayer } from '../../server/src/core/layers/catalogue.ts';
import { Torch } from './layers/process.ts';

describe('the modules of torch.nn', function () {
  this.timeout(0);
  let classes: readonly string[];
  before(async () => {
    const torch = await Torch.start();
    classes = await torch.classes();
    torch.stop();
    assert.ok(classes.length > 150, `only ${classes.length} classes`);
  });

  it('are layers, or it is written why not', () => {
    const forgotten = classes.filter((name) => findLayer(name) === undefined && whyAbsent(name) === undefined);
    assert.deepEqual(forgotten, []);
  });

  it('have one reason at most, and no reason where they are layers', () => {
    assert.deepEqual(
      classes.filter((name) => findLayer(name) !== undefined && whyAbsent(name) !== undefined),
      [],
    );
    assert.deepEqual(
      ABSENT.filter((name) => !classes.includes(name)),
      [],
    );
  });

  it('are told to the training where that knows them', () => {
    const losses = classes.filter((name) => name.endsWith('Loss'));
    assert.ok(losses.length > 20);
    for (const name of losses) {
      assert.equal(whyAbsent(name)?.endsWith(`train { loss: ${name} }.`), name in LOSSES, name);
    }
  });
});
