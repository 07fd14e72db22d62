/**
 * Puts items on lines of 100 columns. Between arrows, and behind the bracket of a group, a list or a body, the author's
 * own lines are kept; what is too long is broken where people break it: a chain before each stage that does the work,
 * brackets from the outside, operators from the loosest.
 */
import { widthOf } from '../../core/columns.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import type { Family } from '../../core/layers/layer.ts';
import type { Bracket, Comment, Item, Piece, Segment } from './tree.ts';
import { INDENT, WIDTH, type Writer } from './writer.ts';

/** A statement, or a definition's header: a chain, or several things with commas between. `tail` stands behind it. */
export function writeItems(writer: Writer, items: readonly Item[], indent: string, tail = ''): void {
  const inner = indent + INDENT;
  const flat = flatItems(items);
  if (flat !== undefined && fits(writer, flat + tail)) {
    writer.write(flat + tail, indent);
    return;
  }
  items.forEach((item, i) => {
    const isLast = i === items.length - 1;
    if (i > 0) begin(writer, item, inner, true);
    writeChain(writer, item, i === 0 ? indent : inner, i === 0 ? inner : inner + INDENT, isLast ? tail : ',');
    writer.comments(item.after, inner);
  });
}

// ---------------------------------------------------------------------------------------------- chains

/** `tail` stands behind it on its last line; rows after the first begin at `next`. */
function writeChain(writer: Writer, { segments }: Item, indent: string, next: string, tail: string): void {
  const flat = flatSegments(segments);
  if (flat !== undefined && fits(writer, flat + tail)) {
    writer.write(flat + tail, indent);
    comments(writer, segments.at(-1)!.pieces, indent);
    return;
  }
  const own = rowsWhere(segments, ({ isBroken, before }) => isBroken || before.length > 0);
  const isCommented = segments.slice(0, -1).some(endsInComment);
  if (own.length > 1 || isCommented || segments.length === 1) writeRows(writer, own, indent, next, tail);
  else if (!isLongInside(segments, next) || !writeOnOneRow(writer, segments, indent, tail)) {
    writeRows(writer, rowsWhere(segments, isWork), indent, next, tail);
  }
}

/** Whether a chain is only long in one stage, which is no line even by itself. */
function isLongInside(segments: readonly Segment[], next: string): boolean {
  const long = segments
    .map(({ pieces }) => flatPieces(pieces))
    .filter((flat) => flat === undefined || widthOf(`${next}-> ${flat}`) > WIDTH);
  const work = segments.filter((segment, i) => i > 0 && isWork(segment));
  return long.length > 0 && (work.length <= 1 || long.every((flat) => flat === undefined));
}

function writeRows(
  writer: Writer,
  rows: readonly (readonly Segment[])[],
  indent: string,
  next: string,
  tail: string,
): void {
  rows.forEach((row, i) => {
    const at = i === 0 ? indent : next;
    if (i > 0) {
      ownLines(writer, row[0]!.before, at);
      writer.line(at);
      writer.write('-> ', at);
    }
    writeRow(writer, row, at, next, i === rows.length - 1 ? tail : '');
  });
}

/** A row goes on as far as the line has room. */
function writeRow(writer: Writer, row: readonly Segment[], indent: string, next: string, tail: string): void {
  let at = indent;
  row.forEach((segment, i) => {
    const end = i === row.length - 1 ? tail : '';
    if (i > 0) {
      if (fits(writer, ` -> ${firstLine(segment)}${end}`) && !endsInComment(row[i - 1]!)) writer.write(' -> ', at);
      else {
        at = next;
        writer.line(at);
        writer.write('-> ', at);
      }
    }
    writeSegment(writer, segment.pieces, at, end);
  });
}

/** A chain that is only long in its brackets stays one row: `x -> [`, its branches, `] -> Concat(1)`. */
function writeOnOneRow(writer: Writer, segments: readonly Segment[], indent: string, tail: string): boolean {
  const plans: ReadonlySet<Piece>[] = [];
  let { column } = writer;
  for (const [i, { pieces }] of segments.entries()) {
    const isLast = i === segments.length - 1;
    const plan = planOf(pieces, i === 0 ? column : column + ARROW.length, indent, isLast ? tail : '');
    if (plan === undefined) return false;
    plans.push(plan.open);
    column = plan.column;
  }
  segments.forEach(({ pieces }, i) => {
    if (i > 0) writer.write(ARROW, indent);
    writePieces(writer, pieces, indent, i === segments.length - 1 ? tail : '', plans[i]!);
  });
  return true;
}

const ARROW = ' -> ';

/** The first row is the chain's source, or what stands before the first such segment. */
function rowsWhere(segments: readonly Segment[], begins: (segment: Segment) => boolean): Segment[][] {
  const rows: Segment[][] = [];
  segments.forEach((segment, i) => {
    if (i === 0 || begins(segment)) rows.push([segment]);
    else rows.at(-1)!.push(segment);
  });
  return rows;
}

/** What only finishes the stage before it stays on its line: `-> Conv2d(64, 3) -> BatchNorm2d -> ReLU`. */
function isWork({ pieces }: Segment): boolean {
  // Behind a label.
  const colon = pieces.findIndex((piece) => piece.kind === 'word' && piece.text === ':');
  const name = pieces[colon + 1];
  const layer = name?.kind === 'word' ? findLayer(name.text) : undefined;
  if (layer !== undefined) return WORK.has(layer.family);
  // A parameter of type layer: `act`.
  return name?.kind !== 'word' || !/^\p{Ll}[^(]*$/u.test(name.text) || pieces.length > colon + 2;
}

const WORK: ReadonlySet<string> = new Set<Family>(['convolution', 'linear', 'attention', 'recurrent']);

// ---------------------------------------------------------------------------------------------- segments

function writeSegment(writer: Writer, pieces: readonly Piece[], indent: string, tail: string): void {
  const flat = flatPieces(pieces);
  if (flat !== undefined && fits(writer, flat + tail)) {
    writer.write(flat + tail, indent);
    comments(writer, pieces, indent);
    return;
  }
  const plan = planOf(pieces, writer.column, indent, tail);
  if (plan !== undefined) {
    writePieces(writer, pieces, indent, tail, plan.open);
    return;
  }
  const loosest = Math.min(
    ...pieces.map((piece) => (piece.kind === 'word' ? (piece.precedence ?? Infinity) : Infinity)),
  );
  if (loosest < Infinity) writeOperands(writer, pieces, indent, tail, loosest);
  else writePieces(writer, pieces, indent, tail, new Set(pieces.filter(canOpen)));
}

interface Plan {
  /** The brackets that are opened: what is in them has lines of its own. */
  readonly open: ReadonlySet<Piece>;
  /** Where the last line ends. */
  readonly column: number;
}

/** How pieces that begin at a column fit on lines that go on where a bracket closes. */
function planOf(pieces: readonly Piece[], column: number, indent: string, tail: string): Plan | undefined {
  for (const open of waysToOpen(pieces)) {
    const end = endOfLines(pieces, open, column, indent);
    if (end !== undefined && end + tail.length <= WIDTH) return { open, column: end + tail.length };
  }
  return undefined;
}

function endOfLines(
  pieces: readonly Piece[],
  open: ReadonlySet<Piece>,
  column: number,
  indent: string,
): number | undefined {
  let at = column;
  for (const piece of pieces) {
    const flat = piece.kind === 'word' ? piece.text : open.has(piece) ? undefined : flatBracket(piece);
    at += piece.gap.length + widthOf(flat ?? (piece as Bracket).open);
    if (at > WIDTH) return undefined;
    if (flat === undefined) at = widthOf(indent + (piece as Bracket).close);
    else if (piece.after.length > 0) at = widthOf(indent + INDENT);
  }
  return at;
}

/** The fewest brackets first. */
function* waysToOpen(pieces: readonly Piece[]): Generator<ReadonlySet<Piece>> {
  yield new Set();
  const bodies = pieces.filter((piece) => canOpen(piece) && (piece as Bracket).role === 'body');
  if (bodies.length > 0) yield new Set(bodies);
  const hasOperators = pieces.some((piece) => piece.kind === 'word' && piece.precedence !== undefined);
  // Rather than a call's arguments its operators are broken.
  const others = pieces.filter(
    (piece) => canOpen(piece) && !bodies.includes(piece) && (!hasOperators || keepsLines(piece as Bracket)),
  );
  for (const piece of others.toReversed()) yield new Set([...bodies, piece]);
  yield new Set([...bodies, ...others]);
}

/** Whether the author's new line behind the bracket is kept: not in a sum in parentheses, whose operators are broken. */
function keepsLines({ role, items }: Bracket): boolean {
  if (role !== 'group') return role === 'list' || role === 'body';
  const [only, ...others] = items;
  if (only === undefined || others.length > 0 || only.segments.length > 1) return true;
  // A stage that has a body is no sum.
  return only.segments[0]?.pieces.some((piece) => piece.kind === 'bracket' && piece.role === 'body') === true;
}

function canOpen(piece: Piece): boolean {
  return piece.kind === 'bracket' && piece.items.length > 0 && piece.role !== 'label' && piece.role !== 'subscript';
}

function writePieces(
  writer: Writer,
  pieces: readonly Piece[],
  indent: string,
  tail: string,
  open: ReadonlySet<Piece>,
): void {
  pieces.forEach((piece, i) => {
    const inner = i === 0 ? indent : indent + INDENT;
    if (piece.kind === 'word') writer.write(piece.gap + piece.text, inner);
    else {
      const flat = open.has(piece) ? undefined : flatBracket(piece);
      writer.write(piece.gap, inner);
      if (flat === undefined) writeBracket(writer, piece, indent);
      else writer.write(flat, inner);
    }
    if (i === pieces.length - 1) writer.write(tail, inner);
    writer.comments(piece.after, inner);
  });
}

/** Each operator of the loosest kind begins a line. */
function writeOperands(writer: Writer, pieces: readonly Piece[], indent: string, tail: string, loosest: number): void {
  const inner = indent + INDENT;
  let operand: Piece[] = [];
  let at = indent;
  const flush = (end: string): void => {
    if (operand.length > 0) writeSegment(writer, operand, at, end);
    operand = [];
  };
  for (const piece of pieces) {
    if (piece.kind === 'word' && piece.precedence === loosest) {
      flush('');
      at = inner;
      writer.line(at);
      writer.write(`${piece.text} `, at);
      writer.comments(piece.after, at);
    } else operand.push(operand.length === 0 && at === inner ? { ...piece, gap: '' } : piece);
  }
  flush(tail);
}

// ---------------------------------------------------------------------------------------------- brackets

function writeBracket(writer: Writer, bracket: Bracket, indent: string): void {
  const { open, close, items, role, opened, ending, isTuple } = bracket;
  const inner = indent + INDENT;
  writer.write(open, indent);
  writer.comments(opened, inner);
  if (role === 'body' || role === 'label' || (role === 'group' && items.length === 1)) {
    const [item] = items;
    if (item !== undefined) {
      begin(writer, item, inner, false);
      writeChain(writer, item, inner, inner, isTuple ? ',' : '');
      writer.comments(item.after, inner);
    }
  } else if (!isTable(items) || !writeFilled(writer, items, inner)) writeEach(writer, bracket, inner);
  ownLines(writer, ending, inner);
  writer.line(indent);
  writer.write(close, indent);
}

function writeEach(writer: Writer, { items, role }: Bracket, inner: string): void {
  const flat = flatItems(items);
  // Arguments that fit on one line don't take one each.
  if (role === 'arguments' && flat !== undefined) {
    writer.line(inner);
    if (fits(writer, flat)) {
      writer.write(flat, inner);
      return;
    }
  }
  for (const [i, item] of items.entries()) {
    begin(writer, item, inner, i > 0);
    // Behind a single subscript a comma would say something.
    const isLast = i === items.length - 1;
    writeChain(writer, item, inner, inner + INDENT, isLast && role === 'subscript' ? '' : ',');
    writer.comments(item.after, inner);
  }
}

/** Numbers and words, as many as a line holds. */
function writeFilled(writer: Writer, items: readonly Item[], inner: string): boolean {
  const texts = items.map(({ segments }) => flatSegments(segments));
  const areCommented = items.some(({ segments, after }) => after.length > 0 || endsInComment(segments.at(-1)!));
  if (texts.some((text) => text === undefined) || areCommented) return false;
  writer.line(inner);
  texts.forEach((text, i) => {
    if (i > 0 && !fits(writer, ` ${text!},`)) writer.line(inner);
    else if (i > 0) writer.write(' ', inner);
    writer.write(`${text!},`, inner);
  });
  return true;
}

function isTable(items: readonly Item[]): boolean {
  return items.every(
    ({ segments: [segment, ...others] }) =>
      others.length === 0 &&
      segment!.before.length === 0 &&
      segment!.pieces.every((piece) => piece.kind === 'word' && /^["'.\d+-]/u.test(piece.text)),
  );
}

/** The line that an item begins, below its comments. */
function begin(writer: Writer, item: Item, indent: string, mayBeApart: boolean): void {
  if (mayBeApart && item.isApart) writer.blank();
  ownLines(writer, item.segments[0]!.before, indent);
  writer.line(indent);
}

export function ownLines(writer: Writer, comments: readonly Comment[], indent: string): void {
  for (const comment of comments) {
    writer.line(indent);
    writer.comments([comment], indent);
  }
}

// ---------------------------------------------------------------------------------------------- on one line

function fits(writer: Writer, text: string): boolean {
  return writer.column + widthOf(text) <= WIDTH;
}

/** Undefined where there are comments, or lines of the author's. */
export function flatItems(items: readonly Item[]): string | undefined {
  const texts = items.map(({ segments, after }) => {
    const isCommented = after.length > 0 || segments[0]!.before.length > 0 || endsInComment(segments.at(-1)!);
    return isCommented ? undefined : flatSegments(segments);
  });
  return texts.some((text) => text === undefined) ? undefined : texts.join(', ');
}

/** Comments before the first and behind the last are left to the caller. */
function flatSegments(segments: readonly Segment[]): string | undefined {
  const texts = segments.map((segment, i) => {
    const { pieces, before, isBroken } = segment;
    const isLast = i === segments.length - 1;
    if (isBroken || (i > 0 && before.length > 0) || (!isLast && endsInComment(segment))) return undefined;
    return flatPieces(pieces);
  });
  return texts.some((text) => text === undefined) ? undefined : texts.join(' -> ');
}

function endsInComment({ pieces }: Segment): boolean {
  return (pieces.at(-1)?.after.length ?? 0) > 0;
}

/** Comments behind the last piece are left to the caller. */
function flatPieces(pieces: readonly Piece[]): string | undefined {
  let text = '';
  for (const [i, piece] of pieces.entries()) {
    if (i < pieces.length - 1 && piece.after.length > 0) return undefined;
    const own = piece.kind === 'word' ? piece.text : flatBracket(piece);
    if (own === undefined) return undefined;
    text += piece.gap + own;
  }
  return text;
}

function comments(writer: Writer, pieces: readonly Piece[], indent: string): void {
  writer.comments(pieces.at(-1)?.after ?? [], indent);
}

function flatBracket(bracket: Bracket): string | undefined {
  const { open, close, items, role, opened, ending, isTuple, isOpened } = bracket;
  if (opened.length > 0 || ending.length > 0) return undefined;
  if (items.length > 0 && isOpened && keepsLines(bracket)) return undefined;
  const text = flatItems(items);
  if (text === undefined) return undefined;
  const space = (role === 'body' || role === 'names') && text !== '' ? ' ' : '';
  return open + space + text + (isTuple ? ',' : '') + space + close;
}

/** What must find room behind an arrow for a segment to stand there. */
function firstLine({ pieces }: Segment): string {
  const flat = flatPieces(pieces);
  if (flat !== undefined) return flat;
  const at = pieces.findIndex((piece) => piece.kind === 'bracket' && flatBracket(piece) === undefined);
  const bracket = pieces[at];
  return (flatPieces(pieces.slice(0, at)) ?? '') + (bracket?.kind === 'bracket' ? bracket.gap + bracket.open : '');
}
