import type { AstNode } from 'langium';
import { hashText } from '../../core/hash.ts';
import { onceFor } from '../../core/once.ts';
import type { Definition, Import, Placement, SourceFile, Statement } from '../../core/definition.ts';
import type * as ast from '../generated/ast.ts';
import { moved, type PartProblem, type SyntaxProblem } from '../problem.ts';
import type { DefinitionParts, Part, ScvParseResult } from '../text/parser.ts';
import { endLineOf, lineOf } from '../text/tokens.ts';
import { Reader } from './reader.ts';

export interface ReadFile {
  readonly file: SourceFile;
  readonly placement: Placement;
  readonly problems: readonly SyntaxProblem[];
}

/** A part as data. */
interface Read<T> {
  readonly value: T;
  readonly problems: readonly PartProblem[];
  /** Of the part's text and documentation. */
  readonly hash: string;
}

const readFiles = new WeakMap<ScvParseResult, ReadFile>();
/** Parts are kept from version to version, and what they say with them. */
const readParts = new WeakMap<Part, { readonly documentation: string | undefined; readonly read: Read<unknown> }>();

/** What a parsed file says. Made once for each version. */
export function toSourceFile(uri: string, parsed: ScvParseResult): ReadFile {
  return onceFor(readFiles, parsed, () => new FileReader(uri, parsed).read());
}

class FileReader {
  private readonly uri: string;
  private readonly parsed: ScvParseResult;
  private readonly comments: ReadonlyMap<number, string>;
  /** Offset of the first token of each line, by line from 0. */
  private readonly lineStarts = new Map<number, number>();
  private readonly problems: SyntaxProblem[] = [];

  constructor(uri: string, parsed: ScvParseResult) {
    this.uri = uri;
    this.parsed = parsed;
    this.comments = commentLines(parsed);
    if (this.comments.size === 0) return;
    for (const token of parsed.tokens) {
      if (!this.lineStarts.has(lineOf(token) - 1)) this.lineStarts.set(lineOf(token) - 1, token.startOffset);
    }
  }

  read(): ReadFile {
    const { imports, definitions } = this.parsed.parts;
    for (const problem of this.parsed.problems) this.problems.push(problem);
    const readImports = imports.filter((part) => part.node !== undefined);
    const readDefinitions = definitions.filter(({ header }) => header.node !== undefined);
    for (const part of [...imports, ...definitions.map(({ header }) => header)]) {
      if (part.node === undefined) this.report(part, part.problems);
    }
    const counts = new Map<string, number>();
    const statementParts: Part<ast.Statement | ast.Stray>[][] = [];
    const file: SourceFile = {
      uri: this.uri,
      imports: readImports.map((part) => this.import(part as Part<ast.Import> & { node: ast.Import })),
      definitions: readDefinitions.map((parts) => this.definition(parts, counts, statementParts)),
    };
    const placement: Placement = {
      imports: readImports.map((part) => part.anchor.offset),
      definitions: readDefinitions.map(({ header }, index) => ({
        header: header.anchor.offset,
        statements: (statementParts[index] ?? []).map((part) => part.anchor.offset),
      })),
    };
    this.problems.sort((a, b) => a.range.start - b.range.start);
    return { file, placement, problems: this.problems };
  }

  private import(part: Part<ast.Import>): Import {
    return this.part(part, undefined, (reader) => reader.import(part.node!)).value;
  }

  private definition(
    parts: DefinitionParts,
    counts: Map<string, number>,
    statementParts: Part<ast.Statement | ast.Stray>[][],
  ): Definition {
    const node = parts.header.node!;
    const documentation = this.documentation(node);
    const header = this.part(parts.header, documentation, (reader) =>
      node.$type === 'Extern' ? reader.extern(node) : reader.header(node),
    );
    const { name } = header.value;
    const count = (counts.get(name.text) ?? 0) + 1;
    counts.set(name.text, count);

    const statements: Statement[] = [];
    const sound: Part<ast.Statement | ast.Stray>[] = [];
    const hashes = [header.hash];
    // What stands behind a brace that is missing may belong to it.
    const isClosed = node.$type === 'Extern' || parts.close !== undefined;
    if (!isClosed) hashes.push('open');
    let isPartlyRead = header.problems.length > 0 || !isClosed;
    for (const part of parts.statements) {
      if (part.node === undefined) {
        this.report(part, part.problems);
        isPartlyRead = true;
        continue;
      }
      const { node: statement, isBroken } = part;
      const read = this.part(part, this.documentation(statement), (reader) => reader.statement(statement, isBroken));
      isPartlyRead ||= read.problems.length > 0;
      if (read.value === undefined) continue;
      statements.push(read.value);
      sound.push(part);
      hashes.push(read.hash);
    }
    statementParts.push(sound);

    const base = {
      id: `${this.uri}#${name.text}${count > 1 ? `#${String(count)}` : ''}`,
      ...(documentation === undefined ? {} : { documentation }),
      hash: hashText([...hashes, isPartlyRead].join(' ')),
      ...(isPartlyRead ? { isPartlyRead } : {}),
    };
    if (node.$type === 'Extern')
      return { ...(header.value as Omit<Definition & { kind: 'extern' }, 'id' | 'hash'>), ...base };
    return { kind: node.$type === 'Model' ? 'model' : 'block', ...header.value, ...base, statements };
  }

  /** Reads a part, or takes what was read of it for an older version. */
  private part<T>(part: Part, documentation: string | undefined, read: (reader: Reader) => T): Read<T> {
    let known = readParts.get(part);
    if (known === undefined || known.documentation !== documentation) {
      const reader = new Reader(part.anchor.offset, (node) => this.documentation(node));
      const value = read(reader);
      const problems = part.problems.length > 0 ? part.problems : reader.problems;
      known = { documentation, read: { value, problems, hash: hashText(`${documentation ?? ''}\n${part.key}`) } };
      readParts.set(part, known);
    }
    const result = known.read as Read<T>;
    this.report(part, result.problems);
    return result;
  }

  private report(part: Part, problems: readonly PartProblem[]): void {
    for (const problem of problems) this.problems.push(moved(problem, part.anchor.offset));
  }

  /** The comment lines directly above a node that begins its line, without `#`. */
  private documentation(node: AstNode): string | undefined {
    if (this.comments.size === 0 || node.$cstNode === undefined) return undefined;
    const { line: first } = node.$cstNode.range.start;
    if (this.lineStarts.get(first) !== node.$cstNode.offset) return undefined;
    const lines: string[] = [];
    for (let line = first - 1; ; line--) {
      const comment = this.comments.get(line);
      if (comment === undefined) break;
      lines.unshift(comment);
    }
    return lines.length === 0 ? undefined : lines.join('\n');
  }
}

/** The comments that have a line for themselves, by line from 0, without `#`. */
function commentLines(parsed: ScvParseResult): ReadonlyMap<number, string> {
  const lines = new Map<number, string>();
  for (const comment of parsed.comments) lines.set(lineOf(comment) - 1, comment.image.replace(/^#+ ?/, '').trimEnd());
  if (lines.size === 0) return lines;
  for (const token of parsed.tokens) {
    lines.delete(lineOf(token) - 1);
    lines.delete(endLineOf(token) - 1);
  }
  return lines;
}
