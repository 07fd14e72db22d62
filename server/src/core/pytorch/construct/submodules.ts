/** A stage as a submodule: one expression, or statements that fill a container line by line. */
import type { ForStage, IfStage, ParallelStage, Stage } from '../../definition.ts';
import { type StagePlan, isItem, takesLabel } from '../../elaborate/names.ts';
import { attribute, within } from '../python.ts';
import { INIT, NeedsStatements } from '../scope.ts';
import { Calls } from './calls.ts';
import { branchesClass, sequentialClass } from './containers.ts';
import { Entries, type Sink, Statements, containerText, positional } from './sinks.ts';
import { oneIf } from './stages.ts';

export class Submodules extends Calls {
  // -------------------------------------------------------------------------------------------- as statements

  /** The stages of a block that is an `nn.Sequential`: one call of the constructor, or line by line. */
  constructChain(stages: readonly Stage[]): void {
    const { length } = this.init.lines;
    const entries = this.#attempt(() => {
      const sink = new Entries();
      this.#inSequence(stages, sink);
      return sink.entries;
    });
    if (entries?.every(({ name }) => name === undefined) === true) {
      this.init.call(`super().__init__(${positional(entries)})`);
      return;
    }
    this.init.lines.length = length;
    this.init.raw('super().__init__()');
    this.#inSequence(stages, this.#statements('self'));
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
    if (isFrozen) this.init.call(frozen(target));
  }

  /** The one module of an `if` without `else`, or `nn.Identity()` in its place. */
  assignSole(stage: Stage, body: IfStage): void {
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

  /** A module whose name has numbers in it that are known only in `__init__`. */
  addNumbered(stage: Stage, plan: StagePlan): void {
    const name = this.nameText(plan);
    const module = this.#hoisted(stage, () => this.#moduleExpression(stage), false);
    this.init.call(`self.add_module(${name ?? '""'}, ${frozen(module, stage.frozen)})`);
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
    const inner = oneIf(body.otherwise);
    if (inner !== undefined) this.#assignChosen(inner, target, isFrozen, 'elif ');
    else this.init.block('else:', '', () => this.scoped(() => this.#assignArm(body.otherwise ?? [], target, isFrozen)));
  }

  #assignArm(arm: readonly Stage[], target: string, isFrozen: boolean): void {
    const [only] = arm;
    const inner = oneIf(arm);
    if (only === undefined) this.#set(target, 'nn.Identity()');
    else if (inner !== undefined) this.#assignChosen(inner, target, isFrozen);
    else if (takesLabel(arm)) this.assign(only, target, isFrozen);
    else this.#fillSequential(arm, target, isFrozen);
  }

  #fillSequential(stages: readonly Stage[], target: string, isFrozen: boolean): void {
    const text = this.#attempt(() => this.sequential(stages));
    if (text !== undefined) this.#set(target, frozen(text, isFrozen));
    else {
      this.#fillInSequence(stages, target);
      if (isFrozen) this.init.call(frozen(target));
    }
  }

  /** Fills a container by statements. */
  #fill(stage: Stage, target: string): void {
    const { body } = stage;
    const plan = this.planOf(stage);
    if (stage.count === undefined && body.kind === 'if') {
      this.#assignChosen(body, target, false);
      return;
    }
    if (stage.count === undefined && body.kind === 'parallel') {
      const container = branchesClass(this, stage, body, plan);
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
    this.#fillInSequence(stages, target, isOwn ? stage : undefined);
  }

  #fillInSequence(stages: readonly Stage[], target: string, repeated?: Stage): void {
    this.#set(target, `${sequentialClass(this, stages)}()`);
    this.#inSequence(stages, this.#statements(target), repeated);
  }

  #statements(target: string, container = 'nn.Sequential'): Sink {
    return new Statements(this, target, container);
  }

  // -------------------------------------------------------------------------------------------- as an expression

  /** A stage's module. */
  #moduleExpression(stage: Stage): string {
    const plan = this.planOf(stage);
    const { body } = stage;
    if (plan.module === 'ModuleList' && body.kind === 'for') {
      return this.#collect('nn.ModuleList', (sink) =>
        this.#loop(stage, body, sink, () => this.#branchItem(body.stages, sink)),
      );
    }
    if (stage.count !== undefined || body.kind === 'for')
      return this.#collect(sequentialClass(this, [stage]), (sink) => this.#inSequence([stage], sink, stage));
    if (body.kind === 'if') return this.#chosenExpression(body);
    return this.#itemExpression(stage, plan);
  }

  #chosenExpression(body: IfStage): string {
    const arm = (stages: readonly Stage[]): string => {
      const [only] = stages;
      if (only === undefined) return 'nn.Identity()';
      return takesLabel(stages) ? this.#moduleExpression(only) : this.sequential(stages);
    };
    const certain = this.onlyArm(body);
    if (certain !== undefined) return arm(certain);
    const [then, otherwise] = this.#lazily(() => [arm(body.then), arm(body.otherwise ?? [])]);
    return then === otherwise ? then : `${then} if ${this.print(body.condition, INIT)} else ${otherwise}`;
  }

  /** One item: without its count. */
  #itemExpression(stage: Stage, plan: StagePlan): string {
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
    return this.#collect(sequentialClass(this, stages), (sink) => this.#inSequence(stages, sink));
  }

  #branches(stage: Stage, body: ParallelStage, plan: StagePlan): string {
    if (plan.module === 'Module' || plan.module === undefined) return this.partExpression(stage, body);
    const container = branchesClass(this, stage, body, plan);
    return this.#collect(container, (sink) => {
      for (const branch of body.branches) this.#branchItem(branch, sink);
    });
  }

  /** Branches named as in a class, inside an `nn.Sequential`; overridden where classes are written. */
  partExpression(stage: Stage, _body: ParallelStage): string {
    return this.impossible(stage.range, 'These branches can’t stand here.');
  }

  /** A container as one expression. */
  #collect(container: string, fill: (sink: Sink) => void): string {
    const sink = new Entries();
    fill(sink);
    return containerText(container, sink.entries);
  }

  // -------------------------------------------------------------------------------------------- into a container

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
      } else this.#add(stage, plan, sink, () => this.#moduleExpression(stage));
    }
  }

  /** A branch of a list or dictionary of branches. */
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
      sink.add(undefined, this.#sequentialFor(sink, branch));
      return;
    }
    this.#add(only, this.planOf(only), sink, () => this.#moduleExpression(only));
  }

  #loop(stage: Stage, body: ForStage | undefined, sink: Sink, turn: () => void): void {
    if (sink instanceof Statements) this.loopStatement(stage, body, turn);
    else this.comprehension(stage, body, sink, () => this.#lazily(turn));
  }

  /** An `if` that isn't decided. */
  #branch({ condition, then, otherwise }: IfStage, sink: Sink, add: (arm: readonly Stage[]) => void): void {
    sink.branch(
      this.print(condition, INIT),
      () => add(then),
      otherwise === undefined ? undefined : () => add(otherwise),
      this.isElif(otherwise),
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
        () => this.#itemExpression(stage, { name: undefined, module: body.kind === 'parallel' ? 'Module' : undefined }),
        true,
      );
  }

  #add(stage: Stage, plan: StagePlan | undefined, sink: Sink, make: () => string, isItem = false): void {
    const name = plan === undefined ? undefined : this.nameText(plan);
    const { body, frozen: isFrozen } = stage;
    if (plan?.module === 'chosen' && body.kind === 'if') {
      this.#addChosen(body, name, sink, isFrozen);
      return;
    }
    const own = sink instanceof Statements ? sink.attributeOf(name) : undefined;
    if (own !== undefined && !isItem) {
      this.assign(stage, own, isFrozen);
      return;
    }
    sink.add(name, frozen(this.#moduleFor(sink, stage, make, isItem), isFrozen));
  }

  #addArm(arm: readonly Stage[], name: string | undefined, sink: Sink, isFrozen: boolean): void {
    const [only] = arm;
    if (only === undefined) return;
    const inner = oneIf(arm);
    if (inner !== undefined) {
      this.#addChosen(inner, name, sink, isFrozen);
      return;
    }
    const text = takesLabel(arm) ? this.#moduleFor(sink, only) : this.#sequentialFor(sink, arm);
    sink.add(name, frozen(text, isFrozen));
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
      sink.add(name, isFrozen ? frozen(`(${text})`) : text);
      return;
    }
    this.#branch(body, sink, add);
  }

  /** Whether something is chosen in any case. */
  #isTotal(body: IfStage): boolean {
    const certain = this.onlyArm(body);
    const arms = certain === undefined ? [body.then, body.otherwise ?? []] : [certain];
    return arms.every((arm) => {
      const inner = oneIf(arm);
      return arm.length > 0 && (inner === undefined || this.#isTotal(inner));
    });
  }

  #moduleFor(sink: Sink, stage: Stage, make = () => this.#moduleExpression(stage), isOneItem = false): string {
    return sink instanceof Statements ? this.#hoisted(stage, make, isOneItem) : make();
  }

  #sequentialFor(sink: Sink, stages: readonly Stage[]): string {
    return sink instanceof Statements ? this.#hoistedSequential(stages) : this.sequential(stages);
  }

  #hoistedSequential(stages: readonly Stage[]): string {
    const text = this.#attempt(() => this.sequential(stages));
    if (text !== undefined) return text;
    const local = this.local('layers');
    this.#fillInSequence(stages, local);
    return local;
  }

  /** A module as an expression, or as a variable that was filled before. */
  #hoisted(stage: Stage, make: () => string, isOneItem: boolean): string {
    const text = this.#attempt(make);
    if (text !== undefined) return text;
    const { body } = stage;
    if (isOneItem && body.kind === 'group') return this.#hoistedSequential(body.stages);
    const { name } = this.planOf(stage);
    const local = this.local(typeof name === 'string' ? name : 'layers');
    this.#fill(stage, local);
    return local;
  }

  // -------------------------------------------------------------------------------------------- one or the other

  #tryExpression(stage: Stage, isFrozen: boolean): string | undefined {
    const text = this.#attempt(() => this.#moduleExpression(stage));
    return text === undefined ? undefined : frozen(text, isFrozen);
  }

  /** The text, unless it needs statements; those that it needs before it are written then. */
  #attempt<T>(run: () => T): T | undefined {
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
    const local = this.#held.get(part) ?? this.local('branches');
    this.#held.set(part, local);
    this.init.assign(local, text);
    return local;
  }
  /** By their classes: what is tried as an expression is written again as statements. */
  readonly #held = new Map<string, string>();
}

function frozen(module: string, isFrozen = true): string {
  return isFrozen ? `${module}.requires_grad_(False)` : module;
}
