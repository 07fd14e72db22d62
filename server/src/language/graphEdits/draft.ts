/** Texts on their way through the steps of one edit, and what they mean after each. */
import { DocumentState, TextDocument, URI, type LangiumDocument, type LangiumDocuments } from 'langium';
import type { FileFacts } from '../../core/analysis/analyse.ts';
import type { Block, Model, Range } from '../../core/definition.ts';
import { type FileEdits, type TextChange, applyChanges } from '../../core/edits/edit.ts';
import type { FixEdit } from '../../core/fix.ts';
import { uriOf } from '../../core/program.ts';
import type { Analysis, Trial } from '../analysis.ts';
import { parsedOf, readDocument } from '../documents.ts';
import { changesInForm, definitionInForm, roughChanges, type Change } from '../fixEdits.ts';
import type { ReadFile } from '../reading/sourceFile.ts';
import type { FileParser } from '../text/parser.ts';
import type { Readings } from '../text/readings.ts';
import { endOf } from '../text/tokens.ts';
import { Refused } from './refused.ts';

export interface DraftServices {
  readonly analysis: Analysis;
  readonly parser: FileParser;
  readonly readings: Readings;
  readonly documents: LangiumDocuments;
}

/** A piece of a text as it is now: of the text as it was, or new. */
type Piece = Range | { readonly text: string };

/** A text, which is read when somebody asks what it says. */
interface DraftText {
  readonly text: string;
  document: LangiumDocument | undefined;
}

interface DraftFile {
  readonly before: LangiumDocument;
  readonly now: DraftText;
  readonly pieces: readonly Piece[];
}

/** A place that stays at what stands there while the text around it changes. */
export interface Anchor {
  readonly uri: string;
  /** Absent once the text there is gone. */
  offset: number | undefined;
}

/** A definition of some file as it is now. */
export interface Written {
  readonly uri: string;
  readonly definition: Model | Block;
  /** Where the parts begin; the header's first. */
  readonly header: number;
  readonly statements: readonly number[];
}

export class Draft {
  private readonly services: DraftServices;
  private readonly files = new Map<string, DraftFile>();
  private readonly anchors: Anchor[] = [];
  /** Where copies of definitions begin that were in the formatter's form. */
  private readonly copies: Anchor[] = [];
  private trial: Trial | undefined;

  constructor(services: DraftServices) {
    this.services = services;
  }

  document(uri: string): LangiumDocument {
    const now = this.files.get(uri)?.now;
    if (now !== undefined) return (now.document ??= this.drafted(uri, now.text));
    const document = this.services.documents.getDocument(URI.parse(uri));
    if (document === undefined) throw new Refused(`The file ${uri} isn't there any more: open the graph again.`);
    return document;
  }

  /** The document of that file in a draft before this one is void then. */
  private drafted(uri: string, text: string): LangiumDocument {
    return {
      uri: URI.parse(uri),
      textDocument: TextDocument.create(uri, 'scv', 0, text),
      parseResult: this.services.readings.draft(uri, text),
      state: DocumentState.Parsed,
      references: [],
    };
  }

  text(uri: string): string {
    return this.files.get(uri)?.now.text ?? this.document(uri).textDocument.getText();
  }

  read(uri: string): ReadFile {
    const read = readDocument(this.document(uri));
    if (read === undefined) throw new Refused(`The file ${uri} isn't read yet: try again in a moment.`);
    return read;
  }

  comments(uri: string): readonly string[] {
    return parsedOf(this.document(uri))?.comments.map(({ image }) => image) ?? [];
  }

  facts(uri: string): FileFacts {
    if (this.files.size === 0) {
      const facts = this.services.analysis.factsOf(this.document(uri));
      if (facts === undefined) throw new Refused('This file could not be analysed, so its graph can not be edited.');
      return facts;
    }
    this.trial ??= this.services.analysis.trialOf(
      new Map([...this.files.keys()].map((each) => [each, this.read(each)])),
    );
    return this.trial.factsOf(uri);
  }

  /** Every file whose models may have a definition of this one in them. */
  rootsOf(uri: string): readonly string[] {
    const importers = this.services.analysis.importersOf(this.document(uri)).map((each) => each.uri.toString());
    return [uri, ...importers];
  }

  /** @param root the file by whose facts it is looked at: its stages and expressions are keys of them */
  definition(id: string, root: string): Written {
    const uri = uriOf(id);
    const { file, placement } = this.read(uri);
    const index = file.definitions.findIndex((each) => each.id === id);
    const known = this.facts(root)
      .session.linker.program.file(uri)
      ?.definitions.find((each) => each.id === id);
    const place = placement.definitions[index];
    if (known === undefined || place === undefined || known.kind === 'extern')
      throw new Refused('That part of the model is not in the text any more: the graph is older than the text.');
    return { uri, definition: known, header: place.header, statements: place.statements };
  }

  /** A place that is followed through all later edits. */
  anchor(uri: string, offset: number): Anchor {
    const anchor = { uri, offset };
    this.anchors.push(anchor);
    return anchor;
  }

  /** A definition that stands at a place now is put behind another one; it is in the formatter's form in the end if it was. */
  copy(uri: string, range: Range, at: number, text: string, before: string): void {
    const original = this.text(uri).slice(range.start, range.end);
    this.change(uri, [{ start: at, end: at, text: before + text }]);
    if (definitionInForm(original, this.services.parser) === original)
      this.copies.push(this.anchor(uri, at + before.length));
  }

  /** What was copied and changed then, in the form that it had. */
  private formCopies(): void {
    for (const { uri, offset } of this.copies) {
      const definitions = parsedOf(this.document(uri))?.parts.definitions ?? [];
      const own = definitions.find(({ header }) => header.anchor.offset >= (offset ?? Infinity));
      if (offset === undefined || own?.close === undefined) continue;
      const end = endOf(own.close);
      const formed = definitionInForm(this.text(uri).slice(offset, end), this.services.parser);
      if (formed !== undefined) this.change(uri, [{ start: offset, end, text: formed }]);
    }
  }

  edit(uri: string, edits: readonly FixEdit<Range>[]): void {
    if (edits.length === 0) return;
    const before = this.document(uri);
    const changes = roughChanges(before, edits, this.services.parser);
    if (changes === undefined)
      throw new Refused('A comment stands in the middle of what would be written anew: move it to a line of its own.');
    this.change(uri, changes);
  }

  /** Puts text into a file that may be empty. */
  change(uri: string, changes: readonly Change[]): void {
    const file = this.files.get(uri);
    const before = file?.before ?? this.document(uri);
    const text = this.text(uri);
    const pieces = file?.pieces ?? [{ start: 0, end: text.length }];
    this.files.set(uri, {
      before,
      now: { text: applied(text, changes), document: undefined },
      pieces: changedPieces(pieces, changes),
    });
    this.trial = undefined;
    for (const anchor of this.anchors) if (anchor.uri === uri) anchor.offset = moved(anchor.offset, changes);
  }

  /** The texts as they will be, with what they mean then. */
  formed(files: readonly FileEdits[]): Draft {
    const draft = new Draft(this.services);
    for (const { uri, edits } of files) {
      const { before, now } = this.files.get(uri)!;
      const text = applyChanges(before.textDocument.getText(), edits);
      draft.files.set(uri, { before, now: now.text === text ? now : { text, document: undefined }, pieces: [] });
    }
    return draft;
  }

  /** All that is different from the texts as they are: in the formatter's form where that was kept before. */
  result(): readonly FileEdits[] {
    this.formCopies();
    return [...this.files].flatMap(([uri, { before, pieces }]) => {
      const text = before.textDocument.getText();
      const formed = changesInForm(before, changesOf(pieces, text), this.services.parser);
      const edits = formed.map(({ start, end, text: newText }): TextChange => ({ start, end, newText }));
      return edits.length === 0 ? [] : [{ uri, edits }];
    });
  }
}

function applied(text: string, changes: readonly Change[]): string {
  let result = '';
  let at = 0;
  for (const change of changes) {
    result += text.slice(at, change.start) + change.text;
    at = change.end;
  }
  return result + text.slice(at);
}

/** What stands behind a place moves with it; what is put in right there comes before it. */
function moved(offset: number | undefined, changes: readonly Change[]): number | undefined {
  if (offset === undefined) return undefined;
  let by = 0;
  for (const { start, end, text } of changes) {
    if (end <= offset) by += text.length - (end - start);
    else if (start < offset || (start === offset && end > start)) return undefined;
  }
  return offset + by;
}

function lengthOf(piece: Piece): number {
  return 'text' in piece ? piece.text.length : piece.end - piece.start;
}

function changedPieces(pieces: readonly Piece[], changes: readonly Change[]): readonly Piece[] {
  const result: Piece[] = [];
  let at = 0;
  const waiting = [...pieces];
  /** Takes over, or leaves out, what stands up to an offset of the text as it is now. */
  const upTo = (offset: number, isKept: boolean): void => {
    while (at < offset) {
      const piece = waiting.shift();
      if (piece === undefined) return;
      const length = Math.min(lengthOf(piece), offset - at);
      const [first, rest] = cut(piece, length);
      if (isKept) result.push(first);
      if (rest !== undefined) waiting.unshift(rest);
      at += length;
    }
  };
  for (const { start, end, text } of changes) {
    upTo(start, true);
    if (text !== '') result.push({ text });
    upTo(end, false);
  }
  return [...result, ...waiting];
}

function cut(piece: Piece, length: number): readonly [Piece, Piece | undefined] {
  if (length === lengthOf(piece)) return [piece, undefined];
  if ('text' in piece) return [{ text: piece.text.slice(0, length) }, { text: piece.text.slice(length) }];
  return [
    { start: piece.start, end: piece.start + length },
    { start: piece.start + length, end: piece.end },
  ];
}

/** What was put between the pieces of a text that are still there. */
function changesOf(pieces: readonly Piece[], text: string): readonly Change[] {
  const changes: Change[] = [];
  let at = 0;
  let put = '';
  const close = (start: number): void => {
    if (put !== '' || start > at) changes.push(trimmed(text, { start: at, end: start, text: put }));
    put = '';
  };
  for (const piece of pieces) {
    if ('text' in piece) put += piece.text;
    else if (piece.end > piece.start) {
      close(piece.start);
      at = piece.end;
    }
  }
  close(text.length);
  return changes.filter(({ start, end, text: put }) => end > start || put !== '');
}

/** Without what is the same before and after at both ends. */
function trimmed(text: string, change: Change): Change {
  const before = text.slice(change.start, change.end);
  let start = 0;
  while (start < Math.min(before.length, change.text.length) && before[start] === change.text[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, change.text.length) - start && before.at(-1 - end) === change.text.at(-1 - end))
    end++;
  return {
    start: change.start + start,
    end: change.end - end,
    text: change.text.slice(start, change.text.length - end),
  };
}
