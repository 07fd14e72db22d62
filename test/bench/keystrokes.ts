/** From a key to the diagnostics of what it made, in the language server as an editor has it: a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import {
  IPCMessageReader,
  IPCMessageWriter,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-languageserver/node';
import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { ended, projectFolder } from '../../scripts/processes.ts';
import { SHAPES } from '../language/long.ts';
import { duration, median, percentile, table, type Goal } from './measure.ts';

const LAYERS = 1000;
/** Typed and deleted so often in each text, at other places; and once before, while the server is getting warm. */
const ROUNDS = 4;
const LONGEST_MS = 150;
const PATIENCE_MS = 60_000;
/** A folder for profiles of the server, where one is named: `node --cpu-prof` writes them. */
const PROFILE = process.env.SCV_PROFILE;

/** What is typed, key by key, and deleted again: half words, a missing argument, a whole stage. */
const TYPED = ' -> Dropout(0.1)';

export async function measureKeystrokes(): Promise<{ readonly report: string; readonly goals: readonly Goal[] }> {
  const times = new Map<string, readonly number[]>();
  for (const [name, make] of Object.entries(SHAPES)) {
    const editor = await Editor.start();
    const all = await editor.type(make(LAYERS), ROUNDS + 1);
    times.set(name, all.slice(all.length / (ROUNDS + 1)));
    await editor.close();
  }
  const slowest = Math.max(...[...times.values()].map((each) => percentile(each, 0.95)));
  return {
    report: table(
      [`${LAYERS.toLocaleString('en')} layers`, 'median', 'p95', 'keys'],
      [...times].map(([name, each]) => [
        name,
        duration(median(each)),
        duration(percentile(each, 0.95)),
        String(each.length),
      ]),
    ),
    goals: [
      {
        promise: `from a key to its diagnostics in ${LAYERS.toLocaleString('en')} layers, p95 under ${LONGEST_MS} ms`,
        measured: duration(slowest),
        isKept: slowest < LONGEST_MS,
      },
    ],
  };
}

class Editor {
  readonly #server: ChildProcess;
  readonly #connection: MessageConnection;
  #published: (params: PublishDiagnosticsParams) => void = () => undefined;

  private constructor(server: ChildProcess, connection: MessageConnection) {
    this.#server = server;
    this.#connection = connection;
  }

  static async start(): Promise<Editor> {
    const server = fork(join(projectFolder, 'dist/languageServer.cjs'), ['--node-ipc'], {
      execArgv: PROFILE === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${PROFILE}`],
      silent: true,
    });
    server.stderr?.pipe(process.stderr);
    const connection = createMessageConnection(new IPCMessageReader(server), new IPCMessageWriter(server));
    const editor = new Editor(server, connection);
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      editor.#published(params);
    });
    connection.onRequest('client/registerCapability', () => null);
    connection.listen();
    await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
    await connection.sendNotification('initialized', {});
    return editor;
  }

  async close(): Promise<void> {
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
    await ended(this.#server);
    this.#connection.dispose();
  }

  /** Opens a text and types in it. @returns milliseconds of each key */
  async type(text: string, rounds: number): Promise<number[]> {
    const uri = 'untitled:model.scv';
    const analysed = (version: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const patience = setTimeout(() => {
          reject(new Error(`no diagnostics of version ${version}`));
        }, PATIENCE_MS);
        this.#published = (params) => {
          if (params.uri !== uri || params.version !== version) return;
          clearTimeout(patience);
          resolve();
        };
      });
    let document = TextDocument.create(uri, 'scv', 1, text);
    const opened = analysed(1);
    await this.#connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'scv', version: 1, text },
    });
    await opened;
    const times: number[] = [];
    const edit = async (offset: number, length: number, inserted: string): Promise<void> => {
      const version = document.version + 1;
      const range = { start: document.positionAt(offset), end: document.positionAt(offset + length) };
      const change = { range, text: inserted };
      document = TextDocument.update(document, [change], version);
      const done = analysed(version);
      const start = performance.now();
      await this.#connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [change],
      });
      await done;
      times.push(performance.now() - start);
    };
    for (let round = 0; round < rounds; round++) {
      const at = text.indexOf('\n', text.indexOf('Conv2d', Math.floor((text.length * (round + 1)) / (rounds + 2))));
      for (let i = 0; i < TYPED.length; i++) await edit(at + i, 0, TYPED[i]!);
      for (let i = TYPED.length - 1; i >= 0; i--) await edit(at + i, 1, '');
    }
    return times;
  }
}
