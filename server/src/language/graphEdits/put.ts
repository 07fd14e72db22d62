/** Stages put into a text where a person would write them. */
import type { Expression, Range } from '../../core/definition.ts';
import { type FixEdit, insert, remove, replace } from '../../core/fix.ts';
import { parsedOf } from '../documents.ts';
import { INDENT } from '../format/writer.ts';
import type { Chain } from '../refactor/spot.ts';
import { endLineOf, kindOf, lineOf, tokenFrom, type Token } from '../text/tokens.ts';
import type { Draft, Written } from './draft.ts';
import { type StageElement, absolute } from './element.ts';
import { Refused } from './refused.ts';
import { type InPart, isWhole, outerRange, writtenRange } from './ranges.ts';

type InChain = InPart & { readonly chain: Chain };

/** Before the stage of this number of a chain, or behind its last one. */
export function putStage(draft: Draft, at: InChain, index: number, text: string): readonly FixEdit<Range>[] {
  const { chain } = at;
  const [only, second] = chain.stages;
  if (isManyBranches(chain))
    throw new Refused('A loop or an if that is a whole branch makes several branches, or none: put it inside of that.');
  // A shared layer is one stage.
  if (chain.around === 'layer' && only !== undefined && second === undefined) {
    const body = absolute(at, only.body.range);
    return index === 0
      ? [insert(body.start, `(${text} -> `), insert(absolute(at, only.range).end, ')')]
      : [insert(body.start, '('), insert(absolute(at, only.range).end, ` -> ${text})`)];
  }
  const last = chain.stages[index - 1];
  const arrow = isOnePerLine(draft, at);
  const behind =
    last !== undefined
      ? absolute(at, last.range)
      : chain.source === undefined
        ? undefined
        : outerRange(draft, at, chain.source);
  if (arrow !== undefined && behind !== undefined)
    return [insert(endOfLine(draft.text(at.written.uri), behind.end), `\n${arrow}-> ${text}`)];
  if (last === undefined || behind === undefined)
    return [insert(absolute(at, chain.stages[index]!.range).start, `${text} -> `)];
  return [insert(behind.end, ` -> ${text}`)];
}

/** Whether a branch is a `for` or `if` alone, which stands for as many branches as there are turns. */
export function isManyBranches({ around, stages: [only, second] }: Chain): boolean {
  if (around !== 'parallel' || only === undefined || second !== undefined) return false;
  return ['for', 'if'].includes(only.body.kind) && only.label === undefined && only.count === undefined;
}

/** The blanks before the arrows, where each stage of a chain of several has a line of its own. */
function isOnePerLine(draft: Draft, at: InChain): string | undefined {
  const { chain } = at;
  const tokens = parsedOf(draft.document(at.written.uri))?.tokens ?? [];
  const arrows = chain.stages.slice(chain.source === undefined ? 1 : 0).map(({ range }) => {
    return tokenFrom(tokens, absolute(at, range).start) - 1;
  });
  const isAlone = arrows.every(
    (index) => kindOf(tokens[index]) === '->' && lineOf(tokens[index]!) > endLineOf(tokens[index - 1]!),
  );
  if (arrows.length < 2 || !isAlone) return undefined;
  return indentOf(draft.text(at.written.uri), tokens[arrows[0]!]!);
}

function indentOf(text: string, { startOffset }: Token): string {
  return text.slice(text.lastIndexOf('\n', startOffset - 1) + 1, startOffset);
}

/** Behind the comment that stands behind something on its line, where nothing else does. */
export function endOfLine(text: string, offset: number): number {
  const rest = /^[^\S\n]*#[^\r\n]*/u.exec(text.slice(offset));
  return rest === null ? offset : offset + rest[0].length;
}

/** In each turn of a repeated stage: `A * 3` is `(A -> B) * 3`. */
export function putInTurn(element: StageElement, where: 'before' | 'behind', text: string): readonly FixEdit<Range>[] {
  const { start, end } = absolute(element, element.stage.body.range);
  const { body } = element.stage;
  if (body.kind === 'group') {
    const edge = where === 'before' ? body.stages[0]!.range.start : body.stages.at(-1)!.range.end;
    const at = absolute(element, { start: edge, end: edge }).start;
    return [insert(at, where === 'before' ? `${text} -> ` : ` -> ${text}`)];
  }
  return where === 'before'
    ? [insert(start, `(${text} -> `), insert(end, ')')]
    : [insert(start, '('), insert(end, ` -> ${text})`)];
}

/** Behind the value of an expression: `a + b` is `a + b -> L`, in parentheses where it is part of another one. */
export function putBehind(draft: Draft, at: InPart, expression: Expression, text: string): readonly FixEdit<Range>[] {
  const { start, end } = writtenRange(draft, at, expression);
  if (expression.kind === 'pipeline') return [insert(end, ` -> ${text}`)];
  return isWhole(draft, at, expression)
    ? [insert(end, ` -> ${text}`)]
    : [insert(start, '('), insert(end, ` -> ${text})`)];
}

/** Something else in an absolute range, with the comments that stand in it. */
export function putInstead(draft: Draft, at: InPart, whole: Range, text: string): FixEdit<Range> {
  const comments = commentsIn(draft, at.written.uri, whole);
  if (comments.length === 0) return replace(whole, text);
  const kept = comments.map((comment) => ` ${comment}\n${INDENT}${INDENT}`).join('');
  return { kind: 'replace', at: whole, text: `${text}${kept}`, hasComments: true };
}

export function commentsIn(draft: Draft, uri: string, { start, end }: Range): readonly string[] {
  const comments = parsedOf(draft.document(uri))?.comments ?? [];
  return comments.flatMap(({ startOffset, image }) => (startOffset >= start && startOffset < end ? [image] : []));
}

/** A stage goes, with its arrow. */
export function takeStage({ written, part, stage }: StageElement): FixEdit<Range> {
  return remove(absolute({ written, part }, stage.range));
}

/** A statement on a line of its own before another one; comments above that one stay with it. */
export function putStatement(written: Written, part: number, where: 'before' | 'behind', text: string): FixEdit<Range> {
  const at = absolute({ written, part }, written.definition.statements[part]!.range);
  return { kind: 'statement', at, where, text };
}
