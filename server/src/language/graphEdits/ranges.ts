/** Where expressions stand in the text with all that belongs to them: the core's ranges leave parentheses out. */
import type { Expression, Range } from '../../core/definition.ts';
import { childrenOf } from '../../core/elaborate/uses.ts';
import { parsedOf } from '../documents.ts';
import { endOf, kindOf, tokenFrom, type Token } from '../text/tokens.ts';
import type { Draft } from './draft.ts';
import { type StageElement, absolute } from './element.ts';

export type InPart = Pick<StageElement, 'written' | 'part'>;

export function tokensOf(draft: Draft, { written }: InPart): readonly Token[] {
  return parsedOf(draft.document(written.uri))?.tokens ?? [];
}

/** Absolute, from the first to the last token of an expression; not the parentheses around all of it. */
export function writtenRange(draft: Draft, at: InPart, expression: Expression): Range {
  const { start, end } = absolute(at, expression.range);
  switch (expression.kind) {
    case 'binary':
      return { start: outerRange(draft, at, expression.left).start, end: outerRange(draft, at, expression.right).end };
    case 'compare':
      return {
        start: outerRange(draft, at, expression.operands[0]!).start,
        end: outerRange(draft, at, expression.operands.at(-1)!).end,
      };
    case 'unary':
      return { start, end: outerRange(draft, at, expression.operand).end };
    case 'pipeline':
      return { start: outerRange(draft, at, expression.source).start, end };
    case 'member':
    case 'index':
    case 'slice':
      return { start: outerRange(draft, at, expression.object).start, end };
    default:
      return { start, end };
  }
}

/** Absolute, with the parentheses around all of it. */
export function outerRange(draft: Draft, at: InPart, expression: Expression): Range {
  const tokens = tokensOf(draft, at);
  let { start, end } = writtenRange(draft, at, expression);
  for (;;) {
    const first = tokenFrom(tokens, start) - 1;
    const after = tokens[tokenFrom(tokens, end)];
    // Those of a call are none of an argument's.
    const isCall = ['ID', ')'].includes(kindOf(tokens[first - 1]) ?? '');
    if (kindOf(tokens[first]) !== '(' || kindOf(after) !== ')' || isCall) return { start, end };
    start = tokens[first]!.startOffset;
    end = endOf(after!);
  }
}

/** Whether an expression is all that stands in brackets, between commas, or from a `=` to the end or to an arrow. */
export function isWhole(draft: Draft, at: InPart, expression: Expression): boolean {
  const tokens = tokensOf(draft, at);
  const { start, end } = writtenRange(draft, at, expression);
  const first = tokenFrom(tokens, start);
  const next = tokenFrom(tokens, end);
  const statement = absolute(at, at.written.definition.statements[at.part]!.range);
  const isLast = (tokens[next]?.startOffset ?? Infinity) >= statement.end;
  const before = kindOf(tokens[first - 1]) ?? '';
  const after = isLast ? '' : (kindOf(tokens[next]) ?? '');
  return ['=', '(', '[', ',', '{', 'output'].includes(before) && ['', ')', ']', ',', '}', '->'].includes(after);
}

/** Whether an expression stands in an arm of an `if`: what is moved out of there is built in any case. */
export function isInArm({ written, part }: InPart, expression: Expression): boolean {
  const statement = written.definition.statements[part];
  if (statement?.kind !== 'binding' && statement?.kind !== 'output') return false;
  const holds = (around: Expression, inArm: boolean): boolean => {
    if (around === expression) return inArm;
    if (around.kind === 'pipeline') return holds(around.source, inArm);
    const isArm = (child: Expression): boolean =>
      around.kind === 'conditional' && (child === around.then || child === around.otherwise);
    return childrenOf(around).some((child) => holds(child, inArm || isArm(child)));
  };
  return holds(statement.value, false);
}
