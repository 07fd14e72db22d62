/** The one status item: the size of the model under the cursor, and how the language server is. */
import {
  Disposable,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  type TextEditor,
  ThemeColor,
  commands as vscodeCommands,
  window,
} from 'vscode';
import { type ModelInShort, modelAt } from '../../../../server/src/protocol/modelAt.ts';
import type { Commands } from '../../platform/commands.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';
import type { Log } from '../../platform/log.ts';

/** Milliseconds without a move of the cursor before the server is asked. */
const PAUSE = 100;

/** What a click on it offers. */
const SHOW_ACTIONS = 'scv.showStatusActions';

export function registerStatus(commands: Commands, server: LanguageServer, log: Log): Disposable {
  const status = new Status(server, log);
  return Disposable.from(
    status,
    commands.register(SHOW_ACTIONS, () => chooseAction(server)),
  );
}

class Status implements Disposable {
  readonly #item: StatusBarItem = window.createStatusBarItem('scv.status', StatusBarAlignment.Right, 101);
  readonly #server: LanguageServer;
  readonly #log: Log;
  readonly #listeners: Disposable;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts what was asked: an answer to an older question is dropped. */
  #asked = 0;

  constructor(server: LanguageServer, log: Log) {
    this.#server = server;
    this.#log = log;
    this.#item.name = 'SCV';
    this.#item.command = SHOW_ACTIONS;
    this.#listeners = Disposable.from(
      window.onDidChangeActiveTextEditor(() => {
        this.#update();
      }),
      window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === window.activeTextEditor) this.#later();
      }),
      server.onAnalysed(({ uri }) => {
        if (uri === window.activeTextEditor?.document.uri.toString()) this.#update();
      }),
      server.onHealth(() => {
        this.#update();
      }),
    );
    this.#update();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listeners.dispose();
    this.#item.dispose();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#update();
    }, PAUSE);
  }

  #update(): void {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const editor = window.activeTextEditor;
    if (editor?.document.languageId !== 'scv') {
      this.#item.hide();
      return;
    }
    const { health } = this.#server;
    if (health !== 'running') {
      this.#showHealth(health);
      return;
    }
    this.#model(editor).then(
      (model) => {
        if (asked === this.#asked) this.#showModel(model);
      },
      (error: unknown) => {
        // A server that is being restarted answers nothing, and says so itself.
        this.#log.debug(`The status item has no model: ${String(error)}`);
      },
    );
  }

  async #model({ document, selection }: TextEditor): Promise<ModelInShort | undefined> {
    const { line, character } = selection.active;
    const { model } = await this.#server.ask(modelAt, { uri: document.uri.toString(), line, character });
    return model;
  }

  #showModel(model: ModelInShort | undefined): void {
    this.#item.backgroundColor = undefined;
    this.#item.text = model?.parameters ?? 'SCV';
    const tooltip = new MarkdownString(undefined, true);
    if (model !== undefined) {
      tooltip.appendMarkdown(`**${model.name}**\n\n`);
      tooltip.appendCodeblock(model.shapes, 'text');
      const counts = [model.parameters, model.macs].filter((text) => text !== undefined);
      if (counts.length > 0) tooltip.appendMarkdown(`\n${counts.join(' · ')}\n`);
    }
    tooltip.appendMarkdown('\n\nThe language server is running.');
    this.#show(tooltip);
  }

  #showHealth(health: 'starting' | 'stopped'): void {
    const isStopped = health === 'stopped';
    this.#item.text = isStopped ? '$(error) SCV' : '$(loading~spin) SCV';
    this.#item.backgroundColor = isStopped ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    this.#show(new MarkdownString(isStopped ? 'The language server has stopped.' : 'The language server starts.'));
  }

  #show(tooltip: MarkdownString): void {
    tooltip.isTrusted = { enabledCommands: ['scv.restartServer', 'scv.showServerLog'] };
    tooltip.appendMarkdown('\n\n[Restart](command:scv.restartServer) · [Log](command:scv.showServerLog)');
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `SCV: ${this.#item.text.replaceAll(/\$\([^)]*\)/g, '').trim()}` };
    this.#item.show();
  }
}

async function chooseAction(server: LanguageServer): Promise<void> {
  const actions = [
    { label: '$(file-code) Generate PyTorch', command: 'scv.generatePyTorch' },
    { label: '$(new-file) New Model…', command: 'scv.newModel' },
    { label: '$(debug-restart) Restart Language Server', command: 'scv.restartServer' },
    { label: '$(output) Show Language Server Log', command: 'scv.showServerLog' },
  ];
  const title = `The SCV language server ${server.health === 'running' ? 'is running' : server.health === 'starting' ? 'starts' : 'has stopped'}`;
  const chosen = await window.showQuickPick(actions, { title });
  if (chosen !== undefined) await vscodeCommands.executeCommand(chosen.command);
}
