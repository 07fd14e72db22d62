import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

  describe('while writing', () => {
    const file = 'writing.scv';

    before(async () => {
      writeFileSync(join(folder, file), WRITING);
      await vscode.openFile(file);
      await vscode.page.locator('.codelens-decoration', { hasText: 'parameters' }).waitFor();
    });

    it('completes a layer, with what would come out of it', async () => {
      await vscode.typeBehind(file, 'MaxPool2d(2)', ' -> Con');
      const row = vscode.page.locator('.suggest-widget .monaco-list-row', { hasText: /^Conv2d/ }).first();
      await row.waitFor();
      assert.match(await row.innerText(), /\[N, 64, 12, 12\]/);
    });

    it('accepts it with places to go through, and helps with the arguments', async () => {
      await vscode.page.keyboard.press('Tab');
      await vscode.page.locator('.suggest-widget').waitFor({ state: 'hidden' });
      await vscode.page.keyboard.type('16');
      await vscode.page.keyboard.press('Tab');
      await vscode.page.keyboard.type('1, ');
      const help = vscode.page.locator('.parameter-hints-widget .signature');
      await help.waitFor();
      assert.match(await help.innerText(), /in_channels[^]*out_channels[^]*stride/);
      await vscode.page.keyboard.type('bias=False');
      await vscode.page.keyboard.press('Escape');
      await vscode.line(file, /Conv2d\(16,\s1,\sbias=False\)/).waitFor();
    });

    it('shows the shape of it behind the line, and the size of the model in the status bar', async () => {
      await vscode.line(file, /bias=False\)\[N,\s16,\s14,\s14\]/).waitFor();
      await vscode.page.locator('.statusbar-item', { hasText: /[\d,]+ parameters/ }).waitFor();
    });

    it('repairs a mistake by its light bulb', async () => {
      await vscode.erase(file, ' -> Flatten');
      await vscode.page.locator('.squiggly-error').first().waitFor();
      await vscode.choose(file, 'Linear', 'Quick Fix...', /^Insert Flatten/);
      await vscode.line(file, /->\sFlatten\s->\sLinear/).waitFor();
      await vscode.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    });

    it('renames a name wherever it stands', async () => {
      const { x, y } = await vscode.placeOf(file, 'features');
      await vscode.page.mouse.click(x, y);
      await vscode.page.keyboard.press('F2');
      const box = vscode.page.locator('.rename-box input');
      await box.fill('maps');
      await box.press('Enter');
      await vscode.line(file, /^\s*maps\s=/).waitFor();
      await vscode.line(file, /logits\s=\smaps/).waitFor();
    });

    it('formats the file', async () => {
      await vscode.typeBehind(file, 'Linear(10', '   ,');
      await vscode.page.keyboard.press('Escape');
      await vscode.command('Format Document');
      await vscode.line(file, /->\sLinear\(10\)/).waitFor();
    });

    it('tells the same size over the model and in the status bar', async () => {
      await vscode.page.locator('.statusbar-item', { hasText: '31,578 parameters' }).waitFor();
      await vscode.page.locator('.codelens-decoration', { hasText: '31,578 parameters' }).waitFor();
    });
  });
});

const WRITING = `model Writing {
  dataset: MNIST
  input image: [N, 1, 28, 28]

  features = image
    -> Conv2d(8, 3, padding=1) -> ReLU -> MaxPool2d(2)

  output logits = features
    -> Flatten -> Linear(10)
}
`;
