import type { Expression, Range, UnaryExpression } from '../../core/definition.ts';
/** An operand with the signs before it, as the grammar reads them: flat. */
export interface Operand {
    readonly signs: readonly {
        readonly operator: UnaryExpression['operator'];
        readonly start: number;
    }[];
    readonly value: Expression;
}
export interface Operator {
    readonly text: string;
    readonly range: Range;
}
/** Gives a flat list of operands and operators its structure. `operators` has one element less than `operands`. */
export declare function structure(operands: readonly Operand[], operators: readonly Operator[]): Expression;
