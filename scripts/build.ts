/**
 * Bundles the products into dist/. `--watch` keeps on rebuilding.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, type Plugin, build, context } from 'esbuild';
import { generate } from './generate.ts';
import { ended, main, projectFolder } from './processes.ts';

const common: BuildOptions = {
  absWorkingDir: projectFolder,
  bundle: true,
  platform: 'node',
  target: 'node22',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
};

/** The `scv` command. */
export const commandLine: BuildOptions = {
  ...common,
  entryPoints: ['server/src/cli/scv.ts'],
  outfile: 'dist/scv.mjs',
  format: 'esm',
  // What we bundle in is partly CommonJS, which wants a require.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
};

const browser: BuildOptions = {
  ...common,
  platform: 'browser',
  target: 'chrome120',
  format: 'iife',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  jsx: 'automatic',
};

/** `import { source } from './worker.ts?source'`: a bundle as text, which a page starts a worker from. */
const asSource: Plugin = {
  name: 'as-source',
  setup(toBuild) {
    toBuild.onResolve({ filter: /\?source$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.slice(0, -'?source'.length)),
      namespace: 'source',
    }));
    toBuild.onLoad({ filter: /.*/, namespace: 'source' }, async ({ path }) => {
      const { outputFiles, metafile } = await build({
        ...browser,
        entryPoints: [path],
        sourcemap: false,
        write: false,
        metafile: true,
      });
      const watchFiles = Object.keys(metafile.inputs).map((file) => join(projectFolder, file));
      return { contents: `export const source = ${JSON.stringify(outputFiles[0]!.text)};`, loader: 'js', watchFiles };
    });
  },
};

/** The page of the graph; beside it its styles and the font of its icons. */
export const graphPage: BuildOptions = {
  ...browser,
  entryPoints: { graph: 'webview/src/graph/main.tsx' },
  outdir: 'dist/webview',
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  plugins: [asSource],
};

const products: readonly BuildOptions[] = [
  {
    ...common,
    entryPoints: ['client/src/extension.ts'],
    outfile: 'dist/extension.cjs',
    format: 'cjs',
    external: ['vscode'],
  },
  { ...common, entryPoints: ['server/src/languageServer.ts'], outfile: 'dist/languageServer.cjs', format: 'cjs' },
  commandLine,
  graphPage,
];

/** What `scv graph -o model.png` draws with: a renderer, and a font that makes pictures the same everywhere. */
const PNG_FILES: readonly (readonly [from: string, to: string])[] = [
  ['@resvg/resvg-wasm/index_bg.wasm', 'resvg.wasm'],
  ['@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf', 'Inter-Regular.ttf'],
  ['@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf', 'Inter-SemiBold.ttf'],
  ['@expo-google-fonts/inter/LICENSE_FONT', 'Inter-LICENSE.txt'],
];

/** They lie in a folder beside the command. */
export function copyPngFiles(folder = join(projectFolder, 'dist/png')): void {
  mkdirSync(folder, { recursive: true });
  for (const [from, to] of PNG_FILES) copyFileSync(join(projectFolder, 'node_modules', from), join(folder, to));
}

/** Gives the files that went into the products, of our own and of packages. */
export async function buildProducts(): Promise<string[]> {
  await generate();
  copyPngFiles();
  const results = await Promise.all(products.map((product) => build({ ...product, metafile: true })));
  return results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
}

async function watch(): Promise<number> {
  await generate();
  const grammar = spawn('langium', ['generate', '--watch'], { cwd: projectFolder, stdio: 'inherit' });
  const contexts = await Promise.all(
    products.map((product) => {
      const name = product.outfile ?? product.outdir ?? '';
      return context({ ...product, plugins: [...(product.plugins ?? []), sayWhenBuilt(name)] });
    }),
  );
  await Promise.all(contexts.map((product) => product.watch()));
  console.log('Watching; end with Ctrl-C.');
  const status = await ended(grammar);
  await Promise.all(contexts.map((product) => product.dispose()));
  return status;
}

function sayWhenBuilt(product: string): Plugin {
  const next = /extension|webview/.test(product)
    ? "run 'Developer: Reload Window' to use it"
    : "run 'SCV: Restart Language Server' to use it";
  return {
    name: 'say-when-built',
    setup(toBuild) {
      let first = true;
      toBuild.onEnd(({ errors }) => {
        const time = new Date().toLocaleTimeString();
        if (errors.length > 0) console.log(`${time} ${product}: not built`);
        else console.log(`${time} ${product} is built${first ? '' : `; ${next}`}`);
        first = false;
      });
    },
  };
}

if (import.meta.main) {
  await main(async () => {
    if (process.argv.includes('--watch')) return watch();
    await buildProducts();
    return 0;
  });
}
