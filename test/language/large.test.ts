/** What is long, broken at length or no text: read in bounded time, or refused with one message. */
import assert from 'node:assert/strict';
import { usesInDefinition } from '../../server/src/core/elaborate/uses.ts';
import { read } from './support.ts';

describe('large files', function () {
  this.timeout(20_000);

  it('may have more names in one statement than fit on the stack', () => {
    const { file } = read(`model A { y = [${'a,'.repeat(150_000)}] }`);
    assert.equal(usesInDefinition(file.definitions[0]!).length, 150_000);
  });

  /** Milliseconds of work; quadratic ones took minutes. */
  const SOON = 5000;
  const texts: readonly (readonly [name: string, text: string])[] = [
    ['brackets that close nothing', 'x = ( -> [ }'.repeat(20_000)],
    ['brackets that close nothing, in a body', `model A {\n${'x = ( -> [ }'.repeat(20_000)}\n}`],
    ['names on lines of their own', `model A { input x\n${'a,\n'.repeat(60_000)} = x }`],
    ['a list', `model A { y = [${'1, '.repeat(100_000)}] }`],
    ['heads without braces', `model A { output x ${'-> for i in -> if a '.repeat(4000)} }`],
    ['heads in heads', `model A { output x ${'-> if if a '.repeat(4000)} }`],
    ['comments of another language, of no letters', `model A {\n${'// ¿\n'.repeat(100_000)} }`],
    ['characters that are nothing', `model A {\n${'x = 1;\n'.repeat(20_000)} }`],
  ];
  for (const [name, text] of texts) {
    it(`are read soon: ${name}`, () => {
      const before = process.cpuUsage(); // the clock would count what else this machine does
      read(text);
      const { user, system } = process.cpuUsage(before);
      const took = (user + system) / 1000;
      assert.ok(took < SOON, `${took.toFixed(0)} ms`);
    });
  }
});
