import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { analyseText } from './core/texts.ts';

/** Lines that are neither blank nor comment, with the blocks that are imported. */
const LIMITS: readonly { readonly files: readonly string[]; readonly lines: number }[] = [
  { files: ['alexnet.scv'], lines: 20 },
  { files: ['resnet50.scv', 'blocks/resnet.scv#Bottleneck'], lines: 35 },
  { files: ['unet.scv'], lines: 35 },
  { files: ['vit.scv'], lines: 40 },
];

const COLUMNS = 100;

describe('examples', () => {
  for (const { files, lines } of LIMITS) {
    it(`${files[0]} has at most ${lines} lines of ${COLUMNS} columns`, () => {
      const texts = files.map(textOf).flatMap((text) => text.split('\n'));
      const written = texts.filter((line) => !/^\s*(#.*)?$/.test(line));
      assert.ok(written.length > lines / 2, `only ${written.length} lines are found`);
      assert.ok(written.length <= lines, `${written.length} lines`);
      assert.deepEqual(
        texts.filter((line) => line.length > COLUMNS),
        [],
      );
    });
  }
});

/** An example, or after `#` one of its blocks. */
function textOf(place: string): string {
  const [file, block] = place.split('#');
  const text = readFileSync(`examples/${file}`, 'utf8');
  if (block === undefined) return text;
  const from = text.indexOf(`block ${block}(`);
  assert.ok(from >= 0, `${file} has no block ${block}`);
  return text.slice(from, text.indexOf('\n}', from) + 2);
}

describe('the language as it is told', () => {
  const blocks = readFileSync('examples/blocks/resnet.scv', 'utf8');
  for (const page of ['README.md', 'docs/language.md']) {
    it(`has sound programs in ${page}`, () => {
      const programs = [...readFileSync(page, 'utf8').matchAll(/^```scv\n(.*?)^```/gmsu)].map(([, text]) => text!);
      assert.ok(programs.length > 1);
      for (const text of programs) {
        const { problems } = analyseText({ 'main.scv': text, 'blocks/resnet.scv': blocks });
        // A part of a file uses nothing of what it imports.
        assert.deepEqual(
          problems.filter((problem) => !problem.startsWith('hint:unused')),
          [],
          text,
        );
      }
    });
  }
});
