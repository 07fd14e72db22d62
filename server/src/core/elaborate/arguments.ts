/** Arguments → parameters, of layers and of definitions. */
import type { Argument, CallExpression, Definition, Expression, Identifier, Parameter, Range } from '../definition.ts';
import { exactDivide, floorDivide } from '../dimension.ts';
import { type LocalFix, fix, remove, replace, replacements } from '../fix.ts';
import { LAYERS } from '../layers/catalogue.ts';
import type { Layer } from '../layers/layer.ts';
import { numberIn, truthOf, wholeNumber } from '../layers/parameters.ts';
import { usualValue } from '../layers/usualValues.ts';
import { didYouMean, nearby } from '../nearest.ts';
import { UNKNOWN, type Value } from '../value.ts';
import { addArgument } from './fixes.ts';
import type { Frame } from './frame.ts';
import { findFunction } from './functions.ts';
import { usualArgument } from './habits.ts';
import { describeKind, formatValue, holdsTensor, intValue, listValue } from './values.ts';
import {
  TYPE_WORDS,
  blockSignature,
  countOf,
  enumerated,
  parametersOf,
  positionalParameters,
  signature,
  textOfArgument,
} from './words.ts';

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
      ? layerArguments(frame, callee.layer, { callee: name, arguments: args, range })
      : blockArguments(frame, callee.definition, { callee: name, arguments: args, range });
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
      ? checkMissing(frame, callee, { callee: expression.name, range: expression.range }, new Map())
      : blockArguments(frame, callee, { callee: expression.name, range: expression.range });
  return { kind: 'layer', layer: { ...value.layer, arguments: given } };
}

/** A call as it stands in the text. */
export interface WrittenCall {
  readonly callee: Identifier;
  readonly arguments?: readonly Argument[];
  readonly range: Range;
}

function hasNoNames({ arguments: args = [] }: WrittenCall): boolean {
  return args.every(({ name }) => name === undefined);
}

/** Arguments by parameter name: positional ones in torch's order without the inferred. */
export function layerArguments(frame: Frame, layer: Layer, call: WrittenCall): Map<string, Value> {
  const { arguments: args = [] } = call;
  const given = new Map<string, Value>();
  const { names } = parametersOf(layer);
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
            [removeSurplus(args, positional.length)],
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
          if (each.name !== undefined)
            namedArgument(frame, layer, call, each, frame.evaluate(each.value), given, names);
        return checkMissing(frame, layer, call, given, isHalfRead(args, names));
      } else {
        next += 1;
        given.set(name, value);
      }
    } else namedArgument(frame, layer, call, argument, value, given, names);
  }
  return checkMissing(frame, layer, call, given, isHalfRead(args, names));
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
  call: WrittenCall,
  { name, range }: Argument,
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
      argumentFixes(name, range, names, isNeeded(layer, call)),
    );
  } else if (given.has(name.text)) {
    frame.error('duplicate-argument', `${name.text} is given twice. It takes ${signature(layer)}.`, name.range, [
      removeArgument(name.text, range),
    ]);
    // Which of them is meant, nobody knows.
    given.set(name.text, UNKNOWN);
  } else given.set(name.text, value);
}

function meantArgument(written: string, names: readonly string[]): string {
  const usual = usualArgument(written, names);
  return usual === undefined ? didYouMean(written, names) : ` Did you mean ${usual}?`;
}

/** Those meant by a name that there isn't, and to do without, where nothing is needed that it may be. */
function argumentFixes(
  name: Identifier,
  argument: Range,
  names: readonly string[],
  needed: boolean,
): readonly LocalFix[] {
  const usual = usualArgument(name.text, names);
  const meant = usual === undefined ? nearby(name.text, names) : [usual];
  return [
    ...replacements(name.text, name.range, meant),
    ...(needed ? [] : [fix(`Remove ${name.text}`, [remove(argument)], meant.length === 0 ? 'preferred' : undefined)]),
  ];
}

/** Whether something that must be given isn't: what has another name may be meant to be it. */
function isNeeded(layer: Layer, { arguments: args = [] }: WrittenCall): boolean {
  return Object.entries(layer.parameters).some(
    ([name, { infer, default: standard }]) =>
      infer === undefined && standard === undefined && argumentOf(layer, args, name) === undefined,
  );
}

function removeArgument(name: string, argument: Range): LocalFix {
  return fix(`Remove this ${name}`, [remove(argument)], 'preferred');
}

/** What no parameter is for. */
function removeSurplus(args: readonly Argument[], count: number): LocalFix {
  const surplus = args.filter(({ name }) => name === undefined).slice(count);
  const title =
    surplus.length === 1 ? `Remove ${textOfArgument(surplus[0]!)}` : `Remove the last ${String(surplus.length)}`;
  return fix(
    title,
    surplus.map(({ range }) => remove(range)),
    'preferred',
  );
}

/** A required argument by its name; the next by place where no name is given. */
function giveMissing(
  call: { readonly callee: Identifier; readonly arguments?: readonly Argument[]; readonly range: Range },
  missing: readonly { readonly name: string; readonly value: string }[],
  isNext: boolean,
): LocalFix {
  const texts = missing.map(({ name, value }) => (isNext ? value : `${name}=${value}`));
  return fix(
    `Give ${enumerated(missing.map(({ name, value }) => `${name}=${value}`))}`,
    [addArgument(call.callee.range, call.arguments, call.range, texts.join(', '))],
    'preferred',
  );
}

/** Whether an argument couldn't be read, or has a name that isn't known: what else is missing then, nobody knows. */
function isHalfRead(args: readonly Argument[], names: readonly string[]): boolean {
  return args.some(({ name, value }) => value.kind === 'missing' || (name !== undefined && !names.includes(name.text)));
}

export function checkMissing(
  frame: Frame,
  layer: Layer,
  call: WrittenCall,
  given: Map<string, Value>,
  isPartly = false,
): Map<string, Value> {
  const { callee } = call;
  for (const [name, value] of given) {
    if (value.kind !== 'symbolic' || frame.open !== undefined) continue;
    const isDecided = layer.parameters[name]?.runtime !== true;
    given.set(name, isDecided ? frame.decidedValue(value, `${layer.name}'s ${name}`, callee.range) : UNKNOWN);
  }
  const { needed } = parametersOf(layer);
  if (!isPartly && needed.some((name) => !given.has(name))) {
    const missing = needed.filter((name) => !given.has(name)).map((name) => [name, layer.parameters[name]!] as const);
    const list = enumerated(missing.map(([name]) => name));
    const docs = missing.map(([name, { doc }]) => (missing.length === 1 ? doc : `${name}: ${doc}`)).join(' ');
    const values = missing.map(([name, parameter]) => ({ name, value: usualValue(name, parameter) }));
    const positional = positionalParameters(layer, call.arguments ?? []);
    const next = positional.slice(call.arguments?.length ?? 0, (call.arguments?.length ?? 0) + missing.length);
    const isNext = hasNoNames(call) && missing.every(([name], i) => name === next[i]);
    frame.error('missing-argument', `${layer.name} needs ${list}. ${docs} Write ${signature(layer)}.`, callee.range, [
      giveMissing(call, values, isNext),
    ]);
  }
  return given;
}

export function blockArguments(frame: Frame, definition: Definition, call: WrittenCall): Map<string, Value> {
  const { callee, arguments: args = [] } = call;
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
            [removeSurplus(args, parameters.length)],
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
          argumentFixes(
            argument.name,
            argument.range,
            parameters.map(({ name }) => name.text),
            parameters.some(
              ({ name, default: standard }, i) =>
                standard === undefined &&
                !args.some((each, j) => (each.name === undefined ? i === j : each.name.text === name.text)),
            ),
          ),
        );
        continue;
      }
    }
    if (given.has(parameter.name.text)) {
      frame.error(
        'duplicate-argument',
        `${parameter.name.text} is given twice.`,
        argument.name?.range ?? argument.range,
        [removeArgument(parameter.name.text, argument.range)],
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
      [
        giveMissing(
          call,
          missing.map(({ name, type }) => ({ name: name.text, value: USUAL_OF_TYPE[type?.text ?? 'int'] ?? '64' })),
          hasNoNames(call) && missing.every((each, i) => parameters[args.length + i] === each),
        ),
      ],
    );
    for (const { name } of missing) given.set(name.text, UNKNOWN);
  }
  return given;
}

/** What one writes for a parameter of a block, where nothing is known of it but its type. */
const USUAL_OF_TYPE: Readonly<Record<string, string>> = {
  int: '64',
  float: '0.5',
  bool: 'True',
  str: '""',
  ints: '[64, 128]',
  layer: 'ReLU',
};

/** A value for a parameter of a declared type. */
export function typedValue(frame: Frame, parameter: Parameter, given: Value, at: Range, owner: string): Value {
  const type = parameter.type?.text;
  const value = frame.decidedValue(given, `${owner}'s ${parameter.name.text}`, at);
  const kind = value.kind === 'symbolic' ? value.example.kind : value.kind;
  if (kind === 'tensor' || holdsTensor(value)) {
    const what = kind === 'tensor' ? 'be a tensor' : 'have a tensor in it';
    frame.error('argument-type', `${owner}'s ${parameter.name.text} can't ${what}: tensors go in by ->.`, at);
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
    meantBy(type, value).map((text, i) => fix(`Write ${text}`, [replace(at, text)], i === 0 ? 'preferred' : undefined)),
  );
  return UNKNOWN;
}

/** A value of another type as one of this: `"8"` and `8.0` as a whole number, `"relu"` as a layer. */
function meantBy(type: string, value: Value): readonly string[] {
  const text = value.kind === 'string' ? value.value : '';
  switch (type) {
    case 'int':
      return [wholeNumber(value) ?? []].flat();
    case 'float':
      return [numberIn(text) ?? []].flat();
    case 'bool':
      return [truthOf(value) ?? []].flat();
    case 'str':
      return value.kind === 'layer' ? [JSON.stringify(formatValue(value))] : [];
    case 'ints':
      return value.kind === 'int' ? [`[${formatValue(value)}]`] : [];
    case 'layer':
      return nearby(
        text,
        LAYERS.map(({ name }) => name),
      );
    default:
      return [];
  }
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
