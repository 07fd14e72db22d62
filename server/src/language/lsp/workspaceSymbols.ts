import { UriUtils, type LangiumDocument } from 'langium';
import type { LangiumSharedServices, WorkspaceSymbolProvider } from 'langium/lsp';
import {
  SymbolKind,
  type DocumentSymbol,
  type WorkspaceSymbol,
  type WorkspaceSymbolParams,
} from 'vscode-languageserver';
import { symbolsOf } from './documentSymbols.ts';

/** As many are told: who looks through more types another letter. */
const MOST = 500;

/** From this many letters on, what is in definitions is told too. */
const LEAST_LETTERS = 2;

/** What has a name of its own in the module: labelled stages, shared layers, weights. */
const ATTRIBUTES: ReadonlySet<SymbolKind> = new Set([SymbolKind.Property, SymbolKind.Constant, SymbolKind.Field]);

/** Definitions of all files, open or not, and the attributes in them; the likest first. */
export class ScvWorkspaceSymbolProvider implements WorkspaceSymbolProvider {
  private readonly services: LangiumSharedServices;
  /** By what was parsed, as long as it is kept. */
  private readonly known = new WeakMap<object, readonly WorkspaceSymbol[]>();

  constructor(services: LangiumSharedServices) {
    this.services = services;
  }

  getSymbols({ query }: WorkspaceSymbolParams): WorkspaceSymbol[] {
    const { FuzzyMatcher } = this.services.lsp;
    const found = this.services.workspace.LangiumDocuments.all
      .toArray()
      .flatMap((document) => this.symbolsIn(document))
      .filter(
        ({ name, kind }) => (query.length >= LEAST_LETTERS || !ATTRIBUTES.has(kind)) && FuzzyMatcher.match(query, name),
      )
      .map((symbol) => ({ symbol, rank: rankOf(symbol, query) }));
    found.sort((a, b) => a.rank - b.rank || (a.symbol.name < b.symbol.name ? -1 : 1));
    return found.slice(0, MOST).map(({ symbol }) => symbol);
  }

  private symbolsIn(document: LangiumDocument): readonly WorkspaceSymbol[] {
    let symbols = this.known.get(document.parseResult);
    if (symbols === undefined) {
      symbols = symbolsOf(document).flatMap((each) => [
        this.symbol(document, each, this.placeOf(document)),
        ...attributesIn(each.children ?? []).map((inside) => this.symbol(document, inside, each.name)),
      ]);
      this.known.set(document.parseResult, symbols);
    }
    return symbols;
  }

  private symbol(
    { textDocument }: LangiumDocument,
    { name, kind, selectionRange }: DocumentSymbol,
    containerName: string,
  ): WorkspaceSymbol {
    return { name, kind, containerName, location: { uri: textDocument.uri, range: selectionRange } };
  }

  /** The file, seen from the folder that is open. */
  private placeOf({ uri }: LangiumDocument): string {
    const folders = this.services.workspace.WorkspaceManager.workspaceFolders ?? [];
    const folder = folders.find((each) => UriUtils.contains(each.uri, uri));
    return folder === undefined ? UriUtils.basename(uri) : UriUtils.relative(folder.uri, uri);
  }
}

function attributesIn(symbols: readonly DocumentSymbol[]): DocumentSymbol[] {
  return symbols.flatMap((each) => [
    ...(ATTRIBUTES.has(each.kind) ? [each] : []),
    ...attributesIn(each.children ?? []),
  ]);
}

/** The name itself, then what begins with it, then the rest; definitions before attributes. */
function rankOf({ name, kind }: WorkspaceSymbol, query: string): number {
  const [text, wanted] = [name.toLowerCase(), query.toLowerCase()];
  const likeness = text === wanted ? 0 : text.startsWith(wanted) ? 1 : text.includes(wanted) ? 2 : 3;
  return 2 * likeness + (ATTRIBUTES.has(kind) ? 1 : 0);
}
