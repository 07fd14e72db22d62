/**
 * Every layer against PyTorch: the same shapes, weights and multiply-adds, or both refuse.
 *
 * SCV_SEED repeats a run, SCV_CASES says how many cases a layer (20), SCV_LAYER names one layer.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LAYERS } from '../../server/src/core/layers/catalogue.ts';
import type { Layer } from '../../server/src/core/layers/layer.ts';
import { type Case, makeCase } from './layers/cases.ts';
import { isChoice } from './layers/choices.ts';
import { difference, ours, symbolicDifference, toTorch } from './layers/compare.ts';
import { toPython } from './layers/literal.ts';
import { Torch } from './layers/process.ts';
import { Random } from '../random.ts';
import { simpler } from './layers/simpler.ts';
import { SEED, caseCount } from '../scale.ts';

const seed = SEED;
const count = caseCount(20, 200);
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
      return difference(mine, answer) ?? symbolicDifference(given, mine, new Random(seed, JSON.stringify(given)));
    });
  }

  async function simplest(given: Case, found: string): Promise<[Case, string]> {
    for (const next of simpler(given)) {
      const [still] = await differences([next]);
      if (still !== undefined && kindOf(still) === kindOf(found)) return simplest(next, still);
    }
    return [given, found];
  }

  it("have torch's parameters, in its order, with its defaults", async () => {
    for (const layer of LAYERS) {
      if (layer.python.kind !== 'module' || layer.python.source !== undefined) continue;
      const told = await torch.signature(layer.python.constructor);
      assert.ok(told.parameters, told.error);
      // Torch doesn't say more of those: `*args, **kwargs`.
      if (told.parameters.some(({ name }) => name === 'args')) continue;
      const mine = Object.entries(layer.parameters).map(([name, parameter]) => ({
        name,
        default: parameter.torchDefault ?? parameter.default?.replaceAll('"', "'") ?? null,
        keywordOnly: parameter.keywordOnly ?? false,
      }));
      const theirs = told.parameters.filter(({ name }) => NOT_HERE[layer.name]?.includes(name) !== true);
      assert.deepEqual(mine, theirs, layer.name);
    }
  });

  it("do as torchvision's classes where torch has none", async () => {
    const layerNorm = {
      layer: 'LayerNorm2d',
      arguments: {},
      inputs: [{ shape: [2, 8, 5, 5], type: 'float' }],
    } as const;
    const depth = (mode: string) => ({
      ...layerNorm,
      layer: 'StochasticDepth',
      arguments: { p: { float: 0.4 }, mode },
    });
    const answers = await torch.ask([
      { ...toTorch(layerNorm), same: 'torchvision.models.convnext.LayerNorm2d(8)' },
      { ...toTorch(depth('row')), same: 'torchvision.ops.StochasticDepth(0.4, "row")' },
      { ...toTorch(depth('batch')), same: 'torchvision.ops.StochasticDepth(0.4, "batch")' },
    ]);
    for (const { error } of answers) assert.equal(error, undefined);
  });

  for (const layer of LAYERS.filter(({ name }) => (process.env.SCV_LAYER ?? name) === name)) {
    it(layer.name, async () => {
      const random = new Random(seed, layer.name);
      const cases = [
        ...kept.filter((each) => each.layer === layer.name),
        ...Array.from({ length: count }, () => makeCase(layer, random)),
      ];
      const found = await differences(cases);
      const first = found.findIndex((each) => each !== undefined);
      if (first < 0) {
        if (count >= 200) checkCoverage(layer, cases);
        return;
      }
      const [given, what] = await simplest(cases[first]!, found[first]!);
      const number = found.filter((each) => each !== undefined).length;
      assert.fail(
        `${what}\n${JSON.stringify(given)}\n${toTorch(given).module ?? ''} ${toTorch(given).forward}\n${number} of ${cases.length} cases`,
      );
    });
  }
});

/** Parameters of torch's that no model is written with: what they replace is older, or comes from outside. */
const NOT_HERE: Readonly<Partial<Record<string, readonly string[]>>> = {
  Embedding: ['_weight', '_freeze'],
  Hardtanh: ['min_value', 'max_value'],
};

/** The part of a difference that has no numbers, so that a case isn't made simpler into another mistake. */
function kindOf(what: string): string {
  return what.slice(0, 12);
}

/** Enough of the cases must be legal, and each argument must be seen off its default. */
function checkCoverage(layer: Layer, cases: readonly Case[]): void {
  const legal = cases.filter((given) => ours(given).errors.length === 0);
  assert.ok(legal.length >= 0.4 * cases.length, `only ${legal.length} of ${cases.length} cases are legal`);
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    if (parameter.infer !== undefined || parameter.choices?.length === 1) continue;
    const seen = legal.filter((given) => {
      const literal = given.arguments[name];
      return literal !== undefined && toPython(literal) !== parameter.default;
    });
    assert.ok(seen.length >= 20, `${name} is off its default in only ${seen.length} legal cases`);
  }
}
