import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  IPCMessageReader,
  IPCMessageWriter,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-languageserver/node';
import type {
  InitializeResult,
  PublishDiagnosticsParams,
  TextDocumentEdit,
  WorkspaceEdit,
  WorkspaceSymbol,
} from 'vscode-languageserver';

const SERVER = join(import.meta.dirname, '..', '..', 'server', 'src', 'languageServer.ts');
const BLOCKS = 'block Wide(c: int) {\n  input x\n  output x -> Conv2d(2 * c, 3)\n}\n';
const MAIN = 'import { Wide } from "./blocks.scv"\nmodel A {\n  input x: [N, 3, 8, 8]\n  output x -> Wide(3)\n}\n';

/** The server as an editor has it: a process of its own. */
describe('language server', function () {
  this.timeout(30_000);
  let folder: string;
  let child: ChildProcess;
  let connection: MessageConnection;
  let capabilities: InitializeResult['capabilities'];
  const published: PublishDiagnosticsParams[] = [];
  const analysed: { uri: string; version: number }[] = [];
  const uri = (name: string): string => pathToFileURL(join(folder, name)).href;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scv-server-'));
    writeFileSync(join(folder, 'blocks.scv'), BLOCKS);
    writeFileSync(join(folder, 'main.scv'), MAIN);
    child = fork(SERVER, ['--node-ipc'], { silent: true });
    connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      published.push(params);
    });
    connection.onNotification('scv/documentAnalysed', (params: { uri: string; version: number }) => {
      analysed.push(params);
    });
    connection.onRequest('client/registerCapability', () => null);
    connection.listen();
    ({ capabilities } = await connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: { workspace: { workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } } },
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'w' }],
    }));
    await connection.sendNotification('initialized', {});
  });

  after(() => {
    connection.dispose();
    child.kill();
    rmSync(folder, { recursive: true });
  });

  async function until<T>(what: string, find: () => T | undefined): Promise<T> {
    for (let round = 0; round < 400; round++) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${what} never came`);
  }

  const diagnosticsOf = (name: string, version: number): Promise<PublishDiagnosticsParams> =>
    until(`diagnostics of ${name} ${String(version)}`, () =>
      published.findLast((each) => each.uri === uri(name) && each.version === version),
    );

  async function edit(name: string, version: number, text: string): Promise<void> {
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: uri(name), version },
      contentChanges: [{ text }],
    });
  }

  it('reads no devices and no files that are too large', async () => {
    writeFileSync(join(folder, 'large.scv'), 'model A { }\n'.repeat(200_000));
    const text = 'import { A } from "./large.scv"\nimport { B } from "/dev/zero"\n';
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('importer.scv'), languageId: 'scv', version: 1, text },
    });
    const { diagnostics } = await diagnosticsOf('importer.scv', 1);
    const errors = diagnostics.filter(({ severity }) => severity === 1);
    assert.deepEqual(
      errors.map(({ code, range }) => `${String(range.start.line)} ${String(code)}`),
      ['0 import-not-found', '1 import-not-found'],
    );
    assert.match(errors[0]!.message as string, /larger than 2 MB/);
    assert.match(errors[1]!.message as string, /not a regular file/);
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('large.scv'), languageId: 'scv', version: 1, text: 'model A { }\n'.repeat(200_000) },
    });
    const large = await diagnosticsOf('large.scv', 1);
    assert.deepEqual(
      large.diagnostics.map(({ code, range }) => `${String(range.start.line)} ${String(code)}`),
      ['0 too-large'],
    );
  });

  it('tells what is wrong with the version that the editor shows', async () => {
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('main.scv'), languageId: 'scv', version: 1, text: MAIN },
    });
    assert.deepEqual((await diagnosticsOf('main.scv', 1)).diagnostics, []);
    await edit('main.scv', 2, MAIN.replace('Wide(3)', 'Wode(3)'));
    assert.deepEqual(
      (await diagnosticsOf('main.scv', 2)).diagnostics.map(({ code }) => code),
      ['unused-import', 'unknown-layer'],
    );
    await edit('main.scv', 3, MAIN);
    assert.deepEqual((await diagnosticsOf('main.scv', 3)).diagnostics, []);
    await until('the announcement', () => analysed.find((each) => each.uri === uri('main.scv') && each.version === 3));
  });

  it('looks at a file again when what it imports changes', async () => {
    published.length = 0;
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('blocks.scv'), languageId: 'scv', version: 1, text: BLOCKS },
    });
    await edit('blocks.scv', 2, BLOCKS.replace('Wide', 'Wode'));
    await until('the message in main.scv', () =>
      published
        .findLast((each) => each.uri === uri('main.scv'))
        ?.diagnostics.find(({ code }) => code === 'import-missing-name'),
    );
    await edit('blocks.scv', 3, BLOCKS);
    await until('its end', () =>
      published.findLast((each) => each.uri === uri('main.scv'))?.diagnostics.length === 0 ? true : undefined,
    );
  });

  it('answers hover and the request for PyTorch', async () => {
    const hover = await connection.sendRequest<{ contents: { value: string } }>('textDocument/hover', {
      textDocument: { uri: uri('main.scv') },
      position: { line: 3, character: 16 },
    });
    assert.match(hover.contents.value, /\[N, 3, 8, 8\] → \[N, 6, 6, 6\]/);
    const result = await connection.sendRequest<{ version: number; python: string }>('scv/generatePyTorch', {
      uri: uri('main.scv'),
      version: 3,
    });
    assert.equal(result.version, 3);
    assert.match(result.python, /class A\(nn\.Module\)/);
  });

  it('answers for the version asked for, not an older one', async () => {
    await edit('main.scv', 4, MAIN.replace('model A', 'model B'));
    const result = await connection.sendRequest<{ version: number; models: string[] }>('scv/generatePyTorch', {
      uri: uri('main.scv'),
      version: 4,
    });
    assert.deepEqual([result.version, result.models], [4, ['B']]);
  });

  it('completes the text as it is after the last key', async () => {
    const text = MAIN.replace('Wide(3)', 'Conv2d');
    const typed = MAIN.replace('Wide(3)', 'Conv2d(');
    for (const [round, each] of [text, typed, text, typed].entries()) await edit('main.scv', 10 + round, each);
    const { items } = await connection.sendRequest<{ items: { label: string }[] }>('textDocument/completion', {
      textDocument: { uri: uri('main.scv') },
      position: { line: 3, character: '  output x -> Conv2d('.length },
    });
    const labels = items.map(({ label }) => label);
    assert.ok(labels.includes('out_channels'));
    assert.ok(!labels.includes('output'));
  });

  it('moves files as an editor does: asks for edits first, and tells when it is done', async () => {
    writeFileSync(join(folder, 'moved.scv'), 'block Moved { input x  output x }\n');
    const importer = 'import { Moved } from "./moved.scv"\nmodel M { input x: [N, 3]  output x -> Moved }\n';
    await connection.sendNotification('workspace/didCreateFiles', { files: [{ uri: uri('moved.scv') }] });
    // What is typed and not saved yet counts.
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('mover.scv'), languageId: 'scv', version: 1, text: '# Empty.\n' },
    });
    await edit('mover.scv', 2, importer);
    assert.deepEqual((await diagnosticsOf('mover.scv', 2)).diagnostics, []);

    const files = [{ oldUri: uri('moved.scv'), newUri: uri('blocks/moved.scv') }];
    const answer = await connection.sendRequest<WorkspaceEdit>('workspace/willRenameFiles', { files });
    const [change, ...others] = answer.documentChanges as TextDocumentEdit[];
    assert.deepEqual(others, []);
    assert.deepEqual(change!.textDocument, { uri: uri('mover.scv'), version: 2 });
    assert.deepEqual(change!.edits, [
      {
        range: { start: { line: 0, character: 23 }, end: { line: 0, character: 34 } },
        newText: './blocks/moved.scv',
      },
    ]);
    mkdirSync(join(folder, 'blocks'));
    renameSync(join(folder, 'moved.scv'), join(folder, 'blocks', 'moved.scv'));
    await connection.sendNotification('workspace/didRenameFiles', { files });
    await until('the message of the old path', () =>
      published
        .findLast((each) => each.uri === uri('mover.scv'))
        ?.diagnostics.find(({ message }) => (message as string).includes('Did you mean ./blocks/moved.scv?')),
    );
    await edit('mover.scv', 3, importer.replace('./moved', './blocks/moved'));
    assert.deepEqual((await diagnosticsOf('mover.scv', 3)).diagnostics, []);

    // The folder goes, and the file with it.
    rmSync(join(folder, 'blocks'), { recursive: true });
    await connection.sendNotification('workspace/didDeleteFiles', { files: [{ uri: uri('blocks') }] });
    await until('the message of the import', () =>
      published
        .findLast((each) => each.uri === uri('mover.scv'))
        ?.diagnostics.find(({ code }) => code === 'import-not-found'),
    );
  });

  it('takes a file that is closed without being saved for what it is on disk', async () => {
    writeFileSync(join(folder, 'kept.scv'), 'block Kept { input x  output x }\n');
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('kept.scv'), languageId: 'scv', version: 1, text: 'block Kept { input x  output x }\n' },
    });
    await edit('kept.scv', 2, 'block Other { input x  output x }\n');
    await diagnosticsOf('kept.scv', 2);
    const user = 'import { Kept } from "./kept.scv"\nmodel M { input x: [N, 3]  output x -> Kept }\n';
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('user.scv'), languageId: 'scv', version: 1, text: user },
    });
    assert.deepEqual(
      (await diagnosticsOf('user.scv', 1)).diagnostics.map(({ code }) => code),
      ['import-missing-name'],
    );
    await connection.sendNotification('textDocument/didClose', { textDocument: { uri: uri('kept.scv') } });
    await until('the end of the message', () =>
      published.findLast((each) => each.uri === uri('user.scv'))?.diagnostics.length === 0 ? true : undefined,
    );
  });

  it('asks before a rename changes keys of the state_dict', async () => {
    const text = 'model Net {\n  input x: [N, 3]\n  output x -> fc: Linear(2)\n}\n';
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uri('keys.scv'), languageId: 'scv', version: 7, text },
    });
    const at = { textDocument: { uri: uri('keys.scv') }, position: { line: 2, character: 15 } };
    const range = { start: { line: 2, character: 14 }, end: { line: 2, character: 16 } };
    assert.deepEqual(await connection.sendRequest('textDocument/prepareRename', at), range);
    assert.deepEqual(await connection.sendRequest('textDocument/rename', { ...at, newName: 'head' }), {
      documentChanges: [
        {
          textDocument: { uri: uri('keys.scv'), version: 7 },
          edits: [{ range, newText: 'head', annotationId: '0' }],
        },
      ],
      changeAnnotations: {
        0: {
          label: 'Changes state_dict keys',
          description:
            "fc.weight → head.weight; keys that change: Net (2). Weights that were saved don't load by the old names.",
          needsConfirmation: true,
        },
      },
    });
    await assert.rejects(connection.sendRequest('textDocument/rename', { ...at, newName: 'train' }), {
      message: /train can't stand in line 3: `train` is a name that nn\.Module has itself/,
    });
  });

  it('finds symbols of files that are open and not saved, and of files that are not open', async () => {
    const find = async (query: string): Promise<string[]> => {
      const found = await connection.sendRequest<WorkspaceSymbol[]>('workspace/symbol', { query });
      return found.map(({ name, containerName, location }) => `${name} ${containerName ?? ''} ${location.uri}`);
    };
    assert.deepEqual(await find('Net'), [`Net keys.scv ${uri('keys.scv')}`]);
    assert.deepEqual(await find('Kept'), [`Kept kept.scv ${uri('kept.scv')}`]);
    assert.deepEqual(await find('fc'), [`fc Net ${uri('keys.scv')}`]);
    assert.deepEqual(await find('Other'), [], 'what was never saved is gone with its editor');
  });

  it('says what it can do with files and names', () => {
    const { workspace, ...able } = capabilities;
    for (const operation of ['willRename', 'didRename', 'didCreate', 'didDelete'] as const)
      assert.deepEqual(
        workspace?.fileOperations?.[operation]?.filters.map(({ pattern }) => `${pattern.matches!} ${pattern.glob}`),
        ['file **/*.scv', 'folder **/*'],
      );
    for (const name of [
      'callHierarchyProvider',
      'definitionProvider',
      'documentHighlightProvider',
      'documentSymbolProvider',
      'foldingRangeProvider',
      'implementationProvider',
      'referencesProvider',
      'typeDefinitionProvider',
      'workspaceSymbolProvider',
    ] as const)
      assert.ok(able[name], name);
    assert.deepEqual(able.renameProvider, { prepareProvider: true });
  });
});
