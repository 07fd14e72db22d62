import { Disposable } from 'vscode';
import type { Commands } from '../../platform/commands.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';
import type { Log } from '../../platform/log.ts';

export function registerServerCommands(commands: Commands, server: LanguageServer, log: Log): Disposable {
  return Disposable.from(
    commands.register('scv.restartServer', () => server.restart()),
    commands.register('scv.showServerLog', () => {
      log.show();
    }),
  );
}
