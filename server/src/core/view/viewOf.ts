import { CARD, OPERATOR, PILL, PORT, VALUE } from '../layout/metrics.ts';
import type { Place } from '../origin.ts';
import { sumOfCounts } from './counts.ts';
import type { CountsData, ModelGraph, ModuleData, NodeData, PortData, ProblemData } from './modelGraph.ts';
import { Stacks } from './stacks.ts';
import type { Folding, View, ViewBox, ViewEdge } from './view.ts';

/** A model of so many boxes begins unfolded. */
const FEW = 60;
/** A larger one begins folded, the deepest first, until so many are left: they are seen at a glance. */
const GLANCE = 24;

/** A model as it is seen with this folding. */
export function viewOf(graph: ModelGraph, folding: Folding = {}): View {
  return new Viewing(graph, folding).view();
}

/** Where a tensor comes from, as it is seen. */
interface Source {
  readonly box: string;
  /** The same text for the same tensor, however deep it is used. */
  readonly tensor: string;
  readonly output: number;
}

/** What the boxes of one module, used at one place, are made in. */
interface Scope {
  readonly module: ModuleData;
  readonly place: Place;
  /** By tensor's number. */
  readonly sources: Map<number, Source>;
  readonly stacks: Stacks;
  /** In a later use of a shared block: its weights are counted in the first. */
  readonly isAgain: boolean;
}

class Viewing {
  readonly #graph: ModelGraph;
  readonly #folding: Folding;
  readonly #depth: number;
  readonly #isUnrolled: boolean;
  readonly #edges: ViewEdge[] = [];
  readonly #byId = new Map<string, ViewBox>();
  readonly #stacks = new Map<ModuleData, Stacks>();
  readonly #worst = new Map<ModuleData, ProblemData | undefined>();

  constructor(graph: ModelGraph, folding: Folding) {
    this.#graph = graph;
    this.#folding = folding;
    this.#isUnrolled = folding.isUnrolled ?? false;
    this.#depth = folding.depth ?? this.#usualDepth();
  }

  view(): View {
    const root = this.#graph.modules[0]!;
    const scope: Scope = { module: root, place: [], sources: new Map(), stacks: this.#stacksOf(root), isAgain: false };
    const inputs = root.inputs.map((port) => this.#input(scope, port));
    const nodes = this.#level(scope, root.nodes, '', 0);
    const outputs = root.outputs.map((port, i) => this.#output(scope, port, i));
    return { boxes: [...inputs, ...nodes, ...outputs], edges: this.#edges, byId: this.#byId };
  }

  #stacksOf(module: ModuleData): Stacks {
    let stacks = this.#stacks.get(module);
    if (stacks === undefined) this.#stacks.set(module, (stacks = new Stacks(module)));
    return stacks;
  }

  // -------------------------------------------------------------------------------------------- boxes

  #input(scope: Scope, port: PortData): ViewBox {
    const id = `input:${port.name}`;
    scope.sources.set(port.tensor, { box: id, tensor: id, output: 0 });
    return this.#port(scope, port, id, 'input');
  }

  #output(scope: Scope, port: PortData, index: number): ViewBox {
    const name = port.name.startsWith('#') ? '' : port.name;
    const id = `output:${name === '' ? String(index) : name}`;
    const source = scope.sources.get(port.tensor);
    if (source !== undefined) this.#edge(scope, source, id, port.tensor, 0);
    return this.#port(scope, { ...port, name: name === '' ? 'output' : name }, id, 'output');
  }

  #port(scope: Scope, port: PortData, id: string, form: 'input' | 'output'): ViewBox {
    const shape = scope.module.shapes[port.tensor]!;
    return this.#add({
      id,
      form,
      role: form,
      ...PORT,
      port,
      module: scope.module,
      place: placeIn(scope, port.origin),
      repeats: 1,
      isFoldable: false,
      title: port.name,
      shape,
      counts: {},
      ...(port.problem === undefined ? {} : { problem: port.problem }),
      ...(shape.includes('?') ? { isFaint: true as const } : {}),
    });
  }

  /** The boxes of the nodes that stand beside each other; `above` is the id of the frame around them. */
  #level(scope: Scope, nodes: readonly NodeData[], above: string, depth: number, isUnrolled?: boolean): ViewBox[] {
    const boxes: ViewBox[] = [];
    const names = new Names(above);
    for (const run of scope.stacks.runs(nodes)) {
      const ids = run.map((node) => names.idOf(node));
      const stack = run.length > 1 ? `${ids[0]!}*` : undefined;
      const isStacked = stack !== undefined && !(this.#folding.choices?.get(stack) ?? isUnrolled ?? this.#isUnrolled);
      if (isStacked) {
        boxes.push(this.#card(scope, run[0]!, stack, run, stack));
      } else if (run.length === 1 && isUnnamed(run[0]!)) {
        boxes.push(...this.#level(scope, run[0]!.nodes!, ids[0]!, depth));
      } else run.forEach((node, i) => boxes.push(this.#node(scope, node, ids[i]!, depth, stack)));
    }
    return boxes;
  }

  #node(scope: Scope, node: NodeData, id: string, depth: number, stack: string | undefined): ViewBox {
    const only = onlyLayer(node);
    if (only !== undefined) {
      const named = { ...only, ...nameBelow(node, only), counts: node.counts };
      const seen = node.shared === undefined ? named : { ...named, shared: node.shared };
      return this.#node(scope, seen, `${id}/${only.key ?? only.title}`, depth, stack);
    }
    const usual = isRepetition(scope.stacks, node) ? this.#isUnrolled : depth < this.#depth;
    const isOpen = isFoldable(node) && (this.#folding.choices?.get(id) ?? usual);
    return isOpen ? this.#frame(scope, node, id, depth, stack) : this.#card(scope, node, id, [node], stack);
  }

  #frame(scope: Scope, node: NodeData, id: string, depth: number, stack: string | undefined): ViewBox {
    let inside: ViewBox[];
    const isAgain = scope.isAgain || (node.shared?.use ?? 1) > 1;
    if (node.module === undefined) {
      // Somebody who unfolds a repetition wants to see its turns.
      const isUnrolled = isRepetition(scope.stacks, node) ? true : undefined;
      inside = this.#level({ ...scope, isAgain }, node.nodes ?? [], id, depth + 1, isUnrolled);
    } else {
      const module = this.#graph.modules[node.module]!;
      const sources = new Map<number, Source>();
      const inner = { module, place: placeIn(scope, node.origin), sources, stacks: this.#stacksOf(module), isAgain };
      module.inputs.forEach(({ tensor }, i) => {
        const source = scope.sources.get(node.inputs[i] ?? -1);
        if (source !== undefined) sources.set(tensor, source);
      });
      inside = this.#level(inner, module.nodes, id, depth + 1);
      module.outputs.forEach(({ tensor }, i) => {
        const source = sources.get(tensor);
        const outside = node.outputs[i];
        if (source !== undefined && outside !== undefined) scope.sources.set(outside, source);
      });
    }
    return this.#add({
      ...this.#common(scope, node, id, stack),
      form: 'frame',
      role: 'node',
      width: 0,
      height: 0,
      counts: countsIn(scope, [node]),
      ...(node.problem === undefined ? {} : { problem: node.problem }),
      inside,
    });
  }

  /** One box for one node, or for equal ones in a row. */
  #card(scope: Scope, node: NodeData, id: string, run: readonly NodeData[], stack: string | undefined): ViewBox {
    const fed = new Set<string>();
    const isWhole = run.length === 1 && node.nodes === undefined;
    for (const each of leaves(run)) {
      each.inputs.forEach((tensor, input) => {
        const source = scope.sources.get(tensor);
        if (source === undefined || source.box === id) return;
        const label = isWhole && node.kind === 'layer' ? node.inputNames?.[input] : undefined;
        // Of what is many inside, each tensor comes in once.
        if (!isWhole && fed.has(source.tensor)) return;
        fed.add(source.tensor);
        this.#edge(scope, source, id, tensor, input, label);
      });
      each.outputs.forEach((tensor, output) => {
        scope.sources.set(tensor, {
          box: id,
          tensor: `${scope.place.length === 0 ? '' : id}#${String(tensor)}`,
          output,
        });
      });
    }
    const form = formOf(node, run.length);
    const size = { operator: OPERATOR, join: PILL, value: VALUE, card: CARD }[form];
    const problem = worstOf(run.map((each) => this.#problemOf(each)));
    const common = this.#common(scope, node, id, stack);
    const last = run.at(-1)!;
    const shape = this.#shapeAfter(scope, last);
    return this.#add({
      ...common,
      form,
      role: form === 'value' ? 'constant' : 'node',
      ...size,
      repeats: run.length > 1 ? run.length : common.repeats,
      isFoldable: common.isFoldable || run.length > 1,
      shape,
      counts: countsIn(scope, run),
      ...(problem === undefined ? {} : { problem }),
      ...(shape.includes('?') && problem === undefined ? { isFaint: true as const } : {}),
    });
  }

  /** A group has no outputs of its own: what runs out of it comes from its last stage. After an error nothing does. */
  #shapeAfter(scope: Scope, node: NodeData): string {
    const [tensor] = [...leaves([node])].at(-1)?.outputs ?? [];
    return tensor === undefined ? '?' : scope.module.shapes[tensor]!;
  }

  #common(
    scope: Scope,
    node: NodeData,
    id: string,
    stack: string | undefined,
  ): Pick<
    ViewBox,
    'id' | 'node' | 'module' | 'place' | 'repeats' | 'stack' | 'isFoldable' | 'title' | 'name' | 'details'
  > {
    const items = node.nodes === undefined ? undefined : alikeItems(node.nodes);
    const isNamedFirst = node.kind === 'block' || node.kind === 'group' || node.kind === 'extern';
    const kind = items?.[0] ?? node;
    const call = kind.details === undefined ? kind.title : `${kind.title}(${kind.details})`;
    const title = isNamedFirst
      ? (node.name ?? (items === undefined ? node.title : kind.title))
      : node.kind === 'weight' || node.kind === 'buffer'
        ? (node.name ?? node.title)
        : node.title;
    const details =
      !isNamedFirst || node.name === undefined
        ? kind.details
        : items === undefined && node.kind === 'group'
          ? undefined
          : call;
    return {
      id,
      node,
      module: scope.module,
      place: placeIn(scope, node.origin),
      repeats: items?.length ?? 1,
      ...(stack === undefined ? {} : { stack }),
      isFoldable: isFoldable(node),
      title,
      ...(isNamedFirst || node.name === undefined || node.name === title ? {} : { name: node.name }),
      ...(details === undefined ? {} : { details }),
    };
  }

  #add(box: ViewBox): ViewBox {
    this.#byId.set(box.id, box);
    return box;
  }

  #edge(scope: Scope, source: Source, target: string, tensor: number, input: number, label?: string): void {
    this.#edges.push({
      source: source.box,
      target,
      tensor: source.tensor,
      ...(label === undefined ? {} : { label }),
      shape: scope.module.shapes[tensor]!,
      input,
      output: source.output,
    });
  }

  // -------------------------------------------------------------------------------------------- problems and folding

  #problemOf(node: NodeData): ProblemData | undefined {
    const inside = node.nodes?.map((each) => this.#problemOf(each)) ?? [];
    if (node.module !== undefined) inside.push(this.#worstIn(this.#graph.modules[node.module]!));
    return worstOf([node.problem, ...inside]);
  }

  #worstIn(module: ModuleData): ProblemData | undefined {
    if (!this.#worst.has(module)) {
      this.#worst.set(module, undefined); // ends what contains itself
      this.#worst.set(module, worstOf(module.nodes.map((node) => this.#problemOf(node))));
    }
    return this.#worst.get(module);
  }

  #usualDepth(): number {
    const root = this.#graph.modules[0]!;
    if (this.#count(root.nodes, root, Infinity) <= FEW) return Infinity;
    let depth = 0;
    while (this.#count(root.nodes, root, depth + 1) <= GLANCE) depth++;
    return depth;
  }

  /** How many boxes there are, frames too, with so many frames around each other unfolded; more than {@link FEW} aren't counted out. */
  #count(nodes: readonly NodeData[], module: ModuleData, depth: number): number {
    let count = 0;
    for (const run of this.#stacksOf(module).runs(nodes)) {
      const [node] = run;
      const isOne = run.length > 1 || (depth === 0 && !isUnnamed(node!)) || !isFoldable(node!);
      if (run.length === 1 && isUnnamed(node!)) count += this.#count(node!.nodes!, module, depth);
      else if (isOne || isRepetition(this.#stacksOf(module), node!)) count += 1;
      else if (node!.module !== undefined) {
        const inner = this.#graph.modules[node!.module]!;
        count += 1 + this.#count(inner.nodes, inner, depth - 1);
      } else count += 1 + this.#count(node!.nodes ?? [], module, depth - 1);
      if (count > FEW) break;
    }
    return count;
  }
}

/** Gives boxes their ids: an attribute's name, else the kind; a number where there are several. */
class Names {
  readonly #above: string;
  readonly #used = new Map<string, number>();

  constructor(above: string) {
    this.#above = above === '' ? '' : `${above}/`;
  }

  idOf({ key, title }: NodeData): string {
    const name = key ?? title;
    const before = this.#used.get(name) ?? 0;
    this.#used.set(name, before + 1);
    return `${this.#above}${name}${before === 0 ? '' : `~${String(before + 1)}`}`;
  }
}

function placeIn(
  { module, place }: Pick<Scope, 'module' | 'place'>,
  { part, start, end, turns }: NodeData['origin'],
): Place {
  return [...place, { definition: module.definition, part, range: { start, end }, turns: turns ?? [] }];
}

function isFoldable(node: NodeData): boolean {
  return node.kind === 'block' || (node.kind === 'group' && node.nodes !== undefined && node.nodes.length > 0);
}

/** A group that is no thing of its own: nobody named it, and it isn't one kind of block again and again. */
function isUnnamed({ kind, name, shared, nodes }: NodeData): boolean {
  return kind === 'group' && name === undefined && shared === undefined && alikeItems(nodes!) === undefined;
}

/** A group of nothing but equal ones in a row: `layer1: Bottleneck(64) * 3`. */
function isRepetition(stacks: Stacks, { nodes }: NodeData): boolean {
  if (nodes === undefined || nodes.length < 2) return false;
  const [first] = stacks.runs(nodes);
  return first?.length === nodes.length;
}

/** Of a group that holds a single layer: that layer. */
function onlyLayer(node: NodeData): NodeData | undefined {
  const [only, second] = node.nodes ?? [];
  return node.kind === 'group' && only !== undefined && second === undefined && !isFoldable(only) ? only : undefined;
}

/** `heads.head` */
function nameBelow(group: NodeData, only: NodeData): { name?: string } {
  const names = [group.name, only.name].filter((name) => name !== undefined);
  return names.length === 0 ? {} : { name: names.join('.') };
}

/** The items of a group of one kind of block. */
function alikeItems(nodes: readonly NodeData[]): readonly NodeData[] | undefined {
  const [first, second] = nodes;
  const areAlike = second !== undefined && nodes.every((each) => each.kind === 'block' && each.title === first!.title);
  return areAlike ? nodes : undefined;
}

function formOf(node: NodeData, repeats: number): 'card' | 'operator' | 'join' | 'value' {
  if (node.kind === 'weight' || node.kind === 'buffer') return 'value';
  if (repeats === 1 && node.kind === 'operator' && node.title.length <= 2) return 'operator';
  return repeats === 1 && node.isJoin === true ? 'join' : 'card';
}

function* leaves(nodes: readonly NodeData[]): Generator<NodeData> {
  for (const node of nodes) {
    if (node.nodes === undefined) yield node;
    else yield* leaves(node.nodes);
  }
}

function worstOf(problems: readonly (ProblemData | undefined)[]): ProblemData | undefined {
  const there = problems.filter((problem) => problem !== undefined);
  return there.find(({ severity }) => severity === 'error') ?? there[0];
}

function countsIn({ isAgain }: Scope, nodes: readonly NodeData[]): CountsData {
  const total = sumOfCounts(nodes);
  return isAgain ? { ...total, parameters: 0 } : total;
}
