/** What people write from torch, Python and Keras, and how it is said here: names of layers, functions and arguments. */
import { plain } from '../nearest.ts';
import type { Argument } from '../definition.ts';
import { whyAbsent } from '../layers/absent.ts';
import { findLayer, LAYERS } from '../layers/catalogue.ts';
import type { Layer } from '../layers/layer.ts';
import { textOfArgument, textOfExpression } from './words.ts';

interface Habit {
  readonly code: 'keras-name' | 'unknown-layer';
  /** The whole message. */
  readonly message: string;
  /** What may stand in the name's place, where that is all. */
  readonly instead?: Meant;
}

/** What one writes here. */
export interface Meant {
  /** The layer that the arguments are for, where there is one. */
  readonly layer: Layer | undefined;
  readonly text: string;
}

/** Keras's names, and torch's for the same. */
const KERAS_NAMES: ReadonlyMap<string, string> = new Map([
  ['Dense', 'Linear'],
  ['Conv1D', 'Conv1d'],
  ['Conv2D', 'Conv2d'],
  ['Conv3D', 'Conv3d'],
  ['Conv2DTranspose', 'ConvTranspose2d'],
  ['Conv1DTranspose', 'ConvTranspose1d'],
  ['Conv3DTranspose', 'ConvTranspose3d'],
  ['DepthwiseConv2D', 'Conv2d with groups'],
  ['SeparableConv2D', 'two Conv2d, the first with groups'],
  ['MaxPooling1D', 'MaxPool1d'],
  ['MaxPooling2D', 'MaxPool2d'],
  ['MaxPooling3D', 'MaxPool3d'],
  ['MaxPool2D', 'MaxPool2d'],
  ['AveragePooling1D', 'AvgPool1d'],
  ['AveragePooling2D', 'AvgPool2d'],
  ['AveragePooling3D', 'AvgPool3d'],
  ['GlobalAveragePooling2D', 'AdaptiveAvgPool2d(1) -> Flatten'],
  ['GlobalMaxPooling2D', 'AdaptiveMaxPool2d(1) -> Flatten'],
  ['BatchNormalization', 'BatchNorm2d (or BatchNorm1d, BatchNorm3d)'],
  ['LayerNormalization', 'LayerNorm'],
  ['RMSNormalization', 'RMSNorm'],
  ['SimpleRNN', 'RNN'],
  ['SimpleRNNCell', 'RNNCell'],
  ['GroupNormalization', 'GroupNorm'],
  ['SpatialDropout2D', 'Dropout2d'],
  ['ZeroPadding2D', 'ZeroPad2d'],
  ['UpSampling2D', 'Upsample'],
  ['Concatenate', 'Concat'],
  ['Add', 'the operator +'],
  ['Multiply', 'the operator *'],
  ['MultiHeadAttention', 'MultiheadAttention'],
  ['Activation', 'the activation itself, such as ReLU'],
]);

/** What slides, papers and other libraries call a layer, and how it is written here; in small letters, without `_`. */
const COMMON_NAMES: ReadonlyMap<string, string> = new Map([
  ['bn', 'BatchNorm2d'],
  ['ln', 'LayerNorm'],
  ['gn', 'GroupNorm'],
  ['fc', 'Linear'],
  ['fullyconnected', 'Linear'],
  ['swish', 'SiLU'],
  ['gap', 'AdaptiveAvgPool2d(1)'],
  ['globalavgpool', 'AdaptiveAvgPool2d(1)'],
  ['globalavgpool2d', 'AdaptiveAvgPool2d(1)'],
  ['globalaveragepool', 'AdaptiveAvgPool2d(1)'],
  ['globalmaxpool', 'AdaptiveMaxPool2d(1)'],
  ['globalmaxpool2d', 'AdaptiveMaxPool2d(1)'],
  ['depthwiseconv', 'Conv2d with groups=x.channels'],
  ['depthwiseconv2d', 'Conv2d with groups=x.channels'],
  ['separableconv', 'two Conv2d, the first with groups=x.channels'],
  ['separableconv2d', 'two Conv2d, the first with groups=x.channels'],
  ['pointwiseconv', 'Conv2d with kernel_size 1'],
  ['pointwiseconv2d', 'Conv2d with kernel_size 1'],
  ['deconv', 'ConvTranspose2d'],
  ['deconv2d', 'ConvTranspose2d'],
  ['mha', 'MultiheadAttention'],
  ['selfattention', 'MultiheadAttention'],
]);

/** Functions and methods of torch whose layer has another name here; in small letters, without `_`. */
const TORCH_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['cat', 'Concat'],
  ['concatenate', 'Concat'],
  ['view', 'Reshape'],
  ['moveaxis', 'Permute'],
  ['swapaxes', 'Transpose'],
  ['bmm', 'MatMul'],
  ['mm', 'MatMul'],
  ['interp', 'Interpolate'],
  ['upsample', 'Interpolate'],
  ['narrow', 'Slice'],
  ['indexselect', 'Index'],
  ['tile', 'Repeat'],
]);

const TORCH_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['add', '+'],
  ['sub', '-'],
  ['mul', '*'],
  ['div', '/'],
  ['matmul', '@'],
]);

/** Arguments of Keras, old code and papers, and torch's names for them in the order they are looked for. */
const ARGUMENT_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['filters', ['out_channels']],
  ['num_filters', ['out_channels']],
  ['channels', ['out_channels']],
  ['out_planes', ['out_channels']],
  ['units', ['out_features', 'hidden_size']],
  ['strides', ['stride']],
  ['pool_size', ['kernel_size']],
  ['kernel', ['kernel_size']],
  ['ksize', ['kernel_size']],
  ['dilation_rate', ['dilation']],
  ['use_bias', ['bias']],
  ['rate', ['p', 'dropout']],
  ['epsilon', ['eps']],
  ['axis', ['dim']],
  ['axes', ['dims', 'dim']],
  ['keepdims', ['keepdim']],
  ['heads', ['num_heads', 'nhead']],
  ['input_dim', ['num_embeddings']],
  ['output_dim', ['embedding_dim']],
]);

/** torch's name for an argument known by another one. */
export function usualArgument(written: string, names: readonly string[]): string | undefined {
  return ARGUMENT_NAMES.get(written)?.find((name) => names.includes(name));
}

/** What is meant by a stage that is no layer here. */
export function stageHabit(name: string, args: readonly Argument[] | undefined, rank?: number): Habit | undefined {
  const keras = KERAS_NAMES.get(name);
  if (keras !== undefined)
    return {
      code: 'keras-name',
      message: `${name} is Keras's name: in torch, and here, it is ${keras}.`,
      ...optionally('instead', meantBy(keras, args ?? [], rank)),
    };
  const message = otherStage(name, args ?? []);
  if (message === undefined) return undefined;
  return { code: 'unknown-layer', message, ...optionally('instead', otherName(name, args ?? [], rank)) };
}

function otherName(name: string, args: readonly Argument[], rank: number | undefined): Meant | undefined {
  const texts = args.map((each) => textOfArgument(each));
  if (whyAbsent(name, texts) !== undefined) return undefined;
  const common = COMMON_NAMES.get(plain(name));
  if (common !== undefined) return meantBy(common, args, rank);
  const layer = layerOfFunction(name);
  return layer === undefined ? undefined : { layer, text: layer.name };
}

/**
 * A name alone, where arguments can stay; `BatchNorm2d (or BatchNorm1d, BatchNorm3d)` is chosen by the rank. Whole stages
 * where there are no arguments: `AdaptiveAvgPool2d(1) -> Flatten`.
 */
function meantBy(told: string, args: readonly Argument[], rank: number | undefined): Meant | undefined {
  const names = told.match(/[A-Z]\w*/g) ?? [];
  const layers = names.map(findLayer).filter((layer) => layer !== undefined);
  if (/^\w+$/.test(told) || told.includes(' (or ')) {
    const layer = layers.find(({ inputs }) => rank === undefined || inputs.rank?.includes(rank) !== false) ?? layers[0];
    return layer === undefined ? undefined : { layer, text: layer.name };
  }
  const areStages = told.split(' -> ').every((stage) => /^\w+(\(\d+\))?$/.test(stage));
  return areStages && args.length === 0 ? { layer: undefined, text: told } : undefined;
}

function optionally<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
}

function otherStage(name: string, args: readonly Argument[]): string | undefined {
  if (name === 'lambda')
    return 'There are no lambdas: give the tensor a name and write the expression, as in y = x * 2.';
  const absent = whyAbsent(
    name,
    args.map((each) => textOfArgument(each)),
  );
  if (absent !== undefined) return absent;
  const operator = TORCH_OPERATORS.get(plain(name));
  if (operator !== undefined && operator !== '@')
    return `Tensors are put together by an operator: x ${operator} y, not ${name}.`;
  const common = COMMON_NAMES.get(plain(name));
  if (common !== undefined) return `${name} is written ${common} here.`;
  // Other capitals are a typing error, for which the nearest name is told.
  const layer = layerOfFunction(name);
  if (layer === undefined || plain(layer.name) === plain(name)) return undefined;
  const written = args.length === 0 ? layer.name : `${layer.name}(${listed(layer, args)})`;
  return `${name} is called ${layer.name} here: write ${written}.`;
}

/** The layer that a function or method of torch is here. */
function layerOfFunction(name: string): Layer | undefined {
  const other = TORCH_FUNCTIONS.get(plain(name));
  return other === undefined ? LAYERS.find((layer) => plain(layer.name) === plain(name)) : findLayer(other);
}

/** What is meant by a call of a function that there isn't, and what one writes instead of the call. */
export function functionHabit(
  name: string,
  args: readonly Argument[],
): { readonly message: string; readonly instead?: string } | undefined {
  if (name === 'range') {
    const texts = args.map((each) => textOfArgument(each));
    const [a = '0', b = '3'] = texts.length > 1 ? texts : ['0', ...texts];
    return {
      message: `A range is written with two dots: ${a}..${b}, ${b} excluded.`,
      ...(args.length === 1 || args.length === 2 ? { instead: `${a}..${b}` } : {}),
    };
  }
  const [first, second] = args.map(({ value }) => textOfExpression(value));
  const operator = TORCH_OPERATORS.get(plain(name));
  if (operator !== undefined)
    return {
      message: `Tensors are put together by an operator: write ${first ?? 'x'} ${operator} ${second ?? 'y'}, not ${name}(…).`,
      ...(first !== undefined && second !== undefined && args.length === 2
        ? { instead: `${first} ${operator} ${second}` }
        : {}),
    };
  const chain = chainOf(name, args);
  if (chain === undefined) return undefined;
  const message = `${name} is a layer here, and tensors go in by ->: write ${chain}.`;
  return chain.includes('…') || args.length === 0 ? { message } : { message, instead: chain };
}

/** `max_pool2d(relu(x), 2)` as `x -> ReLU -> MaxPool2d(2)`. */
function chainOf(name: string, args: readonly Argument[]): string | undefined {
  const layer = layerOfFunction(name);
  if (layer === undefined) return undefined;
  const fed = args[0]?.value;
  const source =
    fed === undefined
      ? 'x'
      : fed.kind === 'list'
        ? `(${fed.items.map((each) => textOfExpression(each)).join(', ')})`
        : ((fed.kind === 'call' ? chainOf(fed.callee.text, fed.arguments) : undefined) ?? textOfExpression(fed));
  // Weights are functions' arguments in torch, and the layer's own here.
  const rest = layer.weights === undefined ? listed(layer, args.slice(1)) : '…';
  const takesNone = Object.values(layer.parameters).every(({ infer }) => infer !== undefined);
  return `${source} -> ${rest === '' || takesNone ? layer.name : `${layer.name}(${rest})`}`;
}

const MODULES = new Map(LAYERS.flatMap(({ kind, name }) => (kind === 'module' ? [[plain(name), name]] : [])));

/** The layer of which a name is another spelling: `relu`. */
export function respelledLayer(name: string): string | undefined {
  return MODULES.get(plain(name));
}

/** Arguments as one would write them: the first one needs no name. */
function listed(layer: Layer, args: readonly Argument[]): string {
  const first = Object.entries(layer.parameters).find(([, { infer }]) => infer === undefined)?.[0];
  return args
    .map((argument, i) =>
      i === 0 && argument.name !== undefined && argument.name.text === first
        ? textOfExpression(argument.value)
        : textOfArgument(argument),
    )
    .join(', ');
}
