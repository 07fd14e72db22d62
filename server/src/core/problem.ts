import type { Site } from './definition.ts';
import type { Fix } from './fix.ts';

export type Severity = 'error' | 'warning' | 'hint';

/** One message about a program. Codes are a contract, listed with their meaning in docs/diagnostics.md. */
export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong with its numbers, why torch would refuse, what to do. */
  readonly message: string;
  readonly site: Site;
  /** The other places that belong to it: where a block with this error is used, the definition that was meant. */
  readonly related?: readonly RelatedSite[];
  /** Shown greyed: it can be deleted. */
  readonly unnecessary?: boolean;
  /** What would repair it, best first. */
  readonly fixes?: readonly Fix[];
}

export interface RelatedSite {
  readonly site: Site;
  readonly message: string;
}
