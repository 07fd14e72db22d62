import { GAP, OPERATOR } from './metrics.ts';
import { RangeMax } from './rangeMax.ts';
import type { Column, Rail, RowGroup, Side, Strip } from './rowGroup.ts';

/**
 * How far what is already placed reaches to one side, by height: above the first row, the first row, the gap below it, …
 * Distances from the axis, away from it.
 */
class Contour {
  readonly #all: RangeMax;
  /** And the horizontals of rails, at the height of the boxes: other rails may cross them, boxes may not. */
  readonly #forBoxes: RangeMax;
  /** Boxes alone, without lines. */
  readonly #solid: RangeMax;

  constructor(rows: number) {
    this.#all = new RangeMax(2 * rows + 1);
    this.#forBoxes = new RangeMax(2 * rows + 1);
    this.#solid = new RangeMax(2 * rows + 1);
  }

  max(from: number, to: number): number {
    return this.#all.max(from, to);
  }

  maxForBox(from: number, to: number): number {
    return this.#forBoxes.max(from, to);
  }

  solidAt(at: number): number {
    return this.#solid.at(at);
  }

  line(from: number, to: number, x: number): void {
    this.#all.raise(from, to, x);
    this.#forBoxes.raise(from, to, x);
  }

  box(from: number, to: number, x: number): void {
    this.line(from, to, x);
    this.#solid.raise(from, to, x);
  }

  cross(at: number, x: number): void {
    this.#forBoxes.raise(at, at, x);
  }

  shift(from: number, to: number, by: number): void {
    this.#all.shift(from, to, by);
    this.#forBoxes.shift(from, to, by);
    this.#solid.shift(from, to, by);
  }
}

const rowAt = (rank: number): number => 2 * rank + 1;
/** Of the gap below a row. */
const gapAt = (rank: number): number => 2 * rank + 2;

/** Strips with one fork and one join, or a rail, and the rows that it is between. */
interface Entry {
  readonly key: number;
  readonly above: number;
  readonly below: number;
  readonly strips: readonly Strip[];
  readonly rail: Rail | undefined;
}

export class Packing {
  readonly #group: RowGroup;
  #contours: { readonly right: Contour; readonly left: Contour } | undefined;
  /** What ports stand over or under. */
  readonly #pinned: ReadonlySet<number>;

  constructor(group: RowGroup) {
    this.#group = group;
    this.#pinned = new Set(group.strips.flatMap(({ pin }) => (pin === undefined ? [] : [pin.to])));
  }

  get #right(): Contour {
    return (this.#contours ??= this.#contoursOfMainPath()).right;
  }

  get #left(): Contour {
    return (this.#contours ??= this.#contoursOfMainPath()).left;
  }

  #contoursOfMainPath(): { readonly right: Contour; readonly left: Contour } {
    const { main, items, ranks } = this.#group;
    const rows = ranks.last + 1;
    const right = new Contour(rows);
    const left = new Contour(rows);
    for (let r = 0; r < rows; r++) {
      if (main[r]! < 0) {
        right.line(rowAt(r), rowAt(r), 2 * OPERATOR.width);
        left.line(rowAt(r), rowAt(r), 2 * OPERATOR.width);
        continue;
      }
      const { width, axis } = items[main[r]!]!;
      right.box(rowAt(r), rowAt(r), width - axis);
      left.box(rowAt(r), rowAt(r), axis);
    }
    return { right, left };
  }

  /** Strips and the rails of the main path: short ones inside, each against what its rows already hold. */
  packBesideMainPath(): void {
    const { strips, rails } = this.#group;
    if (strips.length === 0 && rails.length === 0) return;
    const entries: Entry[] = [];
    const touch = strips.length === 0 ? undefined : this.#longestRailAt();
    const groups = new Map<number, Strip[]>();
    const rows = this.#group.ranks.last + 3;
    for (const strip of strips) {
      const { fork, join } = strip.component;
      const key = (((strip.above + 1) * rows + strip.below) * 2 + Number(fork >= 0)) * 2 + Number(join >= 0);
      const fellows = groups.get(key);
      if (fellows === undefined) groups.set(key, [strip]);
      else fellows.push(strip);
    }
    for (const fellows of groups.values()) {
      const { above, below } = fellows[0]!;
      // A strip has rows of its own, which the horizontals of a rail must not cross: it stands outside of that rail.
      const key = Math.max(below - above, touch!.max(above + 1, below - 1) + 0.5);
      entries.push({ key, above, below, strips: fellows, rail: undefined });
    }
    for (const rail of rails) {
      entries.push({ key: rail.below - rail.above, above: rail.above, below: rail.below, strips: [], rail });
    }
    entries.sort(
      (a, b) =>
        a.key - b.key ||
        a.below - a.above - (b.below - b.above) ||
        a.above - b.above ||
        Number(a.rail !== undefined) - Number(b.rail !== undefined) ||
        a.below - b.below,
    );
    const placed: Entry[][] = Array.from({ length: rows }, () => []);
    for (const entry of entries) {
      if (entry.rail !== undefined) this.#packRail(entry.rail);
      else {
        this.#packStrips(entry.strips);
        const by = this.#offsetOfFan(entry, placed);
        if (by !== undefined) this.#shiftFan(entry, by, placed);
      }
      placed[entry.above + 1]!.push(entry);
    }
  }

  /** Ports straight above or below an item, wherever that stands now. */
  placePins(): void {
    const { strips, x } = this.#group;
    for (const { pin, item } of strips) if (pin !== undefined) x[item] = x[pin.to]! + pin.offset;
  }

  packColumns(): void {
    for (const column of this.#group.columns) this.#packColumn(column);
  }

  #side(side: Side): Contour {
    return side === 1 ? this.#right : this.#left;
  }

  /** By rank: the length of the longest rail that begins or ends there. */
  #longestRailAt(): RangeMax {
    const { rails, edges, ranks } = this.#group;
    const longest = new RangeMax(ranks.last + 2, -1);
    for (const rail of rails) {
      const length = rail.below - rail.above;
      longest.raise(rail.above, rail.above, length);
      for (const e of rail.edges) {
        const at = ranks.rank[edges[e]!.target]!;
        longest.raise(at, at, length);
      }
    }
    return longest;
  }

  /** Those with one fork and one join, in the order of the text: on the left the last one stands inside. */
  #packStrips(strips: readonly Strip[]): void {
    for (let i = strips.length - 1; i >= 0; i--) if (strips[i]!.side === -1) this.#packStrip(strips[i]!);
    for (const strip of strips) if (strip.side === 1) this.#packStrip(strip);
  }

  #packStrip(strip: Strip): void {
    const { items, x, main } = this.#group;
    const { side, above, below, item } = strip;
    const contour = this.#side(side);
    const { width, axis, kind } = items[item]!;
    const inner = side === 1 ? axis : width - axis;
    const outer = width - inner;
    if (strip.pin !== undefined) {
      contour.line(gapAt(above), gapAt(below - 1), Math.abs(strip.pin.offset));
      return;
    }
    const join = below < main.length ? main[below]! : -1;
    strip.entersSide =
      join >= 0 &&
      strip.component.join === join &&
      items[join]!.kind === 'leaf' &&
      contour.solidAt(rowAt(below)) <= (side === 1 ? items[join]!.width - items[join]!.axis : items[join]!.axis);
    const isLine = kind === 'inPort' || kind === 'outPort';
    let at =
      Math.max(contour.max(gapAt(above), gapAt(above)), contour.max(gapAt(below - 1), gapAt(below - 1))) + GAP.rail;
    at = Math.max(
      at,
      isLine
        ? contour.max(rowAt(above + 1), rowAt(below - 1)) + GAP.rail
        : contour.maxForBox(rowAt(above + 1), rowAt(below - 1)) + GAP.column + inner,
    );
    const [outNear, outFar] = spread(items[item]!.outX, side);
    if (strip.entersSide) at = Math.max(at, contour.max(rowAt(below), rowAt(below)) + GAP.rail - outNear);
    x[item] = side * at;
    if (isLine) contour.line(rowAt(above + 1), rowAt(below - 1), at);
    else contour.box(rowAt(above + 1), rowAt(below - 1), at + outer);
    contour.line(gapAt(above), gapAt(above), at + spread(items[item]!.inX, side)[1]);
    contour.line(gapAt(below - 1), gapAt(below - 1), at + outFar);
    if (strip.entersSide) contour.line(rowAt(below), rowAt(below), at + outFar);
  }

  #packRail(rail: Rail): void {
    const { edges, ranks } = this.#group;
    const contour = this.#right;
    rail.x = contour.max(rowAt(rail.above), rowAt(rail.below)) + GAP.rail;
    rail.leavesSide = this.#isSideFree(rail.source);
    rail.edges.forEach((e, i) => {
      const { target } = edges[e]!;
      rail.entersSide[i] = this.#isSideFree(target);
      if (rail.entersSide[i]) contour.cross(rowAt(ranks.rank[target]!), rail.x);
    });
    contour.line(gapAt(rail.above), gapAt(rail.below - 1), rail.x);
    if (rail.leavesSide) contour.cross(rowAt(rail.above), rail.x);
  }

  /** Whether nothing but lines is right of a box of the main path. */
  #isSideFree(item: number): boolean {
    const { items, ranks, x } = this.#group;
    const { kind, width, axis } = items[item]!;
    return kind === 'leaf' && this.#right.solidAt(rowAt(ranks.rank[item]!)) <= x[item]! + width - axis;
  }

  /**
   * Two or more branches between one fork and one join, or one as long as the main path's, are centred together, if
   * nothing reaches into them from outside. @returns how far they have to move, if it is a fan
   */
  #offsetOfFan({ key, above, below, strips }: Entry, placed: readonly (readonly Entry[])[]): number | undefined {
    const { component } = strips[0]!;
    const { items, x, main, ranks, level } = this.#group;
    if (component.join < 0 || below > ranks.last) return undefined;
    const isTop = component.fork < 0;
    if (isTop && (!component.hasEntry || items.some(({ kind }) => kind === 'inPort') || level.depth > 0))
      return undefined;
    const branches = strips.filter(({ component: each, placed }) => each.isFed && placed !== undefined);
    if (branches.length < 2 && !branches.some(({ component: { length } }) => length >= below - above - 1))
      return undefined;
    for (let r = above + 1; r < below; r++) {
      if (main[r]! < 0 || this.#pinned.has(main[r]!) || this.#isReached(main[r]!, above, below)) return undefined;
    }
    // What is already placed isn't longer than its key, so it isn't far away.
    for (let r = Math.max(-1, Math.floor(above - key)); r < below; r++) {
      for (const entry of placed[r + 1]!) {
        if (entry.above >= above && entry.below <= below) continue;
        const strip = entry.strips[0]?.component;
        const isBeside = entry.below > above + 1 && entry.above + 1 < below;
        const startsInside = entry.above > above && entry.above < below && (strip?.fork ?? 0) >= 0;
        const endsInside = entry.below > above && entry.below < below && (strip?.join ?? 0) >= 0;
        if (isBeside || startsInside || endsInside) return undefined;
      }
    }
    const left = this.#left.max(rowAt(above + 1), rowAt(below - 1));
    const right = this.#right.max(rowAt(above + 1), rowAt(below - 1));
    const centre = (right - left) / 2;
    // A branch that is nearly in the middle is in the middle.
    const near = [0, ...branches.map(({ item }) => x[item]!)].find((at) => Math.abs(at - centre) < GAP.rail);
    return near === undefined ? -centre : 0 - near;
  }

  /** Whether an edge joins an item of the main path to what is above or below these rows. */
  #isReached(item: number, above: number, below: number): boolean {
    const { incoming, outgoing, rank } = this.#group.ranks;
    const { edges } = this.#group.level;
    for (let k = incoming.start[item]!; k < incoming.start[item + 1]!; k++) {
      if (rank[edges[incoming.values[k]!]!.source]! < above) return true;
    }
    for (let k = outgoing.start[item]!; k < outgoing.start[item + 1]!; k++) {
      if (rank[edges[outgoing.values[k]!]!.target]! > below) return true;
    }
    return false;
  }

  #shiftFan(fan: Entry, by: number, placed: readonly (readonly Entry[])[]): void {
    const { x, main } = this.#group;
    const { above, below } = fan;
    for (let r = above + 1; r < below; r++) x[main[r]!]! += by;
    for (const strip of fan.strips) {
      x[strip.item]! += by;
      // The branches of a fan come to their join from above, all alike.
      strip.entersSide = false;
    }
    for (let r = above; r < below; r++) {
      for (const entry of placed[r + 1]!) {
        if (entry.below > below) continue;
        for (const strip of entry.strips) {
          x[strip.item]! += by;
          if (entry.below === below) strip.entersSide = false;
        }
        if (entry.rail !== undefined) this.#shiftRail(entry.rail, above, below, by);
      }
    }
    this.#right.shift(rowAt(above + 1), rowAt(below - 1), by);
    this.#left.shift(rowAt(above + 1), rowAt(below - 1), -by);
  }

  /** The fork and the join stay: where a rail reaches them it does so in the gap. */
  #shiftRail(rail: Rail, above: number, below: number, by: number): void {
    const { edges, ranks } = this.#group;
    rail.x += by;
    if (rail.above === above) rail.leavesSide = false;
    rail.edges.forEach((e, i) => {
      if (ranks.rank[edges[e]!.target] === below) rail.entersSide[i] = false;
    });
  }

  #packColumn(column: Column): void {
    const { items, ranks, x } = this.#group;
    const { side, above, below } = column;
    const contour = this.#side(side);
    let at = contour.max(gapAt(above), gapAt(below - 1)) + GAP.rail;
    for (const item of column.items) {
      const { width, axis } = items[item]!;
      const r = rowAt(ranks.rank[item]!);
      at = Math.max(at, contour.maxForBox(r, r) + GAP.column + (side === 1 ? axis : width - axis));
    }
    contour.line(gapAt(above), gapAt(below - 1), at);
    for (const item of column.items) {
      const { width, axis } = items[item]!;
      const r = rowAt(ranks.rank[item]!);
      contour.box(r, r, at + (side === 1 ? width - axis : axis));
      x[item] = side * at;
    }
  }

  /** Rails for what found no column, outside of all that is there. */
  packOuterRails(rails: readonly Rail[]): void {
    const { edges } = this.#group;
    for (const rail of [...rails].sort((a, b) => a.below - a.above - (b.below - b.above))) {
      rail.x = this.#right.max(rowAt(rail.above), rowAt(rail.below)) + GAP.rail;
      this.#right.line(gapAt(rail.above), gapAt(rail.below - 1), rail.x);
      rail.leavesSide = this.#isOutermost(rail.source);
      rail.edges.forEach((e, i) => (rail.entersSide[i] = this.#isOutermost(edges[e]!.target)));
    }
  }

  /** Whether a leaf has nothing but lines right of it, when all boxes have their places. */
  #isOutermost(item: number): boolean {
    const { items, ranks, x } = this.#group;
    const { kind, width, axis } = items[item]!;
    return kind === 'leaf' && this.#right.solidAt(rowAt(ranks.rank[item]!)) <= x[item]! + width - axis;
  }
}

/** How far the ports of a strip are from its axis, at most towards the main path and at most away from it. */
function spread(ports: ReadonlyMap<number, number> | undefined, side: Side): [near: number, far: number] {
  let near = 0;
  let far = 0;
  for (const at of ports?.values() ?? []) {
    near = Math.min(near, side * at);
    far = Math.max(far, side * at);
  }
  return [near, far];
}
