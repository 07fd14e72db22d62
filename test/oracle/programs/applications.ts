/** How any layer of the catalogue is put into a program: with arguments by chance that are legal for what goes in. */
import { constant, constantValue, symbol, symbolsOf } from '../../../server/src/core/dimension.ts';
import { applyLayer } from '../../../server/src/core/layers/apply.ts';
import type { Layer } from '../../../server/src/core/layers/layer.ts';
import type { DataType, Tensor } from '../../../server/src/core/tensor.ts';
import type { Random } from '../../random.ts';
import { type Case, type Input, makeCase, shaped } from '../layers/cases.ts';
import { ours } from '../layers/compare.ts';
import { type Literal, isLayer, toPython, toValue } from '../layers/literal.ts';

/** A stage, and what comes out of it for each of the shapes that it was made for. */
export interface Applied {
  readonly text: string;
  readonly outputs: readonly (readonly Input[])[];
  /** How many times the tensor goes in: a layer that joins tensors takes several. */
  readonly copies: number;
}

/** Arguments that are legal on all of these shapes are looked for so often. */
const TRIES = 12;

/**
 * A layer as a stage for tensors of all of these shapes, some sizes of which may have no number when the model is
 * written; `undefined` where chance finds no arguments.
 */
export function applyToAll(
  layer: Layer,
  shapes: readonly (readonly number[])[],
  isFree: readonly boolean[],
  random: Random,
): Applied | undefined {
  const { names, optional = 0, variadic = false, rank } = layer.inputs;
  const [example] = shapes;
  if (example === undefined || names.length - optional > 1) return undefined;
  if (rank !== undefined && !rank.includes(example.length)) return undefined;
  if (typesOf(layer, 0)?.includes('float') === false) return undefined;
  const copies = variadic ? random.int(1, 3) : 1;
  for (let i = 0; i < TRIES; i++) {
    const all = shapes.map((shape) => alike(shape, copies));
    const given = trainable(makeCase(layer, random, all[0]));
    const found = all.map((inputs) => outputsOf({ ...given, inputs }));
    if (found.every((outputs) => outputs !== undefined) && isLegalAtAnySize(layer, given, isFree))
      return { text: stageText(given), outputs: found, copies };
  }
  return undefined;
}

/** A layer applied to tensors that a program declares: their shapes and types, and the stage. */
export function applyToDeclared(
  layer: Layer,
  random: Random,
): (Applied & { readonly inputs: Case['inputs'] }) | undefined {
  for (let i = 0; i < 5 * TRIES; i++) {
    const made = trainable(makeCase(layer, random));
    // A program's own tensors are floats, or whole numbers where nothing else goes.
    const inputs = made.inputs.map((input, at): Input => {
      const types = typesOf(layer, at);
      const type = types === undefined || types.includes('float') ? 'float' : types[0]!;
      return { ...input, type: input.type === 'bool' && types?.includes('bool') !== false ? 'bool' : type };
    });
    const isEmpty = inputs.some(({ shape }) => shape.length === 0 || shape.includes(0));
    const outputs = isEmpty ? undefined : outputsOf({ ...made, inputs });
    // One name may take a tuple of one, but a tuple is wanted.
    const isTold = outputs !== undefined && (layer.outputs !== 'tuple' || outputs.length > 1);
    if (isTold) return { text: stageText(made), inputs, outputs: [outputs], copies: 1 };
  }
  return undefined;
}

function alike(shape: readonly number[], copies: number): Input[] {
  return Array.from({ length: copies }, () => ({ shape, type: 'float' }));
}

/** What the input may be; anything where absent. */
function typesOf({ inputs }: Layer, at: number): readonly DataType[] | undefined {
  const type = inputs.types?.[at] ?? inputs.types?.at(-1) ?? inputs.type ?? 'float';
  return type === 'any' ? undefined : typeof type === 'string' ? [type] : type;
}

/** What comes out where the case is legal and leaves something to go on with. */
function outputsOf(given: Case): readonly Input[] | undefined {
  const { applied, errors } = ours(given);
  if (errors.length > 0 || !applied.complete || applied.outputs === undefined || applied.outputs.length === 0)
    return undefined;
  const outputs = applied.outputs.map(({ shape, type }) => ({
    shape: (shape ?? []).map((size) => Number(constantValue(size) ?? 0n)),
    type,
  }));
  return outputs.some(({ shape }) => shape.includes(0)) ? undefined : outputs;
}

/** A weight can't depend on a size that has no number, and no such size may be refused. */
function isLegalAtAnySize(layer: Layer, given: Case, isFree: readonly boolean[]): boolean {
  const inputs = given.inputs.map((input): Tensor => ({
    ...shaped(input),
    shape: input.shape.map((size, axis) => (isFree[axis] === true ? symbol(`s${axis}`, 1n) : constant(size))),
  }));
  const refused: string[] = [];
  const values = new Map(Object.entries(given.arguments).map(([name, literal]) => [name, toValue(literal)]));
  const applied = applyLayer(layer, values, inputs, {
    problem: ({ severity, code }) => {
      if (severity === 'error') refused.push(code);
    },
    condition: () => undefined,
    example: (value) => value,
    buildTime: (size) => symbolsOf(size).size === 0,
  });
  return refused.length === 0 && applied.complete;
}

/** The case without what keeps torch from working out gradients: changing a tensor in place, sparse ones. */
function trainable({ arguments: all, ...rest }: Case): Case {
  const { inplace: _, sparse: __, ...others }: Record<string, Literal> = all;
  // Torch's own gradient of it fails for a window of one channel.
  if (rest.layer === 'CrossMapLRN2d' && others.size === 1) others.size = 3;
  return { ...rest, arguments: others };
}

function stageText({ layer, arguments: given }: Case): string {
  return callText(layer, given);
}

function callText(name: string, given: Readonly<Record<string, Literal>>): string {
  const list = Object.entries(given).map(([parameter, literal]) => `${parameter}=${literalText(literal)}`);
  return list.length === 0 ? name : `${name}(${list.join(', ')})`;
}

function literalText(literal: Literal): string {
  if (isLayer(literal)) return callText(literal.layer, literal.given);
  return Array.isArray(literal) ? `[${literal.map(literalText).join(', ')}]` : toPython(literal);
}
