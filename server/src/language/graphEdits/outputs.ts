/** What goes out of a model or block. */
import type { Statement } from '../../core/definition.ts';
import type { GraphEdit } from '../../core/edits/edit.ts';
import { usesInStatement } from '../../core/elaborate/uses.ts';
import { remove, replace } from '../../core/fix.ts';
import { type OutputElement, absolute } from './element.ts';
import { checkFree } from './inputs.ts';
import { isLastTurn, nameValue } from './nameValue.ts';
import { putStatement } from './put.ts';
import { Refused } from './refused.ts';
import { settle } from './scope.ts';
import { checkName } from './texts.ts';
import { removeUnused } from './unused.ts';
import { isTurn } from './where.ts';
import type { Way, Work } from './work.ts';

export function addOutput(work: Work, { from, name }: GraphEdit & { readonly kind: 'addOutput' }): void {
  const way = work.way(from.node);
  settle(work, way, 0);
  const element = work.element(way);
  const { turns } = way.steps.at(-1)!;
  // What comes out of the last turn comes out of all.
  if (element.kind === 'stage' && isTurn(element, turns) && !isLastTurn(work, way, element))
    throw new Refused(
      'This is one turn of a repetition, and what comes out of it stays inside: write it out first.',
      from.node,
    );
  const { written: before } = element;
  const { id } = before.definition;
  const wanted = name === undefined ? undefined : checkName(name, work.parser);
  if (wanted !== undefined) checkFree(work, way, before, wanted);
  const value = nameValue(work, way, from.output);
  const written = work.draft.definition(id, way.root);
  const { statements } = written.definition;
  if (statements.some((each) => each.kind === 'output' && each.value.kind === 'name' && each.value.name.text === value))
    throw new Refused(`${value} goes out already.`, from.node);
  const last = Math.max(
    statements.findLastIndex(({ kind }) => kind === 'output'),
    statements.findLastIndex((each) => madeBy(each, value)),
  );
  const line = wanted === undefined || wanted === value ? `output ${value}` : `output ${wanted} = ${value}`;
  work.edit(written.uri, [putStatement(written, last < 0 ? statements.length - 1 : last, 'behind', line)]);
}

function madeBy(statement: Statement, name: string): boolean {
  switch (statement.kind) {
    case 'input':
      return statement.ports.some((port) => port.name.text === name);
    case 'binding':
      return statement.names.some(({ text }) => text === name);
    case 'weight':
    case 'buffer':
      return statement.name.text === name;
    default:
      return false;
  }
}

export function removeOutput(work: Work, way: Way): void {
  const first = work.element(way);
  if (first.kind !== 'output') throw new Refused('This node is no output.', way.place);
  settle(work, way, 0);
  const element = work.element(way) as OutputElement;
  const { written, statement, part } = element;
  const { statements } = written.definition;
  if (statements.filter(({ kind }) => kind === 'output').length < 2)
    throw new Refused('Something has to go out: this is the only output.', way.place);
  const { name } = statement;
  const isUsed =
    name !== undefined && statements.some((each) => usesInStatement(each).some((use) => use.name.text === name.text));
  const at = { written, part };
  if (isUsed) {
    // What others take stays, as a binding.
    const head = absolute(at, { start: statement.range.start, end: statement.value.range.start });
    const text = work.draft.text(written.uri).slice(head.start, head.end);
    const behind = text.slice(text.lastIndexOf('=') + 1).trimStart();
    work.edit(written.uri, [replace(head, `${name.text} = ${behind}`)]);
    return;
  }
  work.edit(written.uri, [remove(absolute(at, statement.range))]);
  removeUnused(work, written, way.root);
}
