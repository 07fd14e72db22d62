import { commands, window, type Disposable } from 'vscode';
import type { Log } from './log.ts';

/** Something the user should hear, in words for them: shown as it is, not logged as a fault of ours. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Registers commands behind one error boundary, so that none fails silently or with a bare stack. */
export class Commands {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** What a menu or another command hands over is `unknown`, because nobody has checked it. */
  register(id: string, run: (...args: unknown[]) => Promise<void> | void): Disposable {
    return commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await run(...args);
      } catch (error) {
        this.#report(id, error);
      }
    });
  }

  /** Doesn't wait for the message to be closed: the command has ended. */
  #report(id: string, error: unknown): void {
    if (error instanceof UserError) {
      void window.showErrorMessage(error.message);
      return;
    }
    this.#log.error(`${id} failed:`, error instanceof Error ? (error.stack ?? error.message) : error);
    const reason = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(`SCV: ${reason}`, 'Show Log').then((choice) => {
      if (choice !== undefined) this.#log.show();
    });
  }
}
