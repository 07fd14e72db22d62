/**
 * Programs by chance: mostly legal ones, in which every construct of the language and every layer comes up. They are made
 * as text, so that reading is tried too; the generator knows of a tensor only its rank, what divides its channels, and
 * how often it may be halved, and writes what is legal for all such tensors.
 */
import { INITIALISERS } from '../../../server/src/core/layers/initialisers.ts';
import { LAYERS } from '../../../server/src/core/layers/catalogue.ts';
import type { Layer } from '../../../server/src/core/layers/layer.ts';
import { Random } from '../../random.ts';
import type { Input } from '../layers/cases.ts';
import { applyToAll, applyToDeclared } from './applications.ts';
import { separator } from './files.ts';

type Rank = 2 | 3 | 4;

/** What is known of what flows. */
interface Flow {
  readonly rank: Rank;
  /** What the channels, or features, are a multiple of. */
  readonly multiple: number;
  /** How often height and width may still be halved. */
  readonly halvings: number;
}

type Meaning = 'width' | 'count' | 'flag' | 'rate' | 'mode' | 'widths' | 'pairs' | 'act' | 'mixer';

interface Parameter {
  readonly name: string;
  readonly meaning: Meaning;
  readonly hasDefault: boolean;
}

interface Definition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly inputs: readonly Rank[];
  readonly outputs: readonly Flow[];
  /** Channels stay as they are. */
  readonly keepsChannels: boolean;
  /** It uses itself, as often as its first parameter says. */
  readonly isRecursive?: true;
}

/** Where stages are written. */
interface Place {
  readonly labels: Set<string>;
  /** Names that stand for widths here, loop variables included. */
  readonly widths: readonly string[];
  readonly counts: readonly string[];
  readonly flags: readonly string[];
  readonly rates: readonly string[];
  readonly parameters: readonly Parameter[];
  /** A tensor whose sizes may be asked for. */
  readonly tensor: { readonly name: string; readonly flow: Flow };
  /** The variable that numbers a label; '' where a label would come twice. */
  readonly counter: string | undefined;
  readonly depth: number;
  readonly inGroup: boolean;
}

const LABELS = [
  'conv',
  'body',
  'head',
  'block',
  'features',
  'norm',
  '층',
  'stage',
  'unit',
  'proj',
  'fc',
  'seq',
  'relu',
  'x',
];
const PARAMETER_NAMES: Readonly<Record<Meaning, readonly string[]>> = {
  width: ['width', 'channels', 'class', 'lambda', '폭', 'nn', 'self', 'in_channels', 'size'],
  count: ['n', 'depth', 'def', 'count', 'torch', 'layers'],
  flag: ['deep', 'F', 'with', 'residual', 'training_', 'not_used'],
  rate: ['p', 'rate', 'drop', 'eps', 'global'],
  mode: ['mode', 'approximate', 'yield'],
  widths: ['widths', 'dims', 'range_', 'list_', '폭들'],
  pairs: ['pairs', 'specs', 'settings'],
  act: ['act', 'activation', 'norm', 'pass', 'super'],
  mixer: ['mixer', 'op', 'layer_', 'inner'],
};
const BLOCK_NAMES = [
  'Unit',
  'Residual',
  'Branches',
  '블록',
  'Module',
  'Tensor',
  'HRModule',
  'MBConv',
  'Sequence',
  'Part',
  'Inner',
  'Mix',
  'Parameter',
  'Net2d',
];
const TENSOR_NAMES = [
  'y',
  'z',
  'h',
  'out',
  'main',
  'torch',
  'nn',
  'skip',
  'self',
  '특징',
  'forward',
  'conv',
  'range',
  'tuple',
];

/** So many layers of the catalogue are wanted in each program that all come up often enough in five hundred. */
const WANTED = Math.ceil((LAYERS.length * 26) / 500);

/** A program in one text (see {@link separator}). Programs of numbers that follow one another go round the catalogue. */
export function makeProgram(number: number): string {
  const wanted = Array.from({ length: WANTED }, (_, i) => LAYERS[(number * WANTED + i) % LAYERS.length]!);
  return new Generator(new Random(number, 'program'), wanted).program();
}

class Generator {
  readonly #random: Random;
  /** Layers that are still to be used. */
  readonly #wanted: Layer[];
  readonly #definitions: Definition[] = [];
  readonly #imports: string[] = [];
  /** Externs, which take a feature map. */
  readonly #ownStages: string[] = [];
  readonly #texts: string[] = [];
  #names = new Set<string>();

  constructor(random: Random, wanted: readonly Layer[]) {
    this.#random = random;
    this.#wanted = [...wanted];
  }

  program(): string {
    const random = this.#random;
    const blocks = random.int(1, 4);
    for (let i = 0; i < blocks; i++) this.#block();
    const library = random.chance(0.3) ? this.#library() : '';
    if (random.chance(0.2)) this.#model(`Small${random.int(1, 9)}`);
    this.#externs();
    this.#model('Net');
    if (random.chance(0.3) && this.#texts.length > 1) {
      // In any order.
      this.#texts.unshift(this.#texts.splice(random.int(0, this.#texts.length - 2), 1)[0]!);
    }
    return `${this.#imports.join('')}${this.#texts.join('\n')}${library}`;
  }

  /** The blocks so far in a file of their own, and some of them by another name here. */
  #library(): string {
    let text = this.#texts.splice(0).join('\n');
    const imported = this.#definitions.map(({ name }) => {
      if (this.#chance(0.5)) return name;
      const other = `${name}Of`;
      text = text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${name}(?![\\p{L}\\p{N}_])`, 'gu'), other);
      return `${other} as ${name}`;
    });
    this.#imports.push(`import { ${imported.join(', ')} } from "./library.scv"\n\n`);
    return separator('library.scv') + text;
  }

  /** What Python knows and the language doesn't. */
  #externs(): void {
    const name = this.#fresh('Erf');
    if (this.#chance(0.35)) {
      this.#texts.push(
        `extern function ${name} from "torch.special" as ${this.#pick(['erf(x)', 'expit(x)', 'sinc(x)'])} {\n  input x\n  output x.shape\n}\n`,
      );
      this.#ownStages.push(name);
    }
    if (this.#chance(0.2)) {
      const own = this.#fresh('Mapped');
      this.#texts.push(
        this.#pick([
          `extern block ${own}(beta: float = 1.0) from "torch.nn" as Softplus(beta) {\n  input x\n  output x.shape\n  parameters: 0\n}\n`,
          `# A convolution, by hand.\nextern block ${own}(out: int = 8) from "torch.nn" as Conv2d(x.channels, out, 1) {\n  input x\n  output [x.shape[0], out, x.height, x.width]\n  parameters: x.channels * out + out\n}\n`,
        ]),
      );
      this.#ownStages.push(own);
    }
  }

  #pick<T>(items: readonly T[]): T {
    return this.#random.pick(items);
  }

  #chance(probability: number): boolean {
    return this.#random.chance(probability);
  }

  /** A name that nothing in this definition has. */
  #fresh(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#names.has(name); number++) name = `${wanted}${number}`;
    this.#names.add(name);
    return name;
  }

  // -------------------------------------------------------------------------------------------- definitions

  #parameters(isModel: boolean): { readonly parameters: Parameter[]; readonly text: string } {
    const parameters: Parameter[] = [];
    const texts: string[] = [];
    const count = this.#random.int(isModel ? 1 : 0, 4);
    let mustDefault = isModel;
    for (let i = 0; i < count; i++) {
      const meaning = this.#pick<Meaning>([
        'width',
        'width',
        'count',
        'flag',
        'rate',
        'mode',
        'widths',
        'pairs',
        ...(isModel ? [] : (['act', 'act', 'act', 'mixer', 'mixer'] as const)),
        // What an earlier block takes can be passed on.
        ...(isModel ? [] : Array.from({ length: 8 }, () => this.#layerMeanings()).flat()),
      ]);
      const name = this.#fresh(this.#pick(PARAMETER_NAMES[meaning]));
      const hasDefault = mustDefault || this.#chance(0.5);
      mustDefault ||= hasDefault && this.#chance(0.8);
      const type = this.#chance(0.8) ? TYPES[meaning] : '';
      parameters.push({ name, meaning, hasDefault });
      texts.push(`${name}${type === '' ? '' : `: ${type}`}${hasDefault ? ` = ${this.#literal(meaning)}` : ''}`);
    }
    return { parameters, text: texts.length === 0 ? '' : `(${texts.join(', ')})` };
  }

  /** The kinds of layers that the blocks so far take. */
  #layerMeanings(): Meaning[] {
    const all = this.#definitions.flatMap(({ parameters }) => parameters.map(({ meaning }) => meaning));
    return [...new Set(all)].filter((each) => each === 'act' || each === 'mixer');
  }

  /** A value for a parameter where nothing is in scope. */
  #literal(meaning: Meaning): string {
    switch (meaning) {
      case 'width':
        return this.#pick(['4', '8', '12']);
      case 'count':
        return this.#pick(['0', '1', '2', '3']);
      case 'flag':
        return this.#pick(['True', 'False']);
      case 'rate':
        return this.#pick(['0.1', '0.5', '1e-3', '0.0']);
      case 'mode':
        return this.#pick(['"none"', '"tanh"']);
      case 'widths':
        return this.#pick(['[4, 8]', '[8]', '[4, 4, 8]']);
      case 'pairs':
        return this.#pick(['[[4, 1], [8, 3]]', '[[8, 3]]']);
      case 'act':
        return this.#pick([
          'ReLU',
          'GELU',
          'LeakyReLU(0.1)',
          'PReLU',
          'Identity',
          'BatchNorm2d',
          'Hardswish',
          'GroupNorm(2)',
          'Dropout(0.1)',
        ]);
      case 'mixer': {
        const block = this.#definitions.find(
          (each) =>
            each.keepsChannels &&
            each.inputs.join() === '4' &&
            each.outputs.length === 1 &&
            each.outputs[0]!.halvings === 0 &&
            each.parameters.every(({ hasDefault }) => hasDefault),
        );
        if (block !== undefined && this.#chance(0.6)) {
          return block.name;
        }
        return this.#pick(['Identity', 'AvgPool2d(3, stride=1, padding=1)', 'Conv2d(8, 3, padding=1)', 'BatchNorm2d']);
      }
    }
  }

  #block(): void {
    const kind = this.#pick([
      'plain',
      'plain',
      'plain',
      'chain',
      'recursive',
      'two inputs',
      'two outputs',
      'three inputs',
    ]);
    const name = this.#fresh(
      this.#pick(BLOCK_NAMES.filter((each) => !this.#definitions.some((other) => other.name === each))),
    );
    const before = this.#names;
    this.#names = new Set([name]);
    const { parameters, text } = this.#parameters(false);
    const rank = kind === 'two inputs' || kind === 'three inputs' ? 4 : this.#pick<Rank>([4, 4, 4, 3, 2]);
    const inputs = kind === 'two inputs' ? [rank, rank] : kind === 'three inputs' ? [rank, rank, rank] : [rank];
    const ports = inputs.map((_, i) =>
      this.#fresh(i === 0 && this.#chance(0.7) ? 'x' : this.#pick(['x', 'skip', 'gate', 'image', 'input_'])),
    );
    const shape = rank === 4 && inputs.length === 1 && this.#chance(0.2) ? ': [B, C, H, W]' : '';
    if (shape !== '') {
      for (const each of ['B', 'C', 'H', 'W']) this.#names.add(each);
    }
    const flow: Flow = { rank, multiple: 4, halvings: 0 };
    const lines: string[] = [`input ${ports.map((port, i) => `${port}${i === 0 ? shape : ''}`).join(', ')}`];
    const place = this.#place(parameters, { name: ports[0]!, flow });
    if (shape !== '') (place.widths as string[]).push('C');
    let outputs: Flow[];
    let keepsChannels = false;
    if (kind === 'recursive') {
      const count = this.#fresh('times');
      const args = parameters.map((each) => `${each.name}=${each.name}`).join(', ');
      const again = `${name}(${count} - 1${args === '' ? '' : `, ${args}`})`;
      const keep = rank === 4 ? `Conv2d(${ports[0]!}.channels, 1)` : `Linear(${ports[0]!}.features)`;
      const y = this.#fresh('y');
      lines.push(`${y} = ${ports[0]!} -> ${keep}`);
      lines.push(
        this.#pick([
          `output if ${count} > 1 { ${y} -> ${again} } else { ${y} }`,
          `output ${y} -> if ${count} > 1 { ${again} }`,
          `output ${y} -> if ${count} > 1 { ${again} -> ReLU } else { GELU }`,
          `output if ${count} > 1 { ${y} + (${y} -> ${again}) } else { ${y} }`,
        ]),
      );
      outputs = [flow];
      keepsChannels = true;
      const declared = `(${count}: int${text === '' ? '' : `, ${text.slice(1)}`}${text === '' ? ')' : ''}`;
      this.#finish('block', name, declared, lines);
      this.#definitions.push({
        name,
        parameters: [{ name: count, meaning: 'count', hasDefault: false }, ...parameters],
        inputs,
        outputs,
        keepsChannels,
        isRecursive: true,
      });
      this.#names = before;
      return;
    }
    if (kind === 'chain') {
      const { text: stages, flow: out } = this.#stages(place, flow, this.#random.int(1, 4));
      lines.push(`output ${ports[0]!} -> ${stages}`);
      outputs = [out];
    } else {
      const [a, b, c] = ports;
      let start = a!;
      if (b !== undefined) {
        start = this.#fresh('merged');
        const third =
          c === undefined ? '' : ` * (${c} -> AdaptiveAvgPool2d(1) -> Conv2d(${a!}.channels, 1) -> Sigmoid)`;
        lines.push(
          this.#pick([
            `${start} = (${a!}, ${b}) -> Concat(1)${c === undefined ? '' : ` -> Conv2d(${a!}.channels, 1)`}`,
            `${start} = ${a!}${third} + (${b} -> Conv2d(${a!}.channels, 1))`,
          ]),
        );
        if (c !== undefined && !lines.at(-1)!.includes(`${c} `)) lines.push(`${this.#fresh('extra')} = ${c} + 1`);
      }
      const body = this.#body(place, start, flow, lines, this.#random.int(0, 3));
      outputs = [body.flow];
      if (kind === 'two outputs') {
        lines.push(
          this.#pick([`output ${body.name}, `, 'tuple']) === 'tuple'
            ? `output (${body.name}, ${a!})`
            : `output ${this.#fresh('first')} = ${body.name} -> ReLU\n  output ${a!}`,
        );
        outputs = [body.flow, flow];
      } else if (this.#chance(0.3) && rank === 4 && body.flow.rank === 4) {
        lines.push(`output ${a!} + (${body.name} -> ${this.#label(place)}Conv2d(${a!}.channels, 1))`);
        outputs = [flow];
        keepsChannels = true;
      } else lines.push(`output ${body.name}`);
    }
    this.#finish('block', name, text, lines);
    this.#definitions.push({ name, parameters, inputs, outputs, keepsChannels });
    this.#names = before;
  }

  #model(name: string): void {
    this.#names = new Set([
      name,
      ...this.#definitions.map((each) => each.name),
      ...this.#ownStages,
      ...['N', 'H', 'W', 'h', 'w', 'S'],
    ]);
    const { parameters, text } = this.#parameters(true);
    // What is used as a block takes any map.
    const shape =
      name === 'Net'
        ? this.#pick([
            '[N, 3, 16, 16]',
            '[N, 4, 16, 16]',
            '[N, 3, H, W]',
            '[N, 4, 8 * h, 8 * w]',
            '[N, 3, S, S]',
            '[2, 4, 16, 16]',
          ])
        : '[N, 3, H, W]';
    const image = this.#fresh(this.#pick(['image', 'x', '이미지', 'input_']));
    const isFree = /[HWhwS]/u.test(shape);
    const lines: string[] = [];
    if (this.#chance(0.2))
      lines.push(
        this.#pick(['author: "somebody"', 'tags: [small, "made by chance"]', 'description: "\\"a\\" {b} \\\\"']),
      );
    const second = name === 'Net' && this.#chance(0.2) ? this.#fresh('beside') : '';
    const beside = second === '' ? '' : `, ${second}: [${shape.startsWith('[2') ? '2' : 'N'}, 6]`;
    lines.push(`input ${image}: ${shape}${beside}`);
    let flow: Flow = { rank: 4, multiple: shape.includes(' 4,') ? 4 : 1, halvings: 2 };
    const place = this.#place(parameters, { name: image, flow });
    let start = image;
    if (flow.multiple === 1) {
      start = this.#fresh('stem');
      lines.push(
        `${start} = ${image} -> ${this.#label(place)}Conv2d(${this.#width(place)}, 3, padding=1)${this.#chance(0.5) ? ' -> BatchNorm2d -> ReLU' : ''}`,
      );
      flow = { ...flow, multiple: 4 };
    }
    if (second !== '') {
      const plus = this.#fresh('plus');
      lines.push(`${plus} = ${start} + (${second} -> Linear(${start}.channels) -> Unsqueeze(-1) -> Unsqueeze(-1))`);
      start = plus;
    }
    const inner: Place = { ...place, tensor: { name: start, flow } };
    const body = { ...this.#body(inner, start, flow, lines, this.#random.int(1, 4)) };
    if (name === 'Net') {
      const among = this.#wanted.splice(0);
      const sums = among.flatMap((layer) => this.#wantedStatement(layer, start, flow, lines));
      sums.push(...this.#rarities(inner, start, lines));
      if (sums.length > 0) {
        const sum = this.#fresh('sum');
        lines.push(`${sum} = ${[body.name, ...sums].join(' + ')}`);
        body.name = sum;
      }
    }
    const classes = this.#pick(['10', '5', ...place.widths.filter((each) => !each.includes('.'))]);
    const outputs: Flow[] = [];
    if (body.flow.rank === 4 && this.#chance(0.6)) {
      const pool =
        isFree || this.#chance(0.7)
          ? this.#pick(['AdaptiveAvgPool2d(1) -> Flatten', 'Mean([2, 3])'])
          : 'AdaptiveAvgPool2d(2) -> Flatten';
      const head = this.#chance(0.3)
        ? `(${pool} -> Dropout(0.1) -> Linear(${classes}))`
        : `${pool} -> ${this.#label(place)}Linear(${classes})`;
      const target = this.#chance(0.1);
      if (target)
        lines.push(
          'train { optimizer: Adam(lr=1e-3)  loss: CrossEntropyLoss  epochs: 5  scheduler: CosineAnnealingLR  augment: [RandomHorizontalFlip] }',
        );
      lines.push(
        `output ${this.#chance(0.5) ? `${this.#fresh('logits')}${this.#chance(0.5) ? `: [_, ${classes}]` : ''} = ` : ''}${body.name} -> ${head}`,
      );
      outputs.push({ rank: 2, multiple: 1, halvings: 0 });
    } else {
      lines.push(`output ${body.name}`);
      outputs.push({ ...body.flow, halvings: 0 });
    }
    if (this.#chance(0.3)) {
      lines.push(`output ${this.#fresh('aux')} = ${start} -> ${this.#label(place)}Conv2d(2, 1)`);
      outputs.push({ rank: 4, multiple: 2, halvings: 0 });
    }
    this.#finish('model', name, text, lines);
    // Only one that can be fed with anything of rank 4.
    if (second === '' && (shape === '[N, 4, 8 * h, 8 * w]' || shape === '[N, 3, H, W]'))
      this.#definitions.push({
        name,
        parameters: shape.includes('3') ? [] : parameters,
        inputs: [4],
        outputs,
        keepsChannels: false,
      });
  }

  #finish(kind: 'model' | 'block', name: string, parameters: string, lines: readonly string[]): void {
    const comment = this.#chance(0.2) ? `# What ${name} is: "quoted", \\ and more.\n` : '';
    this.#texts.push(`${comment}${kind} ${name}${parameters} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`);
  }

  #place(parameters: readonly Parameter[], tensor: Place['tensor']): Place {
    const of = (meaning: Meaning): string[] =>
      parameters.filter((each) => each.meaning === meaning).map(({ name }) => name);
    return {
      labels: new Set(),
      widths: of('width'),
      counts: of('count'),
      flags: of('flag'),
      rates: of('rate'),
      parameters,
      tensor,
      counter: undefined,
      depth: 0,
      inGroup: false,
    };
  }

  // -------------------------------------------------------------------------------------------- statements

  /** Statements that make of one tensor another; what that is called, and what is known of it. */
  #body(
    place: Place,
    start: string,
    flow: Flow,
    lines: string[],
    count: number,
  ): { readonly name: string; readonly flow: Flow } {
    let now = { name: start, flow };
    for (let i = 0; i < count; i++) {
      const here: Place = { ...place, tensor: now };
      now = this.#statement(here, now, lines);
    }
    return now;
  }

  #statement(
    place: Place,
    { name: x, flow }: { readonly name: string; readonly flow: Flow },
    lines: string[],
  ): { readonly name: string; readonly flow: Flow } {
    const bind = (expression: string, out: Flow = flow): { readonly name: string; readonly flow: Flow } => {
      const name = this.#fresh(this.#pick(TENSOR_NAMES));
      lines.push(`${name} = ${expression}`);
      return { name, flow: out };
    };
    const keep = flow.rank === 4 ? `Conv2d(${x}.channels, 1)` : `Linear(${x}.features)`;
    const kept = (flow_: Flow = flow): Flow => ({ ...flow_, multiple: flow.multiple });
    const still: Flow = { ...flow, halvings: 0 };
    const all = flow.rank === 4 ? STATEMENTS_4 : flow.rank === 3 ? STATEMENTS_3 : STATEMENTS_2;
    const kind = this.#pick(all);
    switch (kind) {
      case 'chain': {
        const { text, flow: out } = this.#stages(place, flow, this.#random.int(1, 4));
        return bind(`${x} -> ${text}`, out);
      }
      case 'number': {
        const name = this.#fresh(this.#pick(['hidden', 'half', 'c', 'k', 'torch', '수']));
        lines.push(`${name} = ${this.#width(place)}${this.#pick([' * 2', ' + 4', ''])}`);
        const { text, flow: out } = this.#stages(
          { ...place, widths: [...place.widths, name, name] },
          flow,
          this.#random.int(1, 3),
        );
        return bind(`${x} -> ${flow.rank === 4 ? `Conv2d(${name}, 1)` : `Linear(${name})`} -> ${text}`, { ...out });
      }
      case 'residual': {
        const { text } = this.#stages(place, still, this.#random.int(1, 3));
        return bind(
          this.#pick([
            `${x} + (${x} -> ${text} -> ${this.#label(place)}${keep})`,
            `(${x} -> ${text} -> ${keep}) * 0.5 + ${x}`,
          ]),
          kept(),
        );
      }
      case 'gate':
        return bind(
          `${x} * (${x} -> AdaptiveAvgPool2d(1) -> ${this.#stages({ ...place, depth: 2 }, { ...still, halvings: -1 }, 1).text} -> Conv2d(${x}.channels, 1) -> Sigmoid)`,
          kept(),
        );
      case 'conditional': {
        const then = this.#stages(place, still, this.#random.int(1, 2));
        const condition = this.#condition(place);
        if (this.#chance(0.3)) {
          const other = this.#stages(place, still, 1);
          return bind(
            `if ${condition} { ${x} -> ${then.text} } else if ${this.#condition(place)} { ${x} } else { ${x} -> ${other.text} }`,
            meet(meet(then.flow, still), other.flow),
          );
        }
        const other = this.#chance(0.6) ? { text: '', flow: still } : this.#stages(place, still, 1);
        return bind(
          `if ${condition} { ${x} -> ${then.text} } else { ${other.text === '' ? x : `${x} -> ${other.text}`} }`,
          meet(then.flow, other.flow),
        );
      }
      case 'split': {
        const [a, b] = [this.#fresh('a'), this.#fresh('b')];
        const dim = flow.rank === 3 ? 2 : 1;
        lines.push(`${a}, ${b} = ${x} -> Chunk(2, dim=${dim})`);
        return bind(
          this.#pick([
            `(${b}, ${a}) -> Concat(${dim})`,
            `(${a} + ${b}, ${a}) -> Concat(${dim})`,
            `(${a} -> ReLU, ${b}) -> Concat(${dim})`,
          ]),
          kept(),
        );
      }
      case 'swap': {
        const [a, b] = [this.#fresh('a'), this.#fresh('b')];
        lines.push(
          `${a}, ${b} = if ${this.#condition(place)} { (${x}, ${x} -> ReLU) } else { (${x}, ${x}) }`.replace(
            `${x} -> ReLU`,
            `(${x} -> ReLU)`,
          ),
        );
        return bind(`${a} - ${b} * 2`, kept());
      }
      case 'weight': {
        const name = this.#fresh(this.#pick(['scale', 'gamma', 'token', 'bias']));
        const each = flow.rank === 4 ? `[1, ${x}.channels, 1, 1]` : `[${x}.features]`;
        const shape = this.#chance(0.2) ? '[]' : each;
        const frozen = this.#chance(0.2) ? 'frozen ' : '';
        lines.push(
          `${frozen}weight ${name}: ${shape} = ${this.#pick(['Ones', 'Zeros', 'Normal(std=0.02)', 'TruncNormal(std=0.02)', 'Constant(1e-4)'])}`,
        );
        return bind(this.#pick([`${x} * ${name}`, `${x} + ${name} * ${x}`, `${name} - ${x}`]), kept());
      }
      case 'buffer': {
        const name = this.#fresh(this.#pick(['mask', 'ramp', 'table']));
        const shape = flow.rank === 4 ? `[${x}.channels, 1, 1]` : `[${x}.features]`;
        if (this.#chance(0.2)) {
          lines.push(`buffer ${name}: [16] = RelativePositionIndex(2)`);
          return bind(`${x} + (${name} * 0.5 -> Mean)`, kept());
        }
        if (this.#chance(0.3)) {
          // Python's own function makes it.
          lines.push(`buffer ${name}: [8] = ${this.#pick(['hann_window(8)', 'linspace(0, 1, 8)'])} from "torch"`);
          return bind(`${x} + (${name} -> Mean)`, kept());
        }
        lines.push(`buffer ${name}: ${shape} = ${this.#pick(['Ones', 'Zeros'])}`);
        return bind(`${x} + ${name}`, kept());
      }
      case 'shared': {
        const name = this.#fresh(this.#pick(['net', 'shared', 'tower']));
        const { text, flow: out } = this.#stages(
          { ...place, labels: new Set(), inGroup: true, depth: 2 },
          still,
          this.#random.int(1, 2),
        );
        const width = this.#width(place);
        const frozen = this.#chance(0.35) ? 'frozen ' : '';
        lines.push(
          `${frozen}layer ${name} = (${text} -> ${flow.rank === 4 ? `Conv2d(${width}, 1)` : `Linear(${width})`})`,
        );
        const a = this.#fresh('a');
        lines.push(`${a} = ${x} -> ${name}`);
        if (this.#chance(0.4)) {
          return bind(`${a} + (${x} -> ReLU -> (${name} -> Tanh))`, { ...out, multiple: 4 });
        }
        return bind(`(${a} - (${x} * 2 -> ${name}) -> Abs)`, { ...out, multiple: 4 });
      }
      case 'operator':
        return bind(
          this.#pick([
            `1 - ${x}`,
            `-${x}`,
            `${x} * 0.5 + 1`,
            `${x} / 2`,
            `(${x} -> Sigmoid) ** 2`,
            `(${x} > 0, ${x}, ${x} * 0.1) -> Where`,
            `${x} * (${x} > 0)`,
            `${x} - (${x} -> Mean(1, keepdim=True))`,
            `${x} * (${x} ${this.#pick(['==', '!=', '<', '<=', '>=', '>'])} 0.5)`,
            `(${x} -> Sigmoid) ** 2 + ${x}`,
            ...(flow.rank === 2 ? [] : [`(${x} @ (${x} -> Transpose(-1, -2))) @ ${x}`]),
          ]),
          kept(),
        );
      case 'runtime':
        return bind(
          this.#pick([
            `${x} -> AvgPool2d(3, stride=1, padding=1) -> Interpolate([${x}.height, ${x}.width])`,
            `${x} -> Reshape([${x}.shape[0], ${x}.channels, -1]) -> Reshape([-1, ${x}.channels, ${x}.height, ${x}.width])`,
            `${x} -> (Flatten(2) -> Unflatten(2, [${x}.height, ${x}.width]))`,
            `${x} + (${x} -> AdaptiveAvgPool2d(1) -> Expand([-1, -1, ${x}.height, ${x}.width]))`,
          ]),
          kept(),
        );
      case 'two inputs': {
        const block = this.#usable((each) => each.inputs.length > 1 && each.inputs.every((rank) => rank === flow.rank));
        if (block === undefined) return bind(`(${x}, ${x} * 2) -> Concat(1)`);
        const items = [x, `(${x} -> ReLU)`, `${x} * 2`].slice(0, block.inputs.length);
        return bind(`(${items.join(', ')}) -> ${this.#call(place, block)}`, { ...block.outputs[0]!, halvings: 0 });
      }
      case 'two outputs': {
        const block = this.#usable(
          (each) => each.outputs.length > 1 && each.inputs.length === 1 && each.inputs[0] === flow.rank,
        );
        if (block === undefined) return bind(`(${x}, ${x} * 2) -> Stack(1) -> Mean(1)`, kept());
        const [a, b] = [this.#fresh('a'), this.#chance(0.3) ? '_' : this.#fresh('b')];
        lines.push(`${a}, ${b} = ${x} -> ${this.#call(place, block)}`);
        if (b === '_') return { name: a, flow: { ...block.outputs[0]!, halvings: 0 } };
        return bind(`${b} + (${b} -> ${keep})`, kept());
      }
      case 'to sequence':
        return bind(`${x} -> Flatten(2) -> ${this.#pick(['Transpose(1, 2)', 'Permute(0, 2, 1)'])}`, {
          ...flow,
          rank: 3,
          halvings: 0,
        });
      case 'to vector':
        return bind(`${x} -> ${this.#pick(['Mean(1)', 'Select(1, 0)'])}`, { ...flow, rank: 2 });
      case 'recurrent': {
        const [y, h, c] = [this.#fresh('y'), this.#chance(0.5) ? '_' : this.#fresh('h'), '_'];
        const width = this.#width(place);
        const isLstm = this.#chance(0.5);
        lines.push(
          isLstm
            ? `${y}, ${h}, ${c} = ${x} -> ${this.#label(place)}LSTM(${width})`
            : `${y}, ${h} = ${x} -> GRU(${width}, bidirectional=True)`,
        );
        if (h !== '_' && this.#chance(0.5)) return bind(`${y} + (${h} -> Mean)`, { ...flow, multiple: 4 });
        return { name: y, flow: { ...flow, multiple: 4 } };
      }
      case 'attention':
        return bind(
          this.#pick([
            `${x} + (${x} -> LayerNorm -> MultiheadAttention(2))`,
            `${x} + ((${x}, ${x}, ${x}) -> attn_${this.#fresh('a')}: MultiheadAttention(2, dropout=${this.#rate(place)}))`,
            `(${x} @ (${x} -> Transpose(1, 2)) -> Softmax(-1)) @ ${x}`,
          ]),
          kept(),
        );
      case 'unused': {
        lines.push(`${this.#fresh('unused')} = ${x} -> ReLU`);
        return { name: x, flow };
      }
    }
  }

  /** What chance would seldom come to; each is a number in the end. */
  #rarities(place: Place, x: string, lines: string[]): string[] {
    const compared = [0, 1].map(() => `(${x} * (${x} ${this.#pick(['==', '!=', '<', '<=', '>=', '>'])} 0.5) -> Mean)`);
    const made = [0, 1].map(() => `(${x} -> Conv2d(${this.#exactWidth(place)}, 1) -> Mean)`);
    const product = `(${x} @ (${x} -> Transpose(-1, -2)) -> Mean)`;
    const other = this.#pick([product, `(${x} / 2 -> Mean)`, `(-${x} -> Mean)`, `(${x} ** 2 -> Mean)`]);
    const sums = [...compared, ...made, other];
    for (const own of this.#ownStages) if (this.#chance(0.5)) sums.push(`(${x} -> ${own} -> Mean)`);
    const recursive = this.#usable(({ isRecursive }) => isRecursive === true);
    if (recursive !== undefined && this.#chance(0.5)) {
      const source = RANKED[recursive.inputs[0]!];
      sums.push(`(${x} -> ${source}${this.#call(place, recursive)} -> Mean)`);
    }
    const small = this.#definitions.find((each) => each.name.startsWith('Small'));
    if (small === undefined) return sums;
    const result = this.#fresh('small');
    const names = [result, ...small.outputs.slice(1).map(() => '_')].join(', ');
    lines.push(`${names} = ${x} -> Conv2d(3, 1) -> AdaptiveAvgPool2d(16) -> ${small.name}`);
    return [...sums, `(${result} -> Mean)`];
  }

  /** A layer of the catalogue beside the rest; what it adds to it is a number. */
  #wantedStatement(layer: Layer, x: string, flow: Flow, lines: string[]): string[] {
    // How many tensors come out depends on the sizes, which are known where they are declared.
    const onFlow = this.#chance(layer.outputs === 'tuple' ? 0.2 : 0.7) ? this.#onFlow(layer, x, flow) : undefined;
    const found = onFlow ?? this.#onDeclared(layer, lines);
    if (found === undefined) return [];
    const { source, stage, outputs } = found;
    const first = this.#fresh(this.#pick(['y', 'z', 'out', 'made']));
    const isTuple = layer.outputs === 'tuple';
    const others = outputs.slice(1).map(() => '_');
    const names = isTuple || this.#chance(0.5) ? [first, ...others] : [first];
    const label = layer.kind === 'module' && this.#chance(0.3) ? `${this.#fresh('made')}: ` : '';
    lines.push(`${names.join(', ')} = ${source} -> ${label}${stage}`);
    const { shape, type } = outputs[0]!;
    const asFloat = type === 'float' ? first : `(${first} * 1.0)`;
    return [shape.length === 0 ? asFloat : `(${asFloat} -> Mean)`];
  }

  /** A layer on what flows, brought to its number of dimensions. */
  #onFlow(layer: Layer, x: string, flow: Flow): Use | undefined {
    const ways = [
      { source: x, of: (shape: readonly number[]) => shape, isFree: FREE[flow.rank] },
      ...(flow.rank === 4
        ? [
            {
              source: `${x} -> Flatten(2)`,
              of: ([n, c, h, w]: readonly number[]) => [n!, c!, h! * w!],
              isFree: [true, false, true],
            },
            { source: `${x} -> Mean([2, 3])`, of: ([n, c]: readonly number[]) => [n!, c!], isFree: [true, false] },
            {
              source: `(${x}, ${x}, ${x}, ${x}) -> Stack(2)`,
              of: ([n, c, h, w]: readonly number[]) => [n!, c!, 4, h!, w!],
              isFree: [true, false, false, true, true],
            },
          ]
        : []),
    ];
    for (const { source, of, isFree } of ways) {
      const found = applyToAll(layer, examplesOf(flow).map(of), isFree, this.#random);
      const counts = new Set(found?.outputs.map((outputs) => outputs.length));
      const isUsable = counts.size === 1 && !(layer.outputs === 'tuple' && counts.has(1));
      if (found !== undefined && isUsable) {
        const copied =
          found.copies === 1 ? source : `(${Array.from({ length: found.copies }, () => `(${source})`).join(', ')})`;
        return {
          source: source === x ? copied.replaceAll(`(${x})`, x) : copied,
          stage: found.text,
          outputs: found.outputs[0]!,
        };
      }
    }
    return undefined;
  }

  /** A layer on weights and buffers that are declared for it. */
  #onDeclared(layer: Layer, lines: string[]): Use | undefined {
    const found = applyToDeclared(layer, this.#random);
    const [outputs] = found?.outputs ?? [];
    if (found === undefined || outputs === undefined) return undefined;
    const names = found.inputs.map(({ shape, type }) => {
      const size = `[${shape.join(', ')}]`;
      if (type === 'int64') {
        const name = this.#fresh('index');
        lines.push(`buffer ${name}: ${size} = Zeros`);
        return name;
      }
      const name = this.#fresh('given');
      lines.push(this.#initialised(name, size, shape.length));
      return type === 'bool' ? `(${name} > 0)` : name;
    });
    return { source: names.length === 1 ? names[0]! : `(${names.join(', ')})`, stage: found.text, outputs };
  }

  /** A weight or buffer of this shape, with any initialiser that fits. */
  #initialised(name: string, size: string, rank: number): string {
    const {
      name: initialiser,
      parameters,
      buffer,
    } = this.#pick(
      INITIALISERS.filter((each) => {
        // Its shape is its arguments' matter.
        if (each.name === 'RelativePositionIndex') return false;
        if (each.name === 'Arange') return rank === 1;
        if (each.name === 'Eye') return rank === 2;
        return rank >= 2 || !/Tril|Triu|Xavier|Kaiming/u.test(each.name);
      }),
    );
    const kind = buffer || this.#chance(0.3) ? 'buffer' : this.#chance(0.15) ? 'frozen weight' : 'weight';
    const args = Object.entries(parameters).filter(([, each]) => each.default === undefined || this.#chance(0.4));
    const values = args.map(([each, { default: standard }]) => `${each}=${standard ?? '0.5'}`);
    if (this.#chance(0.1) && initialiser === 'Zeros') return `${kind} ${name}: ${size}`;
    return `${kind} ${name}: ${size} = ${initialiser}${values.length === 0 ? '' : `(${values.join(', ')})`}`;
  }

  #usable(fits: (definition: Definition) => boolean): Definition | undefined {
    const all = this.#definitions.filter(fits);
    return all.length === 0 ? undefined : this.#pick(all);
  }

  /** A use of a block, with arguments of what is in scope. */
  #call(place: Place, block: Definition): string {
    const args: string[] = [];
    let isNamed = false;
    for (const parameter of block.parameters) {
      const isLayer = parameter.meaning === 'act' || parameter.meaning === 'mixer';
      const isHere = isLayer && place.parameters.some(({ meaning }) => meaning === parameter.meaning);
      if (parameter.hasDefault && !isHere && this.#chance(0.5)) {
        isNamed = true;
        continue;
      }
      isNamed ||= this.#chance(0.3);
      const value =
        parameter === block.parameters[0] && block.isRecursive === true
          ? this.#pick(['1', '2', '3'])
          : this.#argument(place, parameter.meaning);
      args.push(isNamed ? `${parameter.name}=${value}` : value);
    }
    return `${block.name}${args.length === 0 ? '' : `(${args.join(', ')})`}`;
  }

  #argument(place: Place, meaning: Meaning): string {
    const same = place.parameters.filter((each) => each.meaning === meaning);
    if (same.length > 0 && this.#chance(meaning === 'act' || meaning === 'mixer' ? 1 : 0.5)) {
      return this.#pick(same).name;
    }
    switch (meaning) {
      case 'width':
        return this.#width(place);
      case 'flag':
        return this.#chance(0.5) ? this.#literal('flag') : this.#condition(place);
      case 'widths':
        return this.#chance(0.5) ? this.#literal('widths') : `[${this.#width(place)}, ${this.#width(place)}]`;
      case 'rate':
        return this.#rate(place);
      default:
        return this.#literal(meaning);
    }
  }

  // -------------------------------------------------------------------------------------------- expressions

  /** A multiple of 4. */
  #width(place: Place): string {
    const named = place.widths;
    const lists = place.parameters.filter((each) => each.meaning === 'widths').map(({ name }) => name);
    const { tensor } = place;
    const size =
      tensor.flow.multiple === 4 ? [`${tensor.name}.${tensor.flow.rank === 4 ? 'channels' : 'features'}`] : [];
    const kind = this.#random.int(0, 11);
    if (kind < 4 && named.length > 0) return this.#pick(named);
    if (kind === 4 && named.length > 0) return `2 * ${this.#pick(named)}`;
    if (kind === 5 && named.length > 0) return `make_divisible(${this.#pick(named)} * 1.5, 4)`;
    if (kind === 6 && named.length > 0) return `max(${this.#pick(named)}, 8)`;
    if (kind === 7 && lists.length > 0)
      return this.#pick([
        `${this.#pick(lists)}[0]`,
        `${this.#pick(lists)}[-1]`,
        `sum(${this.#pick(lists)})`,
        `4 * len(${this.#pick(lists)})`,
      ]);
    if (kind === 8 && size.length > 0) return size[0]!;
    if (kind === 11) return this.#exactWidth(place);
    if (kind === 9 && place.flags.length > 0) return `(if ${this.#pick(place.flags)} { 8 } else { 4 })`;
    if (kind === 10 && place.counts.length > 0) return `4 * (${this.#pick(place.counts)} + 1)`;
    return this.#pick(['4', '8', '12', '2 ** 3', '16 / 2', '+8']);
  }

  /** A multiple of 4 by way of the language's functions and operators. */
  #exactWidth({ widths, counts, parameters, tensor }: Place): string {
    const any = widths.length > 0 ? this.#pick(widths) : '8';
    const count = counts.length > 0 ? this.#pick(counts) : '2';
    const list = parameters.find(({ meaning }) => meaning === 'widths')?.name ?? '[4, 8]';
    return this.#pick([
      `4 * floor(${any} / 4)`,
      `4 * ceil(${any} / 8)`,
      `4 * round(${any} / 4)`,
      `4 * int(sqrt(${any}))`,
      `4 * (${any} // 4)`,
      `${any} - ${any} % 4`,
      `abs(-${any})`,
      `min(${any}, 8)`,
      `max(4, ${any})`,
      `4 * (${count} % 3 + 1)`,
      `sum(${list}[:2])`,
      `4 * len(${list}[0:])`,
      `${list}[-1]`,
      `4 * ${tensor.name}.rank`,
      `4 * len(${tensor.name}.shape)`,
    ]);
  }

  #rate(place: Place): string {
    return place.rates.length > 0 && this.#chance(0.6) ? this.#pick(place.rates) : this.#pick(['0.1', '0.5']);
  }

  #condition(place: Place): string {
    const { tensor } = place;
    const channels = `${tensor.name}.${tensor.flow.rank === 4 ? 'channels' : 'features'}`;
    const all = [
      ...place.flags.flatMap((flag) => [flag, flag, `not ${flag}`]),
      ...place.counts.flatMap((count) => [`${count} > 1`, `${count} == 0`]),
      ...place.widths.map((width) => `${channels} != ${width}`),
      ...place.widths.slice(0, 2).map((width) => `4 <= ${width} < 12`),
      ...(place.flags.length > 0 && place.counts.length > 0 ? [`${place.flags[0]!} and ${place.counts[0]!} >= 1`] : []),
      `${channels} > 8`,
      `${channels} == 8 or ${channels} == 12`,
      `${channels} >= 8 and ${channels} <= 12`,
      `${tensor.name}.rank < 4 or not ${channels} >= 12`,
    ];
    return this.#pick(all);
  }

  // -------------------------------------------------------------------------------------------- stages

  /** A label that no stage of this module has, or none. */
  #label(place: Place): string {
    if (!this.#chance(0.3)) return '';
    if (place.counter === '') return '';
    let name = this.#pick(LABELS);
    for (let number = 2; place.labels.has(name); number++) name = `${name.replace(/\d+$/u, '')}${number}`;
    place.labels.add(name);
    if (place.counter !== undefined) {
      return `${name}_{${place.counter}}${this.#pick(['', '_a'])}: `;
    }
    return `${name}: `;
  }

  #stages(place: Place, flow: Flow, count: number): { readonly text: string; readonly flow: Flow } {
    const texts: string[] = [];
    let now = flow;
    for (let i = 0; i < count; i++) {
      const stage = this.#stage(place, now);
      texts.push(stage.text);
      now = stage.flow;
    }
    return { text: texts.join(' -> '), flow: now };
  }

  #stage(place: Place, flow: Flow): { readonly text: string; readonly flow: Flow } {
    const fits = (each: Definition): boolean =>
      each.inputs.length === 1 &&
      each.inputs[0] === flow.rank &&
      each.outputs.length === 1 &&
      !each.name.startsWith('Small');
    // A block that a layer can be passed on to.
    const takesOurs = (each: Definition): boolean =>
      fits(each) &&
      each.parameters.some(
        ({ meaning }) =>
          (meaning === 'act' || meaning === 'mixer') && place.parameters.some((own) => own.meaning === meaning),
      );
    const kind =
      place.depth >= 3
        ? 'layer'
        : this.#definitions.some(takesOurs) && this.#chance(0.7)
          ? 'block'
          : flow.rank === 4 &&
              this.#chance(0.35) &&
              place.parameters.some(({ meaning }) => meaning === 'act' || meaning === 'mixer')
            ? 'layer parameter'
            : this.#pick([
                'layer',
                'layer',
                'layer',
                'layer',
                'group',
                'repeat',
                'for',
                'if',
                'parallel',
                'block',
                'block',
                'layer parameter',
              ]);
    const still: Flow = { ...flow, halvings: Math.min(flow.halvings, 0) };
    const inner: Place = { ...place, depth: place.depth + 1 };
    const group: Place = { ...inner, labels: new Set(), counter: undefined, inGroup: true };
    switch (kind) {
      case 'layer':
        return this.#layer(place, flow);
      case 'layer parameter': {
        const layers = place.parameters.filter(
          (each) => (each.meaning === 'act' && flow.rank === 4) || (each.meaning === 'mixer' && flow.rank === 4),
        );
        if (layers.length === 0) return this.#layer(place, flow);
        const parameter = this.#pick(layers);
        return {
          text: `${this.#label(place)}${parameter.name}`,
          flow: parameter.meaning === 'mixer' ? { ...flow, multiple: Math.min(flow.multiple, 4) } : flow,
        };
      }
      case 'group': {
        const { text, flow: out } = this.#stages(group, flow, this.#random.int(1, 3));
        const label = this.#label(place);
        const frozen = label !== '' && this.#chance(0.15) ? 'frozen ' : '';
        return { text: `${frozen}${label}(${text})`, flow: out };
      }
      case 'repeat': {
        const label = this.#label(place);
        const counts = [
          '0',
          '1',
          '2',
          ...place.counts,
          ...place.counts,
          ...place.counts.map((each) => `(${each} + 1)`),
        ];
        const times = this.#pick(counts);
        const { text } = this.#chance(0.5)
          ? this.#layer({ ...group, counter: '' }, still, true)
          : { text: `(${this.#stages(group, still, this.#random.int(1, 2)).text})` };
        return {
          text: `${label}${text} * ${times}`,
          flow: { ...still, halvings: flow.halvings, multiple: Math.min(flow.multiple, 4) },
        };
      }
      case 'for':
        return this.#loop(place, inner, flow, still);
      case 'if': {
        const label = this.#label(place);
        const arm = label === '' ? inner : group;
        const then = this.#stages(arm, still, this.#random.int(1, 2));
        let text = `${label}if ${this.#condition(place)} { ${then.text} }`;
        let out = meet(then.flow, still);
        if (this.#chance(0.2)) {
          const second = this.#stages(arm, still, 1);
          out = meet(out, second.flow);
          text += ` else if ${this.#condition(place)} { ${second.text} }`;
        }
        if (this.#chance(0.4)) {
          const otherwise = this.#stages(arm, still, this.#random.int(1, 2));
          text += ` else { ${otherwise.text} }`;
          out = meet(out, otherwise.flow);
        }
        return { text, flow: { ...out, halvings: flow.halvings } };
      }
      case 'parallel':
        return this.#parallel(place, inner, flow, still);
      case 'block': {
        // Blocks are made for maps, not for one place.
        if (flow.halvings < 0) return this.#layer(place, flow);
        const block = this.#usable((each) => takesOurs(each)) ?? this.#usable(fits);
        if (block === undefined) return this.#layer(place, flow);
        const [out] = block.outputs;
        if (out!.rank !== flow.rank && place.depth > 0) return this.#layer(place, flow);
        return {
          text: `${this.#label(place)}${this.#call(place, block)}`,
          flow: { rank: out!.rank, multiple: out!.multiple, halvings: out!.rank === flow.rank ? flow.halvings : 0 },
        };
      }
    }
    return this.#layer(place, flow);
  }

  #loop(place: Place, inner: Place, flow: Flow, still: Flow): { readonly text: string; readonly flow: Flow } {
    const label = this.#label(place);
    const i = this.#fresh('i');
    const c = this.#fresh('c');
    const k = this.#fresh('k');
    const lists = place.parameters.filter((each) => each.meaning === 'widths').map(({ name }) => name);
    const pairs = place.parameters.filter((each) => each.meaning === 'pairs').map(({ name }) => name);
    const list = lists.length > 0 ? this.#pick(lists) : '[4, 8]';
    const isNumbered =
      label !== '' || (!place.inGroup && place.counter === undefined) || (place.inGroup && place.counter === undefined);
    const numbered = (counter: string): Place => ({
      ...inner,
      labels: label === '' ? place.labels : new Set(),
      counter: isNumbered ? counter : '',
    });
    const plain: Place = { ...inner, counter: '' };
    const kernel = (k_: string): string =>
      flow.rank === 4 ? `Conv2d(${c}, ${k_}, padding=${k_} // 2)` : `Linear(${c} + 4 * ${k_})`;
    const kind = this.#pick(['range', 'range', 'list', 'pairs', 'enumerate', 'zip', 'from']);
    const body = (at: Place): string => this.#stages(at, { ...still }, this.#random.int(1, 2)).text;
    let head = '';
    let stages = '';
    switch (kind) {
      case 'range': {
        const times = this.#pick(['2', '1', ...place.counts, ...place.counts]);
        head = `for ${i} in 0..${times}`;
        stages = body({ ...numbered(i), counts: [...place.counts, i] });
        break;
      }
      case 'from':
        head = `for ${i} in 1..${this.#pick(['3', ...place.counts.map((each) => `${each} + 1`)])}`;
        stages = body({ ...numbered(i), counts: [...place.counts, i] });
        break;
      case 'list':
        head = `for ${c} in ${list}`;
        stages = `${body({ ...plain, widths: [...place.widths, c, c] })} -> ${kernel('1')}`;
        break;
      case 'enumerate':
        head = `for ${i}, ${c} in enumerate(${list})`;
        stages = `${body({ ...numbered(i), widths: [...place.widths, c, c], counts: [...place.counts, i] })} -> ${kernel('3')}`;
        break;
      case 'pairs':
        head = `for ${c}, ${k} in ${pairs.length > 0 ? this.#pick(pairs) : '[[4, 1], [8, 3]]'}`;
        stages = `${kernel(k)}${this.#chance(0.5) ? ` -> ${body({ ...plain, widths: [...place.widths, c] })}` : ''}`;
        break;
      case 'zip':
        head = `for ${c}, ${k} in zip(${list}, [1, 3, 1])`;
        stages = lists.length > 0 && list === lists[0] ? kernel('1') : kernel(k);
        if (head.includes('zip([')) head = head.replace('[1, 3, 1]', '[1, 3]');
        else head = head.replace('[1, 3, 1]', list);
        break;
    }
    if (kind === 'zip' && lists.length > 0)
      stages = flow.rank === 4 ? `Conv2d(${c}, 1) -> Conv2d(${k}, 1)` : `Linear(${c}) -> Linear(${k})`;
    return {
      text: `${label}${head} { ${stages} }`,
      flow: { ...still, halvings: flow.halvings, multiple: Math.min(4, flow.multiple) },
    };
  }

  #parallel(place: Place, inner: Place, flow: Flow, still: Flow): { readonly text: string; readonly flow: Flow } {
    const dim = flow.rank === 3 ? 2 : 1;
    const label = this.#label(place);
    const isDict = label !== '' && this.#chance(0.5);
    const at: Place = {
      ...inner,
      labels: label === '' && !place.inGroup ? place.labels : new Set(),
      inGroup: label !== '',
      ...(label !== '' || place.inGroup ? { counter: undefined } : {}),
    };
    const branches: string[] = [];
    let multiple = flow.multiple;
    const count = this.#random.int(1, 3);
    const conv = (width: string, rate: string): string =>
      flow.rank === 4 ? `Conv2d(${width}, 3, padding=${rate}, dilation=${rate})` : `Linear(${width} * ${rate})`;
    for (let i = 0; i < count; i++) {
      if (isDict) {
        const name = this.#fresh('way');
        branches.push(`${name}: ${this.#layer({ ...at, counter: '' }, still, true).text}`);
        continue;
      }
      if (label !== '') {
        // A labelled [ … ] has branches without labels.
        const inside: Place = { ...at, counter: '' };
        const stage = this.#stages({ ...inside, depth: 3 }, still, this.#random.int(1, 2));
        multiple = Math.min(multiple, stage.flow.multiple);
        branches.push(stage.text);
        continue;
      }
      const stage = this.#stages(at, still, this.#random.int(1, 2));
      multiple = Math.min(multiple, stage.flow.multiple);
      branches.push(stage.text);
    }
    if (!isDict && this.#chance(0.3)) {
      const r = this.#fresh('r');
      branches.push(
        `for ${r} in ${this.#pick(['[1, 2]', '1..3'])} { ${conv(this.#width({ ...place, tensor: place.tensor }), r)} }`,
      );
    }
    const lists = place.parameters.filter((each) => each.meaning === 'widths').map(({ name }) => name);
    if (!isDict && lists.length > 0 && this.#chance(0.3)) {
      const c = this.#fresh('c');
      branches.push(`for ${c} in ${this.#pick(lists)} { ${conv(this.#pick([c, `2 * ${c}`]), '1')} }`);
    }
    if (!isDict && this.#chance(0.3)) {
      branches.push(
        `if ${this.#condition(place)} { ${conv('4', '1')} }${this.#chance(0.3) ? ` else { ${conv('8', '1')} -> ReLU }` : ''}`,
      );
    }
    return { text: `${label}[${branches.join(', ')}] -> Concat(${dim})`, flow: { ...flow, multiple } };
  }

  /** A layer that is still wanted, where one fits what flows and what comes out can go on flowing. */
  #wantedStage(flow: Flow): { readonly text: string; readonly flow: Flow } | undefined {
    const examples = examplesOf(flow);
    for (const [at, layer] of this.#wanted.entries()) {
      const found = applyToAll(layer, examples, FREE[flow.rank], this.#random);
      if (found === undefined || found.copies > 1 || layer.outputs === 'tuple') continue;
      const channel = flow.rank === 4 ? 1 : flow.rank - 1;
      const firsts = found.outputs.map(([first]) => first!);
      const isAlike = firsts.every(
        ({ shape, type }, i) =>
          type === 'float' &&
          shape.length === flow.rank &&
          shape.every((size, axis) => axis === channel || size === examples[i]![axis]),
      );
      if (!isAlike) continue;
      this.#wanted.splice(at, 1);
      const multiple = [4, 2, 1].find((each) => firsts.every(({ shape }) => shape[channel]! % each === 0))!;
      return { text: found.text, flow: { ...flow, multiple: Math.min(multiple, 4) } };
    }
    return undefined;
  }

  #layer(place: Place, flow: Flow, isAlone = false): { readonly text: string; readonly flow: Flow } {
    const label = isAlone ? '' : this.#label(place);
    const wanted = this.#chance(0.25) ? this.#wantedStage(flow) : undefined;
    if (wanted !== undefined) return { text: `${label}${wanted.text}`, flow: wanted.flow };
    const four = { ...flow, multiple: 4 };
    const choices: [string, Flow][] = [];
    const add = (text: string, out: Flow = flow): void => void choices.push([text, out]);
    const width = this.#width(place);
    const rate = this.#rate(place);
    const modes = place.parameters.filter((each) => each.meaning === 'mode').map(({ name }) => name);
    for (const text of [
      'ReLU',
      'GELU',
      'SiLU',
      'Tanh',
      `Dropout(${rate})`,
      'Sigmoid',
      `LeakyReLU(${rate})`,
      'Abs',
      'Clamp(-1, 1)',
    ])
      add(text);
    for (const mode of modes) add(`GELU(${mode})`);
    if (flow.rank === 4) {
      for (const own of this.#ownStages)
        for (let i = 0; i < 4; i++) add(own, { ...flow, multiple: Math.min(flow.multiple, 4) });
      for (let i = 0; i < 2; i++) {
        add(`Conv2d(${width}, 1)`, four);
        add(`Conv2d(${this.#width(place)}, 3, padding=1, bias=False)`, four);
        add('PReLU');
      }
      if (flow.halvings >= 0) {
        add('BatchNorm2d');
        add('InstanceNorm2d');
        add('LayerNorm2d');
        add('AvgPool2d(3, stride=1, padding=1)');
        add('MaxPool2d(3, stride=1, padding=1)');
        add('Roll(1, 2)');
        if (!isAlone) {
          add('Permute(0, 2, 3, 1) -> LayerNorm -> Permute(0, 3, 1, 2)');
          add('Pad([1, 1, 1, 1]) -> AvgPool2d(3, stride=1)');
        }
      }
      if (flow.multiple >= 2 && flow.halvings >= 0) {
        add('GroupNorm(2)');
        add(`ChannelShuffle(2)`);
        if (!isAlone) add(`Conv2d(${width}, 3, padding=1, groups=2)`, four);
      }
      if (flow.halvings > 0) {
        const half = { ...flow, halvings: flow.halvings - 1 };
        add('MaxPool2d(2)', half);
        add(`Conv2d(${width}, 3, stride=2, padding=1)`, { ...half, multiple: 4 });
        add('AvgPool2d(2)', half);
        add('Upsample(scale_factor=2) -> MaxPool2d(2)');
      }
    } else {
      for (let i = 0; i < 3; i++) add(`Linear(${this.#width(place)})`, four);
      add('LayerNorm');
      add('Softmax(-1)');
      if (flow.rank === 3) {
        if (flow.multiple >= 2) add('MultiheadAttention(2)');
        if (flow.multiple >= 2) add('TransformerEncoderLayer(2, dim_feedforward=8)');
        add(`GRU(${width})`, four);
        add(`LSTM(${width}, bidirectional=True)`, four);
        if (!isAlone) add(`Transpose(1, 2) -> Conv1d(${width}, 3, padding=1) -> Transpose(1, 2)`, four);
      } else {
        add('BatchNorm1d');
        if (!isAlone) add('Unsqueeze(1) -> Squeeze(1)');
      }
    }
    const [text, out] = this.#pick(choices);
    const frozen = label !== '' && this.#chance(0.1) ? 'frozen ' : '';
    return { text: `${frozen}${label}${text}`, flow: out };
  }
}

const TYPES: Readonly<Record<Meaning, string>> = {
  width: 'int',
  count: 'int',
  flag: 'bool',
  rate: 'float',
  mode: 'str',
  widths: 'ints',
  pairs: '',
  act: 'layer',
  mixer: 'layer',
};

/** A layer's use: what goes in, the stage, what comes out. */
interface Use {
  readonly source: string;
  readonly stage: string;
  readonly outputs: readonly Input[];
}

/** What makes of a feature map a tensor of so many dimensions. */
const RANKED: Readonly<Record<Rank, string>> = {
  4: '',
  3: 'Flatten(2) -> Transpose(1, 2) -> ',
  2: 'Mean([2, 3]) -> ',
};

/** Which sizes of a tensor may have no number when the model is built. */
const FREE: Readonly<Record<Rank, readonly boolean[]>> = {
  4: [true, false, true, true],
  3: [true, true, false],
  2: [true, false],
};

/** Shapes that what flows may have. */
function examplesOf({ rank, multiple, halvings }: Flow): number[][] {
  const size = halvings < 0 ? 1 : 4 * 2 ** halvings;
  const free = (at: number): number => (halvings < 0 ? 1 : at);
  return [1, 2, 3, 10].map((times, i) => {
    const channels = multiple * times;
    const [height, width] = [free([size, 16, 8, 32][i]!), free([size, 16, 12, 32][i]!)];
    if (rank === 4) return [2, channels, Math.max(height, size), Math.max(width, size)];
    return rank === 3 ? [2, height * width, channels] : [2, channels];
  });
}

const ALWAYS = [
  'chain',
  'chain',
  'number',
  'residual',
  'conditional',
  'weight',
  'buffer',
  'shared',
  'operator',
  'swap',
  'unused',
] as const;
const STATEMENTS_4 = [...ALWAYS, 'split', 'gate', 'runtime', 'two inputs', 'two outputs', 'to sequence'] as const;
const STATEMENTS_3 = [...ALWAYS, 'split', 'recurrent', 'attention', 'to vector'] as const;
const STATEMENTS_2 = [...ALWAYS, 'split'] as const;

/** What holds of either. */
function meet(a: Flow, b: Flow): Flow {
  return { rank: a.rank, multiple: Math.min(a.multiple, b.multiple), halvings: Math.min(a.halvings, b.halvings) };
}
