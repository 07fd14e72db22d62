/**
 * What can be done to a model in its graph, as data: a view sends a {@link GraphEdit}, and what comes back is a
 * {@link Plan}: edits of texts, a question, or why not. Text is the only truth; nothing here changes a graph.
 */
import type { Range } from '../definition.ts';
import type { Place } from '../origin.ts';

// ---------------------------------------------------------------------------------------------- places in the graph

/**
 * How a node is told: by the {@link Place} that its own `Site` ends. A use of a shared layer is told by the site
 * of its name where it is used. Something that is drawn as a repeat `× 3` is told with the turns of what is around it
 * alone: fewer turns than there are loops stand for each turn of the inner ones.
 *
 * An output of a definition is a node too, told by the site of its `output` (`Instance.outputs`).
 */
export interface Source {
  readonly node: Place;
  /** Which of its outputs, from 0. */
  readonly output: number;
}

export interface Target {
  readonly node: Place;
  /** Which of its inputs, from 0; of an `output` of several tensors, which of these. */
  readonly input: number;
}

export interface Edge {
  readonly from: Source;
  readonly to: Target;
}

/** Where something is put in. */
export type Where =
  /** On one edge: what takes the same tensor beside it doesn't notice. */
  | { readonly kind: 'edge'; readonly edge: Edge }
  /** Behind a node, for all that take its first output. An input is a node. */
  | { readonly kind: 'after'; readonly node: Place }
  /** Before a node, on what comes into its first input. An output is a node. */
  | { readonly kind: 'before'; readonly node: Place };

/** A layer of the catalogue or a block, as a palette offers it. */
export interface Piece {
  /** `Conv2d`, or the name of a block in the file that defines it. */
  readonly name: string;
  /** The uri of the file that defines the block: it is imported where it has to be. Absent for a layer. */
  readonly file?: string;
  /** As one writes them between the parentheses; what must be given and isn't gets a value that fits. */
  readonly arguments?: string;
}

// ---------------------------------------------------------------------------------------------- edits

export type GraphEdit =
  /** A new stage. */
  | { readonly kind: 'insertLayer'; readonly piece: Piece; readonly where: Where }
  /**
   * Nodes go, and the consumers of each get its first input: of a join the first operand. What nothing uses any more
   * goes with it, bindings and branches. An input or output goes as in `removeInput` and `removeOutput`.
   */
  | { readonly kind: 'delete'; readonly nodes: readonly Place[] }
  /** An input is taken from another node. What fed it stays in the text, though nothing may use it then. */
  | { readonly kind: 'rewire'; readonly to: Target; readonly from: Source }
  /**
   * A way around the nodes from the first to the last, which stand in a row, joined behind them: `add` makes a residual
   * connection, `concat` joins along the channels. The way is bare, or leads through a piece.
   */
  | {
      readonly kind: 'insertBranch';
      readonly first: Place;
      readonly last: Place;
      readonly join: 'add' | 'concat';
      readonly piece?: Piece;
    }
  /** A node leaves its place, as in `delete`, and is put in elsewhere with its label and arguments. */
  | { readonly kind: 'move'; readonly node: Place; readonly where: Where }
  /** The same stage once more right behind it, with weights of its own. */
  | { readonly kind: 'duplicate'; readonly node: Place }
  /** Nodes that stand in a row as a block of their own. */
  | { readonly kind: 'wrap'; readonly nodes: readonly Place[]; readonly name?: string }
  /** An argument of a layer or block gets a value (an expression's text); without one it is left out: the default. */
  | { readonly kind: 'setArgument'; readonly node: Place; readonly argument: string; readonly value?: string }
  /** The attribute's name in PyTorch; without one the label goes. */
  | { readonly kind: 'setLabel'; readonly node: Place; readonly label?: string }
  /** `key: value` of a model; without a value it goes. */
  | { readonly kind: 'setMetadata'; readonly model: string; readonly key: string; readonly value?: string }
  /** Of an input, its name or its shape (`[N, 3, 224, 224]`), or both. */
  | { readonly kind: 'setInput'; readonly node: Place; readonly name?: string; readonly shape?: string }
  /** A further input behind the others. Of a block it need not have a shape. */
  | { readonly kind: 'addInput'; readonly definition: string; readonly name: string; readonly shape?: string }
  /** Only one that nothing takes. */
  | { readonly kind: 'removeInput'; readonly node: Place }
  /** A node's output comes out of its definition too. */
  | { readonly kind: 'addOutput'; readonly from: Source; readonly name?: string }
  /** Only where another one is left. */
  | { readonly kind: 'removeOutput'; readonly node: Place }
  /** A property of the model's `train` section, which is made and goes with its first and last one. */
  | { readonly kind: 'setTrain'; readonly model: string; readonly key: string; readonly value?: string }
  /** A new model at the end of a file: what comes in goes out. */
  | {
      readonly kind: 'createModel';
      readonly file: string;
      readonly name: string;
      readonly input: string;
      readonly shape: string;
      readonly output?: string;
    };

/** `model` and `definition` above are `Definition.id`s. */
export type GraphEditKind = GraphEdit['kind'];

/** Of a node that stands for many: the definition is edited, or this one alone becomes another. */
export type Scope = 'all' | 'here';

/** The versions of the texts that a view shows, by uri. */
export type Versions = Readonly<Record<string, number>>;

export interface GraphEditRequest {
  readonly edit: GraphEdit;
  /**
   * Absent as long as nobody was asked. Nobody is where one looks at the definition itself: its own nodes are told by one
   * step, and what other models make of it changes too.
   */
  readonly scope?: Scope;
}

// ---------------------------------------------------------------------------------------------- plans

export type Plan = TextPlan | Question | Refusal;

/** What is to be done to texts: all of it, as one step, or nothing. */
export interface TextPlan {
  readonly kind: 'edits';
  readonly files: readonly FileEdits[];
  /** What one may not expect: `Keys of the state_dict change: layer1.1 → layer1_1.` */
  readonly notes: readonly string[];
  /** What a view selects afterwards: a place in the texts as they are then. */
  readonly focus?: { readonly uri: string; readonly range: Range };
}

export interface FileEdits {
  readonly uri: string;
  /** In order, none in another's way: offsets in the text as it is now. */
  readonly edits: readonly TextChange[];
}

export interface TextChange extends Range {
  readonly newText: string;
}

/** The node stands for many: all of them, or only this one? */
export interface Question {
  readonly kind: 'ask';
  /** How many nodes of all models change with the definition. */
  readonly uses: number;
  /** In how many files those models are. */
  readonly files: number;
  /** The block whose definition it is, or what is repeated: for the question's words. */
  readonly name: string;
}

export interface Refusal {
  readonly kind: 'refused';
  /** One sentence for people: why not, and what to do. */
  readonly reason: string;
  /** Where a view says it. */
  readonly place?: Place;
}

/** The files, by uri, that are no longer what a view shows: an edit that was made for them is refused. */
export function staleFiles(seen: Versions, versionOf: (uri: string) => number | undefined): readonly string[] {
  return Object.entries(seen).flatMap(([uri, version]) => (versionOf(uri) === version ? [] : [uri]));
}

/** A text after some edits of it. */
export function applyChanges(text: string, edits: readonly TextChange[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, newText } of edits) {
    result += text.slice(at, start) + newText;
    at = end;
  }
  return result + text.slice(at);
}

/** What brings the text back: edits of the text afterwards. */
export function inverseOf(text: string, edits: readonly TextChange[]): readonly TextChange[] {
  let moved = 0;
  return edits.map(({ start, end, newText }) => {
    const from = start + moved;
    moved += newText.length - (end - start);
    return { start: from, end: from + newText.length, newText: text.slice(start, end) };
  });
}
