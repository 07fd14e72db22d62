/** Graphs of the shapes that vision models have, flat, of about as many boxes as asked for; and graphs by chance. */
import type { LayoutBox, LayoutEdge, LayoutGraph } from '../../../server/src/core/layout/graph.ts';
import { CARD, OPERATOR, PILL, PORT, VALUE } from '../../../server/src/core/layout/metrics.ts';
import type { Random } from '../../random.ts';

const SIZES = { card: CARD, operator: OPERATOR, concat: PILL, port: PORT, value: VALUE } as const;

/** Boxes and edges, one after the other, as a model is written. */
export class GraphBuilder {
  readonly boxes: LayoutBox[] = [];
  readonly edges: LayoutEdge[] = [];

  add(kind: keyof typeof SIZES, from: readonly string[], role: LayoutBox['role'] = 'node'): string {
    const id = `${kind}${String(this.boxes.length)}`;
    this.boxes.push({ id, ...SIZES[kind], role });
    for (const source of from) this.edges.push({ source, target: id, tensor: source });
    return id;
  }

  input(): string {
    return this.add('port', [], 'input');
  }

  output(from: string): string {
    return this.add('port', [from], 'output');
  }

  chain(from: string, length: number): string {
    let last = from;
    for (let i = 0; i < length; i++) last = this.add('card', [last]);
    return last;
  }

  graph(): LayoutGraph {
    return { boxes: this.boxes, edges: this.edges };
  }
}

/** Bottlenecks: every fourth has a projection beside it, the others pass what comes in. */
export function resNet(count: number): LayoutGraph {
  const builder = new GraphBuilder();
  let last = builder.chain(builder.input(), 4);
  for (let block = 0; builder.boxes.length < count - 10; block++) {
    const inside = builder.chain(last, 8);
    const shortcut = block % 4 === 0 ? builder.chain(last, 2) : last;
    last = builder.chain(builder.add('operator', [inside, shortcut]), 1);
  }
  builder.output(builder.chain(last, 2));
  return builder.graph();
}

/** Half the boxes on the way down, each passed to its like on the way up. */
export function uNet(count: number): LayoutGraph {
  const builder = new GraphBuilder();
  let last = builder.input();
  const skips: string[] = [];
  for (let i = 0; i < Math.floor((count - 3) / 2); i++) skips.push((last = builder.chain(last, 1)));
  last = builder.chain(last, 1);
  for (const skip of skips.reverse()) last = builder.add('card', [last, skip]);
  builder.output(last);
  return builder.graph();
}

/** Four branches of one to three layers, and a concat. */
export function inception(count: number): LayoutGraph {
  const builder = new GraphBuilder();
  let last = builder.chain(builder.input(), 3);
  while (builder.boxes.length < count - 12) {
    const branches = [1, 2, 3, 2].map((length) => builder.chain(last, length));
    last = builder.add('concat', branches);
  }
  builder.output(builder.chain(last, 1));
  return builder.graph();
}

/** Blocks of 32 layers, each fed by all before it in its block. */
export function denseNet(count: number): LayoutGraph {
  const builder = new GraphBuilder();
  let last = builder.input();
  while (builder.boxes.length < count - 2) {
    const before = [last];
    for (let i = 0; i < 32 && builder.boxes.length < count - 2; i++) before.push(builder.add('card', before));
    last = builder.add('concat', before);
  }
  builder.output(last);
  return builder.graph();
}

/** Mostly a chain; a few edges from anywhere before. */
export function randomFlat(count: number, random: Random): LayoutGraph {
  const builder = new GraphBuilder();
  const ids = [builder.input()];
  while (builder.boxes.length < count - 1) {
    const from = new Set<string>([random.chance(0.9) ? ids.at(-1)! : random.pick(ids)]);
    if (random.chance(0.27)) from.add(random.pick(ids));
    ids.push(builder.add('card', [...from]));
  }
  builder.output(ids.at(-1)!);
  return builder.graph();
}

/** Anything at all: frames in frames, several inputs and outputs, constants, dead ends, several tensors of one box. */
export function randomTree(random: Random, count: number): LayoutGraph {
  const locality = random.pick([2, 5, 20, 1000]);
  const extra = random.pick([0, 0.1, 0.3, 0.8, 2]);
  const sources: { id: string; tensors: number }[] = [];
  const edges: LayoutEdge[] = [];
  let made = 0;
  const leaf = (role: LayoutBox['role']): LayoutBox => {
    const size =
      SIZES[
        role === 'input' || role === 'output'
          ? 'port'
          : role === 'constant'
            ? 'value'
            : random.pick(['card', 'card', 'card', 'operator', 'concat'] as const)
      ];
    const id = `b${String(made++)}`;
    if (role !== 'input' && role !== 'constant' && sources.length > 0 && !random.chance(0.03)) {
      let inputs = 1;
      while (inputs < 6 && random.chance(extra / (1 + extra))) inputs += 1;
      for (let i = 0; i < inputs; i++) {
        const near = Math.min(sources.length, 1 + Math.floor(random.next() * random.next() * locality));
        const source = sources.at(-near)!;
        edges.push({
          source: source.id,
          target: id,
          tensor: `${source.id}:${String(random.int(0, source.tensors - 1))}`,
          ...(random.chance(0.1) && { label: random.pick(['q', 'k', 'v', 'mask']) }),
        });
      }
    }
    if (role !== 'output') sources.push({ id, tensors: random.chance(0.1) ? random.int(2, 3) : 1 });
    return { id, ...size, role };
  };
  const level = (size: number, depth: number): LayoutBox[] => {
    const boxes: LayoutBox[] = [];
    for (let left = size; left > 0;) {
      if (depth < 5 && random.chance(0.15)) {
        const inside = random.int(0, left);
        boxes.push({ id: `f${String(made++)}`, width: 0, height: 0, role: 'node', inside: level(inside, depth + 1) });
        left -= Math.max(inside, 1);
      } else {
        boxes.push(leaf(random.chance(0.06) ? 'constant' : 'node'));
        left -= 1;
      }
    }
    return boxes;
  };
  const inputs = Array.from({ length: random.pick([1, 1, 1, 2, 3, 0]) }, () => leaf('input'));
  const inside = level(count, 0);
  const outputs = Array.from({ length: random.pick([1, 1, 1, 2, 3, 0]) }, () => leaf('output'));
  return { boxes: [...inputs, ...inside, ...outputs], edges };
}

/** A path with nested skips, some of its boxes open frames with anything inside. */
export function randomU(random: Random): LayoutGraph {
  const skips = random.int(3, 6);
  const boxes: LayoutBox[] = [];
  const edges: LayoutEdge[] = [];
  const downEnds: string[] = [];
  let made = 0;
  let last: string | undefined;
  const connect = (source: string, target: string): void => {
    edges.push({ source, target, tensor: source });
  };
  const card = (): LayoutBox => ({
    id: `b${String(made++)}`,
    ...random.pick([SIZES.card, SIZES.card, SIZES.operator]),
    role: 'node',
  });
  /** A card, or a frame with a chain inside, perhaps with a branch; a skip enters it at one of its boxes. */
  const step = (skip: string | undefined, depth = 0): LayoutBox => {
    if (random.chance(0.5) || depth > 2) {
      const box = card();
      if (last !== undefined) connect(last, box.id);
      if (skip !== undefined) connect(skip, box.id);
      last = box.id;
      return box;
    }
    const inside: LayoutBox[] = [];
    const length = random.int(1, 3);
    const joins = random.int(0, length - 1);
    for (let i = 0; i < length; i++) {
      const before = last;
      inside.push(step(i === joins ? skip : undefined, depth + 1));
      if (random.chance(0.2) && before !== undefined) {
        const branch = card();
        const join = card();
        connect(before, branch.id);
        connect(branch.id, join.id);
        connect(last!, join.id);
        inside.push(branch, join);
        last = join.id;
      }
    }
    return { id: `f${String(made++)}`, width: 0, height: 0, role: 'node', inside };
  };
  const input: LayoutBox = { id: 'in', ...SIZES.port, role: 'input' };
  boxes.push(input);
  last = input.id;
  for (let i = 0; i < skips; i++) {
    for (let k = random.int(0, 2); k >= 0; k--) boxes.push(step(undefined));
    downEnds.push(last);
  }
  for (let k = random.int(0, 2); k >= 0; k--) boxes.push(step(undefined));
  for (const end of downEnds.reverse()) {
    boxes.push(step(end));
    for (let k = random.int(0, 1); k > 0; k--) boxes.push(step(undefined));
  }
  boxes.push({ id: 'out', ...SIZES.port, role: 'output' });
  connect(last, 'out');
  return { boxes, edges };
}
