/** One file's facts: every definition elaborated, and all that is to be said of it. */
import type { Instance } from '../graph.ts';
import { mayHideMistakes } from '../elaborate/choices.ts';
import { problemKey } from '../elaborate/frame.ts';
import { InstanceCache } from '../elaborate/instanceCache.ts';
import { Session } from '../elaborate/session.ts';
import type { Problem } from '../problem.ts';
import { Linker, type Program, SteadyFiles, SteadyProgram } from '../program.ts';
import { checkDefinition, checkFile } from './checks.ts';
import { allNodes } from './walk.ts';

export interface FileFacts {
  readonly uri: string;
  /** The file's models by themselves, with their parameters' defaults. */
  readonly models: readonly Instance[];
  /**
   * What a definition became, in each different use that this file's models make of it, here or in imported files. A
   * definition of this file that nothing uses has one instance of which no size is known.
   */
  readonly instances: ReadonlyMap<string, readonly Instance[]>;
  /** The definitions of this file that no model of it uses. */
  readonly unused: ReadonlySet<string>;
  /** Of this file and, where they show only in use, of those it imports. One mistake, one problem. */
  readonly problems: readonly Problem[];
  readonly session: Session;
}

/** Analyses one file, version after version, and what would be if it, or another one, were different. */
export class Analyser {
  readonly #cache = new InstanceCache();
  readonly #files = new SteadyFiles(this.#cache.definitions);

  /** @param program as it is now; facts of what didn't change are taken from earlier analyses */
  analyse(program: Program, uri: string): FileFacts {
    this.#cache.turn();
    const steady = new SteadyProgram(program, this.#files);
    const session = new Session(new Linker(steady), this.#cache);
    const definitions = steady.file(uri)?.definitions ?? [];
    const byItself = new Map(
      definitions.flatMap((each) => (each.kind === 'model' ? [[each, session.model(each)] as const] : [])),
    );
    const models = [...byItself.values()];
    const instances = new Map<string, Instance[]>();
    for (const model of models) collectInstances(model, instances);

    const unused = new Set(definitions.map(({ id }) => id).filter((id) => !instances.has(id)));
    const problems = new Map<string, Problem>();
    const add = (problem: Problem): void => {
      // What a block is fed is the matter of those who feed it.
      if (problem.code === 'input-mismatch' && problem.related === undefined) return;
      const key = problemKey(problem);
      if (!problems.has(key)) problems.set(key, problem);
    };
    for (const problem of checkFile(session, uri, models)) add(problem);
    for (const definition of definitions) {
      if (definition.kind === 'extern') {
        session.externProblems(definition).forEach(add);
        continue;
      }
      // A use's message has its numbers; the sketch's hasn't, so it comes last.
      for (const instance of instances.get(definition.id) ?? []) instance.problems.forEach(add);
      if (definition.kind === 'block' || mayHideMistakes(definition, byItself.get(definition)!)) {
        const sketch = session.sketch(definition);
        const isUsed = !unused.has(definition.id);
        // Of shapes, uses know better than a sketch.
        for (const problem of sketch.problems) if (!isUsed || !SHAPE_CODES.has(problem.code)) add(problem);
        if (!isUsed) instances.set(definition.id, [sketch]);
      }
      checkDefinition(definition, instances.get(definition.id) ?? []).forEach(add);
    }
    return { uri, models, instances, unused, problems: [...problems.values()], session };
  }
}

const SHAPE_CODES: ReadonlySet<string> = new Set([
  'rank-mismatch',
  'not-divisible',
  'size-vanishes',
  'single-value',
  'shape-mismatch',
  'reshape-mismatch',
  'output-mismatch',
  'input-mismatch',
  'dimension-range',
]);

/** All instances below one, by definition, each once. */
export function collectInstances(instance: Instance, into: Map<string, Instance[]>): void {
  const list = into.get(instance.definition.id);
  if (list?.includes(instance) === true) return;
  if (list === undefined) into.set(instance.definition.id, [instance]);
  else list.push(instance);
  for (const node of allNodes(instance.nodes)) {
    if (node.kind === 'block' || node.kind === 'extern') collectInstances(node.instance, into);
  }
}
