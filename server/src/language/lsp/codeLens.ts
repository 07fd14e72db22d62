import type { LangiumDocument } from 'langium';
import type { CodeLensProvider } from 'langium/lsp';
import type { CodeLens, Command } from 'vscode-languageserver';
import { inShort } from '../../core/analysis/summary.ts';
import type { FileFacts } from '../../core/analysis/analyse.ts';
import type { Definition, Identifier } from '../../core/definition.ts';
import type { Analysis } from '../analysis.ts';
import { readDocument } from '../documents.ts';
import type { ScvServices } from '../module.ts';
import type { Settings } from '../settings.ts';
import { isIdentifier, nodesIn, type Ranged } from './locate.ts';

/** Over a model its size and the ways to its PyTorch and its graph, over a block how often it is used. */
export class ScvCodeLensProvider implements CodeLensProvider {
  private readonly analysis: () => Analysis;
  private readonly settings: Settings;

  constructor(services: ScvServices) {
    this.analysis = () => services.scv.Analysis;
    this.settings = services.scv.Settings;
  }

  async provideCodeLens(document: LangiumDocument): Promise<CodeLens[] | undefined> {
    if (!(await this.settings.codeLenses())) return undefined;
    const read = readDocument(document);
    const facts = this.analysis().factsOf(document);
    if (read === undefined || facts === undefined) return undefined;
    const uses = this.uses(document);
    const isReadable = read.problems.every(({ severity }) => severity !== 'error');
    return read.file.definitions.flatMap((definition, i) => {
      const start = read.placement.definitions[i]!.header + definition.name.range.start;
      const position = document.textDocument.positionAt(start);
      const end = document.textDocument.positionAt(start + definition.name.text.length);
      const commands =
        definition.kind === 'model'
          ? modelLenses(document, facts, definition, isReadable)
          : [usesLens(document, position, uses.get(definition.id) ?? 0)];
      return commands.map((command) => ({ range: { start: position, end }, command }));
    });
  }

  /** How often each definition of a file is named, in it and in those that import it. */
  private uses(document: LangiumDocument): ReadonlyMap<string, number> {
    const uses = new Map<string, number>();
    for (const user of [document, ...this.analysis().importersOf(document)]) {
      const facts = this.analysis().factsOf(user);
      for (const definition of readDocument(user)?.file.definitions ?? []) {
        for (const { text } of calleesIn(definition)) {
          const found = facts?.session.resolve(definition, text);
          if (found?.kind === 'definition') uses.set(found.definition.id, (uses.get(found.definition.id) ?? 0) + 1);
        }
      }
    }
    return uses;
  }
}

/** Names of layers and blocks: stages', and those handed over as arguments. */
function* calleesIn(definition: Definition): Generator<Identifier> {
  if (definition.kind === 'extern') return;
  for (const part of [...definition.parameters, ...definition.statements]) {
    for (const node of nodesIn(part)) {
      const { callee, name } = node as { callee?: Ranged; name?: Ranged };
      const named = callee ?? (node.kind === 'name' ? name : undefined);
      if (isIdentifier(named)) yield named;
    }
  }
}

/** While there are mistakes nobody knows how large it is. */
function modelLenses(
  { uri }: LangiumDocument,
  facts: FileFacts,
  { id, name }: Definition,
  isReadable: boolean,
): Command[] {
  const python = { title: 'PyTorch', command: 'scv.generatePyTorch', arguments: [uri.toString(), name.text] };
  const model = facts.models.find(({ definition }) => definition.id === id);
  const { parameters, macs } = model === undefined || !isReadable ? {} : inShort(facts.session, model);
  const graph = { title: 'Graph', command: 'scv.openGraph', arguments: [uri.toString(), name.text] };
  if (parameters === undefined) return [python, graph];
  return [{ title: macs === undefined ? parameters : `${parameters} · ${macs}`, command: '' }, python, graph];
}

function usesLens({ uri }: LangiumDocument, position: object, count: number): Command {
  if (count === 0) return { title: 'not used', command: '' };
  const title = `used ${count === 1 ? 'once' : `${String(count)} times`}`;
  return { title, command: 'scv.showReferences', arguments: [uri.toString(), position] };
}
