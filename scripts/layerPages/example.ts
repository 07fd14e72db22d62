/** A layer's example, as a program and as what it comes to. */
import { Analyser } from '../../server/src/core/analysis/analyse.ts';
import type { Instance, LayerNode } from '../../server/src/core/graph.ts';
import type { Layer } from '../../server/src/core/layers/layer.ts';
import { usualValue } from '../../server/src/core/layers/usualValues.ts';
import { readSource } from '../../server/src/language/read.ts';

export interface WorkedExample {
  /** The whole model. */
  readonly text: string;
  /** What the layer is written like in it: `Conv2d(64, 3, padding=1)`. */
  readonly call: string;
  readonly instance: Instance;
  readonly node: LayerNode;
}

/** Usual sizes; height and width differ, so that they can be told apart. */
const SHAPES: Readonly<Partial<Record<number, string>>> = {
  1: '[N]',
  2: '[N, 64]',
  3: '[N, 32, 100]',
  4: '[N, 32, 56, 48]',
  5: '[N, 16, 8, 28, 24]',
};
const TOKENS = '[N, 50, 64]';

/** The layer's own example, else the usual one for its inputs and parameters. */
function exampleOf(layer: Layer): { inputs: readonly string[]; arguments: string; from?: string } {
  const { names, optional = 0, variadic, rank, minimumRank = 0, layout } = layer.inputs;
  const wanted = rank === undefined ? Math.max(minimumRank, 4) : rank.includes(4) ? 4 : rank[0]!;
  const shape = wanted === 3 && layout?.includes('features') === true ? TOKENS : (SHAPES[wanted] ?? '[N, 64]');
  const count = variadic === true ? 2 : names.length - optional;
  const given = Object.entries(layer.parameters).flatMap(([name, parameter]) =>
    parameter.infer === undefined && parameter.default === undefined
      ? [`${parameter.keywordOnly === true ? `${name}=` : ''}${usualValue(name, parameter)}`]
      : [],
  );
  return { inputs: Array.from({ length: count }, () => shape), arguments: given.join(', '), ...layer.example };
}

/** Throws where it doesn't work, saying what the entry has to give. */
export function workedExample(layer: Layer): WorkedExample {
  const example = exampleOf(layer);
  // `input` is a word of the language.
  const names =
    layer.inputs.variadic === true || example.from !== undefined
      ? example.inputs.map((_, i) => 'abcdefgh'[i]!)
      : layer.inputs.names.map((name) => (name === 'input' ? 'x' : name));
  const call = example.arguments === '' ? layer.name : `${layer.name}(${example.arguments})`;
  const used = names.slice(0, example.inputs.length);
  const from = example.from ?? (used.length === 1 ? used[0]! : `(${used.join(', ')})`);
  const inputs = example.inputs.map((shape, i) => `${used[i]!}: ${shape}`).join(', ');
  const several = typeof layer.outputs === 'object' ? layer.outputs : undefined;
  const write = (outputs: readonly string[] | undefined): string =>
    outputs === undefined
      ? `model Example {\n  input ${inputs}\n  output y = ${from} -> ${call}\n}\n`
      : `model Example {\n  input ${inputs}\n  ${outputs.join(', ')} = ${from} -> ${call}\n${outputs.map((name) => `  output ${name}\n`).join('')}}\n`;
  const plain = layer.outputs === 'tuple' ? write(undefined).replace('output y =', 'output') : write(undefined);
  const first = analysed(layer, plain);
  const made = first.node.outputs.length;
  if (several === undefined || made < 2) return { ...first, call };
  return { ...analysed(layer, write(several.names.slice(0, made).map(own))), call };

  /** Not the name of an input. */
  function own(name: string): string {
    return used.includes(name) || name === 'output' ? 'y' : name;
  }
}

function analysed(layer: Layer, text: string): Omit<WorkedExample, 'call'> {
  const uri = 'file:///example.scv';
  const read = readSource(uri, text);
  const program = { file: (wanted: string) => (wanted === uri ? read.file : undefined), resolve: () => '' };
  const facts = new Analyser().analyse(program, uri);
  const messages = [...read.problems, ...facts.problems].map(({ message }) => message);
  const instance = facts.models[0];
  const node = instance?.nodes.findLast((each) => each.kind === 'layer' && each.layer.name === layer.name);
  if (messages.length > 0 || instance === undefined || node?.kind !== 'layer') {
    throw new Error(
      `${layer.name} has no example that works: give its entry an \`example\` (see Example in core/layers/layer.ts). ${messages.join(' ')}\n${text}`,
    );
  }
  return { text, instance, node };
}
