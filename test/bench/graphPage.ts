/** The page of the graph as the editor has it, in a Chromium of its own: somebody else is in the place of VS Code. */
import { existsSync, readFileSync } from 'node:fs';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { projectFolder } from '../../scripts/processes.ts';
import { type FromPage, type ToPage, fromPage } from '../../server/src/protocol/graphView.ts';

/** What VS Code says to a message of the page that shows a file. */
export type Answer = (file: string, message: FromPage) => Promise<readonly ToPage[]> | readonly ToPage[];

export interface PageServer {
  /** Where the page of a file is; everything in it is unfolded. */
  readonly address: (file: string) => string;
  readonly close: () => void;
}

export async function servePage(answer: Answer): Promise<PageServer> {
  const built = join(projectFolder, 'dist/webview');
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://127.0.0.1');
    const send = (type: string, content: string | Buffer): void => {
      response.writeHead(200, { 'content-type': type });
      response.end(content);
    };
    if (url.pathname === '/') send('text/html', PAGE);
    else if (url.pathname === '/shim.js') send('text/javascript', SHIM);
    else if (url.pathname === '/message') {
      void (async () => {
        const message = fromPage(JSON.parse(await bodyOf(request)), 'A message of the page');
        send('application/json', JSON.stringify(await answer(url.searchParams.get('file')!, message)));
      })();
    } else {
      const file = join(built, url.pathname.slice(1));
      const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };
      if (existsSync(file)) send(types[file.split('.').at(-1)!] ?? 'application/octet-stream', readFileSync(file));
      else {
        response.writeHead(404);
        response.end();
      }
    }
  });
  await listening(server);
  const { port } = server.address() as AddressInfo;
  return {
    address: (file) => `http://127.0.0.1:${port}/?file=${encodeURIComponent(file)}`,
    close: () => {
      server.close();
    },
  };
}

export async function listening(server: { listen(port: number, host: string, done: () => void): void }): Promise<void> {
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const PAGE = `<!DOCTYPE html><html><head><meta charset="UTF-8"><link rel="stylesheet" href="graph.css"></head>
<body><div id="root"></div><script src="shim.js"></script><script src="graph.js"></script></body></html>`;

const SHIM = `
const state = { unfolded: [], folded: [], all: 'unfolded', colouring: 'family', isU: true };
window.acquireVsCodeApi = () => ({
  getState: () => state,
  setState() {},
  async postMessage(message) {
    const answers = await fetch('message' + location.search, { method: 'POST', body: JSON.stringify(message) });
    for (const answer of await answers.json()) window.postMessage(answer, '*');
  },
});`;
