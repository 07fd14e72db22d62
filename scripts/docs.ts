/** `npm run docs`: writes docs/layers/, a page and a picture for each layer of the catalogue, and an index. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LAYERS } from '../server/src/core/layers/catalogue.ts';
import { generate } from './generate.ts';
import { main, projectFolder } from './processes.ts';

export const layerPagesFolder = join(projectFolder, 'docs/layers');

if (import.meta.main) {
  await main(async () => {
    // The examples are parsed.
    await generate();
    const { layerPages } = await import('./layerPages/page.ts');
    const pages = layerPages(LAYERS);
    mkdirSync(layerPagesFolder, { recursive: true });
    for (const file of readdirSync(layerPagesFolder, { recursive: true }) as string[]) {
      if (/\.\w+$/.test(file) && !pages.has(file.replaceAll('\\', '/'))) rmSync(join(layerPagesFolder, file));
    }
    for (const [path, text] of pages) {
      mkdirSync(dirname(join(layerPagesFolder, path)), { recursive: true });
      writeFileSync(join(layerPagesFolder, path), text);
    }
    return 0;
  });
}
