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
/** What of the core draws a graph: it runs in the page too, so it drags in nothing else of the core. */
const ORIGIN = 'server/src/core/origin.ts';
const DEFINITION = 'server/src/core/definition.ts';
const VIEW = 'server/src/core/view';
const LAYOUT = 'server/src/core/layout';
const DRAWING = 'server/src/core/drawing';
/** The drawing writes numbers as everything else does. */
const NUMBERS = 'server/src/core/analysis/numbers.ts';
/** So does what looks for things in their order. */
const SEARCH = 'server/src/core/search.ts';
const PICTURE = [ORIGIN, VIEW, LAYOUT, DRAWING];
const IN_CORE = [...PICTURE, DEFINITION, NUMBERS, SEARCH];
const PROTOCOL = 'server/src/protocol';
const LANGUAGE = 'server/src/language';
const LSP = ['vscode-languageserver', 'vscode-languageserver-textdocument', 'vscode-uri'];
const ROOT = 'A composition root puts rooms together; nothing imports it.';

const DRAWN = 'What draws a graph runs in a page, too: it is bundled there with all that it imports.';

/** A room in another room stands before it. */
export const rooms: readonly Room[] = [
  { place: ORIGIN, imports: [DEFINITION], packages: [], because: DRAWN },
  { place: DEFINITION, imports: [], packages: [], because: DRAWN },
  { place: SEARCH, imports: [], packages: [], because: DRAWN },
  { place: LAYOUT, imports: [SEARCH], packages: [], because: DRAWN },
  { place: VIEW, imports: [ORIGIN, LAYOUT], packages: [], because: DRAWN },
  { place: DRAWING, imports: [VIEW, LAYOUT, NUMBERS], packages: [], because: DRAWN },
  { place: NUMBERS, imports: [CORE], packages: [], because: DRAWN },
  {
    place: CORE,
    imports: IN_CORE,
    packages: [],
    because: 'The core is pure: it takes plain data and gives plain data, so that it runs and is tested anywhere.',
  },
  {
    place: PROTOCOL,
    imports: [CORE, ...IN_CORE],
    packages: [],
    because: 'Both ends of a wire import the protocol, so it drags in neither of them.',
  },
  {
    place: LANGUAGE,
    imports: [CORE, ...IN_CORE, PROTOCOL],
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
  {
    place: 'webview/src/components',
    imports: [],
    packages: ['react', '@vscode/webview-ui-toolkit', '@vscode/codicons'],
    because: "Controls are VS Code's; only their wrappers know by which package.",
  },
  {
    place: 'webview/src',
    imports: ['webview/src/components', PROTOCOL, ...PICTURE, NUMBERS],
    packages: ['react', 'react-dom', '@xyflow/react'],
    because:
      'A page draws what it is told by messages; of the core it knows what draws graphs, and how numbers are told.',
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
