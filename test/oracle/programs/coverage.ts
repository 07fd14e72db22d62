/** What a program has of the language and of the catalogue, seen in what was built of it, and all that there is. */
import { type FileFacts, collectInstances } from '../../../server/src/core/analysis/analyse.ts';
import { allNodes } from '../../../server/src/core/analysis/walk.ts';
import {
  BINARY_OPERATORS,
  type CompareOperator,
  type Definition,
  type Expression,
  PARAMETER_TYPES,
  type Stage,
  type StageBody,
  type Statement,
  type UnaryExpression,
  type WeightStatement,
} from '../../../server/src/core/definition.ts';
import { findFunction, functionNames } from '../../../server/src/core/elaborate/functions.ts';
import type { Fact, Instance, Node } from '../../../server/src/core/graph.ts';
import { LAYERS } from '../../../server/src/core/layers/catalogue.ts';
import { INITIALISERS } from '../../../server/src/core/layers/initialisers.ts';

/** The compiler asks for a line here when the language gets a kind of anything. */
const STATEMENTS: Readonly<Record<Statement['kind'], true>> = {
  property: true,
  input: true,
  output: true,
  weight: true,
  buffer: true,
  layer: true,
  train: true,
  binding: true,
};
const STAGES: Readonly<Record<Exclude<StageBody['kind'], 'missing'>, true>> = {
  call: true,
  group: true,
  for: true,
  if: true,
  parallel: true,
};
const EXPRESSIONS: Readonly<Record<Exclude<Expression['kind'], 'missing'>, true>> = {
  number: true,
  string: true,
  boolean: true,
  none: true,
  name: true,
  call: true,
  member: true,
  index: true,
  slice: true,
  list: true,
  tuple: true,
  unary: true,
  binary: true,
  compare: true,
  conditional: true,
  pipeline: true,
};
const COMPARISONS: Readonly<Record<CompareOperator, true>> = {
  '==': true,
  '!=': true,
  '<': true,
  '<=': true,
  '>': true,
  '>=': true,
};
const UNARY: Readonly<Record<UnaryExpression['operator'], true>> = { '-': true, '+': true, not: true };
/** What may be asked of a tensor. */
const MEMBERS = ['channels', 'height', 'width', 'features', 'rank', 'shape'];

const keys = (table: Readonly<Record<string, true>>): string[] => Object.keys(table);

const CONSTRUCTS: readonly string[] = [
  ...keys(STATEMENTS).map((kind) => `statement ${kind}`),
  ...keys(STAGES).map((kind) => `stage ${kind}`),
  ...keys(EXPRESSIONS).map((kind) => `expression ${kind}`),
  ...BINARY_OPERATORS.filter((operator) => operator !== '@').map((operator) => `number ${operator}`),
  ...keys(COMPARISONS).map((operator) => `number ${operator}`),
  ...keys(UNARY).map((operator) => `number unary ${operator}`),
  ...['+', '-', '*', '/', '**', '@', ...keys(COMPARISONS)].map((operator) => `tensor ${operator}`),
  'tensor unary -',
  ...[...functionNames()].map((name) => `function ${name}`),
  ...INITIALISERS.map(({ name }) => `initialiser ${name}`),
  ...PARAMETER_TYPES.map((type) => `parameter ${type}`),
  ...MEMBERS.map((name) => `member ${name}`),
  'parameter without a type',
  'parameter without a default',
  'import',
  'import under another name',
  'several models',
  'model as a block',
  'extern block',
  'extern function',
  'recursion',
  'documentation',
  'several inputs',
  'input without a shape',
  'several outputs',
  'output with a name',
  'output with a shape',
  'binding of several names',
  'initialiser from a Python function',
  'frozen stage',
  'frozen weight',
  'frozen layer',
  'shared layer in two places',
  'label',
  'label with a number',
  'label on group',
  'label on for',
  'label on if',
  'label on parallel',
  'count',
  'count 0',
  'count of a parameter',
  'if without else',
  'else if',
  'for over a range',
  'for over several names',
  'for around a branch',
  'if around a branch',
  'layer parameter',
  'layer parameter passed on',
  'tuple into a stage',
  'comparison chain',
  'negative index',
  'module ModuleList',
  'module ModuleDict',
  'module Sequential',
  'module Module',
];

/** All that five hundred programs must have: each construct, and each layer. */
export const ALL: readonly string[] = [...CONSTRUCTS, ...LAYERS.map(({ name }) => name)];

const IS_KNOWN: ReadonlySet<string> = new Set(ALL);

/** What of {@link ALL} is in a model as it was built, with what is around it in its files. */
export function coverageOf(model: Instance, { uri, models, session }: FileFacts): ReadonlySet<string> {
  const found = new Set<string>();
  const instances = new Map<string, Instance[]>();
  collectInstances(model, instances);
  for (const list of instances.values()) {
    const { definition } = list[0]!;
    if (definition.id !== model.definition.id && definition.kind === 'model') found.add('model as a block');
    if (!definition.id.startsWith(`${uri}#`)) {
      found.add('import');
      const here = session.resolve(model.definition, definition.name.text);
      if (here.kind !== 'definition' || here.definition !== definition) found.add('import under another name');
    }
    ofDefinition(definition, found);
    for (const instance of list) ofInstance(instance, definition, found);
  }
  if (models.length > 1) found.add('several models');
  for (const each of found) if (!IS_KNOWN.has(each)) throw new Error(`${each} isn't in the list of constructs.`);
  return found;
}

function ofDefinition(definition: Definition, found: Set<string>): void {
  if (definition.documentation !== undefined) found.add('documentation');
  for (const { type, default: standard } of definition.parameters) {
    found.add(type === undefined ? 'parameter without a type' : `parameter ${type.text}`);
    if (standard === undefined) found.add('parameter without a default');
  }
  if (definition.kind === 'extern') {
    found.add(definition.isFunction ? 'extern function' : 'extern block');
    return;
  }
  const ports = definition.statements.flatMap((each) => (each.kind === 'input' ? each.ports : []));
  if (ports.length > 1) found.add('several inputs');
  if (ports.some(({ shape }) => shape === undefined)) found.add('input without a shape');
  for (const statement of definition.statements) ofStatement(statement, found);
}

function ofStatement(statement: Statement, found: Set<string>): void {
  found.add(`statement ${statement.kind}`);
  switch (statement.kind) {
    case 'output':
      if (statement.name !== undefined) found.add('output with a name');
      if (statement.shape !== undefined) found.add('output with a shape');
      return;
    case 'binding':
      if (statement.names.length > 1) found.add('binding of several names');
      return;
    case 'weight':
    case 'buffer':
      ofWeight(statement, found);
      return;
    case 'layer':
      if (statement.frozen) found.add('frozen layer');
      return;
    case 'property':
    case 'input':
    case 'train':
  }
}

function ofWeight({ frozen, initialiser, module }: WeightStatement, found: Set<string>): void {
  if (frozen) found.add('frozen weight');
  if (module !== undefined) found.add('initialiser from a Python function');
  else if (initialiser?.kind === 'name') found.add(`initialiser ${initialiser.name.text}`);
  else if (initialiser?.kind === 'call') found.add(`initialiser ${initialiser.callee.text}`);
}

function ofInstance(instance: Instance, definition: Definition, found: Set<string>): void {
  if (instance.outputs.length > 1) found.add('several outputs');
  const sharedIn = new Map<Statement, number>();
  for (const node of allNodes(instance.nodes)) {
    ofNode(node, found);
    if (node.kind === 'block' && node.instance.definition === definition) found.add('recursion');
    const shared = 'shared' in node ? node.shared : undefined;
    if (shared !== undefined) sharedIn.set(shared, (sharedIn.get(shared) ?? 0) + 1);
  }
  if ([...sharedIn.values()].some((uses) => uses > 1)) found.add('shared layer in two places');
  const layers = new Set([...instance.arguments].flatMap(([name, value]) => (value.kind === 'layer' ? [name] : [])));
  for (const [place, facts] of instance.facts) {
    if ('body' in place) ofStage(place, facts, layers, found);
    else if (place.kind in EXPRESSIONS) ofExpression(place as Expression, facts, found);
  }
}

function ofNode(node: Node, found: Set<string>): void {
  if (node.kind === 'layer') found.add(node.layer.name);
  else if (node.kind === 'group') found.add(`module ${node.form}`);
  else if (node.kind === 'operator') found.add(node.inputs.length === 1 ? 'tensor unary -' : `tensor ${node.operator}`);
}

function ofStage(stage: Stage, facts: readonly Fact[], layers: ReadonlySet<string>, found: Set<string>): void {
  const { body, label, count, frozen } = stage;
  if (body.kind === 'missing') return;
  found.add(`stage ${body.kind}`);
  if (frozen) found.add('frozen stage');
  if (label !== undefined) {
    found.add(label.parts.every((part) => typeof part === 'string') ? 'label' : 'label with a number');
    if (body.kind !== 'call') found.add(`label on ${body.kind}`);
  }
  if (count !== undefined) {
    found.add(count.kind === 'number' ? (count.value === 0n ? 'count 0' : 'count') : 'count of a parameter');
  }
  if (facts.some(({ inputs }) => (inputs?.length ?? 0) > 1)) found.add('tuple into a stage');
  if (body.kind === 'if') {
    if (body.otherwise === undefined) found.add('if without else');
    else if (body.otherwise[0]?.body.kind === 'if' && body.otherwise.length === 1) found.add('else if');
  } else if (body.kind === 'for') {
    if (body.names.length > 1) found.add('for over several names');
    if (body.iterable.kind === 'binary') found.add('for over a range');
  } else if (body.kind === 'parallel') {
    for (const [only, second] of body.branches)
      if (second === undefined && (only?.body.kind === 'for' || only?.body.kind === 'if'))
        found.add(`${only.body.kind} around a branch`);
  } else if (body.kind === 'call') {
    if (layers.has(body.callee.text)) found.add('layer parameter');
    if (body.arguments?.some(({ value }) => value.kind === 'name' && layers.has(value.name.text)) === true)
      found.add('layer parameter passed on');
  }
}

function ofExpression(expression: Expression, facts: readonly Fact[], found: Set<string>): void {
  const isTensor = facts.some(({ value }) => value.kind === 'tensor');
  found.add(`expression ${expression.kind}`);
  switch (expression.kind) {
    case 'binary':
      if (!isTensor) found.add(`number ${expression.operator}`);
      return;
    case 'unary':
      if (!isTensor) found.add(`number unary ${expression.operator}`);
      return;
    case 'compare':
      if (!isTensor) for (const operator of expression.operators) found.add(`number ${operator}`);
      if (expression.operators.length > 1) found.add('comparison chain');
      return;
    case 'call':
      if (findFunction(expression.callee.text) !== undefined) found.add(`function ${expression.callee.text}`);
      return;
    case 'member':
      found.add(`member ${expression.member.text}`);
      return;
    case 'index':
      if (expression.index.kind === 'unary') found.add('negative index');
      return;
    default:
      return;
  }
}
