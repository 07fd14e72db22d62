/** For which free sizes a model works. */
import { type Conjunction, conjunction } from '../dimension.ts';
import type { Instance } from '../graph.ts';

const found = new WeakMap<Instance, Conjunction>();

/** All conditions of an instance as one, each thing about one size said once: "H divisible by 16 and W ≥ 33". */
export function workingSizes(instance: Instance): Conjunction {
  let known = found.get(instance);
  if (known === undefined) {
    known = conjunction(instance.conditions.map(({ condition }) => condition));
    found.set(instance, known);
  }
  return known;
}
