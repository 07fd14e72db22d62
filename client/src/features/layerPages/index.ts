import { Uri, commands, workspace, type Disposable } from 'vscode';
import { UserError, type Commands } from '../../platform/commands.ts';

/** Hovers link to it: shows the page of a layer that comes with the extension. */
export const OPEN_LAYER_PAGE = 'scv.openLayerPage';

export function registerLayerPages(register: Commands, extension: Uri): Disposable {
  return register.register(OPEN_LAYER_PAGE, async (name) => {
    if (typeof name !== 'string' || !/^\w+$/.test(name)) throw new UserError('There is no page of that name.');
    const page = Uri.joinPath(extension, 'docs/layers', `${name}.md`);
    await workspace.fs.stat(page).then(undefined, () => {
      throw new UserError(`There is no page on ${name}.`);
    });
    await commands.executeCommand('markdown.showPreviewToSide', page);
  });
}
