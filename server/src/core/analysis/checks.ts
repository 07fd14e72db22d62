/** What is said of a file besides what elaboration finds: imports, names defined twice, what is not used, data sets. */
import type { Session } from '../elaborate/session.ts';
import type { Instance } from '../graph.ts';
import type { Problem } from '../problem.ts';

export function checkFile(_session: Session, _uri: string, _models: readonly Instance[]): readonly Problem[] {
  return [];
}
