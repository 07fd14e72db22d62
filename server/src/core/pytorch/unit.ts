/** What the generator knows of one class, before a line of it is written, and what it asks of the file around it. */
import type { Block, Definition, Model, Stage, Statement } from '../definition.ts';
import type { Dimension } from '../dimension.ts';
import type { Resolve } from '../elaborate/chain.ts';
import type { Generic } from '../elaborate/generic.ts';
import type { NamePlan } from '../elaborate/names.ts';
import type { GivenNumber } from '../elaborate/openness.ts';
import type { Instance } from '../graph.ts';
import type { Layer } from '../layers/layer.ts';
import type { DataType } from '../tensor.ts';
import type { LayerValue } from '../value.ts';

export interface Unit {
  readonly definition: Model | Block;
  /** The class's name. */
  readonly name: string;
  readonly plan: NamePlan;
  readonly resolve: Resolve;
  readonly generic: Generic;
  /** The statements that something which comes out depends on. */
  readonly built: ReadonlySet<Statement>;
}

/** A size as an argument of the constructor. */
export interface SizeArgument {
  readonly symbol: string;
  readonly name: string;
  /** Which input, and which of its dimensions; absent for a size that has no generic form. */
  readonly place: { readonly input: number; readonly axis: number } | undefined;
  /** A size that has no generic form. */
  readonly given: GivenNumber | undefined;
}

/** How a class is constructed. */
export interface Signature {
  readonly unit: Unit;
  readonly sizes: readonly SizeArgument[];
  /** The author's parameters in Python, by the author's names. */
  readonly parameters: ReadonlyMap<string, { readonly name: string; readonly keywordOnly: boolean }>;
}

/** What a class being written asks of the file around it. */
export interface File {
  /** A name from another module; returns what it is called here. */
  importFrom(module: string, name: string): string;
  /** A name that a layer's Python takes from a package; returns what it is called here. */
  imported(layer: Layer, name: string): string;
  /** The class of a block used at a stage. */
  signature(user: Unit, stage: Stage): Signature | undefined;
  /** The class of a block that is passed on as a value. */
  signatureOf(definition: Definition): Signature | undefined;
  /** The axes (negative from the end) whose sizes a parameter of type `layer` is called with. */
  protocol(definition: Definition, parameter: string): readonly number[];
  /** Whether a layer of the catalogue calls a parameter of type `layer`: perhaps with `inplace`. */
  takesOptions(definition: Definition, parameter: string): boolean;
  /** What a class of torch or of the catalogue is called. */
  constructorOf(layer: Layer): string;
  /** A tensor function as a module; returns the class's name. */
  functionModule(layer: Layer, written: readonly string[]): string;
  /** A layer of several outputs as a module that passes on its first; returns the class's name. */
  firstOutput(layer: Layer, types: readonly DataType[]): string;
  /** A class of the generator's own, once; returns its name. */
  helper(name: string, source: (name: string) => readonly string[], key?: string): string;
  /** The class of a part of a definition; one name for one place. */
  partName(place: object, wanted: string): string;
  /**
   * The rule in the names of the user that holds for a size without a generic form in all uses of a block at this
   * stage; `undefined` where there is none.
   */
  given(user: Unit, stage: Stage, signature: Signature, symbol: string): Dimension | undefined;
  /** The uses of a block where it is built as this layer, which was passed to what stands at a stage. */
  usesOf(layer: LayerValue, user: Unit, stage: Stage | undefined): readonly Instance[];
  isGlobal(name: string): boolean;
}
