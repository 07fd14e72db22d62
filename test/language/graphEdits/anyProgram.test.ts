/**
 * Edits in the graph of programs by chance: the text says what was meant, which a few lines on a plain graph tell without
 * the planner; comments stay, so does the text elsewhere, and undo brings it back.
 */
import assert from 'node:assert/strict';
import type { FileFacts } from '../../../server/src/core/analysis/analyse.ts';
import {
  type GraphEdit,
  type Plan,
  type Scope,
  type TextPlan,
  applyChanges,
  inverseOf,
} from '../../../server/src/core/edits/edit.ts';
import type { Instance } from '../../../server/src/core/graph.ts';
import { findLayer } from '../../../server/src/core/layers/catalogue.ts';
import type { Place } from '../../../server/src/core/origin.ts';
import { format } from '../../../server/src/language/format/format.ts';
import type { GraphPlanner } from '../../../server/src/language/graphEdits/planner.ts';
import { filesOf } from '../../oracle/programs/files.ts';
import { makeProgram } from '../../oracle/programs/generator.ts';
import { Random } from '../../random.ts';
import { SEED, caseCount, isLong, timeBox } from '../../scale.ts';
import { scrambled } from '../scramble.ts';
import { emptyWorkspace, type LiveWorkspace } from '../services.ts';
import { parser, samples } from '../support.ts';
import { plannerOf } from '../../../server/src/language/graph/planGraphEdit.ts';
import { type PlainGraph, type PlainNode, type Source, copyOf, formOf, plainGraph } from './plainGraph.ts';

/** A larger graph takes longer than it tells. */
const LARGEST = 400;
/** As many failures are told. */
const TOLD = Number(process.env.SCV_TOLD ?? 3);
/** They take any tensor and keep its shape. */
const PIECES = ['ReLU', 'Sigmoid', 'Tanh', 'Dropout', 'GELU'];

interface Attempt {
  readonly edit: GraphEdit;
  /** What it does to a graph: at nodes that are like the one that was chosen. */
  readonly change: (graph: PlainGraph, at: readonly Meant[]) => void;
  /** The node that it is about; an edge's end. */
  readonly node: PlainNode | undefined;
  /** What else is told, that each of the alike has its own of. */
  readonly others: readonly PlainNode[];
  /** Where an edge begins: it need not be there in other uses. */
  readonly from?: PlainNode;
  /** Names of what is new are the planner's to choose. */
  readonly hasNewLabels?: true;
  /** Other sizes come about, which arguments may be made of. */
  readonly hasNewSizes?: boolean;
}

/** One of the nodes that are meant, with what belongs to it. */
interface Meant {
  readonly node: PlainNode;
  readonly others: readonly PlainNode[];
}

describe(`edits in the graph of any program (SCV_SEED=${String(SEED)})`, function () {
  this.timeout(0);
  let workspace: LiveWorkspace;
  let planner: GraphPlanner;
  const told = new Map<string, number>();
  const failures: Error[] = [];
  const unpredicted: string[] = [];
  const count = (what: string): void => void told.set(what, (told.get(what) ?? 0) + 1);

  before(async () => {
    workspace = await emptyWorkspace();
    planner = plannerOf(workspace.language);
  });

  it('of programs by chance', async () => {
    const end = Date.now() + timeBox(16_000, 3_600_000);
    const edits = caseCount(400, 10_000);
    for (let number = 0; (told.get('edits') ?? 0) < edits && Date.now() < end; number++)
      await tryProgram(`program ${String(number)}`, filesOf(makeProgram(SEED + number)), number);
  });

  it('of the examples', async () => {
    const all = Object.fromEntries(samples('examples').map(({ name, text }) => [name, text]));
    const end = Date.now() + timeBox(8_000, 600_000);
    const names = Object.keys(all).filter((name) => !name.includes('/blocks/'));
    for (let number = 0; number < caseCount(60, 3000) && Date.now() < end; number++) {
      const name = names[number % names.length]!;
      // Alone with the blocks that it may import: what is used elsewhere counts there too.
      const files = Object.fromEntries(
        Object.entries(all).filter(([each]) => each === name || each.includes('/blocks/')),
      );
      await put(files);
      await tryEdits(`${name} ${String(number)}`, name, files, new Random(SEED + number, name), 1);
      await workspace.remove(Object.keys(files).map(uriOf));
    }
  });

  after(() => {
    const all = [...told].map(([what, times]) => `${what}: ${String(times)}`).sort();
    if (process.env.SCV_COUNTS !== undefined || isLong) console.log(all.join('\n'));
    const first = failures
      .slice(0, TOLD)
      .map(({ message, stack, cause }) => `${stack ?? message}\n${cause instanceof Error ? cause.stack! : ''}`);
    assert.equal(failures.length, 0, first.join('\n======\n'));
    assert.ok(unpredicted.length <= (told.get('edits') ?? 0) / 1000, unpredicted.slice(0, TOLD).join('\n'));
    const done = told.get('compared') ?? 0;
    assert.ok(done * 2 >= (told.get('edits') ?? 0), all.join('\n'));
  });

  async function tryProgram(title: string, plain: Readonly<Record<string, string>>, number: number): Promise<void> {
    const random = new Random(SEED + number, 'graph edits');
    const files = { ...plain };
    if (random.chance(0.4))
      for (const [name, text] of Object.entries(files)) files[name] = scrambled(text, parser, random);
    await put(files);
    await tryEdits(title, 'main.scv', files, random, random.int(1, 4));
    await workspace.remove(Object.keys(files).map(uriOf));
  }

  async function tryEdits(
    title: string,
    main: string,
    files: Readonly<Record<string, string>>,
    random: Random,
    steps: number,
  ): Promise<void> {
    let texts = new Map(Object.entries(files).map(([name, text]) => [uriOf(name), text]));
    for (let step = 0; step < steps; step++) {
      const facts = factsOf(main);
      if (facts.models.length === 0 || facts.models.some(({ size }) => size > LARGEST)) {
        count('too large');
        return;
      }
      const model = random.pick(facts.models);
      const own = plainGraph([model]);
      const attempt = anyEdit(own, model.definition.id, random);
      if (attempt === undefined) continue;
      // What one looks at by itself is the definition: it says nothing of other models. Numbers of nodes are the same in both.
      const isShared = attempt.node !== undefined && attempt.node.place.length > 1;
      const models = isShared ? [model, ...facts.models.filter((each) => each !== model)] : [model];
      const seen = { models, own, all: isShared ? plainGraph(models) : own };
      let now: Map<string, string> | undefined;
      try {
        now = await tryEdit(title, main, texts, seen, attempt, random);
      } catch (error) {
        failures.push(error as Error);
        return;
      }
      if (now !== undefined) texts = now;
    }
  }

  async function tryEdit(
    title: string,
    main: string,
    texts: ReadonlyMap<string, string>,
    { models, own, all }: { readonly models: readonly Instance[]; readonly own: PlainGraph; readonly all: PlainGraph },
    attempt: Attempt,
    random: Random,
  ): Promise<Map<string, string> | undefined> {
    const { edit } = attempt;
    const facts = factsOf(main);
    const where = (): string =>
      `${title}: ${JSON.stringify(edit)}\n${[...texts]
        .filter(([uri]) => uri === uriOf(main) || texts.size < 5)
        .map(([uri, text]) => `# --- ${uri}\n${text}`)
        .join('\n')}`;
    let plan: Plan;
    let scope: Scope | undefined;
    let uses = 1;
    try {
      plan = planner.plan({ edit });
      if (plan.kind === 'ask') {
        uses = plan.uses;
        scope = random.chance(0.6) ? 'all' : 'here';
        plan = planner.plan({ edit, scope });
        assert.notEqual(plan.kind, 'ask');
      }
    } catch (error) {
      throw new Error(where(), { cause: error });
    }
    if (plan.kind === 'refused') {
      assert.match(plan.reason, /^\S.*[.?!)]$/su, where());
      count(`refused ${edit.kind}`);
      if (process.env.SCV_COUNTS === 'reasons') count(`why ${edit.kind}: ${plan.reason.replaceAll(/\d+/gu, '#')}`);
      return undefined;
    }
    assert.ok(plan.kind === 'edits');
    count('edits');
    count(`${edit.kind} ${scope ?? ''}`);
    const now = new Map(texts);
    const checked = checkTexts(texts, now, plan, where);
    await workspace.put(checked);
    const after = factsOf(main);
    const show = (): string =>
      `${where()}\n--- ${scope ?? ''} ---\n${[...checked].map(([uri, text]) => `# --- ${uri}\n${text}`).join('\n')}`;
    const errors = (of: FileFacts): number => of.problems.filter(({ severity }) => severity === 'error').length;
    if (errors(after) > errors(facts)) {
      count(`wrong sizes after ${edit.kind}`);
      return now;
    }
    if (errors(facts) > 0) return now;
    // One use alone, or what nobody was asked about, is one of what is looked at.
    const isEverywhere = scope === 'all';
    const looked = isEverywhere ? models : models.slice(0, 1);
    const wanted = predictions(isEverywhere ? all : own, attempt, isEverywhere ? uses : 1);
    // Elsewhere the same stage may have other sizes.
    const hasNewSizes = attempt.hasNewSizes === true || (scope === 'all' && attempt.hasNewSizes !== undefined);
    const form = { hasLabels: attempt.hasNewLabels !== true, hasArguments: !hasNewSizes };
    const same = looked.map(({ definition }) => after.models.find((each) => each.definition.id === definition.id)!);
    const found = formOf(plainGraph(same), form);
    if (wanted.length === 0) {
      // In a turn that builds a stage no times, nothing stands for it.
      unpredicted.push(`nothing stands for ${String(uses)}, but ${alikeCounts(all, attempt)}, in ${show()}`);
      return now;
    }
    const forms = wanted.map((each) => formOf(each, form));
    const isMeant = forms.some((each) => each.join('\n') === found.join('\n'));
    // What is chosen by sizes may be another then.
    const mayChoose = hasNewSizes && [...now.values()].some((text) => /\bif\b/u.test(text));
    if (!isMeant && mayChoose) {
      count('chosen by sizes');
      return now;
    }
    if (!isMeant) {
      const missing = forms[0]!.filter((each) => !found.includes(each));
      const fresh = found.filter((each) => !forms[0]!.includes(each));
      assert.fail(
        `${show()}\nwanted ${missing.slice(0, 8).join('\n       ')}\nfound  ${fresh.slice(0, 8).join('\n       ')}`,
      );
    }
    count('compared');
    return now;
  }

  function checkTexts(
    texts: ReadonlyMap<string, string>,
    now: Map<string, string>,
    { files }: TextPlan,
    where: () => string,
  ): Map<string, string> {
    const changed = new Map<string, string>();
    for (const { uri, edits } of files) {
      const before = texts.get(uri)!;
      let last = 0;
      for (const { start, end } of edits) {
        assert.ok(start >= last && end >= start && end <= before.length, where());
        last = end;
      }
      const after = applyChanges(before, edits);
      assert.equal(applyChanges(after, inverseOf(before, edits)), before, where());
      const formatted = format(before, parser);
      if ('text' in formatted && formatted.text === before) {
        const again = format(after, parser);
        assert.ok('text' in again, where());
        assert.equal(after, again.text, where());
      }
      const left = commentsOf(after);
      for (const comment of commentsOf(before)) {
        const at = left.indexOf(comment);
        assert.ok(at >= 0, `${comment} is lost: ${where()}\n---\n${after}`);
        left.splice(at, 1);
      }
      changed.set(uri, after);
      now.set(uri, after);
    }
    return changed;
  }

  function put(files: Readonly<Record<string, string>>): Promise<void> {
    return workspace.put(new Map(Object.entries(files).map(([name, text]) => [uriOf(name), text])));
  }

  function factsOf(name: string): FileFacts {
    const facts = workspace.language.scv.scv.Analysis.factsOf(workspace.document(uriOf(name)));
    assert.ok(facts);
    return facts;
  }
});

function uriOf(name: string): string {
  return `file:///${name}`;
}

function commentsOf(text: string): string[] {
  return parser.parse(text).comments.map(({ image }) => image.trimEnd());
}

// ---------------------------------------------------------------------------------------------- what is meant

/** The graphs that may be meant where so many nodes change: in all uses of a definition, or in those of one use. */
function predictions(graph: PlainGraph, { node, others, from, change }: Attempt, uses: number): readonly PlainGraph[] {
  if (node === undefined) return [predicted(graph, change, [])];
  const found: PlainGraph[] = [];
  for (const isFirstTurn of [false, true]) {
    for (let steps = 1; steps <= node.place.length; steps++) {
      const alike = [...graph.nodes.values()].filter(
        (each) => isAlike(each, node, steps) && (!isFirstTurn || isInFirstTurns(each, node, from ?? others[0])),
      );
      const meant = alike.flatMap((each): Meant[] => {
        const own = others.map((other) => counterpart(graph, other, node, each));
        return own.every((other) => other !== undefined) ? [{ node: each, others: own }] : [];
      });
      if (meant.length === uses) found.push(predicted(graph, change, meant));
    }
  }
  if (uses === 1) found.push(predicted(graph, change, [{ node, others }]));
  return found;
}

/** How many there are, for a message. */
function alikeCounts(graph: PlainGraph, { node }: Attempt): string {
  const steps = node?.place.map((_, i) => i + 1) ?? [];
  return steps
    .map((each) => [...graph.nodes.values()].filter((other) => isAlike(other, node!, each)).length)
    .join(', ');
}

function predicted(graph: PlainGraph, change: Attempt['change'], at: readonly Meant[]): PlainGraph {
  const copy = copyOf(graph);
  const own = (node: PlainNode): PlainNode => copy.nodes.get(node.id)!;
  change(
    copy,
    at.map(({ node, others }) => ({ node: own(node), others: others.map(own) })),
  );
  return copy;
}

/** Whether the last steps to two nodes are the same places of the text, in whatever turns. */
function isAlike(a: PlainNode, b: PlainNode, steps: number): boolean {
  if (a.kind !== b.kind || a.place.length < steps) return false;
  return (
    Array.from({ length: steps }, (_, i) => i + 1).every((back) => {
      const [x, y] = [a.place.at(-back)!, b.place.at(-back)!];
      const isSame =
        x.definition === y.definition &&
        x.part === y.part &&
        x.range.start === y.range.start &&
        x.range.end === y.range.end;
      return isSame;
    }) && a.slot === b.slot
  );
}

/** In the first turn of the loops that what comes in is outside of. */
function isInFirstTurns(each: PlainNode, node: PlainNode, from: PlainNode | undefined): boolean {
  const outside = node.loops.filter(
    (loop) => from === undefined || !from.loops.includes(loop) || from.place.length !== node.place.length,
  );
  return node.loops.every((loop, i) => !outside.includes(loop) || each.place.at(-1)!.turns[i] === 0);
}

/** What another node is to `node`, to `each` that is like it: the node at that place in the same use. */
function counterpart(graph: PlainGraph, other: PlainNode, node: PlainNode, each: PlainNode): PlainNode | undefined {
  if (each === node) return other;
  let same = 0;
  while (same < Math.min(other.place.length, node.place.length) - 1 && isSameStep(other.place, node.place, same))
    same++;
  const back = node.place.length - same;
  const way = [...each.place.slice(0, each.place.length - back), ...other.place.slice(same)];
  // In the same turn of the loops that both stand in.
  if (back === 1 && other.place.length === node.place.length) {
    const { turns } = each.place.at(-1)!;
    const last = way.at(-1)!;
    way[way.length - 1] = {
      ...last,
      turns: last.turns.map((turn, i) => (other.loops[i] === node.loops[i] ? turns[i]! : turn)),
    };
  }
  return [...graph.nodes.values()].find(
    (found) =>
      found.kind === other.kind &&
      found.place.length === way.length &&
      way.every((_, i) => isSameStep(found.place, way, i)),
  );
}

/** One use of one definition. */
function isSameUse(a: Place, b: Place): boolean {
  return a.length === b.length && a.slice(0, -1).every((_, i) => isSameStep(a, b, i));
}

function isSameStep(a: Place, b: Place, index: number): boolean {
  const [x, y] = [a[index], b[index]];
  if (x === undefined || y === undefined) return false;
  return (
    x.definition === y.definition &&
    x.part === y.part &&
    x.range.start === y.range.start &&
    x.turns.join() === y.turns.join()
  );
}

// ---------------------------------------------------------------------------------------------- edits, and what they do

function anyEdit(graph: PlainGraph, model: string, random: Random): Attempt | undefined {
  const nodes = [...graph.nodes.values()].filter(({ isShared }) => !isShared);
  const stages = nodes.filter(({ kind }) => kind === 'layer');
  const fed = nodes.filter(({ inputs, kind }) => inputs.length > 0 && kind !== 'input');
  if (stages.length === 0 || fed.length === 0) return undefined;
  const node = random.pick(stages);
  switch (random.int(0, 15)) {
    case 0:
    case 1:
      return insertOnEdge(graph, random.pick(fed), random);
    case 2:
      return insertBehind(
        graph,
        random.pick(nodes.filter(({ kind }) => kind !== 'output' && kind !== 'number')),
        random,
      );
    case 3:
      return insertBefore(random.pick(fed), random);
    case 4:
    case 5:
      return deletion(graph, random.pick(nodes.filter(({ kind }) => kind === 'layer' || kind === 'operator')), random);
    case 6:
    case 7:
      return rewiring(graph, random.pick(fed), random);
    case 8:
      return branching(graph, node, random);
    case 9:
      return moving(graph, node, random.pick(fed.filter(({ place }) => isSameUse(place, node.place))), random);
    case 10:
      return duplication(node);
    case 11:
      return argument(node, random);
    case 12:
      return labelling(node, random);
    case 13:
      return {
        edit: random.pick<GraphEdit>([
          { kind: 'setMetadata', model, key: 'author', value: random.pick(['"Me"', 'Me', '["a", "b"]']) },
          { kind: 'setTrain', model, key: 'epochs', value: random.pick(['3', '12']) },
          { kind: 'setTrain', model, key: 'optimizer', value: 'Adam(lr=1e-3)' },
          { kind: 'addInput', definition: model, name: 'further', shape: '[N, 3]' },
        ]),
        node: undefined,
        others: [],
        change: () => undefined,
      };
    case 14:
      return wrapping(node);
    default:
      return output(graph, node);
  }
}

function newNode(graph: PlainGraph, like: PlainNode, layer: string, inputs: Source[], args?: string): Source {
  const id = Math.max(...graph.nodes.keys()) + 1;
  const what = args ?? `${layer} ${JSON.stringify(defaultsOf(layer))}`;
  graph.nodes.set(id, {
    ...like,
    id,
    what,
    label: '',
    inputs,
    layer,
    kind: 'layer',
    outputs: 1,
    loops: [],
    isShared: false,
  });
  return { node: id, output: 0 };
}

/** Of layers whose parameters all have defaults, as the catalogue's rules get them. */
function defaultsOf(layer: string): unknown {
  const known = DEFAULTS[layer];
  if (known !== undefined) return known;
  assert.ok(findLayer(layer));
  return [];
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  ReLU: [['inplace', false]],
  Sigmoid: [],
  Tanh: [],
  Dropout: [
    ['p', 0.5],
    ['inplace', false],
  ],
  GELU: [['approximate', 'none']],
};

function insertOnEdge(graph: PlainGraph, node: PlainNode, random: Random): Attempt | undefined {
  const input = random.int(0, node.inputs.length - 1);
  let source = node.inputs[input]!;
  let from = graph.nodes.get(source.node);
  // A view may draw edges from block to block, or from layer to layer.
  while (from?.what === '' && random.chance(0.5)) {
    source = from.inputs[0]!;
    from = graph.nodes.get(source.node);
  }
  if (from === undefined || from.isShared || from.kind === 'number') return undefined;
  const name = random.pick(PIECES);
  return {
    edit: {
      kind: 'insertLayer',
      piece: { name },
      where: {
        kind: 'edge',
        edge: {
          from: { node: from.place, output: source.output },
          to: { node: node.place, input: targetInput(graph, node, input) },
        },
      },
    },
    node,
    others: [],
    from,
    change: (copy, at) => {
      for (const { node: to } of at) to.inputs[input] = newNode(copy, to, name, [to.inputs[input]!]);
    },
  };
}

/** An `output` of several tensors is one place, and so several outputs are told apart by the input. */
function targetInput(graph: PlainGraph, node: PlainNode, input: number): number {
  if (node.kind !== 'output') return input;
  const same = [...graph.nodes.values()].filter(
    (each) =>
      each.kind === 'output' &&
      each.place.every((_, i) => isSameStep(each.place, node.place, i)) &&
      each.place.length === node.place.length,
  );
  return same.indexOf(node);
}

function takers(graph: PlainGraph, of: PlainNode, output = 0): readonly (readonly [PlainNode, number])[] {
  return [...graph.nodes.values()].flatMap((each) =>
    each.inputs.flatMap((source, i) => (source.node === of.id && source.output === output ? [[each, i] as const] : [])),
  );
}

function putBehind(graph: PlainGraph, of: PlainNode, make: (source: Source) => Source): void {
  const all = takers(graph, of);
  const made = make({ node: of.id, output: 0 });
  for (const [taker, i] of all) taker.inputs[i] = made;
}

function insertBehind(_graph: PlainGraph, node: PlainNode, random: Random): Attempt {
  const name = random.pick(PIECES);
  return {
    edit: { kind: 'insertLayer', piece: { name }, where: { kind: 'after', node: node.place } },
    node,
    others: [],
    change: (copy, at) => {
      for (const { node: of } of at) putBehind(copy, of, (source) => newNode(copy, of, name, [source]));
    },
  };
}

function insertBefore(node: PlainNode, random: Random): Attempt | undefined {
  if (node.kind === 'output') return undefined;
  const name = random.pick(PIECES);
  return {
    edit: { kind: 'insertLayer', piece: { name }, where: { kind: 'before', node: node.place } },
    node,
    others: [],
    change: (copy, at) => {
      for (const { node: to } of at) to.inputs[0] = newNode(copy, to, name, [to.inputs[0]!]);
    },
  };
}

function remove(graph: PlainGraph, node: PlainNode): void {
  const kept = node.inputs.find((source) => graph.nodes.get(source.node)?.kind !== 'number') ?? node.inputs[0]!;
  for (const each of graph.nodes.values())
    each.inputs = each.inputs.map((source) => (source.node === node.id ? { ...kept } : source));
}

function keepsShape({ shapes: { inputs, outputs } }: PlainNode): boolean {
  return inputs.every((shape) => shape === outputs[0]);
}

/** Of one node, or of a few in one use of a definition. */
function deletion(graph: PlainGraph, node: PlainNode, random: Random): Attempt | undefined {
  const more = [...graph.nodes.values()].filter(
    (each) =>
      each !== node &&
      (each.kind === 'layer' || each.kind === 'operator') &&
      !each.isShared &&
      isSameUse(each.place, node.place) &&
      // Of what is told by turns each turn would be one of its own, in a text of its own.
      each.loops.length === 0 &&
      // Wherever the one is, the other is, too: an `if` leaves neither out.
      countAlike(graph, each) === countAlike(graph, node),
  );
  const others = node.loops.length === 0 && more.length > 0 && random.chance(0.4) ? [random.pick(more)] : [];
  const all = [node, ...others];
  if (all.some(({ inputs, outputs }) => inputs.length === 0 || outputs > 1)) return undefined;
  return {
    edit: { kind: 'delete', nodes: all.map(({ place }) => place) },
    node,
    others,
    hasNewSizes: !all.every(keepsShape),
    change: (copy, at) => {
      for (const { node: each, others: rest } of at) for (const gone of [each, ...rest]) remove(copy, gone);
    },
  };
}

function countAlike(graph: PlainGraph, node: PlainNode): number {
  return [...graph.nodes.values()].filter((each) => isAlike(each, node, 1)).length;
}

function rewiring(graph: PlainGraph, node: PlainNode, random: Random): Attempt | undefined {
  const sources = [...graph.nodes.values()].filter(
    ({ kind, place }) =>
      kind !== 'output' && kind !== 'number' && (isSameUse(place, node.place) || random.chance(0.05)),
  );
  const own = sources.filter(({ isShared }) => !isShared);
  if (own.length === 0) return undefined;
  const from = random.pick(own);
  if (node.kind === 'output' || from === node || from.outputs > 1) return undefined;
  const input = random.int(0, node.inputs.length - 1);
  return {
    edit: { kind: 'rewire', to: { node: node.place, input }, from: { node: from.place, output: 0 } },
    node,
    others: [from],
    hasNewSizes: node.shapes.inputs[input] !== from.shapes.outputs[0],
    change: (_copy, at) => {
      for (const { node: to, others } of at) to.inputs[input] = { node: others[0]!.id, output: 0 };
    },
  };
}

function branching(graph: PlainGraph, first: PlainNode, random: Random): Attempt | undefined {
  let last = first;
  for (let more = random.int(0, 2); more > 0; more--) {
    const [only, second] = takers(graph, last);
    if (only === undefined || second !== undefined || only[0].kind !== 'layer' || only[0].inputs.length > 1) break;
    if (only[0].isShared) break;
    [last] = only;
  }
  if (first.inputs.length !== 1) return undefined;
  const join = random.pick(['add', 'concat'] as const);
  return {
    edit: { kind: 'insertBranch', first: first.place, last: last.place, join },
    node: first,
    others: [last],
    hasNewSizes: join === 'concat' || first.shapes.inputs[0] !== last.shapes.outputs[0],
    change: (copy, at) => {
      for (const { node: begin, others } of at) {
        const around = begin.inputs[0]!;
        putBehind(copy, others[0]!, (source) =>
          join === 'add'
            ? newNode(copy, begin, '', [source, around], '+')
            : newNode(copy, begin, '', [source, around], 'Concat [["dim",1]]'),
        );
      }
    },
  };
}

function moving(graph: PlainGraph, node: PlainNode, to: PlainNode, random: Random): Attempt | undefined {
  if (node.inputs.length !== 1 || node.outputs > 1 || to === node) return undefined;
  const input = random.int(0, to.inputs.length - 1);
  const source = to.inputs[input]!;
  const from = graph.nodes.get(source.node);
  if (from === undefined || from === node || from.isShared || from.kind === 'number' || to.kind === 'output')
    return undefined;
  return {
    edit: {
      kind: 'move',
      node: node.place,
      where: {
        kind: 'edge',
        edge: { from: { node: from.place, output: source.output }, to: { node: to.place, input } },
      },
    },
    node,
    others: [to],
    hasNewSizes: !keepsShape(node),
    change: (copy, at) => {
      for (const { node: moved, others } of at) {
        remove(copy, moved);
        moved.inputs = [others[0]!.inputs[input]!];
        others[0]!.inputs[input] = { node: moved.id, output: 0 };
      }
    },
  };
}

function duplication(node: PlainNode): Attempt | undefined {
  if (node.inputs.length !== 1 || node.outputs > 1) return undefined;
  return {
    edit: { kind: 'duplicate', node: node.place },
    node,
    others: [],
    hasNewLabels: true,
    hasNewSizes: !keepsShape(node),
    change: (copy, at) => {
      for (const { node: of } of at) putBehind(copy, of, (source) => newNode(copy, of, '', [source], of.what));
    },
  };
}

function argument(node: PlainNode, random: Random): Attempt | undefined {
  const known = ARGUMENTS.filter(([layer]) => layer === node.layer);
  if (known.length === 0) return undefined;
  const [, name, value, told] = random.pick(known);
  return {
    edit: { kind: 'setArgument', node: node.place, argument: name, value },
    node,
    others: [],
    change: (_copy, at) => {
      for (const { node: each } of at) {
        const [layer, ...rest] = each.what.split(' ');
        const args = JSON.parse(rest.join(' ')) as [string, unknown][];
        each.what = `${layer!} ${JSON.stringify(args.map(([key, old]) => [key, key === name ? told : old]))}`;
      }
    },
  };
}

/** Arguments that change no size: as they are written, and as a rule gets them. */
const ARGUMENTS: readonly (readonly [layer: string, name: string, value: string, told: unknown])[] = [
  ['ReLU', 'inplace', 'True', true],
  ['Conv2d', 'bias', 'False', false],
  ['Linear', 'bias', 'False', false],
  ['Dropout', 'p', '0.25', 0.25],
  ['LeakyReLU', 'negative_slope', '0.3', 0.3],
  ['BatchNorm2d', 'eps', '1e-4', 0.0001],
];

function labelling(node: PlainNode, random: Random): Attempt {
  const label = random.pick(['first', 'second', 'stem', '이름']);
  return {
    edit: { kind: 'setLabel', node: node.place, label },
    node,
    others: [],
    ...(node.isCounted ? { hasNewLabels: true as const } : {}),
    change: (_copy, at) => {
      for (const { node: each } of at) each.label = label;
    },
  };
}

function wrapping(node: PlainNode): Attempt {
  return {
    edit: { kind: 'wrap', nodes: [node.place], name: 'Wrapped' },
    node: undefined,
    others: [],
    change: () => undefined,
  };
}

function output(graph: PlainGraph, node: PlainNode): Attempt | undefined {
  // Of a block every use would have to take it.
  if (node.place.length > 1 || node.outputs > 1) return undefined;
  const own = graph.outputs.map((id) => graph.nodes.get(id)!);
  const last = own.findLastIndex(({ place }) => place[0]!.definition === node.place[0]!.definition);
  return {
    edit: { kind: 'addOutput', from: { node: node.place, output: 0 }, name: 'further' },
    node: undefined,
    others: [],
    change: (copy) => {
      const id = Math.max(...copy.nodes.keys()) + 1;
      copy.nodes.set(id, { ...own[last]!, id, inputs: [{ node: node.id, output: 0 }] });
      copy.outputs.splice(last + 1, 0, id);
    },
  };
}
