/** A model against the data set that it says it is for. */
import type {
  CallExpression,
  Expression,
  Identifier,
  Model,
  Port,
  Property,
  Range,
  Statement,
} from '../../definition.ts';
import { agree, constant, constantValue, format } from '../../dimension.ts';
import type { Instance } from '../../graph.ts';
import { didYouMean } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import { type Shape, formatShape, isUnknown } from '../../tensor.ts';
import { DATASETS, type DataSet, findDataSet } from './datasetTable.ts';
import { literalOf, wordFor } from './literals.ts';
import { type Reporter, reporter } from './report.ts';

export function checkDatasets(instance: Instance): readonly Problem[] {
  const { definition } = instance;
  if (definition.kind !== 'model') return [];
  const report = reporter(definition.id);
  const part = definition.statements.findIndex((each) => each.kind === 'property' && each.key.text === 'dataset');
  if (part < 0) return [];
  const dataset = readDataSet((definition.statements[part] as Property).value, (severity, code, message, range) => {
    report[severity](code, message, range, part);
  });
  if (dataset !== undefined) compare(instance, definition, dataset, report);
  return report.problems;
}

/** The data set that a model is for, with its class count; `undefined` where none is known. */
export function dataSetOf(definition: Model): DataSet | undefined {
  const property = definition.statements.find((each) => each.kind === 'property' && each.key.text === 'dataset');
  return property === undefined ? undefined : readDataSet((property as Property).value, () => undefined);
}

type Say = (severity: 'error' | 'warning', code: string, message: string, range: Range) => void;

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
    );
    return undefined;
  }
  return { ...known, ...readArguments(known, call, name, say) };
}

/** The class count that arguments give. */
function readArguments(
  { name, arguments: parameters = [] }: DataSet,
  call: CallExpression | undefined,
  written: Identifier,
  say: Say,
): { readonly classes?: number } {
  const given = new Map<string, Expression>();
  const usage =
    parameters.length === 0
      ? `${name}, without arguments`
      : `${name}(${parameters.map((each) => each.name).join(', ')})`;
  let next = 0;
  let isNamedOtherwise = false;
  for (const { name: named, value, range } of call?.arguments ?? []) {
    const parameter = named === undefined ? parameters[next++] : parameters.find((each) => each.name === named.text);
    if (parameter === undefined) {
      if (named === undefined) say('error', 'too-many-arguments', `Write ${usage}.`, range);
      else {
        isNamedOtherwise = true;
        const names = parameters.map((each) => each.name);
        say(
          'error',
          'unknown-argument',
          `${name} has no ${named.text}.${didYouMean(named.text, names)} Write ${usage}.`,
          named.range,
        );
      }
    } else if (given.has(parameter.name)) {
      say('error', 'duplicate-argument', `${parameter.name} is given twice.`, named?.range ?? range);
    } else given.set(parameter.name, value);
  }
  let classes: number | undefined;
  for (const parameter of parameters) {
    const value = given.get(parameter.name);
    if (value === undefined) {
      // What has another name may be meant to be it.
      if (!isNamedOtherwise)
        say('error', 'missing-argument', `${name} needs ${parameter.name}: write ${usage}.`, written.range);
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

function compare(instance: Instance, definition: Model, dataset: DataSet, report: Reporter): void {
  const [input] = instance.inputs;
  const shape = input?.tensor.shape;
  const port = firstPort(definition);
  if (shape?.length !== 4 || port === undefined) return;
  compareInput(dataset, shape, port.port.shape?.range ?? port.port.range, port.part, report);
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
  at: Range,
  part: number,
  report: Reporter,
): void {
  const [, own, height, width] = shape;
  if (channels !== undefined && !couldBe(own!, channels)) {
    if (constantValue(width!) === BigInt(channels)) {
      const channelsFirst = formatShape([shape[0]!, width!, own!, height!]);
      report.error(
        'dataset-channels',
        `Channels come first in torch, before height and width: write ${channelsFirst}, not ${formatShape(shape)}.`,
        at,
        part,
      );
      return;
    }
    report.error(
      'dataset-channels',
      `The images of ${name} have ${channels === 1 ? '1 channel' : `${String(channels)} channels`}, but the input ${formatShape(shape)} has ${format(own!)}. Write ${String(channels)} there, or choose another data set.`,
      at,
      part,
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
    );
  } else if (leastSize !== undefined && [height!, width!].some((each) => isBelow(each, leastSize))) {
    const usual = String(usualSize);
    report.warning(
      'dataset-size',
      `The images of ${name} are photographs, usually cropped to ${usual}×${usual}, but ${given}: hardly anything could be seen.`,
      at,
      part,
    );
  }
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
  );
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
