/** Names defined twice, and types of parameters that there aren't. */
import { type Definition, HEADER, PARAMETER_TYPES, type Property, type SourceFile } from '../../definition.ts';
import { fix, freeName, remove, replace, replacements } from '../../fix.ts';
import { didYouMean, nearby } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import type { Linker } from '../../program.ts';
import { removeImported } from './imports.ts';
import { reporter, statementsOf } from './report.ts';

export function checkDefinitions(linker: Linker, file: SourceFile): readonly Problem[] {
  const imported = new Map(linker.imported(file.uri).map((each) => [each.name, each]));
  const own = new Set<string>();
  const names = new Set([...imported.keys(), ...file.definitions.map(({ name }) => name.text)]);
  const free = (name: string): string => freeName(name, (each) => names.has(each)).replace('_', '');
  return file.definitions.flatMap((definition) => {
    const report = reporter(definition.id);
    const { text, range } = definition.name;
    const other = imported.get(text);
    if (own.has(text)) {
      report.error(
        'duplicate-name',
        `${text} is defined in this file already: give this one another name.`,
        range,
        HEADER,
        [fix(`Rename this one to ${free(text)}`, [replace(range, free(text))], 'preferred')],
      );
    } else if (other !== undefined) {
      const { path } = other.statement;
      report.error(
        'duplicate-name',
        `${text} is imported from ${path.value} already: give this one another name, or import that one under one: ${other.definition.name.text} as ….`,
        range,
        HEADER,
        [removeImported(file.uri, other.statement, other.index, text)],
      );
    }
    own.add(text);
    return [...report.problems, ...checkParameters(definition), ...checkKeys(definition)];
  });
}

function checkParameters(definition: Definition): readonly Problem[] {
  const report = reporter(definition.id);
  const names = new Set<string>();
  for (const { name, type, range } of definition.parameters) {
    if (names.has(name.text)) {
      report.error(
        'duplicate-name',
        `There are two parameters ${name.text}: give each its own name.`,
        name.range,
        HEADER,
        [fix(`Remove this ${name.text}`, [remove(range)], 'preferred')],
      );
    }
    names.add(name.text);
    if (type !== undefined && !(PARAMETER_TYPES as readonly string[]).includes(type.text)) {
      const meant = OTHER_TYPES[type.text];
      const types = meant === undefined ? nearby(type.text, PARAMETER_TYPES) : [meant];
      report.error('unknown-type', unknownType(type.text), type.range, HEADER, [
        ...replacements(type.text, type.range, types),
        fix('Leave the type out', [replace({ start: name.range.end, end: type.range.end }, '')]),
      ]);
    }
  }
  return report.problems;
}

/** What other languages call the types. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  integer: 'int',
  number: 'float',
  double: 'float',
  boolean: 'bool',
  string: 'str',
  list: 'ints',
  tuple: 'ints',
  Module: 'layer',
};

function unknownType(written: string): string {
  const meant = OTHER_TYPES[written];
  const advice = meant === undefined ? didYouMean(written, PARAMETER_TYPES) : ` Did you mean ${meant}?`;
  return `There is no type ${written}.${advice} A parameter's type is ${PARAMETER_TYPES.slice(0, -1).join(', ')} or layer.`;
}

function checkKeys(definition: Definition): readonly Problem[] {
  const report = reporter(definition.id);
  const keys = new Set<string>();
  const check = ({ key, range }: Property, known: Set<string>, part: number): void => {
    const fixes = [fix(`Remove this ${key.text}`, [remove(range)], 'preferred')];
    if (known.has(key.text)) report.error('duplicate-name', `${key.text} is given already.`, key.range, part, fixes);
    known.add(key.text);
  };
  let trains = 0;
  statementsOf(definition).forEach((statement, part) => {
    if (statement.kind === 'property') check(statement, keys, part);
    if (statement.kind !== 'train') return;
    trains += 1;
    if (trains > 1) {
      report.error(
        'duplicate-name',
        'There is a train already: a model has one.',
        { start: statement.range.start, end: statement.range.start + 'train'.length },
        part,
        [fix('Remove this train', [remove(statement.range)], 'preferred')],
      );
    }
    const inside = new Set<string>();
    for (const property of statement.properties) check(property, inside, part);
  });
  return report.problems;
}
