import { Uri, ViewColumn, window, workspace } from 'vscode';
import { generatePyTorch } from '../../../../server/src/protocol/generatePyTorch.ts';
import { UserError } from '../../platform/commands.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';
import { fileName, pythonUri } from './pythonUri.ts';

/**
 * Opens the Python of a file beside it. From the editor's title `file` is the file, from a lens its URI as text and the
 * model's name, from the palette nothing.
 */
export async function showPyTorch(server: LanguageServer, file: unknown, name: unknown): Promise<void> {
  const uri =
    file instanceof Uri ? file : typeof file === 'string' ? Uri.parse(file) : window.activeTextEditor?.document.uri;
  if (uri === undefined) throw new UserError('Open a .scv file first; its model becomes PyTorch.');
  const document = await workspace.openTextDocument(uri);
  if (document.languageId !== 'scv') throw new UserError(`${fileName(uri)} isn't a .scv file.`);

  const { models, problems } = await server.ask(generatePyTorch, { uri: uri.toString(), version: document.version });
  if (models.length === 0) {
    throw new UserError(problems[0]?.message ?? `${fileName(uri)} has no model that could become PyTorch.`);
  }
  const isChosen = typeof name === 'string' && models.includes(name);
  const model = models.length < 2 ? undefined : isChosen ? name : await pickModel(models);
  if (models.length > 1 && model === undefined) return;

  const python = await workspace.openTextDocument(pythonUri({ file: uri, ...(model === undefined ? {} : { model }) }));
  await window.showTextDocument(python, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: false });
}

/** The last model comes first: it is usually the one that uses the others. */
async function pickModel(models: readonly string[]): Promise<string | undefined> {
  return window.showQuickPick(models.toReversed(), { placeHolder: 'The model to generate PyTorch for' });
}
