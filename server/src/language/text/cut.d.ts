import { type Token } from './tokens.ts';
/**
 * Cuts a file's tokens into the parts that are parsed one by one: imports, headers of definitions, statements. An error
 * then stays in its part, and a part whose text is as before needn't be parsed again.
 *
 * In a sound file brackets alone decide. In a broken one (it is being typed) a part also ends where something begins
 * that can't belong to it: `output x` can't stand inside parentheses, `block B` not inside a block.
 */
export interface Cut {
    readonly imports: readonly Slice[];
    readonly definitions: readonly CutDefinition[];
    /** What stands outside of everything. */
    readonly strays: readonly Slice[];
}
/** Token indices, the end exclusive. */
export interface Slice {
    readonly start: number;
    readonly end: number;
}
export interface StatementSlice extends Slice {
    /** Begins as no statement does. */
    readonly isStray: boolean;
}
export interface CutDefinition {
    readonly kind: 'model' | 'block' | 'extern';
    /** From `model` or `block` through the opening brace where there is one; an extern through its closing brace. */
    readonly header: Slice;
    /** Index of the body's `{`. */
    readonly open: number | undefined;
    readonly statements: readonly StatementSlice[];
    /** Index of the body's `}`. */
    readonly close: number | undefined;
}
export declare function cut(tokens: readonly Token[]): Cut;
