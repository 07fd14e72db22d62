import type { Module } from 'langium';
import { EmptyFileSystem, createGrammarConfig, inject } from 'langium';
import {
  createDefaultModule,
  createDefaultSharedModule,
  type DefaultSharedModuleContext,
  type LangiumServices,
  type LangiumSharedServices,
  type PartialLangiumServices,
  type PartialLangiumSharedServices,
} from 'langium/lsp';
import { Analysis } from './analysis.ts';
import { ScvDocumentBuilder } from './build.ts';
import { ScvDocumentValidator } from './diagnostics.ts';
import { ScvDocumentFactory } from './documents.ts';
import { LayerPages } from './layerPages.ts';
import { ScvGeneratedModule, ScvGeneratedSharedModule } from './generated/module.ts';
import { ScvIndexManager, ScvLinker } from './linking.ts';
import { ScvCallHierarchyProvider } from './lsp/callHierarchy.ts';
import { ScvCodeActionProvider } from './lsp/codeAction.ts';
import { ScvCodeLensProvider } from './lsp/codeLens.ts';
import { ScvCompletionProvider } from './lsp/completion.ts';
import { ScvDefinitionProvider } from './lsp/definition.ts';
import { ScvDocumentLinkProvider } from './lsp/documentLinks.ts';
import { ScvDocumentSymbolProvider } from './lsp/documentSymbols.ts';
import { ScvDocumentUpdateHandler, ScvFileOperationHandler } from './lsp/fileOperations.ts';
import { ScvFoldingRangeProvider } from './lsp/folding.ts';
import { ScvReferencesProvider } from './lsp/findReferences.ts';
import { ScvFormatter } from './lsp/formatting.ts';
import { ScvDocumentHighlightProvider } from './lsp/highlight.ts';
import { ScvHoverProvider } from './lsp/hover.ts';
import { ScvImplementationProvider } from './lsp/implementation.ts';
import { ScvInlayHintProvider } from './lsp/inlayHints.ts';
import { ScvReferences } from './lsp/references.ts';
import { ScvRenameProvider } from './lsp/rename.ts';
import { ScvSemanticTokenProvider } from './lsp/semanticTokens.ts';
import { ScvSignatureHelpProvider } from './lsp/signatureHelp.ts';
import { ScvTypeDefinitionProvider } from './lsp/typeDefinition.ts';
import { ScvWorkspaceSymbolProvider } from './lsp/workspaceSymbols.ts';
import { WorkspaceEdits } from './lsp/workspaceEdits.ts';
import { ScvNameProvider, ScvScopeComputation, ScvScopeProvider } from './scope.ts';
import { Settings } from './settings.ts';
import { FileParser } from './text/parser.ts';
import { Readings } from './text/readings.ts';
import { ScvTokenBuilder, valueConverter } from './text/tokens.ts';
import { ScvLanguageServer } from './lsp/languageServer.ts';
import { ScvWorkspaceManager } from './workspace.ts';

/** What this language adds to Langium's services. */
export interface ScvAddedServices {
  readonly scv: {
    readonly FileParser: FileParser;
    readonly Readings: Readings;
    readonly Analysis: Analysis;
    readonly Settings: Settings;
    readonly LayerPages: LayerPages;
    readonly WorkspaceEdits: WorkspaceEdits;
  };
  readonly references: { readonly ScopeProvider: ScvScopeProvider; readonly References: ScvReferences };
  readonly lsp: {
    readonly CodeActionProvider: ScvCodeActionProvider;
    readonly CompletionProvider: ScvCompletionProvider;
  };
}

export type ScvServices = LangiumServices & ScvAddedServices;

const ScvModule: Module<ScvServices, PartialLangiumServices & ScvAddedServices> = {
  scv: {
    FileParser: (services) => new FileParser(services),
    Readings: (services) => new Readings(services.scv.FileParser),
    Analysis: (services) => new Analysis(services.shared, () => services.scv.FileParser),
    Settings: (services) => new Settings(services.shared),
    LayerPages: () => new LayerPages(),
    WorkspaceEdits: (services) => new WorkspaceEdits(services.shared),
  },
  parser: {
    TokenBuilder: () => new ScvTokenBuilder(),
    ValueConverter: () => valueConverter,
    // Names may be in any script, and so are the words that features look for under the cursor.
    GrammarConfig: (services) => ({ ...createGrammarConfig(services), nameRegexp: /[\w\u00a1-\uffff]/ }),
  },
  references: {
    Linker: (services) => new ScvLinker(services),
    NameProvider: () => new ScvNameProvider(),
    References: (services) => new ScvReferences(services),
    ScopeComputation: () => new ScvScopeComputation(),
    ScopeProvider: (services) => new ScvScopeProvider(services),
  },
  validation: {
    DocumentValidator: (services) => new ScvDocumentValidator(services),
  },
  lsp: {
    CallHierarchyProvider: (services) => new ScvCallHierarchyProvider(services),
    CodeActionProvider: (services) => new ScvCodeActionProvider(services),
    CodeLensProvider: (services) => new ScvCodeLensProvider(services),
    CompletionProvider: (services) => new ScvCompletionProvider(services),
    DefinitionProvider: (services) => new ScvDefinitionProvider(services),
    DocumentHighlightProvider: (services) => new ScvDocumentHighlightProvider(services),
    DocumentLinkProvider: (services) => new ScvDocumentLinkProvider(services),
    DocumentSymbolProvider: (services) => new ScvDocumentSymbolProvider(services),
    FoldingRangeProvider: () => new ScvFoldingRangeProvider(),
    Formatter: (services) => new ScvFormatter(services),
    HoverProvider: (services) => new ScvHoverProvider(services),
    ImplementationProvider: (services) => new ScvImplementationProvider(services),
    InlayHintProvider: (services) => new ScvInlayHintProvider(services),
    ReferencesProvider: (services) => new ScvReferencesProvider(services),
    RenameProvider: (services) => new ScvRenameProvider(services),
    SemanticTokenProvider: (services) => new ScvSemanticTokenProvider(services),
    SignatureHelp: (services) => new ScvSignatureHelpProvider(services),
    TypeProvider: (services) => new ScvTypeDefinitionProvider(services),
  },
};

export interface ScvLanguage {
  readonly shared: LangiumSharedServices;
  readonly scv: ScvServices;
}

export function createScvServices(context: DefaultSharedModuleContext = EmptyFileSystem): ScvLanguage {
  // The factory is shared by all languages and asks for this one's readings when it is first used.
  const language: { scv?: ScvServices } = {};
  const sharedModule: Module<LangiumSharedServices, PartialLangiumSharedServices> = {
    lsp: {
      DocumentUpdateHandler: (services) => new ScvDocumentUpdateHandler(services),
      FileOperationHandler: (services) => new ScvFileOperationHandler(services, () => language.scv!.scv.WorkspaceEdits),
      LanguageServer: (services) => new ScvLanguageServer(services),
      WorkspaceSymbolProvider: (services) => new ScvWorkspaceSymbolProvider(services),
    },
    workspace: {
      DocumentBuilder: (services) =>
        new ScvDocumentBuilder(services, services.workspace.LangiumDocumentFactory as unknown as ScvDocumentFactory),
      IndexManager: (services) => new ScvIndexManager(services),
      LangiumDocumentFactory: (services) => new ScvDocumentFactory(services, () => language.scv!.scv.Readings),
      WorkspaceManager: (services) => new ScvWorkspaceManager(services),
    },
  };
  const shared = inject(createDefaultSharedModule(context), ScvGeneratedSharedModule, sharedModule);
  const scv = inject(createDefaultModule({ shared }), ScvGeneratedModule, ScvModule);
  language.scv = scv;
  shared.ServiceRegistry.register(scv);
  return { shared, scv };
}
