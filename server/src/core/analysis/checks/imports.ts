/** Imports: files that aren't there, names that they don't have, rings. */
import { type Identifier, type Import, type Range, type Site, type SourceFile, importsId } from '../../definition.ts';
import { usesInStatement } from '../../elaborate/uses.ts';
import { type Fix, type LocalFix, type LocalPlace, fix, mapped, remove, replace, replacements } from '../../fix.ts';
import { didYouMean, nearby } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import { type Linker, lastPart, relativePath } from '../../program.ts';
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
      report.error('import-not-found', message, path.range, part, pathFixes(linker, file.uri, statement));
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
      checkNames(statement, other, path.value, (message, { text, range }, defined) => {
        report.error('import-missing-name', message, range, part, nameFixes(file, statement, { text, range }, defined));
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
          [withoutName(statement, name.range)],
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
  statement: Import,
  other: SourceFile,
  path: string,
  report: (message: string, name: Identifier, defined: readonly string[]) => void,
): void {
  const defined = other.definitions.map(({ name }) => name.text);
  for (const { target } of statement.names) {
    if (defined.includes(target.text)) continue;
    const has = defined.length === 0 ? 'It defines nothing' : `It has ${defined.join(', ')}`;
    report(`${path} has no ${target.text}.${didYouMean(target.text, defined)} ${has}.`, target, defined);
  }
}

/** Another name that the file has, here and where it is used; or none, where nothing uses it. */
function nameFixes(
  { definitions }: SourceFile,
  statement: Import,
  { text, range }: Identifier,
  defined: readonly string[],
): readonly LocalFix[] {
  const { alias } = statement.names.find(({ target }) => target.range.start === range.start)!;
  const uses = definitions.flatMap((definition): LocalPlace[] =>
    definition.kind === 'extern'
      ? []
      : definition.statements.flatMap((each, part) =>
          usesInStatement(each)
            .filter(({ name }) => name.text === (alias ?? { text }).text)
            .map(({ name }) => ({ definition: definition.id, part, range: name.range })),
        ),
  );
  return [
    ...nearby(text, defined).map((name, i) =>
      fix<LocalPlace>(
        `Replace ${text} with ${name}`,
        [range, ...(alias === undefined ? uses : [])].map((at) => replace(at, name)),
        i === 0 ? 'preferred' : undefined,
      ),
    ),
    ...(uses.length === 0 ? [withoutName(statement, (alias ?? { range }).range)] : []),
  ];
}

/** Files that have what is imported. */
function pathFixes({ program }: Linker, uri: string, { names, path }: Import): readonly Fix<Range>[] {
  const [first, ...others] = names.map(({ target }) => program.exporters?.(uri, target.text) ?? []);
  const found = first?.filter((file) => others.every((files) => files.includes(file))) ?? [];
  const texts = found.map((file) => `"${relativePath(uri, file)}"`);
  return replacements(`"${path.value}"`, path.range, texts);
}

/** An import without one of its names; all of it where that is the only one. */
export function withoutName({ names, range }: Import, name: Range, isHarmless = false): Fix<Range> {
  const imported = names.find(
    (each) => each.target.range.start === name.start || each.alias?.range.start === name.start,
  );
  const { target, alias } = imported!;
  const own = { start: target.range.start, end: (alias ?? target).range.end };
  const title = `Remove the import of ${target.text}`;
  return fix(title, [remove(names.length === 1 ? range : own)], isHarmless ? 'harmless' : 'preferred');
}

/** {@link withoutName}, from elsewhere in the file. */
export function removeImported(uri: string, statement: Import, part: number, name: string): Fix {
  const { alias, target } = statement.names.find((each) => (each.alias ?? each.target).text === name)!;
  const site = (range: Range): Site => ({ definition: importsId(uri), part, range });
  return mapped(withoutName(statement, (alias ?? target).range), site);
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
