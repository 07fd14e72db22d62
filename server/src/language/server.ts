import { DocumentState, URI, type LangiumDocument } from 'langium';
import { startLanguageServer } from 'langium/lsp';
import { CodeLensRefreshRequest, type Connection } from 'vscode-languageserver';
import type { Problem } from '../core/problem.ts';
import { generate } from '../core/pytorch/generate.ts';
import { inShort } from '../core/analysis/summary.ts';
import type { Instance } from '../core/graph.ts';
import { TEMPLATES, newModel } from '../core/templates.ts';
import { formatShape } from '../core/tensor.ts';
import { describeNode } from '../protocol/describeNode.ts';
import { documentAnalysed } from '../protocol/documentAnalysed.ts';
import {
  generatePyTorch,
  type GenerationProblem,
  type GeneratePyTorchParams,
  type GeneratePyTorchResult,
} from '../protocol/generatePyTorch.ts';
import { graph } from '../protocol/graph.ts';
import { planGraphEdit } from '../protocol/graphEdit.ts';
import { readInitializationOptions } from '../protocol/initialization.ts';
import { answer, tell } from '../protocol/message.ts';
import { modelAt, type ModelAtParams, type ModelAtResult } from '../protocol/modelAt.ts';
import { modelTemplates, newModelText } from '../protocol/newModel.ts';
import { palette } from '../protocol/palette.ts';
import { analysed } from './analysed.ts';
import { readDocument } from './documents.ts';
import { answerDescribeNode } from './graph/describeNode.ts';
import { answerGraph } from './graph/graph.ts';
import { answerPalette } from './graph/palette.ts';
import { answerPlanGraphEdit } from './graph/planGraphEdit.ts';
import { locate } from './lsp/locate.ts';
import { addCodeActionResolution, addCompletionResolution, addSelectionRanges } from './lsp/languageServer.ts';
import { boundedFileSystem } from './fileSystem.ts';
import { shortened } from './problem.ts';
import { createScvServices, type ScvLanguage } from './module.ts';

/**
 * Speaks to an editor: LSP, and what the protocol adds to it.
 *
 * @param layerPages the folder of the layers' pages, if it comes along
 */
export function startServer(connection: Connection, layerPages?: string): void {
  const language = createScvServices({ connection, ...boundedFileSystem });
  const pages = language.scv.scv.LayerPages;
  pages.folder = layerPages;
  language.shared.lsp.LanguageServer.onInitialize(({ initializationOptions }) => {
    pages.command = readInitializationOptions(initializationOptions).layerPageCommand;
  });
  sendVersions(connection, language);
  announceAnalyses(connection, language);
  refreshViews(connection, language);
  answer(connection, generatePyTorch, (params) => answerGeneratePyTorch(language, params));
  answer(connection, modelAt, (params) => answerModelAt(language, params));
  answer(connection, graph, (params) => answerGraph(language, params));
  answer(connection, describeNode, (params) => answerDescribeNode(language, params));
  answer(connection, planGraphEdit, (params) => answerPlanGraphEdit(language, params));
  answer(connection, palette, (params) => answerPalette(language, params));
  answer(connection, modelTemplates, () =>
    Promise.resolve(
      TEMPLATES.map(({ id, title, summary, datasets }) => ({
        id,
        title,
        summary,
        datasets: datasets.map((each) => ({ name: each.name, summary: each.summary })),
      })),
    ),
  );
  answer(connection, newModelText, ({ template, dataset }) => Promise.resolve({ text: newModel(template, dataset) }));
  addSelectionRanges(connection, language.shared);
  addCodeActionResolution(connection, language);
  addCompletionResolution(connection, language);
  // The outline has counts: they need the files that are imported.
  startLanguageServer(language.shared, { DocumentSymbolProvider: DocumentState.IndexedReferences });
}

/** Diagnostics tell the version that they belong to, so that an editor can drop stale ones. */
function sendVersions(connection: Connection, { shared }: ScvLanguage): void {
  const send = connection.sendDiagnostics.bind(connection);
  connection.sendDiagnostics = (params) => {
    const version = shared.workspace.TextDocuments.get(params.uri)?.version;
    return send(version === undefined ? params : { ...params, version });
  };
}

function announceAnalyses(connection: Connection, { shared }: ScvLanguage): void {
  shared.workspace.DocumentBuilder.onDocumentPhase(DocumentState.Validated, async ({ uri }) => {
    const open = shared.workspace.TextDocuments.get(uri);
    if (open !== undefined) await tell(connection, documentAnalysed, { uri: open.uri, version: open.version });
  });
}

/** Hints and lenses of a file hang on others too, and on settings; an editor asks again only for the file that is typed in. */
function refreshViews(connection: Connection, { shared }: ScvLanguage): void {
  let canRefresh = { hints: false, lenses: false };
  shared.lsp.LanguageServer.onInitialize(({ capabilities: { workspace } }) => {
    canRefresh = {
      hints: workspace?.inlayHint?.refreshSupport === true,
      lenses: workspace?.codeLens?.refreshSupport === true,
    };
  });
  // Nobody waits for it: a build that did would wait for an editor that waits for the build.
  const refresh = (): void => {
    const asked = [
      ...(canRefresh.hints ? [connection.languages.inlayHint.refresh()] : []),
      ...(canRefresh.lenses ? [connection.sendRequest(CodeLensRefreshRequest.type)] : []),
    ];
    Promise.all(asked).catch((error: unknown) => {
      connection.console.warn(`Hints and lenses weren't asked for again: ${String(error)}`);
    });
  };
  const { DocumentBuilder, ConfigurationProvider } = shared.workspace;
  DocumentBuilder.onBuildPhase(DocumentState.Validated, (documents) => {
    if (documents.length > 1) refresh();
  });
  ConfigurationProvider.onConfigurationSectionUpdate(refresh);
}

export async function answerGeneratePyTorch(
  language: ScvLanguage,
  params: GeneratePyTorchParams,
): Promise<GeneratePyTorchResult> {
  const document = await analysed(language, URI.parse(params.uri), params.version);
  const { Analysis } = language.scv.scv;
  const { version } = document.textDocument;
  const facts = Analysis.factsOf(document);
  const syntax = readDocument(document)?.problems.filter(({ severity }) => severity === 'error') ?? [];
  const models = facts?.models.map(({ definition }) => definition.name.text) ?? [];
  const model =
    params.model === undefined
      ? facts?.models.at(-1)
      : facts?.models.find(({ definition }) => definition.name.text === params.model);
  if (facts === undefined || model === undefined) {
    const unread = readDocument(document)?.problems[0];
    const missing =
      unread?.code === 'too-large'
        ? unread.message
        : params.model === undefined
          ? 'The file has no model.'
          : `The file has no model ${params.model}.`;
    return { version, models, problems: [{ message: missing, uri: params.uri, line: 0, character: 0 }] };
  }
  const name = model.definition.name.text;
  const placed = (problem: Problem): GenerationProblem => placeProblem(language, document, problem);
  const errors = [
    ...syntax.map(({ message, range }) => {
      const { line, character } = document.textDocument.positionAt(range.start);
      return { message, uri: params.uri, line, character };
    }),
    ...facts.problems.filter(({ severity }) => severity === 'error').map(placed),
  ];
  if (errors.length > 0) {
    const problems = errors.map((error) => ({ ...error, message: shortened(error.message) }));
    return { version, models, model: name, problems };
  }
  const { python, problems } = generate(facts.session, model);
  if (problems.length > 0) return { version, models, model: name, problems: problems.map(placed) };
  return { version, models, model: name, python, problems: [] };
}

/** What is known of the text as it is, without waiting: who shows it asks again after the next analysis. */
export async function answerModelAt(
  { shared, scv }: ScvLanguage,
  { uri, line, character }: ModelAtParams,
): Promise<ModelAtResult> {
  const { LangiumDocuments, DocumentBuilder } = shared.workspace;
  const document = LangiumDocuments.getDocument(URI.parse(uri));
  if (document === undefined) return {};
  await DocumentBuilder.waitUntil(DocumentState.Linked, document.uri);
  const facts = scv.scv.Analysis.factsOf(document);
  const read = readDocument(document);
  const location = read && locate(read, document.textDocument.offsetAt({ line, character }));
  const model =
    facts?.models.find(({ definition }) => definition.id === location?.definition.id) ?? facts?.models.at(-1);
  if (facts === undefined || model === undefined) return {};
  const ports = (named: Instance['inputs']): string =>
    named.map(({ name, tensor }) => `${name} ${formatShape(tensor.shape)}`).join(', ');
  const shapes = `${ports(model.inputs)} → ${ports(model.outputs)}`;
  const isReadable = read?.problems.every(({ severity }) => severity !== 'error') === true;
  const counts = isReadable ? inShort(facts.session, model) : {};
  return { model: { name: model.definition.name.text, shapes, ...counts } };
}

function placeProblem({ scv }: ScvLanguage, document: LangiumDocument, { message, site }: Problem): GenerationProblem {
  const place = scv.scv.Analysis.placeOf(site);
  if (place === undefined) return { message, uri: document.textDocument.uri, line: 0, character: 0 };
  const { textDocument } = place.document;
  const { line, character } = textDocument.positionAt(place.start);
  return { message, uri: textDocument.uri, line, character };
}
