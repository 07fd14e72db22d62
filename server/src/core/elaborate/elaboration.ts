/**
 * Definition → graph: evaluates expressions, instantiates blocks, unrolls repetitions.
 *
 * One evaluator serves two ends. *Concretely* every `if`, `for` and `* n` is decided and unrolled. *Openly*, parameters
 * (and in a block nobody uses, everything) have no value: a loop is visited once, both arms of an undecided `if` are,
 * and sizes come out as expressions over the parameters. The generic form (see generic.ts) and the checks of unused
 * blocks are open elaborations.
 */
import type {
  Argument,
  Block,
  CallExpression,
  CallStage,
  ConditionalExpression,
  Definition,
  Expression,
  Extern,
  ForStage,
  Identifier,
  IfStage,
  Label,
  Model,
  Parameter,
  ParallelStage,
  PipelineExpression,
  Port,
  Range,
  SharedLayerStatement,
  Site,
  Stage,
  StageBody,
  Statement,
} from '../definition.ts';
import { HEADER } from '../definition.ts';
import {
  type Condition,
  type Dimension,
  ONE,
  ZERO,
  add,
  agree,
  compare,
  constant,
  constantValue,
  decided,
  equal,
  exactDivide,
  explain,
  floorDivide,
  format,
  modulo,
  multiply,
  not,
  product,
  select,
  subtract,
  substitute,
  symbol,
  symbolsOf,
} from '../dimension.ts';
import { broadcast } from '../broadcast.ts';
import type { ExternNode, Fact, GroupNode, Instance, Iteration, NamedTensor, Node, SizeCondition } from '../graph.ts';
import { applyLayer } from '../layers/apply.ts';
import { LAYERS, findLayer } from '../layers/catalogue.ts';
import type { Layer } from '../layers/layer.ts';
import { didYouMean } from '../nearest.ts';
import type { Problem, RelatedSite, Severity } from '../problem.ts';
import { type DataType, type Shape, type Tensor, formatShape, isUnknown, unknownSize } from '../tensor.ts';
import { type LayerValue, type Lookup, UNKNOWN, type Value } from '../value.ts';
import { type Surroundings, evaluateExpression, truthOf } from './expressions.ts';
import { elaborateExtern } from './externs.ts';
import {
  type Flow,
  NOWHERE,
  blur,
  constantExample,
  firstItem,
  flowOf,
  isTensorTuple,
  mergeSizes,
  reshape,
  symbolsOfCondition,
  tensorsIn,
} from './flow.ts';
import { FunctionError, findFunction, functionNames } from './functions.ts';
import { type Callee, type NamePlan, POSITION, type StagePlan, isItem } from './names.ts';
import type { Session } from './session.ts';
import { boundNames, builtStatements } from './uses.ts';
import { describeKind, formatValue, intValue, listValue, valueKey } from './values.ts';
import {
  KERAS_NAMES,
  TYPE_WORDS,
  blockSignature,
  positionalParameters,
  countOf,
  portsOf,
  signature,
  textOfArgument,
  textOfExpression,
} from './words.ts';

/** More turns than this is a mistake, not a model. */
const LOOP_LIMIT = 10_000;
/** Blocks inside blocks that use themselves. */
export const RECURSION_LIMIT = 64;
/** Layers in one model, every repetition counted. */
const NODE_LIMIT = 1_000_000;

/** A kernel of this size or more, where three numbers are given, is a number of channels in the wrong place. */
const UNUSUAL_KERNEL = 12;

/** Where modules are put: a class, or a module of modules. */
interface Container {
  readonly form: 'Module' | 'Sequential' | 'ModuleList' | 'ModuleDict';
  readonly nodes: Node[];
  /** How many are built, which is the next position. */
  built: number;
  readonly names: Set<string>;
}

function container(form: Container['form']): Container {
  return { form, nodes: [], built: 0, names: new Set() };
}

/** Names → values, nested by loops. */
type Scope = Map<string, Value | SharedLayer>;

/** What a shared layer's first use made of it. */
interface SharedUse {
  readonly weights: string;
  readonly inputs: string;
}

interface SharedLayer {
  readonly kind: 'shared';
  readonly statement: SharedLayerStatement;
}

/** How to go on where something isn't decided, and what the generic form adds. */
export interface Openness {
  /** Values of parameters and sizes in the use at hand. */
  readonly examples: Map<string, Value>;
  /** Parameters of type `layer` of the definition that is made generic: what they make of a size is not known. */
  readonly layerParameters: ReadonlySet<string>;
  /** Sizes with no generic form, by place and dimension: they become symbols of their own. */
  readonly given: ReadonlyMap<object, ReadonlySet<number>>;
  readonly loops: Map<Stage, LoopForm>;
  readonly givens: Map<string, GivenSize>;
  /** Names that were made up in this definition and mean nothing outside it. */
  readonly locals: Set<string>;
  /** Numbers the names that are made up, in all definitions that are open at once. */
  readonly counter: { next: number };
  /** What a definition that uses itself gives out, as far as that is known: its sizes over its own names. */
  readonly assumed: ReadonlyMap<string, Instance>;
  /** Instances of this open elaboration, which no other shares. */
  readonly cache: Pick<Map<string, Instance>, 'get' | 'set'>;
}

export function openness(fields: Partial<Openness> = {}): Openness {
  return {
    examples: new Map(),
    layerParameters: new Set(),
    given: new Map(),
    loops: new Map(),
    givens: new Map(),
    locals: new Set(),
    counter: { next: 1 },
    assumed: new Map(),
    cache: new Map(),
    ...fields,
  };
}

/** A size that the generic form cannot work out. */
export interface GivenSize {
  readonly place: Stage | Expression;
  readonly axis: number;
}

/** What a loop looks like from inside, in the generic form. */
export interface LoopForm {
  readonly index: string;
  /** Symbols of the names of a `for`, in the order of the text. */
  readonly variables: readonly { readonly name: string; readonly symbol: string }[];
  readonly count: Dimension | undefined;
  /** Sizes that are carried from turn to turn without a closed form. */
  readonly running: readonly RunningSize[];
}

export interface RunningSize {
  /** Its symbol inside a turn: the size that comes in. */
  readonly symbol: string;
  /** Its symbol after the loop. */
  readonly final: string;
  /** Which of the tensors that go round, and which of its dimensions. */
  readonly tensor: number;
  readonly axis: number;
  readonly initial: Dimension;
  /** What goes out of a turn, over {@link symbol}, the index and the loop's names. */
  readonly next: Dimension;
}

export interface ElaborationInput {
  readonly definition: Model | Block;
  readonly arguments: ReadonlyMap<string, Value>;
  /** What the caller feeds; absent for a model by itself. */
  readonly inputs: readonly { readonly shape: Shape | undefined; readonly type: DataType }[] | undefined;
  readonly open: Openness | undefined;
}

export class Elaboration implements Surroundings {
  readonly examples: Lookup;
  readonly #session: Session;
  readonly #definition: Model | Block;
  readonly #arguments: ReadonlyMap<string, Value>;
  readonly #given: ElaborationInput['inputs'];
  readonly #open: Openness | undefined;
  readonly #plan: NamePlan;

  #problems = new Map<string, Problem>();
  #conditions: SizeCondition[] = [];
  #facts = new Map<object, Fact[]>();
  #container: Container;
  #scope: Scope = new Map();
  #part = HEADER;
  #iterations: readonly Iteration[] = [];
  #frozen = false;
  /** Set while a shared layer's stage is applied. */
  #sharing: SharedLayerStatement | undefined;
  /** The name that a shared layer's stage gets instead of its plan's. */
  #sharedWeights = new Map<SharedLayerStatement, SharedUse>();
  /** The node of the stage just applied, and the arm that its `if` took. */
  #made: Node | undefined;
  #taken: boolean | undefined;
  #size = 0;
  #tooLarge = false;
  /** What the last stage was called, for messages. */
  #before: string | undefined;
  readonly #outputs: NamedTensor[] = [];
  readonly #inputs: NamedTensor[] = [];

  constructor(session: Session, input: ElaborationInput) {
    this.#session = session;
    this.#definition = input.definition;
    this.#arguments = input.arguments;
    this.#given = input.inputs;
    this.#open = input.open;
    this.examples = (name) => input.open?.examples.get(name);
    this.#plan = session.names(input.definition);
    this.#container = container(this.#plan.form);
  }

  run(): Instance {
    const definition = this.#definition;
    for (const problem of this.#plan.problems) this.#add(problem);
    for (const parameter of definition.parameters) {
      // A second parameter of that name has its own message.
      if (this.#scope.has(parameter.name.text)) continue;
      const given = this.#arguments.get(parameter.name.text);
      // Openly, defaults are looked at too: what is wrong with them is wrong in the text.
      const standard = given === undefined || this.#open !== undefined ? this.defaultOf(parameter) : UNKNOWN;
      this.#bind(parameter.name, given ?? standard);
    }
    const built = builtStatements(definition.statements);
    definition.statements.forEach((statement, part) => {
      this.#part = part;
      // A declared weight is there, used or not.
      const isBuilt = built.has(statement) || statement.kind === 'weight' || statement.kind === 'buffer';
      if (isBuilt) this.#statement(statement);
      else this.#aside(() => this.#statement(statement));
    });
    this.#part = HEADER;
    if (this.#outputs.length === 0 && !definition.statements.some(({ kind }) => kind === 'output')) {
      this.error(
        'missing-output',
        `${definition.name.text} has no output: say what goes out, as in "output x".`,
        definition.name.range,
      );
    }
    return {
      definition,
      arguments: new Map(definition.parameters.map(({ name }) => [name.text, this.#valueOrUnknown(name.text)])),
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#container.nodes,
      problems: [...this.#problems.values()],
      conditions: this.#conditions,
      facts: this.#facts as Instance['facts'],
      size: this.#size,
    };
  }

  #valueOrUnknown(name: string): Value {
    const value = this.#scope.get(name);
    return value === undefined || value.kind === 'shared' ? UNKNOWN : value;
  }

  /** A parameter's default; in an open elaboration too, as callers leave it out. */
  defaultOf(parameter: Parameter): Value {
    const { default: standard } = parameter;
    if (standard === undefined) return UNKNOWN;
    return this.#typed(parameter, this.#evaluate(standard), standard.range, this.#definition.name.text);
  }

  // -------------------------------------------------------------------------------------------- problems and facts

  #site(range: Range): Site {
    return { definition: this.#definition.id, part: this.#part, range };
  }

  #add(problem: Problem): void {
    const { definition, part, range } = problem.site;
    const at = `${problem.code} ${definition} ${String(part)} ${String(range.start)}`;
    if (!this.#problems.has(at)) this.#problems.set(at, problem);
  }

  #report(severity: Severity, code: string, message: string, at: Range, related?: readonly RelatedSite[]): void {
    this.#add({ code, severity, message, site: this.#site(at), ...(related === undefined ? {} : { related }) });
  }

  error(code: string, message: string, at: Range): void {
    this.#report('error', code, message, at);
  }

  warning(code: string, message: string, at: Range): void {
    this.#report('warning', code, message, at);
  }

  found(expression: Expression, value: Value): void {
    this.#record(expression, { iterations: this.#iterations, value });
  }

  #record(place: object, fact: Fact): void {
    const facts = this.#facts.get(place);
    if (facts === undefined) this.#facts.set(place, [fact]);
    else facts.push(fact);
  }

  #condition(condition: Condition, text: string, at: Range): void {
    if (this.#open !== undefined) return;
    this.#conditions.push({ condition, text, site: this.#site(at) });
  }

  #evaluate(expression: Expression): Value {
    return evaluateExpression(expression, this);
  }

  /** A free size has no value when the model is built; openly, every parameter is as good as known. */
  #isBuildTime(size: Dimension): boolean {
    return this.#open !== undefined || constantValue(size) !== undefined || isUnknown(size);
  }

  /** A value that only a free size keeps from being known: says so, and goes on without it. */
  #decidedValue(value: Value, what: string, at: Range): Value {
    if (value.kind !== 'symbolic' || this.#open !== undefined) return value;
    this.#undecidable(what, value.symbols, at, 'Give the input that size as a number.');
    return UNKNOWN;
  }

  #undecidable(what: string, symbols: Iterable<string>, at: Range, advice: string): void {
    const names = [...symbols];
    const list = names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
    this.error(
      'undecidable',
      `${what} depends on ${list}, which ${names.length < 2 ? 'has' : 'have'} no value when the model is built. ${advice}`,
      at,
    );
  }

  // -------------------------------------------------------------------------------------------- names

  #bind(name: Identifier, value: Value | SharedLayer): void {
    if (name.text === '_') return;
    if (this.#scope.has(name.text)) {
      this.error(
        'bound-twice',
        `${name.text} already has a value: a name is bound once. Choose another name.`,
        name.range,
      );
      return;
    }
    this.#scope.set(name.text, value);
  }

  nameValue(name: Identifier): Value {
    const value = this.#scope.get(name.text);
    if (value !== undefined && value.kind !== 'shared') return value;
    const callee = this.resolve(name.text);
    if (value === undefined && (callee.kind === 'layer' || callee.kind === 'definition')) {
      return {
        kind: 'layer',
        layer: {
          callee: callee.kind === 'layer' ? callee.layer : callee.definition,
          arguments: new Map(),
          source: { kind: 'name', name, range: name.range },
          writtenIn: this.#definition.id,
        },
      };
    }
    if (value !== undefined) {
      this.error(
        'not-a-value',
        `${name.text} is a layer, not a tensor: feed it something, as in x -> ${name.text}.`,
        name.range,
      );
    } else this.#unknownName(name);
    return UNKNOWN;
  }

  #unknownName(name: Identifier): void {
    if (this.#session.isImported(this.#definition, name.text)) return;
    const { statements } = this.#definition;
    if (statements.some((statement) => boundNames(statement).some(({ text }) => text === name.text))) {
      this.error(
        'used-before-definition',
        `${name.text} is bound further down: move that statement above this one.`,
        name.range,
      );
    } else if (this.#session.labels(this.#definition).has(name.text)) {
      this.error(
        'label-as-value',
        `${name.text} is the label of a layer, not a tensor. Bind what comes out to a name: ${name.text}_out = … -> ${name.text}: …, and use that.`,
        name.range,
      );
    } else if (findFunction(name.text) !== undefined) {
      this.error(
        'unknown-name',
        `${name.text} is a function: call it, as in ${findFunction(name.text)?.signature ?? ''}.`,
        name.range,
      );
    } else {
      this.error(
        'unknown-name',
        `There is nothing called ${name.text} here.${didYouMean(name.text, [...this.#scope.keys(), ...functionNames()])}`,
        name.range,
      );
    }
  }

  /** What a callee's name means: parameters and shared layers first, then definitions, then the catalogue. */
  resolve(name: string): Callee {
    const value = this.#scope.get(name);
    if (value?.kind === 'shared') return { kind: 'shared', name };
    if (value?.kind === 'layer') return { kind: 'parameter', name };
    return this.#session.resolve(this.#definition, name);
  }

  layerValue({ callee: name, arguments: args, range }: CallExpression): Value | undefined {
    if (findFunction(name.text) !== undefined) return undefined;
    const callee = this.resolve(name.text);
    if (callee.kind !== 'layer' && callee.kind !== 'definition') return undefined;
    const target = callee.kind === 'layer' ? callee.layer : callee.definition;
    const given =
      callee.kind === 'layer'
        ? this.#layerArguments(callee.layer, { callee: name, arguments: args })
        : this.#blockArguments(callee.definition, name, args);
    return {
      kind: 'layer',
      layer: {
        callee: target,
        arguments: given,
        source: { kind: 'call', callee: name, arguments: args, range },
        writtenIn: this.#definition.id,
      },
    };
  }

  // -------------------------------------------------------------------------------------------- statements

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'property':
      case 'train':
        if (this.#definition.kind === 'block') {
          const what = statement.kind === 'train' ? 'train' : statement.key.text;
          const range = statement.kind === 'train' ? { start: 0, end: 'train'.length } : statement.key.range;
          this.error(
            'misplaced-statement',
            `${what} belongs in a model: a block is a part, with no metadata or training of its own.`,
            range,
          );
        }
        return;
      case 'input':
        for (const port of statement.ports) this.#input(port);
        return;
      case 'output':
        this.#output(statement);
        return;
      case 'weight':
      case 'buffer':
        this.#weight(statement);
        return;
      case 'layer':
        this.#bind(statement.name, { kind: 'shared', statement });
        return;
      case 'binding':
        this.#binding(statement.names, statement.value);
        return;
    }
  }

  #tensor(node: Node, shape: Shape | undefined, type: DataType = 'float'): Tensor {
    const tensor: Tensor = { shape, type, node, output: node.outputs.length };
    (node.outputs as Tensor[]).push(tensor);
    return tensor;
  }

  /** A node with no outputs yet, put where modules are put. */
  #node<N extends Omit<Node, keyof NodeCommon>>(
    fields: N,
    name: string | undefined,
    inputs: readonly Tensor[],
    at: Range,
  ): N & NodeCommon {
    const node = {
      ...fields,
      site: this.#site(at),
      name,
      inputs,
      outputs: [] as Tensor[],
      iterations: this.#iterations,
      frozen: this.#frozen,
      ...(this.#sharing === undefined ? {} : { shared: this.#sharing }),
    };
    this.#container.nodes.push(node as unknown as Node);
    this.#count(1, at);
    return node;
  }

  #count(nodes: number, at: Range): void {
    this.#size += nodes;
    if (!this.#session.spend(1)) this.#stop('More would be built than can be worked out.', at);
    if (this.#size > NODE_LIMIT) this.#stop(`More than ${NODE_LIMIT.toLocaleString('en')} layers would be built.`, at);
  }

  spend(steps: number): void {
    if (!this.#session.spend(steps / 20) && this.#session.sayTooMuch()) {
      throw new FunctionError('makes a longer list than can be worked out', 'too-large');
    }
  }

  /** Ends the loops around. */
  #stop(message: string, at: Range): void {
    if (!this.#tooLarge && this.#session.sayTooMuch()) this.error('too-large', message, at);
    this.#tooLarge = true;
  }

  #input(port: Port): void {
    const index = this.#inputs.length;
    const given = this.#given?.[index];
    const node = this.#node({ kind: 'input' }, undefined, [], port.range);
    let shape = given?.shape;
    if (port.shape !== undefined) {
      const items = port.shape.items;
      if (shape !== undefined && shape.length !== items.length) {
        this.error(
          'input-mismatch',
          `${this.#definition.name.text} takes ${port.name.text} with ${String(items.length)} dimensions, but gets ${formatShape(shape)}.`,
          port.shape.range,
        );
        shape = undefined;
      }
      const fed = shape;
      shape = items.map((item, i) => this.#inputSize(item, fed?.[i], port));
    } else if (this.#given === undefined && this.#definition.kind === 'model') {
      this.error(
        'missing-input-shape',
        `A model's input needs a shape: ${port.name.text}: [N, 3, H, W], where N, H and W may be any size.`,
        port.name.range,
      );
    }
    const tensor = this.#tensor(
      node as unknown as Node,
      shape,
      given?.type ?? this.#session.inputType(this.#definition, port),
    );
    this.#inputs.push({ name: port.name.text, tensor, site: node.site });
    this.#bind(port.name, { kind: 'tensor', tensor });
  }

  /** One size of an input's shape: an int, a symbol, an int × a symbol, or made of parameters. */
  #inputSize(item: Expression, fed: Dimension | undefined, port: Port): Dimension {
    const isSymbol = (expression: Expression): expression is Extract<Expression, { kind: 'name' }> =>
      expression.kind === 'name' && !this.#scope.has(expression.name.text);
    const mismatch = (wanted: string): void => {
      this.error(
        'input-mismatch',
        `${this.#definition.name.text} takes ${port.name.text}: ${this.#textOfShape(port)}, but gets ${fed === undefined ? '?' : format(fed)} where ${wanted} is wanted.`,
        item.range,
      );
    };
    const isPlain = item.kind === 'name' || isMultiple(item);
    if (isSymbol(item)) {
      const size = fed ?? this.#newSymbol(item.name.text);
      this.#scope.set(item.name.text, intValue(size));
      this.found(item, intValue(size));
      return size;
    }
    if (item.kind === 'binary' && item.operator === '*' && (isSymbol(item.left) || isSymbol(item.right))) {
      const [name, factor] = isSymbol(item.left)
        ? [item.left, item.right]
        : [item.right as Extract<Expression, { kind: 'name' }>, item.left];
      const times = this.#evaluate(factor);
      if (times.kind === 'int' && (constantValue(times.value) ?? 1n) > 0n) {
        let size = this.#newSymbol(name.name.text);
        if (fed !== undefined) {
          const whole = compare('==', modulo(fed, times.value), ZERO);
          if (decided(whole) === false && !isUnknown(fed)) mismatch(`a multiple of ${format(times.value)}`);
          else if (decided(whole) === undefined)
            this.#condition(whole, explain(whole).kind === 'when' ? textOf(whole) : '', item.range);
          size = exactDivide(fed, times.value) ?? floorDivide(fed, times.value);
        }
        this.#scope.set(name.name.text, intValue(size));
        return fed ?? multiply(times.value, size);
      }
    }
    const isKnown = (name: string): boolean =>
      isPlain ? this.#scope.has(name) : this.#definition.parameters.some((parameter) => parameter.name.text === name);
    const value = isMadeOf(item, isKnown) ? this.#evaluate(item) : undefined;
    if (value?.kind !== 'int') {
      if (value?.kind !== 'unknown') {
        this.error(
          'input-dimension',
          `A size of an input is a whole number, a symbol (H), a whole number times a symbol (8 * h), or made of parameters, not ${textOfExpression(item)}.`,
          item.range,
        );
      }
      return fed ?? unknownSize();
    }
    if ((constantValue(value.value) ?? 1n) < 0n) {
      this.error('argument-value', `A size can't be ${format(value.value)}.`, item.range);
      return fed ?? unknownSize();
    }
    if (fed === undefined) return value.value;
    if (!this.#agrees(fed, value.value, item.range)) mismatch(format(value.value));
    return value.value;
  }

  #textOfShape(port: Port): string {
    return `[${(port.shape?.items ?? []).map(textOfExpression).join(', ')}]`;
  }

  #newSymbol(name: string): Dimension {
    return symbol(name, 1n);
  }

  /** Whether two sizes can be the same; what must hold for it is noted. */
  #agrees(a: Dimension, b: Dimension, at: Range): boolean {
    if (equal(a, b) || isUnknown(a) || isUnknown(b)) return true;
    const agreement = agree(a, b);
    if (agreement.kind === 'when') this.#condition(agreement.condition, agreement.text, at);
    return agreement.kind !== 'never';
  }

  #output(statement: Extract<Statement, { kind: 'output' }>): void {
    const value = this.#evaluate(statement.value);
    this.#record(statement, { iterations: this.#iterations, value });
    const tensors = this.#tensorsOf(value, statement.value);
    if (statement.shape !== undefined)
      this.#checkOutput(statement.shape.items, statement.shape.range, tensors[0], statement.name?.text);
    const site = this.#site(statement.name?.range ?? statement.value.range);
    const bare = statement.value.kind === 'name' ? statement.value.name.text : undefined;
    for (const tensor of tensors) {
      const name = tensors.length === 1 ? (statement.name?.text ?? bare) : undefined;
      this.#outputs.push({ name: name ?? this.#outputName(), tensor, site });
    }
    if (statement.name !== undefined) this.#bind(statement.name, value);
  }

  #outputName(): string {
    const taken = new Set(this.#outputs.map(({ name }) => name));
    let name = 'output';
    for (let number = 2; taken.has(name); number++) name = `output_${String(number)}`;
    return name;
  }

  #tensorsOf(value: Value, expression: Expression): Tensor[] {
    if (value.kind === 'tensor') return [value.tensor];
    if (
      value.kind === 'list' &&
      value.items.length > 0 &&
      value.items.every((item) => item.kind === 'tensor' || item.kind === 'unknown')
    ) {
      return value.items.map((item) => (item.kind === 'tensor' ? item.tensor : this.#unknownTensor(expression.range)));
    }
    if (value.kind !== 'unknown') {
      this.error(
        value.kind === 'layer' ? 'not-a-value' : 'expression-type',
        `What goes out is a tensor, not ${describeKind(value)}.`,
        expression.range,
      );
    }
    return [this.#unknownTensor(expression.range)];
  }

  #unknownTensor(at: Range): Tensor {
    const node = this.#node({ kind: 'number' }, undefined, [], at);
    return this.#tensor(node as unknown as Node, undefined);
  }

  #checkOutput(stated: readonly Expression[], at: Range, tensor: Tensor | undefined, name: string | undefined): void {
    const shape = tensor?.shape;
    const wanted = stated.map((item) =>
      item.kind === 'name' && item.name.text === '_' ? undefined : this.#evaluate(item),
    );
    if (shape === undefined) return;
    const refuse = (): void => {
      this.error(
        'output-mismatch',
        `${name ?? 'The output'} is stated as [${stated.map(textOfExpression).join(', ')}], but what comes out is ${formatShape(shape)}.`,
        at,
      );
    };
    if (wanted.length !== shape.length) {
      refuse();
      return;
    }
    for (const [i, value] of wanted.entries()) {
      if (value?.kind === 'int' && !this.#agrees(shape[i]!, value.value, at)) {
        refuse();
        return;
      }
    }
  }

  #weight(statement: Extract<Statement, { kind: 'weight' | 'buffer' }>): void {
    const wasFrozen = this.#frozen;
    this.#frozen ||= statement.frozen;
    const node = this.#node({ kind: statement.kind }, statement.name.text, [], statement.name.range);
    this.#frozen = wasFrozen;
    const shape = statement.shape.items.map((item) => this.#weightSize(item, statement.name.text));
    if (statement.initialiser !== undefined && statement.module === undefined) {
      this.#session.checkInitialiser(statement, this);
    }
    const type =
      statement.kind === 'buffer' ? this.#session.bufferType(this.#definition, statement.name.text) : 'float';
    const tensor = this.#tensor(node as unknown as Node, shape, type);
    this.#record(statement, { iterations: [], value: { kind: 'tensor', tensor } });
    this.#bind(statement.name, { kind: 'tensor', tensor });
  }

  #weightSize(item: Expression, name: string): Dimension {
    const value = this.#decidedValue(this.#evaluate(item), `The shape of ${name}`, item.range);
    if (value.kind === 'unknown') return unknownSize();
    if (value.kind !== 'int') {
      this.error('argument-type', `A size of ${name} is a whole number, not ${describeKind(value)}.`, item.range);
      return unknownSize();
    }
    if (!this.#isBuildTime(value.value)) {
      this.#undecidable(`The shape of ${name}`, symbolsOf(value.value), item.range, 'Give the input a size.');
      return unknownSize();
    }
    if ((constantValue(value.value) ?? 0n) < 0n) {
      this.error('argument-value', `A size can't be ${format(value.value)}.`, item.range);
      return unknownSize();
    }
    return value.value;
  }

  #binding(names: readonly Identifier[], expression: Expression): void {
    const isChain = expression.kind === 'pipeline';
    const flow: Flow = isChain ? this.#pipeline(expression) : { value: this.#evaluate(expression) };
    if (isChain) this.found(expression, flow.value);
    if (names.length === 1) {
      const { value } = flow;
      if (value.kind === 'layer') {
        this.error(
          'not-a-value',
          `${formatValue(value)} is a layer, not a tensor: feed it something, as in x -> ${formatValue(value)}.`,
          expression.range,
        );
        this.#bind(names[0]!, UNKNOWN);
      } else this.#bind(names[0]!, value);
      return;
    }
    const parts: readonly Value[] | undefined =
      flow.all?.map((tensor): Value => ({ kind: 'tensor', tensor })) ??
      (flow.value.kind === 'list' ? flow.value.items : undefined);
    if (flow.value.kind !== 'unknown' && parts?.length !== names.length) {
      const count = parts?.length ?? 1;
      const comes = `${String(count)} ${count === 1 ? 'value comes' : 'values come'}`;
      this.error(
        'output-count',
        `${comes} out, but there are ${String(names.length)} names: use _ for what isn't wanted.`,
        names[0]!.range,
      );
    }
    names.forEach((name, i) => {
      this.#bind(name, parts?.length === names.length ? (parts[i] ?? UNKNOWN) : UNKNOWN);
    });
  }

  // -------------------------------------------------------------------------------------------- expressions on tensors

  pipelineValue(expression: PipelineExpression): Value {
    return this.#pipeline(expression).value;
  }

  #pipeline({ source, stages }: PipelineExpression): Flow {
    const value = this.#evaluate(source);
    this.#before = undefined;
    let flow: Flow = { value };
    if (value.kind === 'layer') {
      this.error(
        'not-a-value',
        `${formatValue(value)} is a layer: a chain begins with a tensor, as in x -> ${formatValue(value)}.`,
        source.range,
      );
      flow = NOWHERE;
    } else if (value.kind !== 'tensor' && value.kind !== 'unknown' && !isTensorTuple(value)) {
      this.error('expression-type', `A chain begins with a tensor, not ${describeKind(value)}.`, source.range);
      flow = NOWHERE;
    }
    return this.#stages(stages, flow);
  }

  conditionalValue({ condition, then, otherwise }: ConditionalExpression): Value {
    const truth = this.#decide(condition, 'This if');
    if (truth === true) return this.#evaluate(then);
    if (truth === false) return this.#evaluate(otherwise);
    const a = this.#evaluate(then);
    const b = this.#evaluate(otherwise);
    return this.#merge(typeof truth === 'object' ? truth : undefined, a, b, then.range);
  }

  /** true or false where decided, the condition where it isn't (openly), else undefined. */
  #decide(expression: Expression, what: string): boolean | Condition | undefined {
    const value = this.#decidedValue(this.#evaluate(expression), what, expression.range);
    if (value.kind === 'unknown') return undefined;
    const truth = truthOf(value, this);
    if (truth === undefined) {
      this.error('expression-type', `${what} needs True or False, not ${describeKind(value)}.`, expression.range);
      return undefined;
    }
    const known = decided(truth);
    if (known !== undefined) return known;
    const symbols = [...symbolsOfCondition(truth)];
    if (this.#open !== undefined) return truth;
    if (!symbols.some((name) => name.startsWith('?'))) {
      this.#undecidable(what, symbols, expression.range, 'Give the input that size as a number.');
    }
    return undefined;
  }

  /** What two arms have in common. */
  #merge(condition: Condition | undefined, a: Value, b: Value, at: Range): Value {
    if (a.kind === 'unknown') return b;
    if (b.kind === 'unknown') return a;
    if (a.kind === 'tensor' && b.kind === 'tensor') {
      if (a.tensor === b.tensor) return a;
      const node = this.#node({ kind: 'operator', operator: 'if', macs: ZERO }, undefined, [a.tensor, b.tensor], at);
      const shape = this.#mergeShapes(condition, a.tensor.shape, b.tensor.shape);
      return { kind: 'tensor', tensor: this.#tensor(node as unknown as Node, shape, a.tensor.type) };
    }
    if (a.kind === 'int' && b.kind === 'int') return intValue(mergeSizes(condition, a.value, b.value));
    if (a.kind === 'list' && b.kind === 'list' && a.items.length === b.items.length) {
      return listValue(
        a.items.map((item, i) => this.#merge(condition, item, b.items[i]!, at)),
        a.isTuple,
      );
    }
    return a.kind === b.kind && a.kind !== 'tensor' && valueKey(a) === valueKey(b) ? a : UNKNOWN;
  }

  #mergeShapes(condition: Condition | undefined, a: Shape | undefined, b: Shape | undefined): Shape | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    return a.length === b.length ? a.map((size, i) => mergeSizes(condition, size, b[i]!)) : undefined;
  }

  tensorOperator(operator: string, operands: readonly Value[], at: Range): Value {
    const tensors: Tensor[] = [];
    for (const operand of operands) {
      if (operand.kind === 'tensor') tensors.push(operand.tensor);
      else if (
        operand.kind === 'int' ||
        operand.kind === 'float' ||
        operand.kind === 'ratio' ||
        operand.kind === 'symbolic' ||
        operand.kind === 'bool'
      ) {
        const number = this.#node({ kind: 'number' }, undefined, [], at);
        tensors.push(this.#tensor(number as unknown as Node, [], operand.kind === 'float' ? 'float' : 'int64'));
      } else {
        if (operand.kind === 'list') {
          this.error(
            'expression-type',
            `${operator} takes one tensor on each side, not several: join them first, or take one.`,
            at,
          );
        } else {
          this.error(
            operand.kind === 'layer' ? 'not-a-value' : 'expression-type',
            `${operator} takes tensors and numbers, not ${formatValue(operand)}, which is ${describeKind(operand)}.`,
            at,
          );
        }
        return UNKNOWN;
      }
    }
    if (operator === '@') return this.#matrixProduct(tensors, at);
    const node = this.#node({ kind: 'operator', operator, macs: ZERO }, undefined, tensors, at);
    const [a, b] = tensors;
    const shape = b === undefined ? a!.shape : this.#broadcast(operator, a!.shape, b.shape, at);
    const type = COMPARISONS.has(operator) ? 'bool' : resultType(operator, operands, tensors);
    return { kind: 'tensor', tensor: this.#tensor(node as unknown as Node, shape, type) };
  }

  #broadcast(operator: string, a: Shape | undefined, b: Shape | undefined, at: Range): Shape | undefined {
    if (a === undefined || b === undefined) return undefined;
    const { shape, clash, conditions } = broadcast(a, b);
    if (clash !== undefined) {
      const rank = shape.length;
      const x = format(a[clash - (rank - a.length)] ?? ONE);
      const y = format(b[clash - (rank - b.length)] ?? ONE);
      this.error(
        'shape-mismatch',
        `${operator} needs equal sizes (or 1), but ${formatShape(a)} and ${formatShape(b)} differ in dimension ${String(clash)}: ${x} and ${y}. ${this.#repair(a, b)}`,
        at,
      );
      return undefined;
    }
    for (const condition of conditions) {
      const agreement = explain(condition);
      if (agreement.kind === 'when') this.#condition(agreement.condition, agreement.text, at);
    }
    return shape;
  }

  /** What would make two shapes of a residual agree. */
  #repair(a: Shape, b: Shape): string {
    if (a.length !== 4 || b.length !== 4) return 'Bring one of them to the shape of the other.';
    const [larger, smaller] = (constantValue(a[2]!) ?? 0n) >= (constantValue(b[2]!) ?? 0n) ? [a, b] : [b, a];
    const stride = exactDivide(larger[2]!, smaller[2]!);
    const step = stride === undefined || constantValue(stride) === 1n ? '' : `, stride=${format(stride)}`;
    const differs = !equal(larger[1]!, smaller[1]!);
    if (!differs && step === '') return 'Bring one of them to the size of the other.';
    return `Put Conv2d(${format(smaller[1]!)}, 1${step}) on the path that carries ${formatShape(larger)}.`;
  }

  #matrixProduct(tensors: readonly Tensor[], at: Range): Value {
    const layer = findLayer('MatMul');
    if (layer === undefined) throw new Error('The catalogue has no MatMul.');
    const applied = applyLayer(layer, new Map(), tensors, {
      problem: ({ code, severity, message }) => {
        this.#report(severity, code, message.replace(/^MatMul /, '@ '), at);
      },
      condition: (condition, text) => {
        this.#condition(condition, text, at);
      },
      buildTime: () => true,
    });
    const node = this.#node({ kind: 'operator', operator: '@', macs: applied.macs }, undefined, tensors, at);
    const output = applied.outputs?.[0];
    return { kind: 'tensor', tensor: this.#tensor(node as unknown as Node, output?.shape, output?.type) };
  }

  // -------------------------------------------------------------------------------------------- stages

  #stages(stages: readonly Stage[], flow: Flow): Flow {
    return stages.reduce((coming, stage) => this.#stage(stage, coming), flow);
  }

  #planOf(stage: Stage): StagePlan {
    return this.#plan.stages.get(stage) ?? { name: undefined, module: undefined };
  }

  #stage(stage: Stage, flow: Flow): Flow {
    const wasFrozen = this.#frozen;
    this.#frozen ||= stage.frozen;
    this.#made = undefined;
    this.#taken = undefined;
    let out: Flow;
    if (stage.body.kind === 'missing') out = NOWHERE;
    else if (stage.count !== undefined) out = this.#repetition(stage, stage.count, flow);
    else if (stage.body.kind === 'for') out = this.#loop(stage, stage.body, flow);
    else out = this.#body(stage, this.#planOf(stage), flow);
    this.#frozen = wasFrozen;
    out = this.#withGiven(stage, out);
    this.#recordStage(stage, flow, out);
    return out;
  }

  #recordStage(place: Stage | StageBody, flow: Flow, out: Flow): void {
    this.#record(place, {
      iterations: this.#iterations,
      value: out.value,
      inputs: tensorsIn(flow),
      ...(this.#made === undefined ? {} : { node: this.#made }),
      ...(this.#taken === undefined ? {} : { taken: this.#taken }),
    });
  }

  /** In the generic form: sizes that are known to have none become symbols of their own. */
  #withGiven(place: Stage, flow: Flow): Flow {
    const axes = this.#open?.given.get(place);
    if (axes === undefined || flow.value.kind !== 'tensor' || flow.value.tensor.shape === undefined) return flow;
    const { tensor } = flow.value;
    const shape = tensor.shape!.map((size, axis) => (axes.has(axis) ? this.#givenSize(place, axis) : size));
    return { value: { kind: 'tensor', tensor: { ...tensor, shape } } };
  }

  #givenSize(place: Stage, axis: number): Dimension {
    const open = this.#open!;
    for (const [name, given] of open.givens) if (given.place === place && given.axis === axis) return symbol(name, 1n);
    const name = `given ${String(open.counter.next++)}`;
    open.givens.set(name, { place, axis });
    open.locals.add(name);
    return symbol(name, 1n);
  }

  /** The name that a plan comes to here; undefined where it has none. */
  #nameOf(plan: StagePlan, at: Range): string | undefined {
    const { name } = plan;
    if (name === undefined) return this.#container.form === 'Sequential' ? this.#position() : undefined;
    const text = name === POSITION ? this.#position() : typeof name === 'string' ? name : this.#labelText(name);
    const isCertain = this.#open === undefined && !text.includes('?');
    if (isCertain && this.#container.names.has(text) && this.#sharing === undefined) {
      this.error('label-clash', `There are two ${text} here: each layer of a module needs a name of its own.`, at);
    }
    this.#container.names.add(text);
    return text;
  }

  #position(): string {
    return String(this.#container.built);
  }

  #labelText(label: Label): string {
    return label.parts
      .map((part) => {
        if (typeof part === 'string') return part;
        const value = this.#evaluate(part);
        if (value.kind === 'int') return format(value.value);
        if (value.kind !== 'unknown') {
          this.error(
            'label-number',
            `The braces of a label hold a whole number, not ${describeKind(value)}.`,
            part.range,
          );
        }
        return '?';
      })
      .join('');
  }

  /** A module of modules around what `build` puts into it. */
  #module(form: GroupNode['form'], name: string | undefined, flow: Flow, at: Range, build: () => Flow): Flow {
    const outer = this.#container;
    const node = this.#node({ kind: 'group', form, nodes: [] as Node[] }, name, tensorsIn(flow), at);
    outer.built += 1;
    const inner = container(form === 'Module' ? 'Module' : form);
    this.#container = inner;
    const out = build();
    this.#container = outer;
    for (const each of inner.nodes) (node.nodes as Node[]).push(each);
    this.#made = node as unknown as Node;
    this.#taken = undefined;
    return out;
  }

  /** A stage once, without its count. */
  #body(stage: Stage, plan: StagePlan, flow: Flow): Flow {
    this.#made = undefined;
    this.#taken = undefined;
    const out = this.#bodyKind(stage, plan, flow);
    this.#recordStage(stage.body, flow, out);
    return out;
  }

  #bodyKind(stage: Stage, plan: StagePlan, flow: Flow): Flow {
    const { body } = stage;
    switch (body.kind) {
      case 'call':
        return this.#call(stage, body, plan, flow);
      case 'group':
        return this.#module(
          'Sequential',
          this.#nameOf(plan, stage.label?.range ?? stage.range),
          flow,
          stage.range,
          () => this.#stages(body.stages, flow),
        );
      case 'if':
        return this.#ifStage(stage, body, plan, flow);
      case 'parallel':
        return this.#parallel(stage, body, plan, flow);
      case 'for': {
        const out = this.#stages(body.stages, flow);
        this.#made = undefined;
        return out;
      }
      case 'missing':
        return NOWHERE;
    }
  }

  // ---- repetition

  #repetition(stage: Stage, count: Expression, flow: Flow): Flow {
    const value = this.#decidedValue(this.#evaluate(count), 'How often this is repeated', count.range);
    const plan = this.#planOf(stage);
    const item: StagePlan =
      plan.module === 'Sequential' || plan.name === POSITION ? { name: POSITION, module: moduleOf(stage) } : plan;
    const turn = (coming: Flow): Flow => this.#body(stage, item, coming);
    let times: number | undefined;
    if (value.kind === 'int') {
      const known = constantValue(value.value);
      if (known === undefined && this.#open === undefined && !isUnknown(value.value)) {
        this.#undecidable(
          'How often this is repeated',
          symbolsOf(value.value),
          count.range,
          'Give the input that size as a number.',
        );
      }
      if (known !== undefined && known < 0n) {
        this.error(
          'repeat-count',
          `A stage can't be repeated ${String(known)} times: the count is 0 or more.`,
          count.range,
        );
      } else if (known !== undefined && known > BigInt(LOOP_LIMIT)) {
        this.error(
          'too-large',
          `${String(known)} repetitions: more than ${LOOP_LIMIT.toLocaleString('en')} can't be built.`,
          count.range,
        );
      } else if (known !== undefined) times = Number(known);
    } else if (value.kind === 'tensor') {
      this.error(
        'chain-parentheses',
        'After * stands how often the stage is repeated, and this is a tensor: for their product put the chain in parentheses, (x -> Layer) * y.',
        stage.countOperator ?? count.range,
      );
    } else if (value.kind !== 'unknown') {
      this.error(
        'repeat-count',
        `A stage is repeated a whole number of times, not ${formatValue(value)}.`,
        count.range,
      );
    }
    const turns = times === undefined ? undefined : Array.from({ length: times }, () => undefined);
    return this.#around(stage, plan, flow, () => {
      if (this.#open !== undefined) {
        const size = value.kind === 'int' ? value.value : undefined;
        return this.#openLoop(stage, [], undefined, size, flow, turn);
      }
      return turns === undefined ? this.#unknownTurns(stage, flow, turn) : this.#turns(stage, turns, flow, turn);
    });
  }

  #loop(stage: Stage, body: ForStage, flow: Flow): Flow {
    const iterable = this.#evaluate(body.iterable);
    const plan = this.#planOf(stage);
    const turn = (coming: Flow): Flow => this.#stages(body.stages, coming);
    let list: readonly Value[] | undefined;
    if (iterable.kind === 'list') {
      if (iterable.items.length > LOOP_LIMIT) {
        this.error(
          'too-large',
          `${iterable.items.length.toLocaleString('en')} turns: more than ${LOOP_LIMIT.toLocaleString('en')} can't be built.`,
          body.iterable.range,
        );
      } else list = iterable.items;
    } else if (iterable.kind === 'symbolic' && this.#open === undefined) {
      this.#undecidable(
        'What this loop goes over',
        iterable.symbols,
        body.iterable.range,
        'Give the input that size as a number.',
      );
    } else if (iterable.kind !== 'unknown' && iterable.kind !== 'symbolic') {
      this.error(
        'expression-type',
        `A loop goes over a list or a range, not ${describeKind(iterable)}.`,
        body.iterable.range,
      );
    }
    return this.#around(stage, plan, flow, () => {
      if (this.#open !== undefined) {
        const count = list === undefined ? this.#lengthOf(body.iterable) : constant(list.length);
        return this.#openLoop(stage, body.names, iterable, count, flow, turn);
      }
      return list === undefined ? this.#unknownTurns(stage, flow, turn) : this.#turns(stage, list, flow, turn);
    });
  }

  /** A repetition's own module, where it has one. */
  #around(stage: Stage, plan: StagePlan, flow: Flow, build: () => Flow): Flow {
    if (plan.module === undefined || plan.module === 'chosen') return build();
    return this.#module(plan.module, this.#nameOf(plan, stage.label?.range ?? stage.range), flow, stage.range, build);
  }

  #turns(stage: Stage, values: readonly (Value | undefined)[], flow: Flow, turn: (flow: Flow) => Flow): Flow {
    let coming = flow;
    for (const [index, value] of values.entries()) {
      if (!this.#session.spend(1)) this.#stop('More would be built than can be worked out.', stage.range);
      if (this.#tooLarge) return NOWHERE;
      coming = this.#turn(stage, constant(index), value, coming, turn);
    }
    return coming;
  }

  #turn(stage: Stage, index: Dimension, value: Value | undefined, flow: Flow, turn: (flow: Flow) => Flow): Flow {
    const outerScope = this.#scope;
    const outer = this.#iterations;
    const names = stage.body.kind === 'for' ? stage.body.names : [];
    const values = new Map<string, Value>();
    if (value !== undefined) {
      this.#scope = new Map(outerScope);
      const parts = names.length === 1 ? [value] : value.kind === 'list' ? value.items : [];
      if (names.length > 1 && parts.length !== names.length && value.kind !== 'unknown' && stage.body.kind === 'for') {
        const brought = value.kind === 'list' ? parts.length : 1;
        this.error(
          'expression-type',
          `There are ${String(names.length)} names, but ${formatValue(value)} is ${countOf(brought, 'value')}: each turn must bring as many as there are names.`,
          stage.body.iterable.range,
        );
      }
      names.forEach((name, i) => {
        const part = parts.length === names.length ? parts[i]! : UNKNOWN;
        if (name.text === '_') return;
        this.#scope.set(name.text, part);
        values.set(name.text, part);
      });
    }
    const inputs = tensorsIn(flow).map(({ shape }) => shape);
    this.#iterations = [...outer, { loop: stage, index, values, inputs }];
    const out = turn(flow);
    this.#iterations = outer;
    this.#scope = outerScope;
    return out;
  }

  /** After an error: visited once, so that what is inside is checked. */
  #unknownTurns(stage: Stage, flow: Flow, turn: (flow: Flow) => Flow): Flow {
    this.#turn(stage, unknownSize(), UNKNOWN, blur(flow), turn);
    return blur(flow);
  }

  #lengthOf(iterable: Expression): Dimension | undefined {
    if (iterable.kind !== 'binary' || iterable.operator !== '..') return undefined;
    const from = this.#facts.get(iterable.left)?.at(-1)?.value;
    const to = this.#facts.get(iterable.right)?.at(-1)?.value;
    return from?.kind === 'int' && to?.kind === 'int' ? subtract(to.value, from.value) : undefined;
  }

  /**
   * A loop visited once. Sizes that go round are found by looking at one turn: those that stay, those that grow by a
   * fixed step (64 + 32·i), and those that only a running variable can carry.
   */
  #openLoop(
    stage: Stage,
    names: readonly Identifier[],
    iterable: Value | undefined,
    count: Dimension | undefined,
    flow: Flow,
    turn: (flow: Flow) => Flow,
  ): Flow {
    const open = this.#open!;
    const { number, index, inside, value, variables } = this.#openTurn(stage, names, iterable, count);
    const form = open.loops.get(stage)!;
    const isLocal = (name: string): boolean =>
      name === index ||
      name.startsWith(`running ${String(number)}.`) ||
      variables.some((variable) => variable.symbol === name);

    const start = tensorsIn(flow);
    const isPlain = start.length > 0 && start.every(({ shape }) => shape !== undefined);
    if (!isPlain) return this.#turn(stage, inside, value, flow, turn);

    const running = (tensor: number, axis: number): string =>
      `running ${String(number)}.${String(tensor)}.${String(axis)}`;
    type Guess = 'same' | 'step' | 'running';
    let guesses: Guess[][] = start.map(({ shape }) => shape!.map(() => 'running'));
    let steps: (Dimension | undefined)[][] = start.map(({ shape }) => shape!.map(() => undefined));
    const entering = (tensor: number, axis: number): Dimension => {
      const initial = start[tensor]!.shape![axis]!;
      const guess = guesses[tensor]![axis]!;
      if (guess === 'same') return initial;
      if (guess === 'step') return add(initial, multiply(steps[tensor]![axis]!, inside));
      const name = running(tensor, axis);
      const example = constantExample(initial, this.examples);
      if (example !== undefined) open.examples.set(name, example);
      return symbol(name, 1n);
    };
    const enter = (): Flow => reshape(flow, (t) => start[t]!.shape!.map((_, axis) => entering(t, axis)));
    const leaves = (out: Flow): readonly (Shape | undefined)[] | undefined => {
      const shapes = tensorsIn(out).map(({ shape }) => shape);
      return shapes.length === start.length && shapes.every((shape, t) => shape?.length === start[t]!.shape!.length)
        ? shapes
        : undefined;
    };

    for (let pass = 0; pass < 3; pass++) {
      const out = this.#trial(() => this.#turn(stage, inside, value, enter(), turn));
      const shapes = leaves(out);
      if (shapes === undefined) break;
      let changed = false;
      const nextSteps: (Dimension | undefined)[][] = [];
      const nextGuesses = guesses.map((axes, t) => {
        nextSteps.push([]);
        return axes.map((guess, axis): Guess => {
          const comes = entering(t, axis);
          const goes = shapes[t]![axis]!;
          nextSteps[t]!.push(steps[t]![axis]);
          if (guess === 'running') {
            if (equal(comes, goes) || equal(goes, start[t]!.shape![axis]!)) {
              changed = true;
              return 'same';
            }
            const step = subtract(goes, comes);
            if (![...symbolsOf(step)].some((name) => isLocal(name) || name.startsWith('?'))) {
              changed = true;
              nextSteps[t]![axis] = step;
              return 'step';
            }
            return 'running';
          }
          const expected = guess === 'same' ? comes : add(comes, steps[t]![axis]!);
          if (equal(expected, goes)) return guess;
          changed = true;
          return 'running';
        });
      });
      if (!changed) break;
      guesses = nextGuesses;
      steps = nextSteps;
    }

    const out = this.#turn(stage, inside, value, enter(), turn);
    const shapes = leaves(out);
    if (shapes === undefined) return out;
    const lastTurn = this.#lastTurn(index, variables, iterable, count);
    const carried: RunningSize[] = [];
    const after = reshape(out, (t) =>
      start[t]!.shape!.map((initial, axis) => {
        const guess = guesses[t]![axis]!;
        if (guess === 'same') return initial;
        if (guess === 'step')
          return count === undefined ? unknownSize() : add(initial, multiply(steps[t]![axis]!, count));
        const next = shapes[t]![axis]!;
        const name = running(t, axis);
        carried.push({ symbol: name, final: `${name} final`, tensor: t, axis, initial, next });
        open.locals.add(name).add(`${name} final`);
        const last = substitute(next, lastTurn);
        return [...symbolsOf(last)].some(isLocal) ? symbol(`${name} final`, 1n) : last;
      }),
    );
    open.loops.set(stage, { ...form, running: carried });
    return after;
  }

  /** What the index and the names of a loop are in its last turn, where that can be said. */
  #lastTurn(
    index: string,
    variables: readonly { readonly symbol: string }[],
    iterable: Value | undefined,
    count: Dimension | undefined,
  ): (name: string) => Dimension | undefined {
    const sizes = new Map<string, Dimension>();
    if (count !== undefined) sizes.set(index, subtract(count, ONE));
    const item = iterable?.kind === 'list' ? iterable.items.at(-1) : undefined;
    const values = variables.length === 1 ? [item] : item?.kind === 'list' ? item.items : [];
    variables.forEach((variable, i) => {
      const value = values[i];
      if (value?.kind === 'int') sizes.set(variable.symbol, value.value);
    });
    return (name) => sizes.get(name);
  }

  /** The names and values of a turn that stands for all turns. */
  #openTurn(stage: Stage, names: readonly Identifier[], iterable: Value | undefined, count: Dimension | undefined) {
    const open = this.#open!;
    const number = open.counter.next++;
    const index = `index ${String(number)}`;
    const first = firstItem(iterable, this.examples);
    const variables = names.map((name, i) => ({
      name: name.text,
      symbol: `${name.text} ${String(number)}`,
      example: names.length === 1 ? first : first.kind === 'list' ? (first.items[i] ?? UNKNOWN) : UNKNOWN,
    }));
    open.examples.set(index, intValue(0));
    for (const name of [index, ...variables.map((variable) => variable.symbol)]) open.locals.add(name);
    const parts = variables.map(({ symbol: name, example }) => this.#session.symbolFor(name, example, open.examples));
    const value = iterable === undefined ? undefined : names.length === 1 ? parts[0]! : listValue(parts, true);
    open.loops.set(stage, {
      index,
      variables: variables.map(({ name, symbol: text }) => ({ name, symbol: text })),
      count,
      running: [],
    });
    return { number, index, inside: symbol(index, 0n), value, variables };
  }

  /** Looks at a statement that nothing depends on: what it says is kept, what it would build isn't. */
  #aside(look: () => void): void {
    const before = { container: this.#container, conditions: this.#conditions, size: this.#size };
    const weights = new Map(this.#sharedWeights);
    this.#container = { ...before.container, nodes: [], names: new Set(before.container.names) };
    this.#conditions = [];
    look();
    this.#container = before.container;
    this.#conditions = before.conditions;
    this.#size = before.size;
    this.#sharedWeights = weights;
  }

  /** Does something of which only the result is kept. */
  #trial<T>(run: () => T): T {
    const before = {
      problems: this.#problems,
      conditions: this.#conditions,
      facts: this.#facts,
      container: this.#container,
      size: this.#size,
      weights: this.#sharedWeights,
    };
    this.#problems = new Map(before.problems);
    this.#conditions = [];
    this.#facts = new Map();
    this.#container = { ...before.container, nodes: [], names: new Set(before.container.names) };
    this.#sharedWeights = new Map(before.weights);
    const result = run();
    this.#problems = before.problems;
    this.#conditions = before.conditions;
    this.#facts = before.facts;
    this.#container = before.container;
    this.#size = before.size;
    this.#sharedWeights = before.weights;
    return result;
  }

  // ---- if

  #ifStage(stage: Stage, body: IfStage, plan: StagePlan, flow: Flow): Flow {
    const truth = this.#decide(body.condition, 'This if');
    const arm = (stages: readonly Stage[] | undefined): Flow => {
      if (stages === undefined) return flow;
      if (plan.module !== 'chosen' || isItem(stages) || isPassedOn(stages)) return this.#stages(stages, flow);
      return this.#module('Sequential', this.#nameOf(plan, stage.label?.range ?? stage.range), flow, stage.range, () =>
        this.#stages(stages, flow),
      );
    };
    let out: Flow;
    if (truth === true) out = arm(body.then);
    else if (truth === false) out = arm(body.otherwise);
    else {
      const a = arm(body.then);
      const b = arm(body.otherwise);
      out = { value: this.#merge(typeof truth === 'object' ? truth : undefined, a.value, b.value, stage.range) };
    }
    this.#taken = typeof truth === 'boolean' ? truth : undefined;
    if (plan.module !== 'chosen') this.#made = undefined;
    return out;
  }

  // ---- branches

  #parallel(stage: Stage, body: ParallelStage, plan: StagePlan, flow: Flow): Flow {
    const build = (): Flow => {
      const branches: ((coming: Flow) => Flow)[] = [];
      const arities: (number | undefined)[] = [];
      for (const branch of body.branches)
        this.#branches(branch, (stages, run) => {
          branches.push(run);
          arities.push(this.#arity(stages));
        });
      const items = flow.value.kind === 'list' ? flow.value.items : undefined;
      const each =
        items !== undefined &&
        items.length === branches.length &&
        arities.every((arity) => arity === undefined || arity === 1);
      const outs = branches.map((run, i) => run(each ? { value: items[i]! } : flow).value);
      return {
        value: listValue(
          outs.flatMap((out) => (out.kind === 'list' ? out.items : [out])),
          true,
        ),
      };
    };
    if (plan.module !== undefined && plan.module !== 'chosen') {
      return this.#module(plan.module, this.#nameOf(plan, stage.label?.range ?? stage.range), flow, stage.range, build);
    }
    const out = build();
    this.#made = undefined;
    return out;
  }

  /** One branch, or those that a `for` or `if` around a whole branch makes of it. */
  #branches(branch: readonly Stage[], take: TakeBranch): void {
    const [only, second] = branch;
    if (only !== undefined && second === undefined && only.label === undefined && only.count === undefined) {
      const { body } = only;
      if (body.kind === 'if') {
        const truth = this.#decide(body.condition, 'This if');
        this.#record(only, {
          iterations: this.#iterations,
          value: UNKNOWN,
          ...(typeof truth === 'boolean' ? { taken: truth } : {}),
        });
        // Openly, a branch that may be missing has sizes that are 0 then: along what joins them that is the truth.
        const perhaps =
          (there: Condition): TakeBranch =>
          (stages, run) => {
            take(stages, (flow) => {
              const out = run(flow);
              return reshape(out, (t) => tensorsIn(out)[t]!.shape?.map((size) => select(there, size, ZERO)));
            });
          };
        const isOpen = typeof truth === 'object';
        if (truth !== false) this.#branches(body.then, isOpen ? perhaps(truth) : take);
        if (truth !== true && body.otherwise !== undefined)
          this.#branches(body.otherwise, isOpen ? perhaps(not(truth)) : take);
        return;
      }
      if (body.kind === 'for') {
        this.#branchLoop(only, body, take);
        return;
      }
    }
    take(branch, (flow) => this.#inBranch(branch, flow));
  }

  #branchLoop(stage: Stage, body: ForStage, take: TakeBranch): void {
    const iterable = this.#evaluate(body.iterable);
    const plan = this.#planOf(stage);
    // Unnumbered branches of a loop are items of a list of their own, which is filled branch by branch.
    let list: { readonly container: Container } | undefined;
    const within =
      (run: RunBranch): RunBranch =>
      (flow) => {
        if (plan.module !== 'ModuleList') return run(flow);
        const outer = this.#container;
        if (list === undefined) {
          const inner = container('ModuleList');
          const node = this.#node(
            { kind: 'group', form: 'ModuleList' as const, nodes: inner.nodes },
            this.#nameOf(plan, stage.label?.range ?? stage.range),
            tensorsIn(flow),
            stage.range,
          );
          this.#made = node as unknown as Node;
          outer.built += 1;
          list = { container: inner };
        }
        this.#container = list.container;
        const out = run(flow);
        this.#container = outer;
        return out;
      };
    const items = iterable.kind === 'list' && iterable.items.length <= LOOP_LIMIT ? iterable.items : undefined;
    if (iterable.kind === 'list' && items === undefined) {
      this.error(
        'too-large',
        `${iterable.items.length.toLocaleString('en')} branches: more than ${LOOP_LIMIT.toLocaleString('en')} can't be built.`,
        body.iterable.range,
      );
    } else if (iterable.kind !== 'list' && iterable.kind !== 'unknown' && iterable.kind !== 'symbolic') {
      this.error(
        'expression-type',
        `A loop goes over a list or a range, not ${describeKind(iterable)}.`,
        body.iterable.range,
      );
    }
    if (this.#open !== undefined) {
      this.#openBranches(stage, body, iterable, take, within);
      return;
    }
    for (const [index, value] of (items ?? []).entries()) {
      this.#turn(stage, constant(index), value, NOWHERE, (nothing) => {
        this.#branchesLater(body.stages, take, within);
        return nothing;
      });
    }
  }

  /** Hands branches on that run later, but with the names and turns of now. */
  #branchesLater(stages: readonly Stage[], take: TakeBranch, within: (run: RunBranch) => RunBranch): void {
    const { scope, iterations } = { scope: this.#scope, iterations: this.#iterations };
    this.#branches(stages, (branch, run) => {
      take(
        branch,
        within((flow) => this.#with(scope, iterations, () => run(flow))),
      );
    });
  }

  /** Branches of a loop visited once; each is what the first one is with its own values in place. */
  #openBranches(
    stage: Stage,
    body: ForStage,
    iterable: Value,
    take: TakeBranch,
    within: (run: RunBranch) => RunBranch,
  ): void {
    const list = iterable.kind === 'symbolic' ? iterable.example : iterable;
    const count = list.kind === 'list' ? list.items.length : 1;
    const { value, inside } = this.#openTurn(stage, body.names, iterable, constant(count));
    const made: { stages: readonly Stage[]; run: RunBranch }[] = [];
    this.#turn(stage, inside, value, NOWHERE, (nothing) => {
      this.#branchesLater(body.stages, (stages, run) => made.push({ stages, run }), within);
      return nothing;
    });
    const symbols = this.#open!.loops.get(stage)!.variables.map((variable) => variable.symbol);
    const firsts = new Map<RunBranch, Flow>();
    for (let turn = 0; turn < count; turn++) {
      const item = iterable.kind === 'list' ? iterable.items[turn] : undefined;
      const values = body.names.length === 1 ? [item] : item?.kind === 'list' ? item.items : [];
      const sizeOf = (name: string): Dimension | undefined => {
        const at = symbols.indexOf(name);
        if (at < 0) return undefined;
        const known = values[at];
        return known?.kind === 'int' ? known.value : unknownSize();
      };
      for (const { stages, run } of made) {
        take(stages, (flow) => {
          const first = firsts.get(run) ?? run(flow);
          firsts.set(run, first);
          return reshape(first, (t) => tensorsIn(first)[t]!.shape?.map((size) => substitute(size, sizeOf)));
        });
      }
    }
  }

  #with<T>(scope: Scope, iterations: readonly Iteration[], run: () => T): T {
    const before = { scope: this.#scope, iterations: this.#iterations };
    this.#scope = scope;
    this.#iterations = iterations;
    const result = run();
    this.#scope = before.scope;
    this.#iterations = before.iterations;
    return result;
  }

  #inBranch(branch: readonly Stage[], flow: Flow): Flow {
    const isList = this.#container.form === 'ModuleList' || this.#container.form === 'ModuleDict';
    if (!isList || isItem(branch) || branch.length === 0) return this.#stages(branch, flow);
    return this.#module('Sequential', this.#position(), flow, branch[0]!.range, () => this.#stages(branch, flow));
  }

  /** How many tensors a chain takes; undefined where that isn't known. */
  #arity(stages: readonly Stage[]): number | undefined {
    const body = stages[0]?.body;
    if (body === undefined) return 1;
    if (body.kind === 'group') return this.#arity(body.stages);
    if (body.kind !== 'call') return undefined;
    const callee = this.#calleeOf(body.callee.text);
    if (callee === undefined) return undefined;
    if ('family' in callee)
      return callee.inputs.variadic === true ? Infinity : callee.inputs.names.length - (callee.inputs.optional ?? 0);
    return portsOf(callee).length;
  }

  #calleeOf(name: string): Layer | Definition | undefined {
    const value = this.#scope.get(name);
    if (value?.kind === 'layer') return value.layer.callee;
    if (value?.kind === 'shared') {
      const { body } = value.statement.stage;
      return body.kind === 'call' ? this.#calleeOf(body.callee.text) : undefined;
    }
    const callee = this.resolve(name);
    return callee.kind === 'layer' ? callee.layer : callee.kind === 'definition' ? callee.definition : undefined;
  }

  // ---- calls

  #call(stage: Stage, body: CallStage, plan: StagePlan, flow: Flow): Flow {
    const name = body.callee.text;
    const value = this.#scope.get(name);
    if (value?.kind === 'shared') return this.#useShared(stage, value.statement, plan, flow);
    if (value?.kind === 'layer') {
      if (body.arguments !== undefined && body.arguments.length > 0) {
        this.error(
          'too-many-arguments',
          `${name} is a layer already, with its arguments: write ${name} alone.`,
          body.arguments[0]!.range,
        );
      }
      return this.#applyLayerValue(stage, body, value.layer, plan, flow, name);
    }
    if (value !== undefined) {
      if (value.kind !== 'unknown') {
        this.error(
          'not-a-stage',
          `${name} is ${describeKind(value)}: after -> stands a layer or block.`,
          body.callee.range,
        );
      }
      return NOWHERE;
    }
    const callee = this.#session.resolve(this.#definition, name);
    if (callee.kind === 'layer') return this.#callLayer(stage, body, callee.layer, plan, flow);
    if (callee.kind === 'definition') {
      const given = this.#blockArguments(callee.definition, body.callee, body.arguments ?? []);
      return this.#applyDefinition(stage, body, callee.definition, given, plan, flow);
    }
    for (const argument of body.arguments ?? []) this.#evaluate(argument.value);
    this.#unknownLayer(body.callee);
    return NOWHERE;
  }

  #unknownLayer(callee: Identifier): void {
    if (this.#session.isImported(this.#definition, callee.text)) return;
    const keras = KERAS_NAMES.get(callee.text);
    if (keras !== undefined) {
      this.error('keras-name', `${callee.text} is Keras's name: in torch, and here, it is ${keras}.`, callee.range);
      return;
    }
    const meant = this.resolve(callee.text).kind;
    if (meant === 'shared' || boundLater(this.#definition, callee.text)) {
      this.error(
        'used-before-definition',
        `${callee.text} is bound further down: move that statement above this one.`,
        callee.range,
      );
      return;
    }
    const names = [
      ...LAYERS.map((layer) => layer.name),
      ...this.#session.definitionNames(this.#definition),
      ...this.#scope.keys(),
    ];
    this.error(
      'unknown-layer',
      `There is no layer or block called ${callee.text}.${didYouMean(callee.text, names)}`,
      callee.range,
    );
  }

  #applyLayerValue(
    stage: Stage,
    body: CallStage,
    layer: LayerValue,
    plan: StagePlan,
    flow: Flow,
    parameter: string,
  ): Flow {
    const out =
      'family' in layer.callee
        ? this.#applyCatalogueLayer(stage, body, layer.callee, layer.arguments, plan, flow)
        : this.#applyDefinition(stage, body, layer.callee, layer.arguments, plan, flow);
    // What another layer would make of a size isn't known: only sizes that stay as they are have a generic form.
    if (this.#open?.layerParameters.has(parameter) !== true || out.value.kind !== 'tensor') return out;
    const [input] = tensorsIn(flow);
    const { tensor } = out.value;
    const shape = tensor.shape?.map((size, axis) =>
      input?.shape?.length === tensor.shape?.length && equal(size, input!.shape![axis]!)
        ? size
        : this.#givenSize(stage, axis),
    );
    return { value: { kind: 'tensor', tensor: { ...tensor, shape } } };
  }

  #inputsOf(flow: Flow): readonly Tensor[] | undefined {
    if (flow.value.kind === 'tensor') return [flow.value.tensor];
    if (flow.value.kind !== 'list') return undefined;
    return flow.value.items.every((item) => item.kind === 'tensor')
      ? flow.value.items.map((item) => item.tensor)
      : undefined;
  }

  #applyCatalogueLayer(
    stage: Stage,
    body: CallStage,
    layer: Layer,
    given: ReadonlyMap<string, Value>,
    plan: StagePlan,
    flow: Flow,
  ): Flow {
    const inputs =
      this.#inputsOf(flow) ??
      Array.from(
        { length: layer.inputs.variadic === true ? 1 : layer.inputs.names.length - (layer.inputs.optional ?? 0) },
        () => this.#unknownTensor(stage.range),
      );
    const argumentRange = (name: string | undefined): Range =>
      argumentOf(layer, body.arguments ?? [], name)?.value.range ?? body.callee.range;
    const hint = this.#before === undefined ? undefined : `it stands after ${this.#before}`;
    const applied = applyLayer(
      layer,
      given,
      inputs,
      {
        problem: ({ code, severity, message, argument }) => {
          this.#report(
            severity,
            code,
            message,
            code === 'division-inexact'
              ? operatorIn(argumentOf(layer, body.arguments ?? [], argument)?.value, body.callee.range)
              : argumentRange(argument),
          );
        },
        condition: (condition, text) => {
          this.#condition(condition, text, body.callee.range);
        },
        buildTime: (size, parameter) => {
          if (this.#isBuildTime(size)) return true;
          this.#undecidable(
            `${layer.name}'s ${parameter} is ${format(size)}: it`,
            symbolsOf(size),
            body.callee.range,
            'Give the input a size, or pool to one (AdaptiveAvgPool2d(1)) before it.',
          );
          return false;
        },
      },
      hint,
    );
    this.#before = layer.name;
    const name =
      layer.kind === 'function' && this.#container.form === 'Module'
        ? undefined
        : this.#nameOf(plan, stage.label?.range ?? body.callee.range);
    const node = this.#node(
      { kind: 'layer', layer, arguments: applied.arguments, weights: applied.weights, macs: applied.macs },
      name,
      inputs,
      body.callee.range,
    );
    this.#container.built += 1;
    this.#made = node as unknown as Node;
    const outputs = (applied.outputs ?? []).map(({ shape, type }) =>
      this.#tensor(node as unknown as Node, shape, type),
    );
    this.#noteShared(applied.weights.map((weight) => `${weight.name}${formatShape(weight.shape)}`).join());
    if (applied.outputs === undefined || outputs.length === 0) return NOWHERE;
    if (layer.name === 'Linear' && inputs[0]?.shape?.length === 4 && applied.complete && isFeatureMap(inputs[0])) {
      this.warning(
        'linear-on-feature-map',
        `Linear works on the last dimension, the width of ${formatShape(inputs[0].shape)}. Put Flatten before it for all features${flattened(inputs[0].shape)}.`,
        body.callee.range,
      );
    }
    if (layer.outputs === 'tuple')
      return {
        value: listValue(
          outputs.map((tensor): Value => ({ kind: 'tensor', tensor })),
          true,
        ),
      };
    return outputs.length === 1
      ? { value: { kind: 'tensor', tensor: outputs[0]! } }
      : { value: { kind: 'tensor', tensor: outputs[0]! }, all: outputs };
  }

  #callLayer(stage: Stage, body: CallStage, layer: Layer, plan: StagePlan, flow: Flow): Flow {
    let call = body;
    const first = this.#givenByHabit(layer, body, flow);
    if (first !== undefined) {
      const rest: CallStage = { ...body, arguments: (body.arguments ?? []).slice(1) };
      const runs = this.#trial(() => {
        this.#applyCatalogueLayer(stage, body, layer, this.#layerArguments(layer, body), plan, flow);
        return ![...this.#problems.values()].some(({ severity }) => severity === 'error');
      });
      const written = `${layer.name}(${(rest.arguments ?? []).map(textOfArgument).join(', ')})`;
      this.#report(
        runs ? 'warning' : 'error',
        'inferred-argument',
        `${first} is worked out from what comes in: leave the first argument out and write ${written}.`,
        body.arguments![0]!.value.range,
      );
      if (!runs) call = rest;
    }
    return this.#applyCatalogueLayer(stage, call, layer, this.#layerArguments(layer, call), plan, flow);
  }

  /**
   * `Conv2d(3, 64, 3)`: by torch's habit the input's channels were given first. Likely where the first number is the
   * size that would be inferred, and one argument more is given than is needed. The name of that argument, else undefined.
   */
  #givenByHabit(layer: Layer, body: CallStage, flow: Flow): string | undefined {
    const written = (body.arguments ?? []).filter((argument) => argument.name === undefined);
    const [first] = written;
    const inputs = this.#inputsOf(flow)?.filter(
      (input): input is Tensor & { shape: Shape } => input.shape !== undefined,
    );
    if (first === undefined || inputs === undefined || inputs.length === 0) return undefined;
    const parameters = Object.entries(layer.parameters);
    const [name, inferred] = parameters.find(([, parameter]) => parameter.infer !== undefined) ?? [];
    const required = parameters.filter(
      ([, { infer, default: standard, variadic }]) =>
        infer === undefined && standard === undefined && variadic !== true,
    );
    if (name === undefined || first.value.kind !== 'number' || written.length <= required.length) return undefined;
    // Three numbers, and a kernel that nobody uses: Conv2d(3, 64, 3).
    const second = written[1]?.value;
    if ('kernel_size' in layer.parameters && !(second?.kind === 'number' && second.value >= UNUSUAL_KERNEL))
      return undefined;
    const rank = layer.inputs.rank;
    if (rank !== undefined && !rank.includes(inputs[0]!.shape.length)) return undefined;
    const size = inferred?.infer?.(inputs, undefined);
    const number = first.value.value;
    return isSize(size) && typeof number === 'bigint' && constantValue(size) === number ? name : undefined;
  }

  /** Two uses of one layer need the same weights. */
  #noteShared(weights: string): void {
    if (this.#sharing === undefined || weights === '') return;
    this.#sharedNow = `${this.#sharedNow ?? ''};${weights}`;
  }
  #sharedNow: string | undefined;

  #useShared(stage: Stage, statement: SharedLayerStatement, plan: StagePlan, flow: Flow): Flow {
    const outer = { sharing: this.#sharing, now: this.#sharedNow, frozen: this.#frozen, part: this.#part };
    this.#sharing = statement;
    this.#sharedNow = undefined;
    this.#frozen ||= statement.frozen;
    const inClass = this.#container.form === 'Module';
    const planned = this.#planOf(statement.stage);
    const name: StagePlan = { name: inClass ? statement.name.text : POSITION, module: planned.module };
    const sharedPart = this.#definition.statements.indexOf(statement);
    this.#part = sharedPart;
    const inner = statement.stage;
    const out =
      inner.count !== undefined
        ? this.#repetition(inner, inner.count, flow)
        : inner.body.kind === 'for'
          ? this.#loop(inner, inner.body, flow)
          : this.#body(inner, plan.name === POSITION ? { ...name, name: POSITION } : name, flow);
    this.#part = outer.part;
    const weights = this.#sharedNow ?? '';
    const before = this.#sharedWeights.get(statement);
    const inputs = tensorsIn(flow)
      .map(({ shape }) => formatShape(shape))
      .join(' and ');
    if (before === undefined) this.#sharedWeights.set(statement, { weights, inputs });
    else if (
      before.weights !== weights &&
      this.#open === undefined &&
      !weights.includes('?') &&
      !before.weights.includes('?')
    ) {
      this.error(
        'shared-mismatch',
        `${statement.name.text} is one layer for all its uses: its first one took ${before.inputs}, but here comes ${inputs}, which would need other weights.`,
        stage.body.kind === 'call' ? stage.body.callee.range : stage.range,
      );
    }
    this.#sharing = outer.sharing;
    this.#sharedNow = outer.now;
    this.#frozen = outer.frozen;
    return out;
  }

  #applyDefinition(
    stage: Stage,
    body: CallStage,
    definition: Definition,
    given: ReadonlyMap<string, Value>,
    plan: StagePlan,
    flow: Flow,
  ): Flow {
    const at = body.callee.range;
    const ports = portsOf(definition);
    const inputs = this.#inputsOf(flow);
    this.#before = definition.name.text;
    if (inputs !== undefined && inputs.length !== ports.length) {
      const wanted =
        ports.length === 1
          ? 'one tensor'
          : `${String(ports.length)} tensors (${ports.map((port) => port.name.text).join(', ')})`;
      const advice =
        ports.length > 1
          ? ` Put them in parentheses: (${ports.map((port) => port.name.text).join(', ')}) -> ${definition.name.text}.`
          : '';
      this.error(
        'input-count',
        `${definition.name.text} takes ${wanted} but gets ${String(inputs.length)}.${advice}`,
        at,
      );
      return this.#nowhere(definition, at);
    }
    if (definition.kind === 'extern') return this.#applyExtern(stage, body, definition, given, inputs, plan);
    const locals = new Set<string>();
    const instance = this.#session.instantiate(
      {
        definition,
        arguments: given,
        inputs: ports.map((_, i) => ({ shape: inputs?.[i]?.shape, type: inputs?.[i]?.type ?? 'float' })),
        open:
          this.#open === undefined
            ? undefined
            : openness({
                examples: this.#open.examples,
                counter: this.#open.counter,
                assumed: this.#open.assumed,
                cache: this.#open.cache,
                locals,
              }),
      },
      (refused) => {
        this.error(refused.code, refused.text, at);
      },
    );
    if (instance === undefined) return this.#nowhere(definition, at);
    this.#passOn(instance, definition, at);
    const name = this.#nameOf(plan, stage.label?.range ?? at);
    const node = this.#node({ kind: 'block', instance }, name, inputs ?? [], at);
    this.#container.built += 1;
    this.#count(instance.size, at);
    this.#made = node as unknown as Node;
    this.#noteShared(
      `${definition.id}(${[...instance.arguments.values()].map((value) => (value.kind === 'tensor' ? '' : valueKey(value))).join()})${instance.inputs.map(({ tensor }) => formatShape(tensor.shape?.slice(1))).join()}`,
    );
    const outputs = instance.outputs.map(({ tensor }) =>
      this.#tensor(node as unknown as Node, this.#outside(tensor.shape, stage, locals), tensor.type),
    );
    return flowOf(outputs);
  }

  /** Openly, a block's sizes may come out over names that mean nothing outside it. */
  #outside(shape: Shape | undefined, stage: Stage, locals: ReadonlySet<string>): Shape | undefined {
    if (locals.size === 0 || shape === undefined) return shape;
    return shape.map((size, axis) =>
      [...symbolsOf(size)].some((name) => locals.has(name)) ? this.#givenSize(stage, axis) : size,
    );
  }

  #nowhere(definition: Definition, at: Range): Flow {
    const count =
      definition.kind === 'extern'
        ? definition.outputs.length
        : definition.statements.filter(({ kind }) => kind === 'output').length;
    return count < 2
      ? NOWHERE
      : {
          value: listValue(
            Array.from({ length: count }, (): Value => ({ kind: 'tensor', tensor: this.#unknownTensor(at) })),
            true,
          ),
        };
  }

  /** What is wrong inside a block for this use of it is shown at the use too. */
  #passOn(instance: Instance, definition: Definition, at: Range): void {
    for (const condition of instance.conditions) this.#conditions.push(condition);
    const ownMistakes = this.#session.mistakesOf(definition);
    for (const problem of instance.problems) {
      if (problem.severity === 'hint') continue;
      if (problem.severity === 'error' && !ownMistakes.has(problemKey(problem))) {
        // A block inside a block hands on what it was handed: the innermost place and words.
        const isHandedOn = problem.related !== undefined;
        const related = problem.related ?? [{ site: problem.site, message: `here, inside ${definition.name.text}` }];
        this.#report(
          'error',
          problem.code,
          isHandedOn ? problem.message : `In ${definition.name.text}: ${problem.message}`,
          at,
          related,
        );
      }
    }
  }

  #applyExtern(
    stage: Stage,
    body: CallStage,
    definition: Extern,
    given: ReadonlyMap<string, Value>,
    inputs: readonly Tensor[] | undefined,
    plan: StagePlan,
  ): Flow {
    const at = body.callee.range;
    const result = elaborateExtern(definition, given, inputs, this.examples);
    this.#passOn(result.instance, definition, at);
    const name =
      definition.isFunction && this.#container.form === 'Module'
        ? undefined
        : this.#nameOf(plan, stage.label?.range ?? at);
    const node = this.#node(
      { kind: 'extern', instance: result.instance, parameters: result.parameters, macs: result.macs },
      name,
      inputs ?? [],
      at,
    ) as unknown as ExternNode;
    this.#container.built += 1;
    this.#made = node;
    return flowOf(result.shapes.map((shape) => this.#tensor(node, shape)));
  }

  // -------------------------------------------------------------------------------------------- arguments

  /** Arguments by parameter name: positional ones in torch's order without the inferred. */
  #layerArguments(
    layer: Layer,
    { callee, arguments: args = [] }: { readonly callee: Identifier; readonly arguments?: readonly Argument[] },
  ): Map<string, Value> {
    const given = new Map<string, Value>();
    const names = Object.keys(layer.parameters);
    const positional = positionalParameters(layer, args);
    let next = 0;
    let tooMany = false;
    for (const argument of args) {
      const value = this.#evaluate(argument.value);
      if (argument.name === undefined) {
        const name = positional[next];
        const parameter = name === undefined ? undefined : layer.parameters[name];
        if (name === undefined || parameter === undefined) {
          if (!tooMany)
            this.error(
              'too-many-arguments',
              `${layer.name} takes ${countOf(positional.length, 'positional argument')}: ${signature(layer)}.`,
              argument.range,
            );
          tooMany = true;
        } else if (parameter.variadic === true) {
          const items = args.filter((each) => each.name === undefined).slice(next);
          const values = items.map((each) => (each === argument ? value : this.#evaluate(each.value)));
          given.set(
            name,
            values.length === 1 && values[0]!.kind !== 'int' && values[0]!.kind !== 'ratio'
              ? values[0]!
              : listValue(values),
          );
          // The rest has been taken.
          for (const each of args)
            if (each.name !== undefined) this.#namedArgument(layer, each, this.#evaluate(each.value), given, names);
          return this.#checkMissing(layer, callee, given);
        } else {
          next += 1;
          if (given.has(name)) this.error('duplicate-argument', `${name} is given twice.`, argument.range);
          given.set(name, value);
        }
      } else this.#namedArgument(layer, argument, value, given, names);
    }
    return this.#checkMissing(layer, callee, given);
  }

  #namedArgument(
    layer: Layer,
    { name }: Argument,
    value: Value,
    given: Map<string, Value>,
    names: readonly string[],
  ): void {
    if (name === undefined) return;
    if (!names.includes(name.text)) {
      this.error(
        'unknown-argument',
        `${layer.name} has no ${name.text}.${didYouMean(name.text, names)} It takes ${signature(layer)}.`,
        name.range,
      );
    } else if (given.has(name.text)) this.error('duplicate-argument', `${name.text} is given twice.`, name.range);
    else given.set(name.text, value);
  }

  #checkMissing(layer: Layer, callee: Identifier, given: Map<string, Value>): Map<string, Value> {
    for (const [name, value] of given) {
      if (layer.parameters[name]?.runtime === true && value.kind === 'symbolic' && this.#open === undefined)
        given.set(name, UNKNOWN);
      else given.set(name, this.#decidedValue(value, `${layer.name}'s ${name}`, callee.range));
    }
    const missing = Object.entries(layer.parameters).filter(
      ([name, parameter]) => parameter.infer === undefined && parameter.default === undefined && !given.has(name),
    );
    if (missing.length > 0) {
      const list = missing.map(([name]) => name).join(', ');
      this.error(
        'missing-argument',
        `${layer.name} needs ${list}: ${missing[0]![1].doc} Write ${signature(layer)}.`,
        callee.range,
      );
    }
    return given;
  }

  #blockArguments(definition: Definition, callee: Identifier, args: readonly Argument[]): Map<string, Value> {
    const given = new Map<string, Value>();
    const { parameters } = definition;
    let next = 0;
    let tooMany = false;
    for (const argument of args) {
      const value = this.#evaluate(argument.value);
      let parameter: Parameter | undefined;
      if (argument.name === undefined) {
        parameter = parameters[next];
        next += 1;
        if (parameter === undefined) {
          if (!tooMany)
            this.error(
              'too-many-arguments',
              `${definition.name.text} takes ${countOf(parameters.length, 'argument')}: ${blockSignature(definition)}.`,
              argument.range,
            );
          tooMany = true;
          continue;
        }
      } else {
        const wanted = argument.name.text;
        parameter = parameters.find(({ name }) => name.text === wanted);
        if (parameter === undefined) {
          this.error(
            'unknown-argument',
            `${definition.name.text} has no ${wanted}.${didYouMean(
              wanted,
              parameters.map(({ name }) => name.text),
            )} It is ${blockSignature(definition)}.`,
            argument.name.range,
          );
          continue;
        }
      }
      if (given.has(parameter.name.text)) {
        this.error(
          'duplicate-argument',
          `${parameter.name.text} is given twice.`,
          argument.name?.range ?? argument.range,
        );
        continue;
      }
      given.set(parameter.name.text, this.#typed(parameter, value, argument.value.range, definition.name.text));
    }
    const missing = parameters.filter(({ name, default: standard }) => standard === undefined && !given.has(name.text));
    if (missing.length > 0) {
      this.error(
        'missing-argument',
        `${definition.name.text} needs ${missing.map(({ name }) => name.text).join(', ')}: it is ${blockSignature(definition)}.`,
        callee.range,
      );
      for (const { name } of missing) given.set(name.text, UNKNOWN);
    }
    return given;
  }

  /** A value for a parameter of a declared type. */
  #typed(parameter: Parameter, given: Value, at: Range, owner: string): Value {
    const type = parameter.type?.text;
    const value = this.#decidedValue(given, `${owner}'s ${parameter.name.text}`, at);
    const kind = value.kind === 'symbolic' ? value.example.kind : value.kind;
    if (kind === 'tensor') {
      this.error('argument-type', `${owner}'s ${parameter.name.text} can't be a tensor: tensors go in by ->.`, at);
      return UNKNOWN;
    }
    if (type === undefined || kind === 'unknown' || fitsType(type, kind, value)) return value;
    if (type === 'int' && value.kind === 'ratio') {
      const whole = exactDivide(value.numerator, value.denominator);
      if (whole !== undefined) return intValue(whole);
      if (this.#open !== undefined) return intValue(floorDivide(value.numerator, value.denominator));
      this.error(
        'division-inexact',
        `${owner}'s ${parameter.name.text} is a whole number, but ${formatValue(value)} isn't whole. Write // for a whole quotient.`,
        at,
      );
      return UNKNOWN;
    }
    this.error(
      'argument-type',
      `${owner}'s ${parameter.name.text} is ${TYPE_WORDS[type] ?? type} (${type}), not ${describeKind(value)}.`,
      at,
    );
    return UNKNOWN;
  }
}

// ---------------------------------------------------------------------------------------------- helpers

type RunBranch = (flow: Flow) => Flow;
type TakeBranch = (stages: readonly Stage[], run: RunBranch) => void;

type NodeCommon = Pick<Node, 'site' | 'name' | 'inputs' | 'outputs' | 'iterations' | 'frozen'>;

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** Layers that leave a tensor what it was: an image stays one. */
const STEADY_FAMILIES: ReadonlySet<string> = new Set(['activation', 'normalization', 'dropout']);
const IMAGE_FAMILIES: ReadonlySet<string> = new Set(['convolution', 'pooling', 'padding', 'vision']);

/** Whether a tensor of rank 4 is an image, channels first: by what made it. */
function isFeatureMap(tensor: Tensor, depth = 0): boolean {
  const { node, output } = tensor;
  switch (node.kind) {
    case 'input':
      return depth === 0;
    case 'layer': {
      const { family } = node.layer;
      if (IMAGE_FAMILIES.has(family)) return true;
      return STEADY_FAMILIES.has(family) && node.inputs[0] !== undefined && isFeatureMap(node.inputs[0], depth);
    }
    case 'operator':
      return (
        node.operator !== '@' && node.inputs.some((input) => input.shape?.length === 4 && isFeatureMap(input, depth))
      );
    case 'block': {
      const inner = node.instance.outputs[output]?.tensor;
      return inner?.shape?.length === 4 && isFeatureMap(inner, depth + 1);
    }
    default:
      return false;
  }
}

/** Two problems with one key are the same mistake. */
export function problemKey({ code, site }: Problem): string {
  return `${code} ${site.definition} ${String(site.part)} ${String(site.range.start)}`;
}

/** The module that one item of a repetition is. */
function moduleOf({ body }: Stage): StagePlan['module'] {
  if (body.kind === 'group') return 'Sequential';
  return body.kind === 'parallel' ? 'Module' : undefined;
}

/** Whether a labelled `if` hands its name on to the only stage of this arm. */
function isPassedOn(stages: readonly Stage[]): boolean {
  const [only, second] = stages;
  return (
    only !== undefined &&
    second === undefined &&
    only.body.kind === 'if' &&
    only.label === undefined &&
    only.count === undefined
  );
}

/** Whether a size of an input is made of numbers and known names only. */
function isMadeOf(expression: Expression, isKnown: (name: string) => boolean): boolean {
  switch (expression.kind) {
    case 'number':
      return true;
    case 'name':
      return isKnown(expression.name.text);
    case 'binary':
      return isMadeOf(expression.left, isKnown) && isMadeOf(expression.right, isKnown);
    case 'unary':
      return isMadeOf(expression.operand, isKnown);
    case 'index':
      return isMadeOf(expression.object, isKnown) && isMadeOf(expression.index, isKnown);
    case 'call':
      return expression.arguments.every(({ value }) => isMadeOf(value, isKnown));
    default:
      return expression.kind === 'missing';
  }
}

/** `8 * h` */
function isMultiple(expression: Expression): boolean {
  if (expression.kind !== 'binary' || expression.operator !== '*') return false;
  const { left, right } = expression;
  return (left.kind === 'name' && right.kind === 'number') || (left.kind === 'number' && right.kind === 'name');
}

function textOf(condition: Condition): string {
  const agreement = explain(condition);
  return agreement.kind === 'when' ? agreement.text : '';
}

function isSize(value: unknown): value is Dimension {
  return typeof value === 'object' && value !== null && 'terms' in value;
}

function boundLater({ statements }: Model | Block, name: string): boolean {
  return statements.some((statement) => boundNames(statement).some(({ text }) => text === name));
}

/** The written argument that became this parameter. */
function argumentOf(layer: Layer, args: readonly Argument[], parameter: string | undefined): Argument | undefined {
  if (parameter === undefined) return undefined;
  const named = args.find(({ name }) => name?.text === parameter);
  if (named !== undefined) return named;
  const positional = positionalParameters(layer, args);
  return args.filter(({ name }) => name === undefined)[positional.indexOf(parameter)];
}

/** The `/` of an inexact quotient. */
function operatorIn(expression: Expression | undefined, otherwise: Range): Range {
  if (expression?.kind === 'binary') {
    return expression.operator === '/'
      ? expression.operatorRange
      : operatorIn(expression.left, operatorIn(expression.right, expression.range));
  }
  return expression?.range ?? otherwise;
}

function flattened(shape: Shape): string {
  const [batch, ...rest] = shape;
  const all = product(rest);
  return isUnknown(all) ? '' : `: ${formatShape([batch!, all])}`;
}

function resultType(operator: string, operands: readonly Value[], tensors: readonly Tensor[]): DataType {
  if (operator === '/' || operands.some((operand) => operand.kind === 'float' || operand.kind === 'ratio'))
    return 'float';
  const fed = tensors.filter((_, i) => operands[i]?.kind === 'tensor').map(({ type }) => type);
  return fed.includes('float')
    ? 'float'
    : fed.includes('int64')
      ? 'int64'
      : operator === '-'
        ? 'float'
        : (fed[0] ?? 'float');
}

function fitsType(type: string, kind: Value['kind'], value: Value): boolean {
  switch (type) {
    case 'int':
      return kind === 'int';
    case 'float':
      return kind === 'float' || kind === 'int' || kind === 'ratio';
    case 'bool':
      return kind === 'bool';
    case 'str':
      return kind === 'string';
    case 'ints':
      return kind === 'list' && value.kind === 'list'
        ? value.items.every((item) => item.kind === 'int' || item.kind === 'symbolic' || item.kind === 'unknown')
        : kind === 'list';
    case 'layer':
      return kind === 'layer';
    default:
      return true;
  }
}
