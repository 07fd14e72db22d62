import assert from 'node:assert/strict';
import type { GraphEdit } from '../../../server/src/core/edits/edit.ts';
import { type Marks, after, inModel, planned } from './marking.ts';

const gone =
  (...turns: number[]) =>
  (marks: Marks): GraphEdit => ({ kind: 'delete', nodes: [marks.at(0, ...turns)] });

async function reason(text: string): Promise<string> {
  const { plan } = await planned({ 'main.scv': text }, gone());
  assert.equal(plan.kind, 'refused', JSON.stringify(plan));
  return plan.reason;
}

describe('delete in the graph', () => {
  it('takes a stage and its arrow, and keeps the comment', async () => {
    const text = inModel('output image', '  -> <|>Conv2d(8, 3)  # wide', '  -> ReLU', '  -> Flatten');
    assert.equal(await after(text, gone()), inModel('output image  # wide', '  -> ReLU', '  -> Flatten'));
    assert.equal(await after(inModel('output image -> <|>ReLU'), gone()), inModel('output image'));
    assert.equal(await after(inModel('output image -> ReLU -> <|>Flatten'), gone()), inModel('output image -> ReLU'));
  });

  it('takes a group with the last stage in it, and leaves an Identity for a branch', async () => {
    assert.equal(
      await after(inModel('output image -> head: (<|>ReLU) -> Flatten'), gone()),
      inModel('output image -> Flatten'),
    );
    assert.equal(
      await after(inModel('output image -> [<|>Conv2d(8, 1), Conv2d(8, 3, padding=1)] -> Concat(1)'), gone()),
      inModel('output image -> [Identity, Conv2d(8, 3, padding=1)] -> Concat(1)'),
    );
    assert.equal(
      await after(inModel('output image -> if 1 < 2 { <|>ReLU } else { Sigmoid } -> Flatten'), gone()),
      inModel('output image -> if 1 < 2 { Identity } else { Sigmoid } -> Flatten'),
    );
    assert.equal(
      await after(inModel('output image -> if 1 < 2 { <|>ReLU } -> Flatten'), gone()),
      inModel('output image -> Flatten'),
    );
  });

  it('takes several at once, and what goes with one of them', async () => {
    const both = (marks: Marks): GraphEdit => ({ kind: 'delete', nodes: [marks.at(0), marks.at(1)] });
    assert.equal(
      await after(inModel('output image -> <|>Conv2d(8, 3) -> ReLU -> <|>Flatten'), both),
      inModel('output image -> ReLU'),
    );
    // The second is a branch that nothing needs once the sum is gone.
    assert.equal(
      await after(inModel('side = image -> <|>Conv2d(3, 1)', 'output image <|>+ side'), (marks) => ({
        kind: 'delete',
        nodes: [marks.at(1), marks.at(0)],
      })),
      inModel('output image'),
    );
    assert.equal(
      await after(inModel('output image -> [<|>ReLU, <|>Tanh] -> Concat(1)'), both),
      inModel('output image -> [Identity, Identity] -> Concat(1)'),
    );
    // What the sum leaves is written anew: what goes in it goes before.
    assert.equal(
      await after(inModel('output (image -> Conv2d(3, 1) -> <|>ReLU) + image <|>+ (image -> Tanh)'), (marks) => ({
        kind: 'delete',
        nodes: [marks.at(1), marks.at(0)],
      })),
      inModel('output (image -> Conv2d(3, 1)) + image'),
    );
    assert.equal(
      await after(inModel('output image + image <|>+ image -> ReLU'), gone()),
      inModel('output image + image -> ReLU'),
    );
  });

  it('leaves the first operand of a sum, and takes what only the others needed', async () => {
    const text = inModel(
      'width = 8',
      '# Beside it.',
      'side = image -> Conv2d(width, 1)',
      'main = image -> Conv2d(8, 1)',
      'output main <|>+ side -> ReLU',
    );
    assert.equal(
      await after(text, gone()),
      inModel('# Beside it.', 'main = image -> Conv2d(8, 1)', 'output main -> ReLU'),
    );
    assert.equal(
      await after(inModel('output (image -> Conv2d(3, 1)) <|>+ image -> ReLU'), gone()),
      inModel('output image -> Conv2d(3, 1) -> ReLU'),
    );
    assert.equal(await after(inModel('output (image <|>+ 1) * image'), gone()), inModel('output image * image'));
    assert.equal(await after(inModel('output (1 <|>- image) * image'), gone()), inModel('output image * image'));
  });

  it('leaves the first of what is joined', async () => {
    assert.equal(
      await after(inModel('a = image -> ReLU', 'output (image, a) -> <|>Concat(1) -> Flatten'), gone()),
      inModel('output image -> Flatten'),
    );
    assert.equal(
      await after(
        inModel('output image -> [a: Conv2d(8, 1), ReLU -> Conv2d(8, 1)] -> <|>Concat(1) -> Flatten'),
        gone(),
      ),
      inModel('output image -> a: Conv2d(8, 1) -> Flatten'),
    );
    assert.equal(
      await after(inModel('output image -> [Identity, ReLU] -> <|>Concat(1) -> Flatten'), gone()),
      inModel('output image -> Flatten'),
    );
  });

  it('makes a repetition one shorter, or takes it as a whole', async () => {
    const text = inModel('output image -> body: <|>Conv2d(3, 1) * 3 -> Flatten');
    const { plan } = await planned({ 'main.scv': text }, gone(1));
    assert.deepEqual(plan, { kind: 'ask', uses: 3, files: 1, name: 'Conv2d' });
    assert.equal(await after(text, gone(1), 'here'), inModel('output image -> body: Conv2d(3, 1) * 2 -> Flatten'));
    assert.equal(await after(text, gone(1), 'all'), inModel('output image -> Flatten'));
    const bare = inModel('output image -> (ReLU -> <|>Conv2d(3, 1) * 2) -> Flatten');
    assert.equal(await after(bare, gone(1), 'here'), inModel('output image -> (ReLU -> Conv2d(3, 1)) -> Flatten'));
  });

  it('takes inputs and outputs that nothing misses', async () => {
    const text = `model M {\n  input image: [N, 3, 32, 32], <|>mask: [N, 1]\n  output image\n}\n`;
    assert.equal(await after(text, gone()), `model M {\n  input image: [N, 3, 32, 32]\n  output image\n}\n`);
    assert.equal(
      await after(inModel('a = image -> ReLU', 'output image', 'output <|>b = a -> Sigmoid'), gone()),
      inModel('output image'),
    );
    assert.equal(
      await after(inModel('output <|>a = image -> ReLU', 'output b = a -> Sigmoid'), gone()),
      inModel('a = image -> ReLU', 'output b = a -> Sigmoid'),
    );
  });

  it('says why not', async () => {
    assert.match(await reason(`model M {\n  input <|>image: [N, 3]\n  output image\n}\n`), /used once/u);
    assert.match(await reason(inModel('output <|>image')), /only output/u);
    assert.match(await reason(inModel('weight <|>w: [3, 32, 32]', 'output image + w')), /take the place of w/u);
    assert.match(await reason(inModel('output image -> Chunk(3, dim=1) -> <|>Concat(1)')), /joins 3 tensors/u);
  });
});
