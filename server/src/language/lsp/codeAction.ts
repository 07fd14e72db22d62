import { URI, type LangiumDocument, type LangiumDocuments } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import {
  CodeActionKind,
  CodeActionTriggerKind,
  type ClientCapabilities,
  type CodeAction,
  type CodeActionOptions,
  type CodeActionParams,
  type Diagnostic,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Range, Site } from '../../core/definition.ts';
import { mapped, type Fix, type FixEdit } from '../../core/fix.ts';
import type { Analysis } from '../analysis.ts';
import { problemsOf } from '../diagnostics.ts';
import { canEdit, textEdits } from '../fixEdits.ts';
import type { ScvServices } from '../module.ts';
import { REFACTORING_KINDS, candidates, refactoringsAt } from '../refactor/refactorings.ts';
import type { FileParser } from '../text/parser.ts';
import type { WorkspaceEdits } from './workspaceEdits.ts';

/** Everything that may be repaired without thinking, and what of it an editor may do when a file is saved. */
const FIX_ALL = `${CodeActionKind.SourceFixAll}.scv`;
const REMOVE_UNUSED_IMPORTS = 'source.removeUnusedImports';

export const CODE_ACTION_OPTIONS: CodeActionOptions = {
  codeActionKinds: [CodeActionKind.QuickFix, ...REFACTORING_KINDS, FIX_ALL, REMOVE_UNUSED_IMPORTS],
  resolveProvider: true,
};

/** A place in a document. */
interface Place extends Range {
  readonly document: LangiumDocument;
}

/** What can be done about one problem of a document. */
interface Repair {
  readonly code: string;
  /** Absolute offsets. */
  readonly range: Range;
  readonly fix: Fix<Place>;
}

interface Action {
  readonly action: CodeAction;
  readonly edits: readonly FixEdit<Place>[];
}

/** What an action is known by until its edit is asked for. */
interface ActionData {
  readonly uri: string;
  readonly title: string;
  readonly kind: string;
  readonly range: Range;
  /** Which of the candidates a refactoring is. */
  readonly number?: number;
}

/**
 * Quick fixes of what diagnostics tell, one by one and for a whole file (the core says what they do), and refactorings.
 */
export class ScvCodeActionProvider implements CodeActionProvider {
  private readonly analysis: () => Analysis;
  private readonly parser: () => FileParser;
  private readonly documents: LangiumDocuments;
  private readonly edits: () => WorkspaceEdits;
  private capabilities: ClientCapabilities = {};

  constructor(services: ScvServices) {
    this.analysis = () => services.scv.Analysis;
    this.parser = () => services.scv.FileParser;
    this.documents = services.shared.workspace.LangiumDocuments;
    this.edits = () => services.scv.WorkspaceEdits;
    services.shared.lsp.LanguageServer.onInitialize(({ capabilities }) => {
      this.capabilities = capabilities;
    });
  }

  /** Their edits come when one is chosen, where the editor can ask for them then. */
  getCodeActions(document: LangiumDocument, { range, context }: CodeActionParams): CodeAction[] {
    const { textDocument } = document;
    const at = { start: textDocument.offsetAt(range.start), end: textDocument.offsetAt(range.end) };
    const isWanted = (kind: string): boolean =>
      context.only === undefined
        ? kind === CodeActionKind.QuickFix || kind.startsWith(`${CodeActionKind.Refactor}.`)
        : context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
    const actions = [
      ...[CodeActionKind.QuickFix, FIX_ALL, REMOVE_UNUSED_IMPORTS].flatMap((kind) =>
        isWanted(kind) ? this.actions(document, kind, at, context.diagnostics) : [],
      ),
      // A cursor that only goes by asks for none: to show one the whole file is looked at.
      ...(context.triggerKind === CodeActionTriggerKind.Automatic && at.start === at.end
        ? []
        : this.refactorings(document, at, isWanted)),
    ];
    const possible = actions.filter(({ edits }) => this.byDocument(edits)?.every(([each, own]) => canEdit(each, own)));
    if (this.capabilities.textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true)
      return possible.map(({ action }) => action);
    return possible.flatMap(({ action, edits }) => {
      const edit = this.workspaceEdit(edits);
      return edit === undefined ? [] : [{ ...action, edit }];
    });
  }

  resolve(action: CodeAction): CodeAction {
    const data = action.data as ActionData | undefined;
    const document = data && this.documents.getDocument(URI.parse(data.uri));
    if (data === undefined || document === undefined) return action;
    if (data.number !== undefined) {
      const chosen = [...candidates(document, this.analysis(), data.range)][data.number];
      const edit = chosen?.title === data.title ? this.workspaceEdit(this.placed(document, chosen.edits)) : undefined;
      return edit === undefined ? action : { ...action, edit };
    }
    const found = this.actions(document, data.kind, data.range, []).find((each) => each.action.title === data.title);
    const edit = found && this.workspaceEdit(found.edits);
    return edit === undefined ? action : { ...action, edit };
  }

  private actions(document: LangiumDocument, kind: string, at: Range, diagnostics: readonly Diagnostic[]): Action[] {
    const all = this.repairs(document);
    const data = (title: string): ActionData => ({ uri: document.uri.toString(), title, kind, range: at });
    if (kind !== CodeActionKind.QuickFix) {
      const [title, chosen] =
        kind === FIX_ALL
          ? ['Fix all that is safe to fix', all.filter(({ fix }) => fix.isHarmless === true)]
          : ['Remove unused imports', all.filter(({ code }) => code === 'unused-import')];
      const edits = chosen.flatMap(({ fix }) => fix.edits);
      return edits.length === 0 ? [] : [{ action: { title, kind, data: data(title) }, edits }];
    }
    const told = new Set<string>();
    return this.here(document, all, at, diagnostics).flatMap(({ repair, diagnostic }) => {
      const { title, edits, isPreferred } = repair.fix;
      const about = { kind, ...(diagnostic === undefined ? {} : { diagnostics: [diagnostic] }) };
      const one = {
        action: { ...about, title, data: data(title), ...(isPreferred === undefined ? {} : { isPreferred }) },
        edits,
      };
      const alike =
        isPreferred === true ? all.filter((each) => each.fix.isPreferred === true && areAlike(each, repair)) : [];
      const forAll = titleOfAll(repair, alike);
      const isNew = !told.has(title);
      const isNewForAll = alike.length > 1 && !told.has(forAll);
      told.add(title).add(alike.length > 1 ? forAll : title);
      return [
        ...(isNew ? [one] : []),
        ...(isNewForAll
          ? [{ action: { ...about, title: forAll, data: data(forAll) }, edits: alike.flatMap(({ fix }) => fix.edits) }]
          : []),
      ];
    });
  }

  private refactorings(document: LangiumDocument, range: Range, isWanted: (kind: string) => boolean): Action[] {
    const uri = document.uri.toString();
    const found = refactoringsAt(document, this.analysis(), this.parser(), range, isWanted);
    return found.map(({ kind, title, number, shown, edits }) => ({
      action: { kind, title: shown, data: { uri, title, kind, range, number } satisfies ActionData },
      edits: this.placed(document, edits),
    }));
  }

  private placed(document: LangiumDocument, edits: readonly FixEdit<Range>[]): readonly FixEdit<Place>[] {
    return mapped({ title: '', edits }, (range: Range): Place => ({ document, ...range })).edits;
  }

  /** Those of the problems that touch a range: of the diagnostics that the editor shows there, where it tells them. */
  private here(
    { textDocument }: LangiumDocument,
    repairs: readonly Repair[],
    at: Range,
    diagnostics: readonly Diagnostic[],
  ): { readonly repair: Repair; readonly diagnostic: Diagnostic | undefined }[] {
    return repairs.flatMap((repair) => {
      const { code, range } = repair;
      if (range.start > at.end || range.end < at.start) return [];
      const diagnostic = diagnostics.find(
        (each) => each.code === code && textDocument.offsetAt(each.range.start) === range.start,
      );
      return diagnostics.length > 0 && diagnostic === undefined ? [] : [{ repair, diagnostic }];
    });
  }

  private repairs(document: LangiumDocument): readonly Repair[] {
    const { text, meaning } = problemsOf(document, this.analysis());
    const here = (range: Range): Place => ({ document, ...range });
    return [
      ...text.flatMap(({ code, range, fixes = [] }) => fixes.map((each) => ({ code, range, fix: mapped(each, here) }))),
      ...meaning.flatMap(({ code, range, fixes = [] }) =>
        fixes.flatMap((each) => {
          const fix = this.atPlaces(each);
          return fix === undefined ? [] : [{ code, range, fix }];
        }),
      ),
    ];
  }

  /** Undefined where one of the places isn't there any more. */
  private atPlaces(fix: Fix): Fix<Place> | undefined {
    const missing: Site[] = [];
    const nowhere = { start: 0, end: 0 };
    const found = mapped<Site, Place | typeof nowhere>(fix, (site) => {
      const place = this.analysis().placeOf(site);
      if (place === undefined) missing.push(site);
      return place ?? nowhere;
    });
    return missing.length === 0 ? (found as Fix<Place>) : undefined;
  }

  private byDocument(
    edits: readonly FixEdit<Place>[],
  ): readonly (readonly [LangiumDocument, readonly FixEdit<Range>[]])[] | undefined {
    const found = new Map<LangiumDocument, FixEdit<Range>[]>();
    for (const edit of edits) {
      const document = edit.kind === 'import' ? this.documents.getDocument(URI.parse(edit.into)) : edit.at.document;
      if (document === undefined) return undefined;
      const known = found.get(document);
      if (known === undefined) found.set(document, [edit]);
      else known.push(edit);
    }
    return [...found];
  }

  private workspaceEdit(edits: readonly FixEdit<Place>[]): WorkspaceEdit | undefined {
    const documents = this.byDocument(edits);
    if (documents === undefined) return undefined;
    const changed: { document: LangiumDocument; edits: TextEdit[] }[] = [];
    for (const [document, own] of documents) {
      const found = textEdits(document, own, this.parser());
      if (found === undefined) return undefined;
      changed.push({ document, edits: found });
    }
    return this.edits().make(changed);
  }
}

/** What is never used is one kind of problem to people. */
function areAlike(a: Repair, b: Repair): boolean {
  if (isUnused(a.code)) return isUnused(b.code);
  return a.code === b.code && (!VARIOUS.has(a.code) || a.fix.title === b.fix.title);
}

/** Codes of many mistakes. */
const VARIOUS: ReadonlySet<string> = new Set(['syntax', 'unclosed-bracket']);

function isUnused(code: string): boolean {
  return code.startsWith('unused-');
}

function titleOfAll({ code, fix: { title } }: Repair, alike: readonly Repair[]): string {
  const count = String(alike.length);
  const keys = alike.some(({ fix }) => fix.title.includes('state_dict')) ? ' (changes state_dict keys)' : '';
  if (isUnused(code)) return `Remove all ${count} that nothing uses in this file${keys}`;
  return VARIOUS.has(code) ? `${title}, all ${count} in this file` : `Fix all ${count} of ${code} in this file${keys}`;
}
