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
});
