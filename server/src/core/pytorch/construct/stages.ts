/** What the stages of a class are in PyTorch: attributes with names, or calls in `forward`. */
import type { Expression, IfStage, Label, Stage } from '../../definition.ts';
import type { StagePlan } from '../../elaborate/names.ts';
import type { Value } from '../../value.ts';
import { printExpression } from '../expression.ts';
import { isForwarded } from '../modules.ts';
import { stringLiteral } from '../python.ts';
import { ClassScope } from '../scope.ts';

export class PlannedStages extends ClassScope {
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

  valueOfStage(stage: Stage): Value | undefined {
    return this.fact(stage)?.value;
  }

  /** Whether a stage is a layer that is called otherwise than `module(x)`. */
  #isForwarded(stage: Stage): boolean {
    if (stage.body.kind !== 'call') return false;
    const callee = this.unit.resolve(stage.body.callee.text);
    return callee.kind === 'layer' && isForwarded(callee.layer, this.typesOf(stage));
  }

  /** Whether a module call gives one tensor. */
  #passesOne(stage: Stage): boolean {
    const node = this.nodeOf(stage);
    return (
      this.fact(stage)?.value.kind === 'tensor' &&
      !(node?.kind === 'layer' && node.outputs.length > 1) &&
      !this.#isForwarded(stage)
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
    return typeof name === 'string' && !this.isCall(only) && this.#passesOne(only) ? name : undefined;
  }

  /** Whether the other arm is written as one more `if`: some use takes either arm of it. */
  isElif(otherwise: readonly Stage[] | undefined): boolean {
    const inner = oneIf(otherwise);
    return inner !== undefined && this.onlyArm(inner) === undefined;
  }

  /** Whether a stage stands in the class itself, not in a module of it: `forward` calls it then. */
  isInClass(stage: Stage): boolean {
    return this.#classStages.has(stage);
  }
  readonly #classStages = new Set<Stage>();

  /** Notes the stages that `forward` itself goes through. */
  noteClassStages(stages: readonly Stage[]): void {
    for (const stage of stages) {
      this.#classStages.add(stage);
      const { body } = stage;
      if (this.planOf(stage).name !== undefined) continue;
      if (body.kind === 'for') this.noteClassStages(body.stages);
      else if (body.kind === 'if') this.noteClassStages([...body.then, ...(body.otherwise ?? [])]);
      else if (body.kind === 'parallel') for (const branch of body.branches) this.noteClassStages(branch);
    }
  }

  // -------------------------------------------------------------------------------------------- attributes

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

  // -------------------------------------------------------------------------------------------- names

  /** A name as Python text: a literal, or an f-string where numbers are in it. */
  nameText({ name }: StagePlan): string | undefined {
    if (typeof name === 'string') return stringLiteral(name);
    return typeof name === 'object' ? this.#labelText(name) : undefined;
  }

  #labelText(label: Label): string {
    const parts = label.parts.map((part) =>
      typeof part === 'string'
        ? part.replace(/[{}]/gu, '$&$&')
        : `{${printExpression(part, this.initEnvironment, true).replaceAll('"', "'")}}`,
    );
    return `f"${parts.join('')}"`;
  }
}

/** The `if` that these stages are and nothing else: it is spliced. */
export function oneIf(stages: readonly Stage[] | undefined): IfStage | undefined {
  const [only, second] = stages ?? [];
  return only?.body.kind === 'if' && second === undefined && only.label === undefined && only.count === undefined
    ? only.body
    : undefined;
}
