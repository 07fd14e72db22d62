import type {
  CancellationToken,
  CustomTextEditorProvider,
  Disposable,
  TextDocument,
  Uri,
  ViewColumn,
  WebviewPanel,
} from 'vscode';
import type { LanguageServer } from '../../platform/languageServer.ts';
import type { Log } from '../../platform/log.ts';
import { GraphEditor } from './graphEditor.ts';

/** The open graphs. */
export class GraphEditors implements CustomTextEditorProvider, Disposable {
  readonly #server: LanguageServer;
  readonly #extension: Uri;
  readonly #log: Log;
  readonly #open = new Set<GraphEditor>();
  /** What a lens asked for, by the file's URI: graphs that are about to open begin with it. */
  readonly #wanted = new Map<string, string>();

  constructor(server: LanguageServer, extension: Uri, log: Log) {
    this.#server = server;
    this.#extension = extension;
    this.#log = log;
  }

  resolveCustomTextEditor(document: TextDocument, panel: WebviewPanel, _token: CancellationToken): void {
    const key = document.uri.toString();
    const editor = new GraphEditor(document, panel, this.#wanted.get(key), this.#server, this.#extension, this.#log);
    this.#wanted.delete(key);
    this.#open.add(editor);
    panel.onDidDispose(() => {
      editor.dispose();
      this.#open.delete(editor);
    });
  }

  /** Lets the graphs of a file show a model, or the one that is opened next. */
  showModel(uri: Uri, model: string): void {
    const open = this.#of(uri);
    if (open.length === 0) this.#wanted.set(uri.toString(), model);
    for (const editor of open) editor.showModel(model);
  }

  /** Where the graph of a file is open. */
  columnOf(uri: Uri): ViewColumn | undefined {
    return this.#of(uri)[0]?.column;
  }

  dispose(): void {
    for (const editor of this.#open) editor.dispose();
  }

  #of(uri: Uri): GraphEditor[] {
    return [...this.#open].filter((editor) => editor.file === uri.toString());
  }
}
