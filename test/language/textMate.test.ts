import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textMateGrammar } from '../../server/src/language/textMate.ts';

const FILE = join(import.meta.dirname, '..', '..', 'syntaxes', 'scv.tmLanguage.json');

interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Readonly<Record<string, { readonly name?: string }>>;
  readonly patterns?: readonly Rule[];
}

/** All rules below a part of the grammar. */
function* rules(part: unknown): Generator<Rule> {
  if (typeof part !== 'object' || part === null) return;
  if ('match' in part || 'begin' in part) yield part as Rule;
  for (const each of Object.values(part)) yield* rules(each);
}

describe('TextMate grammar', () => {
  it('is the one in syntaxes/ (SCV_UPDATE=1 renews it)', () => {
    const text = `${JSON.stringify(textMateGrammar(), undefined, 2)}\n`;
    if (process.env.SCV_UPDATE === '1') writeFileSync(FILE, text);
    assert.deepEqual(JSON.parse(readFileSync(FILE, 'utf8')), JSON.parse(text));
  });

  it('has patterns that can be read', () => {
    for (const { match, begin, end } of rules(textMateGrammar())) {
      for (const pattern of [match, begin, end]) if (pattern !== undefined) new RegExp(pattern, 'u');
    }
  });

  /** What the first capture of each kind is, of the rule of that name. */
  const cases: [string, string, string[]][] = [
    ['stage', '-> conv1: Conv2d(64)', ['->', 'conv1', ':', 'Conv2d']],
    ['stage', '-> unit{i}_a: ReLU', ['->', 'unit{i}_a', ':', 'ReLU']],
    ['stage', '-> frozen conv: 층', ['->', 'frozen', 'conv', ':', '층']],
    ['stage', '-> for i in 0..3', ['->']],
    ['stage', '-> input: ReLU', ['->', 'input', ':', 'ReLU']],
    ['label', 'denseblock1: for', ['denseblock1', ':']],
  ];
  for (const [name, text, expected] of cases) {
    it(`reads ${text}`, () => {
      const { repository } = textMateGrammar() as { repository: Record<string, Rule> };
      const found = new RegExp(repository[name]!.match!, 'u').exec(text);
      assert.deepEqual(
        found?.slice(1).filter((each) => (each as string | undefined) !== undefined),
        expected,
      );
    });
  }
});
