/** A model's `train { … }`: torch's names, and values that can be what they are for. */
import type { Argument, Definition, Expression, Identifier, Property, Range } from '../../definition.ts';
import { LARGE_LOSSES } from '../../layers/absent.ts';
import { addArgument } from '../../elaborate/fixes.ts';
import { type Fix, fix, remove, replace, replacements, spellings } from '../../fix.ts';
import { numberIn } from '../../layers/parameters.ts';
import { didYouMean, nearby, nearest } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import { type Literal, literalOf, wordFor } from './literals.ts';
import { type Reporter, reporter } from './report.ts';
import { AUGMENTATIONS, LOSSES, OPTIMIZERS, SCHEDULERS } from './trainingTables.ts';

/** A class of torch's, as a value of `train`. */
export interface TrainingClass {
  readonly name: string;
  readonly parameters: readonly TrainingParameter[];
}

export interface TrainingParameter {
  readonly name: string;
  readonly type: 'int' | 'float' | 'bool' | 'str' | 'any';
  readonly isOptional: boolean;
  /** As torch's signature has it; absent where it must be given. */
  readonly default?: string;
  readonly keywordOnly: boolean;
}

export interface ClassKind {
  readonly what: string;
  readonly classes: ReadonlyMap<string, TrainingClass>;
}

export interface TrainingKey {
  readonly name: string;
  readonly summary: string;
  readonly value:
    | { readonly kind: 'class' | 'classes'; readonly of: ClassKind }
    | { readonly kind: 'int' | 'float'; readonly from?: number; readonly to?: number; readonly below?: true }
    | { readonly kind: 'bool' | 'str' }
    | { readonly kind: 'choice'; readonly of: readonly string[] }
    /** True, False, or a number of epochs. */
    | { readonly kind: 'patience' };
}

const optimizers: ClassKind = { what: 'optimizer', classes: classesOf(OPTIMIZERS) };
const losses: ClassKind = { what: 'loss', classes: classesOf(LOSSES) };
const schedulers: ClassKind = { what: 'scheduler', classes: classesOf(SCHEDULERS) };
const augmentations: ClassKind = { what: 'augmentation', classes: classesOf(AUGMENTATIONS) };

export const TRAINING_KEYS: readonly TrainingKey[] = [
  {
    name: 'optimizer',
    summary: 'How weights are changed: one of torch.optim.',
    value: { kind: 'class', of: optimizers },
  },
  {
    name: 'loss',
    summary: "What is made small: one of torch.nn's losses of an output and a target.",
    value: { kind: 'class', of: losses },
  },
  { name: 'epochs', summary: 'How often the whole data set is seen.', value: { kind: 'int', from: 1 } },
  { name: 'batch_size', summary: 'How many samples are seen at once.', value: { kind: 'int', from: 1 } },
  {
    name: 'scheduler',
    summary: 'How the learning rate changes: one of torch.optim.lr_scheduler.',
    value: { kind: 'class', of: schedulers },
  },
  {
    name: 'augment',
    summary: 'What is done to the images: some of torchvision.transforms.v2, in order.',
    value: { kind: 'classes', of: augmentations },
  },
  {
    name: 'target',
    summary: 'What the loss compares with: the labels, or the input (reconstruction).',
    value: { kind: 'choice', of: ['labels', 'input'] },
  },
  { name: 'weights', summary: 'A file of weights to start from.', value: { kind: 'str' } },
  { name: 'seed', summary: 'Of all that is random, so that a run can be repeated.', value: { kind: 'int', from: 0 } },
  {
    name: 'validation_split',
    summary: 'Which part of the training data is held back.',
    value: { kind: 'float', from: 0, to: 1, below: true },
  },
  {
    name: 'early_stopping',
    summary: 'Ends when the validation loss has not improved for so many epochs.',
    value: { kind: 'patience' },
  },
  { name: 'mixed_precision', summary: 'Works with 16 bits where that does no harm.', value: { kind: 'bool' } },
  { name: 'device', summary: 'Where it runs: "cpu", "cuda", "cuda:1", "mps".', value: { kind: 'str' } },
];

/** What depends on the run is filled in when it is trained. */
const FILLED_IN: ReadonlySet<string> = new Set(['T_max']);

export function checkTraining(definition: Definition): readonly Problem[] {
  if (definition.kind !== 'model') return [];
  const report = reporter(definition.id);
  const names = new Set(definition.parameters.map(({ name }) => name.text));
  definition.statements.forEach((statement, part) => {
    if (statement.kind !== 'train') return;
    for (const property of statement.properties) new PropertyCheck(report, part, names).check(property);
  });
  return report.problems;
}

class PropertyCheck {
  readonly #report: Reporter;
  readonly #part: number;
  readonly #names: ReadonlySet<string>;

  constructor(report: Reporter, part: number, names: ReadonlySet<string>) {
    this.#report = report;
    this.#part = part;
    this.#names = names;
  }

  check({ key: written, value, range }: Property): void {
    const key = TRAINING_KEYS.find(({ name }) => name === written.text);
    if (key === undefined) {
      const names = TRAINING_KEYS.map(({ name }) => name);
      this.#report.warning(
        'unknown-key',
        `train has no ${written.text}.${didYouMean(written.text, names)} Its keys are ${names.join(', ')}.`,
        written.range,
        this.#part,
        [...spellings(written.text, written.range, names), fix(`Remove ${written.text}`, [remove(range)])],
      );
      return;
    }
    if (value.kind === 'missing') return;
    const { value: wanted } = key;
    switch (wanted.kind) {
      case 'class':
        this.#class(value, wanted.of);
        return;
      case 'classes':
        if (value.kind !== 'list' && value.kind !== 'tuple') {
          this.#error(
            'argument-type',
            `${key.name} is a list, such as [RandomHorizontalFlip, RandomCrop(32, padding=4)].`,
            value.range,
          );
        } else for (const item of value.items) this.#class(item, wanted.of);
        return;
      case 'choice': {
        const word = value.kind === 'name' ? value.name.text : value.kind === 'string' ? value.value : undefined;
        if (word === undefined || !wanted.of.includes(word)) {
          this.#error('argument-value', `${key.name} is ${wanted.of.join(' or ')}.`, value.range, [
            ...replacements(word ?? 'this', value.range, nearby(word ?? '', wanted.of)),
            ...(nearby(word ?? '', wanted.of).length > 0
              ? []
              : wanted.of.map((each) => fix(`Write ${each}`, [replace(value.range, each)]))),
          ]);
        }
        return;
      }
      case 'int':
      case 'float':
        this.#number(key.name, wanted, value);
        return;
      case 'patience': {
        const literal = this.#literal(value);
        if (literal === undefined || literal.kind === 'bool') return;
        if (literal.kind !== 'int')
          this.#error('argument-type', `${key.name} is a number of epochs, not ${wordFor(literal.kind)}.`, value.range);
        else if (literal.value < 1)
          this.#error('argument-value', `${key.name} is at least 1, not ${String(literal.value)}.`, value.range);
        return;
      }
      case 'bool':
      case 'str': {
        const literal = this.#literal(value);
        if (literal !== undefined && literal.kind !== wanted.kind) {
          this.#error(
            'argument-type',
            `${key.name} is ${wordFor(wanted.kind)}, not ${wordFor(literal.kind)}.`,
            value.range,
          );
        }
      }
    }
  }

  #error(code: string, message: string, range: Range, fixes?: readonly Fix<Range>[]): void {
    this.#report.error(code, message, range, this.#part, fixes);
  }

  /** What is written; `undefined` for a parameter of the model, whose value is another's matter. */
  #literal(value: Expression): Literal | undefined {
    if (value.kind === 'name' && !this.#names.has(value.name.text)) {
      const meant = nearest(value.name.text, this.#names);
      this.#error(
        'unknown-name',
        `There is nothing called ${value.name.text} here: train takes values and the model's parameters.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
        value.range,
        spellings(value.name.text, value.range, this.#names),
      );
    }
    return literalOf(value);
  }

  #number(name: string, wanted: Extract<TrainingKey['value'], { kind: 'int' | 'float' }>, value: Expression): void {
    const literal = this.#literal(value);
    if (literal === undefined) return;
    const isNumber = literal.kind === 'int' || (literal.kind === 'float' && wanted.kind === 'float');
    if (!isNumber) {
      this.#error(
        'argument-type',
        `${name} is ${wordFor(wanted.kind)}, not ${wordFor(literal.kind)}.`,
        value.range,
        meantBy(literal, wanted.kind, value),
      );
      return;
    }
    const { from = -Infinity, to = Infinity, below = false } = wanted;
    const number = literal.value;
    if (number >= from && (below ? number < to : number <= to)) return;
    const range =
      to === Infinity ? `at least ${String(from)}` : `from ${String(from)} to ${below ? 'below ' : ''}${String(to)}`;
    this.#error('argument-value', `${name} is ${range}, not ${String(number)}.`, value.range, [
      ...(number < from ? [fix(`Set ${name} to ${String(from)}`, [replace(value.range, String(from))])] : []),
    ]);
  }

  /** `Adam(lr=1e-3)` or `Adam`. */
  #class(value: Expression, { what, classes }: ClassKind): void {
    if (value.kind === 'missing') return;
    const name: Identifier | undefined =
      value.kind === 'call' ? value.callee : value.kind === 'name' ? value.name : undefined;
    if (name === undefined) {
      this.#error(
        'argument-type',
        `Here stands the name of ${withArticle(what)} of torch's, such as ${[...classes.keys()][0] ?? ''}.`,
        value.range,
      );
      return;
    }
    const known = classes.get(name.text);
    if (known === undefined) {
      const more = LARGE_LOSSES.includes(name.text)
        ? `${name.text} takes more than an output and a target: training with it is written in Python.`
        : `torch has no ${what} ${name.text}.${didYouMean(name.text, classes.keys())}`;
      this.#error('unknown-training-name', more, name.range, spellings(name.text, name.range, classes.keys()));
      return;
    }
    this.#arguments(known, name, value.range, value.kind === 'call' ? value.arguments : undefined);
  }

  #arguments(
    { name: owner, parameters }: TrainingClass,
    written: Identifier,
    call: Range,
    given: readonly Argument[] = [],
  ): void {
    const positional = parameters.filter(({ keywordOnly }) => !keywordOnly);
    const names = parameters.map(({ name }) => name);
    const usage = `${owner}(${parameters.map(({ name, default: standard }) => (standard === undefined ? name : `${name}=${standard}`)).join(', ')})`;
    const taken = new Set<string>();
    let next = 0;
    let isNamedOtherwise = false;
    for (const argument of given) {
      const parameter =
        argument.name === undefined ? positional[next++] : parameters.find(({ name }) => name === argument.name?.text);
      if (parameter === undefined && argument.name === undefined) {
        const surplus = given.slice(given.indexOf(argument)).filter(({ name }) => name === undefined);
        this.#error('too-many-arguments', `${owner} takes fewer values: ${usage}.`, argument.range, [
          fix(
            'Remove what is too many',
            surplus.map(({ range }) => remove(range)),
            'preferred',
          ),
        ]);
        break;
      }
      if (parameter === undefined) {
        const at = argument.name!;
        const meant = otherName(at.text, names);
        isNamedOtherwise = true;
        this.#error(
          'unknown-argument',
          `${owner} has no ${at.text}.${argumentMeant(at.text, names)} It is ${usage}.`,
          at.range,
          [
            ...replacements(at.text, at.range, meant === undefined ? nearby(at.text, names) : [meant]),
            fix(`Remove ${at.text}`, [remove(argument.range)]),
          ],
        );
        continue;
      }
      if (taken.has(parameter.name))
        this.#error('duplicate-argument', `${parameter.name} is given twice.`, argument.name?.range ?? argument.range, [
          fix(`Remove this ${parameter.name}`, [remove(argument.range)], 'preferred'),
        ]);
      taken.add(parameter.name);
      this.#argument(owner, parameter, argument.value);
    }
    const missing = parameters.filter(
      ({ name, default: standard }) => standard === undefined && !taken.has(name) && !FILLED_IN.has(name),
    );
    // What has another name may be meant to be one of them.
    if (missing.length > 0 && !isNamedOtherwise)
      this.#error(
        'missing-argument',
        `${owner} needs ${missing.map(({ name }) => name).join(', ')}: it is ${usage}.`,
        written.range,
        [giveMissing(written, given, call, missing)],
      );
  }

  #argument(owner: string, { name, type, isOptional }: TrainingParameter, value: Expression): void {
    const literal = this.#literal(value);
    if (literal === undefined || type === 'any' || (isOptional && literal.kind === 'none')) return;
    if (literal.kind === type || (type === 'float' && literal.kind === 'int')) return;
    this.#error(
      'argument-type',
      `${owner}'s ${name} is ${wordFor(type)}, not ${wordFor(literal.kind)}.`,
      value.range,
      meantBy(literal, type, value),
    );
  }
}

/** `"0.1"` as a number, `1` as True. */
function meantBy(literal: Literal, type: TrainingParameter['type'], { range }: Expression): readonly Fix<Range>[] {
  const text = literal.kind === 'str' ? numberIn(literal.value) : undefined;
  const whole = literal.kind === 'float' && Number.isInteger(literal.value) ? String(literal.value) : undefined;
  const number =
    type === 'float' ? text : type === 'int' ? (whole ?? (text?.includes('.') === true ? undefined : text)) : undefined;
  const truth = type === 'bool' && literal.kind === 'int' ? (literal.value === 0 ? 'False' : 'True') : undefined;
  const meant = number ?? truth;
  return meant === undefined ? [] : [fix(`Write ${meant}`, [replace(range, meant)], 'preferred')];
}

/** What must be given, with a number to be changed. */
function giveMissing(
  callee: Identifier,
  given: readonly Argument[],
  call: Range,
  missing: readonly TrainingParameter[],
): Fix<Range> {
  const texts = missing.map(({ name, type }) => `${name}=${USUAL[type]}`);
  return fix(`Give ${texts.join(', ')}`, [addArgument(callee.range, given, call, texts.join(', '))], 'preferred');
}

const USUAL: Readonly<Record<TrainingParameter['type'], string>> = {
  int: '10',
  float: '0.1',
  bool: 'True',
  str: '""',
  any: '32',
};

/** What is written by the habits of other frameworks. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  learning_rate: 'lr',
  decay: 'weight_decay',
  l2: 'weight_decay',
  beta: 'betas',
  epsilon: 'eps',
};

function argumentMeant(written: string, names: readonly string[]): string {
  const meant = otherName(written, names);
  return meant === undefined ? didYouMean(written, names) : ` Did you mean ${meant}?`;
}

function otherName(written: string, names: readonly string[]): string | undefined {
  const meant = OTHER_NAMES[written];
  return meant !== undefined && names.includes(meant) ? meant : undefined;
}

function withArticle(what: string): string {
  return `${/^[aeio]/.test(what) ? 'an' : 'a'} ${what}`;
}

function classesOf(table: Readonly<Record<string, string>>): ReadonlyMap<string, TrainingClass> {
  return new Map(
    Object.entries(table).map(([name, signature]) => [name, { name, parameters: readSignature(signature) }]),
  );
}

/** `lr: float = 0.001, *, fused: bool? = None`; defaults hold no commas but in brackets. */
function readSignature(signature: string): readonly TrainingParameter[] {
  const parameters: TrainingParameter[] = [];
  let keywordOnly = false;
  for (const text of signature.split(/, (?![^(]*\))/)) {
    if (text === '*') keywordOnly = true;
    const match = /^(\w+): (int|float|bool|str|any)(\??)(?: = (.*))?$/.exec(text);
    if (match === null) continue;
    const [, name = '', type, optional, standard] = match;
    parameters.push({
      name,
      type: type as TrainingParameter['type'],
      isOptional: optional === '?' || standard === 'None',
      keywordOnly,
      ...(standard === undefined ? {} : { default: standard }),
    });
  }
  return parameters;
}

/** An optimizer, scheduler, loss or augmentation. */
export function findTrainingClass(name: string): TrainingClass | undefined {
  return [optimizers, losses, schedulers, augmentations].flatMap(({ classes }) => classes.get(name) ?? [])[0];
}
