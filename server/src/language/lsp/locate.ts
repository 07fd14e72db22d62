import type { Definition, Identifier, Label, Range, Stage, Statement } from '../../core/definition.ts';
import { HEADER } from '../../core/definition.ts';
import type { ReadFile } from '../reading/sourceFile.ts';

/** A node of the plain data: everything there has a range. */
export interface Ranged {
  readonly range: Range;
  readonly kind?: string;
}

/** Where a cursor is, in what the file says. */
export interface Location {
  readonly definition: Definition;
  /** {@link HEADER} or a statement's index. */
  readonly part: number;
  readonly partStart: number;
  /** Relative to the part. */
  readonly offset: number;
}

export function locate({ file, placement }: ReadFile, offset: number): Location | undefined {
  for (const [index, definition] of file.definitions.entries()) {
    const place = placement.definitions[index];
    if (place === undefined) continue;
    if (definition.kind !== 'extern') {
      for (const [part, start] of place.statements.entries()) {
        const statement = definition.statements[part];
        if (statement && contains(statement.range, offset - start)) {
          return { definition, part, partStart: start, offset: offset - start };
        }
      }
    }
    if (headerNodes(definition).some(({ range }) => contains(range, offset - place.header))) {
      return { definition, part: HEADER, partStart: place.header, offset: offset - place.header };
    }
  }
  return undefined;
}

function headerNodes(definition: Definition): readonly Ranged[] {
  const nodes: Ranged[] = [definition.name, ...definition.parameters];
  if (definition.kind !== 'extern') return nodes;
  const { inputs, outputs, construction, parameterCount, macs } = definition;
  return [
    ...nodes,
    ...inputs,
    ...outputs,
    ...[construction, parameterCount, macs].filter((each) => each !== undefined),
  ];
}

/** The nodes around a place, outermost first, of a definition whose text is the same (perhaps an older version of it). */
export function chainAt(definition: Definition, { part, offset }: Location): Ranged[] {
  const roots: readonly Ranged[] =
    part === HEADER || definition.kind === 'extern'
      ? headerNodes(definition)
      : statementAt(definition.statements, part);
  const chain: Ranged[] = [];
  let level: readonly Ranged[] = roots;
  for (;;) {
    // Where two meet, as in `a.b`, the one that begins there is meant.
    const next = level.findLast(({ range }) => contains(range, offset));
    if (next === undefined) return chain;
    chain.push(next);
    level = childrenOf(next);
  }
}

function statementAt(statements: readonly Statement[], part: number): readonly Ranged[] {
  const statement = statements[part];
  return statement === undefined ? [] : [statement];
}

/** A node and all in it, in no order that means something. */
export function* nodesIn(root: Ranged): Generator<Ranged> {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    open.push(...childrenOf(node));
  }
}

export function isStage(node: Ranged): node is Stage {
  return 'body' in node;
}

function childrenOf(node: Ranged): Ranged[] {
  return Object.values(node).flat(2).filter(isRanged);
}

function isRanged(value: unknown): value is Ranged {
  return typeof value === 'object' && value !== null && 'range' in value;
}

export function isLabel(node: Ranged | undefined): node is Label {
  return node !== undefined && 'parts' in node;
}

export function isIdentifier(node: Ranged | undefined): node is Identifier {
  return node !== undefined && node.kind === undefined && 'text' in node;
}

function contains({ start, end }: Range, offset: number): boolean {
  return start <= offset && offset <= end;
}
