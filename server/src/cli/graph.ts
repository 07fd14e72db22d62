/** `scv graph FILE -o out.svg` */
import { writeFileSync } from 'node:fs';
import { describeModel } from '../core/analysis/describeModel.ts';
import { toMermaid } from '../core/drawing/mermaid.ts';
import { toSvg } from '../core/drawing/svg.ts';
import { inColumns } from '../core/layout/columns.ts';
import { layOut } from '../core/layout/layOut.ts';
import { type Folding, UNFOLDED } from '../core/view/view.ts';
import { viewOf } from '../core/view/viewOf.ts';
import { chooseModel, complainOfErrors } from './model.ts';
import { toPng } from './png.ts';
import type { Terminal } from './terminal.ts';
import { type Command, UsageError } from './usage.ts';

/** @returns the exit status; a model with errors is drawn as far as it is known, and the status is 1 */
export async function drawGraph(
  { file: path, model, output, form, unfolded, columns, theme }: Extract<Command, { kind: 'graph' }>,
  terminal: Terminal,
): Promise<number> {
  const chosen = chooseModel(path, model);
  const hasErrors = complainOfErrors(chosen, terminal);
  const graph = describeModel(chosen.facts, chosen.instance);
  const folding: Folding = unfolded === 'all' ? UNFOLDED : unfolded === undefined ? {} : { depth: unfolded };
  const view = viewOf(graph, folding);
  const draw = (): string => {
    const { parameters } = graph.modules[0]!.counts;
    const heading = { title: graph.name, ...(parameters === undefined ? {} : { parameters }) };
    const layout = columns === undefined ? layOut(view) : inColumns(layOut(view), columns);
    return toSvg(view, layout, { ...heading, ...(graph.at === undefined ? {} : { at: graph.at }) }, theme);
  };
  const picture = form === 'mmd' ? toMermaid(view) : form === 'svg' ? draw() : await toPng(draw());
  try {
    writeFileSync(output, picture);
  } catch (error) {
    throw new UsageError(`${output} can't be written: ${(error as Error).message}`);
  }
  return hasErrors ? 1 : 0;
}
