/**
 * What is seen of a model: unfolded it is the model graph, and folded it is that with boxes put together, whatever is
 * folded. Over the examples and programs by chance.
 */
import assert from 'node:assert/strict';
import { describeModel } from '../../../server/src/core/analysis/describeModel.ts';
import type { FileFacts } from '../../../server/src/core/analysis/analyse.ts';
import { atUsualSize } from '../../../server/src/core/analysis/summary.ts';
import { parametersOf, walk } from '../../../server/src/core/analysis/walk.ts';
import { constantValue } from '../../../server/src/core/dimension.ts';
import type { Instance, Node } from '../../../server/src/core/graph.ts';
import type { Tensor } from '../../../server/src/core/tensor.ts';
import type { ModelGraph } from '../../../server/src/core/view/modelGraph.ts';
import { UNFOLDED, type View, type ViewBox } from '../../../server/src/core/view/view.ts';
import { viewOf } from '../../../server/src/core/view/viewOf.ts';
import { samples } from '../../language/support.ts';
import { filesOf } from '../../oracle/programs/files.ts';
import { makeProgram } from '../../oracle/programs/generator.ts';
import { Random } from '../../random.ts';
import { SEED, caseCount } from '../../scale.ts';
import { analyseText } from '../texts.ts';

describe(`what is seen of a model (SCV_SEED=${SEED})`, function () {
  this.timeout(0);

  it('is the model graph of each example, unfolded and folded by chance', () => {
    let models = 0;
    for (const { name, text } of samples('examples')) {
      for (const graph of graphsOf(analyseText(withImports(text)).facts)) {
        check(graph, new Random(SEED, name), name);
        models += 1;
      }
    }
    assert.ok(models >= 35, `${models} models`);
  });

  it('is the model graph of programs by chance', () => {
    let models = 0;
    for (let i = 0; i < caseCount(150, 5000, 40); i++) {
      const text = makeProgram(SEED + i);
      for (const graph of graphsOf(analyseText(filesOf(text)).facts)) {
        check(graph, new Random(SEED + i, 'folding'), `program ${SEED + i}\n${text}`);
        models += 1;
      }
    }
    assert.ok(models > 30);
  });

  it('begins with few boxes, and a repetition as one', () => {
    const text = `block Unit(width: int) {
  input x
  output (x -> Conv2d(width, 3, padding=1) -> ReLU) + x
}
model Net {
  input image: [N, 8, 16, 16]
  output image -> stem: Conv2d(8, 3, padding=1) -> GELU * 30 -> (Unit(8) * 20 -> Sigmoid) -> head: (Flatten -> fc: Linear(10))
}`;
    const [graph] = graphsOf(analyseText(text).facts);
    const titles = (view: View): string[] =>
      view.boxes.map(
        ({ title, name, repeats, form }) => `${form} ${title}${name === undefined ? '' : ` ${name}`} ${repeats}`,
      );
    assert.deepEqual(titles(viewOf(graph!.graph)), [
      'input image 1',
      'card Conv2d stem 1',
      'card GELU 30',
      'card Unit 20',
      'card Sigmoid 1',
      'frame head 1',
      'output output 1',
    ]);
    assert.equal(viewOf(graph!.graph, UNFOLDED).boxes.length, 30 + 20 + 5);
    const stack = viewOf(graph!.graph).boxes.find(({ repeats }) => repeats === 30)!;
    const unrolled = viewOf(graph!.graph, { depth: 0, choices: new Map([[stack.stack!, true]]) });
    const turns = unrolled.boxes.filter((box) => box.stack === stack.stack);
    assert.deepEqual([turns.length, turns[0]!.title, turns[0]!.form], [30, 'GELU', 'card']);
  });

  it('leads from each use of a shared layer to its name there', () => {
    const text = `model Net {
  input left: [N, 8], right: [N, 8]
  layer body = (Linear(4) -> ReLU)
  layer head = Linear(2)
  output (left -> body) + (right -> body) -> head -> Unsqueeze(1)
}`;
    const [graph] = graphsOf(analyseText(text).facts);
    const { boxes, byId } = viewOf(graph!.graph, { depth: 0 });
    const shared = boxes.filter(({ node }) => node?.shared !== undefined);
    const statement = text.indexOf('output');
    const read = shared.map(({ title, name, node, place }) => {
      const { part, range } = place.at(-1)!;
      const { use, of } = node!.shared!;
      const written = text.slice(statement + range.start, statement + range.end);
      return `${title} ${name ?? ''} ${use} of ${of} at ${part}: ${written}, column ${range.start}`;
    });
    assert.deepEqual(read, [
      'body  1 of 2 at 3: body, column 16',
      'body  2 of 2 at 3: body, column 34',
      'Linear head 1 of 1 at 3: head, column 43',
    ]);
    assert.deepEqual(
      [...byId.values()].map(({ counts }) => counts.parameters).filter((count) => count !== undefined && count > 0),
      [36, 10],
    );
  });

  it('shows a mistake at its layer, in the card of a folded block too, and what hangs on it faintly', () => {
    const text = `block Unit {
  input x
  output x -> Conv2d(8, 3) -> MaxPool2d(99) -> ReLU
}
model Net {
  input image: [N, 8, 16, 16]
  output image -> Unit -> Sigmoid
}`;
    const { facts } = analyseText(text);
    const graph = describeModel(facts, facts.models[0]!);
    const folded = viewOf(graph, { depth: 0 });
    const unit = folded.boxes.find(({ title }) => title === 'Unit')!;
    assert.equal(unit.problem?.severity, 'error');
    const open = viewOf(graph, UNFOLDED);
    const found = [...open.byId.values()].map(
      ({ title, problem, isFaint }) => `${title} ${problem?.severity ?? ''}${isFaint === true ? 'faint' : ''}`,
    );
    assert.deepEqual(found, [
      'image ',
      'Conv2d ',
      'MaxPool2d error',
      'ReLU faint',
      'Unit error',
      'Sigmoid faint',
      'output faint',
    ]);
  });
});

interface Case {
  readonly graph: ModelGraph;
  readonly instance: Instance;
}

function graphsOf(facts: FileFacts): Case[] {
  return facts.models
    .filter((model) => model.problems.every(({ severity }) => severity !== 'error'))
    .map((model) => ({
      graph: describeModel(facts, model),
      instance: atUsualSize(facts.session, model).instance,
    }));
}

/** The examples import blocks by a path from their folder. */
function withImports(text: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'main.scv': text };
  for (const { name, text: other } of samples('examples')) files[name.replace(/^.*examples\//, '')] = other;
  return files;
}

function check({ graph, instance }: Case, random: Random, what: string): void {
  const isLarge = instance.size > 2000;
  // What crosses the wire is what was made.
  assert.deepEqual(JSON.parse(JSON.stringify(graph)), graph, what);
  if (isLarge) return;
  const open = viewOf(graph, UNFOLDED);
  checkUnfolded(open, instance, what);
  for (let i = 0; i < 4; i++) {
    const choices = new Map<string, boolean>();
    for (const { id, isFoldable, stack } of open.byId.values()) {
      if (isFoldable) choices.set(id, random.chance(0.6));
      if (stack !== undefined) choices.set(stack, random.chance(0.5));
    }
    checkFolded(viewOf(graph, { choices, depth: 0 }), open, what);
  }
  checkFolded(viewOf(graph), open, what);
}

/** Every leaf of the model graph in its order, and every tensor that one takes. */
function checkUnfolded(view: View, instance: Instance, what: string): void {
  const leaves = [...view.byId.values()].filter(({ form }) => form !== 'frame');
  const nodes = [...walk(instance)].filter(({ node }) => node.kind !== 'input' && node.kind !== 'number');
  const inner = leaves.filter(({ form }) => form !== 'input' && form !== 'output');
  assert.equal(inner.length, nodes.length, what);
  const parameters = nodes.map(({ node, isAgain }) => (isAgain ? 0 : Number(constantValue(parametersOf(node)) ?? -1)));
  assert.deepEqual(
    inner.map(({ counts }) => counts.parameters ?? -1),
    parameters.map((count) => count),
    what,
  );
  const wanted = [...arrivals(instance)].map(({ from, to }) => `${from} → ${to}`);
  const indices = new Map(leaves.map(({ id }, i) => [id, i]));
  // An output of the model stands last in the view, whatever it takes.
  const found = view.edges.map(
    ({ source, target }) => `${String(indices.get(source))} → ${String(indices.get(target))}`,
  );
  assert.deepEqual(found.toSorted(), wanted.toSorted(), what);
}

/** Which leaf each leaf's inputs come from, by the order of leaves: inputs, nodes, outputs. */
function* arrivals(root: Instance): Generator<{ readonly from: number; readonly to: number }> {
  let count = 0;
  const found: { from: number; to: number }[] = [];
  const run = (instance: Instance, inputs: readonly (number | undefined)[]): readonly (number | undefined)[] => {
    const made = new Map<Tensor, number | undefined>(instance.inputs.map(({ tensor }, i) => [tensor, inputs[i]]));
    const visit = (nodes: readonly Node[]): void => {
      for (const node of nodes) {
        if (node.kind === 'input' || node.kind === 'number') continue;
        const from = node.inputs.map((tensor) => made.get(tensor));
        if (node.kind === 'group') visit(node.nodes);
        else if (node.kind === 'block') {
          const out = run(node.instance, from);
          node.outputs.forEach((tensor, i) => made.set(tensor, out[i]));
        } else {
          const to = count++;
          for (const each of from) if (each !== undefined) found.push({ from: each, to });
          node.outputs.forEach((tensor) => made.set(tensor, to));
        }
      }
    };
    visit(instance.nodes);
    return instance.outputs.map(({ tensor }) => made.get(tensor));
  };
  const inputs = root.inputs.map(() => count++);
  for (const from of run(root, inputs)) {
    const to = count++;
    if (from !== undefined) found.push({ from, to });
  }
  yield* found;
}

/** A folded view is the unfolded one with the boxes of each card put together. */
function checkFolded(view: View, open: View, what: string): void {
  const cards = [...view.byId.values()].filter(({ form }) => form !== 'frame');
  const homes = new Map<string, string>();
  for (const box of open.byId.values()) {
    if (box.form === 'frame') continue;
    const home = cards.find((card) => holds(card, box, open));
    assert.ok(home !== undefined, `${box.id} is nowhere in\n${what}`);
    homes.set(box.id, home.id);
  }
  const key = (source: string, target: string): string => `${source} → ${target}`;
  const wanted = open.edges
    .map(({ source, target }) => [homes.get(source)!, homes.get(target)!] as const)
    .filter(([source, target]) => source !== target)
    .map(([source, target]) => [key(source, target), source, target] as const);
  const found = new Map(view.edges.map(({ source, target }) => [key(source, target), [source, target] as const]));
  // What a block gives on as it came seems to come from the block while that is folded.
  const blocks = cards.filter(({ isFoldable }) => isFoldable).map(({ id }) => id);
  const leads = (source: string, target: string, seen = new Set<string>()): boolean => {
    if (found.has(key(source, target))) return true;
    seen.add(source);
    const next = blocks.filter((block) => !seen.has(block) && found.has(key(source, block)));
    return next.some((block) => leads(block, target, seen));
  };
  for (const [each, source, target] of wanted) {
    assert.ok(leads(source, target), `${each} is missing in\n${what}`);
  }
  const keys = new Set(wanted.map(([each]) => each));
  for (const [each, [source, target]] of found) {
    // A folded block takes what its body doesn't use, too, and seems to make what it only gives on.
    const isBlock = [source, target].some((id) => blocks.includes(id));
    assert.ok(keys.has(each) || isBlock, `${each} is too much in\n${what}`);
  }
  const total = (boxes: readonly ViewBox[]): number =>
    boxes.reduce((sum, { counts }) => sum + (counts.parameters ?? 0), 0);
  assert.equal(total(cards), total([...open.byId.values()].filter(({ form }) => form !== 'frame')), what);
}

/** Whether a card stands for a box, which is it, in it, or in one of the equal ones that it stands for. */
function holds(card: ViewBox, box: ViewBox, open: View): boolean {
  if (box.id === card.id || box.id.startsWith(`${card.id}/`)) return true;
  for (let id = box.id; id !== ''; id = id.includes('/') ? id.slice(0, id.lastIndexOf('/')) : '') {
    const around = open.byId.get(id);
    if (around?.stack !== undefined && around.stack === card.id) return true;
  }
  return false;
}
