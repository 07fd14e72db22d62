/** Edges: rewire, insertBranch, addOutput. */
import assert from 'node:assert/strict';
import type { GraphEdit } from '../../../server/src/core/edits/edit.ts';
import { type Marks, after, inModel, planned } from './marking.ts';

const wire =
  (from: number, to: number, input = 0, output = 0) =>
  (marks: Marks): GraphEdit => ({
    kind: 'rewire',
    from: { node: marks.at(from), output },
    to: { node: marks.at(to), input },
  });

const branch =
  (join: 'add' | 'concat', first: number, last = first, piece?: { name: string; arguments?: string }) =>
  (marks: Marks): GraphEdit => ({
    kind: 'insertBranch',
    first: marks.at(first),
    last: marks.at(last),
    join,
    ...(piece === undefined ? {} : { piece }),
  });

async function reason(text: string, make: (marks: Marks) => GraphEdit): Promise<string> {
  const { plan } = await planned({ 'main.scv': text }, make);
  assert.equal(plan.kind, 'refused', JSON.stringify(plan));
  return plan.reason;
}

describe('rewire in the graph', () => {
  it('takes another name where there is one', async () => {
    const text = inModel('a = image -> <|>ReLU', 'b = image -> Sigmoid', 'output a + b -> Flatten');
    const sum = text.replace('a + b', 'a <|>+ b');
    assert.equal(
      await after(sum, wire(0, 1, 1)),
      inModel('a = image -> ReLU', 'b = image -> Sigmoid', 'output a + a -> Flatten'),
    );
  });

  it('names what has no name yet', async () => {
    const text = inModel(
      'a = image -> conv1: <|>Conv2d(3, 1)  # first',
      '  -> ReLU -> <|>Sigmoid',
      'output a <|>+ image -> Flatten',
    );
    assert.equal(
      await after(text, wire(0, 2, 1)),
      inModel(
        'conv1 = image -> conv1: Conv2d(3, 1)  # first',
        'a = conv1 -> ReLU -> Sigmoid',
        'output a + conv1 -> Flatten',
      ),
    );
    assert.equal(
      await after(text, wire(0, 1)),
      inModel(
        'conv1 = image -> conv1: Conv2d(3, 1)  # first',
        'relu = conv1 -> ReLU',
        'a = conv1 -> Sigmoid',
        'output a + image -> Flatten',
      ),
    );
  });

  it('moves what is needed above', async () => {
    const text = inModel(
      'a = image -> <|>ReLU',
      '# Far down.',
      'b = image -> Sigmoid',
      'c = b -> <|>Tanh',
      'output a + c -> Flatten',
    );
    assert.equal(
      await after(text, wire(1, 0)),
      inModel('# Far down.', 'b = image -> Sigmoid', 'c = b -> Tanh', 'a = c -> ReLU', 'output a + c -> Flatten'),
    );
  });

  it('feeds an output, and one of several inputs', async () => {
    assert.equal(
      await after(inModel('output <|>y = image -> <|>ReLU -> Sigmoid'), wire(1, 0)),
      inModel('relu = image -> ReLU', 'sigmoid = relu -> Sigmoid', 'output y = relu'),
    );
    assert.equal(
      await after(inModel('a = image -> <|>ReLU', 'output (image, image) -> <|>Concat(1)', 'output a'), wire(0, 1, 1)),
      inModel('a = image -> ReLU', 'output (image, a) -> Concat(1)', 'output a'),
    );
  });

  it('takes a second output', async () => {
    const text = `model M {\n  input x: [N, 8, 4]\n  y = x -> <|>LSTM(4)\n  output y <|>+ y\n}\n`;
    assert.equal(
      await after(text, wire(0, 1, 1, 1)),
      `model M {\n  input x: [N, 8, 4]\n  y, h_n, _ = x -> LSTM(4)\n  output y + h_n\n}\n`,
    );
  });

  it('says why not', async () => {
    assert.match(await reason(inModel('output image -> <|>ReLU -> <|>Sigmoid'), wire(1, 0)), /ring/u);
    assert.match(
      await reason(inModel('a = image -> <|>ReLU', 'output a -> <|>Sigmoid'), wire(1, 0)),
      /That would be a ring: Sigmoid needs what comes out of ReLU/u,
    );
    assert.match(
      await reason(inModel('a = image -> <|>ReLU', 'output a -> (Tanh -> <|>Sigmoid)'), wire(0, 1)),
      /stands in a group/u,
    );
    assert.match(
      await reason(inModel('output image -> [<|>ReLU, Tanh] -> <|>Concat(1) -> <|>Flatten'), wire(0, 2)),
      /stays inside of its branch/u,
    );
    assert.match(await reason(inModel('a = image -> <|>ReLU', 'output a -> <|>Sigmoid'), wire(0, 1)), /so already/u);
  });
});

describe('insertBranch in the graph', () => {
  it('adds a residual connection', async () => {
    assert.equal(
      await after(inModel('output image -> <|>Conv2d(3, 1) -> <|>ReLU -> Flatten'), branch('add', 0, 1)),
      inModel('main = image -> Conv2d(3, 1) -> ReLU', 'output main + image -> Flatten'),
    );
    assert.equal(
      await after(
        inModel('output logits = image', '  -> bn: BatchNorm2d  # norm', '  -> <|>ReLU', '  -> Flatten'),
        branch('add', 0, 0, { name: 'Conv2d', arguments: '3, 1' }),
      ),
      inModel(
        'bn = image -> bn: BatchNorm2d  # norm',
        'main = bn -> ReLU',
        'output logits = main + (bn -> Conv2d(3, 1)) -> Flatten',
      ),
    );
  });

  it('joins channels', async () => {
    assert.equal(
      await after(inModel('output image -> (ReLU -> <|>Conv2d(3, 1) -> <|>ReLU) -> Flatten'), branch('concat', 0, 1)),
      inModel('output image -> (ReLU -> [Conv2d(3, 1) -> ReLU, Identity] -> Concat(1)) -> Flatten'),
    );
  });

  it('says why not', async () => {
    assert.match(
      await reason(inModel('output image -> (<|>ReLU)'), branch('add', 0)),
      /wrap these nodes into a block/u,
    );
    assert.match(await reason(inModel('a = image -> <|>ReLU', 'output a -> <|>ReLU'), branch('add', 0, 1)), /one row/u);
  });
});

describe('addOutput in the graph', () => {
  it('puts out what is inside of a chain', async () => {
    const text = inModel('output y = image -> <|>Conv2d(3, 1) -> Flatten');
    assert.equal(
      await after(text, (marks) => ({ kind: 'addOutput', from: { node: marks.at(0), output: 0 }, name: 'features' })),
      inModel('conv = image -> Conv2d(3, 1)', 'output y = conv -> Flatten', 'output features = conv'),
    );
  });

  it('of a repetition puts out the last turn, and says why no other', async () => {
    const text = inModel('output y = image -> <|>Conv2d(3, 1) * 3 -> Flatten');
    const turn = (index: number) => (marks: Marks) =>
      ({ kind: 'addOutput', from: { node: marks.at(0, index), output: 0 }, name: 'features' }) as const;
    assert.match(await reason(text, turn(1)), /one turn of a repetition/u);
    assert.match((await after(text, turn(2))) ?? '', /= image -> Conv2d\(3, 1\) \* 3\n/u);
  });
});
