/**
 * Renews golden facts and Python (test/golden/facts, python, examples) from what the compiler says now, but only where
 * PyTorch measures the same in the generated module. Names of cases as arguments renew only these.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { disagreements, factsCases, findFacts, printFacts, readFacts } from './facts.ts';
import { isDeepStrictEqual } from 'node:util';
import { main, UserError } from '../../scripts/processes.ts';
import { pythonCases, renewPython } from './python.ts';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';

await main(async () => {
  const wanted = process.argv.slice(2);
  const isWanted = ({ name }: { name: string }): boolean =>
    wanted.length === 0 || wanted.some((each) => name.includes(each));
  const cases = factsCases().filter(isWanted);
  const programs = pythonCases().filter(isWanted);
  if (cases.length + programs.length === 0) throw new UserError(`there is no case ${wanted.join(', ')}`);
  const found = cases.map(({ program, expected }) => {
    const known = readFacts(expected);
    return {
      known,
      now: findFacts(
        program,
        (known?.withInput ?? []).map(({ input }) => input),
      ),
    };
  });
  const changed = found.flatMap(({ known, now }, i) =>
    isDeepStrictEqual(known, now.facts) ? [] : [{ now, ...cases[i]! }],
  );
  const python = await pythonEnvironment();
  const objections = disagreements(
    python,
    changed.map(({ now }) => now),
  );
  let refused = 0;
  changed.forEach(({ name, expected, now }, i) => {
    const against = [...now.errors, ...objections[i]!];
    if (against.length > 0) {
      refused += 1;
      console.error(`${name} stays as it is:\n  ${against.join('\n  ')}`);
      return;
    }
    mkdirSync(dirname(expected), { recursive: true });
    writeFileSync(expected, printFacts(now.facts));
    console.log(`${name} is renewed`);
  });
  console.log(`${cases.length - changed.length} unchanged, ${changed.length - refused} renewed, ${refused} refused`);
  for (const { name, result } of renewPython(python, programs)) {
    if (result === 'unchanged') continue;
    console.log(typeof result === 'string' ? `Python of ${name} is ${result}` : `Python of ${name} stays as it is:\n  ${result.join('\n  ')}`);
    if (typeof result !== 'string') refused += 1;
  }
  return refused > 0 ? 1 : 0;
});
