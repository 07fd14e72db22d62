/** What a lens over a block opens: the places that use it, in VS Code's own view of references. */
import { type Disposable, type Location, Position, Uri, commands as vscodeCommands } from 'vscode';
import type { Commands } from '../../platform/commands.ts';

export function registerShowReferences(commands: Commands): Disposable {
  return commands.register('scv.showReferences', async (file, place) => {
    const position = positionOf(place);
    if (typeof file !== 'string' || position === undefined)
      throw new Error('scv.showReferences needs a file and a place.');
    const uri = Uri.parse(file);
    const found = await vscodeCommands.executeCommand<Location[]>('vscode.executeReferenceProvider', uri, position);
    await vscodeCommands.executeCommand('editor.action.showReferences', uri, position, found);
  });
}

function positionOf(place: unknown): Position | undefined {
  if (typeof place !== 'object' || place === null || !('line' in place) || !('character' in place)) return undefined;
  const { line, character } = place;
  return typeof line === 'number' && typeof character === 'number' ? new Position(line, character) : undefined;
}
