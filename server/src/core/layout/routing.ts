import { type Net, newNet } from './lanes.ts';
import { GAP, OPERATOR } from './metrics.ts';
import type { Packing } from './packing.ts';
import type { Rail, RowGroup } from './rowGroup.ts';

/** Which way each edge goes: down a column, with horizontals only in gaps or at the height of a box's side. */
export interface Routes {
  readonly flows: readonly Flow[];
  readonly rails: readonly RailRoute[];
  /** What turns in the gap above the first row, in the one below it, … */
  readonly gaps: readonly (readonly Net[])[];
}

/** Down from the source, along a lane to the column, down it, along a lane to the target, down into it. */
export interface Flow {
  readonly edge: number;
  readonly sourceX: number;
  readonly column: number;
  readonly targetX: number;
  /** Where it turns to its column, and to its target; absent where it doesn't. */
  readonly fork: Net | undefined;
  readonly join: Net | undefined;
  readonly entersSide: boolean;
}

export interface RailRoute {
  readonly rail: Rail;
  readonly sourceX: number;
  readonly fork: Net | undefined;
  /** By the rail's edges. */
  readonly targetX: readonly number[];
  readonly joins: readonly (Net | undefined)[];
}

export function chooseRoutes(group: RowGroup, packing: Packing): Routes {
  return new Router(group).route(packing);
}

class Router {
  readonly #group: RowGroup;
  /** By item: the first and the last row that it takes. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #columnOf: Int32Array;
  readonly #gaps: Net[][];
  readonly #forks = new Map<number | string, Net>();
  readonly #joins = new Map<number | string, Net>();
  /** By edge, from the axis of its ends. */
  readonly #out: Float64Array;
  readonly #in: Float64Array;

  constructor(group: RowGroup) {
    const { items, ranks, strips, columns, edges } = group;
    this.#group = group;
    this.#first = new Int32Array(items.length);
    this.#first.set(ranks.rank);
    this.#last = this.#first.slice();
    for (const { item, placed, above, below } of strips) {
      if (placed === undefined) continue;
      this.#first[item] = above + 1;
      this.#last[item] = below - 1;
    }
    this.#columnOf = new Int32Array(items.length).fill(-1);
    columns.forEach((column, c) => {
      for (const item of column.items) this.#columnOf[item] = c;
    });
    this.#gaps = Array.from({ length: ranks.last + 2 }, () => []);
    this.#out = new Float64Array(edges.length);
    this.#in = new Float64Array(edges.length);
  }

  route(packing: Packing): Routes {
    const { edges, rails, x } = this.#group;
    this.#placeEnds();
    const isOnRail = new Uint8Array(edges.length);
    for (const rail of rails) for (const e of rail.edges) isOnRail[e] = 1;
    const direct: { edge: number; column: number }[] = [];
    const homeless: number[] = [];
    for (let e = 0; e < edges.length; e++) {
      if (isOnRail[e] === 1) continue;
      const column = this.#columnFor(e);
      if (column === undefined) homeless.push(e);
      else direct.push({ edge: e, column });
    }
    const outer = this.#outerRails(homeless);
    packing.packOuterRails(outer);
    this.#spreadNamed(direct);

    const { forks, joins } = this.#countTurns(direct);
    const flows = direct.map(({ edge, column }): Flow => {
      const { source, target, tensor } = edges[edge]!;
      const sourceX = x[source]! + this.#out[edge]!;
      const targetX = x[target]! + this.#in[edge]!;
      const above = this.#last[source]!;
      const below = this.#first[target]! - 1;
      const entersSide = this.#entersSide(source);
      if (above === below && !entersSide) {
        if (sourceX === targetX)
          return { edge, sourceX, column: sourceX, targetX, fork: undefined, join: undefined, entersSide };
        const isFork = forks.get(this.#key(tensor, above))! >= joins.get(this.#key(target, below))!;
        const fork = isFork ? this.#fork(above, tensor, sourceX, targetX) : undefined;
        const join = isFork ? undefined : this.#join(below, target, sourceX, targetX);
        return { edge, sourceX, column: isFork ? targetX : sourceX, targetX, fork, join, entersSide };
      }
      const fork = sourceX === column ? undefined : this.#fork(above, tensor, sourceX, column);
      const join = entersSide || column === targetX ? undefined : this.#join(below, target, column, targetX);
      return { edge, sourceX, column, targetX, fork, join, entersSide };
    });
    return { flows, rails: [...rails, ...outer].map((rail) => this.#routeRail(rail)), gaps: this.#gaps };
  }

  #routeRail(rail: Rail): RailRoute {
    const { edges, x } = this.#group;
    const { tensor } = edges[rail.edges[0]!]!;
    const sourceX = x[rail.source]! + this.#out[rail.edges[0]!]!;
    const fork = rail.leavesSide ? undefined : this.#fork(this.#last[rail.source]!, tensor, sourceX, rail.x);
    const targetX = rail.edges.map((e) => x[edges[e]!.target]! + this.#in[e]!);
    const joins = rail.edges.map((e, i) => {
      const { target } = edges[e]!;
      if (rail.entersSide[i]) return undefined;
      return this.#join(this.#first[target]! - 1, target, rail.x, targetX[i]!);
    });
    return { rail, sourceX, fork, targetX, joins };
  }

  /** A column that is free all the way from source to target. */
  #columnFor(e: number): number | undefined {
    const { edges, x, columns, ranks } = this.#group;
    const { source, target } = edges[e]!;
    const sourceX = x[source]! + this.#out[e]!;
    const targetX = x[target]! + this.#in[e]!;
    const above = this.#last[source]!;
    const below = this.#first[target]! - 1;
    if (above > below) return undefined;
    if (above === below) return sourceX;
    const isStrip = (item: number): boolean => item >= ranks.rank.length || this.#isPort(item);
    if (isStrip(source) && this.#columnOf[source]! < 0 && !this.#isMain(source)) return sourceX;
    if (isStrip(target) && this.#columnOf[target]! < 0 && !this.#isMain(target)) return targetX;
    // Rows between them that are empty are free at the axis.
    if (this.#isMain(source) && this.#isMain(target)) return x[source]!;
    const into = columns[this.#columnOf[target]!];
    const from = columns[this.#columnOf[source]!];
    if (into !== undefined) {
      const at = into.items.indexOf(target);
      if (at === 0 && above >= into.above) return targetX;
      const isStraight = at > 0 && into.items[at - 1] === source && sourceX === targetX;
      if (isStraight && (sourceX === x[source] || this.#isFree(sourceX, above + 1, below))) return targetX;
    }
    if (from?.items.at(-1) === source && below < from.below && sourceX === x[source]) return sourceX;
    return undefined;
  }

  /** Beside the axis, which packing keeps free, there may be boxes. */
  #isFree(at: number, fromRow: number, toRow: number): boolean {
    const { items, x } = this.#group;
    this.#rows ??= this.#itemsByRow();
    return this.#rows.slice(fromRow, toRow + 1).every((row) =>
      row.every((item) => {
        const { axis, width } = items[item]!;
        const left = x[item]! - axis;
        return at < left - GAP.lane || at > left + width + GAP.lane;
      }),
    );
  }

  #rows: readonly (readonly number[])[] | undefined;

  /** What is in a strip isn't placed yet; the strip is. */
  #itemsByRow(): readonly (readonly number[])[] {
    const { items, ranks, strips } = this.#group;
    const rows = Array.from({ length: ranks.last + 1 }, (): number[] => []);
    const inside = new Set(strips.flatMap(({ members }) => [...members]));
    for (let item = 0; item < items.length; item++) {
      if (inside.has(item)) continue;
      for (let row = Math.max(0, this.#first[item]!); row <= this.#last[item]!; row++) rows[row]?.push(item);
    }
    return rows;
  }

  #isPort(item: number): boolean {
    const { kind } = this.#group.items[item]!;
    return kind === 'inPort' || kind === 'outPort';
  }

  #isMain(item: number): boolean {
    const { main, ranks } = this.#group;
    return item < ranks.rank.length && main[ranks.rank[item]!] === item;
  }

  #entersSide(source: number): boolean {
    return this.#stripOf(source)?.entersSide ?? false;
  }

  #strips: Map<number, RowGroup['strips'][number]> | undefined;

  #stripOf(item: number): RowGroup['strips'][number] | undefined {
    this.#strips ??= new Map(this.#group.strips.map((strip) => [strip.item, strip]));
    return this.#strips.get(item);
  }

  #outerRails(homeless: readonly number[]): Rail[] {
    const { edges } = this.#group;
    const known = new Map(this.#group.rails.map((rail) => [edges[rail.edges[0]!]!.tensor, rail]));
    const byTensor = new Map<number, number[]>();
    const rails: Rail[] = [];
    const add = (fellows: number[], above: number, below: number): void => {
      const { source } = edges[fellows[0]!]!;
      const entersSide = fellows.map(() => false);
      rails.push({ source, edges: fellows, above, below, x: 0, leavesSide: false, entersSide });
    };
    for (const e of homeless) {
      const { source, target, tensor } = edges[e]!;
      const above = this.#last[source]!;
      const below = this.#first[target]! - 1;
      // Against the flow: up to the gap above the target.
      const rail = known.get(tensor);
      if (above > below) add([e], below, above + 1);
      else if (rail !== undefined && below < rail.below) {
        rail.edges.push(e);
        rail.entersSide.push(false);
      } else {
        const fellows = byTensor.get(tensor);
        if (fellows === undefined) byTensor.set(tensor, [e]);
        else fellows.push(e);
      }
    }
    for (const fellows of byTensor.values()) {
      fellows.sort((a, b) => this.#first[edges[b]!.target]! - this.#first[edges[a]!.target]!);
      const { source, target } = edges[fellows[0]!]!;
      add(fellows, this.#last[source]!, this.#first[target]!);
    }
    return rails;
  }

  /** Where lines leave and enter boxes: mostly on the axis; several tensors of one box side by side. */
  #placeEnds(): void {
    const { edges, items, mainPath, strips, x } = this.#group;
    const tensors = new Map<number, number[]>();
    const next = new Int32Array(items.length).fill(-1);
    for (let i = 1; i < mainPath.length; i++) next[mainPath[i - 1]!] = mainPath[i]!;
    const straight = new Uint8Array(items.length);
    edges.forEach(({ source, target, tensor }, e) => {
      const { kind, outX } = items[source]!;
      if (kind === 'frame' || kind === 'strip') this.#out[e] = outX?.get(tensor) ?? 0;
      else if (kind === 'leaf') {
        const all = tensors.get(source);
        if (all === undefined) tensors.set(source, [tensor]);
        else if (!all.includes(tensor)) {
          // What goes on along the main path leaves on the axis.
          if (next[source] === target && straight[source] === 0) all.unshift(tensor);
          else all.push(tensor);
        }
        if (next[source] === target) straight[source] = 1;
      }
      const into = items[target]!;
      if (into.kind === 'frame' || into.kind === 'strip') this.#in[e] = into.inX?.get(tensor) ?? 0;
    });
    for (const [source, all] of tensors) if (all.length === 1) tensors.delete(source);
    if (tensors.size > 0) {
      const entered = new Set<number>();
      const sideOf = new Map<number, number>();
      edges.forEach(({ source, target, tensor }, e) => {
        const all = tensors.get(source);
        if (all === undefined) return;
        const { width, axis } = items[source]!;
        const side = sideOf.get(tensor) ?? this.#stripOf(target)?.side ?? (x[target]! < x[source]! ? -1 : 1);
        sideOf.set(tensor, side);
        const offset = all.indexOf(tensor) * OPERATOR.width * side;
        const fits = offset <= width - axis - 8 && -offset <= axis - 8;
        if (fits) this.#out[e] = offset;
        // Neighbours that share several tensors are joined by parallel lines.
        const into = items[target]!;
        if (
          next[source] === target &&
          into.kind === 'leaf' &&
          fits &&
          offset <= into.width - into.axis - 8 &&
          -offset <= into.axis - 8
        ) {
          if (entered.has(target)) this.#in[e] = offset;
          entered.add(target);
        }
      });
    }
    const pinned = new Set(strips.filter(({ pin }) => pin !== undefined).map(({ item }) => item));
    if (pinned.size === 0) return;
    edges.forEach(({ source, target }, e) => {
      if (pinned.has(source)) this.#in[e] = x[source]! - x[target]!;
      if (pinned.has(target)) this.#out[e] = x[target]! - x[source]!;
    });
  }

  /** Several inputs that the target has names for have an arrowhead each. */
  #spreadNamed(direct: readonly { readonly edge: number; readonly column: number }[]): void {
    const { edges, items, x } = this.#group;
    const byTarget = new Map<number, { edge: number; column: number }[]>();
    for (const each of direct) {
      const { target, label, source } = edges[each.edge]!;
      if (label === undefined || items[target]!.kind !== 'leaf' || this.#entersSide(source)) continue;
      if (this.#last[source] !== this.#first[target]! - 1 && each.column === x[target]) continue;
      const fellows = byTarget.get(target);
      if (fellows === undefined) byTarget.set(target, [each]);
      else fellows.push(each);
    }
    for (const [target, fellows] of byTarget) {
      const { width, axis } = items[target]!;
      for (const side of [1, -1]) {
        const beside = fellows
          .filter(({ column }) => Math.sign(column - x[target]!) === side)
          .sort((a, b) => (a.column - b.column) * side);
        beside.forEach(({ edge }, i) => {
          const offset = side * (i + 1) * NAMED_APART;
          if (this.#in[edge] === 0 && offset <= width - axis - 8 && -offset <= axis - 8) this.#in[edge] = offset;
        });
      }
    }
  }

  #countTurns(direct: readonly { readonly edge: number }[]): {
    forks: Map<number, number>;
    joins: Map<number, number>;
  } {
    const { edges, x } = this.#group;
    const forks = new Map<number, number>();
    const joins = new Map<number, number>();
    for (const { edge } of direct) {
      const { source, target, tensor } = edges[edge]!;
      const sourceX = x[source]! + this.#out[edge]!;
      const targetX = x[target]! + this.#in[edge]!;
      if (sourceX === targetX) continue;
      const out = this.#key(tensor, this.#last[source]!);
      const into = this.#key(target, this.#first[target]! - 1);
      forks.set(out, (forks.get(out) ?? 0) + 1);
      joins.set(into, (joins.get(into) ?? 0) + 1);
    }
    return { forks, joins };
  }

  #key(which: number, gap: number): number {
    return which * this.#gaps.length + gap + 1;
  }

  #fork(gap: number, tensor: number, sourceX: number, column: number): Net {
    return this.#turn(this.#forks, this.#key(tensor, gap), gap, false, sourceX, column);
  }

  #join(gap: number, target: number, column: number, targetX: number): Net {
    // Each port of a frame, and each arrowhead, is an end of its own.
    const key = this.#key(target, gap);
    const end = targetX === this.#group.x[target] ? key : `${String(key)} ${String(targetX)}`;
    return this.#turn(this.#joins, end, gap, true, column, targetX);
  }

  #turn(
    nets: Map<number | string, Net>,
    key: number | string,
    gap: number,
    isJoin: boolean,
    fromX: number,
    toX: number,
  ): Net {
    let net = nets.get(key);
    if (net === undefined) {
      net = newNet(isJoin);
      nets.set(key, net);
      this.#gaps[gap + 1]!.push(net);
    }
    net.left = Math.min(net.left, fromX, toX);
    net.right = Math.max(net.right, fromX, toX);
    net.tops.push(fromX);
    net.bottoms.push(toX);
    return net;
  }
}

/** Between the arrowheads of inputs that have names. */
const NAMED_APART = 30;
