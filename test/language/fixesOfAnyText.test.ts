/** Whatever stands in a file, asking for quick fixes and doing them never fails and loses no comment. */
import assert from 'node:assert/strict';
import { Random } from '../random.ts';
import { fixesAt, textsAfter } from './fixing.ts';
import { scrambled } from './scramble.ts';
import { emptyWorkspace, type LiveWorkspace } from './services.ts';
import { parser, samples, type Sample } from './support.ts';

const CASES = Number(process.env.SCV_CASES ?? 1);
const SEED = Number(process.env.SCV_SEED ?? 1);
const WORDS = [
  '->',
  ',',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '=',
  ':',
  '*',
  '+',
  'x',
  'ReLU',
  'Linear',
  '3',
  'if',
  'output',
  ';',
];

describe(`quick fixes of any text (SCV_SEED=${String(SEED)})`, function () {
  this.timeout(0);
  const texts = samples('test/golden/diagnostics', 'examples').filter(
    // What is too large to be built takes its time, and has nothing to repair.
    ({ name, text }) => text.length < 4000 && !name.includes('/too-'),
  );
  let workspace: LiveWorkspace;
  before(async () => {
    workspace = await emptyWorkspace();
  });

  it('with comments anywhere', () => check((text, random) => scrambled(text, parser, random)));

  it('with words that are missing, too many or others', () => check(mutated));

  async function check(change: (text: string, random: Random) => string): Promise<void> {
    let done = 0;
    for (const [i, sample] of texts.entries()) {
      if (i % 4 !== SEED % 4 && CASES === 1) continue;
      for (let round = 0; round < CASES; round++) {
        const text = change(sample.text, new Random(SEED + round, sample.name));
        done += await fixAll(sample, text);
      }
    }
    assert.ok(done > 50, `only ${String(done)} fixes`);
  }

  /** How many fixes were done. */
  async function fixAll({ name }: Sample, text: string): Promise<number> {
    const uri = `file:///${name.replaceAll('/', '-')}`;
    await workspace.put(new Map([[uri, text]]));
    const document = workspace.document(uri);
    const { textDocument } = document;
    const whole = { start: textDocument.positionAt(0), end: textDocument.positionAt(text.length) };
    const kept = commentsOf(text);
    const all = [undefined, ['source']].flatMap((only) => fixesAt(workspace.language, document, whole, [], only));
    for (const action of all) {
      const after = textsAfter(workspace.language, action).get(uri);
      if (after === undefined) continue;
      assert.notEqual(after, text, `${action.title} changes nothing of\n${text}`);
      const left = commentsOf(after);
      const lost = [...kept].filter(([comment, count]) => (left.get(comment) ?? 0) < count);
      assert.deepEqual(lost, [], `${action.title} loses comments of\n${text}\n${after}`);
    }
    await workspace.remove([uri]);
    return all.length;
  }
});

function commentsOf(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { image } of parser.parse(text).comments) {
    const comment = image.replaceAll(/\s/g, '');
    found.set(comment, (found.get(comment) ?? 0) + 1);
  }
  return found;
}

function mutated(text: string, random: Random): string {
  const pieces = text.split(/(\s+|\b)/);
  for (let changes = random.int(1, 3); changes > 0; changes--) {
    const at = random.int(0, pieces.length - 1);
    const how = random.next();
    if (how < 0.4) pieces[at] = '';
    else if (how < 0.7) pieces[at] = `${pieces[at]!}${random.pick(WORDS)}`;
    else pieces[at] = pieces[random.int(0, pieces.length - 1)]!;
  }
  return pieces.join('');
}
