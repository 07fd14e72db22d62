import { DocumentState, GrammarUtils, URI, UriUtils, type LangiumDocument } from 'langium';
import { DefaultDocumentUpdateHandler, type FileOperationHandler, type LangiumSharedServices } from 'langium/lsp';
import {
  FileChangeType,
  FileOperationPatternKind,
  type CreateFilesParams,
  type DeleteFilesParams,
  type DidChangeWatchedFilesParams,
  type FileEvent,
  type FileOperationOptions,
  type FileOperationRegistrationOptions,
  type RenameFilesParams,
  type TextDocumentChangeEvent,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { fileOf, pathTo, resolveImport } from '../documents.ts';
import type * as ast from '../generated/ast.ts';
import { stringValue } from '../reading/literals.ts';
import { isOutside, type DocumentEdits, type WorkspaceEdits } from './workspaceEdits.ts';

/** Ours, and folders, which may hold some. */
const OURS: FileOperationRegistrationOptions = {
  filters: [
    { scheme: 'file', pattern: { glob: '**/*.scv', matches: FileOperationPatternKind.file } },
    { scheme: 'file', pattern: { glob: '**/*', matches: FileOperationPatternKind.folder } },
  ],
};

/** Files that are moved take their imports with them, and those of others that mean them. */
export class ScvFileOperationHandler implements FileOperationHandler {
  readonly fileOperationOptions: FileOperationOptions = {
    willRename: OURS,
    didRename: OURS,
    didCreate: OURS,
    didDelete: OURS,
  };
  private readonly services: LangiumSharedServices;
  private readonly edits: () => WorkspaceEdits;

  constructor(services: LangiumSharedServices, edits: () => WorkspaceEdits) {
    this.services = services;
    this.edits = edits;
  }

  async willRenameFiles({ files }: RenameFilesParams): Promise<WorkspaceEdit | null> {
    const { DocumentBuilder, LangiumDocuments, WorkspaceManager } = this.services.workspace;
    await WorkspaceManager.ready;
    await DocumentBuilder.waitUntil(DocumentState.Parsed);
    const moves = files.map(({ oldUri, newUri }) => ({ from: URI.parse(oldUri), to: URI.parse(newUri) }));
    const changes = LangiumDocuments.all
      .map((document): DocumentEdits => ({ document, edits: this.importEdits(document, moves) }))
      .filter(({ edits }) => edits.length > 0)
      .toArray();
    return changes.length === 0 ? null : this.edits().make(changes);
  }

  didRenameFiles({ files }: RenameFilesParams): void {
    this.changed(
      files.flatMap(({ oldUri, newUri }) => [
        { uri: oldUri, type: FileChangeType.Deleted },
        { uri: newUri, type: FileChangeType.Created },
      ]),
    );
  }

  didCreateFiles({ files }: CreateFilesParams): void {
    this.changed(files.map(({ uri }) => ({ uri, type: FileChangeType.Created })));
  }

  didDeleteFiles({ files }: DeleteFilesParams): void {
    this.changed(files.map(({ uri }) => ({ uri, type: FileChangeType.Deleted })));
  }

  /** An editor that doesn't watch files tells it so; one that does tells it twice. */
  private changed(changes: FileEvent[]): void {
    this.services.lsp.DocumentUpdateHandler.didChangeWatchedFiles?.({ changes });
  }

  private importEdits(document: LangiumDocument, moves: readonly Move[]): TextEdit[] {
    const home = moved(document.uri, moves);
    const imports = fileOf(document)?.imports ?? [];
    return imports.flatMap((statement) => this.importEdit(document, statement, home, moves) ?? []);
  }

  private importEdit(
    document: LangiumDocument,
    statement: ast.Import,
    home: URI,
    moves: readonly Move[],
  ): TextEdit | undefined {
    const place = GrammarUtils.findNodeForProperty(statement.$cstNode, 'path');
    if (place === undefined) return undefined;
    const path = stringValue(statement.path);
    const old = resolveImport(document.uri, path);
    const target = moved(old, moves);
    // A path that leads nowhere isn't ours to mend.
    const isKnown = this.services.workspace.LangiumDocuments.hasDocument(old) || !UriUtils.equals(old, target);
    if (!isKnown || UriUtils.equals(resolveImport(home, path), target)) return undefined;
    const newPath = pathTo(home, target);
    if (newPath === undefined) return undefined;
    const quote = place.text.charAt(0);
    const { start, end } = place.range;
    return {
      range: {
        start: { ...start, character: start.character + 1 },
        end: { ...end, character: end.character - 1 },
      },
      newText: newPath.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`),
    };
  }
}

interface Move {
  readonly from: URI;
  readonly to: URI;
}

/** Where a file is after moves of it, or of a folder around it. */
function moved(uri: URI, moves: readonly Move[]): URI {
  for (const { from, to } of moves) {
    if (!UriUtils.contains(from, uri)) continue;
    const rest = uri.path.slice(from.path.replace(/\/$/, '').length);
    return to.with({ path: to.path.replace(/\/$/, '') + rest });
  }
  return uri;
}

/** Sees what changes on disk, and what an editor forgets: a file that is closed is what it is on disk again. */
export class ScvDocumentUpdateHandler extends DefaultDocumentUpdateHandler {
  private readonly services: LangiumSharedServices;

  constructor(services: LangiumSharedServices) {
    super(services);
    this.services = services;
  }

  didCloseDocument({ document }: TextDocumentChangeEvent<TextDocument>): void {
    const uri = URI.parse(document.uri);
    this.isOnDisk(uri)
      .then((isOnDisk) => {
        // One outside of the workspace is read again if something imports it.
        if (isOnDisk && !this.isForeign(uri)) this.fireDocumentUpdate([uri], []);
        else this.fireDocumentUpdate([], [uri]);
      })
      .catch((error: unknown) => {
        console.error(`${document.uri} was closed:`, error);
      });
  }

  /** A file that is deleted while it is open is what the editor shows. */
  override didChangeWatchedFiles({ changes }: DidChangeWatchedFilesParams): void {
    super.didChangeWatchedFiles({
      changes: changes.map((change) =>
        change.type === FileChangeType.Deleted && this.isOpen(URI.parse(change.uri))
          ? { ...change, type: FileChangeType.Changed }
          : change,
      ),
    });
  }

  private isOpen(uri: URI): boolean {
    return this.services.workspace.TextDocuments.get(uri) !== undefined;
  }

  private isForeign(uri: URI): boolean {
    const { workspaceFolders } = this.services.workspace.WorkspaceManager;
    return (workspaceFolders ?? []).length === 0 || isOutside(this.services, uri);
  }

  private async isOnDisk(uri: URI): Promise<boolean> {
    if (uri.scheme !== 'file') return false;
    try {
      return (await this.services.workspace.FileSystemProvider.stat(uri)).isFile;
    } catch {
      return false; // it isn't there
    }
  }
}
