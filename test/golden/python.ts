/** Golden Python: what is generated for the examples and for the programs of python/. */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { ask, difference, ruff, usesOf } from '../oracle/generated.ts';
import { analyse, goldenFolder } from './cases.ts';

export interface PythonCase {
  readonly name: string;
  readonly program: string;
  readonly expected: string;
}

export function pythonCases(): readonly PythonCase[] {
  const root = join(goldenFolder, '../..');
  const own = globSync('python/*/model.scv', { cwd: goldenFolder }).map((file) => ({
    name: dirname(file).split(sep).join('/'),
    program: join(goldenFolder, file),
    expected: join(goldenFolder, dirname(file), 'model.py'),
  }));
  const examples = globSync('examples/*.scv', { cwd: root }).map((file) => ({
    name: file.split(sep).join('/'),
    program: join(root, file),
    expected: join(goldenFolder, 'examples', basename(file, '.scv'), 'model.py'),
  }));
  return [...own, ...examples].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The golden text; `undefined` where there is none yet. */
export function readPython({ expected }: PythonCase): string | undefined {
  return existsSync(expected) ? readFileSync(expected, 'utf8') : undefined;
}

export function findPython({ program }: PythonCase): ReturnType<typeof generate> {
  const { session, models } = analyse(program).facts;
  return generate(session, models.at(-1)!);
}

/**
 * Writes what is generated now where it differs, if torch runs it with the keys, counts and shapes of the graph and ruff
 * is content. Says of each case what became of it.
 */
export function renewPython(
  python: string,
  cases: readonly PythonCase[],
): readonly { readonly name: string; readonly result: 'unchanged' | 'renewed' | string[] }[] {
  return cases.map((each) => {
    const now = findPython(each);
    if (now.problems.length > 0) return { name: each.name, result: now.problems.map(({ message }) => message) };
    if (readPython(each) === now.python) return { name: each.name, result: 'unchanged' };
    const { session, models } = analyse(each.program).facts;
    const uses = usesOf(each.name, session, models.at(-1)!, now.python);
    const answers = ask(
      python,
      uses.map((use) => use.case),
    );
    const against = [...answers.map((answer, i) => difference(answer, uses[i]!)), ruff(python, new Map([['model.py', now.python]]))];
    const objections = against.filter((why) => why !== undefined && why !== '') as string[];
    if (objections.length > 0) return { name: each.name, result: objections };
    mkdirSync(dirname(each.expected), { recursive: true });
    writeFileSync(each.expected, now.python);
    return { name: each.name, result: 'renewed' };
  });
}
