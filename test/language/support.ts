import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileParser } from '../../server/src/language/read.ts';
import { toSourceFile, type ReadFile } from '../../server/src/language/reading/sourceFile.ts';

const root = join(import.meta.dirname, '..', '..');
export const parser = createFileParser();

export function read(text: string, uri = 'file:///a.scv'): ReadFile {
  return toSourceFile(uri, parser.parse(text));
}

export interface Sample {
  readonly name: string;
  readonly text: string;
}

/** Every `.scv` file below these folders of the project. */
export function samples(...folders: string[]): Sample[] {
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.scv`, { cwd: root }));
  return files.sort().map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
}

/** JSON with big integers in it. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? `${String(each)}n` : each), 1);
}
