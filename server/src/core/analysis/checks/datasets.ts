/** A model against the data set that it says it is for. */
import type {
  Argument,
  Expression,
  Identifier,
  Model,
  Port,
  Property,
  Range,
  Site,
  Statement,
} from '../../definition.ts';
import { agree, constant, constantValue, equal, format } from '../../dimension.ts';
import { callAt } from '../../elaborate/callStages.ts';
import { isFeatureMap } from '../../elaborate/featureMap.ts';
import { addArgument, sizeMade } from '../../elaborate/fixes.ts';
import { flattenBefore } from '../../elaborate/layerFixes.ts';
import {
  type Fix,
  type LocalFix,
  type LocalPlace,
  fix,
  insert,
  placed,
  remove,
  replace,
  replacements,
  spellings,
} from '../../fix.ts';
import type { Instance, NamedTensor } from '../../graph.ts';
import { didYouMean, nearby } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import { type Shape, type Tensor, formatShape, isUnknown } from '../../tensor.ts';
import { DATASETS, type DataSet, type DataSetArgument, findDataSet } from './datasetTable.ts';
import { literalOf, wordFor } from './literals.ts';
import { type Reporter, reporter } from './report.ts';

export function checkDatasets(instance: Instance): readonly Problem[] {
  const { definition } = instance;
  if (definition.kind !== 'model') return [];
  const report = reporter(definition.id);
  const part = definition.statements.findIndex((each) => each.kind === 'property' && each.key.text === 'dataset');
  if (part < 0) return [];
  const { value } = definition.statements[part] as Property;
  const dataset = readDataSet(value, (severity, code, message, range, fixes) => {
    report[severity](code, message, range, part, fixes);
  });
  if (dataset !== undefined) compare(instance, definition, dataset, report);
  return report.problems;
}

/** The data set that a model is for, with its class count; `undefined` where none is known. */
export function dataSetOf(definition: Model): DataSet | undefined {
  const property = definition.statements.find((each) => each.kind === 'property' && each.key.text === 'dataset');
  return property === undefined ? undefined : readDataSet((property as Property).value, () => undefined);
}

/** The height and width that people show a model's numbers at: the data set's, else ImageNet's. */
export function usualSizeOf(definition: Model): number {
  const dataset = dataSetOf(definition);
  return dataset?.size ?? dataset?.usualSize ?? 224;
}

type Say = (
  severity: 'error' | 'warning',
  code: string,
  message: string,
  range: Range,
  fixes?: readonly Fix<Range>[],
) => void;

function readDataSet(value: Expression, say: Say): DataSet | undefined {
  if (value.kind === 'missing') return undefined;
  const call = value.kind === 'call' ? value : undefined;
  const name: Identifier | undefined =
    call?.callee ??
    (value.kind === 'name'
      ? value.name
      : value.kind === 'string'
        ? { text: value.value, range: value.range }
        : undefined);
  const known = name === undefined || value.kind === 'string' ? undefined : findDataSet(name.text);
  if (name === undefined || known === undefined) {
    const names = DATASETS.map((each) => each.name);
    const written = name === undefined ? 'This' : name.text;
    const same = name !== undefined && names.includes(name.text) ? ` Write ${name.text}, without quotes.` : '';
    say(
      'warning',
      'unknown-dataset',
      `${written} is no known data set, so nothing is checked against it.${same === '' && name !== undefined ? didYouMean(name.text, names) : same} Known are ${names.join(', ')}.`,
      name?.range ?? value.range,
      name === undefined ? [] : spellings(value.kind === 'string' ? `"${name.text}"` : name.text, name.range, names),
    );
    return undefined;
  }
  return { ...known, ...readArguments(known, { callee: name, arguments: call?.arguments, range: value.range }, say) };
}

/** The class count that arguments give. */
function readArguments(
  { name, arguments: parameters = [] }: DataSet,
  call: { readonly callee: Identifier; readonly arguments: readonly Argument[] | undefined; readonly range: Range },
  say: Say,
): { readonly classes?: number } {
  const given = new Map<string, Expression>();
  const usage =
    parameters.length === 0
      ? `${name}, without arguments`
      : `${name}(${parameters.map((each) => each.name).join(', ')})`;
  let next = 0;
  let isNamedOtherwise = false;
  for (const { name: named, value, range } of call.arguments ?? []) {
    const parameter = named === undefined ? parameters[next++] : parameters.find((each) => each.name === named.text);
    if (parameter === undefined) {
      if (named === undefined) say('error', 'too-many-arguments', `Write ${usage}.`, range, [without(range)]);
      else {
        isNamedOtherwise = true;
        const names = parameters.map((each) => each.name);
        say(
          'error',
          'unknown-argument',
          `${name} has no ${named.text}.${didYouMean(named.text, names)} Write ${usage}.`,
          named.range,
          parameters.length === 0 ? [without(range)] : spellings(named.text, named.range, names),
        );
      }
    } else if (given.has(parameter.name)) {
      say('error', 'duplicate-argument', `${parameter.name} is given twice.`, named?.range ?? range, [without(range)]);
    } else given.set(parameter.name, value);
  }
  let classes: number | undefined;
  for (const parameter of parameters) {
    const value = given.get(parameter.name);
    if (value === undefined) {
      // What has another name may be meant to be it.
      if (!isNamedOtherwise)
        say('error', 'missing-argument', `${name} needs ${parameter.name}: write ${usage}.`, call.callee.range, [
          ...usualArguments(parameter).map((text) =>
            fix(`Give ${text}`, [addArgument(call.callee.range, call.arguments, call.range, text)]),
          ),
        ]);
      continue;
    }
    const literal = literalOf(value);
    if (literal === undefined) continue;
    if (literal.kind !== parameter.type) {
      say(
        'error',
        'argument-type',
        `${name}'s ${parameter.name} is ${wordFor(parameter.type)}, not ${wordFor(literal.kind)}.`,
        value.range,
      );
    } else if (literal.kind === 'str' && parameter.classesOf !== undefined) {
      const choices = Object.keys(parameter.classesOf);
      classes = parameter.classesOf[literal.value];
      if (classes === undefined) {
        say(
          'error',
          'argument-value',
          `${name} has no ${parameter.name} "${literal.value}".${didYouMean(literal.value, choices)} There are ${choices.join(', ')}.`,
          value.range,
          replacements(
            `"${literal.value}"`,
            value.range,
            nearby(literal.value, choices).map((each) => `"${each}"`),
          ),
        );
      }
    } else if (literal.kind === 'int' && parameter.isClasses === true) {
      if (literal.value < 1)
        say('error', 'argument-value', `${name} has at least one class, not ${String(literal.value)}.`, value.range);
      else classes = literal.value;
    }
  }
  return classes === undefined ? {} : { classes };
}

function without(argument: Range): Fix<Range> {
  return fix('Remove this argument', [remove(argument)], 'preferred');
}

/** What it can be, or what one begins with. */
function usualArguments({ name, type, classesOf }: DataSetArgument): readonly string[] {
  const values =
    classesOf !== undefined ? Object.keys(classesOf).map((each) => `"${each}"`) : [type === 'int' ? '10' : '"data/"'];
  return values.map((value) => `${name}=${value}`);
}

function compare(instance: Instance, definition: Model, dataset: DataSet, report: Reporter): void {
  const [input] = instance.inputs;
  const shape = input?.tensor.shape;
  const port = firstPort(definition);
  if (shape?.length !== 4 || port === undefined) return;
  compareInput(dataset, shape, port.port, port.part, report);
  compareOutput(instance, definition, dataset, shape, report);
}

function firstPort({ statements }: Model): { readonly port: Port; readonly part: number } | undefined {
  for (const [part, statement] of statements.entries()) {
    if (statement.kind === 'input' && statement.ports[0] !== undefined) return { port: statement.ports[0], part };
  }
  return undefined;
}

function compareInput(
  { name, channels, size, usualSize, leastSize }: DataSet,
  shape: Shape,
  port: Port,
  part: number,
  report: Reporter,
): void {
  const at = port.shape?.range ?? port.range;
  const items = port.shape?.items ?? [];
  const [, own, height, width] = shape;
  if (channels !== undefined && !couldBe(own!, channels)) {
    if (constantValue(width!) === BigInt(channels)) {
      const channelsFirst = formatShape([shape[0]!, width!, own!, height!]);
      report.error(
        'dataset-channels',
        `Channels come first in torch, before height and width: write ${channelsFirst}, not ${formatShape(shape)}.`,
        at,
        part,
        [fix(`Write ${channelsFirst}`, [replace(at, channelsFirst)], 'preferred')],
      );
      return;
    }
    report.error(
      'dataset-channels',
      `The images of ${name} have ${channels === 1 ? '1 channel' : `${String(channels)} channels`}, but the input ${formatShape(shape)} has ${format(own!)}. Write ${String(channels)} there, or choose another data set.`,
      at,
      part,
      items[1] === undefined
        ? []
        : [fix(`Set the channels to ${String(channels)}`, [replace(items[1].range, String(channels))], 'preferred')],
    );
    return;
  }
  const given = `the input ${formatShape(shape)} is ${format(height!)}×${format(width!)}`;
  if (size !== undefined && !(couldBe(height!, size) && couldBe(width!, size))) {
    report.warning(
      'dataset-size',
      `The images of ${name} are ${String(size)}×${String(size)}, but ${given}: they would have to be resized.`,
      at,
      part,
      sizeFixes(items, size),
    );
  } else if (leastSize !== undefined && [height!, width!].some((each) => isBelow(each, leastSize))) {
    const usual = String(usualSize);
    report.warning(
      'dataset-size',
      `The images of ${name} are photographs, usually cropped to ${usual}×${usual}, but ${given}: hardly anything could be seen.`,
      at,
      part,
      usualSize === undefined ? [] : sizeFixes(items, usualSize),
    );
  }
}

function sizeFixes([, , height, width]: readonly Expression[], size: number): readonly Fix<Range>[] {
  if (height === undefined || width === undefined) return [];
  const text = String(size);
  const edits = [replace(height.range, text), replace(width.range, text)];
  return [fix(`Set the size to ${text} × ${text}`, edits, 'preferred')];
}

function isBelow(size: Shape[number], least: number): boolean {
  const known = constantValue(size);
  return known !== undefined && known < BigInt(least);
}

function compareOutput(
  instance: Instance,
  definition: Model,
  { name, classes, task }: DataSet,
  input: Shape,
  report: Reporter,
): void {
  const [output] = instance.outputs;
  const shape = output?.tensor.shape;
  if (output === undefined || shape === undefined || classes === undefined) return;
  if (isReconstruction(definition, shape, input)) return;
  const [batch, , height, width] = input;
  const wanted: Shape = [batch!, constant(classes), ...(task === 'segmentation' ? [height!, width!] : [])];
  if (
    shape.length === wanted.length &&
    shape.every((size, i) => isUnknown(size) || agree(size, wanted[i]!).kind !== 'never')
  )
    return;
  if (isStated(definition.statements[output.site.part], wanted)) return;
  const why = task === 'segmentation' ? 'a score for each class at each pixel' : 'a score for each class';
  report.error(
    'dataset-classes',
    `${name} has ${String(classes)} classes, so the first output must be ${formatShape(wanted)}, ${why}; but it is ${formatShape(shape)}.${advice(shape, task, classes)}`,
    output.site.range,
    output.site.part,
    endFixes(definition, output, wanted, task),
  );
}

/** A `Linear` on the way that works on the width of a feature map. */
function flattenBehind({ id, statements }: Model, output: Tensor): readonly LocalFix[] {
  let { node } = output;
  while (node.kind === 'layer') {
    const [input] = node.inputs;
    const { part, range, definition } = node.site;
    if (node.layer.name === 'Linear' && input?.shape?.length === 4 && isFeatureMap(input, true) && definition === id) {
      const site = (place: Range): Site => ({ definition, part, range: place });
      return placed(flattenBefore(callAt(statements[part], part, range), input.shape), site);
    }
    if (input === undefined) return [];
    node = input.node;
  }
  return [];
}

/** The last layer gives as many as there are classes; or another one does, behind it. */
function endFixes(
  definition: Model,
  { tensor, site }: NamedTensor,
  wanted: Shape,
  task: DataSet['task'],
): readonly LocalFix[] {
  const { shape = [] } = tensor;
  const classes = wanted[1]!;
  const others = wanted.filter((size, i) => shape[i] === undefined || !equal(size, shape[i]));
  const statement = definition.statements[site.part];
  if (statement?.kind !== 'output' || statement.value.kind === 'tuple') return [];
  // What is stated there goes along.
  const stated = statement.shape?.items ?? [];
  const told = stated.length === wanted.length ? stated[1] : undefined;
  const states = told?.kind === 'number' ? [replace<LocalPlace>(told.range, format(classes))] : [];
  if (shape.length === wanted.length && others.length === 1) {
    const made = sizeMade(definition, tensor, 1, classes);
    if (made.length > 0) return made.map((each) => ({ ...each, edits: [...each.edits, ...states] }));
  }
  const flattened = flattenBehind(definition, tensor);
  if (flattened.length > 0 && equal(shape.at(-1) ?? classes, classes)) return flattened;
  if (stated.length > 0 && states.length === 0) return [];
  const stages =
    task === 'segmentation'
      ? shape.length === 4 && others.length === 1
        ? `Conv2d(${format(classes)}, 1)`
        : undefined
      : shape.length === 2
        ? `Linear(${format(classes)})`
        : `Flatten -> Linear(${format(classes)})`;
  const isKnown = shape.slice(1).every((size) => constantValue(size) !== undefined);
  if (stages === undefined || !isKnown) return [];
  const edits = [insert(statement.value.range.end, ` -> ${stages}`), ...states];
  return [fix<LocalPlace>(`Add ${stages} at the end`, edits, 'preferred')];
}

/** Whether the output says itself that it is for these classes; what comes out instead is told there. */
function isStated(statement: Statement | undefined, wanted: Shape): boolean {
  const items = statement?.kind === 'output' ? statement.shape?.items : undefined;
  if (items?.length !== wanted.length) return false;
  const classes = items[1]!;
  return classes.kind === 'number' && classes.text === format(wanted[1]!);
}

function advice(shape: Shape, task: DataSet['task'], classes: number): string {
  if (task === 'segmentation') return ` End with Conv2d(${String(classes)}, 1) at the size of the input.`;
  return shape.length === 2
    ? ` End with Linear(${String(classes)}).`
    : ` End with Flatten -> Linear(${String(classes)}).`;
}

function isReconstruction({ statements }: Model, shape: Shape, input: Shape): boolean {
  const properties = statements.flatMap((each) => (each.kind === 'train' ? each.properties : []));
  const target = properties.find(({ key }) => key.text === 'target')?.value;
  if (target?.kind === 'name' && target.name.text === 'input') return true;
  return (
    shape.length === input.length &&
    shape.every((size, i) => isUnknown(size) || agree(size, input[i]!).kind === 'always')
  );
}

function couldBe(size: Shape[number], wanted: number): boolean {
  const known = constantValue(size);
  if (known !== undefined) return known === BigInt(wanted);
  return isUnknown(size) || agree(size, constant(wanted)).kind !== 'never';
}
