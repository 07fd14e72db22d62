import assert from 'node:assert/strict';
import { findPython, pythonCases, readPython } from './python.ts';

describe('golden: Python', () => {
  for (const each of pythonCases()) {
    it(each.name, () => {
      const { python, problems } = findPython(each);
      assert.deepEqual(problems, []);
      const wanted = readPython(each);
      assert.ok(wanted !== undefined, `no ${each.expected}: npm run golden`);
      assert.equal(python, wanted);
    });
  }
});
