import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { atUsualSize, totalsOf } from '../../../server/src/core/analysis/summary.ts';
import { constantValue } from '../../../server/src/core/dimension.ts';
import { analyseText } from '../texts.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

/** Official figures by model: parameters and GMACs at the size that the weights were measured at. */
const official = new Map(
  readFileSync(join(fixtures, 'torchvision.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .map(([name, , , , parameters, , , gmacs]) => [name, { parameters, gmacs: Number(gmacs) }]),
);

describe("torchvision's models", () => {
  for (const file of globSync('torchvision/*.scv', { cwd: fixtures })) {
    const name = basename(file, '.scv');
    it(`${name} has its official figures`, () => {
      const { facts, problems } = analyseText(readFileSync(join(fixtures, file), 'utf8'));
      // Of a bias that changes nothing a hint is given: torchvision has it, too.
      assert.deepEqual(
        problems.filter((problem) => !problem.startsWith('hint:')),
        [],
      );
      const { instance } = atUsualSize(facts.session, facts.models.at(-1)!);
      const { parameters, macs } = totalsOf(instance);
      const gmacs = Number((Number(constantValue(macs)) / 1e9).toFixed(3));
      assert.deepEqual({ parameters: String(constantValue(parameters)), gmacs }, official.get(name));
    });
  }
});
