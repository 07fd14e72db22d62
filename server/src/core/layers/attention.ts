/** Attention: every place looks at every other and takes a weighted mean of what it finds there. */
import {
  type Dimension,
  TRUE,
  ZERO,
  add,
  and,
  compare,
  constant,
  equal,
  modulo,
  multiply,
  not,
  product,
  sum,
} from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, type ShapedTensor, layer } from './layer.ts';
import { flag, float, inferred, inferredOrNone, int, optionalFloat, presence } from './parameters.ts';
import { broadcast, features, requireDivides } from './rules.ts';
import { type Seen, broadcastSight, own } from './sight.ts';

/** The size of key or value where it isn't that of the query: torch then has a weight for each. */
function otherSize(index: 1 | 2) {
  return (inputs: readonly ShapedTensor[], given: unknown): Dimension | undefined => {
    const size = features([inputs[index] ?? inputs[0]!]);
    const own = features(inputs);
    return given === undefined && size !== undefined && own !== undefined && equal(size, own) ? undefined : size;
  };
}

const attentionParameters = {
  embed_dim: inferred('Size of the last dimension of the query.', features),
  num_heads: int('Parts that the features are divided into; each looks for something else.', { min: 1 }),
  dropout: float('Chance of an attention weight to be set to 0, in training.', { min: 0, max: 1, default: 0 }),
  bias: presence('Has learned offsets in its four linear maps.', true),
  add_bias_kv: flag('Adds a learned place to key and value.', false),
  add_zero_attn: flag('Adds a place of zeros to key and value.', false),
  kdim: inferredOrNone("Size of the last dimension of the key, where it isn't that of the query.", otherSize(1)),
  vdim: inferredOrNone("Size of the last dimension of the value, where it isn't that of the query.", otherSize(2)),
  batch_first: flag('Takes [N, length, features]; else [length, N, features].', true, { torchDefault: 'False' }),
} as const;

type AttentionCall = LayerCall<typeof attentionParameters>;

/** Query, key and value, each its own where only one comes in; as [batch, length, features]. */
function queryKeyValue({ inputs, arguments: { batch_first } }: AttentionCall) {
  const [query, key = query, value = key] = inputs;
  const order = ({ shape: [a, b, size] }: ShapedTensor) =>
    batch_first ? { batch: a!, length: b!, size: size! } : { batch: b!, length: a!, size: size! };
  return { query: order(query!), key: order(key!), value: order(value!) };
}

export const MultiheadAttention = layer({
  name: 'MultiheadAttention',
  family: 'attention',
  kind: 'module',
  summary:
    'Every place of the query looks at all places of the key and takes a weighted mean of the value, in several heads at once. With one tensor it attends to itself.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html',
  attribute: 'attn',
  inputs: { names: ['query', 'key', 'value'], optional: 2, rank: [3], layout: '[N, length, features]' },
  parameters: attentionParameters,
  shape(call) {
    const { embed_dim } = call.arguments;
    if (call.inputs.length === 2) {
      call.refuse({
        code: 'input-count',
        message:
          'takes one tensor, or three (query, key, value), but gets 2. For key and value alike: (query, other, other).',
      });
    }
    requireDivides(call, 'num_heads', embed_dim, 'the features', { why: 'each head gets an equal part of them' });
    const { query, key, value } = queryKeyValue(call);
    const shapes = call.inputs.map((input) => formatShape(input.shape)).join(', ');
    for (const [other, name] of [
      [key, 'key'],
      [value, 'value'],
    ] as const) {
      call.agree(query.batch, other.batch, () => ({
        code: 'shape-mismatch',
        message: `needs query and ${name} of one batch, but got ${shapes}.`,
      }));
    }
    call.agree(key.length, value.length, () => ({
      code: 'shape-mismatch',
      message: `needs as many keys as values, but got ${shapes}.`,
    }));
    return [call.input.shape];
  },
  sees({ inputs, arguments: { batch_first } }) {
    const [batch, length] = batch_first ? [0, 1] : [1, 0];
    return inputs.map((_, index) =>
      [0, 1, 2].map((i) => (i === batch || (i === length && index === 0 && inputs.length > 1) ? own(i) : 'all')),
    );
  },
  weights({ arguments: { embed_dim, bias, add_bias_kv, kdim, vdim } }) {
    const own = kdim === undefined && vdim === undefined ? TRUE : and(same(kdim, embed_dim), same(vdim, embed_dim));
    const three = multiply(constant(3), embed_dim);
    return [
      { name: 'in_proj_weight', kind: 'parameter', shape: [three, embed_dim], present: own },
      { name: 'q_proj_weight', kind: 'parameter', shape: [embed_dim, embed_dim], present: not(own) },
      { name: 'k_proj_weight', kind: 'parameter', shape: [embed_dim, kdim ?? embed_dim], present: not(own) },
      { name: 'v_proj_weight', kind: 'parameter', shape: [embed_dim, vdim ?? embed_dim], present: not(own) },
      { name: 'in_proj_bias', kind: 'parameter', shape: [three], present: bias },
      ...(add_bias_kv
        ? (['bias_k', 'bias_v'] as const).map(
            (name) => ({ name, kind: 'parameter', shape: [constant(1), constant(1), embed_dim] }) as const,
          )
        : []),
      { name: 'out_proj.weight', kind: 'parameter', shape: [embed_dim, embed_dim] },
      { name: 'out_proj.bias', kind: 'parameter', shape: [embed_dim], present: bias },
    ];
  },
  macs(call) {
    const { embed_dim, add_bias_kv, add_zero_attn } = call.arguments;
    const { query, key, value } = queryKeyValue(call);
    const seen = add(key.length, constant((add_bias_kv ? 1 : 0) + (add_zero_attn ? 1 : 0)));
    return product([
      query.batch,
      embed_dim,
      sum([
        product([constant(2), query.length, embed_dim]),
        multiply(key.length, key.size),
        multiply(value.length, value.size),
        product([constant(2), query.length, seen]),
      ]),
    ]);
  },
  python: {
    kind: 'module',
    constructor: 'nn.MultiheadAttention',
    forward: (module, [query, key = query, value = key]) =>
      `${module}(${query!}, ${key!}, ${value!}, need_weights=False)[0]`,
    repeatsInputs: true,
  },
  similarity: 'attention',
});

function same(size: Dimension | undefined, other: Dimension) {
  return size === undefined ? TRUE : compare('==', size, other);
}

const ScaledDotProductAttention = layer({
  name: 'ScaledDotProductAttention',
  family: 'attention',
  kind: 'function',
  summary: 'softmax(query · keyᵀ / √features) · value: the heart of attention, without weights of its own.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html',
  inputs: {
    names: ['query', 'key', 'value', 'attn_mask'],
    optional: 1,
    minimumRank: 2,
    types: ['float', 'float', 'float', 'any'],
  },
  parameters: {
    dropout_p: float('Chance of an attention weight to be set to 0, also in evaluation.', {
      min: 0,
      max: 1,
      default: 0,
    }),
    is_causal: flag('Each place sees only those before it.', false),
    scale: optionalFloat('What the products are multiplied by; 1 / √features where None.', { keywordOnly: true }),
    enable_gqa: flag('Key and value may have fewer heads than the query.', false, { keywordOnly: true }),
  },
  shape(call) {
    const [query, key, value, mask] = call.inputs;
    const shapes = call.inputs.map((input) => formatShape(input.shape)).join(', ');
    const [length, size] = query!.shape.slice(-2);
    const [keys, keySize] = key!.shape.slice(-2);
    const [values, out] = value!.shape.slice(-2);
    const mismatch = (what: string) => () => ({ code: 'shape-mismatch', message: `${what}, but got ${shapes}.` });
    call.agree(size!, keySize!, mismatch('needs query and key of one size'));
    call.agree(keys!, values!, mismatch('needs as many keys as values'));
    if (mask !== undefined && call.arguments.is_causal) {
      call.refuse({
        code: 'argument-value',
        message: 'takes an attn_mask or is_causal=True, not both.',
        argument: 'is_causal',
      });
    }
    const heads = leadingSizes(call, mismatch('needs query, key and value of one batch and number of heads'));
    if (mask !== undefined) {
      const full = [...heads, length!, keys!];
      const wide = broadcast(call, [mask.shape, full], mismatch('needs a mask of [queries, keys]'));
      if (wide.length !== full.length) call.refuse(mismatch('needs a mask of [queries, keys]')());
      wide.forEach((each, i) => call.agree(each, full[i]!, mismatch('needs a mask of [queries, keys]')));
    }
    return [[...heads, length!, out!]];
  },
  sees({ inputs, arguments: { enable_gqa } }, output) {
    const last = output.length - 1;
    // Of the last two dimensions: queries see all keys and values, and all of their own features.
    const ends: readonly (readonly Seen[])[] = [
      [own(last - 1), 'all'],
      ['all', 'all'],
      ['all', own(last)],
      [own(last - 1), 'all'],
    ];
    return inputs.map(({ shape }, i) => [
      ...broadcastSight(shape, output)
        .slice(0, -2)
        .map((seen, k) => (enable_gqa && k === shape.length - 3 ? 'unknown' : seen)),
      ...ends[i]!.slice(-shape.length),
    ]);
  },
  macs(call, [output]) {
    const [query, key] = call.inputs;
    const heads = output!.slice(0, -2);
    const places = multiply(query!.shape.at(-2)!, key!.shape.at(-2)!);
    // The products of query and key aren't repeated for a value of more heads.
    const batchOf = ({ shape }: ShapedTensor) => shape.slice(0, call.arguments.enable_gqa ? -3 : -2);
    const own = broadcast({ agree: () => undefined }, [query!, key!].map(batchOf), () => NEVER);
    const before = call.arguments.enable_gqa ? [...own, query!.shape.at(-3)!] : own;
    return multiply(places, add(product([...before, query!.shape.at(-1)!]), product([...heads, output!.at(-1)!])));
  },
  python: {
    kind: 'function',
    expression: ({ inputs: [query, key, value, mask], keywords }) =>
      `F.scaled_dot_product_attention(${query!}, ${key!}, ${value!}${mask === undefined ? '' : `, attn_mask=${mask}`}${keywords('dropout_p', 'is_causal', 'scale', 'enable_gqa')})`,
  },
  example: { inputs: ['[N, 8, 50, 64]', '[N, 8, 50, 64]', '[N, 8, 50, 64]'] },
  similarity: 'attention',
});

const NEVER = { code: 'shape-mismatch', message: '' };

function leadingSizes(call: LayerCall, refusal: () => { code: string; message: string }): readonly Dimension[] {
  const leading = call.inputs.slice(0, 3).map(({ shape }) => shape.slice(0, -2));
  if (call.arguments.enable_gqa !== true) return broadcast(call, leading, refusal);
  const heads = leading.map((sizes) => sizes.at(-1));
  const batch = broadcast(
    call,
    leading.map((sizes) => sizes.slice(0, -1)),
    refusal,
  );
  const [own] = heads;
  for (const other of heads) {
    if (own === undefined || other === undefined) return call.refuse(refusal());
    call.require(compare('==', modulo(own, other), ZERO), refusal);
  }
  return [...batch, own!];
}

export const attentions: readonly Layer[] = [MultiheadAttention, ScaledDotProductAttention];
