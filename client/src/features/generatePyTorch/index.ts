/**
 * SCV: Generate PyTorch. The Python stands beside the text in a read-only document of its own, which follows the
 * text as it is typed, and is written to a file only where the user says.
 */
import { Disposable, workspace } from 'vscode';
import type { Commands } from '../../platform/commands.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';
import type { Log } from '../../platform/log.ts';
import { PythonDocuments } from './pythonDocuments.ts';
import { PYTHON_SCHEME } from './pythonUri.ts';
import { savePyTorch } from './savePyTorch.ts';
import { showPyTorch } from './showPyTorch.ts';

export function registerGeneratePyTorch(commands: Commands, server: LanguageServer, log: Log): Disposable {
  const documents = new PythonDocuments(server, log);
  return Disposable.from(
    documents,
    workspace.registerTextDocumentContentProvider(PYTHON_SCHEME, documents),
    commands.register('scv.generatePyTorch', (file, model) => showPyTorch(server, file, model)),
    commands.register('scv.savePyTorch', (python) => savePyTorch(documents, python)),
  );
}
