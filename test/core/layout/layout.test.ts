/** The layout, by what must be true of every picture and by what the pictures of known models must show. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { inColumns } from '../../../server/src/core/layout/columns.ts';
import type { Layout, LayoutGraph, LayoutOptions } from '../../../server/src/core/layout/graph.ts';
import { layOut } from '../../../server/src/core/layout/layOut.ts';
import { layOutLevel, placeAlone } from '../../../server/src/core/layout/layOutLevel.ts';
import type { Level } from '../../../server/src/core/layout/level.ts';
import { CARD, GAP } from '../../../server/src/core/layout/metrics.ts';
import { Random } from '../../random.ts';
import { SEED, caseCount, timeBox } from '../../scale.ts';
import { faultsOf } from './checks.ts';
import { graphOf, modelsOf } from './examples.ts';
import { GraphBuilder, denseNet, inception, randomFlat, randomTree, randomU, resNet, uNet } from './families.ts';

const FAMILIES: Readonly<Record<string, { make: (count: number) => LayoutGraph; options: LayoutOptions }>> = {
  ResNet: { make: resNet, options: {} },
  'U-Net as U': { make: uNet, options: {} },
  'U-Net downwards': { make: uNet, options: { uShape: false } },
  Inception: { make: inception, options: {} },
  DenseNet: { make: denseNet, options: {} },
};

function checked(graph: LayoutGraph, options: LayoutOptions = {}): Layout {
  const layout = layOut(graph, options);
  assert.deepEqual(faultsOf(graph, layout), []);
  return layout;
}

/** A second tensor's line ran down beside the axis, through a box there. */
const WRONG_ONCE = [198_914_398];

describe('the layout', () => {
  for (const [name, { make, options }] of Object.entries(FAMILIES)) {
    it(`of ${name} has no line through a box, no overlap, no diagonal, and draws every edge`, () => {
      for (const count of [20, 50, 300]) checked(make(count), options);
    });

    it(`of ${name} keeps every x when a card comes onto the main path, and moves what is below by one constant`, () => {
      const random = new Random(SEED, name);
      for (let i = 0; i < 20; i++) {
        const graph = make(300);
        const path = longestPath(graph);
        const at = random.int(0, path.length - 1);
        const before = layOut(graph, options);
        const after = checked(withCardOn(graph, path[at]!), options);
        const inserted = after.boxes.get('inserted')!;
        const below = fedBy(graph, graph.edges[path[at]!]!.target);
        const moves = new Map<number, number>();
        for (const [id, { x, y }] of before.boxes) {
          const now = after.boxes.get(id)!;
          assert.equal(
            now.x - after.boxes.get('port0')!.axis,
            x - before.boxes.get('port0')!.axis,
            `${id} moved across`,
          );
          const by = now.y - y;
          moves.set(by, (moves.get(by) ?? 0) + 1);
          // The way up of a U is beside the way down, and so are the branches of a fan.
          if (name === 'U-Net as U') continue;
          if (now.y < inserted.y) assert.equal(by, 0, `${id}, which is above, moved`);
          if (below.has(id)) assert.ok(by > 0, `${id}, which is below, didn't move`);
        }
        assert.ok(moves.size <= 2, `moves by ${[...moves.keys()].join(', ')}`);
      }
    });
  }

  it('of graphs by chance has none of these faults', function () {
    this.timeout(timeBox(60_000, 600_000) + 60_000);
    const end = Date.now() + timeBox(20_000, 600_000);
    const cases = caseCount(600, 100_000, 150);
    let made = 0;
    const check = (seed: number, isU: boolean): void => {
      const random = new Random(seed, 'layout');
      const graph = isU ? randomU(random) : randomTree(random, random.pick([3, 6, 12, 25, 60]));
      const options = { uShape: random.chance(0.8) };
      const faults = faultsOf(graph, layOut(graph, options));
      assert.deepEqual(faults, [], `SCV_SEED=${String(seed)} SCV_CASES=1`);
    };
    for (const seed of WRONG_ONCE) check(seed, false);
    for (let i = 0; i < cases && Date.now() < end; i++, made++) check(SEED + i, i % 5 === 4);
    assert.ok(made > 20, `only ${String(made)} graphs`);
    console.log(`      ${String(made)} graphs, seed ${String(SEED)}`);
  });

  it('of flat graphs by chance: how much a new card moves across', () => {
    const random = new Random(SEED, 'random flat');
    const graph = randomFlat(300, random);
    const before = layOut(graph);
    const after = checked(withCardOn(graph, random.pick(longestPath(graph))));
    const shift = after.boxes.get('port0')!.axis - before.boxes.get('port0')!.axis;
    const moved = [...before.boxes].filter(([id, { x }]) => after.boxes.get(id)!.x !== x + shift).length;
    console.log(`      ${String(moved)} of ${String(before.boxes.size)} changed x`);
    assert.ok(moved < before.boxes.size);
  });

  it('is the same whenever it is made', () => {
    for (let seed = 0; seed < 20; seed++) {
      const make = (): LayoutGraph => randomTree(new Random(seed, 'same'), 30);
      const { boxes, ...rest } = layOut(make());
      const again = layOut(make());
      assert.deepEqual([...again.boxes], [...boxes]);
      assert.deepEqual({ ...again, boxes: undefined }, { ...rest, boxes: undefined });
    }
  });

  it('refuses an edge between boxes that are not there', () => {
    const graph = { boxes: [], edges: [{ source: 'a', target: 'b', tensor: 'a' }] };
    assert.throws(() => layOut(graph), /'a', which is no box/);
  });

  it('of nothing is nothing', () => {
    const { width, height, boxes, lines } = layOut({ boxes: [], edges: [] });
    assert.deepEqual({ width, height, boxes: boxes.size, lines }, { width: 0, height: 0, boxes: 0, lines: [] });
  });
});

describe('the layout of the examples', () => {
  const files = globSync('examples/*.scv').sort();
  for (const file of files) {
    it(`${file}, folded, half and wholly unfolded`, () => {
      for (const { instance } of modelsOf(file)) {
        for (const depth of [0, 1, 2, Infinity]) {
          const graph = graphOf(instance, (_, at) => at < depth);
          const layout = checked(graph);
          checked(graph, { uShape: false });
          for (const count of [2, 3, 5, 'page'] as const)
            assert.deepEqual(faultsOf(graph, inColumns(layout, count)), [], `${String(count)} columns`);
        }
      }
    });
  }

  it('puts every box of a chain on one axis', () => {
    const { boxes } = layoutOf('examples/resnet50.scv', 0);
    assert.equal(new Set([...boxes.values()].map(({ axis }) => axis)).size, 1);
  });

  it("keeps ResNet's main path straight through its frames", () => {
    const layout = layoutOf('examples/resnet50.scv', Infinity);
    const beside = [...layout.boxes].filter(([, { axis }]) => axis !== layout.boxes.get('in image')!.axis);
    assert.ok(beside.length > 0);
    for (const [id] of beside) assert.match(id, /downsample/);
    const skips = layout.lines.filter(({ kind }) => kind === 'skip');
    assert.equal(skips.length, 12, 'an identity shortcut in each block but the first of its layer');
  });

  it("centres GoogLeNet's branches on the axis, in the order of the text", () => {
    const { boxes } = layoutOf('examples/googlenet.scv', 1);
    const input = boxes.get('in image')!;
    const branches = [...boxes].filter(([id]) => /inception3a\/\d+ branch/.test(id)).map(([, box]) => box);
    assert.equal(branches.length, 4);
    assert.deepEqual(
      branches,
      [...branches].sort((a, b) => a.x - b.x),
    );
    const right = branches.at(-1)!.x + branches.at(-1)!.width;
    assert.ok(Math.abs((branches[0]!.x + right) / 2 - input.axis) < 1);
    assert.equal(new Set(branches.map(({ y }) => y)).size, 1);
  });

  it('folds U-Net into a U with straight skips', () => {
    const { boxes, lines } = layoutOf('examples/unet.scv', 0);
    const skips = lines.filter(({ kind }) => kind === 'skip');
    assert.equal(skips.length, 4);
    for (const { points } of skips) assert.equal(points.length, 4);
    const inputs = boxes.get('in image')!;
    const [, output] = [...boxes].at(-1)!;
    assert.ok(output.y < inputs.y && output.x > inputs.x, 'the output is at the top right');
  });
});

describe('a layout', () => {
  it('draws equal edges as one, with their labels', () => {
    const builder = new GraphBuilder();
    const input = builder.input();
    const attention = builder.add('card', []);
    for (const label of ['q', 'k', 'v']) builder.edges.push({ source: input, target: attention, tensor: input, label });
    const { lines } = checked(builder.graph());
    assert.equal(lines.length, 1);
    assert.deepEqual(lines[0]!.edges, [0, 1, 2]);
    assert.equal(lines[0]!.label?.text, 'q, k, v');
  });

  it('draws a tensor that goes far once, and lets the nearer ones tap it', () => {
    const { lines } = checked(denseNet(10));
    const skips = lines.filter(({ kind }) => kind === 'skip');
    const taps = skips.filter(({ dots }) => dots.length > 0);
    assert.equal(skips.length - taps.length, 7, 'one rail for each source but the last');
    for (const { points, dots } of taps) {
      assert.deepEqual(dots, points.slice(0, 2));
      assert.equal(points.length, 4);
    }
  });

  it('lets a tensor enter a frame once, however often it is used inside', () => {
    const use = (id: string) => ({ id, ...CARD, role: 'node' as const });
    const graph: LayoutGraph = {
      boxes: [
        { id: 'in', ...CARD, role: 'input' },
        { id: 'frame', width: 0, height: 0, role: 'node', inside: ['a', 'b', 'c'].map(use) },
      ],
      edges: ['a', 'b', 'c'].map((target) => ({ source: 'in', target, tensor: 'x' })),
    };
    const { boxes, lines } = checked(graph);
    const frame = boxes.get('frame')!;
    assert.equal(lines.filter(({ points }) => points.at(-1) === frame.y).length, 1);
  });

  it('puts a constant right above its first use', () => {
    const builder = new GraphBuilder();
    const weight = builder.add('value', [], 'constant');
    const body = builder.chain(builder.input(), 5);
    const sum = builder.add('operator', [body, weight]);
    builder.output(builder.chain(sum, 3));
    const { boxes } = checked(builder.graph());
    assert.equal(boxes.get(body)!.axis, boxes.get(sum)!.axis);
    const gap = boxes.get(sum)!.y - (boxes.get(weight)!.y + boxes.get(weight)!.height);
    assert.equal(gap, GAP.row);
  });

  it('leaves on the main path what was on it before, where two ways are equally long', () => {
    const builder = new GraphBuilder();
    const input = builder.input();
    const first = builder.add('card', [input]);
    const second = builder.add('card', [input]);
    const last = builder.add('card', [first, second]);
    builder.output(builder.chain(last, 1));
    const graph = builder.graph();
    const longer = {
      boxes: graph.boxes,
      edges: [...graph.edges, { source: first, target: graph.boxes.at(-2)!.id, tensor: first }],
    };
    const axisOf = (preferred: readonly string[], id: string): number => {
      const { boxes } = checked(longer, { preferred: new Set(preferred) });
      return boxes.get(id)!.axis - boxes.get(input)!.axis;
    };
    assert.equal(axisOf([], first), 0);
    assert.equal(axisOf([second], second), 0);
    assert.notEqual(axisOf([second], first), 0);
  });

  it('in columns is as high as the highest of them, and its line goes on in the next', () => {
    const builder = new GraphBuilder();
    builder.output(builder.chain(builder.input(), 40));
    const graph = builder.graph();
    const whole = layOut(graph);
    const columns = inColumns(whole, 3);
    assert.deepEqual(faultsOf(graph, columns), []);
    assert.ok(columns.height < whole.height / 3 + 2 * (CARD.height + GAP.row), String(columns.height));
    assert.equal(new Set([...columns.boxes.values()].map(({ axis }) => axis)).size, 3);
    assert.equal(columns.lines.filter(({ points }) => points.length > 4).length, 2);
    // A page is higher than it is wide, and that is how many columns there are then.
    const page = inColumns(whole, 'page');
    assert.ok(
      page.width < page.height && page.width > page.height / 2,
      `${String(page.width)} × ${String(page.height)}`,
    );
    assert.deepEqual(inColumns(layOut(uNet(30)), 3), layOut(uNet(30)), 'a U has no place to be cut');
  });

  it('of a card alone between ports is at once what all steps come to', () => {
    const item = { role: 'node', isPreferred: false } as const;
    const port = { ...item, width: 0, height: 0, axis: 0 };
    for (const { width, height } of [CARD, { width: 26, height: 26 }, { width: 190, height: 43 }]) {
      const level: Level = {
        items: [
          { ...port, kind: 'inPort' },
          { ...item, kind: 'leaf', width, height, axis: width / 2 },
          { ...port, kind: 'outPort' },
        ],
        edges: [
          { source: 0, target: 1, tensor: 0, label: undefined, ids: [3, 4] },
          { source: 1, target: 2, tensor: 1, label: undefined, ids: [7] },
        ],
        titleAtEntry: 0,
        titleAtExit: 0,
        gapBelowPorts: 0,
        gapAbovePorts: 0,
        depth: 2,
      };
      assert.deepEqual(placeAlone(level.items[1]!, level.edges[0]!, level.edges[1]!), layOutLevel(level));
    }
  });

  it('keeps the same distance between chained residuals', () => {
    const builder = new GraphBuilder();
    let last = builder.input();
    for (let i = 0; i < 3; i++) last = builder.add('operator', [builder.chain(last, 2), last]);
    builder.output(last);
    const { lines } = checked(builder.graph());
    const rails = lines
      .filter(({ kind }) => kind === 'skip')
      .map(({ points }) => Math.max(...points.filter((_, i) => i % 2 === 0)));
    assert.equal(rails.length, 3);
    assert.equal(new Set(rails).size, 1);
  });
});

function layoutOf(file: string, depth: number): Layout {
  return checked(graphOf(modelsOf(file)[0]!.instance, (_, at) => at < depth));
}

/** The edges of the longest way from the input to the output, by their numbers; of equal ones the first. */
function longestPath({ boxes, edges }: LayoutGraph): number[] {
  const length = new Map<string, number>();
  const by = new Map<string, number>();
  const incoming = new Map<string, number[]>();
  edges.forEach(({ target }, e) => incoming.set(target, [...(incoming.get(target) ?? []), e]));
  for (const { id } of boxes) {
    length.set(id, 0);
    for (const e of incoming.get(id) ?? []) {
      const through = length.get(edges[e]!.source)! + 1;
      if (through > length.get(id)!) {
        length.set(id, through);
        by.set(id, e);
      }
    }
  }
  const path: number[] = [];
  for (let id = boxes.at(-1)!.id; by.has(id); id = edges[by.get(id)!]!.source) path.push(by.get(id)!);
  return path.reverse();
}

/** The boxes that data flows to from this one, and it. */
function fedBy({ boxes, edges }: LayoutGraph, first: string): Set<string> {
  const found = new Set([first]);
  const outgoing = new Map<string, string[]>();
  for (const { source, target } of edges) outgoing.set(source, [...(outgoing.get(source) ?? []), target]);
  for (const { id } of boxes) if (found.has(id)) for (const target of outgoing.get(id) ?? []) found.add(target);
  return found;
}

function withCardOn({ boxes, edges }: LayoutGraph, at: number): LayoutGraph {
  const { target } = edges[at]!;
  const place = boxes.findIndex(({ id }) => id === target);
  const inserted = { id: 'inserted', ...CARD, role: 'node' as const };
  return {
    boxes: [...boxes.slice(0, place), inserted, ...boxes.slice(place)],
    edges: edges.flatMap((edge, e) =>
      e === at
        ? [
            { ...edge, target: 'inserted' },
            { source: 'inserted', target, tensor: 'inserted' },
          ]
        : [edge],
    ),
  };
}
