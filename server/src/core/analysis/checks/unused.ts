/** What is named and never used. It changes nothing, so it is a hint. */
import type { Definition, Expression, Identifier, SourceFile, Statement } from '../../definition.ts';
import { usesInDefinition, usesInExpression } from '../../elaborate/uses.ts';
import type { Problem } from '../../problem.ts';
import type { Linker } from '../../program.ts';
import { importsId } from '../../definition.ts';
import { reporter } from './report.ts';

export function checkUnused(linker: Linker, file: SourceFile): readonly Problem[] {
  return [...file.definitions.flatMap(unusedInDefinition), ...unusedImports(linker, file)];
}

/** A file of blocks alone is a library; beside a model they are for it, or for a file that imports them. */
export function checkUnusedBlocks({ program }: Linker, { uri, definitions }: SourceFile): readonly Problem[] {
  const hasModel = definitions.some(({ kind }) => kind === 'model');
  if (!hasModel || definitions.some(({ isPartlyRead }) => isPartlyRead === true)) return [];
  return definitions.flatMap((definition) => {
    const { kind, id, name } = definition;
    const isUsed = definitions.some(
      (other) => other !== definition && usesInDefinition(other).some((use) => use.name.text === name.text),
    );
    if (kind === 'model' || isUsed || program.isImported?.(uri, name.text) === true) return [];
    const report = reporter(id);
    report.unused('unused-block', `${name.text} is never used, so it is not built.`, name.range);
    return report.problems;
  });
}

function unusedInDefinition(definition: Definition): readonly Problem[] {
  // What can't be read may be what uses them; without an output nothing would be used.
  if (definition.isPartlyRead === true) return [];
  const report = reporter(definition.id);
  const used = new Set(usesInDefinition(definition).map(({ name }) => name.text));
  if (definition.kind === 'extern') {
    if (definition.construction === undefined) return [];
    for (const { name } of definition.parameters) unusedParameter(name);
    return report.problems;
  }
  if (!definition.statements.some(({ kind }) => kind === 'output')) return [];
  for (const statement of definition.statements) for (const name of namesInValues(statement)) used.add(name);
  for (const { name } of definition.parameters) unusedParameter(name);
  definition.statements.forEach((statement, part) => {
    for (const { code, name, what } of namesOf(statement)) {
      if (name.text !== '_' && !used.has(name.text)) report.unused(code, `${name.text} ${what}`, name.range, part);
    }
  });
  return report.problems;

  function unusedParameter(name: Identifier): void {
    if (!used.has(name.text))
      report.unused('unused-parameter', `The parameter ${name.text} is never used.`, name.range);
  }
}

interface Bound {
  readonly code: string;
  readonly name: Identifier;
  /** Behind the name. */
  readonly what: string;
}

/** The names that a statement makes and that ought to be used. */
function namesOf(statement: Statement): readonly Bound[] {
  switch (statement.kind) {
    case 'input':
      return statement.ports.map(({ name }) => ({ code: 'unused-input', name, what: 'comes in and is never used.' }));
    case 'binding': {
      const several = statement.names.length > 1;
      const what = several ? 'is never used: write _ for what is not wanted.' : 'is never used, so it is not built.';
      return statement.names.map((name) => ({ code: 'unused-binding', name, what }));
    }
    case 'layer':
      return [{ code: 'unused-binding', name: statement.name, what: 'is never used, so it is not built.' }];
    case 'weight':
    case 'buffer':
      return [{ code: 'unused-binding', name: statement.name, what: 'is in the state_dict, but nothing uses it.' }];
    case 'output':
    case 'property':
    case 'train':
      return [];
  }
}

/** Names in metadata and training: `classes=num_classes`. */
function* namesInValues(statement: Statement): Generator<string> {
  const values: readonly Expression[] =
    statement.kind === 'property'
      ? [statement.value]
      : statement.kind === 'train'
        ? statement.properties.map(({ value }) => value)
        : [];
  for (const value of values) for (const { name } of usesInExpression(value)) yield name.text;
}

function unusedImports(linker: Linker, file: SourceFile): readonly Problem[] {
  if (file.definitions.some(({ isPartlyRead }) => isPartlyRead === true)) return [];
  const report = reporter(importsId(file.uri));
  const used = new Set(file.definitions.flatMap((each) => usesInDefinition(each).map(({ name }) => name.text)));
  for (const { name } of file.definitions) used.add(name.text);
  const found = new Set(linker.imported(file.uri).map(({ name }) => name));
  file.imports.forEach(({ names }, part) => {
    for (const { target, alias } of names) {
      const name = alias ?? target;
      if (found.has(name.text) && !used.has(name.text)) {
        report.unused('unused-import', `${name.text} is imported and never used.`, name.range, part);
      }
    }
  });
  return report.problems;
}
