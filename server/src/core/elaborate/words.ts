/** How parts of a program are spelled in messages. */
import type { Argument, Definition, Expression, Port } from '../definition.ts';
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
  return Object.entries(layer.parameters).flatMap(([name, { infer, keywordOnly, listInFront }]) => {
    const isPositional = infer === undefined ? keywordOnly !== true : isList && listInFront === true;
    return isPositional ? [name] : [];
  });
}

export function blockSignature({ name, parameters }: Definition): string {
  const list = parameters.map(({ name: parameter, type, default: standard }) => {
    const typed = type === undefined ? parameter.text : `${parameter.text}: ${type.text}`;
    return standard === undefined ? typed : `${typed} = ${textOfExpression(standard)}`;
  });
  return `${name.text}${list.length === 0 ? ', without arguments' : `(${list.join(', ')})`}`;
}

export function portsOf(definition: Definition): readonly Port[] {
  if (definition.kind === 'extern') return definition.inputs;
  return definition.statements.flatMap((statement) => (statement.kind === 'input' ? statement.ports : []));
}

export function countOf(count: number, what: string): string {
  return count === 0 ? `no ${what}s` : `${String(count)} ${what}${count === 1 ? '' : 's'}`;
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

/** Keras's names, and torch's for the same. */
export const KERAS_NAMES: ReadonlyMap<string, string> = new Map([
  ['Dense', 'Linear'],
  ['Conv1D', 'Conv1d'],
  ['Conv2D', 'Conv2d'],
  ['Conv3D', 'Conv3d'],
  ['Conv2DTranspose', 'ConvTranspose2d'],
  ['Conv1DTranspose', 'ConvTranspose1d'],
  ['Conv3DTranspose', 'ConvTranspose3d'],
  ['DepthwiseConv2D', 'Conv2d with groups'],
  ['SeparableConv2D', 'two Conv2d, the first with groups'],
  ['MaxPooling1D', 'MaxPool1d'],
  ['MaxPooling2D', 'MaxPool2d'],
  ['MaxPooling3D', 'MaxPool3d'],
  ['MaxPool2D', 'MaxPool2d'],
  ['AveragePooling1D', 'AvgPool1d'],
  ['AveragePooling2D', 'AvgPool2d'],
  ['AveragePooling3D', 'AvgPool3d'],
  ['GlobalAveragePooling2D', 'AdaptiveAvgPool2d(1) -> Flatten'],
  ['GlobalMaxPooling2D', 'AdaptiveMaxPool2d(1) -> Flatten'],
  ['BatchNormalization', 'BatchNorm2d (or BatchNorm1d, BatchNorm3d)'],
  ['LayerNormalization', 'LayerNorm'],
  ['GroupNormalization', 'GroupNorm'],
  ['SpatialDropout2D', 'Dropout2d'],
  ['ZeroPadding2D', 'ZeroPad2d'],
  ['UpSampling2D', 'Upsample'],
  ['Concatenate', 'Concat'],
  ['Add', 'the operator +'],
  ['Multiply', 'the operator *'],
  ['MultiHeadAttention', 'MultiheadAttention'],
  ['Activation', 'the activation itself, such as ReLU'],
  ['ReLu', 'ReLU'],
]);
