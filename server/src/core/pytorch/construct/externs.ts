/** Classes and functions of Python that are declared as externs. */
import type { Argument, Expression, Extern, Stage } from '../../definition.ts';
import type { Dimension } from '../../dimension.ts';
import { usesInExpression } from '../../elaborate/uses.ts';
import { type Environment, printArguments, printExpression } from '../expression.ts';
import { layoutDefinition, layoutStatement } from '../layout.ts';
import { freshName } from '../python.ts';
import { type ClassScope, INIT } from '../scope.ts';

/** An extern as a module: its class constructed, or for a function a class around it. */
export function externExpression(
  scope: ClassScope,
  stage: Stage,
  definition: Extern,
  args: readonly Argument[],
): string {
  if (definition.isFunction) return functionModule(scope, stage, definition, args);
  const { construction } = definition;
  const outer = scope.initEnvironment;
  const written =
    construction?.kind === 'call'
      ? printConstruction(scope, stage, definition, construction.arguments, {
          outer,
          given: args,
          tensors: new Map(),
          size: (size) => scope.size(size),
        })
      : printArguments(args, outer);
  return `${imported(scope, definition)}(${written})`;
}

/** The call of a function in `forward`. */
export function externCall(
  scope: ClassScope,
  stage: Stage,
  definition: Extern,
  args: readonly Argument[],
  inputs: readonly string[],
): string {
  const { construction } = definition;
  const called = imported(scope, definition);
  if (construction?.kind !== 'call')
    return call(called, inputs, printArguments(args, scope.runtime ?? scope.forwardEnvironment));
  const tensors = new Map(definition.inputs.map((port, i) => [port.name.text, inputs[i] ?? '']));
  const written = printConstruction(scope, stage, definition, construction.arguments, {
    outer: scope.forwardEnvironment,
    given: args,
    tensors,
    size: (size) => scope.runtimeSize(size),
  });
  return call(called, mentions(construction.arguments, tensors) ? [] : inputs, written);
}

/** The Python class or function that an extern is, imported. */
function imported({ file }: ClassScope, { construction, module, name }: Extern): string {
  const written = construction?.kind === 'call' ? construction.callee : construction?.name;
  return file.importFrom(module.value, (written ?? name).text);
}

function call(called: string, inputs: readonly string[], written: string): string {
  return `${called}(${[...inputs, ...(written === '' ? [] : [written])].join(', ')})`;
}

/** A Python function as a module, where one is needed: a class that keeps its arguments. */
function functionModule(scope: ClassScope, stage: Stage, definition: Extern, args: readonly Argument[]): string {
  const { parameters, inputs, construction, outputs } = definition;
  const called = imported(scope, definition);
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
      ? printConstruction(scope, stage, definition, construction.arguments, {
          outer: scope.forwardEnvironment,
          given: [],
          tensors,
          fields,
        })
      : parameters.map(({ name }) => `self.${fields.get(name.text)!}`).join(', ');
  const isGiven = construction?.kind === 'call' && mentions(construction.arguments, tensors);
  const result = call(called, isGiven ? [] : names, written);
  const environment = scope.initEnvironment;
  const declared = parameters.map(({ name, type, default: standard }) => {
    const typed = `${fields.get(name.text)!}: ${EXTERN_TYPES.get(type?.text) ?? 'object'}`;
    return standard === undefined ? typed : `${typed} = ${printExpression(standard, environment)}`;
  });
  const { text: own } = definition.name;
  const made = scope.file.helper(
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
      ...layoutStatement('return ', result, '', 2),
    ],
    definition.id,
  );
  const texts = args.map(({ name, value }) => {
    const text = scope.print(value, INIT);
    return name === undefined ? text : `${fields.get(name.text) ?? name.text}=${text}`;
  });
  return `${made}(${texts.join(', ')})`;
}

/** What the names in an extern's construction are where it is written. */
interface Use {
  /** How what the use gives is printed. */
  readonly outer: Environment;
  readonly given: readonly Argument[];
  readonly tensors: ReadonlyMap<string, string>;
  /** In a module of its own: the parameters' fields. */
  readonly fields?: ReadonlyMap<string, string>;
  /** Absent in a module of its own: there nothing is known of the tensors but their names. */
  readonly size?: (size: Dimension) => string;
}

/** The arguments of an extern's construction, over what the use gives and what comes in. */
function printConstruction(
  scope: ClassScope,
  stage: Stage,
  definition: Extern,
  construction: readonly Argument[],
  { outer, given: args, tensors, fields, size: print }: Use,
): string {
  const given = new Map<string, Expression>();
  definition.parameters.forEach((parameter, i) => {
    const argument =
      args.find((each) => each.name?.text === parameter.name.text) ??
      (args[i]?.name === undefined ? args[i] : undefined);
    if (argument !== undefined) given.set(parameter.name.text, argument.value);
  });
  const node = scope.nodeOf(stage);
  const facts = node?.kind === 'extern' ? node.instance.facts : undefined;
  const isTensor = (expression: Expression): boolean =>
    expression.kind === 'name' && definition.inputs.some((port) => port.name.text === expression.name.text);
  const environment: Environment = {
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
      if (print === undefined) return sizeInModule(expression, tensors);
      const isSize =
        (expression.kind === 'member' && isTensor(expression.object)) ||
        (expression.kind === 'index' && expression.object.kind === 'member' && isTensor(expression.object.object));
      if (!isSize) return undefined;
      const value = facts?.get(expression)?.[0]?.value;
      return value?.kind === 'int' ? print(value.value) : undefined;
    },
  };
  return printArguments(construction, environment);
}

/** Types that Python has too. */
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
function mentions(args: readonly Argument[], names: ReadonlyMap<string, string>): boolean {
  return args.some(({ value }) => [...usesInExpression(value)].some((use) => names.has(use.name.text)));
}
