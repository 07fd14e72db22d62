/** The page of the graph as the editor has it, in a Chromium of its own: somebody else is in the place of VS Code. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
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
    else {
      const file = join(built, url.pathname.slice(1));
      const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };
      if (existsSync(file)) send(types[file.split('.').at(-1)!] ?? 'application/octet-stream', readFileSync(file));
      else {
        response.writeHead(404);
        response.end();
      }
    }
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, { url }) => {
    const file = new URL(url!, 'http://127.0.0.1').searchParams.get('file')!;
    socket.on('message', (data: Buffer) => {
      void (async () => {
        const message = fromPage(JSON.parse(data.toString()), 'A message of the page');
        for (const each of await answer(file, message)) socket.send(JSON.stringify(each));
      })();
    });
  });
  await listening(server);
  const { port } = server.address() as AddressInfo;
  return {
    address: (file) => `http://127.0.0.1:${port}/?file=${encodeURIComponent(file)}`,
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    },
  };
}

export async function listening(server: { listen(port: number, host: string, done: () => void): void }): Promise<void> {
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
}

const PAGE = `<!DOCTYPE html><html><head><meta charset="UTF-8"><link rel="stylesheet" href="graph.css"></head>
<body><div id="root"></div><script src="shim.js"></script><script src="graph.js"></script></body></html>`;

/** What carries the messages should cost as little as it can: what VS Code has in its place isn't measured. */
const SHIM = `
const state = { unfolded: [], folded: [], all: 'unfolded', colouring: 'family', isU: true };
const socket = new WebSocket('ws://' + location.host + '/' + location.search);
const isOpen = new Promise((resolve) => socket.addEventListener('open', resolve));
socket.addEventListener('message', ({ data }) => dispatchEvent(new MessageEvent('message', { data: JSON.parse(data) })));
window.acquireVsCodeApi = () => ({
  getState: () => state,
  setState() {},
  postMessage: (message) => void isOpen.then(() => socket.send(JSON.stringify(message))),
});`;
