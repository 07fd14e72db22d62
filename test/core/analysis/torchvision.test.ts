import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { DiskProgram, uriOfPath } from '../../../server/src/cli/files.ts';
import { Analyser } from '../../../server/src/core/analysis/analyse.ts';
import { totalsOf } from '../../../server/src/core/analysis/summary.ts';
import { constantValue } from '../../../server/src/core/dimension.ts';
import { TORCHVISION, type TorchvisionModel, instanceOf, officialOf } from '../../fixtures/torchvision.ts';

const fixtures = globSync('test/fixtures/torchvision/*.scv').map((file) => ({ name: basename(file, '.scv'), file }));

describe("torchvision's models", () => {
  const program = new DiskProgram();
  const analyser = new Analyser();
  for (const model of [...TORCHVISION, ...fixtures] as TorchvisionModel[]) {
    it(`${model.name} has its official figures`, () => {
      const facts = analyser.analyse(program, uriOfPath(model.file));
      // Of a bias that changes nothing a hint is given: torchvision has it, too.
      assert.deepEqual(
        facts.problems.filter(({ severity }) => severity !== 'hint'),
        [],
      );
      const official = officialOf(model);
      const { parameters, macs } = totalsOf(instanceOf(facts, model));
      assert.equal(constantValue(parameters), official.parameters);
      if (official.gmacs === undefined) return;
      assert.equal(Number((Number(constantValue(macs)) / 1e9).toFixed(3)), official.gmacs);
    });
  }
});
