/**
 * Whole programs by chance against PyTorch: what we find legal becomes a module with the keys, counts and output shapes
 * that we say, with its defaults and with other arguments, which runs forward and backward and is as ruff wants it.
 * Programs that were wrong once are kept in `programs/kept`.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SEED, caseCount } from '../scale.ts';
import { type Prepared, prepare } from './programs/check.ts';
import { ALL } from './programs/coverage.ts';
import { makeProgram } from './programs/generator.ts';
import { Judge } from './programs/judge.ts';
import { smaller } from './programs/shrink.ts';

const seed = SEED;
const count = caseCount(40, 500);
/** Each construct and layer is in so many of five hundred programs at least. */
const SEEN = 10;
/** As many failures are cut down and told. */
const TOLD = Number(process.env.SCV_TOLD ?? 3);

describe(`whole programs as PyTorch runs them (SCV_SEED=${seed})`, function () {
  this.timeout(0);
  let judge: Judge;
  before(async () => {
    judge = await Judge.start();
  });
  after(() => judge.stop());

  async function simplest(text: string, why: string): Promise<readonly [string, string]> {
    const kind = kindOf(why);
    let batch: string[] = [];
    const first = async (): Promise<readonly [string, string] | undefined> => {
      const found = await judge.failures(batch.map(prepare));
      const at = found.findIndex((each) => each !== undefined && kindOf(each) === kind);
      return at < 0 ? undefined : [batch[at]!, found[at]!];
    };
    for (const next of smaller(text)) {
      batch.push(next);
      if (batch.length < 8) continue;
      const found = await first();
      if (found !== undefined) return simplest(...found);
      batch = [];
    }
    const found = await first();
    return found === undefined ? [text, why] : simplest(...found);
  }

  async function check(
    named: readonly { readonly name: string; readonly text: string }[],
  ): Promise<readonly Prepared[]> {
    const prepared = named.map(({ text }) => prepare(text));
    const wrong = (await judge.failures(prepared)).flatMap((why, i) =>
      why === undefined ? [] : [{ ...named[i]!, why }],
    );
    const told: string[] = [];
    const kinds = new Set<string>();
    for (const { name, text, why } of wrong) {
      if (kinds.has(kindOf(why)) || kinds.size >= TOLD) continue;
      kinds.add(kindOf(why));
      const [small, what] = await simplest(text, why);
      told.push(`${name}: ${what}\n${small}`);
    }
    if (wrong.length > 0)
      assert.fail(
        `${wrong.length} of ${named.length}: ${wrong.map(({ name }) => name).join(', ')}\n\n${told.join('\n\n')}`,
      );
    return prepared;
  }

  it('that were wrong once', async () => {
    const files = globSync(join(import.meta.dirname, 'programs/kept/*.scv')).sort();
    const prepared = await check(files.map((file) => ({ name: file, text: readFileSync(file, 'utf8') })));
    prepared.forEach((each, i) =>
      assert.equal(each.kind, 'ready', `${files[i]!}: ${each.kind === 'ready' ? '' : each.why}`),
    );
  });

  it('that chance makes', async () => {
    const texts = Array.from({ length: count }, (_, i) => makeProgram(seed + i));
    const prepared = await check(texts.map((text, i) => ({ name: `SCV_SEED=${seed + i} SCV_CASES=1`, text })));
    const refused = prepared.flatMap((each) => (each.kind === 'refused' ? [each.why] : []));
    const seen = new Map(ALL.map((each) => [each, 0]));
    for (const each of prepared)
      if (each.kind === 'ready') for (const what of each.coverage) seen.set(what, seen.get(what)! + 1);
    const table = [...seen].sort(([, a], [, b]) => b - a).map(([what, times]) => `${times} ${what}`);
    console.log(`      ${count - refused.length} of ${count} legal; ${table.join(', ')}`);
    if (count >= 20) assert.ok(refused.length <= 0.3 * count, `too many are refused:\n${refused.join('\n')}`);
    const seldom = [...seen].flatMap(([what, times]) => (times < SEEN ? [`${what} ${times} times`] : []));
    if (count >= 500)
      assert.deepEqual(seldom, [], `in fewer than ${SEEN} of ${count} programs: see programs/generator.ts`);
  });
});

/** The part of a failure without numbers and names, so that a program isn't cut down to another mistake. */
function kindOf(why: string): string {
  const lines = why.trim().split('\n');
  const telling = lines[0]!.includes('Traceback')
    ? lines.at(-1)!
    : why.startsWith('{')
      ? why.slice(why.indexOf(':'))
      : lines[0]!;
  return telling
    .replace(/[\d{}"':,[\]]+/gu, '')
    .trim()
    .slice(0, 24);
}
