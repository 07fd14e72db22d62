import type { CountsData, NodeData } from './modelGraph.ts';

/** What several nodes have together; a number that one lacks isn't told. */
export function sumOfCounts(nodes: readonly Pick<NodeData, 'counts'>[]): CountsData {
  const total: { parameters?: number; macs?: number; bytes?: number } = {};
  for (const name of ['parameters', 'macs', 'bytes'] as const) {
    const values = nodes.map(({ counts }) => counts[name]);
    if (values.every((value) => value !== undefined)) total[name] = values.reduce((a, b) => a + b, 0);
  }
  return total;
}
