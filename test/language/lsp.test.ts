import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answerGeneratePyTorch } from '../../server/src/language/server.ts';
import { referencesIn, workspace, type Workspace } from './services.ts';

const uri = { uri: '' };

async function definition(ws: Workspace): Promise<string[]> {
  const links = await ws.language.scv.lsp.DefinitionProvider!.getDefinition(ws.document, {
    textDocument: uri,
    position: ws.position(),
  });
  return (links ?? []).map((link) => ws.spell(link.targetUri, link.targetSelectionRange));
}

async function references(ws: Workspace): Promise<string[]> {
  const locations = await ws.language.scv.lsp.ReferencesProvider!.findReferences(ws.document, {
    textDocument: uri,
    position: ws.position(),
    context: { includeDeclaration: true },
  });
  return locations.map((each) => ws.spell(each.uri, each.range)).sort();
}

async function hover(ws: Workspace, cursor = 0): Promise<string> {
  const found = await ws.language.scv.lsp.HoverProvider!.getHoverContent(ws.document, {
    textDocument: uri,
    position: ws.position(cursor),
  });
  return found === undefined ? '' : (found.contents as { value: string }).value;
}

async function complete(source: string, more: Record<string, string> = {}): Promise<string[]> {
  const ws = await workspace({ 'main.scv': source, ...more });
  const list = await ws.language.scv.lsp.CompletionProvider.getCompletion(ws.document, {
    textDocument: uri,
    position: ws.position(),
  });
  return (list?.items ?? []).map(({ label }) => label);
}

const BLOCKS =
  '# Twice the width.\nblock Wide(c: int, k: int = 3) {\n  input x\n  output x -> conv: Conv2d(2 * c, k, padding=1)\n}\n';

describe('go to definition', () => {
  const cases: Record<string, [string, string]> = {
    'of a block': [
      'block B { input x output x -> ReLU }\nmodel A { input x: [N, 3]\n output x -> <|>B }',
      'main.scv:1:7 B',
    ],
    'of an imported block': [
      'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> W<|>ide(3) }',
      'blocks.scv:2:7 Wide',
    ],
    'through an alias': [
      'import { Wide as W } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> <|>W(3) }',
      'blocks.scv:2:7 Wide',
    ],
    'of an argument': [
      'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Wide(3, <|>k=3) }',
      'blocks.scv:2:20 k',
    ],
    'of a binding': ['model A { input x: [N, 3]\n y = x -> ReLU\n output <|>y }', 'main.scv:2:2 y'],
    'of a symbol': ['model A { input x: [N, H, W]\n input y: [N, <|>H]\n output x }', 'main.scv:1:24 H'],
    'of a parameter': ['block A(width: int) { input x\n output x -> Linear(<|>width) }', 'main.scv:1:9 width'],
    'of a loop variable': ['block A { input x\n output x -> for i in 0..3 { unit{<|>i}: ReLU } }', 'main.scv:2:18 i'],
    'of a shared layer': ['block A { input x\n layer h = ReLU\n output x -> <|>h }', 'main.scv:2:8 h'],
    'of a weight': ['block A { input x\n weight w: [8]\n output x + <|>w }', 'main.scv:2:9 w'],
    'of an import path': ['import { Wide } from "./bl<|>ocks.scv"', 'blocks.scv:2:1 block Wide(c: int, k: int = 3) {'],
  };
  for (const [name, [source, expected]] of Object.entries(cases)) {
    it(name, async () => {
      assert.deepEqual(await definition(await workspace({ 'main.scv': source, 'blocks.scv': BLOCKS })), [expected]);
    });
  }

  it('knows nothing of layers of the catalogue, and says nothing of it', async () => {
    const ws = await workspace({ 'main.scv': 'model A { input x: [N, 3]\n output x -> <|>ReLU }' });
    assert.deepEqual(await definition(ws), []);
    assert.deepEqual(ws.document.diagnostics, []);
  });
});

describe('references', () => {
  it('are found in all files', async () => {
    const ws = await workspace({
      'blocks.scv': BLOCKS.replace('Wide', 'W<|>ide'),
      'main.scv': 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Wide(3) }',
    });
    assert.deepEqual(await references(ws), ['blocks.scv:2:7 Wide', 'main.scv:1:10 Wide', 'main.scv:3:14 Wide']);
  });

  it('of a symbol are told once each', async () => {
    const ws = await workspace({ 'main.scv': 'model A { input x: [N, <|>H, H]\n output x -> Reshape([N, H * H]) }' });
    assert.equal((await references(ws)).length, 4);
  });

  it('light up in their document', async () => {
    const ws = await workspace({ 'main.scv': 'model A { input x: [N, 3]\n <|>y = x -> ReLU\n output y + y }' });
    const lit = await ws.language.scv.lsp.DocumentHighlightProvider!.getDocumentHighlight(ws.document, {
      textDocument: uri,
      position: ws.position(),
    });
    assert.equal(lit?.length, 3);
  });
});

describe('hover', () => {
  const MODEL = `model A(width: int = 64) {
  input im<|>age: [N, 3, 224, 224]
  big = 2 * wid<|>th
  x = image -> conv: Con<|>v2d(width, 7, str<|>ide=2, padding=3)
  output log<|>its = x -> AdaptiveAvgPool2d(1) -> Flatten -> Lin<|>ear(b<|>ig)
}`;
  let ws: Workspace;
  before(async () => {
    ws = await workspace({ 'a.scv': MODEL });
  });
  const expected: [string, RegExp, number?][] = [
    ['an input', /`input image`\n\n`\[N, 3, 224, 224\]`/],
    ['a parameter', /`width: int`\n\n`64`/],
    [
      'a layer',
      /`Conv2d\(out_channels, kernel_size, stride=1[\s\S]*`\[N, 3, 224, 224\] → \[N, 64, 112, 112\]`[\s\S]*Parameters: \(3·64·7·7\) \+ 64 = 9,472[\s\S]*\(https:\/\/docs\.pytorch\.org/,
    ],
    ['an argument', /`stride: int or \(int, int\) = 1`/],
    ['an output', /`\[N, 128\]`/],
    ['a layer behind others', /`\[N, 64\] → \[N, 128\]`[\s\S]*\(64·128\) \+ 128 = 8,320/],
    ['a value', /`big`\n\n`2 \* 64 = 128`/],
    ['how a size came about', /height and width: `⌊\(224 \+ 2·3 − 7\) \/ 2⌋ \+ 1 = 112`/, 2],
  ];
  for (const [index, [name, pattern, cursor = index]] of expected.entries()) {
    it(`tells of ${name}`, async () => {
      assert.match(await hover(ws, cursor), pattern);
    });
  }

  it('tells how values come about, in each use', async () => {
    const sizes = await workspace({
      'a.scv': `block B(planes: int, widths: ints = [1, 2]) {
  input x
  wide = (planes + wid<|>ths[1]) <|>* 2 ** 2
  up = x.chan<|>nels // 2
  output (x -> Conv2d(wide, 1)) <|>+ (x -> Conv2d(wi<|>de, 1))
}
model A {
  input x: [N, 8, H, W]
  output x -> B(4) -> B(1)
}`,
    });
    assert.match(await hover(sizes, 1), /`\(4 \+ 2\) \* 2 \*\* 2 = 24` — [^`]*`\(1 \+ 2\) \* 2 \*\* 2 = 12`/);
    assert.match(await hover(sizes, 2), /`8` — a whole number\s+`24` — /);
    assert.doesNotMatch(await hover(sizes, 3), /…/);
    assert.match(await hover(sizes, 4), /= 24` — [^`]*`\(1 \+ 2\)/);
  });

  it('tells of blocks and models', async () => {
    const blocks = await workspace({
      'main.scv':
        'import { Wide } from "./blocks.scv"\n# Mine.\nmodel <|>A { input x: [N, 3, 8, 8]\n output x -> W<|>ide(3) }',
      'blocks.scv': BLOCKS,
    });
    assert.match(
      await hover(blocks, 0),
      /`model A`\n\n`\[N, 3, 8, 8\] → \[N, 6, 8, 8\]`\n\nParameters: 168[\s\S]*Mine\./,
    );
    assert.match(
      await hover(blocks, 1),
      /`block Wide\(c: int, k: int = 3\)`\n\n`\[N, 3, 8, 8\] → \[N, 6, 8, 8\]`\n\nTwice the width\.\n\nParameters: 168/,
    );
  });

  it('counts multiply-adds for one sample, at the usual size where sizes are free', async () => {
    const ws = await workspace({
      'a.scv':
        'model A { input x: [N, 3, 32, 32]\n output x -> Con<|>v2d(8, 3) }\n' +
        'model B { dataset: ImageNet\n input x: [N, 3, H, W]\n output x -> Con<|>v2d(64, 7, stride=2, padding=3) -> AdaptiveAvgPool2d(1) -> Flatten -> Linear(1000) }',
    });
    assert.match(await hover(ws, 0), /Multiply-adds: \(3·8·3·3\)·\(30·30\) = 194,400\n*$|= 194,400\n/);
    assert.match(await hover(ws, 1), /Multiply-adds: \(3·64·7·7\)·\(112·112\) = 118,013,952 at 224×224/);
  });

  it('tells of a block by the files that use it', async () => {
    const ws = await workspace({
      'blocks.scv': 'block Wide(c: int) { input x\n output x -> Con<|>v2d(2 * c, 1) }',
      'main.scv': 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Wide(3) }',
    });
    assert.match(await hover(ws), /`\[N, 3, 8, 8\] → \[N, 6, 8, 8\]`[\s\S]*Parameters: \(3·6·1·1\) \+ 6 = 24/);
  });

  it('tells of a label what it tells of its stage, and counts a weight', async () => {
    const ws = await workspace({
      'a.scv':
        'model A { input x: [N, 3, 8, 8]\n weight po<|>s: [1, 3, 8, 8] = Zeros\n' +
        ' output x + pos -> con<|>v1: Conv2d(8, 3) -> he<|>ad: (Flatten -> Linear(10)) -> unit{2 + <|>1}: ReLU }',
    });
    assert.match(await hover(ws, 0), /`weight pos`\n\n`\[1, 3, 8, 8\]`\n\nParameters: 192/);
    assert.match(await hover(ws, 1), /`\[N, 3, 8, 8\] → \[N, 8, 6, 6\]`[\s\S]*Parameters: \(3·8·3·3\) \+ 8 = 224/);
    assert.match(await hover(ws, 2), /`head`\n\n`\[N, 8, 6, 6\] → \[N, 10\]`/);
    assert.match(await hover(ws, 3), /`1`|whole number/);
  });

  it('tells nothing where there is nothing', async () => {
    assert.equal(await hover(await workspace({ 'a.scv': 'model A {\n<|>\n}' })), '');
    assert.equal(await hover(await workspace({ 'a.scv': 'mod<|>el' })), '');
  });
});

describe('completion', () => {
  const model = (body: string): string =>
    `block Unit(c: int) { input x output x -> ReLU }\nmodel A(n: int = 1) {\n  input image: [N, 3, H, W]\n  ${body}\n}`;
  const cases: [string, string, string[], string[]][] = [
    ['after an arrow', model('output image -> <|>'), ['Unit', 'Conv2d', 'for'], ['image', 'sqrt']],
    ['after an arrow and a first letter', model('output image -> C<|>'), ['Conv2d', 'Unit'], ['image']],
    ['behind a label', model('output image -> conv: <|>'), ['Conv2d', 'Unit'], ['image']],
    ['in a group', model('output image -> (ReLU -> <|>)'), ['Conv2d'], ['image']],
    ['in branches', model('output image -> [ReLU, <|>] -> Concat(1)'), ['Conv2d'], ['image']],
    ['in an if', model('output image -> if n == 1 { <|> }'), ['Conv2d'], ['image']],
    [
      'in a layer',
      model('output image -> Conv2d(<|>)'),
      ['out_channels', 'kernel_size', 'n', 'image'],
      ['in_channels', 'Unit'],
    ],
    [
      'in a layer, without what is given',
      model('output image -> Conv2d(8, kernel_size=3, <|>)'),
      ['stride', 'padding_mode'],
      ['kernel_size'],
    ],
    ['of a choice', model('output image -> Conv2d(8, 3, padding_mode=<|>)'), ['"reflect"'], ['stride']],
    ['in a block', model('output image -> Unit(<|>)'), ['c'], ['stride']],
    ['of a value', model('output <|>'), ['image', 'n', 'H', 'sqrt'], ['Conv2d']],
    ['of a statement', model('<|>'), ['input', 'output', 'dataset', 'train'], ['Conv2d']],
    ['of a data set', model('dataset: <|>'), ['MNIST', 'ImageNet'], ['Conv2d']],
    ['of a member', model('y = image.<|>'), ['channels', 'shape'], ['image']],
    ['of a key of train', model('train { <|> }'), ['optimizer', 'epochs'], ['input']],
    ['of an optimizer', model('train { optimizer: <|> }'), ['Adam', 'SGD'], ['optimizer']],
    ['of an initialiser', model('weight w: [1] = <|>'), ['Normal', 'Zeros'], ['Conv2d']],
    ['of a definition', '<|>', ['model', 'block', 'import'], ['input']],
    ['of a definition behind another', model('') + '\n<|>', ['model', 'block'], ['input']],
    ['of a parameter type', 'block A(x: <|>) { }', ['int', 'layer'], ['Conv2d']],
  ];
  for (const [name, source, wanted, unwanted] of cases) {
    it(name, async () => {
      const labels = new Set(await complete(source));
      for (const label of wanted) assert.ok(labels.has(label), `${label} in ${[...labels].slice(0, 20).join(' ')}`);
      for (const label of unwanted) assert.ok(!labels.has(label), label);
    });
  }

  const sorted = async (source: string): Promise<string[]> => {
    const ws = await workspace({ 'main.scv': source });
    const list = await ws.language.scv.lsp.CompletionProvider.getCompletion(ws.document, {
      textDocument: uri,
      position: ws.position(),
    });
    const key = ({ sortText, label }: { sortText?: string; label: string }): string => sortText ?? label;
    return (list?.items ?? []).toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).map(({ label }) => label);
  };
  const firstOf = async (shape: string, stages: string): Promise<string> => {
    const all = await sorted(`model A {\n  input x: ${shape}\n  output x -> ${stages}\n}`);
    return all.find((label) => label.startsWith('Conv') || label.startsWith('MaxPool'))!;
  };

  it('has the layers first that take such a tensor', async () => {
    assert.equal(await firstOf('[N, 3, 32, 32]', '<|>'), 'Conv2d');
    assert.equal(await firstOf('[N, 3, 32, 32]', 'Conv<|>'), 'Conv2d');
    assert.equal(await firstOf('[N, 3, 32]', 'Con<|>'), 'Conv1d');
    assert.equal(await firstOf('[N, 3, 32, 32]', 'Flatten(2) -> C<|> -> ReLU'), 'Conv1d');
    assert.equal(await firstOf('[N, 3, 8, 8, 8]', 'Conv3d(8, 3) -> (ReLU -> <|>)'), 'Conv3d');
    assert.equal(await firstOf('[N, 3, 8, 8, 8]', 'Conv3d(8, 3)\n  -> <|>'), 'Conv3d');
  });

  it('has arguments in the order of the signature, without those given by position', async () => {
    const all = await sorted(model('output image -> Conv2d(8, <|>)'));
    assert.deepEqual(all.slice(0, 4), ['kernel_size', 'stride', 'padding', 'dilation']);
    assert.ok(!all.includes('out_channels'));
    assert.ok(!all.includes('ReLU'));
  });

  it('has only arguments right behind a parenthesis', async () => {
    for (const text of ['output image -> Conv2d(<|>', 'y = image -> Conv2d(<|>)\n  output y']) {
      const all = await sorted(model(text));
      for (const word of ['output', 'input', 'train', 'dataset']) assert.ok(!all.includes(word), word);
    }
  });

  it('leaves out the model itself, and what is bound there or below', async () => {
    assert.ok(!(await complete(model('output image -> <|>'))).includes('A'));
    assert.ok(!(await complete(model('output logits = <|>'))).includes('logits'));
    const two = await complete(model('y = image -> ReLU\n  z = <|>y\n  output last = z'));
    assert.deepEqual(
      ['y', 'z', 'last'].filter((name) => two.includes(name)),
      ['y'],
    );
  });

  it('of imported names and paths', async () => {
    assert.ok((await complete('import { W } from "<|>"', { 'blocks.scv': BLOCKS })).includes('"./blocks.scv"'));
    assert.deepEqual(await complete('import { <|> } from "./blocks.scv"', { 'blocks.scv': BLOCKS }), ['Wide']);
  });

  it('is silent in comments', async () => {
    assert.deepEqual(await complete('# <|>'), []);
  });
});

describe('files that import each other', () => {
  const MAIN = 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Wide(3) }';
  const codes = (ws: Workspace): unknown[] => ws.document.diagnostics?.map(({ code }) => code) ?? [];

  it('are sound together, and wrong together', async () => {
    const ws = await workspace({ 'main.scv': MAIN, 'blocks.scv': BLOCKS });
    assert.deepEqual(codes(ws), []);
    await ws.write('blocks.scv', undefined);
    assert.deepEqual(codes(ws), ['import-not-found']);
    await ws.write('blocks.scv', BLOCKS.replace('Wide', 'Wode'));
    assert.deepEqual(codes(ws), ['import-missing-name']);
    await ws.write('blocks.scv', BLOCKS);
    assert.deepEqual(codes(ws), []);
  });

  it('are looked at again through others in between', async () => {
    const between = `import { Wide } from "./blocks.scv"\nblock Two(c: int) {\n  input x\n  output x -> Wide(c) -> Wide(c)\n}\n`;
    const main =
      'import { Two } from "./between.scv"\nmodel A { input x: [N, 3, 8, 8]\n output y: [N, 6, 8, 8] = x -> Two(3) }';
    const ws = await workspace({ 'main.scv': main, 'between.scv': between, 'blocks.scv': BLOCKS });
    assert.deepEqual(codes(ws), []);
    await ws.write('blocks.scv', BLOCKS.replace('2 * c', 'c'));
    assert.deepEqual(codes(ws), ['output-mismatch']);
  });

  it('are read from outside of the workspace', async () => {
    const ws = await workspace({ 'main.scv': MAIN });
    assert.deepEqual(codes(ws), ['import-not-found']);
    await ws.write('blocks.scv', BLOCKS);
    assert.deepEqual(codes(ws), []);
  });

  it('answer after many edits as they do anew', async () => {
    const ws = await workspace({ 'main.scv': MAIN, 'blocks.scv': BLOCKS });
    const edits = [
      MAIN.replace('-> Wide', '-> ReLU -> Wide'),
      `\n\n${MAIN}`,
      MAIN.replace('Wide(3)', 'Wide(3'),
      MAIN.replace('x:', 'x'),
      MAIN,
    ];
    for (let round = 0; round < 3; round++) {
      for (const text of edits) {
        await ws.write('main.scv', text);
        await ws.write('blocks.scv', round === 1 ? `# more\n${BLOCKS}` : BLOCKS);
        const fresh = await workspace({ 'main.scv': text, 'blocks.scv': BLOCKS });
        const told = ({ document }: Workspace): unknown =>
          document.diagnostics?.map(({ range, code, message }) => ({ range, code, message }));
        assert.deepEqual(told(ws), told(fresh));
        assert.deepEqual(referencesIn(ws.document), referencesIn(fresh.document));
      }
    }
  });
});

describe('diagnostics', () => {
  it('have code, place and related information', async () => {
    const ws = await workspace({
      'main.scv': 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 400]\n output x -> Wide(3) }',
      'blocks.scv': BLOCKS,
    });
    const [first] = ws.document.diagnostics ?? [];
    assert.equal(first?.code, 'rank-mismatch');
    assert.equal(ws.spell('file:///main.scv', first.range), 'main.scv:3:14 Wide');
    assert.equal(first.relatedInformation?.[0]?.location.uri, 'file:///blocks.scv');
  });
});

describe('generate PyTorch', () => {
  it('gives the module, or the errors in its way', async () => {
    const sound = await workspace({ 'a.scv': 'model A { input x: [N, 3]\n output x -> Linear(3) }' });
    const result = await answerGeneratePyTorch(sound.language, { uri: 'file:///a.scv' });
    assert.match(result.python ?? '', /class A\(nn\.Module\)/);
    assert.deepEqual(result.models, ['A']);
    const broken = await workspace({ 'a.scv': 'model A { input x: [N, 3]\n output x -> Linaer(3) }' });
    const { python, problems } = await answerGeneratePyTorch(broken.language, { uri: 'file:///a.scv' });
    assert.equal(python, undefined);
    assert.deepEqual(
      problems.map(({ line, character }) => [line, character]),
      [[1, 13]],
    );
  });
});

describe('the page of a layer', () => {
  const text = 'model A { input x: [N, 3, 8, 8]  output x -> Conv<|>2d(4, padd<|>ing=1, kernel_size=3) }';

  it("is torch's alone where ours don't come along", async () => {
    const told = await hover(await workspace({ 'main.scv': text }));
    assert.match(told, /\[The layer in torch's documentation\]\(https:\S+Conv2d\.html\)$/);
    assert.doesNotMatch(told, /All about/);
  });

  it('is linked from the layer and its arguments: the file, for any editor', async () => {
    const ws = await workspace({ 'main.scv': text });
    ws.language.scv.scv.LayerPages.folder = 'docs/layers';
    for (const cursor of [0, 1]) {
      const [, link] = /\[All about Conv2d\]\((file:[^)]+)\)/.exec(await hover(ws, cursor)) ?? [];
      assert.ok(existsSync(fileURLToPath(link!)), link);
    }
  });

  it("is shown by the editor's own command where it has one", async () => {
    const ws = await workspace({ 'main.scv': text });
    ws.language.scv.scv.LayerPages.command = 'scv.openLayerPage';
    assert.match(await hover(ws), /\[All about Conv2d\]\(command:scv\.openLayerPage\?%5B%22Conv2d%22%5D\)/);
  });
});
