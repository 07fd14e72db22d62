import type { PartProblem } from '../problem.ts';
import { type Token } from './tokens.ts';
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
export declare function repair(tokens: readonly Token[], vocabulary: Vocabulary): Repaired;
