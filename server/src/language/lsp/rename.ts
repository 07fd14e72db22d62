import type { AstNode, CstNode, LangiumDocument } from 'langium';
import { AstUtils, CstUtils, GrammarUtils, isReference } from 'langium';
import type { RenameProvider } from 'langium/lsp';
import {
  LSPErrorCodes,
  ResponseError,
  type Range,
  type RenameParams,
  type TextDocumentPositionParams,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { FileFacts } from '../../core/analysis/analyse.ts';
import { MOST_COMPARED, stateKeys } from '../../core/analysis/stateDict.ts';
import { PYTHON_KEYWORDS } from '../../core/elaborate/reserved.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import { rangeOfSite } from '../../core/place.ts';
import { uriOf } from '../../core/program.ts';
import type { Analysis, Trial } from '../analysis.ts';
import { fileOf, parsedOf, readDocument } from '../documents.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { KEYWORDS } from '../reading/reader.ts';
import type { ReadFile } from '../reading/sourceFile.ts';
import { isCallable } from '../scope.ts';
import { allParts, isName } from '../text/parser.ts';
import { foreignName } from './findReferences.ts';
import { nameLeafAt, usesBelow, usesIn, type Use } from './uses.ts';
import { editedText, isOutside, type DocumentEdits, type Note, type WorkspaceEdits } from './workspaceEdits.ts';

/** What is to have another name. */
interface Subject {
  readonly node: Declaration;
  readonly name: string;
  /** Under the cursor. */
  readonly range: Range;
  readonly places: readonly Place[];
  /** It is a piece of a label behind a number: `_conv` of `unit{i}_conv`. */
  readonly isTail: boolean;
}

type Declaration =
  | ast.Definition
  | ast.ImportedName
  | ast.Parameter
  | ast.Port
  | ast.BoundName
  | ast.Output
  | ast.Weight
  | ast.SharedLayer
  | ast.Label
  | ast.Name;

interface Place {
  readonly document: LangiumDocument;
  readonly range: Range;
}

/**
 * Gives what the language has names for another one, in all files. The program means the same afterwards, or the rename
 * is refused; that the `state_dict` has other keys then is told, and asked for where the editor can ask.
 */
export class ScvRenameProvider implements RenameProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  prepareRename(document: LangiumDocument, { position }: TextDocumentPositionParams): Range | undefined {
    return this.subjectAt(document, document.textDocument.offsetAt(position))?.range;
  }

  rename(document: LangiumDocument, { position, newName }: RenameParams): WorkspaceEdit | undefined {
    const subject = this.subjectAt(document, document.textDocument.offsetAt(position));
    if (subject === undefined) return undefined;
    if (newName === document.textDocument.getText(subject.range)) return this.edits().make([]);
    checkName(subject, newName);
    if (!ast.isLabel(subject.node)) new Collisions(this.services, subject, newName).refuse();
    const changes = this.changes(subject, newName);
    this.refuseUnread(subject);
    const note = new Consequences(this.services, subject, changes).note(newName);
    return this.edits().make(changes.map((each) => ({ ...each, note: this.outsideNote(each.document) ?? note })));
  }

  private edits(): WorkspaceEdits {
    return this.services.scv.WorkspaceEdits;
  }

  private subjectAt(document: LangiumDocument, offset: number): Subject | undefined {
    const leaf = nameLeafAt(this.services, document, offset);
    if (leaf === undefined) return undefined;
    const { References, NameProvider } = this.services.references;
    const [node] = References.findDeclarations(leaf);
    if (node === undefined) {
      refuseForeign(leaf);
      return undefined;
    }
    if (ast.isLabel(node)) return this.label(document, node, leaf);
    const isNamed = isDeclaration(node) && (isInside(leaf, NameProvider.getNameNode(node)) || isReferenceLeaf(leaf));
    const name = isNamed ? NameProvider.getName(node) : undefined;
    if (!isNamed || name === undefined) return undefined;
    const places = References.findReferences(node, { includeDeclaration: true }).flatMap(({ sourceUri, segment }) => {
      const there = this.services.shared.workspace.LangiumDocuments.getDocument(sourceUri);
      return there === undefined ? [] : [{ document: there, range: segment.range }];
    });
    return { node, name, range: leaf.range, places: places.toArray(), isTail: false };
  }

  /** The piece under the cursor, in all labels of the attribute. */
  private label(document: LangiumDocument, label: ast.Label, leaf: CstNode): Subject {
    const pieces = (each: ast.Label): CstNode[] =>
      [each, ...each.parts].flatMap((part) => GrammarUtils.findNodeForProperty(part.$cstNode, pieceOf(part)) ?? []);
    const index = pieces(label).findIndex(({ offset, end }) => offset <= leaf.offset && leaf.end <= end);
    const at = Math.max(index, 0);
    const places = this.services.references.References.namesakes(label).flatMap((each) => {
      const piece = pieces(each)[at];
      return piece === undefined ? [] : [{ document, range: piece.range }];
    });
    const own = pieces(label)[at]!;
    return { node: label, name: own.text.normalize('NFKC'), range: own.range, places, isTail: at > 0 };
  }

  private changes({ node, places }: Subject, newName: string): readonly DocumentEdits[] {
    const edits = new Map<LangiumDocument, TextEdit[]>();
    const add = (document: LangiumDocument, edit: TextEdit): void => {
      const known = edits.get(document);
      if (known === undefined) edits.set(document, [edit]);
      else known.push(edit);
    };
    for (const { document, range } of places) add(document, { range, newText: newName });
    // Without "as" an extern is the class of its name.
    if (ast.isExtern(node) && node.construction === undefined) {
      const module = GrammarUtils.findNodeForProperty(node.$cstNode, 'module');
      if (module !== undefined) {
        const { end } = module.range;
        add(AstUtils.getDocument(node), { range: { start: end, end }, newText: ` as ${node.name}` });
      }
    }
    return [...edits].map(([document, found]) => ({ document, edits: found }));
  }

  /** What can't be read may name it too. */
  private refuseUnread({ node, name, places }: Subject): void {
    const isGlobal = ast.isDefinition(node) || ast.isImportedName(node);
    const local = isGlobal ? undefined : AstUtils.getContainerOfType(node, ast.isDefinition);
    for (const document of new Set(places.map((place) => place.document))) {
      const parsed = parsedOf(document);
      const root = parsed?.value.$cstNode;
      if (parsed === undefined || root === undefined) continue;
      const parts = [...allParts(parsed.parts)].filter(
        (part) => part.problems.length > 0 && isAround(part.node, local),
      );
      for (const { anchor, length } of parts) {
        const token = parsed.tokens.find(
          ({ image, startOffset }) =>
            image.normalize('NFKC') === name &&
            startOffset >= anchor.offset &&
            startOffset < anchor.offset + length &&
            CstUtils.findLeafNodeAtOffset(root, startOffset)?.offset !== startOffset,
        );
        if (token === undefined) continue;
        const place = document.textDocument.positionAt(token.startOffset);
        refuse(`${lineOf(document, place, node)} can't be read, and names ${name} too: mend it first.`);
      }
    }
  }

  private outsideNote({ uri }: LangiumDocument): Note | undefined {
    if (!isOutside(this.services.shared, uri)) return undefined;
    return {
      title: 'Outside of the workspace',
      text: `${uri.fsPath} lies outside of the folders that are open; files that aren't known here may import it.`,
    };
  }
}

// ---------------------------------------------------------------------------------------------- what may have a name

function checkName({ node, isTail, name }: Subject, newName: string): void {
  if (!isName(newName) && !(isTail && /^\d+$/.test(newName)))
    refuse(`"${newName}" is no name: names are letters, digits and _, and begin with no digit.`);
  if (PYTHON_KEYWORDS.has(newName.normalize('NFKC'))) refuse(`"${newName}" is a word of Python's and can't be a name.`);
  if (KEYWORDS.has(newName.normalize('NFKC')) && !ast.isLabel(node))
    refuse(`"${newName}" is a word of the language and can't be a name.`);
  if (newName.normalize('NFKC') === '_' && name !== '_') refuse('"_" takes what isn\'t wanted, and can\'t be used.');
}

/** Names that aren't the user's to change. */
function refuseForeign(leaf: CstNode): void {
  const name = foreignName(leaf);
  if (name === undefined) return;
  if (findLayer(name) !== undefined) refuse(`${name} is a layer of the catalogue: its name is torch's.`);
  refuse(`${name} is a function of the language's.`);
}

function isDeclaration(node: AstNode): node is Declaration {
  return (
    ast.isDefinition(node) ||
    ast.isImportedName(node) ||
    ast.isParameter(node) ||
    ast.isPort(node) ||
    ast.isBoundName(node) ||
    ast.isOutput(node) ||
    ast.isWeight(node) ||
    ast.isSharedLayer(node) ||
    ast.isLabel(node) ||
    ast.isName(node)
  );
}

function pieceOf(node: AstNode): string {
  return ast.isLabel(node) ? 'head' : 'tail';
}

function isReferenceLeaf(leaf: CstNode): boolean {
  return AstUtils.streamReferences(leaf.astNode).some(
    ({ reference }) => isReference(reference) && isInside(leaf, reference.$refNode),
  );
}

function isInside(leaf: CstNode, node: CstNode | undefined): boolean {
  return node !== undefined && node.offset <= leaf.offset && leaf.end <= node.end;
}

/** Whether a part may hold uses of something that is local to a definition. */
function isAround(part: AstNode | undefined, local: ast.Definition | undefined): boolean {
  if (local === undefined || part === undefined) return true;
  return AstUtils.getContainerOfType(part, ast.isDefinition) === local;
}

// ---------------------------------------------------------------------------------------------- collisions

/** Whether a new name is taken where the old one is used, or would take what others mean by it. */
class Collisions {
  private readonly services: ScvServices;
  private readonly subject: Subject;
  private readonly newName: string;
  /** What refers to the subject. */
  private readonly uses: readonly Use[];

  constructor(services: ScvServices, subject: Subject, newName: string) {
    this.services = services;
    this.subject = subject;
    this.uses = services.references.References.usesOf(subject.node);
    this.newName = newName.normalize('NFKC');
  }

  refuse(): void {
    const { node } = this.subject;
    this.refusePythonArgument();
    if (ast.isDefinition(node) || ast.isImportedName(node)) this.inFiles(node);
    else this.inDefinition(node, AstUtils.getContainerOfType(node, ast.isDefinition)!);
  }

  /** A parameter's name is Python's, where an extern's class is given its arguments as they are written. */
  private refusePythonArgument(): void {
    const { node, name } = this.subject;
    const extern = ast.isParameter(node) ? node.$container : undefined;
    if (!ast.isExtern(extern) || ast.isCall(extern.construction)) return;
    const given = this.uses.find((use) => ast.isArgument(use.node));
    if (given === undefined) return;
    const call = `${extern.name}(${extern.parameters.map((each) => each.name).join(', ')})`;
    refuse(
      `${name} is the name of ${extern.name}'s own argument in Python, and ${this.line(given.node)} gives it by name: say how it is constructed first, as ${call}.`,
    );
  }

  private inFiles(node: ast.Definition | ast.ImportedName): void {
    const files = new Set([AstUtils.getDocument(node), ...this.importers()]);
    for (const document of files) {
      const file = fileOf(document);
      const taken = file && this.declarationIn(file);
      if (taken !== undefined) this.refuseTaken(taken);
    }
    this.refuseHidden();
    for (const document of files) {
      for (const use of usesIn(document)) {
        if (use.reference.$refText !== this.newName || ast.isArgument(use.node) || ast.isImportedName(use.node))
          continue;
        const { ref } = use.reference;
        if (ref === undefined || ast.isDefinition(ref) || ast.isImportedName(ref)) this.refuseCaptured(use.node);
      }
    }
  }

  /** The files in which a definition has its own name. */
  private importers(): LangiumDocument[] {
    return this.uses.flatMap(({ node }) =>
      ast.isImportedName(node) && node.name === undefined ? [AstUtils.getDocument(node)] : [],
    );
  }

  private inDefinition(node: Declaration, definition: ast.Definition): void {
    const loop = node.$container;
    const region = ast.isForStage(loop) ? loop : definition;
    const taken = this.services.references.ScopeProvider.localOf(definition, this.newName);
    if (taken !== undefined) this.refuseTaken(taken);
    this.refuseHidden();
    for (const use of usesBelow(region)) {
      if (use.reference.$refText !== this.newName || ast.isArgument(use.node)) continue;
      if (use.node.$type === 'Call' && !isCallable(node)) continue;
      const { ref } = use.reference;
      // What means a loop's own name goes on to mean that; what stands above means nothing else either.
      if (!ast.isForStage(ref?.$container)) this.refuseCaptured(use.node);
    }
    if (ast.isBoundName(node) && ast.isForStage(loop)) {
      const inner = AstUtils.streamAllContents(loop).find(
        (each) => ast.isBoundName(each) && each.name === this.newName && each !== node,
      );
      if (inner !== undefined) this.refuseTaken(inner);
    }
  }

  /** Where the new name means something else at a use of the old one. */
  private refuseHidden(): void {
    for (const { node } of this.uses) {
      if (ast.isArgument(node) || ast.isImportedName(node)) continue;
      const meant = this.services.references.ScopeProvider.meant(node, this.newName);
      if (meant !== undefined) {
        refuse(
          `${this.newName} means ${this.describe(meant)} in ${this.line(node)}, where ${this.subject.name} is used.`,
        );
      }
    }
  }

  private refuseTaken(taken: AstNode): never {
    refuse(`${this.newName} is taken: ${this.line(taken)} has ${this.describe(taken)} of that name.`);
  }

  private refuseCaptured(use: AstNode): never {
    const { name, node } = this.subject;
    refuse(
      `${this.newName} in ${this.line(use)} would mean what is ${name} now, ${this.describe(node)}, and means something else.`,
    );
  }

  private declarationIn(file: ast.File): AstNode | undefined {
    return (
      file.definitions.find((each) => each.name === this.newName) ??
      file.imports.flatMap(({ names }) => names).find((each) => (each.name ?? each.target.$refText) === this.newName)
    );
  }

  private line(node: AstNode): string {
    const { start } = node.$cstNode!.range;
    return lineOf(AstUtils.getDocument(node), start, this.subject.node);
  }

  private describe(node: AstNode): string {
    switch (node.$type) {
      case 'Model':
        return 'a model';
      case 'Block':
      case 'Extern':
        return 'a block';
      case 'ImportedName':
        return 'an import';
      case 'Parameter':
        return 'a parameter';
      case 'Port':
        return 'an input';
      case 'Output':
        return 'an output';
      case 'Weight':
        return (node as ast.Weight).kind === 'buffer' ? 'a buffer' : 'a weight';
      case 'SharedLayer':
        return 'a layer';
      case 'Name':
        return 'a size';
      default:
        return ast.isForStage(node.$container) ? "a loop's variable" : 'a binding';
    }
  }
}

// ---------------------------------------------------------------------------------------------- consequences

/** What the program would mean with these changes. */
class Consequences {
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
    if (instance.size > MOST_COMPARED) return { name: instance.definition.name.text, keys: [] };
    const now = other === undefined ? [] : [...stateKeys(other)];
    const keys = [...stateKeys(instance)].flatMap(({ name }, at): (readonly [string, string])[] => {
      const key = now[at]?.name;
      return key === undefined || key === name ? [] : [[name, key]];
    });
    return { name: instance.definition.name.text, keys };
  });
}

// ---------------------------------------------------------------------------------------------- words

/** `line 3`, and of which file where it isn't the subject's. */
function lineOf(document: LangiumDocument, { line }: Range['start'], subject: AstNode): string {
  const number = `line ${String(line + 1)}`;
  if (AstUtils.getDocument(subject) === document) return number;
  const { path } = document.uri;
  return `${number} of ${path.slice(path.lastIndexOf('/') + 1)}`;
}

function refuse(message: string): never {
  throw new ResponseError(LSPErrorCodes.RequestFailed, message);
}
