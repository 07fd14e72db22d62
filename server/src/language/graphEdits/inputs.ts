/** What comes into a model or block. */
import type { GraphEdit } from '../../core/edits/edit.ts';
import { usesInStatement } from '../../core/elaborate/uses.ts';
import { uriOf } from '../../core/program.ts';
import { type FixEdit, insert, remove, replace } from '../../core/fix.ts';
import type { Range } from '../../core/definition.ts';
import type { Written } from './draft.ts';
import { type InputElement, absolute } from './element.ts';
import { inEmptyBody } from './properties.ts';
import { putStatement } from './put.ts';
import { Refused } from './refused.ts';
import { settle } from './scope.ts';
import { checkName, checkShape } from './texts.ts';
import type { Way, Work } from './work.ts';

export function setInput(work: Work, { node, name, shape }: GraphEdit & { readonly kind: 'setInput' }): void {
  const way = work.way(node);
  const newName = name === undefined ? undefined : checkName(name, work.parser);
  const newShape = shape === undefined ? undefined : checkShape(shape, work.parser);
  if (work.element(way).kind !== 'input') throw new Refused('Only an input has a shape of its own.', node);
  settle(work, way, 0);
  const element = work.element(way) as InputElement;
  const { port, written } = element;
  const edits: FixEdit<Range>[] = [];
  if (newName !== undefined && newName !== port.name.text) {
    checkFree(work, way, written, newName);
    edits.push(replace(absolute(element, port.name.range), newName));
    written.definition.statements.forEach((statement, part) => {
      for (const use of usesInStatement(statement))
        if (use.name.text === port.name.text) edits.push(replace(absolute({ written, part }, use.name.range), newName));
    });
  }
  if (newShape !== undefined)
    edits.push(
      port.shape === undefined
        ? insert(absolute(element, port.name.range).end, `: ${newShape}`)
        : replace(absolute(element, port.shape.range), newShape),
    );
  work.edit(written.uri, edits);
}

export function checkFree(work: Work, way: Pick<Way, 'root'>, written: Written, name: string): void {
  if (work.spotOf(written, way.root).freeName(name) !== name)
    throw new Refused(`${name} is a name of something else in ${written.definition.name.text}: choose another one.`);
}

export function addInput(work: Work, { definition, name, shape }: GraphEdit & { readonly kind: 'addInput' }): void {
  const root = uriOf(definition);
  const written = work.draft.definition(definition, root);
  const port = `${checkName(name, work.parser)}${shape === undefined ? '' : `: ${checkShape(shape, work.parser)}`}`;
  checkFree(work, { root }, written, name.trim());
  if (shape === undefined && written.definition.kind === 'model')
    throw new Refused(`A model's input needs a shape, such as [N, 3, 224, 224].`);
  const { statements } = written.definition;
  const part = statements.findLastIndex(({ kind }) => kind === 'input');
  const last = statements[part];
  if (last?.kind === 'input') {
    const end = absolute({ written, part }, last.ports.at(-1)!.range).end;
    work.edit(written.uri, [insert(end, `, ${port}`)]);
    return;
  }
  const first = statements.findIndex(({ kind }) => kind !== 'property');
  const line = `input ${port}`;
  work.edit(written.uri, [
    statements.length === 0
      ? inEmptyBody(work, written, line)
      : first < 0
        ? putStatement(written, statements.length - 1, 'behind', line)
        : putStatement(written, first, 'before', line),
  ]);
}

export function removeInput(work: Work, way: Way): void {
  const first = work.element(way);
  if (first.kind !== 'input') throw new Refused('This node is no input.', way.place);
  settle(work, way, 0);
  const element = work.element(way) as InputElement;
  const { statements } = element.written.definition;
  const { name } = element.port;
  const uses = statements.flatMap((each) => usesInStatement(each).filter((use) => use.name.text === name.text));
  if (uses.length > 0)
    throw new Refused(
      `${name.text} is used ${uses.length === 1 ? 'once' : `${String(uses.length)} times`}: connect what takes it to something else, or delete that first.`,
      way.place,
    );
  const ports = statements.flatMap((each) => (each.kind === 'input' ? each.ports : []));
  if (ports.length < 2) throw new Refused('Something has to come in: this is the only input.', way.place);
  const statement = statements[element.part]!;
  const isAlone = statement.kind === 'input' && statement.ports.length === 1;
  work.edit(element.written.uri, [remove(absolute(element, isAlone ? statement.range : element.port.range))]);
}
