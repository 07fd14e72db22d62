import assert from 'node:assert/strict';
import { commands, extensions } from 'vscode';
import { closeAll, open } from './editor.ts';

describe('the extension', () => {
  afterEach(closeAll);

  it('sleeps until it is needed, and is up quickly', async () => {
    const extension = extensions.getExtension('scv.scv')!;
    assert.equal(extension.isActive, false, 'no .scv file is open yet');
    const before = process.cpuUsage(); // the clock would count what else this machine does
    await extension.activate();
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 500_000, `it took ${(user + system) / 1000} ms`);
  });

  it('takes .scv files for its language', async () => {
    assert.equal((await open('lenet.scv')).languageId, 'scv');
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
