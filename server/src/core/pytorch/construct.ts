/** `__init__`: modules constructed as the text says, in its order. */
import type { Expression, IfStage, Stage, Statement } from '../definition.ts';
import { isItem } from '../elaborate/names.ts';
import { Submodules } from './construct/submodules.ts';
import { constructWeight } from './construct/weights.ts';
import { equationOf, precedenceOf } from './layout.ts';
import { attribute } from './python.ts';
import { INIT } from './scope.ts';

export class Construction extends Submodules {
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
        constructWeight(this, statement);
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
    const text = this.print(value, INIT, found.kind === 'int');
    if ([...this.sizes.values()].some((size) => size.name === this.nameOf(name))) return;
    this.init.assign(this.nameOf(name), text);
    if (found.kind === 'int') this.learn(found.value, this.nameOf(name));
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
        this.#conditionalArms(
          expression.condition,
          this.#builds(expression.then) ? () => this.constructExpression(expression.then) : undefined,
          this.#builds(expression.otherwise) ? () => this.constructExpression(expression.otherwise) : undefined,
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

  // -------------------------------------------------------------------------------------------- stages of a class

  /** What a stage of a class with a `forward` puts into `__init__`. */
  constructStage(stage: Stage): void {
    const plan = this.planOf(stage);
    const { body } = stage;
    if (typeof plan.name === 'string') {
      if (!this.isCall(stage)) this.assign(stage, attribute(plan.name), stage.frozen);
      return;
    }
    if (plan.name !== undefined) {
      this.addNumbered(stage, plan);
      return;
    }
    switch (body.kind) {
      case 'for':
        this.loopStatement(stage, body, () => {
          for (const inner of body.stages) this.constructStage(inner);
        });
        return;
      case 'if': {
        const arm = this.onlyArm(body);
        if (arm !== undefined) {
          for (const inner of arm) this.constructStage(inner);
          return;
        }
        if (this.soleModule(stage) !== undefined) this.assignSole(stage, body);
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
    const certain = this.onlyArm(body);
    if (certain !== undefined) {
      construct(certain);
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
      this.isElif(otherwise),
    );
  }
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
