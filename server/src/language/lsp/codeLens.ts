import type { LangiumDocument, LangiumDocuments } from 'langium';
import type { CodeLensProvider } from 'langium/lsp';
import type { CodeLens, Command } from 'vscode-languageserver';
import { shortCount, shortMacs } from '../../core/analysis/numbers.ts';
import { atUsualSize, totalsOf } from '../../core/analysis/summary.ts';
import type { FileFacts } from '../../core/analysis/analyse.ts';
import type { Definition, Identifier } from '../../core/definition.ts';
import { constantValue } from '../../core/dimension.ts';
import type { Analysis } from '../analysis.ts';
import { readDocument } from '../documents.ts';
import type { ScvServices } from '../module.ts';
import type { Settings } from '../settings.ts';
import { childrenOf, isIdentifier, type Ranged } from './locate.ts';

/** Over a model its size and the way to its PyTorch, over a block how often it is used. */
export class ScvCodeLensProvider implements CodeLensProvider {
  private readonly analysis: () => Analysis;
  private readonly documents: LangiumDocuments;
  private readonly settings: Settings;

  constructor(services: ScvServices) {
    this.analysis = () => services.scv.Analysis;
    this.documents = services.shared.workspace.LangiumDocuments;
    this.settings = services.scv.Settings;
  }

  async provideCodeLens(document: LangiumDocument): Promise<CodeLens[] | undefined> {
    if (!(await this.settings.codeLenses())) return undefined;
    const read = readDocument(document);
    const facts = this.analysis().factsOf(document);
    if (read === undefined || facts === undefined) return undefined;
    const uses = this.uses();
    return read.file.definitions.flatMap((definition, i) => {
      const start = read.placement.definitions[i]!.header + definition.name.range.start;
      const position = document.textDocument.positionAt(start);
      const end = document.textDocument.positionAt(start + definition.name.text.length);
      const commands =
        definition.kind === 'model'
          ? modelLenses(document, facts, definition)
          : [usesLens(document, position, uses.get(definition.id) ?? 0)];
      return commands.map((command) => ({ range: { start: position, end }, command }));
    });
  }

  /** How often each definition is named, in all files. */
  private uses(): ReadonlyMap<string, number> {
    const uses = new Map<string, number>();
    for (const document of this.documents.all) {
      const facts = this.analysis().factsOf(document);
      for (const definition of readDocument(document)?.file.definitions ?? []) {
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
  const open: Ranged[] = definition.kind === 'extern' ? [] : [...definition.parameters, ...definition.statements];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const name =
      (node as { callee?: Ranged; name?: Ranged }).callee ?? (node.kind === 'name' ? nameOf(node) : undefined);
    if (isIdentifier(name)) yield name;
    open.push(...childrenOf(node));
  }
}

function nameOf(node: Ranged): Ranged | undefined {
  return (node as { name?: Ranged }).name;
}

function modelLenses({ uri }: LangiumDocument, facts: FileFacts, { id, name }: Definition): Command[] {
  const python = { title: 'PyTorch', command: 'scv.generatePyTorch', arguments: [uri.toString(), name.text] };
  const model = facts.models.find(({ definition }) => definition.id === id);
  const parameters = model && constantValue(totalsOf(model).parameters);
  if (parameters === undefined) return [python];
  const { instance, at } = atUsualSize(facts.session, model!);
  const macs = constantValue(totalsOf(instance).macs);
  const parts = [`${shortCount(parameters)} parameters`];
  if (macs !== undefined) parts.push(`${shortMacs(macs)}${at === undefined ? '' : ` at ${at.join('×')}`}`);
  return [{ title: parts.join(' · '), command: '' }, python];
}

function usesLens({ uri }: LangiumDocument, position: object, count: number): Command {
  if (count === 0) return { title: 'not used', command: '' };
  const title = `used ${count === 1 ? 'once' : `${String(count)} times`}`;
  return { title, command: 'scv.showReferences', arguments: [uri.toString(), position] };
}
