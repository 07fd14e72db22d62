/**
 * Who may import whom. The house has rooms (folders); what isn't allowed here is refused by lint while one types, and
 * by test/architecture.test.ts. The reasons stand in server/ARCHITECTURE.md.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

interface Room {
  /** Folder or file, from the checkout's root. */
  readonly place: string;
  /** The rooms it may import beside itself; `*` means every room of the server. */
  readonly imports: readonly string[];
  /** The packages it may import; `node:` stands for all of Node's. */
  readonly packages: readonly string[];
  readonly because: string;
}

const CORE = 'server/src/core';
const PROTOCOL = 'server/src/protocol';
const LANGUAGE = 'server/src/language';
const LSP = ['vscode-languageserver', 'vscode-languageserver-textdocument', 'vscode-uri'];
const ROOT = 'A composition root puts rooms together; nothing imports it.';

export const rooms: readonly Room[] = [
  {
    place: CORE,
    imports: [],
    packages: [],
    because: 'The core is pure: it takes plain data and gives plain data, so that it runs and is tested anywhere.',
  },
  {
    place: PROTOCOL,
    imports: [CORE],
    packages: [],
    because: 'Both ends of a wire import the protocol, so it drags in neither of them.',
  },
  {
    place: LANGUAGE,
    imports: [CORE, PROTOCOL],
    packages: ['node:', 'langium', ...LSP],
    because: 'The language turns text into definitions; it knows the core, and nothing knows Langium but it.',
  },
  { place: 'server/src/cli', imports: ['*'], packages: ['node:', '@resvg/resvg-wasm'], because: ROOT },
  { place: 'server/src/languageServer.ts', imports: ['*'], packages: ['node:', ...LSP], because: ROOT },
  {
    place: 'client/src',
    imports: [PROTOCOL],
    packages: ['vscode', 'vscode-languageclient'],
    because: 'The client talks to the server by messages; all it knows of it is the protocol.',
  },
];

/** Why a file must not import this; undefined when it may. Both as seen from the checkout's root, with `/`. */
export function objection(file: string, specifier: string): string | undefined {
  const room = roomOf(file);
  if (room === undefined) {
    // Tests and scripts may import what they like; a new folder among the sources has to be declared.
    return /^(server|client|webview)\//.test(file)
      ? `${file} is in no room: add its folder to scripts/rooms.ts.`
      : undefined;
  }
  if (!specifier.startsWith('.')) return objectionToPackage(room, specifier);
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  const other = roomOf(target);
  if (other === room) return undefined;
  const allowed =
    other !== undefined && (room.imports.includes(other.place) || (room.imports.includes('*') && isServerRoom(other)));
  return allowed ? undefined : `${room.place} must not import ${other?.place ?? target}. ${room.because}`;
}

function objectionToPackage(room: Room, specifier: string): string | undefined {
  const name = isBuiltin(specifier) ? 'node:' : packageOf(specifier);
  if (room.packages.includes(name)) return undefined;
  return `${room.place} must not import ${name === 'node:' ? `Node's '${specifier}'` : `'${name}'`}. ${room.because}`;
}

function roomOf(file: string): Room | undefined {
  return rooms.find(({ place }) => file === place || file.startsWith(`${place}/`));
}

/** Composition roots aside: nothing imports them. */
function isServerRoom(room: Room): boolean {
  return room.place.startsWith('server/') && !room.imports.includes('*');
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
