import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { commands, window } from 'vscode';
import { closeAll, errors, hover, open, replace, until } from './editor.ts';

describe('the language', () => {
  afterEach(closeAll);

  it('shows an error when a file is broken, and takes it away when it is mended', async () => {
    const document = await open('lenet.scv');
    await errors(document, (found) => found.length === 0);
    await replace(document, 'MaxPool2d(2)', 'MaxPol2d(2)');
    const [error] = await errors(document, (found) => found.length > 0);
    assert.equal(error!.range.start.line, 5);
    assert.match(error!.message, /MaxPol2d/);
    await replace(document, 'MaxPol2d(2)', 'MaxPool2d(2)');
    await errors(document, (found) => found.length === 0);
  });

  it('tells the parameter count on a layer', async () => {
    // 6 · 1 · 5 · 5 weights and 6 biases
    assert.match(await hover(await open('lenet.scv'), 'Conv2d(6'), /\b156\b/);
  });

  it('shows the page of a layer from its hover', async () => {
    assert.match(await hover(await open('lenet.scv'), 'Conv2d(6'), /\(command:scv\.openLayerPage\?/);
    await commands.executeCommand('scv.openLayerPage', 'Conv2d');
    await until('the page', () =>
      window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.includes('Conv2d.md')),
    );
  });

  it('goes on when its server is killed', async () => {
    const document = await open('lenet.scv');
    await hover(document, 'Conv2d(6');
    const killed = serverProcess();
    process.kill(killed, 'SIGKILL');
    await until('another server', () => ([killed, 0].includes(serverProcess()) ? undefined : true));
    assert.match(await hover(document, 'Conv2d(6'), /\b156\b/);
    await replace(document, 'MaxPool2d(2)', 'MaxPol2d(2)');
    const [error] = await errors(document, (found) => found.length > 0);
    assert.match(error!.message, /MaxPol2d/);
  });

  it('starts anew by command', async () => {
    const document = await open('lenet.scv');
    await hover(document, 'Conv2d(6');
    await commands.executeCommand('scv.restartServer');
    await replace(document, 'MaxPool2d(2)', 'MaxPol2d(2)');
    await errors(document, (found) => found.length > 0);
  });
});

/** The language server's, a child of this extension host; 0 where there is none. */
function serverProcess(): number {
  const running = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const [pid = 0] = running.flatMap((line) => {
    const [own, parent] = line.trim().split(/\s+/).map(Number);
    return parent === process.pid && line.includes('languageServer.cjs') ? [own!] : [];
  });
  return pid;
}
