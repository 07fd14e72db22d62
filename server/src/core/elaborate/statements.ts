/**
 * Definition → graph, statement by statement.
 *
 * One evaluator serves two ends. *Concretely* every `if`, `for` and `* n` is decided and unrolled. *Openly*, parameters
 * (and in a block nobody uses, everything) have no value: a loop is visited once, both arms of an undecided `if` are,
 * and sizes come out as expressions over the parameters. The generic form (see generic.ts) and the checks of unused
 * blocks are open elaborations.
 */
import {
  HEADER,
  type Expression,
  type Identifier,
  type Parameter,
  type Port,
  type Range,
  type Statement,
} from '../definition.ts';
import {
  ZERO,
  compare,
  constantValue,
  decided,
  equal,
  exactDivide,
  explain,
  floorDivide,
  format,
  modulo,
  multiply,
  symbolsOf,
  type Condition,
  type Dimension,
} from '../dimension.ts';
import { type LocalFix, type LocalPlace, fix, insert, remove, replace } from '../fix.ts';
import { dataSetOf } from '../analysis/checks/datasets.ts';
import type { Instance } from '../graph.ts';
import { formatShape, isHuge, isUnknown, type Tensor, unknownSize } from '../tensor.ts';
import { UNKNOWN, type Value } from '../value.ts';
import { evaluateArgument, typedValue } from './arguments.ts';
import type { Flow } from './flow.ts';
import type { Frame } from './frame.ts';
import { OUTPUT_LIMIT } from './limits.ts';
import { sizeMade } from './fixes.ts';
import { checkInitialiser } from './initialisers.ts';
import { runPipeline } from './stages.ts';
import { boundNames, builtStatements, usesInDefinition, usesInExpression } from './uses.ts';
import { describeKind, formatValue, intValue } from './values.ts';
import { enumerated, textOfExpression } from './words.ts';

export function elaborate(frame: Frame): Instance {
  const definition = frame.definition;
  for (const problem of frame.plan.problems) frame.add(problem);
  for (const parameter of definition.parameters) {
    // A second parameter of that name has its own message.
    if (frame.scope.has(parameter.name.text)) continue;
    const given = frame.arguments.get(parameter.name.text);
    // Openly, defaults are looked at too: what is wrong with them is wrong in the text.
    const standard = given === undefined || frame.open !== undefined ? defaultOf(frame, parameter) : UNKNOWN;
    frame.bind(parameter.name, given ?? standard);
  }
  const built = builtStatements(definition.statements);
  definition.statements.forEach((statement, part) => {
    frame.part = part;
    // A declared weight is there, used or not.
    const isBuilt = built.has(statement) || statement.kind === 'weight' || statement.kind === 'buffer';
    if (isBuilt) elaborateStatement(frame, statement);
    else frame.aside(() => elaborateStatement(frame, statement));
  });
  frame.part = HEADER;
  // What couldn't be read may have been the output.
  const isWhole = definition.isPartlyRead !== true;
  if (isWhole && frame.outputs.length === 0 && !definition.statements.some(({ kind }) => kind === 'output')) {
    frame.error(
      'missing-output',
      `${definition.name.text} has no output: say what goes out, as in "output x".`,
      definition.name.range,
      outputFixes(frame),
    );
  }
  return {
    definition,
    arguments: new Map(definition.parameters.map(({ name }) => [name.text, frame.valueOrUnknown(name.text)])),
    inputs: frame.inputs,
    outputs: frame.outputs,
    nodes: frame.container.nodes,
    problems: [...frame.problems.values()],
    conditions: frame.conditions,
    facts: frame.facts as Instance['facts'],
    size: frame.size,
  };
}

/** What was bound last, or came in. */
function outputFixes({ definition }: Frame): readonly LocalFix[] {
  const { statements, id } = definition;
  const last = statements.findLastIndex(({ kind }) => kind === 'binding' || kind === 'input');
  const statement = statements[last];
  const name = statement === undefined ? undefined : boundNames(statement).at(-1)?.text;
  if (statement === undefined || name === undefined) return [];
  const at = { definition: id, part: statements.length - 1, range: statements.at(-1)!.range };
  const text = `output ${name}`;
  return [fix<LocalPlace>(`Write ${text}`, [{ kind: 'statement', at, where: 'behind', text }], 'preferred')];
}

/** The layer that makes it gives what is stated; or what comes out is stated. */
function statedFixes(
  frame: Frame,
  tensor: Tensor,
  wanted: readonly (Value | undefined)[],
  at: Range,
): readonly LocalFix[] {
  const { definition } = frame;
  const shape = tensor.shape ?? [];
  const other = wanted.flatMap((value, i) =>
    value?.kind === 'int' && !(shape[i] && equal(value.value, shape[i])) ? [{ axis: i, size: value.value }] : [],
  );
  const [only, second] = other;
  const isOne = wanted.length === shape.length && only !== undefined && second === undefined;
  const made = isOne ? sizeMade(definition, tensor, only.axis, only.size) : [];
  // In a block a size has no name that is known there; what a data set needs must stay.
  const isFree = definition.kind === 'block' || shape.some(isUnknown) || dataSetOf(definition)?.classes !== undefined;
  return [...made, ...(isFree ? [] : [fix(`State ${formatShape(shape)}`, [replace(at, formatShape(shape))])])];
}

/** Images of the data set, or of any size. */
function shapeFixes({ definition }: Frame, port: Port): readonly LocalFix[] {
  if (definition.kind !== 'model') return [];
  const { channels = 3, size } = dataSetOf(definition) ?? {};
  const place = size === undefined ? ['H', 'W'] : [String(size), String(size)];
  const shape = `[N, ${String(channels)}, ${place.join(', ')}]`;
  return [fix(`Give ${port.name.text} the shape ${shape}`, [insert(port.name.range.end, `: ${shape}`)], 'preferred')];
}

/** The symbol that a size is made of. */
function symbolFixes({ scope }: Frame, item: Expression): readonly LocalFix[] {
  const [only, second] = new Set([...usesInExpression(item)].map(({ name }) => name.text));
  if (only === undefined || second !== undefined || scope.has(only)) return [];
  return [fix(`Write ${only}`, [replace(item.range, only)], 'preferred')];
}

/** As many names as values. */
function countFixes({ definition }: Frame, names: readonly Identifier[], count: number): readonly LocalFix[] {
  const last = names.at(-1)!;
  if (names.length < count) {
    const more = Array.from({ length: count - names.length }, () => ', _').join('');
    return [fix(`Add ${more.slice(2)}`, [insert(last.range.end, more)], 'preferred')];
  }
  const surplus = names.slice(count);
  const title = `Remove ${enumerated(surplus.map(({ text }) => text))}`;
  const used = new Set(usesInDefinition(definition).map(({ name }) => name.text));
  if (count === 0 || surplus.some(({ text }) => used.has(text))) return [];
  return [
    fix(
      title,
      surplus.map(({ range }) => remove(range)),
      'preferred',
    ),
  ];
}

/** A parameter's default; in an open elaboration too, as callers leave it out. */
export function defaultOf(frame: Frame, parameter: Parameter): Value {
  const { default: standard } = parameter;
  if (standard === undefined) return UNKNOWN;
  return typedValue(frame, parameter, evaluateArgument(frame, standard), standard.range, frame.definition.name.text);
}

export function elaborateStatement(frame: Frame, statement: Statement): void {
  switch (statement.kind) {
    case 'property':
    case 'train':
      if (frame.definition.kind === 'block') {
        const what = statement.kind === 'train' ? 'train' : statement.key.text;
        const range = statement.kind === 'train' ? { start: 0, end: 'train'.length } : statement.key.range;
        frame.error(
          'misplaced-statement',
          `${what} belongs in a model: a block is a part, with no metadata or training of its own.`,
          range,
          [fix(`Remove ${what}`, [remove(statement.range)], 'preferred')],
        );
      }
      return;
    case 'input':
      for (const port of statement.ports) bindInput(frame, port);
      return;
    case 'output':
      bindOutput(frame, statement);
      return;
    case 'weight':
    case 'buffer':
      bindWeight(frame, statement);
      return;
    case 'layer':
      frame.bind(statement.name, { kind: 'shared', statement });
      return;
    case 'binding':
      bindValues(frame, statement.names, statement.value);
      return;
  }
}

export function bindInput(frame: Frame, port: Port): void {
  const index = frame.inputs.length;
  const given = frame.given?.[index];
  const node = frame.node({ kind: 'input' }, undefined, [], port.range);
  let shape = given?.shape;
  if (port.shape !== undefined) {
    const items = port.shape.items;
    if (shape !== undefined && shape.length !== items.length) {
      frame.error(
        'input-mismatch',
        `${frame.definition.name.text} takes ${port.name.text} with ${String(items.length)} dimensions, but gets ${formatShape(shape)}.`,
        port.shape.range,
      );
      shape = items.map(unknownSize);
    }
    const fed = shape;
    shape = items.map((item, i) => inputSize(frame, item, fed?.[i], port));
  } else if (frame.given === undefined && frame.definition.kind === 'model') {
    frame.error(
      'missing-input-shape',
      `A model's input needs a shape: ${port.name.text}: [N, 3, H, W], where N, H and W may be any size.`,
      port.name.range,
      shapeFixes(frame, port),
    );
  }
  const tensor = frame.tensor(node, shape, given?.type ?? frame.session.inputType(frame.definition, port));
  frame.inputs.push({ name: port.name.text, tensor, site: node.site });
  frame.bind(port.name, { kind: 'tensor', tensor });
}

/** One size of an input's shape: an int, a symbol, an int × a symbol, or made of parameters. */
export function inputSize(frame: Frame, item: Expression, fed: Dimension | undefined, port: Port): Dimension {
  const isSymbol = (expression: Expression): expression is Extract<Expression, { kind: 'name' }> =>
    expression.kind === 'name' && !frame.scope.has(expression.name.text);
  const mismatch = (wanted: string): void => {
    frame.error(
      'input-mismatch',
      `${frame.definition.name.text} takes ${port.name.text}: ${textOfShape(port)}, but gets ${fed === undefined ? '?' : format(fed)} where ${wanted} is wanted.`,
      item.range,
    );
  };
  const isPlain = item.kind === 'name' || isMultiple(item);
  if (isSymbol(item)) {
    const size = fed ?? frame.newSymbol(item.name.text);
    frame.scope.set(item.name.text, intValue(size));
    frame.found(item, intValue(size));
    return size;
  }
  if (item.kind === 'binary' && item.operator === '*' && (isSymbol(item.left) || isSymbol(item.right))) {
    const [name, factor] = isSymbol(item.left)
      ? [item.left, item.right]
      : [item.right as Extract<Expression, { kind: 'name' }>, item.left];
    const times = frame.evaluate(factor);
    if (times.kind === 'int' && (constantValue(times.value) ?? 1n) > 0n) {
      let size = frame.newSymbol(name.name.text);
      if (fed !== undefined) {
        const whole = compare('==', modulo(fed, times.value), ZERO);
        if (decided(whole) === false && !isUnknown(fed)) mismatch(`a multiple of ${format(times.value)}`);
        else if (decided(whole) === undefined)
          frame.condition(whole, explain(whole).kind === 'when' ? textOf(whole) : '', item.range);
        size = exactDivide(fed, times.value) ?? floorDivide(fed, times.value);
      }
      frame.scope.set(name.name.text, intValue(size));
      return fed ?? multiply(times.value, size);
    }
  }
  const isKnown = (name: string): boolean =>
    isPlain ? frame.scope.has(name) : frame.definition.parameters.some((parameter) => parameter.name.text === name);
  const value = isMadeOf(item, isKnown) ? frame.evaluate(item) : undefined;
  if (value?.kind !== 'int') {
    if (value?.kind !== 'unknown') {
      frame.error(
        'input-dimension',
        `A size of an input is a whole number, a symbol (H), a whole number times a symbol (8 * h), or made of parameters, not ${textOfExpression(item)}.`,
        item.range,
        symbolFixes(frame, item),
      );
    }
    return fed ?? unknownSize();
  }
  if ((constantValue(value.value) ?? 1n) < 0n) {
    frame.error(
      'argument-value',
      `A size can't be ${format(value.value)}: a free one is a symbol, a name such as N for the batch.`,
      item.range,
    );
    return fed ?? unknownSize();
  }
  if (isHuge(value.value)) {
    frame.error('too-large', 'This size is too large to be worked out.', item.range);
    return fed ?? unknownSize();
  }
  if (fed === undefined) return value.value;
  if (!frame.agrees(fed, value.value, item.range)) mismatch(format(value.value));
  return value.value;
}

export function textOfShape(port: Port): string {
  return `[${(port.shape?.items ?? []).map((each) => textOfExpression(each)).join(', ')}]`;
}

export function bindOutput(frame: Frame, statement: Extract<Statement, { kind: 'output' }>): void {
  const value = frame.evaluate(statement.value);
  frame.record(statement, { iterations: frame.iterations, value });
  const tensors = tensorsOf(frame, value, statement.value);
  if (statement.shape !== undefined)
    checkOutput(frame, statement.shape.items, statement.shape.range, tensors[0], statement.name?.text);
  const site = frame.site(statement.name?.range ?? statement.value.range);
  const bare = statement.value.kind === 'name' ? statement.value.name.text : undefined;
  if (frame.outputs.length + tensors.length > OUTPUT_LIMIT) {
    frame.stop(`More than ${OUTPUT_LIMIT.toLocaleString('en')} tensors would come out.`, statement.value.range);
    return;
  }
  const taken = new Set(frame.outputs.map(({ name }) => name));
  for (const tensor of tensors) {
    const name = (tensors.length === 1 ? (statement.name?.text ?? bare) : undefined) ?? outputName(taken);
    taken.add(name);
    frame.outputs.push({ name, tensor, site });
  }
  if (statement.name !== undefined) frame.bind(statement.name, value);
}

function outputName(taken: ReadonlySet<string>): string {
  let name = 'output';
  for (let number = 2; taken.has(name); number++) name = `output_${String(number)}`;
  return name;
}

export function tensorsOf(frame: Frame, value: Value, expression: Expression): Tensor[] {
  if (value.kind === 'tensor') return [value.tensor];
  if (
    value.kind === 'list' &&
    value.items.length > 0 &&
    value.items.every((item) => item.kind === 'tensor' || item.kind === 'unknown')
  ) {
    return value.items.map((item) => (item.kind === 'tensor' ? item.tensor : frame.unknownTensor(expression.range)));
  }
  if (value.kind !== 'unknown') {
    frame.error(
      value.kind === 'layer' ? 'not-a-value' : 'expression-type',
      `What goes out is a tensor, not ${describeKind(value)}.`,
      expression.range,
    );
  }
  return [frame.unknownTensor(expression.range)];
}

export function checkOutput(
  frame: Frame,
  stated: readonly Expression[],
  at: Range,
  tensor: Tensor | undefined,
  name: string | undefined,
): void {
  const shape = tensor?.shape;
  const wanted = stated.map((item) =>
    item.kind === 'name' && item.name.text === '_' ? undefined : frame.evaluate(item),
  );
  if (shape === undefined || stated.some(({ kind }) => kind === 'missing')) return;
  const refuse = (): void => {
    frame.error(
      'output-mismatch',
      `${name ?? 'The output'} is stated as [${stated.map((each) => textOfExpression(each)).join(', ')}], but what comes out is ${formatShape(shape)}.`,
      at,
      statedFixes(frame, tensor!, wanted, at),
    );
  };
  if (wanted.length !== shape.length) {
    refuse();
    return;
  }
  for (const [i, value] of wanted.entries()) {
    if (value?.kind === 'int' && !frame.agrees(shape[i]!, value.value, at)) {
      refuse();
      return;
    }
  }
}

export function bindWeight(frame: Frame, statement: Extract<Statement, { kind: 'weight' | 'buffer' }>): void {
  const wasFrozen = frame.frozen;
  frame.frozen ||= statement.frozen;
  const node = frame.node({ kind: statement.kind }, statement.name.text, [], statement.name.range);
  frame.frozen = wasFrozen;
  const shape = statement.shape.items.map((item) => weightSize(frame, item, statement.name.text));
  if (statement.initialiser !== undefined && statement.module === undefined) {
    checkInitialiser(frame, statement, shape);
  }
  const type = statement.kind === 'buffer' ? frame.session.bufferType(frame.definition, statement.name.text) : 'float';
  const tensor = frame.tensor(node, shape, type);
  frame.record(statement, { iterations: [], value: { kind: 'tensor', tensor } });
  frame.bind(statement.name, { kind: 'tensor', tensor });
}

export function weightSize(frame: Frame, item: Expression, name: string): Dimension {
  const value = frame.decidedValue(frame.evaluate(item), `The shape of ${name}`, item.range);
  if (value.kind === 'unknown') return unknownSize();
  if (value.kind !== 'int') {
    frame.error('argument-type', `A size of ${name} is a whole number, not ${describeKind(value)}.`, item.range);
    return unknownSize();
  }
  if (isHuge(value.value)) {
    frame.error('too-large', 'This size is too large to be worked out.', item.range);
    return unknownSize();
  }
  if (!frame.isBuildTime(value.value)) {
    frame.undecidable(`The shape of ${name}`, symbolsOf(value.value), item.range, 'Give the input a size.');
    return unknownSize();
  }
  if ((constantValue(value.value) ?? 0n) < 0n) {
    frame.error('argument-value', `A size can't be ${format(value.value)}.`, item.range);
    return unknownSize();
  }
  return value.value;
}

export function bindValues(frame: Frame, names: readonly Identifier[], expression: Expression): void {
  const isChain = expression.kind === 'pipeline';
  const flow: Flow = isChain ? runPipeline(frame, expression) : { value: frame.evaluate(expression) };
  if (isChain) frame.found(expression, flow.value);
  if (names.length === 1) {
    const { value } = flow;
    if (value.kind === 'layer') {
      frame.error(
        'not-a-value',
        `${formatValue(value)} is a layer, not a tensor: feed it something, as in x -> ${formatValue(value)}.`,
        expression.range,
      );
      frame.bind(names[0]!, UNKNOWN);
    } else frame.bind(names[0]!, value);
    return;
  }
  const parts: readonly Value[] | undefined =
    flow.all?.map((tensor): Value => ({ kind: 'tensor', tensor })) ??
    (flow.value.kind === 'list' ? flow.value.items : undefined);
  if (flow.value.kind !== 'unknown' && parts?.length !== names.length) {
    const count = parts?.length ?? 1;
    const comes = `${String(count)} ${count === 1 ? 'value comes' : 'values come'}`;
    frame.error(
      'output-count',
      `${comes} out, but there are ${String(names.length)} names: use _ for what isn't wanted.`,
      names[0]!.range,
      countFixes(frame, names, count),
    );
  }
  names.forEach((name, i) => {
    frame.bind(name, parts?.length === names.length ? (parts[i] ?? UNKNOWN) : UNKNOWN);
  });
}

/** Whether a size of an input is made of numbers and known names only. */
export function isMadeOf(expression: Expression, isKnown: (name: string) => boolean): boolean {
  switch (expression.kind) {
    case 'number':
      return true;
    case 'name':
      return isKnown(expression.name.text);
    case 'binary':
      return isMadeOf(expression.left, isKnown) && isMadeOf(expression.right, isKnown);
    case 'unary':
      return isMadeOf(expression.operand, isKnown);
    case 'index':
      return isMadeOf(expression.object, isKnown) && isMadeOf(expression.index, isKnown);
    case 'call':
      return expression.arguments.every(({ value }) => isMadeOf(value, isKnown));
    default:
      return expression.kind === 'missing';
  }
}

/** `8 * h` */
export function isMultiple(expression: Expression): boolean {
  if (expression.kind !== 'binary' || expression.operator !== '*') return false;
  const { left, right } = expression;
  return (left.kind === 'name' && right.kind === 'number') || (left.kind === 'number' && right.kind === 'name');
}

export function textOf(condition: Condition): string {
  const agreement = explain(condition);
  return agreement.kind === 'when' ? agreement.text : '';
}
