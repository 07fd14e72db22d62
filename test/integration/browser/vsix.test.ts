import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vsixFile } from '../../../scripts/package.ts';
import { artifact } from '../../../scripts/processes.ts';
import { WorkbenchPage } from '../../../scripts/workbenchPage.ts';

/** The packaged extension, installed into a VS Code of its own, used by mouse and keyboard. */
describe('the .vsix', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'scv-test-'));
  let vscode: WorkbenchPage;

  before(async function () {
    this.timeout(120_000);
    assert.ok(existsSync(vsixFile()), `${vsixFile()} isn't there: 'npm run package' makes it`);
    cpSync(join(import.meta.dirname, '../workspace'), folder, { recursive: true });
    vscode = await WorkbenchPage.open({ folder, extension: { vsix: vsixFile() }, log: artifact('browser.log') });
  });

  afterEach(async function () {
    await vscode.screenshot(this.currentTest!.title.replaceAll(/\W+/g, '-'));
  });

  after(async () => {
    await vscode.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('colours a .scv file', async () => {
    await vscode.openFile('lenet.scv');
    await vscode.command('View: Toggle Primary Side Bar Visibility'); // makes room for two editors
    assert.notEqual(await vscode.colourOf('lenet.scv', 'model'), await vscode.colourOf('lenet.scv', 'LeNet'));
  });

  it('tells the size of a model over it, and shapes behind its lines', async () => {
    await vscode.page.locator('.codelens-decoration', { hasText: '61,706 parameters · 416,520 MACs' }).waitFor();
    await vscode
      .editor('lenet.scv')
      .locator('.view-line', { hasText: /MaxPool2d\(2\).*\[N,\s6,\s14,\s14\]/ })
      .waitFor();
  });

  it('tells the parameter count of a layer that one points at', async () => {
    const hover = await vscode.hover('lenet.scv', 'Conv2d');
    assert.match(await hover.innerText(), /156/);
  });

  it('shows PyTorch beside the text, from the button in the title', async () => {
    await vscode.page.locator('.editor-actions').getByRole('button', { name: 'Generate PyTorch' }).click();
    await vscode.editor('lenet.py').locator('.view-line', { hasText: 'class LeNet' }).waitFor();
  });

  it('follows what one types', async () => {
    await vscode.retype('lenet.scv', '84', '96');
    await vscode
      .editor('lenet.py')
      .locator('.view-line', { hasText: /Linear\(120,\s96\)/ })
      .waitFor();
  });

  it('underlines an error, and tells it in the Problems panel', async () => {
    await vscode.retype('lenet.scv', 'MaxPool2d', 'MaxPol2d');
    await vscode.page.locator('.squiggly-error').first().waitFor();
    await vscode.command('Problems: Focus on Problems View');
    await vscode.page
      .locator('.markers-panel')
      .getByText(/MaxPol2d/)
      .first()
      .waitFor();
    await vscode
      .editor('lenet.py')
      .locator('.view-line', { hasText: /NOT\sUP\sTO\sDATE/ })
      .waitFor();
  });

  it('takes the error away when it is mended', async () => {
    await vscode.retype('lenet.scv', 'MaxPol2d', 'MaxPool2d');
    await vscode.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await vscode
      .editor('lenet.py')
      .locator('.view-line', { hasText: /NOT\sUP\sTO\sDATE/ })
      .waitFor({ state: 'detached' });
  });
});
