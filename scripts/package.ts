/** `npm run package`: makes the .vsix for this platform (or the one that is named, as `linux-x64`). */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildProducts } from './build.ts';
import { main, projectFolder, run } from './processes.ts';

/** All that is in the package, beside its package.json. */
export const CONTENTS = [
  'dist/extension.cjs',
  'dist/languageServer.cjs',
  'dist/webview/graph.js',
  'dist/webview/graph.css',
  'dist/webview/codicon.ttf',
  'docs/images',
  'docs/layers',
  'language-configuration.json',
  'syntaxes/scv.tmLanguage.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
];

/** What only development needs. */
const LEFT_OUT = ['bin', 'devDependencies', 'optionalDependencies', 'overrides', 'private', 'scripts'];

interface Manifest {
  version: string;
  engines: Record<string, string>;
}

export function vsixFile(target = `${process.platform}-${process.arch}`): string {
  return join(projectFolder, `scv-${target}-${manifest().version}.vsix`);
}

export async function packageExtension(target = `${process.platform}-${process.arch}`): Promise<string> {
  const sources = await buildProducts();
  const stage = join(projectFolder, 'out/package');
  rmSync(stage, { recursive: true, force: true });
  for (const file of CONTENTS) {
    mkdirSync(dirname(join(stage, file)), { recursive: true });
    cpSync(join(projectFolder, file), join(stage, file), { recursive: true });
  }
  const { vscode } = manifest().engines;
  const entries = Object.entries({ ...manifest(), engines: { vscode } }).filter(([key]) => !LEFT_OUT.includes(key));
  writeFileSync(join(stage, 'package.json'), JSON.stringify(Object.fromEntries(entries), undefined, 2));
  const vsix = vsixFile(target);
  writeFileSync(join(stage, '.vscodeignore'), '# The folder holds just what belongs into the package.\n');
  writeFileSync(join(stage, 'THIRD_PARTY_NOTICES.txt'), notices(sources));
  const options = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
  await run('vsce', ['package', '--target', target, '--out', vsix, ...options], { cwd: stage });
  return vsix;
}

/** The licences of the packages that are bundled into the products: they ask to go with them. */
function notices(sources: string[]): string {
  const packages = new Set(sources.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const parts = [...packages].sort().map((folder) => {
    const place = join(projectFolder, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license: string;
    };
    const text = readdirSync(place).find((file) => /^licen[cs]e/i.test(file));
    return `${name} ${version} (${license})\n\n${text === undefined ? '' : readFileSync(join(place, text), 'utf8')}`;
  });
  return `The SCV extension contains these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n`)}`;
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as Manifest;
}

if (import.meta.main) {
  await main(async () => {
    console.log(await packageExtension(process.argv[2]));
    return 0;
  });
}
