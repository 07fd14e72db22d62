import type { LangiumDocument } from 'langium';
import type { TextEdit } from 'vscode-languageserver';
import type { FileFacts } from '../../../core/analysis/analyse.ts';
import { stateKeys } from '../../../core/analysis/stateDict.ts';
import { rangeOfSite } from '../../../core/place.ts';
import { uriOf } from '../../../core/program.ts';
import type { Analysis, Trial } from '../../analysis.ts';
import { readDocument } from '../../documents.ts';
import type { ScvServices } from '../../module.ts';
import type { ReadFile } from '../../reading/sourceFile.ts';
import { editedText, type DocumentEdits, type Note } from '../workspaceEdits.ts';
import { lineOf, refuse } from './refusal.ts';
import type { Subject } from './subject.ts';
import { NODE_LIMIT } from '../../../core/elaborate/limits.ts';

/** What the program would mean with these changes. */
export class Consequences {
  private readonly subject: Subject;
  private readonly changes: readonly DocumentEdits[];
  private readonly analysis: Analysis;
  private readonly trial: Trial;

  constructor(services: ScvServices, subject: Subject, changes: readonly DocumentEdits[]) {
    this.subject = subject;
    this.changes = changes;
    this.analysis = services.scv.Analysis;
    this.trial = this.analysis.trial(
      new Map(changes.map(({ document, edits }) => [document.uri.toString(), editedText(document, edits)])),
    );
  }

  /** Refuses where there would be mistakes that aren't there now. */
  note(newName: string): Note | undefined {
    for (const each of this.changes) this.refuseMistakes(each, newName);
    const changed = new Map<string, string>();
    let example: string | undefined;
    for (const document of this.affected()) {
      const before = this.analysis.factsOf(document);
      if (before === undefined) continue;
      const after = this.trial.factsOf(document.uri.toString());
      for (const { name, keys } of changedKeys(before, after)) {
        if (keys.length === 0) continue;
        example ??= keys[0]!.join(' → ');
        changed.set(`${document.uri.toString()} ${name}`, `${name} (${String(keys.length)})`);
      }
    }
    if (example === undefined) return undefined;
    const models = [...changed.values()];
    const listed =
      models.length > 5 ? `${models.slice(0, 5).join(', ')} and ${String(models.length - 5)} more` : models.join(', ');
    return {
      title: 'Changes state_dict keys',
      text: `${example}; keys that change: ${listed}. Weights that were saved don't load by the old names.`,
    };
  }

  /** The changed files and those that import them, however indirectly. */
  private affected(): ReadonlySet<LangiumDocument> {
    const documents = this.changes.map(({ document }) => document);
    return new Set(documents.flatMap((document) => [document, ...this.analysis.importersOf(document)]));
  }

  private refuseMistakes({ document, edits }: DocumentEdits, newName: string): void {
    const uri = document.uri.toString();
    const read = readDocument(document);
    const facts = this.analysis.factsOf(document);
    const readAfter = this.trial.read(uri);
    if (read === undefined || facts === undefined || readAfter === undefined) return;
    const shifts = shiftsOf(document, edits);
    const known = new Set(mistakes(read, facts).map(({ code, start }) => `${code} ${String(moved(shifts, start))}`));
    const found = mistakes(readAfter, this.trial.factsOf(uri)).find(
      ({ code, start }) => !known.has(`${code} ${String(start)}`),
    );
    if (found === undefined) return;
    const place = document.textDocument.positionAt(movedBack(shifts, found.start));
    refuse(`${newName} can't stand in ${lineOf(document, place, this.subject.node)}: ${found.message}`);
  }
}

interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly start: number;
}

/** The errors that stand in a file itself. */
function mistakes({ file, placement, problems }: ReadFile, facts: FileFacts): Mistake[] {
  const ofText = problems.flatMap(({ severity, code, message, range }) =>
    severity === 'error' ? [{ code, message, start: range.start }] : [],
  );
  const ofMeaning = facts.problems.flatMap(({ severity, code, message, site }) => {
    if (severity !== 'error' || uriOf(site.definition) !== file.uri) return [];
    const range = rangeOfSite(site, file, placement);
    return range === undefined ? [] : [{ code, message, start: range.start }];
  });
  return [...ofText, ...ofMeaning];
}

/** An edit, by offsets. */
interface Shift {
  readonly start: number;
  readonly end: number;
  readonly by: number;
}

function shiftsOf({ textDocument }: LangiumDocument, edits: readonly TextEdit[]): readonly Shift[] {
  return edits
    .map(({ range, newText }) => {
      const start = textDocument.offsetAt(range.start);
      const end = textDocument.offsetAt(range.end);
      return { start, end, by: newText.length - (end - start) };
    })
    .sort((a, b) => a.start - b.start);
}

/** Where a place of the text is after edits. */
function moved(shifts: readonly Shift[], offset: number): number {
  return shifts.reduce((at, { start, end, by }) => (end <= offset && start < offset ? at + by : at), offset);
}

/** Where a place of the edited text was before. */
function movedBack(shifts: readonly Shift[], offset: number): number {
  let total = 0;
  for (const { start, by } of shifts) {
    if (start + total >= offset) break;
    total += by;
  }
  return offset - total;
}

/** By model, and by block that no model here uses, the keys that have another name. */
function changedKeys(
  before: FileFacts,
  after: FileFacts,
): readonly { readonly name: string; readonly keys: readonly (readonly [string, string])[] }[] {
  const instances = ({ models, unused, instances: all }: FileFacts): FileFacts['models'] => [
    ...models,
    ...[...unused].flatMap((id) => all.get(id)?.slice(0, 1) ?? []),
  ];
  const renamed = instances(after);
  return instances(before).map((instance, i) => {
    const other = renamed[i];
    // What is too large to be built, and is told so, has no keys.
    if (instance.size > NODE_LIMIT) return { name: instance.definition.name.text, keys: [] };
    const now = other === undefined ? [] : [...stateKeys(other)];
    const keys = [...stateKeys(instance)].flatMap(({ name }, at): (readonly [string, string])[] => {
      const key = now[at]?.name;
      return key === undefined || key === name ? [] : [[name, key]];
    });
    return { name: instance.definition.name.text, keys };
  });
}
