/**
 * SCV: Open Graph. A custom text editor: its document is the text's own, so that undo, save and what is unsaved are VS
 * Code's; the graph is asked of the server, and drawn by a page in a webview (webview/src/graph/).
 */
import { Disposable, type Uri, window } from 'vscode';
import type { Commands } from '../../platform/commands.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';
import type { Log } from '../../platform/log.ts';
import { GraphEditors } from './graphEditors.ts';
import { GRAPH_VIEW, openGraph } from './openGraph.ts';

export function registerGraph(commands: Commands, server: LanguageServer, extension: Uri, log: Log): Disposable {
  const editors = new GraphEditors(server, extension, log);
  return Disposable.from(
    editors,
    window.registerCustomEditorProvider(GRAPH_VIEW, editors, { supportsMultipleEditorsPerDocument: true }),
    commands.register('scv.openGraph', (file, model) => openGraph(editors, file, model)),
  );
}
