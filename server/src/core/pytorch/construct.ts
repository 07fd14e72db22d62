/** `__init__`: modules constructed as the text says, in its order. */
import type {
  Argument,
  CallStage,
  Definition,
  Extern,
  Expression,
  ForStage,
  IfStage,
  Label,
  ParallelStage,
  Stage,
  Statement,
  WeightStatement,
} from '../definition.ts';
import {
  type Dimension,
  ZERO,
  compare,
  constant,
  constantValue,
  equal,
  select,
  subtract,
  symbol,
  symbolsOf,
} from '../dimension.ts';
import { isCarried } from '../elaborate/generic.ts';
import { type StagePlan, isItem, takesLabel } from '../elaborate/names.ts';
import type { LoopForm, RunningSize } from '../elaborate/openness.ts';
import { isUnknown } from '../tensor.ts';
import { isForwarded } from './modules.ts';
import type { Value } from '../value.ts';
import { usesInExpression } from '../elaborate/uses.ts';
import { findInitialiser } from '../layers/initialisers.ts';
import type { Layer } from '../layers/layer.ts';
import { printExpression } from './expression.ts';
import { equationOf, layoutDefinition, layoutStatement, precedenceOf } from './layout.ts';
import { attribute, freshName, isMangled, stringLiteral, within } from './python.ts';
import { ClassScope, INIT, NO_RULE, NeedsStatements, bindArguments, placeOfStage } from './scope.ts';
import type { Signature, SizeArgument } from './unit.ts';

/** Where the modules of a container go: into an expression, or into statements. */
type Sink = Entries | Statements;

/** One entry of a container that is written as an expression. */
interface Entry {
  /** Python text of the name: a literal or an f-string. */
  readonly name: string | undefined;
  readonly text: string;
  /** `for … in …` around it. */
  readonly loops: readonly string[];
}

/** A container that is being written as one expression. */
class Entries {
  entries: Entry[] = [];

  add(name: string | undefined, module: string): void {
    this.entries.push({ name, text: module, loops: [] });
  }

  /** What is decided when the model is built needs statements. */
  branch(_condition: string, _then: () => void, _otherwise: (() => void) | undefined, _isIf = false): void {
    throw new NeedsStatements();
  }

  /** Collects what a loop's turn adds, to be put under the loop's head, which is known after it. */
  turn(run: () => void): readonly Entry[] {
    const outer = this.entries;
    this.entries = [];
    try {
      run();
      return this.entries;
    } finally {
      this.entries = outer;
    }
  }
}

export class Construction extends ClassScope {
  // -------------------------------------------------------------------------------------------- statements

  constructStatement(statement: Statement): void {
    switch (statement.kind) {
      case 'binding':
        this.#binding(
          statement.names.map(({ text }) => text),
          statement.value,
        );
        return;
      case 'output':
        this.constructExpression(statement.value);
        return;
      case 'weight':
      case 'buffer':
        this.#weight(statement);
        return;
      case 'layer':
        this.assign(statement.stage, attribute(statement.name.text), statement.frozen);
        return;
      case 'property':
      case 'input':
      case 'train':
        return;
    }
  }

  #binding(names: readonly string[], value: Expression): void {
    const found = this.valueOf(value);
    const [name, second] = names;
    const isNumber =
      found !== undefined &&
      found.kind !== 'tensor' &&
      !(found.kind === 'list' && found.items.some((item) => item.kind === 'tensor'));
    if (!isNumber || name === undefined || second !== undefined || found.kind === 'unknown') {
      this.constructExpression(value);
      return;
    }
    // A name for a size of the input is an argument of the constructor.
    if ([...this.sizes.values()].some((size) => size.name === this.nameOf(name))) return;
    if (this.before?.bindings.has(name) === false) return;
    const isInt = this.parameterTypeIsInt(value);
    const text = this.print(value, INIT, isInt);
    if ([...this.sizes.values()].some((size) => size.name === this.nameOf(name))) return;
    this.init.assign(this.nameOf(name), text);
    if (found.kind === 'int') this.learn(found.value, this.nameOf(name));
  }

  /** Whether a division in it must be whole. */
  parameterTypeIsInt(value: Expression): boolean {
    return this.valueOf(value)?.kind === 'int';
  }

  #weight(statement: WeightStatement): void {
    const { name, shape, initialiser, kind, frozen } = statement;
    // A scalar has no sizes, but torch.empty() asks for them.
    const sizes = shape.items.length === 0 ? ['()'] : shape.items.map((item) => this.printInt(item));
    const target = attribute(name.text);
    const place = isMangled(name.text) ? undefined : target;
    if (kind === 'buffer') {
      this.init.call(`self.register_buffer(${stringLiteral(name.text)}, ${this.#bufferValue(statement, sizes)})`);
      return;
    }
    const known = this.#initialiser(initialiser, 'weight');
    const flags = frozen ? ', requires_grad=False' : '';
    const value = known?.make ?? (known === undefined ? 'torch.zeros' : 'torch.empty');
    const parameter = `nn.Parameter(${value}(${sizes.join(', ')})${flags})`;
    if (place === undefined) this.init.call(`self.register_parameter(${stringLiteral(name.text)}, ${parameter})`);
    else this.init.assign(target, parameter);
    if (known?.initialise !== undefined)
      this.init.call(`${known.initialise}(${[target, ...this.#initialiserArguments(initialiser)].join(', ')})`);
  }

  #initialiser(initialiser: Expression | undefined, kind: 'weight' | 'buffer'): ReturnType<typeof findInitialiser> {
    const name =
      initialiser?.kind === 'name' ? initialiser.name : initialiser?.kind === 'call' ? initialiser.callee : undefined;
    return name === undefined ? undefined : findInitialiser(name.text, kind);
  }

  #initialiserArguments(initialiser: Expression | undefined): string[] {
    if (initialiser?.kind !== 'call') return [];
    return initialiser.arguments.map(
      ({ name, value }) => `${name === undefined ? '' : `${name.text}=`}${this.print(value, INIT)}`,
    );
  }

  #bufferValue({ initialiser, module, name }: WeightStatement, sizes: readonly string[]): string {
    const type = this.fact(statementOf(this, name.text))?.value;
    const isInt = type?.kind === 'tensor' && type.tensor.type === 'int64';
    if (module !== undefined && initialiser !== undefined) {
      const callee =
        initialiser.kind === 'call'
          ? initialiser.callee.text
          : initialiser.kind === 'name'
            ? initialiser.name.text
            : '';
      const called = this.file.importFrom(module.value, callee);
      const args = initialiser.kind === 'call' ? this.#initialiserArguments(initialiser) : [];
      return `${called}(${args.join(', ')})`;
    }
    const dtype = isInt ? ', dtype=torch.int64' : '';
    const written =
      initialiser?.kind === 'name'
        ? initialiser.name.text
        : initialiser?.kind === 'call'
          ? initialiser.callee.text
          : 'Zeros';
    const shape = sizes.join(', ');
    switch (written) {
      case 'Arange':
        return isInt ? `torch.arange(${shape})` : `torch.arange(${shape}, dtype=torch.float32)`;
      case 'Eye':
        return `torch.eye(${shape}${dtype})`;
      case 'Tril':
      case 'Triu':
        return `torch.${written.toLowerCase()}(torch.ones(${shape}${dtype}))`;
      default: {
        const known = this.#initialiser(initialiser, 'buffer');
        if (known?.function !== undefined) {
          const { name, source } = known.function;
          const called = this.file.helper(name, () => source.split('\n'));
          return `${called}(${this.#initialiserArguments(initialiser).join(', ')})`;
        }
        if (known?.initialise === undefined) return `${known?.make ?? 'torch.zeros'}(${shape}${dtype})`;
        return `${known.initialise}(${[`torch.empty(${shape}${dtype})`, ...this.#initialiserArguments(initialiser)].join(', ')})`;
      }
    }
  }

  // -------------------------------------------------------------------------------------------- expressions

  constructExpression(expression: Expression): void {
    switch (expression.kind) {
      case 'pipeline':
        this.constructExpression(expression.source);
        for (const stage of expression.stages) this.constructStage(stage);
        return;
      case 'conditional': {
        const taken = this.taken(expression.condition);
        if (taken !== undefined) {
          this.constructExpression(taken ? expression.then : expression.otherwise);
          return;
        }
        const isAnything = (arm: Expression): boolean => this.#builds(arm);
        this.#conditionalArms(
          expression.condition,
          isAnything(expression.then) ? () => this.constructExpression(expression.then) : undefined,
          isAnything(expression.otherwise) ? () => this.constructExpression(expression.otherwise) : undefined,
          [this.attributesIn(expression.then), this.attributesIn(expression.otherwise)],
        );
        this.nameChosen(this.valueOf(expression), expression.range);
        return;
      }
      case 'binary':
        this.constructExpression(expression.left);
        this.constructExpression(expression.right);
        return;
      case 'unary':
        this.constructExpression(expression.operand);
        return;
      case 'compare':
        for (const operand of expression.operands) this.constructExpression(operand);
        return;
      case 'list':
      case 'tuple':
        for (const item of expression.items) this.constructExpression(item);
        return;
      default:
        return;
    }
  }

  /** `if`, with `None` for the attribute by which `forward` sees which arm was built. */
  #conditionalArms(
    condition: Expression,
    then: (() => void) | undefined,
    otherwise: (() => void) | undefined,
    [ours, theirs]: readonly [readonly string[], readonly string[]],
    isIf = false,
  ): void {
    if (then === undefined && otherwise === undefined) return;
    const test = this.print(condition, INIT);
    const onlyOurs = ours.find((name) => !theirs.includes(name));
    const onlyTheirs = theirs.find((name) => !ours.includes(name));
    const ifThen = (): void => {
      this.scoped(() => then?.());
      if (onlyOurs === undefined && onlyTheirs !== undefined) this.init.assign(attribute(onlyTheirs), 'None');
    };
    const ifElse = (): void => {
      this.scoped(() => otherwise?.());
      if (onlyOurs !== undefined) this.init.assign(attribute(onlyOurs), 'None');
    };
    if (then === undefined) {
      this.init.block('if ', negated(test), ifElse);
      if (onlyTheirs !== undefined) this.init.block('else:', '', () => this.init.assign(attribute(onlyTheirs), 'None'));
      return;
    }
    this.init.block('if ', test, ifThen);
    if (otherwise !== undefined || onlyOurs !== undefined) this.init.otherwise(onlyOurs === undefined && isIf, ifElse);
  }

  /** Whether an expression has modules. */
  #builds(expression: Expression): boolean {
    return this.attributesIn(expression, true).length > 0;
  }

  /** The attributes that an expression's stages become, in textual order; those with numbers in them only as signs. */
  attributesIn(expression: Expression, numbered = false): string[] {
    switch (expression.kind) {
      case 'pipeline':
        return [...this.attributesIn(expression.source, numbered), ...this.attributesOf(expression.stages, numbered)];
      case 'conditional': {
        const { condition, then, otherwise } = expression;
        const taken = this.taken(condition);
        if (taken !== undefined) return this.attributesIn(taken ? then : otherwise, numbered);
        return numbered ? [then, otherwise].flatMap((arm) => this.attributesIn(arm, numbered)) : [];
      }
      case 'binary':
        return [expression.left, expression.right].flatMap((side) => this.attributesIn(side, numbered));
      case 'unary':
        return this.attributesIn(expression.operand, numbered);
      case 'compare':
        return expression.operands.flatMap((each) => this.attributesIn(each, numbered));
      case 'list':
      case 'tuple':
        return expression.items.flatMap((item) => this.attributesIn(item, numbered));
      default:
        return [];
    }
  }

  attributesOf(stages: readonly Stage[], numbered = false): string[] {
    return stages.flatMap((stage) => {
      const plan = this.planOf(stage);
      const { body } = stage;
      if (typeof plan.name === 'string') return this.isCall(stage) ? [] : [plan.name];
      if (plan.name !== undefined) return numbered ? ['…'] : [];
      if (body.kind === 'for') return numbered ? this.attributesOf(body.stages, numbered) : [];
      if (body.kind === 'if') {
        const only = this.onlyArm(body);
        if (only !== undefined) return this.attributesOf(only, numbered);
        return numbered ? this.attributesOf([...body.then, ...(body.otherwise ?? [])], numbered) : [];
      }
      if (body.kind === 'parallel') return body.branches.flatMap((branch) => this.attributesOf(branch, numbered));
      return [];
    });
  }

  valueOfStage(stage: Stage): Value | undefined {
    return this.fact(stage)?.value;
  }

  // -------------------------------------------------------------------------------------------- stages of a class

  planOf(stage: Stage): StagePlan {
    return this.unit.plan.stages.get(stage) ?? { name: undefined, module: undefined };
  }

  /** A layer without a label or weights that is a call in `forward`. */
  isCall(stage: Stage): boolean {
    const { body, label, count } = stage;
    if (label !== undefined || count !== undefined || body.kind !== 'call') return false;
    const callee = this.unit.resolve(body.callee.text);
    if (callee.kind !== 'layer' || callee.layer.python.kind !== 'module') return false;
    if (this.parameter(body.callee.text) !== undefined) return false;
    const args = body.arguments ?? [];
    if (callee.layer.python.functional === undefined || callee.layer.weights !== undefined) return false;
    return this.isPlain(args) || this.isRuntime(callee.layer, args);
  }

  /** What a stage of a class with a `forward` puts into `__init__`. */
  constructStage(stage: Stage): void {
    const plan = this.planOf(stage);
    const { body } = stage;
    if (typeof plan.name === 'string') {
      if (!this.isCall(stage)) this.assign(stage, attribute(plan.name), stage.frozen);
      return;
    }
    if (plan.name !== undefined) {
      this.#addNumbered(stage, plan);
      return;
    }
    switch (body.kind) {
      case 'for':
        this.#loopStatement(stage, body, () => {
          for (const inner of body.stages) this.constructStage(inner);
        });
        return;
      case 'if': {
        const arm = this.onlyArm(body);
        if (arm !== undefined) {
          for (const inner of arm) this.constructStage(inner);
          return;
        }
        if (this.soleModule(stage) !== undefined) this.#assignSole(stage, body);
        else
          this.#constructArms(body, (arm) => {
            for (const inner of arm) this.constructStage(inner);
          });
        this.nameChosen(this.valueOfStage(stage), stage.range);
        return;
      }
      case 'parallel':
        for (const branch of body.branches) this.constructBranch(branch);
        return;
      case 'call':
      case 'group':
      case 'missing':
    }
  }

  /** A branch of an unlabelled `[ … ]`: what isn't there makes no tensor. */
  constructBranch(branch: readonly Stage[]): void {
    const [only] = branch;
    if (only !== undefined && branch.length === 1 && !isItem(branch) && only.body.kind === 'if') {
      this.#constructArms(only.body, (arm) => this.constructBranch(arm));
    } else for (const inner of branch) this.constructStage(inner);
  }

  #constructArms(body: IfStage, construct: (arm: readonly Stage[]) => void): void {
    const arm = this.onlyArm(body);
    if (arm !== undefined) {
      construct(arm);
      return;
    }
    const otherwise = body.otherwise ?? [];
    const [first, second] = [body.then, otherwise].map((arm) =>
      this.attributesOf(arm, true).length === 0 ? undefined : () => construct(arm),
    );
    this.#conditionalArms(
      body.condition,
      first,
      second,
      [this.attributesOf(body.then), this.attributesOf(otherwise)],
      this.#isElif(otherwise),
    );
  }

  /** The attribute of an `if` without `else` around one module: `nn.Identity()` stands in for it. */
  soleModule(stage: Stage): string | undefined {
    const { body, label, count } = stage;
    if (body.kind !== 'if' || label !== undefined || count !== undefined || body.otherwise !== undefined)
      return undefined;
    const [only, second] = body.then;
    if (only === undefined || second !== undefined || this.inputsOf(only).length > 1) return undefined;
    if (this.onlyArm(body) !== undefined) return undefined;
    const { name } = this.planOf(only);
    return typeof name === 'string' && !this.isCall(only) && this.passesOne(only) ? name : undefined;
  }

  /** Whether a module call gives one tensor. */
  passesOne(stage: Stage): boolean {
    const node = this.nodeOf(stage);
    return (
      this.fact(stage)?.value.kind === 'tensor' &&
      !(node?.kind === 'layer' && node.outputs.length > 1) &&
      !this.isForwarded(stage)
    );
  }

  /** Whether a stage is a layer that is called otherwise than `module(x)`. */
  isForwarded(stage: Stage): boolean {
    if (stage.body.kind !== 'call') return false;
    const callee = this.unit.resolve(stage.body.callee.text);
    return callee.kind === 'layer' && isForwarded(callee.layer, this.typesOf(stage));
  }

  #assignSole(stage: Stage, body: IfStage): void {
    const [only] = body.then;
    const name = this.soleModule(stage);
    if (only === undefined || name === undefined) return;
    const target = attribute(name);
    const test = this.print(body.condition, INIT);
    const module = this.#lazily(() => this.#tryExpression(only, only.frozen));
    if (module !== undefined) {
      const isChoice = module !== 'nn.Identity()';
      this.init.assign(target, isChoice ? `${within(module, 1)} if ${test} else nn.Identity()` : module);
      return;
    }
    this.init.block('if ', test, () => this.scoped(() => this.assign(only, target, only.frozen)));
    this.init.block('else:', '', () => this.init.assign(target, 'nn.Identity()'));
  }

  #addNumbered(stage: Stage, plan: StagePlan): void {
    const name = this.nameText(plan);
    const module = this.#hoisted(stage);
    this.init.call(`self.add_module(${name ?? '""'}, ${module}${stage.frozen ? '.requires_grad_(False)' : ''})`);
  }

  /** A name as Python text: a literal, or an f-string where numbers are in it. */
  nameText({ name }: StagePlan): string | undefined {
    if (typeof name === 'string') return stringLiteral(name);
    return typeof name === 'object' ? this.labelText(name) : undefined;
  }

  labelText(label: Label): string {
    const parts = label.parts.map((part) =>
      typeof part === 'string'
        ? part.replace(/[{}]/gu, '$&$&')
        : `{${printExpression(part, this.initEnvironment, true).replaceAll('"', "'")}}`,
    );
    return `f"${parts.join('')}"`;
  }

  /** Gives an attribute its module. */
  assign(stage: Stage, target: string, isFrozen: boolean): void {
    const { body } = stage;
    const plan = this.planOf(stage);
    if (plan.module === 'chosen' && body.kind === 'if') {
      const { length } = this.init.lines;
      const text = this.#tryExpression(stage, isFrozen);
      if (text !== undefined && this.init.fits(`${target} = `, text)) this.#set(target, text);
      else {
        this.init.lines.length = length;
        this.#assignChosen(body, target, isFrozen);
      }
      return;
    }
    const text = this.#tryExpression(stage, isFrozen);
    if (text !== undefined) {
      this.#set(target, text);
      return;
    }
    this.#fill(stage, target);
    if (isFrozen) this.init.call(`${target}.requires_grad_(False)`);
  }

  #set(target: string, text: string): void {
    const mangled = /^getattr\(self, (.*)\)$/u.exec(target);
    if (mangled === null) this.init.assign(target, text);
    else this.init.call(`self.add_module(${mangled[1] ?? ''}, ${text})`);
  }

  #assignChosen(body: IfStage, target: string, isFrozen: boolean, keyword = 'if '): void {
    const arm = this.onlyArm(body);
    if (arm !== undefined) {
      if (keyword === 'if ') this.#assignArm(arm, target, isFrozen);
      else this.init.block('else:', '', () => this.scoped(() => this.#assignArm(arm, target, isFrozen)));
      return;
    }
    this.init.block(keyword, this.print(body.condition, INIT), () =>
      this.scoped(() => this.#assignArm(body.then, target, isFrozen)),
    );
    const [only, second] = body.otherwise ?? [];
    if (only?.body.kind === 'if' && second === undefined && only.label === undefined && only.count === undefined) {
      this.#assignChosen(only.body, target, isFrozen, 'elif ');
    } else
      this.init.block('else:', '', () => this.scoped(() => this.#assignArm(body.otherwise ?? [], target, isFrozen)));
  }

  #assignArm(arm: readonly Stage[], target: string, isFrozen: boolean): void {
    const [only] = arm;
    if (only === undefined) this.#set(target, 'nn.Identity()');
    else if (only.body.kind === 'if' && isOneIf(arm)) this.#assignChosen(only.body, target, isFrozen);
    else if (takesLabel(arm)) this.assign(only, target, isFrozen);
    else this.#fillSequential(arm, target, isFrozen);
  }

  #fillSequential(stages: readonly Stage[], target: string, isFrozen: boolean): void {
    const text = this.#attempt(() => this.sequential(stages));
    if (text !== undefined) this.#set(target, `${text}${isFrozen ? '.requires_grad_(False)' : ''}`);
    else {
      this.#set(target, `${this.#sequentialClass(stages)}()`);
      this.#inSequence(stages, this.#statements(target));
      if (isFrozen) this.init.call(`${target}.requires_grad_(False)`);
    }
  }

  // -------------------------------------------------------------------------------------------- modules as expressions

  /** The text, unless it needs statements; those that it needs before it are written then. */
  #attempt(run: () => string): string | undefined {
    const length = this.init.lines.length;
    try {
      return run();
    } catch (error) {
      if (!(error instanceof NeedsStatements)) throw error;
      this.init.lines.length = length;
      return undefined;
    }
  }

  /** What isn't evaluated just once where it stands: no statement can be written before it. */
  #lazily<T>(run: () => T): T {
    const outer = this.#isLazy;
    this.#isLazy = true;
    try {
      return run();
    } finally {
      this.#isLazy = outer;
    }
  }
  #isLazy = false;

  /** A part in a variable: sizes are read from it. */
  hold(part: string, text: string): string {
    if (this.#isLazy) throw new NeedsStatements();
    const local = this.#held.get(part) ?? this.#local('branches');
    this.#held.set(part, local);
    this.init.assign(local, text);
    return local;
  }
  /** By their classes: what is tried as an expression is written again as statements. */
  readonly #held = new Map<string, string>();

  #tryExpression(stage: Stage, isFrozen: boolean): string | undefined {
    const text = this.#attempt(() => this.moduleExpression(stage));
    return text === undefined || !isFrozen ? text : `${text}.requires_grad_(False)`;
  }

  /** A stage's module. */
  moduleExpression(stage: Stage): string {
    const plan = this.planOf(stage);
    const { body } = stage;
    if (plan.module === 'ModuleList' && body.kind === 'for') {
      return this.#collect('nn.ModuleList', (sink) =>
        this.#loop(stage, body, sink, () => this.#branchItem(body.stages, sink)),
      );
    }
    if (stage.count !== undefined || body.kind === 'for')
      return this.#collect(this.#sequentialClass([stage]), (sink) => this.#inSequence([stage], sink, stage));
    if (body.kind === 'if') return this.#chosenExpression(body);
    return this.itemExpression(stage, plan);
  }

  #chosenExpression(body: IfStage): string {
    const arm = (stages: readonly Stage[]): string => {
      const [only] = stages;
      if (only === undefined) return 'nn.Identity()';
      return takesLabel(stages) ? this.moduleExpression(only) : this.sequential(stages);
    };
    const certain = this.onlyArm(body);
    if (certain !== undefined) return arm(certain);
    const [then, otherwise] = this.#lazily(() => [arm(body.then), arm(body.otherwise ?? [])]);
    return then === otherwise ? then : `${then} if ${this.print(body.condition, INIT)} else ${otherwise}`;
  }

  /** One item: without its count. */
  itemExpression(stage: Stage, plan: StagePlan): string {
    const { body } = stage;
    switch (body.kind) {
      case 'call':
        return this.callExpression(stage, body);
      case 'group':
        return this.sequential(body.stages);
      case 'parallel':
        return this.#branches(stage, body, plan);
      case 'if':
        return this.#chosenExpression(body);
      case 'for':
        return this.sequential(body.stages);
      case 'missing':
        return this.impossible(stage.range, 'A layer is missing here.');
    }
  }

  sequential(stages: readonly Stage[]): string {
    return this.#collect(this.#sequentialClass(stages), (sink) => this.#inSequence(stages, sink));
  }

  /** `nn.Sequential`, or one of ours where a stage passes on several tensors. */
  #sequentialClass(stages: readonly Stage[]): string {
    return this.passesTuples(stages) ? this.file.helper('TupleSequential', tupleSequential) : 'nn.Sequential';
  }

  passesTuples(stages: readonly Stage[]): boolean {
    return stages.some((stage, i) => {
      const { body } = stage;
      // Branches are a tuple for what stands after them, one alone too.
      if (body.kind === 'parallel' && i + 1 < stages.length) return true;
      if (body.kind === 'if') return this.passesTuples(this.onlyArm(body) ?? [...body.then, ...(body.otherwise ?? [])]);
      if (body.kind === 'for') return this.passesTuples(body.stages);
      return this.inputsOf(stage).length > 1;
    });
  }

  /** A container as one expression. */
  #collect(container: string, fill: (sink: Sink) => void): string {
    const sink = new Entries();
    fill(sink);
    return this.#containerText(container, sink.entries);
  }

  #containerText(container: string, entries: readonly Entry[]): string {
    const isList = container === 'nn.ModuleList' || isHelper(container, 'Branches');
    if (entries.every(({ name }) => name === undefined)) {
      const items = entries.map(({ text, loops }) => (loops.length === 0 ? text : `*[${text} ${loops.join(' ')}]`));
      if (isList) {
        const [only] = entries;
        if (entries.length === 1 && only !== undefined && only.loops.length > 0)
          return `${container}([${only.text} ${only.loops.join(' ')}])`;
        return `${container}([${items.join(', ')}])`;
      }
      return `${container}(${lined(items)})`;
    }
    if (container === 'nn.ModuleDict' || isHelper(container, 'NamedBranches'))
      return this.#dictText(container, entries);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && only.loops.length > 0) {
      return `${container}(OrderedDict((${only.name ?? ''}, ${only.text}) ${only.loops.join(' ')}))`;
    }
    const isPlain = entries.every(
      ({ name, loops }) => loops.length === 0 && name?.startsWith('"') === true && !isMangled(name.slice(1, -1)),
    );
    if (isPlain) {
      const items = entries.map(({ name, text }) => `${name?.slice(1, -1) ?? ''}=${text}`);
      return `${container}(OrderedDict(${items.join(', ')}${items.length > 1 ? ',,' : ''}))`;
    }
    if (
      entries.some(
        ({ name, loops }, i) =>
          loops.length > 0 && (name === undefined || entries.slice(i + 1).some((later) => later.name === undefined)),
      )
    ) {
      throw new NeedsStatements();
    }
    const items = entries.map(({ name, text, loops }, i) => {
      const pair = `(${name ?? stringLiteral(String(i))}, ${text})`;
      return loops.length === 0 ? pair : `*[${pair} ${loops.join(' ')}]`;
    });
    return `${container}(OrderedDict([${items.join(', ')},,]))`;
  }

  #dictText(container: string, entries: readonly Entry[]): string {
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && only.loops.length > 0)
      return `${container}({${only.name ?? ''}: ${only.text} ${only.loops.join(' ')}})`;
    if (entries.some(({ loops }) => loops.length > 0)) throw new NeedsStatements();
    return `${container}({${entries.map(({ name, text }) => `${name ?? ''}: ${text}`).join(', ')},,})`;
  }

  // -------------------------------------------------------------------------------------------- containers

  /** The stages of an `nn.Sequential`. `repeated` is set where the only stage is its own repetition's item. */
  #inSequence(stages: readonly Stage[], sink: Sink, repeated?: Stage): void {
    for (const given of stages) {
      const stage = repeated ?? given;
      const plan = this.planOf(stage);
      const { body } = stage;
      const isOwn = repeated !== undefined;
      if (stage.count !== undefined && (isOwn || plan.module === undefined)) {
        this.#loop(stage, undefined, sink, () => this.#item(stage, isOwn ? undefined : plan, sink));
      } else if (body.kind === 'for' && (isOwn || plan.module === undefined)) {
        this.#loop(stage, body, sink, () => this.#inSequence(body.stages, sink));
      } else if (body.kind === 'if' && plan.module === undefined) {
        const arm = this.onlyArm(body);
        if (arm !== undefined) {
          this.#inSequence(arm, sink);
          continue;
        }
        this.#branch(body, sink, (arm) => this.#inSequence(arm, sink));
        if (sink instanceof Statements) this.nameChosen(this.valueOfStage(stage), stage.range);
      } else this.#add(stage, plan, sink, () => this.moduleExpression(stage));
    }
  }

  /** Whether the other arm is written as one more `if`: some use takes either arm of it. */
  #isElif(otherwise: readonly Stage[] | undefined): boolean {
    const [only] = otherwise ?? [];
    return isOneIf(otherwise) && only?.body.kind === 'if' && this.onlyArm(only.body) === undefined;
  }

  /** An `if` that isn't decided. */
  #branch({ condition, then, otherwise }: IfStage, sink: Sink, add: (arm: readonly Stage[]) => void): void {
    sink.branch(
      this.print(condition, INIT),
      () => add(then),
      otherwise === undefined ? undefined : () => add(otherwise),
      this.#isElif(otherwise),
    );
  }

  /** One turn of a repetition. */
  #item(stage: Stage, plan: StagePlan | undefined, sink: Sink): void {
    const { body } = stage;
    const arm = body.kind === 'if' ? this.onlyArm(body) : undefined;
    if (arm !== undefined) this.#inSequence(arm, sink);
    else if (body.kind === 'if') {
      this.#branch(body, sink, (arm) => this.#inSequence(arm, sink));
    } else if (body.kind === 'for') this.#loop(stage, body, sink, () => this.#inSequence(body.stages, sink));
    else
      this.#add(
        stage,
        plan,
        sink,
        () => this.itemExpression(stage, { name: undefined, module: body.kind === 'parallel' ? 'Module' : undefined }),
        true,
      );
  }

  #add(stage: Stage, plan: StagePlan | undefined, sink: Sink, make: () => string, isItem = false): void {
    const name = plan === undefined ? undefined : this.nameText(plan);
    const { body, frozen } = stage;
    if (plan?.module === 'chosen' && body.kind === 'if') {
      this.#addChosen(body, name, sink, frozen);
      return;
    }
    const own = sink instanceof Statements ? sink.attributeOf(name) : undefined;
    if (own !== undefined && !isItem) {
      this.assign(stage, own, frozen);
      return;
    }
    const text = sink instanceof Statements ? this.#hoisted(stage, make, isItem) : make();
    sink.add(name, frozen ? `${text}.requires_grad_(False)` : text);
  }

  #addArm(arm: readonly Stage[], name: string | undefined, sink: Sink, isFrozen: boolean): void {
    const [only] = arm;
    if (only === undefined) return;
    if (only.body.kind === 'if' && isOneIf(arm)) {
      this.#addChosen(only.body, name, sink, isFrozen);
      return;
    }
    const text =
      sink instanceof Statements
        ? takesLabel(arm)
          ? this.#hoisted(only)
          : this.#hoistedSequential(arm)
        : takesLabel(arm)
          ? this.moduleExpression(only)
          : this.sequential(arm);
    sink.add(name, isFrozen ? `${text}.requires_grad_(False)` : text);
  }

  /** What isn't chosen takes no place. */
  #addChosen(body: IfStage, name: string | undefined, sink: Sink, isFrozen: boolean): void {
    const add = (arm: readonly Stage[]): void => this.#addArm(arm, name, sink, isFrozen);
    const certain = this.onlyArm(body);
    if (certain !== undefined) {
      add(certain);
      return;
    }
    if (sink instanceof Entries) {
      if (!this.#isTotal(body)) throw new NeedsStatements();
      const text = this.#chosenExpression(body);
      sink.add(name, isFrozen ? `(${text}).requires_grad_(False)` : text);
      return;
    }
    this.#branch(body, sink, add);
  }

  /** Whether something is chosen in any case. */
  #isTotal(body: IfStage): boolean {
    const certain = this.onlyArm(body);
    const arms = certain === undefined ? [body.then, body.otherwise ?? []] : [certain];
    return arms.every((arm) => {
      const [only] = arm;
      return only !== undefined && (!isOneIf(arm) || only.body.kind !== 'if' || this.#isTotal(only.body));
    });
  }

  #hoistedSequential(stages: readonly Stage[]): string {
    const text = this.#attempt(() => this.sequential(stages));
    if (text !== undefined) return text;
    const local = this.#local('layers');
    this.#set(local, `${this.#sequentialClass(stages)}()`);
    this.#inSequence(stages, this.#statements(local));
    return local;
  }

  /** A module as an expression, or as a variable that was filled before. */
  #hoisted(stage: Stage, make: () => string = () => this.moduleExpression(stage), isOneItem = false): string {
    const text = this.#attempt(make);
    if (text !== undefined) return text;
    const { body } = stage;
    if (isOneItem && body.kind === 'group') return this.#hoistedSequential(body.stages);
    const { name } = this.planOf(stage);
    const local = this.#local(typeof name === 'string' ? name : 'layers');
    this.#fill(stage, local);
    return local;
  }

  /** A variable for a module that is filled and put into another at once. */
  #local(wanted: string): string {
    const turn = this.#turns.at(-1);
    if (turn === undefined) return this.loopName(wanted, true);
    const name = this.loopName(wanted);
    turn.push(name);
    return name;
  }
  /** The variables of the turns being written: other loops may have them too. */
  readonly #turns: string[][] = [];

  /** Fills a container by statements. */
  #fill(stage: Stage, target: string): void {
    const { body } = stage;
    const plan = this.planOf(stage);
    if (stage.count === undefined && body.kind === 'if') {
      this.#assignChosen(body, target, false);
      return;
    }
    if (stage.count === undefined && body.kind === 'parallel') {
      const container = this.#branchesClass(stage, body, plan);
      this.#set(target, `${container}()`);
      const sink = this.#statements(target, container);
      for (const branch of body.branches) this.#branchItem(branch, sink);
      return;
    }
    if (stage.count === undefined && body.kind === 'call') {
      this.#set(target, this.callExpression(stage, body));
      return;
    }
    const isOwn = stage.count !== undefined || body.kind === 'for';
    if (plan.module === 'ModuleList' && body.kind === 'for') {
      this.#set(target, 'nn.ModuleList()');
      const sink = this.#statements(target, 'nn.ModuleList');
      this.#loop(stage, body, sink, () => this.#branchItem(body.stages, sink));
      return;
    }
    const stages = isOwn ? [stage] : body.kind === 'group' ? body.stages : [];
    this.#set(target, `${this.#sequentialClass(stages)}()`);
    this.#inSequence(stages, this.#statements(target), isOwn ? stage : undefined);
  }

  #statements(target: string, container = 'nn.Sequential'): Sink {
    return new Statements(this, target, container);
  }

  /** The stages of a block that is an `nn.Sequential`: one call of the constructor, or line by line. */
  constructChain(stages: readonly Stage[]): void {
    const { length } = this.init.lines;
    const parts: Entry[] | undefined = this.#attemptEntries(stages);
    if (parts?.every(({ name }) => name === undefined) === true) {
      const items = parts.map(({ text, loops }) => (loops.length === 0 ? text : `*[${text} ${loops.join(' ')}]`));
      this.init.call(`super().__init__(${lined(items)})`);
      return;
    }
    this.init.lines.length = length;
    this.init.raw('super().__init__()');
    this.#inSequence(stages, this.#statements('self'));
  }

  #attemptEntries(stages: readonly Stage[]): Entry[] | undefined {
    const sink = new Entries();
    return this.#attempt(() => {
      this.#inSequence(stages, sink);
      return '';
    }) === undefined
      ? undefined
      : sink.entries;
  }

  // -------------------------------------------------------------------------------------------- loops

  /** A loop in a container. */
  #loop(stage: Stage, body: ForStage | undefined, sink: Sink, turn: () => void): void {
    if (this.isIdle(stage)) return;
    if (sink instanceof Statements) {
      this.#loopStatement(stage, body, turn);
      return;
    }
    const form = this.unit.generic.loops.get(stage);
    if (form?.running.some(({ final }) => this.before?.symbols.has(final) === true) === true)
      throw new NeedsStatements();
    const index = new LoopIndex(this, stage, body, form);
    const [only, second] = sink.turn(() => {
      this.scoped(() => {
        index.bind();
        for (const running of form?.running ?? []) this.#runInline(stage, running, index);
        try {
          this.#lazily(turn);
        } finally {
          index.release();
        }
      });
    });
    // A comprehension has one element.
    if (only === undefined || second !== undefined) throw new NeedsStatements();
    sink.entries.push({ ...only, loops: [index.head, ...only.loops] });
  }

  /** `initial if i == 0 else next`, where a size is the same from the second turn on. */
  #runInline(stage: Stage, running: RunningSize, index: LoopIndex): void {
    const { symbol, next } = running;
    this.loopSymbols.set(symbol, () => {
      if (!this.#isSteady(stage, running)) throw new NeedsStatements();
      this.#assertCarried(stage, running);
      const initial = this.#initialOf(stage, running);
      const first = index.first();
      return equal(initial, next)
        ? this.size(initial)
        : `${within(this.size(initial), 1)} if ${first} else ${this.size(next)}`;
    });
  }

  /** Whether a loop never turns, in any use. */
  isIdle(stage: Stage): boolean {
    const count = this.unit.generic.loops.get(stage)?.count;
    return count !== undefined && constantValue(count) === 0n;
  }

  #loopStatement(stage: Stage, body: ForStage | undefined, turn: () => void): void {
    if (this.isIdle(stage)) return;
    const form = this.unit.generic.loops.get(stage);
    const index = new LoopIndex(this, stage, body, form);
    const carried: { readonly name: string; readonly running: RunningSize }[] = [];
    const isUsed = ({ symbol, final }: RunningSize): boolean =>
      this.before === undefined || this.before.symbols.has(symbol) || this.before.symbols.has(final);
    for (const running of form?.running ?? []) {
      if (this.#isSteady(stage, running) && this.before?.symbols.has(running.final) !== true) {
        this.#runInline(stage, running, index);
        continue;
      }
      if (!isUsed(running)) {
        // The first writing finds out whether it is needed.
        this.loopSymbols.set(running.symbol, () => 'channels');
        continue;
      }
      this.#assertCarried(stage, running);
      const wanted =
        running.axis === 1 ? 'channels' : running.axis === 2 ? 'height' : running.axis === 3 ? 'width' : 'size';
      const name = this.loopName(wanted, this.before?.symbols.has(running.final) !== false);
      this.init.assign(name, this.#carriedSize(running, this.#initialOf(stage, running)));
      this.loopSymbols.set(running.symbol, () => name);
      this.loopSymbols.set(running.final, () => name);
      carried.push({ name, running });
    }
    const outer = this.init.lines.length;
    this.init.depth += 1;
    this.scoped(() => {
      index.bind();
      this.#turns.push([]);
      turn();
      for (const name of this.#turns.pop()!) this.release(name);
      for (const { name, running } of carried) {
        this.init.assign(name, this.#carriedSize(running, running.next));
      }
      index.release();
    });
    this.init.depth -= 1;
    for (const { name } of carried) this.release(name);
    const inner = this.init.lines.splice(outer);
    const [head = ''] = index.head.split(' in ', 1);
    this.init.statement(`${head} in `, index.head.slice(head.length + 4), ':');
    for (const line of inner) this.init.lines.push(line);
    if (inner.length === 0)
      this.init.lines.push({ depth: this.init.depth + 1, prefix: 'pass', expression: '', suffix: '' });
    for (const { name, running } of carried) this.tell(running.final, name, name);
  }

  /** Whether a carried size is the same from the second turn on: nothing in it changes while the loop runs. */
  #isSteady(stage: Stage, { next }: RunningSize): boolean {
    const { loops, symbols } = this.unit.generic;
    const changing = loopsWithin([stage]);
    return [...symbolsOf(next)].every((name) => {
      const meaning = symbols.get(name);
      if (meaning?.kind === 'given') return !meaning.loops.some((loop) => changing.has(loop));
      return meaning === undefined || !('loop' in meaning) || (!changing.has(meaning.loop) && loops.has(meaning.loop));
    });
  }

  /** After a loop in a class of its own: what all its turns give out, where there is one. */
  override loopSize(name: string): string {
    for (const [stage, { count, running }] of this.unit.generic.loops) {
      const found = running.find(({ final }) => final === name);
      if (found === undefined) continue;
      if (count !== undefined && this.#isSteady(stage, found))
        return this.size(select(compare('>', count, ZERO), found.next, this.#initialOf(stage, found)));
      this.asked.add(name);
      const told = this.told.get(name);
      if (told !== undefined) return told;
    }
    return super.loopSize(name);
  }

  /** How sizes are read that loops in parts of this class end in. */
  readonly told = new Map<string, string>();

  /** Keeps a size that a loop ends in, where the class around this part asks for it. */
  tell(_size: string, _wanted: string, _text: string): void {
    // Nothing is around a class.
  }

  /** What goes into the first turn; where the generic form knows nothing of it, what it is in every use. */
  #initialOf(stage: Stage, { initial, tensor, axis }: RunningSize): Dimension {
    if (!isUnknown(initial)) return initial;
    const { instances } = this.unit.generic;
    const sizes = instances.flatMap(({ facts }) =>
      (facts.get(stage) ?? []).map(({ inputs }) => inputs?.[tensor]?.shape?.[axis] ?? initial),
    );
    const [first] = sizes;
    return first !== undefined && sizes.every((each) => equal(each, first)) ? first : initial;
  }

  #assertCarried(stage: Stage, running: RunningSize): void {
    if (isCarried(this.unit.generic, stage, running)) return;
    this.impossible(
      stage.range,
      'The sizes in this loop follow no rule that can be written: make a block of what it repeats, and give the sizes as parameters.',
    );
  }

  /** What a loop carries is needed only if what it becomes is. */
  #carriedSize({ symbol, final }: RunningSize, size: Dimension): string {
    const outer = this.nextOf;
    this.nextOf = symbol;
    const text = this.size(size);
    this.nextOf = outer;
    this.dependencies.set(final, new Set([symbol]));
    return text;
  }

  // -------------------------------------------------------------------------------------------- branches

  #branchesClass(stage: Stage, body: ParallelStage, plan: StagePlan): string {
    const inClass = typeof plan.name === 'string' && this.isInClass(stage);
    if (plan.module === 'ModuleList') return inClass ? 'nn.ModuleList' : this.#branchesHelper(stage, body);
    if (plan.module === 'ModuleDict') return inClass ? 'nn.ModuleDict' : this.#namedBranchesHelper(stage, body);
    return 'nn.Module';
  }

  /** Whether a stage stands in the class itself, not in a module of it: `forward` calls it then. */
  isInClass(stage: Stage): boolean {
    return this.classStages.has(stage);
  }
  readonly classStages = new Set<Stage>();

  /** Notes the stages that `forward` itself goes through. */
  noteClassStages(stages: readonly Stage[]): void {
    for (const stage of stages) {
      this.classStages.add(stage);
      const { body } = stage;
      if (this.planOf(stage).name !== undefined) continue;
      if (body.kind === 'for') this.noteClassStages(body.stages);
      else if (body.kind === 'if') this.noteClassStages([...body.then, ...(body.otherwise ?? [])]);
      else if (body.kind === 'parallel') for (const branch of body.branches) this.noteClassStages(branch);
    }
  }

  /** Whether each branch gets one tensor of a tuple. */
  isElementwise(stage: Stage, body: ParallelStage): boolean {
    const inputs = this.inputsOf(stage);
    if (inputs.length < 2 || !body.branches.every((branch) => this.#takesOne(branch))) return false;
    if (body.branches.some((branch) => branch.length === 1 && !isItem(branch))) {
      this.impossible(
        stage.range,
        'A tuple goes into these branches one by one, and a loop or condition makes some of them: write each branch by itself.',
      );
    }
    return inputs.length === body.branches.length;
  }

  #takesOne(branch: readonly Stage[]): boolean {
    const leaf = firstCall(branch);
    return leaf === undefined || this.inputsOf(leaf).length <= 1;
  }

  #branchesHelper(stage: Stage, body: ParallelStage): string {
    return this.isElementwise(stage, body)
      ? this.file.helper('ElementBranches', (name) => elementBranches(name, 'nn.ModuleList', 'self'))
      : this.file.helper('Branches', (name) => branches(name, 'nn.ModuleList', 'self'));
  }

  #namedBranchesHelper(stage: Stage, body: ParallelStage): string {
    return this.isElementwise(stage, body)
      ? this.file.helper('ElementNamedBranches', (name) => elementBranches(name, 'nn.ModuleDict', 'self.values()'))
      : this.file.helper('NamedBranches', (name) => branches(name, 'nn.ModuleDict', 'self.values()'));
  }

  #branches(stage: Stage, body: ParallelStage, plan: StagePlan): string {
    if (plan.module === 'Module' || plan.module === undefined) return this.partExpression(stage, body);
    const container = this.#branchesClass(stage, body, plan);
    return this.#collect(container, (sink) => {
      for (const branch of body.branches) this.#branchItem(branch, sink);
    });
  }

  /** Branches named as in a class, inside an `nn.Sequential`; overridden where classes are written. */
  partExpression(stage: Stage, _body: ParallelStage): string {
    return this.impossible(stage.range, 'These branches can’t stand here.');
  }

  #branchItem(branch: readonly Stage[], sink: Sink): void {
    const [only] = branch;
    if (only === undefined) return;
    if (!isItem(branch)) {
      const { body } = only;
      if (branch.length === 1 && body.kind === 'for') {
        this.#loop(only, body, sink, () => this.#branchItem(body.stages, sink));
        return;
      }
      if (branch.length === 1 && body.kind === 'if') {
        const { otherwise } = body;
        const arm = this.onlyArm(body);
        if (arm !== undefined) {
          this.#branchItem(arm, sink);
          return;
        }
        sink.branch(
          this.print(body.condition, INIT),
          () => this.#branchItem(body.then, sink),
          otherwise === undefined ? undefined : () => this.#branchItem(otherwise, sink),
        );
        return;
      }
      sink.add(undefined, sink instanceof Statements ? this.#hoistedSequential(branch) : this.sequential(branch));
      return;
    }
    this.#add(only, this.planOf(only), sink, () => this.moduleExpression(only));
  }

  // -------------------------------------------------------------------------------------------- calls

  callExpression(stage: Stage, body: CallStage): string {
    const name = body.callee.text;
    const args = body.arguments ?? [];
    if (this.parameter(name) !== undefined) {
      this.mentioned.add(name);
      return `${this.nameOf(name)}(${this.#protocolArguments(stage, name).join(', ')})`;
    }
    const callee = this.unit.resolve(name);
    switch (callee.kind) {
      case 'shared':
        return attribute(name);
      case 'layer':
        return this.#layerExpression(stage, callee.layer, args);
      case 'definition':
        return callee.definition.kind === 'extern'
          ? this.externExpression(stage, callee.definition, args)
          : this.blockExpression(stage, callee.definition, args);
      case 'parameter':
      case 'unknown':
        return this.impossible(body.callee.range, `There is no layer called ${name}.`);
    }
  }

  #protocolArguments(stage: Stage, name: string): string[] {
    const [input] = this.inputsOf(stage);
    return this.file.protocol(this.unit.definition, name).map((axis) => {
      const size = input?.shape?.at(axis);
      return size === undefined ? 'None' : this.size(size);
    });
  }

  #layerExpression(stage: Stage, layer: Layer, args: readonly Argument[]): string {
    const node = this.nodeOf(stage);
    const { python } = layer;
    if (this.inlined.has(stage)) return 'nn.Identity()';
    if (this.isRuntime(layer, args)) return this.runtimeExpression(stage, layer, args);
    if (python.kind === 'function') return this.functionExpression(layer, args);
    const types = this.typesOf(stage);
    const isFirst =
      node?.kind === 'layer' &&
      (stage.count !== undefined || !this.isInClass(stage)) &&
      (node.outputs.length > 1 || isForwarded(layer, types));
    const constructor = isFirst ? this.file.firstOutput(layer, types) : this.file.constructorOf(layer);
    const place = placeOfStage(stage);
    const texts = this.constructorArguments(layer, args, (parameter) => this.inferredText(place, parameter), place);
    return `${constructor}(${texts.join(', ')})`;
  }

  /** A tensor function as a module. */
  functionExpression(layer: Layer, args: readonly Argument[]): string {
    const { python } = layer;
    if (python.kind !== 'function') return 'None';
    const texts = this.constructorArguments(layer, oneByOne(layer, args), () => undefined);
    if (python.module !== undefined) return `${python.module}(${texts.join(', ')})`;
    const name = this.file.functionModule(layer, [...bindArguments(layer, args).keys()]);
    return `${name}(${texts.join(', ')})`;
  }

  /** Stages whose call stands in the `forward` of an `nn.Sequential` of its own: at their positions stands nothing. */
  readonly inlined = new Set<Stage>();

  /** Stages that need a size of another tensor than the one that comes in. */
  farStages(stages: readonly Stage[]): readonly Stage[] {
    return stages.filter((stage) => {
      const { body } = stage;
      if (body.kind !== 'call' || stage.count !== undefined) return false;
      const callee = this.unit.resolve(body.callee.text);
      const args = body.arguments ?? [];
      if (callee.kind !== 'layer' || this.parameter(body.callee.text) !== undefined) return false;
      return this.isRuntime(callee.layer, args) && !this.isNear(stage, callee.layer, args);
    });
  }

  /** A call that reads sizes from what comes in, as a module; overridden where classes are written. */
  runtimeExpression(stage: Stage, layer: Layer, _args: readonly Argument[]): string {
    return this.impossible(stage.range, `${layer.name} needs a size here that is known only when the model runs.`);
  }

  /** A block's class with the sizes that it takes. */
  blockExpression(stage: Stage, definition: Definition, args: readonly Argument[]): string {
    const signature = this.file.signature(this.unit, stage);
    if (signature === undefined)
      return this.impossible(stage.range, `${definition.name.text} is used in a way that has no Python.`);
    const inputs = this.inputsOf(stage);
    const sizes: string[] = [];
    const last: string[] = [];
    for (const argument of signature.sizes) {
      const { name, place } = argument;
      if (place === undefined) {
        last.push(`${name}=${this.givenSize(stage, signature, argument)}`);
        continue;
      }
      const size = inputs[place.input]?.shape?.[place.axis];
      sizes.push(this.sizeAt(stage, size, (node) => node.inputs[place.input]?.shape?.[place.axis]));
    }
    const outer = this.passedTo;
    this.passedTo = stage;
    const given = this.blockArguments(signature, args);
    this.passedTo = outer;
    return `${signature.unit.name}(${[...sizes, ...given, ...last].join(', ')})`;
  }

  /** What a size without a generic form is in all uses of this stage. */
  givenSize(stage: Stage, _signature: Signature, _argument: SizeArgument): string {
    return this.impossible(stage.range, `A size in this block ${NO_RULE}`);
  }

  blockArguments({ unit, parameters }: Signature, args: readonly Argument[]): string[] {
    const declared = unit.definition.parameters;
    const firstKeyword = declared.findIndex((each) => parameters.get(each.name.text)?.keywordOnly === true);
    return args.map(({ name, value }, i) => {
      const parameter = name === undefined ? declared[i] : declared.find((each) => each.name.text === name.text);
      if (parameter === undefined) return this.print(value, INIT);
      const python = parameters.get(parameter.name.text);
      const isLayer = this.valueOf(value)?.kind === 'layer';
      const outer = this.factoryAxes;
      if (isLayer) this.factoryAxes = this.file.protocol(unit.definition, parameter.name.text);
      const isInt = parameter.type?.text === 'int' || this.valueOf(value)?.kind === 'int';
      const text = isInt ? this.printInt(value) : this.print(value, INIT);
      this.factoryAxes = outer;
      return name !== undefined || (firstKeyword >= 0 && i >= firstKeyword)
        ? `${python?.name ?? parameter.name.text}=${text}`
        : text;
    });
  }

  externExpression(stage: Stage, definition: Extern, args: readonly Argument[]): string {
    if (definition.isFunction) return this.#externModule(stage, definition, args);
    const { construction } = definition;
    const called = this.importExtern(definition);
    if (construction?.kind !== 'call') {
      const texts = args.map(
        (argument) =>
          `${argument.name === undefined ? '' : `${argument.name.text}=`}${this.print(argument.value, INIT)}`,
      );
      return `${called}(${texts.join(', ')})`;
    }
    return `${called}(${this.externArguments(stage, definition, construction.arguments, args, true)})`;
  }

  /** The Python class or function that an extern is, imported. */
  importExtern({ construction, module, name }: Extern): string {
    const written = construction?.kind === 'call' ? construction.callee : construction?.name;
    return this.file.importFrom(module.value, (written ?? name).text);
  }

  /** A Python function as a module, where one is needed: a class that keeps its arguments. */
  #externModule(stage: Stage, definition: Extern, args: readonly Argument[]): string {
    const { parameters, inputs, construction, outputs } = definition;
    const called = this.importExtern(definition);
    const fields = new Map<string, string>();
    for (const { name } of parameters)
      fields.set(
        name.text,
        freshName(name.text, (each) => [...fields.values()].includes(each)),
      );
    const tensors = new Map<string, string>();
    for (const { name } of inputs)
      tensors.set(
        name.text,
        freshName(name.text, (each) => each === called || [...tensors.values()].includes(each)),
      );
    const names = [...tensors.values()];
    const written =
      construction?.kind === 'call'
        ? this.externArguments(stage, definition, construction.arguments, [], false, tensors, fields)
        : parameters.map(({ name }) => `self.${fields.get(name.text)!}`).join(', ');
    const isGiven = construction?.kind === 'call' && mentions(construction.arguments, tensors);
    const call = `${called}(${[...(isGiven ? [] : names), ...(written === '' ? [] : [written])].join(', ')})`;
    const environment = this.initEnvironment;
    const declared = parameters.map(({ name, type, default: standard }) => {
      const typed = `${fields.get(name.text)!}: ${EXTERN_TYPES.get(type?.text) ?? 'object'}`;
      return standard === undefined ? typed : `${typed} = ${printExpression(standard, environment)}`;
    });
    const { text: own } = definition.name;
    const made = this.file.helper(
      own.charAt(0).toUpperCase() + own.slice(1),
      (name) => [
        `class ${name}(nn.Module):`,
        ...(declared.length === 0
          ? []
          : [
              ...layoutDefinition('__init__', ['self', ...declared], 'None', 1),
              '        super().__init__()',
              ...[...fields.values()].map((field) => `        self.${field} = ${field}`),
              '',
            ]),
        ...layoutDefinition(
          'forward',
          ['self', ...names.map((each) => `${each}: torch.Tensor`)],
          outputs.length > 1 ? 'tuple[torch.Tensor, ...]' : 'torch.Tensor',
          1,
        ),
        ...layoutStatement('return ', call, '', 2),
      ],
      definition.id,
    );
    const texts = args.map(({ name, value }) => {
      const text = this.print(value, INIT);
      return name === undefined ? text : `${fields.get(name.text) ?? name.text}=${text}`;
    });
    return `${made}(${texts.join(', ')})`;
  }

  /** The arguments of an extern's construction, over what the use gives and what comes in. */
  externArguments(
    stage: Stage,
    definition: Extern,
    construction: readonly Argument[],
    args: readonly Argument[],
    inInit: boolean,
    tensors: ReadonlyMap<string, string> = new Map(),
    /** In a module of its own: the parameters' fields. */
    fields?: ReadonlyMap<string, string>,
  ): string {
    const outer = inInit ? this.initEnvironment : this.forwardEnvironment;
    const given = new Map<string, Expression>();
    definition.parameters.forEach((parameter, i) => {
      const argument =
        args.find((each) => each.name?.text === parameter.name.text) ??
        (args[i]?.name === undefined ? args[i] : undefined);
      if (argument !== undefined) given.set(parameter.name.text, argument.value);
    });
    const node = this.nodeOf(stage);
    const facts = node?.kind === 'extern' ? node.instance.facts : undefined;
    const isTensor = (expression: Expression): boolean =>
      expression.kind === 'name' && definition.inputs.some((port) => port.name.text === expression.name.text);
    const environment: typeof outer = {
      ...outer,
      valueOf: (expression) => facts?.get(expression)?.[0]?.value,
      name: ({ text }, expression) => {
        const tensor = tensors.get(text);
        if (tensor !== undefined) return tensor;
        const field = fields?.get(text);
        if (field !== undefined) return `self.${field}`;
        const argument = given.get(text);
        if (argument !== undefined) return printExpression(argument, outer);
        const standard = definition.parameters.find((parameter) => parameter.name.text === text)?.default;
        return standard === undefined
          ? outer.impossible(expression, `${text} has no value here.`)
          : printExpression(standard, environment);
      },
      size: (expression) => {
        if (fields !== undefined) return sizeInModule(expression, tensors);
        const isSize =
          (expression.kind === 'member' && isTensor(expression.object)) ||
          (expression.kind === 'index' && expression.object.kind === 'member' && isTensor(expression.object.object));
        if (!isSize) return undefined;
        const value = facts?.get(expression)?.[0]?.value;
        return value?.kind === 'int' ? (inInit ? this.size(value.value) : this.runtimeSize(value.value)) : undefined;
      },
    };
    return construction
      .map(({ name, value }) => `${name === undefined ? '' : `${name.text}=`}${printExpression(value, environment)}`)
      .join(', ');
  }
}

/** Adds modules line by line. */
class Statements {
  readonly #scope: Construction;
  readonly #target: string;
  readonly #container: string;

  constructor(scope: Construction, target: string, container: string) {
    this.#scope = scope;
    this.#target = target;
    this.#container = container;
  }

  add(name: string | undefined, module: string): void {
    const { init } = this.#scope;
    const isDict = this.#container === 'nn.ModuleDict' || this.#container.includes('NamedBranches');
    if (name === undefined) init.call(`${this.#target}.append(${module})`);
    else if (isDict) init.assign(`${this.#target}[${name}]`, module);
    else if (this.#target === 'self' && name.startsWith('"') && !isMangled(name.slice(1, -1)))
      init.assign(`self.${name.slice(1, -1)}`, module);
    else init.call(`${this.#target}.add_module(${name}, ${module})`);
  }

  loop(_head: string, body: () => void): void {
    body();
  }

  /** The attribute that a name is, where the modules are the class's own. */
  attributeOf(name: string | undefined): string | undefined {
    if (this.#target !== 'self' || name?.startsWith('"') !== true || isMangled(name.slice(1, -1))) return undefined;
    return attribute(name.slice(1, -1));
  }

  /** `isIf`: the other arm is one more `if`. */
  branch(condition: string, then: () => void, otherwise: (() => void) | undefined, isIf = false): void {
    const { init } = this.#scope;
    init.block('if ', condition, () => this.#scope.scoped(then));
    if (otherwise !== undefined) init.otherwise(isIf, () => this.#scope.scoped(otherwise));
  }
}

/** The head of a loop, which is known after its body: whether a counter is needed. */
class LoopIndex {
  readonly #scope: Construction;
  readonly #body: ForStage | undefined;
  readonly #form: LoopForm | undefined;
  #counter: string | undefined;
  readonly #before = new Map<string, (() => string) | undefined>();
  readonly #names: readonly string[];
  readonly #iterable: string;
  /** The counter gets its name where it is first needed, perhaps behind a loop inside. */
  readonly #inside = new Set<string>();

  constructor(scope: Construction, stage: Stage, body: ForStage | undefined, form: LoopForm | undefined) {
    this.#scope = scope;
    this.#body = body;
    this.#form = form;
    this.#names = body?.names.map(({ text }) => scope.enterLoop(text)) ?? [];
    this.#iterable =
      body === undefined
        ? `range(${scope.print(stage.count ?? body_missing(), INIT, true)})`
        : scope.print(body.iterable, INIT);
  }

  bind(): void {
    const form = this.#form;
    this.#scope.namesInside.push(this.#inside);
    if (form === undefined) return;
    this.#before.set(form.index, this.#scope.loopSymbols.get(form.index));
    this.#scope.loopSymbols.set(form.index, () => this.#indexText());
    const start = this.#rangeStart();
    const [variable] = form.variables;
    if (start !== undefined && variable !== undefined)
      this.#scope.loopSizes.set(form.index, subtract(symbol(variable.symbol), constant(start)));
    form.variables.forEach(({ symbol, name }) => {
      this.#scope.loopSymbols.set(symbol, () => this.#scope.nameOf(name));
    });
  }

  release(): void {
    this.#scope.namesInside.pop();
    if (this.#counter !== undefined) this.#scope.release(this.#counter);
    for (const name of this.#names) this.#scope.release(name);
    for (const [symbol, bound] of this.#before) {
      if (bound === undefined) this.#scope.loopSymbols.delete(symbol);
      else this.#scope.loopSymbols.set(symbol, bound);
    }
  }

  /** The range's variable and where it begins, where the loop is over a range. */
  #range(): { readonly name: string; readonly start: string } | undefined {
    const [name, second] = this.#names;
    const iterable = this.#body?.iterable;
    if (name === undefined || second !== undefined || iterable?.kind !== 'binary' || iterable.operator !== '..')
      return undefined;
    return { name, start: this.#scope.print(iterable.left, INIT, true) };
  }

  #rangeStart(): bigint | undefined {
    const iterable = this.#body?.iterable;
    if (this.#range() === undefined || iterable?.kind !== 'binary') return undefined;
    const value = this.#scope.valueOf(iterable.left);
    return value?.kind === 'int' ? constantValue(value.value) : undefined;
  }

  #indexText(): string {
    const range = this.#range();
    if (range === undefined) return this.#count();
    return range.start === '0' ? range.name : `(${range.name} - ${range.start})`;
  }

  #count(): string {
    this.#counter ??= this.#scope.loopName('i', false, this.#inside);
    return this.#counter;
  }

  /** Whether this is the first turn. */
  first(): string {
    const range = this.#range();
    return range === undefined ? `${this.#count()} == 0` : `${range.name} == ${range.start}`;
  }

  get head(): string {
    const names = this.#names.join(', ');
    if (this.#body === undefined) return `for ${this.#counter ?? '_'} in ${this.#iterable}`;
    if (this.#counter === undefined) return `for ${names} in ${this.#iterable}`;
    const target = this.#names.length === 1 ? names : `(${names})`;
    return `for ${this.#counter}, ${target} in enumerate(${this.#iterable})`;
  }
}

/** The call that a chain begins with. */
function firstCall(stages: readonly Stage[]): Stage | undefined {
  const [first] = stages;
  switch (first?.body.kind) {
    case 'call':
      return first;
    case 'group':
    case 'for':
      return firstCall(first.body.stages);
    case 'if':
      return firstCall(first.body.then);
    default:
      return undefined;
  }
}

/** Stages that are one `if` to be spliced. */
function isOneIf(stages: readonly Stage[] | undefined): boolean {
  const [only, second] = stages ?? [];
  return only?.body.kind === 'if' && second === undefined && only.label === undefined && only.count === undefined;
}

/** The loops among these stages and inside them. */
export function loopsWithin(stages: readonly Stage[], found = new Set<Stage>()): Set<Stage> {
  for (const stage of stages) {
    const { body } = stage;
    if (body.kind === 'for' || stage.count !== undefined) found.add(stage);
    if (body.kind === 'for' || body.kind === 'group') loopsWithin(body.stages, found);
    else if (body.kind === 'if') loopsWithin([...body.then, ...(body.otherwise ?? [])], found);
    else if (body.kind === 'parallel') loopsWithin(body.branches.flat(), found);
  }
  return found;
}

function body_missing(): Expression {
  throw new Error('A repetition has a count.');
}

function statementOf(scope: ClassScope, name: string): Statement {
  const found = scope.unit.definition.statements.find(
    (statement) => (statement.kind === 'weight' || statement.kind === 'buffer') && statement.name.text === name,
  );
  if (found === undefined) throw new Error(`There is no weight ${name}.`);
  return found;
}

/** Whether a container is a helper class of this kind; where its name is taken it has a number. */
function isHelper(container: string, kind: string): boolean {
  return container.replace(/_\d+$/u, '').endsWith(kind);
}

/** Items of a container: each on a line of its own where they are many or long. */
function lined(items: readonly string[]): string {
  const text = items.join(', ');
  return items.length > 2 || (items.length > 1 && text.length > 60) ? `${text},,` : text;
}

const EXTERN_TYPES: ReadonlyMap<string | undefined, string> = new Map([
  ['int', 'int'],
  ['float', 'float'],
  ['bool', 'bool'],
  ['str', 'str'],
]);

/** `x.channels` where nothing is known of `x` but its name. */
function sizeInModule(expression: Expression, tensors: ReadonlyMap<string, string>): string | undefined {
  if (expression.kind !== 'member' || expression.object.kind !== 'name') return undefined;
  const tensor = tensors.get(expression.object.name.text);
  const read = SIZES.get(expression.member.text);
  return tensor === undefined || read === undefined ? undefined : tensor + read;
}
const SIZES: ReadonlyMap<string, string> = new Map([
  ['channels', '.shape[1]'],
  ['height', '.shape[-2]'],
  ['width', '.shape[-1]'],
  ['features', '.shape[-1]'],
  ['rank', '.dim()'],
  ['shape', '.shape'],
]);

/** Whether arguments name one of these. */
export function mentions(args: readonly Argument[], names: ReadonlyMap<string, string>): boolean {
  return args.some(({ value }) => [...usesInExpression(value)].some((use) => names.has(use.name.text)));
}

/** Sizes that are taken one by one, written so where they are a list: the class takes `*dims`. */
function oneByOne(layer: Layer, args: readonly Argument[]): readonly Argument[] {
  const [only, second] = args;
  const isOneByOne = Object.values(layer.parameters).some(({ variadic }) => variadic === true);
  if (!isOneByOne || only?.name === undefined || second !== undefined) return args;
  const { value, range } = only;
  return value.kind === 'list' || value.kind === 'tuple'
    ? value.items.map((item) => ({ value: item, range: item.range }))
    : [{ value, range }];
}

function negated(test: string): string {
  const inner = /^not (.*)$/su.exec(test)?.[1];
  if (inner !== undefined && precedenceOf(test) === precedenceOf('not x')) return withoutParentheses(inner);
  const sides = equationOf(test);
  if (sides !== undefined) return `${sides.left} ${sides.operator === '==' ? '!=' : '=='} ${sides.right}`;
  return /^[\p{XID_Start}_][\p{XID_Continue}.]*$/u.test(test) ? `not ${test}` : `not (${test})`;
}

/** `(a and b)` is `a and b`; `(a)(b)` stays. */
function withoutParentheses(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth += 1;
    else if (text[i] === ')') depth -= 1;
    if (depth === 0 && i < text.length - 1) return text;
  }
  return text.slice(1, -1);
}

export function tupleSequential(name: string): string[] {
  return [
    `class ${name}(nn.Sequential):`,
    '    """Modules in a row, of which each may pass on several tensors to the next."""',
    '',
    '    def forward(self, *inputs: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:',
    '        outputs = inputs if len(inputs) > 1 else inputs[0]',
    '        for module in self:',
    '            outputs = module(*inputs)',
    '            inputs = outputs if isinstance(outputs, tuple) else (outputs,)',
    '        return outputs',
  ];
}

function branches(name: string, base: string, items: string): string[] {
  return [
    `class ${name}(${base}):`,
    '    """Modules side by side: each gets the input, and a tuple comes out."""',
    '',
    '    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:',
    `        return tuple(branch(*inputs) for branch in ${items})`,
  ];
}

function elementBranches(name: string, base: string, items: string): string[] {
  return [
    `class ${name}(${base}):`,
    '    """Modules side by side, each for one of the inputs."""',
    '',
    '    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:',
    `        return tuple(branch(x) for branch, x in zip(${items}, inputs))`,
  ];
}
