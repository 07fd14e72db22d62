import type { AstNode, CstNode, LangiumCoreServices, ParseResult } from 'langium';
import type { Definition, File, Import, Statement, Stray } from '../generated/ast.ts';
import type { PartProblem, SyntaxProblem } from '../problem.ts';
import { type Anchor } from './nodes.ts';
import { type Token } from './tokens.ts';
/** How deep brackets may nest. The parser's stack reaches a good deal further. */
export declare const MAX_NESTING = 200;
/** One import, one header of a definition, one statement. Depends on its own text only, positions apart. */
export interface Part<T extends AstNode = AstNode> {
    /** The rule and the text: equal keys mean equal parts. */
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
export declare class FileParser {
    private readonly services;
    private readonly lexer;
    private readonly features;
    private partParser;
    constructor(services: LangiumCoreServices);
    /** `previous` is an older version of the file: parts with unchanged text are taken from it, and it is void then. */
    parse(text: string, previous?: ScvParseResult): ScvParseResult;
    private part;
    private parseTokens;
    /** The header as a definition with nothing in it: the grammar's rule is one for both. */
    private headerTokens;
    private lexicalProblems;
    private assemble;
    /** What in the grammar a part's node comes from, which its own rule can't know. */
    private setFeature;
}
export declare function allParts(parts: FileParts): Iterable<Part>;
