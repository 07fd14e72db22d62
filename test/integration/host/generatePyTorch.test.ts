import assert from 'node:assert/strict';
import { commands, Uri, window, workspace } from 'vscode';
import { closeAll, open, python, replace, until } from './editor.ts';

describe('SCV: Generate PyTorch', () => {
  afterEach(closeAll);

  it('opens the Python beside the text and follows an edit', async () => {
    const text = await open('lenet.scv');
    await commands.executeCommand('scv.generatePyTorch');
    const document = await python(/class LeNet\(nn\.Module\)/);
    assert.equal(document.languageId, 'python');
    assert.match(document.getText(), /Linear\(400, 120\)/);
    assert.equal(window.activeTextEditor?.document, text, 'one goes on typing in the text');
    assert.equal(window.visibleTextEditors.length, 2);

    await replace(text, 'Linear(120)', 'Linear(96)');
    await python(/Linear\(400, 96\)[^]*Linear\(96, 84\)/);
  });

  it('keeps the last code, with a note, while the text has errors', async () => {
    const text = await open('lenet.scv');
    await commands.executeCommand('scv.generatePyTorch');
    await python(/^(?!# NOT)[^]*Linear\(400, 120\)/);
    await replace(text, 'MaxPool2d(2)', 'MaxPol2d(2)');
    const document = await python(/^# NOT UP TO DATE: lenet\.scv[^]*Linear\(400, 120\)/);
    assert.match(document.getText(), /^# NOT .*line 6: .*MaxPol2d/);
    await replace(text, 'MaxPol2d(2)', 'MaxPool2d(2)');
    await python(/^(?!# NOT)[^]*Linear\(400, 120\)/);
  });

  it('opens one document a file, however often it is asked', async () => {
    await open('lenet.scv');
    await commands.executeCommand('scv.generatePyTorch');
    await commands.executeCommand('scv.generatePyTorch');
    await python(/LeNet/);
    assert.equal(window.visibleTextEditors.filter(({ document }) => document.uri.scheme === 'scv-pytorch').length, 1);
  });

  it('asks for the model where a file has several, the last one first', async () => {
    await open('두 models.scv');
    const generated = commands.executeCommand('scv.generatePyTorch');
    await until('the choice', async () => {
      await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return window.visibleTextEditors.find(({ document }) => document.uri.scheme === 'scv-pytorch');
    });
    await generated;
    const document = await python(/class Second\(nn\.Module\)/);
    assert.doesNotMatch(document.getText(), /class First/);
  });

  it('saves where the user says', async () => {
    await open('lenet.scv');
    await commands.executeCommand('scv.generatePyTorch');
    const document = await python(/LeNet/);
    const target = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'lenet.py');
    const saved = commands.executeCommand('scv.savePyTorch', document.uri);
    // The dialog suggests the file's own name beside it.
    await until('the saved file', async () => {
      await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return workspace.fs.stat(target).then(
        (stat) => stat,
        () => undefined,
      );
    });
    await saved;
    const content = new TextDecoder().decode(await workspace.fs.readFile(target));
    assert.equal(document.getText(), `# Up to date: lenet.scv as PyTorch.\n${content}`);
  });
});
