import assert from 'node:assert/strict';
import { commands, extensions } from 'vscode';
import { closeAll, open } from './editor.ts';

describe('the extension', () => {
  afterEach(closeAll);

  it('is activated by a .scv file, quickly', async () => {
    const extension = extensions.getExtension('scv.scv')!;
    const document = await open('lenet.scv');
    assert.equal(document.languageId, 'scv');
    const started = performance.now();
    await extension.activate();
    assert.ok(performance.now() - started < 300);
  });

  it('registers every command that it contributes', async () => {
    const manifest = extensions.getExtension('scv.scv')!.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const known = await commands.getCommands();
    assert.deepEqual(
      manifest.contributes.commands.map(({ command }) => command).filter((command) => !known.includes(command)),
      [],
    );
  });
});
