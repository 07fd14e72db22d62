/** What is frozen keeps the weights that it starts with: they must come from somewhere. */
import type { Model, TrainStatement } from '../../definition.ts';
import { ZERO, equal } from '../../dimension.ts';
import { stagesIn } from '../../elaborate/callStages.ts';
import { type FixEdit, type LocalFix, type LocalPlace, fix, replace } from '../../fix.ts';
import type { Instance } from '../../graph.ts';
import type { Problem } from '../../problem.ts';
import { type Visit, ownNodes, parametersOf } from '../walk.ts';
import { reporter } from './report.ts';

export function checkFrozen(instance: Instance): readonly Problem[] {
  const { definition } = instance;
  if (definition.kind !== 'model') return [];
  const train = definition.statements.find((each) => each.kind === 'train');
  if (train === undefined || train.properties.some(({ key }) => key.text === 'weights')) return [];
  const seen: Seen = { frozen: new Set(), free: new Set() };
  for (const visit of ownNodes(instance)) {
    if (!holdsFrozenLayers(visit, seen)) continue;
    const { node } = visit;
    const what =
      node.kind === 'block' && !visit.frozen ? `A part of ${node.instance.definition.name.text} is` : 'This is';
    const report = reporter(definition.id);
    report.warning(
      'frozen-random',
      `${what} frozen, but training starts from no weights, so what is random would stay so. Say in train where they come from, weights: "file.pt", or leave frozen out.`,
      node.site.range,
      node.site.part,
      [...unfreeze(definition), giveWeights(definition, train)],
    );
    // The others want the same file.
    return report.problems;
  }
  return [];
}

/** Everything that the model itself freezes; what its blocks do is their matter. */
function unfreeze({ id, statements }: Model): readonly LocalFix[] {
  const edits = statements.flatMap((statement, part): FixEdit<LocalPlace>[] => {
    const frozen = [...stagesIn(statement)].filter((stage) => stage.frozen);
    const starts = statement.kind === 'layer' && statement.frozen ? [statement.range.start] : [];
    return [...starts, ...frozen.map(({ range }) => range.start)].map((start) => {
      const word = { start, end: start + 'frozen '.length };
      return replace<LocalPlace>({ definition: id, part, range: word }, '');
    });
  });
  if (edits.length === 0) return [];
  return [
    fix<LocalPlace>(edits.length === 1 ? 'Remove frozen' : `Remove frozen from all ${String(edits.length)}`, edits),
  ];
}

/** Where they come from is for the author to say: the file's name is an example. */
function giveWeights({ id, statements }: Model, train: TrainStatement): LocalFix {
  const text = 'weights: "weights.pt"';
  const last = train.properties.at(-1);
  const at = last?.range.end ?? train.range.end - 1;
  const range = { start: at, end: at };
  const edit = replace<LocalPlace>(
    { definition: id, part: statements.indexOf(train), range },
    last === undefined ? ` ${text} ` : `  ${text}`,
  );
  return fix<LocalPlace>('Start from weights of a file', [edit]);
}

/** What was looked at, frozen or not: a block may be used more often than anybody can count. */
type Seen = Readonly<Record<'frozen' | 'free', Set<Instance>>>;

/** A weight of one's own may be meant to stay as it is made. */
function holdsFrozenLayers(visit: Visit, seen: Seen): boolean {
  const { node, frozen } = visit;
  if (node.kind !== 'block')
    return frozen && (node.kind === 'layer' || node.kind === 'extern') && !equal(parametersOf(node), ZERO);
  const before = seen[frozen ? 'frozen' : 'free'];
  if (before.has(node.instance)) return false;
  before.add(node.instance);
  for (const inner of ownNodes(node.instance, visit)) if (holdsFrozenLayers(inner, seen)) return true;
  return false;
}
