import { Uri } from 'vscode';
import { object, optional, string } from '../../../../server/src/protocol/check.ts';

export const PYTHON_SCHEME = 'scv-pytorch';

/** What a Python document shows. */
export interface PythonSource {
  /** The .scv file. */
  readonly file: Uri;
  /** The model, where the file had several; otherwise the one it has. */
  readonly model?: string;
}

interface Query {
  file: string;
  model?: string;
}

const query = object<Query>({ file: string, model: optional(string) });

/** The address of a Python document: the last part of its path is the title of its tab. */
export function pythonUri(source: PythonSource): Uri {
  const { file, model } = source;
  const title = model ?? fileName(file).replace(/\.scv$/, '');
  return Uri.from({
    scheme: PYTHON_SCHEME,
    path: `/${title}.py`,
    query: JSON.stringify({ file: file.toString(), model } satisfies { file: string; model: string | undefined }),
  });
}

/** What a Python document shows; VS Code keeps addresses over restarts, so they are read with care. */
export function pythonSource(uri: Uri): PythonSource {
  const { file, model } = query(JSON.parse(uri.query), 'The address of a Python document');
  return { file: Uri.parse(file, true), ...(model === undefined ? {} : { model }) };
}

export function fileName(uri: Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
