import assert from 'node:assert/strict';
import type { CodeAction, TextDocumentEdit } from 'vscode-languageserver';
import { fixesAt, textsAfter } from './fixing.ts';
import { workspace, type Workspace } from './services.ts';

/** At the first marked range, else the cursor. */
function actionsOf(ws: Workspace, only?: string[]): CodeAction[] {
  const { textDocument } = ws.document;
  const [start, end] = ws.marks.ranges[0] ?? [ws.marks.cursors[0]!, ws.marks.cursors[0]!];
  const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
  return fixesAt(ws.language, ws.document, range, [], only);
}

function titlesOf(actions: readonly CodeAction[]): readonly string[] {
  return actions.map(({ title, isPreferred }) => `${isPreferred === true ? '★ ' : ''}${title}`);
}

interface Fixed {
  /** The preferred one with a star. */
  readonly titles?: readonly string[];
  /** The fix to apply; the first where absent. */
  readonly apply?: string;
  /** The text afterwards; of several files by their names. */
  readonly text: string | Readonly<Record<string, string>>;
}

/** What stands at the mark, the fixes that are offered there, and the text after one of them. */
function fixes(name: string, source: string | Readonly<Record<string, string>>, expected: Fixed): void {
  it(name, async () => {
    const ws = await workspace(typeof source === 'string' ? { 'main.scv': source } : source);
    const actions = actionsOf(ws);
    if (expected.titles !== undefined) assert.deepEqual(titlesOf(actions), expected.titles);
    const action = expected.apply === undefined ? actions[0] : actions.find(({ title }) => title === expected.apply);
    assert.ok(action !== undefined, `offered are only: ${titlesOf(actions).join(', ')}`);
    const texts = textsAfter(ws.language, action);
    const wanted = typeof expected.text === 'string' ? { 'main.scv': expected.text } : expected.text;
    assert.deepEqual(Object.fromEntries([...texts].map(([uri, text]) => [uri.replace('file:///', ''), text])), wanted);
  });
}

const inModel = (rest: string): string => `model M {\n  input image: [N, 3, 8, 8]\n  ${rest}\n}\n`;

describe('quick fixes', () => {
  describe('put layers where they are missing', () => {
    const mnist = (end: string): string =>
      `model Classifier {\n  dataset: MNIST\n  input image: [N, 1, 28, 28]\n  output ${end}\n}\n`;
    const chain = (flatten: string): string =>
      `image -> Conv2d(32, 3, padding=1) -> ReLU -> MaxPool2d(4) ->${flatten} Linear(64) -> ReLU -> Linear(10)`;
    fixes('at the layer that works on the width', mnist(chain('').replace('Linear(64)', 'Lin<|>ear(64)')), {
      titles: ['★ Insert Flatten before Linear', 'Insert AdaptiveAvgPool2d(1) -> Flatten before Linear'],
      text: mnist(chain(' Flatten ->')),
    });
    fixes('and from what the data set needs', mnist(`log<|>its = ${chain('')}`), {
      titles: ['★ Insert Flatten before Linear', 'Insert AdaptiveAvgPool2d(1) -> Flatten before Linear'],
      text: mnist(`logits = ${chain(' Flatten ->')}`),
    });
    fixes('before a label', inModel('output image -> fc: Li<|>near(4) -> ReLU'), {
      text: inModel('output image -> Flatten -> fc: Linear(4) -> ReLU'),
    });
    fixes('as a mean where the size is free', 'model M { input x: [N, 3, H, W]  output x -> Lin<|>ear(4) }\n', {
      titles: ['★ Insert AdaptiveAvgPool2d(1) -> Flatten before Linear', 'Give W the size 224'],
      text: 'model M { input x: [N, 3, H, W]  output x -> AdaptiveAvgPool2d(1) -> Flatten -> Linear(4) }\n',
    });
    fixes(
      'telling that an nn.Sequential counts them',
      `block B {\n  input x\n  output x -> MaxPool2d(2) -> Lin<|>ear(4)\n}\n${inModel('output image -> B')}`,
      {
        titles: [
          '★ Insert Flatten before Linear (changes the state_dict keys from there on)',
          'Insert AdaptiveAvgPool2d(1) -> Flatten before Linear (changes the state_dict keys from there on)',
        ],
        text: `block B {\n  input x\n  output x -> MaxPool2d(2) -> Flatten -> Linear(4)\n}\n${inModel('output image -> B')}`,
      },
    );
    fixes(
      'on the shortcut of a residual, as a chain of its own',
      inModel('y = image -> Conv2d(16, 3, stride=2, padding=1)\n  output y <|>+ image'),
      {
        titles: ['★ Insert Conv2d(16, 1, stride=2) on the right of +'],
        text: inModel(
          'y = image -> Conv2d(16, 3, stride=2, padding=1)\n  output y + (image -> Conv2d(16, 1, stride=2))',
        ),
      },
    );
    fixes('and behind a chain that is there', inModel('output (image -> ReLU) <|>+ (image -> Conv2d(16, 1))'), {
      text: inModel('output (image -> ReLU -> Conv2d(16, 1)) + (image -> Conv2d(16, 1))'),
    });
  });

  describe('set arguments', () => {
    fixes('of a layer further up', inModel('y = image -> Conv2d(3, 3) -> ReLU\n  output y <|>+ image'), {
      titles: ['★ Set padding of Conv2d to 1 to keep 8 × 8'],
      text: inModel('y = image -> Conv2d(3, 3, padding=1) -> ReLU\n  output y + image'),
    });
    fixes('that divide', inModel('output image -> Conv2d(6, 1) -> Conv2d(9, 3, groups=<|>4)'), {
      titles: ['★ Set groups to 3, which divides 6'],
      text: inModel('output image -> Conv2d(6, 1) -> Conv2d(9, 3, groups=3)'),
    });
    fixes('to a number that they divide', inModel('output image -> Conv2d(10, 3, groups=<|>3)'), {
      apply: 'Set out_channels to 9, which groups=3 divides',
      text: inModel('output image -> Conv2d(9, 3, groups=3)'),
    });
    fixes('where none are written', inModel('output image -> Conv2<|>d'), {
      titles: ['★ Give out_channels=64 and kernel_size=3'],
      text: inModel('output image -> Conv2d(64, 3)'),
    });
    fixes('by their names behind one that has one', inModel('output image -> Conv2<|>d(kernel_size=3)'), {
      text: inModel('output image -> Conv2d(kernel_size=3, out_channels=64)'),
    });
    fixes('to a word', inModel('output image -> Conv2d(8, 3, padding_mode="zer<|>o")'), {
      titles: ['★ Set padding_mode to "zeros"'],
      text: inModel('output image -> Conv2d(8, 3, padding_mode="zeros")'),
    });
    fixes('for a bias that a norm takes away', inModel('output image -> conv: Conv<|>2d(8, 3) -> BatchNorm2d'), {
      titles: ['★ Set bias to False, 8 parameters less (takes conv.bias out of the state_dict)'],
      text: inModel('output image -> conv: Conv2d(8, 3, bias=False) -> BatchNorm2d'),
    });
  });

  describe('spell names', () => {
    fixes('nearest first', inModel('output image -> Conv2<|>(8, 3)'), {
      titles: ['★ Replace Conv2 with Conv2d', 'Replace Conv2 with Conv2dNormActivation'],
      text: inModel('output image -> Conv2d(8, 3)'),
    });
    fixes(
      "of Keras with their arguments' names",
      inModel('output image -> Conv2<|>D(filters=8, kernel_size=3, strides=2)'),
      {
        titles: ['★ Replace Conv2D with Conv2d'],
        text: inModel('output image -> Conv2d(out_channels=8, kernel_size=3, stride=2)'),
      },
    );
    fixes('of Keras by the rank', inModel('output image -> Batch<|>Normalization'), {
      text: inModel('output image -> BatchNorm2d'),
    });
    fixes('of torch with its prefix', inModel('output torch.<|>relu(image)'), {
      titles: ['★ Write image -> ReLU'],
      text: inModel('output image -> ReLU'),
    });
    fixes('of methods', inModel('y = image.flatten<|>(1)\n  output y -> Linear(4)'), {
      titles: ['★ Write image -> Flatten(1)'],
      text: inModel('y = image -> Flatten(1)\n  output y -> Linear(4)'),
    });
  });

  describe('import', () => {
    const unit = 'block Unit(width: int) {\n  input x\n  output x -> Linear(width)\n}\n';
    const model = 'model M {\n  input x: [N, 8]\n  output x -> Unit(4)\n}\n';
    fixes(
      'a block of another file',
      { 'main.scv': `# What it is.\n${model.replace('Unit', 'Un<|>it')}`, 'blocks/units.scv': unit },
      {
        titles: ['★ Import Unit from units.scv'],
        text: { 'main.scv': `import { Unit } from "./blocks/units.scv"\n\n# What it is.\n${model}` },
      },
    );
    fixes(
      'beside others of the same file',
      {
        'models/main.scv':
          `import { Other } from "../units.scv"\n\n${model.replace('Unit', 'Un<|>it').replace('-> Unit', '-> Other(4) -> Unit')}`.replace(
            'x -> Un<|>it',
            'x -> Other(4) -> Un<|>it',
          ),
        'units.scv': `${unit}\n${unit.replace('Unit', 'Other')}`,
      },
      {
        text: {
          'models/main.scv': `import { Other, Unit } from "../units.scv"\n\n${model.replace('-> Unit', '-> Other(4) -> Unit')}`,
        },
      },
    );
    fixes(
      'from the file that has it',
      { 'main.scv': `import { Unit } from "./un<|>its.scv"\n\n${model}`, 'blocks/units.scv': unit },
      {
        titles: ['★ Replace "./units.scv" with "./blocks/units.scv"'],
        text: { 'main.scv': `import { Unit } from "./blocks/units.scv"\n\n${model}` },
      },
    );
  });

  describe('remove what is not used', () => {
    const unused = `import { A, B } from "./blocks.scv"

model M(width: int = 3) {
  input x: [N, 8]
  # About side.
  side = x -> Linear(2)  # why
  output x -> A
}
`;
    const blocks = 'block A { input x  output x -> ReLU }\nblock B { input x  output x -> ReLU }\n';
    fixes(
      'and keep the comments',
      { 'main.scv': unused.replace('side =', 'si<|>de ='), 'blocks.scv': blocks },
      {
        titles: ['★ Remove side', 'Remove all 3 that nothing uses in this file'],
        text: { 'main.scv': unused.replace('  side = x -> Linear(2)  # why\n', '  # why\n') },
      },
    );
    fixes(
      'all at once',
      { 'main.scv': unused.replace('side =', 'si<|>de ='), 'blocks.scv': blocks },
      {
        apply: 'Remove all 3 that nothing uses in this file',
        text: {
          'main.scv': unused
            .replace('{ A, B }', '{ A }')
            .replace('(width: int = 3)', '')
            .replace('  side = x -> Linear(2)  # why\n', '  # why\n'),
        },
      },
    );
    fixes(
      'a parameter with what is given for it',
      'block B(a: int, un<|>used: int = 2) {\n  input x\n  output x -> Linear(a)\n}\nmodel M {\n  input x: [N, 8]\n  output x -> B(4, 3) -> B(a=4, unused=5) -> B(2)\n}\n',
      {
        titles: ['★ Remove the parameter unused, and what 2 uses give for it'],
        text: 'block B(a: int) {\n  input x\n  output x -> Linear(a)\n}\nmodel M {\n  input x: [N, 8]\n  output x -> B(4) -> B(a=4) -> B(2)\n}\n',
      },
    );
    fixes(
      'a block with its lines',
      `# Kept.\nblock Ol<|>d {\n  input x\n  output x -> ReLU  # kept\n}\n\n${inModel('output image')}`,
      { titles: ['★ Remove the block Old'], text: `# Kept.\n# kept\n\n${inModel('output image')}` },
    );
    it('but no parameter that another file may give', async () => {
      const ws = await workspace({
        'blocks.scv': 'block B(a: int, un<|>used: int = 2) {\n  input x\n  output x -> Linear(a)\n}\n',
        'main.scv': 'import { B } from "./blocks.scv"\nmodel M {\n  input x: [N, 8]\n  output x -> B(4, 3)\n}\n',
      });
      assert.deepEqual(titlesOf(actionsOf(ws)), []);
    });
    fixes(
      'telling that what is not built is counted',
      inModel('side<|> = image -> Conv2d(8, 3)\n  output image -> Conv2d(4, 3)'),
      {
        titles: ['★ Remove side (changes state_dict keys, which count it)'],
        text: inModel('output image -> Conv2d(4, 3)'),
      },
    );
  });

  describe('keep comments and the form', () => {
    fixes(
      'where an argument goes',
      inModel(
        'output image -> Conv2d(\n    8,  # channels\n    3,\n    in_channels=<|>4,  # of old\n    bias=False,\n  )',
      ),
      {
        apply: 'Remove in_channels, which is worked out',
        text: inModel('output image -> Conv2d(\n    8,  # channels\n    3,\n    # of old\n    bias=False,\n  )'),
      },
    );
    fixes(
      'where a stage goes',
      inModel(
        'output image\n    -> Conv2d(8, 3)\n    # once\n    -> ReLU  # here\n    -> Re<|>LU  # twice\n    -> Conv2d(4, 1)',
      ),
      {
        apply: 'Remove ReLU',
        text: inModel(
          'output image\n    -> Conv2d(8, 3)\n    # once\n    -> ReLU  # here\n    # twice\n    -> Conv2d(4, 1)',
        ),
      },
    );
    it('and offer nothing that would lose one', async () => {
      const ws = await workspace({ 'main.scv': inModel('output Conv2d(8, 3)<|>( # here\n    image)') });
      assert.deepEqual(titlesOf(actionsOf(ws)), []);
    });
    const long = (end: string): string =>
      inModel(`output image -> Conv2d(64, 3, padding=1) -> ReLU -> Conv2d(64, 3, padding=1) -> ReLU -> ${end}`);
    fixes('breaking a line that gets too long', long('Lin<|>ear(10)'), {
      text: inModel(
        'output image\n    -> Conv2d(64, 3, padding=1) -> ReLU\n    -> Conv2d(64, 3, padding=1) -> ReLU -> Flatten\n    -> Linear(10)',
      ),
    });
    fixes('but not a line that had another form', long('Lin<|>ear( 10)'), { text: long('Flatten -> Linear( 10)') });
    fixes(
      'with the line ends of the file',
      'block B {\r\n  input x\r\n  y = x -> ReLU\r\n}\r\n'.replace('block B', 'block <|>B'),
      { text: 'block B {\r\n  input x\r\n  y = x -> ReLU\r\n  output y\r\n}\r\n' },
    );
    fixes('where a statement moves', inModel('# About all.\n  output <|>b\n  # About b.\n  b = image -> Tanh  # why'), {
      titles: ['★ Move the statement of b above this one'],
      text: inModel('# About b.\n  b = image -> Tanh\n  # About all.\n  output b\n  # why'),
    });
  });

  describe('repair Python habits', () => {
    fixes(
      'a name bound again, with its uses below',
      inModel('x = image -> ReLU\n  x<|> = x -> Tanh\n  y = x + x\n  output y'),
      {
        titles: ['★ Rename this x to x_2, and its 2 uses below'],
        text: inModel('x = image -> ReLU\n  x_2 = x -> Tanh\n  y = x_2 + x_2\n  output y'),
      },
    );
    fixes('calls in calls', inModel('output ReLU()<|>(Conv2d(8, 3)(image))'), {
      text: inModel('output Conv2d(8, 3)(image) -> ReLU()'),
    });
    fixes('subscripts of several dimensions', inModel('y = image<|>[:, 0, 1:4]\n  output y'), {
      titles: ['★ Write image -> Slice(2, start=1, stop=4) -> Select(1, 0)'],
      text: inModel('y = image -> Slice(2, start=1, stop=4) -> Select(1, 0)\n  output y'),
    });
    fixes('semicolons of a whole line', inModel('x = image -> ReLU<|>; y = x -> Tanh; output y'), {
      apply: 'Remove ;',
      text: inModel('x = image -> ReLU y = x -> Tanh output y'),
    });
  });

  it('of a problem in a block of another file are made there, and told at the use', async () => {
    const ws = await workspace(
      {
        'main.scv': 'import { B } from "./blocks.scv"\nmodel M {\n  input x: [N, 8, 4, 4]\n  output x -> <|>B(9)\n}\n',
        'blocks.scv': 'block B(c: int) {\n  input x\n  y = x -> Conv2d(c, 1)\n  output y + x\n}\n',
      },
      { capabilities: { workspace: { workspaceEdit: { documentChanges: true } } } },
    );
    const [action] = actionsOf(ws);
    assert.equal(action?.title, 'Insert Conv2d(y.channels, 1) on the right of +');
    const [edit] = action.edit!.documentChanges as TextDocumentEdit[];
    assert.deepEqual(edit!.textDocument, { uri: 'file:///blocks.scv', version: null });
    assert.match(
      textsAfter(ws.language, action).get('file:///blocks.scv')!,
      /output y \+ \(x -> Conv2d\(y\.channels, 1\)\)/,
    );
  });
});

describe('code actions', () => {
  const source = `import { A } from "./blocks.scv"

model M {
  input image: [N, 3, 8, 8]
  side = image -> ReLU
  output image -> nn.Conv2d(8, kernel_size: 3, bias=<|>true) -> Cov2d(8, 3)
}
`;
  const files = { 'main.scv': source, 'blocks.scv': 'block A { input x  output x -> ReLU }\n' };

  it('are of the kinds that are asked for', async () => {
    const ws = await workspace(files);
    assert.deepEqual(titlesOf(actionsOf(ws, ['quickfix'])), ['★ Write True']);
    assert.deepEqual(titlesOf(actionsOf(ws, ['refactor'])), []);
    assert.deepEqual(titlesOf(actionsOf(ws, ['source.fixAll'])), ['Fix all that is safe to fix']);
    assert.deepEqual(titlesOf(actionsOf(ws)), ['★ Write True']);
  });

  // What isn't read may use what is imported.
  it('fix all that can mean nothing else', async () => {
    const ws = await workspace(files);
    const [action] = actionsOf(ws, ['source.fixAll.scv']);
    assert.equal(
      textsAfter(ws.language, action!).get('file:///main.scv'),
      source.replace('<|>true', 'True').replace('nn.', '').replace('size: 3', 'size=3'),
    );
  });

  it('remove unused imports, where a file could be read', async () => {
    const ws = await workspace({
      ...files,
      'main.scv': `import { A } from "./blocks.scv"\n${inModel('output image<|>')}`,
    });
    const [action] = actionsOf(ws, ['source']).filter(({ kind }) => kind === 'source.removeUnusedImports');
    assert.equal(textsAfter(ws.language, action!).get('file:///main.scv'), inModel('output image'));
  });

  it('are those of the diagnostics that the editor shows', async () => {
    const ws = await workspace(files);
    const whole = { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } };
    const wanted = ws.document.diagnostics!.filter(({ code }) => code === 'torch-prefix');
    const actions = fixesAt(ws.language, ws.document, whole, wanted);
    assert.deepEqual(titlesOf(actions), ['★ Remove nn.']);
    assert.deepEqual(actions[0]!.diagnostics, wanted);
  });

  it('get their edits when they are chosen, where the editor can wait', async () => {
    const capabilities = {
      textDocument: { codeAction: { dynamicRegistration: false, resolveSupport: { properties: ['edit'] } } },
    };
    const ws = await workspace(files, { capabilities });
    const [action] = actionsOf(ws);
    assert.equal(action!.edit, undefined);
    const resolved = ws.language.scv.lsp.CodeActionProvider.resolve(action!);
    // Without documentChanges an editor gets plain changes.
    assert.deepEqual(resolved.edit, {
      changes: {
        'file:///main.scv': [
          { range: { start: { line: 5, character: 52 }, end: { line: 5, character: 56 } }, newText: 'True' },
        ],
      },
    });
    await ws.write('main.scv', inModel('output image'));
    assert.equal(ws.language.scv.lsp.CodeActionProvider.resolve(action!).edit, undefined);
  });
});
