import { type Component, findComponents, isStrip } from './components.ts';
import { type Item, type Level, type LevelEdge, type LevelLine, NO_DOTS, type PlacedLevel } from './level.ts';
import { findMainPath } from './mainPath.ts';
import { OPERATOR } from './metrics.ts';
import { Packing } from './packing.ts';
import { type Ranks, rankItems } from './ranks.ts';
import { drawLines } from './drawLines.ts';
import type { Column, Rail, RowGroup, Side, Strip } from './rowGroup.ts';
import { chooseRoutes } from './routing.ts';
import { placeRows } from './rows.ts';

/** Strips in strips, deeper than which all share their rows. */
const DEEPEST = 60;

/** A card alone between its ports, as most branches of a wide fan are: what {@link layOutLevel} comes to, at once. */
export function placeAlone({ width, height, axis }: Item, entering: LevelEdge, leaving: LevelEdge): PlacedLevel {
  const line = ({ ids }: LevelEdge, y: number, arrow: boolean): LevelLine => ({
    edges: ids,
    points: [0, y, 0, y],
    kind: 'flow',
    arrow,
    dots: NO_DOTS,
  });
  return {
    left: -axis,
    right: width - axis,
    height,
    x: new Float64Array(3),
    y: Float64Array.of(0, 0, height),
    lines: [line(entering, 0, true), line(leaving, height, false)],
    lastRow: height,
    lastGap: height,
  };
}

/** One level, from what stands in it to where it stands. */
export function layOutLevel(level: Level): PlacedLevel {
  const group = groupRows(level);
  const packing = new Packing(group);
  packing.packBesideMainPath();
  packing.placePins();
  packing.packColumns();
  const routes = chooseRoutes(group, packing);
  const rows = placeRows(group, routes);
  return drawLines(group, routes, rows);
}

function groupRows(level: Level): RowGroup {
  const ranks = rankItems(level);
  const mainPath = findMainPath(level, ranks);
  const main = new Int32Array(ranks.last + 1).fill(-1);
  for (const item of mainPath) main[ranks.rank[item]!] = item;
  const components = findComponents(level, ranks, mainPath);
  const sides = components.map((component) => sideOf(component, main));
  const isApart = stripsAmong(level, ranks, components, sides);

  const items: Item[] = [...level.items];
  const owner = Int32Array.from(items, (_, i) => i);
  const strips: Strip[] = [];
  const columns: Column[] = [];
  components.forEach((component, c) => {
    const side = sides[c]!;
    if (isApart[c] === 0) columns.push(...columnsOf(level, ranks, component, side));
    else strips.push(makeStrip(level, ranks, component, side, items, owner));
  });
  const edges = edgesBetween(level, owner);
  const x = new Float64Array(items.length);
  const group: RowGroup = {
    level,
    ranks,
    items,
    edges,
    mainPath,
    main,
    strips,
    rails: railsOf(edges, ranks, mainPath, main, items.length),
    columns,
    x,
  };
  pinPorts(group);
  return group;
}

/** Left where its text comes before that of the main path beside it. */
function sideOf({ items, above, fork, join, isFed }: Component, main: Int32Array): Side {
  if (!isFed || (fork < 0 && join < 0)) return 1;
  for (let r = above + 1; r < main.length; r++) {
    if (main[r]! >= 0) return items[0]! < main[r]! ? -1 : 1;
  }
  return 1;
}

/** Which components have rows of their own: those that no line has to run through between their first and last row. */
function stripsAmong(level: Level, ranks: Ranks, components: readonly Component[], sides: readonly Side[]): Uint8Array {
  const isApart = Uint8Array.from(components, (each) => (isStrip(each) && level.depth < DEEPEST ? 1 : 0));
  const component = new Int32Array(level.items.length).fill(-1);
  components.forEach(({ items }, c) => {
    for (const item of items) component[item] = c;
  });
  for (const side of [1, -1] as const) {
    const order = components.map((_, c) => c).filter((c) => isApart[c] === 1 && sides[c] === side);
    order.sort((a, b) => components[a]!.above - components[b]!.above || components[b]!.below - components[a]!.below);
    const open: number[] = [];
    for (const c of order) {
      const { above, below } = components[c]!;
      while (open.length > 0 && components[open.at(-1)!]!.below <= above + 1) open.pop();
      const outer = open.at(-1);
      if (outer !== undefined && components[outer]!.below < below) {
        // Two that overlap half way: the lines of the one run through the other.
        const isOuterShorter = components[outer]!.below - components[outer]!.above < below - above;
        isApart[isOuterShorter ? outer : c] = 0;
        if (isOuterShorter) open.pop();
        else continue;
      }
      open.push(c);
    }
  }
  // Each that shares rows has lines in the gaps at their ends, and these may make others share them.
  const isUsed = new Uint8Array(ranks.last + 3);
  const use = (c: number): void => {
    for (const item of components[c]!.items) {
      isUsed[ranks.rank[item]! + 1] = 1;
      isUsed[ranks.rank[item]!] = 1;
      for (let k = ranks.incoming.start[item]!; k < ranks.incoming.start[item + 1]!; k++) {
        isUsed[ranks.rank[level.edges[ranks.incoming.values[k]!]!.source]! + 1] = 1;
      }
      for (let k = ranks.outgoing.start[item]!; k < ranks.outgoing.start[item + 1]!; k++) {
        isUsed[ranks.rank[level.edges[ranks.outgoing.values[k]!]!.target]!] = 1;
      }
    }
  };
  components.forEach((_, c) => {
    if (isApart[c] === 0) use(c);
  });
  level.edges.forEach(({ source, target }, e) => {
    if (ranks.isBack[e] === 0) return;
    isUsed[ranks.rank[source]! + 1] = 1;
    isUsed[ranks.rank[target]!] = 1;
  });
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    const before = new Int32Array(isUsed.length + 1);
    isUsed.forEach((used, g) => (before[g + 1] = before[g]! + used));
    components.forEach(({ above, below }, c) => {
      // Gap g is below row g - 1; the strip's own are those below the rows above + 1 to below - 2.
      if (isApart[c] === 0 || below - above <= 2 || before[below] === before[above + 2]) return;
      isApart[c] = 0;
      use(c);
      isChanged = true;
    });
  }
  return isApart;
}

function makeStrip(
  level: Level,
  ranks: Ranks,
  component: Component,
  side: Side,
  items: Item[],
  owner: Int32Array,
): Strip {
  const { above, below } = component;
  const shared = { component, side, above, below, entersSide: false, pin: undefined };
  const only = component.items.length === 1 ? component.items[0]! : -1;
  const onlyItem = items[only];
  if (onlyItem?.kind === 'inPort' || onlyItem?.kind === 'outPort') {
    return { ...shared, item: only, placed: undefined, members: new Int32Array(0) };
  }
  const item = items.length;
  const { placed, members, inX, outX } =
    placeSingle(level, ranks, component, owner, item) ?? placeStrip(level, ranks, component, owner, item);
  const width = placed.right - placed.left;
  const { height, left } = placed;
  items.push({ kind: 'strip', role: 'node', width, height, axis: -left, inX, outX, isPreferred: false });
  return { ...shared, item, placed, members };
}

interface PlacedStrip {
  readonly placed: PlacedLevel;
  readonly members: Int32Array;
  /** By tensor: where it enters and leaves. */
  readonly inX: ReadonlyMap<number, number>;
  readonly outX: ReadonlyMap<number, number>;
}

function placeStrip(level: Level, ranks: Ranks, component: Component, owner: Int32Array, strip: number): PlacedStrip {
  const { inner, members, ins, outs } = levelOfStrip(level, ranks, component, owner, strip);
  const placed = layOutLevel(inner);
  const at = (ports: ReadonlyMap<number, number>): ReadonlyMap<number, number> =>
    new Map([...ports].map(([tensor, port]) => [tensor, placed.x[port]!]));
  return { placed, members, inX: at(ins), outX: at(outs) };
}

/** The same of a card that one unlabelled edge enters and one leaves, away from the ports of the level. */
function placeSingle(
  level: Level,
  { incoming, outgoing }: Ranks,
  { items: [item, second], hasEntry, hasExit }: Component,
  owner: Int32Array,
  strip: number,
): PlacedStrip | undefined {
  if (item === undefined || second !== undefined || hasEntry || hasExit) return undefined;
  const card = level.items[item]!;
  if (card.kind !== 'leaf' || card.role !== 'node') return undefined;
  const [k, l] = [incoming.start[item]!, outgoing.start[item]!];
  if (incoming.start[item + 1] !== k + 1 || outgoing.start[item + 1] !== l + 1) return undefined;
  const entering = level.edges[incoming.values[k]!]!;
  const leaving = level.edges[outgoing.values[l]!]!;
  if (entering.label !== undefined) return undefined;
  owner[item] = strip;
  return {
    placed: placeAlone(card, entering, leaving),
    members: Int32Array.of(-1, item, -1),
    inX: new Map([[entering.tensor, 0]]),
    outX: new Map([[leaving.tensor, 0]]),
  };
}

/** What is in a strip, and ports where tensors come from its fork and go to its join. */
function levelOfStrip(
  level: Level,
  ranks: Ranks,
  component: Component,
  owner: Int32Array,
  strip: number,
): { inner: Level; members: Int32Array; ins: Map<number, number>; outs: Map<number, number> } {
  for (const item of component.items) owner[item] = strip;
  const ins = new Map<number, number>();
  const outs = new Map<number, number>();
  const within = edgesOf(level, ranks, component);
  for (const { source, tensor } of within) if (owner[source] !== strip && !ins.has(tensor)) ins.set(tensor, ins.size);
  const index = new Map(component.items.map((item, i) => [item, ins.size + i]));
  const first = ins.size + component.items.length;
  for (const { target, tensor } of within) {
    if (owner[target] !== strip && !outs.has(tensor)) outs.set(tensor, first + outs.size);
  }
  const edges = within.map(({ source, target, tensor, label, ids }): LevelEdge => {
    const isOut = owner[target] !== strip;
    return {
      source: index.get(source) ?? ins.get(tensor)!,
      target: isOut ? outs.get(tensor)! : index.get(target)!,
      tensor,
      label: isOut ? undefined : label,
      ids,
    };
  });
  const port = (kind: 'inPort' | 'outPort'): Item => ({
    kind,
    role: 'node',
    width: 0,
    height: 0,
    axis: 0,
    isPreferred: false,
  });
  const members = new Int32Array(first + outs.size).fill(-1);
  for (const [item, i] of index) members[i] = item;
  return {
    inner: {
      items: [
        ...Array.from(ins, () => port('inPort')),
        ...component.items.map((item) => level.items[item]!),
        ...Array.from(outs, () => port('outPort')),
      ],
      edges,
      // Its ports are the frame's own, or only join it to the group.
      titleAtEntry: component.hasEntry ? level.titleAtEntry : 0,
      titleAtExit: component.hasExit ? level.titleAtExit : 0,
      gapBelowPorts: component.hasEntry ? level.gapBelowPorts : 0,
      gapAbovePorts: component.hasExit ? level.gapAbovePorts : 0,
      depth: level.depth + 1,
    },
    members,
    ins,
    outs,
  };
}

/** All that begin or end in it, in the order of the level. */
function edgesOf(level: Level, { incoming, outgoing }: Ranks, { items }: Component): LevelEdge[] {
  const inside = new Set(items);
  const found: number[] = [];
  for (const item of items) {
    for (let k = incoming.start[item]!; k < incoming.start[item + 1]!; k++) found.push(incoming.values[k]!);
    for (let k = outgoing.start[item]!; k < outgoing.start[item + 1]!; k++) {
      if (!inside.has(level.edges[outgoing.values[k]!]!.target)) found.push(outgoing.values[k]!);
    }
  }
  return found.sort((a, b) => a - b).map((e) => level.edges[e]!);
}

/** The edges between what stands in rows. A tensor that goes to several items of a strip enters it once. */
function edgesBetween({ edges, items }: Level, owner: Int32Array): LevelEdge[] {
  const between: LevelEdge[] = [];
  const entering = new Map<number, number>();
  for (const edge of edges) {
    const source = owner[edge.source]!;
    const target = owner[edge.target]!;
    if (source === edge.source && target === edge.target) {
      between.push(edge);
      continue;
    }
    if (source === target) continue;
    if (target === edge.target) {
      between.push({ ...edge, source });
      continue;
    }
    const key = edge.tensor * (2 * items.length) + target;
    const same = entering.get(key);
    if (same === undefined) {
      entering.set(key, between.length);
      between.push({ ...edge, source, target, label: undefined });
    } else between[same] = { ...between[same]!, ids: [...between[same]!.ids, ...edge.ids] };
  }
  return between;
}

/** A component that shares rows, as paths: each from an item of highest rank back, until what other paths have taken. */
function columnsOf(level: Level, ranks: Ranks, { items }: Component, side: Side): Column[] {
  const { rank, incoming, outgoing, isBack } = ranks;
  const isTaken = new Set<number>();
  const columns: Column[] = [];
  const members = new Set(items);
  for (const end of [...items].sort((a, b) => rank[b]! - rank[a]! || a - b)) {
    if (isTaken.has(end)) continue;
    const path = [end];
    isTaken.add(end);
    let fork = -1;
    for (let item: number | undefined = end; item !== undefined;) {
      let before: number | undefined;
      let above = -1;
      for (let k = incoming.start[item]!; k < incoming.start[item + 1]!; k++) {
        const e = incoming.values[k]!;
        const { source } = level.edges[e]!;
        if (isBack[e] === 1) continue;
        above = Math.max(above, rank[source]!);
        if (!members.has(source) || isTaken.has(source)) continue;
        if (before === undefined || rank[source]! > rank[before]!) before = source;
      }
      if (before === undefined) fork = above < 0 ? rank[item]! - 1 : above;
      else {
        path.push(before);
        isTaken.add(before);
      }
      item = before;
    }
    let join = ranks.last + 1;
    for (let k = outgoing.start[end]!; k < outgoing.start[end + 1]!; k++) {
      const e = outgoing.values[k]!;
      if (isBack[e] === 0) join = Math.min(join, rank[level.edges[e]!.target]!);
    }
    if (join > ranks.last) join = rank[end]! + 1;
    columns.push({ items: path.reverse(), side, above: fork, below: join });
  }
  return columns;
}

/** One for each tensor that goes from the main path to where it isn't next on it. */
function railsOf(
  edges: readonly LevelEdge[],
  { rank }: Ranks,
  mainPath: Int32Array,
  main: Int32Array,
  count: number,
): Rail[] {
  const next = new Int32Array(count).fill(-1);
  for (let i = 1; i < mainPath.length; i++) next[mainPath[i - 1]!] = mainPath[i]!;
  const isMain = (item: number): boolean => item < rank.length && main[rank[item]!] === item;
  const byTensor = new Map<number, number[]>();
  edges.forEach(({ source, target, tensor }, e) => {
    if (!isMain(source) || !isMain(target) || rank[source]! >= rank[target]! || next[source] === target) return;
    const fellows = byTensor.get(tensor);
    if (fellows === undefined) byTensor.set(tensor, [e]);
    else fellows.push(e);
  });
  return [...byTensor.values()].map((fellows) => {
    const { source } = edges[fellows[0]!]!;
    fellows.sort((a, b) => rank[edges[b]!.target]! - rank[edges[a]!.target]!);
    return {
      source,
      edges: fellows,
      above: rank[source]!,
      below: rank[edges[fellows[0]!]!.target]!,
      x: 0,
      leavesSide: false,
      entersSide: fellows.map(() => false),
    };
  });
}

/** A port whose tensor goes straight to the first item, or comes straight from the last one, stands above or below it. */
function pinPorts({ items, edges, strips, ranks }: RowGroup): void {
  const used = new Map<number, number>();
  for (const strip of strips) {
    if (strip.placed !== undefined) continue;
    const isIn = items[strip.item]!.kind === 'inPort';
    const { fork, join } = strip.component;
    const at = isIn ? join : fork;
    if (at < 0 || Math.abs(ranks.rank[at]! - ranks.rank[strip.item]!) !== 1) continue;
    const fellows = edges.filter(({ source, target }) => source === strip.item || target === strip.item);
    if (fellows.length !== 1) continue;
    const { kind, width, axis, inX, outX } = items[at]!;
    const port = (isIn ? inX : outX)?.get(fellows[0]!.tensor);
    const count = (used.get(at) ?? 0) + 1;
    const offset = kind === 'frame' ? port : count * OPERATOR.width * strip.side;
    if (offset === undefined || offset === 0) continue;
    if (kind !== 'frame' && (offset > width - axis - 8 || -offset > axis - 8)) continue;
    used.set(at, count);
    strip.pin = { to: at, offset };
  }
}
