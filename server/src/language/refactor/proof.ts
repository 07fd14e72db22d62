/** Whether a text means the same after some edits: nothing is offered for which that isn't shown. */
import type { LangiumDocument } from 'langium';
import { Analyser, type FileFacts } from '../../core/analysis/analyse.ts';
import { computationOf, type Computation } from '../../core/analysis/computation.ts';
import { mayHideMistakes } from '../../core/elaborate/choices.ts';
import type { Instance } from '../../core/graph.ts';
import type { Analysis } from '../analysis.ts';
import { parsedOf, readDocument } from '../documents.ts';
import { textAfter } from '../fixEdits.ts';
import type { FileParser } from '../text/parser.ts';
import type { Refactoring } from './spot.ts';

export interface Proven {
  /** Names in the `state_dict` are others afterwards. */
  readonly changesKeys: boolean;
}

type Computations = ReadonlyMap<string, Computation>;

/** Tries edits of one document as it is now. */
export class Proof {
  private readonly document: LangiumDocument;
  private readonly analysis: Analysis;
  private readonly parser: FileParser;
  private readonly analyser = new Analyser();
  private readonly before: ReadonlyMap<string, FileFacts>;
  private readonly computations = new Map<string, { readonly found: Computations | undefined }>();

  constructor(document: LangiumDocument, analysis: Analysis, parser: FileParser) {
    this.document = document;
    this.analysis = analysis;
    this.parser = parser;
    const before = new Map<string, FileFacts>();
    const own = new Set(readDocument(document)?.file.definitions.map(({ id }) => id));
    for (const each of [document, ...analysis.importersOf(document)]) {
      const facts = analysis.factsOf(each);
      const isTouched = each === document || [...own].some((id) => facts?.instances.has(id) === true);
      if (facts !== undefined && isTouched) before.set(each.uri.toString(), facts);
    }
    this.before = before;
  }

  /** `undefined` where they can't be done, or something is computed otherwise, or a problem comes or goes. */
  of({ edits, sketch }: Refactoring): Proven | undefined {
    const text = textAfter(this.document, edits);
    if (text === undefined) return undefined;
    const uri = this.document.uri.toString();
    const trial = this.analysis.trial(new Map([[uri, text]]), this.analyser);
    if (text === this.document.textDocument.getText() || !this.keepsComments(text)) return undefined;
    const problems = (found: readonly { readonly code: string }[] | undefined): string =>
      (found ?? [])
        .map(({ code }) => code)
        .sort()
        .join(' ');
    if (problems(readDocument(this.document)?.problems) !== problems(trial.read(uri)?.problems)) return undefined;
    let changesKeys = false;
    for (const [file, facts] of this.before) {
      const after = trial.factsOf(file);
      if (problems(facts.problems) !== problems(after.problems)) return undefined;
      const hasSketches = sketch !== 'other';
      const [old, now] = [this.known(facts, hasSketches), computationsOf(after, hasSketches)];
      for (const [id, computation] of old ?? []) {
        const other = now?.get(id);
        // A block may be gone: those that used it are compared.
        if (other === undefined && !id.startsWith('model ')) continue;
        if (other === undefined) return undefined;
        const isReordered = sketch === 'reordered' && !id.startsWith('model ');
        const form = id.startsWith('model ') ? 'steps' : 'outline';
        if (!isReordered && !areEqual(computation[form], other[form])) return undefined;
        const names = isReordered ? 'owners' : 'keys';
        if (!areEqual(computation[names], other[names])) changesKeys = true;
      }
      if (old === undefined || now === undefined || facts.models.length !== after.models.length) return undefined;
    }
    return { changesKeys };
  }

  /** What is computed now, for all that is tried. */
  private known(facts: FileFacts, hasSketches: boolean): Computations | undefined {
    const key = `${facts.uri} ${String(hasSketches)}`;
    let found = this.computations.get(key);
    if (found === undefined) this.computations.set(key, (found = { found: computationsOf(facts, hasSketches) }));
    return found.found;
  }

  private keepsComments(text: string): boolean {
    const left = countOf(this.parser.parse(text).comments);
    return [...countOf(parsedOf(this.document)?.comments ?? [])].every(
      ([image, count]) => (left.get(image) ?? 0) >= count,
    );
  }
}

/**
 * Of each model, and of each definition whatever it is fed, which has both arms of each `if`; `undefined` where one is
 * too large.
 */
function computationsOf({ uri, models, session }: FileFacts, hasSketches: boolean): Computations | undefined {
  const found = new Map<string, Computation>();
  const add = (key: string, instance: Instance): boolean => {
    const computation = computationOf(instance);
    if (computation !== undefined) found.set(key, computation);
    return computation !== undefined;
  };
  const definitions = hasSketches ? (session.linker.program.file(uri)?.definitions ?? []) : [];
  const isSmall =
    models.every((model) => add(`model ${model.definition.id}`, model)) &&
    definitions.every((each) => {
      const model = models.find(({ definition }) => definition.id === each.id);
      const isKnown = each.kind === 'model' && model !== undefined && !mayHideMistakes(each, model);
      return each.kind === 'extern' || isKnown || add(each.id, session.sketch(each));
    });
  return isSmall ? found : undefined;
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

function countOf(comments: readonly { readonly image: string }[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { image } of comments) {
    const comment = image.replaceAll(/\s/g, '');
    found.set(comment, (found.get(comment) ?? 0) + 1);
  }
  return found;
}
