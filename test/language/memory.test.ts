/** Typing for hours doesn't fill the memory. */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { caseCount, isLong, someOf } from '../scale.ts';
import { SHAPES } from './long.ts';
import { MemoryServer } from './memoryServer.ts';

const LAYERS = isLong ? 1000 : 200;
const EDITS = caseCount(100, 1000, 32);
/** Until everything that is kept has been made once. */
const WARMING = caseCount(60, 300, 32);
const MOST_MB = 10;
const TYPED = ' -> Dropout(0.1)';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

describe('memory', function () {
  this.timeout(600_000);

  for (const [name, make] of someOf(Object.entries(SHAPES), 3)) {
    it(`after ${String(EDITS)} edits is what it was before, within ${String(MOST_MB)} MB: ${name}`, async () => {
      const server = await MemoryServer.start();
      const uri = 'untitled:long.scv';
      const text = make(LAYERS);
      await server.open(uri, text);
      await server.settled(uri);
      const lines = text.split('\n');
      const places = lines.flatMap((line, i) => (line.includes('Conv2d') ? [i] : []));
      const edit = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) {
          // Typed and deleted again, at another place each time.
          const round = Math.floor(i / (2 * TYPED.length));
          const key = i % (2 * TYPED.length);
          const line = places[(round * 7) % places.length]!;
          const isTyping = key < TYPED.length;
          const character = lines[line]!.length + (isTyping ? key : 2 * TYPED.length - 1 - key);
          const end = { line, character: character + (isTyping ? 0 : 1) };
          await server.change(uri, [{ range: { start: { line, character }, end }, text: isTyping ? TYPED[key]! : '' }]);
          await server.settled(uri);
        }
      };
      const rounds = (count: number): number => Math.ceil(count / (2 * TYPED.length)) * 2 * TYPED.length;
      await edit(rounds(WARMING));
      const before = heap();
      await edit(rounds(EDITS));
      const after = heap();
      assert.ok(after - before < MOST_MB, `${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after`);
      server.stop();
    });
  }
});
