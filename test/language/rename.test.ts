import assert from 'node:assert/strict';
import type { AnnotatedTextEdit, ClientCapabilities, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver';
import { applied, workspace, type Editor, type Workspace } from './services.ts';

type Files = Readonly<Record<string, string>>;

async function rename(ws: Workspace, newName: string): Promise<WorkspaceEdit | undefined> {
  return ws.language.scv.lsp.RenameProvider!.rename(ws.document, {
    textDocument: { uri: '' },
    position: ws.position(),
    newName,
  });
}

/** The files that change. */
async function renamed(files: Files, newName: string): Promise<Files> {
  const ws = await workspace(files);
  const edit = await rename(ws, newName);
  return Object.fromEntries(
    Object.entries(edit?.changes ?? {}).map(([uri, edits]) => {
      const name = decodeURIComponent(uri.replace('file:///', ''));
      return [name, applied(ws.open(name), edits)];
    }),
  );
}

const WIDE =
  'block Wide(c: int, act: layer = ReLU) {\n  input x\n  output x -> conv: Conv2d(c, 3, padding=1) -> act\n}\n';

describe('rename', () => {
  /** A file with the cursor in it, the new name, and the file after it. */
  const alone: Record<string, readonly [string, string, string]> = {
    'a binding': [
      'model A { input x: [N, 3]\n y = x -> ReLU\n z = y + <|>y\n output z -> k: Linear(8) }',
      'total',
      'model A { input x: [N, 3]\n total = x -> ReLU\n z = total + total\n output z -> k: Linear(8) }',
    ],
    'a binding from the place that binds it, astral characters before it': [
      'model A { input x: [N, 3]\n description: "😀😀"  <|>y = x -> ReLU\n output y }',
      '값',
      'model A { input x: [N, 3]\n description: "😀😀"  값 = x -> ReLU\n output 값 }',
    ],
    'a name of astral letters, lines ended by CRLF': [
      'model A {\r\n  input x: [N, 3]\r\n  𝑦 = x -> ReLU\r\n  output 𝑦 + <|>𝑦\r\n}\r\n',
      '𝒛',
      'model A {\r\n  input x: [N, 3]\r\n  𝒛 = x -> ReLU\r\n  output 𝒛 + 𝒛\r\n}\r\n',
    ],
    'one of several outputs': [
      'model A { input x: [N, 8, 4]\n y, h, c = x -> LSTM(8)\n output <|>h }',
      'hidden',
      'model A { input x: [N, 8, 4]\n y, hidden, c = x -> LSTM(8)\n output hidden }',
    ],
    'an input': [
      'model A { input <|>x: [N, 3, 8, 8]\n output x -> Conv2d(x.channels, 3) }',
      'image',
      'model A { input image: [N, 3, 8, 8]\n output image -> Conv2d(image.channels, 3) }',
    ],
    'an output': [
      'model A { input x: [N, 3]\n output y: [N, 3] = x -> ReLU\n output <|>y + 1 }',
      'first',
      'model A { input x: [N, 3]\n output first: [N, 3] = x -> ReLU\n output first + 1 }',
    ],
    'a parameter': [
      'block A(width: int, b: int = width) { input x\n output x -> Linear(<|>width * b) }',
      'w',
      'block A(w: int, b: int = w) { input x\n output x -> Linear(w * b) }',
    ],
    'a parameter that is given by name': [
      'model M { input x: [N, 3]\n output x -> A(<|>width=4) -> A(2) }\nblock A(width: int) { input x\n output x -> Linear(width) }',
      'w',
      'model M { input x: [N, 3]\n output x -> A(w=4) -> A(2) }\nblock A(w: int) { input x\n output x -> Linear(w) }',
    ],
    'a layer parameter': [
      'block A(act: layer = ReLU) { input x\n output x -> Linear(8) -> <|>act -> (Linear(8) -> act) }',
      'f',
      'block A(f: layer = ReLU) { input x\n output x -> Linear(8) -> f -> (Linear(8) -> f) }',
    ],
    'a symbol': [
      'model A { input x: [<|>N, 3, H, W], y: [N, H]\n output z: [N, 3, H, W] = x }',
      'B',
      'model A { input x: [B, 3, H, W], y: [B, H]\n output z: [B, 3, H, W] = x }',
    ],
    'a symbol where it is used': [
      'block A { input x: [N, 3, H, W]\n output x -> Reshape([N, 3, H * <|>W]) }',
      'V',
      'block A { input x: [N, 3, H, V]\n output x -> Reshape([N, 3, H * V]) }',
    ],
    "a loop's variable, and not another loop's": [
      'block A { input x\n output x -> for i in 0..3 { a{<|>i}: Linear(i + 1) } -> for i in 0..2 { b{i}: Linear(8) } }',
      'n',
      'block A { input x\n output x -> for n in 0..3 { a{n}: Linear(n + 1) } -> for i in 0..2 { b{i}: Linear(8) } }',
    ],
    'one of two variables of a loop': [
      'block A { input x\n output x -> for <|>c, s in [[8, 1]] { Conv2d(c, 3, stride=s) } }',
      'planes',
      'block A { input x\n output x -> for planes, s in [[8, 1]] { Conv2d(planes, 3, stride=s) } }',
    ],
    'a shared layer': [
      'model A { input x: [N, 8]\n layer <|>h = (Linear(8) -> ReLU)\n output x -> h -> h }',
      'head',
      'model A { input x: [N, 8]\n layer head = (Linear(8) -> ReLU)\n output x -> head -> head }',
    ],
    'a weight': [
      'model A { input x: [N, 8]\n weight w: [8] = Ones\n output x + <|>w }',
      'scale',
      'model A { input x: [N, 8]\n weight scale: [8] = Ones\n output x + scale }',
    ],
    'a buffer': [
      'model A { input x: [N, 8]\n buffer <|>w: [8] = Ones\n output x + w }',
      'mask',
      'model A { input x: [N, 8]\n buffer mask: [8] = Ones\n output x + mask }',
    ],
    'a label': [
      'model A { input x: [N, 8]\n fc = x -> <|>fc: Linear(8)\n output fc }',
      'head',
      'model A { input x: [N, 8]\n fc = x -> head: Linear(8)\n output fc }',
    ],
    'the label of a group, by a word of the language': [
      'model A { input x: [N, 8]\n output x -> s<|>tem: (a: Linear(8) -> b: ReLU) }',
      'block',
      'model A { input x: [N, 8]\n output x -> block: (a: Linear(8) -> b: ReLU) }',
    ],
    'a label that the arms of an if share': [
      'model A(deep: bool = True) { input x: [N, 8]\n output x -> if deep { <|>fc: Linear(9) } else { fc: Linear(8) } -> (fc: Linear(2)) }',
      'head',
      'model A(deep: bool = True) { input x: [N, 8]\n output x -> if deep { head: Linear(9) } else { head: Linear(8) } -> (fc: Linear(2)) }',
    ],
    'the beginning of a label with numbers': [
      'model A { input x: [N, 8]\n output x -> for i in 0..2 { un<|>it{i}_conv: Linear(8) } }',
      'stage',
      'model A { input x: [N, 8]\n output x -> for i in 0..2 { stage{i}_conv: Linear(8) } }',
    ],
    'the end of a label with numbers': [
      'model A { input x: [N, 8]\n output x -> for i in 0..2 { unit{i}_<|>conv: Linear(8) } }',
      '_fc',
      'model A { input x: [N, 8]\n output x -> for i in 0..2 { unit{i}_fc: Linear(8) } }',
    ],
    'a block that uses itself': [
      'block <|>A(n: int) { input x\n output x -> Linear(8) -> if n > 0 { A(n - 1) } }',
      'B',
      'block B(n: int) { input x\n output x -> Linear(8) -> if n > 0 { B(n - 1) } }',
    ],
    'a model that is used like a block': [
      'model A { input x: [N, 8]\n output x -> Linear(8) }\nmodel M { input x: [N, 8]\n output x -> <|>A }',
      'B',
      'model B { input x: [N, 8]\n output x -> Linear(8) }\nmodel M { input x: [N, 8]\n output x -> B }',
    ],
    'a block given as an argument': [
      'block Pool(n: int) { input x\n output x -> AvgPool2d(n) }\nblock U(mixer: layer = Pool(2)) { input x\n output x -> mixer }\nmodel M { input x: [N, 3, 8, 8]\n output x -> U(mixer=<|>Pool(4)) }',
      'Mean',
      'block Mean(n: int) { input x\n output x -> AvgPool2d(n) }\nblock U(mixer: layer = Mean(2)) { input x\n output x -> mixer }\nmodel M { input x: [N, 3, 8, 8]\n output x -> U(mixer=Mean(4)) }',
    ],
    'a block, and not the binding of that name below its use': [
      'block stem { input x\n output x -> Linear(8) }\nmodel M { input x: [N, 8]\n stem = x -> <|>stem\n output stem }',
      'Stem',
      'block Stem { input x\n output x -> Linear(8) }\nmodel M { input x: [N, 8]\n stem = x -> Stem\n output stem }',
    ],
    'an extern, whose Python class stays': [
      'extern block Deform(out: int) from "ops" { input x  output [x.shape[0], out, x.height, x.width] }\nmodel M { input x: [N, 3, 8, 8]\n output x -> <|>Deform(8) }',
      'Bent',
      'extern block Bent(out: int) from "ops" as Deform { input x  output [x.shape[0], out, x.height, x.width] }\nmodel M { input x: [N, 3, 8, 8]\n output x -> Bent(8) }',
    ],
    'an extern whose Python class is named': [
      'extern block Deform(out: int) from "ops" as Deform(out) { input x  output x.shape }\nmodel M { input x: [N, 3, 8, 8]\n output x -> <|>Deform(8) }',
      'Bent',
      'extern block Bent(out: int) from "ops" as Deform(out) { input x  output x.shape }\nmodel M { input x: [N, 3, 8, 8]\n output x -> Bent(8) }',
    ],
    'a binding, and not the metadata that has that word': [
      'model A { tags: [classic]\n input x: [N, 3]\n <|>classic = x -> ReLU\n output classic }',
      'y',
      'model A { tags: [classic]\n input x: [N, 3]\n y = x -> ReLU\n output y }',
    ],
    'what a broken file has of it': [
      'model A { input x: [N, 3]\n y = x -> ReLU\n z = (\n output <|>y }',
      'a',
      'model A { input x: [N, 3]\n a = x -> ReLU\n z = (\n output a }',
    ],
  };
  for (const [name, [text, newName, expected]] of Object.entries(alone)) {
    it(name, async () => {
      assert.deepEqual(await renamed({ 'main.scv': text }, newName), { 'main.scv': expected });
    });
  }

  const across: Record<string, readonly [Files, string, Files]> = {
    'a block in all files that import it': [
      {
        'blocks.scv': WIDE.replace('Wide', '<|>Wide'),
        'main.scv': 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Wide(3) }',
        'deep/other.scv':
          'import { Wide as W } from "../blocks.scv"\nmodel B { input x: [N, 3, 8, 8]\n output x -> W(3) }',
        'same.scv': WIDE,
      },
      'Broad',
      {
        'blocks.scv': WIDE.replace('Wide', 'Broad'),
        'main.scv': 'import { Broad } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Broad(3) }',
        'deep/other.scv':
          'import { Broad as W } from "../blocks.scv"\nmodel B { input x: [N, 3, 8, 8]\n output x -> W(3) }',
      },
    ],
    'an imported block from where it is used': [
      {
        'main.scv': 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> <|>Wide(3) }',
        'blocks.scv': WIDE,
      },
      'Broad',
      {
        'main.scv': 'import { Broad } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Broad(3) }',
        'blocks.scv': WIDE.replace('Wide', 'Broad'),
      },
    ],
    'an alias, here alone': [
      {
        'main.scv':
          'import { Wide as <|>W } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> W(3) -> W(4) }',
        'blocks.scv': WIDE,
      },
      'Broad',
      {
        'main.scv':
          'import { Wide as Broad } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Broad(3) -> Broad(4) }',
      },
    ],
    'a parameter that other files give by name': [
      {
        'blocks.scv': WIDE.replace('c: int', '<|>c: int'),
        'main.scv': 'import { Wide as W } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> W(c=3) }',
      },
      'width',
      {
        'blocks.scv': WIDE.replace('c: int', 'width: int').replace('Conv2d(c,', 'Conv2d(width,'),
        'main.scv':
          'import { Wide as W } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> W(width=3) }',
      },
    ],
    'a block of files that import each other': [
      {
        'a.scv': 'import { B } from "./b.scv"\nblock <|>A { input x\n output x -> B }',
        'b.scv':
          'import { A } from "./a.scv"\nblock B { input x\n output x -> ReLU }\nblock C { input x\n output x -> A }',
      },
      'First',
      {
        'a.scv': 'import { B } from "./b.scv"\nblock First { input x\n output x -> B }',
        'b.scv':
          'import { First } from "./a.scv"\nblock B { input x\n output x -> ReLU }\nblock C { input x\n output x -> First }',
      },
    ],
  };
  for (const [name, [files, newName, expected]] of Object.entries(across)) {
    it(name, async () => {
      assert.deepEqual(await renamed(files, newName), expected);
    });
  }

  /** A file with the cursor in it, the new name, and why it can't be. */
  const refused: Record<string, readonly [string | Files, string, RegExp]> = {
    'what is no name': ['model A { input <|>x: [N, 3]\n output x }', '1x', /"1x" is no name/],
    'a space': ['model A { input <|>x: [N, 3]\n output x }', 'a b', /"a b" is no name/],
    nothing: ['model A { input <|>x: [N, 3]\n output x }', '', /"" is no name/],
    "a word of Python's": ['model A { input <|>x: [N, 3]\n output x }', 'class', /"class" is a word of Python's/],
    'a word of the language': [
      'model A { input <|>x: [N, 3]\n output x }',
      'input',
      /"input" is a word of the language/,
    ],
    'the name for nothing': ['model A { input <|>x: [N, 3]\n output x }', '_', /"_" takes what isn't wanted/],
    'an attribute of nn.Module': [
      'model A { input x: [N, 3]\n output x -> <|>fc: Linear(3) }',
      'train',
      /train can't stand in line 2: `train` is a name that nn.Module has itself/,
    ],
    'a label beside it': [
      'model A { input x: [N, 3]\n output x -> <|>a: Linear(3) -> b: Linear(3) }',
      'b',
      /b can't stand in line 2: `b` is taken: a module has one attribute of a name/,
    ],
    "a weight's name for a label": [
      'model A { input x: [N, 3]\n weight w: [3]\n output x + w -> <|>a: Linear(3) }',
      'w',
      /w can't stand in line 3: `w` is taken/,
    ],
    'a binding of the same definition': [
      'model A { input x: [N, 3]\n y = x -> ReLU\n z = y\n output <|>z }',
      'y',
      /y is taken: line 2 has a binding of that name/,
    ],
    'a parameter beside it': [
      'block A(a: int, <|>b: int) { input x\n output x }',
      'a',
      /a is taken: line 1 has a parameter/,
    ],
    'a size of that name': [
      'model A { input x: [N, 3, H, <|>W]\n output x }',
      'H',
      /H is taken: line 1 has a size of that name/,
    ],
    'an input for a size': ['model A { input x: [N, 3, <|>H, W]\n output x }', 'x', /x is taken: line 1 has an input/],
    "a loop's variable around it": [
      'block A { input x\n output x -> for i in 0..2 { for <|>j in 0..2 { Linear(i + j) } } }',
      'i',
      /i means a loop's variable in line 2, where j is used/,
    ],
    "a loop's variable inside it": [
      'block A { input x\n output x -> for <|>i in 0..2 { for j in 0..2 { Linear(j + 1) } } }',
      'j',
      /j is taken: line 2 has a loop's variable of that name|j in line 2/,
    ],
    "what is used in a loop's body": [
      'block A(c: int) { input x\n output x -> for <|>i in 0..2 { Linear(c) } }',
      'c',
      /c is taken: line 1 has a parameter of that name/,
    ],
    'a binding that a loop would hide': [
      'block A { input x\n <|>a = 3\n output x -> for i in 0..2 { Linear(a) } }',
      'i',
      /i means a loop's variable in line 3, where a is used/,
    ],
    "a layer of torch's that the file uses": [
      'block <|>B { input x\n output x -> Linear(2) }\nmodel A { input x: [N, 3]\n output x -> ReLU -> B }',
      'ReLU',
      /ReLU in line 4 would mean what is B now, a block, and means something else/,
    ],
    'a block of the file': [
      'block <|>B { input x\n output x }\nblock C { input x\n output x }',
      'C',
      /C is taken: line 3 has a block of that name/,
    ],
    'a block for a layer parameter': [
      'block C { input x\n output x -> Linear(3) }\nblock B(<|>act: layer) { input x\n output x -> act -> C }',
      'C',
      /C means a block in line 4, where act is used/,
    ],
    'a block that another file has': [
      {
        'blocks.scv': WIDE.replace('Wide', '<|>Wide'),
        'main.scv':
          'import { Wide } from "./blocks.scv"\nblock Own { input x\n output x -> Wide(3) }\nmodel A { input x: [N, 3, 8, 8]\n output x -> Own }',
      },
      'Own',
      /Own is taken: line 2 of main.scv has a block of that name/,
    ],
    'a parameter where another file uses the block': [
      {
        'blocks.scv': WIDE.replace('Wide', '<|>Wide'),
        'main.scv': 'import { Wide } from "./blocks.scv"\nblock Own(n: int) { input x\n output x -> Wide(n) }',
      },
      'n',
      /n means a parameter in line 3 of main.scv, where Wide is used/,
    ],
    'an alias of another import': [
      {
        'main.scv':
          'import { Wide as <|>W, Wide as V } from "./blocks.scv"\nblock A { input x\n output x -> W(1) -> V(2) }',
        'blocks.scv': WIDE,
      },
      'V',
      /V is taken: line 1 has an import of that name/,
    ],
    'what a line that is broken may name too': [
      'model A { input x: [N, 3]\n y = x -> ReLU\n z = x y\n output <|>y }',
      'a',
      /line 3 can't be read, and names y too: mend it first/,
    ],
    "an argument of a Python class's own": [
      'extern block D(<|>out: int) from "ops" { input x  output x.shape }\nmodel M { input x: [N, 3, 8, 8]\n output x -> D(out=8) }',
      'size',
      /out is the name of D's own argument in Python, and line 3 gives it by name/,
    ],
  };
  for (const [name, [files, newName, why]] of Object.entries(refused)) {
    it(`refuses ${name}`, async () => {
      const ws = await workspace(typeof files === 'string' ? { 'main.scv': files } : files);
      await assert.rejects(rename(ws, newName), ({ message }: Error) => {
        assert.match(message, why);
        return true;
      });
    });
  }

  it('takes the whole word, wherever the cursor is in it', async () => {
    for (const text of ['<|>width', 'wid<|>th', 'width<|>']) {
      const ws = await workspace({ 'a.scv': `block A(width: int) { input x\n output x -> Linear(${text}) }` });
      const range = await ws.language.scv.lsp.RenameProvider!.prepareRename(ws.document, {
        textDocument: { uri: '' },
        position: ws.position(),
      });
      assert.equal(ws.document.textDocument.getText(range), 'width');
    }
  });

  it("tells at once what has no name of the user's", async () => {
    const prepare = async (text: string): Promise<unknown> => {
      const ws = await workspace({ 'a.scv': text });
      return ws.language.scv.lsp.RenameProvider!.prepareRename(ws.document, {
        textDocument: { uri: '' },
        position: ws.position(),
      });
    };
    const layer = prepare('model A { input x: [N, 3]\n output x -> <|>ReLU }');
    await assert.rejects(layer, { message: "ReLU is a layer of the catalogue: its name is torch's." });
    const call = prepare('model A { input x: [N, 3]\n output x -> Linear(<|>max(1, 2)) }');
    await assert.rejects(call, { message: "max is a function of the language's." });
    for (const text of [
      'model A { in<|>put x: [N, 3]\n output x }',
      'model A { <|>author: "x"\n input x: [N, 3]\n output x }',
      'model A { input x: [N, 3]\n output x -> Conv2d(<|>3, 3) }',
      'model A { input x: [N, 3]\n output x -> Dropout(<|>p=0.1) }',
      '# A <|>comment.\nmodel A { input x: [N, 3]\n output x }',
      'import { A } from "./<|>a.scv"',
    ])
      assert.equal(await prepare(text), undefined, text);
  });
});

describe('what a rename tells', () => {
  const able: ClientCapabilities = {
    workspace: { workspaceEdit: { documentChanges: true, changeAnnotationSupport: { groupsOnLabel: true } } },
  };

  async function notes(files: Files, newName: string, editor: Editor = { capabilities: able }): Promise<string[]> {
    const edit = await rename(await workspace(files, editor), newName);
    for (const change of edit?.documentChanges as TextDocumentEdit[])
      for (const each of change.edits as AnnotatedTextEdit[])
        if ('annotationId' in each) assert.ok(edit?.changeAnnotations?.[each.annotationId]);
    return Object.values(edit?.changeAnnotations ?? {}).map(({ label, description, needsConfirmation }) => {
      assert.equal(needsConfirmation, true);
      return `${label}: ${description ?? ''}`;
    });
  }

  it('is which keys of the state_dict change', async () => {
    const text = 'model A { input x: [N, 8]\n output x -> <|>fc: Linear(8) -> Linear(8) }';
    assert.deepEqual(await notes({ 'main.scv': text }, 'head'), [
      "Changes state_dict keys: fc.weight → head.weight; keys that change: A (4). Weights that were saved don't load by the old names.",
    ]); // The second layer goes by the name that is free now.
  });

  it('is nothing where no weight goes by the name', async () => {
    const relu = 'model A { input x: [N, 8]\n output x -> <|>act: ReLU -> Linear(8) }';
    assert.deepEqual(await notes({ 'main.scv': relu }, 'f'), []);
    const binding = 'model A { input x: [N, 8]\n <|>y = x -> Linear(8)\n output y }';
    assert.deepEqual(await notes({ 'main.scv': binding }, 'f'), []);
  });

  it('names the models of other files', async () => {
    const files = {
      'blocks.scv': WIDE.replace('conv:', '<|>conv:'),
      'main.scv': 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> a: Wide(3) }',
      'same.scv': WIDE.replace('Wide', 'Other'),
    };
    assert.deepEqual(await notes(files, 'unit'), [
      "Changes state_dict keys: conv.weight → unit.weight; keys that change: Wide (2), A (2). Weights that were saved don't load by the old names.",
    ]);
  });

  it('knows what a block that has no label is called after', async () => {
    const files = {
      'blocks.scv': WIDE.replace('Wide', '<|>Wide'),
      'main.scv': 'import { Wide } from "./blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> Wide(3) }',
    };
    assert.deepEqual(await notes(files, 'BroadBlock'), [
      "Changes state_dict keys: wide.conv.weight → broad_block.conv.weight; keys that change: A (2). Weights that were saved don't load by the old names.",
    ]);
  });

  it('is that a file lies outside', async () => {
    const files = {
      'w/main.scv':
        'import { Wide } from "../lib/blocks.scv"\nmodel A { input x: [N, 3, 8, 8]\n output x -> a: <|>Wide(3) }',
      'lib/blocks.scv': WIDE,
    };
    const [note, ...others] = await notes(files, 'Broad', { capabilities: able, folders: ['w'] });
    assert.match(note!, /^Outside of the workspace: \/lib\/blocks\.scv lies outside/);
    assert.deepEqual(others, []);
    assert.deepEqual(await notes(files, 'Broad', { capabilities: able, folders: ['w', 'lib'] }), []);
  });
});
