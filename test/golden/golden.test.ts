import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { summaryJson } from '../../server/src/cli/summaryJson.ts';
import { factsCases, findFacts, readFacts } from './facts.ts';
import { type ExpectedMessage, analyse, casesOf, differences, expectedOf, goldenFolder, programOf } from './cases.ts';

describe('golden: diagnostics', () => {
  const codes = new Set<string>();
  for (const each of casesOf('diagnostics')) {
    const expected = expectedOf(each) as ExpectedMessage[];
    for (const { code } of expected) codes.add(code);
    it(each.name, () => {
      const { messages } = analyse(programOf(each, 'main.scv'));
      assert.deepEqual(differences(messages, expected), []);
    });
  }

  it('has a case for every code of docs/diagnostics.md', () => {
    const text = readFileSync(join(goldenFolder, '../../docs/diagnostics.md'), 'utf8');
    const documented = [...text.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code!);
    assert.ok(documented.length > 60);
    const without = documented.filter((code) => !codes.has(code) && code !== 'cannot-generate');
    assert.deepEqual(without, []);
    assert.deepEqual(
      [...codes].filter((code) => !documented.includes(code)),
      [],
    );
  });

  it('finds nothing wrong with what a quick fix makes of a file', () => {
    for (const each of casesOf('diagnostics')) {
      if (!each.files.includes('fixed.scv')) continue;
      const { messages } = analyse(programOf(each, 'fixed.scv'));
      const left = messages.filter(({ severity }) => severity !== 'hint');
      assert.deepEqual(left, [], each.name);
    }
  });
});

describe('golden: names', () => {
  for (const each of casesOf('names')) {
    it(each.name, () => {
      const { facts, messages } = analyse(programOf(each, 'model.scv'));
      assert.deepEqual(
        messages.filter(({ severity }) => severity === 'error'),
        [],
      );
      const { keys } = expectedOf(each) as { keys: Record<string, number[]> };
      const found: [string, unknown][] = [];
      for (const { name, shape } of stateKeys(facts.models.at(-1)!)) {
        if (shape !== undefined) found.push([name, summaryJson.shape(shape)]);
        // An extern's keys are its class's own.
        else found.push(...Object.entries(keys).filter(([key]) => key.startsWith(name.slice(0, -1))));
      }
      assert.deepEqual(found, Object.entries(keys));
    });
  }
});

describe('golden: facts', () => {
  for (const { name, program, expected } of factsCases()) {
    it(name, () => {
      const wanted = readFacts(expected);
      assert.ok(wanted !== undefined, `no ${expected}: npm run golden`);
      const { facts, errors } = findFacts(
        program,
        (wanted.withInput ?? []).map(({ input }) => input),
      );
      assert.deepEqual(errors, []);
      assert.deepEqual(facts, wanted);
    });
  }
});
