/** The graph of a model, for an editor that draws it. */
import { URI } from 'langium';
import { describeModel } from '../../core/analysis/describeModel.ts';
import { uriOf } from '../../core/program.ts';
import type { GraphParams, GraphResult, PlacedDefinition } from '../../protocol/graph.ts';
import { analysed } from '../analysed.ts';
import { readDocument } from '../documents.ts';
import type { ScvLanguage } from '../module.ts';
import { shortened } from '../problem.ts';

export async function answerGraph(language: ScvLanguage, params: GraphParams): Promise<GraphResult> {
  const document = await analysed(language, URI.parse(params.uri), params.version);
  const { version } = document.textDocument;
  const facts = language.scv.scv.Analysis.factsOf(document);
  const errors = readDocument(document)?.problems.filter(({ severity }) => severity === 'error') ?? [];
  const problems = errors.map(({ message, range }) => {
    const { line } = document.textDocument.positionAt(range.start);
    return `line ${String(line + 1)}: ${shortened(message)}`;
  });
  const models = facts?.models.map(({ definition }) => definition.name.text) ?? [];
  const model = facts?.models.find(({ definition }) => definition.name.text === params.model) ?? facts?.models.at(-1);
  const own = document.uri.toString();
  if (facts === undefined || model === undefined) {
    return { version, models, definitions: [], versions: versionsOf(language, [own]), problems };
  }
  const graph = describeModel(facts, model);
  const definitions = graph.modules.flatMap(({ definition }) => placed(language, definition) ?? []);
  return {
    version,
    models,
    model: model.definition.name.text,
    graph,
    definitions: [...new Map(definitions.map((each) => [each.id, each])).values()],
    versions: versionsOf(language, [own, ...definitions.map(({ uri }) => uri)]),
    problems,
  };
}

function placed({ shared }: ScvLanguage, id: string): PlacedDefinition | undefined {
  const uri = uriOf(id);
  const document = shared.workspace.LangiumDocuments.getDocument(URI.parse(uri));
  const read = document && readDocument(document);
  const index = read?.file.definitions.findIndex((each) => each.id === id) ?? -1;
  const place = read?.placement.definitions[index];
  if (document === undefined || read === undefined || place === undefined) return undefined;
  const next = read.placement.definitions[index + 1]?.header;
  return {
    id,
    uri,
    header: place.header,
    end: next === undefined ? document.textDocument.getText().length : next - 1,
    statements: [...place.statements],
  };
}

/** Of the texts that are open: of others the editor has none. */
function versionsOf({ shared }: ScvLanguage, uris: readonly string[]): Record<string, number> {
  const versions: Record<string, number> = {};
  for (const uri of uris) {
    const open = shared.workspace.TextDocuments.get(uri);
    if (open !== undefined) versions[uri] = open.version;
  }
  return versions;
}
