/** What is said of a file besides what elaboration finds: of its text, and of the graphs that come of it. */
import type { Definition } from '../definition.ts';
import type { Session } from '../elaborate/session.ts';
import type { Instance } from '../graph.ts';
import type { Problem } from '../problem.ts';
import { checkDatasets } from './checks/datasets.ts';
import { checkDefinitions } from './checks/definitions.ts';
import { checkEffects } from './checks/effects.ts';
import { checkFrozen } from './checks/frozen.ts';
import { checkImports } from './checks/imports.ts';
import { checkLosses } from './checks/losses.ts';
import { checkMetadata } from './checks/metadata.ts';
import { checkSizes } from './checks/sizes.ts';
import { checkTraining } from './checks/training.ts';
import { checkUnused, checkUnusedBlocks } from './checks/unused.ts';

/** @param models the file's models by themselves */
export function checkFile(session: Session, uri: string, models: readonly Instance[]): readonly Problem[] {
  const file = session.linker.program.file(uri);
  if (file === undefined) return [];
  const problems = [
    ...checkImports(session.linker, file),
    ...checkDefinitions(session.linker, file),
    ...file.definitions.flatMap(checkMetadata),
    ...file.definitions.flatMap(checkTraining),
    ...models.flatMap(checkDatasets),
    ...models.flatMap(checkLosses),
    ...models.flatMap(checkFrozen),
    ...models.flatMap(checkSizes),
    ...checkUnused(session, file),
  ];
  // A name that means nothing may be meant to be the block's.
  const isRight = [...problems, ...models.flatMap((model) => model.problems)].every(
    ({ severity }) => severity !== 'error',
  );
  return isRight ? [...problems, ...checkUnusedBlocks(session.linker, file)] : problems;
}

/** @param instances what it became in each of its uses */
export function checkDefinition(definition: Definition, instances: readonly Instance[]): readonly Problem[] {
  return checkEffects(definition, instances);
}
