/**
 * Names in PyTorch: which attribute each stage of a definition becomes, hence the `state_dict`'s keys.
 *
 * Read from the text alone, all arms of each `if` included, so that names don't change with arguments. What depends on
 * values stays open: positions in an `nn.Sequential`, and labels with a number in them.
 */
import type {
  Block,
  Expression,
  ForStage,
  Identifier,
  IfStage,
  Label,
  Model,
  Range,
  Site,
  Stage,
  StageBody,
  Statement,
} from '../definition.ts';
import { type Fix, fix, freeName, insert, placed, replace, withFixes } from '../fix.ts';
import type { Problem } from '../problem.ts';
import { type Callee, type Resolve, chainOf } from './chain.ts';
import { stagesIn } from './callStages.ts';
import { whyReserved } from './reserved.ts';
import { childrenOf, namesBoundBy } from './uses.ts';

export { type Callee, type Resolve } from './chain.ts';

/** The name of a stage that is numbered among what is built in the module around it. */
export const POSITION = Symbol('position');

/**
 * What one stage of the text becomes. A stage with a count has one plan for the repetition as a whole: where that is
 * an `nn.Sequential`, its items stand at positions in it, else they are spliced into the module around it, each under
 * this name.
 */
export interface StagePlan {
  /**
   * The attribute in the module around it; a {@link Label} has numbers in it. `undefined` for what has no module of its
   * own: a function's call in a class, a use of a shared `layer` there, and stages that are spliced.
   */
  readonly name: string | Label | typeof POSITION | undefined;
  /**
   * The module of modules that it becomes around what it holds; `undefined` where it holds nothing or is spliced.
   *
   * - `Module`: an unlabelled `[ … ]` inside an `nn.Sequential`; in it the branches are named as in a class.
   * - `ModuleList`, `ModuleDict`: one item a branch, where a branch of several stages ({@link isItem} says no) is an
   *   `nn.Sequential` that no stage stands for. A `for` or `if` around whole branches is spliced.
   * - `chosen`: a labelled `if`. The name goes to the one stage of the arm that is built ({@link takesLabel}: that stage's
   *   plan says so again), else to an `nn.Sequential` around the arm.
   */
  readonly module: 'Sequential' | 'ModuleList' | 'ModuleDict' | 'Module' | 'chosen' | undefined;
}

export interface NamePlan {
  /** A block that is one chain numbers its stages like a group; everything else is a class with a `forward`. */
  readonly form: 'Sequential' | 'Module';
  /** In `Sequential` form: the chain. */
  readonly chain: readonly Stage[] | undefined;
  /** A plan for every stage, at every depth. */
  readonly stages: ReadonlyMap<Stage, StagePlan>;
  /** Of each label that the arms of an `if` share, all labels of that one attribute. */
  readonly namesakes: ReadonlyMap<Label, readonly Label[]>;
  readonly problems: readonly Problem[];
}

/** Whether stages are one item by themselves: an arm or branch of one stage that isn't spliced. */
export function isItem(stages: readonly Stage[]): boolean {
  const [only, second] = stages;
  return only !== undefined && second === undefined && !isSpliced(only);
}

/** Whether an arm of a labelled `if` is one stage, to which the label goes; of others an `nn.Sequential` is made. */
export function takesLabel(arm: readonly Stage[]): boolean {
  const [only, second] = arm;
  return (
    only !== undefined &&
    second === undefined &&
    only.label === undefined &&
    only.count === undefined &&
    only.body.kind !== 'for'
  );
}

function isSpliced({ label, count, body }: Stage): boolean {
  return label === undefined && count === undefined && (body.kind === 'for' || body.kind === 'if');
}

export function planNames(definition: Model | Block, resolve: Resolve): NamePlan {
  const planner = new Planner(definition, resolve);
  const chain = chainOf(definition, resolve);
  const form = chain === undefined ? 'Module' : 'Sequential';
  const scope: Scope = new Scope(form);
  definition.statements.forEach((statement, part) => planner.statement(statement, part, scope));
  planner.finish(scope);
  const { stages, namesakes, problems } = planner;
  return { form, chain, stages, namesakes, problems };
}

// ---------------------------------------------------------------------------------------------- one module's names

/** What can't be built together: one arm of one `if`. */
interface Arm {
  readonly of: object;
  readonly arm: number;
}

interface Taken {
  /** A label with numbers: it takes no name beforehand, as its numbers depend on parameters. */
  readonly isNumbered: boolean;
  readonly arms: readonly Arm[];
  /** The loops around it, inside this module. */
  readonly loops: readonly ForStage[];
  /** Absent where a statement's own name takes it. */
  readonly label?: Label;
}

/** A stage that waits for a name after its kind, until all labels of its module are known. */
interface Request {
  readonly stage: Stage;
  readonly base: string;
  readonly module: StagePlan['module'];
}

/** The names of one module. */
class Scope {
  readonly form: 'Module' | 'Sequential' | 'ModuleList' | 'ModuleDict';
  /** By name: a long model has many. */
  readonly taken = new Map<string, Taken[]>();
  readonly requests: Request[] = [];

  constructor(form: Scope['form']) {
    this.form = form;
  }

  /** Names after kinds: a class. Elsewhere an unlabelled stage is numbered. */
  get namesKinds(): boolean {
    return this.form === 'Module';
  }
}

/** Where the planner is. */
interface Context {
  readonly part: number;
  readonly arms: readonly Arm[];
  readonly loops: readonly ForStage[];
}

class Planner {
  readonly stages = new Map<Stage, StagePlan>();
  readonly namesakes = new Map<Label, readonly Label[]>();
  readonly problems: Problem[] = [];
  readonly #definition: Model | Block;
  readonly #resolve: Resolve;
  /** All that are written, where somebody asked. */
  #labels: ReadonlySet<string> | undefined;

  constructor(definition: Model | Block, resolve: Resolve) {
    this.#definition = definition;
    this.#resolve = resolve;
  }

  statement(statement: Statement, part: number, scope: Scope): void {
    const context: Context = { part, arms: [], loops: [] };
    switch (statement.kind) {
      case 'binding':
      case 'output':
        this.#expression(statement.value, scope, context);
        return;
      case 'weight':
      case 'buffer':
        this.#take(scope, statement.name.text, statement.name.range, context);
        return;
      case 'layer':
        this.#take(scope, statement.name.text, statement.name.range, context);
        this.#shared(statement.stage, statement.name, context);
        return;
      case 'property':
      case 'input':
      case 'train':
        return;
    }
  }

  /** Gives the names after kinds: the first that is free, counted down the text. */
  finish(scope: Scope): void {
    const taken = new Set<string>();
    for (const [text, same] of scope.taken) {
      if (same.some(({ isNumbered }) => !isNumbered)) taken.add(text);
      const labels = same.flatMap(({ label }) => label ?? []);
      if (labels.length > 1) for (const label of labels) this.namesakes.set(label, labels);
    }
    const next = new Map<string, number>();
    for (const { stage, base, module } of scope.requests) {
      let number = next.get(base) ?? 1;
      const name = (): string => (number === 1 ? base : `${base}_${String(number)}`);
      while (taken.has(name()) || whyReserved(name(), 'Module') !== undefined) number += 1;
      taken.add(name());
      this.stages.set(stage, { name: name(), module });
      next.set(base, number + 1);
    }
  }

  // -------------------------------------------------------------------------------------------- expressions

  #expression(expression: Expression, scope: Scope, context: Context): void {
    switch (expression.kind) {
      case 'pipeline':
        this.#expression(expression.source, scope, context);
        this.#chain(expression.stages, scope, context);
        return;
      case 'conditional':
        this.#expression(expression.condition, scope, context);
        this.#expression(expression.then, scope, inArm(context, expression, 0));
        this.#expression(expression.otherwise, scope, inArm(context, expression, 1));
        return;
      default:
        for (const child of childrenOf(expression)) this.#expression(child, scope, context);
    }
  }

  // -------------------------------------------------------------------------------------------- stages

  #chain(stages: readonly Stage[], scope: Scope, context: Context): void {
    for (const stage of stages) this.#stage(stage, scope, context);
  }

  #stage(stage: Stage, scope: Scope, context: Context): void {
    this.#checkFrozen(stage, context);
    const label = this.#labelOf(stage, context);
    if (label !== undefined) {
      this.#takeLabel(scope, label, context);
      this.#named(stage, nameOf(label), context);
      return;
    }
    const { body } = stage;
    if (stage.count !== undefined) {
      if (scope.namesKinds) {
        this.#request(scope, stage, 'Sequential');
        this.#items(stage, context);
        return;
      }
      this.stages.set(stage, { name: POSITION, module: undefined });
      this.#inside(stage, context);
      return;
    }
    switch (body.kind) {
      case 'missing':
        this.stages.set(stage, SPLICED);
        return;
      case 'call':
        this.#call(stage, scope);
        return;
      case 'group':
        if (scope.namesKinds) this.#request(scope, stage, 'Sequential');
        else this.stages.set(stage, { name: POSITION, module: 'Sequential' });
        this.#sequential(body.stages, context);
        return;
      case 'for':
        if (!scope.namesKinds || areNumbered(body.stages)) {
          this.stages.set(stage, SPLICED);
          this.#chain(body.stages, scope, inLoop(context, body));
          return;
        }
        this.#request(scope, stage, 'Sequential');
        this.#items(stage, context);
        return;
      case 'if':
        this.stages.set(stage, SPLICED);
        this.#arms(body, context, (arm, inside) => this.#chain(arm, scope, inside));
        return;
      case 'parallel':
        if (scope.namesKinds) {
          this.stages.set(stage, SPLICED);
          for (const branch of body.branches) this.#branch(branch, scope, context);
          return;
        }
        this.stages.set(stage, { name: POSITION, module: 'Module' });
        this.#inside(stage, context);
    }
  }

  /** A stage whose name is known. */
  #named(stage: Stage, name: StagePlan['name'], context: Context): void {
    const { body, count } = stage;
    if (count !== undefined || body.kind === 'for') {
      this.stages.set(stage, { name, module: 'Sequential' });
      this.#items(stage, context);
      return;
    }
    switch (body.kind) {
      case 'missing':
      case 'call':
        this.stages.set(stage, { name, module: undefined });
        return;
      case 'group':
        this.stages.set(stage, { name, module: 'Sequential' });
        this.#sequential(body.stages, context);
        return;
      case 'parallel':
        this.#list(stage, body.branches, name, context);
        return;
      case 'if':
        this.stages.set(stage, { name, module: 'chosen' });
        this.#arms(body, context, (arm, inside) => this.#chosen(arm, name, inside));
    }
  }

  /** What stands inside a repetition's `nn.Sequential`. */
  #items(stage: Stage, context: Context): void {
    const scope = new Scope('Sequential');
    const { body } = stage;
    const inside = outermost(context);
    if (body.kind === 'for') this.#chain(body.stages, scope, inLoop(inside, body));
    else if (body.kind === 'if') this.#arms(body, inside, (arm, at) => this.#chain(arm, scope, at));
    else this.#inside(stage, inside);
    this.finish(scope);
  }

  /** What stands inside one item of a repetition, or inside a stage at a position. */
  #inside({ body }: Stage, context: Context): void {
    switch (body.kind) {
      case 'group':
        this.#sequential(body.stages, context);
        return;
      case 'parallel': {
        const scope = new Scope('Module');
        for (const branch of body.branches) this.#branch(branch, scope, outermost(context));
        this.finish(scope);
        return;
      }
      case 'for':
        this.#sequential(body.stages, context, body);
        return;
      case 'if': {
        const scope = new Scope('Sequential');
        this.#arms(body, outermost(context), (arm, at) => this.#chain(arm, scope, at));
        this.finish(scope);
        return;
      }
      case 'call':
      case 'missing':
    }
  }

  #sequential(stages: readonly Stage[], context: Context, loop?: ForStage): void {
    const scope = new Scope('Sequential');
    const inside = outermost(context);
    this.#chain(stages, scope, loop === undefined ? inside : inLoop(inside, loop));
    this.finish(scope);
  }

  /** The arms of a labelled `if`. */
  #chosen(arm: readonly Stage[], name: StagePlan['name'], context: Context): void {
    const [only] = arm;
    if (only !== undefined && takesLabel(arm)) {
      this.#checkFrozen(only, context);
      this.#named(only, name, context);
      return;
    }
    this.#sequential(arm, context);
  }

  /** One branch of an unlabelled `[ … ]`, named as if it stood alone in a class. */
  #branch(branch: readonly Stage[], scope: Scope, context: Context): void {
    const [only, second] = branch;
    if (only === undefined || second !== undefined || !isSpliced(only)) {
      this.#chain(branch, scope, context);
      return;
    }
    const { body } = only;
    if (body.kind === 'if') {
      this.stages.set(only, SPLICED);
      this.#checkFrozen(only, context);
      this.#arms(body, context, (arm, inside) => this.#branch(arm, scope, inside));
    } else if (body.kind === 'for' && areNumbered(body.stages)) {
      this.stages.set(only, SPLICED);
      this.#checkFrozen(only, context);
      this.#branch(body.stages, scope, inLoop(context, body));
    } else if (body.kind === 'for') {
      this.#checkFrozen(only, context);
      this.#request(scope, only, 'ModuleList');
      const list = new Scope('ModuleList');
      this.#item(body.stages, list, inLoop(outermost(context), body));
      this.finish(list);
    }
  }

  /** A labelled `[ … ]`. */
  #list(stage: Stage, branches: readonly (readonly Stage[])[], name: StagePlan['name'], context: Context): void {
    const kinds = branches.flatMap((branch) => labelledItems(branch));
    const isDict = kinds[0]?.labelled === true;
    const other = kinds.find(({ labelled }) => labelled !== isDict);
    const list = typeof name === 'string' ? ` of \`${name}\`` : '';
    if (other !== undefined) {
      this.#report(
        'label-mix',
        isDict
          ? `This branch${list} has no label and the first has one: labelled branches side by side are an nn.ModuleDict, unlabelled ones an nn.ModuleList. Label each branch (a branch of several stages as a group: name: (A -> B)), or none.`
          : `This branch${list} has a label and the first has none: labelled branches side by side are an nn.ModuleDict, unlabelled ones an nn.ModuleList. Label each branch, or none.`,
        other.range,
        context,
        [isDict ? this.#labelBranches(branches) : withoutLabels(branches)],
      );
    }
    const form = isDict && other === undefined ? 'ModuleDict' : 'ModuleList';
    this.stages.set(stage, { name, module: form });
    const scope = new Scope(form);
    for (const branch of branches) this.#item(branch, scope, outermost(context));
    this.finish(scope);
  }

  /** One branch of a list of modules. */
  #item(branch: readonly Stage[], scope: Scope, context: Context): void {
    const [only, second] = branch;
    if (only === undefined) return;
    if (second !== undefined) {
      this.#sequential(branch, context);
      return;
    }
    const { body } = only;
    if (!isSpliced(only)) {
      const label = this.#labelOf(only, context);
      this.#checkFrozen(only, context);
      if (label !== undefined) this.#takeLabel(scope, label, context);
      if (label === undefined && only.count === undefined && body.kind === 'parallel') {
        this.stages.set(only, { name: POSITION, module: 'Module' });
        this.#inside(only, context);
      } else this.#named(only, label === undefined ? POSITION : nameOf(label), context);
      return;
    }
    this.#checkFrozen(only, context);
    this.stages.set(only, SPLICED);
    if (body.kind === 'for') this.#item(body.stages, scope, inLoop(context, body));
    else if (body.kind === 'if') this.#arms(body, context, (arm, inside) => this.#item(arm, scope, inside));
  }

  #arms(body: IfStage, context: Context, visit: (arm: readonly Stage[], context: Context) => void): void {
    visit(body.then, inArm(context, body, 0));
    if (body.otherwise !== undefined) visit(body.otherwise, inArm(context, body, 1));
  }

  #shared(stage: Stage, name: Identifier, context: Context): void {
    if (stage.label !== undefined) this.#labelOf(stage, context);
    this.#named(stage, name.text, context);
  }

  #call(stage: Stage, scope: Scope): void {
    if (!scope.namesKinds) {
      this.stages.set(stage, { name: POSITION, module: undefined });
      return;
    }
    const base = kindName(stage.body, this.#resolve);
    if (base === undefined) this.stages.set(stage, SPLICED);
    else scope.requests.push({ stage, base, module: undefined });
  }

  #request(scope: Scope, stage: Stage, module: StagePlan['module']): void {
    const names = leafNames([stage], this.#resolve);
    const [only, second] = names;
    scope.requests.push({ stage, base: only !== undefined && second === undefined ? only : 'seq', module });
  }

  // -------------------------------------------------------------------------------------------- checks

  /** The stage's label, unless it is one that a use of a shared `layer` can't have. */
  #labelOf(stage: Stage, context: Context): Label | undefined {
    const { label, body } = stage;
    if (label === undefined || stage.count !== undefined || body.kind !== 'call') return label;
    const callee = this.#resolve(body.callee.text);
    if (callee.kind !== 'shared') return label;
    this.#report(
      'label-on-shared',
      `\`${callee.name}\` is a shared layer: it is one attribute, \`${callee.name}\`, wherever it is used. Leave the label out, or rename the layer where it is declared.`,
      label.range,
      context,
      [fix('Remove the label', [replace({ start: label.range.start, end: body.range.start }, '')], 'preferred')],
    );
    return undefined;
  }

  #checkFrozen(stage: Stage, context: Context): void {
    if (!stage.frozen || stage.label !== undefined) return;
    const word = { start: stage.range.start, end: stage.range.start + 'frozen'.length };
    const label = this.#freeLabel(kindName(stage.body, this.#resolve) ?? 'part');
    this.#report(
      'frozen-unlabelled',
      '`frozen` needs a label, so that it is seen what stays as it is: `frozen stem: …`.',
      word,
      context,
      [fix(`Label it ${label}`, [insert(word.end, ` ${label}:`)], 'preferred')],
    );
  }

  #takeLabel(scope: Scope, label: Label, context: Context): void {
    const name = nameOf(label);
    if (typeof name === 'string') this.#take(scope, name, label.range, context, label);
    else this.#add(scope, labelText(label), true, label.range, context, label);
    const loop = context.loops.find(({ names }) => !names.some((each) => mentions(label, each.text)));
    const holdsNoNumber = label.parts.some((part) => typeof part !== 'string' && NO_NUMBERS.has(part.kind));
    if (loop === undefined || holdsNoNumber) return;
    const variable = loop.names.at(-1)?.text ?? 'i';
    const without = labelText(label);
    this.#report(
      'label-clash',
      `Every turn of the loop would have the label \`${without}\`, and a module has one attribute of a name. Put the turn's number in it: \`${without}{${variable}}\`.`,
      label.range,
      context,
      [fix(`Write ${without}{${variable}}`, [insert(label.range.end, `{${variable}}`)], 'preferred')],
    );
  }

  /** Reserves a name and says what stands against it. */
  #take(scope: Scope, name: string, range: Range, context: Context, label?: Label): void {
    const module = scope.form === 'ModuleList' ? 'Module' : scope.form;
    const reason = whyReserved(name, module);
    if (reason !== undefined) {
      this.#report(
        'label-reserved',
        `\`${name}\` ${reason}, so no attribute can have it. Choose another: \`${name}_\`.`,
        range,
        context,
        label !== undefined ? [fix(`Rename the label to ${name}_`, [replace(range, `${name}_`)], 'preferred')] : [],
      );
    }
    this.#add(scope, name, false, range, context, label);
  }

  #add(scope: Scope, text: string, isNumbered: boolean, range: Range, context: Context, label?: Label): void {
    const { arms, loops } = context;
    const one: Taken = { isNumbered, arms, loops, ...(label === undefined ? {} : { label }) };
    const same = scope.taken.get(text) ?? [];
    if (same.some((other) => clashes(other, one))) {
      this.#report(
        'label-clash',
        `\`${text}\` is taken: a module has one attribute of a name, and only the arms of one \`if\` may share it.`,
        range,
        context,
        label !== undefined && !isNumbered ? [renamed(range, this.#freeLabel(text))] : [],
      );
      return;
    }
    same.push(one);
    scope.taken.set(text, same);
  }

  #report(code: string, message: string, range: Range, { part }: Context, fixes: readonly Fix<Range>[] = []): void {
    const site = (place: Range): Site => ({ definition: this.#definition.id, part, range: place });
    this.problems.push({ code, severity: 'error', message, site: site(range), ...withFixes(placed(fixes, site)) });
  }

  /** A name like this one that no label of the definition has. */
  #freeLabel(base: string): string {
    const { statements } = this.#definition;
    this.#labels ??= new Set(
      statements.flatMap((each) => [...stagesIn(each)].flatMap(({ label }) => (label ? [labelText(label)] : []))),
    );
    const [labels, bound] = [this.#labels, namesBoundBy(statements)];
    const isTaken = (name: string): boolean =>
      labels.has(name) || bound.has(name) || whyReserved(name, 'Module') !== undefined;
    return isTaken(base) ? freeName(base, isTaken) : base;
  }

  /** A label of their own for those branches that have none, after their number. */
  #labelBranches(branches: readonly (readonly Stage[])[]): Fix<Range> {
    const edits = branches.flatMap((branch, i) => {
      const [first] = branch;
      const last = branch.at(-1);
      if (first === undefined || last === undefined || (branch.length === 1 && first.label !== undefined)) return [];
      const label = this.#freeLabel(`branch${String(i + 1)}`);
      return branch.length === 1
        ? [insert(first.range.start, `${label}: `)]
        : [insert(first.range.start, `${label}: (`), insert(last.range.end, ')')];
    });
    return fix('Label each branch', edits, 'preferred');
  }
}

function renamed(label: Range, name: string): Fix<Range> {
  return fix(`Rename the label to ${name}`, [replace(label, name)], 'preferred');
}

function withoutLabels(branches: readonly (readonly Stage[])[]): Fix<Range> {
  const labelled = branches.flatMap(([only, second]) =>
    only?.label === undefined || second !== undefined ? [] : [{ label: only.label, body: only.body }],
  );
  return fix(
    'Remove the labels of the branches',
    labelled.map(({ label, body }) => replace({ start: label.range.start, end: body.range.start }, '')),
    'preferred',
  );
}

/** What in the braces of a label has a message of its own. */
const NO_NUMBERS: ReadonlySet<Expression['kind']> = new Set(['string', 'boolean', 'none', 'list', 'tuple', 'missing']);

const SPLICED: StagePlan = { name: undefined, module: undefined };

function inArm(context: Context, of: object, arm: number): Context {
  return { ...context, arms: [...context.arms, { of, arm }] };
}

function inLoop(context: Context, loop: ForStage): Context {
  return { ...context, loops: [...context.loops, loop] };
}

/** A module's own names know nothing of the arms and loops around it. */
function outermost(context: Context): Context {
  return { ...context, arms: [], loops: [] };
}

/** Whether two of one name would surely be built side by side: those with numbers, only in one turn of a loop. */
function clashes(a: Taken, b: Taken): boolean {
  if (a.isNumbered !== b.isNumbered) return false;
  if (a.isNumbered && (a.loops.length !== b.loops.length || a.loops.some((loop, i) => loop !== b.loops[i])))
    return false;
  return !a.arms.some(({ of, arm }) => b.arms.some((other) => other.of === of && other.arm !== arm));
}

// ---------------------------------------------------------------------------------------------- names after kinds

/** The name that a layer or block gives what has no label; `undefined` for functions and shared layers. */
function kindName(body: StageBody, resolve: Resolve): string | undefined {
  if (body.kind !== 'call') return undefined;
  const name = body.callee.text;
  const callee = resolve(name);
  switch (callee.kind) {
    case 'layer':
      return callee.layer.kind === 'module' ? (callee.layer.attribute ?? layerName(name)) : undefined;
    case 'definition':
      return callee.definition.kind === 'extern' && callee.definition.isFunction ? undefined : snakeCase(name);
    case 'parameter':
      return callee.name;
    case 'shared':
      return undefined;
    case 'unknown':
      return snakeCase(name);
  }
}

/** The names of all layers and blocks that stand in stages, at every depth. */
function leafNames(stages: readonly Stage[], resolve: Resolve): string[] {
  return stages.flatMap(({ body }) => {
    switch (body.kind) {
      case 'group':
      case 'for':
        return leafNames(body.stages, resolve);
      case 'if':
        return leafNames([...body.then, ...(body.otherwise ?? [])], resolve);
      case 'parallel':
        return leafNames(body.branches.flat(), resolve);
      case 'missing':
        return [];
      case 'call': {
        const callee: Callee = resolve(body.callee.text);
        const name = callee.kind === 'shared' ? callee.name : kindName(body, resolve);
        return name === undefined ? [] : [name];
      }
    }
  });
}

/** `LSTM` lstm, `Softmax2d` softmax: for layers whose catalogue entry names no attribute. */
function layerName(name: string): string {
  return name.replace(/[123]d$/u, '').toLowerCase();
}

/** `_` before a capital after a small letter or digit, and before the last of several capitals that a small letter follows. */
export function snakeCase(name: string): string {
  return name
    .replace(/(?<=[\p{Ll}\p{Nd}])(?=\p{Lu})/gu, '_')
    .replace(/(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, '_')
    .toLowerCase();
}

// ---------------------------------------------------------------------------------------------- labels

function nameOf(label: Label): string | Label {
  const [first, second] = label.parts;
  return typeof first === 'string' && second === undefined ? first : label;
}

/** Whether all stages carry a label with a number, those of `for` and `if` among them included. */
function areNumbered(stages: readonly Stage[]): boolean {
  return (
    stages.length > 0 &&
    stages.every((stage) => {
      const { label, body } = stage;
      if (label !== undefined) return typeof nameOf(label) !== 'string';
      if (!isSpliced(stage)) return false;
      if (body.kind === 'for') return areNumbered(body.stages);
      return (
        body.kind === 'if' && areNumbered(body.then) && (body.otherwise === undefined || areNumbered(body.otherwise))
      );
    })
  );
}

/** The items that a branch of a labelled `[ … ]` makes, and whether each is one labelled stage. */
function labelledItems(branch: readonly Stage[]): readonly { labelled: boolean; range: Range }[] {
  const [first, second] = branch;
  if (first === undefined) return [];
  if (second !== undefined) return [{ labelled: false, range: first.range }];
  const { label, body } = first;
  if (label !== undefined) return [{ labelled: true, range: label.range }];
  if (isSpliced(first) && body.kind === 'for') return labelledItems(body.stages);
  if (isSpliced(first) && body.kind === 'if') return [body.then, body.otherwise ?? []].flatMap(labelledItems);
  return [{ labelled: false, range: body.kind === 'call' ? body.callee.range : first.range }];
}

/** A label in one line: `unit{i}`. */
function labelText(label: Label): string {
  return label.parts.map((part) => (typeof part === 'string' ? part : `{${expressionText(part)}}`)).join('');
}

function mentions(label: Label, name: string): boolean {
  return label.parts.some((part) => typeof part !== 'string' && expressionMentions(part, name));
}

function expressionMentions(expression: Expression, name: string): boolean {
  if (expression.kind === 'name') return expression.name.text === name;
  return childrenOf(expression).some((child) => expressionMentions(child, name));
}

/** Enough of an expression to see that two are the same. */
function expressionText(expression: Expression): string {
  const inside = (): string => childrenOf(expression).map(expressionText).join(', ');
  switch (expression.kind) {
    case 'name':
      return expression.name.text;
    case 'number':
      return expression.text;
    case 'string':
      return JSON.stringify(expression.value);
    case 'binary':
      return `${operandText(expression.left)} ${expression.operator} ${operandText(expression.right)}`;
    case 'unary':
      return `${expression.operator} ${operandText(expression.operand)}`;
    case 'call':
      return `${expression.callee.text}(${inside()})`;
    case 'member':
      return `${operandText(expression.object)}.${expression.member.text}`;
    case 'index':
      return `${operandText(expression.object)}[${expressionText(expression.index)}]`;
    default:
      return `${expression.kind}(${inside()})`;
  }
}

function operandText(expression: Expression): string {
  const text = expressionText(expression);
  return expression.kind === 'binary' || expression.kind === 'unary' ? `(${text})` : text;
}
