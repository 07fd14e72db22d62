import type { PartProblem } from '../problem.ts';
import {
  BROKEN_STRING,
  CALLED,
  CALLEE,
  MISSING,
  closerOf,
  endOf,
  endsOperand,
  isCloser,
  isKeyword,
  isName,
  isWord,
  kindOf,
  startsLine,
  type Token,
} from './tokens.ts';

/** The token types that repair puts in. */
export type Vocabulary = Readonly<Record<string, Token['tokenType']>>;

export interface Repaired {
  readonly tokens: Token[];
  /** What was wrong, first things first; absolute offsets. */
  readonly problems: PartProblem[];
}

/**
 * Makes the tokens of one part readable by the grammar: closes brackets, puts MISSING where an operand or stage should
 * stand, CALLED before the parenthesis of a call of what isn't a name. The parser then reads nearly everything that is
 * being typed without an error of its own, and what people are told is decided here, in words.
 */
export function repair(tokens: readonly Token[], vocabulary: Vocabulary): Repaired {
  return new Repair(tokens, vocabulary).run();
}

interface OpenBracket {
  readonly token: Token;
  readonly closer: string;
  /** Names: what holds parameters, imported names, keys or statements, and may be empty. */
  readonly kind: 'call' | 'index' | 'names' | 'other';
  /** Index in the output. */
  readonly position: number;
}

/** What can't begin an operand, a stage or a name. */
const NO_OPERAND = new Set([
  ')',
  ']',
  '}',
  ',',
  '->',
  '=',
  ':',
  '.',
  '..',
  '*',
  '/',
  '//',
  '%',
  '@',
  '**',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  'and',
  'or',
  'in',
  'is',
  'else',
  'from',
  'as',
]);

/** What asks for an operand, a stage or a name behind it. */
const WANTS_OPERAND = new Set([
  '->',
  '=',
  ':',
  '..',
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '@',
  '**',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  'and',
  'or',
  'not',
  'in',
  'is',
  'if',
  'output',
  'frozen',
]);

/** Tokens that can't go on with an expression. */
const STARTS_OPERAND = new Set(['ID', 'NUMBER', 'STRING', BROKEN_STRING, 'True', 'False', 'None']);
/** Parts whose pieces stand side by side. */
const NO_STATEMENTS = new Set(['import', 'model', 'block', 'extern']);

class Repair {
  private readonly output: Token[] = [];
  private readonly problems: PartProblem[] = [];
  private readonly open: OpenBracket[] = [];
  /** Closing parentheses that are one too many since one was put in before `->`. */
  private surplus = 0;
  private readonly input: readonly Token[];
  private readonly vocabulary: Vocabulary;

  constructor(input: readonly Token[], vocabulary: Vocabulary) {
    this.input = input;
    this.vocabulary = vocabulary;
  }

  run(): Repaired {
    for (const [index, token] of this.input.entries()) this.next(token, this.input[index + 1]);
    this.end();
    return { tokens: this.output, problems: this.problems };
  }

  private get previous(): Token | undefined {
    return this.output.at(-1);
  }

  private next(token: Token, following: Token | undefined): void {
    const kind = token.tokenType.name;
    const innermost = this.open.at(-1);
    if (kind === '->' && innermost?.kind === 'call') this.closeCall(token);
    if (kindOf(this.previous) === '.' && (!isWord(token) || startsLine([this.previous!, token], 1)))
      this.fillName(token);
    if (kind === '{' && innermost?.kind === 'names' && !this.hasSince(innermost, 'if'))
      this.closeInnermost('before "{"');
    if (isCloser(kind) && !this.prepareClosing(token, kind)) return;
    this.fillGap(token, following);
    this.separate(token);
    if (kind === BROKEN_STRING) {
      this.problem('syntax', token, `The string isn't closed: put ${token.image[0] ?? '"'} behind it.`);
      this.output.push(this.retyped(token, 'STRING'));
      return;
    }
    if (kind === '(' && endsOperand(this.output, this.output.length - 1) && !this.isCallable(this.output.length - 1)) {
      this.insert(CALLED);
    }
    if (kind === '(' && this.isCallable(this.output.length - 1))
      this.output.push(this.retyped(this.output.pop()!, CALLEE));
    const closer = closerOf(kind);
    if (closer !== undefined)
      this.open.push({ token, closer, kind: this.bracketKind(kind), position: this.output.length });
    if (isCloser(kind)) this.open.pop();
    this.output.push(token);
  }

  /** `Conv2d(8, 3 -> ReLU`: an argument is no chain. */
  private closeCall(arrow: Token): void {
    const call = this.open.pop()!;
    const last = this.previous!;
    const written = this.written(call.position - 1, this.output.length);
    this.problem(
      'unclosed-bracket',
      arrow,
      `The "(" of ${written} isn't closed, and an argument is no chain: put ")" before "->", ${written}) -> …`,
    );
    if (kindOf(last) === '(' || kindOf(last) === ',') this.insert(MISSING);
    this.insert(')');
    this.surplus++;
    if (this.open.at(-1)?.kind === 'call') this.closeCall(arrow);
  }

  /** Closes what is open inside of the closing bracket's own; false where that has none. */
  private prepareClosing(token: Token, kind: string): boolean {
    const opener = this.open.findLastIndex((bracket) => bracket.closer === kind);
    if (opener < 0) {
      if (kind === ')' && this.surplus > 0) this.surplus--;
      else this.problem('syntax', token, `This "${kind}" closes nothing: there is no "${openerOf(kind)}" for it.`);
      return false;
    }
    while (this.open.length > opener + 1) this.closeInnermost(`before "${kind}"`);
    return true;
  }

  private closeInnermost(where: string): void {
    const bracket = this.open.pop()!;
    this.problem(
      'unclosed-bracket',
      bracket.token,
      `This "${bracket.token.image}" is never closed: put "${bracket.closer}" ${where}.`,
    );
    this.completeContent(bracket);
    this.insert(bracket.closer);
  }

  /** What is cut off in the middle gets an end that makes its value unknown, so that nothing more is said of it. */
  private completeContent(bracket: OpenBracket): void {
    const last = kindOf(this.previous);
    if (last === MISSING) return;
    const isComplete = endsOperand(this.output, this.output.length - 1);
    if (bracket.kind === 'call') {
      if (isComplete) this.insert(',');
      this.insert(MISSING);
    } else if (bracket.kind === 'names' ? this.wantsOperand(this.output.length - 1) : !isComplete && last !== ',') {
      this.insert(MISSING);
    }
  }

  private hasSince(bracket: OpenBracket, kind: string): boolean {
    for (let index = this.output.length - 1; index >= bracket.position; index--)
      if (kindOf(this.output[index]) === kind) return true;
    return false;
  }

  private end(): void {
    const last = this.input.at(-1);
    if (last === undefined) return;
    while (this.open.length > 0) this.closeInnermost(`behind "${last.image}"`);
    const wanting = this.previous;
    if (wanting === undefined) return;
    if (kindOf(wanting) === '.') this.fillName('following');
    if (this.wantsOperand(this.output.length - 1)) {
      this.problem('syntax', 'following', `${expectation(wanting)} behind "${wanting.image}".`);
      this.insert(MISSING);
    }
  }

  /** `x.` and nothing: a name that is blank. */
  private fillName(place: Token | 'following'): void {
    const number = this.output.at(-2);
    const isFloat = kindOf(number) === 'NUMBER' && number !== undefined;
    this.problem(
      'syntax',
      place,
      isFloat
        ? `A digit is missing behind "${number.image}.": write ${number.image}.0.`
        : 'A name is missing behind ".".',
    );
    this.insert(MISSING);
    this.output.push(this.retyped(this.output.pop()!, 'ID'));
  }

  /** Puts a comma between operands that stand side by side, where one can stand. */
  private separate(token: Token): void {
    const previous = this.previous;
    const bracket = this.open.at(-1)?.kind;
    if (
      previous === undefined ||
      bracket === 'names' ||
      kindOf(previous) === '}' ||
      !STARTS_OPERAND.has(kindOf(token) ?? '')
    )
      return;
    if (!endsOperand(this.output, this.output.length - 1) || NO_STATEMENTS.has(kindOf(this.output[0]) ?? '')) return;
    const between = bracket === undefined ? 'An operator or "->"' : 'A comma or an operator';
    this.problem('syntax', token, `${between} is missing between "${previous.image}" and "${token.image}".`);
    if (bracket !== undefined) this.insert(',');
  }

  /** Puts MISSING before a token where an operand should stand. */
  private fillGap(token: Token, following: Token | undefined): void {
    const previous = this.previous;
    const kind = token.tokenType.name;
    if (previous === undefined || !NO_OPERAND.has(kind)) return;
    if (isName(token) && ['=', ':', '{'].includes(kindOf(following) ?? '')) return; // `from=`, `from:`, `from{i}:`
    if (isKeyword(previous) && (kind === ':' || kind === '=')) return; // `output:`: a label
    const before = previous.tokenType.name;
    const bracket = this.open.at(-1)?.kind;
    if (bracket === 'index' && (kind === ':' || before === ':') && ['[', ',', ':'].includes(before)) {
      this.insert(MISSING); // `[1:]`, `[:, 0]`: left out, not missing
      return;
    }
    if (!this.wantsOperand(this.output.length - 1) && !isEmptyPlace(before, kind, bracket)) return;
    this.problem('syntax', token, `${expectation(previous)} between "${previous.image}" and "${token.image}".`);
    this.insert(MISSING);
  }

  private wantsOperand(index: number): boolean {
    const token = this.output[index];
    const kind = kindOf(token);
    if (kind === undefined || !WANTS_OPERAND.has(kind)) return false;
    const isMember = isKeyword(token) && kindOf(this.output[index - 1]) === '.';
    return !isMember;
  }

  private bracketKind(kind: string): OpenBracket['kind'] {
    const before = this.output.length - 1;
    const first = kindOf(this.output[0]) ?? '';
    if (this.open.length === 0 && ['import', 'model', 'block', 'extern', 'train'].includes(first)) {
      const isConstruction = kind === '(' && this.output.some((token) => kindOf(token) === 'as');
      if (kind !== '[' && !isConstruction) return 'names';
    }
    if (kind === '(') return this.isCallable(before) || kindOf(this.output[before]) === CALLED ? 'call' : 'other';
    return kind === '[' && endsOperand(this.output, before) ? 'index' : 'other';
  }

  /** A name that may be called: not a member, which is a slip. */
  private isCallable(index: number): boolean {
    const kind = kindOf(this.output[index]);
    return (kind === 'ID' || kind === CALLEE) && kindOf(this.output[index - 1]) !== '.';
  }

  /** A synthetic token behind the last one. */
  private insert(kind: string): void {
    const last = this.previous ?? this.input[0]!;
    const end = endOf(last);
    const tokenType = this.vocabulary[kind]!;
    // Langium makes no node of what was "inserted in recovery": right for a bracket, but MISSING must be seen. Langium
    // drops nodes without extent too, so MISSING lies over the last character before the gap.
    const isSeen = kind === MISSING;
    this.output.push({
      image: isSeen ? ' ' : '',
      tokenType,
      tokenTypeIdx: tokenType.tokenTypeIdx!,
      startOffset: isSeen ? Math.max(0, end - 1) : end,
      endOffset: end,
      startLine: last.endLine!,
      endLine: last.endLine!,
      startColumn: last.endColumn!,
      endColumn: last.endColumn!,
      isInsertedInRecovery: !isSeen,
    });
  }

  private retyped(token: Token, kind: string): Token {
    const tokenType = this.vocabulary[kind]!;
    return { ...token, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! };
  }

  private written(from: number, to: number): string {
    const tokens = this.output.slice(from, to);
    let text = '';
    for (const [index, token] of tokens.entries()) {
      const previous = tokens[index - 1];
      if (previous !== undefined && token.startOffset > endOf(previous)) text += ' ';
      text += token.image;
    }
    return text.length > 60 ? `…${text.slice(-50)}` : text;
  }

  private problem(code: string, place: Token | 'following', message: string): void {
    const range = place === 'following' ? place : { start: place.startOffset, end: endOf(place) };
    this.problems.push({ code, severity: 'error', message, range });
  }
}

function openerOf(closer: string): string {
  return closer === ')' ? '(' : closer === ']' ? '[' : '{';
}

/** Where brackets or commas leave out what must stand there: `f(a,,b)`, `{ }`, `x[]`. */
function isEmptyPlace(before: string, kind: string, bracket: OpenBracket['kind'] | undefined): boolean {
  if (kind === ',') return before === ',' || before === '(' || before === '[' || before === '{';
  if (kind === '}') return before === '{' && bracket !== 'names';
  return kind === ']' && before === '[' && bracket === 'index';
}

function expectation(previous: Token): string {
  switch (previous.tokenType.name) {
    case '->':
      return 'A layer is missing';
    case 'if':
      return 'A condition is missing';
    case 'frozen':
      return 'A layer, weight or buffer is missing';
    default:
      return 'A value is missing';
  }
}
