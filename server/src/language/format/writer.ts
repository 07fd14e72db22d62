/** Lines as they come, with comments at their ends. */
import { widthOf } from '../../core/columns.ts';
import type { Comment } from './tree.ts';

export const WIDTH = 100;
export const INDENT = '  ';

/** How many lines further on a comment may be aligned with one. */
const NEAR = 3;

interface Line {
  text: string;
  /** A comment behind the text, and where it began before. */
  comment: Comment | undefined;
}

export class Writer {
  readonly #lines: Line[] = [{ text: '', comment: undefined }];
  /** A comment has ended the line: what comes next needs another. */
  #isEnded = false;

  /** Columns of the line so far. */
  get column(): number {
    return widthOf(this.#lines.at(-1)!.text);
  }

  /** Goes on in the line; where a comment has ended that, on the next, indented so far. */
  write(text: string, indent: string): void {
    const isNew = this.#isEnded;
    if (isNew) this.line(indent);
    this.#lines.at(-1)!.text += isNew ? text.trimStart() : text;
  }

  /** Begins a line. */
  line(indent: string): void {
    const last = this.#lines.at(-1)!;
    if (last.text.trim() === '' && last.comment === undefined) last.text = indent;
    else this.#lines.push({ text: indent, comment: undefined });
    this.#isEnded = false;
  }

  blank(): void {
    this.#lines.push({ text: '', comment: undefined }, { text: '', comment: undefined });
    this.#isEnded = false;
  }

  /** Comments behind what was written: the first on its line, where it stood so. */
  comments(comments: readonly Comment[], indent: string): void {
    for (const comment of comments) {
      const last = this.#lines.at(-1)!;
      if (!comment.ownLine && last.comment === undefined && last.text.trim() !== '') {
        last.text = last.text.trimEnd();
        last.comment = comment;
      } else {
        this.line(indent);
        this.#lines.at(-1)!.text += comment.text;
      }
      this.#isEnded = true;
    }
  }

  /** A line as it is. */
  verbatim(text: string): void {
    this.#lines.at(-1)!.text += text;
  }

  toString(): string {
    return this.#aligned().join('\n');
  }

  /** Comments that stood one below the other, with few lines between, do so again. */
  #aligned(): readonly string[] {
    const columns = new Map<Line, number>();
    let group: Line[] = [];
    const close = (): void => {
      const column = Math.max(...group.map(({ text }) => widthOf(text))) + 2;
      const isWide = group.some(({ comment }) => column + widthOf(comment!.text) > WIDTH);
      if (group.length > 1 && !isWide) for (const line of group) columns.set(line, column);
      group = [];
    };
    let last = 0;
    for (const [i, line] of this.#lines.entries()) {
      if (line.comment === undefined) continue;
      const isNext = i - last <= NEAR && group[0]?.comment?.column === line.comment.column;
      if (group.length > 0 && !isNext) close();
      group.push(line);
      last = i;
    }
    if (group.length > 0) close();
    return this.#lines.map((line) => {
      if (line.comment === undefined) return line.text.trimEnd();
      const column = columns.get(line) ?? widthOf(line.text) + 2;
      return line.text + ' '.repeat(column - widthOf(line.text)) + line.comment.text;
    });
  }
}
