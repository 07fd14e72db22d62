/** Small modules around what is a call elsewhere, for use in an `nn.Sequential`. */
import type { Layer, PythonCall } from '../layers/layer.ts';
import type { DataType } from '../tensor.ts';
import { layoutDefinition, layoutStatement } from './layout.ts';

type Imported = (layer: Layer, name: string) => string;

/** Tensor functions as modules: one class each, with the arguments that any use gives. */
export class FunctionModules {
  readonly #uses = new Map<Layer, { readonly name: string; readonly written: Set<string> }>();
  readonly #name: (wanted: string) => string;
  readonly #imported: Imported;

  /** @param imported as {@link PythonCall.imported} of a layer */
  constructor(name: (wanted: string) => string, imported: Imported) {
    this.#name = name;
    this.#imported = imported;
  }

  use(layer: Layer, written: readonly string[]): string {
    let use = this.#uses.get(layer);
    if (use === undefined) {
      use = { name: this.#name(layer.name), written: new Set() };
      this.#uses.set(layer, use);
    }
    for (const name of written) use.written.add(name);
    return use.name;
  }

  *sources(): Generator<readonly string[]> {
    for (const [layer, { name, written }] of this.#uses) {
      yield source(
        name,
        layer,
        Object.keys(layer.parameters).filter((parameter) => written.has(parameter)),
        this.#imported,
      );
    }
  }
}

function source(name: string, layer: Layer, written: readonly string[], imported: Imported): string[] {
  const { python, inputs } = layer;
  if (python.kind !== 'function') return [];
  const fields = written.map((parameter) => ({ parameter, entry: layer.parameters[parameter] }));
  const isSeveral = inputs.variadic === true || inputs.names.length - (inputs.optional ?? 0) > 1;
  const names = inputs.variadic === true ? ['*inputs'] : inputs.names.map((each) => (each === 'input' ? 'x' : each));
  const has = new Set(written);
  const call: PythonCall = {
    inputs: names,
    types: [],
    object: names[0] ?? 'x',
    argument: (parameter) => (has.has(parameter) ? `self.${parameter}` : undefined),
    items: (parameter) => (has.has(parameter) ? `*self.${parameter}` : undefined),
    keywords: (...parameters) =>
      parameters.map((parameter) => (has.has(parameter) ? `, ${parameter}=self.${parameter}` : '')).join(''),
    imported: (wanted) => imported(layer, wanted),
  };
  const template = python.first ?? python.expression;
  const expression = template(call).replace('[*inputs]', 'inputs');
  const parameters = fields.map(({ parameter, entry }) => {
    if (entry?.variadic === true && fields.length === 1) return `*${parameter}: int`;
    const standard = entry?.default === undefined ? '' : ` = ${entry.default}`;
    return `${parameter}: ${annotation(entry?.type ?? '')}${standard}`;
  });
  const forward =
    isSeveral && inputs.variadic === true
      ? '*inputs: torch.Tensor'
      : names.map((each) => `${each}: torch.Tensor`).join(', ');
  const result = layer.outputs === 'tuple' ? 'tuple[torch.Tensor, ...]' : 'torch.Tensor';
  const init =
    fields.length === 0
      ? []
      : [
          ...layoutDefinition('__init__', ['self', ...parameters], 'None', 1),
          '        super().__init__()',
          ...written.map((parameter) => `        self.${parameter} = ${parameter}`),
          '',
        ];
  return [
    `class ${name}(nn.Module):`,
    ...init,
    ...layoutDefinition('forward', ['self', ...forward.split(', ')], result, 1),
    ...layoutStatement('return ', expression, '', 2),
  ];
}

function annotation(type: string): string {
  if (type === 'int' || type === 'float' || type === 'bool' || type === 'str') return type;
  if (type === 'ints') return 'tuple[int, ...]';
  if (type === 'int or None') return 'int | None';
  if (type === 'float or None') return 'float | None';
  if (type.startsWith('"')) return 'str';
  if (type.startsWith('int or'))
    return type.includes('None') ? 'int | tuple[int, ...] | None' : 'int | tuple[int, ...]';
  return 'object';
}

/** How a module is called with its inputs alone. */
function called(layer: Layer, module: string, inputs: readonly string[], types: readonly DataType[]): string {
  const forward = layer.python.kind === 'module' ? layer.python.forward : undefined;
  const call: PythonCall = {
    inputs,
    types,
    object: inputs[0] ?? 'x',
    argument: () => undefined,
    items: () => undefined,
    keywords: () => '',
    imported: (wanted) => wanted,
  };
  return forward?.(module, inputs, call) ?? `${module}(${inputs.join(', ')})`;
}

/** Whether a layer is called otherwise than `module(x, …)`. */
export function isForwarded(layer: Layer, types: readonly DataType[]): boolean {
  const inputs = layer.inputs.names.slice(0, types.length);
  return called(layer, 'm', inputs, types) !== `m(${inputs.join(', ')})`;
}

/** A layer of several outputs that passes on its first. */
export function firstOutputSource(
  name: string,
  constructor: string,
  layer: Layer,
  types: readonly DataType[],
): string[] {
  const inputs = types.length === 1 ? ['x'] : types.map((_, i) => `x${i + 1}`);
  const whole = called(layer, 'super().forward', inputs, types);
  const text = layer.outputs === undefined ? whole : `${whole}[0]`;
  return [
    `class ${name}(${constructor}):`,
    `    """${constructor} that ${text.endsWith('[0]') ? 'passes on the first of its outputs' : 'takes its inputs by position'}, for use in nn.Sequential."""`,
    '',
    ...layoutDefinition('forward', ['self', ...inputs.map((each) => `${each}: torch.Tensor`)], 'torch.Tensor', 1),
    ...layoutStatement('return ', text, '', 2),
  ];
}
