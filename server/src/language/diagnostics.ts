import type { LangiumDocument, TextDocumentProvider, ValidationOptions } from 'langium';
import { DefaultDocumentValidator, interruptAndCheck } from 'langium';
import { DiagnosticSeverity, DiagnosticTag, type CancellationToken, type Diagnostic } from 'vscode-languageserver';
import type { Range } from '../core/definition.ts';
import { replace } from '../core/fix.ts';
import type { Problem, Severity } from '../core/problem.ts';
import type { Analysis } from './analysis.ts';
import { readDocument } from './documents.ts';
import { withoutEchoes } from './echoes.ts';
import { shortened, type SyntaxProblem } from './problem.ts';
import type { ScvServices } from './module.ts';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
};

/**
 * Milliseconds from a key until its text is checked; reading the text is done meanwhile. A text waits half as long as its
 * last check took, so keys that follow fast cost a slow text one check, not many. Where that is less than from one key to
 * the next while it is held down, it would be for nothing.
 */
const LONGEST_PAUSE = 60;
const SHORTEST_PAUSE = 30;
const PAUSE_PER_CHECK = 0.5;

/** A problem of what the text means, at its place in the document. */
type PlacedProblem = Problem & { readonly range: Range };

/** All that is wrong in a document: with the text itself, and with what it means. */
export function problemsOf(
  document: LangiumDocument,
  analysis: Analysis,
): { readonly text: readonly SyntaxProblem[]; readonly meaning: readonly PlacedProblem[] } {
  const read = readDocument(document);
  if (read === undefined) return { text: [], meaning: [] };
  const found = (analysis.factsOf(document)?.problems ?? []).flatMap((problem) => {
    const place = analysis.placeOf(problem.site);
    return place?.document === document ? [{ ...problem, range: { start: place.start, end: place.end } }] : [];
  });
  const { text, meaning } = withoutEchoes(read.problems, found, read.placement);
  // `torch.` before what has another name here goes with it.
  const prefixes = new Map(
    read.problems.flatMap((each) =>
      each.code === 'torch-prefix' && !text.includes(each) ? [[each.range.end, each.range] as const] : [],
    ),
  );
  return {
    text,
    meaning: prefixes.size === 0 ? meaning : meaning.map((each) => withoutPrefix(each, prefixes.get(each.range.start))),
  };
}

function withoutPrefix(problem: PlacedProblem, prefix: Range | undefined): PlacedProblem {
  const { fixes, site, range } = problem;
  if (prefix === undefined || fixes === undefined) return problem;
  const base = range.start - site.range.start;
  const at = { ...site, range: { start: prefix.start - base, end: prefix.end - base } };
  return { ...problem, fixes: fixes.map((each) => ({ ...each, edits: [replace(at, ''), ...each.edits] })) };
}

/** What is wrong with the text, and what the core says of its meaning. Langium's own checks aren't asked. */
export class ScvDocumentValidator extends DefaultDocumentValidator {
  private readonly analysis: () => Analysis;
  private readonly texts: TextDocumentProvider | undefined;
  private readonly checked = new WeakSet<object>();
  /** When documents last changed, by URI. */
  private readonly changes = new Map<string, number>();
  /** Milliseconds that their last checks took, by URI. */
  private readonly durations = new Map<string, number>();

  constructor(services: ScvServices) {
    super(services);
    this.analysis = () => services.scv.Analysis;
    this.texts = services.shared.workspace.TextDocuments;
    services.shared.workspace.DocumentBuilder.onUpdate((changed, deleted) => {
      for (const uri of changed) this.changes.set(uri.toString(), performance.now());
      for (const uri of deleted) {
        this.changes.delete(uri.toString());
        this.durations.delete(uri.toString());
      }
    });
  }

  /** Waits a moment after an edit: the next one cancels this check, and nothing flickers between two keys. */
  private async pause(document: LangiumDocument): Promise<void> {
    const isEdited = (this.texts?.get(document.uri)?.version ?? 0) > 1 && !this.checked.has(document.parseResult);
    this.checked.add(document.parseResult);
    if (!isEdited) return;
    const uri = document.uri.toString();
    const pause = Math.min(LONGEST_PAUSE, PAUSE_PER_CHECK * (this.durations.get(uri) ?? 0));
    const since = performance.now() - (this.changes.get(uri) ?? 0);
    if (pause >= SHORTEST_PAUSE && since < pause) await new Promise((resolve) => setTimeout(resolve, pause - since));
  }

  override async validateDocument(
    document: LangiumDocument,
    _options?: ValidationOptions,
    token?: CancellationToken,
  ): Promise<Diagnostic[]> {
    await this.pause(document);
    if (token !== undefined) await interruptAndCheck(token);
    const started = performance.now();
    const diagnostics = this.check(document);
    this.durations.set(document.uri.toString(), performance.now() - started);
    return diagnostics;
  }

  private check(document: LangiumDocument): Diagnostic[] {
    const analysis = this.analysis();
    const text = document.textDocument;
    const rangeOf = ({ start, end }: Range): Diagnostic['range'] => ({
      start: text.positionAt(start),
      end: text.positionAt(end),
    });
    const problems = problemsOf(document, analysis);
    const diagnostics: Diagnostic[] = problems.text.map(({ code, severity, message, range }) => ({
      range: rangeOf(range),
      severity: SEVERITIES[severity],
      code,
      message: shortened(message),
      source: 'scv',
    }));
    for (const { code, severity, message, range, related = [], unnecessary } of problems.meaning) {
      const relatedInformation = related.flatMap((each) => {
        const there = analysis.placeOf(each.site);
        if (there === undefined) return [];
        const { textDocument } = there.document;
        const at = { start: textDocument.positionAt(there.start), end: textDocument.positionAt(there.end) };
        return [{ location: { uri: textDocument.uri, range: at }, message: shortened(each.message) }];
      });
      diagnostics.push({
        range: rangeOf(range),
        severity: SEVERITIES[severity],
        code,
        message: shortened(message),
        source: 'scv',
        ...(relatedInformation.length === 0 ? {} : { relatedInformation }),
        ...(unnecessary === true ? { tags: [DiagnosticTag.Unnecessary] } : {}),
      });
    }
    return diagnostics.sort(
      ({ range: { start: a } }, { range: { start: b } }) => a.line - b.line || a.character - b.character,
    );
  }
}
