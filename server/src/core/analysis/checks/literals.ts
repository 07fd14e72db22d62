/** Values in metadata and training: written out, not worked out. */
import type { Expression } from '../../definition.ts';

export type Literal =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'str'; readonly value: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'list'; readonly items: readonly (Literal | undefined)[] };

/** What an expression says without looking anywhere; `undefined` where that isn't enough. */
export function literalOf(expression: Expression): Literal | undefined {
  switch (expression.kind) {
    case 'number':
      return { kind: typeof expression.value === 'bigint' ? 'int' : 'float', value: Number(expression.value) };
    case 'string':
      return { kind: 'str', value: expression.value };
    case 'boolean':
      return { kind: 'bool', value: expression.value };
    case 'none':
      return { kind: 'none' };
    case 'list':
    case 'tuple':
      return { kind: 'list', items: expression.items.map(literalOf) };
    case 'unary': {
      const operand = literalOf(expression.operand);
      if (operand?.kind !== 'int' && operand?.kind !== 'float') return undefined;
      return expression.operator === '-' ? { ...operand, value: -operand.value } : operand;
    }
    default:
      return undefined;
  }
}

const WORDS: Readonly<Record<Literal['kind'], string>> = {
  int: 'a whole number',
  float: 'a number',
  bool: 'True or False',
  str: 'a text',
  none: 'None',
  list: 'a list',
};

export function wordFor(kind: Literal['kind']): string {
  return WORDS[kind];
}
