/** `forward`: the data flow, by the author's names, in lines that read well. */
import type {
  CallStage,
  ConditionalExpression,
  Expression,
  Extern,
  ForStage,
  IfStage,
  ParallelStage,
  Stage,
  Statement,
} from '../definition.ts';
import { isItem, snakeCase } from '../elaborate/names.ts';
import { usesInStatement } from '../elaborate/uses.ts';
import { precedenceOf } from '../elaborate/words.ts';
import type { Layer } from '../layers/layer.ts';
import type { Value } from '../value.ts';
import { Construction } from './construct.ts';
import { isElementwise } from './construct/containers.ts';
import { externCall } from './construct/externs.ts';
import { type Line, attribute, freshName, power, within } from './python.ts';
import { FORWARD, INIT } from './scope.ts';

/** What flows: one tensor, several, or several in one value. */
type Flow =
  | {
      readonly kind: 'one';
      readonly text: string;
      readonly calls: number;
      readonly weight?: Weight;
      readonly isPrepared?: boolean;
    }
  | { readonly kind: 'many'; readonly texts: readonly string[] }
  | { readonly kind: 'packed'; readonly text: string; readonly isList: boolean }
  /** A layer's outputs of which a chain takes the first. */
  | {
      readonly kind: 'first';
      readonly text: string;
      readonly first: string;
      readonly unpack: ((names: readonly string[]) => string) | undefined;
    };

/** What a call does to its line: a module of modules stands alone, a layer with weights begins a line. */
type Weight = 'light' | 'heavy' | 'alone';

/** Where the lines between the stages of a chain keep what flows. */
type Target = () => string;

const MOST_CALLS = 3;

export class Forward extends Construction {
  /** Uses of names in the statements that are built: how often, statement by statement. */
  readonly #uses: readonly ReadonlyMap<string, number>[] = this.unit.definition.statements.map((statement) =>
    this.unit.built.has(statement) ? countUses(statement) : new Map<string, number>(),
  );
  #statement = 0;
  /** Tensor names as they are now: an input may live on under another name. */
  readonly #tensors = new Map<string, string>();

  override tensorName(name: string): string {
    const statement = this.unit.definition.statements.find(
      (each) => (each.kind === 'weight' || each.kind === 'buffer') && each.name.text === name,
    );
    if (statement !== undefined) return attribute(name);
    return this.#tensors.get(name) ?? this.nameOf(name);
  }

  // -------------------------------------------------------------------------------------------- statements

  writeForward(): void {
    const { statements } = this.unit.definition;
    const outputs: Flow[] = [];
    const built = statements.filter((statement) => this.unit.built.has(statement));
    const lastOutput = built.findLastIndex((statement) => statement.kind === 'output');
    statements.forEach((statement, index) => {
      this.#statement = index;
      this.part = index;
      if (!this.unit.built.has(statement)) return;
      if (statement.kind === 'binding')
        this.#bind(
          statement.names.map(({ text }) => text),
          statement.value,
        );
      else if (statement.kind === 'output')
        outputs.push(this.#output(statement, built.indexOf(statement) === lastOutput));
    });
    this.#return(outputs);
  }

  #bind(names: readonly string[], value: Expression): void {
    const found = this.valueOf(value);
    const [name, second] = names;
    if (name === undefined || found === undefined || !isTensors(found)) return;
    if (second !== undefined) {
      this.#unpack(names, value);
      return;
    }
    const target = this.nameOf(name);
    const flow = this.evaluate(value, () => target);
    const text = this.single(flow);
    if (text !== target) this.body.assign(target, text);
  }

  #unpack(names: readonly string[], value: Expression): void {
    const targets = names.map((name) => (this.#isUsedLater(name) ? this.nameOf(name) : '_'));
    const flow = this.evaluate(value, this.#temporary());
    if (flow.kind === 'first') this.body.assign(flow.unpack?.(targets) ?? targets.join(', '), flow.text);
    else if (flow.kind === 'many') this.body.assign(targets.join(', '), flow.texts.join(', '));
    else this.body.assign(targets.join(', '), flow.text);
  }

  #output(statement: Extract<Statement, { kind: 'output' }>, isLast: boolean): Flow {
    const { name, value } = statement;
    const isUsed = name !== undefined && this.#isUsedLater(name.text);
    if (isUsed) {
      const target = this.nameOf(name.text);
      const flow = this.evaluate(value, () => target);
      const text = this.single(flow);
      if (text !== target) this.body.assign(target, text);
      return one(target, 0);
    }
    const flow = this.evaluate(value, this.#chainTarget(value, name?.text));
    if (isLast || flow.kind === 'many' || (flow.kind === 'one' && flow.calls === 0)) return flow;
    this.#pending.push({ flow, at: this.body.lines.length, name: name?.text ?? 'out' });
    return flow;
  }

  /** Outputs that stand in the `return`, unless lines come after them that may give their names other values. */
  readonly #pending: { readonly flow: Flow; readonly at: number; readonly name: string }[] = [];

  #settled(flow: Flow): Flow {
    const pending = this.#pending.find((each) => each.flow === flow);
    if (pending === undefined || pending.at === this.body.lines.length) return flow;
    const name = this.#temporary(pending.name)();
    const before = this.body.lines.length;
    this.body.assign(name, this.single(flow));
    const lines = this.body.lines.splice(before);
    this.body.lines.splice(pending.at, 0, ...lines);
    for (const each of this.#pending)
      if (each !== pending && each.at >= pending.at) Object.assign(each, { at: each.at + lines.length });
    return flow.kind === 'packed' ? { ...flow, text: name } : one(name, 0);
  }

  #return(given: readonly Flow[]): void {
    const outputs = given.map((flow) => this.#settled(flow));
    const [only, second] = outputs;
    if (only !== undefined && second === undefined) {
      if (only.kind === 'packed') this.body.statement('return ', only.isList ? `tuple(${only.text})` : only.text);
      else if (only.kind === 'many') this.#returnAll(only.texts);
      else this.body.statement('return ', this.single(only));
      return;
    }
    this.#returnAll(
      outputs.flatMap((flow) =>
        flow.kind === 'many' ? flow.texts : flow.kind === 'packed' ? [`*${flow.text}`] : [this.single(flow)],
      ),
    );
  }

  #returnAll(texts: readonly string[]): void {
    const [only, second] = texts;
    if (only?.startsWith('*') === true && second === undefined) {
      const list = only.slice(1);
      this.body.statement('return ', list.startsWith('(') ? `tuple${list}` : `tuple(${list})`);
      return;
    }
    const joined = texts.join(', ');
    this.body.statement('return ', this.body.fits('return ', joined) ? joined : `(${joined},,)`);
  }

  #isUsedLater(name: string): boolean {
    return this.#uses.some((uses, index) => index > this.#statement && uses.has(name));
  }

  // -------------------------------------------------------------------------------------------- names for what flows

  /** What an output's chain is called on its way: `x`, or the input that nothing else needs. */
  #chainTarget(value: Expression, name: string | undefined): Target {
    const isTensor = this.unit.generic.instance.inputs.some((input) => input.name === 'x');
    if (value.kind === 'pipeline' && (!this.isTaken('x') || (isTensor && this.#isSpent('x')))) return () => 'x';
    return this.#temporary(name ?? 'out');
  }

  /** Whether neither the statement that is being written nor a later one reads what the author calls so. */
  #isOver(name: string): boolean {
    if (this.#isUsedLater(name) || this.before?.measured.has(name) === true) return false;
    return this.#uses[this.#statement]?.has(name) !== true;
  }

  /** Whether nothing reads a tensor after the chain that begins with it. */
  #isSpent(name: string): boolean {
    if (this.#isUsedLater(name) || this.before?.measured.has(name) !== false) return false;
    return (this.#uses[this.#statement]?.get(name) ?? 0) <= 1;
  }

  /** A name of its own, taken when it is needed. */
  #temporary(wanted?: string): Target {
    let name: string | undefined;
    return () => {
      name ??=
        wanted !== undefined && this.nameOf(wanted) === wanted && this.#isOver(wanted) && !this.#given.has(wanted)
          ? this.#give(wanted)
          : this.fresh(wanted ?? ['y', 'z', 'h', 'out'].find((each) => !this.isTaken(each)) ?? 'y');
      return name;
    };
  }
  readonly #given = new Set<string>();
  #give(name: string): string {
    this.#given.add(name);
    return name;
  }

  // -------------------------------------------------------------------------------------------- values

  /** One expression for what flows. */
  single(flow: Flow): string {
    switch (flow.kind) {
      case 'one':
        return flow.text;
      case 'many':
        return flow.texts.length === 1 ? `(${flow.texts[0]!},)` : `(${flow.texts.join(', ')})`;
      case 'packed':
        return flow.text;
      case 'first':
        return flow.first;
    }
  }

  #inputs(flow: Flow): string[] {
    if (flow.kind === 'many') return [...flow.texts];
    if (flow.kind === 'packed') return [`*${within(flow.text, 5)}`];
    return [this.single(flow)];
  }

  /** Gives what flows a name, where it isn't one. */
  #named(flow: Flow, target: Target): Flow {
    if (flow.kind === 'many') return flow;
    const text = this.single(flow);
    if (isName(text)) return flow;
    const name = target();
    this.body.assign(name, text);
    return flow.kind === 'packed' ? { ...flow, text: name } : one(name, 0);
  }

  evaluate(expression: Expression, target: Target): Flow {
    switch (expression.kind) {
      case 'pipeline': {
        const isPlain = expression.source.kind === 'name';
        const source = this.evaluate(expression.source, isPlain ? target : this.#temporary());
        return this.chain(expression.stages, source, target);
      }
      case 'conditional':
        return this.#conditional(expression, target);
      case 'list':
      case 'tuple':
        return {
          kind: 'many',
          texts: expression.items.flatMap((item) => this.#inputs(this.evaluate(item, this.#temporary()))),
        };
      case 'name': {
        const value = this.valueOf(expression);
        return value?.kind === 'list' && isTensors(value)
          ? { kind: 'packed', text: this.tensorName(expression.name.text), isList: false }
          : one(this.print(expression, FORWARD), 0);
      }
      case 'binary': {
        if (!isTensors(this.valueOf(expression))) return one(this.print(expression, FORWARD), 0);
        const [left, right] = [expression.left, expression.right].map((side) => this.#operand(side));
        const { operator } = expression;
        if (operator === '**') return one(power(left ?? '', right ?? ''), 1);
        const precedence = precedenceOf(operator) ?? 0;
        return one(`${within(left ?? '', precedence)} ${operator} ${within(right ?? '', precedence + 1)}`, 1);
      }
      case 'unary': {
        if (!isTensors(this.valueOf(expression))) return one(this.print(expression, FORWARD), 0);
        return one(`${expression.operator}${within(this.#operand(expression.operand), 7)}`, 1);
      }
      case 'compare': {
        if (!isTensors(this.valueOf(expression))) return one(this.print(expression, FORWARD), 0);
        const operands = expression.operands.map((operand) => within(this.#operand(operand), 5));
        const pairs = expression.operators.map(
          (operator, i) => `${operands[i] ?? ''} ${operator} ${operands[i + 1] ?? ''}`,
        );
        return one(pairs.length === 1 ? (pairs[0] ?? '') : pairs.map((pair) => `(${pair})`).join(' & '), 1);
      }
      default:
        return one(this.print(expression, FORWARD), 0);
    }
  }

  #operand(expression: Expression): string {
    const flow = this.evaluate(expression, this.#temporary());
    if (flow.kind === 'one' && flow.calls > 2) return this.single(this.#named(flow, this.#temporary()));
    return this.single(flow);
  }

  #conditional({ condition, then, otherwise, range }: ConditionalExpression, target: Target): Flow {
    const taken = this.taken(condition);
    if (taken !== undefined) return this.evaluate(taken ? then : otherwise, target);
    const arms = [then, otherwise].map((arm) => () => this.evaluate(arm, target));
    const test = this.#test(
      condition,
      [this.attributesIn(then), this.attributesIn(otherwise)],
      hintOf(then, otherwise),
      range.start,
    );
    return this.#choose(test, arms[0], arms[1], target);
  }

  /** How `forward` sees which arm was built: an attribute that is only in one, else a condition that is kept. */
  #test(
    condition: Expression,
    [ours, theirs]: readonly [readonly string[], readonly string[]],
    hint: string,
    _at: number,
  ): Test {
    const onlyOurs = ours.find((name) => !theirs.includes(name));
    if (onlyOurs !== undefined)
      return { positive: `${attribute(onlyOurs)} is not None`, negative: `${attribute(onlyOurs)} is None` };
    const onlyTheirs = theirs.find((name) => !ours.includes(name));
    if (onlyTheirs !== undefined)
      return { positive: `${attribute(onlyTheirs)} is None`, negative: `${attribute(onlyTheirs)} is not None` };
    if (condition.kind === 'name' && this.parameter(condition.name.text) !== undefined) {
      const kept = this.keep(condition.name.text, this.nameOf(condition.name.text));
      return { positive: kept, negative: `not ${kept}` };
    }
    const text = this.print(condition, INIT);
    const kept = this.keep(hint === 'use_residual' ? hint : (nameOfCondition(text) ?? hint), text);
    return { positive: kept, negative: `not ${kept}` };
  }

  #choose(test: Test, then: (() => Flow) | undefined, otherwise: (() => Flow) | undefined, target: Target): Flow {
    const [first, second] = [then, otherwise].map((arm) => this.#capture(arm ?? (() => one('None', 0))));
    if (first === undefined || second === undefined) return one('None', 0);
    if (first.lines.length === 0 && second.lines.length === 0) {
      const [a, b] = [this.single(first.flow), this.single(second.flow)];
      if (a === b) return first.flow;
      // The shorter side stands first: `x if self.downsample is None else self.downsample(x)`.
      const isSwapped = isName(b) && !isName(a) && test.positive.endsWith('is not None');
      const text = isSwapped
        ? `${within(b, 1)} if ${test.negative} else ${a}`
        : `${within(a, 1)} if ${test.positive} else ${b}`;
      return one(text, 4);
    }
    const name = target();
    const write = (test_: string, arm: () => void): void => this.body.block(test_ === '' ? 'else:' : 'if ', test_, arm);
    const settle = (arm: Captured): void => {
      for (const line of arm.lines) this.body.lines.push(line);
      const text = this.single(arm.flow);
      if (text !== name) this.body.assign(name, text);
    };
    const [a, b] = [this.#recapture(then), this.#recapture(otherwise)];
    write(test.positive, () => settle(a));
    const isIdle = b.lines.length === 0 && this.single(b.flow) === name;
    if (!isIdle) write('', () => settle(b));
    return one(name, 0);
  }

  /** Runs an arm and keeps its lines apart. */
  #capture(arm: () => Flow): Captured {
    const length = this.body.lines.length;
    const flow = arm();
    return { flow, lines: this.body.lines.splice(length) };
  }

  /** The same one step further in, as its lines are laid out for their place. */
  #recapture(arm: (() => Flow) | undefined): Captured {
    this.body.depth += 1;
    const captured = this.#capture(arm ?? (() => one('None', 0)));
    this.body.depth -= 1;
    return captured;
  }

  // -------------------------------------------------------------------------------------------- chains

  chain(stages: readonly Stage[], source: Flow, target: Target): Flow {
    return stages.reduce<Flow>((flow, stage) => this.#stage(stage, flow, target), source);
  }

  #stage(stage: Stage, flow: Flow, target: Target): Flow {
    const plan = this.planOf(stage);
    const { body } = stage;
    if (plan.name !== undefined && !this.isCall(stage)) {
      const module =
        typeof plan.name === 'string' ? attribute(plan.name) : `getattr(self, ${this.#nameInForward(stage)})`;
      if (plan.module === 'ModuleList' || plan.module === 'ModuleDict') {
        return body.kind === 'parallel'
          ? this.#listCall(stage, body, module, plan.module, flow, target)
          : this.#listLoop(module, flow, target);
      }
      return this.#moduleCall(stage, module, flow, target);
    }
    switch (body.kind) {
      case 'call':
        return this.#call(stage, body, flow, target);
      case 'if':
        return this.#ifStage(stage, body, flow, target);
      case 'for':
        return this.#loopStage(stage, body, flow, target);
      case 'parallel':
        return this.#parallel(stage, body, flow, target);
      case 'group':
        return this.chain(body.stages, flow, target);
      case 'missing':
        return one(this.impossible(stage.range, 'A layer is missing here.'), 0);
    }
  }

  #nameInForward({ label }: Stage): string {
    if (label === undefined) return '""';
    const parts = label.parts.map((part) =>
      typeof part === 'string'
        ? part.replace(/[{}]/gu, '$&$&')
        : `{${this.print(part, FORWARD, true).replaceAll('"', "'")}}`,
    );
    return `f"${parts.join('')}"`;
  }

  /** A call around what flows, on this line or on a new one. */
  #wrap(flow: Flow, target: Target, weight: Weight, call: (inputs: readonly string[]) => string, prefix = 8): string {
    const coming = mustBreak(flow, weight) ? this.#named(flow, target) : flow;
    const text = call(this.#inputs(coming));
    const isLong =
      !this.body.fits(' '.repeat(prefix), text) &&
      (coming.kind === 'one' || coming.kind === 'first') &&
      !isName(this.single(coming));
    return isLong ? call(this.#inputs(this.#named(coming, target))) : text;
  }

  #after(flow: Flow, text: string, weight: Weight = 'light', family?: string): Flow {
    const isSmall = family === 'normalization' || family === 'activation' || family === 'dropout';
    const isPrepared = isSmall && flow.kind === 'one' && (flow.calls === 0 || flow.isPrepared === true);
    const isInside = flow.kind === 'one' && text.includes(flow.text) && !isName(flow.text);
    const heavier = isInside && weight === 'light' ? (flow.weight ?? 'light') : weight;
    return { kind: 'one', text, calls: isInside ? flow.calls + 1 : 1, weight: heavier, isPrepared };
  }

  /** A module that is an attribute. */
  #moduleCall(stage: Stage, module: string, flow: Flow, target: Target): Flow {
    const fact = this.fact(stage);
    const layer = this.#layerOf(stage);
    const weight = this.#weightOf(stage, layer);
    if (layer?.python.kind === 'module') {
      const { python } = layer;
      const coming = python.repeatsInputs === true ? this.#named(flow, target) : flow;
      const { forward } = python;
      const args = stage.body.kind === 'call' ? (stage.body.arguments ?? []) : [];
      const call = (inputs: readonly string[]): string =>
        forward === undefined
          ? `${module}(${inputs.join(', ')})`
          : forward(module, inputs, this.pythonCall(layer, args, inputs, this.typesOf(stage), FORWARD));
      const text = this.#wrap(coming, target, weight, call);
      const node = this.nodeOf(stage);
      const outputs = node?.kind === 'layer' ? node.outputs.length : 1;
      if (outputs > 1) return { kind: 'first', text, first: `${text}[0]`, unpack: python.unpack };
      return this.#after(coming, text, weight, layer.family);
    }
    const text = this.#wrap(flow, target, weight, (inputs) => `${module}(${inputs.join(', ')})`);
    if (fact?.value.kind === 'list') return { kind: 'packed', text, isList: false };
    return this.#after(flow, text, weight);
  }

  #weightOf(stage: Stage, layer: Layer | undefined): Weight {
    if (layer !== undefined)
      return layer.weights !== undefined && layer.family !== 'normalization' && layer.family !== 'activation'
        ? 'heavy'
        : 'light';
    const { body } = stage;
    return body.kind === 'call' && this.parameter(body.callee.text) !== undefined && stage.count === undefined
      ? 'light'
      : 'alone';
  }

  #layerOf({ body, count }: Stage): Layer | undefined {
    if (body.kind !== 'call' || count !== undefined || this.parameter(body.callee.text) !== undefined) return undefined;
    const callee = this.unit.resolve(body.callee.text);
    return callee.kind === 'layer' ? callee.layer : undefined;
  }

  /** A stage of a class that has no attribute, or whose attribute isn't needed. */
  #call(stage: Stage, body: CallStage, flow: Flow, target: Target): Flow {
    const name = body.callee.text;
    const args = body.arguments ?? [];
    const callee = this.unit.resolve(name);
    if (callee.kind === 'shared') return this.#sharedCall(name, flow, target);
    if (callee.kind === 'definition' && callee.definition.kind === 'extern') {
      const { definition } = callee;
      return this.#externFunction(stage, definition, flow, target, args);
    }
    if (callee.kind !== 'layer') return one(this.impossible(body.callee.range, `There is no layer called ${name}.`), 0);
    return this.#functionCall(stage, callee.layer, flow, target);
  }

  #functionCall(stage: Stage, layer: Layer, given: Flow, target: Target): Flow {
    const { python } = layer;
    // What takes one tensor may be a method of it, which can't be called on all that a list has.
    const takesOne = layer.inputs.variadic !== true && this.nodeOf(stage)?.inputs.length === 1;
    const flow = given.kind === 'packed' && takesOne ? one(`${within(given.text, 9)}[0]`, 0) : given;
    const args = stage.body.kind === 'call' ? (stage.body.arguments ?? []) : [];
    if (python.kind === 'module') {
      const text = this.#wrap(flow, target, 'light', (inputs) =>
        this.#unpacked(
          layer,
          python.functional?.(this.pythonCall(layer, args, inputs, this.typesOf(stage), FORWARD)) ?? 'None',
        ),
      );
      const outputs = this.nodeOf(stage)?.outputs.length ?? 1;
      if (outputs > 1) return { kind: 'first', text, first: `${text}[0]`, unpack: undefined };
      return text === this.single(flow) ? flow : this.#after(flow, text, 'light', layer.family);
    }
    const { first } = python;
    const write =
      (template: typeof python.expression) =>
      (inputs: readonly string[]): string =>
        this.#unpacked(layer, template(this.pythonCall(layer, args, inputs, this.typesOf(stage), FORWARD)));
    const text = this.#wrap(flow, target, 'light', write(python.expression));
    const node = this.nodeOf(stage);
    const outputs = node?.outputs.length ?? 1;
    if (layer.outputs === 'tuple') return { kind: 'packed', text, isList: false };
    if (outputs > 1)
      return {
        kind: 'first',
        text,
        first: first === undefined ? `${text}[0]` : write(first)(this.#inputs(this.#shown(flow, text))),
        unpack: undefined,
      };
    return this.#after(flow, text);
  }

  /** What went into a text that was written last: its name, where a line was begun. */
  #shown(flow: Flow, text: string): Flow {
    const current = this.single(flow);
    if (text.includes(current)) return flow;
    const name = /^([\p{XID_Start}_][\p{XID_Continue}]*) = /u.exec(this.body.lines.at(-1)?.prefix ?? '')?.[1];
    return name === undefined ? flow : one(name, 0);
  }

  /** `[*branches]` is `branches`. */
  #unpacked(_layer: Layer, text: string): string {
    return text
      .replace(/\[\*(\[(?:[^[\]]|\[[^[\]]*\])*\])\]/gu, '$1')
      .replace(/\[\*([\p{XID_Start}_][\p{XID_Continue}.]*)\]/gu, '$1');
  }

  #sharedCall(name: string, flow: Flow, target: Target): Flow {
    const statement = this.unit.definition.statements.find((each) => each.kind === 'layer' && each.name.text === name);
    if (statement?.kind !== 'layer') return flow;
    const inner = statement.stage;
    if (this.planOf(inner).module === 'ModuleList' && inner.body.kind === 'parallel')
      return this.#listCall(inner, inner.body, attribute(name), 'ModuleList', flow, target);
    if (this.planOf(inner).module === 'ModuleDict' && inner.body.kind === 'parallel')
      return this.#listCall(inner, inner.body, attribute(name), 'ModuleDict', flow, target);
    return this.#moduleCall(inner, attribute(name), flow, target);
  }

  #externFunction(
    stage: Stage,
    definition: Extern,
    flow: Flow,
    target: Target,
    args: CallStage['arguments'] = [],
  ): Flow {
    const text = this.#wrap(flow, target, 'light', (inputs) => externCall(this, stage, definition, args, inputs));
    if (definition.outputs.length > 1) return { kind: 'packed', text, isList: false };
    return this.#after(flow, text);
  }

  // -------------------------------------------------------------------------------------------- if

  #ifStage(stage: Stage, body: IfStage, flow: Flow, target: Target): Flow {
    const only = this.onlyArm(body);
    if (only !== undefined) return this.chain(only, flow, target);
    const sole = this.soleModule(stage);
    if (sole !== undefined)
      return this.#after(
        flow,
        this.#wrap(flow, target, 'light', (inputs) => `${attribute(sole)}(${inputs.join(', ')})`),
      );
    const source = this.#named(flow, target);
    const arms = [body.then, body.otherwise].map(
      (arm) => () => (arm === undefined ? source : this.chain(arm, source, target)),
    );
    const test = this.#test(
      body.condition,
      [this.attributesOf(body.then), this.attributesOf(body.otherwise ?? [])],
      hintOfStages(body.then),
      stage.range.start,
    );
    if (body.otherwise !== undefined || !body.then.every((each) => each.body.kind === 'call'))
      return this.#choose(test, arms[0], arms[1], target);
    // Without `else`: what flows goes on in its name.
    const name = target();
    const current = this.single(source);
    if (current !== name) this.body.assign(name, current);
    const start = one(name, 0);
    this.body.block('if ', test.positive, () => {
      const out = this.chain(body.then, start, () => name);
      const text = this.single(out);
      if (text !== name) this.body.assign(name, text);
    });
    return one(name, 0);
  }

  // -------------------------------------------------------------------------------------------- loops

  /** A loop whose stages are attributes with numbers in their names. */
  #loopStage(stage: Stage, body: ForStage, flow: Flow, target: Target): Flow {
    if (this.isIdle(stage)) return flow;
    const name = target();
    const current = this.single(flow);
    if (current !== name) this.body.assign(name, current);
    const names = body.names.map(({ text }) => this.nameOf(text)).join(', ');
    this.body.block(`for ${names} in `, this.print(body.iterable, FORWARD), () => {
      for (const each of body.names) this.forwardLoops.add(each.text);
      const out = this.chain(body.stages, one(name, 0), () => name);
      const text = this.single(out);
      if (text !== name) this.body.assign(name, text);
      for (const each of body.names) this.forwardLoops.delete(each.text);
    });
    return one(name, 0);
  }

  // -------------------------------------------------------------------------------------------- branches

  #listCall(
    stage: Stage,
    body: ParallelStage,
    module: string,
    form: 'ModuleList' | 'ModuleDict',
    flow: Flow,
    target: Target,
  ): Flow {
    const items = form === 'ModuleDict' ? `${module}.values()` : module;
    if (isElementwise(this, stage, body)) {
      const given = this.#named(flow, this.#temporary());
      const source = this.single(given);
      const variable = this.#itemName(module, [source]);
      const item = this.isTaken('x') ? 'tensor' : 'x';
      const text = `[${variable}(${item}) for ${variable}, ${item} in zip(${items}, ${source})]`;
      return { kind: 'packed', text, isList: true };
    }
    return this.#eachOf(module, items, this.#named(flow, target));
  }

  #listLoop(module: string, flow: Flow, target: Target): Flow {
    return this.#eachOf(module, module, this.#named(flow, target));
  }

  /** Every module of a list gets the same. */
  #eachOf(module: string, items: string, source: Flow): Flow {
    const given = this.#inputs(source);
    const variable = this.#itemName(module, given);
    return { kind: 'packed', text: `[${variable}(${given.join(', ')}) for ${variable} in ${items}]`, isList: true };
  }

  /** What one item of a list of modules is called: `path` of `paths`. It gets what these texts say. */
  #itemName(module: string, given: readonly string[]): string {
    const name = /\.([\p{XID_Start}_][\p{XID_Continue}]*)$/u.exec(module)?.[1] ?? 'branch';
    const singular =
      name.length > 3 && name.endsWith('es') && /(?:sh|ch|x)es$/u.test(name)
        ? name.slice(0, -2)
        : name.length > 2 && name.endsWith('s')
          ? name.slice(0, -1)
          : name;
    const mentioned = new Set(given.flatMap((text) => text.match(/[\p{XID_Start}_][\p{XID_Continue}]*/gu) ?? []));
    const isOther = (each: string): boolean => mentioned.has(each) || this.isTaken(each) || this.file.isGlobal(each);
    return isOther(singular) ? freshName('branch', isOther) : singular;
  }

  #parallel(stage: Stage, body: ParallelStage, flow: Flow, target: Target): Flow {
    const oneByOne = isElementwise(this, stage, body);
    const source =
      oneByOne && flow.kind === 'packed' ? this.#named(flow, this.#temporary()) : this.#named(flow, target);
    const texts = body.branches.flatMap((branch, i) => {
      const coming = !oneByOne
        ? source
        : source.kind === 'many'
          ? one(source.texts[i] ?? '', 0)
          : one(`${this.single(source)}[${i}]`, 0);
      return this.#branch(branch, coming, i);
    });
    return { kind: 'many', texts };
  }

  /** `forward` of branches that are a class of their own. */
  writeBranches(stage: Stage, body: ParallelStage, inputs: readonly string[]): void {
    const [input] = inputs;
    const source: Flow = inputs.length === 1 && input !== undefined ? one(input, 0) : { kind: 'many', texts: inputs };
    const flow = this.#parallel(stage, body, source, this.#temporary());
    const [only, second] = flow.kind === 'many' ? flow.texts : [];
    // One branch is a tuple, too, for what stands behind the group that it ends.
    if (only !== undefined && second === undefined && !only.startsWith('*'))
      this.body.statement('return ', `(${only},)`);
    else this.#return([flow]);
  }

  /**
   * `forward` of an `nn.Sequential` in which some calls need sizes of what came in at first.
   *
   * @param together how many of the first stages are called at once
   */
  writeSequence(stages: readonly Stage[], input: string, together: number): void {
    let flow: Flow = one(input, 0);
    if (together > 0) flow = this.#after(flow, `super().forward(${input})`, 'heavy');
    // The input keeps its name, as its sizes are read later.
    const target: Target = () => this.#sequenceName();
    stages.forEach((stage, i) => {
      if (i < together) return;
      const { body } = stage;
      const callee = body.kind === 'call' ? this.unit.resolve(body.callee.text) : undefined;
      if (this.inlined.has(stage) && callee?.kind === 'layer') {
        flow = this.#functionCall(stage, callee.layer, flow, target);
        return;
      }
      const { name } = this.planOf(stage);
      const module = typeof name === 'string' ? attribute(name) : `self[${i}]`;
      const layer = this.#layerOf(stage);
      const weight = this.#weightOf(stage, layer);
      const text = this.#wrap(flow, target, weight, (inputs) => `${module}(${inputs.join(', ')})`);
      const isPacked = this.fact(stage)?.value.kind === 'list' && layer?.python.kind !== 'module';
      flow = isPacked ? { kind: 'packed', text, isList: false } : this.#after(flow, text, weight);
    });
    this.#return([flow]);
  }
  #sequence: string | undefined;
  #sequenceName(): string {
    this.#sequence ??= this.fresh('y');
    return this.#sequence;
  }

  /** One call of a layer or function with what goes in. */
  callText(stage: Stage, layer: Layer, inputs: readonly string[]): string {
    const flow = this.#functionCall(
      stage,
      layer,
      inputs.length === 1 ? one(inputs[0] ?? '', 0) : { kind: 'many', texts: inputs },
      () => 'x',
    );
    return this.single(flow);
  }

  /** Branches of which it depends whether they are there. */
  #perhaps(test: Test, then: () => string[], otherwise: () => string[]): string[] {
    const arms = [then, otherwise].map((arm) => {
      const length = this.body.lines.length;
      const texts = arm();
      return { texts, lines: this.body.lines.splice(length) };
    });
    const [a, b] = [arms[0]!.texts, arms[1]!.texts];
    if (arms.every(({ lines }) => lines.length === 0)) {
      if (isOne(a) && isOne(b)) return [`${within(a[0]!, 1)} if ${test.positive} else ${b[0]!}`];
      return [`*([${a.join(', ')}] if ${test.positive} else [${b.join(', ')}])`];
    }
    const name = this.#temporary('ys')();
    const settle = (arm: () => string[]) => () => this.body.assign(name, `[${arm().join(', ')}]`);
    this.body.block('if ', test.positive, settle(then));
    this.body.block('else:', '', settle(otherwise));
    return [`*${name}`];
  }

  #branch(branch: readonly Stage[], source: Flow, index: number): string[] {
    const [only] = branch;
    if (only !== undefined && branch.length === 1 && !isItem(branch)) {
      const { body } = only;
      const plan = this.planOf(only);
      if (body.kind === 'for' && typeof plan.name === 'string')
        return this.#inputs(this.#listLoop(attribute(plan.name), source, this.#temporary()));
      if (body.kind === 'for') {
        const variable = body.names.map(({ text }) => this.nameOf(text)).join(', ');
        for (const each of body.names) this.forwardLoops.add(each.text);
        const target = this.#temporary();
        const write = (): Flow => this.chain(body.stages, source, target);
        let turn = this.#capture(write);
        if (turn.lines.length > 0) turn = this.#recapture(write);
        for (const each of body.names) this.forwardLoops.delete(each.text);
        const iterable = this.print(body.iterable, FORWARD);
        if (turn.lines.length === 0) return [`*[${this.single(turn.flow)} for ${variable} in ${iterable}]`];
        const name = this.#temporary('ys')();
        this.body.assign(name, '[]');
        this.body.block(`for ${variable} in `, iterable, () => {
          this.body.lines.push(...turn.lines);
          this.body.call(`${name}.append(${this.single(turn.flow)})`);
        });
        return [`*${name}`];
      }
      if (body.kind === 'if') {
        const { then, otherwise = [] } = body;
        const certain = this.onlyArm(body);
        if (certain !== undefined)
          return certain === body.otherwise || certain === then ? this.#branch(certain, source, index) : [];
        const test = this.#test(
          body.condition,
          [this.attributesOf(then), this.attributesOf(otherwise)],
          hintOfStages(then),
          only.range.start,
        );
        return this.#perhaps(
          test,
          () => this.#branch(then, source, index),
          body.otherwise === undefined ? () => [] : () => this.#branch(otherwise, source, index),
        );
      }
    }
    const label = only?.label !== undefined && branch.length === 1 ? only.label.parts : [];
    const [name, second] = label;
    const wanted = typeof name === 'string' && second === undefined ? name : `y${index + 1}`;
    const flow = this.chain(branch, source, this.#temporary(wanted));
    if (flow.kind === 'one' && flow.calls > 2) return this.#inputs(this.#named(flow, this.#temporary(wanted)));
    return this.#inputs(flow);
  }
}

/** One tensor that isn't unpacked from others. */
function isOne([only, second]: readonly string[]): boolean {
  return only !== undefined && second === undefined && !only.startsWith('*');
}

/** Whether a call begins a new line. */
function mustBreak(flow: Flow, weight: Weight): boolean {
  if (flow.kind !== 'one' || flow.calls === 0) return false;
  if (flow.weight === 'alone' || flow.calls >= MOST_CALLS) return true;
  return weight !== 'light' && (flow.weight === 'heavy' || (flow.calls > 1 && flow.isPrepared !== true));
}

interface Test {
  readonly positive: string;
  readonly negative: string;
}

interface Captured {
  readonly flow: Flow;
  readonly lines: readonly Line[];
}

function one(text: string, calls: number): Flow {
  return { kind: 'one', text, calls };
}

function isName(text: string): boolean {
  return /^[\p{XID_Start}_][\p{XID_Continue}]*$/u.test(text);
}

function isTensors(value: Value | undefined): boolean {
  return value?.kind === 'tensor' || (value?.kind === 'list' && value.items.some((item) => item.kind === 'tensor'));
}

function countUses(statement: Statement): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, as } of usesInStatement(statement)) {
    if (as === 'value') counts.set(name.text, (counts.get(name.text) ?? 0) + 1);
  }
  return counts;
}

/** `kind == 2` is kept as `kind_is_2`. */
function nameOfCondition(text: string): string | undefined {
  const sides = /^([\p{XID_Start}_][\p{XID_Continue}]*) (==|!=|<=|>=|<|>) ([\p{XID_Continue}]+)$/u.exec(text);
  if (sides === null) return undefined;
  const [, left = '', operator = '', right = ''] = sides;
  return `${left}_${COMPARED.get(operator) ?? ''}_${right}`;
}

const COMPARED: ReadonlyMap<string, string> = new Map([
  ['==', 'is'],
  ['!=', 'is_not'],
  ['<', 'below'],
  ['<=', 'at_most'],
  ['>', 'above'],
  ['>=', 'at_least'],
]);

function hintOfStages(stages: readonly Stage[]): string {
  const body = stages[0]?.body;
  return body?.kind === 'call' ? `use_${snakeCase(body.callee.text)}` : 'use_branch';
}

/** What a condition that is kept is called. */
function hintOf(then: Expression, otherwise: Expression): string {
  const isSum = (arm: Expression): boolean => arm.kind === 'binary' && arm.operator === '+';
  if (isSum(then) && !isSum(otherwise)) return 'use_residual';
  if (then.kind === 'pipeline') return hintOfStages(then.stages);
  return 'use_other';
}
