import type { GrammarAST, LexerResult, Stream, TokenBuilder, ValueConverter } from 'langium';
import { DefaultTokenBuilder } from 'langium';
/** A token as the lexer makes it; its type's name is the keyword itself or the name of the terminal. */
export type Token = LexerResult['tokens'][number];
type TokenType = Token['tokenType'];
export declare const MISSING = "MISSING";
export declare const CALLED = "CALLED";
export declare const CALLEE = "CALLEE";
/** A string without its closing quote, up to the end of the line; repair.ts makes a STRING of it. */
export declare const BROKEN_STRING = "BROKEN_STRING";
export declare class ScvTokenBuilder extends DefaultTokenBuilder implements TokenBuilder {
    protected buildTerminalTokens(rules: Stream<GrammarAST.AbstractRule>): TokenType[];
}
/** The syntax tree has numbers and strings as written; reading/literals.ts knows what they say. */
export declare const asWritten: ValueConverter;
export declare function kindOf(token: Token | undefined): string | undefined;
export declare function isKeyword(token: Token | undefined): boolean;
/** A name or any keyword. */
export declare function isWord(token: Token): boolean;
/** What may be a label, a key, an argument's name. */
export declare function isName(token: Token | undefined): boolean;
/** Whether an expression or stage can end with this token. */
export declare function endsOperand(tokens: readonly Token[], index: number): boolean;
/** The bracket that closes this one; undefined for what opens none. */
export declare function closerOf(kind: string | undefined): string | undefined;
export declare function isCloser(kind: string | undefined): boolean;
export declare function startsLine(tokens: readonly Token[], index: number): boolean;
export declare function lineOf(token: Token): number;
export declare function endLineOf(token: Token): number;
export declare function columnOf(token: Token): number;
/** Exclusive. */
export declare function endOf(token: Token): number;
export {};
