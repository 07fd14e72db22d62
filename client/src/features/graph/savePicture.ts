import { Uri, window, workspace } from 'vscode';
import type { PictureFormat } from '../../../../server/src/protocol/graphView.ts';

const FILTERS: Readonly<Record<PictureFormat, { readonly ending: string; readonly title: string }>> = {
  svg: { ending: 'svg', title: 'SVG' },
  png: { ending: 'png', title: 'PNG' },
  mermaid: { ending: 'mmd', title: 'Mermaid' },
};

/** Asks where to, and writes a picture of a graph there. */
export async function savePicture(file: Uri, name: string, format: PictureFormat, content: string): Promise<void> {
  const { ending, title } = FILTERS[format];
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(file, '..', `${name.replaceAll(/[^\w.\- ]/g, '_')}.${ending}`),
    filters: { [title]: [ending] },
  });
  if (target === undefined) return;
  const bytes = format === 'png' ? Buffer.from(content, 'base64') : new TextEncoder().encode(content);
  await workspace.fs.writeFile(target, bytes);
}
