/** How parts of a program are spelled in messages. */
import type { Argument, BinaryOperator, Definition, Expression, Parameter, Port } from '../definition.ts';
import { PRECEDENCE } from '../dimension.ts';
import type { Layer } from '../layers/layer.ts';

/** How tightly each operator that is read from its left binds, in Python as here. */
const LEFT_TO_RIGHT = {
  or: PRECEDENCE.or,
  and: PRECEDENCE.and,
  '+': PRECEDENCE.sum,
  '-': PRECEDENCE.sum,
  '*': PRECEDENCE.product,
  '/': PRECEDENCE.product,
  '//': PRECEDENCE.product,
  '%': PRECEDENCE.product,
  '@': PRECEDENCE.product,
} as const;

const BINDING: Readonly<Record<BinaryOperator | 'not' | 'compare' | 'sign', number>> = {
  ...LEFT_TO_RIGHT,
  '..': PRECEDENCE.conditional,
  not: PRECEDENCE.not,
  compare: PRECEDENCE.comparison,
  sign: PRECEDENCE.sign,
  '**': PRECEDENCE.power,
};

/** One of {@link PRECEDENCE}, of an operator between two operands that is read from its left. */
export function precedenceOf(operator: string): number | undefined {
  return (LEFT_TO_RIGHT as Readonly<Record<string, number>>)[operator];
}

/** An expression as it is written; `instead` spells parts of it otherwise. */
export function textOfExpression(
  expression: Expression,
  instead: (part: Expression) => string | undefined = () => undefined,
): string {
  const spelled = (part: Expression, least = -1): string => {
    const other = instead(part);
    if (other !== undefined) return other;
    const text = textOfExpression(part, instead);
    return bindingOf(part) < least ? `(${text})` : text;
  };
  const listed = (items: readonly Expression[]): string => items.map((item) => spelled(item)).join(', ');
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'string':
      return JSON.stringify(expression.value);
    case 'boolean':
      return expression.value ? 'True' : 'False';
    case 'none':
      return 'None';
    case 'name':
      return expression.name.text;
    case 'call':
      return `${expression.callee.text}(${expression.arguments.map((each) => textOfArgument(each, instead)).join(', ')})`;
    case 'member':
      return `${spelled(expression.object, PRECEDENCE.primary)}.${expression.member.text}`;
    case 'index':
      return `${spelled(expression.object, PRECEDENCE.primary)}[${spelled(expression.index)}]`;
    case 'list':
      return `[${listed(expression.items)}]`;
    case 'tuple':
      return `(${listed(expression.items)}${expression.items.length === 1 ? ',' : ''})`;
    case 'unary':
      return `${expression.operator === 'not' ? 'not ' : expression.operator}${spelled(expression.operand, bindingOf(expression))}`;
    case 'binary': {
      const own = bindingOf(expression);
      // A power is read from its right, everything else from its left.
      const [left, right] = expression.operator === '**' ? [own + 1, own - 1] : [own, own + 1];
      const operator = expression.operator === '..' ? '..' : ` ${expression.operator} `;
      return `${spelled(expression.left, left)}${operator}${spelled(expression.right, right)}`;
    }
    case 'compare':
      return expression.operands
        .map((operand, i) => `${i === 0 ? '' : ` ${expression.operators[i - 1]!} `}${spelled(operand, BINDING['+'])}`)
        .join('');
    case 'slice':
    case 'conditional':
    case 'pipeline':
    case 'missing':
      return '…';
  }
}

function bindingOf(expression: Expression): number {
  if (expression.kind === 'binary') return BINDING[expression.operator];
  if (expression.kind === 'compare') return BINDING.compare;
  if (expression.kind === 'unary') return expression.operator === 'not' ? BINDING.not : BINDING.sign;
  return PRECEDENCE.primary;
}

export function textOfArgument({ name, value }: Argument, instead?: (part: Expression) => string | undefined): string {
  return `${name === undefined ? '' : `${name.text}=`}${instead?.(value) ?? textOfExpression(value, instead)}`;
}

/** `Conv2d(out_channels, kernel_size, stride=1, …)`, without what is inferred. */
export function signature(layer: Layer): string {
  const parameters = Object.entries(layer.parameters).flatMap(([name, { infer, default: standard, variadic }]) =>
    infer !== undefined
      ? []
      : [`${variadic === true ? '*' : ''}${name}${standard === undefined ? '' : `=${standard}`}`],
  );
  return parameters.length === 0 ? `${layer.name}, without arguments` : `${layer.name}(${parameters.join(', ')})`;
}

/** The parameters that arguments without a name are for, in order. */
export function positionalParameters(layer: Layer, args: readonly Argument[]): readonly string[] {
  const first = args.find(({ name }) => name === undefined)?.value.kind;
  const isList = first === 'list' || first === 'tuple';
  const known = isList ? positionalWithList : positional;
  let names = known.get(layer);
  if (names === undefined) {
    names = Object.entries(layer.parameters).flatMap(([name, { infer, keywordOnly, listInFront }]) => {
      const isPositional = infer === undefined ? keywordOnly !== true : isList && listInFront === true;
      return isPositional ? [name] : [];
    });
    known.set(layer, names);
  }
  return names;
}

export interface LayerParameters {
  readonly entries: readonly (readonly [string, Layer['parameters'][string]])[];
  readonly names: readonly string[];
  /** Index of the first that is worked out; -1 where none is. */
  readonly inferred: number;
  /** Those that must be given. */
  readonly needed: readonly string[];
}

/** A layer's parameters, as calls ask for them: many call one layer. */
export function parametersOf(layer: Layer): LayerParameters {
  let known = parametersByLayer.get(layer);
  if (known === undefined) {
    const entries = Object.entries(layer.parameters);
    const isNeeded = ({ infer, default: standard }: Layer['parameters'][string]): boolean =>
      infer === undefined && standard === undefined;
    known = {
      entries,
      names: entries.map(([name]) => name),
      inferred: entries.findIndex(([, { infer }]) => infer !== undefined),
      needed: entries.flatMap(([name, parameter]) => (isNeeded(parameter) ? [name] : [])),
    };
    parametersByLayer.set(layer, known);
  }
  return known;
}

const parametersByLayer = new WeakMap<Layer, LayerParameters>();
const positional = new WeakMap<Layer, readonly string[]>();
const positionalWithList = new WeakMap<Layer, readonly string[]>();

/** `stride: int`. */
export function typedName({ name, type }: Parameter): string {
  return type === undefined ? name.text : `${name.text}: ${type.text}`;
}

/** `stride: int = 1`. */
export function textOfParameter(parameter: Parameter): string {
  const { default: standard } = parameter;
  return standard === undefined ? typedName(parameter) : `${typedName(parameter)} = ${textOfExpression(standard)}`;
}

export function blockSignature({ name, parameters }: Definition): string {
  const list = parameters.map(textOfParameter);
  return `${name.text}${list.length === 0 ? ', without arguments' : `(${list.join(', ')})`}`;
}

export function portsOf(definition: Definition): readonly Port[] {
  if (definition.kind === 'extern') return definition.inputs;
  return definition.statements.flatMap((statement) => (statement.kind === 'input' ? statement.ports : []));
}

export function countOf(count: number, what: string): string {
  return count === 0 ? `no ${what}s` : `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerated(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** What the types of parameters mean, behind "is". */
export const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  float: 'a number',
  bool: 'True or False',
  str: 'a text',
  ints: 'a list of whole numbers',
  layer: 'a layer',
};
