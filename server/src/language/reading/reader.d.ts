import { type AstNode } from 'langium';
import type * as core from '../../core/definition.ts';
import type * as ast from '../generated/ast.ts';
import type { PartProblem } from '../problem.ts';
/**
 * Reads the syntax tree of one part as plain data, ranges relative to the part's beginning. What was written from habit
 * (the grammar's slips) is reported here and read as what it means; what nobody can tell becomes missing.
 *
 * The parser leaves out what it could not read, so any child may be undefined, whatever the generated types say.
 */
export declare class Reader {
    readonly problems: PartProblem[];
    private readonly base;
    /** Whether some of the value's text was left out. */
    private isBroken;
    /** Documentation of a node in this part: the comment lines directly above. */
    private readonly documentationOf;
    constructor(base: number, documentationOf: (node: AstNode) => string | undefined);
    private range;
    private rangeOf;
    private nodeOf;
    private identifier;
    private problem;
    /** What is written there, on one line and not too long to quote. */
    private written;
    private keyword;
    import(node: ast.Import): core.Import;
    /** What the header of a model or block says, and all of an extern. */
    header(node: ast.Definition): Pick<core.Definition, 'name' | 'parameters'>;
    private parameter;
    extern(node: ast.Extern): Omit<core.Extern, 'id' | 'hash' | 'documentation'>;
    private refuseKeyword;
    /** Undefined for what says nothing: it is reported. */
    statement(node: ast.Statement | ast.Stray, isBroken: boolean): core.Statement | undefined;
    private property;
    private port;
    private shape;
    private output;
    private sharedStage;
    private stray;
    private boundName;
    /** What is only half read has an unknown value: nothing wrong is said of what follows from it. */
    private value;
    private string;
    private stages;
    private stage;
    /** Its place is what is written, parentheses included. */
    private count;
    private leadingCount;
    private label;
    private stageBody;
    private callStage;
    private torchPrefix;
    private layerCalled;
    private ifStage;
    private arguments;
    private reference;
    expression(expression: ast.Expression): core.Expression;
    private expressionIn;
    private operators;
    private refuseWord;
    private pipeline;
    /** An operand and its signs, which hang on its innermost node. */
    private operand;
    /** Where an operand begins behind its signs. */
    private firstAfter;
    private postfix;
    private name;
    private number;
    private member;
    private subscription;
    /** A call of what isn't a name. */
    private valueCall;
    private conditional;
}
export declare const KEYWORDS: ReadonlySet<string>;
