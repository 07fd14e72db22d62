import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vsixFile } from '../../../scripts/package.ts';
import { artifact } from '../../../scripts/processes.ts';
import { WorkbenchPage } from '../../../scripts/workbenchPage.ts';
import { GraphPage } from './graphPage.ts';

/** The graph in the packaged extension, by mouse and keyboard. */
describe('the graph', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'scv-graph-'));
  const file = 'stages.scv';
  let vscode: WorkbenchPage;
  let graph: GraphPage;

  before(async function () {
    this.timeout(120_000);
    assert.ok(existsSync(vsixFile()), `${vsixFile()} isn't there: 'npm run package' makes it`);
    cpSync(join(import.meta.dirname, '../workspace'), folder, { recursive: true });
    writeFileSync(join(folder, file), STAGES);
    writeFileSync(join(folder, 'empty.scv'), '# Nothing yet.\n');
    vscode = await WorkbenchPage.open(
      {
        folder,
        extension: { vsix: vsixFile() },
        log: artifact('graph.log'),
        settings: { 'files.simpleDialog.enable': true },
      },
      { width: 1900, height: 1000 },
    );
    graph = new GraphPage(vscode);
    await vscode.openFile(file);
    await vscode.command('View: Toggle Primary Side Bar Visibility');
    await vscode.page.locator('.codelens-decoration', { hasText: 'Graph' }).first().waitFor();
  });

  afterEach(async function () {
    await vscode.screenshot(`graph-${this.currentTest!.title.replaceAll(/\W+/g, '-')}`);
  });

  after(async () => {
    await vscode.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The text as the editor shows it, without what is shown behind its lines. */
  async function line(wanted: RegExp): Promise<void> {
    await vscode.line(file, wanted).waitFor({ timeout: 15_000 });
  }

  it('opens beside the text, from the lens over the model', async () => {
    await vscode.page.locator('.codelens-decoration a', { hasText: 'Graph' }).first().click();
    await graph.node('conv1').waitFor({ timeout: 20_000 });
    assert.equal(await graph.spoken('conv1'), 'Conv2d conv1, 8, 3×3, gives 8 × 26 × 26, 80 parameters');
    assert.ok((await graph.inside.locator('.line').count()) > 3);
    assert.ok(await vscode.editor(file).isVisible());
  });

  it('runs under its policy: no script without the nonce, nothing from elsewhere', async () => {
    const policy = await graph.inside.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    assert.match(policy ?? '', /^default-src 'none'; script-src 'nonce-[\w-]+';/);
    assert.doesNotMatch(policy ?? '', /unsafe/);
  });

  it('folds a block in its place, and unfolds it again', async () => {
    await graph.toggle('stage1');
    await graph.node('stage1/conv').waitFor({ state: 'detached' });
    await vscode.page.waitForTimeout(500); // the animation
    const before = await graph.node('stage1').boundingBox();
    await graph.toggle('stage1');
    await graph.node('stage1/conv').waitFor();
    await vscode.page.waitForTimeout(500); // the animation
    const after = await graph.node('stage1').boundingBox();
    assert.ok(Math.abs(before!.y - after!.y) < 1, `it moved from ${before!.y} to ${after!.y}`);
    assert.equal(await graph.node('stage1').getAttribute('aria-expanded'), 'true');
  });

  it('finds a layer in what is folded, and goes there', async () => {
    await graph.inside.getByRole('button', { name: 'Fold All', exact: true }).click();
    await graph.node('stage2/conv').waitFor({ state: 'detached' });
    await graph.node('conv1').click();
    await vscode.page.keyboard.press('Control+f');
    await vscode.page.keyboard.type('stage2 conv');
    await graph.inside.locator('.hits').getByRole('option').first().waitFor();
    await vscode.page.keyboard.press('Enter');
    await graph.node('stage2/conv').waitFor();
    await assertSelected('stage2/conv');
    await vscode.page.keyboard.press('Escape');
  });

  it('selects the node that the cursor stands in', async () => {
    await graph.toggle('stage2');
    await graph.showAll();
    const { x, y } = await vscode.placeOf(file, 'fc:');
    await vscode.page.mouse.click(x, y);
    await assertSelected('fc');
  });

  it('reveals the text of the node that is selected', async () => {
    await graph.node('conv1').click();
    await assertSelected('conv1');
    const selection = vscode.editor(file).locator('.selected-text').first();
    await selection.waitFor({ state: 'attached' });
    const { y } = await vscode.placeOf(file, 'conv1');
    const box = await selection.boundingBox();
    assert.ok(box !== null && Math.abs(box.y + box.height / 2 - y) < 12, 'the selection is on the line of conv1');
  });

  it('goes along the edges by the arrow keys', async () => {
    await graph.node('conv1').click();
    await vscode.page.keyboard.press('ArrowDown');
    await assertSelected('relu');
    assert.equal(await graph.inside.locator(':focus').getAttribute('data-id'), 'relu');
    await vscode.page.keyboard.press('ArrowUp');
    await assertSelected('conv1');
  });

  it('puts a layer of the palette onto the edge that it is dragged to', async () => {
    await graph.tab('Palette');
    await graph.showAll();
    await graph.inside.getByRole('textbox', { name: 'Search the palette' }).fill('dropout');
    await graph.drag('Dropout', 'conv1');
    await line(/conv1:\sConv2d\(8,\s3\)\s->\sDropout\s->\sReLU/);
    await graph.inside.locator('.react-flow__node', { hasText: 'Dropout' }).waitFor();
  });

  it('undoes it as VS Code undoes', async () => {
    await vscode.page.keyboard.press('Control+z');
    await line(/conv1:\sConv2d\(8,\s3\)\s->\sReLU/);
    assert.equal(readFileSync(join(folder, file), 'utf8'), STAGES, 'nothing was saved meanwhile');
  });

  it('puts one behind what is selected, by Enter', async () => {
    await graph.node('fc').click();
    await graph.inside.getByRole('textbox', { name: 'Search the palette' }).fill('softmax');
    await vscode.page.keyboard.press('Enter');
    await line(/fc:\sLinear\(10\)\s->\sSoftmax/);
    await graph.node('fc').click();
    await vscode.page.keyboard.press('Control+z');
    await line(/fc:\sLinear\(10\)\[/);
  });

  it('changes an argument in the inspector', async () => {
    await graph.tab('Inspector');
    await graph.node('conv1').click();
    const field = graph.inside.getByRole('textbox', { name: 'out_channels' });
    await field.fill('12');
    await field.press('Enter');
    await line(/conv1:\sConv2d\(12,\s3\)/);
    await graph.node('conv1').getByText('Conv2d conv1, 12').waitFor({ state: 'attached' });
  });

  it('asks whether all uses of a block are meant, and edits only this one', async () => {
    await graph.toggle('stage1');
    await graph.node('stage1/conv').waitFor();
    await graph.showAll();
    await graph.node('stage1/conv').click();
    await vscode.page.keyboard.press('F2');
    await vscode.page.keyboard.press('Control+a');
    await vscode.page.keyboard.type('first');
    await vscode.page.keyboard.press('Enter');
    await graph.inside
      .getByRole('alertdialog')
      .getByText(/Stage is used 2 times/)
      .waitFor();
    await graph.inside.getByRole('button', { name: 'Only here' }).click();
    await line(/stage1:\sStage2\(/);
    await line(/block\sStage2/);
  });

  it('deletes a node by Delete, and says so where it can not', async () => {
    await graph.showAll();
    await graph.node('relu').click();
    await vscode.page.keyboard.press('Delete');
    await line(/conv1:\sConv2d\(12,\s3\)\s->\sMaxPool2d/);
    await graph.node('input:image').click();
    await vscode.page.keyboard.press('Delete');
    const why = graph.inside.locator('.bubble.refused [role="alert"]');
    await why.waitFor();
    assert.ok((await why.innerText()).length > 10);
    await vscode.page.keyboard.press('Escape');
  });

  it('keeps its last picture while the text can not be read, and says why', async () => {
    await vscode.typeBehind(file, 'fc: Linear(10)', ' ->');
    await vscode.page.keyboard.press('Escape');
    await graph.inside.locator('.note', { hasText: /The graph is from before: line \d+/ }).waitFor();
    assert.ok(await graph.node('fc').isVisible());
    for (const _ of ' ->') await vscode.page.keyboard.press('Backspace');
    await graph.inside.locator('.note').waitFor({ state: 'detached' });
  });

  it('lists all layers, with the heaviest, and sorts them', async () => {
    await graph.tab('Layers');
    await graph.inside.getByRole('columnheader', { name: 'Parameters' }).getByRole('button').click();
    const first = graph.inside.locator('.table tbody tr[data-row="0"]');
    assert.match(await first.innerText(), /^stage2.conv\s+Conv2d/);
    // What it is folded in is selected.
    await first.click();
    await assertSelected('stage2');
    await graph.tab('Inspector');
  });

  it('saves the picture', async () => {
    for (const [format, ending, begins] of [
      ['SVG', 'svg', '<svg'],
      ['Mermaid', 'mmd', 'flowchart TD'],
      ['PNG', 'png', '\u0089PNG'],
    ] as const) {
      await graph.inside.getByRole('combobox', { name: 'Export the picture' }).click();
      await graph.inside.getByRole('option', { name: format, exact: true }).click();
      const dialog = vscode.page.locator('.quick-input-widget');
      await dialog.locator('input').first().waitFor();
      await vscode.page.waitForTimeout(500); // it looks what is in the folder
      await dialog.getByRole('button', { name: 'OK' }).click();
      await dialog.waitFor({ state: 'hidden' });
      const saved = join(folder, `Stages.${ending}`);
      for (let tries = 50; tries > 0 && !existsSync(saved); tries--) await vscode.page.waitForTimeout(100);
      assert.ok(readFileSync(saved, 'latin1').startsWith(begins), format);
    }
  });

  it('is still there after a reload, folded as it was', async () => {
    const before = await graph.ids();
    await vscode.page.reload();
    await graph.node('fc').waitFor({ timeout: 40_000 });
    assert.deepEqual(await graph.ids(), before);
  });

  it('keeps nobody out: axe finds nothing serious', async () => {
    for (const tab of ['Inspector', 'Layers', 'Palette'] as const) {
      await graph.tab(tab);
      await vscode.page.waitForTimeout(300);
      assert.deepEqual(await graph.violations(), [], tab);
    }
  });

  it('makes a model in an empty file', async () => {
    await vscode.command('View: Close All Editors');
    await vscode.page.locator('.monaco-dialog-box').getByRole('button', { name: "Don't Save" }).click();
    await vscode.page.locator('.tab').first().waitFor({ state: 'detached' });
    await vscode.openFile('empty.scv');
    await graph.open();
    await graph.inside.getByRole('textbox', { name: 'Shape of its input' }).fill('[N, 1, 28, 28]');
    await graph.inside.getByRole('button', { name: 'New Model' }).click();
    await vscode.line('empty.scv', /model\sModel/).waitFor();
    await graph.node('input:image').waitFor();
  });

  it('shows one model of several: by the picker, and the one whose lens is clicked', async () => {
    writeFileSync(join(folder, 'several.scv'), `${model('First', 'Tanh')}${model('Second', 'GELU')}`);
    await vscode.command('View: Close All Editors');
    await vscode.page.locator('.monaco-dialog-box').getByRole('button', { name: "Don't Save" }).click();
    await vscode.openFile('several.scv');
    const lens = (index: number) => vscode.page.locator('.codelens-decoration a', { hasText: 'Graph' }).nth(index);
    await lens(1).waitFor();
    await lens(0).click();
    await graph.node('tanh').waitFor();
    await graph.inside.getByRole('combobox', { name: 'Model' }).click();
    await graph.inside.getByRole('option', { name: 'Second' }).click();
    await graph.node('gelu').waitFor();
    await lens(0).click();
    await graph.node('tanh').waitFor();
  });

  async function assertSelected(id: string): Promise<void> {
    await graph.inside.locator(`.react-flow__node.selected[data-id="${id}"]`).waitFor();
    assert.equal(await graph.selected.count(), 1);
  }
});

function model(name: string, layer: string): string {
  return `model ${name} {\n  input x: [N, 3]\n  output y = x -> ${layer}\n}\n\n`;
}

const STAGES = `# Two stages of a block.
model Stages {
  dataset: MNIST
  input image: [N, 1, 28, 28]

  features = image -> conv1: Conv2d(8, 3) -> ReLU -> MaxPool2d(2)
    -> stage1: Stage(16)
    -> stage2: Stage(32)

  output logits = features -> AdaptiveAvgPool2d(1) -> Flatten
    -> fc: Linear(10)
}

# A convolution around which there is a way.
block Stage(channels: int) {
  input x
  main = x -> conv: Conv2d(channels, 3, padding=1) -> bn: BatchNorm2d -> ReLU
  output (main, x) -> Concat(1)
}
`;
