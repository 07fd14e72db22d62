import type { Range } from '../../core/definition.ts';
import { respelledLayer } from '../../core/elaborate/habits.ts';
import { type Fix, fix, insert, remove, replace, withFixes } from '../../core/fix.ts';
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
  /** What stands in it, if that is stages: a row of them, or branches side by side. */
  readonly holds: 'stages' | 'branches' | undefined;
  readonly row: Row;
  /** The bracket that it is a slip for; it and what closes it are read as that. */
  readonly meant?: '{' | '(';
}

/** What is known of the tokens of one nesting level, from its bracket or the last comma on. */
interface Row {
  /** Whether there was a `->`. */
  isChain: boolean;
  head: Head | undefined;
  /** Whether the last `if` or `for` is a stage. */
  isStageHead: boolean;
}

/** From `if` or `for` to the brace. */
interface Head {
  readonly keyword: Token;
  readonly isStage: boolean;
  /** Whether a brace follows, and if not, which `(` probably stands for it: an index of the input. */
  readonly hasBrace: boolean;
  readonly parenthesis: number | undefined;
  hasIn: boolean;
  /** Whether the names of a `for` stand in parentheses. */
  isWrapped: boolean;
}

function newRow(): Row {
  return { isChain: false, head: undefined, isStageHead: false };
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
  private readonly base = newRow();
  /** Input before this index is left out. */
  private skipTo = 0;
  /** Output index of the last brace that closes stages. */
  private bodyEnd = -1;
  private lastClosed: OpenBracket | undefined;
  private readonly input: readonly Token[];
  private readonly vocabulary: Vocabulary;

  constructor(input: readonly Token[], vocabulary: Vocabulary) {
    this.input = input;
    this.vocabulary = vocabulary;
  }

  run(): Repaired {
    for (const [index, token] of this.input.entries()) if (index >= this.skipTo) this.next(token, index);
    this.end();
    return { tokens: this.output, problems: this.problems };
  }

  private get previous(): Token | undefined {
    return this.output.at(-1);
  }

  private get row(): Row {
    return this.open.at(-1)?.row ?? this.base;
  }

  private next(written: Token, index: number): void {
    const token = this.habit(written, index);
    if (token === undefined) return;
    const following = this.input[index + 1];
    const kind = token.tokenType.name;
    this.closeHead(kind);
    const innermost = this.open.at(-1);
    if (kind === '->' && innermost?.kind === 'call') this.closeCall(token);
    if (kindOf(this.previous) === '.' && (!isWord(token) || startsLine([this.previous!, token], 1)))
      this.fillName(token);
    if (kind === '{' && innermost?.kind === 'names' && !this.hasSince(innermost, 'if'))
      this.closeInnermost('before "{"');
    if (isCloser(kind) && !this.prepareClosing(token, kind)) return;
    this.fillGap(token, following);
    this.separate(token, index);
    const startsStage = this.startsStage();
    if (kind === BROKEN_STRING) {
      this.problem('syntax', token, `The string isn't closed: put ${token.image[0] ?? '"'} behind it.`, [
        closeString(token),
      ]);
      this.output.push(this.retyped(token, 'STRING'));
      return;
    }
    if (kind === '(' && endsOperand(this.output, this.output.length - 1) && !this.isCallable(this.output.length - 1)) {
      this.insert(CALLED);
    }
    if (kind === '(' && this.isCallable(this.output.length - 1))
      this.output.push(this.retyped(this.output.pop()!, CALLEE));
    const closer = closerOf(kind);
    const { row } = this;
    const isFree = startsStage || !endsOperand(this.output, this.output.length - 1);
    if ((kind === 'if' || kind === 'for') && isFree && kindOf(this.previous) !== '.') {
      const isStage = startsStage || (kindOf(this.previous) === 'else' && row.isStageHead);
      row.head = { keyword: token, isStage, hasIn: false, isWrapped: false, ...this.lookForBrace(index) };
      row.isStageHead = isStage;
    }
    if (kind === '->') row.isChain = true;
    if (kind === ',') row.isChain = false;
    if (kind === 'else' || (kind === ',' && kindOf(row.head?.keyword) === 'if')) row.head = undefined;
    if (kind === 'in' && row.head !== undefined) row.head.hasIn = true;
    if (closer !== undefined) {
      const holds = this.holds(kind, startsStage);
      const meant = token === written ? {} : { meant: kind as '{' | '(' };
      const own = token === written ? closer : closerOf(kindOf(written))!;
      if (kind === '{') row.head = undefined;
      const position = this.output.length;
      this.open.push({ token, closer: own, kind: this.bracketKind(kind), position, holds, row: newRow(), ...meant });
    }
    if (isCloser(kind)) {
      const closed = this.open.pop();
      this.lastClosed = closed;
      if (closed?.holds === 'stages' && closerOf(kindOf(closed.token)) === '}') this.bodyEnd = this.output.length;
      if (closed?.meant !== undefined) {
        this.output.push(this.retyped(token, closerOf(closed.meant)!));
        return;
      }
    }
    this.output.push(token);
  }

  private holds(kind: string, startsStage: boolean): OpenBracket['holds'] {
    if (kind === '{') return this.row.isStageHead && this.isBody() ? 'stages' : undefined;
    if (!startsStage) return undefined;
    return kind === '(' ? 'stages' : 'branches';
  }

  /** Whether a `{` here is the body of an `if`, an `else` or a `for`, not a label's number. */
  private isBody(): boolean {
    return this.row.head !== undefined || kindOf(this.previous) === 'else';
  }

  /** Whether what comes next begins a stage. */
  private startsStage(): boolean {
    const last = this.output.length - 1;
    const kind = kindOf(this.output[last]);
    const innermost = this.open.at(-1);
    if (kind === '->') return true;
    if (last === innermost?.position) return innermost.holds !== undefined;
    if (kind === ',') return innermost?.holds === 'branches';
    if (kind === 'frozen') return this.isInChain();
    if (kind === ':') return this.isInChain() && this.row.head === undefined;
    return (
      kind === '=' && innermost === undefined && this.output.some((token) => kindOf(token) === 'layer') && last < 4
    );
  }

  /** Whether stages stand on this level. */
  private isInChain(): boolean {
    return this.row.isChain || this.open.at(-1)?.holds !== undefined;
  }

  /** What people write from habit, as what it means; undefined where it is left out. */
  private habit(token: Token, index: number): Token | undefined {
    const kind = token.tokenType.name;
    const { head } = this.row;
    const previous = this.previous;
    if (kind === '->' && token.image !== '->') {
      this.problem('syntax', token, `Between stages "->" is meant: write it instead of "${token.image}".`, [
        write('->', token),
      ]);
      return token;
    }
    const start = this.output[0];
    if (kind === '=' && this.output.length === 2 && isAssigning(previous, token)) {
      const place = { ...previous!, image: `${previous!.image}=` };
      const name = this.short(start);
      this.problem(
        'syntax',
        place,
        `A name is bound once, so there is no "${place.image}": write y = ${name} ${previous!.image} …, with a name of its own.`,
      );
      return undefined;
    }
    const isOperand = STARTS_OPERAND.has(kind) || kind === '(' || kind === '[';
    if (isOperand && this.output.length === 1 && kindOf(start) === 'ID' && start?.image === 'return') {
      this.problem(
        'syntax',
        start,
        `What goes out is told by "output": write output ${this.short(token)} instead of return.`,
        [write('output', start)],
      );
      this.output.pop();
      return token;
    }
    if (head !== undefined) {
      const isNaming = kindOf(head.keyword) === 'for' && !head.hasIn;
      if (kind === '=' && isNaming) {
        this.problem('syntax', token, 'A for takes its values with "in": write for i in 0..3 { … }.', [
          write('in', token),
        ]);
        return this.retyped(token, 'in');
      }
      if (kind === '=' && !isNaming) {
        this.problem('syntax', token, 'A condition compares with "==": one "=" gives a name.', [write('==', token)]);
        return this.retyped(token, '==');
      }
      if (isNaming && kind === '(' && previous === head.keyword) {
        head.isWrapped = true;
        this.problem(
          'syntax',
          token,
          'The names of a for stand without parentheses: for i, j in [[1, 2]] { … }.',
          this.otherBrackets(index, '', ''),
        );
        return undefined;
      }
      if (isNaming && kind === '(' && !head.isWrapped && kindOf(previous) === ',') {
        head.isWrapped = true;
        const message =
          'The names of a for stand side by side, and so do the values: for i, j, k in [(1, 2, 3)] { … }.';
        this.problem('syntax', token, message);
        return undefined;
      }
      if (isNaming && kind === ')' && head.isWrapped) return undefined;
      if (kind === '(' && index === head.parenthesis) {
        const word = head.keyword.image;
        this.problem(
          'syntax',
          token,
          `The stages of ${word === 'for' ? 'a for' : 'an if'} stand in braces: ${word} … { … }.`,
          this.otherBrackets(index, '{', '}'),
        );
        return this.retyped(token, '{');
      }
      return token;
    }
    if (kind === '=' && this.isInChain()) {
      if (this.endsCallee()) {
        this.problem('syntax', token, `A label stands before ":": ${this.short(previous)}: Layer.`, [
          fix(
            `Write ${this.short(previous)}:`,
            [replace({ start: endOf(previous!), end: endOf(token) }, ':')],
            'preferred',
          ),
        ]);
        return this.retyped(token, ':');
      }
      if (kindOf(previous) !== '->') {
        this.problem('syntax', token, 'A "=" can\'t stand in a chain: what follows a layer stands behind "->".', [
          write('->', token),
        ]);
        return this.retyped(token, '->');
      }
    }
    const isNamed = isName(token) && kindOf(this.input[index + 1]) === '=';
    if ((isNamed || (STARTS_OPERAND.has(kind) && kind !== 'ID')) && this.endsCallee()) {
      this.problem('syntax', token, `Arguments stand in parentheses: ${this.short(previous)}(${this.short(token)}…).`, [
        fix(
          'Put the arguments in parentheses',
          [
            replace({ start: endOf(previous!), end: token.startOffset }, '('),
            insert(endOf(this.input[this.argumentsEnd(index) - 1]!), ')'),
          ],
          'preferred',
        ),
      ]);
      this.output.push(this.retyped(this.output.pop()!, MISSING));
      this.skipTo = this.argumentsEnd(index);
      return undefined;
    }
    const joined = this.input[index + 1];
    if (kind === '-' && joined !== undefined && kindOf(this.input[index + 2]) === ':' && this.endsCallee()) {
      this.problem('syntax', token, `A label is one word: write ${previous!.image}_${joined.image}: Layer.`);
      this.skipTo = index + 2;
      return undefined;
    }
    if (kind === '[' && this.endsCallee()) {
      this.problem(
        'syntax',
        token,
        `Arguments stand in parentheses: ${this.short(previous)}(…).`,
        this.otherBrackets(index, '(', ')'),
      );
      return this.retyped(token, '(');
    }
    const { lastClosed } = this;
    const isCalled = lastClosed?.kind === 'call' || lastClosed?.holds === 'stages';
    if (kind === '.' && kindOf(previous) === ')' && isCalled && this.isInChain()) {
      const name = this.input[index + 1];
      const method = name !== undefined && isWord(name) ? name : undefined;
      this.problem(
        'syntax',
        token,
        `A layer has no methods: what comes after it stands behind "->"${method === undefined ? '' : `, as in -> ${this.capitalised(method.image)}`}.`,
        this.methodFixes(index),
      );
      this.skipTo = index + 1 + (method === undefined ? 0 : 1);
      if (kindOf(this.input[this.skipTo]) === '(') this.skipTo = this.closing(this.skipTo) + 1;
      this.insert('->');
      this.insert(MISSING);
      return undefined;
    }
    return token;
  }

  /** `.relu()` behind a layer as ` -> ReLU`. */
  private methodFixes(dot: number): readonly Fix<Range>[] {
    const name = this.input[dot + 1];
    const [open, close] = [this.input[dot + 2], this.input[dot + 3]];
    if (name === undefined || !isWord(name) || kindOf(open) !== '(' || kindOf(close) !== ')') return [];
    const layer = respelledLayer(name.image);
    if (layer === undefined) return [];
    const text = ` -> ${layer}`;
    return [
      fix(`Write${text}`, [replace({ start: this.input[dot]!.startOffset, end: endOf(close!) }, text)], 'preferred'),
    ];
  }

  /** Where arguments without parentheses end: an index of the input. */
  private argumentsEnd(from: number): number {
    for (let index = from; index < this.input.length; index++) {
      const kind = kindOf(this.input[index]);
      if (kind === '->' || isCloser(kind)) return index;
      if (closerOf(kind) !== undefined) index = this.closing(index);
      const next = this.input[index + 1];
      const isArgument = kindOf(next) === 'NUMBER' || kindOf(this.input[index + 2]) === '=';
      if (kind === ',' && !isArgument) return index;
    }
    return this.input.length;
  }

  /** `relu` as layers are written. */
  private capitalised(name: string): string {
    const known: Readonly<Record<string, string>> = {
      relu: 'ReLU',
      gelu: 'GELU',
      silu: 'SiLU',
      elu: 'ELU',
      selu: 'SELU',
    };
    return known[name] ?? this.shortened(`${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  }

  /** Index in the input of the bracket that closes this one, or of the last token. */
  private closing(open: number): number {
    let depth = 0;
    for (let index = open; index < this.input.length; index++) {
      const kind = kindOf(this.input[index]);
      if (closerOf(kind) !== undefined) depth++;
      else if (isCloser(kind) && --depth === 0) return index;
    }
    return this.input.length - 1;
  }

  /** Whether the last token is a stage's name, without arguments. */
  private endsCallee(): boolean {
    const last = this.output.length - 1;
    if (kindOf(this.output[last]) !== 'ID' || !this.isInChain() || this.row.head !== undefined) return false;
    const before = kindOf(this.output[last - 1]);
    const innermost = this.open.at(-1);
    if (before === '->' || before === ':') return true;
    return innermost?.holds !== undefined && (last - 1 === innermost.position || before === ',');
  }

  /** What follows an `if` or `for` up to where its brace should be. */
  private lookForBrace(from: number): Pick<Head, 'hasBrace' | 'parenthesis'> {
    let parenthesis: number | undefined;
    for (let index = from + 1; index < this.input.length; index++) {
      const kind = kindOf(this.input[index]);
      if (kind === '{') return { hasBrace: true, parenthesis: undefined };
      if (kind === '->' || isCloser(kind) || kind === 'for') break;
      if (closerOf(kind) === undefined) continue;
      parenthesis = kind === '(' && index > from + 1 && endsOperand(this.input, index - 1) ? index : undefined;
      index = this.closing(index);
    }
    return { hasBrace: false, parenthesis };
  }

  /** Ends the head of a stage's `if` or `for` that has no brace, where it can't go on. */
  private closeHead(kind: string | undefined): void {
    const { head } = this.row;
    if (head === undefined || head.hasBrace || !head.isStage || head.parenthesis !== undefined) return;
    if (kind !== undefined && kind !== '->' && !isCloser(kind) && kind !== 'for' && kind !== 'if') return;
    if (kind === ')' && head.isWrapped && !head.hasIn) return;
    const last = this.previous!;
    const isFor = kindOf(head.keyword) === 'for';
    const wanted =
      isFor && !head.hasIn
        ? '"in" is'
        : this.wantsOperand(this.output.length - 1) || last === head.keyword
          ? 'The rest is'
          : '"{" is';
    this.problem(
      'syntax',
      last,
      `${wanted} missing behind "${this.short(last)}": ${isFor ? 'for i in 0..3 { … }' : 'if condition { … } else { … }'}.`,
    );
    if (isFor && !head.hasIn) {
      if (!isName(last) || last === head.keyword) {
        this.insert(MISSING);
        this.output.push(this.retyped(this.output.pop()!, 'ID'));
      }
      this.insert('in');
    }
    if (!endsOperand(this.output, this.output.length - 1) || (isFor && !head.hasIn)) this.insert(MISSING);
    this.insert('{');
    this.insert(MISSING);
    this.insert('}');
    this.bodyEnd = this.output.length - 1;
    this.row.head = undefined;
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
      [fix('Put ) before ->', [insert(endOf(last), ')')], 'preferred')],
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
      else
        this.problem('syntax', token, `This "${kind}" closes nothing: there is no "${openerOf(kind)}" for it.`, [
          this.otherCloser(token),
        ]);
      return false;
    }
    while (this.open.length > opener + 1) this.closeInnermost(`before "${kind}"`);
    return true;
  }

  /** For a closing bracket that closes nothing: the one that is missing, or none. */
  private otherCloser(token: Token): Fix<Range> {
    const wanted = this.open.at(-1)?.closer;
    const behind = this.input.slice(this.input.indexOf(token) + 1);
    const isMissing = wanted !== undefined && !behind.some((each) => kindOf(each) === wanted);
    return isMissing
      ? fix(`Replace ${token.image} with ${wanted}`, [replace(rangeOf(token), wanted)], 'preferred')
      : fix(`Remove ${token.image}`, [replace(rangeOf(token), '')], 'preferred');
  }

  private closeInnermost(where: string): void {
    const bracket = this.open.pop()!;
    this.problem(
      'unclosed-bracket',
      bracket.token,
      `This "${bracket.token.image}" is never closed: put "${bracket.closer}" ${where}.`,
      [
        fix(
          `Put ${bracket.closer} ${where.replaceAll('"', '')}`,
          [insert(endOf(this.previous!), bracket.closer)],
          'preferred',
        ),
      ],
    );
    this.completeContent(bracket);
    this.insert(closerOf(bracket.meant) ?? bracket.closer);
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
    // Half a name is being typed: it says nothing yet.
    if (this.open.length > 0 && this.endsCallee()) this.output.push(this.retyped(this.output.pop()!, MISSING));
    this.closeHead(undefined);
    while (this.open.length > 0) {
      this.closeInnermost(`behind "${this.short(last)}"`);
      this.closeHead(undefined);
    }
    const wanting = this.previous;
    if (wanting === undefined) return;
    if (kindOf(wanting) === '.') this.fillName(wanting);
    if (this.wantsOperand(this.output.length - 1)) {
      this.problem(
        'syntax',
        wanting,
        `${expectation(wanting)} behind "${wanting.image}".`,
        kindOf(wanting) === '->' ? [fix('Remove ->', [remove(rangeOf(wanting))])] : [],
      );
      this.insert(MISSING);
    }
  }

  /** `x.` and nothing: a name that is blank. */
  private fillName(place: Token): void {
    const number = this.output.at(-2);
    const isFloat = kindOf(number) === 'NUMBER' && number !== undefined;
    this.problem(
      'syntax',
      place,
      isFloat
        ? `A digit is missing behind "${number.image}.": write ${number.image}.0.`
        : 'A name is missing behind ".".',
      isFloat ? [fix(`Write ${number.image}.0`, [insert(endOf(this.previous!), '0')], 'preferred')] : [],
    );
    this.insert(MISSING);
    this.output.push(this.retyped(this.output.pop()!, 'ID'));
  }

  /** Puts a comma between operands that stand side by side, where one can stand. */
  private separate(token: Token, index: number): void {
    const previous = this.previous;
    const bracket = this.open.at(-1)?.kind;
    if (
      previous === undefined ||
      bracket === 'names' ||
      (kindOf(previous) === '}' && this.bodyEnd !== this.output.length - 1) ||
      !this.startsNext(token, index)
    )
      return;
    if (!endsOperand(this.output, this.output.length - 1) || NO_STATEMENTS.has(kindOf(this.output[0]) ?? '')) return;
    if (this.isInChain() && this.row.head === undefined) {
      const isBranch = this.open.at(-1)?.holds === 'branches';
      const what = isBranch ? 'A comma or "->"' : '"->"';
      this.problem(
        'syntax',
        token,
        `${what} is missing between "${this.short(previous)}" and "${this.short(token)}".`,
        [
          fix('Put -> between them', [insert(endOf(previous), ' ->')], isBranch ? undefined : 'preferred'),
          ...(isBranch ? [fix('Put a comma between them', [insert(endOf(previous), ',')])] : []),
        ],
      );
      this.insert('->');
      if (isBranch) {
        this.insert(MISSING);
        this.insert('->');
      }
      return;
    }
    const between = bracket === undefined ? 'An operator or "->"' : 'A comma or an operator';
    this.problem(
      'syntax',
      token,
      `${between} is missing between "${this.short(previous)}" and "${this.short(token)}".`,
      bracket === undefined ? [] : [fix('Put a comma between them', [insert(endOf(previous), ',')], 'preferred')],
    );
    if (bracket !== undefined) this.insert(',');
  }

  /** Whether a token begins an operand, or a stage where stages stand. */
  private startsNext(token: Token, index: number): boolean {
    const kind = kindOf(token) ?? '';
    if (STARTS_OPERAND.has(kind)) return true;
    if ((kind !== 'for' && kind !== 'if') || !this.isInChain()) return false;
    return this.bodyEnd === this.output.length - 1 || this.lookForBrace(index).hasBrace;
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

  private short(token: Token | undefined): string {
    return this.shortened(token?.image ?? '');
  }

  private shortened(text: string): string {
    return text.length > 60 ? `${text.slice(0, 50)}…` : text;
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

  private problem(code: string, place: Token, message: string, fixes: readonly Fix<Range>[] = []): void {
    const range = rangeOf(place);
    this.problems.push({ code, severity: 'error', message, range, ...withFixes(fixes) });
  }

  /** Others brackets for one of the input and what closes it. */
  private otherBrackets(index: number, open: string, close: string): readonly Fix<Range>[] {
    const end = this.closing(index);
    const [first, last] = [this.input[index]!, this.input[end]!];
    if (!isCloser(kindOf(last))) return [];
    const title = open === '' ? 'Leave the parentheses out' : `Write ${open} ${close}`;
    return [fix(title, [replace(rangeOf(first), open), replace(rangeOf(last), close)], 'preferred')];
  }
}

function rangeOf(token: Token): Range {
  return { start: token.startOffset, end: endOf(token) };
}

/** Other text for a token. */
function write(text: string, token: Token): Fix<Range> {
  return fix(`Write ${text}`, [replace(rangeOf(token), text)], 'preferred');
}

/** What closes something else at the line's end is hardly meant to be a part of a string. */
function closeString(token: Token): Fix<Range> {
  const end = endOf(token) - /[\s)\]},]*$/.exec(token.image)![0].length;
  const quote = token.image[0]!;
  return fix(`Put ${quote} behind it`, [insert(end, quote)], 'preferred');
}

/** `+=`. */
function isAssigning(operator: Token | undefined, sign: Token): boolean {
  const kind = kindOf(operator) ?? '';
  return operator !== undefined && endOf(operator) === sign.startOffset && /^([-+/%@]|\*\*?|\/\/)$/.test(kind);
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
