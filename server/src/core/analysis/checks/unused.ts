/** What is named and never used. It changes nothing, so it is a hint. */
import {
  type Block,
  type Definition,
  type Expression,
  HEADER,
  type Identifier,
  type Model,
  type Parameter,
  type SourceFile,
  type Statement,
  importsId,
} from '../../definition.ts';
import { callsIn } from '../../elaborate/callStages.ts';
import { type Callee, planNames } from '../../elaborate/names.ts';
import type { Session } from '../../elaborate/session.ts';
import { usesInDefinition, usesInExpression } from '../../elaborate/uses.ts';
import { portsOf } from '../../elaborate/words.ts';
import { type FixEdit, type LocalFix, type LocalPlace, fix, remove, replace } from '../../fix.ts';
import type { Problem } from '../../problem.ts';
import type { Linker } from '../../program.ts';
import { withoutName } from './imports.ts';
import { reporter } from './report.ts';

export function checkUnused(session: Session, file: SourceFile): readonly Problem[] {
  const { linker } = session;
  return [
    ...file.definitions.flatMap((each) => unusedInDefinition(each, session, file)),
    ...unusedImports(linker, file),
  ];
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
    report.unused('unused-block', `${name.text} is never used, so it is not built.`, name.range, HEADER, [
      fix(`Remove the block ${name.text}`, [{ kind: 'removeDefinition', at: name.range }], 'preferred'),
    ]);
    return report.problems;
  });
}

function unusedInDefinition(definition: Definition, session: Session, file: SourceFile): readonly Problem[] {
  // What can't be read may be what uses them; without an output nothing would be used.
  if (definition.isPartlyRead === true) return [];
  const report = reporter(definition.id);
  const used = new Set(usesInDefinition(definition).map(({ name }) => name.text));
  if (definition.kind === 'extern') {
    if (definition.construction === undefined) return [];
    for (const parameter of definition.parameters) unusedParameter(parameter);
    return report.problems;
  }
  if (!definition.statements.some(({ kind }) => kind === 'output')) return [];
  for (const statement of definition.statements) for (const name of namesInValues(statement)) used.add(name);
  for (const parameter of definition.parameters) unusedParameter(parameter);
  definition.statements.forEach((statement, part) => {
    for (const { code, name, what, fixes } of namesOf(statement, definition, session)) {
      if (name.text !== '_' && !used.has(name.text))
        report.unused(code, `${name.text} ${what}`, name.range, part, fixes());
    }
  });
  return report.problems;

  function unusedParameter({ name, range }: Parameter): void {
    if (used.has(name.text)) return;
    const given = argumentsFor(definition, name.text, session.linker, file);
    report.unused(
      'unused-parameter',
      `The parameter ${name.text} is never used.`,
      name.range,
      HEADER,
      given === undefined
        ? []
        : [fix<LocalPlace>(removalTitle(name.text, given.length), [remove<LocalPlace>(range), ...given], 'preferred')],
    );
  }
}

interface Bound {
  readonly code: string;
  readonly name: Identifier;
  /** Behind the name. */
  readonly what: string;
  /** Worked out where it isn't used: that looks at the whole definition. */
  readonly fixes: () => readonly LocalFix[];
}

function removalTitle(parameter: string, uses: number): string {
  if (uses === 0) return `Remove the parameter ${parameter}`;
  return `Remove the parameter ${parameter}, and what ${uses === 1 ? 'a use gives' : `${String(uses)} uses give`} for it`;
}

/** What uses of a definition give for a parameter; `undefined` where not all of them stand in this file, as stages. */
function argumentsFor(
  { name: definition, parameters }: Definition,
  parameter: string,
  { program }: Linker,
  { uri, definitions }: SourceFile,
): readonly FixEdit<LocalPlace>[] | undefined {
  if (program.isImported?.(uri, definition.text) === true) return undefined;
  const index = parameters.findIndex(({ name }) => name.text === parameter);
  const edits: FixEdit<LocalPlace>[] = [];
  let uses = definitions.flatMap(usesInDefinition).filter(({ name }) => name.text === definition.text).length;
  for (const { id, ...other } of definitions) {
    if (other.kind === 'extern') continue;
    for (const [part, statement] of other.statements.entries()) {
      for (const { body } of callsIn(statement, part)) {
        if (body.callee.text !== definition.text) continue;
        uses -= 1;
        const given = body.arguments?.find(({ name }, i) =>
          name === undefined ? i === index : name.text === parameter,
        );
        if (given !== undefined) edits.push(remove<LocalPlace>({ definition: id, part, range: given.range }));
      }
    }
  }
  return uses === 0 ? edits : undefined;
}

/** The names that a statement makes and that ought to be used. */
function namesOf(statement: Statement, definition: Model | Block, session: Session): readonly Bound[] {
  const all = (title: string): readonly LocalFix[] => [fix(title, [remove(statement.range)], 'preferred')];
  switch (statement.kind) {
    case 'input':
      return statement.ports.map(({ name, range }) => ({
        code: 'unused-input',
        name,
        what: 'comes in and is never used.',
        // Whoever uses a block feeds it so many.
        fixes: () =>
          definition.kind === 'model' && portsOf(definition).length > 1
            ? [fix(`Remove the input ${name.text}`, [remove(statement.ports.length > 1 ? range : statement.range)])]
            : [],
      }));
    case 'binding': {
      const several = statement.names.length > 1;
      const what = several ? 'is never used: write _ for what is not wanted.' : 'is never used, so it is not built.';
      return statement.names.map((name) => ({
        code: 'unused-binding',
        name,
        what,
        fixes: () =>
          several
            ? [fix(`Replace ${name.text} with _`, [replace(name.range, '_')], 'preferred')]
            : all(`Remove ${name.text}${noteOfKeys(definition, statement, session)}`),
      }));
    }
    case 'layer':
      return [
        {
          code: 'unused-binding',
          name: statement.name,
          what: 'is never used, so it is not built.',
          fixes: () => all(`Remove the layer ${statement.name.text}${noteOfKeys(definition, statement, session)}`),
        },
      ];
    case 'weight':
    case 'buffer':
      return [
        {
          code: 'unused-binding',
          name: statement.name,
          what: 'is in the state_dict, but nothing uses it.',
          fixes: () => all(`Remove the ${statement.kind} ${statement.name.text} (takes its key out of the state_dict)`),
        },
      ];
    case 'output':
    case 'property':
    case 'train':
      return [];
  }
}

/** What isn't built is counted too, so that other stages may have another name without it. */
function noteOfKeys(definition: Model | Block, statement: Statement, session: Session): string {
  const resolve = (name: string): Callee => session.resolve(definition, name);
  const { stages } = session.names(definition);
  const without = planNames(
    { ...definition, statements: definition.statements.filter((each) => each !== statement) },
    resolve,
  );
  const shifts = [...without.stages].some(
    ([stage, { name }]) => typeof name === 'string' && stages.get(stage)?.name !== name,
  );
  return shifts ? ' (changes state_dict keys, which count it)' : '';
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
  file.imports.forEach((statement, part) => {
    for (const { target, alias } of statement.names) {
      const name = alias ?? target;
      if (found.has(name.text) && !used.has(name.text)) {
        report.unused('unused-import', `${name.text} is imported and never used.`, name.range, part, [
          withoutName(statement, name.range, true),
        ]);
      }
    }
  });
  return report.problems;
}
