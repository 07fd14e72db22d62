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
  let file = 'stages.scv';
  let vscode: WorkbenchPage;
  let graph: GraphPage;

  before(async function () {
    this.timeout(120_000);
    assert.ok(existsSync(vsixFile()), `${vsixFile()} isn't there: 'npm run package' makes it`);
    cpSync(join(import.meta.dirname, '../workspace'), folder, { recursive: true });
    writeFileSync(join(folder, file), STAGES);
    writeFileSync(join(folder, 'ways.scv'), WAYS);
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

  async function closeAll(): Promise<void> {
    const isDirty = (await vscode.page.locator('.tab.dirty').count()) > 0;
    await vscode.command('View: Close All Editors');
    if (isDirty) await vscode.page.locator('.monaco-dialog-box').getByRole('button', { name: "Don't Save" }).click();
    await vscode.page.locator('.tab').first().waitFor({ state: 'detached' });
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

  describe('of a model with two ways', () => {
    before(async () => {
      await closeAll();
      file = 'ways.scv';
      await vscode.openFile(file);
      await graph.open();
      await graph.node('relu').waitFor();
    });

    /** Each begins with the text as it was. */
    beforeEach(async () => {
      await graph.showAll();
      await graph.tab('Inspector');
    });

    async function undo(): Promise<void> {
      await graph.node('input:image').click();
      await vscode.page.keyboard.press('Control+z');
      await vscode.page.locator('body:not(:has(.tab.dirty))').waitFor();
      await vscode.page.waitForTimeout(500); // the picture follows
    }

    it('leads an edge to another source that it is dragged to', async () => {
      await graph.leadFrom('pool', 'relu');
      await line(/output\slogits\s=\srelu\s->\sFlatten/);
      await undo();
    });

    it('takes an input from what is chosen by keyboard', async () => {
      await graph.node('fc').click();
      await graph.inside.getByRole('button', { name: 'Take Input 1 from Elsewhere' }).click();
      await graph.inside.getByText('Choose what comes into Linear fc').waitFor();
      await graph.node('fc').focus();
      for (const key of ['ArrowUp', 'ArrowUp', 'Enter']) await vscode.page.keyboard.press(key);
      await line(/pool\s->\sfc/);
      await undo();
    });

    it('moves a card onto an edge, and by Alt and an arrow one place on', async () => {
      await graph.moveCard('relu', 'pool');
      await line(/pool\s->\srelu:\sReLU\s->\sFlatten/);
      await undo();
      await graph.node('relu').click();
      await vscode.page.keyboard.press('Alt+ArrowUp');
      await line(/image\s->\srelu:\sReLU\s->\sconv/);
      await undo();
    });

    it('duplicates a card, and makes what comes out of it an output', async () => {
      await graph.node('conv').click();
      await graph.inside.getByRole('button', { name: 'Duplicate' }).click();
      await line(/conv:\sConv2d\(3,\s3,\spadding=1\)\s->\s\w*:?\s?Conv2d\(3,\s3,\spadding=1\)/);
      await undo();
      await graph.node('relu').click();
      await graph.inside.getByRole('button', { name: 'Make It an Output' }).click();
      await line(/output\srelu/);
      await undo();
    });

    it('puts a way around a card, bare or through a piece', async () => {
      await graph.node('conv').click();
      await graph.inside.getByRole('button', { name: 'Add Residual' }).click();
      await line(/\+\simage|image\s\+/);
      await undo();
      await graph.tab('Palette');
      await graph.inside.getByRole('textbox', { name: 'Search the palette' }).fill('sigmoid');
      await graph.dragOnto('Sigmoid', 'conv', 0.9);
      await line(/Sigmoid.*Concat\(1\)/);
      await undo();
    });

    it('wraps cards into a block, and deletes several at once', async () => {
      await graph.node('conv').click();
      await graph.node('relu').click({ modifiers: ['Shift'] });
      await graph.inside.getByRole('textbox', { name: 'Name of the new block' }).fill('Unit');
      await graph.inside.getByRole('button', { name: 'Wrap into Block' }).click();
      await line(/block\sUnit/);
      await undo();
      await graph.node('conv').click();
      await graph.node('pool').click({ modifiers: ['Shift'] });
      await vscode.page.keyboard.press('Delete');
      await line(/relu\s=\simage\s->\srelu:\sReLU/);
      await undo();
    });

    it('gives the model a further input', async () => {
      await graph.node('conv').click();
      await vscode.page.keyboard.press('Escape');
      await graph.inside.getByRole('textbox', { name: 'Name of a further input' }).fill('mask');
      await graph.inside.getByRole('textbox', { name: 'Shape of a further input' }).fill('[N, 1, 8, 8]');
      await graph.inside.getByRole('button', { name: 'Add Input' }).click();
      await line(/input\simage:.*,\smask:\s\[N,\s1,\s8,\s8\]/);
      await graph.node('input:mask').waitFor();
      await undo();
      assert.equal(readFileSync(join(folder, file), 'utf8'), WAYS, 'all was undone, and nothing saved');
    });
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
    await closeAll();
    await vscode.openFile('empty.scv');
    await graph.open();
    await graph.inside.getByRole('textbox', { name: 'Shape of its input' }).fill('[N, 1, 28, 28]');
    await graph.inside.getByRole('button', { name: 'New Model' }).click();
    await vscode.line('empty.scv', /model\sModel/).waitFor();
    await graph.node('input:image').waitFor();
  });

  it('shows one model of several: by the picker, and the one whose lens is clicked', async () => {
    writeFileSync(join(folder, 'several.scv'), `${model('First', 'Tanh')}${model('Second', 'GELU')}`);
    await closeAll();
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

const WAYS = `model Ways {
  input image: [N, 3, 8, 8]
  relu = image -> conv: Conv2d(3, 3, padding=1) -> relu: ReLU
  pool = relu -> pool: MaxPool2d(2)
  output logits = pool -> Flatten -> fc: Linear(10)
}
`;

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
