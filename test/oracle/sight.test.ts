/**
 * What each layer's entry says that a place of its output sees, and whether its output is a view, against what changes
 * in PyTorch when places of the input do.
 *
 * SCV_SEED repeats a run, SCV_CASES says how many cases a layer (8), SCV_LAYER names one layer.
 */
import assert from 'node:assert/strict';
import { constantValue } from '../../server/src/core/dimension.ts';
import { LAYERS } from '../../server/src/core/layers/catalogue.ts';
import type { Layer } from '../../server/src/core/layers/layer.ts';
import type { Seen } from '../../server/src/core/layers/sight.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';
import { type Case, makeCase, shaped } from './layers/cases.ts';
import { ours, toTorch } from './layers/compare.ts';
import { toPython } from './layers/literal.ts';
import { Torch, type TorchChanges, type TorchSight } from './layers/process.ts';

/** Where `all` means any of them: as the data have it, or up to the own place. */
function seesSome({ layer, arguments: given }: Case): boolean {
  return layer === 'GridSample' || given.is_causal === true;
}

/** Nothing is dropped then, and torch's kernels differ in whether they copy. */
function dropsNothing({ arguments: { p } }: Case): boolean {
  return p !== undefined && ['0', '0.0'].includes(toPython(p));
}

describe(`what layers see, as PyTorch has it (SCV_SEED=${SEED})`, function () {
  this.timeout(0);
  let torch: Torch;
  before(async () => {
    torch = await Torch.start();
  });
  after(() => torch.stop());

  for (const layer of LAYERS.filter(({ name }) => (process.env.SCV_LAYER ?? name) === name)) {
    it(layer.name, async () => {
      assert.ok(
        layer.sees,
        `${layer.name} doesn't say what a place of its output sees: give its entry \`sees\` (layers/sight.ts has the usual ones)`,
      );
      const random = new Random(SEED, `sight ${layer.name}`);
      const cases: Case[] = [];
      for (let i = 0; cases.length < caseCount(8, 60) && i < 2000; i++) {
        const made = makeCase(layer, random);
        if (isOfUse(layer, made) && ours(made).errors.length === 0 && ours(made).applied.complete) cases.push(made);
      }
      const answers = await torch.sights(cases.map(toTorch));
      let compared = 0;
      answers.forEach((answer, i) => {
        if (answer.error !== undefined) return;
        compared += 1;
        const what = difference(layer, cases[i]!, answer);
        assert.equal(what, undefined, `${what ?? ''}\n${JSON.stringify(cases[i])}`);
      });
      assert.ok(
        compared >= cases.length / 2,
        `only ${compared} of ${cases.length} cases: ${answers.find(({ error }) => error)?.error ?? ''}`,
      );
    });
  }
});

/** Of whole numbers many are the same, so that a change of one of them shows little. */
function isOfUse({ inputs: { type = 'float', types } }: Layer, { inputs }: Case): boolean {
  const wanted = types?.[0] ?? type;
  return inputs[0]?.type !== 'int64' || wanted === 'int64';
}

function difference(layer: Layer, given: Case, { seen, views }: TorchSight): string | undefined {
  const { applied } = ours(given);
  const inputs = given.inputs.map(shaped);
  const call = { arguments: applied.arguments, inputs, input: inputs[0]! };
  for (const [index, { shape, type }] of applied.outputs!.entries()) {
    if (index >= views.length) continue;
    const isView = layer.isView?.(applied.arguments) ?? false;
    if (isView !== views[index] && !dropsNothing(given))
      return `output ${index} is ${views[index] ? '' : 'no '}view in torch`;
    // Where something was found says little of what was looked at.
    if (type === 'int64' && inputs[0]!.type === 'float') continue;
    const sights = layer.sees!(call, shape!, index);
    for (const [i, sight] of sights.entries()) {
      if (sight === 'reshaped') continue;
      if (sight.length !== inputs[i]!.shape.length) return `input ${i} has ${sight.length} dimensions in what is seen`;
      for (const [dim, each] of sight.entries()) {
        const size = Number(constantValue(inputs[i]!.shape[dim]!));
        const what = wrong(each, seen[i]![dim]![index]!, size, seesSome(given));
        if (what !== undefined) return `output ${index}, input ${i}, dimension ${dim}: ${what}`;
      }
    }
  }
  return undefined;
}

function wrong(said: Seen, found: TorchChanges, size: number, isSome: boolean): string | undefined {
  if (said === 'unknown' || found.anywhere === null) return undefined;
  if (said === 'all') return found.ends || isSome ? undefined : 'all is said to be seen, but no value sees both ends';
  if (!('range' in said)) return found.most <= 1 ? undefined : `one place is said to be seen, but ${found.most} are`;
  if (said.along === undefined) {
    const told = said.range(0);
    return JSON.stringify(told) === JSON.stringify(found.anywhere)
      ? undefined
      : `${JSON.stringify(told)} is said, but ${JSON.stringify(found.anywhere)} is seen`;
  }
  for (const [place, hull] of found.along[said.along]!.entries()) {
    const turn = Math.floor(place / said.period);
    const [a, b] = said.range(place % said.period).map((each) => each + turn * said.advance);
    const [first, last] = said.range(place);
    if ((a !== first || b !== last) && (first <= last || a! <= b!))
      return `at ${place} the period says [${a},${b}], the range [${first},${last}]`;
    if (first > last) {
      if (hull !== null) return `place ${place} is said to see nothing, but sees ${JSON.stringify(hull)}`;
      continue;
    }
    // At the edges padding is seen, which torch may take from anywhere.
    if (first < 0 || last >= size || hull === null) continue;
    if (first !== hull[0] || last !== hull[1])
      return `place ${place} is said to see [${first}, ${last}], but sees ${JSON.stringify(hull)}`;
  }
  return undefined;
}
