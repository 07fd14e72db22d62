import { Uri, ViewColumn, commands, window, workspace } from 'vscode';
import { UserError } from '../../platform/commands.ts';
import type { GraphEditors } from './graphEditors.ts';

/** As package.json contributes it. */
export const GRAPH_VIEW = 'scv.graph';

/**
 * Opens the graph of a file beside it. From the editor's title `file` is the file, from a lens its URI as text and the
 * model's name, from the palette nothing.
 */
export async function openGraph(editors: GraphEditors, file: unknown, model: unknown): Promise<void> {
  const uri =
    file instanceof Uri ? file : typeof file === 'string' ? Uri.parse(file) : window.activeTextEditor?.document.uri;
  if (uri === undefined) throw new UserError('Open a .scv file first; its graph is shown beside it.');
  const document = await workspace.openTextDocument(uri);
  if (document.languageId !== 'scv') {
    throw new UserError(`${uri.path.slice(uri.path.lastIndexOf('/') + 1)} isn't a .scv file.`);
  }
  if (typeof model === 'string') editors.showModel(uri, model);
  const isThere = editors.columnOf(uri);
  await commands.executeCommand('vscode.openWith', uri, GRAPH_VIEW, isThere ?? ViewColumn.Beside);
}
