import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProposedFeatures, createConnection } from 'vscode-languageserver/node';
import { startServer } from './language/server.ts';

// What runs is in dist/, perhaps by way of a link: this file bundled, or the `scv` command.
const program = realpathSync(process.argv[1]!);
startServer(createConnection(ProposedFeatures.all), join(dirname(program), '../docs/layers'));
