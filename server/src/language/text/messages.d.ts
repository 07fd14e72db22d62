import type { LexerResult, ParseResult } from 'langium';
import type { PartProblem, SyntaxProblem } from '../problem.ts';
import { type Token } from './tokens.ts';
type ParserError = ParseResult['parserErrors'][number];
type LexerError = LexerResult['errors'][number];
export declare function lexicalProblem(error: LexerError, text: string): SyntaxProblem;
/** The parser's first error in words. Most of what goes wrong is answered before, by repair.ts. */
export declare function parserProblem(error: ParserError, tokens: readonly Token[], farthest: number | undefined): PartProblem;
export {};
