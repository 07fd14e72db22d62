/**
 * Names changed by chance, in all examples and in programs by chance: what isn't refused means the same as before. The
 * facts are the same, and so is the Python but for the name.
 */
import assert from 'node:assert/strict';
import type { WorkspaceEdit } from 'vscode-languageserver';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { snakeCase } from '../../server/src/core/elaborate/names.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { formatShape } from '../../server/src/core/tensor.ts';
import { filesOf } from '../oracle/programs/files.ts';
import { makeProgram } from '../oracle/programs/generator.ts';
import { Random } from '../random.ts';
import { SEED, caseCount, isLong } from '../scale.ts';
import { parsedOf } from '../../server/src/language/documents.ts';
import { applied, workspace, type Workspace } from './services.ts';
import { samples } from './support.ts';

type Files = Readonly<Record<string, string>>;

/** What is found of a program. */
interface Meaning {
  readonly problems: readonly string[];
  /** Of each model of each file: its keys with their shapes, and its Python. */
  readonly models: readonly { readonly keys: readonly string[]; readonly shapes: string; readonly python: string }[];
}

function meaningOf(ws: Workspace, names: readonly string[]): Meaning {
  const facts = names.map((name) => ws.language.scv.scv.Analysis.factsOf(ws.open(name))!);
  return {
    problems: facts
      .flatMap(({ problems }) =>
        problems.flatMap(({ code, severity }) => (severity === 'hint' ? [] : [`${severity} ${code}`])),
      )
      .sort(),
    models: facts.flatMap(({ models, session }) =>
      models.map((model) => {
        const keys = [...stateKeys(model)];
        const { python, problems } = generate(session, model);
        return {
          keys: keys.map(({ name }) => name),
          shapes: keys.map(({ shape }) => (shape === undefined ? '' : formatShape(shape))).join('\n'),
          python: problems.length > 0 ? '' : python,
        };
      }),
    ),
  };
}

/** Where the names of a program stand: file and offset. */
function namesIn(ws: Workspace, files: readonly string[]): (readonly [file: string, offset: number])[] {
  return files.flatMap((file) =>
    parsedOf(ws.open(file))!.tokens.flatMap(({ tokenType, startOffset }) =>
      tokenType.name === 'ID' ? [[file, startOffset] as const] : [],
    ),
  );
}

/** A name as long as another, of the same kinds of letters, so that lines break where they did. */
function likeness(name: string): string {
  const next = (letters: string, letter: string): string => letters[(letters.indexOf(letter) + 7) % letters.length]!;
  return name
    .replace(/[a-z]/gu, (letter) => next('abcdefghijklmnopqrstuvwxyz', letter))
    .replace(/[A-Z]/gu, (letter) => next('ABCDEFGHIJKLMNOPQRSTUVWXYZ', letter));
}

/** What Python's lines are bound to where the program leaves these names free: their Python may have others then. */
const SHORT = /^(?:x\d*|y|z|h|out|tensor)$/u;

/** How two texts differ otherwise than by the name and what is called after it. */
function difference(before: string, after: string, oldName: string, newName: string): string | undefined {
  // Where a line is broken hangs on how long names are, and parentheses and commas on that.
  const words = (text: string): string[] => text.match(/[\p{L}\p{Nd}_]+|[^\s(),]/gu) ?? [];
  // Python's own names, and names that are taken, have a number behind them.
  const bare = (word: string): string => word.replace(/(?:_\d*)+$/u, '');
  const [a, b] = [words(before).map(bare), words(after).map(bare)];
  const forms = (name: string): string[] => [name, snakeCase(name)].map(bare);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [one = '', other = ''] = [a[i], b[i]];
    if (one === other) continue;
    // The number of `body_{i}` had an underscore before it.
    const others = oldName.endsWith('_') ? [other, other.replace(/\d+$/u, '')] : [other];
    const isRenamed = forms(oldName).some(
      (form, at) => one.includes(form) && others.some((each) => mayBecome(one, each, form, forms(newName)[at]!)),
    );
    if (!isRenamed) return `${a.slice(i - 3, i + 4).join(' ')} became ${b.slice(i - 3, i + 4).join(' ')}`;
  }
  return undefined;
}

/** Whether Python has a name otherwise, because it means something else there. */
function isEscaped(name: string, python: string): boolean {
  return (python.match(/[\p{L}\p{Nd}_]+/gu) ?? []).some(
    (word) => word !== name && word.replace(/(?:_\d*)+$/u, '') === name,
  );
}

/** Whether some of the places of a form in a word became another: `skip_channels` of `skip`. */
function mayBecome(word: string, other: string, from: string, to: string): boolean {
  const pieces = word.split(from);
  let ways = [pieces[0]!];
  for (const piece of pieces.slice(1)) ways = ways.flatMap((way) => [way + from + piece, way + to + piece]);
  return ways.includes(other);
}

interface Outcome {
  readonly refused?: string;
  readonly wrong?: string;
}

async function attempt(
  files: Files,
  before: Workspace,
  meaning: Meaning,
  file: string,
  offset: number,
  newName: string,
): Promise<Outcome> {
  const document = before.open(file);
  const text = document.textDocument.getText();
  const oldName = /^[\p{L}\p{Nd}_]+/u.exec(text.slice(offset))![0];
  let edit: WorkspaceEdit | undefined;
  try {
    edit = await before.language.scv.lsp.RenameProvider!.rename(document, {
      textDocument: { uri: '' },
      position: document.textDocument.positionAt(offset),
      newName,
    });
  } catch (error) {
    return { refused: (error as Error).message };
  }
  if (edit === undefined) return { refused: '' };
  const texts: Record<string, string> = { ...files };
  for (const [uri, edits] of Object.entries(edit.changes ?? {})) {
    const name = uri.replace('file:///', '');
    texts[name] = applied(before.open(name), edits);
  }
  const after = meaningOf(await workspace(texts), Object.keys(texts));
  const where = `${oldName} → ${newName} at ${file}:${String(document.textDocument.positionAt(offset).line + 1)}`;
  if (after.problems.join() !== meaning.problems.join())
    return { wrong: `${where}: ${meaning.problems.join(', ')} became ${after.problems.join(', ')}` };
  for (const [i, model] of meaning.models.entries()) {
    const now = after.models[i]!;
    const shapes = difference(model.shapes, now.shapes, oldName, newName);
    if (shapes !== undefined) return { wrong: `${where}: weights ${shapes}` };
    const keys = difference(model.keys.join('\n'), now.keys.join('\n'), oldName, newName);
    // A name that becomes free, or is taken, counts the others anew; that is told as changed keys are.
    if (keys !== undefined && !/_\d+ |_\d+$/mu.test(keys)) return { wrong: `${where}: key ${keys}` };
    // Where Python breaks its lines, into statements too, hangs on how long names are there.
    const isOther = (name: string): boolean => SHORT.test(name) || isEscaped(name, model.python + now.python);
    const isComparable = oldName.length === newName.length && ![oldName, newName].some(isOther);
    if (keys !== undefined || !isComparable) continue;
    const python = difference(model.python, now.python, oldName, newName);
    if (python !== undefined) return { wrong: `${where}: ${python}` };
  }
  return {};
}

describe(`names changed by chance (SCV_SEED=${SEED})`, function () {
  this.timeout(0);

  async function check(files: Files, random: Random, count: number): Promise<{ done: number; refused: number }> {
    const ws = await workspace(files);
    const names = Object.keys(files);
    const meaning = meaningOf(ws, names);
    const places = namesIn(ws, names);
    const words = new Set(Object.values(files).flatMap((text) => text.match(/[\p{L}\p{Nd}_]+/gu) ?? []));
    let [done, refused] = [0, 0];
    for (let i = 0; i < count; i++) {
      const [file, offset] = random.pick(places);
      const own = /^[\p{L}\p{Nd}_]+/u.exec(files[file]!.slice(offset))![0];
      // Half of the new names are new; the others are names that the program has.
      const isNew = random.chance(0.5);
      const alike = [...words].filter((word) => word.length === own.length && /^[\p{L}_]/u.test(word));
      const other = random.pick(random.chance(0.5) ? alike : [...words]);
      let newName = isNew ? likeness(own) : other;
      if (isNew) while (newName !== own && words.has(newName)) newName = likeness(newName);
      if (newName === own) continue;
      const outcome = await attempt(files, ws, meaning, file, offset, newName);
      assert.equal(outcome.wrong, undefined, `${outcome.wrong ?? ''}\n${files[file]!}`);
      if (outcome.refused === undefined) done++;
      else if (isNew && outcome.refused !== '') assert.match(outcome.refused, /torch's|of the language's|Python/u);
      else refused++;
    }
    return { done, refused };
  }

  it('in the examples', async () => {
    const files = Object.fromEntries(samples('examples').map(({ name, text }) => [name, text]));
    const mains = Object.keys(files).filter((name) => !name.includes('/blocks/'));
    const random = new Random(SEED, 'examples');
    const count = caseCount(2, mains.length, 1);
    const first = random.int(0, mains.length - 1);
    let done = 0;
    for (let i = 0; i < count; i++) {
      const main = mains[(first + i) % mains.length]!;
      done += (await check({ [main]: files[main]!, ...withImports(main, files) }, random, isLong ? 30 : 6)).done;
    }
    assert.ok(done > count, `only ${done} were renamed`);
  });

  it('in programs by chance', async () => {
    let [done, refused] = [0, 0];
    for (let i = 0; i < caseCount(5, 300, 2); i++) {
      const random = new Random(SEED + i, 'renames');
      const found = await check(filesOf(makeProgram(SEED + i)), random, 8);
      done += found.done;
      refused += found.refused;
    }
    console.log(`      ${done} renamed, ${refused} refused`);
    assert.ok(done > refused / 4, 'too much is refused');
  });
});

/** The files that one imports, by the names that they have beside it. */
function withImports(name: string, files: Files): Files {
  const found: Record<string, string> = {};
  for (const [, path] of files[name]!.matchAll(/from "(\.[^"]*\.scv)"/gu)) {
    const imported = new URL(path!, `file:///${name}`).pathname.slice(1);
    found[imported] = files[imported]!;
  }
  return found;
}
