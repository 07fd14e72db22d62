/**
 * The form of a catalogue entry: everything that is known about one layer, in one place. Validation, shapes, counts,
 * completion, hovers, docs and the generated Python all read it; nothing else knows a layer by name.
 *
 * To add a layer, write one entry in the file of its family (convolution.ts is the example for a module, joining.ts for a
 * function) and put it in the list at the end of that file. Then run `SCV_LAYER=Name SCV_CASES=200` with
 * test/oracle/layers.test.ts: it makes cases from the parameters' types and holds shapes, weights, multiply-adds, refusals
 * and Python templates against torch; inputs or arguments that must fit each other are described in its cases.ts. The same
 * with test/oracle/sight.test.ts holds `sees`, and `npm run docs` writes its page.
 */
import type { Condition, Dimension } from '../dimension.ts';
import type { DataType, Shape, Tensor } from '../tensor.ts';
import type { LayerArgument, Parameters, ArgumentsOf } from './parameters.ts';
import type { Sees } from './sight.ts';

export const FAMILIES = [
  'convolution',
  'pooling',
  'padding',
  'activation',
  'normalization',
  'linear',
  'attention',
  'recurrent',
  'dropout',
  'distance',
  'vision',
  'shape',
  'joining',
  'selection',
  'arithmetic',
  'reduction',
] as const;
/** torch's own families for modules, and what tensor functions do. */
export type Family = (typeof FAMILIES)[number];

/** As headings. */
export const FAMILY_TITLES: Readonly<Record<Family, string>> = {
  convolution: 'Convolutions',
  pooling: 'Pooling',
  padding: 'Padding',
  activation: 'Activations',
  normalization: 'Normalizations',
  linear: 'Linear maps and embeddings',
  attention: 'Attention',
  recurrent: 'Recurrent layers',
  dropout: 'Dropout',
  distance: 'Distances',
  vision: 'Resizing and moving channels',
  shape: 'Changing shapes',
  joining: 'Putting tensors together',
  selection: 'Taking tensors apart',
  arithmetic: 'Arithmetic',
  reduction: 'Making one value of many',
};

export interface Layer<P extends Parameters = Parameters> {
  /** As written in `.scv`. */
  readonly name: string;
  readonly family: Family;
  /** A module has a place in the `state_dict`'s names; a tensor function is a call and takes none. */
  readonly kind: 'module' | 'function';
  /** What it does to a tensor, in one or two sentences for somebody who has never used it. */
  readonly summary: string;
  /** The page of torch's (torchvision's) documentation. */
  readonly documentation: string;
  /** In torch's order, under torch's names, inferred ones included. */
  readonly parameters: P;
  readonly inputs: Inputs;
  /** What comes out where that isn't one tensor. */
  readonly outputs?: OutputForm;
  /** The attribute's name in a generated class when it has no label. Functions have none. */
  readonly attribute?: string;
  /**
   * Shapes of the outputs. Refuses what torch refuses, with a sentence that teaches. Called only with inputs of known
   * rank that fit {@link inputs}.
   */
  readonly shape: (call: LayerCall<P>) => Outputs | typeof UNTOLD;
  /** Shapes of the outputs where not even the number of dimensions that come in is known, as far as arguments tell. */
  readonly shapeOfAny?: (given: Readonly<Record<string, unknown>>) => Outputs | undefined;
  /** Its own parameters and buffers in the order of torch's `state_dict`; none where absent. Parts have theirs. */
  readonly weights?: (call: LayerCall<P>) => readonly WeightShape[];
  /** Its own multiply-adds over the whole batch: convolutions, linear layers and matrix products have them. */
  readonly macs?: (call: LayerCall<P>, outputs: readonly Shape[]) => Dimension;
  /** What a place of the output sees of the inputs, for receptive fields; each entry says it (see sight.ts). */
  readonly sees?: Sees<P>;
  /** What comes out shares its values with what goes in, so that it takes no memory of its own. */
  readonly isView?: (given: ArgumentsOf<P>) => boolean;
  readonly python: PythonForm<P>;
  /** A use of it for its page in docs/layers, where the usual one for its inputs and parameters doesn't show enough. */
  readonly example?: Example;
  /** What it is to similarity and to the colours of the graph: layers of one class can take each other's place. */
  readonly similarity: string;
}

export interface Example {
  /** The shape of each input, in the order of {@link Inputs.names}. */
  readonly inputs?: readonly string[];
  /** `64, 7, stride=2`. */
  readonly arguments?: string;
  /** What goes in, where that isn't the inputs as they are, which are called `a`, `b`… then: `(a > b, a, b)`. */
  readonly from?: string;
}

export interface Inputs {
  /** As torch's `forward` names them; the last may be missing where `optional` says so. */
  readonly names: readonly string[];
  /** How many of the last ones may be left out. */
  readonly optional?: number;
  /** One tuple of any number (at least one) of tensors goes in: `Concat`. */
  readonly variadic?: boolean;
  /** The number of dimensions each may have; any where absent. */
  readonly rank?: readonly number[];
  /** How the shape is spelled in a message: `[N, channels, height, width]`. */
  readonly layout?: string;
  /** {@link rank} and {@link layout} of those that differ from the first, by name: masks, boxes. */
  readonly others?: Readonly<Record<string, { readonly rank: readonly number[]; readonly layout: string }>>;
  /** The least number of dimensions, where {@link rank} is absent; 0 where this is too. */
  readonly minimumRank?: number;
  /** `int64` for an `Embedding`; floats where absent, `any` where torch takes all. */
  readonly type?: InputType;
  /** One for each input, where they differ. */
  readonly types?: readonly InputType[];
}

export type InputType = DataType | 'any' | readonly DataType[];

/** Floats or whole numbers, but nothing that is true or false. */
export const NUMBERS: readonly DataType[] = ['float', 'int64'];

/**
 * `tuple`: alike tensors, as many as sizes and arguments say (`Chunk`); a chain passes on all of them. Else a first
 * that a chain passes on, and more beside it: `['output', 'h_n', 'c_n']`, as torch's page names them.
 */
export type OutputForm =
  | 'tuple'
  | {
      readonly names: readonly string[];
      /** Where an argument decides how many of them there are: `return_indices`. */
      readonly asked?: { readonly argument: string; readonly count: (value: unknown) => number };
    };

/** One shape an output, with its type where it isn't that of the first input. */
export type Outputs = readonly (Shape | { readonly shape: Shape; readonly type: DataType })[];

/** {@link Outputs} of which a number of dimensions isn't known, after an error before it. */
export const UNTOLD = Symbol('untold');

export interface WeightShape {
  /** Its key below the layer's own: `weight`, `out_proj.bias`; `layers.{i}.…` where it stands for {@link count}. */
  readonly name: string;
  /** How many there are alike, where that depends on parameters without a value; one where absent. */
  readonly count?: Dimension;
  readonly shape: Shape;
  /** Moves with training (a parameter) or not (a buffer). */
  readonly kind: 'parameter' | 'buffer';
  /** Whether it is there; it is where absent. */
  readonly present?: Condition;
  /** Floats where absent. */
  readonly type?: DataType;
}

/** What a rule sees: the arguments, typed and complete, what comes in, and how to say no. */
export interface LayerCall<P extends Parameters = Parameters> {
  readonly arguments: ArgumentsOf<P>;
  readonly inputs: readonly ShapedTensor[];
  /** The first input. */
  readonly input: ShapedTensor;
  /** Whether an argument was given, and not None: a float that depends on a parameter without a value is undefined too. */
  isGiven(argument: keyof P & string): boolean;
  /** Ends the rule with an error. */
  refuse(refusal: Refusal): never;
  /** Says something and goes on. */
  warn(refusal: Refusal): void;
  /**
   * Two sizes that must be the same: refuses where they differ for all values of the symbols, notes a condition where
   * they agree for some.
   */
  agree(a: Dimension, b: Dimension, refusal: () => Refusal): void;
  /** The same for any condition: refuses where it never holds, notes it where it isn't decided. */
  require(condition: Condition, refusal: () => Refusal): void;
  /**
   * A dimension's number from 0, of a tensor of this rank (the input's where absent); refuses what is out of range, at
   * this argument (`dim` where absent).
   */
  axis(dim: number, rank?: number, argument?: string): number;
  /**
   * Runs a layer that this one is built of, in the order of torch's `__init__`, and gives what comes out of it; only
   * in {@link Layer.shape}. Its weights and multiply-adds become this layer's, its refusals too.
   */
  part(part: Part): readonly ShapedTensor[];
}

/** A layer inside another one. */
export interface Part {
  /** Its attribute: what its weights' keys begin with. */
  readonly name: string;
  readonly layer: LayerArgument;
  readonly inputs: readonly ShapedTensor[];
  /** The argument that it came by; where it is refused, that is marked. */
  readonly argument?: string;
  /** In a list of so many in a row, which all take and give these shapes: its keys then have a number. */
  readonly count?: Dimension;
}

/** What is known of a layer in a use of it: its arguments, and the layers that it is built of, in their order. */
export interface LayerFacts {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly parts: readonly PartFacts[];
}

/** What is known of a layer inside another one. */
export interface PartFacts extends LayerFacts {
  readonly layer: Layer;
  /** See {@link Part}. */
  readonly name: string;
  readonly argument?: string;
  readonly count?: Dimension;
  readonly inputs: readonly ShapedTensor[];
  readonly outputs: readonly Shape[];
}

/** A tensor whose rank is known: what rules work on. */
export type ShapedTensor = Tensor & { readonly shape: Shape };

export interface Refusal {
  /** See docs/diagnostics.md. */
  readonly code: string;
  /** The layer's name is put before it: "needs …, but got …". */
  readonly message: string;
  /** The argument at fault; the layer's name is marked where absent or where it wasn't written. */
  readonly argument?: string;
  /** Arguments that torch would take instead, best first. */
  readonly instead?: readonly LayerSetting[];
}

/** An argument as it is written. */
export interface LayerSetting {
  readonly argument: string;
  readonly value: string;
  /** What it is for, behind the value: `to keep 28 × 28`. */
  readonly purpose?: string;
}

export type PythonForm<P extends Parameters = Parameters> = PythonModule<P> | PythonFunction<P>;

/** A class of `torch.nn`, constructed in `__init__` with its arguments in torch's order. */
export interface PythonModule<P extends Parameters = Parameters> {
  readonly kind: 'module';
  /** `nn.Conv2d`. */
  readonly constructor: string;
  /**
   * For a class that torch doesn't have: its Python source, which uses nothing but `torch`, `nn`, `F`, `math` and what
   * a file of ours imports anyway (`Callable`, `Sequence`, `partial`).
   */
  readonly source?: string;
  /** Arguments that are said though they weren't written, as Python: so that torch doesn't warn. */
  readonly said?: (given: ArgumentsOf<P>, parts: readonly PartFacts[]) => Readonly<Record<string, string>>;
  /** A layer without weights as a call in `forward`, where it has no label: `F.relu`. */
  readonly functional?: (call: PythonCall<P>) => string;
  /** How `forward` is called when that isn't `module(*inputs)`. */
  readonly forward?: (module: string, inputs: readonly string[], call: PythonCall<P>) => string;
  /** {@link forward} says an input more than once, so what isn't a name must get one first. */
  readonly repeatsInputs?: boolean;
  /**
   * The target of an assignment that takes its outputs apart, where that isn't `a, b`: `y, (h, c)` for an LSTM. All
   * names are given, `_` for those that nobody uses.
   */
  readonly unpack?: (names: readonly string[]) => string;
}

/** A function or method of torch. In an `nn.Sequential` it becomes a small module around the same expression. */
export interface PythonFunction<P extends Parameters = Parameters> {
  readonly kind: 'function';
  /** The `nn` class that does the same, used in an `nn.Sequential`: `nn.Flatten`. */
  readonly module?: string;
  readonly expression: (call: PythonCall<P>) => string;
  /** The first of several outputs alone: `x.max(1).values`. */
  readonly first?: (call: PythonCall<P>) => string;
  /** The module of the package that {@link PythonCall.imported} names are taken from, where torch hasn't them. */
  readonly importsFrom?: string;
}

/** What a Python template sees: text to put together. */
export interface PythonCall<P extends Parameters = Parameters> {
  /** The inputs as Python expressions, safe as arguments. */
  readonly inputs: readonly string[];
  /** One for each input, where a layer's optional inputs are told apart by them. */
  readonly types: readonly DataType[];
  /** The first input, safe before a `.method()`. */
  readonly object: string;
  /** An argument as a Python expression; `undefined` where it wasn't written and has its default. */
  readonly argument: (name: keyof P & string) => string | undefined;
  /** The items of a list argument without brackets, `0, 2, 3, 1`; `undefined` where it wasn't written. */
  readonly items: (name: keyof P & string) => string | undefined;
  /** A name of {@link PythonFunction.importsFrom}, as the generated file calls it. */
  readonly imported: (name: string) => string;
  /** `, dim=1` for those of the names that were written, to be put behind other arguments. */
  readonly keywords: (...names: (keyof P & string)[]) => string;
}

/** Gives an entry its types: `parameters` says what `shape` finds in `call.arguments`. */
export function layer<const P extends Parameters>(entry: Layer<P>): Layer {
  // Rules are called with arguments that were read by these very parameters, so the widened type is safe.
  return entry as unknown as Layer;
}
