/** What belongs to a model as a whole: inputs, metadata, its train section, and a new one. */
import assert from 'node:assert/strict';
import type { GraphEdit } from '../../../server/src/core/edits/edit.ts';
import { type Marks, after, inModel, planned } from './marking.ts';

const M = 'file:///main.scv#M';

async function reason(text: string, make: (marks: Marks) => GraphEdit): Promise<string> {
  const { plan } = await planned({ 'main.scv': text }, make);
  assert.equal(plan.kind, 'refused', JSON.stringify(plan));
  return plan.reason;
}

const property = (kind: 'setMetadata' | 'setTrain', key: string, value?: string) => (): GraphEdit => ({
  kind,
  model: M,
  key,
  ...(value === undefined ? {} : { value }),
});

describe('inputs in the graph', () => {
  const text =
    `model M {\n  input <|>image: [N, 3, 32, 32]  # RGB\n  output image -> Conv2d(image.channels, 1) + 1\n}\n`.replace(
      ' + 1',
      '',
    );
  it('are renamed with all that uses them, and get other shapes', async () => {
    assert.equal(
      await after(text, (marks) => ({ kind: 'setInput', node: marks.at(0), name: 'x', shape: '[N, 1, H, W]' })),
      `model M {\n  input x: [N, 1, H, W]  # RGB\n  output x -> Conv2d(x.channels, 1)\n}\n`,
    );
  });

  it('are added', async () => {
    assert.equal(
      await after(text, () => ({ kind: 'addInput', definition: M, name: 'mask', shape: '[N, 1]' })),
      text.replace('<|>', '').replace('32]  #', '32], mask: [N, 1]  #'),
    );
  });

  it('say why not', async () => {
    assert.match(await reason(text, () => ({ kind: 'addInput', definition: M, name: 'mask' })), /needs a shape/u);
    assert.match(
      await reason(text, () => ({ kind: 'addInput', definition: M, name: 'image', shape: '[N]' })),
      /name of something else/u,
    );
    assert.match(
      await reason(text, () => ({ kind: 'addInput', definition: M, name: 'm', shape: 'N, 3' })),
      /list of sizes/u,
    );
    assert.match(
      await reason(text, () => ({ kind: 'addInput', definition: M, name: 'a b', shape: '[N]' })),
      /can't be a name/u,
    );
  });
});

describe('metadata in the graph', () => {
  it('is added, changed and removed', async () => {
    const text = inModel('output image');
    assert.equal(
      await after(text, property('setMetadata', 'author', '"Me"')),
      `model M {\n  author: "Me"\n  input image: [N, 3, 32, 32]\n  output image\n}\n`,
    );
    const known = `model M {\n  author: "Me"  # who\n  input image: [N, 3, 32, 32]\n  output image\n}\n`;
    assert.equal(await after(known, property('setMetadata', 'author', '"You"')), known.replace('Me', 'You'));
    assert.equal(
      await after(known, property('setMetadata', 'tags', '[small]')),
      known.replace('# who\n', '# who\n  tags: [small]\n'),
    );
    assert.equal(await after(known.replace('  # who', ''), property('setMetadata', 'author')), text);
    assert.match(await reason(text, property('setMetadata', 'author', '"Me')), /can't be read/u);
    assert.match(await reason(text, property('setMetadata', 'author')), /no author/u);
  });
});

describe('the train section in the graph', () => {
  it('is made with its first property and goes with the last', async () => {
    const text = inModel('output image');
    const made = inModel('output image', 'train {', '  epochs: 5', '}');
    assert.equal(await after(text, property('setTrain', 'epochs', '5')), made);
    assert.equal(await after(made, property('setTrain', 'epochs')), text);
    assert.equal(await after(made, property('setTrain', 'epochs', '6')), made.replace('5', '6'));
    assert.equal(
      await after(made, property('setTrain', 'target', 'input')),
      inModel('output image', 'train {', '  epochs: 5', '  target: input', '}'),
    );
    assert.equal(
      await after(
        inModel('output image', 'train {', '  epochs: 5', '  target: input', '}'),
        property('setTrain', 'epochs'),
      ),
      inModel('output image', 'train {', '  target: input', '}'),
    );
  });

  it('says why not', async () => {
    assert.match(await reason(inModel('output image'), property('setTrain', 'optimizer', 'Adamm')), /Adamm/u);
  });
});

describe('createModel in the graph', () => {
  const create = (): GraphEdit => ({
    kind: 'createModel',
    file: 'file:///main.scv',
    name: 'Net',
    input: 'image',
    shape: '[N, 3, 32, 32]',
    output: 'logits',
  });
  it('begins an empty file, and goes on in another', async () => {
    const made = `model Net {\n  input image: [N, 3, 32, 32]\n  output logits = image\n}\n`;
    assert.equal(await after('', create), made);
    assert.equal(await after('# Mine.\n', create), `# Mine.\n\n${made}`);
    assert.equal(await after(inModel('output image'), create), `${inModel('output image')}\n${made}`);
    assert.match(await reason(made, create), /There is a Net/u);
  });
});
