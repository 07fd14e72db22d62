import assert from 'node:assert/strict';
import type { CodeAction } from 'vscode-languageserver';
import type { ScvCodeActionProvider } from '../../server/src/language/lsp/codeAction.ts';
import { replace } from '../../server/src/core/fix.ts';
import { Proof, type Proven } from '../../server/src/language/refactor/proof.ts';
import { fixesAt, textsAfter } from './fixing.ts';
import { workspace, type Workspace } from './services.ts';

/** At the first marked range, else the cursor. */
function refactoringsOf(ws: Workspace): CodeAction[] {
  const { textDocument } = ws.document;
  const [start, end] = ws.marks.ranges[0] ?? [ws.marks.cursors[0]!, ws.marks.cursors[0]!];
  const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
  return fixesAt(ws.language, ws.document, range, [], ['refactor']);
}

/** What is offered under a title at the mark, and the text after it; a title that isn't offered has no text. */
function refactors(
  name: string,
  source: string | Readonly<Record<string, string>>,
  title: string,
  expected: string | undefined,
): void {
  it(name, async () => {
    const ws = await workspace(typeof source === 'string' ? { 'main.scv': source } : source);
    const actions = refactoringsOf(ws);
    const action = actions.find((each) => each.title === title);
    if (expected === undefined) {
      const alike = actions.filter((each) => each.title.startsWith(title));
      assert.deepEqual(alike, []);
      return;
    }
    assert.ok(action !== undefined, `offered are only: ${actions.map((each) => each.title).join(' | ')}`);
    assert.equal(textsAfter(ws.language, action).get(ws.document.uri.toString()), expected);
  });
}

const inModel = (...lines: string[]): string =>
  `model M {\n  input image: [N, 3, 8, 8]\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
const KEYS = '(changes state_dict keys)';
const UNIT = `block Unit(width: int, kernel: int = 3) {
  input x
  output x -> Conv2d(width, kernel) -> ReLU
}
`;

describe('refactorings', () => {
  describe('extract a block', () => {
    refactors(
      'of the selected stages, with what they take from around',
      inModel('k = 2 + 1', 'output image -> <|Conv2d(4, k) -> ReLU|> -> Tanh'),
      `Extract into block Block ${KEYS}`,
      `block Block(k: int) {\n  input x\n  output x -> Conv2d(4, k) -> ReLU\n}\n\n${inModel('k = 2 + 1', 'output image -> Block(k) -> Tanh')}`,
    );
    refactors(
      'whether or not an arrow is selected too',
      inModel('k = 2 + 1', 'output image <|-> Conv2d(4, k) -> ReLU ->|> Tanh'),
      `Extract into block Block ${KEYS}`,
      `block Block(k: int) {\n  input x\n  output x -> Conv2d(4, k) -> ReLU\n}\n\n${inModel('k = 2 + 1', 'output image -> Block(k) -> Tanh')}`,
    );
    refactors(
      'of a group, whose keys it keeps',
      inModel('output image -> <|stem: (Conv2d(4, 1) -> ReLU)|> -> Tanh'),
      'Extract into block Block',
      `block Block {\n  input x\n  output x -> Conv2d(4, 1) -> ReLU\n}\n\n${inModel('output image -> stem: Block -> Tanh')}`,
    );
    refactors(
      'of statements',
      inModel('<|a = image -> Conv2d(3, 1)', 'b = a + image|>', 'output b -> ReLU'),
      `Extract into block Block ${KEYS}`,
      `block Block {\n  input image\n  a = image -> Conv2d(3, 1)\n  b = a + image\n  output b\n}\n\n${inModel('b = image -> Block', 'output b -> ReLU')}`,
    );
    refactors(
      'with a parameter for the variable of a loop, and comments',
      inModel('output image -> for c in [4, 8] {', '  <|Conv2d(c, 1) # first', '  -> ReLU|>', '}'),
      `Extract into block Block ${KEYS}`,
      `block Block(c) {\n  input x\n  output x -> Conv2d(c, 1)  # first\n    -> ReLU\n}\n\n${inModel('output image -> for c in [4, 8] {', '  Block(c)', '}')}`,
    );
    refactors(
      'under a name that is free',
      `block Block {\n  input x\n  output x -> ReLU\n}\n\n${inModel('output image -> <|Tanh -> Block|>')}`,
      'Extract into block Block2',
      `block Block {\n  input x\n  output x -> ReLU\n}\n\nblock Block2 {\n  input x\n  output x -> Tanh -> Block\n}\n\n${inModel('output image -> Block2')}`,
    );
    refactors(
      'but not of half a stage',
      inModel('output image -> Conv2d(<|4, 1) -> Re|>LU'),
      'Extract into block',
      undefined,
    );
    refactors(
      'with the shared layer and the weight that nothing else uses',
      inModel(
        'k = 3',
        'weight gain: [k, 1, 1] = Ones',
        'layer f = Conv2d(k, 1)',
        '<|a = image -> f -> f',
        'b = a * gain|>',
        'output b -> ReLU',
      ),
      `Extract into block Block ${KEYS}`,
      `block Block(k: int) {\n  input image\n  weight gain: [k, 1, 1] = Ones\n  layer f = Conv2d(k, 1)\n  a = image -> f -> f\n  b = a * gain\n  output b\n}\n\n${inModel('k = 3', 'b = image -> Block(k)', 'output b -> ReLU')}`,
    );
    refactors(
      'of stages, with the layers that they share among themselves',
      inModel('layer f = Conv2d(3, 1)', 'layer g = (f -> ReLU)', 'output image -> <|g -> Tanh -> g|> -> ReLU'),
      `Extract into block Block ${KEYS}`,
      `block Block {\n  input x\n  layer f = Conv2d(3, 1)\n  layer g = (f -> ReLU)\n  output x -> g -> Tanh -> g\n}\n\n${inModel('output image -> Block -> ReLU')}`,
    );
    refactors(
      'with a weight that stands among the statements, and one from outside that others use',
      inModel(
        'weight gain: [3, 1, 1]',
        '<|a = image * gain',
        'frozen weight shift: [3, 1, 1] = Ones',
        'b = a + shift|>',
        'output b + gain',
      ),
      `Extract into block Block ${KEYS}`,
      `block Block {\n  input image, gain\n  a = image * gain\n  frozen weight shift: [3, 1, 1] = Ones\n  b = a + shift\n  output b\n}\n\n${inModel('weight gain: [3, 1, 1]', 'b = (image, gain) -> Block', 'output b + gain')}`,
    );
    refactors(
      'and not of a use of a layer that is shared with others',
      inModel('layer f = Conv2d(3, 1)', 'output image -> <|f -> f|> -> ReLU -> f'),
      'Extract into block',
      undefined,
    );
    refactors(
      'and not with a layer that all turns of a loop share',
      inModel('layer f = Conv2d(3, 1)', 'output image -> for i in 0..2 {', '  <|f -> ReLU|>', '}'),
      'Extract into block',
      undefined,
    );
  });

  describe('inline a block', () => {
    refactors(
      'at one use, where it keeps its name',
      `${UNIT}\n${inModel('output image -> Un<|>it(8) -> body: Unit(2 + 2, kernel=1)')}`,
      'Inline Unit',
      `${UNIT}\n${inModel('output image -> unit: (Conv2d(8, 3) -> ReLU) -> body: Unit(2 + 2, kernel=1)')}`,
    );
    refactors(
      'with a comment behind it that stood below another one',
      `${UNIT}\n${inModel('a = image -> b: Un<|>it(8)            # one', 'output a -> unit: Unit(8) -> ReLU  # two')}`,
      'Inline Unit',
      `${UNIT}\n${inModel('a = image -> b: (Conv2d(8, 3) -> ReLU)  # one', 'output a -> unit: Unit(8) -> ReLU  # two')}`,
    );
    refactors(
      'everywhere',
      `${UNIT}\n${inModel('output image -> Unit(8) -> body: Un<|>it(2 + 2, kernel=1)')}`,
      'Inline Unit everywhere (2 uses) and remove it',
      inModel('output image -> unit: (Conv2d(8, 3) -> ReLU) -> body: (Conv2d(2 + 2, 1) -> ReLU)'),
    );
    refactors(
      'as its statements, where it is more than a chain',
      `block Residual(width: int, act: layer = ReLU) {
  input x
  y = x -> Conv2d(width, 3, padding=1) -> act
  output x + y
}

${inModel('y = image -> Conv2d(8, 1) -> Resi<|>dual(4 * 2) -> Tanh', 'output y')}`,
      `Inline Residual and remove it ${KEYS}`,
      inModel(
        'x = image -> Conv2d(8, 1)',
        'y_2 = x -> Conv2d(4 * 2, 3, padding=1) -> ReLU',
        'y = (x + y_2) -> Tanh',
        'output y',
      ),
    );
    refactors(
      'with its weights, buffers and shared layers, under names that are free',
      `block Gate(width: int) {
  input x
  frozen weight gain: [width, 1, 1] = Constant(0.5)
  buffer shift: [1, width + 5] = Arange
  layer f = (Conv2d(width, 1) -> ReLU)
  y = x -> f -> f
  output y * gain + shift
}

${inModel('layer f = Tanh', 'y = image -> Ga<|>te(3)', 'output y -> f')}`,
      `Inline Gate and remove it ${KEYS}`,
      inModel(
        'layer f = Tanh',
        'frozen weight gain: [3, 1, 1] = Constant(0.5)',
        'buffer shift: [1, 3 + 5] = Arange',
        'layer f_2 = (Conv2d(3, 1) -> ReLU)',
        'y_2 = image -> f_2 -> f_2',
        'y = y_2 * gain + shift',
        'output y -> f',
      ),
    );
    refactors(
      'from its own name',
      `${UNIT.replace('Unit', 'Un<|>it')}\n${inModel('output image -> Unit(8) * 2')}`,
      'Inline Unit everywhere (1 use) and remove it',
      inModel('output image -> unit: (Conv2d(8, 3) -> ReLU) * 2'),
    );
    refactors(
      'but not everywhere where another file imports it',
      {
        'main.scv': UNIT.replace('Unit', 'Un<|>it'),
        'other.scv': `import { Unit } from "./main.scv"\n\n${inModel('output image -> Unit(8)')}`,
      },
      'Inline',
      undefined,
    );
  });

  describe('repeat', () => {
    refactors(
      'equal stages, as a whole group under its label',
      inModel('output image -> body: (Conv2d(3, 1) -> Con<|>v2d(3, 1))'),
      'Turn 2 equal stages into * 2',
      inModel('output image -> body: Conv2d(3, 1) * 2'),
    );
    refactors(
      'and what is repeated already',
      inModel('output image -> b: (Conv2d(3, 1) * 2 -> Con<|>v2d(3, 1) -> Tanh)'),
      'Turn 3 equal stages into * 3',
      inModel('output image -> b: (Conv2d(3, 1) * 3 -> Tanh)'),
    );
    refactors(
      'equal groups',
      inModel('output image -> b: (<|>(Conv2d(3, 1) -> ReLU) -> (Conv2d(3, 1) -> ReLU) -> Tanh)'),
      'Turn 2 equal stages into * 2',
      inModel('output image -> b: ((Conv2d(3, 1) -> ReLU) * 2 -> Tanh)'),
    );
    refactors(
      'telling that keys change',
      inModel('output image -> Conv2d(3, 1) -> Con<|>v2d(3, 1)'),
      `Turn 2 equal stages into * 2 ${KEYS}`,
      inModel('output image -> Conv2d(3, 1) * 2'),
    );
    refactors(
      'numbered ones as a loop',
      inModel('output image -> unit1: Con<|>v2d(3, 1) -> unit2: Conv2d(3, 1) -> ReLU'),
      'Turn 2 equal stages into a loop',
      inModel('output image -> for i in 1..3 { unit{i}: Conv2d(3, 1) } -> ReLU'),
    );
    refactors(
      'rows of several as a loop',
      inModel('output image -> b: (Conv2d(3, 1) -> Re<|>LU -> Conv2d(3, 1) -> ReLU)'),
      'Turn 2 equal rows of 2 stages into a loop',
      inModel('output image -> b: (for _ in 0..2 { Conv2d(3, 1) -> ReLU })'),
    );
    refactors(
      'but not stages that are different',
      inModel('output image -> Conv2d(3, 1) -> Con<|>v2d(4, 1)'),
      'Turn',
      undefined,
    );
    refactors(
      'and write a repetition out',
      inModel('output image -> layer1: Con<|>v2d(3, 1) * 3 -> ReLU'),
      'Write the repetition out, 3 times',
      inModel('output image -> layer1: (Conv2d(3, 1) -> Conv2d(3, 1) -> Conv2d(3, 1)) -> ReLU'),
    );
    refactors(
      'and a loop, with its numbers in labels and arguments',
      inModel('output image -> for i, w in [[1, 4], [2, 8]] { unit{i}: Conv2d(<|>w * 2, i) }'),
      'Write the loop out, 2 times',
      inModel('output image -> unit1: Conv2d(4 * 2, 1) -> unit2: Conv2d(8 * 2, 2)'),
    );
  });

  describe('name what flows', () => {
    const chain = inModel(
      'output out: [N, 4, 8, 8] = image',
      '  -> Conv2d(4, 1)  # first',
      '  -> Re<|>LU -> head: Tanh',
    );
    const split = inModel(
      'conv = image -> Conv2d(4, 1)  # first',
      'relu = conv -> ReLU',
      'output out: [N, 4, 8, 8] = relu -> head: Tanh',
    );
    refactors('by a statement for each stage', chain, 'Split the chain into 3 statements', split);
    refactors(
      'with what is said before the first',
      inModel('output image  # data', '  -> Conv2d(4, 1) -> Re<|>LU'),
      'Split the chain into 2 statements',
      inModel('conv = image  # data', '  -> Conv2d(4, 1)', 'output conv -> ReLU'),
    );
    refactors(
      'or not',
      split.replace('relu = conv', 're<|>lu = conv'),
      'Join 3 statements into one chain',
      inModel('output out: [N, 4, 8, 8] = image -> Conv2d(4, 1)  # first', '  -> ReLU -> head: Tanh'),
    );
    refactors(
      'but join nothing that is used again',
      inModel('a = image -> ReLU', 'b = a -> T<|>anh', 'output a + b'),
      'Join',
      undefined,
    );
    refactors(
      'an expression',
      inModel('output image -> Conv2d(<|2 * 3|>, 1)'),
      'Extract into a binding',
      inModel('value = 2 * 3', 'output image -> Conv2d(value, 1)'),
    );
    refactors(
      'but none with the variable of a loop in it',
      inModel('output image -> for i in 0..2 { Conv2d(<|i + 3|>, 1) }'),
      'Extract into a binding',
      undefined,
    );
    refactors(
      'put in its place again, in parentheses where it needs them',
      inModel('k = 1 + 1', 'output image -> Conv2d(<|>k * 2, k)'),
      'Inline k, 2 uses',
      inModel('output image -> Conv2d((1 + 1) * 2, 1 + 1)'),
    );
    refactors(
      'but a layer that is used twice is built once',
      inModel('a = image -> Conv2d(3, 1)', 'output <|>a + (a -> Conv2d(3, 1))'),
      'Inline',
      undefined,
    );
  });

  describe('labels', () => {
    const bare = inModel('output image -> Conv2d(4, 1) -> Con<|>v2d(4, 1) -> Flatten');
    const labelled = inModel('output image -> conv: Conv2d(4, 1) -> conv_2: Conv2d(4, 1) -> Flatten');
    refactors('are added as PyTorch has them', bare, 'Add labels to 2 stages', labelled);
    refactors(
      'and left out where they say so anyway',
      labelled.replace('conv_2: Con', 'conv_2: Con<|>'),
      'Remove 2 labels that are the names anyway',
      bare.replace('<|>', ''),
    );
    refactors(
      'but not where another stage would be counted',
      inModel('output image -> conv: Con<|>v2d(4, 1) -> other: Conv2d(4, 1)'),
      'Remove the label conv, which is the name anyway',
      inModel('output image -> Conv2d(4, 1) -> other: Conv2d(4, 1)'),
    );
    refactors(
      'and not in a group, which counts',
      inModel('output image -> a: (Con<|>v2d(4, 1) -> ReLU)'),
      'Add',
      undefined,
    );
  });

  describe('metadata', () => {
    refactors(
      'is sorted, with its comments',
      'model M {\n  tags: [a]\n  # ours\n  dataset: MNIST  # known\n  auth<|>or: "me"\n\n  input x: [N, 1, 28, 28]\n  output x -> Flatten -> Linear(10)\n}\n',
      'Sort metadata',
      'model M {\n  author: "me"\n  # ours\n  dataset: MNIST  # known\n  tags: [a]\n\n  input x: [N, 1, 28, 28]\n  output x -> Flatten -> Linear(10)\n}\n',
    );
    refactors(
      'and put first',
      'model M {\n  input x: [N, 4]\n  author: "m<|>e"\n  output x -> Linear(10)\n}\n',
      'Sort metadata, and put it first',
      'model M {\n  author: "me"\n  input x: [N, 4]\n  output x -> Linear(10)\n}\n',
    );
    refactors(
      'but not where it is',
      'model M {\n  author: "m<|>e"\n  input x: [N, 4]\n  output x -> Linear(10)\n}\n',
      'Sort',
      undefined,
    );
  });

  describe('conditions', () => {
    const model = (line: string): string =>
      `model M(deep: bool = True) {\n  input x: [N, 4]\n  output x -> ${line}\n}\n`;
    refactors(
      'have their arms the other way round',
      model('a: i<|>f deep { Linear(4) -> ReLU } else { Tanh }'),
      'Flip the arms of if',
      model('a: if not deep { Tanh } else { Linear(4) -> ReLU }'),
    );
    refactors(
      'and a comparison its opposite',
      model('i<|>f x.features >= 4 { Linear(4) } else { Tanh }'),
      'Flip the arms of if',
      model('if x.features < 4 { Tanh } else { Linear(4) }'),
    );
    refactors(
      'telling that names are counted down the text',
      model('i<|>f deep { Linear(4) } else { Linear(5) }'),
      `Flip the arms of if ${KEYS}`,
      model('if not deep { Linear(5) } else { Linear(4) }'),
    );
    refactors(
      'are a stage',
      inModel('y = if imag<|>e.channels != 4 { image -> Conv2d(4, 1) } else { image }', 'output y'),
      'Write if as a stage of image',
      inModel('y = image -> if image.channels != 4 { Conv2d(4, 1) }', 'output y'),
    );
    refactors(
      'or an expression',
      inModel('y = image -> i<|>f image.channels != 4 { Conv2d(4, 1) }', 'output y'),
      'Write if as an expression',
      inModel('y = if image.channels != 4 { image -> Conv2d(4, 1) } else { image }', 'output y'),
    );
  });

  describe('arguments', () => {
    refactors(
      'get their names',
      inModel('output image -> Conv2d(4, <|>3, padding=1)'),
      'Name the arguments of Conv2d',
      inModel('output image -> Conv2d(out_channels=4, kernel_size=3, padding=1)'),
    );
    refactors(
      'and lose them, as far as they stand in order',
      inModel('output image -> Conv2d(out_channels=4, <|>kernel_size=(3), padding=1)'),
      'Give the arguments of Conv2d by position',
      inModel('output image -> Conv2d(4, (3), padding=1)'),
    );
    refactors(
      'become parameters',
      `${UNIT.replace('kernel)', 'kernel, dilation=<|>1)')}\n${inModel('output image -> Unit(8)')}`,
      'Make 1 a parameter of Unit',
      `${UNIT.replace('kernel)', 'kernel, dilation=dilation)').replace('kernel: int = 3', 'kernel: int = 3, dilation: int = 1')}\n${inModel('output image -> Unit(8)')}`,
    );
  });

  describe('imports', () => {
    const units = `${UNIT}\n${UNIT.replace('Unit', 'Other')}`;
    const rest = `\n${inModel('output image -> Unit(4) -> Other(4)')}`;
    const one = 'import { Unit, Other } from "./units.scv"\n';
    const two = 'import { Unit } from "./units.scv"\nimport { Other } from "./units.scv"\n';
    refactors(
      'are split',
      { 'main.scv': one.replace('{', '<|>{') + rest, 'units.scv': units },
      'Split into 2 imports',
      two + rest,
    );
    refactors(
      'and merged',
      { 'main.scv': two.replace('{', '<|>{') + rest, 'units.scv': units },
      'Merge 2 imports of ./units.scv',
      one + rest,
    );
  });

  it('are proved: what computes something else is none, and other names are told', async () => {
    const text = inModel('a = image -> Conv2d(3, 1)', 'b = a -> ReLU -> Conv2d(3, 1)', 'output a + b # sum');
    const ws = await workspace({ 'main.scv': text });
    const { Analysis, FileParser } = ws.language.scv.scv;
    const proven = (from: string, to: string): Proven | undefined => {
      const start = text.indexOf(from);
      const edits = [replace({ start, end: start + from.length }, to)];
      return new Proof(ws.document, Analysis, FileParser).of({ kind: 'refactor.rewrite', title: '', edits });
    };
    assert.deepEqual(proven('Conv2d(3, 1)', 'Conv2d(out_channels=3, kernel_size=1)'), { changesKeys: false });
    assert.deepEqual(proven('Conv2d(3, 1)', 'first: Conv2d(3, 1)'), { changesKeys: true });
    for (const [from, to] of [
      ['ReLU', 'Tanh'],
      ['ReLU', 'ReLU -> ReLU'],
      ['a -> ReLU', 'image -> ReLU'],
      ['a + b', 'b + a'],
      ['a + b', 'a - b'],
      ['Conv2d(3, 1)', 'frozen conv: Conv2d(3, 1)'],
      ['Conv2d(3, 1)', 'Conv2d(3, 3, padding=1)'],
      ['image: [N, 3, 8, 8]', 'image: [N, 3, 4, 4]'],
      ['output a', 'output out = a'],
      ['a + b # sum', 'a + b'],
      ['output a + b', 'c = a\n  output a + b'],
      ['ReLU', 'ReLU('],
    ] as const)
      assert.equal(proven(from, to), undefined, `${from} as ${to}`);
  });

  it('are asked for only on purpose, or of a selection', async () => {
    const ws = await workspace({ 'main.scv': inModel('output image -> Conv2d(4, 1) -> <|>ReLU') });
    const { textDocument } = ws.document;
    const at = textDocument.positionAt(ws.marks.cursors[0]!);
    const provider: ScvCodeActionProvider = ws.language.scv.lsp.CodeActionProvider;
    const asked = (triggerKind: 1 | 2): readonly string[] =>
      provider
        .getCodeActions(ws.document, {
          textDocument: { uri: textDocument.uri },
          range: { start: at, end: at },
          context: { diagnostics: [], triggerKind },
        })
        .map(({ kind }) => kind!);
    assert.ok(asked(1).includes('refactor.rewrite'));
    assert.deepEqual(asked(2), []);
  });

  it('get their edits when they are chosen, where the editor can wait', async () => {
    const ws = await workspace(
      { 'main.scv': inModel('output image -> Conv2d(4, 1) -> <|>ReLU') },
      { capabilities: { textDocument: { codeAction: { resolveSupport: { properties: ['edit'] } } } } },
    );
    const action = refactoringsOf(ws).find(({ title }) => title.startsWith('Split'))!;
    assert.equal(action.edit, undefined);
    const resolved = ws.language.scv.lsp.CodeActionProvider.resolve(action);
    assert.equal(
      textsAfter(ws.language, resolved).get('file:///main.scv'),
      inModel('conv = image -> Conv2d(4, 1)', 'output conv -> ReLU'),
    );
    await ws.write('main.scv', inModel('output image'));
    assert.equal(ws.language.scv.lsp.CodeActionProvider.resolve(action).edit, undefined);
  });
});
