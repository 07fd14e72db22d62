/** What the constructor of a block makes: two uses of one shared block must agree in it, whatever flows through them. */
import { key, isDimension } from '../dimension.ts';
import type { Instance, LayerNode, Node } from '../graph.ts';
import { hashText } from '../hash.ts';
import { valueKey } from './values.ts';
import { onceFor } from '../once.ts';

/** Characters. */
const LONGEST = 1000;

const known = new WeakMap<Instance, string>();

/** The modules of a block with their arguments, and its weights, as one text. */
export function builtOf(instance: Instance): string {
  return onceFor(known, instance, () => {
    const own = instance.definition.kind === 'extern' ? argumentsOf(instance) : '';
    const whole = `${instance.definition.id}(${own}){${instance.nodes.map(builtNode).join('')}}`;
    // Blocks of blocks of blocks would make a text of any length.
    return whole.length > LONGEST ? hashText(whole) : whole;
  });
}

function builtNode(node: Node): string {
  switch (node.kind) {
    case 'layer':
      return node.layer.python.kind === 'module' ? `${layerOf(node)};` : '';
    case 'block':
    case 'extern':
      return `${builtOf(node.instance)};`;
    case 'group':
      return `${node.form}(${node.nodes.map(builtNode).join('')});`;
    case 'weight':
    case 'buffer':
      return `${node.kind}[${node.outputs[0]?.shape?.map(key).join() ?? '?'}];`;
    case 'operator':
    case 'input':
    case 'number':
      return '';
  }
}

/** Without what is read from the tensor when the model runs. */
function layerOf({ layer, arguments: given }: LayerNode): string {
  const parts = Object.entries(given).flatMap(([name, value]) =>
    layer.parameters[name]?.runtime === true ? [] : [`${name}=${textOf(value)}`],
  );
  return `${layer.name}(${parts.join()})`;
}

function argumentsOf({ arguments: given }: Instance): string {
  return [...given].map(([name, value]) => `${name}=${value.kind === 'tensor' ? '' : valueKey(value)}`).join();
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  return isDimension(value) ? key(value) : String(value);
}
