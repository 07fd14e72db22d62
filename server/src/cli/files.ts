/** The files of a program on disk. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SourceFile } from '../core/definition.ts';
import type { Program } from '../core/program.ts';
import { readSource } from '../language/read.ts';
import type { ReadFile } from '../language/reading/sourceFile.ts';
import { LineIndex } from './lines.ts';

export interface OpenFile extends ReadFile {
  readonly path: string;
  readonly lines: LineIndex;
}

/** A file that can't be read, said in words that stand behind its name. */
export class UnreadableFile extends Error {
  readonly path: string;
  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
    this.path = path;
  }
}

/** Reads files when they are asked for, each once. A uri is a `file:` URL, as in an editor. */
export class DiskProgram implements Program {
  readonly #files = new Map<string, OpenFile | UnreadableFile>();

  /** The file at a path; throws an {@link UnreadableFile}. */
  open(path: string): OpenFile {
    const file = this.#get(uriOfPath(path), path);
    if (file instanceof UnreadableFile) throw file;
    return file;
  }

  file(uri: string): SourceFile | undefined {
    return this.opened(uri)?.file;
  }

  /** The same with its text's lines; `undefined` where it can't be read. */
  opened(uri: string): OpenFile | undefined {
    const file = this.#get(uri, fileURLToPath(uri));
    return file instanceof UnreadableFile ? undefined : file;
  }

  resolve(uri: string, path: string): string {
    return uriOfPath(resolve(dirname(fileURLToPath(uri)), path));
  }

  #get(uri: string, path: string): OpenFile | UnreadableFile {
    let file = this.#files.get(uri);
    if (file === undefined) {
      file = this.#load(uri, path);
      this.#files.set(uri, file);
    }
    return file;
  }

  #load(uri: string, path: string): OpenFile | UnreadableFile {
    let bytes: Buffer;
    try {
      bytes = readFileSync(fileURLToPath(uri));
    } catch (error) {
      return new UnreadableFile(path, whyUnreadable(error));
    }
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return new UnreadableFile(path, 'this is no UTF-8 text. Save it with the encoding UTF-8');
    }
    if (text.includes('\0')) return new UnreadableFile(path, 'this is a binary file, not a text');
    return { ...readSource(uri, text), path, lines: new LineIndex(text) };
  }
}

export function uriOfPath(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

function whyUnreadable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EISDIR':
      return 'this is a folder, not a file';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read this file';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
