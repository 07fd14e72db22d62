import type { LangiumDocument, LangiumSharedCoreServices, ParserOptions, ParseResult, AstNode } from 'langium';
import { DefaultLangiumDocumentFactory, UriUtils, type URI } from 'langium';
import type { CancellationToken } from 'vscode-languageserver';
import type { File } from './generated/ast.ts';
import { stringValue } from './reading/literals.ts';
import { toSourceFile, type ReadFile } from './reading/sourceFile.ts';
import type { ScvParseResult } from './text/parser.ts';
import type { Readings } from './text/readings.ts';

/** Makes documents of {@link Readings}, which take unchanged parts from the version before. */
export class ScvDocumentFactory extends DefaultLangiumDocumentFactory {
  private readonly readings: () => Readings;

  constructor(services: LangiumSharedCoreServices, readings: () => Readings) {
    super(services);
    this.readings = readings;
  }

  protected override parse<T extends AstNode>(uri: URI, text: string, _options?: ParserOptions): ParseResult<T> {
    return this.readings().read(uri.toString(), text) as ParseResult as ParseResult<T>;
  }

  protected override parseAsync<T extends AstNode>(
    uri: URI,
    text: string,
    _token: CancellationToken,
  ): Promise<ParseResult<T>> {
    return Promise.resolve(this.parse<T>(uri, text));
  }

  forget(uri: URI): void {
    this.readings().forget(uri.toString());
  }
}

/** The parse result of a document; undefined for one that Langium has heard of and not yet read. */
export function parsedOf(document: LangiumDocument): ScvParseResult | undefined {
  return 'parts' in document.parseResult ? (document.parseResult as ScvParseResult) : undefined;
}

export function fileOf(document: LangiumDocument): File | undefined {
  return parsedOf(document)?.value;
}

export function readDocument(document: LangiumDocument): ReadFile | undefined {
  const parsed = parsedOf(document);
  return parsed && toSourceFile(document.uri.toString(), parsed);
}

/** Whether what was parsed is what the editor shows. */
export function isCurrent(document: LangiumDocument): boolean {
  return document.parseResult.value.$cstNode?.root.fullText === document.textDocument.getText();
}

/** What an import's path means, seen from the importing file. */
export function resolveImport(importer: URI, path: string): URI {
  return UriUtils.resolvePath(UriUtils.dirname(importer), path);
}

/** How a file is imported from another: `./blocks/resnet.scv`. Undefined where no such path leads to it. */
export function pathTo(importer: URI, imported: URI): string | undefined {
  if (importer.scheme !== imported.scheme || importer.authority !== imported.authority) return undefined;
  const relative = UriUtils.relative(UriUtils.dirname(importer), imported);
  const path = relative.startsWith('.') ? relative : `./${relative}`;
  return UriUtils.equals(resolveImport(importer, path), imported) ? path : undefined;
}

export function importsOf(document: LangiumDocument): URI[] {
  const imports = fileOf(document)?.imports ?? [];
  return imports.flatMap(({ path }) => (path ? [resolveImport(document.uri, stringValue(path))] : []));
}

/** The files that import one of these, however indirectly. */
export function importersOf(documents: Iterable<LangiumDocument>, imported: Iterable<string>): ReadonlySet<string> {
  const importers = new Map<string, string[]>();
  for (const document of documents) {
    for (const each of importsOf(document)) {
      const key = each.toString();
      const known = importers.get(key);
      if (known === undefined) importers.set(key, [document.uri.toString()]);
      else known.push(document.uri.toString());
    }
  }
  const reached = new Set<string>();
  const waiting = [...imported];
  for (const uri of waiting) {
    for (const importer of importers.get(uri) ?? []) {
      if (reached.has(importer)) continue;
      reached.add(importer);
      waiting.push(importer);
    }
  }
  return reached;
}
