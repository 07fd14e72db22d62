import type { LangiumDocument, LangiumSharedCoreServices, URI } from 'langium';
import { TextDocument, UriUtils } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import {
  MessageType,
  ShowMessageNotification,
  type AnnotatedTextEdit,
  type ChangeAnnotation,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';

/** What an edit does that its user may not expect. */
export interface Note {
  readonly title: string;
  readonly text: string;
}

/** The edits of one document. */
export interface DocumentEdits {
  readonly document: LangiumDocument;
  readonly edits: readonly TextEdit[];
  /** Asked for these edits, where the editor can ask. */
  readonly note?: Note | undefined;
}

/** Edits of several files, as the editor at hand takes them. */
export class WorkspaceEdits {
  private readonly services: LangiumSharedServices;
  private takesVersions = false;
  private takesNotes = false;

  constructor(services: LangiumSharedServices) {
    this.services = services;
    services.lsp.LanguageServer.onInitialize(({ capabilities }) => {
      const able = capabilities.workspace?.workspaceEdit;
      this.takesVersions = able?.documentChanges === true;
      this.takesNotes = this.takesVersions && able?.changeAnnotationSupport !== undefined;
    });
  }

  /** Edits of open files hold for the version that was looked at; notes that an editor can't ask about are shown. */
  make(changes: readonly DocumentEdits[]): WorkspaceEdit {
    const told = new Map<string, Note>();
    for (const { note } of changes) if (note !== undefined) told.set(`${note.title}\n${note.text}`, note);
    const ids = new Map([...told.keys()].map((key, i) => [key, String(i)]));
    if (!this.takesNotes) for (const { title, text } of told.values()) this.show(`${title}: ${text}`);
    if (!this.takesVersions) {
      return { changes: Object.fromEntries(changes.map(({ document, edits }) => [uriOf(document), [...edits]])) };
    }
    const documentChanges = changes.map(({ document, edits, note }): TextDocumentEdit => {
      const annotationId = note && this.takesNotes ? ids.get(`${note.title}\n${note.text}`) : undefined;
      const version = this.services.workspace.TextDocuments.get(document.uri)?.version ?? null;
      return {
        textDocument: { uri: uriOf(document), version },
        edits: edits.map((edit): TextEdit | AnnotatedTextEdit =>
          annotationId === undefined ? edit : { ...edit, annotationId },
        ),
      };
    });
    if (told.size === 0 || !this.takesNotes) return { documentChanges };
    const changeAnnotations: Record<string, ChangeAnnotation> = {};
    for (const [key, { title, text }] of told)
      changeAnnotations[ids.get(key)!] = { label: title, description: text, needsConfirmation: true };
    return { documentChanges, changeAnnotations };
  }

  private show(message: string): void {
    const connection = this.services.lsp.Connection;
    connection?.sendNotification(ShowMessageNotification.type, { type: MessageType.Info, message }).catch(() => {
      // The editor is gone, and nobody is there to be told.
    });
  }
}

/** The text that a document would have. */
export function editedText({ textDocument }: LangiumDocument, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(textDocument, [...edits]);
}

/** As the editor writes it, where it has the file open. */
function uriOf({ textDocument }: LangiumDocument): string {
  return textDocument.uri;
}

/** Whether a file lies in none of the folders that are open; without folders there is no outside. */
export function isOutside({ workspace }: LangiumSharedCoreServices, uri: URI): boolean {
  const folders = workspace.WorkspaceManager.workspaceFolders ?? [];
  return folders.length > 0 && !folders.some((folder) => UriUtils.contains(folder.uri, uri));
}
