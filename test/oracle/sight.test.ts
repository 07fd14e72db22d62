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
import type { Seen, SightCall } from '../../server/src/core/layers/sight.ts';
import type { Shape } from '../../server/src/core/tensor.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';
import { type Case, makeCase, shaped } from './layers/cases.ts';
import { ours, toTorch } from './layers/compare.ts';
import { isLayer, toPython } from './layers/literal.ts';
import { Torch, type TorchCase, type TorchChanges, type TorchSight } from './layers/process.ts';

/** Where only some of what is told is seen: as the data have it, up to the own place, or with gaps in what is mixed. */
function seesSome({ layer, arguments: given }: Case): boolean {
  const isMixed = isLayer(given.norm_layer) && /^(Instance|Group)Norm/.test(given.norm_layer.layer);
  return (
    (isMixed && given.stride !== undefined) ||
    ['GridSample', 'RoIAlign'].includes(layer) ||
    layer.startsWith('MaxUnpool') ||
    // A place of the kernel may lie in the padding wherever the kernel stands.
    (layer === 'Fold' && given.padding !== undefined) ||
    given.is_causal === true
  );
}

/** What torch is asked: with indices that a pooling may give, and in the shapes that places are told in. */
function asked(layer: Layer, given: Case): TorchCase {
  const call = callOf(given);
  const [output] = ours(given).applied.outputs!;
  const [sight] = layer.sees!(call, output!.shape!, 0);
  const { from, to } = sight !== undefined && typeof sight === 'object' && 'seen' in sight ? sight : {};
  const numbers = (value: unknown): readonly number[] => (value as Shape).map((size) => Number(constantValue(size)));
  const { kernel_size, stride, padding } = call.arguments;
  const made = [output!.shape, call.input.shape, kernel_size, stride ?? kernel_size, padding].map((each) =>
    JSON.stringify(layer.name.startsWith('MaxUnpool') ? numbers(each) : []),
  );
  return {
    ...toTorch(given),
    ...(from === undefined ? {} : { from: numbers(from) }),
    ...(to === undefined ? {} : { to: numbers(to) }),
    ...(layer.name.startsWith('MaxUnpool') ? { made: { 1: `pool_indices(${made.join(', ')})` } } : {}),
  };
}

function callOf(given: Case): SightCall {
  const { applied } = ours(given);
  const inputs = given.inputs.map(shaped);
  return { arguments: applied.arguments, parts: applied.parts, inputs, input: inputs[0]! };
}

/** Nothing is dropped then, and torch's kernels differ in whether they copy. */
function dropsNothing({ arguments: { p } }: Case): boolean {
  return p !== undefined && ['0', '0.0'].includes(toPython(p));
}

/** An ellipsis that is summed over may stand for no dimension. */
function sumsNothing({ arguments: { equation } }: Case): boolean {
  return typeof equation === 'string' && /\.\.\..*->(?!.*\.\.\.)/.test(equation);
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
        if (
          isOfUse(layer, made) &&
          couldBePooled(made) &&
          ours(made).errors.length === 0 &&
          ours(made).applied.complete
        )
          cases.push(made);
      }
      const answers = await torch.sights(cases.map((each) => asked(layer, each)));
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

/** Of whole numbers and truths many are the same, so that a change of one of them shows little. */
function isOfUse({ inputs: { type = 'float', types } }: Layer, { inputs }: Case): boolean {
  const wanted = types?.[0] ?? type;
  const given = inputs[0]?.type;
  return (given !== 'int64' && given !== 'bool') || wanted === given;
}

/** What MaxUnpool undoes is a pooling, whose padding is at most half of its window. */
function couldBePooled({ layer, arguments: given }: Case): boolean {
  if (!layer.startsWith('MaxUnpool')) return true;
  const [kernels, paddings] = [given.kernel_size, given.padding ?? 0].map((each) => [each].flat() as number[]);
  return paddings!.every((padding) => kernels!.every((kernel) => 2 * padding <= kernel));
}

function difference(layer: Layer, given: Case, { seen, views }: TorchSight): string | undefined {
  const { applied } = ours(given);
  const call = callOf(given);
  for (const [index, { shape, type }] of applied.outputs!.entries()) {
    if (index >= views.length) continue;
    const isView = layer.isView?.(applied.arguments) ?? false;
    if (isView !== views[index] && !dropsNothing(given) && !sumsNothing(given))
      return `output ${index} is ${views[index] ? '' : 'no '}view in torch`;
    // Where something was found says little of what was looked at.
    if (type === 'int64' && call.input.type === 'float') continue;
    const sights = layer.sees!(call, shape!, index);
    for (const [i, sight] of sights.entries()) {
      if (sight === 'reshaped') continue;
      // Inputs that were made are as they are.
      if (seen[i]!.length === 0) continue;
      const { from = call.inputs[i]!.shape, seen: dims } = 'seen' in sight ? sight : { seen: sight };
      if (dims.length !== from.length) return `input ${i} has ${dims.length} dimensions in what is seen`;
      for (const [dim, each] of dims.entries()) {
        const size = Number(constantValue(from[dim]!));
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
    const [a, b] = said.range(place % said.period).map((each) => each! + turn * said.advance);
    const [first, last] = said.range(place);
    if ((a !== first || b !== last) && (first <= last || a! <= b!))
      return `at ${place} the period says [${a},${b}], the range [${first},${last}]`;
    if (first > last) {
      if (hull !== null) return `place ${place} is said to see nothing, but sees ${JSON.stringify(hull)}`;
      continue;
    }
    // At the edges padding is seen, which torch may take from anywhere.
    if (first < 0 || last >= size || hull === null) continue;
    if (isSome ? hull[0] < first || hull[1] > last : first !== hull[0] || last !== hull[1])
      return `place ${place} is said to see [${first}, ${last}], but sees ${JSON.stringify(hull)}`;
  }
  return undefined;
}
