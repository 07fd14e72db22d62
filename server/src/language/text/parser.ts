import type {
  AstNode,
  CompositeCstNode,
  CstNode,
  GrammarAST,
  LangiumCoreServices,
  Lexer,
  LexerResult,
  Mutable,
  ParseResult,
} from 'langium';
import { AstUtils, GrammarAST as Ast, LangiumParser, createParser } from 'langium';
import { type Definition, type File, type Import, type Statement, type Stray, ScvTerminals } from '../generated/ast.ts';
import type { Range } from '../../core/definition.ts';
import { type Fix, fix, insert, replace, withFixes } from '../../core/fix.ts';
import { moved, type PartProblem, type SyntaxProblem } from '../problem.ts';
import { cut, type CutDefinition, type Slice } from './cut.ts';
import { tidy } from './habits.ts';
import { lexicalProblem, parserProblem } from './messages.ts';
import { adopt, fill, leafOf, rootOf, PartNodeBuilder, type Anchor } from './nodes.ts';
import { repair } from './repair.ts';
import { MAX_LENGTH, TOO_LARGE } from './size.ts';
import { closerOf, columnOf, endOf, isCloser, kindOf, lineOf, type Token } from './tokens.ts';
import { firstFrom } from '../../core/search.ts';

type PartRule = 'Import' | 'Definition' | 'Statement' | 'Stray';

/** How deep brackets may nest. The parser's stack reaches a good deal further. */
export const MAX_NESTING = 200;
/** How many operators may stand side by side: they nest to the left, and later steps go down there. */
const MAX_OPERATORS = 500;

/** One import, one header of a definition, one statement. Depends on its own text only, positions apart. */
export interface Part<T extends AstNode = AstNode> {
  /** The rule, the text and what is no comment of it: equal keys mean equal parts. */
  readonly key: string;
  readonly node: T | undefined;
  /** What the node's syntax tree holds; a definition's gets statements too, anew in each version. */
  readonly content: readonly CstNode[];
  readonly anchor: Anchor;
  readonly length: number;
  /** What is wrong with its syntax: one message at most. */
  readonly problems: readonly PartProblem[];
  /** Whether some of the text could not be read at all, so that what was read says only half. */
  readonly isBroken: boolean;
}

export interface FileParts {
  readonly imports: readonly Part<Import>[];
  readonly definitions: readonly DefinitionParts[];
}

export interface DefinitionParts {
  readonly header: Part<Definition>;
  readonly statements: readonly Part<Statement | Stray>[];
  /** The brace that closes the body. */
  readonly close: Token | undefined;
}

export interface ScvParseResult extends ParseResult<File> {
  readonly parts: FileParts;
  /** Problems of no part; absolute offsets. */
  readonly problems: readonly SyntaxProblem[];
  /** Comments and the tokens of all else, as in the text. */
  readonly comments: readonly Token[];
  readonly tokens: readonly Token[];
}

/** Parses a file part by part. */
export class FileParser {
  private readonly services: LangiumCoreServices;
  private readonly lexer: Lexer;
  private readonly features: ReadonlyMap<string, GrammarAST.AbstractElement>;
  private partParser: PartParser | undefined;

  constructor(services: LangiumCoreServices) {
    this.services = services;
    this.lexer = services.parser.Lexer;
    this.features = containmentFeatures(services.Grammar);
  }

  /** `previous` is an older version of the file: parts with unchanged text are taken from it, and it is void then. */
  parse(text: string, previous?: ScvParseResult): ScvParseResult {
    if (text.length > MAX_LENGTH) return this.tooLarge(text);
    const lexed = tidy(this.lexer.tokenize(text), text, this.lexer.definition);
    const reusable = new PartStore(previous?.parts);
    const parse = <T extends AstNode>(rule: PartRule, { start, end }: Slice, tokens?: readonly Token[]): Part<T> =>
      this.part<T>(rule, tokens ?? lexed.tokens.slice(start, end), lexed.tokens[end], text, lexed, reusable);

    const problems: SyntaxProblem[] = [...lexed.problems];
    const pieces = cut(lexed.tokens);
    const imports = pieces.imports.map((slice) => parse<Import>('Import', slice));
    const definitions = pieces.definitions.map((definition): DefinitionParts => {
      const header = parse<Definition>('Definition', definition.header, this.headerTokens(definition, lexed.tokens));
      const opening = openingProblem(definition, lexed.tokens);
      if (opening !== undefined && header.problems.length === 0) problems.push(opening);
      return {
        header,
        statements: definition.statements.map((slice) =>
          parse<Statement | Stray>(slice.isStray ? 'Stray' : 'Statement', slice),
        ),
        close:
          definition.kind === 'extern' || definition.close === undefined ? undefined : lexed.tokens[definition.close],
      };
    });
    for (const slice of pieces.strays) problems.push(strayProblem(lexed.tokens, slice));
    problems.push(...this.lexicalProblems(lexed, { imports, definitions }, text));

    return {
      value: this.assemble(text, imports, definitions),
      parserErrors: [],
      lexerErrors: [],
      parts: { imports, definitions },
      problems,
      comments: lexed.hidden,
      tokens: lexed.tokens,
    };
  }

  private tooLarge(text: string): ScvParseResult {
    return {
      value: this.assemble(text, [], []),
      parserErrors: [],
      lexerErrors: [],
      parts: { imports: [], definitions: [] },
      problems: [TOO_LARGE],
      comments: [],
      tokens: [],
    };
  }

  private part<T extends AstNode>(
    rule: PartRule,
    tokens: readonly Token[],
    following: Token | undefined,
    text: string,
    lexed: LexerResult,
    reusable: PartStore,
  ): Part<T> {
    const first = tokens[0]!;
    const last = tokens.findLast((token) => token.image !== '')!;
    const anchor: Anchor = { offset: first.startOffset, line: lineOf(first) - 1, column: columnOf(first) - 1 };
    // A definition's header ends with the closing brace of the body, which lies elsewhere.
    let end = rule === 'Definition' && kindOf(first) !== 'extern' ? headerEnd(tokens) : endOf(last);
    // What the lexer dropped behind the part, up to the next one, is the part's fault too.
    const next = following?.startOffset ?? text.length;
    const found = lexed.errors[firstFrom(lexed.errors, anchor.offset, offsetOf)];
    const lexical = found !== undefined && found.offset < next ? found : undefined;
    if (lexical !== undefined) end = Math.max(end, lexical.offset + lexical.length);
    const own = text.slice(anchor.offset, end);
    // Whether a `//` divides, or begins a comment, is told by the brackets around the part.
    const words = own.includes('//') ? tokens.map(({ startOffset }) => startOffset - anchor.offset).join() : '';
    const key = `${rule}${words}\n${own}`;
    const known = reusable.take(key) as Part<T> | undefined;
    if (known !== undefined) {
      Object.assign(known.anchor, anchor); // where the same text stands now
      return known;
    }
    return {
      key,
      anchor,
      length: end - anchor.offset,
      ...this.parseTokens<T>(rule, tokens, anchor, lexical && lexicalProblem(lexical, text)),
    };
  }

  private parseTokens<T extends AstNode>(
    rule: PartRule,
    tokens: readonly Token[],
    anchor: Anchor,
    lexical: SyntaxProblem | undefined,
  ): Pick<Part<T>, 'node' | 'content' | 'problems' | 'isBroken'> {
    const limited = limit(tokens);
    const repaired = repair(limited.tokens, this.lexer.definition);
    let problem: PartProblem | undefined = limited.problem ?? noName(tokens) ?? lexical ?? repaired.problems[0];
    try {
      this.partParser ??= new PartParser(this.services);
      const result = this.partParser.parseTokens(rule, repaired.tokens, anchor);
      const error = result.parserErrors[0];
      problem ??= error && parserProblem(error, repaired.tokens, this.partParser.farthest);
      return {
        node: result.value as T,
        content: (result.value.$cstNode as CompositeCstNode).content,
        problems: problem === undefined ? [] : [moved(problem, -anchor.offset)],
        isBroken: error !== undefined || lexical !== undefined || limited.problem !== undefined,
      };
    } catch (error) {
      this.partParser = undefined; // what it leaves half done would break the next part
      problem ??= failureProblem(error, tokens);
      return { node: undefined, content: [], problems: [moved(problem, -anchor.offset)], isBroken: true };
    }
  }

  /** The header as a definition with nothing in it: the grammar's rule is one for both. */
  private headerTokens(definition: CutDefinition, tokens: readonly Token[]): Token[] {
    const header = tokens.slice(definition.header.start, definition.header.end);
    const last = header.at(-1)!;
    const vocabulary = this.lexer.definition;
    if (definition.kind === 'extern') return header;
    const first = header[0]!;
    if (kindOf(first) === 'ID')
      header.unshift({ ...insertedAfter(first, vocabulary, definition.kind), startOffset: first.startOffset });
    if (definition.open === undefined && kindOf(last) === ':') header.pop();
    if (definition.open === undefined) header.push(insertedAfter(last, vocabulary, '{'));
    return [...header, insertedAfter(last, vocabulary, '}')];
  }

  private lexicalProblems(lexed: LexerResult, parts: FileParts, text: string): SyntaxProblem[] {
    if (lexed.errors.length === 0) return [];
    const inside = [...allParts(parts)]
      .map((part) => ({ offset: part.anchor.offset, end: part.anchor.offset + part.length }))
      .sort((a, b) => a.offset - b.offset);
    const outside = lexed.errors.find((error) => {
      const before = inside[firstFrom(inside, error.offset + 1, offsetOf) - 1];
      return before === undefined || error.offset >= before.end;
    });
    return outside === undefined ? [] : [lexicalProblem(outside, text)];
  }

  private assemble(text: string, imports: readonly Part<Import>[], definitions: readonly DefinitionParts[]): File {
    const file = { $type: 'File', imports: [], definitions: [] } as unknown as Mutable<File>;
    const children: CompositeCstNode[] = [];
    for (const part of imports) {
      if (part.node === undefined) continue;
      file.imports.push(part.node);
      children.push(part.node.$cstNode as CompositeCstNode);
    }
    for (const { header, statements, close } of definitions) {
      const definition = header.node;
      if (definition === undefined) continue;
      file.definitions.push(definition);
      const cst = definition.$cstNode as CompositeCstNode;
      children.push(cst);
      if (definition.$type === 'Extern') continue;
      // A stray isn't in the grammar's bodies, but it has names that refer to something.
      definition.statements = statements.flatMap((part) => (part.node as Statement | undefined) ?? []);
      AstUtils.linkContentToContainer(definition);
      const body = definition.statements.flatMap((statement) => statement.$cstNode ?? []);
      const brace = close === undefined ? [] : [leafOf(close, this.features.get('}'))];
      fill(cst, [...header.content, ...body, ...brace]);
      for (const statement of definition.statements) this.setFeature(statement);
    }
    AstUtils.linkContentToContainer(file);
    for (const node of [...file.imports, ...file.definitions]) this.setFeature(node);
    const root = rootOf(text, children);
    Object.assign(root, { astNode: file });
    Object.assign(file, { $cstNode: root });
    return file;
  }

  /** What in the grammar a part's node comes from, which its own rule can't know. */
  private setFeature(node: AstNode): void {
    Object.assign(node.$cstNode ?? {}, { grammarSource: this.features.get(node.$containerProperty ?? '') });
  }
}

export function* allParts(parts: FileParts): Iterable<Part> {
  yield* parts.imports;
  for (const { header, statements } of parts.definitions) {
    yield header;
    yield* statements;
  }
}

/** What chevrotain's parser calls of itself. */
interface Lookahead {
  readonly currIdx: number;
  LA(distance: number): Token;
  LA_FAST(distance: number): Token;
  raiseNoAltException(...parameters: unknown[]): never;
}

/** Langium's parser, fed with tokens that are already there. */
class PartParser extends LangiumParser {
  protected override readonly lexer: Lexer & { result: LexerResult };
  private readonly builder = new PartNodeBuilder();
  private readonly track: { current: number; farthest: number | undefined } = { current: 0, farthest: undefined };

  constructor(services: LangiumCoreServices) {
    super(services);
    const result: LexerResult = { tokens: [], hidden: [], errors: [] };
    this.lexer = { definition: services.parser.Lexer.definition, result, tokenize: () => this.lexer.result };
    Object.assign(this, { nodeBuilder: this.builder }); // Langium has no other way to bring one's own
    createParser(services.Grammar, this, services.parser.Lexer.definition);
    this.finalize();
    this.trackLookahead();
  }

  /** Index of the token up to which the parser had looked when it first found no way on. */
  get farthest(): number | undefined {
    return this.track.farthest;
  }

  /**
   * Where no alternative fits, chevrotain tells the token where the alternatives begin. The one that fits none is that
   * at which its look-ahead ended.
   */
  private trackLookahead(): void {
    const { track } = this;
    const parser = this.wrapper as unknown as Lookahead;
    const look = parser.LA.bind(parser);
    const lookNext = parser.LA_FAST.bind(parser);
    const raise = parser.raiseNoAltException.bind(parser);
    parser.LA_FAST = (distance) => {
      track.current = parser.currIdx + distance; // each decision begins with it
      return lookNext(distance);
    };
    parser.LA = (distance) => {
      track.current = parser.currIdx + distance;
      return look(distance);
    };
    parser.raiseNoAltException = (...parameters) => {
      track.farthest ??= track.current;
      return raise(...parameters);
    };
  }

  parseTokens(rule: PartRule, tokens: Token[], anchor: Anchor): ParseResult {
    this.builder.anchor = anchor;
    this.track.farthest = undefined;
    this.lexer.result = { tokens, hidden: [], errors: [] };
    const result = this.parse('', { rule });
    const root = result.value.$cstNode as CompositeCstNode;
    const node = adopt(root, this.builder.anchor);
    Object.assign(node, { astNode: result.value });
    Object.assign(result.value, { $cstNode: node });
    return result;
  }
}

/** The parts of an older version, to be taken once each. */
class PartStore {
  private readonly parts = new Map<string, Part[]>();

  constructor(parts: FileParts | undefined) {
    if (parts === undefined) return;
    for (const part of allParts(parts)) {
      const same = this.parts.get(part.key);
      if (same === undefined) this.parts.set(part.key, [part]);
      else same.push(part);
    }
    for (const same of this.parts.values()) same.reverse();
  }

  take(key: string): Part | undefined {
    return this.parts.get(key)?.pop();
  }
}

function offsetOf({ offset }: { readonly offset: number }): number {
  return offset;
}

function headerEnd(tokens: readonly Token[]): number {
  const last = tokens.slice(0, -1).findLast((token) => token.image !== '')!;
  return endOf(last);
}

function insertedAfter(token: Token, vocabulary: Lexer['definition'], kind: string): Token {
  const tokenType = vocabulary[kind]!;
  const offset = endOf(token);
  return {
    ...token,
    image: '',
    startOffset: offset,
    endOffset: offset,
    tokenType,
    tokenTypeIdx: tokenType.tokenTypeIdx!,
    isInsertedInRecovery: true,
  };
}

/** The grammar's elements for a file's parts and a body's closing brace: `imports+=Import`. */
function containmentFeatures(grammar: GrammarAST.Grammar): ReadonlyMap<string, GrammarAST.AbstractElement> {
  const features = new Map<string, GrammarAST.AbstractElement>();
  for (const rule of grammar.rules) {
    if (rule.name !== 'File' && rule.name !== 'Model') continue;
    for (const node of AstUtils.streamAllContents(rule)) {
      if (Ast.isAssignment(node) && ['imports', 'definitions', 'statements'].includes(node.feature))
        features.set(node.feature, node.terminal);
      if (Ast.isKeyword(node) && node.value === '}') features.set(node.value, node);
    }
  }
  return features;
}

// ---------------------------------------------------------------------------------------------- problems of the file

function problemAt(code: string, token: Token, message: string, fixes: readonly Fix<Range>[] = []): SyntaxProblem {
  const range = { start: token.startOffset, end: endOf(token) };
  return { code, severity: 'error', message, range, ...withFixes(fixes) };
}

/** The grammar's names are told by their characters' ranges; Python's, letter by letter. */
function noName(tokens: readonly Token[]): SyntaxProblem | undefined {
  const token = tokens.find(({ tokenType, image }) => tokenType.name === 'ID' && !NAME.test(image.normalize('NFKC')));
  if (token === undefined) return undefined;
  const wrong = Array.from(token.image).find((character, i) => !NAME.test(i === 0 ? character : `_${character}`));
  const mark = wrong === undefined || INVISIBLE.test(wrong) ? codePoint(wrong ?? token.image) : `"${wrong}"`;
  return problemAt('syntax', token, `${mark} can't stand in a name: names are letters of any script, digits and _.`);
}
const NAME = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
const ID = new RegExp(`^(?:${ScvTerminals.ID.source})$`);

/** Whether a text is a name, keywords aside. */
export function isName(text: string): boolean {
  return ID.test(text) && NAME.test(text.normalize('NFKC'));
}

const INVISIBLE = /^[\p{C}\p{Z}\p{M}]/u;

function codePoint(character: string): string {
  return `The character U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Leaves out what would go deeper than the parser, or later steps, can. */
function limit(tokens: readonly Token[]): { tokens: readonly Token[]; problem?: SyntaxProblem } {
  /** Of each open bracket, how many operators stand side by side in it, `else if` and signs included. */
  const counts = [0];
  const kept: Token[] = [];
  let problem: SyntaxProblem | undefined;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    const kind = token.tokenType.name;
    if (closerOf(kind) !== undefined) {
      if (counts.length > MAX_NESTING) {
        problem ??= problemAt('nesting-too-deep', token, TOO_DEEP);
        index = closing(tokens, index);
        kept.push(token, ...tokens.slice(index, index + 1));
        continue;
      }
      counts.push(0);
    } else if (isCloser(kind)) {
      if (counts.length > 1) counts.pop();
    } else if (kind === ',' || kind === '->') {
      counts[counts.length - 1] = 0;
    } else if (OPERATORS.has(kind)) {
      const count = (counts.pop() ?? 0) + 1;
      counts.push(count);
      if (count > MAX_OPERATORS) return { tokens: kept, problem: problemAt('nesting-too-deep', token, TOO_LONG) };
    }
    kept.push(token);
  }
  return problem === undefined ? { tokens } : { tokens: kept, problem };
}

const TOO_DEEP = `Brackets are nested more than ${String(MAX_NESTING)} deep here: give the inner parts names of their own.`;
const TOO_LONG = `More than ${String(MAX_OPERATORS)} operators side by side: give the expression's parts names of their own.`;

/** Index of the bracket that closes the one at `open`, by number only. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const kind = kindOf(tokens[index]);
    if (closerOf(kind) !== undefined) depth++;
    else if (isCloser(kind) && --depth === 0) return index;
  }
  return tokens.length;
}

const OPERATORS = new Set([
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '**',
  '@',
  '..',
  'and',
  'or',
  'not',
  'is',
  'in',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'else',
  'if',
  '.',
]);

function openingProblem(definition: CutDefinition, tokens: readonly Token[]): SyntaxProblem | undefined {
  if (definition.kind === 'extern') return undefined;
  const keyword = tokens[definition.header.start]!;
  if (definition.open === undefined) {
    const last = tokens[definition.header.end - 1]!;
    if (kindOf(last) === ':')
      return problemAt(
        'syntax',
        last,
        `The statements of a ${keyword.image} stand in braces: write "{" instead of ":", and "}" behind the last.`,
        [
          fix(
            'Write braces',
            [
              replace({ start: last.startOffset, end: endOf(last) }, ' {'),
              ...(definition.close === undefined ? [insert(definitionEnd(definition, tokens), '\n}')] : []),
            ],
            'preferred',
          ),
        ],
      );
    return problemAt(
      'syntax',
      last,
      `A "{" is missing behind "${last.image}": the statements of a ${keyword.image} stand in braces.`,
      [fix('Put { behind it', [insert(endOf(last), ' {')], 'preferred')],
    );
  }
  if (definition.close === undefined) {
    return problemAt(
      'unclosed-bracket',
      tokens[definition.open]!,
      `This "{" is never closed: put "}" behind the last statement of the ${keyword.image}.`,
      [fix('Put } behind the last statement', [insert(definitionEnd(definition, tokens), '\n}')], 'preferred')],
    );
  }
  return undefined;
}

/** Behind the last token of its statements. */
function definitionEnd({ statements, header }: CutDefinition, tokens: readonly Token[]): number {
  return endOf(tokens[(statements.at(-1) ?? header).end - 1]!);
}

function strayProblem(tokens: readonly Token[], { start }: Slice): SyntaxProblem {
  const token = tokens[start]!;
  return problemAt(
    'syntax',
    token,
    `"${token.image}" stands outside of every definition: what a file holds begins with import, model, block or extern.`,
  );
}

function failureProblem(error: unknown, tokens: readonly Token[]): SyntaxProblem {
  const first = tokens[0]!;
  if (error instanceof RangeError)
    return problemAt(
      'nesting-too-deep',
      first,
      'This is nested too deep to be read: give the inner parts names of their own.',
    );
  return problemAt('syntax', first, `What begins with "${first.image}" can't be read.`);
}
