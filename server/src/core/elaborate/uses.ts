/** Which names a definition's statements say: for unused ones, for what is built, for what depends on what. */
import type { Argument, Definition, Expression, Identifier, Stage, Statement } from '../definition.ts';
import { onceFor } from '../once.ts';

export interface NameUse {
  readonly name: Identifier;
  /** A stage's callee, or a name in an expression. */
  readonly as: 'stage' | 'value';
}

/** Every name in an expression, stages of its chains included. */
export function* usesInExpression(expression: Expression): Generator<NameUse> {
  switch (expression.kind) {
    case 'name':
      yield { name: expression.name, as: 'value' };
      break;
    case 'call':
      yield { name: expression.callee, as: 'value' };
      yield* usesInArguments(expression.arguments);
      break;
    case 'member':
      yield* usesInExpression(expression.object);
      break;
    case 'index':
      yield* usesInExpression(expression.object);
      yield* usesInExpression(expression.index);
      break;
    case 'slice':
      for (const part of [expression.object, expression.start, expression.stop, expression.step]) {
        if (part !== undefined) yield* usesInExpression(part);
      }
      break;
    case 'list':
    case 'tuple':
      for (const item of expression.items) yield* usesInExpression(item);
      break;
    case 'unary':
      yield* usesInExpression(expression.operand);
      break;
    case 'binary':
      yield* usesInExpression(expression.left);
      yield* usesInExpression(expression.right);
      break;
    case 'compare':
      for (const operand of expression.operands) yield* usesInExpression(operand);
      break;
    case 'conditional':
      yield* usesInExpression(expression.condition);
      yield* usesInExpression(expression.then);
      yield* usesInExpression(expression.otherwise);
      break;
    case 'pipeline':
      yield* usesInExpression(expression.source);
      yield* usesInStages(expression.stages);
      break;
    case 'number':
    case 'string':
    case 'boolean':
    case 'none':
    case 'missing':
      break;
  }
}

export function* usesInStages(stages: readonly Stage[]): Generator<NameUse> {
  for (const stage of stages) {
    for (const part of stage.label?.parts ?? []) if (typeof part !== 'string') yield* usesInExpression(part);
    if (stage.count !== undefined) yield* usesInExpression(stage.count);
    const { body } = stage;
    switch (body.kind) {
      case 'call':
        yield { name: body.callee, as: 'stage' };
        yield* usesInArguments(body.arguments ?? []);
        break;
      case 'group':
        yield* usesInStages(body.stages);
        break;
      case 'for':
        yield* usesInExpression(body.iterable);
        yield* usesInStages(body.stages);
        break;
      case 'if':
        yield* usesInExpression(body.condition);
        yield* usesInStages(body.then);
        yield* usesInStages(body.otherwise ?? []);
        break;
      case 'parallel':
        for (const branch of body.branches) yield* usesInStages(branch);
        break;
      case 'missing':
        break;
    }
  }
}

function* usesInArguments(args: readonly Argument[]): Generator<NameUse> {
  for (const argument of args) yield* usesInExpression(argument.value);
}

function* findInStatement(statement: Statement): Generator<NameUse> {
  switch (statement.kind) {
    case 'property':
      break;
    case 'input':
      for (const port of statement.ports) if (port.shape !== undefined) yield* usesInExpression(port.shape);
      break;
    case 'output':
      if (statement.shape !== undefined) yield* usesInExpression(statement.shape);
      yield* usesInExpression(statement.value);
      break;
    case 'weight':
    case 'buffer':
      yield* usesInExpression(statement.shape);
      if (statement.initialiser !== undefined) yield* usesInExpression(statement.initialiser);
      break;
    case 'layer':
      yield* usesInStages([statement.stage]);
      break;
    case 'train':
      break;
    case 'binding':
      yield* usesInExpression(statement.value);
      break;
  }
}

const usesOfStatements = new WeakMap<Statement, readonly NameUse[]>();

/** Every name in a statement. */
export function usesInStatement(statement: Statement): readonly NameUse[] {
  return onceFor(usesOfStatements, statement, () => [...findInStatement(statement)]);
}

/** The names that a statement makes. */
export function boundNames(statement: Statement): readonly Identifier[] {
  switch (statement.kind) {
    case 'input':
      return statement.ports.map((port) => port.name);
    case 'output':
      return statement.name === undefined ? [] : [statement.name];
    case 'weight':
    case 'buffer':
    case 'layer':
      return [statement.name];
    case 'binding':
      return statement.names.filter((name) => name.text !== '_');
    case 'property':
    case 'train':
      return [];
  }
}

const namesByStatements = new WeakMap<readonly Statement[], ReadonlySet<string>>();

/** All names that statements make. */
export function namesBoundBy(statements: readonly Statement[]): ReadonlySet<string> {
  return onceFor(
    namesByStatements,
    statements,
    () => new Set(statements.flatMap((statement) => boundNames(statement).map(({ text }) => text))),
  );
}

const usesByDefinition = new WeakMap<Definition, readonly NameUse[]>();

/** All names that a definition says, of other definitions too. */
export function usesInDefinition(definition: Definition): readonly NameUse[] {
  return onceFor(usesByDefinition, definition, findUses);
}

function findUses(definition: Definition): readonly NameUse[] {
  const uses: NameUse[] = [];
  // One by one: as arguments of a call, a long chain's names don't fit on the stack.
  const add = (found: Iterable<NameUse>): void => {
    for (const use of found) uses.push(use);
  };
  for (const parameter of definition.parameters) {
    if (parameter.default !== undefined) add(usesInExpression(parameter.default));
  }
  if (definition.kind === 'extern') {
    const parts = [definition.construction, ...definition.outputs, definition.parameterCount, definition.macs];
    for (const part of parts) if (part !== undefined) add(usesInExpression(part));
    for (const port of definition.inputs) if (port.shape !== undefined) add(usesInExpression(port.shape));
    return uses;
  }
  for (const statement of definition.statements) add(usesInStatement(statement));
  return uses;
}

/** The statements that something which comes out depends on: what else there is isn't built. */
export function builtStatements(statements: readonly Statement[]): ReadonlySet<Statement> {
  const maker = new Map<string, Statement>();
  for (const statement of statements) {
    for (const name of boundNames(statement)) if (!maker.has(name.text)) maker.set(name.text, statement);
  }
  const built = new Set(statements.filter(({ kind }) => kind === 'output' || kind === 'input'));
  // What is added on the way is gone through too.
  for (const statement of built) {
    for (const { name } of usesInStatement(statement)) {
      const source = maker.get(name.text);
      if (source !== undefined) built.add(source);
    }
  }
  return built;
}

/** The expressions directly inside one. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
      return expression.arguments.map(({ value }) => value);
    case 'member':
      return [expression.object];
    case 'index':
      return [expression.object, expression.index];
    case 'slice':
      return [expression.object, expression.start, expression.stop, expression.step].filter(
        (part) => part !== undefined,
      );
    case 'list':
    case 'tuple':
      return expression.items;
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'compare':
      return expression.operands;
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise];
    case 'pipeline':
      return [expression.source];
    case 'number':
    case 'string':
    case 'boolean':
    case 'none':
    case 'name':
    case 'missing':
      return [];
  }
}
