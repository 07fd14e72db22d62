/** A model as plain data for its picture: what view/modelGraph.ts holds, from the model graph. */
import type { Stage } from '../definition.ts';
import { type Dimension, constantValue, equal, format } from '../dimension.ts';
import { stagesIn } from '../elaborate/callStages.ts';
import type { Fact, Instance, NamedTensor, Node } from '../graph.ts';
import type { Problem } from '../problem.ts';
import { type Shape, type Tensor, isUnknown } from '../tensor.ts';
import type {
  CardFamily,
  CountsData,
  ModelGraph,
  ModuleData,
  NodeData,
  OriginData,
  PortData,
  ProblemData,
} from '../view/modelGraph.ts';
import { sumOfCounts } from '../view/counts.ts';
import type { FileFacts } from './analyse.ts';
import { blockDetails, cardFamily, layerDetails } from './cardDetails.ts';
import { type Counts, atUsualSize, batchTotalsOf, countsOfLeaf, kindOf, sampleOf } from './summary.ts';
import { allNodes, layerUse } from './walk.ts';
import { onceFor } from '../once.ts';

/** A file's model at the image size of its data set; of one with mistakes what is known. */
export function describeModel({ session, problems }: FileFacts, model: Instance): ModelGraph {
  const { instance, at } = atUsualSize(session, model);
  const describing = new Describing(instance, problems);
  describing.number(instance);
  return {
    name: model.definition.name.text,
    modules: describing.modules(),
    ...(at === undefined ? {} : { at }),
  };
}

/** The arguments of one picture's making. */
class Describing {
  readonly #instances: Instance[] = [];
  readonly #numbers = new Map<Instance, number>();
  readonly #perSample: (value: Dimension) => Dimension;
  readonly #batch: Dimension | undefined;
  /** Most layers of a large model are applied as another one is: what is told of those is worked out once. */
  readonly #counted = new WeakMap<Counts, CountsData>();
  readonly #printed = new WeakMap<Shape, string>();
  /** By definition and part. */
  readonly #problems = new Map<string, Problem[]>();

  constructor(root: Instance, problems: readonly Problem[]) {
    this.#perSample = sampleOf(root);
    this.#batch = root.inputs[0]?.tensor.shape?.[0];
    for (const problem of problems) {
      if (problem.severity === 'hint') continue;
      const key = partKey(problem.site.definition, problem.site.part);
      const list = this.#problems.get(key);
      if (list === undefined) this.#problems.set(key, [problem]);
      else list.push(problem);
    }
  }

  number(instance: Instance): number {
    let number = this.#numbers.get(instance);
    if (number === undefined) {
      number = this.#instances.length;
      this.#numbers.set(instance, number);
      this.#instances.push(instance);
    }
    return number;
  }

  /** Describing one may number more. */
  modules(): readonly ModuleData[] {
    const modules: ModuleData[] = [];
    for (const instance of this.#instances) modules.push(this.#module(instance));
    return modules;
  }

  #module(instance: Instance): ModuleData {
    const { definition } = instance;
    const tensors = new Map<Tensor, number>();
    const shapes: string[] = [];
    const numberOf = (tensor: Tensor): number => {
      let number = tensors.get(tensor);
      if (number === undefined) {
        number = shapes.length;
        tensors.set(tensor, number);
        shapes.push(this.#shape(tensor.shape));
      }
      return number;
    };
    const port = ({ name, tensor, site }: NamedTensor): PortData => ({
      name,
      tensor: numberOf(tensor),
      origin: { part: site.part, ...site.range },
      ...this.#problemAt(partKey(definition.id, site.part), ({ start }) => !inStages.has(keyOf(site.part, start))),
    });
    const stages = stagesOf(instance);
    const { owners, inStages } = this.#owners(instance, stages);
    const sharing = new Sharing(instance.nodes);
    const describe = (node: Node, container: unknown): NodeData[] => {
      // A number has no box of its own, and what comes in is a port.
      if (node.kind === 'input' || node.kind === 'number') return [];
      const stage = stages.get(node);
      const label = stage?.label?.parts.every((part) => typeof part === 'string')
        ? stage.label.parts.join('')
        : node.name;
      const inside = node.kind === 'group' ? node.nodes.flatMap((each) => describe(each, node.shared)) : undefined;
      if (inside?.length === 0) return []; // what came to nothing: `* 0`
      const details = detailsOf(node);
      const shared = sharing.use(node, container);
      const name =
        node.kind === 'weight' || node.kind === 'buffer'
          ? node.name
          : stage?.label === undefined
            ? shared && sharedName(node)
            : label;
      const problem = owners.get(node);
      const turns = node.iterations.map(({ index }) => Number(constantValue(index) ?? 0n));
      return [
        {
          kind: node.kind,
          family: familyOf(node),
          title: titleOf(node, inside),
          ...(name === undefined ? {} : { name }),
          ...(node.name === undefined ? {} : { key: node.name }),
          ...(details === undefined ? {} : { details }),
          inputs: node.inputs.filter(({ node: { kind } }) => kind !== 'number').map(numberOf),
          ...inputNames(node),
          outputs: node.outputs.map(numberOf),
          counts: again(inside === undefined ? this.#counts(node) : sumOfCounts(inside), (shared?.use ?? 1) > 1),
          ...(node.kind === 'layer' && node.layer.inputs.variadic === true ? { isJoin: true as const } : {}),
          ...(node.frozen ? { frozen: true as const } : {}),
          ...(shared === undefined ? {} : { shared }),
          ...(problem === undefined ? {} : { problem }),
          origin: { ...originOf(instance, node), ...(turns.length === 0 ? {} : { turns }) },
          ...(node.kind === 'block' ? { module: this.number(node.instance) } : {}),
          ...(inside === undefined ? {} : { nodes: inside }),
        },
      ];
    };
    const nodes = instance.nodes.flatMap((node) => describe(node, undefined));
    return {
      definition: definition.id,
      title: definition.name.text,
      inputs: instance.inputs.map(port),
      outputs: instance.outputs.map(port),
      nodes,
      shapes,
      counts: this.#countsData(batchTotalsOf(instance)),
    };
  }

  #counts(node: Node): CountsData {
    return this.#countsData(node.kind === 'block' ? batchTotalsOf(node.instance) : countsOfLeaf(node));
  }

  #countsData(counts: Counts): CountsData {
    return onceFor(this.#counted, counts, ({ parameters, macs, activationBytes }) => {
      const known = {
        parameters: numberAt(parameters),
        macs: numberAt(this.#perSample(macs)),
        bytes: numberAt(this.#perSample(activationBytes)),
      };
      return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
    });
  }

  /** Batch left out. */
  #shape(shape: Shape | undefined): string {
    if (shape === undefined) return '?';
    return onceFor(this.#printed, shape, ([first, ...rest]) => {
      const isBatched = first !== undefined && this.#batch !== undefined && equal(first, this.#batch);
      const sizes = isBatched ? rest : shape;
      return sizes.length === 0 ? 'scalar' : sizes.map((size) => (isUnknown(size) ? '?' : format(size))).join(' × ');
    });
  }

  /** Which node each problem is shown at: the innermost stage around it. */
  #owners(
    instance: Instance,
    stages: ReadonlyMap<Node, Stage>,
  ): { readonly owners: ReadonlyMap<Node, ProblemData>; readonly inStages: ReadonlySet<string> } {
    const owners = new Map<Node, ProblemData>();
    const inStages = new Set<string>();
    const byPart = new Map<number, Node[]>();
    for (const node of allNodes(instance.nodes)) {
      const list = byPart.get(node.site.part);
      if (list === undefined) byPart.set(node.site.part, [node]);
      else list.push(node);
    }
    for (const [part, nodes] of byPart) {
      for (const problem of this.#problems.get(partKey(instance.definition.id, part)) ?? []) {
        const { start } = problem.site.range;
        let least = Infinity;
        let found: Node[] = [];
        for (const node of nodes) {
          const range = stages.get(node)?.range ?? node.site.range;
          if (start < range.start || start >= range.end) continue;
          const length = range.end - range.start;
          if (length > least) continue;
          if (length < least) found = [];
          least = length;
          found.push(node);
        }
        for (const node of found) {
          if (owners.get(node)?.severity !== 'error') owners.set(node, problemData(problem));
        }
        if (found.length > 0) inStages.add(keyOf(part, start));
      }
    }
    return { owners, inStages };
  }

  #problemAt(key: string, isMine: (range: { readonly start: number }) => boolean): { problem?: ProblemData } {
    const mine = (this.#problems.get(key) ?? []).filter(({ site }) => isMine(site.range));
    const worst = mine.find(({ severity }) => severity === 'error') ?? mine[0];
    return worst === undefined ? {} : { problem: problemData(worst) };
  }
}

function problemData({ severity, message }: Problem): ProblemData {
  return { severity: severity === 'error' ? 'error' : 'warning', message };
}

function partKey(definition: string, part: number): string {
  return `${definition} ${String(part)}`;
}

function keyOf(part: number, start: number): string {
  return `${String(part)} ${String(start)}`;
}

/** The stage that each node was made by. */
function stagesOf({ facts }: Instance): ReadonlyMap<Node, Stage> {
  const stages = new Map<Node, Stage>();
  for (const [place, found] of facts as ReadonlyMap<object, readonly Fact[]>) {
    if (!('body' in place)) continue;
    for (const { node } of found) if (node !== undefined && !stages.has(node)) stages.set(node, place as Stage);
  }
  return stages;
}

/**
 * Where a node of an instance stands, as pictures tell it: a use of a shared layer is where its name stands, not where the
 * layer is written.
 */
export function originOf({ definition, facts }: Instance, node: Node): Omit<OriginData, 'turns'> {
  const name = sharedName(node);
  const statements = name === undefined || definition.kind === 'extern' ? [] : definition.statements;
  for (const [part, statement] of statements.entries()) {
    if (statement.kind === 'layer') continue;
    for (const stage of stagesIn(statement)) {
      if (stage.body.kind !== 'call' || stage.body.callee.text !== name) continue;
      const { start, end } = stage.body.callee.range;
      if (facts.get(stage)?.some((fact) => fact.node === node) === true) return { part, start, end };
    }
  }
  const { part, range } = node.site;
  return { part, start: range.start, end: range.end };
}

/** Which shared layer a node is a use of, and the how manieth. */
class Sharing {
  readonly #layers = new Map<unknown, { readonly layer: number; of: number; used: number }>();

  constructor(nodes: readonly Node[]) {
    const visit = (list: readonly Node[], container: unknown): void => {
      for (const node of list) {
        const shared = 'shared' in node ? node.shared : undefined;
        if (shared !== undefined && shared !== container) {
          const known = this.#layers.get(shared);
          if (known === undefined) this.#layers.set(shared, { layer: this.#layers.size, of: 1, used: 0 });
          else known.of += 1;
        }
        if (node.kind === 'group') visit(node.nodes, node.shared);
      }
    };
    visit(nodes, undefined);
  }

  use(node: Node, container: unknown): NodeData['shared'] {
    const shared = 'shared' in node ? node.shared : undefined;
    const found = shared === undefined || shared === container ? undefined : this.#layers.get(shared);
    if (found === undefined) return undefined;
    found.used += 1;
    return { layer: found.layer, use: found.used, of: found.of };
  }
}

/** What the author calls a shared layer. */
function sharedName(node: Node): string | undefined {
  const statement = 'shared' in node ? node.shared : undefined;
  return statement?.kind === 'layer' ? statement.name.text : undefined;
}

function titleOf(node: Node, inside: readonly NodeData[] | undefined): string {
  // Nobody wrote `Sequential`: a group without a name is called by what is in it.
  if (inside !== undefined)
    return [...inside.slice(0, 3).map(({ title }) => title), ...(inside.length > 3 ? ['…'] : [])].join(' → ');
  if (node.kind === 'operator') return OPERATORS[node.operator] ?? node.operator;
  return kindOf(node) ?? node.kind;
}

/** As mathematics writes them. */
const OPERATORS: Readonly<Record<string, string>> = { '*': '×', '-': '−', '/': '÷', '<=': '≤', '>=': '≥', '!=': '≠' };

function familyOf(node: Node): CardFamily {
  switch (node.kind) {
    case 'layer':
      return cardFamily(node.layer.family);
    case 'weight':
    case 'buffer':
      return 'linear';
    case 'operator':
      return 'activation';
    default:
      return 'block';
  }
}

const knownDetails = new WeakMap<object, { readonly text: string | undefined }>();

function detailsOf(node: Node): string | undefined {
  return onceFor(knownDetails, layerUse(node), () => ({ text: makeDetails(node) })).text;
}

function makeDetails(node: Node): string | undefined {
  switch (node.kind) {
    case 'layer':
      return node.complete ? layerDetails(node) : undefined;
    case 'block':
    case 'extern':
      return blockDetails(node);
    case 'weight':
      return 'parameter';
    case 'buffer':
      return 'buffer';
    default:
      return undefined;
  }
}

/** Where several tensors go in that aren't alike. */
function inputNames(node: Node): { inputNames?: readonly string[] } {
  if (node.inputs.length < 2) return {};
  if (node.kind === 'layer' && node.layer.inputs.variadic !== true) {
    return { inputNames: node.layer.inputs.names.slice(0, node.inputs.length) };
  }
  if (node.kind === 'block' || node.kind === 'extern') {
    return { inputNames: node.instance.inputs.map(({ name }) => name) };
  }
  return {};
}

/** Weights are counted at the first use. */
function again(counts: CountsData, isAgain: boolean): CountsData {
  return isAgain ? { ...counts, parameters: 0 } : counts;
}

function numberAt(value: Dimension): number | undefined {
  const known = constantValue(value);
  return known === undefined ? undefined : Number(known);
}
