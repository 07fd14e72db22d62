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
   * - `value`: a weight, buffer or number
   * - `frame`: an unfolded block, group or repetition
   */
  readonly form: 'card' | 'operator' | 'join' | 'input' | 'output' | 'value' | 'frame';
  /** Pixels; of a frame 0, the layout finds it. */
  readonly width: number;
  readonly height: number;
  /** What it shows: the node, or the first one of a stack. Absent for ports. */
  readonly node?: NodeData;
  readonly port?: PortData;
  /** The module that the node stands in. */
  readonly module: ModuleData;
  /** What it leads back to in the text. */
  readonly place: Place;
  /** How many equal ones in a row this card stands for; 1 where it is alone. */
  readonly repeats: number;
  /** Whether it can be folded or unfolded. */
  readonly isFoldable: boolean;
  readonly title: string;
  readonly name?: string;
  readonly details?: string;
  /** What comes out, batch left out; absent where nothing does. */
  readonly shape?: string;
  /** Of all that it stands for. */
  readonly counts: CountsData;
  /** Its own, else the worst of those inside when it is folded. */
  readonly problem?: ProblemData;
  /** It depends on something whose shape isn't known. */
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
}
