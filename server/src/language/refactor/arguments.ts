/** Arguments by position or by name, and numbers as parameters of the definition. */
import { type Argument, type CallStage, HEADER, type Range } from '../../core/definition.ts';
import { callsIn } from '../../core/elaborate/callStages.ts';
import { positionalParameters } from '../../core/elaborate/words.ts';
import { type FixEdit, insert } from '../../core/fix.ts';
import { type Refactoring, type Spot, staticLabel } from './spot.ts';
import { parsedOf } from '../documents.ts';
import { kindOf, tokenFrom } from '../text/tokens.ts';
import { literal } from './repetition.ts';

/** The call whose arguments the cursor is in, or at whose name. */
function callAt(spot: Spot): CallStage | undefined {
  const { statement, part } = spot;
  if (statement === undefined) return undefined;
  return callsIn(statement, part).findLast(({ body }) => spot.holds(body.range))?.body;
}

/** The names of what may be given by position, in order. */
function parametersOf(spot: Spot, { callee }: CallStage, args: readonly Argument[]): readonly string[] {
  const meant = spot.facts.session.resolve(spot.definition, callee.text);
  if (meant.kind === 'layer') {
    // Of `Reshape(2, 3)` all are one list.
    const isVariadic = Object.values(meant.layer.parameters).some(({ variadic }) => variadic === true);
    return isVariadic ? [] : positionalParameters(meant.layer, args);
  }
  return meant.kind === 'definition' ? meant.definition.parameters.map(({ name }) => name.text) : [];
}

/** `Conv2d(64, 3)` as `Conv2d(out_channels=64, kernel_size=3)`. */
export function* nameArguments(spot: Spot): Generator<Refactoring> {
  const call = callAt(spot);
  const args = call?.arguments ?? [];
  const positional = args.filter(({ name }) => name === undefined);
  if (call === undefined || positional.length === 0) return;
  const names = parametersOf(spot, call, args);
  if (positional.length > names.length) return;
  yield {
    kind: 'refactor.rewrite',
    title: `Name the arguments of ${call.callee.text}`,
    edits: positional.map(({ range }, i) => insert(spot.at(range).start, `${names[i]!}=`)),
  };
}

/** `Conv2d(out_channels=64, kernel_size=3)` as `Conv2d(64, 3)`, as far as they stand in order. */
export function* unnameArguments(spot: Spot): Generator<Refactoring> {
  const call = callAt(spot);
  const args = call?.arguments ?? [];
  if (call === undefined) return;
  const names = parametersOf(
    spot,
    call,
    args.map(({ value, range }) => ({ value, range })),
  );
  const edits: FixEdit<Range>[] = [];
  for (const [i, { name, value, range }] of args.entries()) {
    if (name === undefined) continue;
    if (name.text !== names[i]) break;
    edits.push(
      spot.replace({ start: range.start, end: Math.max(name.range.end, startOf(spot, range, value.range.start)) }, ''),
    );
  }
  if (edits.length === 0) return;
  yield {
    kind: 'refactor.rewrite',
    title: `Give the arguments of ${call.callee.text} by position`,
    edits,
  };
}

/** Behind the `=` of a named argument: parentheses around a value stand outside of its range. */
function startOf(spot: Spot, range: Range, value: number): number {
  const equals = spot.written(range).indexOf('=');
  const rest = spot.written({ start: range.start + equals + 1, end: value });
  return range.start + equals + 1 + (rest.length - rest.trimStart().length);
}

/** A number becomes a parameter of the definition, with its value as the default. */
export function* numberToParameter(spot: Spot): Generator<Refactoring> {
  const { statement, part, definition } = spot;
  if (statement === undefined) return;
  const call = callsIn(statement, part).findLast(({ body }) => spot.holds(body.range));
  const args = call?.body.arguments ?? [];
  const index = args.findIndex(({ value }) => value.kind === 'number' && spot.holds(value.range));
  const argument = args[index];
  if (call === undefined || argument?.value.kind !== 'number') return;
  const { value } = argument;
  const parameter = argument.name?.text ?? parametersOf(spot, call.body, args)[index];
  if (parameter === undefined) return;
  const isInt = literal(value) !== undefined;
  const name = spot.freeName(usual(parameter, staticLabel(call.stage)));
  const declared = `${name}: ${isInt ? 'int' : 'float'} = ${value.text}`;
  const header = headerEdit(spot, declared);
  if (header === undefined) return;
  yield {
    kind: 'refactor.extract',
    title: `Make ${value.text} a parameter of ${definition.name.text}`,
    sketch: 'other',
    edits: [header, spot.replace(value.range, name)],
  };
}

/** `out_channels` is called so; after the label it says of what. */
function usual(parameter: string, label: string | undefined): string {
  return label === undefined ? parameter : `${label}_${parameter}`;
}

/** A parameter behind the others. */
function headerEdit(spot: Spot, declared: string): FixEdit<Range> | undefined {
  const { definition } = spot;
  const last = definition.parameters.at(-1);
  if (last !== undefined) return insert(spot.at(last.range, HEADER).end, `, ${declared}`);
  const { end } = spot.at(definition.name.range, HEADER);
  const tokens = parsedOf(spot.document)?.tokens ?? [];
  const next = tokens[tokenFrom(tokens, end)];
  if (kindOf(next) === '(') return insert(next!.startOffset + 1, declared);
  return insert(end, `(${declared})`);
}
