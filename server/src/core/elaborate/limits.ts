/** What no program may pass: beyond these it is a mistake, and said so. */

/** More turns than this is a mistake, not a model. */
export const LOOP_LIMIT = 10_000;
/** Blocks inside blocks that use themselves. */
export const RECURSION_LIMIT = 64;
/** Tensors that come out of one definition: blocks that use themselves can double them. */
export const OUTPUT_LIMIT = 1_000;
/** Layers in one model, every repetition counted. */
export const NODE_LIMIT = 1_000_000;
