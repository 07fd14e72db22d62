/** Names for what flows: a chain cut into bindings, bindings put together, an expression named, a name taken away. */
import type {
  BindingStatement,
  Expression,
  Identifier,
  OutputStatement,
  Range,
  Stage,
  Statement,
} from '../../core/definition.ts';
import { snakeCase } from '../../core/elaborate/names.ts';
import { boundNames, childrenOf, usesInDefinition, usesInStatement } from '../../core/elaborate/uses.ts';
import { type FixEdit, remove, replace } from '../../core/fix.ts';
import { parsedOf } from '../documents.ts';
import { kindOf, endOf, tokenFrom } from '../text/tokens.ts';
import { type Refactoring, type Spot, namesOf, staticLabel } from './spot.ts';

/** Nobody wants to see more stages at once. */
const LONGEST = 64;

/** What binds names to a value or puts it out. */
type Valued = BindingStatement | OutputStatement;

function isValued(statement: Statement | undefined): statement is Valued {
  return statement?.kind === 'binding' || statement?.kind === 'output';
}

/** `y = x -> A -> B` as a statement for each stage. */
export function* splitChain(spot: Spot): Generator<Refactoring> {
  const { statement } = spot;
  if (!isValued(statement) || statement.value.kind !== 'pipeline') return;
  const { value } = statement;
  if (value.stages.length < 2 || value.stages.length > LONGEST) return;
  const taken = new Set<string>();
  const names = value.stages.slice(0, -1).map((stage) => {
    const name = spot.freeName(nameFor(spot, stage), taken);
    taken.add(name);
    return name;
  });
  const head = spot.written({ start: statement.range.start, end: value.range.start });
  const first = arrowBefore(spot, spot.at(value.stages[0]!.range).start);
  const hasComment =
    first !== undefined && commentsBetween(spot, { start: spot.at(value.range).start, end: first.start }) !== '';
  const edits = [
    spot.replace({ start: statement.range.start, end: value.range.start }, `${names[0]!} = `),
    ...value.stages.slice(1).flatMap((stage, i): FixEdit<Range>[] => {
      const arrow = arrowBefore(spot, spot.at(stage.range).start);
      if (arrow === undefined) return [];
      const isLast = i === value.stages.length - 2;
      const next = isLast ? head : `${names[i + 1]!} = `;
      const at = { start: wordBefore(spot, arrow.start), end: arrow.end };
      return [{ kind: 'replace', at, text: `\n${spot.indent}${next}${names[i]!} ->` }];
    }),
    // The first stage stands on the line of what comes in.
    ...(first === undefined || hasComment
      ? []
      : [replace<Range>({ start: wordBefore(spot, first.start), end: first.start }, ' ')]),
  ];
  if (edits.length < value.stages.length) return;
  yield {
    kind: 'refactor.rewrite',
    title: `Split the chain into ${String(value.stages.length)} statements`,
    edits,
  };
}

/** After its label, its name in PyTorch or what it is. */
export function nameFor(spot: Spot, stage: Stage): string {
  const label = staticLabel(stage);
  if (label !== undefined) return label;
  const name = spot.facts.session.names(spot.definition).stages.get(stage)?.name;
  if (typeof name === 'string') return name;
  return stage.body.kind === 'call' ? snakeCase(stage.body.callee.text) : 'y';
}

function arrowBefore(spot: Spot, offset: number): Range | undefined {
  const tokens = parsedOf(spot.document)?.tokens ?? [];
  const arrow = tokens[tokenFrom(tokens, offset) - 1];
  return arrow === undefined || kindOf(arrow) !== '->' ? undefined : { start: arrow.startOffset, end: endOf(arrow) };
}

/** Where the last word or comment before a place ends. */
function wordBefore(spot: Spot, offset: number): number {
  return spot.text.slice(0, offset).trimEnd().length;
}

/** Statements that follow one another, each of which goes on with what the one before is the only one to name. */
export function* joinChain(spot: Spot): Generator<Refactoring> {
  const { statements } = spot.definition;
  let [first, last] = [spot.part, spot.part];
  const goesOn = (part: number): boolean => {
    const [before, after] = [statements[part], statements[part + 1]];
    if (before?.kind !== 'binding' || before.names.length !== 1 || !isValued(after)) return false;
    const { value } = after;
    if (value.kind !== 'pipeline' || value.source.kind !== 'name' || before.value.kind === 'conditional') return false;
    const name = before.names[0]!.text;
    return value.source.name.text === name && usesOf(spot, name).length === 1;
  };
  while (goesOn(first - 1)) first -= 1;
  while (goesOn(last)) last += 1;
  if (first === last || last - first >= LONGEST) return;
  const parts = statements.slice(first, last + 1) as readonly Valued[];
  const end = parts.at(-1)!;
  const head = spot.written({ start: end.range.start, end: end.value.range.start }, last);
  const edits: FixEdit<Range>[] = [];
  parts.forEach((statement, i) => {
    const part = first + i;
    if (i === 0)
      edits.push(spot.replace({ start: statement.range.start, end: statement.value.range.start }, head, part));
    else if (statement.value.kind === 'pipeline') {
      const arrow = arrowBefore(spot, spot.at(statement.value.stages[0]!.range, part).start);
      const { end: start } = spot.at(statements[part - 1]!.range, part - 1);
      if (arrow === undefined) return;
      const text = `${commentsBetween(spot, { start, end: arrow.start })} `;
      edits.push({ kind: 'replace', at: { start, end: arrow.start }, text, hasComments: true });
    }
  });
  if (edits.length !== parts.length) return;
  yield {
    kind: 'refactor.rewrite',
    title: `Join ${String(parts.length)} statements into one chain`,
    edits,
  };
}

/** The comments of a range, each up to the end of its line. */
function commentsBetween(spot: Spot, { start, end }: Range): string {
  const own = parsedOf(spot.document)!.comments.filter((each) => each.startOffset >= start && each.startOffset < end);
  return own
    .map((comment) => {
      const isBehind = !spot.text.slice(start, comment.startOffset).includes('\n');
      return `${isBehind ? ' ' : '\n'}${comment.image}\n`;
    })
    .join('');
}

function usesOf(spot: Spot, name: string): readonly Identifier[] {
  return usesInDefinition(spot.definition).flatMap((use) => (use.name.text === name ? [use.name] : []));
}

/** What a name stands for, in its place; a chain only where it is used once, as it would be built again. */
export function* inlineBinding(spot: Spot): Generator<Refactoring> {
  const { definition } = spot;
  const name = nameAt(spot);
  if (name === undefined) return;
  const part = definition.statements.findIndex(
    (each) => each.kind === 'binding' && each.names.length === 1 && each.names[0]!.text === name,
  );
  const binding = definition.statements[part];
  if (binding?.kind !== 'binding') return;
  const makesModules = holdsChain(binding.value);
  const text = spot.written({ start: valueStart(spot, binding, part), end: binding.range.end }, part);
  const edits: FixEdit<Range>[] = [];
  definition.statements.forEach((statement, at) => {
    for (const use of usesInStatement(statement)) {
      if (use.name.text !== name) continue;
      const bare = isBare(spot, statement, at, use.name) || isSimple(binding.value);
      edits.push(spot.replace(use.name.range, bare ? text : `(${text})`, at));
    }
  });
  if (edits.length === 0 || (makesModules && edits.length > 1)) return;
  const uses = edits.length === 1 ? '' : `, ${String(edits.length)} uses`;
  yield {
    kind: 'refactor.inline',
    title: `Inline ${name}${uses}`,
    edits: [...edits, remove(spot.at(binding.range, part))],
  };
}

/** The name under the cursor, where a binding makes it. */
function nameAt(spot: Spot): string | undefined {
  const { statement } = spot;
  if (statement === undefined) return undefined;
  const names = [...boundNames(statement), ...usesInStatement(statement).map(({ name }) => name)];
  return names.find(({ range }) => spot.holds(range))?.text;
}

/** Behind the `=`: parentheses around a value belong to it. */
function valueStart(spot: Spot, { names, range }: BindingStatement, part: number): number {
  const equals = spot.text.indexOf('=', spot.at(names.at(-1)!.range, part).end);
  const rest = spot.text.slice(equals + 1);
  return equals + 1 + (rest.length - rest.trimStart().length) - spot.at(range, part).start + range.start;
}

/** Where a name is all that stands in brackets, between commas, behind a `=` or before an arrow of a whole value. */
function isBare(spot: Spot, statement: Statement, part: number, { range }: Identifier): boolean {
  const tokens = parsedOf(spot.document)?.tokens ?? [];
  const { start } = spot.at(range, part);
  const index = tokenFrom(tokens, start);
  const [before, after] = [kindOf(tokens[index - 1]), kindOf(tokens[index + 1])];
  const isFirst = ['=', '(', '[', ',', 'output'].includes(before ?? '');
  const { start: begin, end } = spot.at(statement.range, part);
  const isLast = [')', ']', ',', '->'].includes(after ?? '') || (tokens[index + 1]?.startOffset ?? end) >= end;
  return isFirst && isLast && start >= begin;
}

function isSimple({ kind }: Expression): boolean {
  return ['number', 'string', 'boolean', 'none', 'name', 'member', 'index', 'call', 'list'].includes(kind);
}

function holdsChain(expression: Expression): boolean {
  return expression.kind === 'pipeline' || childrenOf(expression).some(holdsChain);
}

/** A selected number or expression gets a name before the statement. */
export function* extractBinding(spot: Spot): Generator<Refactoring> {
  const { statement, part, selection } = spot;
  if (!spot.hasSelection || statement === undefined || !isValued(statement)) return;
  const text = spot.text.slice(selection.start, selection.end);
  const tokens = (parsedOf(spot.document)?.tokens ?? []).filter(
    ({ startOffset }) => startOffset >= selection.start && startOffset < selection.end,
  );
  const { start, end } = spot.at(statement.value.range);
  const isInside =
    start <= selection.start && selection.end <= end && !(start === selection.start && end === selection.end);
  if (tokens.length === 0 || !isInside || tokens.some((token) => ['->', ':'].includes(kindOf(token) ?? ''))) return;
  if (tokens.length === 1 && kindOf(tokens[0]) === 'ID') return;
  const own = new Set(usesInStatement(statement).flatMap(({ name }) => (spot.touches(name.range) ? [name.text] : [])));
  const above = new Set(definedBefore(spot, part));
  // A loop's variable means nothing before the statement.
  if ([...own].some((name) => namesOf(spot.definition).has(name) && !above.has(name))) return;
  const name = spot.freeName('value');
  yield {
    kind: 'refactor.extract',
    title: `Extract into a binding`,
    edits: [
      { kind: 'statement', at: spot.at(statement.range), where: 'before', text: `${name} = ${text}` },
      { kind: 'replace', at: selection, text: name },
    ],
  };
}

function definedBefore(spot: Spot, part: number): readonly string[] {
  const { parameters, statements } = spot.definition;
  const symbols = statements.flatMap((statement) =>
    statement.kind === 'input' ? usesInStatement(statement).map(({ name }) => name.text) : [],
  );
  return [
    ...parameters.map(({ name }) => name.text),
    ...statements.slice(0, part).flatMap((each) => boundNames(each).map(({ text }) => text)),
    ...symbols,
  ];
}
