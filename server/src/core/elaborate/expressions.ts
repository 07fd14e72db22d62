/** Expressions → values: Python's rules on numbers, lists and texts; tensors go to the {@link Surroundings}. */
import type {
  BinaryExpression,
  CallExpression,
  CompareExpression,
  CompareOperator,
  ConditionalExpression,
  Expression,
  Identifier,
  IndexExpression,
  MemberExpression,
  PipelineExpression,
  Range,
  SliceExpression,
} from '../definition.ts';
import {
  type Condition,
  type Dimension,
  DimensionTooLarge,
  FALSE,
  ONE,
  TRUE,
  ZERO,
  add,
  and,
  compare,
  constantValue,
  decided,
  equal,
  floorDivide,
  modulo,
  multiply,
  negate,
  not,
  or,
  power,
  subtract,
} from '../dimension.ts';
import { type LocalFix, fix, insert, replace, replacements, spellings } from '../fix.ts';
import { didYouMean } from '../nearest.ts';
import { formatShape } from '../tensor.ts';
import type { Tensor } from '../tensor.ts';
import { type Lookup, NONE, UNKNOWN, type Value } from '../value.ts';
import type { MovedChannels } from './featureMap.ts';
import { FunctionError, LIST_LIMIT, findFunction, functionNames } from './functions.ts';
import { functionHabit } from './habits.ts';
import { textOfExpression } from './words.ts';
import {
  boolValue,
  deferred,
  describeKind,
  formatValue,
  holdsTensor,
  intValue,
  listValue,
  ratioValue,
  valueKey,
} from './values.ts';

/** What an expression needs of the definition around it. */
export interface Surroundings {
  /** The value of a name; says what is wrong where it has none. */
  nameValue(name: Identifier): Value;
  /** A layer or block with arguments, where one may be passed on; `undefined` where the name is none. */
  layerValue(expression: CallExpression): Value | undefined;
  pipelineValue(expression: PipelineExpression): Value;
  /** One arm, or (where it isn't decided) what both have in common. */
  conditionalValue(expression: ConditionalExpression): Value;
  /** @param sides what stands on both sides of it */
  tensorOperator(operator: string, operands: readonly Value[], at: Range, sides?: readonly Expression[]): Value;
  /** Values of parameters and sizes in the use at hand. */
  readonly examples: Lookup;
  /** Whether a tensor of rank 4 is for certain an image, channels first. */
  isFeatureMap(tensor: Tensor): boolean;
  /** Where its channels stand for certain, if that isn't dimension 1. */
  movedChannels(tensor: Tensor): MovedChannels | undefined;
  /** Whether a chain may stand in an expression's place without parentheses. */
  isChainPlace(expression: Expression): boolean;
  /** Counts work that a program asks for: beyond a bound it is refused (a {@link FunctionError}), so that nothing hangs. */
  spend(steps: number): void;
  error(code: string, message: string, at: Range, fixes?: readonly LocalFix[]): void;
  warning(code: string, message: string, at: Range, fixes?: readonly LocalFix[]): void;
  /** Keeps what was found, for hovers and for the generator. */
  found(expression: Expression, value: Value): void;
}

export function evaluateExpression(expression: Expression, around: Surroundings): Value {
  let value: Value;
  try {
    value = evaluateKind(expression, around);
  } catch (error) {
    if (error instanceof DimensionTooLarge) {
      around.error('too-large', 'This number is too large to be worked out.', operatorRange(expression));
    } else if (error instanceof FunctionError) {
      const name = expression.kind === 'call' ? `${expression.callee.text} ` : '';
      around.error(error.code, `${name}${error.message}.`, operatorRange(expression));
    } else throw error;
    value = UNKNOWN;
  }
  around.found(expression, value);
  return value;
}

function operatorRange(expression: Expression): Range {
  switch (expression.kind) {
    case 'binary':
      return expression.operator === '..' ? expression.range : expression.operatorRange;
    case 'call':
      return expression.callee.range;
    default:
      return expression.range;
  }
}

function evaluateKind(expression: Expression, around: Surroundings): Value {
  switch (expression.kind) {
    case 'number':
      return typeof expression.value === 'bigint'
        ? intValue(expression.value)
        : { kind: 'float', value: expression.value };
    case 'string':
      return { kind: 'string', value: expression.value };
    case 'boolean':
      return boolValue(expression.value);
    case 'none':
      return NONE;
    case 'missing':
      return UNKNOWN;
    case 'name':
      return around.nameValue(expression.name);
    case 'call':
      return evaluateCall(expression, around);
    case 'member':
      return evaluateMember(expression, around);
    case 'index': {
      const object = evaluateExpression(expression.object, around);
      const index = evaluateExpression(expression.index, around);
      return itemOf(object, index, expression, around);
    }
    case 'slice': {
      const object = evaluateExpression(expression.object, around);
      const parts = [expression.start, expression.stop, expression.step].map((part) =>
        part === undefined ? NONE : evaluateExpression(part, around),
      );
      if (object.kind === 'tensor') return tensorSubscript(expression, around);
      return withKnown('slice', [object, ...parts], around, sliceOf);
    }
    case 'list':
    case 'tuple':
      return listValue(
        expression.items.map((item) => evaluateExpression(item, around)),
        expression.kind === 'tuple',
      );
    case 'unary':
      return evaluateUnary(
        expression.operator,
        evaluateExpression(expression.operand, around),
        expression.range,
        around,
      );
    case 'binary':
      return evaluateBinary(expression, around);
    case 'compare':
      return evaluateCompare(expression, around);
    case 'conditional':
      return around.conditionalValue(expression);
    case 'pipeline':
      return around.pipelineValue(expression);
  }
}

function evaluateCall(expression: CallExpression, around: Surroundings): Value {
  const layer = around.layerValue(expression);
  if (layer !== undefined) return layer;
  const name = expression.callee.text;
  const operands = expression.arguments.map((argument) => evaluateExpression(argument.value, around));
  const f = findFunction(name);
  if (f === undefined) {
    const habit = functionHabit(name, expression.arguments);
    around.error(
      'unknown-name',
      habit?.message ?? `There is no function ${name}.${didYouMean(name, functionNames())}`,
      expression.callee.range,
      habit === undefined
        ? spellings(name, expression.callee.range, functionNames())
        : habit.instead === undefined
          ? []
          : [
              fix(
                `Write ${habit.instead}`,
                [replace(expression.range, around.isChainPlace(expression) ? habit.instead : `(${habit.instead})`)],
                'preferred',
              ),
            ],
    );
    return UNKNOWN;
  }
  const named = expression.arguments.find((argument) => argument.name !== undefined);
  if (named?.name !== undefined) {
    const start = named.name.range.start;
    around.error('unknown-argument', `${name} takes its values without names: ${f.signature}.`, named.name.range, [
      fix(`Remove ${named.name.text}=`, [replace({ start, end: named.value.range.start }, '')], 'preferred'),
    ]);
    return UNKNOWN;
  }
  return withKnown(name, operands, around, (values) => f.apply(values));
}

/** Applies an operation now where it can be, else when the parameters are known. */
function withKnown(
  text: string,
  operands: readonly Value[],
  around: Surroundings,
  apply: (operands: readonly Value[]) => Value | undefined,
): Value {
  if (operands.some((operand) => operand.kind === 'unknown')) return UNKNOWN;
  const tensor = operands.find((operand) => operand.kind === 'tensor');
  if (tensor !== undefined) throw new FunctionError('takes numbers and lists, not a tensor');
  if (!operands.some((operand) => operand.kind === 'symbolic')) {
    const value = apply(operands);
    if (value !== undefined) return value;
  }
  return deferred(text, operands, around.examples, (values) => apply(values) ?? UNKNOWN);
}

// ---------------------------------------------------------------------------------------------- members and items

export const MEMBERS: Readonly<Record<string, string>> = {
  channels: 'the size of dimension 1',
  height: 'the size of the last dimension but one',
  width: 'the size of the last dimension',
  features: 'the size of the last dimension',
  rank: 'the number of dimensions',
  shape: 'all sizes, batch first',
};

function evaluateMember({ object, member }: MemberExpression, around: Surroundings): Value {
  const value = evaluateExpression(object, around);
  if (value.kind === 'unknown') return UNKNOWN;
  if (value.kind !== 'tensor') {
    around.error(
      'unknown-member',
      `${describeKind(value)} has no .${member.text}: only tensors have members.`.replace(/^./, (c) => c.toUpperCase()),
      member.range,
    );
    return UNKNOWN;
  }
  if (!(member.text in MEMBERS)) {
    const all = Object.keys(MEMBERS);
    around.error(
      'unknown-member',
      `A tensor has no .${member.text}.${didYouMean(member.text, all)} It has ${all.join(', ')}.`,
      member.range,
      spellings(member.text, member.range, all),
    );
    return UNKNOWN;
  }
  return memberOf(value.tensor, member, around);
}

function memberOf(tensor: Tensor, member: Identifier, around: Surroundings): Value {
  const { shape } = tensor;
  if (shape === undefined) return UNKNOWN;
  if (member.text === 'rank') return intValue(shape.length);
  if (member.text === 'shape') return listValue(shape.map(intValue));
  const least = { channels: 2, height: 3, width: 2, features: 1 }[member.text] ?? 1;
  if (shape.length < least) {
    around.error('rank-mismatch', `A tensor of shape ${formatShape(shape)} has no ${member.text}.`, member.range);
    return UNKNOWN;
  }
  if (member.text === 'features' && shape.length === 4 && around.isFeatureMap(tensor)) {
    around.warning(
      'features-of-image',
      `.features is the last dimension; of an image ${formatShape(shape)} that is its width. Write .width, or .channels for the number of maps.`,
      member.range,
      replacements('features', member.range, ['channels', 'width']),
    );
  }
  const at = { channels: 1, height: shape.length - 2, width: shape.length - 1, features: shape.length - 1 }[
    member.text
  ]!;
  const isOfImage = member.text === 'channels' || (member.text !== 'features' && shape.length === 4);
  const moved = isOfImage ? around.movedChannels(tensor) : undefined;
  if (moved !== undefined) {
    const { dimension, by } = moved;
    const where = dimension === shape.length - 1 ? 'features' : `shape[${String(dimension)}]`;
    around.warning(
      'channels-moved',
      `.${member.text} is dimension ${String(at)}, for channels first; but ${by} moved the channels of ${formatShape(shape)} to dimension ${String(dimension)}. Write .${where} for the channels, .shape[i] for the others.`,
      member.range,
      member.text === 'channels' ? replacements('channels', member.range, [where]) : [],
    );
  }
  return intValue(shape[at]!);
}

function tensorSubscript(expression: IndexExpression | SliceExpression, around: Surroundings): Value {
  const { object, range } = expression;
  const cut =
    expression.kind === 'index'
      ? `Select(0, ${textOfExpression(expression.index)})`
      : expression.step !== undefined
        ? undefined
        : sliceStage(
            0,
            expression.start && textOfExpression(expression.start),
            expression.stop && textOfExpression(expression.stop),
          );
  around.error(
    'tensor-subscript',
    'Tensors are not cut by [ ]: use x -> Select(dim, index), x -> Slice(dim, start, stop), or x.shape[i] for a size.',
    range,
    cut === undefined
      ? []
      : [
          fix(
            `Write ${textOfExpression(object)} -> ${cut}`,
            around.isChainPlace(expression)
              ? [replace({ start: object.range.end, end: range.end }, ` -> ${cut}`)]
              : [insert(range.start, '('), replace({ start: object.range.end, end: range.end }, ` -> ${cut})`)],
            'preferred',
          ),
        ],
  );
  return UNKNOWN;
}

/** `x[a:b]` along a dimension. */
export function sliceStage(dim: number, start: string | undefined, stop: string | undefined): string {
  const given = [start === undefined ? undefined : `start=${start}`, stop === undefined ? undefined : `stop=${stop}`];
  return `Slice(${[String(dim), ...given.filter((each) => each !== undefined)].join(', ')})`;
}

function itemOf(object: Value, index: Value, expression: IndexExpression, around: Surroundings): Value {
  const at = expression.index.range;
  if (object.kind === 'unknown' || index.kind === 'unknown') return UNKNOWN;
  if (object.kind === 'tensor') return tensorSubscript(expression, around);
  const list = object.kind === 'symbolic' ? object.example : object;
  if (list.kind !== 'list') {
    around.error(
      'expression-type',
      `${formatValue(object)} is ${describeKind(object)}, not a list: it has no items.`,
      at,
    );
    return UNKNOWN;
  }
  if (index.kind !== 'int') {
    around.error('expression-type', `A list's items are numbered by whole numbers, not by ${describeKind(index)}.`, at);
    return UNKNOWN;
  }
  const known = constantValue(index.value);
  if (object.kind === 'list' && known !== undefined) {
    const length = BigInt(list.items.length);
    const item = list.items[Number(known < 0n ? known + length : known)];
    if (known >= -length && known < length && item !== undefined) return item;
    around.error(
      'index-range',
      `There is no item ${String(known)}: ${formatValue(object)} has ${String(length)}, numbered from 0 to ${String(length - 1n)}.`,
      at,
      length === 0n ? [] : [fix(`Write ${String(length - 1n)}, the last one`, [replace(at, String(length - 1n))])],
    );
    return UNKNOWN;
  }
  return deferred('item', [object, index], around.examples, ([items, i]) => {
    if (items?.kind !== 'list' || i?.kind !== 'int') return UNKNOWN;
    return items.items.at(Number(constantValue(i.value))) ?? UNKNOWN;
  });
}

function sliceOf([object, ...parts]: readonly Value[]): Value | undefined {
  if (object?.kind !== 'list') throw new FunctionError('A slice [a:b] is of a list');
  const numbers: (number | undefined)[] = [];
  for (const part of parts) {
    if (part.kind === 'none') numbers.push(undefined);
    else if (part.kind === 'int') {
      const known = constantValue(part.value);
      if (known === undefined) return undefined;
      numbers.push(Number(known));
    } else throw new FunctionError(`A slice goes by whole numbers, not by ${describeKind(part)}`);
  }
  const [start, stop, step = 1] = numbers;
  if (step === 0) throw new FunctionError('A slice cannot have step 0', 'argument-value');
  const { items } = object;
  if (step === 1) return listValue(items.slice(start, stop), object.isTuple);
  // Python's rules for a step: ends are clipped to the list, and a negative step walks backwards.
  const clip = (i: number): number => {
    const from = i < 0 ? i + items.length : i;
    return step > 0 ? Math.min(Math.max(from, 0), items.length) : Math.min(Math.max(from, -1), items.length - 1);
  };
  const first = start === undefined ? (step > 0 ? 0 : items.length - 1) : clip(start);
  const end = stop === undefined ? (step > 0 ? items.length : -1) : clip(stop);
  const picked: Value[] = [];
  for (let i = first; step > 0 ? i < end : i > end; i += step) picked.push(items[i]!);
  return listValue(picked, object.isTuple);
}

// ---------------------------------------------------------------------------------------------- operators

function evaluateUnary(operator: '-' | '+' | 'not', value: Value, at: Range, around: Surroundings): Value {
  if (value.kind === 'unknown') return UNKNOWN;
  if (operator === 'not') {
    const truth = truthOf(value, around);
    if (truth === undefined) throw new FunctionError(`not takes True or False, not ${describeKind(value)}`);
    return boolValue(not(truth));
  }
  if (value.kind === 'tensor') return around.tensorOperator(operator, [value], at);
  if (value.kind === 'int') return operator === '-' ? intValue(negate(value.value)) : value;
  if (value.kind === 'ratio') return operator === '-' ? { ...value, numerator: negate(value.numerator) } : value;
  if (value.kind === 'float') return operator === '-' ? { kind: 'float', value: -value.value } : value;
  if (value.kind === 'symbolic') {
    return deferred(operator, [value], around.examples, ([operand]) => evaluateUnary(operator, operand!, at, around));
  }
  throw new FunctionError(`${operator} takes a number, not ${describeKind(value)}`);
}

const TENSOR_OPERATORS = new Set(['+', '-', '*', '/', '**', '@']);

function evaluateBinary(expression: BinaryExpression, around: Surroundings): Value {
  const { operator, operatorRange: at } = expression;
  const left = evaluateExpression(expression.left, around);
  if (operator === 'and' || operator === 'or') {
    const known = truthOf(left, around);
    // As in Python, the right side is not looked at where the left one decides.
    if (known !== undefined && decided(known) === (operator === 'or')) return boolValue(known);
    const right = evaluateExpression(expression.right, around);
    if (left.kind === 'unknown' || right.kind === 'unknown') return UNKNOWN;
    const other = truthOf(right, around);
    if (known === undefined || other === undefined) {
      throw new FunctionError(
        `${operator} takes True or False, not ${describeKind(known === undefined ? left : right)}`,
      );
    }
    return boolValue(operator === 'and' ? and(known, other) : or(known, other));
  }
  const right = evaluateExpression(expression.right, around);
  if (left.kind === 'unknown' || right.kind === 'unknown') {
    return UNKNOWN;
  }
  if (left.kind === 'tensor' || right.kind === 'tensor') {
    for (const [value, { range }] of [
      [left, expression.left],
      [right, expression.right],
    ] as const) {
      if (value.kind !== 'layer') continue;
      const name = formatValue(value);
      around.error('not-a-value', `${name} is a layer, not a tensor: feed it something, as in x -> ${name}.`, range);
      return UNKNOWN;
    }
    if (!TENSOR_OPERATORS.has(operator)) {
      throw new FunctionError(`${operator} is for numbers; on tensors there are + - * / ** @ and comparisons`);
    }
    return around.tensorOperator(operator, [left, right], at, [expression.left, expression.right]);
  }
  return numberOperator(operator, left, right, at, around);
}

export function numberOperator(operator: string, left: Value, right: Value, at: Range, around: Surroundings): Value {
  if (left.kind === 'symbolic' || right.kind === 'symbolic') {
    return deferred(operator, [left, right], around.examples, ([a, b]) => numberOperator(operator, a!, b!, at, around));
  }
  if (operator === '..') return rangeOf(left, right, at, around);
  if (left.kind === 'list' || right.kind === 'list' || left.kind === 'string' || right.kind === 'string') {
    const value = sequenceOperator(operator, left, right);
    if (value.kind === 'list') around.spend(value.items.length);
    return value;
  }
  const a = numeric(left, operator);
  const b = numeric(right, operator);
  if ((operator === '/' || operator === '//' || operator === '%') && isZero(b)) {
    around.error('division-by-zero', `${formatValue(left)} ${operator} 0: nothing can be divided by 0.`, at);
    return UNKNOWN;
  }
  if (a.kind === 'int' && b.kind === 'int') {
    switch (operator) {
      case '+':
        return intValue(add(a.value, b.value));
      case '-':
        return intValue(subtract(a.value, b.value));
      case '*':
        return intValue(multiply(a.value, b.value));
      case '/':
        return ratioValue(a.value, b.value);
      case '//':
        return intValue(floorDivide(a.value, b.value));
      case '%':
        return intValue(modulo(a.value, b.value));
      case '**': {
        const exponent = constantValue(b.value);
        if (exponent !== undefined && exponent < 0n) {
          const whole = power(a.value, negate(b.value));
          if (whole !== undefined) return ratioValue(ONE, whole);
        }
        const result = power(a.value, b.value);
        if (result !== undefined) return intValue(result);
        if (exponent !== undefined && exponent > 0n && constantValue(a.value) !== undefined) {
          throw new DimensionTooLarge(`${formatValue(left)} ** ${formatValue(right)} has too many digits`);
        }
        break;
      }
    }
  }
  const exact = exactOperator(operator, a, b);
  if (exact !== undefined) return exact;
  const x = floatOf(a);
  const y = floatOf(b);
  if (x === undefined || y === undefined) {
    return deferred(operator, [a, b], around.examples, ([p, q]) => numberOperator(operator, p!, q!, at, around));
  }
  return { kind: 'float', value: floatOperator(operator, x, y) };
}

type Numeric = Extract<Value, { kind: 'int' | 'ratio' | 'float' }>;

function numeric(value: Value, operator: string): Numeric {
  if (value.kind === 'int' || value.kind === 'ratio' || value.kind === 'float') return value;
  throw new FunctionError(`${operator} takes numbers, not ${describeKind(value)}`);
}

function isZero(value: Numeric): boolean {
  if (value.kind === 'float') return value.value === 0;
  return value.kind === 'int' && constantValue(value.value) === 0n;
}

function fraction(value: Numeric): { numerator: Dimension; denominator: Dimension } | undefined {
  if (value.kind === 'int') return { numerator: value.value, denominator: ONE };
  return value.kind === 'ratio' ? value : undefined;
}

/** On ints and exact quotients; `undefined` where a float takes part. */
function exactOperator(operator: string, a: Numeric, b: Numeric): Value | undefined {
  const x = fraction(a);
  const y = fraction(b);
  if (x === undefined || y === undefined) return undefined;
  const common = multiply(x.denominator, y.denominator);
  const left = multiply(x.numerator, y.denominator);
  const right = multiply(y.numerator, x.denominator);
  switch (operator) {
    case '+':
      return ratioValue(add(left, right), common);
    case '-':
      return ratioValue(subtract(left, right), common);
    case '*':
      return ratioValue(multiply(x.numerator, y.numerator), common);
    case '/':
      return ratioValue(left, right);
    case '//':
      return intValue(floorDivide(left, right));
    default:
      return undefined;
  }
}

function floatOf(value: Numeric): number | undefined {
  if (value.kind === 'float') return value.value;
  const both = fraction(value)!;
  const a = constantValue(both.numerator);
  const b = constantValue(both.denominator);
  return a === undefined || b === undefined ? undefined : Number(a) / Number(b);
}

function floatOperator(operator: string, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '//':
      return Math.floor(x / y);
    case '%':
      return x - Math.floor(x / y) * y;
    case '**':
      return x ** y;
    default:
      throw new FunctionError(`${operator} is for tensors`);
  }
}

function sequenceOperator(operator: string, left: Value, right: Value): Value {
  if (operator === '+' && left.kind === 'list' && right.kind === 'list') {
    return listValue([...left.items, ...right.items], left.isTuple && right.isTuple);
  }
  if (operator === '+' && left.kind === 'string' && right.kind === 'string') {
    return { kind: 'string', value: left.value + right.value };
  }
  const [list, count] = left.kind === 'list' ? [left, right] : [right, left];
  if (operator === '*' && list.kind === 'list' && count.kind === 'int') {
    const times = Number(constantValue(count.value) ?? 0n);
    if (times * list.items.length > LIST_LIMIT) throw new FunctionError('would make too long a list', 'too-large');
    return listValue(Array.from({ length: Math.max(times, 0) }, () => list.items).flat(), list.isTuple);
  }
  throw new FunctionError(`${operator} can't be used between ${describeKind(left)} and ${describeKind(right)}`);
}

/** `a..b`: the whole numbers from a on, b excluded. */
function rangeOf(left: Value, right: Value, at: Range, around: Surroundings): Value {
  if (left.kind !== 'int' || right.kind !== 'int') {
    const wrong = left.kind === 'int' ? right : left;
    throw new FunctionError(`a..b goes from one whole number to another, not ${describeKind(wrong)}`);
  }
  const from = constantValue(left.value);
  const to = constantValue(right.value);
  if (from === undefined || to === undefined) {
    return deferred('range', [left, right], around.examples, ([a, b]) => rangeOf(a!, b!, at, around));
  }
  if (to - from > BigInt(LIST_LIMIT)) {
    throw new FunctionError(
      `${String(from)}..${String(to)} is ${String(to - from)} numbers: more than ${String(LIST_LIMIT)} can't be built`,
      'too-large',
    );
  }
  const length = Math.max(Number(to - from), 0);
  around.spend(length);
  return listValue(Array.from({ length }, (_, i) => intValue(from + BigInt(i))));
}

// ---------------------------------------------------------------------------------------------- comparisons

function evaluateCompare({ operators, operands, range }: CompareExpression, around: Surroundings): Value {
  const values = operands.map((operand) => evaluateExpression(operand, around));
  if (values.some((value) => value.kind === 'unknown')) return UNKNOWN;
  if (values.some((value) => value.kind === 'tensor')) {
    if (values.length > 2)
      throw new FunctionError('Tensors are compared two at a time: a chain of comparisons is for numbers');
    return around.tensorOperator(operators[0]!, values, range);
  }
  const conditions = operators.map((operator, i) => comparison(operator, values[i]!, values[i + 1]!, around));
  return conditions.some((condition) => condition === undefined)
    ? UNKNOWN
    : boolValue(and(...(conditions as Condition[])));
}

function comparison(operator: CompareOperator, left: Value, right: Value, around: Surroundings): Condition | undefined {
  if (left.kind === 'symbolic' || right.kind === 'symbolic') {
    const value = deferred(operator, [left, right], around.examples, ([a, b]) => {
      const truth = comparison(operator, a!, b!, around);
      return truth === undefined ? UNKNOWN : boolValue(truth);
    });
    return value.kind === 'bool' ? value.value : undefined;
  }
  if (left.kind === 'int' && right.kind === 'int') return compare(operator, left.value, right.value);
  const isNumber = (value: Value): value is Numeric =>
    value.kind === 'int' || value.kind === 'ratio' || value.kind === 'float';
  if (isNumber(left) && isNumber(right)) return compareNumbers(operator, left, right, around);
  if (operator !== '==' && operator !== '!=') {
    if (left.kind === 'string' && right.kind === 'string') {
      return truth(orders(operator, left.value < right.value ? -1 : left.value > right.value ? 1 : 0));
    }
    throw new FunctionError(`${operator} compares numbers, not ${describeKind(isNumber(left) ? right : left)}`);
  }
  if ([left, right].some(holdsTensor)) {
    throw new FunctionError(`${operator} compares numbers, texts and lists of them, not lists of tensors`);
  }
  const same =
    left.kind === 'bool' && right.kind === 'bool' ? sameTruth(left.value, right.value) : sameValue(left, right);
  return operator === '==' ? same : not(same);
}

function compareNumbers(
  operator: CompareOperator,
  left: Numeric,
  right: Numeric,
  around: Surroundings,
): Condition | undefined {
  const a = fraction(left);
  const b = fraction(right);
  if (
    a !== undefined &&
    b !== undefined &&
    (constantValue(a.denominator) ?? 0n) > 0n &&
    (constantValue(b.denominator) ?? 0n) > 0n
  ) {
    return compare(operator, multiply(a.numerator, b.denominator), multiply(b.numerator, a.denominator));
  }
  const x = floatOf(left);
  const y = floatOf(right);
  if (x !== undefined && y !== undefined) return truth(orders(operator, x - y));
  const value = deferred(operator, [left, right], around.examples, ([p, q]) => {
    const result = comparison(operator, p!, q!, around);
    return result === undefined ? UNKNOWN : boolValue(result);
  });
  return value.kind === 'bool' ? value.value : undefined;
}

function orders(operator: CompareOperator, difference: number): boolean {
  switch (operator) {
    case '==':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}

function truth(value: boolean): Condition {
  return value ? TRUE : FALSE;
}

function sameTruth(a: Condition, b: Condition): Condition {
  return or(and(a, b), and(not(a), not(b)));
}

function sameValue(a: Value, b: Value): Condition {
  if (a.kind === 'list' && b.kind === 'list') {
    if (a.items.length !== b.items.length) return FALSE;
    return and(...a.items.map((item, i) => sameItem(item, b.items[i]!)));
  }
  return truth(a.kind === b.kind && valueKey(a) === valueKey(b));
}

function sameItem(a: Value, b: Value): Condition {
  if (a.kind === 'int' && b.kind === 'int') return equal(a.value, b.value) ? TRUE : compare('==', a.value, b.value);
  return sameValue(a, b);
}

/** The truth of a value, as Python's `if` takes it; `undefined` for what has none here. */
export function truthOf(value: Value, around: Pick<Surroundings, 'examples'>): Condition | undefined {
  switch (value.kind) {
    case 'bool':
      return value.value;
    case 'int':
      return compare('!=', value.value, ZERO);
    case 'float':
      return truth(value.value !== 0);
    case 'none':
      return FALSE;
    case 'list':
      return truth(value.items.length > 0);
    case 'string':
      return truth(value.value !== '');
    case 'symbolic': {
      const result = deferred('bool', [value], around.examples, ([known]) => {
        const condition = known === undefined ? undefined : truthOf(known, around);
        return condition === undefined ? UNKNOWN : boolValue(condition);
      });
      return result.kind === 'bool' ? result.value : undefined;
    }
    default:
      return undefined;
  }
}
