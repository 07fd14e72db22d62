/** Every refactoring at random places of the examples and of programs by chance: what comes out means the same. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { CodeAction } from 'vscode-languageserver';
import type { FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { totalsOf } from '../../server/src/core/analysis/summary.ts';
import type { Model } from '../../server/src/core/definition.ts';
import { format as formatSize } from '../../server/src/core/dimension.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { formatShape } from '../../server/src/core/tensor.ts';
import { format } from '../../server/src/language/format/format.ts';
import { filesOf } from '../oracle/programs/files.ts';
import { makeProgram } from '../oracle/programs/generator.ts';
import { Random } from '../random.ts';
import { SEED, caseCount, isQuick, someOf } from '../scale.ts';
import { fixesAt, textsAfter } from './fixing.ts';
import { emptyWorkspace, type LiveWorkspace } from './services.ts';
import { parser, samples } from './support.ts';

const CHANGES_KEYS = '(changes state_dict keys)';

/** What brings a text back, by how a title begins. */
const INVERSES: readonly (readonly [RegExp, RegExp])[] = [
  [/^Split the chain/u, /^Join/u],
  [/^Flip the arms/u, /^Flip the arms/u],
  [/^Add (?:the label|labels)/u, /^Remove .*labels?.*anyway/u],
];

describe(`refactorings of any program (SCV_SEED=${String(SEED)})`, function () {
  this.timeout(0);
  let workspace: LiveWorkspace;
  const done = new Map<string, number>();
  const inverted = new Map<string, number>();
  /** That keys of the `state_dict` change. */
  const warnings: { readonly where: string; readonly isNeeded: boolean }[] = [];
  before(async () => {
    workspace = await emptyWorkspace();
  });

  it('of the examples', async () => {
    const all = samples('examples');
    const files = Object.fromEntries(all.map(({ name, text }) => [name, text]));
    await put(files);
    for (const { name, text } of someOf(all, 3)) {
      const random = new Random(SEED, name);
      for (let place = caseCount(1, 30); place > 0; place--) await refactorAll(name, text, random);
    }
  });

  it('of programs by chance', async () => {
    for (let number = 0; number < caseCount(30, 1500, 6); number++) {
      const files = filesOf(makeProgram(SEED + number));
      await put(files);
      const random = new Random(SEED, String(number));
      for (let place = 3; place > 0; place--) await refactorAll('main.scv', files['main.scv']!, random);
      await workspace.remove(Object.keys(files).map(uriOf));
    }
  });

  after(() => {
    // A refactoring that is never offered would be proved by nothing. In few programs not every one is.
    if (isQuick) return;
    const needless = warnings.filter(({ isNeeded }) => !isNeeded);
    assert.ok(
      needless.length <= warnings.length / 50,
      `${String(needless.length)} of ${String(warnings.length)}, such as ${needless[0]?.where ?? ''}`,
    );
    const kinds = [...done.keys()];
    assert.ok(kinds.length >= 12, `only ${kinds.join(', ')}`);
    for (const [title] of INVERSES)
      assert.ok([...inverted.keys()].includes(title.source), `never undone: ${title.source}`);
  });

  function put(files: Readonly<Record<string, string>>): Promise<void> {
    return workspace.put(new Map(Object.entries(files).map(([name, text]) => [uriOf(name), text])));
  }

  async function refactorAll(name: string, text: string, random: Random): Promise<void> {
    const document = workspace.document(uriOf(name));
    const [start, end] = random.chance(0.4) ? selection(text, random) : cursor(text, random);
    const before = meaning(workspace, uriOf(name));
    for (const action of actionsAt(name, start, end)) {
      const after = textsAfter(workspace.language, action).get(uriOf(name))!;
      const kind = action.title.replaceAll(/\d+|(?<=arguments of |block |Inline |label |parameter of )\S+/gu, '…');
      done.set(kind, (done.get(kind) ?? 0) + 1);
      const where = `${action.title} at ${String(start)}..${String(end)} of ${name}:\n${text}\n---\n${after}`;
      await put({ [name]: after });
      const now = meaning(workspace, uriOf(name));
      const isTold = action.title.includes(CHANGES_KEYS);
      assert.deepEqual(now.facts, before.facts, where);
      // What isn't there any more was put in its place.
      const common = [...before.unused.keys()].filter((id) => now.unused.has(id));
      const unused = (of: Meaning): readonly (readonly string[])[] => common.map((id) => of.unused.get(id)!);
      if (isTold) {
        // A warning too many is rare: it was about a use that the program doesn't have.
        const all = (of: Meaning): unknown => [of.models, of.openly, unused(of)];
        warnings.push({ where, isNeeded: !isDeepStrictEqual(all(now), all(before)) });
      } else {
        const form = formFor(action.title);
        const all = (of: Meaning): unknown => [of.models, unused(of).map(form)];
        assert.deepEqual(all(now), all(before), where);
      }
      assert.equal(commentsOf(after), commentsOf(text), where);
      const formatted = format(text, parser);
      if ('text' in formatted && formatted.text === text) {
        const again = format(after, parser);
        assert.ok('text' in again, where);
        assert.equal(after, again.text, where);
      }
      const inverse = INVERSES.find(([forth]) => forth.test(action.title));
      if (inverse !== undefined) {
        // Where arms were exchanged, another `if` may be here now.
        const conditions = [...after.matchAll(/\bif\b/gu)].map(({ index }) => index);
        const ways = [start, ...(action.title.startsWith('Flip') ? conditions : [])].flatMap((at) => {
          const found = actionsAt(name, at, at).find(({ title }) => inverse[1].test(title));
          return found === undefined ? [] : [[found, textsAfter(workspace.language, found).get(uriOf(name))!] as const];
        });
        const [back, undone] = ways.find(([, each]) => squeezed(each) === squeezed(text)) ?? ways[0] ?? [];
        const isWhole =
          undone !== undefined && numberIn(back!.title) === numberIn(action.title) && !after.includes('not (');
        if (isWhole) {
          assert.equal(squeezed(undone), squeezed(text), `${back!.title} after ${where}\n---\n${undone}`);
          inverted.set(inverse[0].source, (inverted.get(inverse[0].source) ?? 0) + 1);
        }
      }
      await put({ [name]: text });
    }
    assert.equal(document.uri.toString(), uriOf(name));
  }

  function actionsAt(name: string, start: number, end: number): CodeAction[] {
    const document = workspace.document(uriOf(name));
    const { textDocument } = document;
    const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
    return fixesAt(workspace.language, document, range, [], ['refactor']);
  }
});

function uriOf(name: string): string {
  return `file:///${name}`;
}

function cursor(text: string, random: Random): readonly [number, number] {
  const choices = [...text.matchAll(/\bif\b/gu)];
  const words = choices.length > 0 && random.chance(0.2) ? choices : [...text.matchAll(/[\w.]+|->|\*/gu)];
  const { index } = random.pick(words);
  return [index, index];
}

/** From one arrow to another, a few lines, or between brackets. */
function selection(text: string, random: Random): readonly [number, number] {
  const lines = text.split('\n');
  const from = random.int(0, lines.length - 1);
  const offset = (line: number): number => lines.slice(0, line).join('\n').length + (line === 0 ? 0 : 1);
  if (random.chance(0.3)) return [offset(from), offset(Math.min(lines.length - 1, from + random.int(1, 4)))];
  const line = lines[from]!;
  const edges = [0, ...[...line.matchAll(/(?<=-> )|(?= ->)|(?<=[[(])|(?=[\])]|$)/gu)].map(({ index }) => index)];
  const [a, b] = [random.pick(edges), random.pick(edges)];
  return [offset(from) + Math.min(a, b), offset(from) + Math.max(a, b)];
}

interface Meaning {
  readonly facts: unknown;
  /** Keys and shapes. */
  readonly models: readonly (readonly string[])[];
  /** The same of the models where nothing decides which arms are built. */
  readonly openly: readonly (readonly string[])[];
  readonly unused: ReadonlyMap<string, readonly string[]>;
}

/** In what form the keys of a block that nothing uses are the same before and after. */
function formFor(title: string): (keys: readonly string[]) => readonly string[] {
  // Of what nothing decides, both arms are there, in the order of the text.
  if (title.startsWith('Flip')) return (keys) => keys.map((key) => key.replaceAll(/(?<=^|\.)\d+\./gu, '')).sort();
  // What was a number is any then, and of a layer that takes any number less is known.
  if (title.startsWith('Make')) return () => [];
  return (keys) => keys;
}

/** Of a file's models, of those that import it, and of what none of them uses. */
function meaning(workspace: LiveWorkspace, uri: string): Meaning {
  const { Analysis } = workspace.language.scv.scv;
  const document = workspace.document(uri);
  const facts = [document, ...Analysis.importersOf(document)].map((each) => Analysis.factsOf(each)!);
  const unused = facts.flatMap((each) =>
    [...each.unused].flatMap((id) => (each.instances.get(id) ?? []).slice(0, 1).map((one) => [id, one] as const)),
  );
  const keysOf = (instance: FileFacts['models'][number]): readonly string[] =>
    [...stateKeys(instance)].map(({ name, shape }) => `${name} ${formatShape(shape)}`);
  return {
    facts: facts.map((each) => ({
      problems: each.problems.map(({ code }) => code).sort(),
      models: each.models.map((model) => ({
        name: model.definition.name.text,
        inputs: model.inputs.map(({ name, tensor }) => `${name} ${formatShape(tensor.shape)}`),
        outputs: model.outputs.map(({ name, tensor }) => `${name} ${formatShape(tensor.shape)}`),
        parameters: formatSize(totalsOf(model).parameters),
        macs: formatSize(totalsOf(model).macs),
        isPython: isPython(each, model),
      })),
    })),
    models: facts.flatMap(({ models }) => models.map(keysOf)),
    openly: facts.flatMap(({ models, session }) =>
      models.map(({ definition }) => keysOf(session.sketch(definition as Model))),
    ),
    unused: new Map(unused.map(([id, one]) => [id, keysOf(one)])),
  };
}

function isPython({ session, problems }: FileFacts, model: FileFacts['models'][number]): boolean {
  return problems.some(({ severity }) => severity === 'error') || generate(session, model).problems.length === 0;
}

function commentsOf(text: string): string {
  return parser
    .parse(text)
    .comments.map(({ image }) => image.replaceAll(/\s/g, ''))
    .sort()
    .join('\n');
}

/** How many things a title is about. */
function numberIn(title: string): string | undefined {
  return /\d+ (?=statements|stages|labels)/u.exec(title)?.[0].split(' ')[0];
}

function squeezed(text: string): string {
  return text.replaceAll(/[\s,]/gu, '');
}
