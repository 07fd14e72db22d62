/**
 * Whatever is in a text and wherever one asks, the server answers, soon; and it answers after any edits as one does that
 * never saw another text.
 */
import assert from 'node:assert/strict';
import { type CancellationToken, CancellationTokenSource, ResponseError } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { mutated } from '../mutations.ts';
import { Random } from '../random.ts';
import { SEED, caseCount, timeBox } from '../scale.ts';
import { MemoryServer } from './memoryServer.ts';
import { samples } from './support.ts';

const TIME = timeBox(10_000, 300_000);
const SEQUENCES = caseCount(25, 5000, 5);
/** Milliseconds for an answer; the machine may do other things too. */
const SLOW = 2000;
/** Milliseconds after which there will be none. */
const NEVER = 60_000;
/** What LSP has for "you asked me to stop" and "the text is another one by now". */
const EXCUSES = new Set([-32800, -32801, -32802]);

const uri = 'untitled:main.scv';

type Ask = (text: TextDocument, random: Random) => object;

function anywhere(document: TextDocument, random: Random): object {
  if (random.chance(0.02)) return { line: 1_000_000, character: 1_000_000 };
  return document.positionAt(random.int(0, document.getText().length));
}

const at: Ask = (document, random) => ({ textDocument: { uri }, position: anywhere(document, random) });
const whole: Ask = () => ({ textDocument: { uri } });
function range(document: TextDocument, random: Random): object {
  const [start, end] = [0, 0].map(() => random.int(0, document.getText().length)).toSorted((a, b) => a - b);
  return { start: document.positionAt(start!), end: document.positionAt(end!) };
}
const options = { tabSize: 2, insertSpaces: true };

/** Every request, by the capability that offers it. */
const REQUESTS: Readonly<Record<string, Readonly<Record<string, Ask>>>> = {
  hoverProvider: { 'textDocument/hover': at },
  completionProvider: { 'textDocument/completion': at },
  signatureHelpProvider: { 'textDocument/signatureHelp': at },
  definitionProvider: { 'textDocument/definition': at },
  typeDefinitionProvider: { 'textDocument/typeDefinition': at },
  implementationProvider: { 'textDocument/implementation': at },
  declarationProvider: { 'textDocument/declaration': at },
  referencesProvider: {
    'textDocument/references': (document, random) => ({
      ...at(document, random),
      context: { includeDeclaration: random.chance(0.5) },
    }),
  },
  documentHighlightProvider: { 'textDocument/documentHighlight': at },
  documentSymbolProvider: { 'textDocument/documentSymbol': whole },
  workspaceSymbolProvider: {
    'workspace/symbol': (_, random) => ({ query: random.pick(['', 'a', 'Conv', '한', '*']) }),
  },
  codeActionProvider: {
    'textDocument/codeAction': (document, random) => ({
      textDocument: { uri },
      range: range(document, random),
      context: { diagnostics: [] },
    }),
  },
  codeLensProvider: { 'textDocument/codeLens': whole },
  documentLinkProvider: { 'textDocument/documentLink': whole },
  documentFormattingProvider: { 'textDocument/formatting': () => ({ textDocument: { uri }, options }) },
  documentRangeFormattingProvider: {
    'textDocument/rangeFormatting': (document, random) => ({
      textDocument: { uri },
      range: range(document, random),
      options,
    }),
  },
  documentOnTypeFormattingProvider: {
    'textDocument/onTypeFormatting': (document, random) => ({
      ...at(document, random),
      ch: random.pick(['\n', '}', '>']),
      options,
    }),
  },
  renameProvider: {
    'textDocument/prepareRename': at,
    'textDocument/rename': (document, random) => ({
      ...at(document, random),
      newName: random.pick(['other', 'self', '', '1', 'x', '한글']),
    }),
  },
  foldingRangeProvider: { 'textDocument/foldingRange': whole },
  selectionRangeProvider: {
    'textDocument/selectionRange': (document, random) => ({
      textDocument: { uri },
      positions: [anywhere(document, random), anywhere(document, random)],
    }),
  },
  linkedEditingRangeProvider: { 'textDocument/linkedEditingRange': at },
  callHierarchyProvider: { 'textDocument/prepareCallHierarchy': at },
  semanticTokensProvider: {
    'textDocument/semanticTokens/full': whole,
    'textDocument/semanticTokens/range': (document, random) => ({
      textDocument: { uri },
      range: range(document, random),
    }),
    'textDocument/semanticTokens/full/delta': () => ({ textDocument: { uri }, previousResultId: '1' }),
  },
  inlayHintProvider: {
    'textDocument/inlayHint': (document, random) => ({ textDocument: { uri }, range: range(document, random) }),
  },
};

/** What belongs to no capability. */
const OWN: Readonly<Record<string, Ask>> = {
  'scv/generatePyTorch': () => ({ uri }),
  'scv/modelAt': (document, random) => ({ uri, ...anywhere(document, random) }),
  'scv/graph': () => ({ uri }),
  'scv/palette': () => ({ uri }),
};

/** Capabilities that are no requests of their own, or have other tests: moved files, synchronised texts. */
const NO_REQUESTS = new Set(['textDocumentSync', 'workspace', 'positionEncoding', 'executeCommandProvider']);

/** Follow-ups: what an editor asks with a part of an answer. */
const FOLLOW_UPS: Readonly<Record<string, readonly [method: string, params: (each: object) => object]>> = {
  'textDocument/completion': ['completionItem/resolve', (each) => each],
  'textDocument/codeAction': ['codeAction/resolve', (each) => each],
  'textDocument/prepareCallHierarchy': ['callHierarchy/incomingCalls', (item) => ({ item })],
};

const texts = samples('examples', 'test/golden', 'test/fixtures')
  .map(({ text }) => text)
  .filter((text) => text.length < 5000 && !text.includes('0..1000'));

describe(`the server, whatever is asked (seed ${String(SEED)})`, function () {
  this.timeout(TIME + SEQUENCES * 2000 + 60_000);
  const uncaught: unknown[] = [];
  const hear = (error: unknown): void => {
    uncaught.push(error);
  };
  let listeners: ((...args: unknown[]) => void)[] = [];
  before(() => {
    // Mocha would blame whichever test runs.
    listeners = process.listeners('unhandledRejection') as typeof listeners;
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', hear);
  });
  after(() => {
    process.off('unhandledRejection', hear);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });

  it('exercises every capability', async () => {
    const server = await MemoryServer.start();
    const offered = Object.entries(server.capabilities).flatMap(([name, value]) => (value ? [name] : []));
    assert.deepEqual(
      offered.filter((name) => !(name in REQUESTS) && !NO_REQUESTS.has(name)),
      [],
    );
    await server.open(uri, '');
    await server.settled(uri);
    server.stop();
  });

  it('answers, soon, also what is cancelled, in texts that are anything', async () => {
    const random = new Random(SEED, 'requests');
    const server = await MemoryServer.start();
    const requests = Object.entries({
      ...OWN,
      ...Object.assign(
        {},
        ...Object.entries(REQUESTS).map(([name, each]) => (name in server.capabilities ? each : {})),
      ),
    } as Record<string, Ask>);
    let document = TextDocument.create(uri, 'scv', 1, random.pick(texts));
    await server.open(uri, document.getText());
    // On a busy machine the time may be over before each has come up.
    const unasked = new Set(requests.map(([method]) => method));
    for (const end = Date.now() + TIME; Date.now() < end || unasked.size > 0;) {
      const text = random.chance(0.1) ? random.pick(texts) : mutated(document.getText(), random.pick(texts), random);
      document = TextDocument.create(uri, 'scv', 1, text.length > 20_000 ? random.pick(texts) : text);
      await server.change(uri, [{ text: document.getText() }]);
      // Some at once, as editors do, and some cancelled at once or a little later.
      await Promise.all(
        Array.from({ length: random.int(1, 6) }, async () => {
          const [method, make] = random.pick(requests);
          unasked.delete(method);
          const params = make(document, random);
          const answer = await sent(
            server,
            method,
            params,
            document,
            random.chance(0.15) ? random.int(0, 20) : undefined,
          );
          const [next, paramsOf] = FOLLOW_UPS[method] ?? [];
          const [first] = itemsOf(answer);
          if (next !== undefined && first !== undefined)
            await sent(server, next, paramsOf!(first), document, undefined);
        }),
      );
    }
    await server.settled(uri);
    server.stop();
    assert.deepEqual(uncaught, [], 'nobody caught it');
  });

  it('answers after edits as one does that never saw another text', async () => {
    const random = new Random(SEED, 'sequences');
    const old = await MemoryServer.start();
    const opened = new Set<string>();
    for (let sequence = 0; sequence < SEQUENCES; sequence++) {
      // Of a name that nothing in the texts is near to: the other server knows no file to suggest.
      const file = `untitled:changed-again-and-again-${String(sequence % 5)}.scv`;
      let document = TextDocument.create(file, 'scv', 1, random.pick(texts));
      if (opened.has(file)) await old.change(file, [{ text: document.getText() }]);
      else await old.open(file, document.getText());
      opened.add(file);
      for (let edits = random.int(1, 6); edits > 0; edits--) {
        const change = changeOf(document, mutated(document.getText(), random.pick(texts), random));
        document = TextDocument.update(document, [change], 1);
        await old.change(file, [change]);
        if (random.chance(0.4)) await old.settled(file);
      }
      const fresh = await MemoryServer.start();
      await fresh.open(file, document.getText());
      const place = document.positionAt(random.int(0, document.getText().length));
      const [after, anew] = await Promise.all([old, fresh].map((server) => toldBy(server, file, place, document)));
      assert.deepEqual(after, anew, document.getText());
      fresh.stop();
    }
    old.stop();
    assert.deepEqual(uncaught, [], 'nobody caught it');
  });
});

/** Sends a request; fails where it throws or is slow. @param cancelAfter milliseconds */
async function sent(
  server: MemoryServer,
  method: string,
  params: object,
  document: TextDocument,
  cancelAfter: number | undefined,
): Promise<unknown> {
  const source = new CancellationTokenSource();
  const token: CancellationToken = source.token;
  if (cancelAfter !== undefined) {
    setTimeout(() => {
      source.cancel();
    }, cancelAfter);
  }
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<void>((resolve) => (timer = setTimeout(resolve, NEVER)));
  const where = (): string => `${method} ${JSON.stringify(params)} in\n${document.getText()}`;
  try {
    const answer: unknown = await Promise.race([
      server.connection.sendRequest(method, params, token),
      silence.then(() => assert.fail(`no answer to ${where()}`)),
    ]);
    const took = performance.now() - started;
    assert.ok(took < SLOW, `${took.toFixed(0)} ms for ${where()}`);
    return answer;
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    // Refusals that are meant for people, as of a name that can't be given, are answers too.
    const isRefusal = method === 'textDocument/rename' || method === 'textDocument/prepareRename';
    if (EXCUSES.has(error.code) || (isRefusal && error.code !== -32603)) return undefined;
    assert.fail(`${String(error.code)} ${error.message}: ${where()}`);
  } finally {
    clearTimeout(timer);
  }
}

function itemsOf(answer: unknown): readonly object[] {
  if (Array.isArray(answer)) return answer as object[];
  const { items } = (answer ?? {}) as { items?: object[] };
  return items ?? [];
}

/** The one change that makes a text of another. */
function changeOf(
  document: TextDocument,
  text: string,
): { range: { start: object; end: object }; text: string } & object {
  const before = document.getText();
  let start = 0;
  while (start < before.length && start < text.length && before[start] === text[start]) start++;
  let end = 0;
  while (end < before.length - start && end < text.length - start && before.at(-1 - end) === text.at(-1 - end)) end++;
  const range = { start: document.positionAt(start), end: document.positionAt(before.length - end) };
  return { range, text: text.slice(start, text.length - end) };
}

/** What a server says of a text, by all that shows itself without being asked, and at one place. */
async function toldBy(server: MemoryServer, file: string, position: object, document: TextDocument): Promise<object> {
  const textDocument = { uri: file };
  const everywhere = { start: { line: 0, character: 0 }, end: document.positionAt(document.getText().length) };
  const { diagnostics } = await server.settled(file);
  const answers: Record<string, unknown> = {};
  for (const [method, params] of [
    ['textDocument/documentSymbol', { textDocument }],
    ['textDocument/semanticTokens/full', { textDocument }],
    ['textDocument/inlayHint', { textDocument, range: everywhere }],
    ['textDocument/codeLens', { textDocument }],
    ['textDocument/hover', { textDocument, position }],
    ['textDocument/definition', { textDocument, position }],
    ['textDocument/documentHighlight', { textDocument, position }],
    ['scv/generatePyTorch', { uri: file }],
  ] as const) {
    answers[method] = await server.connection.sendRequest(method, params);
  }
  return {
    diagnostics,
    answers: JSON.parse(
      JSON.stringify(answers, (key, value: unknown) => (key === 'resultId' || key === 'version' ? undefined : value)),
    ) as object,
  };
}
