/** Makes what langium-cli generates from the grammar (git-ignored), unless it is there and newer than the grammar. */
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { main, projectFolder, run } from './processes.ts';

export async function generate(): Promise<void> {
  const newest = Math.max(...sources().map(changed));
  const outputs = globSync('server/src/language/generated/*.ts', { cwd: projectFolder });
  if (outputs.length > 0 && Math.min(...outputs.map(changed)) >= newest) return;
  await run('langium', ['generate']);
}

function sources(): string[] {
  return ['langium-config.json', ...globSync('server/src/language/**/*.langium', { cwd: projectFolder })].filter(
    (file) => existsSync(join(projectFolder, file)),
  );
}

function changed(file: string): number {
  return statSync(join(projectFolder, file)).mtimeMs;
}

if (import.meta.main) {
  await main(async () => {
    await generate();
    return 0;
  });
}
