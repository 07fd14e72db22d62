/** What is said of a file besides what elaboration finds: imports, names defined twice, what is not used, data sets. */
import type { Session } from '../elaborate/session.ts';
import type { Instance } from '../graph.ts';
import type { Problem } from '../problem.ts';
import { checkDatasets } from './checks/datasets.ts';
import { checkDefinitions } from './checks/definitions.ts';
import { checkImports } from './checks/imports.ts';
import { checkMetadata } from './checks/metadata.ts';
import { checkTraining } from './checks/training.ts';
import { checkUnused } from './checks/unused.ts';

/** @param models the file's models by themselves */
export function checkFile(session: Session, uri: string, models: readonly Instance[]): readonly Problem[] {
  const file = session.linker.program.file(uri);
  if (file === undefined) return [];
  return [
    ...checkImports(session.linker, file),
    ...checkDefinitions(session.linker, file),
    ...file.definitions.flatMap(checkMetadata),
    ...file.definitions.flatMap(checkTraining),
    ...models.flatMap(checkDatasets),
    ...checkUnused(session.linker, file),
  ];
}
