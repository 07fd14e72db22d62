import { Uri, window, workspace } from 'vscode';
import { UserError } from '../../platform/commands.ts';
import type { PythonDocuments } from './pythonDocuments.ts';
import { fileName, PYTHON_SCHEME, pythonSource } from './pythonUri.ts';

/** Writes a Python document to a file. From the editor's title `python` is the document, from the palette nothing. */
export async function savePyTorch(documents: PythonDocuments, python: unknown): Promise<void> {
  const uri = python instanceof Uri ? python : window.activeTextEditor?.document.uri;
  if (uri?.scheme !== PYTHON_SCHEME)
    throw new UserError("Run 'SCV: Generate PyTorch' first; this saves what it shows.");
  const shown = documents.shown(uri);
  const { file } = pythonSource(uri);
  if (shown?.python === undefined) throw new UserError(`There is no Python to save: mend ${fileName(file)} first.`);
  if (!shown.upToDate) {
    const question = `${fileName(file)} has errors. Save the Python from before them?`;
    if ((await window.showWarningMessage(question, { modal: true }, 'Save')) === undefined) return;
  }
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(file, '..', fileName(uri)),
    filters: { Python: ['py'] },
  });
  if (target === undefined) return;
  await workspace.fs.writeFile(target, new TextEncoder().encode(shown.python));
  await window.showTextDocument(target, { preview: false });
}
