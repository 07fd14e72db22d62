/** What a node of the graph is in the text: a stage, an operator, a name that something comes in by. */
import type { Expression, OutputStatement, Port, Range, Site, Stage, WeightStatement } from '../../core/definition.ts';
import { childrenOf } from '../../core/elaborate/uses.ts';
import { type Chain, chainsIn } from '../refactor/spot.ts';
import type { Written } from './draft.ts';

interface InPart {
  readonly written: Written;
  readonly part: number;
}

export interface StageElement extends InPart {
  readonly kind: 'stage';
  readonly chain: Chain;
  readonly index: number;
  readonly stage: Stage;
}

export interface OperatorElement extends InPart {
  readonly kind: 'operator';
  readonly expression: Expression;
}

export interface InputElement extends InPart {
  readonly kind: 'input';
  readonly port: Port;
}

export interface OutputElement extends InPart {
  readonly kind: 'output';
  readonly statement: OutputStatement;
}

export interface WeightElement extends InPart {
  readonly kind: 'weight';
  readonly statement: WeightStatement;
}

export type Element = StageElement | OperatorElement | InputElement | OutputElement | WeightElement;

/** By what an element is found again: a stage by where its body begins. */
export function keyOf(element: Element): Range {
  switch (element.kind) {
    case 'stage':
      return element.stage.body.range;
    case 'operator':
      return siteOf(element.expression);
    case 'input':
      return element.port.range;
    case 'output':
      return element.statement.name?.range ?? element.statement.value.range;
    case 'weight':
      return element.statement.name.range;
  }
}

/** Where the core sees an operator. */
export function siteOf(expression: Expression): Range {
  return expression.kind === 'binary' ? expression.operatorRange : expression.range;
}

export function elementsIn(written: Written, part: number): readonly Element[] {
  const statement = written.definition.statements[part];
  if (statement === undefined) return [];
  const at = { written, part };
  switch (statement.kind) {
    case 'input':
      return statement.ports.map((port) => ({ ...at, kind: 'input', port }));
    case 'weight':
    case 'buffer':
      return [{ ...at, kind: 'weight', statement }];
    case 'layer':
      return stagesOf(at, chainsIn(statement));
    case 'binding':
    case 'output':
      return [
        ...stagesOf(at, chainsIn(statement)),
        ...(statement.kind === 'output' ? [{ ...at, kind: 'output' as const, statement }] : []),
        ...[...operatorsIn(statement.value)].map((expression) => ({ ...at, kind: 'operator' as const, expression })),
      ];
    case 'property':
    case 'train':
      return [];
  }
}

function stagesOf(at: InPart, chains: readonly Chain[]): readonly StageElement[] {
  return chains.flatMap((chain) =>
    chain.stages.map((stage, index) => ({ ...at, kind: 'stage' as const, chain, index, stage })),
  );
}

/** Outer ones come first. Arguments of stages aren't looked into: what is worked out there is no tensor. */
export function* operatorsIn(expression: Expression): Generator<Expression> {
  if (['binary', 'unary', 'compare'].includes(expression.kind)) yield expression;
  if (expression.kind === 'pipeline') yield* operatorsIn(expression.source);
  else for (const child of childrenOf(expression)) yield* operatorsIn(child);
}

/** The element that the core's site of a node means. */
export function elementAt(written: Written, { part, range }: Pick<Site, 'part' | 'range'>): Element | undefined {
  const elements = elementsIn(written, part);
  const isAt = (other: Range): boolean => other.start === range.start && other.end === range.end;
  return elements.find((element) => {
    if (element.kind !== 'stage') return isAt(keyOf(element));
    const { stage } = element;
    return isAt(stage.range) || isAt(stage.body.range) || (stage.body.kind === 'call' && isAt(stage.body.callee.range));
  });
}

/** The element of a kind that begins at a place of the text. */
export function elementFrom(written: Written, kind: Element['kind'], offset: number): Element | undefined {
  for (const [part, start] of written.statements.entries()) {
    const range = written.definition.statements[part]?.range;
    if (range === undefined || start + range.start > offset || start + range.end < offset) continue;
    const found = elementsIn(written, part).find(
      (element) => element.kind === kind && start + keyOf(element).start === offset,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A range of a part, in the text. */
export function absolute({ written, part }: InPart, { start, end }: Range): Range {
  const base = written.statements[part]!;
  return { start: base + start, end: base + end };
}

/** The stages with turns that a stage stands in, outermost first; itself where it is repeated. */
export function loopsAround({ chain, stage }: StageElement): readonly Stage[] {
  const loops = hasTurns(stage) && stage.body.kind !== 'for' ? [stage] : [];
  for (let at = chain.outer; at !== undefined; at = at.chain.outer) {
    const outer = at.chain.stages[at.index]!;
    if (hasTurns(outer)) loops.unshift(outer);
  }
  return loops;
}

export function hasTurns({ count, body }: Stage): boolean {
  return count !== undefined || body.kind === 'for';
}
