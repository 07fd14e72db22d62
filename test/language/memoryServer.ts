/** The server in this process, spoken to as an editor does: what it throws, and what nobody catches, is seen here. */
import { PassThrough } from 'node:stream';
import {
  type MessageConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
  createConnection,
  createMessageConnection,
} from 'vscode-languageserver/node';
import type { PublishDiagnosticsParams, ServerCapabilities } from 'vscode-languageserver';
import { startServer } from '../../server/src/language/server.ts';

const PATIENCE_MS = 30_000;

export class MemoryServer {
  readonly connection: MessageConnection;
  capabilities: ServerCapabilities = {};
  /** The newest of each file. */
  readonly diagnostics = new Map<string, PublishDiagnosticsParams>();
  readonly #versions = new Map<string, number>();
  readonly #streams: readonly PassThrough[];
  #heard: () => void = () => undefined;

  private constructor(connection: MessageConnection, streams: readonly PassThrough[]) {
    this.connection = connection;
    this.#streams = streams;
  }

  static async start(): Promise<MemoryServer> {
    const [there, back] = [new PassThrough(), new PassThrough()];
    startServer(createConnection(ProposedFeatures.all, new StreamMessageReader(there), new StreamMessageWriter(back)));
    const connection = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
    const server = new MemoryServer(connection, [there, back]);
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      server.diagnostics.set(params.uri, params);
      server.#heard();
    });
    connection.onRequest('client/registerCapability', () => null);
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
    connection.listen();
    const { capabilities } = await connection.sendRequest<{ capabilities: ServerCapabilities }>('initialize', {
      processId: null,
      rootUri: null,
      workspaceFolders: null,
      capabilities: { workspace: { configuration: true } },
    });
    server.capabilities = capabilities;
    await connection.sendNotification('initialized', {});
    return server;
  }

  async open(uri: string, text: string): Promise<void> {
    this.#versions.set(uri, 1);
    const textDocument = { uri, languageId: 'scv', version: 1, text };
    await this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  /** @param changes as `didChange` has them */
  async change(uri: string, changes: readonly object[]): Promise<void> {
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    const params = { textDocument: { uri, version }, contentChanges: changes };
    await this.connection.sendNotification('textDocument/didChange', params);
  }

  /** The diagnostics of the text as it is. */
  async settled(uri: string): Promise<PublishDiagnosticsParams> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
      const found = this.diagnostics.get(uri);
      if (found?.version === this.#versions.get(uri)) return found!;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#heard = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    throw new Error(`no diagnostics of ${uri}, version ${String(this.#versions.get(uri))}`);
  }

  stop(): void {
    this.connection.dispose();
    for (const stream of this.#streams) stream.destroy();
  }
}
