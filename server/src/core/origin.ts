import type { Site } from './definition.ts';

/** Where one node of a model's graph comes from in one definition. */
export interface Origin extends Site {
  /** The turns of the `for` and `* n` around it in that definition, outermost first, from 0. */
  readonly turns: readonly number[];
}

/**
 * A node of the whole graph by the way to it: the use of a block in the model, the use of a block in that one, and so on,
 * last the node itself. A group, a repetition or a branch on the way has no step: it stands in the same definition.
 */
export type Place = readonly Origin[];
