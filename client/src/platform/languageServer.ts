import { EventEmitter, type Disposable } from 'vscode';
import { LanguageClient, State, TransportKind, type ServerOptions } from 'vscode-languageclient/node';
import { documentAnalysed, type DocumentAnalysedParams } from '../../../server/src/protocol/documentAnalysed.ts';
import type { InitializationOptions } from '../../../server/src/protocol/initialization.ts';
import { ask, hear, type Request } from '../../../server/src/protocol/message.ts';
import { UserError } from './commands.ts';
import type { Log } from './log.ts';

export type Health = 'starting' | 'running' | 'stopped';

/** The port that "Attach to Language Server" in .vscode/launch.json attaches to. */
const DEBUG_PORT = 6009;

const HEALTH: Readonly<Record<State, Health>> = {
  [State.Stopped]: 'stopped',
  [State.StartFailed]: 'stopped',
  [State.Starting]: 'starting',
  [State.Running]: 'running',
};

/**
 * The language server, a process of its own. vscode-languageclient starts it again when it dies, and gives up with a
 * message when it dies five times in three minutes.
 */
export class LanguageServer implements Disposable {
  readonly #module: string;
  readonly #layerPageCommand: string;
  readonly #log: Log;
  readonly #analysed = new EventEmitter<DocumentAnalysedParams>();
  readonly #health = new EventEmitter<Health>();
  #client: LanguageClient | undefined;

  /** A document's facts are new. */
  readonly onAnalysed = this.#analysed.event;
  readonly onHealth = this.#health.event;

  /** @param layerPageCommand shows the page of a layer; the only command that hovers may run */
  constructor(module: string, layerPageCommand: string, log: Log) {
    this.#module = module;
    this.#layerPageCommand = layerPageCommand;
    this.#log = log;
  }

  /** Doesn't wait until it is up: requests do, and an editor must not. */
  start(): void {
    const server: ServerOptions = {
      run: { module: this.#module, transport: TransportKind.ipc },
      debug: {
        module: this.#module,
        transport: TransportKind.ipc,
        options: { execArgv: ['--enable-source-maps', `--inspect=127.0.0.1:${String(DEBUG_PORT)}`] },
      },
    };
    const client = new LanguageClient('scv', 'SCV', server, {
      documentSelector: [{ language: 'scv' }],
      outputChannel: this.#log,
      initializationOptions: { layerPageCommand: this.#layerPageCommand } satisfies InitializationOptions,
      markdown: { isTrusted: { enabledCommands: [this.#layerPageCommand] } },
    });
    hear(
      client,
      documentAnalysed,
      (params) => {
        this.#analysed.fire(params);
      },
      (error) => {
        this.#log.error(error.message);
      },
    );
    client.onDidChangeState(({ newState }) => {
      // One that was thrown away has nothing to say any more.
      if (this.#client === client) this.#health.fire(HEALTH[newState]);
    });
    client.start().catch((error: unknown) => {
      this.#log.error(`The language server didn't start: ${String(error)}`); // the client has told the user
    });
    this.#client = client;
    this.#health.fire('starting');
  }

  get health(): Health {
    return this.#client === undefined ? 'stopped' : HEALTH[this.#client.state];
  }

  async restart(): Promise<void> {
    // A server that is beyond stopping must not keep the user from getting a new one.
    await this.#client?.dispose().catch((error: unknown) => {
      this.#log.warn(`The old language server didn't stop: ${String(error)}`);
    });
    this.start();
  }

  /** Sends a request, when the server is up, and gives its checked answer. */
  async ask<Params, Result>(request: Request<Params, Result>, params: Params): Promise<Result> {
    if (this.#client?.needsStop() !== true) {
      throw new UserError("The SCV language server isn't running. 'SCV: Restart Language Server' starts it again.");
    }
    return ask(this.#client, request, params);
  }

  dispose(): void {
    this.#analysed.dispose();
    this.#health.dispose();
    void this.#client?.dispose();
  }
}
