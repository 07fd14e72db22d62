/** An argument of a layer or block: set, changed, or left out, so that it has its default. */
import type { Argument, CallStage, Range } from '../../core/definition.ts';
import type { GraphEdit } from '../../core/edits/edit.ts';
import { positionalParameters } from '../../core/elaborate/words.ts';
import { addArgument } from '../../core/elaborate/fixes.ts';
import { type FixEdit, insert, remove, replace } from '../../core/fix.ts';
import { type StageElement, absolute } from './element.ts';
import { Refused } from './refused.ts';
import { settle } from './scope.ts';
import { checkExpression } from './texts.ts';
import { depthAt, nameOf, stageOf } from './where.ts';
import type { Way, Work } from './work.ts';

export function setArgument(work: Work, { node, argument, value }: GraphEdit & { readonly kind: 'setArgument' }): void {
  const way = work.way(node);
  const text = value === undefined ? undefined : checkExpression(value, work.parser, `The value of ${argument}`);
  settle(work, way, depthAt(stageOf(work, way), way.steps.at(-1)!.turns));
  const element = stageOf(work, way);
  const { body } = element.stage;
  if (body.kind !== 'call') throw new Refused(`${nameOf(element)} has no arguments.`, node);
  const parameters = parametersOf(work, way, element, body);
  const isKnown = parameters.all.includes(argument);
  if (!isKnown)
    throw new Refused(
      `${body.callee.text} has no argument ${argument}: it has ${parameters.all.join(', ') || 'none'}.`,
      node,
    );
  const edits =
    text === undefined
      ? withoutArgument(element, body, argument, parameters)
      : withArgument(element, body, argument, text, parameters);
  work.edit(element.written.uri, edits);
  const start = work.element(way);
  work.focus =
    start.kind === 'stage'
      ? work.draft.anchor(start.written.uri, absolute(start, start.stage.body.range).start)
      : undefined;
}

interface Parameters {
  readonly all: readonly string[];
  /** Those that arguments without a name are for. */
  readonly positional: readonly string[];
  /** It takes all of those: `Permute(0, 2, 1)`. */
  readonly variadic: string | undefined;
  readonly required: ReadonlySet<string>;
}

function parametersOf(work: Work, way: Way, element: StageElement, body: CallStage): Parameters {
  const meant = work.facts(way).session.resolve(element.written.definition, body.callee.text);
  switch (meant.kind) {
    case 'layer': {
      const all = Object.entries(meant.layer.parameters);
      return {
        all: all.map(([name]) => name),
        positional: positionalParameters(meant.layer, body.arguments ?? []),
        variadic: all.find(([, { variadic }]) => variadic === true)?.[0],
        required: new Set(all.flatMap(([name, each]) => (each.default === undefined ? [name] : []))),
      };
    }
    case 'definition': {
      const { parameters } = meant.definition;
      const names = parameters.map(({ name }) => name.text);
      const required = parameters.flatMap((each) => (each.default === undefined ? [each.name.text] : []));
      return { all: names, positional: names, variadic: undefined, required: new Set(required) };
    }
    case 'shared':
    case 'parameter':
      throw new Refused(
        `${body.callee.text} has its arguments where it is ${meant.kind === 'shared' ? 'made' : 'given'}: change them there.`,
        way.place,
      );
    case 'unknown':
      throw new Refused(`There is no layer called ${body.callee.text}: mend its name first.`, way.place);
  }
}

/** The arguments that a parameter has got: several where it takes all that have no name. */
function written(
  args: readonly Argument[],
  argument: string,
  { positional, variadic }: Parameters,
): readonly Argument[] {
  const named = args.find(({ name }) => name?.text === argument);
  if (named !== undefined) return [named];
  const unnamed = args.filter(({ name }) => name === undefined);
  if (variadic === argument) return unnamed;
  const at = variadic === undefined ? positional.indexOf(argument) : -1;
  return unnamed.slice(at, at < 0 ? 0 : at + 1);
}

function withArgument(
  element: StageElement,
  body: CallStage,
  argument: string,
  text: string,
  parameters: Parameters,
): readonly FixEdit<Range>[] {
  const args = body.arguments ?? [];
  const [first, ...others] = written(args, argument, parameters);
  if (first !== undefined) {
    const value = { start: valueStart(first), end: first.range.end };
    return [replace(absolute(element, value), text), ...others.map(({ range }) => remove(absolute(element, range)))];
  }
  const isNext =
    args.every(({ name }) => name === undefined) &&
    parameters.required.has(argument) &&
    parameters.positional[args.length] === argument;
  const edit = addArgument(body.callee.range, body.arguments, body.range, isNext ? text : `${argument}=${text}`);
  return edit.kind === 'replace' ? [{ ...edit, at: absolute(element, edit.at) }] : [];
}

/** Behind the name: parentheses around a value are part of it. */
function valueStart({ name, value, range }: Argument): number {
  return name === undefined ? range.start : value.range.start;
}

function withoutArgument(
  element: StageElement,
  body: CallStage,
  argument: string,
  parameters: Parameters,
): readonly FixEdit<Range>[] {
  const args = body.arguments ?? [];
  const gone = written(args, argument, parameters);
  const [first] = gone;
  if (first === undefined) throw new Refused(`${argument} isn't given, so it has its default already.`);
  const behind = first.name === undefined ? args.slice(args.indexOf(first) + gone.length) : [];
  return [
    ...gone.map(({ range }) => remove(absolute(element, range))),
    // What stood behind it by position is told by name now.
    ...behind.flatMap(({ name, range }): FixEdit<Range>[] => {
      const parameter = parameters.positional[args.findIndex((each) => each.range === range)];
      return name !== undefined || parameter === undefined
        ? []
        : [insert(absolute(element, range).start, `${parameter}=`)];
    }),
  ];
}
