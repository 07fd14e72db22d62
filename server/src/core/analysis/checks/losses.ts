/** What a model ends with against the loss that trains it: traced back from the first output. */
import type { Definition, Model, Property, Range, Site, TrainStatement } from '../../definition.ts';
import { ONE, equal } from '../../dimension.ts';
import { callAt } from '../../elaborate/callStages.ts';
import { removal } from '../../elaborate/fixes.ts';
import { type LocalFix, fix, insert, placed, replace, withFixes } from '../../fix.ts';
import type { BlockNode, Instance, LayerNode } from '../../graph.ts';
import type { Problem } from '../../problem.ts';
import { type Shape, type Tensor, formatShape } from '../../tensor.ts';
import { dataSetOf } from './datasets.ts';
import { reporter } from './report.ts';

/** What a loss makes of what comes out, and what it compares it with. */
interface Loss {
  /** Scores that it brings between 0 and 1 itself, chances, or their logarithms. */
  readonly takes: 'logits' | 'chances' | 'logarithms' | 'numbers';
  /** The number of a class, or as many numbers as come out. */
  readonly target: 'class' | 'same';
  /** What it does with logits. */
  readonly does?: string;
  /** The layer whose output it takes, and the loss that takes what comes out instead. */
  readonly wants?: string;
  readonly instead?: string;
}

/** Source: the pages of torch.nn's loss functions. */
const LOSSES: Readonly<Record<string, Loss>> = {
  CrossEntropyLoss: { takes: 'logits', target: 'class', does: 'applies LogSoftmax itself' },
  MultiMarginLoss: { takes: 'logits', target: 'class', does: 'compares scores without bounds' },
  NLLLoss: { takes: 'logarithms', target: 'class', wants: 'LogSoftmax(1)', instead: 'CrossEntropyLoss' },
  BCEWithLogitsLoss: { takes: 'logits', target: 'same', does: 'applies Sigmoid itself' },
  MultiLabelSoftMarginLoss: { takes: 'logits', target: 'same', does: 'applies Sigmoid itself' },
  BCELoss: { takes: 'chances', target: 'same', wants: 'Sigmoid', instead: 'BCEWithLogitsLoss' },
  KLDivLoss: { takes: 'logarithms', target: 'same', wants: 'LogSoftmax(1)' },
  MSELoss: { takes: 'numbers', target: 'same' },
  L1Loss: { takes: 'numbers', target: 'same' },
  SmoothL1Loss: { takes: 'numbers', target: 'same' },
  HuberLoss: { takes: 'numbers', target: 'same' },
};

/** What a layer leaves of scores, for a message. */
const BOUNDS: Readonly<Record<string, string>> = {
  Softmax: 'between 0 and 1',
  Softmin: 'between 0 and 1',
  Sigmoid: 'between 0 and 1',
  Hardsigmoid: 'between 0 and 1',
  LogSoftmax: 'below 0',
  LogSigmoid: 'below 0',
  Tanh: 'between -1 and 1',
  Hardtanh: 'between its two bounds',
  Softsign: 'between -1 and 1',
  ReLU: 'at 0 or above',
  ReLU6: 'between 0 and 6',
};

const CHANCES: ReadonlySet<string> = new Set(['Softmax', 'Softmin', 'Sigmoid', 'Hardsigmoid']);
const LOGARITHMS: ReadonlySet<string> = new Set(['LogSoftmax', 'LogSigmoid', 'Log']);

/** What only arranges values anew. */
const ARRANGING: ReadonlySet<string> = new Set([
  'Identity',
  'Flatten',
  'Unflatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Permute',
  'Transpose',
]);

/** Layers that can give any number. */
const UNBOUNDED_FAMILIES: ReadonlySet<string> = new Set(['convolution', 'linear', 'normalization']);

export function checkLosses(instance: Instance): readonly Problem[] {
  const { definition } = instance;
  if (definition.kind !== 'model') return [];
  const train = definition.statements.find((each) => each.kind === 'train');
  const written = train?.properties.find(({ key }) => key.text === 'loss');
  const name = written === undefined ? undefined : classNameOf(written);
  const loss = name === undefined ? undefined : LOSSES[name];
  const shape = instance.outputs[0]?.tensor.shape;
  if (train === undefined || written === undefined || name === undefined || loss === undefined) return [];

  const report = reporter(definition.id);
  const target = targetProblem(definition, train, name, loss, shape);
  if (target !== undefined) {
    const { message: why, instead } = target;
    const fixes = instead.map((each, i) => setLoss(written, each, i === 0));
    report.warning('loss-target', why, written.value.range, definition.statements.indexOf(train), fixes);
    return report.problems;
  }
  const end = endOf(instance);
  const message = end === undefined ? undefined : endProblem(end.node, name, loss);
  if (end === undefined || message === undefined) return [];
  const related =
    end.use === undefined
      ? {}
      : {
          related: [
            {
              site: end.node.site,
              message: `${end.node.layer.name} is here, inside ${end.use.instance.definition.name.text}`,
            },
          ],
        };
  const here = (range: Range): Site => ({
    definition: definition.id,
    part: definition.statements.indexOf(train),
    range,
  });
  const fixes = withFixes(placed(endFixes(end, written, name, loss), here));
  return [{ code: 'loss-input', severity: 'warning', message, site: (end.use ?? end.node).site, ...related, ...fixes }];
}

/** Another loss, without arguments of its own. */
function setLoss({ value }: Property, name: string, isPreferred: boolean): LocalFix {
  return fix(`Set the loss to ${name}`, [replace(value.range, name)], isPreferred ? 'preferred' : undefined);
}

/** The last layer goes, or is another one, or another one comes behind it; or the loss is another one. */
function endFixes({ node, definition }: End, written: Property, name: string, loss: Loss): readonly LocalFix[] {
  const { site, layer } = node;
  const statement = definition.kind === 'extern' ? undefined : definition.statements[site.part];
  const call = callAt(statement, site.part, site.range);
  const there = (range: Range): Site => ({ ...site, range });
  const { wants, instead } = loss;
  const other = instead === undefined ? [] : [setLoss(written, instead, !CHANCES.has(layer.name))];
  if (call === undefined) return other;
  if (loss.takes === 'logits') {
    const edit = removal(call);
    return edit === undefined ? [] : placed([fix(`Remove ${layer.name} before ${name}`, [edit], 'preferred')], there);
  }
  if (wants === undefined) return other;
  const at = call.body.range;
  const isScore = call.around === undefined && !(layer.name in BOUNDS);
  if (CHANCES.has(layer.name))
    return placed([fix(`Replace ${layer.name} with ${wants}`, [replace(at, wants)], 'preferred')], there);
  return isScore
    ? [
        ...other,
        ...placed([fix(`Add ${wants} behind ${layer.name}`, [insert(call.stage.range.end, ` -> ${wants}`)])], there),
      ]
    : other;
}

function classNameOf({ value }: Property): string | undefined {
  return value.kind === 'call' ? value.callee.text : value.kind === 'name' ? value.name.text : undefined;
}

/** What is wrong with the pair of loss and target. */
function targetProblem(
  definition: Model,
  train: TrainStatement,
  name: string,
  loss: Loss,
  shape: Shape | undefined,
): { readonly message: string; readonly instead: readonly string[] } | undefined {
  const target = train.properties.find(({ key }) => key.text === 'target')?.value;
  const isInput = target?.kind === 'name' && target.name.text === 'input';
  if (isInput && loss.target === 'class') {
    return {
      message: `${name} compares with the number of a class, but the target is the input: write MSELoss, or BCEWithLogitsLoss where its values are between 0 and 1.`,
      instead: ['MSELoss'],
    };
  }
  const dataset = dataSetOf(definition);
  if (!isInput && loss.target === 'same' && dataset?.task === 'classification' && shape?.length === 2) {
    return {
      message: `${name} compares with as many numbers as come out, ${formatShape(shape)}, but a label of ${dataset.name} is one number, of a class: write CrossEntropyLoss.`,
      instead: ['CrossEntropyLoss'],
    };
  }
  const classes = shape?.[1];
  if (name === 'CrossEntropyLoss' && classes !== undefined && equal(classes, ONE)) {
    return {
      message: `CrossEntropyLoss of one class is always 0: the output is ${formatShape(shape)}. Give it a score for each class, or write BCEWithLogitsLoss for yes or no.`,
      instead: ['BCEWithLogitsLoss'],
    };
  }
  return undefined;
}

function endProblem({ layer: { name: last, family } }: LayerNode, name: string, loss: Loss): string | undefined {
  switch (loss.takes) {
    case 'logits':
      if (family === 'dropout')
        return `${last} sets scores to 0 at random, after the last layer that learns: put it before that one.`;
      return last in BOUNDS
        ? `${last} keeps the scores ${BOUNDS[last]!}, but ${name} takes them without bounds: it ${loss.does!}. Leave ${last} out.`
        : undefined;
    case 'chances':
      return (UNBOUNDED_FAMILIES.has(family) || last in BOUNDS) && !CHANCES.has(last)
        ? `${name} takes numbers between 0 and 1 and torch refuses others, but ${last} gives any. End with ${loss.wants!}, or write ${loss.instead!}.`
        : undefined;
    case 'logarithms':
      if (LOGARITHMS.has(last) || !(UNBOUNDED_FAMILIES.has(family) || last in BOUNDS)) return undefined;
      return `${name} takes the logarithms of chances, but what comes out of ${last} is none. End with ${loss.wants!}${CHANCES.has(last) ? ` instead of ${last}` : ''}${loss.instead === undefined ? '' : `, or write ${loss.instead}${CHANCES.has(last) ? ` and leave ${last} out` : ''}`}.`;
    case 'numbers':
      return undefined;
  }
}

interface End {
  /** The layer that the first output comes from, what only arranges values aside. */
  readonly node: LayerNode;
  /** Where that stands. */
  readonly definition: Definition;
  /** The model's own stage that it is inside of. */
  readonly use: BlockNode | undefined;
}

function endOf(model: Instance): End | undefined {
  let tensor: Tensor | undefined = model.outputs[0]?.tensor;
  const around: BlockNode[] = [];
  while (tensor !== undefined) {
    const { node, output }: Tensor = tensor;
    switch (node.kind) {
      case 'block':
        around.push(node);
        tensor = node.instance.outputs[output]?.tensor;
        break;
      case 'input': {
        const use = around.pop();
        const index = use?.instance.inputs.findIndex((each) => each.tensor.node === node) ?? -1;
        tensor = use?.inputs[index];
        break;
      }
      case 'layer':
        if (!ARRANGING.has(node.layer.name))
          return { node, definition: (around.at(-1)?.instance ?? model).definition, use: around[0] };
        tensor = node.inputs[0];
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}
