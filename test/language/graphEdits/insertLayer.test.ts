import assert from 'node:assert/strict';
import type { GraphEdit, Where } from '../../../server/src/core/edits/edit.ts';
import { type Marks, after, edited, inModel, planned } from './marking.ts';

const RELU = { name: 'ReLU' };

function put(where: (marks: Marks) => Where, piece = RELU as { name: string; file?: string; arguments?: string }) {
  return (marks: Marks): GraphEdit => ({ kind: 'insertLayer', piece, where: where(marks) });
}
const behind =
  (mark = 0, ...turns: number[]) =>
  (marks: Marks): Where => ({ kind: 'after', node: marks.at(mark, ...turns) });
const before =
  (mark = 0, ...turns: number[]) =>
  (marks: Marks): Where => ({ kind: 'before', node: marks.at(mark, ...turns) });
const between =
  (from: number, to: number, input = 0) =>
  (marks: Marks): Where => ({
    kind: 'edge',
    edge: { from: { node: marks.at(from), output: 0 }, to: { node: marks.at(to), input } },
  });

describe('insertLayer in the graph', () => {
  it('goes behind a layer of a chain on one line', async () => {
    const text = inModel('output image -> <|>Conv2d(8, 3) -> Flatten -> Linear(10)');
    assert.equal(
      await after(text, put(behind())),
      inModel('output image -> Conv2d(8, 3) -> ReLU -> Flatten -> Linear(10)'),
    );
  });

  it('takes a line of its own where each stage has one, behind the comment there', async () => {
    const text = inModel(
      'output y = image',
      '  -> <|>Conv2d(8, 3)  # wide',
      '  # now flat',
      '  -> Flatten',
      '  -> Linear(10)',
    );
    assert.equal(
      await after(text, put(behind())),
      inModel(
        'output y = image',
        '  -> Conv2d(8, 3)  # wide',
        '  -> ReLU',
        '  # now flat',
        '  -> Flatten',
        '  -> Linear(10)',
      ),
    );
  });

  it('goes on one edge alone', async () => {
    const text = inModel('a = image -> <|>Conv2d(3, 1)', 'b = a -> <|>ReLU', 'output a <|>+ b');
    assert.equal(
      await after(text, put(between(0, 2), { name: 'Sigmoid' })),
      inModel('a = image -> Conv2d(3, 1)', 'b = a -> ReLU', 'output (a -> Sigmoid) + b'),
    );
    assert.equal(
      await after(text, put(between(0, 1), { name: 'Sigmoid' })),
      inModel('a = image -> Conv2d(3, 1)', 'b = a -> Sigmoid -> ReLU', 'output a + b'),
    );
  });

  it('goes behind an operator, before the chain that begins there', async () => {
    const text = inModel('a = image -> Conv2d(3, 1)', 'output a <|>+ image -> Flatten');
    assert.equal(
      await after(text, put(behind())),
      inModel('a = image -> Conv2d(3, 1)', 'output a + image -> ReLU -> Flatten'),
    );
    const inner = inModel('output (image <|>+ 1) * 2');
    assert.equal(await after(inner, put(behind())), inModel('output (image + 1 -> ReLU) * 2'));
  });

  it('goes behind an input that several take by a new name', async () => {
    const text = `model M {\n  input <|>image: [N, 3, 32, 32]\n  a = image -> Conv2d(3, 1)\n  output a + image\n}\n`;
    assert.equal(
      await after(text, put(behind())),
      `model M {\n  input image: [N, 3, 32, 32]\n  image_2 = image -> ReLU\n  a = image_2 -> Conv2d(3, 1)\n  output a + image_2\n}\n`,
    );
    const once = `model M {\n  input <|>image: [N, 3, 32, 32]\n  output image -> Flatten\n}\n`;
    assert.equal(
      await after(once, put(behind())),
      `model M {\n  input image: [N, 3, 32, 32]\n  output image -> ReLU -> Flatten\n}\n`,
    );
  });

  it('goes before an output', async () => {
    const text = inModel('output <|>image');
    assert.equal(await after(text, put(before())), inModel('output image -> ReLU'));
    const named = inModel('output <|>y = image -> Conv2d(3, 1)');
    assert.equal(await after(named, put(before())), inModel('output y = image -> Conv2d(3, 1) -> ReLU'));
  });

  it('goes before a group that the edge comes into from outside, into the branch that it leads to', async () => {
    const text = inModel('output image -> <|>Sigmoid -> head: (<|>Conv2d(8, 1) -> BatchNorm2d)');
    assert.equal(
      await after(text, put(between(0, 1))),
      inModel('output image -> Sigmoid -> ReLU -> head: (Conv2d(8, 1) -> BatchNorm2d)'),
    );
    const branches = inModel('output image -> <|>Sigmoid -> [a: <|>Conv2d(8, 1), b: Conv2d(8, 1)] -> <|>Concat(1)');
    assert.equal(
      await after(branches, put(between(0, 1))),
      inModel('output image -> Sigmoid -> [ReLU -> a: Conv2d(8, 1), b: Conv2d(8, 1)] -> Concat(1)'),
    );
    assert.equal(
      await after(branches, put(between(1, 2, 1))),
      inModel('output image -> Sigmoid -> [a: Conv2d(8, 1), b: Conv2d(8, 1) -> ReLU] -> Concat(1)'),
    );
  });

  it('asks about a turn of a repetition, and splits it for one', async () => {
    const text = inModel('output image -> body: <|>Conv2d(3, 1) * 4 -> Flatten');
    const { plan } = await planned({ 'main.scv': text }, put(behind(0, 1)));
    assert.deepEqual(plan, { kind: 'ask', uses: 4, files: 1, name: 'Conv2d' });
    assert.equal(
      await after(text, put(behind(0, 1)), 'all'),
      inModel('output image -> body: (Conv2d(3, 1) -> ReLU) * 4 -> Flatten'),
    );
    assert.equal(
      await after(text, put(behind(0, 1)), 'here'),
      inModel('output image -> body: (Conv2d(3, 1) -> Conv2d(3, 1) -> ReLU -> Conv2d(3, 1) * 2) -> Flatten'),
    );
  });

  it('takes a turn out of a loop', async () => {
    const text = inModel('output image -> for i in 0..4 { unit{i}: <|>Conv2d(3, 2 * i + 1, padding=i) } -> Flatten');
    assert.equal(
      await after(text, put(behind(0, 2)), 'here'),
      inModel(
        'output image',
        '  -> for i in 0..2 { unit{i}: Conv2d(3, 2 * i + 1, padding=i) }',
        '  -> unit2: Conv2d(3, 2 * 2 + 1, padding=2) -> ReLU',
        '  -> unit3: Conv2d(3, 2 * 3 + 1, padding=3) -> Flatten',
      ),
    );
  });

  it('means one turn of a loop in a loop, where the edge leads on into a block', async () => {
    const text = inModel('output image -> for a in 0..2 { for b in 0..2 { Outer } }').concat(
      'block Outer {\n  input x\n  output x -> (Inner -> Tanh)\n}\n\nblock Inner {\n  input x\n  output x -> ReLU\n}\n',
    );
    const marked = text
      .replace('{ Outer }', '{ <|>Outer }')
      .replace('Inner -> Tanh', '<|>Inner -> <|>Tanh')
      .replace('-> ReLU', '-> <|>ReLU');
    const done = await after(
      marked,
      (marks) => ({
        kind: 'insertLayer',
        piece: { name: 'Dropout' },
        where: {
          kind: 'edge',
          edge: {
            from: { node: marks.in([0, 0, 1], 2), output: 0 },
            to: { node: marks.in([0, 1, 0], 1, 3), input: 0 },
          },
        },
      }),
      'here',
    );
    assert.match(done ?? '', /Outer2 -> Outer\b|Outer2 -> for b in 1\.\.2/u);
    assert.equal(done?.match(/Outer2/gu)?.length, 2, done);
  });

  it('copies a block for one of its uses, and the block in it', async () => {
    const library = `# Two of them.\nblock Pair(c) {\n  input x\n  output x -> <|>Unit(c) -> Unit(c)\n}\n\nblock Unit(c) {\n  input x\n  output x -> <|>Conv2d(c, 1)  # narrow\n}\n`;
    const files = {
      'main.scv': `import { Pair } from "./lib.scv"\n\n${inModel('output image -> a: <|>Pair(3) -> <|>Pair(3)')}`,
      'lib.scv': library,
    };
    const make = put((marks) => ({ kind: 'after', node: marks.in(1, 2, 3) }));
    const { plan } = await planned(files, make);
    assert.deepEqual(plan, { kind: 'ask', uses: 4, files: 1, name: 'Unit' });
    const plain = library.replaceAll('<|>', '');
    assert.deepEqual(await edited(files, make, 'all'), {
      'lib.scv': plain.replace('Conv2d(c, 1)', 'Conv2d(c, 1) -> ReLU'),
    });
    assert.deepEqual(await edited(files, make, 'here'), {
      'main.scv': `import { Pair, Pair2 } from "./lib.scv"\n\n${inModel('output image -> a: Pair(3) -> pair: Pair2(3)')}`,
      'lib.scv':
        plain.replace(
          '\n\nblock Unit',
          `\n\n# Two of them.\nblock Pair2(c) {\n  input x\n  output x -> Unit2(c) -> Unit(c)\n}\n\nblock Unit`,
        ) + `\nblock Unit2(c) {\n  input x\n  output x -> Conv2d(c, 1) -> ReLU  # narrow\n}\n`,
    });
  });

  it('copies a block that is called otherwise where it is used', async () => {
    const files = {
      'main.scv': `import { Unit as Zelle } from "./lib.scv"\n\n${inModel('output image -> <|>Zelle -> Zelle')}`,
      'lib.scv': `block Unit {\n  input x\n  output x -> <|>Conv2d(3, 1)\n}\n`,
    };
    const make = put((marks) => ({ kind: 'after', node: marks.in(0, 1) }));
    assert.deepEqual(await edited(files, make, 'here'), {
      'main.scv': `import { Unit as Zelle, Unit2 } from "./lib.scv"\n\n${inModel('output image -> zelle: Unit2 -> Zelle')}`,
      'lib.scv': `block Unit {\n  input x\n  output x -> Conv2d(3, 1)\n}\n\nblock Unit2 {\n  input x\n  output x -> Conv2d(3, 1) -> ReLU\n}\n`,
    });
  });

  it('gives what must be given, so that sizes stay', async () => {
    const text = inModel('output image -> <|>Conv2d(8, 3) -> Flatten -> Linear(10)');
    const added = async (name: string): Promise<string | undefined> => {
      const text2 = await after(text, put(behind(), { name }));
      return /Conv2d\(8, 3\) -> (.*) -> Flatten/u.exec(text2!)?.[1];
    };
    assert.equal(await added('Conv2d'), 'Conv2d(8, 3, padding=1)');
    assert.equal(await added('MaxPool2d'), 'MaxPool2d(3, stride=1, padding=1)');
    assert.equal(await added('BatchNorm2d'), 'BatchNorm2d');
    assert.equal(await added('GroupNorm'), 'GroupNorm(2)');
  });

  it('imports a block that is elsewhere', async () => {
    const files = {
      'main.scv': inModel('output image -> <|>Conv2d(8, 3)'),
      'blocks/unit.scv': `block Unit(c: int) {\n  input x\n  output x -> Conv2d(c, 1)\n}\n`,
    };
    const make = put(behind(), { name: 'Unit', file: 'file:///blocks/unit.scv' });
    assert.deepEqual(await edited(files, make), {
      'main.scv': `import { Unit } from "./blocks/unit.scv"\n\n${inModel('output image -> Conv2d(8, 3) -> Unit(8)')}`,
    });
  });

  it('says why not', async () => {
    const reason = async (text: string, make: (marks: Marks) => GraphEdit): Promise<string | undefined> => {
      const { plan } = await planned({ 'main.scv': text }, make);
      return plan.kind === 'refused' ? plan.reason : undefined;
    };
    const text = inModel('a, b = image -> <|>Chunk(3, dim=1)', 'output <|>a');
    assert.match((await reason(text, put(behind())))!, /Chunk gives 3 tensors/u);
    assert.match((await reason(inModel('output <|>image'), put(behind())))!, /before the output/u);
    assert.match((await reason(inModel('output <|>image'), put(before(), { name: 'Conv' })))!, /no layer called Conv/u);
    assert.match(
      (await reason(inModel('output <|>image'), put(before(), { name: 'Conv2d', arguments: '3 -> 4' })))!,
      /can't be read as arguments/u,
    );
    assert.match(
      (await reason(inModel('output <|>image'), put(before(), { name: 'Conv2d', arguments: 'width, 1' })))!,
      /width/u,
    );
  });
});
