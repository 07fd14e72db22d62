import type { Placement, SourceFile } from '../../core/definition.ts';
import type { SyntaxProblem } from '../problem.ts';
import type { ScvParseResult } from '../text/parser.ts';
export interface ReadFile {
    readonly file: SourceFile;
    readonly placement: Placement;
    readonly problems: readonly SyntaxProblem[];
}
/** What a parsed file says. Made once for each version. */
export declare function toSourceFile(uri: string, parsed: ScvParseResult): ReadFile;
