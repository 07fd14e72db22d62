import type { Place } from '../origin.ts';
import type { CountsData, ModuleData, NodeData, PortData, ProblemData } from './modelGraph.ts';

/** A model graph as it is seen: what is folded is one box, what is unfolded a frame around its boxes. */
export interface View {
  /** In the order of the text. */
  readonly boxes: readonly ViewBox[];
  readonly edges: readonly ViewEdge[];
  /** All boxes, those inside too. */
  readonly byId: ReadonlyMap<string, ViewBox>;
}

export interface ViewBox {
  /** The way to it, `layer1/0/conv1`: it stays while what is around it changes. */
  readonly id: string;
  /**
   * - `card`: a layer, a folded block or group
   * - `operator`: a circle, `join` a pill: both stand for what they do alone
   * - `input`, `output`: of the model
   * - `value`: a weight or buffer
   * - `frame`: an unfolded block or group
   */
  readonly form: 'card' | 'operator' | 'join' | 'input' | 'output' | 'value' | 'frame';
  readonly role: 'input' | 'output' | 'constant' | 'node';
  /** Pixels; of a frame 0, the layout finds it. */
  readonly width: number;
  readonly height: number;
  /** What it shows: the node, or the first one of a stack. Absent for ports. */
  readonly node?: NodeData;
  readonly port?: PortData;
  /** The module that it stands in. */
  readonly module: ModuleData;
  /** What it leads back to in the text. */
  readonly place: Place;
  /** How many of a kind in a row this card stands for, or are in this frame; 1 where it is alone. */
  readonly repeats: number;
  /** Equal ones in a row: the id of the card that stands for all, be it shown or unrolled. */
  readonly stack?: string;
  /** Whether it can be folded or unfolded. */
  readonly isFoldable: boolean;
  /** What stands first: a layer's kind, the name of a block that has one. */
  readonly title: string;
  /** A layer's own name, beside its kind. */
  readonly name?: string;
  readonly details?: string;
  /** What comes out, batch left out; absent where nothing does. */
  readonly shape?: string;
  /** Of all that it stands for. */
  readonly counts: CountsData;
  /** Its own, else the worst of those inside when it is folded. */
  readonly problem?: ProblemData;
  /** It hangs on something whose shape isn't known. */
  readonly isFaint?: true;
  /** Of a frame. */
  readonly inside?: readonly ViewBox[];
}

/** A tensor on its way between two boxes without an inside. */
export interface ViewEdge {
  readonly source: string;
  readonly target: string;
  /** Edges of one tensor share their way as far as they can. */
  readonly tensor: string;
  /** How the target calls it, where it has several inputs. */
  readonly label?: string;
  /** `64 × 56 × 56` */
  readonly shape: string;
  /** Which input of the target's node it is; the first one where several are one edge. */
  readonly input: number;
  /** Which output of the source's node. */
  readonly output: number;
}

/** What is folded. */
export interface Folding {
  /** By {@link ViewBox.id}, or {@link ViewBox.stack}: whether somebody unfolded it or folded it. */
  readonly choices?: ReadonlyMap<string, boolean>;
  /** Of what nobody chose: how many frames are unfolded around each other. So many that few boxes are seen, where absent. */
  readonly depth?: number;
  /** Of what nobody chose: whether equal ones in a row are shown one by one. */
  readonly isUnrolled?: boolean;
}

export const UNFOLDED: Folding = { depth: Infinity, isUnrolled: true };
