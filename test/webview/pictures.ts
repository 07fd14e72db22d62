import { describeModel } from '../../server/src/core/analysis/describeModel.ts';
import type { Layout } from '../../server/src/core/layout/graph.ts';
import { layOut } from '../../server/src/core/layout/layOut.ts';
import type { ModelGraph } from '../../server/src/core/view/modelGraph.ts';
import type { Folding, View } from '../../server/src/core/view/view.ts';
import { viewOf } from '../../server/src/core/view/viewOf.ts';
import { analyseText } from '../core/texts.ts';

/** Two stages of a block, whose way around is put together with what it computes. */
export const STAGES = `model Stages {
  input image: [N, 1, 28, 28]
  output logits = image -> conv1: Conv2d(8, 3) -> GELU * 3
    -> stage1: Stage(16) -> stage2: Stage(32)
    -> Flatten -> fc: Linear(10)
}
block Stage(channels: int) {
  input x
  main = x -> conv: Conv2d(channels, 3, padding=1) -> bn: BatchNorm2d
  output (main, x) -> Concat(1)
}
`;

export function graphOf(text: string): ModelGraph {
  const { facts } = analyseText(text);
  return describeModel(facts, facts.models.at(-1)!);
}

export interface Pictured {
  readonly graph: ModelGraph;
  readonly view: View;
  readonly layout: Layout;
}

export function pictureOf(text: string, folding: Folding = {}): Pictured {
  const graph = graphOf(text);
  const view = viewOf(graph, folding);
  return { graph, view, layout: layOut({ boxes: view.boxes, edges: view.edges }) };
}
