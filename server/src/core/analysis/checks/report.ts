/** How checks say what they found. */
import { type Definition, HEADER, type Range } from '../../definition.ts';
import { type LocalFix, placed, withFixes } from '../../fix.ts';
import type { Problem, Severity } from '../../problem.ts';

export interface Reporter {
  readonly problems: readonly Problem[];
  error: Report;
  warning: Report;
  hint: Report;
  /** Something that can be deleted: a hint, shown greyed. */
  unused: Report;
}

/** @param part the header where none is given */
type Report = (code: string, message: string, range: Range, part?: number, fixes?: readonly LocalFix[]) => void;

/** @param id of a definition, or of a file's imports */
export function reporter(id: string): Reporter {
  const problems: Problem[] = [];
  const as =
    (severity: Severity, rest = {}): Report =>
    (code, message, range, part = HEADER, fixes = []) => {
      const site = { definition: id, part, range };
      const repairs = withFixes(placed(fixes, (place) => ({ definition: id, part, range: place })));
      problems.push({ code, severity, message, site, ...rest, ...repairs });
    };
  return {
    problems,
    error: as('error'),
    warning: as('warning'),
    hint: as('hint'),
    unused: as('hint', { unnecessary: true }),
  };
}

/** The statements of a model or block; an extern has none. */
export function statementsOf(definition: Definition): Exclude<Definition, { kind: 'extern' }>['statements'] {
  return definition.kind === 'extern' ? [] : definition.statements;
}
