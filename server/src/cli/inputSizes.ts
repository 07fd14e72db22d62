/** `--input 1x3x224x224` or `--input image=1x3x224x224,mask=1x1x224x224` */
import { constant, constantValue } from '../core/dimension.ts';
import type { Instance } from '../core/graph.ts';
import { didYouMean } from '../core/nearest.ts';
import { type Shape, formatShape } from '../core/tensor.ts';
import { UsageError } from './usage.ts';

/** The shapes of a model's inputs, in its order: those that aren't said are as the model says. */
export function readInputSizes(text: string, { inputs }: Instance): readonly Shape[] {
  const names = inputs.map(({ name }) => name);
  const wanted = inputs.map(({ name, tensor }) => `${name} ${formatShape(tensor.shape)}`).join(', ');
  if (!text.includes('=')) {
    if (names.length !== 1)
      throw new UsageError(`--input has one shape, but the inputs are ${wanted}: write ${exampleInput(inputs)}`);
    return [readShape(text)];
  }
  const given = new Map<string, Shape>();
  for (const part of text.split(',')) {
    const [name = '', sizes = ''] = part.split('=', 2).map((each) => each.trim());
    if (!names.includes(name)) {
      throw new UsageError(`--input: there is no input ${name}.${didYouMean(name, names)} The inputs are ${wanted}`);
    }
    if (given.has(name)) throw new UsageError(`--input: ${name} is given twice`);
    given.set(name, readShape(sizes));
  }
  return inputs.map(({ name, tensor }) => {
    const shape = given.get(name) ?? tensor.shape;
    if (shape === undefined) throw new UsageError(`--input: ${name} is missing. The inputs are ${wanted}`);
    return shape;
  });
}

function readShape(text: string): Shape {
  const sizes = text.trim().split(/[x×]/i);
  if (!sizes.every((size) => /^[1-9]\d{0,14}$/.test(size))) {
    throw new UsageError(
      `--input: ${text === '' ? 'nothing' : text} is no shape: write sizes from 1 with x between them, 1x3x224x224`,
    );
  }
  return sizes.map((size) => constant(BigInt(size)));
}

/** `1x3x224x224`, or `image=1x3x224x224,mask=1x10`: with the ranks and sizes that the model says. */
export function exampleInput(inputs: Instance['inputs']): string {
  const parts = inputs.map(({ name, tensor: { shape = [] } }) => {
    const usual = (axis: number): number => (axis === 0 ? 1 : shape.length === 4 && axis > 1 ? 224 : 16);
    const sizes = shape.map((size, axis) => constantValue(size) ?? usual(axis)).join('x') || '1x3x224x224';
    return inputs.length === 1 ? sizes : `${name}=${sizes}`;
  });
  return parts.join(',');
}
