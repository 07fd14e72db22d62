import type { ExtensionContext } from 'vscode';
import { registerGeneratePyTorch } from './features/generatePyTorch/index.ts';
import { registerGraph } from './features/graph/index.ts';
import { OPEN_LAYER_PAGE, registerLayerPages } from './features/layerPages/index.ts';
import { registerNewModel } from './features/newModel/index.ts';
import { registerServerCommands } from './features/serverCommands/index.ts';
import { registerShowReferences } from './features/showReferences/index.ts';
import { registerStatus } from './features/status/index.ts';
import { Commands } from './platform/commands.ts';
import { LanguageServer } from './platform/languageServer.ts';
import { createLog } from './platform/log.ts';

/** Puts the parts together; what they do stands in features/, what they stand on in platform/. */
export function activate(context: ExtensionContext): void {
  const log = createLog();
  const commands = new Commands(log);
  const server = new LanguageServer(context.asAbsolutePath('dist/languageServer.cjs'), OPEN_LAYER_PAGE, log);
  context.subscriptions.push(
    log,
    server,
    registerServerCommands(commands, server, log),
    registerGeneratePyTorch(commands, server, log),
    registerGraph(commands, server, context.extensionUri, log),
    registerShowReferences(commands),
    registerLayerPages(commands, context.extensionUri),
    registerNewModel(commands, server),
    registerStatus(commands, server, log),
  );
  server.start();
}
