import assert from 'node:assert/strict';
import { commands, window } from 'vscode';
import { closeAll, errors, until } from './editor.ts';

describe('SCV: New Model…', () => {
  afterEach(closeAll);

  it('opens a model that fits its data set, saved nowhere yet', async () => {
    const made = commands.executeCommand('scv.newModel');
    // The first template, then its first data set.
    await until('the new file', async () => {
      await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return window.activeTextEditor?.document.isUntitled === true ? true : undefined;
    });
    await made;
    const { document } = window.activeTextEditor!;
    assert.equal(document.languageId, 'scv');
    assert.match(document.getText(), /dataset: MNIST[^]*input image: \[N, 1, 28, 28\]/);
    await errors(document, (found) => found.length === 0);
  });
});
