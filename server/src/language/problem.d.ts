import type { Range } from '../core/definition.ts';
import type { Severity } from '../core/problem.ts';
/** What is wrong with the text itself; the core's problems, which are about what it means, have a site instead. */
export interface SyntaxProblem {
    readonly code: string;
    readonly severity: Severity;
    readonly message: string;
    /** Absolute offsets in the file. */
    readonly range: Range;
}
/** A problem of a part before it has a place in the file. */
export interface PartProblem extends Omit<SyntaxProblem, 'range'> {
    /** Relative to the part; or at what follows the part, where something is missing at its end. */
    readonly range: Range | 'following';
}
