/** A language server in a process of its own, spoken to over stdio as an editor does. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from 'vscode-languageserver/node';
import type { Position, PublishDiagnosticsParams } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { ended } from '../../scripts/processes.ts';
import { type Request, ask } from '../../server/src/protocol/message.ts';

const PATIENCE_MS = 120_000;

export interface Server {
  /** Arguments for this Node. */
  readonly command: readonly string[];
  readonly language: string;
  /** What it gets for each section of the configuration that it asks for. */
  readonly settings?: Readonly<Record<string, object>>;
}

export class LspClient {
  readonly #server: ChildProcessByStdio<Writable, Readable, null>;
  readonly #connection: MessageConnection;
  readonly #language: string;
  readonly #documents = new Map<string, TextDocument>();
  #published: (params: PublishDiagnosticsParams) => void = () => undefined;

  private constructor(
    server: ChildProcessByStdio<Writable, Readable, null>,
    connection: MessageConnection,
    language: string,
  ) {
    this.#server = server;
    this.#connection = connection;
    this.#language = language;
  }

  static async start({ command, language, settings = {} }: Server, folder?: string): Promise<LspClient> {
    const server = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] });
    const connection = createMessageConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    const client = new LspClient(server, connection, language);
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      client.#published(params);
    });
    connection.onRequest('client/registerCapability', () => null);
    connection.onRequest('workspace/configuration', ({ items }: { items: { section?: string }[] }) =>
      items.map(({ section }) => settings[section ?? ''] ?? {}),
    );
    connection.listen();
    const root = folder === undefined ? null : pathToFileURL(folder).href;
    await connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: root,
      workspaceFolders: root === null ? null : [{ uri: root, name: 'bench' }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: { publishDiagnostics: { versionSupport: true } },
      },
    });
    await connection.sendNotification('initialized', {});
    return client;
  }

  async close(): Promise<void> {
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
    await ended(this.#server);
    this.#connection.dispose();
  }

  /** @returns milliseconds until its diagnostics are there */
  async open(uri: string, text: string): Promise<number> {
    this.#documents.set(uri, TextDocument.create(uri, this.#language, 1, text));
    return this.#timed(uri, 1, 'textDocument/didOpen', {
      textDocument: { uri, languageId: this.#language, version: 1, text },
    });
  }

  text(uri: string): string {
    return this.#documents.get(uri)!.getText();
  }

  positionAt(uri: string, offset: number): Position {
    return this.#documents.get(uri)!.positionAt(offset);
  }

  /** One key. @returns milliseconds from `didChange` to the diagnostics of that version */
  async edit(uri: string, offset: number, length: number, inserted: string): Promise<number> {
    const before = this.#documents.get(uri)!;
    const version = before.version + 1;
    const range = { start: before.positionAt(offset), end: before.positionAt(offset + length) };
    const contentChanges = [{ range, text: inserted }];
    this.#documents.set(uri, TextDocument.update(before, contentChanges, version));
    return this.#timed(uri, version, 'textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  version(uri: string): number {
    return this.#documents.get(uri)!.version;
  }

  /** Several edits of a text as it is, in its order, as one change; nothing is waited for. */
  async change(uri: string, edits: readonly { start: number; end: number; newText: string }[]): Promise<void> {
    const before = this.#documents.get(uri)!;
    const version = before.version + 1;
    // Each is about the text after the one before it.
    const contentChanges = edits.toReversed().map(({ start, end, newText }) => ({
      range: { start: before.positionAt(start), end: before.positionAt(end) },
      text: newText,
    }));
    // An update changes the document itself.
    this.#documents.set(uri, TextDocument.update(before, contentChanges, version));
    await this.#connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  async request<Params, Result>(of: Request<Params, Result>, params: Params): Promise<Result> {
    return ask(this.#connection, of, params);
  }

  /** @returns milliseconds until it is answered */
  async ask(method: string, uri: string, position: Position): Promise<number> {
    const start = performance.now();
    await this.#connection.sendRequest(method, { textDocument: { uri }, position });
    return performance.now() - start;
  }

  async #timed(uri: string, version: number, method: string, params: object): Promise<number> {
    const done = new Promise<void>((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new Error(`no diagnostics of version ${String(version)}`));
      }, PATIENCE_MS);
      this.#published = (published) => {
        if (published.uri !== uri || published.version !== version) return;
        clearTimeout(patience);
        resolve();
      };
    });
    const start = performance.now();
    await this.#connection.sendNotification(method, params);
    await done;
    return performance.now() - start;
  }
}
