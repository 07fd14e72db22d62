import assert from 'node:assert/strict';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { disagreements, factsCases, findFacts, readFacts } from '../golden/facts.ts';

describe('golden facts', () => {
  it('are what PyTorch measures in the generated modules', async function () {
    this.timeout(0);
    const cases = factsCases();
    const found = cases.map(({ program, expected }) =>
      findFacts(
        program,
        (readFacts(expected)?.withInput ?? []).map(({ input }) => input),
      ),
    );
    const told = disagreements(await pythonEnvironment(), found);
    assert.deepEqual(
      cases.flatMap(({ name }, i) => told[i]!.map((each) => `${name}: ${each}`)),
      [],
    );
  });
});
