import type { Definition, Expression, Site, Stage, StageBody, Statement } from './definition.ts';
import type { Condition, Dimension } from './dimension.ts';
import type { Layer, PartFacts, WeightShape } from './layers/layer.ts';
import type { Problem } from './problem.ts';
import type { DataType, Shape, Tensor } from './tensor.ts';
import type { Value } from './value.ts';

/**
 * The model graph: what one definition becomes for given arguments and input shapes.
 *
 * It is a tree of modules, as PyTorch's is, with tensors running between the leaves. Equal uses of a definition share
 * one {@link Instance}, so nothing in it knows where it is used; paths are made by walking down (analysis/walk.ts).
 */
export interface Instance {
  readonly definition: Definition;
  readonly arguments: ReadonlyMap<string, Value>;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  /** In the order of the text, which is an order of execution. */
  readonly nodes: readonly Node[];
  /** What is said of it, uses of blocks with errors of their own included. */
  readonly problems: readonly Problem[];
  /** What must hold of the free sizes, besides what holds anyway. */
  readonly conditions: readonly SizeCondition[];
  /** What was found at each place of the definition, in order of visits (a loop visits its body many times). */
  readonly facts: Facts;
  /** How many nodes there are, those of blocks inside included. */
  readonly size: number;
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
  readonly site: Site;
}

/** "H divisible by 16", and the place that asks for it. */
export interface SizeCondition {
  readonly condition: Condition;
  readonly text: string;
  readonly site: Site;
}

export type Node = InputNode | LayerNode | BlockNode | ExternNode | GroupNode | OperatorNode | WeightNode | NumberNode;

interface NodeBase {
  readonly site: Site;
  /** The attribute's name in the module around it, hence in the `state_dict`'s keys; absent for what is no module. */
  readonly name: string | undefined;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** The iterations of `for` and `* n` that it stands in, outermost first. */
  readonly iterations: readonly Iteration[];
  readonly frozen: boolean;
}

export interface InputNode extends NodeBase {
  readonly kind: 'input';
}

/** A layer of the catalogue, or one of its tensor functions. */
export interface LayerNode extends NodeBase {
  readonly kind: 'layer';
  readonly layer: Layer;
  /** Every parameter by name, inferred and default ones included, as the catalogue's rules take them. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Nothing was refused: all arguments are there and fit what comes in. */
  readonly complete: boolean;
  /** The layers that it is built of. */
  readonly parts: readonly PartFacts[];
  readonly weights: readonly WeightShape[];
  /** Multiply-adds for one sample are these at N = 1. */
  readonly macs: Dimension;
  /** What the layers make that it is built of, over the whole batch; absent where it is built of none. */
  readonly valuesInside?: Dimension;
  /** The `layer` statement that it is a use of; its weights count once. */
  readonly shared?: Statement;
}

export interface BlockNode extends NodeBase {
  readonly kind: 'block';
  readonly instance: Instance;
  readonly shared?: Statement;
}

export interface ExternNode extends NodeBase {
  readonly kind: 'extern';
  readonly instance: Instance;
  readonly parameters: Dimension;
  readonly macs: Dimension;
  readonly shared?: Statement;
}

/** A module of modules: a group, a labelled repetition, branches with a label (or inside a group). */
export interface GroupNode extends NodeBase {
  readonly kind: 'group';
  readonly form: 'Sequential' | 'ModuleList' | 'ModuleDict' | 'Module';
  readonly nodes: readonly Node[];
  readonly shared?: Statement;
}

/** `+ - * / ** @` and comparisons on tensors. */
export interface OperatorNode extends NodeBase {
  readonly kind: 'operator';
  readonly operator: string;
  readonly macs: Dimension;
}

export interface WeightNode extends NodeBase {
  readonly kind: 'weight' | 'buffer';
}

/** A number that stands for a tensor: `1 - x`. */
export interface NumberNode extends NodeBase {
  readonly kind: 'number';
}

/** One turn of a `for` or `* n`. */
export interface Iteration {
  readonly loop: Stage;
  readonly index: Dimension;
  /** What the names of the `for` stand for. */
  readonly values: ReadonlyMap<string, Value>;
  /** What comes into this turn. */
  readonly inputs: readonly (Shape | undefined)[];
}

// ---------------------------------------------------------------------------------------------- facts by place

/** A stage as a whole, its body at each turn of its count, an expression, a statement. */
export type Facts = ReadonlyMap<Stage | StageBody | Expression | Statement, readonly Fact[]>;

/** What elaboration found at one place of a definition, on one visit. */
export interface Fact {
  readonly iterations: readonly Iteration[];
  /** What comes out: of a stage, the tensors; of an expression, its value. */
  readonly value: Value;
  /** Of a stage: what goes in. */
  readonly inputs?: readonly Tensor[];
  /** Of a stage that is a layer, block or group: its node. */
  readonly node?: Node;
  /** Of an `if`: whether its condition holds; absent where it isn't decided. */
  readonly taken?: boolean;
}

export type { Shape, DataType };
