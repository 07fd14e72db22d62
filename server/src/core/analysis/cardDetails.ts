/** What a card of the graph says of a layer or block: the arguments that say most, as torch's users say them. */
import type { Expression } from '../definition.ts';
import { type Condition, type Dimension, constantValue, decided, equal, format, isDimension } from '../dimension.ts';
import type { BlockNode, ExternNode, LayerNode } from '../graph.ts';
import type { LayerArgument, Parameter } from '../layers/parameters.ts';
import { formatValue } from '../elaborate/values.ts';
import type { Family } from '../layers/layer.ts';
import type { CardFamily } from '../view/modelGraph.ts';

/** Arguments that a reader of a picture can do without: what they change shows in the shape, or hardly matters. */
const MINOR: ReadonlySet<string> = new Set([
  'padding',
  'output_padding',
  'padding_mode',
  'bias',
  'eps',
  'momentum',
  'affine',
  'elementwise_affine',
  'track_running_stats',
  'inplace',
  'ceil_mode',
  'count_include_pad',
  'batch_first',
  'align_corners',
]);

/** `12 heads`, `to 1×1`: those whose name isn't what people say. */
const SAID: Readonly<Record<string, (value: string) => string>> = {
  output_size: (value) => `to ${value}`,
  num_heads: (value) => `${value} heads`,
  nhead: (value) => `${value} heads`,
  num_layers: (value) => `${value} layers`,
  scale_factor: (value) => `× ${value}`,
  upscale_factor: (value) => `× ${value}`,
  start_dim: (value) => `from ${value}`,
};

/** `64, 3×3, stride 2, depthwise`; undefined where there is nothing to say. */
export function layerDetails({ layer, arguments: given }: LayerNode): string | undefined {
  const said: string[] = [];
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    const value = given[name];
    if (parameter.infer !== undefined || MINOR.has(name)) continue;
    const text = textOf(value);
    if (text === undefined || isUsual(parameter, name, given)) continue;
    if (name === 'groups') said.push(isDepthwise(given) ? 'depthwise' : `groups ${text.short}`);
    else if (SAID[name] !== undefined) said.push(SAID[name](text.full));
    else said.push(isBare(parameter) ? text.full : `${name} ${text.short}`);
  }
  return said.length === 0 ? undefined : said.join(', ');
}

/** It is what torch takes where nothing is written; a pooling's stride is its kernel then. */
function isUsual({ default: standard }: Parameter<unknown>, name: string, given: LayerNode['arguments']): boolean {
  if (standard === undefined) return false;
  const text = textOf(given[name])?.short;
  if (standard === 'None') return name === 'stride' && text === textOf(given.kernel_size)?.short;
  return text === standard.replaceAll(/["']/g, '');
}

/** `64, stride 2`: the values of a block's parameters that aren't its defaults. */
export function blockDetails({ instance }: BlockNode | ExternNode): string | undefined {
  const said: string[] = [];
  for (const { name, default: standard } of instance.definition.parameters) {
    const value = instance.arguments.get(name.text);
    if (value === undefined || value.kind === 'unknown' || value.kind === 'tensor') continue;
    const text = value.kind === 'float' ? short(value.value) : formatValue(value);
    if (standard === undefined) said.push(text);
    else if (!isWritten(standard, text)) said.push(`${name.text} ${text}`);
  }
  return said.length === 0 ? undefined : said.join(', ');
}

const FAMILY: Readonly<Record<Family, CardFamily>> = {
  convolution: 'convolution',
  linear: 'linear',
  pooling: 'pooling',
  vision: 'pooling',
  reduction: 'pooling',
  activation: 'activation',
  distance: 'activation',
  arithmetic: 'activation',
  normalization: 'normalization',
  attention: 'attention',
  recurrent: 'attention',
  padding: 'shape',
  dropout: 'shape',
  shape: 'shape',
  joining: 'shape',
  selection: 'shape',
};

/** The colour of a layer's card; families that are few together share one. */
export function cardFamily(family: Family): CardFamily {
  return FAMILY[family];
}

function isDepthwise({ groups, in_channels }: Readonly<Record<string, unknown>>): boolean {
  return isDimension(groups) && isDimension(in_channels) && equal(groups, in_channels);
}

/** A required number or size needs no name; of others the name is half of what they say. */
function isBare({ default: standard, keywordOnly }: Parameter<unknown>): boolean {
  return standard === undefined && keywordOnly !== true;
}

interface Text {
  /** A size as `3×3`. */
  readonly full: string;
  /** One number for a size that is the same all around. */
  readonly short: string;
}

function textOf(value: unknown): Text | undefined {
  if (isDimension(value)) return same(format(value));
  if (Array.isArray(value)) return listText(value);
  if (typeof value === 'boolean') return same(value ? 'True' : 'False');
  if (typeof value === 'number') return same(short(value));
  if (typeof value === 'bigint' || typeof value === 'string') return same(String(value));
  if (typeof value !== 'object' || value === null) return undefined;
  if ('layer' in value) return same((value as LayerArgument).layer.name);
  const known = decided(value as Condition);
  return known === undefined ? undefined : same(known ? 'True' : 'False');
}

/** Three figures are enough on a card. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function same(text: string): Text {
  return { full: text, short: text };
}

function listText(items: readonly unknown[]): Text | undefined {
  const texts = items.map((item) => textOf(item)?.short);
  if (texts.some((text) => text === undefined)) return undefined;
  const areSizes = items.length > 1 && items.every((item) => isDimension(item) && isPlace(item));
  const full = texts.join(areSizes ? '×' : ', ');
  return { full, short: new Set(texts).size === 1 && areSizes ? texts[0]! : full };
}

/** Sizes, kernels, strides: not a dimension's index, which can be negative. */
function isPlace(size: Dimension): boolean {
  const known = constantValue(size);
  return known === undefined || known > 0n;
}

function isWritten(expression: Expression, text: string): boolean {
  switch (expression.kind) {
    case 'number':
      return expression.text === text;
    case 'boolean':
      return (expression.value ? 'True' : 'False') === text;
    case 'string':
      return JSON.stringify(expression.value) === text;
    case 'none':
      return text === 'None';
    case 'name':
      return expression.name.text === text;
    default:
      return false;
  }
}
