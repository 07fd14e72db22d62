/** `scv format FILE…` */
import { writeFileSync } from 'node:fs';
import { format } from '../language/format/format.ts';
import { createFileParser } from '../language/read.ts';
import { WHY_TOO_LARGE } from '../language/text/size.ts';
import { lineOf } from './check.ts';
import { UnreadableFile, readText } from './files.ts';
import { LineIndex } from './lines.ts';
import type { Terminal } from './terminal.ts';

/**
 * Rewrites the files that aren't in the one form, and names them; with `check` it only names them.
 * @returns the exit status: with `check` 1 where one isn't in the form, 1 where one can't be read as `.scv`
 */
export function formatFiles(files: readonly string[], check: boolean, terminal: Terminal): number {
  const parser = createFileParser();
  let status = 0;
  for (const path of files) {
    try {
      const read = readText(path);
      if (read === undefined) throw new UnreadableFile(path, WHY_TOO_LARGE);
      const formatted = format(read.text, parser);
      if ('problems' in formatted) {
        const lines = new LineIndex(read.text);
        for (const { range, ...problem } of formatted.problems)
          terminal.complain(`${lineOf(path, { ...problem, ...lines.at(range.start) }, terminal.paintError)}\n`);
        status = Math.max(status, 1);
      } else if (formatted.text !== read.text) {
        if (check) status = Math.max(status, 1);
        else writeFileSync(path, read.mark + formatted.text);
        terminal.print(`${path}${check ? ': not formatted' : ''}\n`);
      }
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      terminal.complain(`scv: ${error.message}\n`);
      status = 2;
    }
  }
  return status;
}
