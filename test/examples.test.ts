import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

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
