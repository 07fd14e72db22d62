/**
 * A model as a picture needs it: plain data that crosses a wire. It mirrors the model graph (graph.ts): blocks that are
 * used in the same way are one module here, so a model of a million layers is as long as its text.
 */

export interface ModelGraph {
  readonly name: string;
  /** The first one is the model; a block's node says which one it is. */
  readonly modules: readonly ModuleData[];
  /** The height and width that were put in for free ones; the image size of the data set. */
  readonly at?: readonly [height: number, width: number];
}

/** What a model or block becomes, for one way of using it. */
export interface ModuleData {
  /** {@link Definition.id}: the file and the name. */
  readonly definition: string;
  readonly title: string;
  /** A tensor's number is its place in {@link shapes}; what runs through a module keeps its number all through. */
  readonly inputs: readonly PortData[];
  readonly outputs: readonly PortData[];
  /** Of each tensor, batch left out, `64 × 56 × 56`; `?` where it isn't known. */
  readonly shapes: readonly string[];
  /** In the order of the text. */
  readonly nodes: readonly NodeData[];
  readonly counts: CountsData;
}

export interface PortData {
  readonly name: string;
  readonly tensor: number;
  readonly origin: OriginData;
  readonly problem?: ProblemData;
}

/** An {@link Origin} in the module's own definition. */
export interface OriginData {
  /** The definition's header is -1, its statements count from 0. */
  readonly part: number;
  /** UTF-16 offsets in the part, half open. */
  readonly start: number;
  readonly end: number;
  /** The turns of the `for` and `* n` around it, outermost first; none where absent. */
  readonly turns?: readonly number[];
}

export const NODE_KINDS = ['layer', 'block', 'extern', 'group', 'operator', 'weight', 'buffer', 'number'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export const CARD_FAMILIES = [
  'convolution',
  'linear',
  'pooling',
  'activation',
  'normalization',
  'attention',
  'shape',
  'block',
] as const;
/** The colours of cards; the catalogue's families are put together to these. */
export type CardFamily = (typeof CARD_FAMILIES)[number];

export interface NodeData {
  readonly kind: NodeKind;
  readonly family: CardFamily;
  /** `Conv2d`, `+`, `Concat`, a block's name. */
  readonly title: string;
  /** What the author called it: its label, or the name of a weight. */
  readonly name?: string;
  /** Its attribute in the module around it, hence in the keys of the `state_dict`. */
  readonly key?: string;
  /** The arguments that say most, as torch's users say them: `64, 3×3, stride 2`. */
  readonly details?: string;
  /** Tensors' numbers, in the order of torch's `forward`; of a group what runs into it from outside. */
  readonly inputs: readonly number[];
  /** How `forward` calls them, where there are several. */
  readonly inputNames?: readonly string[];
  readonly outputs: readonly number[];
  readonly counts: CountsData;
  /** It puts any number of tensors together: a pill, not a card. */
  readonly isJoin?: true;
  readonly frozen?: true;
  /** A use of a shared layer: which of the module's shared ones it is (from 0), the how manieth use (from 1), of how many. */
  readonly shared?: { readonly layer: number; readonly use: number; readonly of: number };
  readonly problem?: ProblemData;
  /** Of the stage, expression or statement that it is. */
  readonly origin: OriginData;
  /** Of a block: its place in {@link ModelGraph.modules}. */
  readonly module?: number;
  /** Of a group: what is in it. */
  readonly nodes?: readonly NodeData[];
}

/** For one sample; absent where a number hangs on a free size or isn't known. Weights of shared layers count once. */
export interface CountsData {
  readonly parameters?: number;
  /** Multiply-adds. */
  readonly macs?: number;
  /** Bytes of what comes out of the layers. */
  readonly bytes?: number;
}

export interface ProblemData {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}
