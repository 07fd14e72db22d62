/** What is frozen keeps the weights that it starts with: they must come from somewhere. */
import { ZERO, equal } from '../../dimension.ts';
import type { Instance } from '../../graph.ts';
import type { Problem } from '../../problem.ts';
import { type Visit, ownNodes, parametersOf, walk } from '../walk.ts';
import { reporter } from './report.ts';

export function checkFrozen(instance: Instance): readonly Problem[] {
  const { definition } = instance;
  if (definition.kind !== 'model') return [];
  const train = definition.statements.find((each) => each.kind === 'train');
  if (train === undefined || train.properties.some(({ key }) => key.text === 'weights')) return [];
  for (const visit of ownNodes(instance)) {
    if (!holdsFrozenLayers(visit)) continue;
    const { node } = visit;
    const what =
      node.kind === 'block' && !visit.frozen ? `A part of ${node.instance.definition.name.text} is` : 'This is';
    const report = reporter(definition.id);
    report.warning(
      'frozen-random',
      `${what} frozen, but training starts from no weights, so what is random would stay so. Say in train where they come from, weights: "file.pt", or leave frozen out.`,
      node.site.range,
      node.site.part,
    );
    // The others want the same file.
    return report.problems;
  }
  return [];
}

/** A weight of one's own may be meant to stay as it is made. */
function holdsFrozenLayers(visit: Visit): boolean {
  const { node } = visit;
  if (node.kind === 'block') {
    for (const inner of walk(node.instance, visit)) if (isFrozenLayer(inner)) return true;
    return false;
  }
  return isFrozenLayer(visit);
}

function isFrozenLayer({ node, frozen }: Visit): boolean {
  return frozen && (node.kind === 'layer' || node.kind === 'extern') && !equal(parametersOf(node), ZERO);
}
