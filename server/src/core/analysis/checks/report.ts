/** How checks say what they found. */
import { type Definition, HEADER, type Range } from '../../definition.ts';
import type { Problem, Severity } from '../../problem.ts';

export interface Reporter {
  readonly problems: readonly Problem[];
  error(code: string, message: string, range: Range, part?: number): void;
  warning(code: string, message: string, range: Range, part?: number): void;
  hint(code: string, message: string, range: Range, part?: number): void;
  /** Something that can be deleted: a hint, shown greyed. */
  unused(code: string, message: string, range: Range, part?: number): void;
}

/** @param id of a definition, or of a file's imports; `part` is the header where none is given */
export function reporter(id: string): Reporter {
  const problems: Problem[] = [];
  const add = (severity: Severity, code: string, message: string, range: Range, part: number, rest = {}): void => {
    problems.push({ code, severity, message, site: { definition: id, part, range }, ...rest });
  };
  return {
    problems,
    error: (code, message, range, part = HEADER) => add('error', code, message, range, part),
    warning: (code, message, range, part = HEADER) => add('warning', code, message, range, part),
    hint: (code, message, range, part = HEADER) => add('hint', code, message, range, part),
    unused: (code, message, range, part = HEADER) => add('hint', code, message, range, part, { unnecessary: true }),
  };
}

/** The statements of a model or block; an extern has none. */
export function statementsOf(definition: Definition): Exclude<Definition, { kind: 'extern' }>['statements'] {
  return definition.kind === 'extern' ? [] : definition.statements;
}
