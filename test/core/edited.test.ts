/** No edit of a program makes the analysis throw or hang: words, lines, characters and numbers of every sample change. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Analyser, type FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { format, symbolsOf } from '../../server/src/core/dimension.ts';
import { findLayer } from '../../server/src/core/layers/catalogue.ts';
import type { Layer } from '../../server/src/core/layers/layer.ts';
import { formatShape } from '../../server/src/core/tensor.ts';
import { macsFormula, parameterFormula } from '../../server/src/core/analysis/formulas.ts';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { atUsualSize, rowsOf, totalsOf } from '../../server/src/core/analysis/summary.ts';
import { samples } from '../language/support.ts';
import { analyseText } from './texts.ts';
import { mutated } from '../mutations.ts';
import { Random } from '../random.ts';
import { SEED, timeBox } from '../scale.ts';

const TIME = timeBox(8000, 180_000);
/**
 * Milliseconds of the time of processors, which collect garbage beside, for all that is asked of one text, twice analysed
 * and generated. A recursion without an end in many places takes the longest.
 */
const SLOW = 8000;
/** So many rows of each model are looked at. */
const ROWS = 300;

describe(`edited programs (seed ${String(SEED)})`, function () {
  this.timeout(TIME + 60_000);

  it('are analysed without a throw, soon, anew as after an edit, and each problem has a place and a known code', () => {
    const random = new Random(SEED, 'edits');
    const texts = samples('examples', 'test/golden', 'test/fixtures').map(({ text }) => text);
    const sound = texts.filter((text) => text.length < 4000 && !text.includes('0..1000'));
    let generated = 0;
    for (const end = Date.now() + TIME; Date.now() < end;) {
      // One analyser sees a few versions, as in an editor, and some of them again.
      const analyser = new Analyser();
      let text = random.pick(sound);
      const seen = [text];
      for (let version = 0; version < 6; version++) {
        const started = process.threadCpuUsage();
        try {
          if (look(text, analyser)) generated += 1;
        } catch (error) {
          assert.fail(`${String((error as Error).stack)}\n\n${text}`);
        }
        const { user, system } = process.threadCpuUsage(started);
        const took = (user + system) / 1000;
        assert.ok(took < SLOW, `${took.toFixed(0)} ms for\n${text}`);
        text = random.chance(0.3) ? random.pick(seen) : mutated(text, random.pick(sound), random);
        seen.push(text);
      }
    }
    assert.ok(generated > 0, 'no edited program was legal');
  });

  it('have sizes behind a mistake that are worked out once, and are others behind another', () => {
    const conv = findLayer('Conv2d') as { -readonly [key in keyof Layer]: Layer[key] };
    const { shape } = conv;
    let asked = 0;
    conv.shape = (call) => {
      asked += 1;
      return shape(call);
    };
    try {
      const chain = ' -> Conv2d(4, 3, padding=1)'.repeat(50);
      const { facts } = analyseText(
        `model M {\n  input x: [N, 4, 8, 8]\n  a = x -> Conv2d(4, 3, padding=q)${chain}\n  b = x -> Conv2d(4, 3, padding=q)${chain}\n  output a\n  output b\n}\n`,
      );
      assert.ok(asked < 20, `asked ${String(asked)} times`);
      const unknown = facts.models[0]!.outputs.map(({ tensor: { shape: sizes = [] } }) =>
        sizes.flatMap((size) => [...symbolsOf(size)].filter((name) => name.startsWith('?'))),
      );
      const [a, b] = unknown as [string[], string[]];
      assert.ok(a.length > 0 && b.length > 0);
      assert.deepEqual(
        a.filter((name) => b.includes(name)),
        [],
      );
    } finally {
      conv.shape = shape;
    }
  });

  it('may flatten from any dimension', () => {
    const text = 'block B {\n  input x\n  output x -> Flatten(start_dim=9007199254740992)\n}';
    assert.deepEqual(analyseText(text).problems, []);
  });

  it('know a block that is passed on by its text', () => {
    const text =
      'block Twice(one: layer) {\n  input x\n  output x -> one -> one\n}\nblock Wide {\n  input x\n  output x -> ReLU\n}\nmodel Net {\n  input x: [N, 4]\n  output x -> Twice(Wide)\n}';
    const analyser = new Analyser();
    assert.deepEqual(analyseText(text, analyser).problems, []);
    const edited = text.replace('-> ReLU', '-> Linear(2, 3, 4)');
    assert.deepEqual(analyseText(edited, analyser).problems, analyseText(edited).problems);
    const without = text.replace('block Wide {\n  input x\n', 'block Wide {\n');
    assert.deepEqual(analyseText(without, analyser).problems, analyseText(without).problems);
    assert.deepEqual(analyseText(text, analyser).problems, []);
  });

  it('know a text that comes back, and what is said of its stages', () => {
    const analyser = new Analyser();
    const text = 'model A {\n  input x: [N, 3, 8, 8]\n  output x -> Conv2d(8, 1) -> BatchNorm2d\n}';
    const hint = ['hint:bias-before-norm Conv2d'];
    assert.deepEqual(analyseText(text, analyser).problems, hint);
    assert.deepEqual(analyseText(text.replace('BatchNorm2d', 'ReLU'), analyser).problems, []);
    assert.deepEqual(analyseText(text, analyser).problems, hint);
  });

  it('know a loop in a sketch by what it is fed, though it has another number in another place', () => {
    const analyser = new Analyser();
    const text = (before: string): string =>
      `block Grow(step: int) {\n  input x\n  output x -> for i in 0..3 { Conv2d(x.channels + step * i, 1) }\n}
model A(wide: int = 4, other: int = 2) {\n  input x: [N, 4, 8, 8]\n  y = x ${before}-> Grow(wide) * 2\n  z = x -> Grow(other)
  output (y, z) -> Concat(1) -> Linear(2, 3, 4)\n}`;
    for (const before of ['', '-> for c in [4, 8] { Conv2d(c, 1) -> Grow(c) } ', '-> Grow(wide) ', '']) {
      const { problems, messages } = analyseText(text(before), analyser);
      const anew = analyseText(text(before));
      assert.deepEqual({ problems, messages }, { problems: anew.problems, messages: anew.messages });
    }
  });

  it('know nothing of a recursion that was cut off but where it was', () => {
    const text = `block Deep(n: int) {\n  y = x -> group: (if n != x.channels { Wide(n) } -> Deep(5) * 2\nmodel A {\n  output z = image -> Deep(5) * 2`;
    const analyser = new Analyser();
    for (let time = 0; time < 3; time++) {
      const { problems, messages } = analyseText(text, analyser);
      const anew = analyseText(text);
      assert.deepEqual({ problems, messages }, { problems: anew.problems, messages: anew.messages });
    }
  });

  it('know an import by its names, though nothing is found', () => {
    const analyser = new Analyser();
    const text = 'import { Other } from "./other.scv"\nmodel A { input x: [N, 4]\n output x -> Other }';
    const missing = 'import-not-found "./other.scv"';
    assert.deepEqual(analyseText(text, analyser).problems, [missing]);
    const renamed = text.replace('Other', 'Others');
    assert.deepEqual(analyseText(renamed, analyser).problems, [missing, 'unknown-layer Other']);
    assert.deepEqual(analyseText(text, analyser).problems, [missing]);
  });

  it('are looked at again where a part could not be read, though all others are as before', () => {
    const analyser = new Analyser();
    const text = 'model A {\n  input x: [N, 4], y: [N, 4]\n  output x\n}';
    assert.deepEqual(analyseText(text, analyser).problems, ['hint:unused-input y']);
    const broken = text.replace('output x', 'output x\n  )');
    assert.deepEqual(analyseText(broken, analyser).problems, ['syntax )'], 'what is not read may use it');
    assert.deepEqual(analyseText(text, analyser).problems, ['hint:unused-input y']);
  });
});

const KNOWN: ReadonlySet<string> = new Set(
  [...readFileSync('docs/diagnostics.md', 'utf8').matchAll(/^\| `([a-z-]+)`/gmu)].map(([, code]) => code!),
);

/** @returns whether it became Python */
function look(text: string, analyser: Analyser): boolean {
  const { facts, problems, messages, ranges } = analyseText(text, analyser);
  const anew = analyseText(text);
  // Where that ends hangs on how deep the stack is at that time.
  const isTooDeep = [problems, anew.problems].flat().some((each) => each.startsWith('too-large'));
  const seen = { problems, messages, ranges };
  if (!isTooDeep) assert.deepEqual(seen, { problems: anew.problems, messages: anew.messages, ranges: anew.ranges });
  ranges.forEach(({ start, end }, i) =>
    assert.ok(start >= 0 && start <= end && end <= text.length, `${problems[i]!} at ${start}..${end}`),
  );
  for (const each of problems) {
    const code = each.replace('hint:', '').split(' ', 1)[0]!;
    assert.ok(KNOWN.has(code), `${code} isn't in docs/diagnostics.md`);
  }
  if (!isTooDeep) assert.deepEqual(summaryOf(facts), summaryOf(anew.facts));
  const model = facts.models.at(-1);
  const isLegal =
    !facts.problems.some(({ severity }) => severity === 'error') &&
    problems.every((each) => !each.startsWith('syntax'));
  if (model === undefined || !isLegal || model.size > ROWS) return false;
  return generate(facts.session, model).problems.length === 0;
}

/** Of each model all that is counted, and what each row sees. */
function summaryOf({ session, models }: FileFacts): readonly string[] {
  return models.flatMap((model) => {
    const { instance } = atUsualSize(session, model);
    const { parameters, trainable, stateBytes, macs, activations } = totalsOf(instance);
    return [
      [parameters, trainable, stateBytes, macs, activations].map((count) => format(count)).join(' '),
      ...Array.from(take(rowsOf(instance)), (row) =>
        [
          row.path,
          row.kind,
          formatShape(row.output),
          parameterFormula(row.node),
          macsFormula(row.node, row.macs),
          ...(row.receptiveField ?? []).map(({ size, jump }) => `${size} ${jump?.numerator}/${jump?.denominator}`),
        ].join(' '),
      ),
      ...Array.from(take(stateKeys(instance)), ({ shape }) => formatShape(shape)),
    ];
  });
}

function* take<T>(all: Iterable<T>): Generator<T> {
  let count = 0;
  for (const each of all) {
    yield each;
    count += 1;
    if (count === ROWS) return;
  }
}
