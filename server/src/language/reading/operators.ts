import type { BinaryOperator, CompareOperator, Expression, Range, UnaryExpression } from '../../core/definition.ts';

/** An operand with the signs before it, as the grammar reads them: flat. */
export interface Operand {
  readonly signs: readonly { readonly operator: UnaryExpression['operator']; readonly start: number }[];
  readonly value: Expression;
}

export interface Operator {
  readonly text: string;
  readonly range: Range;
}

/** Python's, with `..` between comparisons and sums. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  '==': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  is: 4,
  isnot: 4,
  in: 4,
  notin: 4,
  '..': 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '//': 7,
  '%': 7,
  '@': 7,
  '**': 9,
};
const NOT = 3;
const COMPARISON = 4;
const SIGN = 8;
const POWER = 9;

/** Gives a flat list of operands and operators its structure. `operators` has one element less than `operands`. */
export function structure(operands: readonly Operand[], operators: readonly Operator[]): Expression {
  return new Climber(operands, operators).expression(0);
}

class Climber {
  private next = 0;
  private readonly operands: readonly Operand[];
  private readonly operators: readonly Operator[];

  constructor(operands: readonly Operand[], operators: readonly Operator[]) {
    this.operands = operands;
    this.operators = operators;
  }

  /** What follows up to the first operator that binds less than `least`. */
  expression(least: number): Expression {
    const operand = this.operands[this.next]!;
    let left = this.signed(operand, 0);
    for (;;) {
      const operator = this.operators[this.next];
      const precedence = operator === undefined ? undefined : PRECEDENCE[operator.text];
      if (operator === undefined || precedence === undefined || precedence < least) return left;
      if (precedence === COMPARISON) {
        left = this.comparison(left);
      } else {
        this.next++;
        // To the right of ** a sign binds first: 2 ** -1
        const right = this.expression(precedence === POWER ? POWER : precedence + 1);
        left = {
          kind: 'binary',
          operator: operator.text as BinaryOperator,
          operatorRange: operator.range,
          left,
          right,
          range: { start: left.range.start, end: right.range.end },
        };
      }
    }
  }

  private signed(operand: Operand, index: number): Expression {
    const sign = operand.signs[index];
    if (sign === undefined) return operand.value;
    let inner = this.signed(operand, index + 1);
    const isLast = index === operand.signs.length - 1;
    if (isLast) inner = this.continued(inner, sign.operator === 'not' ? NOT + 1 : SIGN + 1);
    return {
      kind: 'unary',
      operator: sign.operator,
      operand: inner,
      range: { start: sign.start, end: inner.range.end },
    };
  }

  /** `-a ** b` is `-(a ** b)`, `not a == b` is `not (a == b)`: what binds more than the sign goes first. */
  private continued(left: Expression, least: number): Expression {
    const rest = new Climber(
      [{ signs: [], value: left }, ...this.operands.slice(this.next + 1)],
      this.operators.slice(this.next),
    );
    const result = rest.expression(least);
    this.next += rest.next;
    return result;
  }

  private comparison(first: Expression): Expression {
    const operands = [first];
    const operators: CompareOperator[] = [];
    let isUnreadable = false;
    for (;;) {
      const operator = this.operators[this.next];
      if (operator === undefined || PRECEDENCE[operator.text] !== COMPARISON) break;
      this.next++;
      // `is` and `in` are reported already; what they would say is unknown.
      if (/^[a-z]/.test(operator.text)) isUnreadable = true;
      operators.push(operator.text as CompareOperator);
      operands.push(this.expression(COMPARISON + 1));
    }
    const range = { start: first.range.start, end: operands.at(-1)!.range.end };
    return isUnreadable ? { kind: 'missing', range } : { kind: 'compare', operators, operands, range };
  }
}
