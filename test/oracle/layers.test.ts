/**
 * Every layer against PyTorch: the same shapes, weights and multiply-adds, or both refuse.
 *
 * SCV_SEED repeats a run, SCV_CASES says how many cases a layer (20), SCV_LAYER names one layer.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LAYERS } from '../../server/src/core/layers/catalogue.ts';
import { type Case, makeCase } from './layers/cases.ts';
import { isChoice } from './layers/choices.ts';
import { difference, ours, symbolicDifference, toTorch } from './layers/compare.ts';
import { Torch } from './layers/process.ts';
import { Random } from './layers/random.ts';
import { simpler } from './layers/simpler.ts';

const seed = Number(process.env['SCV_SEED'] ?? Date.now() % 2 ** 31);
const count = Number(process.env['SCV_CASES'] ?? 20);
const kept = JSON.parse(readFileSync(new URL('layers/kept.json', import.meta.url), 'utf8')) as Case[];

describe(`layers as PyTorch has them (SCV_SEED=${seed})`, function () {
  this.timeout(0);
  let torch: Torch;
  before(async () => {
    torch = await Torch.start();
  });
  after(() => torch.stop());

  async function differences(cases: readonly Case[]): Promise<(string | undefined)[]> {
    const answers = await torch.ask(cases.map(toTorch));
    return cases.map((given, i) => {
      const mine = ours(given);
      const answer = answers[i]!;
      if (answer.error === undefined && isChoice(mine.errors[0], given)) return undefined;
      return (
        difference(given, mine, answer) ?? symbolicDifference(given, mine, new Random(seed, JSON.stringify(given)))
      );
    });
  }

  async function simplest(given: Case, found: string): Promise<[Case, string]> {
    for (const next of simpler(given)) {
      const [still] = await differences([next]);
      if (still !== undefined && kindOf(still) === kindOf(found)) return simplest(next, still);
    }
    return [given, found];
  }

  for (const layer of LAYERS.filter(({ name }) => (process.env['SCV_LAYER'] ?? name) === name)) {
    it(layer.name, async () => {
      const random = new Random(seed, layer.name);
      const cases = [
        ...kept.filter((each) => each.layer === layer.name),
        ...Array.from({ length: count }, () => makeCase(layer, random)),
      ];
      const found = await differences(cases);
      const first = found.findIndex((each) => each !== undefined);
      if (process.env['SCV_COVERAGE'] !== undefined) tell(layer.name, cases);
      if (first < 0) return;
      const [given, what] = await simplest(cases[first]!, found[first]!);
      const number = found.filter((each) => each !== undefined).length;
      assert.fail(
        `${what}\n${JSON.stringify(given)}\n${toTorch(given).constructor ?? ''} ${toTorch(given).forward}\n${number} of ${cases.length} cases`,
      );
    });
  }
});

/** The part of a difference that has no numbers, so that a case isn't made simpler into another mistake. */
function kindOf(what: string): string {
  return what.slice(0, 12);
}

function tell(name: string, cases: readonly Case[]): void {
  const legal = cases.filter((given) => ours(given).errors.length === 0);
  const seen = new Map<string, number>();
  for (const given of legal) {
    for (const argument of Object.keys(given.arguments)) seen.set(argument, (seen.get(argument) ?? 0) + 1);
  }
  console.log(`${name}: ${Math.round((100 * legal.length) / cases.length)} % legal`, Object.fromEntries(seen));
}
