/** Names, sizes and arguments in one class: what both its `__init__` and its `forward` are written with. */
import type {
  Argument,
  CallExpression,
  Definition,
  Expression,
  Identifier,
  IfStage,
  Parameter,
  Port,
  Range,
  Stage,
  Statement,
} from '../definition.ts';
import { HEADER } from '../definition.ts';
import {
  type Dimension,
  type Opaque,
  constantValue,
  decided,
  equal,
  key,
  multipleOf,
  structure,
  substitute,
  symbol,
  symbolsOf,
  isDimension,
} from '../dimension.ts';
import { type GivenNumbers, type SymbolMeaning, environment, givenNumbers } from '../elaborate/generic.ts';
import type { GivenNumber, LoopForm } from '../elaborate/openness.ts';
import { childrenOf } from '../elaborate/uses.ts';
import { sizeSymbol } from '../elaborate/session.ts';
import { isTruthy } from '../elaborate/values.ts';
import { whyReserved } from '../elaborate/reserved.ts';
import { portsOf, positionalParameters } from '../elaborate/words.ts';
import type { Resolve } from '../elaborate/chain.ts';
import type { Fact, Node } from '../graph.ts';
import type { Layer, LayerFacts, PythonCall } from '../layers/layer.ts';
import type { LayerForm } from '../layers/parameters.ts';
import type { Problem } from '../problem.ts';
import { type DataType, type Tensor, isUnknown } from '../tensor.ts';
import { type LayerValue, type Operation, UNKNOWN, type Value, formatFloat } from '../value.ts';
import {
  type Environment,
  type SizeNames,
  printCondition,
  printExpression,
  printOperation,
  printSize,
} from './expression.ts';
import { attribute, Code, freshName, stringLiteral, within } from './python.ts';
import type { File, SizeArgument, Unit } from './unit.ts';

/** What an earlier writing of the same class found out; writing is repeated until nothing is new. */
export interface Findings {
  /** Number bindings that `__init__` mentions. */
  readonly bindings: ReadonlySet<string>;
  /** Symbols that were printed. */
  readonly symbols: ReadonlySet<string>;
  /** Tensors whose sizes `forward` reads: their names keep their values. */
  readonly measured: ReadonlySet<string>;
  /** Sizes that depend on conditions: they get a name where they come to be. */
  readonly chosen: ReadonlySet<string>;
  /** The places where such a size got a name that nothing mentions. */
  readonly idle: ReadonlySet<string>;
  /** Sizes that loops in parts of this class end in: those classes tell them. */
  readonly asked: ReadonlySet<string>;
}

export interface Mode {
  readonly name: 'init' | 'forward';
}
export const INIT: Mode = { name: 'init' };
export const FORWARD: Mode = { name: 'forward' };

/** A size that gets a name stands among the symbols that are needed. */
const chosenSymbol = (id: string): string => `chosen ${id}`;

/** Thrown inside an expression that needs statements before it where none can stand. */
export class NeedsStatements extends Error {}

export class ClassScope {
  readonly file: File;
  readonly unit: Unit;
  readonly before: Findings | undefined;
  readonly init = new Code(2);
  readonly body = new Code(2);

  /** What this writing finds out. */
  readonly bindings = new Set<string>();
  readonly symbols = new Set<string>();
  readonly measured = new Set<string>();
  readonly chosen = new Set<string>();
  readonly asked = new Set<string>();

  /** Constructor values that `forward` needs: attribute → what it is. */
  readonly kept = new Map<string, string>();
  readonly sizes = new Map<string, SizeArgument>();
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #attributes: Set<string>;
  /** Texts of sizes, innermost scope last. */
  readonly #texts: Map<string, string>[] = [new Map<string, string>()];
  /** What loop symbols are called, and whether they were. */
  readonly loopSymbols = new Map<string, () => string>();
  /** Counters of loops over ranges, by the range's variable. */
  readonly loopSizes = new Map<string, Dimension>();
  /** Number bindings that `forward` has worked out. */
  readonly #localNumbers = new Set<string>();
  part = HEADER;

  constructor(file: File, unit: Unit, before: Findings | undefined) {
    this.file = file;
    this.unit = unit;
    this.before = before;
    this.#attributes = new Set(
      [...unit.plan.stages.values()].flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
    );
    const { parameters, statements } = unit.definition;
    for (const { name } of parameters) this.nameOf(name.text);
    for (const port of portsOf(unit.definition)) this.nameOf(port.name.text);
    for (const statement of statements) {
      if (statement.kind === 'binding') for (const { text } of statement.names) this.nameOf(text);
      if (statement.kind === 'output' && statement.name !== undefined) this.nameOf(statement.name.text);
      if (statement.kind === 'weight' || statement.kind === 'buffer' || statement.kind === 'layer')
        this.#attributes.add(statement.name.text);
    }
  }

  get findings(): Findings {
    const symbols = new Set(this.symbols);
    for (const symbol of symbols) for (const needed of this.dependencies.get(symbol) ?? []) symbols.add(needed);
    return {
      bindings: this.bindings,
      symbols,
      measured: this.measured,
      chosen: new Set([...this.chosen, ...[...this.#namedChosen.values()].map(({ id }) => id)]),
      idle: this.#idle(),
      asked: new Set([...this.asked].filter((symbol) => symbols.has(symbol))),
    };
  }

  // -------------------------------------------------------------------------------------------- names

  /** The author's name in Python. */
  nameOf(name: string): string {
    if (name === '_') return '_';
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const fresh = freshName(name, (text) => this.#taken.has(text) || this.file.isGlobal(text));
    this.#names.set(name, fresh);
    this.#taken.add(fresh);
    return fresh;
  }

  isTaken(name: string): boolean {
    return this.#taken.has(name);
  }

  /** A name of the generator's own. */
  fresh(wanted: string): string {
    const name = freshName(wanted, (text) => this.#taken.has(text) || this.file.isGlobal(text));
    this.#taken.add(name);
    return name;
  }

  /** A name in a loop: one that no loop around it has, and none of `inside`. */
  loopName(wanted: string, isKept = false, inside: ReadonlySet<string> = new Set()): string {
    const name = freshName(
      wanted,
      (text) =>
        inside.has(text) ||
        (this.#taken.has(text) && !this.#loopNames.has(text)) ||
        this.#activeNames.has(text) ||
        this.file.isGlobal(text),
    );
    this.#taken.add(name);
    for (const names of this.namesInside) names.add(name);
    if (isKept) {
      // Never given again, though an earlier loop may have had it.
      this.#loopNames.delete(name);
    } else {
      this.#loopNames.add(name);
      this.#activeNames.add(name);
    }
    return name;
  }
  readonly #loopNames = new Set<string>();
  /** Of each loop that is being written, what its turns have given a value. */
  readonly namesInside: Set<string>[] = [];
  readonly #activeNames = new Set<string>();

  /** Names of loops in this class. */
  readonly entered = new Set<string>();

  /** A loop's own name: other loops may have it too, where it is nothing else. */
  enterLoop(name: string): string {
    const text = this.nameOf(name);
    this.entered.add(name);
    if (!this.#isValue(name)) this.#loopNames.add(text);
    for (const names of this.namesInside) names.add(text);
    this.#activeNames.add(text);
    return text;
  }

  #isValue(name: string): boolean {
    const { definition } = this.unit;
    if (this.parameter(name) !== undefined || portsOf(definition).some((port) => port.name.text === name)) return true;
    return definition.statements.some(
      (statement) => statement.kind === 'binding' && statement.names.some(({ text }) => text === name),
    );
  }

  /** The loop is over. */
  release(name: string): void {
    this.#activeNames.delete(name);
  }

  /** A constructor's value as an attribute, for `forward`. */
  keep(name: string, value: string): string {
    for (const [attr, text] of this.kept) if (text === value) return attribute(attr);
    const attr = this.attributeName(name);
    this.kept.set(attr, value);
    if (this.parameter(name) !== undefined || this.isLoopVariable(name) || this.numberBinding(name) !== undefined) {
      this.mentioned.add(name);
    }
    return attribute(attr);
  }

  /** A free name among the module's attributes. */
  attributeName(wanted: string): string {
    const attr = freshName(
      wanted,
      (text) => this.#attributes.has(text) || whyReserved(text, 'Sequential') !== undefined,
    );
    this.#attributes.add(attr);
    return attr;
  }

  impossible(range: Range, message: string, code = 'cannot-generate'): string {
    this.problems.push({
      code,
      severity: 'error',
      message,
      site: { definition: this.unit.definition.id, part: this.part, range },
    });
    return 'None';
  }

  /** What has no Python in this writing: an earlier one may have asked for what isn't needed. */
  readonly problems: Problem[] = [];

  // -------------------------------------------------------------------------------------------- facts

  fact(place: Stage | Expression | Statement): Fact | undefined {
    return this.unit.generic.facts.get(place)?.[0];
  }

  valueOf(expression: Expression): Value | undefined {
    return this.fact(expression)?.value;
  }

  /** Which arm every use takes; `undefined` where that depends. The other has no facts, and isn't written. */
  taken(condition: Expression): boolean | undefined {
    const value = this.valueOf(condition);
    const truth = value === undefined ? undefined : isTruthy(value);
    return truth === undefined ? undefined : decided(truth);
  }

  /** The arm of stages that every use takes. */
  onlyArm({ condition, then, otherwise }: IfStage): readonly Stage[] | undefined {
    const taken = this.taken(condition);
    return taken === undefined ? undefined : taken ? then : (otherwise ?? []);
  }

  parameter(name: string): Parameter | undefined {
    return this.unit.definition.parameters.find((parameter) => parameter.name.text === name);
  }

  /** The value that a parameter has in the uses at hand. */
  example(name: string): Value | undefined {
    return this.unit.generic.instances[0]?.arguments.get(name);
  }

  numberBinding(name: string): Extract<Statement, { kind: 'binding' }> | undefined {
    for (const statement of this.unit.definition.statements) {
      if (statement.kind === 'binding' && statement.names.length === 1 && statement.names[0]?.text === name)
        return statement;
    }
    return undefined;
  }

  // -------------------------------------------------------------------------------------------- sizes

  /** Runs something in which sizes may get texts that hold only there. */
  scoped<T>(run: () => T): T {
    this.#texts.push(new Map());
    try {
      return run();
    } finally {
      this.#texts.pop();
    }
  }

  /** From here on this size is written so. */
  learn(size: Dimension, text: string): void {
    if (constantValue(size) !== undefined || /^-?\d+$/u.test(text)) return;
    const texts = this.#texts.at(-1);
    const id = key(size);
    if (texts !== undefined && !this.#texts.some((each) => each.has(id))) texts.set(id, text);
  }

  /** A size in `__init__`. */
  size(size: Dimension): string {
    return printSize(
      substitute(size, (symbol) => this.loopSizes.get(symbol)),
      this.#initNames,
    );
  }

  readonly #initNames: SizeNames = {
    known: (id) => {
      const text = this.#texts.findLast((texts) => texts.has(id))?.get(id);
      if (text !== undefined) this.#mention(text);
      const whole = text === undefined ? this.#wholeOf(id) : undefined;
      return whole === undefined ? text : this.#symbolInInit(sizeSymbol(whole.input, whole.axis));
    },
    symbol: (name) => this.#symbolInInit(name),
    opaque: (term) => this.#opaque(term, INIT),
    chosen: (size) => {
      this.chosen.add(key(size));
      this.#need(chosenSymbol(key(size)));
      return this.chosenOutside(size);
    },
  };
  /** By where they get a name: one size may get one in two arms. */
  readonly #namedChosen = new Map<string, { readonly id: string; readonly name: string }>();

  #idle(): ReadonlySet<string> {
    const text = this.init.lines.map(({ prefix, expression }) => prefix + expression).join('\n');
    const idle = new Set(this.before?.idle);
    for (const [place, { name }] of this.#namedChosen) {
      const uses = text.match(new RegExp(`(?<![\\p{XID_Continue}.])${name}(?![\\p{XID_Continue}])`, 'gu')) ?? [];
      // A lambda's own name may be the same.
      if (uses.length < 2 || !this.#read.has(name)) idle.add(place);
    }
    return idle;
  }

  /** After an `if`: a size that depends on its condition, and that something needs, gets a name. */
  nameChosen(value: Value | undefined, at: Range): void {
    const shape = value?.kind === 'tensor' ? (value.tensor.shape ?? []) : [];
    shape.forEach((size, axis) => {
      const id = key(size);
      const place = `${this.part} ${at.start} ${axis}`;
      if (
        structure(size).kind !== 'select' ||
        this.before?.chosen.has(id) !== true ||
        !this.before.symbols.has(chosenSymbol(id)) ||
        this.before.idle.has(place) ||
        this.#texts.some((texts) => texts.has(id))
      )
        return;
      const text = this.size(size);
      const name = this.fresh(plainSizeName(axis, shape.length, axis === 1));
      this.#need(chosenSymbol(id));
      this.#namedChosen.set(place, { id, name });
      this.init.assign(name, text);
      this.learn(size, name);
    });
  }

  /** Names in texts of sizes that were written again. */
  readonly #read = new Set<string>();

  /** A text that was written before mentions bindings. */
  #mention(text: string): void {
    for (const name of text.match(/[\p{XID_Start}_][\p{XID_Continue}]*/gu) ?? []) this.#read.add(name);
    for (const [name, python] of this.#names) {
      if (new RegExp(`(?<![\\p{XID_Continue}.])${python}(?![\\p{XID_Continue}])`, 'u').test(text))
        this.bindings.add(name);
    }
  }

  /** The carried size whose next value is being written: what it mentions is needed only if it is. */
  nextOf: string | undefined;
  readonly dependencies = new Map<string, Set<string>>();

  #need(symbol: string): void {
    if (this.nextOf === undefined) this.symbols.add(symbol);
    else this.dependencies.set(this.nextOf, new Set([...(this.dependencies.get(this.nextOf) ?? []), symbol]));
  }

  #symbolInInit(symbol: string): string {
    this.#need(symbol);
    const bound = this.loopSymbols.get(symbol);
    if (bound !== undefined) return bound();
    const meaning = this.unit.generic.symbols.get(symbol);
    switch (meaning?.kind) {
      case 'parameter':
      case 'loopVariable':
        this.mentioned.add(meaning.name);
        return this.nameOf(meaning.name);
      case 'index':
      case 'running':
        return this.loopSize(symbol);
      case 'given':
        return this.given(symbol, meaning);
      case 'size':
        return this.#sizeInTimes(meaning);
      default:
        return this.impossible(
          this.unit.definition.name.range,
          `${this.unit.definition.name.text} needs a size when it is built that has no value there: pass it in as a parameter.`,
        );
    }
  }

  /** A size that a condition decides, where the class around this one has it; overridden where there is one. */
  chosenOutside(_size: Dimension): string | undefined {
    return undefined;
  }

  /** A size that a loop around this class carries; overridden where a class is a part of another. */
  loopSize(_symbol: string): string {
    return this.impossible(
      this.unit.definition.name.range,
      `${this.unit.definition.name.text} needs a size that a loop works out where the loop can't tell it: pass it in as a parameter.`,
    );
  }

  /** A size without a generic form: an argument of the constructor; of loops, what that has for this turn. */
  given(symbol: string, size: GivenNumber): string {
    const { definition, generic } = this.unit;
    if (definition.kind === 'block') return `${this.givenArgument(symbol, size).name}${this.turnText(size)}`;
    const numbers = givenNumbers(generic.instances, size);
    if (numbers === undefined)
      return this.impossible(definition.name.range, `A size in ${definition.name.text} ${NO_RULE}`);
    return `${numbersText(numbers)}${this.turnText(size)}`;
  }

  /** `[i]` behind numbers that there are for each turn of the loops around. */
  turnText({ loops }: GivenNumber): string {
    const forms = loops.flatMap((loop) => this.unit.generic.loops.get(loop) ?? []);
    return forms.map((form) => `[${this.size(indexOf(form))}]`).join('');
  }

  givenArgument(symbol: string, given: GivenNumber): SizeArgument {
    const known = this.sizes.get(symbol);
    if (known !== undefined) return known;
    const name = this.#authorsName(symbol) ?? this.fresh(given.loops.length === 0 ? 'size' : 'sizes');
    const argument = { symbol, name, place: undefined, given };
    this.sizes.set(symbol, argument);
    return argument;
  }

  /** A size of an input, or the part of it that the author has a name for: `in_channels // 2`. */
  #sizeInTimes({ input, axis, times }: Extract<SymbolMeaning, { kind: 'size' }>): string {
    const whole = this.#sizeArgument(input, axis).name;
    return times === 1n ? whole : `${whole} // ${times}`;
  }

  /** The input's dimension that a size is a stated multiple for: `2 * half` is the channels. */
  #wholeOf(id: string): Extract<SymbolMeaning, { kind: 'size' }> | undefined {
    for (const meaning of this.unit.generic.symbols.values()) {
      if (meaning.kind !== 'size' || meaning.times === 1n) continue;
      const size = this.#dimensionAt(meaning);
      if (size !== undefined && key(size) === id) return { ...meaning, times: 1n };
    }
    return undefined;
  }

  #dimensionAt({ input, axis }: Extract<SymbolMeaning, { kind: 'size' }>): Dimension | undefined {
    return this.unit.generic.instance.inputs.find(({ name }) => name === input)?.tensor.shape?.[axis];
  }

  /** The constructor's argument that stands for a size of an input. */
  #sizeArgument(input: string, axis: number): SizeArgument {
    const symbol = sizeSymbol(input, axis);
    const known = this.sizes.get(symbol);
    if (known !== undefined) return known;
    const ports = portsOf(this.unit.definition);
    const place = { input: ports.findIndex(({ name }) => name.text === input), axis };
    const name = this.#authorsName(symbol) ?? this.fresh(this.#sizeName(ports, place.input, axis));
    const argument = { symbol, name, place, given: undefined };
    this.sizes.set(symbol, argument);
    return argument;
  }

  /** `c` where the author wrote `c = x.channels`, or the symbol of the stated shape. */
  #authorsName(symbol: string): string | undefined {
    for (const port of portsOf(this.unit.definition)) {
      for (const item of port.shape?.items ?? []) {
        if (item.kind === 'name' && this.#isSymbol(item, symbol)) return this.nameOf(item.name.text);
      }
    }
    for (const statement of this.unit.definition.statements) {
      if (statement.kind !== 'binding' || statement.names.length !== 1) continue;
      const [name] = statement.names;
      if (name !== undefined && statement.value.kind !== 'name' && this.#isSymbol(statement.value, symbol))
        return this.nameOf(name.text);
    }
    return undefined;
  }

  #isSymbol(expression: Expression, symbol: string): boolean {
    const value = this.valueOf(expression);
    if (value?.kind !== 'int') return false;
    if (this.#wholeOf(key(value.value)) !== undefined) {
      const meaning = this.unit.generic.symbols.get(symbol);
      return meaning?.kind === 'size' && meaning.times === 1n && equal(this.#dimensionAt(meaning)!, value.value);
    }
    const node = structure(value.value);
    return node.kind === 'symbol' && node.name === symbol;
  }

  #sizeName(ports: readonly Port[], input: number, axis: number): string {
    const port = ports[input];
    const rank = this.unit.generic.instance.inputs[input]?.tensor.shape?.length ?? 0;
    const plain = plainSizeName(axis, rank, this.#isChannels(port?.name.text ?? '', axis, rank));
    if (ports.length > 1) return `${port?.name.text ?? 'x'}_${plain}`;
    return plain === 'channels' || plain === 'features' ? `in_${plain}` : plain;
  }

  /** Whether dimension 1 of three is meant as channels: asked by `.channels`, or by a layer that has channels there. */
  #isChannels(input: string, axis: number, rank: number): boolean {
    if (axis !== 1 || rank !== 3) return axis === 1;
    const { facts: all, symbols } = this.unit.generic;
    const isOfAxis = (name: string): boolean => {
      const meaning = symbols.get(name);
      return meaning?.kind === 'size' && meaning.input === input && meaning.axis === axis;
    };
    for (const [place, facts] of all) {
      const [fact] = facts;
      if ('kind' in place && place.kind === 'member' && place.member.text === 'channels') return true;
      if (fact?.node?.kind !== 'layer') continue;
      for (const [name, value] of Object.entries(fact.node.arguments)) {
        if (/channels|num_features/u.test(name) && isDimension(value) && [...symbolsOf(value)].some(isOfAxis))
          return true;
      }
    }
    return false;
  }

  /** A size in `forward`: read from the tensors that came in. */
  runtimeSize(size: Dimension): string {
    return printSize(size, this.#forwardNames);
  }

  readonly #forwardNames: SizeNames = {
    known: (id) => {
      const whole = this.#wholeOf(id);
      return whole === undefined ? undefined : this.#sizeRead(whole);
    },
    symbol: (name) => this.#symbolInForward(name),
    opaque: (term) => this.#opaque(term, FORWARD),
  };

  #symbolInForward(symbol: string): string {
    const meaning = this.unit.generic.symbols.get(symbol);
    if (meaning?.kind === 'parameter' || meaning?.kind === 'loopVariable') {
      const text = this.nameOf(meaning.name);
      return this.forwardLoops.has(meaning.name) ? text : this.keep(meaning.name, text);
    }
    if (meaning?.kind === 'size') return this.#sizeRead(meaning);
    for (const { name, tensor } of this.unit.generic.instance.inputs) {
      const shape = tensor.shape ?? [];
      for (const [axis, each] of shape.entries()) {
        const multiple = multipleOf(each);
        if (multiple?.symbol === symbol)
          return this.#sizeRead({ kind: 'size', input: name, axis, times: multiple.times });
      }
    }
    return this.keep('size', this.#symbolInInit(symbol));
  }

  #sizeRead({ input, axis, times }: Extract<SymbolMeaning, { kind: 'size' }>): string {
    this.measured.add(input);
    const read = `${this.nameOf(input)}.shape[${axis}]`;
    return times === 1n ? read : `${read} // ${times}`;
  }

  /** A term that only the author's expression says: the expression that came to it is printed again. */
  #opaque(term: Opaque<unknown>, mode: Mode): string {
    if (this.unit.generic.symbols.has(term.name)) {
      return mode === INIT ? this.#symbolInInit(term.name) : this.#symbolInForward(term.name);
    }
    const environment = mode === INIT ? this.initEnvironment : this.forwardEnvironment;
    for (const [place, facts] of this.unit.generic.facts) {
      const value = facts[0]?.value;
      if (!isExpression(place) || place.kind === 'name' || opaqueTerm(value)?.name !== term.name) continue;
      // Said of the last turn of a loop: what its variables are there takes their place.
      const name = (identifier: Identifier, expression: Expression): string => {
        const found = this.valueOf(expression);
        const symbol =
          found?.kind === 'symbolic' ? found.key : found?.kind === 'int' ? symbolName(found.value) : undefined;
        const bound = symbol === undefined ? undefined : term.bindings.get(symbol);
        if (bound === undefined) return environment.name(identifier, expression);
        return mode === INIT ? this.size(bound) : this.runtimeSize(bound);
      };
      return printExpression(place, { ...environment, name }, true);
    }
    if (isOperation(term.payload)) return this.#operation(term.payload, term.bindings, mode);
    return this.impossible(
      this.unit.definition.name.range,
      `A size of ${this.unit.definition.name.text} is worked out in a block that it uses, in a way that has no Python here. Pass the number in as a parameter.`,
    );
  }

  /** What a block that is used works out, in the names of this one. */
  #operation({ text, operands }: Operation, bindings: Opaque<unknown>['bindings'], mode: Mode): string {
    const size = (value: Dimension): string => {
      const bound = substitute(value, (symbol) => bindings.get(symbol));
      return mode === INIT ? this.size(bound) : this.runtimeSize(bound);
    };
    const print = (value: Value): string => {
      switch (value.kind) {
        case 'int':
          return size(value.value);
        case 'ratio':
          return `${within(size(value.numerator), 6)} / ${within(size(value.denominator), 7)}`;
        case 'float':
          return formatFloat(value.value);
        case 'bool':
          return printCondition(value.value, mode === INIT ? this.#initNames : this.#forwardNames);
        case 'string':
          return stringLiteral(value.value);
        case 'list':
          return `[${value.items.map(print).join(', ')}]`;
        case 'symbolic': {
          if (value.operation !== undefined) return this.#operation(value.operation, bindings, mode);
          const bound = bindings.get(value.key);
          if (bound !== undefined) return size(bound);
          return mode === INIT ? this.#symbolInInit(value.key) : this.#symbolInForward(value.key);
        }
        case 'none':
          return 'None';
        case 'layer':
        case 'tensor':
        case 'unknown':
          return this.impossible(
            this.unit.definition.name.range,
            'A size is worked out from something that has no Python here.',
          );
      }
    };
    return printOperation(text, operands.map(print), (name) => this.#function(name));
  }

  // -------------------------------------------------------------------------------------------- expressions

  print(expression: Expression, mode: Mode, wantsInt = false): string {
    return printExpression(
      expression,
      mode === INIT ? this.initEnvironment : (this.runtime ?? this.forwardEnvironment),
      wantsInt,
    );
  }

  /** Takes the place of {@link forwardEnvironment} while a call is written for a module of its own. */
  runtime: Environment | undefined;

  /** Whether a constructor can't take the arguments: they depend on sizes that are known only when the model runs. */
  isRuntime(layer: Layer, args: readonly Argument[]): boolean {
    for (const [name, { values }] of bindArguments(layer, args)) {
      if (layer.parameters[name]?.ofCall === true) return true;
      if (layer.parameters[name]?.runtime === true && values.some((value) => this.#isOpen(value))) return true;
    }
    return false;
  }

  /** Whether the sizes that are known only when the model runs are those of what comes in. */
  isNear(stage: Stage, layer: Layer, args: readonly Argument[]): boolean {
    const shape = this.inputsOf(stage)[0]?.shape ?? [];
    const isNear = (expression: Expression): boolean => {
      const value = this.valueOf(expression);
      if (value?.kind !== 'int') return childrenOf(expression).every(isNear);
      if (shape.some((size) => key(size) === key(value.value))) return true;
      const names = [...symbolsOf(value.value)];
      return names.every(
        (name) => placeOf(name, shape) !== undefined || DECIDED.has(this.unit.generic.symbols.get(name)?.kind),
      );
    };
    return [...bindArguments(layer, args)].every(
      ([name, { values }]) => layer.parameters[name]?.runtime !== true || values.every(isNear),
    );
  }

  /** Whether an expression has no one value in some use. */
  #isOpen(expression: Expression): boolean {
    for (const instance of this.unit.generic.instances) {
      for (const { value } of instance.facts.get(expression) ?? [])
        if (value.kind === 'int' && constantValue(value.value) === undefined) return true;
    }
    return childrenOf(expression).some((child) => child.kind !== 'pipeline' && this.#isOpen(child));
  }

  /** Names of the author that `__init__` mentions. */
  readonly mentioned = new Set<string>();

  /** Prints an int and remembers what it is called. */
  printInt(expression: Expression): string {
    const text = this.print(expression, INIT, true);
    const value = this.valueOf(expression);
    if (value?.kind === 'int') this.learn(value.value, text);
    return text;
  }

  readonly initEnvironment: Environment = {
    valueOf: (expression) => this.valueOf(expression),
    taken: (condition) => this.taken(condition),
    name: (name, expression) => this.#nameInInit(name, expression),
    size: (expression) => (this.isSize(expression) ? this.#sizeInInit(expression) : undefined),
    known: (expression) => this.#known(expression),
    layer: (expression) => this.#layerInInit(expression),
    function: (name) => this.#function(name),
    impossible: (expression, why) => this.impossible(expression.range, why),
  };

  readonly forwardEnvironment: Environment = {
    valueOf: (expression) => this.valueOf(expression),
    taken: (condition) => this.taken(condition),
    name: (name, expression) => this.#nameInForward(name, expression),
    size: (expression) => (this.isSize(expression) ? this.#sizeInForward(expression) : undefined),
    known: () => undefined,
    layer: () => undefined,
    function: (name) => this.#function(name),
    impossible: (expression, why) => this.impossible(expression.range, why),
  };

  /** `12 * 2` or `12 == 8` of a size that is 12 whatever the arguments are: nobody would write that. */
  #known(expression: Expression): string | undefined {
    if (expression.kind !== 'binary' && expression.kind !== 'compare' && expression.kind !== 'unary') return undefined;
    if (!this.#mentionsSize(expression)) return undefined;
    const value = this.valueOf(expression);
    if (value?.kind === 'int') {
      const known = constantValue(value.value);
      return known === undefined ? undefined : String(known);
    }
    const truth = value?.kind === 'bool' ? decided(value.value) : undefined;
    return truth === undefined ? undefined : truth ? 'True' : 'False';
  }

  #mentionsSize(expression: Expression): boolean {
    return this.isSize(expression) || childrenOf(expression).some((child) => this.#mentionsSize(child));
  }

  /** `x.channels`, `x.shape[1]`, `x.shape`, `x.rank`. */
  isSize(expression: Expression): boolean {
    if (expression.kind === 'member') return this.valueOf(expression.object)?.kind === 'tensor';
    if (expression.kind !== 'index' || expression.object.kind !== 'member' || expression.object.member.text !== 'shape')
      return false;
    return this.valueOf(expression.object.object)?.kind === 'tensor' && this.valueOf(expression)?.kind === 'int';
  }

  #sizeInInit(expression: Expression): string {
    const value = this.valueOf(expression);
    if (value?.kind === 'int') return this.size(value.value);
    if (value?.kind === 'list')
      return `[${value.items.map((item) => (item.kind === 'int' ? this.size(item.value) : 'None')).join(', ')}]`;
    return this.impossible(expression.range, 'This size isn’t known when the model is built.');
  }

  #sizeInForward(expression: Expression): string {
    const isIndex = expression.kind === 'index';
    const member = isIndex ? expression.object : expression;
    if (member.kind !== 'member') return 'None';
    const { object } = member;
    const value = this.valueOf(object);
    const rank = value?.kind === 'tensor' ? value.tensor.shape?.length : undefined;
    const axis = isIndex ? undefined : AXES[member.member.text]?.(rank ?? 0);
    if (object.kind === 'name') this.measured.add(object.name.text);
    const tensor = within(this.print(object, FORWARD), 9);
    if (isIndex) return `${tensor}.shape[${this.print(expression.index, FORWARD)}]`;
    if (axis !== undefined) return `${tensor}.shape[${axis}]`;
    return member.member.text === 'rank' ? `${tensor}.dim()` : `${tensor}.shape`;
  }

  #nameInInit({ text }: Identifier, expression: Expression): string {
    const value = this.valueOf(expression);
    if (value?.kind === 'layer') {
      if (this.parameter(text) === undefined) return this.layerFactory(value.layer, expression);
      if (this.layerArgument !== undefined) {
        this.mentioned.add(text);
        return this.layerArgument.parameter(text);
      }
    }
    if (this.parameter(text) !== undefined || this.isLoopVariable(text)) {
      this.mentioned.add(text);
      return this.nameOf(text);
    }
    const binding = this.numberBinding(text);
    if (binding !== undefined) {
      this.bindings.add(text);
      this.mentioned.add(text);
      const bound = this.valueOf(binding.value);
      // A name for a size of the input is the constructor's argument.
      if (bound?.kind === 'int')
        for (const symbol of symbolsOf(bound.value)) if (this.#isSymbol(binding.value, symbol)) this.size(bound.value);
      return this.nameOf(text);
    }
    if (value?.kind === 'int') return this.size(value.value);
    return this.nameOf(text);
  }

  isLoopVariable(name: string): boolean {
    return [...this.unit.generic.symbols.values()].some(
      (meaning) => meaning.kind === 'loopVariable' && meaning.name === name,
    );
  }

  #nameInForward({ text }: Identifier, expression: Expression): string {
    const value = this.valueOf(expression);
    if (this.forwardLoops.has(text)) return this.nameOf(text);
    if (value?.kind === 'tensor') return this.tensorName(text);
    if (this.parameter(text) !== undefined || this.isLoopVariable(text)) return this.keep(text, this.nameOf(text));
    const binding = this.numberBinding(text);
    if (binding !== undefined) {
      if (!this.readsTensors(binding.value)) {
        this.bindings.add(text);
        return this.keep(text, this.nameOf(text));
      }
      const name = this.nameOf(text);
      if (!this.#localNumbers.has(text)) {
        this.#localNumbers.add(text);
        this.body.assign(name, this.print(binding.value, FORWARD));
      }
      return name;
    }
    if (value?.kind === 'int') return this.runtimeSize(value.value);
    return this.nameOf(text);
  }

  /** Names of loops that are being written in `forward`. */
  readonly forwardLoops = new Set<string>();

  /** What a tensor is called in `forward`; overridden where weights are attributes. */
  tensorName(name: string): string {
    return this.nameOf(name);
  }

  readsTensors(expression: Expression): boolean {
    if (this.isSize(expression)) return true;
    if (expression.kind === 'name') {
      const binding = this.numberBinding(expression.name.text);
      if (binding !== undefined) return this.readsTensors(binding.value);
      return this.parameter(expression.name.text) === undefined;
    }
    return childrenOf(expression).some((child) => this.readsTensors(child));
  }

  #function(name: string): string {
    if (name === 'floor' || name === 'ceil' || name === 'sqrt') {
      return `math.${name}`;
    }
    return name === 'make_divisible' ? this.file.helper('make_divisible', () => MAKE_DIVISIBLE) : name;
  }

  // -------------------------------------------------------------------------------------------- layers as arguments

  #layerInInit(expression: CallExpression): string | undefined {
    const value = this.valueOf(expression);
    return value?.kind === 'layer' ? this.layerFactory(value.layer, expression) : undefined;
  }

  /** The block whose arguments are being printed. */
  passedTo: Stage | undefined;

  /** What the parameter that is being printed is called with. */
  factoryAxes: readonly number[] = [];

  /** Defaults are made once, when the class is: there a lambda stands for `partial(…)`. */
  isDefault = false;

  /** Set while a layer is printed that is an argument of one of the catalogue's. */
  layerArgument: LayerArgumentText | undefined;

  /** Prints what is called for a layer: with the sizes of these axes. */
  #factoryText(axes: readonly number[]): LayerArgumentText {
    return {
      parameter: (name) => {
        const own = this.file.protocol(this.unit.definition, name);
        if (own.join() === axes.join()) return this.nameOf(name);
        const variables = variablesOf(axes, axes.length);
        const texts = own.map((axis) => variables[axes.indexOf(axis)]);
        if (texts.includes(undefined)) {
          return this.impossible(this.unit.definition.name.range, `${name} needs a size that it isn’t given there.`);
        }
        const unused = axes.map((axis, i) => (own.includes(axis) ? variables[i]! : `_${i === 0 ? '' : i}`));
        return `lambda${unused.length === 0 ? '' : ` ${unused.join(', ')}`}: ${this.nameOf(name)}(${texts.join(', ')})`;
      },
    };
  }

  /** Prints a layer as a module, with the sizes that were worked out for it. */
  #instanceText(place: PartPlace): LayerArgumentText {
    return {
      parameter: (name) => {
        const [input] = this.inputsOf(place.stage);
        const sizes = this.file.protocol(this.unit.definition, name).map((axis) => {
          const size = input?.shape?.at(axis);
          return size === undefined ? 'None' : this.size(size);
        });
        return `${this.nameOf(name)}(${sizes.join(', ')})`;
      },
      layer: (callee, args) => {
        const texts = this.constructorArguments(
          callee,
          args,
          (parameter) => this.inferredText(place, parameter),
          place,
        );
        return `${this.file.constructorOf(callee)}(${texts.join(', ')})`;
      },
    };
  }

  /** An argument that is a layer, as the layer around it takes it. */
  #layerArgumentText(value: Expression, form: LayerForm, place: PartPlace | undefined): string {
    const outer = { text: this.layerArgument, axes: this.factoryAxes };
    this.factoryAxes = form === 'factory of channels' ? [1] : form === 'factory of features' ? [-1] : [];
    this.layerArgument =
      form === 'instance' && place !== undefined ? this.#instanceText(place) : this.#factoryText(this.factoryAxes);
    const text = this.print(value, INIT);
    this.layerArgument = outer.text;
    this.factoryAxes = outer.axes;
    return text;
  }

  /** Whether the default that is being printed may be called with more than sizes: `inplace=True`. */
  factoryTakesOptions = false;

  /** Something that makes a new instance at each call: the class, `partial(…)`, or a lambda. */
  layerFactory({ callee }: LayerValue, source: Expression): string {
    const args = source.kind === 'call' ? source.arguments : [];
    if (!('family' in callee)) return this.blockFactory(callee, args, source);
    if (this.layerArgument?.layer !== undefined) return this.layerArgument.layer(callee, args);
    const name = this.file.constructorOf(callee);
    const given = bindArguments(callee, args);
    const wanted = Object.entries(callee.parameters).filter(
      ([parameter, { infer, default: standard }]) =>
        infer !== undefined && standard === undefined && !given.has(parameter),
    );
    const takes = (variables: readonly string[]): string[] =>
      this.constructorArguments(callee, args, (parameter) =>
        wanted.some(([each]) => each === parameter) ? (variables[0] ?? '') : undefined,
      );
    // With the sizes last, `partial(nn.GroupNorm, 4)` takes them where they belong.
    const first = wanted[0] === undefined ? 0 : Object.keys(callee.parameters).indexOf(wanted[0][0]);
    const positional = args.filter((argument) => argument.name === undefined).length;
    const isPartial = first === 0 ? positional === 0 : positional === first;
    const takesAny = callee.name === 'Identity';
    return this.factory(name, wanted.length, isPartial || wanted.length === 0, takesAny, takes);
  }

  /** A class that needs so many of the sizes that the parameter is called with. */
  factory(
    name: string,
    needs: number,
    isPartial: boolean,
    takesAny: boolean,
    takes: (variables: readonly string[]) => readonly string[],
  ): string {
    const axes = this.factoryAxes;
    const variables = variablesOf(axes, needs);
    const texts = takes(variables.slice(0, needs));
    const rest = takes([]).filter((text) => text !== '');
    if (needs === axes.length || takesAny) {
      if (rest.length === 0) return name;
      if (isPartial && !this.isDefault) return `partial(${[name, ...rest].join(', ')})`;
    }
    const options = this.factoryTakesOptions ? ['**options'] : [];
    const kept = this.#loopNamesIn(rest).filter((each) => !variables.includes(each));
    const taken = [...variables, ...kept.map((each) => `${each}=${each}`), ...options].join(', ');
    return `lambda${taken === '' ? '' : ` ${taken}`}: ${name}(${[...texts, ...options].join(', ')})`;
  }

  /** The names of loops in these texts: a lambda keeps what they are now, as in `c=c`. */
  #loopNamesIn(texts: readonly string[]): string[] {
    const mentioned = new Set(texts.flatMap((text) => text.match(/[\p{XID_Start}_][\p{XID_Continue}]*/gu) ?? []));
    return [...this.#activeNames].filter((each) => mentioned.has(each));
  }

  /** Overridden where classes are constructed. */
  blockFactory(callee: Definition, _args: readonly Argument[], source: Expression): string {
    return this.impossible(source.range, `${callee.name.text} can't be passed on here.`);
  }

  // -------------------------------------------------------------------------------------------- arguments

  #argumentText(value: Expression, mode: Mode, wantsInt: boolean): string {
    // torch takes tuples where the author may write a list.
    if (value.kind === 'list' && value.items.length > 0) {
      const items = value.items.map((item) => this.print(item, mode, wantsInt));
      return `(${items.join(', ')}${items.length === 1 ? ',' : ''})`;
    }
    return mode === INIT && wantsInt ? this.printInt(value) : this.print(value, mode, wantsInt);
  }

  /** A constructor's arguments in torch's order, with the inferred ones. */
  constructorArguments(
    layer: Layer,
    args: readonly Argument[],
    inferred: (parameter: string) => string | undefined,
    place?: PartPlace,
  ): string[] {
    const given = bindArguments(layer, args);
    const texts: string[] = [];
    let isPositional = true;
    for (const [name, parameter] of Object.entries(layer.parameters)) {
      const wantsInt = parameter.type.startsWith('int');
      const written = given.get(name);
      if (written !== undefined) {
        const { layerForm } = parameter;
        const values = written.values.map((value) =>
          layerForm === undefined
            ? this.#argumentText(value, INIT, wantsInt)
            : this.#layerArgumentText(value, layerForm, place && placeBelow(place, name)),
        );
        if (written.isSpread) texts.push(...values);
        else if (isPositional && !written.isNamed && parameter.keywordOnly !== true) texts.push(values[0] ?? '');
        else texts.push(`${name}=${values[0] ?? ''}`);
        if (written.isNamed) isPositional = false;
        continue;
      }
      const worked = parameter.infer === undefined ? undefined : inferred(name);
      if (worked !== undefined) {
        if (worked === '') continue;
        texts.push(isPositional ? worked : `${name}=${worked}`);
        continue;
      }
      isPositional = false;
      if (parameter.torchDefault !== undefined && parameter.default !== undefined)
        texts.push(`${name}=${parameter.default}`);
    }
    if (place !== undefined) {
      for (const [name, text] of this.#said(layer, place)) if (!given.has(name)) texts.push(`${name}=${text}`);
    }
    return texts;
  }

  typesOf(stage: Stage): readonly DataType[] {
    return this.inputsOf(stage).map(({ type }) => type);
  }

  /** What is said though it wasn't written, in some use. */
  #said(layer: Layer, { stage, facts }: PartPlace): ReadonlyMap<string, string> {
    const { python } = layer;
    const said = new Map<string, string>();
    if (python.kind !== 'module' || python.said === undefined) return said;
    for (const instance of this.unit.generic.instances) {
      for (const { node } of stage.body.kind === 'call' ? (instance.facts.get(stage.body) ?? []) : []) {
        const found = node === undefined ? undefined : facts(node);
        if (found === undefined) continue;
        for (const [name, text] of Object.entries(python.said(found.arguments, found.parts))) said.set(name, text);
      }
    }
    return said;
  }

  /** What a template of the catalogue sees. `self` takes the place of arguments where the call is inside a module. */
  pythonCall(
    layer: Layer,
    args: readonly Argument[],
    inputs: readonly string[],
    types: readonly DataType[],
    mode: Mode,
  ): PythonCall {
    const given = bindArguments(layer, args);
    const argument = (name: string): string | undefined => {
      const written = given.get(name);
      const parameter = layer.parameters[name];
      if (written === undefined) return parameter?.torchDefault === undefined ? undefined : parameter.default;
      const texts = written.values.map((value) =>
        this.#argumentText(value, mode, parameter?.type.startsWith('int') === true),
      );
      return written.isSpread && texts.length !== 1 ? `(${texts.join(', ')})` : texts[0];
    };
    const items = (name: string): string | undefined => {
      const written = given.get(name);
      if (written === undefined) return undefined;
      const [only, second] = written.values;
      const values =
        only !== undefined && second === undefined && (only.kind === 'list' || only.kind === 'tuple')
          ? only.items
          : written.values;
      const texts = values.map((value) => this.print(value, mode, true));
      const isList =
        values === written.values && second === undefined && only !== undefined && this.valueOf(only)?.kind === 'list';
      return isList ? `*${texts.join()}` : texts.join(', ');
    };
    const keywords = (...names: string[]): string =>
      names
        .map((name) => argument(name))
        .map((text, i) => (text === undefined ? '' : `, ${names[i] ?? ''}=${text}`))
        .join('');
    const imported = (name: string): string => this.file.imported(layer, name);
    return { inputs, types, object: within(inputs[0] ?? '', 9), argument, items, keywords, imported };
  }

  /** Whether all that is written of a layer is plain numbers and words. */
  isPlain(args: readonly Argument[]): boolean {
    const plain = (expression: Expression): boolean => {
      switch (expression.kind) {
        case 'number':
        case 'string':
        case 'boolean':
        case 'none':
          return true;
        case 'name':
        case 'member':
        case 'call':
        case 'pipeline':
        case 'missing':
          return false;
        default:
          return childrenOf(expression).every(plain);
      }
    };
    return args.every(({ value }) => plain(value));
  }

  /** The text for an argument that was worked out from what came in. */
  inferredText({ stage, facts }: PartPlace, name: string): string | undefined {
    const node = this.nodeOf(stage);
    const value = node === undefined ? undefined : facts(node)?.arguments[name];
    if (isDimension(value)) return this.sizeAt(stage, value, (each) => facts(each)?.arguments[name]);
    if (Array.isArray(value) && value.every(isDimension)) return `(${value.map((size) => this.size(size)).join(', ')})`;
    return undefined;
  }

  /** A size at a stage; where the generic form knows nothing of it, what it is in every use. */
  sizeAt(stage: Stage, size: Dimension | undefined, pick: (node: Node) => unknown): string {
    const isTold = size !== undefined && !isUnknown(size);
    const values = new Set<bigint | undefined>();
    let isTrue = true;
    const { generic } = this.unit;
    for (const instance of generic.instances) {
      for (const { node, iterations } of stage.body.kind === 'call' ? (instance.facts.get(stage.body) ?? []) : []) {
        const found = node === undefined ? undefined : pick(node);
        if (!isDimension(found)) continue;
        values.add(constantValue(found));
        if (isTold && !isUnknown(found) && !equal(size, found))
          isTrue &&= equal(substitute(size, environment(generic, instance, iterations)), found);
      }
    }
    if (isTold && isTrue) return this.size(size);
    const [only] = values;
    if (values.size === 1 && only !== undefined) return String(only);
    return this.impossible(stage.range, `A size that comes in here ${NO_RULE}`);
  }

  /** What a stage is in the graph; of a repetition, one item. */
  nodeOf(whole: Stage): Node | undefined {
    const { body, count } = whole;
    const own = body.kind === 'call' ? this.unit.generic.facts.get(body)?.[0]?.node : undefined;
    if (own !== undefined) return own;
    const node = this.fact(whole)?.node;
    const isAround = count !== undefined && this.unit.plan.stages.get(whole)?.module === 'Sequential';
    return isAround && node?.kind === 'group' ? node.nodes[0] : node;
  }

  /** What goes into a stage; of a repetition, into one item. */
  inputsOf(stage: Stage): readonly Tensor[] {
    const node = this.nodeOf(stage);
    return node !== undefined && stage.body.kind !== 'for' ? node.inputs : (this.fact(stage)?.inputs ?? []);
  }
}

/** A layer of the catalogue at a stage: the stage's own, or one that is an argument of it. */
export interface PartPlace {
  readonly stage: Stage;
  /** What is known of it, from the stage's node. */
  readonly facts: (node: Node) => LayerFacts | undefined;
}

export function placeOfStage(stage: Stage): PartPlace {
  return { stage, facts: (node) => (node.kind === 'layer' ? node : undefined) };
}

function placeBelow({ stage, facts }: PartPlace, parameter: string): PartPlace {
  return { stage, facts: (node) => facts(node)?.parts.find(({ argument }) => argument === parameter) };
}

/** How a layer that is an argument is printed. */
interface LayerArgumentText {
  /** A parameter of the block at hand that is a layer. */
  readonly parameter: (name: string) => string;
  /** One of the catalogue; where absent, as something that is called for it. */
  readonly layer?: (callee: Layer, args: readonly Argument[]) => string;
}

/** Names for the sizes of these axes; those that aren't needed are `_`. */
function variablesOf(axes: readonly number[], needs: number): string[] {
  return axes.map((axis, i) => (i >= needs ? `_${i === 0 ? '' : i}` : axis === 1 ? 'channels' : 'features'));
}

export interface WrittenArgument {
  readonly values: readonly Expression[];
  readonly isNamed: boolean;
  /** Given one by one: `Permute(0, 2, 3, 1)`. */
  readonly isSpread: boolean;
}

/** The layer that a parameter's default names; of its arguments only which there are. */
export function defaultLayer(source: Expression, resolve: Resolve, writtenIn: string): LayerValue | undefined {
  const name = source.kind === 'name' ? source.name : source.kind === 'call' ? source.callee : undefined;
  const found = name === undefined ? undefined : resolve(name.text);
  const args = source.kind === 'call' ? source.arguments : [];
  if (found?.kind === 'layer') {
    const names = [...bindArguments(found.layer, args).keys()];
    return { callee: found.layer, arguments: new Map(names.map((each) => [each, UNKNOWN])), source, writtenIn };
  }
  return found?.kind === 'definition' && args.length === 0
    ? { callee: found.definition, arguments: new Map(), source, writtenIn }
    : undefined;
}

/** Which parameter each argument is for: those that are inferred aren't given by position. */
export function bindArguments(layer: Layer, args: readonly Argument[]): Map<string, WrittenArgument> {
  const bound = new Map<string, WrittenArgument>();
  const order = positionalParameters(layer, args).map((name) => [name, layer.parameters[name]] as const);
  const positional = args.filter((argument) => argument.name === undefined).map(({ value }) => value);
  let at = 0;
  for (const [name, parameter] of order) {
    if (at >= positional.length) break;
    if (parameter?.variadic === true) {
      const values = positional.slice(at);
      bound.set(name, {
        values,
        isNamed: false,
        isSpread: !(values.length === 1 && values[0]?.kind === 'list') && order.length === 1,
      });
      if (order.length === 1) at = positional.length;
      else at += 1;
    } else {
      const value = positional[at];
      if (value !== undefined) bound.set(name, { values: [value], isNamed: false, isSpread: false });
      at += 1;
    }
  }
  for (const { name, value } of args)
    if (name !== undefined) bound.set(name.text, { values: [value], isNamed: true, isSpread: false });
  return bound;
}

const AXES: Readonly<Record<string, (rank: number) => number>> = {
  channels: () => 1,
  height: (rank) => rank - 2,
  width: (rank) => rank - 1,
  features: (rank) => rank - 1,
};

/** What is said of a size that can't even be passed in as a number. */
export const NO_RULE = 'follows no rule that can be written: pass it in as a parameter.';

/** The number of the turn of a loop. */
function indexOf({ index }: LoopForm): Dimension {
  return symbol(index, 0n);
}

/** A tuple where there is a number for each turn. */
export function numbersText(numbers: GivenNumbers): string {
  if (typeof numbers === 'bigint') return String(numbers);
  return `(${numbers.map(numbersText).join(', ')}${numbers.length === 1 ? ',' : ''})`;
}

function plainSizeName(axis: number, rank: number, isChannels: boolean): string {
  if (rank === 2 && axis === 1) return 'features';
  if (axis === 1 && isChannels) return 'channels';
  if (rank === 3 && axis === 2) return 'features';
  if (rank >= 4 && axis === rank - 2) return 'height';
  if (rank >= 4 && axis === rank - 1) return 'width';
  return `size_${axis}`;
}

/** A value that is one term which the algebra knows nothing about. */
function opaqueTerm(value: Value | undefined): Opaque<unknown> | undefined {
  if (value?.kind === 'int') {
    const node = structure(value.value);
    return node.kind === 'opaque' ? node.term : undefined;
  }
  return value?.kind === 'bool' && value.value.kind === 'opaque' ? value.value.term : undefined;
}

function symbolName(size: Dimension): string | undefined {
  const node = structure(size);
  return node.kind === 'symbol' ? node.name : undefined;
}

/** Symbols that have a value when the model is built. */
const DECIDED: ReadonlySet<string | undefined> = new Set(['parameter', 'loopVariable', 'index']);

function isOperation(payload: unknown): payload is Operation {
  return typeof payload === 'object' && payload !== null && 'operands' in payload;
}

function isExpression(place: object): place is Expression {
  return 'kind' in place && !('body' in place) && !('statements' in place) && EXPRESSIONS.has(String(place.kind));
}
const EXPRESSIONS = new Set(['call', 'binary', 'unary', 'conditional', 'index', 'name']);

/** Where a symbol can be read from a shape, and what it is multiplied by there. */
export function placeOf(
  symbol: string,
  shape: readonly Dimension[],
): { readonly axis: number; readonly factor: bigint } | undefined {
  for (const [axis, size] of shape.entries()) {
    const multiple = multipleOf(size);
    if (multiple?.symbol === symbol) return { axis, factor: multiple.times };
  }
  return undefined;
}

const MAKE_DIVISIBLE = [
  'def make_divisible(value: float, divisor: int) -> int:',
  '    """The multiple of divisor next to value, but not below 90% of it."""',
  '    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)',
  '    return rounded if rounded >= 0.9 * value else rounded + divisor',
];
