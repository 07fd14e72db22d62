/** An edit of a graph, as edits of the texts that the graph was made of. */
import { URI } from 'langium';
import { type PlanGraphEditParams, type Plan, staleFiles } from '../../protocol/graphEdit.ts';
import { analysed } from '../analysed.ts';
import { GraphPlanner } from '../graphEdits/planner.ts';
import type { ScvLanguage } from '../module.ts';

export async function answerPlanGraphEdit(
  language: ScvLanguage,
  { versions, uri, request }: PlanGraphEditParams,
): Promise<Plan> {
  const { shared } = language;
  for (const [file, version] of Object.entries(versions)) await analysed(language, URI.parse(file), version);
  await analysed(language, URI.parse(uri));
  if (staleFiles(versions, (file) => shared.workspace.TextDocuments.get(file)?.version).length > 0) {
    return { kind: 'refused', reason: 'The text has changed meanwhile: do it again in the graph as it is now.' };
  }
  return plannerOf(language).plan(request);
}

export function plannerOf({ scv, shared }: ScvLanguage): GraphPlanner {
  const { Analysis: analysis, FileParser: parser, Readings: readings } = scv.scv;
  return new GraphPlanner({ analysis, parser, readings, documents: shared.workspace.LangiumDocuments });
}
