/** Every refactoring at random places of the examples and of programs by chance: what comes out means the same. */
import assert from 'node:assert/strict';
import type { CodeAction } from 'vscode-languageserver';
import type { FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { totalsOf } from '../../server/src/core/analysis/summary.ts';
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
      const [models, unused] = before.keys;
      const left = new Map([...unused].filter(([id]) => now.keys[1].has(id)));
      const same = new Map([...now.keys[1]].filter(([id]) => left.has(id)));
      if (isTold) assert.notDeepEqual([now.keys[0], same], [models, left], where);
      else assert.deepEqual([now.keys[0], same], [models, left], where);
      assert.equal(commentsOf(after), commentsOf(text), where);
      const formatted = format(text, parser);
      if ('text' in formatted && formatted.text === text) {
        const again = format(after, parser);
        assert.ok('text' in again, where);
        assert.equal(after, again.text, where);
      }
      const inverse = INVERSES.find(([forth]) => forth.test(action.title));
      if (inverse !== undefined) {
        const back = actionsAt(name, start, start).find(({ title }) => inverse[1].test(title));
        const undone = back && textsAfter(workspace.language, back).get(uriOf(name))!;
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
  readonly keys: readonly [readonly (readonly string[])[], ReadonlyMap<string, readonly string[]>];
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
    keys: [facts.flatMap(({ models }) => models.map(keysOf)), new Map(unused.map(([id, one]) => [id, keysOf(one)]))],
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
