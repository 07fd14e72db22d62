/** What is found of texts and outlives an analysis, so that an edit costs what it changes. */
import type { Definition } from '../definition.ts';
import type { Instance } from '../graph.ts';
import type { AppliedOnce } from './calls.ts';
import type { Opened } from './openness.ts';

/** What is kept from one analysis to the next, in two generations: the older one is dropped with what isn't asked for. */
export class Kept<T extends object> {
  /** How much came in since the generations changed, in nodes. */
  added = 0;
  readonly #sizeOf: (value: T) => number;
  #current = new Map<string, T>();
  #previous = new Map<string, T>();

  constructor(sizeOf: (value: T) => number) {
    this.#sizeOf = sizeOf;
  }

  get(key: string): T | undefined {
    let known = this.#current.get(key);
    if (known === undefined) {
      known = this.#previous.get(key);
      if (known !== undefined) this.#current.set(key, known);
    }
    return known;
  }

  set(key: string, value: T): void {
    this.added += this.#sizeOf(value);
    this.#current.set(key, value);
  }

  /** Begins a new generation. */
  turn(): void {
    this.#previous = this.#current;
    this.#current = new Map();
    this.added = 0;
  }
}

/** Nodes that come in until a new generation begins: what is good again when a word is complete outlives its typing. */
const GENERATION = 2000;

/** All keys hold the text that the value comes of, and what else it depends on. */
export class InstanceCache {
  /** Those that another text took the place of: facts hang on their statements, which must be the same when it is back. */
  readonly definitions = new Kept<Definition>((definition) =>
    definition.kind === 'extern' ? 1 : definition.statements.length + 1,
  );
  /** By (definition with all it uses, arguments, input shapes), and sketches. */
  readonly instances = new Kept<Instance>(ownSize);
  /** Blocks inside sketches, by that and what stands for the made-up names in it. */
  readonly sketched = new Kept<Opened>(({ instance }) => ownSize(instance));
  /** What layers make, by (layer, arguments, input shapes), openly or not. */
  readonly applied = new Kept<AppliedOnce>(() => 1);

  /** Begins a new analysis. */
  turn(): void {
    const all = [this.definitions, this.instances, this.sketched, this.applied];
    if (all.reduce((sum, { added }) => sum + added, 0) < GENERATION) return;
    for (const each of all) each.turn();
  }
}

/** Without what is inside of blocks, which are kept by themselves. */
function ownSize({ nodes }: Pick<Instance, 'nodes'>): number {
  return nodes.reduce((sum, node) => sum + (node.kind === 'group' ? ownSize(node) : 0), nodes.length + 1);
}
