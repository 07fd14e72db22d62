/** No edit of a program makes the analysis throw: words are dropped, doubled and exchanged in every sample. */
import assert from 'node:assert/strict';
import { formatShape } from '../../server/src/core/tensor.ts';
import { macsFormula, parameterFormula } from '../../server/src/core/analysis/formulas.ts';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { atUsualSize, rowsOf, totalsOf } from '../../server/src/core/analysis/summary.ts';
import { samples } from '../language/support.ts';
import { analyseText } from './texts.ts';
import { Random } from '../random.ts';
import { SEED, isLong } from '../scale.ts';

const TIME = isLong ? 60_000 : 4000;
/** Milliseconds for one text; bounded means soon. */
const SLOW = 3000;
/** So many rows of each model are looked at. */
const ROWS = 300;

describe(`edited programs (seed ${String(SEED)})`, function () {
  this.timeout(TIME + 30_000);

  it('are analysed without a throw, and each problem has a place', () => {
    const random = new Random(SEED, 'edits');
    const texts = samples('examples', 'test/golden', 'test/fixtures').map(({ text }) => text);
    const sound = texts.filter((text) => text.length < 4000 && !text.includes('0..1000'));
    for (const end = Date.now() + TIME; Date.now() < end;) {
      const text = edit(random.pick(sound), random);
      const started = performance.now();
      try {
        look(text);
      } catch (error) {
        assert.fail(`${String((error as Error).stack)}\n\n${text}`);
      }
      const took = performance.now() - started;
      assert.ok(took < SLOW, `${took.toFixed(0)} ms for\n${text}`);
    }
  });
});

function look(text: string): void {
  const { facts } = analyseText(text);
  for (const model of facts.models) {
    const { instance } = atUsualSize(facts.session, model);
    totalsOf(instance);
    for (const row of take(rowsOf(instance))) {
      formatShape(row.output);
      parameterFormula(row.node);
      macsFormula(row.node, row.macs);
    }
    for (const { shape } of take(stateKeys(instance))) formatShape(shape);
  }
}

function* take<T>(all: Iterable<T>): Generator<T> {
  let count = 0;
  for (const each of all) {
    yield each;
    count += 1;
    if (count === ROWS) return;
  }
}

function edit(text: string, random: Random): string {
  const words = text.split(/(\W)/);
  const place = (): number => random.int(0, words.length - 1);
  for (let edits = random.int(1, 3); edits > 0; edits--) {
    const at = place();
    const kind = random.next();
    if (kind < 0.35) words.splice(at, 1);
    else if (kind < 0.7) words.splice(at, 0, words[place()]!);
    else {
      const other = place();
      [words[at], words[other]] = [words[other]!, words[at]!];
    }
  }
  return words.join('');
}
