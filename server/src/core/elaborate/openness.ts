/** Open elaboration: what goes on where parameters have no value. */
import type { Expression, Stage, StageBody } from '../definition.ts';
import type { Dimension } from '../dimension.ts';
import type { Instance } from '../graph.ts';
import type { Shape } from '../tensor.ts';
import type { Value } from '../value.ts';

/** How to go on where something isn't decided, and what the generic form adds. */
export interface Openness {
  /** Values of parameters and sizes in the use at hand. */
  readonly examples: Map<string, Value>;
  /** Parameters of type `layer` of the definition that is made generic: what they make of a size is not known. */
  readonly layerParameters: ReadonlySet<string>;
  /** Sizes with no generic form, by place and dimension: they become symbols of their own. */
  readonly given: ReadonlyMap<object, ReadonlySet<number>>;
  readonly loops: Map<Stage, LoopForm>;
  readonly givens: Map<string, GivenNumber>;
  /** The loops in whose turns such a size differs, outermost first. */
  readonly turnsOf: (given: GivenSize) => readonly Stage[];
  /** What such a size is in all uses, where it need not be a symbol: nobody else constructs what is made generic. */
  readonly numberOf: (given: GivenSize) => Dimension | undefined;
  /** Names that were made up in this definition and mean nothing outside it. */
  readonly locals: Set<string>;
  /** Numbers the names that are made up, in all definitions that are open at once. */
  readonly counter: { next: number };
  /** What a definition that uses itself gives out, as far as that is known: its sizes over its own names. */
  readonly assumed: ReadonlyMap<string, Instance>;
  /** What came out of a stage in the use at hand, for shapes that no rule can tell without numbers. */
  readonly witness: (place: Stage) => readonly (Shape | undefined)[] | undefined;
  /** Nothing is known and nothing is generated from it: sizes that a loop carries are unknown too. */
  readonly isSketch: boolean;
  /** Arms that are never taken are looked at, too. */
  readonly looksEverywhere: boolean;
  /** Instances of this open elaboration, which no other shares. */
  readonly cache: Pick<Map<string, Opened>, 'get' | 'set'>;
}

/** A block inside of an open elaboration. */
export interface Opened {
  readonly instance: Instance;
  /** The names that were made up in it. */
  readonly locals: ReadonlySet<string>;
}

export function openness(fields: Partial<Openness> = {}): Openness {
  return {
    examples: new Map(),
    layerParameters: new Set(),
    given: new Map(),
    loops: new Map(),
    givens: new Map(),
    turnsOf: () => [],
    numberOf: () => undefined,
    locals: new Set(),
    counter: { next: 1 },
    assumed: new Map(),
    witness: () => undefined,
    isSketch: false,
    looksEverywhere: false,
    cache: new Map(),
    ...fields,
  };
}

/** The number that makes `index 3` or `running 3.0.1` a name of its own; undefined for names of the text. */
export function madeUpNumber(name: string): number | undefined {
  const found = / (\d+)/.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A size that the generic form cannot work out. */
export interface GivenSize {
  readonly place: Stage | StageBody | Expression;
  readonly axis: number;
}

/** One that is passed in. */
export interface GivenNumber extends GivenSize {
  /** The loops in each turn of which it is a number of its own, outermost first. */
  readonly loops: readonly Stage[];
  /** Where it is in a block that is used: the stages that lead there. */
  readonly within: readonly Stage[];
}

/** What a loop looks like from inside, in the generic form. */
export interface LoopForm {
  /** Makes its symbols its own. */
  readonly number: number;
  readonly index: string;
  /** Symbols of the names of a `for`, in the order of the text. */
  readonly variables: readonly { readonly name: string; readonly symbol: string }[];
  readonly count: Dimension | undefined;
  /** Sizes that are carried from turn to turn without a closed form. */
  readonly running: readonly RunningSize[];
}

export interface RunningSize {
  /** Its symbol inside a turn: the size that comes in. */
  readonly symbol: string;
  /** Its symbol after the loop. */
  readonly final: string;
  /** Which of the tensors that go round, and which of its dimensions. */
  readonly tensor: number;
  readonly axis: number;
  readonly initial: Dimension;
  /** What goes out of a turn, over {@link symbol}, the index and the loop's names. */
  readonly next: Dimension;
}
