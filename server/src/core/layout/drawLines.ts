import { type LevelLine, NO_DOTS, type PlacedLevel } from './level.ts';
import { CORNER, GAP } from './metrics.ts';
import type { Net } from './lanes.ts';
import type { Rail, RowGroup, Strip } from './rowGroup.ts';
import type { Flow, RailRoute, Routes } from './routing.ts';
import type { Rows } from './rows.ts';

/** The lines of a level, with what its strips hold. */
export function drawLines(group: RowGroup, routes: Routes, rows: Rows): PlacedLevel {
  return new LineDrawing(group, rows).draw(routes);
}

class LineDrawing {
  readonly #group: RowGroup;
  readonly #rows: Rows;
  readonly #lines: LevelLine[] = [];
  /** By item: 1 where a rail leaves at its right side, so that what enters there does so further up. */
  readonly #leavesSide: Uint8Array;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  /** By strip: the lines that end at its ports. */
  readonly #entering = new Map<number, number[]>();
  /** Tensors that flow out of the bottom of their source. */
  readonly #trunks = new Set<number>();
  #left = 0;
  #right = 0;

  constructor(group: RowGroup, rows: Rows) {
    this.#group = group;
    this.#rows = rows;
    this.#leavesSide = new Uint8Array(group.items.length);
    this.#x = new Float64Array(group.level.items.length);
    this.#y = new Float64Array(group.level.items.length);
  }

  draw(routes: Routes): PlacedLevel {
    const { level, items, strips, x } = this.#group;
    const { y } = this.#rows;
    const entersSide = new Uint8Array(items.length);
    for (const { rail } of routes.rails) {
      if (rail.leavesSide) this.#leavesSide[rail.source] = 1;
      rail.edges.forEach((e, i) => {
        if (rail.entersSide[i]) entersSide[this.#group.edges[e]!.target] = 1;
      });
    }
    for (const strip of strips) if (strip.entersSide) entersSide[strip.component.join] = 1;
    for (const { edge } of routes.flows) this.#trunks.add(this.#group.edges[edge]!.tensor);
    for (const route of routes.rails) this.#drawRail(route, entersSide);
    for (const flow of routes.flows) this.#drawFlow(flow);
    strips.forEach((strip, s) => this.#drawStrip(strip, this.#rows.stretch[s]!));
    const inStrip = new Uint8Array(level.items.length);
    for (const { members } of strips) for (const item of members) if (item >= 0) inStrip[item] = 1;
    for (let i = 0; i < level.items.length; i++) {
      if (inStrip[i] === 1) continue;
      const { axis, width } = items[i]!;
      this.#x[i] = x[i]!;
      this.#y[i] = y[i]!;
      this.#reach(x[i]! - axis);
      this.#reach(x[i]! - axis + width);
    }
    return {
      left: this.#left,
      right: this.#right,
      height: this.#rows.height,
      x: this.#x,
      y: this.#y,
      lines: this.#lines,
      lastRow: this.#rows.lastRow,
      lastGap: this.#rows.lastGap,
    };
  }

  #reach(x: number): void {
    if (x < this.#left) this.#left = x;
    if (x > this.#right) this.#right = x;
  }

  #lane(gap: number, { lane }: Net): number {
    return this.#rows.firstLane[gap + 1]! + GAP.lane * lane;
  }

  #bottomOf(item: number): number {
    const strip = this.#stripAt(item);
    return (
      this.#rows.y[item]! + this.#group.items[item]!.height + (strip === undefined ? 0 : this.#rows.stretch[strip]!)
    );
  }

  #strips: Map<number, number> | undefined;

  #stripAt(item: number): number | undefined {
    if (item < this.#group.level.items.length) return undefined;
    this.#strips ??= new Map(this.#group.strips.map((strip, s) => [strip.item, s]));
    return this.#strips.get(item);
  }

  #firstRow(item: number): number {
    const strip = this.#stripAt(item);
    return strip === undefined ? this.#group.ranks.rank[item]! : this.#group.strips[strip]!.above + 1;
  }

  #lastRow(item: number): number {
    const strip = this.#stripAt(item);
    return strip === undefined ? this.#group.ranks.rank[item]! : this.#group.strips[strip]!.below - 1;
  }

  /** The height where a line enters a box at its side. */
  #sideY(item: number): number {
    const { height } = this.#group.items[item]!;
    return this.#rows.y[item]! + height * (this.#leavesSide[item] === 1 ? 0.25 : 0.5);
  }

  #sideX(item: number, side: number): number {
    const { width, axis } = this.#group.items[item]!;
    return this.#group.x[item]! - axis + (side > 0 ? width : 0);
  }

  #drawFlow({ edge, sourceX, column, targetX, fork, join, entersSide }: Flow): void {
    const { edges, items } = this.#group;
    const { source, target, ids, label } = edges[edge]!;
    const points = [sourceX, this.#bottomOf(source)];
    if (fork !== undefined) {
      const y = this.#lane(this.#lastRow(source), fork);
      points.push(sourceX, y, column, y);
    }
    const isLeaf = items[target]!.kind === 'leaf';
    let text: LevelLine['label'];
    if (entersSide) {
      const y = this.#sideY(target);
      const side = Math.sign(column - this.#group.x[target]!);
      const x = this.#sideX(target, side);
      points.push(column, y, x, y);
      if (label !== undefined) text = { x: side > 0 ? x + 10 : column + 4, y: y - 8, text: label };
    } else {
      if (join !== undefined) {
        const y = this.#lane(this.#firstRow(target) - 1, join);
        points.push(column, y, targetX, y);
      }
      const y = this.#rows.y[target]!;
      points.push(targetX, y);
      if (label !== undefined && isLeaf) text = { x: targetX + 6, y: y - 11, text: label };
    }
    this.#add({ edges: ids, points: straightened(points), kind: 'flow', arrow: isLeaf, dots: NO_DOTS }, text);
    if (target >= this.#x.length) {
      const entering = this.#entering.get(target);
      if (entering === undefined) this.#entering.set(target, [this.#lines.length - 1]);
      else entering.push(this.#lines.length - 1);
    }
  }

  /** The rail itself as far as its lowest target; the others tap it. */
  #drawRail({ rail, sourceX, fork, targetX, joins }: RailRoute, entersSide: Uint8Array): void {
    const { edges, items } = this.#group;
    const { x } = rail;
    const turns = rail.edges.map((e, i) => {
      const { target } = edges[e]!;
      const join = joins[i];
      return join === undefined ? this.#sideY(target) : this.#lane(this.#firstRow(target) - 1, join);
    });
    let trunk = 0;
    for (let i = 1; i < turns.length; i++) if (turns[i]! > turns[trunk]!) trunk = i;
    rail.edges.forEach((e, i) => {
      const { target, ids, label } = edges[e]!;
      const y = turns[i]!;
      const points = i === trunk ? this.#startOfRail(rail, sourceX, fork, entersSide) : [];
      points.push(x, y);
      const isLeaf = items[target]!.kind === 'leaf';
      let text: LevelLine['label'];
      if (joins[i] === undefined) {
        const side = this.#sideX(target, 1);
        points.push(side, y);
        if (label !== undefined) text = { x: side + 10, y: y - 8, text: label };
      } else {
        const to = this.#rows.y[target]!;
        points.push(targetX[i]!, y, targetX[i]!, to);
        if (label !== undefined && isLeaf) text = { x: targetX[i]! + 6, y: to - 11, text: label };
      }
      this.#add(
        {
          edges: i === trunk ? rail.edges.flatMap((each) => edges[each]!.ids) : ids,
          points: i === trunk ? straightened(points) : points,
          kind: 'skip',
          arrow: isLeaf,
          dots: i === trunk || y === turns[trunk] ? NO_DOTS : [x, y],
        },
        text,
      );
    });
  }

  #startOfRail(
    { source, edges, leavesSide, x }: Rail,
    sourceX: number,
    fork: Net | undefined,
    entersSide: Uint8Array,
  ): number[] {
    const top = this.#rows.y[source]!;
    if (leavesSide) {
      const y = top + this.#group.items[source]!.height * (entersSide[source] === 1 ? 0.75 : 0.5);
      return [this.#sideX(source, 1), y, x, y];
    }
    const y = this.#lane(this.#lastRow(source), fork!);
    const bottom = this.#bottomOf(source);
    // Where a flow of the same tensor has drawn the trunk it isn't drawn again.
    const hasTrunk = this.#trunks.has(this.#group.edges[edges[0]!]!.tensor);
    return [sourceX, hasTrunk ? Math.max(bottom, y - CORNER) : bottom, sourceX, y, x, y];
  }

  #drawStrip({ placed, item, members }: Strip, stretch: number): void {
    if (placed === undefined) return;
    const dx = this.#group.x[item]!;
    const dy = this.#rows.y[item]!;
    const { lastGap, lastRow } = placed;
    const moved = (y: number, isStart: boolean): number =>
      dy + (y > lastGap || (y >= lastRow && !isStart) ? y + stretch : y);
    for (let i = 0; i < members.length; i++) {
      const member = members[i]!;
      if (member < 0) continue;
      this.#x[member] = placed.x[i]! + dx;
      this.#y[member] = moved(placed.y[i]!, false);
    }
    // What enters a strip goes on inside of it: one line, up to the first box.
    const entering = this.#entering.get(item) ?? [];
    for (const line of placed.lines) {
      const { points, dots, label } = line;
      const isEntering = points[1] === 0;
      const end = points.at(-1)!;
      for (let i = 0; i < points.length; i += 2) {
        points[i]! += dx;
        points[i + 1] = moved(points[i + 1]!, i === 0);
      }
      if (label !== undefined) {
        label.x += dx;
        label.y += points.at(-1)! - end;
      }
      const k = isEntering ? entering.findIndex((l) => this.#lines[l]!.points.at(-2) === points[0]) : -1;
      if (k >= 0) {
        const outer = this.#lines[entering[k]!]!;
        entering.splice(k, 1);
        outer.points = straightened([...outer.points, ...points]);
        outer.arrow = line.arrow;
        if (label !== undefined) outer.label = label;
        continue;
      }
      for (let i = 0; i < dots.length; i += 2) {
        dots[i]! += dx;
        dots[i + 1] = moved(dots[i + 1]!, false);
      }
      this.#lines.push(line);
    }
    this.#reach(dx + placed.left);
    this.#reach(dx + placed.right);
  }

  #add(line: LevelLine, label: LevelLine['label']): void {
    const { points } = line;
    if (label !== undefined) line.label = label;
    for (let i = 0; i < points.length; i += 2) this.#reach(points[i]!);
    this.#lines.push(line);
  }
}

/** Without points that say nothing: equal neighbours, and those in the middle of a straight line. */
function straightened(points: readonly number[]): number[] {
  const kept: number[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    const n = kept.length;
    // A line without length is kept as two points: a strip that is made longer gives it some.
    if (n >= 2 && kept[n - 2] === x && kept[n - 1] === y && (n > 2 || i < points.length - 2)) continue;
    if (
      n >= 4 &&
      ((kept[n - 4] === kept[n - 2] && kept[n - 2] === x) || (kept[n - 3] === kept[n - 1] && kept[n - 1] === y))
    ) {
      kept[n - 2] = x;
      kept[n - 1] = y;
    } else kept.push(x, y);
  }
  return kept;
}
