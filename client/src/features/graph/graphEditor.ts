import {
  Range,
  Selection,
  TextEditorRevealType,
  Uri,
  ViewColumn,
  WorkspaceEdit,
  commands,
  window,
  workspace,
  type Disposable,
  type TextDocument,
  type TextEditor,
  type WebviewPanel,
} from 'vscode';
import { InvalidMessage } from '../../../../server/src/protocol/check.ts';
import { describeNode, type Place } from '../../../../server/src/protocol/describeNode.ts';
import { graph, type GraphResult } from '../../../../server/src/protocol/graph.ts';
import {
  planGraphEdit,
  staleFiles,
  type GraphEditRequest,
  type Plan,
} from '../../../../server/src/protocol/graphEdit.ts';
import { fromPage, type EditOutcome, type FromPage, type ToPage } from '../../../../server/src/protocol/graphView.ts';
import { palette } from '../../../../server/src/protocol/palette.ts';
import { UserError } from '../../platform/commands.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';
import type { Log } from '../../platform/log.ts';
import { pageFolder, pageOf } from './page.ts';
import { savePicture } from './savePicture.ts';

/** Between the page that draws a graph, the text, and the server that knows both. */
export class GraphEditor implements Disposable {
  readonly #document: TextDocument;
  readonly #panel: WebviewPanel;
  readonly #server: LanguageServer;
  readonly #log: Log;
  readonly #subscriptions: Disposable[];
  #model: string | undefined;
  /** What the page shows; its number is new with each graph, so that what was seen in an older one is told apart. */
  #shown: { readonly number: number; readonly answer: GraphResult } | undefined;
  #number = 0;
  /** What the page had selected in the text: it need not be told of that. */
  #revealed: Selection | undefined;
  /** What is to be selected in the next graph: what an edit has made. */
  #focus: { readonly uri: string; readonly offset: number } | undefined;

  constructor(
    document: TextDocument,
    panel: WebviewPanel,
    model: string | undefined,
    server: LanguageServer,
    extension: Uri,
    log: Log,
  ) {
    this.#document = document;
    this.#panel = panel;
    this.#model = model;
    this.#server = server;
    this.#log = log;
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extension)] };
    this.#subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      server.onAnalysed(({ uri }) => {
        if (Uri.parse(uri, true).toString() === this.file) void this.#refresh();
      }),
      server.onHealth((health) => {
        if (health === 'running') void this.#refresh();
      }),
      window.onDidChangeTextEditorSelection(({ textEditor }) => {
        const isOurs = this.#revealed !== undefined && textEditor.selection.isEqual(this.#revealed);
        if (!isOurs) this.#tellCursor(textEditor);
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('scv.graph')) this.#post({ kind: 'settings', settings: settings() });
      }),
    ];
    webview.html = pageOf(webview, extension, crypto.randomUUID());
  }

  /** The file's URI, as VS Code spells it. */
  get file(): string {
    return this.#document.uri.toString();
  }

  get column(): ViewColumn | undefined {
    return this.#panel.viewColumn;
  }

  showModel(model: string): void {
    this.#model = model;
    void this.#refresh();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #receive(message: unknown): Promise<void> {
    let checked: FromPage;
    try {
      checked = fromPage(message, 'A message of the graph');
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
      this.#log.error(error.message);
      return;
    }
    try {
      await this.#answer(checked);
    } catch (error) {
      this.#report(error);
    }
  }

  async #answer(message: FromPage): Promise<void> {
    switch (message.kind) {
      case 'ready':
        this.#model ??= message.model;
        await this.#refresh();
        return;
      case 'showModel':
        this.#model = message.model;
        await this.#refresh();
        return;
      case 'reveal':
        if (message.number === this.#shown?.number) await this.#reveal(message.place, message.focus);
        return;
      case 'describe': {
        const node = await this.#describe(message.number, message.place);
        this.#post({ kind: 'described', request: message.request, ...(node === undefined ? {} : { node }) });
        return;
      }
      case 'palette':
        this.#post({ kind: 'palette', groups: await this.#server.ask(palette, { uri: this.file }) });
        return;
      case 'edit': {
        let outcome: EditOutcome = { kind: 'refused', reason: 'This edit failed; the log says why.' };
        try {
          outcome = await this.#edit(message.number, message.edit);
        } finally {
          this.#post({ kind: 'edited', request: message.request, outcome });
        }
        if (outcome.kind === 'stale') await this.#refresh();
        return;
      }
      case 'save':
        await savePicture(this.#document.uri, message.name, message.format, message.content);
        return;
      case 'openLayerPage':
        await commands.executeCommand('scv.openLayerPage', message.layer);
        return;
      case 'failed':
        this.#log.error(`The page of the graph: ${message.message}`);
    }
  }

  /** Asks for the graph of the text as it is, and shows it. */
  async #refresh(): Promise<void> {
    const { version } = this.#document;
    try {
      const model = this.#model === undefined ? {} : { model: this.#model };
      const answer = await this.#server.ask(graph, { uri: this.file, version, ...model });
      // The text was changed meanwhile: the server will soon have analysed it anew.
      if (answer.version !== this.#document.version) return;
      this.#shown = { number: ++this.#number, answer };
      this.#post({ kind: 'graph', number: this.#number, uri: this.file, answer, settings: settings() });
      if (this.#focus !== undefined) this.#post({ kind: 'cursor', ...this.#focus });
      this.#focus = undefined;
    } catch (error) {
      if (!(error instanceof UserError)) this.#log.warn(`There is no graph of ${this.file}: ${String(error)}`);
      const reason =
        error instanceof UserError ? error.message : 'The language server gave no graph; its log says why.';
      this.#post({ kind: 'unavailable', reason });
    }
  }

  async #describe(number: number, place: Place): Promise<Extract<ToPage, { kind: 'described' }>['node']> {
    const shown = this.#shown;
    if (shown?.number !== number || shown.answer.model === undefined) return undefined;
    const { version, model } = shown.answer;
    const { node } = await this.#server.ask(describeNode, { uri: this.file, version, model, place });
    return node;
  }

  async #reveal(place: Place, focus: boolean): Promise<void> {
    const last = place.at(-1);
    const definition = this.#shown?.answer.definitions.find(({ id }) => id === last?.definition);
    const start = last && (last.part < 0 ? definition?.header : definition?.statements[last.part]);
    if (definition === undefined || last === undefined || start === undefined) return;
    await this.#show(Uri.parse(definition.uri), start + last.range.start, start + last.range.end, focus);
  }

  /** Where the file's text is in sight; it is opened only where its editor is to become the active one. */
  async #show(uri: Uri, start: number, end: number, focus: boolean): Promise<void> {
    let editor = window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
    if (focus) {
      const column = editor?.viewColumn ?? (this.column === ViewColumn.One ? ViewColumn.Beside : ViewColumn.One);
      editor = await window.showTextDocument(uri, { viewColumn: column });
    }
    if (editor === undefined) return;
    const range = new Range(editor.document.positionAt(start), editor.document.positionAt(end));
    this.#revealed = new Selection(range.start, range.end);
    editor.selection = this.#revealed;
    editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
  }

  #tellCursor({ document, selection }: TextEditor): void {
    const uri = document.uri.toString();
    if (this.#shown?.answer.definitions.some((definition) => definition.uri === uri) !== true) return;
    this.#post({ kind: 'cursor', uri, offset: meantBy(document, document.offsetAt(selection.active)) });
  }

  /** Puts an edit into the texts: all of it as one step, or nothing. */
  async #edit(number: number, request: GraphEditRequest): Promise<EditOutcome> {
    const shown = this.#shown;
    if (shown?.number !== number || isStale(shown.answer)) return { kind: 'stale' };
    const { versions, model } = shown.answer;
    const params = { versions, uri: this.file, request, ...(model === undefined ? {} : { model }) };
    const plan = await this.#server.ask(planGraphEdit, params);
    if (plan.kind !== 'edits') return plan;
    const edit = await workspaceEdit(plan);
    // Opening files took time. What changes after this, VS Code refuses by the versions that the edit was made for.
    if (isStale(shown.answer) || !(await workspace.applyEdit(edit))) return { kind: 'stale' };
    if (plan.focus !== undefined) this.#focus = { uri: plan.focus.uri, offset: plan.focus.range.start };
    return { kind: 'done', notes: plan.notes };
  }

  #post(message: ToPage): void {
    // A page that is hidden is gone; it asks when it comes back.
    void this.#panel.webview.postMessage(message);
  }

  #report(error: unknown): void {
    if (error instanceof UserError) {
      void window.showErrorMessage(error.message);
      return;
    }
    this.#log.error('The graph failed:', error instanceof Error ? (error.stack ?? error.message) : error);
    void window.showErrorMessage(`SCV: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Of a label what it stands before: `conv1: Conv2d(…)`. */
function meantBy(document: TextDocument, offset: number): number {
  const word = document.getWordRangeAtPosition(document.positionAt(offset));
  if (word === undefined) return offset;
  const end = document.offsetAt(word.end);
  const colon = /^\s*:\s*(?=[\w(])/.exec(document.getText(new Range(word.end, document.positionAt(end + 20))));
  return colon === null ? offset : end + colon[0].length;
}

function settings(): { edgeShapes: boolean } {
  return { edgeShapes: workspace.getConfiguration('scv.graph').get<boolean>('edgeShapes') === true };
}

/** Whether a text that the graph was made of is another one by now. */
function isStale({ versions }: GraphResult): boolean {
  const open = new Map(workspace.textDocuments.map(({ uri, version }) => [uri.toString(), version]));
  return staleFiles(versions, (uri) => open.get(Uri.parse(uri).toString())).length > 0;
}

async function workspaceEdit({ files }: Extract<Plan, { kind: 'edits' }>): Promise<WorkspaceEdit> {
  const edit = new WorkspaceEdit();
  for (const { uri, edits } of files) {
    const document = await workspace.openTextDocument(Uri.parse(uri));
    for (const { start, end, newText } of edits) {
      edit.replace(document.uri, new Range(document.positionAt(start), document.positionAt(end)), newText);
    }
  }
  return edit;
}
