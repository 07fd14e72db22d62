/** What the server tells of graphs and their nodes. */
import assert from 'node:assert/strict';
import { LAYERS } from '../../server/src/core/layers/catalogue.ts';
import { UNFOLDED, type ViewBox } from '../../server/src/core/view/view.ts';
import { viewOf } from '../../server/src/core/view/viewOf.ts';
import { answerDescribeNode } from '../../server/src/language/graph/describeNode.ts';
import { answerGraph } from '../../server/src/language/graph/graph.ts';
import { answerPalette } from '../../server/src/language/graph/palette.ts';
import type { GraphResult } from '../../server/src/protocol/graph.ts';
import type { NodeDescription } from '../../server/src/protocol/describeNode.ts';
import { samples } from './support.ts';
import { workspace, type Workspace } from './services.ts';

const uri = 'file:///a.scv';

async function described(at: Workspace, answer: GraphResult, box: ViewBox): Promise<NodeDescription | undefined> {
  const params = { uri, version: answer.version, model: answer.model!, place: box.place };
  return (await answerDescribeNode(at.language, params)).node;
}

describe('the graph of a file', () => {
  it('is of the model that is asked for, else of the last one', async () => {
    const model = (name: string): string => `model ${name} { input x: [N, 3]\n output x -> Linear(3) }\n`;
    const { language } = await workspace({ 'a.scv': model('A') + model('B') });
    const answers = [undefined, 'A', 'Gone'].map((name) =>
      answerGraph(language, { uri, ...(name && { model: name }) }),
    );
    assert.deepEqual(
      (await Promise.all(answers)).map((answer) => [answer.model, answer.graph?.name, answer.models.join()]),
      [
        ['B', 'B', 'A,B'],
        ['A', 'A', 'A,B'],
        ['B', 'B', 'A,B'],
      ],
    );
  });

  it('tells where its definitions stand, in imported files too', async () => {
    const main = 'import { Wide } from "./b.scv"\n\nmodel A {\n  input x: [N, 3, 8, 8]\n  output x -> Wide(4)\n}\n';
    const block = '# A block.\nblock Wide(c: int) {\n  input x\n  output x -> Conv2d(c, 3)\n}\n';
    const at = await workspace({ 'a.scv': main, 'b.scv': block });
    const { definitions } = await answerGraph(at.language, { uri });
    assert.deepEqual(
      definitions.map((each) => {
        const text = at.open(each.uri.replace('file:///', '')).textDocument.getText();
        return [each.uri, ...[each.header, ...each.statements].map((start) => text.slice(start, start + 6))];
      }),
      [
        [uri, 'model ', 'input ', 'output'],
        ['file:///b.scv', 'block ', 'input ', 'output'],
      ],
    );
  });

  it('is none without a model, and says what can not be read', async () => {
    const none = await answerGraph((await workspace({ 'a.scv': '# nothing\n' })).language, { uri });
    assert.deepEqual([none.models, none.graph, none.problems], [[], undefined, []]);
    const broken = await workspace({ 'a.scv': 'model A {\n  input x: [N, 3]\n  output x -> \n}\n' });
    const { problems, model } = await answerGraph(broken.language, { uri });
    assert.equal(model, 'A');
    assert.match(problems[0] ?? '', /^line 3: /);
  });
});

describe('a node of the graph', function () {
  this.timeout(60_000);

  it('is described for every box of the examples, as the text’s hover describes it', async () => {
    let boxes = 0;
    for (const { name, text } of samples('examples').filter(({ text }) => !text.includes('import '))) {
      const at = await workspace({ 'a.scv': text });
      const answer = await answerGraph(at.language, { uri });
      if (answer.graph === undefined) continue;
      const seen = new Set<string>();
      for (const box of viewOf(answer.graph, UNFOLDED).byId.values()) {
        const last = box.place.at(-1)!;
        const key = `${last.definition} ${String(last.part)} ${String(last.range.start)}`;
        if (seen.has(key)) continue; // uses of one place are alike here
        seen.add(key);
        const node = await described(at, answer, box);
        assert.ok(node !== undefined, `${name}: ${box.id}`);
        if (box.node?.kind === 'layer') {
          assert.equal(node.title, box.node.title, `${name}: ${box.id}`);
          assert.ok(node.hover !== undefined, `${name}: ${box.id} has no hover`);
          assert.ok(node.outputs.length > 0);
        }
        for (const { name: parameter, written } of node.parameters) {
          if (written !== undefined) assert.ok(text.includes(written), `${name}: ${box.id}.${parameter} = ${written}`);
        }
        boxes += 1;
      }
    }
    assert.ok(boxes > 200, `${String(boxes)} boxes`);
  });

  it('has a form: what is written, what holds else, what is worked out, what one may choose', async () => {
    const text =
      'model A {\n  input x: [N, 3, 8, 8]\n  output x -> stem: Conv2d(4 + 4, (3, 1), padding_mode="zeros")\n}\n';
    const at = await workspace({ 'a.scv': text });
    const answer = await answerGraph(at.language, { uri });
    const box = viewOf(answer.graph!).byId.get('stem')!;
    const node = (await described(at, answer, box))!;
    const form = Object.fromEntries(node.parameters.map((each) => [each.name, each]));
    assert.equal(node.label, 'stem');
    assert.equal(form.out_channels?.written, '4 + 4');
    assert.equal(form.kernel_size?.written, '(3, 1)');
    assert.equal(form.stride?.written, undefined);
    assert.equal(form.stride?.standard, '1');
    assert.equal(form.in_channels?.inferred, '3');
    assert.deepEqual(form.bias?.choices, ['True', 'False']);
    assert.ok(form.padding_mode?.choices?.includes('"zeros"'));
    assert.deepEqual(node.inputs, [{ shape: '[N, 3, 8, 8]' }]);
    assert.deepEqual(node.outputs, [{ shape: '[N, 8, 6, 8]' }]);
    assert.ok(node.formulas.some(({ of, text: formula }) => of === 'parameters' && formula.endsWith('= 80')));
  });

  it('is the model itself where there is no place', async () => {
    const text = 'model A {\n  author: "me"\n  input x: [N, 3]\n  output x -> Linear(3)\n  train { epochs: 5 }\n}\n';
    const at = await workspace({ 'a.scv': text });
    const { node } = await answerDescribeNode(at.language, { uri, version: 0, model: 'A', place: [] });
    assert.equal(node?.metadata?.find(({ name }) => name === 'author')?.written, '"me"');
    assert.equal(node.train?.find(({ name }) => name === 'epochs')?.written, '5');
  });

  it('is none where nothing stands', async () => {
    const at = await workspace({ 'a.scv': 'model A {\n  input x: [N, 3]\n  output x -> Linear(3)\n}\n' });
    const place = [{ definition: `${uri}#A`, part: 7, range: { start: 0, end: 3 }, turns: [] }];
    assert.deepEqual(await answerDescribeNode(at.language, { uri, version: 0, model: 'A', place }), {});
  });
});

describe('the palette', () => {
  it('has every layer once, by family, and the blocks of all files', async () => {
    const at = await workspace({
      'a.scv': 'block Own(c: int) {\n  input x\n  output x -> Linear(c)\n}\n',
      'b.scv':
        '# Wider.\nblock Wide(c: int) {\n  input x\n  output x -> Linear(2 * c)\n}\nmodel No {\n  input x: [N, 3]\n  output x -> Linear(3)\n}\n',
    });
    const groups = await answerPalette(at.language, { uri });
    assert.deepEqual(groups[0], { title: 'Blocks of this file', pieces: [{ name: 'Own', file: uri }] });
    assert.deepEqual(groups.at(-1), {
      title: 'b.scv',
      pieces: [{ name: 'Wide', file: 'file:///b.scv', summary: 'Wider.' }],
    });
    const layers = groups.flatMap(({ pieces }) => pieces.filter(({ file }) => file === undefined));
    assert.deepEqual(layers.map(({ name }) => name).sort(), LAYERS.map(({ name }) => name).sort());
  });
});
