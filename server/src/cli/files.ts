/** The files of a program on disk. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SourceFile } from '../core/definition.ts';
import type { Program } from '../core/program.ts';
import { readSource, tooLargeSource } from '../language/read.ts';
import type { ReadFile } from '../language/reading/sourceFile.ts';
import { MAX_BYTES, WHY_TOO_LARGE, isTooLarge } from '../language/text/size.ts';
import { Unreadable, refuseOtherThanFiles } from '../language/unreadable.ts';
import { LineIndex } from './lines.ts';

export interface OpenFile extends ReadFile {
  readonly path: string;
  readonly lines: LineIndex;
}

/** A file that can't be read, said in words that stand behind its name. */
export class UnreadableFile extends Error {
  readonly path: string;
  readonly why: string;
  readonly isThere: boolean;
  constructor(path: string, why: string, isThere = true) {
    super(`${path}: ${why}`);
    this.path = path;
    this.why = why;
    this.isThere = isThere;
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
    const opened = this.opened(uri);
    return opened === undefined || isTooLarge(opened) ? undefined : opened.file;
  }

  whyUnreadable(uri: string): string | undefined {
    const file = this.#get(uri, fileURLToPath(uri));
    if (file instanceof UnreadableFile) return file.isThere ? file.why : undefined;
    return isTooLarge(file) ? WHY_TOO_LARGE : undefined;
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
    try {
      const read = readText(path);
      if (read === undefined) return { ...tooLargeSource(uri), path, lines: new LineIndex('') };
      return { ...readSource(uri, read.text), path, lines: new LineIndex(read.text) };
    } catch (error) {
      if (error instanceof UnreadableFile) return error;
      throw error;
    }
  }
}

/** A file's text, its byte order mark apart; `undefined` where it is too large. Throws an {@link UnreadableFile}. */
export function readText(path: string): { readonly text: string; readonly mark: string } | undefined {
  let bytes: Buffer;
  try {
    const stats = statSync(path);
    refuseOtherThanFiles(stats);
    if (stats.size > MAX_BYTES) return undefined;
    bytes = readFileSync(path);
  } catch (error) {
    throw new UnreadableFile(path, whyUnreadable(error), !isMissing(error));
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UnreadableFile(path, 'this is no UTF-8 text. Save it with the encoding UTF-8');
  }
  if (text.includes('\0')) throw new UnreadableFile(path, 'this is a binary file, not a text');
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  return { text: text.slice(mark.length), mark };
}

export function uriOfPath(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function whyUnreadable(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read this file';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
