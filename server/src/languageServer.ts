import { ProposedFeatures, createConnection } from 'vscode-languageserver/node';
import { startServer } from './language/server.ts';

startServer(createConnection(ProposedFeatures.all));
