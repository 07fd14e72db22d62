/** Edits of texts that a graph asked for: applied, taken back, and refused where a text is another one by now. */
import assert from 'node:assert/strict';
import { type TextChange, applyChanges, inverseOf, staleFiles } from '../../server/src/core/edits/edit.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';

describe('edits of the graph as edits of texts', () => {
  it('apply in order, and their inverse brings the text back', () => {
    const random = new Random(SEED, 'inverse');
    for (let number = caseCount(500, 20_000); number > 0; number--) {
      const text = Array.from({ length: random.int(0, 30) }, () => random.pick(['a', ' ', '\n', '층'])).join('');
      const edits: TextChange[] = [];
      for (let at = 0; at <= text.length;) {
        const start = at + random.int(0, 6);
        const end = start + random.int(0, 4);
        if (end > text.length) break;
        edits.push({ start, end, newText: random.pick(['', 'b', 'bcd']) });
        at = end;
      }
      const after = applyChanges(text, edits);
      // One by one, the last first, as an editor may do it.
      const byHand = edits.reduceRight(
        (now, { start, end, newText }) => now.slice(0, start) + newText + now.slice(end),
        text,
      );
      assert.equal(after, byHand);
      assert.equal(applyChanges(after, inverseOf(text, edits)), text);
    }
  });

  it('are refused where a file is another one, or gone', () => {
    const now = new Map([
      ['a', 3],
      ['b', 1],
    ]);
    const versionOf = (uri: string): number | undefined => now.get(uri);
    assert.deepEqual(staleFiles({ a: 3, b: 1 }, versionOf), []);
    assert.deepEqual(staleFiles({ a: 2, b: 1 }, versionOf), ['a']);
    assert.deepEqual(staleFiles({ a: 3, c: 1 }, versionOf), ['c']);
  });
});
