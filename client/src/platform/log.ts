import { window, type LogOutputChannel } from 'vscode';

/** What the extension and its language server write down, in the Output panel. */
export type Log = LogOutputChannel;

export function createLog(): Log {
  return window.createOutputChannel('SCV', { log: true });
}
