/** For which free sizes a model works. */
import { type Conjunction, conjunction } from '../dimension.ts';
import type { Instance } from '../graph.ts';
import { onceFor } from '../once.ts';

const found = new WeakMap<Instance, Conjunction>();

/** All conditions of an instance as one, each thing about one size said once: "H divisible by 16 and W ≥ 33". */
export function workingSizes(instance: Instance): Conjunction {
  return onceFor(found, instance, () => conjunction(instance.conditions.map(({ condition }) => condition)));
}
