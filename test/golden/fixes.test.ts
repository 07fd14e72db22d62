/**
 * Every quick fix that is offered for a golden case repairs what it is for and breaks nothing, and docs/diagnostics.md
 * tells truly which codes have one. Fixes are asked for and applied as an editor does it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSeverity, type CodeAction, type Diagnostic } from 'vscode-languageserver';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { fixesAt, textsAfter } from '../language/fixing.ts';
import { emptyWorkspace, type LiveWorkspace } from '../language/services.ts';
import { casesOf, goldenFolder, type Case } from './cases.ts';

/** Mistakes that hide another one in the same text: it is told when they are gone. */
const HIDING: Readonly<Record<string, string>> = {
  'slip-capitals': 'padding=true is a bool where a number is meant',
  'syntax-stage': 'Conv2d 8 lacks its kernel, too',
  'syntax-braces': 'a model of nothing has no output either',
};

describe('golden: quick fixes', () => {
  let workspace: LiveWorkspace;
  const fixed = new Set<string>();
  before(async () => {
    workspace = await emptyWorkspace();
  });

  for (const each of casesOf('diagnostics')) {
    it(each.name, async () => {
      const texts = textsOf(each);
      const main = uriOf(each, 'main.scv');
      await workspace.put(texts);
      const before = stateOf(workspace, texts);
      const wrong: string[] = [];
      for (const diagnostic of workspace.document(main).diagnostics ?? []) {
        const code = String(diagnostic.code);
        const actions = fixesAt(workspace.language, workspace.document(main), diagnostic.range, [diagnostic]);
        for (const action of actions) {
          assert.deepEqual(action.diagnostics, [diagnostic]);
          const after = textsAfter(workspace.language, action);
          await workspace.put(after);
          const why = whyWrong(action, code, before, stateOf(workspace, texts), each.name in HIDING);
          if (why !== undefined) wrong.push(`${action.title}: ${why}\n${[...after.values()].join('\n')}`);
          await workspace.put(texts);
          fixed.add(code);
        }
        assert.ok(actions.filter(({ isPreferred }) => isPreferred).length < 2, `${code} has two preferred fixes`);
        if (each.files.includes('fixed.scv')) assert.equal(preferred(workspace, main, actions), fixedText(each), code);
      }
      await workspace.remove(texts.keys());
      assert.deepEqual(wrong, []);
    });
  }

  it('are there for the codes that docs/diagnostics.md tells, and for no other', () => {
    const text = readFileSync(join(goldenFolder, '../../docs/diagnostics.md'), 'utf8');
    const [described = '', repaired = '', left = ''] = text.split(/^### (?:What is repaired|What is not)$/m);
    const codesIn = (part: string): string[] =>
      [...part.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code!).sort();
    assert.deepEqual(codesIn(repaired), [...fixed].sort());
    assert.deepEqual([...codesIn(repaired), ...codesIn(left)].sort(), codesIn(described));
  });
});

function uriOf({ name }: Case, file: string): string {
  return `file:///${name}/${file}`;
}

function textsOf(each: Case): ReadonlyMap<string, string> {
  const files = each.files.filter((file) => file.endsWith('.scv') && file !== 'fixed.scv');
  return new Map(files.map((file) => [uriOf(each, file), readFileSync(join(each.folder, file), 'utf8')]));
}

function fixedText({ folder }: Case): string {
  return readFileSync(join(folder, 'fixed.scv'), 'utf8');
}

/** What the preferred fix makes of the file. */
function preferred({ language }: LiveWorkspace, main: string, actions: readonly CodeAction[]): string | undefined {
  const action = actions.find(({ isPreferred }) => isPreferred);
  return action && textsAfter(language, action).get(main);
}

interface State {
  readonly diagnostics: readonly Diagnostic[];
  /** Of all models, in the order of their `state_dict`s. */
  readonly keys: readonly string[];
}

function stateOf(workspace: LiveWorkspace, texts: ReadonlyMap<string, string>): State {
  const { Analysis } = workspace.language.scv.scv;
  const documents = [...texts.keys()].map((uri) => workspace.document(uri));
  return {
    diagnostics: documents.flatMap(({ diagnostics = [] }) => diagnostics),
    keys: documents.flatMap((each) =>
      (Analysis.factsOf(each)?.models ?? []).flatMap((model) =>
        Array.from(stateKeys(model), ({ name }) => `${model.definition.name.text} ${name}`),
      ),
    ),
  };
}

/** The diagnostic of this code is gone, no error has come, and the keys are others only where the title says so. */
function whyWrong(
  action: CodeAction,
  code: string,
  before: State,
  after: State,
  hides: boolean,
): string | undefined {
  const count = ({ diagnostics }: State, wanted: string): number =>
    diagnostics.filter((each) => each.code === wanted).length;
  if (count(after, code) >= count(before, code)) return 'it is still there';
  const errors = ({ diagnostics }: State): readonly Diagnostic[] =>
    diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error);
  const isNew = (each: string): boolean => count(after, each) > count(before, each);
  const fresh = errors(after).find((each) => isNew(String(each.code)));
  if (fresh !== undefined && !hides && !isChoice(action)) return `a new error: ${String(fresh.code)}`;
  if (errors(before).length > 0) return undefined;
  const changes = before.keys.join() !== after.keys.join();
  return changes === action.title.includes('state_dict') ? undefined : `keys ${changes ? '' : 'do not '}change`;
}

/** One of several names or values, not the likeliest: what else it asks for is told when it is there. */
function isChoice({ title, isPreferred }: CodeAction): boolean {
  return isPreferred !== true && /^(Replace|Give) /.test(title);
}
