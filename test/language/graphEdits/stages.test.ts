/** Whole stages: move, duplicate, wrap; their arguments and labels. */
import assert from 'node:assert/strict';
import type { GraphEdit } from '../../../server/src/core/edits/edit.ts';
import { type Marks, after, edited, inModel, planned } from './marking.ts';

async function reason(text: string, make: (marks: Marks) => GraphEdit): Promise<string> {
  const { plan } = await planned({ 'main.scv': text }, make);
  assert.equal(plan.kind, 'refused', JSON.stringify(plan));
  return plan.reason;
}

const argument =
  (name: string, value?: string, ...turns: number[]) =>
  (marks: Marks): GraphEdit => ({
    kind: 'setArgument',
    node: marks.at(0, ...turns),
    argument: name,
    ...(value === undefined ? {} : { value }),
  });
const label =
  (text?: string, ...turns: number[]) =>
  (marks: Marks): GraphEdit => ({
    kind: 'setLabel',
    node: marks.at(0, ...turns),
    ...(text === undefined ? {} : { label: text }),
  });

describe('move and duplicate in the graph', () => {
  it('moves a stage with its label', async () => {
    const text = inModel('output image -> act: <|>ReLU -> <|>BatchNorm2d -> Flatten');
    assert.equal(
      await after(text, (marks) => ({
        kind: 'move',
        node: marks.at(0),
        where: { kind: 'after', node: marks.at(1) },
      })),
      inModel('output image -> BatchNorm2d -> act: ReLU -> Flatten'),
    );
  });

  it('moves onto an edge of another statement, and keeps what its arguments name', async () => {
    const text = inModel('width = 3', 'a = image -> <|>Conv2d(width, 1)', 'b = a -> <|>ReLU', 'output a <|>+ b');
    assert.equal(
      await after(text, (marks) => ({
        kind: 'move',
        node: marks.at(0),
        where: {
          kind: 'edge',
          edge: { from: { node: marks.at(1), output: 0 }, to: { node: marks.at(2), input: 1 } },
        },
      })),
      inModel('width = 3', 'a = image', 'b = a -> ReLU', 'output a + (b -> Conv2d(width, 1))'),
    );
  });

  it('says a stage once more', async () => {
    assert.equal(
      await after(inModel('output image -> c1: <|>Conv2d(3, 1) -> ReLU'), (marks) => ({
        kind: 'duplicate',
        node: marks.at(0),
      })),
      inModel('output image -> c1: Conv2d(3, 1) -> c1_2: Conv2d(3, 1) -> ReLU'),
    );
  });

  it('says why not', async () => {
    const text = inModel('output image -> <|>ReLU -> Flatten');
    assert.match(
      await reason(text, (marks) => ({ kind: 'move', node: marks.at(0), where: { kind: 'after', node: marks.at(0) } })),
      /there already/u,
    );
  });
});

describe('wrap in the graph', () => {
  it('makes a block of nodes in a row', async () => {
    const text = inModel('output image -> <|>Conv2d(8, 1) -> <|>ReLU -> Flatten');
    assert.equal(
      await after(text, (marks) => ({ kind: 'wrap', nodes: [marks.at(1), marks.at(0)], name: 'Unit' })),
      `block Unit {\n  input x\n  output x -> Conv2d(8, 1) -> ReLU\n}\n\n${inModel('output image -> Unit -> Flatten')}`,
    );
  });
});

describe('setArgument in the graph', () => {
  const conv = (args: string): string => inModel(`output image -> <|>Conv2d(${args})  # wide`);
  const plain = (args: string): string => conv(args).replace('<|>', '');
  it('writes, changes and leaves out', async () => {
    assert.equal(await after(conv('8, 3'), argument('padding', '1')), plain('8, 3, padding=1'));
    assert.equal(await after(conv('8, 3'), argument('kernel_size', '(3, 1)')), plain('8, (3, 1)'));
    assert.equal(await after(conv('8, 3, padding=1'), argument('padding', '"same"')), plain('8, 3, padding="same"'));
    assert.equal(await after(conv('8, 3, 2, 1'), argument('stride')), plain('8, 3, padding=1'));
    assert.equal(await after(conv('8, 3, padding=1'), argument('padding')), plain('8, 3'));
    assert.equal(await after(conv('8'), argument('kernel_size', '1')), plain('8, 1'));
    const relu = inModel('output image -> <|>ReLU -> Flatten');
    assert.equal(
      await after(relu, argument('inplace', 'True')),
      inModel('output image -> ReLU(inplace=True) -> Flatten'),
    );
    assert.equal(
      await after(inModel('output image -> <|>ReLU(inplace=True) -> Flatten'), argument('inplace')),
      inModel('output image -> ReLU -> Flatten'),
    );
    assert.equal(
      await after(inModel('output image -> <|>Permute(0, 2, 3, 1)'), argument('dims', '[0, 3, 2, 1]')),
      inModel('output image -> Permute([0, 3, 2, 1])'),
    );
  });

  it('asks whether a block or one use of it is meant', async () => {
    const text = `block Unit(c: int = 3) {\n  input x\n  output x -> <|>Conv2d(c, 1)\n}\n\n${inModel('output image -> Unit * 2 -> Unit')}`;
    const { plan } = await planned({ 'main.scv': text }, argument('bias', 'False'));
    assert.deepEqual(plan, { kind: 'ask', uses: 3, files: 1, name: 'Unit' });
    const body = text.replace('<|>', '');
    assert.equal(await after(text, argument('bias', 'False'), 'all'), body.replace('(c, 1)', '(c, 1, bias=False)'));
  });

  it('changes one turn of a repetition alone', async () => {
    const text = inModel('output image -> <|>Conv2d(3, 1) * 3 -> Flatten');
    assert.equal(
      await after(text, argument('kernel_size', '3', 2), 'here'),
      inModel('output image -> conv: (Conv2d(3, 1) * 2 -> Conv2d(3, 3)) -> Flatten'),
    );
  });

  it('says why not', async () => {
    assert.match(await reason(conv('8, 3'), argument('pading', '1')), /has no argument pading/u);
    assert.match(await reason(conv('8, 3'), argument('padding', '1)')), /can't be read/u);
    assert.match(await reason(conv('8, 3'), argument('padding', 'wide')), /wide/u);
    assert.match(await reason(conv('8, 3'), argument('padding')), /its default already/u);
    const shared = inModel('layer act = LeakyReLU(0.1)', 'output image -> <|>act');
    const { plan } = await planned(
      { 'main.scv': shared.replace('LeakyReLU', '<|>LeakyReLU').replace('-> <|>act', '-> act') },
      argument('negative_slope', '0.2'),
    );
    assert.equal(plan.kind, 'edits');
  });
});

describe('setLabel in the graph', () => {
  it('writes, changes and removes', async () => {
    const text = inModel('output image -> <|>Conv2d(8, 1) -> Flatten');
    assert.equal(await after(text, label('stem')), inModel('output image -> stem: Conv2d(8, 1) -> Flatten'));
    const labelled = inModel('output image -> stem: <|>Conv2d(8, 1) -> Flatten');
    assert.equal(await after(labelled, label('head')), inModel('output image -> head: Conv2d(8, 1) -> Flatten'));
    assert.equal(await after(labelled, label()), inModel('output image -> Conv2d(8, 1) -> Flatten'));
  });

  it('says that keys change', async () => {
    const labelled = inModel('output image -> stem: <|>Conv2d(8, 1) -> Flatten');
    const { plan } = await planned({ 'main.scv': labelled }, label('head'));
    assert.deepEqual(plan.kind === 'edits' && plan.notes, ["Keys of M's state_dict change, such as stem."]);
  });

  it('says why not', async () => {
    const text = inModel('output image -> a: Conv2d(8, 1) -> <|>Conv2d(8, 1)');
    assert.match(await reason(text, label('a')), /is taken/u);
    assert.match(await reason(text, label('a b')), /can't be a label/u);
    assert.match(await reason(text, label('class')), /keyword of Python/u);
  });
});

describe('edits of several files', () => {
  it('are told file by file', async () => {
    const files = {
      'main.scv': `import { Unit } from "./lib.scv"\n\n${inModel('output image -> <|>Unit -> Unit')}`,
      'lib.scv': `block Unit {\n  input x\n  output x -> <|>Conv2d(3, 1)\n}\n`,
    };
    const texts = await edited(files, (marks) => ({ kind: 'setLabel', node: marks.in(0, 1), label: 'own' }), 'here');
    assert.deepEqual(texts, {
      'main.scv': `import { Unit, Unit2 } from "./lib.scv"\n\n${inModel('output image -> unit: Unit2 -> Unit')}`,
      'lib.scv': `block Unit {\n  input x\n  output x -> Conv2d(3, 1)\n}\n\nblock Unit2 {\n  input x\n  output x -> own: Conv2d(3, 1)\n}\n`,
    });
  });
});
