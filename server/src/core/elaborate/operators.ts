/** Operators on tensors, and what two arms of an `if` have in common. */
import { broadcast } from '../broadcast.ts';
import type { ConditionalExpression, Expression, Range } from '../definition.ts';
import { ONE, ZERO, decided, format, type Condition } from '../dimension.ts';
import { type LocalFix, fix, insert } from '../fix.ts';
import { applyLayer } from '../layers/apply.ts';
import { findLayer } from '../layers/catalogue.ts';
import { formatShape, type DataType, type Shape, type Tensor } from '../tensor.ts';
import { UNKNOWN, type Value } from '../value.ts';
import { isTensorTuple, mergeSizes } from './flow.ts';
import type { Frame } from './frame.ts';
import { callAt } from './callStages.ts';
import { setArgument } from './fixes.ts';
import { type Repair, repair } from './repair.ts';
import {
  boolValue,
  deferred,
  describeKind,
  formatValue,
  holdsTensor,
  intValue,
  listValue,
  valueAt,
  valueKey,
} from './values.ts';

export const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

export function evaluateConditional(frame: Frame, { condition, then, otherwise }: ConditionalExpression): Value {
  const truth = frame.decide(condition, 'This if');
  if (typeof truth === 'boolean') {
    const [taken, other] = truth ? [then, otherwise] : [otherwise, then];
    const value = frame.evaluate(taken);
    frame.untaken(() => refuseLayer(frame, frame.evaluate(other), value, other.range));
    return value;
  }
  const a = frame.evaluate(then);
  const b = frame.evaluate(otherwise);
  if (refuseLayer(frame, a, b, then.range) || refuseLayer(frame, b, a, otherwise.range)) return UNKNOWN;
  return mergeValues(frame, typeof truth === 'object' ? truth : undefined, a, b, then.range);
}

/** An arm that is a layer where the other is a tensor. */
function refuseLayer(frame: Frame, value: Value, other: Value, at: Range): boolean {
  if (value.kind !== 'layer' || !(other.kind === 'tensor' || isTensorTuple(other))) return false;
  const name = formatValue(value);
  frame.error('not-a-value', `${name} is a layer, not a tensor: feed it something, as in x -> ${name}.`, at);
  return true;
}

/** What two arms have in common. */
export function mergeValues(frame: Frame, condition: Condition | undefined, a: Value, b: Value, at: Range): Value {
  if (a.kind === 'unknown') return b;
  if (b.kind === 'unknown') return a;
  if (a.kind === 'tensor' && b.kind === 'tensor') {
    if (a.tensor === b.tensor) return a;
    const node = frame.node({ kind: 'operator', operator: 'if', macs: ZERO }, undefined, [a.tensor, b.tensor], at);
    const shape = mergeShapes(frame, condition, a.tensor.shape, b.tensor.shape);
    return { kind: 'tensor', tensor: frame.tensor(node, shape, a.tensor.type) };
  }
  if (a.kind === 'int' && b.kind === 'int') return intValue(mergeSizes(condition, a.value, b.value));
  if (a.kind === 'list' && b.kind === 'list' && a.items.length === b.items.length) {
    return listValue(
      a.items.map((item, i) => mergeValues(frame, condition, item, b.items[i]!, at)),
      a.isTuple,
    );
  }
  if (holdsTensor(a) || holdsTensor(b)) return UNKNOWN;
  if (a.kind === b.kind && valueKey(a) === valueKey(b)) return a;
  if (condition === undefined) return UNKNOWN;
  return deferred('if', [boolValue(condition), a, b], frame.examples, ([chosen, then, otherwise]) => {
    const truth = chosen?.kind === 'bool' ? decided(chosen.value) : undefined;
    return (truth === true ? then : truth === false ? otherwise : undefined) ?? UNKNOWN;
  });
}

function mergeShapes(
  frame: Frame,
  condition: Condition | undefined,
  a: Shape | undefined,
  b: Shape | undefined,
): Shape | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.length === b.length) return a.map((size, i) => mergeSizes(condition, size, b[i]!));
  // No shape is both: in the generic form it is that of the use at hand.
  const truth = condition === undefined ? undefined : valueAt(boolValue(condition), frame.examples);
  const taken = truth?.kind === 'bool' ? decided(truth.value) : undefined;
  return taken === undefined ? undefined : taken ? a : b;
}

/** @param sides what stands on both sides of it, for repairs */
export function applyOperator(
  frame: Frame,
  operator: string,
  operands: readonly Value[],
  at: Range,
  sides?: readonly Expression[],
): Value {
  const tensors: Tensor[] = [];
  for (const operand of operands) {
    if (operand.kind === 'tensor') tensors.push(operand.tensor);
    else if (
      operand.kind === 'int' ||
      operand.kind === 'float' ||
      operand.kind === 'ratio' ||
      operand.kind === 'symbolic' ||
      operand.kind === 'bool'
    ) {
      const number = frame.node({ kind: 'number' }, undefined, [], at);
      tensors.push(frame.tensor(number, [], operand.kind === 'float' ? 'float' : 'int64'));
    } else {
      if (operand.kind === 'list') {
        frame.error(
          'expression-type',
          `${operator} takes one tensor on each side, not several: join them first, or take one.`,
          at,
        );
      } else {
        frame.error(
          operand.kind === 'layer' ? 'not-a-value' : 'expression-type',
          `${operator} takes tensors and numbers, not ${formatValue(operand)}, which is ${describeKind(operand)}.`,
          at,
        );
      }
      return UNKNOWN;
    }
  }
  if (operator === '@') return matrixProduct(frame, tensors, at);
  const node = frame.node({ kind: 'operator', operator, macs: ZERO }, undefined, tensors, at);
  const [a, b] = tensors;
  const shape = b === undefined ? a!.shape : broadcastShapes(frame, operator, a!, b, at, sides);
  const type = COMPARISONS.has(operator) ? 'bool' : resultType(operator, operands, tensors);
  return { kind: 'tensor', tensor: frame.tensor(node, shape, type) };
}

export function broadcastShapes(
  frame: Frame,
  operator: string,
  left: Tensor,
  right: Tensor,
  at: Range,
  sides: readonly Expression[] = [],
): Shape | undefined {
  const { shape: a } = left;
  const { shape: b } = right;
  if (a === undefined || b === undefined) return undefined;
  const { shape, clash, conditions } = broadcast(a, b);
  if (clash !== undefined) {
    const rank = shape.length;
    const x = format(a[clash - (rank - a.length)] ?? ONE);
    const y = format(b[clash - (rank - b.length)] ?? ONE);
    const mended = repair(left, right, clash);
    frame.error(
      'shape-mismatch',
      `${operator} needs equal sizes (or 1), but ${formatShape(a)} and ${formatShape(b)} differ in dimension ${String(clash)}: ${x} and ${y}. ${mended.advice}`,
      at,
      repairFixes(frame, mended, operator, [left, right], sides),
    );
    return undefined;
  }
  for (const { condition, text } of conditions) frame.condition(condition, text, at);
  return shape;
}

/** What brings the two sides of an operator to one shape, put where it belongs. */
function repairFixes(
  { definition }: Frame,
  { behind, setting }: Repair,
  operator: string,
  tensors: readonly Tensor[],
  sides: readonly Expression[],
): readonly LocalFix[] {
  if (setting !== undefined) {
    const { node, value } = setting;
    const call = callAt(definition.statements[node.site.part], node.site.part, node.site.range);
    const edit = call?.body.callee.text === node.layer.name ? setArgument(node.layer, call.body, value) : undefined;
    if (edit?.kind !== 'replace') return [];
    const title = `Set ${value.argument} of ${node.layer.name} to ${value.value}${value.purpose ?? ''}`;
    return [fix(title, [{ ...edit, at: { ...node.site, range: edit.at } }], 'preferred')];
  }
  const index = tensors.findIndex((tensor) => tensor === behind?.tensor);
  const side = sides[index];
  if (behind === undefined || side === undefined) return [];
  // In a block what fits this use alone is no repair, but the other side has a name.
  const other = sides[1 - index];
  const stages =
    definition.kind === 'block' && other?.kind === 'name'
      ? behind.stages.replace(/^(Conv2d)\(\d+/, `$1(${other.name.text}.channels`)
      : behind.stages;
  const { start, end } = side.range;
  const edits =
    side.kind === 'pipeline' ? [insert(end, ` -> ${stages}`)] : [insert(start, '('), insert(end, ` -> ${stages})`)];
  return [fix(`Insert ${stages} on the ${index === 0 ? 'left' : 'right'} of ${operator}`, edits, 'preferred')];
}

export function matrixProduct(frame: Frame, tensors: readonly Tensor[], at: Range): Value {
  const layer = findLayer('MatMul');
  if (layer === undefined) throw new Error('The catalogue has no MatMul.');
  const applied = applyLayer(layer, new Map(), tensors, {
    problem: ({ code, severity, message }) => {
      frame.report(severity, code, message.replace(/^MatMul /, '@ '), at);
    },
    condition: (condition, text) => {
      frame.condition(condition, text, at);
    },
    buildTime: () => true,
    example: (value) => value,
  });
  const node = frame.node({ kind: 'operator', operator: '@', macs: applied.macs }, undefined, tensors, at);
  const output = applied.outputs?.[0];
  return { kind: 'tensor', tensor: frame.tensor(node, output?.shape, output?.type) };
}

export function resultType(operator: string, operands: readonly Value[], tensors: readonly Tensor[]): DataType {
  if (operator === '/' || operands.some((operand) => operand.kind === 'float' || operand.kind === 'ratio'))
    return 'float';
  const fed = tensors.filter((_, i) => operands[i]?.kind === 'tensor').map(({ type }) => type);
  return fed.includes('float')
    ? 'float'
    : fed.includes('int64')
      ? 'int64'
      : operator === '-'
        ? 'float'
        : (fed[0] ?? 'float');
}
