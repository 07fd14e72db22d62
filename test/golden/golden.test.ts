import assert from 'node:assert/strict';
import { type ExpectedMessage, analyse, casesOf, differences, expectedOf, programOf } from './cases.ts';

describe('golden: diagnostics', () => {
  for (const each of casesOf('diagnostics')) {
    it(each.name, () => {
      const { messages } = analyse(programOf(each, 'main.scv'));
      assert.deepEqual(differences(messages, expectedOf<ExpectedMessage[]>(each)), []);
    });
  }
});
