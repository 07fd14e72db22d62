/** A layer's page, and the index of all of them: Markdown made of the catalogue. */
import { macsFormula, parameterFormula } from '../../server/src/core/analysis/formulas.ts';
import { exactCount } from '../../server/src/core/analysis/numbers.ts';
import { rowsOf } from '../../server/src/core/analysis/summary.ts';
import {
  type Dimension,
  constantValue,
  format,
  formatCondition,
  formatFactored,
} from '../../server/src/core/dimension.ts';
import { signature } from '../../server/src/core/elaborate/words.ts';
import { FAMILIES, FAMILY_TITLES, type InputType, type Layer } from '../../server/src/core/layers/layer.ts';
import type { Parameter } from '../../server/src/core/layers/parameters.ts';
import { formatShape } from '../../server/src/core/tensor.ts';
import { workedExample } from './example.ts';
import { type Formulas, formulasOf, parametersFormula } from '../../server/src/core/analysis/layerFormulas.ts';
import { pictureOf } from './picture.ts';

/** By path in docs/layers. */
export type Pages = ReadonlyMap<string, string>;

export function layerPages(layers: readonly Layer[]): Pages {
  const pages = new Map([['README.md', index(layers)]]);
  for (const layer of layers) {
    const { page, picture } = layerPage(layer);
    pages.set(`${layer.name}.md`, page);
    pages.set(`pictures/${layer.name}.svg`, picture);
  }
  return pages;
}

function index(layers: readonly Layer[]): string {
  const families = FAMILIES.map((family) => {
    const own = layers.filter((layer) => layer.family === family);
    const rows = own.map(({ name, summary }) => [`[${name}](${name}.md)`, summary]);
    return rows.length === 0 ? '' : `## ${FAMILY_TITLES[family]}\n\n${table(['', 'what it does'], rows)}\n`;
  });
  return `# Layers and functions

All ${layers.length} of the catalogue, by family. Arguments have torch's names, order and defaults; what can be inferred is left out.

${families.filter((text) => text !== '').join('\n')}`;
}

function layerPage(layer: Layer): { page: string; picture: string } {
  const { text, call, instance, node } = workedExample(layer);
  const formulas = formulasOf(node);
  const row = Array.from(rowsOf(instance)).findLast((each) => each.node === node)!;
  const hasMacs = layer.macs !== undefined || constantValue(row.macs) !== 0n;
  const worked = [
    ['Shape', `${shapes(node.inputs)} → ${shapes(node.outputs)}`],
    ['Parameters', parameterFormula(node)],
    ['Multiply-adds', macsFormula(node, row.macs) ?? (hasMacs ? exactCount(row.macs) : undefined)],
  ].flatMap(([what, value]) => (value === undefined ? [] : [`- ${what!}: \`${value}\``]));
  const torch = layer.python.kind === 'module' ? `\`${layer.python.constructor}\`` : 'a function';
  const page = [
    `# ${layer.name}`,
    layer.summary,
    `![What ${layer.name} does to a shape](pictures/${layer.name}.svg)`,
    `\`${signature(layer)}\``,
    `${layer.python.kind === 'module' && layer.python.source === undefined ? `${torch} in PyTorch` : layer.python.kind === 'module' ? 'A small class in the generated code' : 'A function in PyTorch'}: [its page there](${layer.documentation}). Family: [${FAMILY_TITLES[layer.family]}](README.md#${anchor(FAMILY_TITLES[layer.family])}).`,
    '## Arguments',
    argumentsText(layer),
    '## Shape',
    shapeText(layer, formulas),
    ...(formulas === undefined ? [] : countsText(formulas)),
    '## Example',
    `\`\`\`scv\n${text}\`\`\``,
    worked.join('\n'),
  ];
  return { page: `${page.join('\n\n')}\n`, picture: pictureOf(node, call) };
}

function shapes(tensors: readonly { shape: readonly Dimension[] | undefined }[]): string {
  return tensors.map(({ shape }) => formatShape(shape)).join(', ');
}

// ---------------------------------------------------------------------------------------------- arguments

function argumentsText(layer: Layer): string {
  const rows = Object.entries(layer.parameters).map(([name, parameter]) => [
    `\`${name}\``,
    parameter.type,
    defaultText(parameter),
    [parameter.doc, ...notes(parameter)].join(' '),
  ]);
  return rows.length === 0 ? 'None.' : table(['name', 'type', 'default', 'meaning'], rows);
}

function defaultText({ infer, default: standard, torchDefault }: Parameter<unknown>): string {
  if (infer !== undefined) return '_inferred_';
  if (standard === undefined) return '_required_';
  return `\`${standard}\`${torchDefault === undefined ? '' : ` (torch: \`${torchDefault}\`)`}`;
}

function notes({ infer, keywordOnly, runtime, variadic, listInFront }: Parameter<unknown>): string[] {
  return [
    ...(infer === undefined ? [] : ['Worked out from what comes in; may be given by name, and is checked then.']),
    ...(listInFront === true ? ['A list in front of the other arguments is it.'] : []),
    ...(variadic === true ? ['A list, or one by one.'] : []),
    ...(keywordOnly === true ? ['Only by name.'] : []),
    ...(runtime === true ? ['May depend on sizes that are known only when the model runs.'] : []),
  ];
}

// ---------------------------------------------------------------------------------------------- formulas

const TYPES: Readonly<Record<string, string>> = { float: 'floats', int64: 'whole numbers (int64)', bool: 'bools' };

function shapeText(
  { inputs: { names, optional = 0, variadic, type = 'float', types } }: Layer,
  formulas: Formulas | undefined,
): string {
  const typed = (i: number): string => {
    const wanted: InputType = types?.[Math.min(i, types.length - 1)] ?? type;
    if (wanted === 'any') return 'of any type';
    return `of ${(typeof wanted === 'string' ? [wanted] : wanted).map((each) => TYPES[each]!).join(' or ')}`;
  };
  const ports = names.map(
    (name, i) => `\`${name}\`, ${typed(i)}${i >= names.length - optional ? ' (may be left out)' : ''}`,
  );
  const inputs = variadic === true ? `Any number of tensors ${typed(0)}.` : `Input: ${ports.join('; ')}.`;
  if (formulas === undefined) return `${inputs} The shape that comes out depends on the arguments; see the example.`;
  const fixed = formulas.fixed.length === 0 ? '' : ` (with \`${formulas.fixed.join(', ')}\`)`;
  const rows = [
    ...formulas.inputs.map((shape) => ['in', `\`${factoredShape(shape)}\``]),
    ...formulas.outputs.map((shape) => ['out', `\`${factoredShape(shape)}\``]),
  ];
  const only =
    formulas.conditions.length === 0
      ? ''
      : `\n\nOther sizes are refused. It needs\n\n${formulas.conditions.map((each) => `- \`${each}\``).join('\n')}`;
  return `${inputs}\n\nShapes${fixed}:\n\n${table(['', 'shape'], rows)}${only}`.trimEnd();
}

function countsText(formulas: Formulas): readonly string[] {
  const { weights, macs } = formulas;
  const rows = weights.map(({ name, shape, kind, present, count }) => [
    `\`${name}\``,
    `\`${factoredShape(shape)}\``,
    `${kind}${count === undefined ? '' : `, \`${format(count)}\` times`}${present === undefined || formatCondition(present) === 'True' ? '' : `, where ${formatCondition(present)}`}`,
  ]);
  return [
    '## Parameters',
    rows.length === 0
      ? 'None.'
      : `${table(['name', 'shape', 'kind'], rows)}\n\nIn all \`${parametersFormula(formulas)}\`, with the other arguments at their defaults.`,
    ...(macs === undefined
      ? []
      : [
          '## Multiply-adds',
          `For one sample \`${formatFactored(macs)}\`; twice as many FLOPs.${/_out\b/.test(formatFactored(macs)) ? ' Sizes of the output end in `_out`.' : ''}`,
        ]),
  ];
}

function factoredShape(shape: readonly Dimension[]): string {
  return `[${shape.map((size) => formatFactored(size)).join(', ')}]`;
}

// ---------------------------------------------------------------------------------------------- Markdown

/** As Prettier has it: cells of a column are as wide. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [headings, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = headings.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(cells[0]!), line(widths.map((width) => '-'.repeat(width))), ...cells.slice(1).map(line)].join('\n');
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
