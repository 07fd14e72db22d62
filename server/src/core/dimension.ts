/**
 * Exact integer expressions over symbols: the sizes of tensors, and every number that depends on one.
 *
 * Immutable values in one normal form (see `dimension/terms.ts` and `dimension/divide.ts`), so that {@link key} tells
 * whether two are the same expression. Only the functions here are meant for use.
 */
export {
  add,
  constant,
  constantValue,
  DimensionTooLarge,
  equal,
  isDimension,
  key,
  multiply,
  negate,
  ONE,
  product,
  subtract,
  sum,
  symbol,
  symbolsOf,
  ZERO,
  type Comparison,
  type Condition,
  type Dimension,
  type Opaque,
} from './dimension/terms.ts';
export { lowerBound, upperBound } from './dimension/bounds.ts';
export { floorDivide, modulo } from './dimension/divide.ts';
export {
  and,
  compare,
  conditionKey,
  conditionSymbols,
  decided,
  FALSE,
  maximum,
  minimum,
  not,
  opaque,
  opaqueCondition,
  or,
  power,
  select,
  TRUE,
} from './dimension/condition.ts';
export {
  evaluate,
  evaluateCondition,
  substitute,
  substituteCondition,
  type Substitution,
  type Values,
} from './dimension/substitute.ts';
export { multipleOf, structure, type Structure } from './dimension/structure.ts';
export {
  format,
  formatCondition,
  formatConditionPython,
  formatByHand,
  formatFactored,
  formatPython,
  PRECEDENCE,
  printPython,
  type OpaquePrinter,
  type Printed,
} from './dimension/print.ts';
export {
  agree,
  conjunction,
  exactDivide,
  explain,
  separateProducts,
  type Agreement,
  type Conjunction,
} from './dimension/agree.ts';
