/**
 * Multiply-adds that torch's FlopCounterMode doesn't see. Each is written once more in operations that it counts: the
 * test runs both, holds their values against each other, and takes the counter's number for the second.
 *
 * Recurrent layers aren't among them: on the meta device torch makes them of linear layers, which it counts.
 */
import type { Case } from './cases.ts';

interface Uncounted {
  readonly layer: string;
  readonly reason: string;
  readonly covers: (given: Case) => boolean;
  /** Python over `m` and `x0`, `x1`, …: gives what `forward` gives. */
  readonly counted: (given: Case) => string;
}

export const UNCOUNTED: readonly Uncounted[] = [
  {
    layer: 'Bilinear',
    reason: 'One kernel multiplies all three. It is a linear map of the products of all pairs of features.',
    covers: () => true,
    counted: () => 'F.linear((x0.unsqueeze(-1) * x1.unsqueeze(-2)).flatten(-2), m.weight.flatten(1), m.bias)',
  },
  {
    layer: 'MatMul',
    reason: 'Products with a vector. It is a matrix of one row or column.',
    covers: ({ inputs }) => inputs.some(({ shape }) => shape.length === 1),
    counted: ({ inputs }) => matrixProduct(inputs),
  },
];

/** As a product of matrices: a vector gets the dimension that it lacks, and what comes out loses it. */
function matrixProduct(inputs: Case['inputs']): string {
  const [a, b] = inputs.map(({ shape }) => shape.length === 1);
  const product = `torch.matmul(${a === true ? 'x0.unsqueeze(0)' : 'x0'}, ${b === true ? 'x1.unsqueeze(1)' : 'x1'})`;
  const row = a === true ? `.squeeze(${b === true ? '-1' : '-2'})` : '';
  return `${product}${b === true ? '.squeeze(-1)' : ''}${row}`;
}

export function uncounted(given: Case): Uncounted | undefined {
  return UNCOUNTED.find(({ layer, covers }) => layer === given.layer && covers(given));
}
