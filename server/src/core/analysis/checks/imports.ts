/** Imports: files that aren't there, names that they don't have, rings. */
import { type Import, type SourceFile, importsId } from '../../definition.ts';
import { didYouMean } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import type { Linker } from '../../program.ts';
import { reporter } from './report.ts';

export function checkImports(linker: Linker, file: SourceFile): readonly Problem[] {
  const { program } = linker;
  const report = reporter(importsId(file.uri));
  const names = new Set<string>();
  file.imports.forEach((statement, part) => {
    const { path } = statement;
    const target = program.resolve(file.uri, path.value);
    const other = program.file(target);
    if (other === undefined) {
      const why = program.whyUnreadable?.(target);
      const message =
        why === undefined
          ? `There is no file ${path.value} that can be read${meant(path.value, program.pathsFrom?.(file.uri) ?? [])}`
          : `${path.value} can't be imported: ${why}.`;
      report.error('import-not-found', message, path.range, part);
    } else {
      const ring = ringThrough(linker, file.uri, target);
      if (ring !== undefined) {
        const way = [...ring, ring[0]!].map(lastPart).join(' → ');
        report.error(
          'import-cycle',
          `These files import each other: ${way}. Move what both need to a file of its own.`,
          path.range,
          part,
        );
      }
      checkNames(statement, other, path.value, (message, range) => {
        report.error('import-missing-name', message, range, part);
      });
    }
    for (const { target: wanted, alias } of statement.names) {
      const name = alias ?? wanted;
      if (names.has(name.text)) {
        report.error(
          'duplicate-name',
          `${name.text} is imported already: give this one another name, ${wanted.text} as ….`,
          name.range,
          part,
        );
      }
      names.add(name.text);
    }
  });
  return report.problems;
}

/** Of several files of the name that is meant, as many are told. */
const MOST_FILES = 3;

/** A file of that name elsewhere, or one whose path is almost the same, ends the sentence. */
function meant(path: string, known: readonly string[]): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const elsewhere = known.filter((other) => other.endsWith(`/${name}`));
  if (elsewhere.length > 0) return `. Did you mean ${elsewhere.toSorted().slice(0, MOST_FILES).join(' or ')}?`;
  const guess = didYouMean(path, known);
  return guess === '' ? ': a path is seen from this file, as in "./blocks.scv".' : `.${guess}`;
}

function checkNames(
  { names }: Import,
  other: SourceFile,
  path: string,
  report: (message: string, range: Import['range']) => void,
): void {
  const defined = other.definitions.map(({ name }) => name.text);
  for (const { target } of names) {
    if (defined.includes(target.text)) continue;
    const has = defined.length === 0 ? 'It defines nothing' : `It has ${defined.join(', ')}`;
    report(`${path} has no ${target.text}.${didYouMean(target.text, defined)} ${has}.`, target.range);
  }
}

/** The files of a ring that begins with these two; the shortest. */
function ringThrough({ program }: Linker, from: string, to: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string>([[to, from]]);
  const queue = [to];
  for (const uri of queue) {
    if (uri === from) {
      const way: string[] = [];
      for (let at = cameFrom.get(from)!; at !== from; at = cameFrom.get(at)!) way.unshift(at);
      return [from, ...way];
    }
    for (const { path } of program.file(uri)?.imports ?? []) {
      const next = program.resolve(uri, path.value);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, uri);
      queue.push(next);
    }
  }
  return undefined;
}

function lastPart(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
}
