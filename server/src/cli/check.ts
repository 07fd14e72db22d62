/** `scv check FILE…` */
import { Analyser } from '../core/analysis/analyse.ts';
import { DiskProgram, UnreadableFile, uriOfPath } from './files.ts';
import { type Message, messagesOf } from './messages.ts';
import type { Paint, Terminal } from './terminal.ts';

/** @returns the exit status */
export function check(files: readonly string[], json: boolean, terminal: Terminal): number {
  const program = new DiskProgram();
  const found: object[] = [];
  let status = 0;
  for (const path of files) {
    let messages: readonly Message[];
    try {
      const file = program.open(path);
      messages = messagesOf(program, file, new Analyser().analyse(program, uriOfPath(path)));
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      terminal.complain(`scv: ${error.message}\n`);
      status = 2;
      continue;
    }
    for (const message of worthSaying(messages)) {
      const { line, column, severity, code, message: text } = message;
      if (json) found.push({ file: path, line, column, severity, code, message: text });
      else terminal.print(`${lineOf(path, message, terminal.paint)}\n`);
      if (severity === 'error' && status === 0) status = 1;
    }
  }
  if (json) terminal.print(`${JSON.stringify(found, undefined, 2)}\n`);
  return status;
}

/** Hints change nothing: they are for editors. */
export function worthSaying(messages: readonly Message[]): readonly Message[] {
  return messages.filter(({ severity }) => severity !== 'hint');
}

/** `file:line:column: error: message [code]` */
export function lineOf(
  path: string,
  { line, column, severity, message, code }: Omit<Message, 'end' | 'related'>,
  paint: Paint,
): string {
  const place = `${path}:${String(line)}:${String(column)}:`;
  const kind = paint(severity === 'error' ? 'red' : 'yellow', `${severity}:`);
  return `${paint('bold', place)} ${kind} ${message.replaceAll(/\s*\n\s*/g, ' ')} ${paint('dim', `[${code}]`)}`;
}
