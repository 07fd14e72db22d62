/** Names defined twice, and types of parameters that there aren't. */
import { type Definition, PARAMETER_TYPES, type Property, type SourceFile } from '../../definition.ts';
import { didYouMean } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import type { Linker } from '../../program.ts';
import { reporter, statementsOf } from './report.ts';

export function checkDefinitions(linker: Linker, file: SourceFile): readonly Problem[] {
  const imported = new Map(linker.imported(file.uri).map((each) => [each.name, each]));
  const own = new Set<string>();
  return file.definitions.flatMap((definition) => {
    const report = reporter(definition.id);
    const { text, range } = definition.name;
    const other = imported.get(text);
    if (own.has(text)) {
      report.error('duplicate-name', `${text} is defined in this file already: give this one another name.`, range);
    } else if (other !== undefined) {
      const { path } = other.statement;
      report.error(
        'duplicate-name',
        `${text} is imported from ${path.value} already: give this one another name, or import that one under one: ${other.definition.name.text} as ….`,
        range,
      );
    }
    own.add(text);
    return [...report.problems, ...checkParameters(definition), ...checkKeys(definition)];
  });
}

function checkParameters(definition: Definition): readonly Problem[] {
  const report = reporter(definition.id);
  const names = new Set<string>();
  for (const { name, type } of definition.parameters) {
    if (names.has(name.text)) {
      report.error('duplicate-name', `There are two parameters ${name.text}: give each its own name.`, name.range);
    }
    names.add(name.text);
    if (type !== undefined && !(PARAMETER_TYPES as readonly string[]).includes(type.text)) {
      report.error('unknown-type', unknownType(type.text), type.range);
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
  const check = ({ key }: Property, known: Set<string>, part: number): void => {
    if (known.has(key.text)) report.error('duplicate-name', `${key.text} is given already.`, key.range, part);
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
      );
    }
    const inside = new Set<string>();
    for (const property of statement.properties) check(property, inside, part);
  });
  return report.problems;
}
