/** How parts of a program are spelled in messages. */
import type { Argument, Definition, Expression, Parameter, Port } from '../definition.ts';
import type { Layer } from '../layers/layer.ts';

export function textOfExpression(expression: Expression): string {
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
      return `${expression.callee.text}(${expression.arguments.map(textOfArgument).join(', ')})`;
    case 'member':
      return `${textOfExpression(expression.object)}.${expression.member.text}`;
    case 'index':
      return `${textOfExpression(expression.object)}[${textOfExpression(expression.index)}]`;
    case 'list':
      return `[${expression.items.map(textOfExpression).join(', ')}]`;
    case 'tuple':
      return `(${expression.items.map(textOfExpression).join(', ')})`;
    case 'unary':
      return `${expression.operator === 'not' ? 'not ' : expression.operator}${textOfExpression(expression.operand)}`;
    case 'binary':
      return `${textOfExpression(expression.left)} ${expression.operator} ${textOfExpression(expression.right)}`;
    case 'compare':
      return expression.operands
        .map((operand, i) => `${i === 0 ? '' : ` ${expression.operators[i - 1]!} `}${textOfExpression(operand)}`)
        .join('');
    case 'slice':
    case 'conditional':
    case 'pipeline':
    case 'missing':
      return '…';
  }
}

export function textOfArgument({ name, value }: Argument): string {
  return `${name === undefined ? '' : `${name.text}=`}${textOfExpression(value)}`;
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
