/**
 * The generic form of a definition: elaborated once, with its parameters and input sizes as symbols. PyTorch is written
 * from it, so that a block stays a class with parameters and a loop stays a loop.
 *
 * Sizes are found optimistically (of two sizes that are added, the plainer one is taken) and then held against every
 * use in the program: a size whose expression gives another number in some use has no generic form, becomes a symbol of
 * its own, and is passed as a number where the block is constructed.
 */
import type { Block, Definition, Expression, Model, Stage, StageBody } from '../definition.ts';
import {
  type Dimension,
  ONE,
  ZERO,
  add,
  agree,
  constant,
  constantValue,
  equal,
  floorDivide,
  multiply,
  substitute,
  symbol,
  isDimension,
} from '../dimension.ts';
import type { Fact, Facts, Instance, Iteration } from '../graph.ts';
import { type Shape, type Tensor, isUnknown } from '../tensor.ts';
import type { Lookup, Value } from '../value.ts';
import { usesAmong } from './blocks.ts';
import {
  type GivenSize,
  type GivenNumber,
  type LoopForm,
  type Openness,
  type RunningSize,
  openness,
} from './openness.ts';
import { type Session, sizeSymbol } from './session.ts';
import { usesInDefinition } from './uses.ts';
import { encodeValue, intValue } from './values.ts';
import { portsOf } from './words.ts';
import { onceFor } from '../once.ts';

export type SymbolMeaning =
  | { readonly kind: 'parameter'; readonly name: string }
  /**
   * A size of an input: read from the tensor when the model runs, or given to the constructor. The dimension is
   * `times` as much: 8 for the `h` of `8 * h`.
   */
  | { readonly kind: 'size'; readonly input: string; readonly axis: number; readonly times: bigint }
  | { readonly kind: 'index'; readonly loop: Stage }
  | { readonly kind: 'loopVariable'; readonly loop: Stage; readonly name: string }
  /** A size that a loop carries: inside a turn what comes in, `final` what the last turn gave out. */
  | {
      readonly kind: 'running';
      readonly loop: Stage;
      readonly tensor: number;
      readonly axis: number;
      readonly final: boolean;
    }
  /** Without a generic form: an extra argument of the constructor, with a number for each turn of the loops. */
  | ({ readonly kind: 'given' } & GivenNumber);

export interface Generic {
  readonly definition: Model | Block;
  /** The uses that it holds for, the first being the one that decided what no expression tells. */
  readonly instances: readonly Instance[];
  /** The open elaboration: its facts have one visit a place. */
  readonly instance: Instance;
  readonly facts: Facts;
  readonly symbols: ReadonlyMap<string, SymbolMeaning>;
  readonly loops: ReadonlyMap<Stage, LoopForm>;
  /** Where it doesn't hold all the same: nothing can be generated from these places. */
  readonly mismatches: readonly Mismatch[];
}

/** A place whose generic size gives something else in a use. */
export interface Mismatch {
  readonly place: object;
  readonly axis: number;
  readonly instance: Instance;
  readonly generic: Dimension;
  readonly value: Dimension | undefined;
  readonly concrete: Dimension;
}

/** More sizes without a generic form than this are taken one by one in no model. */
const ROUNDS = 24;

/** One generic form for each way of use: by the inputs' numbers of dimensions and types. */
export function generalise(
  session: Session,
  definition: Model | Block,
  instances: readonly Instance[],
): readonly Generic[] {
  const groups = new Map<string, Instance[]>();
  for (const instance of instances) {
    const signature = instance.inputs
      .map(({ tensor }) => `${tensor.type}${String(tensor.shape?.length ?? '?')}`)
      .join();
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [instance]);
    else group.push(instance);
  }
  return [...groups.values()].map((group) => generaliseAlike(session, definition, group));
}

function generaliseAlike(session: Session, definition: Model | Block, instances: readonly Instance[]): Generic {
  const given = new Map<object, Set<number>>();
  let assumed = new Map<string, Instance>();
  let form = elaborate(session, definition, instances, given, assumed);
  const isRecursive = usesItself(session, definition) || instances.some((each) => isInside(definition, each));
  for (let round = 0; round < ROUNDS; round++) {
    if (isRecursive) {
      const before = assumed.get(definition.id);
      if (before === undefined || !sameOutputs(before, form.instance)) {
        assumed = new Map([[definition.id, form.instance]]);
        form = elaborate(session, definition, instances, given, assumed);
        continue;
      }
    }
    const open = form.mismatches.flatMap(({ place, axis }) =>
      axis >= 0 && given.get(place)?.has(axis) !== true && isStage(place) ? [{ place, axis }] : [],
    );
    // One that differs from turn to turn follows from another, and is no argument.
    const first = open.find((size) => instances.every((each) => isOneSize(each, size))) ?? open[0];
    if (first === undefined) break;
    const axes = given.get(first.place) ?? new Set();
    given.set(first.place, axes.add(first.axis));
    form = elaborate(session, definition, instances, given, assumed);
  }
  return form;
}

function isStage(place: object): place is Stage {
  return 'body' in place;
}

/** Whether a place is a stage's body. (A call among expressions looks alike and has neither tensors nor a node.) */
function isBody(place: object): place is StageBody {
  return 'kind' in place && BODIES.has(place.kind as string);
}
const BODIES = new Set(['call', 'group', 'for', 'if', 'parallel', 'missing']);

/** Whether a definition names itself, perhaps by way of others, in any arm: as a stage, or as a layer to be passed on. */
function usesItself(session: Session, definition: Model | Block): boolean {
  const seen = new Set<Definition>();
  const visit = (user: Definition): boolean =>
    usesInDefinition(user).some(({ name }) => {
      const found = session.resolve(user, name.text);
      if (found.kind !== 'definition') return false;
      if (found.definition === definition) return true;
      if (seen.has(found.definition)) return false;
      seen.add(found.definition);
      return visit(found.definition);
    });
  return visit(definition);
}

/** Whether a use of a definition has another one inside it: a layer that was passed in may be the definition itself. */
function isInside(definition: Definition, instance: Instance): boolean {
  return definitionsIn(instance).has(definition);
}

const definitionsInside = new WeakMap<Instance, ReadonlySet<Definition>>();

function definitionsIn(instance: Instance): ReadonlySet<Definition> {
  return onceFor(
    definitionsInside,
    instance,
    () => new Set(usesAmong(instance.nodes).flatMap((each) => [each.definition, ...definitionsIn(each)])),
  );
}

function sameOutputs(a: Instance, b: Instance): boolean {
  return a.outputs.every(({ tensor }, i) => {
    const other = b.outputs[i]?.tensor.shape;
    return (
      tensor.shape?.length === other?.length && (tensor.shape ?? []).every((size, axis) => equal(size, other![axis]!))
    );
  });
}

// ---------------------------------------------------------------------------------------------- the open elaboration

function elaborate(
  session: Session,
  definition: Model | Block,
  instances: readonly Instance[],
  given: ReadonlyMap<object, ReadonlySet<number>>,
  assumed: ReadonlyMap<string, Instance>,
): Generic {
  const witness = instances[0]!;
  const symbols = new Map<string, SymbolMeaning>();
  const examples = new Map<string, Value>();
  const layerParameters = new Set<string>();
  const args = new Map<string, Value>();
  for (const { name } of definition.parameters) {
    const values = instances.map((instance) => instance.arguments.get(name.text));
    const isMixed =
      new Set(values.map((value) => value?.kind)).size > 1 && !values.some((value) => value?.kind === 'layer');
    // A list says of how many numbers, one alone doesn't.
    const example = (isMixed ? values.find((value) => value?.kind === 'list') : undefined) ?? values[0];
    if (example === undefined) continue;
    symbols.set(name.text, { kind: 'parameter', name: name.text });
    args.set(name.text, session.symbolFor(name.text, example, examples, isMixed));
    if (example.kind === 'layer') layerParameters.add(name.text);
  }
  const inputs = witness.inputs.map(({ name, tensor }, i) => ({
    type: tensor.type,
    shape: tensor.shape?.map((whole, axis) => {
      const text = sizeSymbol(name, axis);
      const takeSize = (part: string, times: bigint): Dimension => {
        symbols.set(part, { kind: 'size', input: name, axis, times });
        const size = floorDivide(whole, constant(times));
        if (constantValue(size) !== undefined) examples.set(part, intValue(size));
        return multiply(constant(times), symbol(part, 1n));
      };
      const size = takeSize(text, 1n);
      const stated = statedMultiple(portsOf(definition)[i]?.shape?.items[axis]);
      const isFree = stated !== undefined && !definition.parameters.some((each) => each.name.text === stated.symbol);
      return isFree ? takeSize(`${text} / ${stated.times}`, stated.times) : size;
    }),
  }));
  const witnessOf = (place: Stage): readonly (Shape | undefined)[] | undefined => {
    const value = witness.facts.get(place)?.[0]?.value;
    return value === undefined ? undefined : tensorsOf(value).map(({ shape }) => shape);
  };
  const numberOf = (size: GivenSize): Dimension | undefined =>
    definition.kind === 'model' ? numberInAll(instances, size) : undefined;
  const turnsOf = (size: GivenSize): readonly Stage[] => loopsOf(instances, size);
  const open: Openness = openness({ examples, layerParameters, given, assumed, witness: witnessOf, numberOf, turnsOf });
  const alone = definition.kind === 'model' && portsOf(definition).every(({ shape }) => shape !== undefined);
  if (alone) nameOwnSymbols(definition, symbols);
  const instance = session.elaborateOpenly({ definition, arguments: args, inputs: alone ? undefined : inputs, open });
  for (const [loop, form] of open.loops) {
    symbols.set(form.index, { kind: 'index', loop });
    for (const variable of form.variables)
      symbols.set(variable.symbol, { kind: 'loopVariable', loop, name: variable.name });
    for (const { symbol: inside, final, tensor, axis } of form.running) {
      symbols.set(inside, { kind: 'running', loop, tensor, axis, final: false });
      symbols.set(final, { kind: 'running', loop, tensor, axis, final: true });
    }
  }
  for (const [name, size] of open.givens) symbols.set(name, { kind: 'given', ...size });
  const generic = { definition, instances, instance, facts: instance.facts, symbols, loops: open.loops };
  return { ...generic, mismatches: compareAll(generic) };
}

/** A model states its input sizes; its symbols are named in the text. */
function nameOwnSymbols(definition: Model, symbols: Map<string, SymbolMeaning>): void {
  for (const port of portsOf(definition)) {
    port.shape?.items.forEach((item, axis) => {
      const found = item.kind === 'name' ? { symbol: item.name.text, times: 1n } : statedMultiple(item);
      if (found === undefined || symbols.has(found.symbol)) return;
      symbols.set(found.symbol, { kind: 'size', input: port.name.text, axis, times: found.times });
    });
  }
}

/** The `h` and 8 of `8 * h` in a stated shape. */
function statedMultiple(item: Expression | undefined): { readonly symbol: string; readonly times: bigint } | undefined {
  if (item?.kind !== 'binary' || item.operator !== '*') return undefined;
  const [name, factor] = item.left.kind === 'name' ? [item.left, item.right] : [item.right, item.left];
  if (name.kind !== 'name' || factor.kind !== 'number' || typeof factor.value !== 'bigint' || factor.value <= 0n)
    return undefined;
  return { symbol: name.name.text, times: factor.value };
}

// ---------------------------------------------------------------------------------------------- held against the uses

type Unchecked = Omit<Generic, 'mismatches'>;

/** Every generic size in every use: where its value isn't what concrete elaboration found. */
function compareAll(generic: Unchecked): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  // Loops in two statements may begin at the same place of them.
  const numbers = new Map<Stage, number>();
  const numberOf = (loop: Stage): number => {
    const number = numbers.get(loop) ?? numbers.size;
    numbers.set(loop, number);
    return number;
  };
  for (const instance of generic.instances) {
    const environments = new Map<string, (symbol: string) => Dimension | undefined>();
    for (const [place, visits] of generic.facts) {
      const facts = instance.facts.get(place) ?? [];
      // A shared layer is visited at each use: the uses are held together in their order.
      if (visits.length > 1 && visits.length !== facts.length) continue;
      for (const [i, fact] of facts.entries()) {
        const found = visits.length > 1 ? visits[i]! : visits[0]!;
        const key = fact.iterations
          .map(({ loop, index }) => `${String(numberOf(loop))}:${String(constantValue(index))}`)
          .join();
        let lookup = environments.get(key);
        if (lookup === undefined) {
          lookup = environment(generic, instance, fact.iterations);
          environments.set(key, lookup);
        }
        compareFact(place, found, fact, instance, lookup, mismatches);
      }
    }
  }
  return mismatches;
}

function compareFact(
  place: object,
  generic: Fact,
  concrete: Fact,
  instance: Instance,
  lookup: (symbol: string) => Dimension | undefined,
  mismatches: Mismatch[],
): void {
  // What comes out is held at the stage, where sizes without a generic form are replaced; arguments at each turn's call.
  if (!isBody(place)) {
    const tensors = tensorsOf(generic.value);
    const others = tensorsOf(concrete.value);
    // Openly, there are both arms of an if around a branch: what joins them is held.
    if (tensors.length !== others.length || tensors.some(({ together }) => together !== undefined)) return;
    tensors.forEach(({ shape }, i) => {
      const other = others[i]?.shape;
      if (shape === undefined || shape.length !== other?.length) return;
      compareShapes(place, shape, other, instance, lookup, mismatches);
    });
    return;
  }
  if (generic.node?.kind !== 'layer' || concrete.node?.kind !== 'layer' || place.kind !== 'call') return;
  // What is passed in as a layer brings its own arguments.
  if (instance.definition.parameters.some(({ name }) => name.text === place.callee.text)) return;
  for (const [name, value] of Object.entries(generic.node.arguments)) {
    const a = sizesIn(value);
    const b = sizesIn(concrete.node.arguments[name]);
    if (a.length === b.length) compareShapes(place, a, b, instance, lookup, mismatches, -1);
  }
}

function compareShapes(
  place: object,
  generic: Shape,
  concrete: Shape,
  instance: Instance,
  lookup: (symbol: string) => Dimension | undefined,
  mismatches: Mismatch[],
  axisOffset = 0,
): void {
  generic.forEach((size, axis) => {
    const wanted = concrete[axis]!;
    if (isUnknown(size) || isUnknown(wanted) || equal(size, wanted)) return;
    const value = constantValue(size) !== undefined ? size : substitute(size, lookup);
    if (equal(value, wanted) || isToldEqual(instance, value, wanted)) return;
    mismatches.push({ place, axis: axisOffset < 0 ? -1 : axis, instance, generic: size, value, concrete: wanted });
  });
}

/** Whether two sizes are the same under a condition that is told of the use: either stands for what comes out. */
function isToldEqual({ conditions }: Instance, a: Dimension, b: Dimension): boolean {
  if (conditions.length === 0) return false;
  const fits = agree(a, b);
  return fits.kind === 'when' && conditions.some(({ text }) => text === fits.text);
}

/** What every symbol of the generic form is, in one use and inside these turns of its loops. */
export function environment(
  generic: Unchecked,
  instance: Instance,
  iterations: readonly Iteration[],
): (symbol: string) => Dimension | undefined {
  return (name) => {
    const meaning = generic.symbols.get(name);
    switch (meaning?.kind) {
      case undefined:
        return undefined;
      case 'parameter':
        return asDimension(instance.arguments.get(meaning.name));
      case 'size': {
        const size = instance.inputs.find((input) => input.name === meaning.input)?.tensor.shape?.[meaning.axis];
        return size === undefined ? undefined : floorDivide(size, constant(meaning.times));
      }
      case 'index':
        return turnOf(meaning.loop, iterations)?.index;
      case 'loopVariable':
        return asDimension(turnOf(meaning.loop, iterations)?.values.get(meaning.name));
      case 'running':
        return meaning.final
          ? tensorsOf(factAt(instance, meaning.loop, iterations)?.value)[meaning.tensor]?.shape?.[meaning.axis]
          : turnOf(meaning.loop, iterations)?.inputs[meaning.tensor]?.[meaning.axis];
      case 'given':
        return sizeInAll([instance], meaning, iterations);
    }
  };
}

/** What is passed in for a size without a generic form: of a loop, one number for each turn. */
export type GivenNumbers = bigint | readonly GivenNumbers[];

/**
 * What a size without a generic form is in all of these uses. `undefined` where they differ; 0 where the place that it
 * comes from isn't built, for nothing asks for it then.
 */
export function givenNumbers(uses: readonly Instance[], size: GivenNumber): GivenNumbers | undefined {
  return numbersIn(
    size.loops,
    uses.flatMap((use) => visitsOf(use, size)),
  );
}

function numbersIn([loop, ...inside]: readonly Stage[], visits: readonly Visit[]): GivenNumbers | undefined {
  if (loop === undefined) {
    if (visits.length === 0) return 0n;
    const size = oneSize(visits);
    return size === undefined ? undefined : constantValue(size);
  }
  const turns = groupedBy(visits, ({ iterations }) => turnNumber(loop, iterations));
  if (turns.has(undefined)) return undefined;
  const count = [...turns.keys()].reduce<number>((most, turn) => Math.max(most, Number(turn) + 1), 0);
  const numbers = Array.from({ length: count }, (_, turn) => numbersIn(inside, turns.get(BigInt(turn)) ?? []));
  return numbers.every((each) => each !== undefined) ? numbers : undefined;
}

/** What a size is when a use comes by its place. */
interface Visit {
  readonly size: Dimension | undefined;
  readonly iterations: readonly Iteration[];
}

function visitsOf(
  { facts }: Instance,
  { place, axis, within: [stage, ...inside] = [] }: GivenSize & Partial<GivenNumber>,
): readonly Visit[] {
  if (stage === undefined)
    return (facts.get(place) ?? []).map(({ value, iterations }) => ({
      size: tensorsOf(value)[0]?.shape?.[axis],
      iterations,
    }));
  return (facts.get(stage.body) ?? []).flatMap(({ node, iterations: around }) => {
    if (node?.kind !== 'block') return [];
    const visits = visitsOf(node.instance, { place, axis, within: inside });
    return visits.map(({ size, iterations }) => ({ size, iterations: [...around, ...iterations] }));
  });
}

function oneSize([first, ...others]: readonly Visit[]): Dimension | undefined {
  const size = first?.size;
  const isSame = size !== undefined && others.every((each) => each.size !== undefined && equal(each.size, size));
  return isSame ? size : undefined;
}

function turnNumber(loop: Stage, iterations: readonly Iteration[]): bigint | undefined {
  const turn = turnOf(loop, iterations);
  return turn === undefined ? undefined : constantValue(turn.index);
}

/** A size without a generic form, in these turns of the loops in which it differs. */
function sizeInAll(
  uses: readonly Instance[],
  size: GivenSize & Partial<GivenNumber>,
  iterations: readonly Iteration[] = [],
): Dimension | undefined {
  const visits = uses.flatMap((use) => visitsOf(use, size));
  const isNow = (visit: Visit): boolean =>
    size.loops?.every((loop) => {
      const turn = turnOf(loop, visit.iterations);
      return turn !== undefined && sameTurn(turn, turnOf(loop, iterations));
    }) ?? true;
  return oneSize(visits.filter(isNow));
}

/**
 * The loops in whose turns a size differs in some use, outermost first; none where their turns don't tell it. Those that
 * it has already stay.
 */
export function loopsOf(uses: readonly Instance[], size: GivenSize & Partial<GivenNumber>): readonly Stage[] {
  const fixed = size.loops ?? [];
  const visits = uses.map((use) => visitsOf(use, size)).filter((each) => each.length > 0);
  const isTold = (loops: readonly Stage[]): boolean =>
    visits.every((each) => {
      const turns = groupedBy(each, ({ iterations }) =>
        [...loops, ...fixed].map((loop) => String(turnNumber(loop, iterations))).join(),
      );
      return [...turns.values()].every((same) => oneSize(same) !== undefined);
    });
  const around = (visits[0]?.[0]?.iterations ?? []).map(({ loop }) => loop).filter((loop) => !fixed.includes(loop));
  if (!isTold(around)) return fixed;
  const needed = around.reduce((loops, loop) => {
    const others = loops.filter((each) => each !== loop);
    return isTold(others) ? others : loops;
  }, around);
  return [...needed, ...fixed];
}

function groupedBy<T, K>(list: readonly T[], keyOf: (each: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const each of list) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return groups;
}

/** Whether a size is the same whenever a use comes by. */
function isOneSize(use: Instance, size: GivenSize): boolean {
  return (use.facts.get(size.place)?.length ?? 0) === 0 || sizeInAll([use], size) !== undefined;
}

function numberInAll(uses: readonly Instance[], size: GivenSize): Dimension | undefined {
  const found = sizeInAll(uses, size);
  return found === undefined || constantValue(found) === undefined ? undefined : found;
}

/** Whether a loop carries a size as its form says: `initial` goes into its first turn, and each turn gives out `next`. */
export function isCarried(generic: Unchecked, loop: Stage, { tensor, axis, initial, next }: RunningSize): boolean {
  return generic.instances.every((instance) => {
    const turns = new Map<Iteration, readonly Iteration[]>();
    for (const facts of instance.facts.values()) {
      for (const { iterations } of facts) {
        const depth = iterations.findIndex((each) => each.loop === loop);
        // A use that no program builds is open itself: its turns stand for all.
        if (depth >= 0 && constantValue(iterations[depth]!.index) !== undefined)
          turns.set(iterations[depth]!, iterations.slice(0, depth));
      }
    }
    return [...turns].every(([turn, outer]) => {
      const coming = turn.inputs[tensor]?.[axis];
      if (coming === undefined || isUnknown(coming)) return true;
      const before = [...turns].find(
        ([each, around]) =>
          around.at(-1) === outer.at(-1) && equal(add(each.index, ONE), turn.index) && !equal(turn.index, ZERO),
      )?.[0];
      const told = before === undefined ? initial : next;
      const iterations = before === undefined ? outer : [...outer, before];
      return isUnknown(told) || equal(substitute(told, environment(generic, instance, iterations)), coming);
    });
  });
}

/** {@link environment} for values that aren't sizes: parameters and loop variables. */
export function valueEnvironment(generic: Unchecked, instance: Instance, iterations: readonly Iteration[]): Lookup {
  const sizes = environment(generic, instance, iterations);
  return (name) => {
    const meaning = generic.symbols.get(name);
    if (meaning?.kind === 'parameter') return instance.arguments.get(meaning.name);
    if (meaning?.kind === 'loopVariable') return turnOf(meaning.loop, iterations)?.values.get(meaning.name);
    const size = sizes(name);
    return size === undefined ? undefined : intValue(size);
  };
}

function turnOf(loop: Stage, iterations: readonly Iteration[]): Iteration | undefined {
  return iterations.find((iteration) => iteration.loop === loop);
}

/** The visit of a place that belongs to these turns: the one that shares most of them. */
function factAt(instance: Instance, place: Stage | Expression, iterations: readonly Iteration[]): Fact | undefined {
  let best: Fact | undefined;
  let shared = -1;
  for (const fact of instance.facts.get(place) ?? []) {
    let common = 0;
    while (common < fact.iterations.length && sameTurn(fact.iterations[common]!, iterations[common])) common++;
    if (common >= shared) {
      best = fact;
      shared = common;
    }
  }
  return best;
}

function sameTurn(a: Iteration, b: Iteration | undefined): boolean {
  return a.loop === b?.loop && equal(a.index, b.index);
}

function asDimension(value: Value | undefined): Dimension | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'int') return value.value;
  const encoded = encodeValue(value);
  return encoded === undefined ? undefined : constant(encoded);
}

function tensorsOf(value: Value | undefined): readonly Tensor[] {
  if (value?.kind === 'tensor') return [value.tensor];
  return value?.kind === 'list' ? value.items.flatMap((item) => (item.kind === 'tensor' ? [item.tensor] : [])) : [];
}

function sizesIn(value: unknown): readonly Dimension[] {
  if (Array.isArray(value)) return value.flatMap((item) => sizesIn(item));
  return isDimension(value) ? [value] : [];
}
