/** What a `weight` or `buffer` begins with, held against what torch takes. */
import type { Argument, Range, Statement } from '../definition.ts';
import { type LocalFix, fix, remove, spellings } from '../fix.ts';
import { agree, type Dimension } from '../dimension.ts';
import { findInitialiser, type Given, type Initialiser, INITIALISERS } from '../layers/initialisers.ts';
import { UNDECIDED } from '../layers/parameters.ts';
import { didYouMean } from '../nearest.ts';
import { formatShape } from '../tensor.ts';
import { type Value } from '../value.ts';
import type { Frame } from './frame.ts';
import { formatValue, valueAt } from './values.ts';
import { countOf, enumerated } from './words.ts';

/** @param shape of the weight or buffer that it is for */
export function checkInitialiser(
  frame: Frame,
  statement: Extract<Statement, { kind: 'weight' | 'buffer' }>,
  shape: readonly Dimension[],
): void {
  const { initialiser, kind } = statement;
  if (initialiser === undefined || initialiser.kind === 'missing') return;
  const name =
    initialiser.kind === 'name' ? initialiser.name : initialiser.kind === 'call' ? initialiser.callee : undefined;
  const known = name === undefined ? undefined : findInitialiser(name.text, kind);
  if (name === undefined || known === undefined) {
    const names = INITIALISERS.filter(({ buffer }) => kind === 'buffer' || !buffer).map((each) => each.name);
    const what =
      name === undefined
        ? 'An initialiser is one of'
        : `There is no initialiser ${name.text}${kind === 'weight' ? ' for a weight' : ''}.${didYouMean(name.text, names)} There are`;
    const fixes = name === undefined ? [] : spellings(name.text, name.range, names);
    frame.error('unknown-initialiser', `${what} ${names.join(', ')}.`, name?.range ?? initialiser.range, fixes);
    return;
  }
  const { rank } = known;
  if (rank !== undefined && (rank.exact ? shape.length !== rank.least : shape.length < rank.least)) {
    const wanted = `${rank.exact ? '' : 'at least '}${countOf(rank.least, 'dimension')}`;
    frame.error(
      'rank-mismatch',
      `${known.name} is for ${wanted}, but ${statement.name.text} is stated as ${formatShape(shape)}. ${rank.instead}`,
      name.range,
    );
    return;
  }
  const given = read(frame, known, name, initialiser.kind === 'call' ? initialiser.arguments : []);
  if (given === undefined) return;
  const refusal = known.refuse?.(given);
  if (refusal !== undefined) frame.error('argument-value', `${known.name} takes ${refusal}.`, name.range);
  const made = known.shape?.(given);
  if (made?.some((size, i) => agree(size, shape[i]!).kind === 'never') === true) {
    frame.error(
      'reshape-mismatch',
      `${known.name} makes ${formatShape(made)}, but ${statement.name.text} is stated as ${formatShape(shape)}.`,
      name.range,
    );
  }
}

/** Its arguments; undefined where something is wrong with them, which is told. */
function read(
  frame: Frame,
  { name: initialiser, parameters }: Initialiser,
  callee: { readonly range: Argument['range'] },
  args: readonly Argument[],
): Given | undefined {
  const names = Object.keys(parameters);
  const takes = names.length === 0 ? `${initialiser} takes no arguments.` : `${initialiser} takes ${names.join(', ')}.`;
  const given: Record<string, unknown> = {};
  const written = new Set<string>();
  const refused: string[] = [];
  const refuse = (code: string, message: string, range: Range, fixes?: readonly LocalFix[]): void => {
    refused.push(code);
    frame.error(code, message, range, fixes);
  };
  for (const [i, { name, value, range }] of args.entries()) {
    const wanted = name?.text ?? names[i];
    const found = frame.evaluate(value);
    const parameter = wanted === undefined ? undefined : parameters[wanted];
    if (name === undefined && parameter === undefined) {
      // One mistake, however many there are too many.
      const surplus = args.slice(i).map((each) => remove(each.range));
      if (i === names.length)
        refuse('too-many-arguments', takes, range, [fix('Remove what is too many', surplus, 'preferred')]);
    } else if (wanted === undefined || parameter === undefined) {
      const { text = '', range: at = range } = name ?? {};
      refuse('unknown-argument', `${initialiser} has no ${text}.${didYouMean(text, names)} ${takes}`, at, [
        ...spellings(text, at, names),
        fix(`Remove ${text}`, [remove(range)]),
      ]);
    } else if (written.has(wanted)) {
      refuse('duplicate-argument', `${wanted} is given twice. ${takes}`, name?.range ?? range, [
        fix(`Remove this ${wanted}`, [remove(range)], 'preferred'),
      ]);
    } else {
      written.add(wanted);
      const result = readAt(frame, parameter.read, found);
      if (result === UNDECIDED) continue;
      if ('error' in result) {
        const message = `${initialiser} takes ${result.error} for ${wanted}, not ${formatValue(found)}.`;
        refuse(result.code ?? 'argument-type', message, value.range);
      } else given[wanted] = result.value;
    }
  }
  const missing = names.filter((each) => parameters[each]!.default === undefined && !written.has(each));
  if (refused.length === 0 && missing.length > 0)
    refuse(
      'missing-argument',
      `${initialiser} needs ${enumerated(missing)}: write ${initialiser}(${missing.join(', ')}).`,
      callee.range,
    );
  if (refused.length > 0) return undefined;
  for (const [each, parameter] of Object.entries(parameters)) {
    const standard = written.has(each) ? UNDECIDED : parameter.read(undefined);
    if (standard !== UNDECIDED && 'value' in standard) given[each] = standard.value;
  }
  return given;
}

function readAt<T>(frame: Frame, reader: (value: Value) => T | typeof UNDECIDED, value: Value): T | typeof UNDECIDED {
  const result = reader(value);
  return result === UNDECIDED ? reader(valueAt(value, frame.examples)) : result;
}
