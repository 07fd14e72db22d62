/** What a fix does, as edits of texts in the formatter's form. No comment is lost. */
import type { LangiumDocument, URI } from 'langium';
import type { TextEdit } from 'vscode-languageserver';
import type { Range } from '../core/definition.ts';
import type { FixEdit } from '../core/fix.ts';
import { relativePath } from '../core/program.ts';
import { parsedOf, resolveImport } from './documents.ts';
import { format } from './format/format.ts';
import { INDENT } from './format/writer.ts';
import { stringValue } from './reading/literals.ts';
import type { FileParser, Part, ScvParseResult } from './text/parser.ts';
import { endOf, endLineOf, isCloser, kindOf, lineOf, tokenFrom, type Token } from './text/tokens.ts';

/** Offsets in the text as it is. */
export interface Change extends Range {
  readonly text: string;
  /** The text is a part by itself, to be written in the formatter's form: what has to stand around it, and behind it here. */
  readonly part?: { readonly around: Unit['around']; readonly behind: string };
}

/** Whether edits can be done: not where a comment stands in what would be replaced, or where they are in each other's way. */
export function canEdit(document: LangiumDocument, edits: readonly FixEdit<Range>[]): boolean {
  return changesOf(document, edits) !== undefined;
}

/** The edits of one document, by absolute offsets; undefined where they can't be done. */
export function textEdits(
  document: LangiumDocument,
  edits: readonly FixEdit<Range>[],
  parser: FileParser,
): TextEdit[] | undefined {
  const { textDocument } = document;
  const changes = roughChanges(document, edits, parser);
  return (
    changes &&
    changesInForm(document, changes, parser).map(({ start, end, text: newText }) => ({
      range: { start: textDocument.positionAt(start), end: textDocument.positionAt(end) },
      newText,
    }))
  );
}

/** The edits in whatever form, in order; undefined where they can't be done. */
export function roughChanges(
  document: LangiumDocument,
  edits: readonly FixEdit<Range>[],
  parser: FileParser,
): readonly Change[] | undefined {
  return changesOf(document, edits)?.map((change) => partInForm(change, parser));
}

/** The same changes, with the parts that they touch in the formatter's form, where those were in it before. */
export function changesInForm(
  document: LangiumDocument,
  changes: readonly Change[],
  parser: FileParser,
): readonly Change[] {
  const parsed = parsedOf(document);
  return parsed === undefined ? changes : inForm(document.textDocument.getText(), parsed, changes, parser);
}

/** A whole definition in the formatter's form; undefined where it can't be read. */
export function definitionInForm(text: string, parser: FileParser): string | undefined {
  return written(text, { start: 0, end: text.length, around: NOTHING }, parser);
}

/** The text afterwards, in whatever form; undefined where the edits can't be done. */
export function textAfter(document: LangiumDocument, edits: readonly FixEdit<Range>[]): string | undefined {
  const changes = changesOf(document, edits);
  return changes && applied(document.textDocument.getText(), changes);
}

function changesOf(document: LangiumDocument, edits: readonly FixEdit<Range>[]): readonly Change[] | undefined {
  const parsed = parsedOf(document);
  if (parsed === undefined) return undefined;
  const text = document.textDocument.getText();
  const changes = new Changer(document.uri, text, parsed).changes(edits);
  return text.includes('\r\n')
    ? changes?.map((each) => ({ ...each, text: each.text.replaceAll(/\r?\n/g, '\r\n') }))
    : changes;
}

class Changer {
  private readonly uri: URI;
  private readonly text: string;
  private readonly parsed: ScvParseResult;

  constructor(uri: URI, text: string, parsed: ScvParseResult) {
    this.uri = uri;
    this.text = text;
    this.parsed = parsed;
  }

  changes(edits: readonly FixEdit<Range>[]): readonly Change[] | undefined {
    const changes: Change[] = [];
    for (const edit of edits) {
      switch (edit.kind) {
        case 'replace':
          if (edit.hasComments !== true && this.commentsIn(edit.at).length > 0) return undefined;
          changes.push({ ...edit.at, text: edit.text });
          break;
        case 'remove':
          break;
        case 'removeDefinition': {
          const whole = this.definitionAt(edit.at);
          if (whole === undefined) return undefined;
          changes.push(this.withoutLines(whole));
          break;
        }
        case 'statement':
          changes.push(edit.where === 'before' ? this.above(edit.at, edit.text) : this.below(edit.at, edit.text));
          break;
        case 'definition': {
          const next = this.definitionAt(edit.at);
          if (next === undefined) return undefined;
          const start = this.firstCommentAbove(next.start);
          changes.push({ start, end: start, text: `${edit.text}\n\n`, part: { around: NOTHING, behind: '\n\n' } });
          break;
        }
        case 'move': {
          const from = { start: this.firstCommentAbove(edit.at.start), end: edit.at.end };
          changes.push(this.above(edit.before, this.text.slice(from.start, from.end)), this.lines(from));
          break;
        }
        case 'import':
          changes.push(this.imported(edit.name, edit.from));
          break;
      }
    }
    for (const at of this.together(edits.flatMap((edit) => (edit.kind === 'remove' ? [edit.at] : []))))
      changes.push(this.removal(at));
    changes.sort((a, b) => a.start - b.start || a.end - b.end);
    for (const [i, change] of changes.entries()) {
      // Two that take the same blank lines with them.
      const before = changes[i - 1];
      const isBlank = before !== undefined && this.text.slice(change.start, before.end).trim() === '';
      if (isBlank && change.start < before.end && change.end >= before.end)
        changes[i] = { ...change, start: before.end };
    }
    const overlaps = changes.some((change, i) => i > 0 && change.start < changes[i - 1]!.end);
    return overlaps ? undefined : changes;
  }

  // -------------------------------------------------------------------------------------------- removing

  /** What only commas part is taken out at once. */
  private together(ranges: readonly Range[]): readonly Range[] {
    const joined: Range[] = [];
    for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
      const last = joined.at(-1);
      const between = last === undefined ? [] : this.tokensIn({ start: last.end, end: range.start });
      const isNext = last !== undefined && between.every((token) => kindOf(token) === ',');
      const areStatements = last !== undefined && between.length === 0;
      if (isNext && !areStatements) joined[joined.length - 1] = { start: last.start, end: range.end };
      else joined.push(range);
    }
    return joined;
  }

  /** Something with the comma or arrow that belongs to it, or with its lines. */
  private removal({ start, end }: Range): Change {
    const { tokens } = this.parsed;
    const first = tokenFrom(tokens, start);
    const next = tokenFrom(tokens, end);
    const before = tokens[first - 1];
    const after = tokens[next];
    const isList = kindOf(after) === ',' || kindOf(before) === ',';
    const isCall =
      kindOf(before) === '(' && kindOf(after) === ')' && /\w$/.test(this.text.slice(0, before!.startOffset));
    if (isCall) return this.without({ start: before!.startOffset, end: endOf(after!) });
    // A stage, though its branch may stand between commas.
    if (kindOf(before) === '->') return this.without({ start: endOf(tokens[first - 2] ?? before!), end });
    if (kindOf(after) === '->') return this.without({ start, end: this.upTo(next + 1) });
    // The last of several takes the comma before it, so that the others stand as they did.
    const isLast = isList && (kindOf(after) !== ',' || isCloser(kindOf(tokens[next + 1])));
    if (isList && kindOf(before) === ',' && isLast) return this.without({ start: before!.startOffset, end });
    if (isList && kindOf(after) === ',') return this.without({ start, end: this.upTo(next + 1) });
    return this.withoutLines({ start, end });
  }

  /** Where a token begins, or the comment before it. */
  private upTo(index: number): number {
    const { tokens, comments } = this.parsed;
    const start = tokens[index]?.startOffset ?? this.text.length;
    const behind = tokens[index - 1] === undefined ? 0 : endOf(tokens[index - 1]!);
    return comments.find((each) => each.startOffset >= behind && each.startOffset < start)?.startOffset ?? start;
  }

  /** Comments in it stay, each to the end of its line. */
  private without(range: Range): Change {
    const kept = this.commentsIn(range).map(({ image }) => ` ${image}\n${this.indentAt(range.start)}`);
    return { ...range, text: kept.join('') };
  }

  /** A statement or definition with the lines that it alone takes; comments stay. */
  private withoutLines(range: Range): Change {
    const kept = this.commentsIn(range);
    const whole = this.lines(range);
    if (kept.length === 0) return whole;
    const indent = this.indentAt(range.start);
    const text = kept.map(({ image }) => `${indent}${image}\n`).join('');
    return whole.text === '' && whole.end > range.end ? { ...whole, text } : { ...whole, text: `\n${text}` };
  }

  /** From the beginning of the first line through the end of the last, where nothing else stands there. */
  private lines({ start, end }: Range): Change {
    const before = /[^\S\n]*$/.exec(this.text.slice(0, start))![0].length;
    const after = /^[^\S\n]*(\r?\n|$)?/.exec(this.text.slice(end))!;
    const isAlone = (start - before === 0 || this.text[start - before - 1] === '\n') && after[1] !== undefined;
    if (isAlone) return this.withBlankLines({ start: start - before, end: end + after[0].length });
    // On one line with others, or with a comment behind it.
    const gap = /^[^\S\n]*/.exec(this.text.slice(end))![0].length;
    return { start, end: end + gap, text: '' };
  }

  /** Whole lines with the blank ones behind them, or before a closing brace those above, that would be too many then. */
  private withBlankLines({ start, end }: Range): Change {
    const isApart = /(?:^|\{|\n)[^\S\n]*\r?\n$|^$/.test(this.text.slice(0, start));
    const behind = /^(?:[^\S\n]*\n)*/.exec(this.text.slice(end))![0].length;
    if (isApart && behind > 0) return { start, end: end + behind, text: '' };
    const above = /(?:\n[^\S\n]*\r?(?=\n))*\n$/.exec(this.text.slice(0, start))?.[0].length ?? 0;
    const isLast = /^[^\S\n]*(?:\}|$)/.test(this.text.slice(end));
    return { start: isLast && above > 0 ? start - above + 1 : start, end, text: '' };
  }

  // -------------------------------------------------------------------------------------------- putting in

  private above(at: Range, text: string): Change {
    const start = this.firstCommentAbove(at.start);
    return { start, end: start, text: `${text}\n${this.indentAt(at.start)}` };
  }

  private below({ start, end }: Range, text: string): Change {
    const last = this.parsed.tokens[tokenFrom(this.parsed.tokens, end) - 1]!;
    const comment = this.parsed.comments.find((each) => each.startOffset >= end && lineOf(each) === endLineOf(last));
    const at = comment === undefined ? end : endOf(comment);
    return { start: at, end: at, text: `\n${this.indentAt(start)}${text}` };
  }

  /** Of the comment lines directly above something that begins its line, the first; else the thing itself. */
  private firstCommentAbove(offset: number): number {
    const { comments, tokens } = this.parsed;
    const line = (at: number): number => this.text.slice(0, at).split('\n').length;
    let first = offset;
    let above = line(offset) - 1;
    const taken = new Set(tokens.flatMap((token) => [lineOf(token), endLineOf(token)]));
    if (tokens.some((token) => token.startOffset < offset && endLineOf(token) === above + 1)) return offset;
    for (const comment of comments.toReversed()) {
      if (comment.startOffset > first || lineOf(comment) !== above || taken.has(above)) continue;
      first = comment.startOffset;
      above -= 1;
    }
    return first;
  }

  private imported(name: string, from: string): Change {
    const { imports, definitions } = this.parsed.parts;
    const same = imports.find(
      ({ node }) => node?.path !== undefined && resolveImport(this.uri, stringValue(node.path)).toString() === from,
    );
    const names =
      same === undefined ? [] : this.tokensIn({ start: same.anchor.offset, end: same.anchor.offset + same.length });
    const close = names.findIndex((token) => kindOf(token) === '}');
    if (close > 0) {
      const last = names[close - 1]!;
      const text = kindOf(last) === ',' ? ` ${name}` : kindOf(last) === '{' ? ` ${name} ` : `, ${name}`;
      return { start: endOf(last), end: endOf(last), text };
    }
    const statement = `import { ${name} } from "${relativePath(this.uri.toString(), from)}"`;
    const last = imports.at(-1);
    if (last !== undefined) {
      return this.below({ start: last.anchor.offset, end: last.anchor.offset + last.length }, statement);
    }
    const first = definitions[0]?.header.anchor.offset ?? 0;
    const start = this.firstCommentAbove(first);
    return { start, end: start, text: `${statement}\n\n` };
  }

  // -------------------------------------------------------------------------------------------- places

  private tokensIn({ start, end }: Range): readonly Token[] {
    return this.parsed.tokens.filter((token) => token.startOffset >= start && token.startOffset < end);
  }

  private commentsIn({ start, end }: Range): readonly Token[] {
    return this.parsed.comments.filter((each) => each.startOffset >= start && each.startOffset < end);
  }

  private definitionAt({ start }: Range): Range | undefined {
    for (const { header, close, statements } of this.parsed.parts.definitions) {
      const last = statements.at(-1) ?? header;
      const end = close === undefined ? last.anchor.offset + last.length : endOf(close);
      if (header.anchor.offset <= start && start < end) return { start: header.anchor.offset, end };
    }
    return undefined;
  }

  /** The blanks at the beginning of a place's line; of a line that begins with a definition, those of its inside. */
  private indentAt(offset: number): string {
    const line = this.text.lastIndexOf('\n', offset - 1) + 1;
    const blanks = /^[^\S\n]*/.exec(this.text.slice(line))![0];
    const first = this.parsed.tokens[tokenFrom(this.parsed.tokens, line)];
    const isInside = first !== undefined && first.startOffset < offset && DEFINITIONS.has(kindOf(first) ?? '');
    return isInside ? blanks + INDENT : blanks;
  }
}

const DEFINITIONS: ReadonlySet<string> = new Set(['model', 'block', 'extern']);

/**
 * The changes, with the parts that they touch as the formatter writes them, where those were in its form before. Each
 * part is formatted by itself: a file can be long.
 */
function inForm(
  text: string,
  { parts: { imports, definitions } }: ScvParseResult,
  changes: readonly Change[],
  parser: FileParser,
): readonly Change[] {
  const span = ({ anchor, length }: Part): Range => ({ start: anchor.offset, end: anchor.offset + length });
  const units: Unit[] = imports.map((part) => ({ ...span(part), around: NOTHING }));
  const bodies: (readonly Range[])[] = [];
  for (const { header, statements, close } of definitions) {
    const { start, end } = span(header);
    const whole = { start, end: close === undefined ? end : endOf(close) };
    // What stands on one line is broken, or not, as a whole.
    const isFlat = !text.slice(whole.start, whole.end).includes('\n');
    // So is what has a comment behind it: those of several lines stand one below the other.
    const touched = statements.map(span).filter((part) => changes.some((change) => touches(change, part)));
    const isCommented = touched.some((part) => /^[^\S\n]*#/.test(text.slice(part.end, whole.end)));
    const before = text.slice(whole.start, whole.end);
    const isWhole = isFlat || (isCommented && written(before, { ...whole, around: NOTHING }, parser) === before);
    if (isWhole) units.push({ ...whole, around: NOTHING });
    else {
      units.push({ start, end, around: HEADER }, ...together(statements.map(span), changes));
      bodies.push(statements.map(span));
    }
  }
  const result = changes.map((change) => {
    const isInside = units.some((unit) => touches(change, unit));
    return isInside ? change : statementsInForm(text, bodies, change, parser);
  });
  for (const unit of units) {
    const inside = changes.filter(
      (change) => touches(change, unit) && change.start >= unit.start && change.end <= unit.end,
    );
    if (inside.length === 0) continue;
    const before = text.slice(unit.start, unit.end);
    const own = inside.map((each) => ({ ...each, start: each.start - unit.start, end: each.end - unit.start }));
    const now = applied(before, own);
    const once = written(before, unit, parser) === before ? written(now, unit, parser) : undefined;
    // Comments that stood one below the other are moved by what is put before them.
    const formatted = once && written(once, unit, parser);
    if (formatted === undefined || formatted === now) continue;
    const { start, end, text: other } = difference(before, formatted);
    result.splice(result.indexOf(inside[0]!), inside.length, {
      start: start + unit.start,
      end: end + unit.start,
      text: other,
    });
  }
  return result;
}

/** New statements, put before one that is in the formatter's form, are so too. */
function statementsInForm(
  text: string,
  bodies: readonly (readonly Range[])[],
  change: Change,
  parser: FileParser,
): Change {
  const own = change.text.trim();
  const body = bodies.find((statements) => statements.length > 0 && statements.at(-1)!.start >= change.end);
  const next = body?.find(({ start }) => start >= change.end);
  if (own === '' || body === undefined || next === undefined) return change;
  const model = text.slice(next.start, next.end);
  if (written(model, { ...next, around: BODY }, parser) !== model) return change;
  const formatted = written(own, { start: 0, end: own.length, around: BODY }, parser);
  return formatted === undefined ? change : { ...change, text: change.text.replace(own, () => formatted) };
}

/** Statements as units: those that one change has in it are one. */
function together(statements: readonly Range[], changes: readonly Change[]): readonly Unit[] {
  const units: Unit[] = [];
  for (const { start, end } of statements) {
    const last = units.at(-1);
    const isOne = changes.some(
      (change) => last !== undefined && touches(change, last) && touches(change, { start, end }),
    );
    if (isOne) units[units.length - 1] = { ...last!, end };
    else units.push({ start, end, around: BODY });
  }
  return units;
}

/** Whether a change is one of a part's own text: what is put in before it isn't. */
function touches(change: Range, part: Range): boolean {
  return (
    change.start <= part.end && (change.end > part.start || (change.end === part.start && change.start > part.start))
  );
}

/** What is formatted by itself, and what has to stand around it. */
interface Unit extends Range {
  readonly around: readonly [before: string, behind: string];
}

const NOTHING = ['', '\n'] as const;
const HEADER = ['', '\n}\n'] as const;
const BODY = [`model M {\n${INDENT}`, '\n}\n'] as const;

function partInForm(change: Change, parser: FileParser): Change {
  const { part, text } = change;
  if (part === undefined) return change;
  const behind = text.includes('\r\n') ? part.behind.replaceAll('\n', '\r\n') : part.behind;
  const own = text.slice(0, text.length - behind.length);
  const formatted = written(own, { start: 0, end: own.length, around: part.around }, parser);
  return formatted === undefined ? change : { ...change, text: formatted + behind };
}

/** A unit in the formatter's form; undefined where it can't be read. */
function written(text: string, { around: [before, behind] }: Unit, parser: FileParser): string | undefined {
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  const formatted = format(`${before}${text.replaceAll('\r\n', '\n')}${behind}`, parser);
  if ('problems' in formatted || !formatted.text.startsWith(before) || !formatted.text.endsWith(behind))
    return undefined;
  return formatted.text.slice(before.length, -behind.length).replaceAll('\n', newLine);
}

function applied(text: string, changes: readonly Change[]): string {
  let result = '';
  let at = 0;
  for (const change of changes) {
    result += text.slice(at, change.start) + change.text;
    at = change.end;
  }
  return result + text.slice(at);
}

/** One change from the first to the last character that differs. */
function difference(before: string, after: string): Change {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return { start, end: before.length - end, text: after.slice(start, after.length - end) };
}
