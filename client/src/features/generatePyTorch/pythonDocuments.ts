import { EventEmitter, Uri, workspace, type Disposable, type TextDocumentContentProvider } from 'vscode';
import { generatePyTorch } from '../../../../server/src/protocol/generatePyTorch.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';
import type { Log } from '../../platform/log.ts';
import { PYTHON_SCHEME, pythonSource } from './pythonUri.ts';
import { pythonText } from './pythonText.ts';

interface Shown {
  /** All of the document. */
  readonly text: string;
  /** The last code without errors. */
  readonly python: string | undefined;
  /** Whether that is the code of the text as it is. */
  readonly upToDate: boolean;
}

/** The contents of the open Python documents; each is renewed when the server has analysed its .scv file anew. */
export class PythonDocuments implements TextDocumentContentProvider, Disposable {
  readonly #server: LanguageServer;
  readonly #log: Log;
  readonly #shown = new Map<string, Shown>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #subscriptions: { dispose(): unknown }[];

  readonly onDidChange = this.#changed.event;

  constructor(server: LanguageServer, log: Log) {
    this.#server = server;
    this.#log = log;
    this.#subscriptions = [
      this.#changed,
      server.onAnalysed((analysed) => {
        const uri = Uri.parse(analysed.uri, true).toString(); // spelled as VS Code spells it
        for (const { uri: python } of workspace.textDocuments) {
          if (python.scheme === PYTHON_SCHEME && pythonSource(python).file.toString() === uri) void this.#renew(python);
        }
      }),
      workspace.onDidCloseTextDocument(({ uri }) => this.#shown.delete(uri.toString())),
    ];
  }

  /** VS Code asks when it opens a document, and after each `onDidChange`. */
  async provideTextDocumentContent(uri: Uri): Promise<string> {
    if (!this.#shown.has(uri.toString())) await this.#generate(uri);
    // Without an answer the text has been changed meanwhile, so that the server will soon have analysed it anew.
    return this.#shown.get(uri.toString())?.text ?? '# Generating …\n';
  }

  /** What is in a Python document, while it is open. */
  shown(uri: Uri): Shown | undefined {
    return this.#shown.get(uri.toString());
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #renew(uri: Uri): Promise<void> {
    try {
      if (await this.#generate(uri)) this.#changed.fire(uri);
    } catch (error) {
      this.#log.error(`${uri.path} couldn't be renewed:`, error);
    }
  }

  /** Asks the server and keeps its answer; false when the text was changed meanwhile and the answer is stale. */
  async #generate(uri: Uri): Promise<boolean> {
    const { file, model } = pythonSource(uri);
    const document = await workspace.openTextDocument(file);
    const params = { uri: file.toString(), version: document.version, ...(model === undefined ? {} : { model }) };
    const answer = await this.#server.ask(generatePyTorch, params);
    if (answer.version !== document.version) return false;
    const python = answer.python ?? this.#shown.get(uri.toString())?.python;
    const text = pythonText(answer, params.uri, python);
    this.#shown.set(uri.toString(), { text, python, upToDate: answer.python !== undefined });
    return true;
  }
}
