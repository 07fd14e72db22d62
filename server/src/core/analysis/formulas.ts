/** Where a layer's counts come from, with its numbers: `(3·64·7·7) + 64 = 9,472`. */
import { type Dimension, constantValue, equal, exactDivide, format, product } from '../dimension.ts';
import type { Node } from '../graph.ts';
import { type Shape, isUnknown } from '../tensor.ts';
import { exactCount } from './numbers.ts';
import { parametersOf, weightsOf } from './walk.ts';

/** What is built of more weights says only how many there are. */
const MOST_TERMS = 8;

/** How a parameter count comes about; `undefined` where there is none. */
export function parameterFormula(node: Node): string | undefined {
  const terms = weightsOf(node).filter(({ kind }) => kind === 'parameter');
  const parameters = parametersOf(node);
  if (terms.length === 0 || isUnknown(parameters)) return undefined;
  const total = exactCount(parameters);
  if (terms.length > MOST_TERMS) return total;
  const texts = terms.map(({ shape, count }) => ({
    text: `${count === undefined ? '' : `${sizesText([count])}·`}${factors(shape)}`,
    isProduct: shape.length > 1 || count !== undefined,
  }));
  if (texts.length === 1) return texts[0]!.isProduct ? `${texts[0]!.text} = ${total}` : total;
  return `${texts.map(({ text, isProduct }) => (isProduct ? `(${text})` : text)).join(' + ')} = ${total}`;
}

/** How multiply-adds come about: weights × how often each is used. */
export function macsFormula(node: Node, macs: Dimension): string | undefined {
  // Two sizes that aren't known may be one: nothing is said of how they come together.
  if (constantValue(macs) === 0n || isUnknown(macs)) return undefined;
  const [weight, another] = weightsOf(node).filter(({ kind, shape }) => kind === 'parameter' && shape.length > 1);
  const times = weight === undefined ? undefined : exactDivide(macs, product(weight.shape));
  // Of several weights each is used in its own way.
  if (weight === undefined || another !== undefined || times === undefined) return undefined;
  const outputs = node.outputs[0]?.shape?.slice(1) ?? [];
  const places = [outputs.slice(1), outputs.slice(0, -1)].find(
    (sizes) => sizes.length > 1 && equal(product(sizes), times),
  );
  const often = places === undefined ? exactCount(times) : `(${sizesText(places)})`;
  return constantValue(times) === 1n
    ? `${factors(weight.shape)} = ${exactCount(macs)}`
    : `(${factors(weight.shape)})·${often} = ${exactCount(macs)}`;
}

/** A weight's sizes as one thinks of them: what comes in first. */
function factors(shape: Shape): string {
  const [out, into, ...rest] = shape;
  return out === undefined || into === undefined ? sizesText(shape) || '1' : sizesText([into, out, ...rest]);
}

function sizesText(sizes: Shape): string {
  return sizes.map((size) => (/[ +-]/.test(format(size)) ? `(${format(size)})` : format(size))).join('·');
}
