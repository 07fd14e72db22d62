/** One version of a program being elaborated: what definitions share, and the bounds that nothing may pass. */
import type { Block, Definition, Expression, Extern, Model, Port, Stage, Statement } from '../definition.ts';
import {
  constant,
  constantValue,
  type Dimension,
  floorDivide,
  key,
  multipleOf,
  substitute,
  symbol,
  symbolsOf,
} from '../dimension.ts';
import type { Instance } from '../graph.ts';
import { findLayer } from '../layers/catalogue.ts';
import type { Problem } from '../problem.ts';
import { type Linker, uriOf } from '../program.ts';
import { type DataType, unknownSize } from '../tensor.ts';
import { UNKNOWN, type Value } from '../value.ts';
import type { AppliedOnce } from './calls.ts';
import { type ElaborationInput, Frame, problemKey } from './frame.ts';
import { RECURSION_LIMIT } from './limits.ts';
import { madeUpNumber, type Openness, openness } from './openness.ts';
import { elaborate } from './statements.ts';
import { elaborateExtern } from './externs.ts';
import type { InstanceCache } from './instanceCache.ts';
import { type Callee, type NamePlan, planNames } from './names.ts';
import { boolSymbol, boolValue, holdsTensor, intValue, valueKey, valueSymbols } from './values.ts';
import { portsOf } from './words.ts';
import { onceFor } from '../once.ts';

/** Different uses of blocks in one analysis: more is a mistake, such as a block that doubles itself at each turn. */
const INSTANCE_LIMIT = 20_000;

/** Turns and layers in one analysis (list items are a twentieth): some seconds, and more than any model. */
const STEP_LIMIT = 200_000;

/** What {@link Session.instantiate} refuses, to be said at the use. */
export interface Refused {
  readonly code: string;
  readonly text: string;
}

export class Session {
  readonly linker: Linker;
  readonly #cache: InstanceCache;
  readonly #plans = new Map<Definition, NamePlan>();
  readonly #labels = new Map<Definition, ReadonlySet<string>>();
  readonly #mistakes = new Map<Definition, ReadonlySet<string>>();
  readonly #running: ElaborationInput[] = [];
  #instances = 0;
  #steps = 0;
  #saidTooMuch = false;
  /** How often something came out otherwise for what was being elaborated around it. */
  #cuts = 0;
  /** Of how many definitions mistakes are being looked for, one for the other; and how often one of them was asked. */
  #looking = 0;
  #unsettled = 0;
  /** Instances that asked: good until all is told. */
  readonly #passing = new Map<string, Instance>();

  constructor(linker: Linker, cache: InstanceCache) {
    this.linker = linker;
    this.#cache = cache;
  }

  // -------------------------------------------------------------------------------------------- names

  /** What a callee's name means in a definition, as far as its text tells. */
  resolve(definition: Definition, name: string): Callee {
    const own = ownCallees(definition).get(name);
    if (own !== undefined) return own;
    const found = this.linker.find(uriOf(definition.id), name);
    if (found !== undefined) return { kind: 'definition', definition: found };
    const layer = findLayer(name);
    return layer === undefined ? { kind: 'unknown' } : { kind: 'layer', layer };
  }

  /** A name that an import brings, or would: where it doesn't, that is said at the import. */
  isImported(definition: Definition, name: string): boolean {
    const imports = this.linker.program.file(uriOf(definition.id))?.imports ?? [];
    return imports.some(({ names }) => names.some(({ target, alias }) => (alias ?? target).text === name));
  }

  definitionNames(definition: Definition): Iterable<string> {
    return this.linker.scope(uriOf(definition.id)).keys();
  }

  names(definition: Model | Block): NamePlan {
    let plan = this.#plans.get(definition);
    if (plan === undefined) {
      plan = planNames(definition, (name) => this.resolve(definition, name));
      this.#plans.set(definition, plan);
    }
    return plan;
  }

  labels(definition: Model | Block): ReadonlySet<string> {
    let labels = this.#labels.get(definition);
    if (labels === undefined) {
      const found = new Set<string>();
      for (const stage of this.names(definition).stages.keys()) {
        const [only, second] = stage.label?.parts ?? [];
        if (typeof only === 'string' && second === undefined) found.add(only);
      }
      labels = found;
      this.#labels.set(definition, labels);
    }
    return labels;
  }

  /** What layers made of sizes that aren't known: those have other names in each analysis. */
  readonly appliedToUnknown = new Map<string, AppliedOnce>();

  /** What layers made of arguments and sizes, kept by `applyOnce`. */
  get applied(): InstanceCache['applied'] {
    return this.#cache.applied;
  }

  /** Whether so much more work may still be done. */
  spend(steps: number): boolean {
    this.#steps += steps;
    return this.#steps <= STEP_LIMIT;
  }

  /** True once: that it is too much is said where it was first. */
  sayTooMuch(): boolean {
    const isFirst = !this.#saidTooMuch;
    this.#saidTooMuch = true;
    return isFirst;
  }

  // -------------------------------------------------------------------------------------------- instances

  /** A model by itself, with its parameters' defaults. */
  model(definition: Model): Instance {
    const refused: Refused[] = [];
    const instance = this.instantiate({ definition, arguments: new Map(), inputs: undefined, open: undefined }, (why) =>
      refused.push(why),
    );
    return instance ?? this.sketch(definition);
  }

  instantiate(input: ElaborationInput, refuse: (why: Refused) => void): Instance | undefined {
    const { definition, open } = input;
    const isOpen = open !== undefined;
    const around = this.#running.filter(
      (each) => each.definition.id === definition.id && (each.open !== undefined) === isOpen,
    );
    const depth = around.length;
    // Openly, a condition ends a recursion only if it is about numbers: else what comes out is what is assumed, or left
    // to the arm that ends it. A block that is passed on to itself ends where another layer is.
    const isAgain = (): boolean => !hasNumbers(input) && around.some((each) => layersIn(each) === layersIn(input));
    const isInside = isOpen && depth > 0;
    if (isInside && (open.assumed.has(definition.id) || depth >= RECURSION_LIMIT || isAgain())) {
      this.#cuts += 1;
      return assumedInstance(input);
    }
    if (depth >= RECURSION_LIMIT) {
      this.#cuts += 1;
      this.#unsettled += 1;
      refuse({
        code: 'recursion-depth',
        text: `${definition.name.text} uses itself more than ${String(RECURSION_LIMIT)} deep: an if must end it, sooner.`,
      });
      return undefined;
    }
    const cacheKey = this.#keyOf(input);
    if (open !== undefined) return this.#openly(input, open, cacheKey, refuse);
    const { instances } = this.#cache;
    const known = instances.get(cacheKey);
    if (known !== undefined) return known;
    const passing = this.#passing.get(cacheKey);
    if (passing !== undefined) {
      this.#cuts += 1;
      this.#unsettled += 1;
      return passing;
    }
    const before = this.#unsettled;
    const instance = this.#elaborate(input, refuse);
    if (instance !== undefined) (before === this.#unsettled ? instances : this.#passing).set(cacheKey, instance);
    return instance;
  }

  /** A block inside of an open elaboration. */
  #openly(
    input: ElaborationInput,
    open: Openness,
    cacheKey: string,
    refuse: (why: Refused) => void,
  ): Instance | undefined {
    if (open.isSketch && isTold(input)) {
      // What works as it is fed works: it is the same that a model is built of.
      let refused: Refused | undefined;
      const instance = this.instantiate({ ...input, open: undefined }, (why) => (refused = why));
      if (instance?.problems.every(({ severity }) => severity !== 'error') === true) return instance;
      if (refused?.code === 'too-large') {
        refuse(refused);
        return undefined;
      }
    }
    const around = open.isSketch ? this.#aroundSketch(input, open) : undefined;
    const key = around === undefined ? cacheKey : `${cacheKey}${around.key}`;
    const known = open.cache.get(key) ?? (around === undefined ? undefined : this.#cache.sketched.get(key));
    if (known !== undefined) {
      for (const name of known.locals) open.locals.add(name);
      return known.instance;
    }
    const cuts = this.#cuts;
    const instance = this.#elaborate(around === undefined ? input : { ...input, open: around.open }, refuse);
    if (instance === undefined) return undefined;
    const isForAll = around !== undefined && cuts === this.#cuts && !this.#saidTooMuch;
    (isForAll ? this.#cache.sketched : open.cache).set(key, { instance, locals: open.locals });
    return instance;
  }

  /**
   * What a block inside a sketch knows of what is around it: the made-up names that its arguments and inputs have, and
   * what stands for them. It numbers its own behind those, so that equal keys mean that it comes out the same.
   */
  #aroundSketch(
    { arguments: given, inputs }: ElaborationInput,
    { locals, isSketch, assumed, cache, examples: known }: Openness,
  ): { readonly key: string; readonly open: Openness } {
    const names = new Set([
      ...[...given.values()].flatMap(symbolsIn),
      ...(inputs ?? []).flatMap(({ shape }) => (shape ?? []).flatMap((size) => [...symbolsOf(size)])),
    ]);
    const examples = new Map<string, Value>();
    let next = 1;
    let text = '';
    for (const name of names) {
      const number = madeUpNumber(name);
      if (number === undefined) continue;
      next = Math.max(next, number + 1);
      const example = known.get(name);
      if (example === undefined || holdsTensor(example)) continue;
      examples.set(name, example);
      text += ` ${name}=${this.#keyOfValue(example)}`;
    }
    return { key: text, open: openness({ examples, counter: { next }, assumed, isSketch, cache, locals }) };
  }

  #elaborate(input: ElaborationInput, refuse: (why: Refused) => void): Instance | undefined {
    const { definition } = input;
    this.#instances += 1;
    if (this.#instances > INSTANCE_LIMIT) {
      if (this.sayTooMuch())
        refuse({
          code: 'too-large',
          text: `More than ${INSTANCE_LIMIT.toLocaleString('en')} different uses of blocks would be built.`,
        });
      return undefined;
    }
    const instance = this.#run(input);
    if (instance === undefined) {
      refuse({ code: 'too-large', text: `${definition.name.text} is nested too deeply to be worked out.` });
    }
    return instance;
  }

  /** `undefined` where JavaScript's stack doesn't reach: brackets in blocks in blocks. */
  #run(input: ElaborationInput): Instance | undefined {
    const depth = this.#running.length;
    this.#running.push(input);
    try {
      return elaborate(new Frame(this, input));
    } catch (error) {
      if (error instanceof RangeError && error.message.includes('call stack')) return undefined;
      throw error;
    } finally {
      this.#running.length = depth;
    }
  }

  #keyOf({ definition, arguments: given, inputs }: ElaborationInput): string {
    const args = [...given].map(([name, value]) => `${name}=${this.#keyOfValue(value)}`).sort();
    const shapes = inputs?.map(({ shape, type }) => `${type}[${shape?.map(key).join(',') ?? '?'}]`) ?? ['alone'];
    // Unknown sizes have numbers of their own, but one is as good as another.
    const use = `(${args.join(';')}) ${shapes.join(' ')}`.replace(/\?\d+/g, '?');
    return `${definition.id} ${this.linker.deepHash(definition)} ${use}`;
  }

  /** A block that is passed on is part of what is built. */
  #keyOfValue(value: Value): string {
    return [valueKey(value), ...definitionsIn(value).map((each) => this.linker.deepHash(each))].join(' ');
  }

  /** By itself: for sketches and generic forms, which no cache keeps. */
  elaborateOpenly(input: ElaborationInput): Instance {
    return this.#run(input) ?? nothing(input.definition);
  }

  /** A definition with nothing known: what is wrong with it whatever it is fed. */
  sketch(definition: Model | Block): Instance {
    const cacheKey = `${definition.id} ${this.linker.deepHash(definition)} sketch`;
    let sketch = this.#cache.instances.get(cacheKey);
    if (sketch === undefined) {
      const given = new Map<string, Value>();
      for (const { name, type, default: standard } of definition.parameters) {
        // What a default says of a layer parameter is all that can be said of it.
        if (type?.text === 'int') given.set(name.text, intValue(unknownSize()));
        else if (type !== undefined || standard === undefined || standard.kind === 'number')
          given.set(name.text, UNKNOWN);
      }
      const ports =
        definition.kind === 'model'
          ? undefined
          : portsOf(definition).map((port) => ({ shape: undefined, type: this.inputType(definition, port) }));
      sketch = this.elaborateOpenly({
        definition,
        arguments: given,
        inputs: ports,
        open: openness({ isSketch: true, looksEverywhere: true }),
      });
      this.#cache.instances.set(cacheKey, sketch);
    }
    return sketch;
  }

  /** What is wrong with an extern whatever it is fed. */
  externProblems(definition: Extern): readonly Problem[] {
    const given = new Map(definition.parameters.map(({ name }) => [name.text, UNKNOWN]));
    return elaborateExtern(definition, given, undefined, () => undefined).instance.problems;
  }

  /** What is wrong with a definition's text, whoever uses it: said once, where it stands. */
  mistakesOf(definition: Definition): ReadonlySet<string> {
    const known = this.#mistakes.get(definition);
    if (known === NOTHING) {
      this.#cuts += 1;
      this.#unsettled += 1;
    }
    if (known !== undefined) return known;
    this.#mistakes.set(definition, NOTHING);
    this.#looking += 1;
    const problems = definition.kind === 'extern' ? this.externProblems(definition) : this.sketch(definition).problems;
    this.#looking -= 1;
    if (this.#looking === 0) this.#passing.clear();
    const found = new Set(problems.map(problemKey));
    this.#mistakes.set(definition, found);
    return found;
  }

  // -------------------------------------------------------------------------------------------- what text alone tells

  /** int64 where the first use is an `Embedding`, or a block whose first use is. */
  inputType(definition: Model | Block, port: Port, depth = 0): DataType {
    for (const statement of definition.statements) {
      const use = firstUse(statement, port.name.text);
      if (use === undefined) continue;
      const { body } = use.stage;
      if (body.kind !== 'call') return 'float';
      const callee = this.resolve(definition, body.callee.text);
      if (callee.kind === 'layer') {
        const { type, types } = callee.layer.inputs;
        return (types?.[use.position] ?? type) === 'int64' ? 'int64' : 'float';
      }
      if (callee.kind === 'definition' && callee.definition.kind !== 'extern' && depth < RECURSION_LIMIT) {
        const inner = portsOf(callee.definition)[use.position];
        return inner === undefined ? 'float' : this.inputType(callee.definition, inner, depth + 1);
      }
      return 'float';
    }
    return 'float';
  }

  /** What a model's inputs hold. */
  inputTypes(definition: Model | Block): readonly DataType[] {
    return portsOf(definition).map((port) => this.inputType(definition, port));
  }

  bufferType(definition: Model | Block, name: string): DataType {
    const range = { start: 0, end: 0 };
    return this.inputType(definition, { name: { text: name, range }, range });
  }

  /**
   * A value that stands for a parameter or loop variable, of the kind that it has in the use at hand.
   * @param isMixed whether it has another kind in another use: `k=3` here, `k=(3, 1)` there
   */
  symbolFor(name: string, example: Value, examples: Map<string, Value>, isMixed = false): Value {
    examples.set(name, example);
    if (isMixed) return symbolicFor(name, example);
    switch (example.kind) {
      case 'int':
        return intValue(symbol(name));
      case 'bool':
        return boolValue(boolSymbol(name));
      case 'layer':
      case 'unknown':
      case 'none':
      case 'tensor':
        return example;
      case 'ratio':
      case 'float':
      case 'string':
      case 'list':
      case 'symbolic':
        return symbolicFor(name, example);
    }
  }
}

function symbolicFor(name: string, example: Value): Value {
  return {
    kind: 'symbolic',
    key: name,
    symbols: new Set([name]),
    evaluate: (lookup) => lookup(name) ?? UNKNOWN,
    example,
  };
}

const NOTHING: ReadonlySet<string> = new Set();

const calleesByDefinition = new WeakMap<Definition, ReadonlyMap<string, Callee>>();

/** What a definition's parameters and shared layers are as callees. */
function ownCallees(definition: Definition): ReadonlyMap<string, Callee> {
  return onceFor(calleesByDefinition, definition, () => {
    const statements = definition.kind === 'extern' ? [] : definition.statements;
    const shared = statements.flatMap((statement) => (statement.kind === 'layer' ? [statement.name.text] : []));
    return new Map<string, Callee>([
      ...shared.map((name): [string, Callee] => [name, { kind: 'shared', name }]),
      ...definition.parameters.map(({ name: { text: name } }): [string, Callee] => [name, { kind: 'parameter', name }]),
    ]);
  });
}

function nothing(definition: Definition): Instance {
  return {
    definition,
    arguments: new Map(),
    inputs: [],
    outputs: [],
    nodes: [],
    problems: [],
    conditions: [],
    facts: new Map(),
    size: 0,
  };
}

/** Whether a use says some of its arguments as numbers, which may end a recursion. */
function hasNumbers({ arguments: given }: ElaborationInput): boolean {
  return [...given.values()].some((value) => value.kind === 'int' && constantValue(value.value) !== undefined);
}

/** Which layers are passed to a use. */
function layersIn({ arguments: given }: ElaborationInput): string {
  return [...given].flatMap(([name, value]) => (value.kind === 'layer' ? [`${name}=${valueKey(value)}`] : [])).join();
}

/** The assumed outputs of a definition that uses itself, at this use's arguments and input sizes. */
function assumedInstance({ definition, arguments: given, inputs, open }: ElaborationInput): Instance | undefined {
  const assumed = open?.assumed.get(definition.id);
  if (assumed === undefined) return undefined;
  const sizes = new Map<string, Dimension>();
  for (const [name, value] of given) if (value.kind === 'int') sizes.set(name, value.value);
  assumed.inputs.forEach(({ name, tensor }, i) =>
    inputs?.[i]?.shape?.forEach((size, axis) => {
      sizes.set(sizeSymbol(name, axis), size);
      const multiple = multipleOf(tensor.shape?.[axis]);
      if (multiple !== undefined) sizes.set(multiple.symbol, floorDivide(size, constant(multiple.times)));
    }),
  );
  const isParameter = (name: string): boolean => definition.parameters.some((each) => each.name.text === name);
  // What it has no rule for means nothing where it is used.
  for (const size of assumed.outputs.flatMap(({ tensor }) => tensor.shape ?? []))
    for (const name of symbolsOf(size)) if (!sizes.has(name) && !isParameter(name)) open?.locals.add(name);
  const outputs = assumed.outputs.map((output) => {
    const shape = output.tensor.shape?.map((size) => substitute(size, (name) => sizes.get(name)));
    return { ...output, tensor: { ...output.tensor, shape } };
  });
  return { ...nothing(definition), arguments: given, inputs: assumed.inputs, outputs };
}

/** The symbol of a size of an input, in the generic form of a block. */
export function sizeSymbol(input: string, axis: number): string {
  return `${input}.shape[${String(axis)}]`;
}

/** The first stage that a name is fed to in a statement, and as which of its inputs. */
function firstUse(
  statement: Statement,
  name: string,
): { readonly stage: Stage; readonly position: number } | undefined {
  if (statement.kind !== 'binding' && statement.kind !== 'output') return undefined;
  return inExpression(statement.value, name);
}

function inExpression(
  expression: Expression,
  name: string,
): { readonly stage: Stage; readonly position: number } | undefined {
  switch (expression.kind) {
    case 'pipeline': {
      const { source } = expression;
      const stage = firstLeaf(expression.stages);
      const isName = (item: Expression): boolean => item.kind === 'name' && item.name.text === name;
      if (stage !== undefined && isName(source)) return { stage, position: 0 };
      if (stage !== undefined && source.kind === 'tuple') {
        const position = source.items.findIndex(isName);
        if (position >= 0) return { stage, position };
      }
      return inExpression(source, name);
    }
    case 'binary':
      return inExpression(expression.left, name) ?? inExpression(expression.right, name);
    case 'tuple':
      for (const item of expression.items) {
        const found = inExpression(item, name);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'conditional':
      return inExpression(expression.then, name) ?? inExpression(expression.otherwise, name);
    default:
      return undefined;
  }
}

function firstLeaf([first]: readonly Stage[]): Stage | undefined {
  if (first === undefined) return undefined;
  if (first.body.kind === 'group' || first.body.kind === 'for') return firstLeaf(first.body.stages);
  return first;
}

/** Whether all that a block is given and fed is known, free sizes by their names in the text. */
function isTold({ arguments: given, inputs }: ElaborationInput): boolean {
  const isToldValue = (value: Value): boolean => {
    if (value.kind === 'list') return value.items.every(isToldValue);
    if (value.kind === 'layer') return [...value.layer.arguments.values()].every(isToldValue);
    if (value.kind === 'unknown' || value.kind === 'symbolic' || value.kind === 'tensor') return false;
    return [...valueSymbols(value)].every(isOfText);
  };
  return (
    inputs?.every(({ shape }) => shape?.every((size) => [...symbolsOf(size)].every(isOfText)) === true) === true &&
    [...given.values()].every(isToldValue)
  );
}

function isOfText(name: string): boolean {
  return !name.startsWith('?') && madeUpNumber(name) === undefined;
}

/** The symbols in a value, those of what is passed on with a layer too. */
function symbolsIn(value: Value): readonly string[] {
  if (value.kind === 'list') return value.items.flatMap(symbolsIn);
  return value.kind === 'layer' ? [...value.layer.arguments.values()].flatMap(symbolsIn) : [...valueSymbols(value)];
}

/** The blocks in a value: layers that are passed on, and those passed on with them. */
function definitionsIn(value: Value): readonly Definition[] {
  if (value.kind === 'list') return value.items.flatMap(definitionsIn);
  if (value.kind !== 'layer') return [];
  const { callee, arguments: given } = value.layer;
  const inside = [...given.values()].flatMap(definitionsIn);
  return 'family' in callee ? inside : [callee, ...inside];
}
