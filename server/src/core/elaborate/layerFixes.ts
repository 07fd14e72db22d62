/** What repairs a stage that its layer refuses. */
import type { CallStage, Range } from '../definition.ts';
import { ONE, constantValue, equal } from '../dimension.ts';
import { type LocalFix, type LocalPlace, fix, remove, replace } from '../fix.ts';
import type { LayerProblem } from '../layers/apply.ts';
import { findLayer } from '../layers/catalogue.ts';
import type { Layer } from '../layers/layer.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { argumentOf } from './arguments.ts';
import { type Call, callAt } from './callStages.ts';
import { callHere, insertBefore, removal, setArgument } from './fixes.ts';
import type { Frame } from './frame.ts';

interface Refused {
  readonly layer: Layer;
  readonly body: CallStage;
  readonly inputs: readonly Tensor[];
  readonly problem: LayerProblem;
  /** Where the message is. */
  readonly at: Range;
}

export function layerFixes(frame: Frame, refused: Refused): readonly LocalFix[] {
  const { layer, body, problem } = refused;
  return [...byCode(frame, refused), ...settings(layer, body, problem)];
}

/** Arguments that the layer would take instead. */
function settings(layer: Layer, body: CallStage, { instead = [] }: LayerProblem): readonly LocalFix[] {
  // A layer that came as a parameter has its arguments elsewhere.
  if (findLayer(body.callee.text) !== layer) return [];
  return instead.flatMap((setting, i) => {
    const edit = setArgument(layer, body, setting);
    const { argument, value, purpose = '' } = setting;
    const title = `Set ${argument} to ${value}${purpose}`;
    return edit === undefined ? [] : [fix(title, [edit], i === 0 ? 'preferred' : undefined)];
  });
}

function byCode(frame: Frame, { layer, body, inputs, problem, at }: Refused): readonly LocalFix[] {
  const { code, argument } = problem;
  const call = callHere(frame, body.callee.range);
  const without = call === undefined ? undefined : removal(call);
  const leaveOut = (kind?: 'preferred'): readonly LocalFix[] =>
    without === undefined ? [] : [fix(`Remove ${body.callee.text}`, [without], kind)];
  switch (code) {
    case 'division-inexact':
      return [fix('Write // for a whole quotient', [replace(at, '//')], 'preferred')];
    case 'inferred-mismatch': {
      const written = argumentOf(layer, body.arguments ?? [], argument);
      return written === undefined
        ? []
        : [fix(`Remove ${argument!}, which is worked out`, [remove(written.range)], 'preferred')];
    }
    case 'rank-mismatch': {
      const other = sibling(layer, inputs[0]?.shape?.length);
      return other !== undefined && body.callee.text === layer.name
        ? [fix(`Replace ${layer.name} with ${other.name}`, [replace(body.callee.range, other.name)], 'preferred')]
        : withoutFlatten(frame, layer, inputs);
    }
    case 'size-vanishes':
      return layer.weights === undefined ? leaveOut('preferred') : [];
    case 'single-value':
      if (problem.severity === 'error') return leaveOut('preferred');
      if (layer.family === 'normalization') return freeBatch(frame);
      return layer.name === 'Softmax' && body.callee.text === layer.name
        ? [
            fix(
              'Replace Softmax with Sigmoid',
              [replace({ start: body.callee.range.start, end: body.range.end }, 'Sigmoid')],
              'preferred',
            ),
          ]
        : [];
    case 'input-count':
      return inputs.length > 1 && layer.inputs.names.length === 1 ? insertBefore(call, 'Concat(1)') : [];
    default:
      return [];
  }
}

/** A model's batch of one sample gets any size. */
function freeBatch({ definition, scope }: Frame): readonly LocalFix[] {
  if (definition.kind !== 'model' || scope.has('N')) return [];
  const edits = definition.statements.flatMap((statement, part) =>
    (statement.kind === 'input' ? statement.ports : []).flatMap(({ shape }) => {
      const batch = shape?.items[0];
      const isOne = batch?.kind === 'number' && batch.value === 1n;
      return isOne ? [replace<LocalPlace>({ definition: definition.id, part, range: batch.range }, 'N')] : [];
    }),
  );
  return edits.length === 0 ? [] : [fix('Let the batch have any size, N', edits, 'preferred')];
}

/** `Conv1d` where a `Conv2d` gets three dimensions. */
export function sibling({ name, inputs }: Layer, rank: number | undefined): Layer | undefined {
  if (rank === undefined || inputs.rank?.includes(rank) !== false) return undefined;
  return [1, 2, 3]
    .map((dimensions) => findLayer(name.replace(/\d(?=d$)/, String(dimensions))))
    .find((each) => each?.inputs.rank?.includes(rank) === true);
}

/** A `Flatten` before a layer that wants what went into that. */
function withoutFlatten({ definition }: Frame, layer: Layer, [input]: readonly Tensor[]): readonly LocalFix[] {
  const node = input?.node;
  const rank = node?.inputs[0]?.shape?.length;
  if (node?.kind !== 'layer' || node.layer.name !== 'Flatten' || rank === undefined) return [];
  if (node.site.definition !== definition.id || layer.inputs.rank?.includes(rank) === false) return [];
  const { part, range } = node.site;
  const call = callAt(definition.statements[part], part, range);
  const edit = call === undefined ? undefined : removal(call);
  if (edit?.kind !== 'remove') return [];
  const at = { ...node.site, range: edit.at };
  return [fix(`Remove Flatten before ${layer.name}`, [remove(at)], 'preferred')];
}

/** All features of a feature map in a row; where its sizes are free, their means, which are as many for each size. */
export function flattenFirst(frame: Frame, body: CallStage, shape: Shape): readonly LocalFix[] {
  const note = frame.container.form === 'Sequential' ? ' (changes the state_dict keys from there on)' : '';
  return flattenBefore(callHere(frame, body.callee.range), shape).map((each) => ({
    ...each,
    title: `${each.title}${note}`,
  }));
}

export function flattenBefore(call: Call | undefined, shape: Shape): readonly LocalFix[] {
  const places = shape.slice(1);
  const isKnown = places.every((size) => constantValue(size) !== undefined);
  const isOne = places.slice(1).every((size) => equal(size, ONE));
  return [
    ...(isKnown ? insertBefore(call, 'Flatten', true) : []),
    ...(isOne ? [] : insertBefore(call, 'AdaptiveAvgPool2d(1) -> Flatten', !isKnown)),
  ];
}

/** Features of free sizes are known where each map is pooled to one place before it is flattened. */
export function poolFirst(
  frame: Frame,
  { family }: Layer,
  body: CallStage,
  [input]: readonly Tensor[],
): readonly LocalFix[] {
  const { definition } = frame;
  const node = input?.node;
  if (family === 'linear' && input?.shape?.length === 4)
    return insertBefore(callHere(frame, body.callee.range), 'AdaptiveAvgPool2d(1) -> Flatten', true);
  const shape = node?.inputs[0]?.shape;
  if (node?.kind !== 'layer' || node.layer.name !== 'Flatten' || shape?.length !== 4) return [];
  if (node.site.definition !== definition.id) return [];
  const call = callAt(definition.statements[node.site.part], node.site.part, node.site.range);
  return insertBefore(call, 'AdaptiveAvgPool2d(1)', true).map((each) => ({
    ...each,
    edits: each.edits.map((edit) =>
      edit.kind === 'replace' && !('definition' in edit.at) ? { ...edit, at: { ...node.site, range: edit.at } } : edit,
    ),
  }));
}
