import {
  type Definition,
  HEADER,
  type Placement,
  type Range,
  type Site,
  type SourceFile,
  importsId,
} from './definition.ts';

/** Where a {@link Site} of this file lies in its text: absolute offsets. `undefined` where the file has no such part. */
export function rangeOfSite(site: Site, file: SourceFile, placement: Placement): Range | undefined {
  const start = startOfPart(site, file, placement);
  return start === undefined ? undefined : { start: start + site.range.start, end: start + site.range.end };
}

function startOfPart({ definition, part }: Site, file: SourceFile, placement: Placement): number | undefined {
  if (definition === importsId(file.uri)) return placement.imports[part];
  const index = file.definitions.findIndex(({ id }: Definition) => id === definition);
  const parts = placement.definitions[index];
  return part === HEADER ? parts?.header : parts?.statements[part];
}
