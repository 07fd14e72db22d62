/**
 * Stages that change nothing: what they are fed comes out as it was, or the next stage takes away what they do.
 *
 * It is said only where it holds for every use and at every turn, and by what is written there: a `Dropout(p)` is there
 * for another p.
 */
import type { Argument, CallStage, Definition } from '../../definition.ts';
import { type Condition, constantValue, decided, format, isDimension } from '../../dimension.ts';
import { type Call, callsIn } from '../../elaborate/callStages.ts';
import { boundNames, usesInExpression } from '../../elaborate/uses.ts';
import { removal, setArgument } from '../../elaborate/fixes.ts';
import { type LocalFix, fix } from '../../fix.ts';
import type { Instance, LayerNode, Node } from '../../graph.ts';
import type { Problem } from '../../problem.ts';
import { type Tensor, formatShape, isUnknown, sameShape } from '../../tensor.ts';
import { allNodes, weightsOf } from '../walk.ts';
import { reporter } from './report.ts';
import { onceFor } from '../../once.ts';

/** @param instances what the definition became in each of its uses */
export function checkEffects(definition: Definition, instances: readonly Instance[]): readonly Problem[] {
  if (definition.kind === 'extern' || definition.isPartlyRead === true) return [];
  const report = reporter(definition.id);
  // What follows from a mistake isn't meant.
  if (instances.some(({ problems }) => problems.some(({ severity }) => severity === 'error'))) return [];
  const calls = definition.statements.flatMap((statement, part) => callsIn(statement, part));
  const choices = choicesOf(definition, calls);
  for (const call of calls) {
    const { body, part } = call;
    const nodes = choices.has(body.callee.text) ? undefined : layersAt(body, instances);
    if (nodes === undefined) continue;
    const { range } = body.callee;
    const nothing = sameFor(nodes, ({ node }) => whyNothing(node, call));
    if (nothing !== undefined && !isChosen(body.arguments, choices)) {
      report.unused(
        'no-effect',
        `${nodes[0]!.node.layer.name} changes nothing: ${nothing}.`,
        range,
        part,
        leaveOut(call, nodes),
      );
      continue;
    }
    const norm = sameFor(nodes, normBehind);
    if (norm === undefined) continue;
    const bias = body.arguments?.filter(({ name }) => name?.text === 'bias');
    if (isChosen(bias, choices)) continue;
    const sizes = new Set(nodes.map(({ node }) => biasSize(node)));
    const count = sizes.size === 1 ? [...sizes][0] : undefined;
    const saved = count === undefined ? '' : `, ${count} parameters less`;
    report.hint(
      'bias-before-norm',
      `The bias changes nothing: ${norm} takes the mean of each channel away. Write bias=False${saved}.`,
      range,
      part,
      withoutBias(call, nodes, saved),
    );
  }
  return report.problems;
}

function leaveOut(call: Call, nodes: readonly Found[]): readonly LocalFix[] {
  const edit = removal(call);
  const keys = nodes.some(isCounted) ? ' (changes the state_dict keys behind it)' : '';
  return edit === undefined ? [] : [fix(`Remove ${call.body.callee.text}${keys}`, [edit], 'preferred')];
}

function withoutBias({ body }: Call, [first]: readonly Found[], saved: string): readonly LocalFix[] {
  const { layer, name } = first!.node;
  const edit = setArgument(layer, body, { argument: 'bias', value: 'False' });
  const key = name === undefined ? 'its bias' : `${name}.bias`;
  return edit === undefined
    ? []
    : [fix(`Set bias to False${saved} (takes ${key} out of the state_dict)`, [edit], 'preferred')];
}

/** Whether its place is counted, and weights behind it have theirs by that. */
function isCounted({ node, instance }: Found): boolean {
  const isPosition = ({ name }: Node): boolean => name !== undefined && /^\d+$/.test(name);
  if (!isPosition(node)) return false;
  const groups = [...allNodes(instance.nodes)].flatMap((each) => (each.kind === 'group' ? [each.nodes] : []));
  const around = [instance.nodes, ...groups].find((nodes) => nodes.includes(node)) ?? [];
  return around.slice(around.indexOf(node) + 1).some((each) => isPosition(each) && holdsWeights(each));
}

function holdsWeights(node: Node): boolean {
  if (node.kind === 'extern') return true;
  if (node.kind === 'group') return node.nodes.some(holdsWeights);
  return node.kind === 'block' ? node.instance.nodes.some(holdsWeights) : weightsOf(node).length > 0;
}

function isChosen(given: readonly Argument[] | undefined, choices: ReadonlySet<string>): boolean {
  return (given ?? []).some(({ value }) => [...usesInExpression(value)].some(({ name }) => choices.has(name.text)));
}

interface Found {
  readonly node: LayerNode;
  readonly instance: Instance;
}

/** What a stage became wherever it is used; `undefined` where it isn't, or isn't a layer of the catalogue. */
function layersAt(body: CallStage, instances: readonly Instance[]): readonly Found[] | undefined {
  const found: Found[] = [];
  for (const instance of instances) {
    for (const { node } of instance.facts.get(body) ?? []) {
      if (node?.kind !== 'layer') return undefined;
      found.push({ node, instance });
    }
  }
  return found.length === 0 ? undefined : found;
}

/** What is so for all of them, in the words of the first. */
function sameFor([first, ...others]: readonly Found[], say: (each: Found) => string | undefined): string | undefined {
  const words = first && say(first);
  return words === undefined || others.some((each) => say(each) === undefined) ? undefined : words;
}

/** Names of which somebody else says what they are: parameters, what is worked out, loop variables, shared layers. */
function choicesOf(
  { parameters, statements }: Exclude<Definition, { kind: 'extern' }>,
  calls: readonly Call[],
): ReadonlySet<string> {
  return new Set([
    ...parameters.map(({ name }) => name.text),
    ...statements.flatMap((each) =>
      each.kind === 'binding' || each.kind === 'layer' ? boundNames(each).map(({ text }) => text) : [],
    ),
    ...calls.flatMap(({ loops }) => loops.flatMap(({ names }) => names.map(({ text }) => text))),
  ]);
}

// ---------------------------------------------------------------------------------------------- nothing at all

/** Why this layer gives back what comes in; `undefined` where it doesn't. */
function whyNothing(node: LayerNode, { stage, chain }: Call): string | undefined {
  const [input] = node.inputs;
  const [output] = node.outputs;
  if (input?.shape === undefined || output?.shape === undefined) return undefined;
  const { name, family } = node.layer;
  const given = node.arguments;
  const isSame = (): boolean => !input.shape!.some(isUnknown) && sameShape(input.shape, output.shape);
  const shape = (): string => formatShape(input.shape);
  switch (name) {
    // As a label's place, or as the branch that does nothing, it is what it is for.
    case 'Identity':
      return stage.label === undefined && chain.length > 1 ? 'it passes on what comes in' : undefined;
    case 'ReLU':
    case 'ReLU6': {
      const maker = boundsOf(input, name === 'ReLU' ? NOT_NEGATIVE : FROM_0_TO_6);
      return maker === undefined
        ? undefined
        : `what comes in is ${name === 'ReLU' ? 'never negative' : 'between 0 and 6'}, after ${maker}`;
    }
    case 'Flatten':
      return input.shape.length === output.shape.length ? `${shape()} is flat there already` : undefined;
    // With a size that is worked out it is written for others, too.
    case 'Reshape': {
      const { shape: wanted } = given;
      const isWrittenOut = Array.isArray(wanted) && !wanted.some((size) => isNumber(size, -1n));
      return isWrittenOut && isSame() ? `${shape()} has that shape already` : undefined;
    }
    case 'Upsample':
    case 'Interpolate':
      return given.scale_factor !== undefined && isSame() ? 'its factor is 1' : undefined;
    case 'Squeeze':
    case 'Expand':
      return isSame() ? `${shape()} has that shape already` : undefined;
    case 'Slice':
      return isNumber(given.start, 0n) && isNumber(given.step, 1n) && isSame()
        ? `it keeps all of ${shape()}`
        : undefined;
    case 'Repeat':
      return isSame() ? 'it repeats once' : undefined;
    case 'Permute': {
      const dims = given.dims;
      return Array.isArray(dims) && dims.every((dim, i) => dim === i)
        ? 'the dimensions stand in that order already'
        : undefined;
    }
    case 'Concat':
      return node.inputs.length === 1 ? 'there is one tensor' : undefined;
    case 'PixelShuffle':
    case 'PixelUnshuffle':
    case 'ChannelShuffle':
      return isNumber(given.upscale_factor ?? given.downscale_factor ?? given.groups, 1n)
        ? 'its factor is 1'
        : undefined;
    default:
      if (family === 'dropout') return given.p === 0 ? 'p is 0' : undefined;
      if (family === 'padding') return allNumbers(given.padding, 0n) ? 'it adds 0 places' : undefined;
      if (family === 'pooling' && 'kernel_size' in given)
        return allNumbers(given.kernel_size, 1n) && node.outputs.length === 1 && isSame()
          ? 'its window is one place'
          : undefined;
      return undefined;
  }
}

function isNumber(value: unknown, wanted: bigint): boolean {
  return value === Number(wanted) || (isDimension(value) && constantValue(value) === wanted);
}

function allNumbers(value: unknown, wanted: bigint): boolean {
  return Array.isArray(value) && value.every((item) => isNumber(item, wanted));
}

interface Bounds {
  readonly makers: ReadonlySet<string>;
}

const FROM_0_TO_6: Bounds = { makers: new Set(['ReLU6', 'Sigmoid', 'Hardsigmoid', 'Softmax', 'Softmin']) };
const NOT_NEGATIVE: Bounds = { makers: new Set([...FROM_0_TO_6.makers, 'ReLU', 'Softplus', 'Abs', 'Exp', 'Sqrt']) };

/** Layers out of which no value comes that lies beyond those that went in (or 0). */
const KEEPING_NAMES: ReadonlySet<string> = new Set([
  'Identity',
  'Flatten',
  'Unflatten',
  'Reshape',
  'Permute',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Concat',
  'Slice',
  'Select',
  'ChannelShuffle',
  'PixelShuffle',
  'PixelUnshuffle',
]);

/** As far as one looks back. */
const DEPTH = 64;

/** The layer that keeps a tensor in bounds; `undefined` where nothing is known to. */
function boundsOf(tensor: Tensor, bounds: Bounds, depth = 0): string | undefined {
  const { node, output } = tensor;
  if (depth > DEPTH) return undefined;
  if (node.kind === 'block') {
    const inner = node.instance.outputs[output]?.tensor;
    return inner === undefined ? undefined : boundsOf(inner, bounds, depth + 1);
  }
  if (node.kind !== 'layer') return undefined;
  const { name } = node.layer;
  if (bounds.makers.has(name)) return name;
  // The mean with a divisor of one's own can be anything.
  const isPooling =
    /^(Adaptive)?(Max|Avg)Pool/.test(name) && output === 0 && node.arguments.divisor_override === undefined;
  if (!isPooling && !KEEPING_NAMES.has(name)) return undefined;
  const makers = node.inputs.map((input) => boundsOf(input, bounds, depth + 1));
  return makers.includes(undefined) ? undefined : makers[0];
}

// ---------------------------------------------------------------------------------------------- a bias before a norm

/** The norm that takes a layer's bias away again: the only one to see what comes out. */
function normBehind({ node, instance }: Found): string | undefined {
  const [output] = node.outputs;
  const { bias } = node.arguments;
  if (output?.shape === undefined || bias === undefined || !isTrue(bias)) return undefined;
  // One bias a channel, and channels are dimension 1.
  const isPerChannel =
    node.layer.family === 'convolution' || (node.layer.name === 'Linear' && output.shape.length === 2);
  const [user, another] = usersOf(output, instance);
  if (!isPerChannel || user?.kind !== 'layer' || another !== undefined) return undefined;
  return /^(Batch|Instance)Norm\dd$/.test(user.layer.name) ? user.layer.name : undefined;
}

function biasSize(node: LayerNode): string | undefined {
  const size = weightsOf(node).find(({ name }) => name === 'bias')?.shape[0];
  return size === undefined || isUnknown(size) ? undefined : format(size);
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'object' && value !== null && decided(value as Condition) === true);
}

const usersByInstance = new WeakMap<Instance, ReadonlyMap<Tensor, readonly (Node | 'output')[]>>();

/** The nodes that take a tensor; what goes out is taken by others, too. */
function usersOf(tensor: Tensor, instance: Instance): readonly (Node | undefined)[] {
  const users = onceFor(usersByInstance, instance, () => {
    const found = new Map<Tensor, (Node | 'output')[]>();
    const add = (each: Tensor, user: Node | 'output'): void => {
      const known = found.get(each);
      if (known === undefined) found.set(each, [user]);
      else known.push(user);
    };
    for (const node of allNodes(instance.nodes)) {
      // What a group takes its first stage takes.
      if (node.kind !== 'group') for (const input of node.inputs) add(input, node);
    }
    for (const output of instance.outputs) add(output.tensor, 'output');
    return found;
  });
  const all = users.get(tensor) ?? [];
  return all.includes('output') ? [] : (all as readonly Node[]);
}
