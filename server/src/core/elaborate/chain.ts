import type { Block, Definition, Expression, Model, OutputStatement, Stage, Statement } from '../definition.ts';
import type { Layer } from '../layers/layer.ts';

/** What a name before which `->` stands can be. */
export type Callee =
  | { readonly kind: 'layer'; readonly layer: Layer }
  | { readonly kind: 'definition'; readonly definition: Definition }
  /** A parameter of type `layer`. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** A `layer` statement's name. */
  | { readonly kind: 'shared'; readonly name: string }
  | { readonly kind: 'unknown' };

/** What a callee's name means inside one definition. */
export type Resolve = (name: string) => Callee;

/**
 * The stages of a block that is an `nn.Sequential`: one input, one output, no weight, buffer or `layer`, one chain
 * however cut into bindings, no unlabelled `[ … ]` in it. `undefined` for any other definition.
 *
 * Purely syntactic, so that names don't change with arguments.
 */
export function chainOf(definition: Model | Block, resolve: Resolve): readonly Stage[] | undefined {
  if (definition.kind === 'model') return undefined;
  const { statements } = definition;
  const inputs = statements.flatMap((statement) => (statement.kind === 'input' ? statement.ports : []));
  const outputs = statements.filter((statement) => statement.kind === 'output');
  const [input] = inputs;
  const [output] = outputs;
  if (input === undefined || inputs.length > 1 || output === undefined || outputs.length > 1) return undefined;
  if (statements.some(hasState)) return undefined;

  const stages = stagesTo(output.value, input.name.text, bindingsOf(statements));
  if (stages === undefined || stages.some(holdsBareBranches)) return undefined;
  const last = stages.at(-1);
  if (last !== undefined && passesTuple(last, resolve)) return undefined;
  return stages.some(({ body }) => body.kind === 'parallel') &&
    stages.every((stage) => isLabelledOrBare(stage, resolve))
    ? undefined
    : stages;
}

/**
 * Whether a stage has the same keys in an `nn.Sequential` as in a class. Where all have and a tuple goes from one to the
 * next, a class with a `forward` is what one would write: an `nn.Sequential` passes on one tensor.
 */
function isLabelledOrBare({ label, body, count }: Stage, resolve: Resolve): boolean {
  if (label !== undefined) return true;
  if (body.kind !== 'call' || count !== undefined) return false;
  const callee = resolve(body.callee.text);
  return callee.kind === 'layer' && callee.layer.weights === undefined;
}

function hasState({ kind }: Statement): boolean {
  return kind === 'weight' || kind === 'buffer' || kind === 'layer';
}

function bindingsOf(statements: readonly Statement[]): ReadonlyMap<string, Expression> {
  const bindings = new Map<string, Expression>();
  for (const statement of statements) {
    if (statement.kind !== 'binding') continue;
    const [name, second] = statement.names;
    if (name !== undefined && second === undefined) bindings.set(name.text, statement.value);
  }
  return bindings;
}

/** Walks back from what goes out to the input; `undefined` where anything but stages lies between. */
function stagesTo(
  value: Expression,
  input: string,
  bindings: ReadonlyMap<string, Expression>,
): readonly Stage[] | undefined {
  const parts: (readonly Stage[])[] = [];
  const visited = new Set<string>();
  let at = value;
  for (;;) {
    if (at.kind === 'pipeline') {
      parts.push(at.stages);
      at = at.source;
      continue;
    }
    if (at.kind !== 'name') return undefined;
    const name = at.name.text;
    if (name === input) return parts.reverse().flat();
    const bound = bindings.get(name);
    if (bound === undefined || visited.has(name)) return undefined;
    visited.add(name);
    at = bound;
  }
}

/** An unlabelled `[ … ]` among the stages of the chain itself: not inside a group or a repetition of its own. */
function holdsBareBranches({ label, body }: Stage): boolean {
  if (label !== undefined) return false;
  switch (body.kind) {
    case 'parallel':
      return true;
    case 'for':
      return body.stages.some(holdsBareBranches);
    case 'if':
      return [...body.then, ...(body.otherwise ?? [])].some(holdsBareBranches);
    default:
      return false;
  }
}

/** torch's functions that split: their outputs are passed on as a tuple. */
const SPLITTING = new Set(['Chunk', 'Split', 'Unbind']);

/** Whether more than one tensor goes on from a stage. */
export function passesTuple(stage: Stage, resolve: Resolve, visited: ReadonlySet<Definition> = new Set()): boolean {
  const lastOf = (stages: readonly Stage[] | undefined): boolean => {
    const last = stages?.at(-1);
    return last !== undefined && passesTuple(last, resolve, visited);
  };
  const { body } = stage;
  switch (body.kind) {
    case 'parallel':
      return true;
    case 'group':
    case 'for':
      return lastOf(body.stages);
    case 'if':
      return lastOf(body.then) || lastOf(body.otherwise);
    case 'missing':
      return false;
    case 'call': {
      const callee = resolve(body.callee.text);
      if (callee.kind === 'layer') return SPLITTING.has(callee.layer.name);
      if (callee.kind !== 'definition' || visited.has(callee.definition)) return false;
      return hasSeveralOutputs(callee.definition);
    }
  }
}

function hasSeveralOutputs(definition: Definition): boolean {
  if (definition.kind === 'extern') return definition.outputs.length > 1;
  const outputs = definition.statements.filter(
    (statement): statement is OutputStatement => statement.kind === 'output',
  );
  return outputs.length > 1 || outputs[0]?.value.kind === 'tuple';
}
