import assert from 'node:assert/strict';
import type { DocumentSymbol } from 'vscode-languageserver';
import { workspace, type Editor } from './services.ts';

async function outline(files: Readonly<Record<string, string>>): Promise<string[]> {
  const ws = await workspace(files);
  const symbols = await ws.language.scv.lsp.DocumentSymbolProvider!.getSymbols(ws.document, {
    textDocument: { uri: '' },
  });
  const lines = (all: readonly DocumentSymbol[], depth: string): string[] =>
    all.flatMap(({ name, detail, children, range, selectionRange }) => {
      assert.equal(ws.document.textDocument.getText(selectionRange), name);
      assert.ok(ws.document.textDocument.getText(range).includes(name));
      return [`${depth}${name}: ${detail ?? ''}`, ...lines(children ?? [], `${depth}  `)];
    });
  return lines(symbols, '');
}

const WIDE = 'block Wide(c: int) {\n  input x\n  output x -> conv: Conv2d(2 * c, 3, padding=1) -> bn: BatchNorm2d\n}\n';

describe('the outline', () => {
  it('has definitions with what is in them, shapes and counts', async () => {
    const text = `model A(n: int = 4, rate = 0.5) {\r
  description: "😀" input image: [N, 3, 8, 8]\r
  layer head = (Linear(n) -> ReLU)\r
  weight scale: [1, 3, 8, 8]\r
  y = image * scale -> body: (first: Conv2d(n, 3) -> ReLU -> second: Wide(2) * 2)\r
  width = y.channels\r
  output a: [N, 4] = y -> pool: AdaptiveAvgPool2d(1) -> Flatten -> head\r
  output y -> Mean([2, 3])\r
}\r
${WIDE}`;
    // 3 · 4 · 9 + 4; 4 · 4 · 9 + 4 + 8, twice; 4 · 4 + 4; 3 · 64.
    assert.deepEqual(await outline({ 'a.scv': text }), [
      'A: model · 636 params',
      '  n: int',
      '  rate: parameter',
      '  image: input [N, 3, 8, 8]',
      '  head: layer · 20 params',
      '  scale: weight [1, 3, 8, 8]',
      '  y: [N, 4, 6, 6]',
      '    body: [N, 4, 6, 6] · 424 params',
      '      first: Conv2d [N, 4, 6, 6] · 112 params',
      '      second: Wide [N, 4, 6, 6] · 312 params',
      '  width: ',
      '  a: output [N, 4]',
      '    pool: AdaptiveAvgPool2d [N, 4, 1, 1]',
      '  output: output [N, 4]',
      'Wide: block · 156 params',
      '  c: int',
      '  x: input [N, 4, 6, 6]',
      '  output: output [N, 4, 6, 6]',
      '    conv: Conv2d [N, 4, 6, 6] · 148 params',
      '    bn: BatchNorm2d [N, 4, 6, 6] · 8 params',
    ]);
  });

  it('tells of a block what holds in all its uses, those of other files too', async () => {
    const main =
      'import { Wide } from "./blocks.scv"\nmodel M { input x: [N, 3, 8, 8]\n output x -> Wide(2) -> Wide(3) }';
    assert.deepEqual(await outline({ 'blocks.scv': WIDE, 'main.scv': main }), [
      'Wide: block',
      '  c: int',
      '  x: input [N, …, 8, 8]',
      '  output: output [N, …, 8, 8]',
      '    conv: Conv2d [N, …, 8, 8]',
      '    bn: BatchNorm2d [N, …, 8, 8]',
    ]);
  });

  it('has what can be read of a broken file', async () => {
    const text =
      'model A { input x: [N, 3]\n y = (\n output x -> fc: Linear(2 2) }\nblock { }\nblock B { input x output x }';
    const names = (await outline({ 'a.scv': text })).map((line) => line.trim().split(':')[0]);
    assert.deepEqual(names, ['A', 'x', 'y', 'output', 'fc', 'B', 'x', 'output']);
  });
});

describe('symbols of the workspace', () => {
  async function find(query: string, files: Readonly<Record<string, string>>, editor?: Editor): Promise<string[]> {
    const ws = await workspace(files, editor);
    const found = await ws.language.shared.lsp.WorkspaceSymbolProvider!.getSymbols({ query });
    return found.map(({ name, containerName, location }) => {
      assert.ok('range' in location);
      assert.equal(ws.spell(location.uri, location.range).split('"')[0]!.endsWith(` ${name}`), true);
      return `${name} (${containerName ?? ''})`;
    });
  }

  const files = {
    'w/main.scv':
      'import { ResidualBlock } from "../lib/r.scv"\nmodel ResNet { input x: [N, 3]\n output x -> 𝑟es: ResidualBlock }',
    'w/nets/blocks.scv': WIDE.replace('Wide', 'ResidualBlock'),
    'lib/r.scv': 'block ResidualBlock {\r\n  input x\r\n  layer res = Linear(2)\r\n  output x -> res\r\n}\r\n',
    'w/broken.scv': 'block Residue { input x -> ( \n model',
  };

  it('are those of all files, with where they are', async () => {
    assert.deepEqual(await find('', files, { folders: ['w'] }), [
      'ResNet (main.scv)',
      'ResidualBlock (nets/blocks.scv)',
      'ResidualBlock (r.scv)',
      'Residue (broken.scv)',
    ]);
  });

  it('are found by some of their letters, the likest first', async () => {
    assert.deepEqual(await find('resb', files), ['ResidualBlock (blocks.scv)', 'ResidualBlock (r.scv)']);
    assert.deepEqual(await find('residue', files), ['Residue (broken.scv)']);
    assert.deepEqual(await find('res', files), [
      'res (ResidualBlock)',
      'ResNet (main.scv)',
      'ResidualBlock (blocks.scv)',
      'ResidualBlock (r.scv)',
      'Residue (broken.scv)',
    ]);
    assert.deepEqual(await find('bn', files), ['bn (ResidualBlock)']);
    assert.deepEqual(await find('xyz', files), []);
  });
});

describe('folding', () => {
  async function folds(text: string): Promise<string[]> {
    const ws = await workspace({ 'a.scv': text });
    const found = await ws.language.scv.lsp.FoldingRangeProvider!.getFoldingRanges(ws.document, {
      textDocument: { uri: '' },
    });
    return found
      .map(
        ({ startLine, endLine, kind }) =>
          `${String(startLine)}-${String(endLine)}${kind === undefined ? '' : ` ${kind}`}`,
      )
      .sort((a, b) => parseInt(a) - parseInt(b));
  }

  it('has bodies, chains and comments', async () => {
    const text = '# a\n# b\nmodel A {\n  input x: [N, 3]\n  output x\n    -> ReLU\n    -> ReLU\n}';
    assert.deepEqual(await folds(text), ['0-1 comment', '2-6', '4-6']);
    assert.deepEqual(await folds(text.replaceAll('\n', '\r\n')), ['0-1 comment', '2-6', '4-6']);
  });

  it('has imports, each in a line or in several', async () => {
    const text = 'import { A } from "./a.scv"\nimport {\n  B,\n  C,\n} from "./b.scv"\nimport { D } from "./d.scv"\n';
    assert.deepEqual(await folds(text), ['0-5 imports', '1-3']);
  });

  it('has no comments that stand behind something', async () => {
    assert.deepEqual(await folds('model A { # a\n  input x: [N, 3]  # b\n  output x  # c\n}'), ['0-2']);
  });

  it('has regions, in each other', async () => {
    const text =
      '# region Blocks\n#region One\nblock A { input x output x }\n# endregion\n\n# endregion Blocks\n# endregion\n';
    assert.deepEqual(await folds(text), ['0-5 region', '1-3 region']);
  });

  it('has what stands below a heading', async () => {
    const text = `# ---- Blocks ----
block A {
  # === Stem
  input x

  # === Rest
  y = x -> ReLU
  output y
}

# ---- Models ----
# Both.
# Of them.
block B { input x output x }
`;
    assert.deepEqual(await folds(text), [
      '0-8 region',
      '1-7',
      '2-3 region',
      '5-7 region',
      '10-13 region',
      '11-12 comment',
    ]);
  });
});
