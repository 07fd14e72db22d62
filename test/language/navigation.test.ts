import assert from 'node:assert/strict';
import type { CallHierarchyItem, SelectionRange } from 'vscode-languageserver';
import { selectionRange } from '../../server/src/language/lsp/selectionRanges.ts';
import { workspace, type Workspace } from './services.ts';

type Files = Readonly<Record<string, string>>;
const textDocument = { uri: '' };

const POOLED = `block Pool(n: int) {
  input x
  output x -> AvgPool2d(n)
}
block Unit(c: int, act: layer = ReLU, mixer: layer = Pool(2)) {
  input x
  output x -> conv: Conv2d(c, 3) -> act -> mixer
}
`;

describe('document links', () => {
  it('lead from an import to its file, where there is one', async () => {
    const text =
      'import { B } from "./blocks.scv"\nimport { C } from \'./none.scv\'\nmodel M { input x  output x -> B }\n';
    const { document, language } = await workspace({ 'a.scv': text, 'blocks.scv': 'block B { input x  output x }\n' });
    const params = { textDocument: { uri: document.uri.toString() } };
    const links = await language.scv.lsp.DocumentLinkProvider!.getDocumentLinks(document, params);
    assert.deepEqual(
      links.map(({ range, target }) => [document.textDocument.getText(range), target]),
      [['./blocks.scv', 'file:///blocks.scv']],
    );
  });
});

describe('selection ranges', () => {
  async function around(text: string): Promise<string[]> {
    const files = await workspace({ 'a.scv': text });
    const texts: string[] = [];
    let at: SelectionRange | undefined = selectionRange(files.document, files.position());
    for (; at !== undefined; at = at.parent) texts.push(files.document.textDocument.getText(at.range));
    return texts;
  }

  it('go from a word outwards', async () => {
    const text =
      'block B {\n  input x\n  output x -> c: Conv2d(8, (3, <|>1)) -> ReLU\n}\nblock C { input x  output x }\n';
    const plain = text.replace('<|>', '');
    assert.deepEqual(await around(text), [
      '1',
      '(3, 1)',
      'Conv2d(8, (3, 1))',
      'c: Conv2d(8, (3, 1))',
      'x -> c: Conv2d(8, (3, 1)) -> ReLU',
      'output x -> c: Conv2d(8, (3, 1)) -> ReLU',
      plain.slice(0, plain.indexOf('\nblock C')),
      plain,
    ]);
  });

  it('are the file between definitions', async () => {
    assert.deepEqual(await around('block B { input x  output x }\n<|>\n'), ['block B { input x  output x }\n\n']);
  });
});

describe('go to type definition', () => {
  async function types(files: Files): Promise<string[]> {
    const ws = await workspace(files);
    const links = await ws.language.scv.lsp.TypeProvider!.getTypeDefinition(ws.document, {
      textDocument,
      position: ws.position(),
    });
    return (links ?? []).map((link) => ws.spell(link.targetUri, link.targetSelectionRange));
  }

  const model = (text: string): Files => ({
    'main.scv': `import { Unit as U, Pool } from "./blocks.scv"\r\nmodel M(deep: bool = True) {\r\n  input x: [N, 3, 32, 32]\r\n  ${text}\r\n}`,
    'blocks.scv': POOLED,
  });
  const cases: Record<string, readonly [Files, readonly string[]]> = {
    'a use of a block, by its alias': [model('output x -> <|>U(8)'), ['blocks.scv:5:7 Unit']],
    'a binding where it is used': [model('y = x -> ReLU -> U(8)\n  output <|>y'), ['blocks.scv:5:7 Unit']],
    'a binding where it is bound, behind astral characters': [
      model('description: "😀"  <|>y = x -> Pool(2)\n  output y'),
      ['blocks.scv:1:7 Pool'],
    ],
    'a binding of a binding': [model('y = x -> U(8)\n  z = (y)\n  output <|>z'), ['blocks.scv:5:7 Unit']],
    'what an if gives': [
      model('y = if deep { x -> U(8) } else { x -> (ReLU -> Pool(2)) }\n  output <|>y'),
      ['blocks.scv:5:7 Unit', 'blocks.scv:1:7 Pool'],
    ],
    'branches, in a stage that is chosen': [
      model(
        'y = x -> if deep { [U(8), Pool(2)] -> Concat(1) -> for i in 0..2 { Pool(2) } } else { U(2) }\n  output <|>y',
      ),
      ['blocks.scv:1:7 Pool', 'blocks.scv:5:7 Unit'],
    ],
    'a label': [model('output x -> <|>unit: U(8)'), ['blocks.scv:5:7 Unit']],
    'an output': [model('output y = x -> U(8)\n  output <|>y + 1'), ['blocks.scv:5:7 Unit']],
    'what a shared layer gives': [model('layer h = U(8)\n  y = x -> h\n  output <|>y'), ['main.scv:4:9 h']],
    'a shared layer': [model('layer h = U(8)\n  output x -> <|>h'), ['blocks.scv:5:7 Unit']],
    'a layer parameter: its default': [
      { 'blocks.scv': POOLED.replace('-> mixer', '-> <|>mixer') },
      ['blocks.scv:1:7 Pool'],
    ],
    'what a layer parameter gives': [
      { 'blocks.scv': POOLED.replace('output x -> conv', 'y = x -> act\n  output <|>y -> conv') },
      ['blocks.scv:5:20 act'],
    ],
    'a layer of torch: nowhere': [model('output x -> <|>ReLU'), []],
    'what torch makes: nowhere': [model('y = x -> ReLU\n  output <|>y'), []],
    'a number: nowhere': [model('y = 3\n  output x -> Linear(<|>y)'), []],
    'what hangs on itself: nowhere': [model('y = z\n  z = y\n  output <|>z'), []],
  };
  for (const [name, [files, expected]] of Object.entries(cases)) {
    it(`of ${name}`, async () => {
      assert.deepEqual(await types(files), expected);
    });
  }
});

describe('go to implementation', () => {
  async function given(files: Files): Promise<string[]> {
    const ws = await workspace(files);
    const links = await ws.language.scv.lsp.ImplementationProvider!.getImplementation(ws.document, {
      textDocument,
      position: ws.position(),
    });
    return (links ?? []).map((link) => ws.spell(link.targetUri, link.targetSelectionRange));
  }

  const uses = `import { Unit as U } from "./blocks.scv"
block Own { input x  output x -> BatchNorm2d }
model M { input x: [N, 3, 32, 32]
  output x -> U(8, Own) -> U(8, act=PReLU(1)) -> U(8, GELU, Own)
}
`;

  it('leads from a layer parameter to what it is given', async () => {
    const text = POOLED.replace('act: layer', '<|>act: layer');
    assert.deepEqual(await given({ 'blocks.scv': text, 'main.scv': uses }), [
      'blocks.scv:5:33 ReLU',
      'main.scv:2:7 Own',
      'main.scv:4:37 PReLU(1)',
      'main.scv:4:55 GELU',
    ]);
  });

  it('leads from where a parameter is used', async () => {
    const text = POOLED.replace('-> mixer', '-> <|>mixer');
    assert.deepEqual(await given({ 'blocks.scv': text, 'main.scv': uses }), [
      'blocks.scv:1:7 Pool',
      'main.scv:2:7 Own',
    ]);
  });

  it('leads nowhere from what is no parameter', async () => {
    assert.deepEqual(await given({ 'blocks.scv': POOLED.replace('Pool', '<|>Pool') }), []);
  });
});

describe('references', () => {
  async function references(files: Files): Promise<string[]> {
    const ws = await workspace(files);
    const found = await ws.language.scv.lsp.ReferencesProvider!.findReferences(ws.document, {
      textDocument,
      position: ws.position(),
      context: { includeDeclaration: false },
    });
    return found.map(({ uri, range }) => ws.spell(uri, range));
  }

  it("of a block are its aliases' too, and no other block's of its name", async () => {
    const files = {
      'blocks.scv': POOLED.replace('block Pool', 'block <|>Pool'),
      'main.scv':
        'import { Pool as P } from "./blocks.scv"\r\nmodel M { input x: [N, 3, 8, 8]\r\n  output x -> 𝑎: P(2) -> P(2) }',
      'other.scv': 'block Pool { input x  output x }\nmodel M { input x: [N, 3]  output x -> Pool }',
    };
    assert.deepEqual(await references(files), [
      'blocks.scv:5:54 Pool',
      'main.scv:1:10 Pool',
      'main.scv:3:19 P',
      'main.scv:3:27 P',
    ]);
  });

  it('of a layer of torch are found in all files', async () => {
    const files = {
      'main.scv': 'model M { input x: [N, 3]\n  relu = x -> <|>ReLU\n  output relu -> ReLU: Linear(2) }',
      'blocks.scv': POOLED,
      'own.scv': 'block ReLU { input x  output x }\nblock B { input x  output x -> ReLU }',
    };
    assert.deepEqual(await references(files), ['main.scv:2:15 ReLU', 'blocks.scv:5:33 ReLU']);
  });

  it('of a label are those that the arms of an if share', async () => {
    const text =
      'block B(deep: bool) { input x\n  output x -> if deep { <|>fc: Linear(2) -> ReLU } else { fc: Linear(3) } -> (fc: Linear(2)) }';
    assert.deepEqual(await references({ 'main.scv': text }), ['main.scv:2:25 fc', 'main.scv:2:56 fc']);
  });

  it('are found again after the other file has changed', async () => {
    const ws = await workspace({
      'main.scv': 'import { Pool } from "./blocks.scv"\nmodel M { input x: [N, 3, 8, 8]\n  output x -> <|>Pool(2) }',
      'blocks.scv': POOLED,
    });
    const definition = async (): Promise<string[]> => {
      const links = await ws.language.scv.lsp.DefinitionProvider!.getDefinition(ws.document, {
        textDocument,
        position: ws.position(),
      });
      return (links ?? []).map((link) => ws.spell(link.targetUri, link.targetSelectionRange));
    };
    assert.deepEqual(await definition(), ['blocks.scv:1:7 Pool']);
    await ws.write('blocks.scv', `# New.\n\n${POOLED.replace('block Pool', 'block   Pool')}`);
    assert.deepEqual(await definition(), ['blocks.scv:3:9 Pool']);
    await ws.write('blocks.scv', undefined);
    assert.deepEqual(await definition(), []);
    await ws.write('blocks.scv', POOLED);
    assert.deepEqual(await definition(), ['blocks.scv:1:7 Pool']);
  });
});

describe('highlights', () => {
  const KINDS = ['', '', 'read ', 'write '];

  async function highlights(text: string, more: Files = {}): Promise<string[]> {
    const ws = await workspace({ 'main.scv': text, ...more });
    const found = await ws.language.scv.lsp.DocumentHighlightProvider!.getDocumentHighlight(ws.document, {
      textDocument,
      position: ws.position(),
    });
    return (found ?? []).map(({ kind, range }) => `${KINDS[kind!]!}${ws.spell(ws.document.uri.toString(), range)}`);
  }

  const cases: Record<string, readonly [string, readonly string[]]> = {
    'a binding: where it is bound and where it is used': [
      'model M { input x: [N, 3]\r\n  𝑦 = x -> ReLU\r\n  output 𝑦 + <|>𝑦 }',
      ['write main.scv:2:3 𝑦', 'read main.scv:3:10 𝑦', 'read main.scv:3:15 𝑦'],
    ],
    'a size': [
      'model M { input x: [<|>N, H], y: [N, 3]\n  output z: [N, H] = x }',
      ['write main.scv:1:21 N', 'read main.scv:1:32 N', 'read main.scv:2:14 N'],
    ],
    'an import': [
      'import { Pool } from "./blocks.scv"\nblock A { input x  output x -> <|>Pool(2) -> Pool(3) }',
      ['write main.scv:1:10 Pool', 'read main.scv:2:32 Pool', 'read main.scv:2:43 Pool'],
    ],
    'a layer of torch': [
      'block A(act: layer = ReLU) { input x  output x -> <|>ReLU -> GELU -> ReLU -> act }',
      ['main.scv:1:22 ReLU', 'main.scv:1:51 ReLU', 'main.scv:1:67 ReLU'],
    ],
    'all that goes out': [
      'block A { input x, y\n  <|>output x\n  output y }\nblock B { input x  output x }',
      ['main.scv:2:3 output', 'main.scv:3:3 output'],
    ],
    'all that comes in': [
      'block A { inp<|>ut x\n  input y  output y }\nblock B { input x  output x }',
      ['main.scv:1:11 input', 'main.scv:2:3 input'],
    ],
    'what means nothing': ['block A { input x  output <|>zzz }', []],
  };
  for (const [name, [text, expected]] of Object.entries(cases)) {
    it(`show ${name}`, async () => {
      assert.deepEqual(await highlights(text, { 'blocks.scv': POOLED }), expected);
    });
  }
});

describe('the call hierarchy', () => {
  const files = {
    'main.scv':
      'import { Unit as U, Pool } from "./blocks.scv"\r\nmodel M {\r\n  input x: [N, 3, 64, 64]\r\n  output x -> 𝑢: <|>U(8) -> U(8, mixer=Pool(4)) -> ReLU -> Pool(2)\r\n}\r\nmodel Again { input x: [N, 3, 64, 64]  output x -> M }',
    'blocks.scv': POOLED,
    'same.scv': POOLED,
  };

  const spelled = (ws: Workspace, { uri, selectionRange, range, name, detail }: CallHierarchyItem): string => {
    const whole = ws.open(uri.replace('file:///', '')).textDocument.getText(range);
    assert.match(whole, new RegExp(`^(?:model|block|extern \\w+) ${name}[^]*\\}$`));
    assert.equal(detail, uri.replace('file:///', ''));
    return ws.spell(uri, selectionRange);
  };

  async function prepare(ws: Workspace): Promise<CallHierarchyItem> {
    const items = await ws.language.scv.lsp.CallHierarchyProvider!.prepareCallHierarchy(ws.document, {
      textDocument,
      position: ws.position(),
    });
    assert.equal(items?.length, 1);
    return items[0]!;
  }

  it('has who uses a block, in all files, and where', async () => {
    const ws = await workspace(files);
    const hierarchy = ws.language.scv.lsp.CallHierarchyProvider!;
    const unit = await prepare(ws);
    assert.equal(spelled(ws, unit), 'blocks.scv:5:7 Unit');
    const incoming = await hierarchy.incomingCalls({ item: unit });
    assert.deepEqual(
      incoming?.map(({ from, fromRanges }) => [
        spelled(ws, from),
        fromRanges.map((range) => ws.spell(from.uri, range)),
      ]),
      [['main.scv:2:7 M', ['main.scv:4:19 U', 'main.scv:4:27 U']]],
    );
    const above = await hierarchy.incomingCalls({ item: incoming[0]!.from });
    assert.deepEqual(
      above?.map(({ from }) => spelled(ws, from)),
      ['main.scv:6:7 Again'],
    );
  });

  it('has what a definition uses, and where', async () => {
    const ws = await workspace(files);
    const hierarchy = ws.language.scv.lsp.CallHierarchyProvider!;
    const unit = await prepare(ws);
    const outgoing = async (item: CallHierarchyItem): Promise<unknown> =>
      (await hierarchy.outgoingCalls({ item }))?.map(({ to, fromRanges }) => [
        spelled(ws, to),
        fromRanges.map((range) => ws.spell(item.uri, range)),
      ]);
    assert.deepEqual(await outgoing(unit), [['blocks.scv:1:7 Pool', ['blocks.scv:5:54 Pool']]]);
    const [above] = (await hierarchy.incomingCalls({ item: unit }))!;
    assert.deepEqual(await outgoing(above!.from), [
      ['blocks.scv:5:7 Unit', ['main.scv:4:19 U', 'main.scv:4:27 U']],
      ['blocks.scv:1:7 Pool', ['main.scv:4:38 Pool', 'main.scv:4:58 Pool']],
    ]);
  });

  it('finds its block after the text has changed, and nothing of one that is gone', async () => {
    const ws = await workspace(files);
    const hierarchy = ws.language.scv.lsp.CallHierarchyProvider!;
    const unit = await prepare(ws);
    await ws.write('blocks.scv', `# New.\n${POOLED}`);
    assert.equal((await hierarchy.incomingCalls({ item: unit }))?.length, 1);
    await ws.write('blocks.scv', undefined);
    assert.equal(await hierarchy.incomingCalls({ item: unit }), undefined);
    assert.equal(await hierarchy.outgoingCalls({ item: unit }), undefined);
  });

  it('has blocks that use each other across a ring of files', async () => {
    const ws = await workspace({
      'a.scv': 'import { B } from "./b.scv"\nblock <|>A { input x  output x -> B }',
      'b.scv': 'import { A } from "./a.scv"\nblock B { input x  output x -> A }',
    });
    const hierarchy = ws.language.scv.lsp.CallHierarchyProvider!;
    const a = await prepare(ws);
    assert.deepEqual(
      (await hierarchy.incomingCalls({ item: a }))?.map(({ from }) => from.name),
      ['B'],
    );
    assert.deepEqual(
      (await hierarchy.outgoingCalls({ item: a }))?.map(({ to }) => to.name),
      ['B'],
    );
  });

  it('has nothing for what is no block', async () => {
    const ws = await workspace({ 'main.scv': 'model M { input x: [N, 3]\n  output x -> <|>ReLU }' });
    const params = { textDocument, position: ws.position() };
    assert.equal(await ws.language.scv.lsp.CallHierarchyProvider!.prepareCallHierarchy(ws.document, params), undefined);
  });
});
