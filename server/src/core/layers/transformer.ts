/**
 * Transformers, built of the attention, linear maps and normalizations of the other files. Batch first unless told
 * otherwise, as all sequences here.
 *
 * In evaluation without gradients torch takes a fused way through an encoder layer that its own counter doesn't see; the
 * multiply-adds are those of the way that training takes, which computes the same.
 */
import { type Dimension, ONE, constantValue, decided, multiply } from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { MultiheadAttention } from './attention.ts';
import { type Inputs, type Layer, type LayerCall, type ShapedTensor, layer } from './layer.ts';
import { Linear } from './linear.ts';
import { LayerNorm } from './normalization.ts';
import {
  type ArgumentsOf,
  type LayerArgument,
  asValue,
  choice,
  flag,
  float,
  inferred,
  int,
  layerValue,
  optionalLayer,
  presence,
  withArguments,
} from './parameters.ts';
import { features, requireDivides, requireFew } from './rules.ts';
import { type Sees, type Sight, blocks, followed, inSequence, own } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

const SEQUENCE = { rank: [3], layout: '[N, length, features]' } as const;
const PADDING_MASK = { rank: [2], layout: '[N, keys]' } as const;
const MASK = { rank: [2, 3], layout: '[queries, keys] or [N · heads, queries, keys]' } as const;

/** Sequences, then masks of places that may not be seen (bool: True hides; floats are added), then of padding. */
function sequences(names: readonly string[], masks: readonly string[]): Inputs {
  return {
    names: [...names, ...masks],
    optional: masks.length,
    ...SEQUENCE,
    others: Object.fromEntries(masks.map((name) => [name, name.endsWith('padding_mask') ? PADDING_MASK : MASK])),
    types: [...names.map(() => 'float' as const), ...masks.map(() => ['float', 'bool'] as const)],
  };
}

const ENCODER_INPUTS = sequences(['src'], ['src_mask', 'src_key_padding_mask']);
const DECODER_MASKS = ['tgt_mask', 'memory_mask', 'tgt_key_padding_mask', 'memory_key_padding_mask'];
const DECODER_INPUTS = sequences(['tgt', 'memory'], DECODER_MASKS);

const HEADS = 'Heads of each attention: parts of the features that look for something else each.';

const BODY = {
  dim_feedforward: int('Features between the two linear maps.', { min: 1, default: 2048 }),
  dropout: float('Chance of a value to be set to 0, in training.', { min: 0, max: 1, default: 0.1 }),
  activation: choice('What stands between the two linear maps.', ['relu', 'gelu'], 'relu'),
} as const;

const TAIL = {
  layer_norm_eps: float('Added to the variance in the normalizations.', { default: 1e-5 }),
  batch_first: flag('Takes [N, length, features]; else [length, N, features].', true, { torchDefault: 'False' }),
  norm_first: flag('Normalizes before each part, not after it; trains more easily.', false),
  bias: presence('Has learned offsets everywhere.', true),
} as const;

const layerParameters = {
  d_model: inferred('Size of the last dimension of what comes in.', features),
  nhead: int(HEADS, { min: 1 }),
  ...BODY,
  ...TAIL,
} as const;

type LayerArguments = ArgumentsOf<typeof layerParameters>;

/** What both kinds of layer and the whole pass on to what they are built of. */
type Passed = Pick<LayerArguments, 'nhead' | 'dim_feedforward' | 'batch_first' | 'bias'>;

function requireHeads(call: LayerCall, features_: Dimension): void {
  requireDivides(call, 'nhead', features_, 'the features', { why: 'each head gets an equal part of them' });
}

function batchAndLength({ shape: [a, b] }: ShapedTensor, isBatchFirst: boolean) {
  return isBatchFirst ? { batch: a!, length: b! } : { batch: b!, length: a! };
}

/** The masks of one attention: of places for each place that looks, and of padding. */
function checkMasks(
  call: LayerCall,
  { nhead, batch_first }: Passed,
  [query, key]: readonly [ShapedTensor, ShapedTensor],
  [mask, padding]: readonly [number, number],
): void {
  const { batch, length } = batchAndLength(query, batch_first);
  const keys = batchAndLength(key, batch_first).length;
  const check = (index: number, wanted: readonly Dimension[]): void => {
    const given = call.inputs[index]?.shape;
    given?.slice(-wanted.length).forEach((size, i) => {
      call.agree(size, wanted.slice(-given.length)[i]!, () => ({
        code: 'shape-mismatch',
        message: `needs a mask of ${formatShape(wanted.slice(-given.length))} here, but got ${formatShape(given)}.`,
      }));
    });
  };
  check(mask, [multiply(batch, nhead), length, keys]);
  check(padding, [batch, keys]);
}

/** `linear1`, `linear2` and the normalizations behind the attentions, as torch's `__init__` makes them. */
function feedForward(call: LayerCall, { dim_feedforward, bias }: Passed, input: ShapedTensor, norms: number): void {
  const linear = (size: Dimension): LayerArgument =>
    withArguments(Linear, { out_features: asValue.int(size), bias: asValue.bool(bias) });
  const [hidden] = call.part({ name: 'linear1', layer: linear(dim_feedforward), inputs: [input] });
  call.part({ name: 'linear2', layer: linear(input.shape.at(-1)!), inputs: [hidden!] });
  for (let i = 1; i <= norms; i += 1)
    call.part({ name: `norm${i}`, layer: withArguments(LayerNorm, { bias: asValue.bool(bias) }), inputs: [input] });
}

function attend(call: LayerCall, name: string, { nhead, batch_first, bias }: Passed, inputs: readonly ShapedTensor[]) {
  const given = { num_heads: asValue.int(nhead), batch_first: asValue.bool(batch_first), bias: asValue.bool(bias) };
  call.part({ name, layer: withArguments(MultiheadAttention, given), inputs });
}

/**
 * Each place sees all of the sequences of its batch, by attention and the linear maps behind it; of masks of places its
 * own row, of those of padding all.
 */
function layerSight(sequences: number, masks: number): Sees<typeof layerParameters> {
  return ({ inputs, arguments: { nhead, batch_first } }) => {
    const [batch, length] = batch_first ? [0, 1] : [1, 0];
    return inputs.map(({ shape }, i) => {
      if (i < sequences) return shape.map((_, dim) => (dim === batch ? own(dim) : 'all'));
      if (i >= sequences + masks) return [own(batch), 'all'];
      return [...(shape.length === 3 ? [blocks(batch, ONE, nhead)] : []), own(length), 'all'];
    });
  };
}

const TransformerEncoderLayer = layer({
  name: 'TransformerEncoderLayer',
  family: 'attention',
  kind: 'module',
  summary:
    'Every place attends to all others, then goes through two linear maps; both have a residual and a LayerNorm. One layer of BERT or ViT. Masks may come in behind the sequence: True hides a place.',
  documentation: page('TransformerEncoderLayer'),
  attribute: 'transformer_encoder_layer',
  inputs: ENCODER_INPUTS,
  parameters: layerParameters,
  shape(call) {
    const { input: src, arguments: given } = call;
    requireHeads(call, given.d_model);
    checkMasks(call, given, [src, src], [1, 2]);
    attend(call, 'self_attn', given, [src]);
    feedForward(call, given, src, 2);
    return [src.shape];
  },
  sees: layerSight(1, 1),
  python: { kind: 'module', constructor: 'nn.TransformerEncoderLayer' },
  example: { arguments: '8' },
  similarity: 'transformer',
});

/** What is decoded and what it looks at are of one batch and one size. */
function requireAlike(call: LayerCall, [a, b]: readonly ShapedTensor[], isBatchFirst: boolean): void {
  const [first, second] = call.inputs.map(({ shape }) => formatShape(shape));
  const refusal = (what: string) => () => ({
    code: 'shape-mismatch',
    message: `needs both sequences ${what}, but got ${first!} and ${second!}.`,
  });
  call.agree(batchAndLength(a!, isBatchFirst).batch, batchAndLength(b!, isBatchFirst).batch, refusal('of one batch'));
  call.agree(a!.shape[2]!, b!.shape[2]!, refusal('of as many features'));
}

const TransformerDecoderLayer = layer({
  name: 'TransformerDecoderLayer',
  family: 'attention',
  kind: 'module',
  summary:
    'Every place attends to its own sequence, then to another one (the memory), then goes through two linear maps; all have a residual and a LayerNorm. Masks may come in behind the sequences: True hides a place.',
  documentation: page('TransformerDecoderLayer'),
  attribute: 'transformer_decoder_layer',
  inputs: DECODER_INPUTS,
  parameters: layerParameters,
  shape(call) {
    const { arguments: given } = call;
    const [tgt, memory] = call.inputs as readonly [ShapedTensor, ShapedTensor];
    requireHeads(call, given.d_model);
    requireAlike(call, [tgt, memory], given.batch_first);
    checkMasks(call, given, [tgt, tgt], [2, 4]);
    checkMasks(call, given, [tgt, memory], [3, 5]);
    attend(call, 'self_attn', given, [tgt]);
    attend(call, 'multihead_attn', given, [tgt, memory, memory]);
    feedForward(call, given, tgt, 3);
    return [tgt.shape];
  },
  sees: layerSight(2, 2),
  python: { kind: 'module', constructor: 'nn.TransformerDecoderLayer' },
  example: { inputs: ['[N, 20, 64]', '[N, 50, 64]'], arguments: '8' },
  similarity: 'transformer',
});

const NORM = optionalLayer('A normalization after the last layer.', 'instance');

/** Layers in a row, and perhaps a normalization. */
function stacked(
  call: LayerCall,
  argument: 'encoder_layer' | 'decoder_layer',
  { num_layers, norm }: { readonly num_layers: Dimension; readonly norm: LayerArgument | undefined },
): readonly ShapedTensor[] {
  requireFew(call, 'num_layers');
  const one = call.arguments[argument] as LayerArgument;
  const out = call.part({ name: 'layers', layer: one, inputs: call.inputs, argument, count: num_layers });
  return norm === undefined ? out : call.part({ name: 'norm', layer: norm, inputs: out, argument: 'norm' });
}

const TransformerEncoder = layer({
  name: 'TransformerEncoder',
  family: 'attention',
  kind: 'module',
  summary:
    'Layers of self-attention in a row, each with weights of its own: TransformerEncoder(TransformerEncoderLayer(8), 6). Masks may come in behind the sequence: True hides a place.',
  documentation: page('TransformerEncoder'),
  attribute: 'transformer_encoder',
  inputs: sequences(['src'], ['mask', 'src_key_padding_mask']),
  parameters: {
    encoder_layer: layerValue('What each layer is: a TransformerEncoderLayer with its arguments.', 'instance', {
      only: ['TransformerEncoderLayer'],
    }),
    num_layers: int('How many layers there are.', { min: 1 }),
    norm: NORM,
    enable_nested_tensor: flag('In evaluation, skips what a padding mask hides.', true),
    mask_check: flag('Looks whether a padding mask hides only ends, before it skips them.', true),
  },
  shape: (call) => stacked(call, 'encoder_layer', call.arguments).map(({ shape }) => shape),
  sees: ({ parts }) => inSequence(parts),
  python: {
    kind: 'module',
    constructor: 'nn.TransformerEncoder',
    // Where it can't be skipped torch warns that it was asked for, though nobody did.
    said(_, [layers]): Record<string, string> {
      const { norm_first, batch_first, bias, nhead } = layers!.arguments as LayerArguments;
      const skips = !norm_first && batch_first && decided(bias) !== false && (constantValue(nhead) ?? 0n) % 2n === 0n;
      return skips ? {} : { enable_nested_tensor: 'False' };
    },
  },
  example: { arguments: 'TransformerEncoderLayer(8), 6' },
  similarity: 'transformer',
});

const TransformerDecoder = layer({
  name: 'TransformerDecoder',
  family: 'attention',
  kind: 'module',
  summary:
    'Layers in a row that attend to their own sequence and to another one: (tgt, memory) -> TransformerDecoder(TransformerDecoderLayer(8), 6). Masks may come in behind the sequences: True hides a place.',
  documentation: page('TransformerDecoder'),
  attribute: 'transformer_decoder',
  inputs: DECODER_INPUTS,
  parameters: {
    decoder_layer: layerValue('What each layer is: a TransformerDecoderLayer with its arguments.', 'instance', {
      only: ['TransformerDecoderLayer'],
    }),
    num_layers: int('How many layers there are.', { min: 1 }),
    norm: NORM,
  },
  shape: (call) => stacked(call, 'decoder_layer', call.arguments).map(({ shape }) => shape),
  sees: ({ parts }) => inSequence(parts),
  python: { kind: 'module', constructor: 'nn.TransformerDecoder' },
  example: { inputs: ['[N, 20, 64]', '[N, 50, 64]'], arguments: 'TransformerDecoderLayer(8), 6' },
  similarity: 'transformer',
});

const Transformer = layer({
  name: 'Transformer',
  family: 'attention',
  kind: 'module',
  summary:
    'An encoder of one sequence and a decoder of another that attends to it: (src, tgt) -> Transformer. Masks may come in behind the sequences: True hides a place.',
  documentation: page('Transformer'),
  attribute: 'transformer',
  inputs: sequences(
    ['src', 'tgt'],
    ['src_mask', 'tgt_mask', 'memory_mask', 'src_key_padding_mask', 'tgt_key_padding_mask', 'memory_key_padding_mask'],
  ),
  parameters: {
    d_model: inferred('Size of the last dimension of what comes in.', features, { torchDefault: '512' }),
    nhead: int(HEADS, { min: 1, default: 8 }),
    num_encoder_layers: int('How many layers the encoder has.', { min: 1, default: 6 }),
    num_decoder_layers: int('How many layers the decoder has.', { min: 1, default: 6 }),
    ...BODY,
    custom_encoder: optionalLayer('A TransformerEncoder in the place of the usual one.', 'instance', {
      only: ['TransformerEncoder'],
    }),
    custom_decoder: optionalLayer('A TransformerDecoder in the place of the usual one.', 'instance', {
      only: ['TransformerDecoder'],
    }),
    ...TAIL,
  },
  shape(call) {
    const { arguments: given } = call;
    const { nhead, dim_feedforward, batch_first, bias, custom_encoder, custom_decoder } = given;
    const [src, tgt, srcMask, tgtMask, memoryMask, srcPadding, tgtPadding, memoryPadding] = call.inputs;
    requireAlike(call, [src!, tgt!], batch_first);
    const passed = {
      nhead: asValue.int(nhead),
      dim_feedforward: asValue.int(dim_feedforward),
      batch_first: asValue.bool(batch_first),
      bias: asValue.bool(bias),
    };
    const run = (
      name: 'encoder' | 'decoder',
      one: Layer,
      custom: LayerArgument | undefined,
      wanted: readonly (ShapedTensor | undefined)[],
    ): ShapedTensor => {
      const inputs = wanted.filter((each) => each !== undefined);
      if (custom !== undefined) return call.part({ name, layer: custom, inputs, argument: `custom_${name}` })[0]!;
      const count = `num_${name}_layers` as const;
      requireFew(call, count);
      requireHeads(call, given.d_model);
      const out = call.part({
        name: `${name}.layers`,
        layer: withArguments(one, passed),
        inputs,
        count: given[count],
      });
      return call.part({
        name: `${name}.norm`,
        layer: withArguments(LayerNorm, { bias: passed.bias }),
        inputs: out,
      })[0]!;
    };

    const memory = run('encoder', TransformerEncoderLayer, custom_encoder, [src, srcMask, srcPadding]);
    const decoded = [tgt, memory, tgtMask, memoryMask, tgtPadding, memoryPadding];
    return [run('decoder', TransformerDecoderLayer, custom_decoder, decoded).shape];
  },
  sees({ parts, inputs }) {
    const decodes = parts.findIndex(({ name }) => name.startsWith('decoder'));
    const encoded = inSequence(parts.slice(0, decodes));
    const decoded = inSequence(parts.slice(decodes));
    const { shape } = parts[decodes]!.inputs[0]!;
    const [src, srcMask, srcPadding] = encoded.map((sight) => followed(sight, decoded[1]!, shape.length));
    const [tgt, , tgtMask, memoryMask, tgtPadding, memoryPadding] = decoded;
    return [src, tgt, srcMask, tgtMask, memoryMask, srcPadding, tgtPadding, memoryPadding].slice(
      0,
      inputs.length,
    ) as Sight[];
  },
  python: { kind: 'module', constructor: 'nn.Transformer' },
  example: { inputs: ['[N, 50, 64]', '[N, 20, 64]'] },
  similarity: 'transformer',
});

export const transformers: readonly Layer[] = [
  TransformerEncoderLayer,
  TransformerEncoder,
  TransformerDecoderLayer,
  TransformerDecoder,
  Transformer,
];
