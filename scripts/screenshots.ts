/** `npm run screenshots [-- graph.png …]`: takes the pictures in docs/images/ anew, from the real workbench on examples/. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildProducts } from './build.ts';
import { main, projectFolder } from './processes.ts';
import { WorkbenchPage } from './workbenchPage.ts';

const SIZE = { width: 1560, height: 680 };

/** Everything of VS Code that isn't ours, made small. */
const SETTINGS = {
  'breadcrumbs.enabled': false,
  'editor.fontSize': 13,
  'editor.hover.above': false,
  'editor.scrollbar.horizontal': 'hidden',
  'editor.scrollbar.vertical': 'hidden',
  'window.commandCenter': false,
  'workbench.layoutControl.enabled': false,
};

const pictures: Record<string, (vscode: WorkbenchPage) => Promise<void>> = {
  'overview.png': async (vscode) => {
    await vscode.openFile('lenet5.scv');
    await vscode.command('View: Toggle Primary Side Bar Visibility');
    await vscode.command('SCV: Generate PyTorch');
    await vscode.editor('lenet5.py').locator('.view-line', { hasText: 'class LeNet5' }).waitFor();
    await vscode.hover('lenet5.scv', 'Linear');
  },
  'new-model.png': async (vscode) => {
    await vscode.command('SCV: New Model…');
    await vscode.page.locator('.quick-input-list .monaco-list-row', { hasText: 'U-Net' }).waitFor();
  },
  'hints.png': async (vscode) => {
    await vscode.command('View: Toggle Primary Side Bar Visibility');
    await vscode.newModel('Classifier', 'MNIST');
    await vscode.page.locator('.view-line', { hasText: '[N, 64, 7, 7]' }).waitFor();
    await vscode.page.locator('.codelens-decoration', { hasText: '220,234 parameters' }).waitFor();
    await vscode.page.locator('.statusbar-item', { hasText: '220,234 parameters' }).waitFor();
  },
  'layer.png': async (vscode) => {
    await vscode.openFile('lenet5.scv');
    await vscode.command('View: Toggle Primary Side Bar Visibility');
    await vscode.hover('lenet5.scv', 'Conv2d');
    await vscode.page.locator('.monaco-hover:visible a', { hasText: 'All about Conv2d' }).first().click();
    await vscode.page.locator('.tab', { hasText: 'Preview Conv2d.md' }).waitFor();
    await vscode.command('View: Focus Second Editor Group');
    await vscode.page.waitForTimeout(2000); // the page is a webview, whose content is its own
  },
  'graph.png': async (vscode) => {
    await vscode.openFile('unet.scv');
    await vscode.command('View: Toggle Primary Side Bar Visibility');
    await vscode.command('SCV: Open Graph');
    const graph = vscode.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await graph.locator('.react-flow__node').nth(10).waitFor();
    await vscode.page.waitForTimeout(1500); // the picture comes to rest
  },
  'error.png': async (vscode) => {
    await vscode.openFile('lenet5.scv');
    await vscode.command('View: Toggle Primary Side Bar Visibility');
    await vscode.erase('lenet5.scv', ' -> Flatten');
    await vscode.page.locator('.squiggly-error').first().waitFor();
    await vscode.command('Problems: Focus on Problems View');
    await vscode.page.locator('.markers-panel .monaco-list-row').nth(1).waitFor();
  },
};

await main(async () => {
  await buildProducts();
  const folder = join(projectFolder, 'docs/images');
  mkdirSync(folder, { recursive: true });
  const wanted = process.argv.slice(2);
  for (const [name, arrange] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const options = { folder: join(projectFolder, 'examples'), extension: 'checkout', settings: SETTINGS } as const;
    const vscode = await WorkbenchPage.open(options, SIZE);
    try {
      await arrange(vscode);
      await vscode.screenshot(join(folder, name));
      console.log(join('docs/images', name));
    } finally {
      await vscode.close();
    }
  }
  return 0;
});
