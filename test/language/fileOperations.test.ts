import assert from 'node:assert/strict';
import { URI } from 'langium';
import type { TextDocumentEdit } from 'vscode-languageserver';
import { applied, workspace } from './services.ts';

type Files = Readonly<Record<string, string>>;

const BLOCK = 'block Wide(c: int) {\n  input x\n  output x -> Conv2d(c, 3)\n}\n';

/** The files that change when some are moved, by the names that they have before it. */
async function moved(files: Files, moves: Files): Promise<Files> {
  const ws = await workspace(files, { capabilities: { workspace: { workspaceEdit: { documentChanges: true } } } });
  const edit = await ws.language.shared.lsp.FileOperationHandler!.willRenameFiles!({
    files: Object.entries(moves).map(([from, to]) => ({
      oldUri: URI.file(`/${from}`).toString(),
      newUri: URI.file(`/${to}`).toString(),
    })),
  });
  return Object.fromEntries(
    ((edit?.documentChanges ?? []) as TextDocumentEdit[]).map(({ textDocument, edits }) => {
      assert.equal(textDocument.version, null, 'the file is open nowhere');
      const name = URI.parse(textDocument.uri).path.slice(1);
      return [name, applied(ws.open(encodeURI(name)), edits as Parameters<typeof applied>[1])];
    }),
  );
}

describe('moving a file', () => {
  const cases: Record<string, readonly [Files, Files, Files]> = {
    'that is imported': [
      {
        'main.scv': `import { Wide } from "./blocks.scv"\n`,
        'deep/other.scv': `# Both.\nimport { Wide as W } from '../blocks.scv'\n`,
        'none.scv': 'import { Wide } from "./block.scv"\n',
        'blocks.scv': BLOCK,
      },
      { 'blocks.scv': 'nets/wide.scv' },
      {
        'main.scv': `import { Wide } from "./nets/wide.scv"\n`,
        'deep/other.scv': `# Both.\nimport { Wide as W } from '../nets/wide.scv'\n`,
      },
    ],
    'that imports': [
      {
        'main.scv': `import { Wide } from "./blocks/wide.scv"\nimport { None } from "./none.scv"\n`,
        'blocks/wide.scv': BLOCK,
      },
      { 'main.scv': 'deep/er/main.scv' },
      { 'main.scv': `import { Wide } from "../../blocks/wide.scv"\nimport { None } from "./none.scv"\n` },
    ],
    'into the folder of what it imports': [
      { 'main.scv': `import { Wide } from "./blocks/wide.scv"\n`, 'blocks/wide.scv': BLOCK },
      { 'main.scv': 'blocks/main.scv' },
      { 'main.scv': `import { Wide } from "./wide.scv"\n` },
    ],
    'that imports itself in a ring': [
      {
        'a.scv': `import { B } from "./b.scv"\n${BLOCK}`,
        'b.scv': `import { Wide } from "./a.scv"\nblock B { input x output x }`,
      },
      { 'a.scv': 'x/a.scv' },
      {
        'a.scv': `import { B } from "../b.scv"\n${BLOCK}`,
        'b.scv': `import { Wide } from "./x/a.scv"\nblock B { input x output x }`,
      },
    ],
    'with others': [
      {
        'a.scv': `import { B } from "./b.scv"\n`,
        'b.scv': 'block B { input x output x }',
        'c.scv': 'import { B } from "./b.scv"',
      },
      { 'a.scv': 'x/a.scv', 'b.scv': 'x/b.scv' },
      { 'c.scv': 'import { B } from "./x/b.scv"' },
    ],
    'to a name in another script, with spaces and quotes': [
      { 'main.scv': `import { Wide } from "./blocks.scv"\r\n`, 'blocks.scv': BLOCK },
      { 'blocks.scv': '블록 "1".scv' },
      { 'main.scv': `import { Wide } from "./블록 \\"1\\".scv"\r\n` },
    ],
    'behind astral characters': [
      {
        'main.scv': `import { 𝑊 } from "./𝑊/b.scv"  import { 𝑉 } from "./𝑊/c.scv"\n`,
        '%F0%9D%91%8A/b.scv': 'block 𝑊 { input x output x }',
        '%F0%9D%91%8A/c.scv': 'block 𝑉 { input x output x }',
      },
      { '𝑊/c.scv': '𝑊/d.scv' },
      { 'main.scv': `import { 𝑊 } from "./𝑊/b.scv"  import { 𝑉 } from "./𝑊/d.scv"\n` },
    ],
    'whose folder is moved': [
      {
        'main.scv': `import { A } from "./blocks/a.scv"\n`,
        'blocks/a.scv': 'import { B } from "./b.scv"\nimport { Wide } from "../wide.scv"\n',
        'blocks/b.scv': 'block B { input x output x }',
        'wide.scv': BLOCK,
        'blocks2/a.scv': 'block A { input x output x }',
      },
      { blocks: 'deep/nets' },
      {
        'main.scv': `import { A } from "./deep/nets/a.scv"\n`,
        'blocks/a.scv': 'import { B } from "./b.scv"\nimport { Wide } from "../../wide.scv"\n',
      },
    ],
    'that imports one outside of the workspace, and is moved there': [
      { 'w/main.scv': `import { Wide } from "../lib/wide.scv"\n`, 'lib/wide.scv': BLOCK, 'lib/user.scv': BLOCK },
      { 'w/main.scv': 'lib/nets/main.scv' },
      { 'w/main.scv': `import { Wide } from "../wide.scv"\n` },
    ],
    'that nothing imports': [{ 'a.scv': BLOCK, 'b.scv': BLOCK }, { 'a.scv': 'c.scv' }, {}],
  };
  for (const [name, [files, moves, expected]] of Object.entries(cases)) {
    it(name, async () => {
      assert.deepEqual(await moved(files, moves), expected);
    });
  }
});

describe('an import of a file that is gone', () => {
  it('is told at the path, and where a file of that name is', async () => {
    const ws = await workspace({
      'main.scv': 'import { Wide } from "./blocks.scv"\nmodel M { input x: [N, 3, 8, 8]\n output x -> Wide(3) }\n',
      'blocks.scv': BLOCK,
    });
    const errors = (): string[] =>
      (ws.open('main.scv').diagnostics ?? []).map(
        ({ message, range }) => `${ws.document.textDocument.getText(range)}: ${message as string}`,
      );
    assert.deepEqual(errors(), []);
    await ws.write('blocks.scv', undefined);
    assert.deepEqual(errors(), [
      '"./blocks.scv": There is no file ./blocks.scv that can be read: a path is seen from this file, as in "./blocks.scv".',
    ]);
    await ws.write('nets/blocks.scv', BLOCK);
    await ws.write('main.scv', `${ws.document.textDocument.getText()}\n`);
    assert.deepEqual(errors(), [
      '"./blocks.scv": There is no file ./blocks.scv that can be read. Did you mean ./nets/blocks.scv?',
    ]);
    await ws.write('blocks.scv', BLOCK);
    assert.deepEqual(errors(), []);
  });
});
