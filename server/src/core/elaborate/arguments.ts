/** Arguments → parameters, of layers and of definitions. */
import type { Argument, CallExpression, Definition, Expression, Identifier, Parameter, Range } from '../definition.ts';
import { exactDivide, floorDivide } from '../dimension.ts';
import type { Layer } from '../layers/layer.ts';
import { didYouMean } from '../nearest.ts';
import { UNKNOWN, type Value } from '../value.ts';
import type { Frame } from './frame.ts';
import { findFunction } from './functions.ts';
import { usualArgument } from './habits.ts';
import { describeKind, formatValue, intValue, listValue } from './values.ts';
import { TYPE_WORDS, blockSignature, countOf, enumerated, positionalParameters, signature } from './words.ts';

export function evaluateLayer(
  frame: Frame,
  { callee: name, arguments: args, range }: CallExpression,
): Value | undefined {
  if (findFunction(name.text) !== undefined) return undefined;
  const callee = frame.resolve(name.text);
  if (callee.kind !== 'layer' && callee.kind !== 'definition') return undefined;
  const target = callee.kind === 'layer' ? callee.layer : callee.definition;
  const given =
    callee.kind === 'layer'
      ? layerArguments(frame, callee.layer, { callee: name, arguments: args })
      : blockArguments(frame, callee.definition, name, args);
  return {
    kind: 'layer',
    layer: {
      callee: target,
      arguments: given,
      source: { kind: 'call', callee: name, arguments: args, range },
      writtenIn: frame.definition.id,
    },
  };
}

/** A layer or block by its name alone needs all that has no default. */
export function evaluateArgument(frame: Frame, expression: Expression): Value {
  const value = frame.evaluate(expression);
  if (expression.kind !== 'name' || value.kind !== 'layer' || frame.scope.has(expression.name.text)) return value;
  const { callee } = value.layer;
  const given =
    'family' in callee
      ? checkMissing(frame, callee, expression.name, new Map())
      : blockArguments(frame, callee, expression.name, []);
  return { kind: 'layer', layer: { ...value.layer, arguments: given } };
}

/** Arguments by parameter name: positional ones in torch's order without the inferred. */
export function layerArguments(
  frame: Frame,
  layer: Layer,
  { callee, arguments: args = [] }: { readonly callee: Identifier; readonly arguments?: readonly Argument[] },
): Map<string, Value> {
  const given = new Map<string, Value>();
  const names = Object.keys(layer.parameters);
  const positional = positionalParameters(layer, args);
  let next = 0;
  let tooMany = false;
  for (const argument of args) {
    if (isNameOfAnother(frame, layer, argument)) continue;
    const value = evaluateArgument(frame, argument.value);
    if (argument.name === undefined) {
      const name = positional[next];
      const parameter = name === undefined ? undefined : layer.parameters[name];
      if (name === undefined || parameter === undefined) {
        if (!tooMany)
          frame.error(
            'too-many-arguments',
            `${layer.name} takes ${countOf(positional.length, 'positional argument')}: ${signature(layer)}.`,
            argument.range,
          );
        tooMany = true;
      } else if (parameter.variadic === true) {
        const items = args.filter((each) => each.name === undefined).slice(next);
        const values = items.map((each) => (each === argument ? value : frame.evaluate(each.value)));
        given.set(
          name,
          values.length === 1 && values[0]!.kind !== 'int' && values[0]!.kind !== 'ratio'
            ? values[0]!
            : listValue(values),
        );
        // The rest has been taken.
        for (const each of args)
          if (each.name !== undefined) namedArgument(frame, layer, each, frame.evaluate(each.value), given, names);
        return checkMissing(frame, layer, callee, given, isHalfRead(args, names));
      } else {
        next += 1;
        given.set(name, value);
      }
    } else namedArgument(frame, layer, argument, value, given, names);
  }
  return checkMissing(frame, layer, callee, given, isHalfRead(args, names));
}

/** `ReLU(inplace)`: an argument's name, and no value. */
function isNameOfAnother(frame: Frame, layer: Layer, { name, value }: Argument): boolean {
  if (name !== undefined || value.kind !== 'name') return false;
  const { text } = value.name;
  const parameter = layer.parameters[text];
  if (parameter === undefined || frame.scope.has(text) || frame.resolve(text).kind !== 'unknown') return false;
  const example = parameter.type === 'bool' ? 'True' : (parameter.default ?? '…');
  frame.error(
    'unknown-name',
    `${text} is an argument of ${layer.name}: give it a value, as in ${text}=${example}.`,
    value.range,
  );
  return true;
}

export function namedArgument(
  frame: Frame,
  layer: Layer,
  { name }: Argument,
  value: Value,
  given: Map<string, Value>,
  names: readonly string[],
): void {
  if (name === undefined) return;
  if (!names.includes(name.text)) {
    frame.error(
      'unknown-argument',
      `${layer.name} has no ${name.text}.${meantArgument(name.text, names)} It takes ${signature(layer)}.`,
      name.range,
    );
  } else if (given.has(name.text)) {
    frame.error('duplicate-argument', `${name.text} is given twice. It takes ${signature(layer)}.`, name.range);
    // Which of them is meant, nobody knows.
    given.set(name.text, UNKNOWN);
  } else given.set(name.text, value);
}

function meantArgument(written: string, names: readonly string[]): string {
  const usual = usualArgument(written, names);
  return usual === undefined ? didYouMean(written, names) : ` Did you mean ${usual}?`;
}

/** Whether an argument couldn't be read, or has a name that isn't known: what else is missing then, nobody knows. */
function isHalfRead(args: readonly Argument[], names: readonly string[]): boolean {
  return args.some(({ name, value }) => value.kind === 'missing' || (name !== undefined && !names.includes(name.text)));
}

export function checkMissing(
  frame: Frame,
  layer: Layer,
  callee: Identifier,
  given: Map<string, Value>,
  isPartly = false,
): Map<string, Value> {
  for (const [name, value] of given) {
    if (layer.parameters[name]?.runtime === true && value.kind === 'symbolic' && frame.open === undefined)
      given.set(name, UNKNOWN);
    else given.set(name, frame.decidedValue(value, `${layer.name}'s ${name}`, callee.range));
  }
  const missing = Object.entries(layer.parameters).filter(
    ([name, parameter]) => parameter.infer === undefined && parameter.default === undefined && !given.has(name),
  );
  if (missing.length > 0 && !isPartly) {
    const list = enumerated(missing.map(([name]) => name));
    const docs = missing.map(([name, { doc }]) => (missing.length === 1 ? doc : `${name}: ${doc}`)).join(' ');
    frame.error('missing-argument', `${layer.name} needs ${list}. ${docs} Write ${signature(layer)}.`, callee.range);
  }
  return given;
}

export function blockArguments(
  frame: Frame,
  definition: Definition,
  callee: Identifier,
  args: readonly Argument[],
): Map<string, Value> {
  const given = new Map<string, Value>();
  const { parameters } = definition;
  let next = 0;
  let tooMany = false;
  for (const argument of args) {
    const value = evaluateArgument(frame, argument.value);
    let parameter: Parameter | undefined;
    if (argument.name === undefined) {
      parameter = parameters[next];
      next += 1;
      if (parameter === undefined) {
        if (!tooMany)
          frame.error(
            'too-many-arguments',
            `${definition.name.text} takes ${countOf(parameters.length, 'argument')}: ${blockSignature(definition)}.`,
            argument.range,
          );
        tooMany = true;
        continue;
      }
    } else {
      const wanted = argument.name.text;
      parameter = parameters.find(({ name }) => name.text === wanted);
      if (parameter === undefined) {
        frame.error(
          'unknown-argument',
          `${definition.name.text} has no ${wanted}.${meantArgument(
            wanted,
            parameters.map(({ name }) => name.text),
          )} It is ${blockSignature(definition)}.`,
          argument.name.range,
        );
        continue;
      }
    }
    if (given.has(parameter.name.text)) {
      frame.error(
        'duplicate-argument',
        `${parameter.name.text} is given twice.`,
        argument.name?.range ?? argument.range,
      );
      continue;
    }
    given.set(parameter.name.text, typedValue(frame, parameter, value, argument.value.range, definition.name.text));
  }
  const missing = parameters.filter(({ name, default: standard }) => standard === undefined && !given.has(name.text));
  const names = parameters.map(({ name }) => name.text);
  if (missing.length > 0 && !isHalfRead(args, names)) {
    frame.error(
      'missing-argument',
      `${definition.name.text} needs ${enumerated(missing.map(({ name }) => name.text))}: it is ${blockSignature(definition)}.`,
      callee.range,
    );
    for (const { name } of missing) given.set(name.text, UNKNOWN);
  }
  return given;
}

/** A value for a parameter of a declared type. */
export function typedValue(frame: Frame, parameter: Parameter, given: Value, at: Range, owner: string): Value {
  const type = parameter.type?.text;
  const value = frame.decidedValue(given, `${owner}'s ${parameter.name.text}`, at);
  const kind = value.kind === 'symbolic' ? value.example.kind : value.kind;
  if (kind === 'tensor') {
    frame.error('argument-type', `${owner}'s ${parameter.name.text} can't be a tensor: tensors go in by ->.`, at);
    return UNKNOWN;
  }
  if (type === undefined || kind === 'unknown' || fitsType(type, kind, value)) return value;
  if (type === 'int' && value.kind === 'ratio') {
    const whole = exactDivide(value.numerator, value.denominator);
    if (whole !== undefined) return intValue(whole);
    if (frame.open !== undefined) return intValue(floorDivide(value.numerator, value.denominator));
    frame.error(
      'division-inexact',
      `${owner}'s ${parameter.name.text} is a whole number, but ${formatValue(value)} isn't whole. Write // for a whole quotient.`,
      at,
    );
    return UNKNOWN;
  }
  frame.error(
    'argument-type',
    `${owner}'s ${parameter.name.text} is ${TYPE_WORDS[type] ?? type} (${type}), not ${isNumber(value) ? formatValue(value) : describeKind(value)}.`,
    at,
  );
  return UNKNOWN;
}

function isNumber({ kind }: Value): boolean {
  return kind === 'int' || kind === 'float' || kind === 'ratio';
}

/** The written argument that became this parameter. */
export function argumentOf(
  layer: Layer,
  args: readonly Argument[],
  parameter: string | undefined,
): Argument | undefined {
  if (parameter === undefined) return undefined;
  const named = args.find(({ name }) => name?.text === parameter);
  if (named !== undefined) return named;
  const positional = positionalParameters(layer, args);
  return args.filter(({ name }) => name === undefined)[positional.indexOf(parameter)];
}

export function fitsType(type: string, kind: Value['kind'], value: Value): boolean {
  switch (type) {
    case 'int':
      return kind === 'int';
    case 'float':
      return kind === 'float' || kind === 'int' || kind === 'ratio';
    case 'bool':
      return kind === 'bool';
    case 'str':
      return kind === 'string';
    case 'ints':
      return kind === 'list' && value.kind === 'list'
        ? value.items.every((item) => item.kind === 'int' || item.kind === 'symbolic' || item.kind === 'unknown')
        : kind === 'list';
    case 'layer':
      return kind === 'layer';
    default:
      return true;
  }
}
