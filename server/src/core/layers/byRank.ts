/** The catalogue in the order in which a tensor of some rank may want its layers. */
import { LAYERS } from './catalogue.ts';
import type { Layer } from './layer.ts';

/** What most vision models are made of, the most common first; without the dimensions in a name. */
const COMMON: readonly string[] = [
  'Conv',
  'ReLU',
  'BatchNorm',
  'Linear',
  'MaxPool',
  'Flatten',
  'Dropout',
  'AdaptiveAvgPool',
  'AvgPool',
  'GELU',
  'LayerNorm',
  'Concat',
  'SiLU',
  'GroupNorm',
  'ConvTranspose',
  'MultiheadAttention',
  'Reshape',
  'Permute',
  'Interpolate',
  'Embedding',
  'LSTM',
  'Softmax',
  'Sigmoid',
];

function commonness({ name }: Layer): number {
  const at = COMMON.indexOf(name.replace(/[123]d$/, ''));
  return at < 0 ? COMMON.length : at;
}

/** 0 where it takes such a tensor, 1 where it doesn't; of an unknown tensor the layers for images fit best. */
export function rankMisfit({ name, inputs: { rank: ranks, minimumRank = 0 } }: Layer, rank: number | undefined): 0 | 1 {
  if (rank === undefined) return /[13]d$/.test(name) ? 1 : 0;
  return (ranks === undefined ? rank >= minimumRank : ranks.includes(rank)) ? 0 : 1;
}

const orders = new Map<number | undefined, readonly Layer[]>();

/** Those that take a tensor of this rank first, common ones before rare ones. */
export function layersByRank(rank: number | undefined): readonly Layer[] {
  let order = orders.get(rank);
  if (order === undefined) {
    order = LAYERS.toSorted((a, b) => rankMisfit(a, rank) - rankMisfit(b, rank) || commonness(a) - commonness(b));
    orders.set(rank, order);
  }
  return order;
}
