/** The state of one elaboration. The work is done by the functions around it, a file a kind of thing. */
import {
  HEADER,
  type Block,
  type CallExpression,
  type ConditionalExpression,
  type Expression,
  type Identifier,
  type Model,
  type PipelineExpression,
  type Range,
  type SharedLayerStatement,
  type Site,
  type Stage,
  type StageBody,
} from '../definition.ts';
import { agree, constantValue, decided, equal, symbol, type Condition, type Dimension } from '../dimension.ts';
import { placed, replacements, spellings, withFixes, type LocalFix } from '../fix.ts';
import type { Fact, Iteration, NamedTensor, Node, SizeCondition } from '../graph.ts';
import { didYouMean } from '../nearest.ts';
import type { Problem, RelatedSite, Severity } from '../problem.ts';
import { isUnknown, type DataType, type Shape, type Tensor } from '../tensor.ts';
import { UNKNOWN, type Lookup, type Value } from '../value.ts';
import { evaluateLayer } from './arguments.ts';
import { evaluateExpression, truthOf, type Surroundings } from './expressions.ts';
import { boundFrom, moveAbove, renameBelow, sizesGiven } from './fixes.ts';
import { symbolsOfCondition } from './flow.ts';
import { FunctionError, findFunction, functionNames } from './functions.ts';
import { respelledLayer } from './habits.ts';
import { NODE_LIMIT } from './limits.ts';
import type { Callee, NamePlan, StagePlan } from './names.ts';
import type { Openness } from './openness.ts';
import { applyOperator, evaluateConditional } from './operators.ts';
import { isFeatureMap, movedChannels, type MovedChannels } from './featureMap.ts';
import type { Session } from './session.ts';
import { runPipeline } from './stages.ts';
import { namesBoundBy } from './uses.ts';
import { describeKind } from './values.ts';

/** Where modules are put: a class, or a module of modules. */
export interface Container {
  readonly form: 'Module' | 'Sequential' | 'ModuleList' | 'ModuleDict';
  readonly nodes: Node[];
  /** How many are built, which is the next position. */
  built: number;
  readonly names: Set<string>;
}

export function container(form: Container['form']): Container {
  return { form, nodes: [], built: 0, names: new Set() };
}

/** Names → values, nested by loops. */
export type Scope = Map<string, Value | SharedLayer>;

/** What a shared layer's first use made of it. */
export interface SharedUse {
  readonly weights: string;
  readonly inputs: string;
}

export interface SharedLayer {
  readonly kind: 'shared';
  readonly statement: SharedLayerStatement;
}

export interface ElaborationInput {
  readonly definition: Model | Block;
  readonly arguments: ReadonlyMap<string, Value>;
  /** What the caller feeds; absent for a model by itself. */
  readonly inputs: readonly { readonly shape: Shape | undefined; readonly type: DataType }[] | undefined;
  readonly open: Openness | undefined;
}

/** One definition being elaborated: where it is, what has been found, and how to say what is wrong. */
export class Frame implements Surroundings {
  readonly examples: Lookup;
  readonly session: Session;
  readonly definition: Model | Block;
  readonly arguments: ReadonlyMap<string, Value>;
  readonly given: ElaborationInput['inputs'];
  readonly open: Openness | undefined;
  readonly plan: NamePlan;
  problems = new Map<string, Problem>();
  conditions: SizeCondition[] = [];
  facts = new Map<object, Fact[]>();
  container: Container;
  scope: Scope = new Map();
  part = HEADER;
  iterations: readonly Iteration[] = [];
  frozen = false;
  /** Set while a shared layer's stage is applied. */
  sharing: SharedLayerStatement | undefined;
  /** The name that a shared layer's stage gets instead of its plan's. */
  sharedWeights = new Map<SharedLayerStatement, SharedUse>();
  /** The node of the stage just applied, and the arm that its `if` took. */
  made: Node | undefined;
  taken: boolean | undefined;
  size = 0;
  tooLarge = false;
  /** What the last stage was called, for messages. */
  before: string | undefined;
  readonly outputs: NamedTensor[] = [];
  readonly inputs: NamedTensor[] = [];

  /** What the uses of the shared layer at hand need of weights. */
  sharedNow = '';

  constructor(session: Session, input: ElaborationInput) {
    this.session = session;
    this.definition = input.definition;
    this.arguments = input.arguments;
    this.given = input.inputs;
    this.open = input.open;
    this.examples = (name) => input.open?.examples.get(name);
    this.plan = session.names(input.definition);
    this.container = container(this.plan.form);
  }

  valueOrUnknown(name: string): Value {
    const value = this.scope.get(name);
    return value === undefined || value.kind === 'shared' ? UNKNOWN : value;
  }

  site(range: Range): Site {
    return { definition: this.definition.id, part: this.part, range };
  }

  add(problem: Problem): void {
    const { definition, part, range } = problem.site;
    const at = `${problem.code} ${definition} ${String(part)} ${String(range.start)}`;
    if (!this.problems.has(at)) this.problems.set(at, problem);
  }

  report(
    severity: Severity,
    code: string,
    message: string,
    at: Range,
    fixes: readonly LocalFix[] = [],
    related?: readonly RelatedSite[],
  ): void {
    this.add({
      code,
      severity,
      message,
      site: this.site(at),
      ...(related === undefined ? {} : { related }),
      ...withFixes(placed(fixes, (range) => this.site(range))),
    });
  }

  error(code: string, message: string, at: Range, fixes?: readonly LocalFix[]): void {
    this.report('error', code, message, at, fixes);
  }

  warning(code: string, message: string, at: Range, fixes?: readonly LocalFix[]): void {
    this.report('warning', code, message, at, fixes);
  }

  found(expression: Expression, value: Value): void {
    this.record(expression, { iterations: this.iterations, value });
  }

  isChainPlace(expression: Expression): boolean {
    const statement = this.definition.statements[this.part];
    if (statement?.kind !== 'binding' && statement?.kind !== 'output') return false;
    const { value } = statement;
    return value === expression || (value.kind === 'pipeline' && value.source === expression);
  }

  isFeatureMap(tensor: Tensor): boolean {
    return isFeatureMap(tensor, this.definition.kind === 'model');
  }

  movedChannels(tensor: Tensor): MovedChannels | undefined {
    return movedChannels(tensor, this.definition.kind === 'model');
  }

  record(place: object, fact: Fact): void {
    const facts = this.facts.get(place);
    if (facts === undefined) this.facts.set(place, [fact]);
    else facts.push(fact);
  }

  condition(condition: Condition, text: string, at: Range): void {
    if (this.open !== undefined) return;
    this.conditions.push({ condition, text, site: this.site(at) });
  }

  evaluate(expression: Expression): Value {
    return evaluateExpression(expression, this);
  }

  /** A free size has no value when the model is built; openly, every parameter is as good as known. */
  isBuildTime(size: Dimension): boolean {
    return this.open !== undefined || constantValue(size) !== undefined || isUnknown(size);
  }

  /** A value that only a free size keeps from being known: says so, and goes on without it. */
  decidedValue(value: Value, what: string, at: Range): Value {
    if (value.kind !== 'symbolic' || this.open !== undefined) return value;
    this.undecidable(what, value.symbols, at, 'Give the input that size as a number.');
    return UNKNOWN;
  }

  undecidable(
    what: string,
    symbols: Iterable<string>,
    at: Range,
    advice: string,
    fixes: readonly LocalFix[] = [],
  ): void {
    const names = [...symbols];
    const list = names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
    this.error(
      'undecidable',
      `${what} depends on ${list}, which ${names.length < 2 ? 'has' : 'have'} no value when the model is built. ${advice}`,
      at,
      [...fixes, ...sizesGiven(this, names)],
    );
  }

  bind(name: Identifier, value: Value | SharedLayer): void {
    if (name.text === '_') return;
    if (this.scope.has(name.text)) {
      this.error(
        'bound-twice',
        `${name.text} already has a value: a name is bound once. Choose another name.`,
        name.range,
        this.part === HEADER ? [] : [renameBelow(this, name)],
      );
      return;
    }
    this.scope.set(name.text, value);
  }

  nameValue(name: Identifier): Value {
    const value = this.scope.get(name.text);
    if (value !== undefined && value.kind !== 'shared') return value;
    const callee = this.resolve(name.text);
    if (value === undefined && (callee.kind === 'layer' || callee.kind === 'definition')) {
      return {
        kind: 'layer',
        layer: {
          callee: callee.kind === 'layer' ? callee.layer : callee.definition,
          arguments: new Map(),
          source: { kind: 'name', name, range: name.range },
          writtenIn: this.definition.id,
        },
      };
    }
    if (value !== undefined) {
      this.error(
        'not-a-value',
        `${name.text} is a layer, not a tensor: feed it something, as in x -> ${name.text}.`,
        name.range,
      );
    } else this.unknownName(name);
    return UNKNOWN;
  }

  unknownName(name: Identifier): void {
    if (this.session.isImported(this.definition, name.text)) return;
    const { statements } = this.definition;
    // `conv1: x -> Conv2d(8, 3)`, meant to be `conv1 = …`, is told where it stands.
    if (
      statements.some(
        (each) => each.kind === 'property' && each.key.text === name.text && each.value.kind === 'pipeline',
      )
    )
      return;
    if (namesBoundBy(statements).has(name.text)) {
      this.error(
        'used-before-definition',
        `${name.text} is bound further down: move that statement above this one.`,
        name.range,
        moveAbove(this, name.text),
      );
    } else if (this.session.labels(this.definition).has(name.text)) {
      const bound = boundFrom(this.definition, this.part, name.text);
      this.error(
        'label-as-value',
        `${name.text} is the label of a layer, not a tensor. Bind what comes out to a name: ${name.text}_out = … -> ${name.text}: …, and use that.`,
        name.range,
        bound === undefined ? [] : replacements(name.text, name.range, [bound]),
      );
    } else if (findFunction(name.text) !== undefined) {
      this.error(
        'unknown-name',
        `${name.text} is a function: call it, as in ${findFunction(name.text)?.signature ?? ''}.`,
        name.range,
      );
    } else {
      const names = [...this.scope.keys(), ...functionNames(), ...[respelledLayer(name.text) ?? []].flat()];
      this.error(
        'unknown-name',
        `There is nothing called ${name.text} here.${didYouMean(name.text, names)}`,
        name.range,
        spellings(name.text, name.range, names),
      );
    }
  }

  /** What a callee's name means: parameters and shared layers first, then definitions, then the catalogue. */
  resolve(name: string): Callee {
    const value = this.scope.get(name);
    if (value?.kind === 'shared') return { kind: 'shared', name };
    if (value?.kind === 'layer') return { kind: 'parameter', name };
    return this.session.resolve(this.definition, name);
  }

  tensor(node: Node, shape: Shape | undefined, type: DataType = 'float'): Tensor {
    const tensor: Tensor = { shape, type, node, output: node.outputs.length };
    (node.outputs as Tensor[]).push(tensor);
    return tensor;
  }

  /** A node with no outputs yet, put where modules are put. */
  node<N extends Omit<Node, keyof NodeCommon>>(
    fields: N,
    name: string | undefined,
    inputs: readonly Tensor[],
    at: Range,
  ): N & NodeCommon {
    const node = {
      ...fields,
      site: this.site(at),
      name,
      inputs,
      outputs: [] as Tensor[],
      iterations: this.iterations,
      frozen: this.frozen,
      ...(this.sharing === undefined ? {} : { shared: this.sharing }),
    };
    this.container.nodes.push(node as unknown as Node);
    this.count(1, at);
    return node;
  }

  count(nodes: number, at: Range): void {
    this.size += nodes;
    this.step(at);
    if (this.size > NODE_LIMIT) this.stop(`More than ${NODE_LIMIT.toLocaleString('en')} layers would be built.`, at);
  }

  /** One of the turns and layers that an analysis has; where there is none left, all ends. */
  step(at: Range): void {
    if (!this.session.spend(1)) this.stop('More would be built than can be worked out.', at);
  }

  spend(steps: number): void {
    if (!this.session.spend(steps / 20) && this.session.sayTooMuch()) {
      throw new FunctionError('makes a longer list than can be worked out', 'too-large');
    }
  }

  /** Ends the loops around. */
  stop(message: string, at: Range): void {
    if (!this.tooLarge && this.session.sayTooMuch()) this.error('too-large', message, at);
    this.tooLarge = true;
  }

  newSymbol(name: string): Dimension {
    return symbol(name, 1n);
  }

  /** Whether two sizes can be the same; what must hold for it is noted. */
  agrees(a: Dimension, b: Dimension, at: Range): boolean {
    if (equal(a, b) || isUnknown(a) || isUnknown(b)) return true;
    const agreement = agree(a, b);
    if (agreement.kind === 'when') this.condition(agreement.condition, agreement.text, at);
    return agreement.kind !== 'never';
  }

  unknownTensor(at: Range): Tensor {
    const node = this.node({ kind: 'number' }, undefined, [], at);
    return this.tensor(node, undefined);
  }

  /** true or false where decided, the condition where it isn't (openly), else undefined. */
  decide(expression: Expression, what: string): boolean | Condition | undefined {
    const value = this.decidedValue(this.evaluate(expression), what, expression.range);
    if (value.kind === 'unknown') return undefined;
    const truth = truthOf(value, this);
    if (truth === undefined) {
      this.error('expression-type', `${what} needs True or False, not ${describeKind(value)}.`, expression.range);
      return undefined;
    }
    const known = decided(truth);
    if (known !== undefined) return known;
    const symbols = [...symbolsOfCondition(truth)];
    if (this.open !== undefined) return truth;
    if (!symbols.some((name) => name.startsWith('?'))) {
      this.undecidable(what, symbols, expression.range, 'Give the input that size as a number.');
    }
    return undefined;
  }

  planOf(stage: Stage): StagePlan {
    return this.plan.stages.get(stage) ?? { name: undefined, module: undefined };
  }

  givenSize(place: Stage | StageBody, axis: number): Dimension {
    const open = this.open!;
    const number = open.numberOf({ place, axis });
    for (const [name, given] of open.givens)
      if (given.place === place && given.axis === axis) return number ?? symbol(name, 1n);
    const name = `given ${String(open.counter.next++)}`;
    open.givens.set(name, { place, axis, loops: open.turnsOf({ place, axis }), within: [] });
    open.locals.add(name);
    return number ?? symbol(name, 1n);
  }

  /** Looks at a statement that nothing depends on: what it says is kept, what it would build isn't. */
  aside(look: () => void): void {
    const before = { container: this.container, conditions: this.conditions, size: this.size };
    const weights = new Map(this.sharedWeights);
    this.container = { ...before.container, nodes: [], names: new Set(before.container.names) };
    this.conditions = [];
    look();
    this.container = before.container;
    this.conditions = before.conditions;
    this.size = before.size;
    this.sharedWeights = weights;
  }

  /** In a sketch: what the text of an arm that is never taken says wrong, whatever its numbers would be. */
  untaken(look: () => void): void {
    if (this.open?.looksEverywhere !== true) return;
    const before = this.problems;
    this.problems = new Map(before);
    this.aside(look);
    for (const [at, problem] of this.problems) {
      if (!before.has(at) && TEXT_CODES.has(problem.code)) before.set(at, problem);
    }
    this.problems = before;
  }

  /** Does something of which only the result is kept. */
  trial<T>(run: () => T): T {
    const before = {
      problems: this.problems,
      conditions: this.conditions,
      facts: this.facts,
      container: this.container,
      size: this.size,
      weights: this.sharedWeights,
      before: this.before,
    };
    this.problems = new Map(before.problems);
    this.conditions = [];
    this.facts = new Map();
    this.container = { ...before.container, nodes: [], names: new Set(before.container.names) };
    this.sharedWeights = new Map(before.weights);
    const result = run();
    this.problems = before.problems;
    this.conditions = before.conditions;
    this.facts = before.facts;
    this.container = before.container;
    this.size = before.size;
    this.sharedWeights = before.weights;
    this.before = before.before;
    return result;
  }

  with<T>(scope: Scope, iterations: readonly Iteration[], run: () => T): T {
    const before = { scope: this.scope, iterations: this.iterations };
    this.scope = scope;
    this.iterations = iterations;
    const result = run();
    this.scope = before.scope;
    this.iterations = before.iterations;
    return result;
  }

  layerValue(expression: CallExpression): Value | undefined {
    return evaluateLayer(this, expression);
  }

  pipelineValue(expression: PipelineExpression): Value {
    return runPipeline(this, expression).value;
  }

  conditionalValue(expression: ConditionalExpression): Value {
    return evaluateConditional(this, expression);
  }

  tensorOperator(operator: string, operands: readonly Value[], at: Range, sides?: readonly Expression[]): Value {
    return applyOperator(this, operator, operands, at, sides);
  }
}

export type NodeCommon = Pick<Node, 'site' | 'name' | 'inputs' | 'outputs' | 'iterations' | 'frozen'>;

/** Mistakes that no number can mend. */
const TEXT_CODES: ReadonlySet<string> = new Set([
  'keras-name',
  'unknown-name',
  'unknown-layer',
  'unknown-member',
  'unknown-argument',
  'missing-argument',
  'not-a-value',
  'too-many-arguments',
  'duplicate-argument',
]);

/** Two problems with one key are the same mistake. */
export function problemKey({ code, site }: Problem): string {
  return `${code} ${site.definition} ${String(site.part)} ${String(site.range.start)}`;
}
