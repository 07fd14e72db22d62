/** Extern blocks: shapes and counts are declared by expressions over parameters and inputs. */
import type { Expression, Extern, Identifier, Range, Site } from '../definition.ts';
import { HEADER } from '../definition.ts';
import { type Dimension, ZERO } from '../dimension.ts';
import { type LocalFix, placed, spellings, withFixes } from '../fix.ts';
import type { Fact, Instance, NamedTensor, Node } from '../graph.ts';
import { didYouMean } from '../nearest.ts';
import type { Problem, Severity } from '../problem.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { unknownSize } from '../tensor.ts';
import { type Lookup, UNKNOWN, type Value } from '../value.ts';
import { type Surroundings, evaluateExpression, truthOf } from './expressions.ts';
import { decided } from '../dimension.ts';
import { describeKind } from './values.ts';

export interface ExternResult {
  readonly instance: Instance;
  /** One an output; absent where it can't be told. */
  readonly shapes: readonly (Shape | undefined)[];
  readonly parameters: Dimension;
  readonly macs: Dimension;
}

/** Reads what an extern declares for these arguments and inputs. */
export function elaborateExtern(
  definition: Extern,
  given: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[] | undefined,
  examples: Lookup,
): ExternResult {
  const problems: Problem[] = [];
  const facts = new Map<object, Fact[]>();
  const scope = new Map<string, Value>();
  const at = (range: Range): Site => ({ definition: definition.id, part: HEADER, range });
  const report = (
    severity: Severity,
    code: string,
    message: string,
    range: Range,
    fixes: readonly LocalFix[] = [],
  ): void => {
    if (problems.some((known) => known.code === code && known.site.range.start === range.start)) return;
    problems.push({ severity, code, message, site: at(range), ...withFixes(placed(fixes, at)) });
  };
  const around: Surroundings = {
    examples,
    nameValue(name: Identifier) {
      const value = scope.get(name.text);
      if (value !== undefined) return value;
      report(
        'error',
        'unknown-name',
        `There is nothing called ${name.text} here.${didYouMean(name.text, scope.keys())}`,
        name.range,
        spellings(name.text, name.range, scope.keys()),
      );
      return UNKNOWN;
    },
    layerValue: () => undefined,
    pipelineValue(expression) {
      report(
        'error',
        'expression-type',
        'An extern declares sizes and counts by numbers: no layers stand here.',
        expression.range,
      );
      return UNKNOWN;
    },
    conditionalValue({ condition, then, otherwise }) {
      const value = evaluateExpression(condition, around);
      const truth = truthOf(value, around);
      const known = truth === undefined ? undefined : decided(truth);
      if (known === undefined) return UNKNOWN;
      return evaluateExpression(known ? then : otherwise, around);
    },
    tensorOperator(operator, _, at) {
      report(
        'error',
        'expression-type',
        `${operator} is for numbers here: an extern declares sizes, such as x.channels.`,
        at,
      );
      return UNKNOWN;
    },
    isChainPlace: () => false,
    // What is declared is a few numbers: no list in it grows.
    spend: () => undefined,
    isFeatureMap: () => false,
    movedChannels: () => undefined,
    error: (code, message, range, fixes) => report('error', code, message, range, fixes),
    warning: (code, message, range, fixes) => report('warning', code, message, range, fixes),
    found(expression, value) {
      facts.set(expression, [{ iterations: [], value }]);
    },
  };

  for (const { name, default: standard } of definition.parameters) {
    scope.set(
      name.text,
      given.get(name.text) ?? (standard === undefined ? UNKNOWN : evaluateExpression(standard, around)),
    );
  }
  const ports: NamedTensor[] = definition.inputs.map((port, i) => {
    const site = { definition: definition.id, part: HEADER, range: port.range };
    const node: Node = { kind: 'input', site, name: undefined, inputs: [], outputs: [], iterations: [], frozen: false };
    const tensor: Tensor = inputs?.[i] ?? { shape: undefined, type: 'float', node, output: 0 };
    scope.set(port.name.text, { kind: 'tensor', tensor });
    return { name: port.name.text, tensor, site };
  });
  const arguments_ = new Map(
    [...scope].filter(([name]) => definition.parameters.some((parameter) => parameter.name.text === name)),
  );

  const count = (expression: Expression | undefined): Dimension => {
    if (expression === undefined) return ZERO;
    const value = evaluateExpression(expression, around);
    if (value.kind === 'int') return value.value;
    if (value.kind !== 'unknown')
      report('error', 'argument-type', `A count is a whole number, not ${describeKind(value)}.`, expression.range);
    return ZERO;
  };
  const shapes = definition.outputs.map((expression): Shape | undefined => {
    const value = evaluateExpression(expression, around);
    if (value.kind === 'list') {
      return value.items.map((item) => {
        if (item.kind === 'int') return item.value;
        if (item.kind !== 'unknown')
          report('error', 'argument-type', `A size is a whole number, not ${describeKind(item)}.`, expression.range);
        return unknownSize();
      });
    }
    if (value.kind !== 'unknown') {
      report(
        'error',
        'argument-type',
        `An output is declared by its shape, a list such as [x.shape[0], out], not ${describeKind(value)}.`,
        expression.range,
      );
    }
    return undefined;
  });
  if (definition.construction?.kind === 'call') {
    for (const { value } of definition.construction.arguments) evaluateExpression(value, around);
  }
  if (definition.outputs.length === 0) {
    report(
      'error',
      'missing-output',
      `${definition.name.text} has no output: say the shape of what comes out, as in "output [x.shape[0], 10]".`,
      definition.name.range,
    );
  }
  const parameters = count(definition.parameterCount);
  const macs = count(definition.macs);
  const instance: Instance = {
    definition,
    arguments: arguments_,
    inputs: ports,
    outputs: [],
    nodes: [],
    problems,
    conditions: [],
    facts: facts as Instance['facts'],
    size: 1,
  };
  return { instance, shapes, parameters, macs };
}
