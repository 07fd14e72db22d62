/**
 * Names and texts that mean something else in Python: a clear refusal, or code that Python takes, in which everything is
 * still what it is here.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { prepare } from './programs/check.ts';
import { Judge } from './programs/judge.ts';

/** Names of other scripts and spellings, which must be read wherever a name may stand. */
const LETTERS: readonly string[] = ['분류기', 'ﬁlter', 'ℌ', 'µ', 'é', 'e\u0301', 'été'];

const NAMES: readonly string[] = [
  // Python's keywords, soft keywords and builtins.
  ...['None', 'async', 'class', 'def', 'del', 'lambda', 'nonlocal', 'pass', 'with', 'yield'],
  ...['match', 'case', 'type', '_'],
  ...['int', 'len', 'list', 'max', 'min', 'object', 'print', 'range', 'round', 'sum', 'super', 'tuple', 'zip'],
  // What a module has, and what the generated file uses.
  ...['self', 'forward', 'training', 'train', 'parameters', 'state_dict', 'register_buffer', '_modules', 'half', 'to'],
  ...['nn', 'torch', 'F', 'math', 'partial', 'OrderedDict', 'Callable', 'Sequence', 'make_divisible', 'x'],
  ...['Module', 'Tensor', 'Sequential', 'Conv2d', 'ReLU', 'Identity', 'Parameter', 'Branches', 'TupleSequential'],
  ...['channels', 'in_channels', 'height', 'layers', 'use_other', 'i', 'append', 'keys', 'values'],
  // What Python renames.
  ...['__x', '__init__', '__class__', '__dict__', '__call__', '__', '___'],
  // Names that are one to Python (NFKC) with others.
  ...['ｎｎ', 'ℕ', 'ª', 'ſelf'],
  // No names at all, which must be told.
  ...[
    '🙂',
    'a\u200bb',
    '\u202eabc',
    'שלום',
    'a\u00adb',
    'a·b',
    '²',
    'a"b',
    "a'b",
    'a\\b',
    'a-b',
    '1a',
    '$',
    'a\u2028b',
  ],
];

const body = 'input x: [N, 4, 8, 8]\n';
/** Where an author's name may stand. */
const ROLES: Readonly<Record<string, (name: string) => string>> = {
  parameter: (name) => `model Net(${name}: int = 4) {\n  ${body}  output x -> Conv2d(${name}, 1) -> ReLU * ${name}\n}`,
  binding: (name) =>
    `model Net {\n  ${body}  ${name} = x -> Conv2d(4, 1)\n  y = ${name} + x\n  output y * ${name} -> ReLU\n}`,
  number: (name) => `model Net(n: int = 2) {\n  ${body}  ${name} = n * 4\n  output x -> Conv2d(${name}, 1)\n}`,
  input: (name) => `model Net {\n  input ${name}: [N, 4, 8, 8]\n  output ${name} + (${name} -> Conv2d(4, 1))\n}`,
  output: (name) => `model Net {\n  ${body}  output ${name} = x -> Conv2d(4, 1)\n  output ${name} * 2\n}`,
  symbol: (name) => `model Net {\n  input x: [N, 4, ${name}, ${name}]\n  output x -> Conv2d(4, 3)\n}`,
  label: (name) => `model Net {\n  ${body}  output x -> ${name}: Conv2d(4, 1) -> ReLU\n}`,
  'label in a group': (name) => `model Net {\n  ${body}  output x -> (${name}: Conv2d(4, 1) -> BatchNorm2d)\n}`,
  'label of a branch': (name) =>
    `model Net {\n  ${body}  output x -> b: [${name}: Conv2d(4, 1), other: ReLU] -> Concat(1)\n}`,
  'label with a number': (name) =>
    `model Net(n: int = 2) {\n  ${body}  output x -> for i in 0..n { ${name}{i}: Conv2d(4, 1) }\n}`,
  weight: (name) => `model Net {\n  ${body}  weight ${name}: [4, 1, 1] = Ones\n  output x * ${name}\n}`,
  buffer: (name) => `model Net {\n  ${body}  buffer ${name}: [4, 1, 1] = Ones\n  output x * ${name}\n}`,
  'shared layer': (name) => `model Net {\n  ${body}  layer ${name} = Conv2d(4, 1)\n  output x -> ${name} -> ${name}\n}`,
  'loop variable': (name) =>
    `model Net {\n  ${body}  output x -> for ${name} in [4, 8] { Conv2d(${name}, 1) -> BatchNorm2d }\n}`,
  'layer parameter': (name) =>
    `block B(${name}: layer = ReLU) {\n  input x\n  output x -> Conv2d(4, 1) -> ${name}\n}\nmodel Net {\n  ${body}  output x -> B -> B(${name}=Tanh)\n}`,
  block: (name) =>
    `block ${name}(n: int) {\n  input x\n  y = x -> Conv2d(n, 1)\n  output x + y\n}\nmodel Net {\n  ${body}  output x -> ${name}(4) -> Sigmoid\n}`,
  model: (name) => `model ${name} {\n  ${body}  output x -> Conv2d(4, 1) -> ReLU\n}`,
};

/** Two names that are one to Python, or that meet in what is made of them. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['ﬁx', 'fix'],
  ['é', 'e\u0301'],
  ['ℌ', 'H'],
  ['class', 'class_'],
  ['__x', '_x'],
  ['self', 'self_'],
  ['nn', 'nn_'],
  ['ﬀ', 'ff'],
];
const TWICE: Readonly<Record<string, (a: string, b: string) => string>> = {
  parameters: (a, b) =>
    `model Net(${a}: int = 4, ${b}: int = 8) {\n  ${body}  output x -> Conv2d(${a}, 1) -> Conv2d(${b}, 3)\n}`,
  bindings: (a, b) =>
    `model Net {\n  ${body}  ${a} = x -> Conv2d(4, 1)\n  ${b} = ${a} -> Conv2d(4, 3)\n  output ${a}\n  output ${b}\n}`,
  labels: (a, b) => `model Net {\n  ${body}  output x -> ${a}: Conv2d(4, 1) -> ${b}: Conv2d(8, 3)\n}`,
  'labels in a group': (a, b) => `model Net {\n  ${body}  output x -> (${a}: Conv2d(4, 1) -> ${b}: Conv2d(8, 3))\n}`,
  weights: (a, b) =>
    `model Net {\n  ${body}  weight ${a}: [4, 1, 1] = Ones\n  weight ${b}: [1] = Ones\n  output x * ${a} + ${b}\n}`,
  inputs: (a, b) => `model Net {\n  input ${a}: [N, 4], ${b}: [N, 3]\n  output (${a}, ${b}) -> Concat(1)\n}`,
  blocks: (a, b) =>
    `block ${a} {\n  input x\n  output x + (x -> Conv2d(4, 1))\n}\nblock ${b} {\n  input x\n  output x * (x -> Conv2d(4, 3, padding=1))\n}\nmodel Net {\n  ${body}  output x -> ${a} -> ${b}\n}`,
};

const TEXTS: readonly string[] = [
  'plain',
  '',
  ' ',
  '"',
  '""',
  '"""',
  'ends in "',
  "'",
  "'''",
  '\\',
  'ends in \\',
  '\\"',
  '\\n',
  '{}',
  '{x} {{y}}',
  '%s %(x)s',
  '# no comment',
  '"""\nimport os\n"""',
  'a\tb',
  'ü 한국어 🙂 \u202e \u200b',
  '\u2028 \u0085 \u000c',
  'é'.repeat(60),
  'word '.repeat(60),
  '\\N{BULLET} \\x41 \\u0041',
  '*/ --> <script>',
];
/** Where a text stands; what ends a line can't stand in a comment. */
const PLACES: Readonly<Record<string, (text: string) => string>> = {
  documentation: (text) => `${comment(text)}model Net {\n  ${body}  output x -> Conv2d(4, 1) -> ReLU\n}`,
  'documentation of a block': (text) =>
    `${comment(text)}block B {\n  input x\n  output x + (x -> Conv2d(4, 1))\n}\nmodel Net {\n  ${body}  output x -> B\n}`,
  'documentation of a parameter': (text) =>
    `model Net(\n${comment(text)}  n: int = 4\n) {\n  ${body}${comment(text)}  y = x -> Conv2d(n, 1)\n  output y -> ReLU\n}`,
  metadata: (text) => `model Net {\n  description: ${quoted(text)}\n  ${body}  output x -> ReLU\n}`,
  parameter: (text) =>
    `model Net(mode: str = ${quoted(text)}) {\n  ${body}  output x -> if mode == ${quoted(text)} { Conv2d(4, 1) }\n}`,
  argument: (text) => `model Net {\n  ${body}  output x -> Einsum(${quoted(text)})\n}`,
  label: (text) => `model Net {\n  ${body}  output x -> ${text}: ReLU\n}`,
};

function comment(text: string): string {
  return text
    .split('\n')
    .map((line) => `# ${line}\n`)
    .join('');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

describe('what means something else in Python', function () {
  this.timeout(0);
  const known = new Set(
    [...readFileSync('docs/diagnostics.md', 'utf8').matchAll(/`([a-z][a-z-]+)`/gu)].map(([, code]) => code),
  );
  let judge: Judge;
  before(async () => {
    judge = await Judge.start();
  });
  after(() => judge.stop());

  /** @param least how many of them must become code: a test of refusals alone would prove nothing */
  async function check(texts: readonly (readonly [name: string, text: string])[], least: number): Promise<void> {
    const prepared = texts.map(([, text]) => prepare(text));
    const wrong = (await judge.failures(prepared)).flatMap((why, i) => {
      const each = prepared[i]!;
      const code = each.kind === 'refused' ? /^[a-z-]+/u.exec(each.why)?.[0] : undefined;
      const told = each.kind === 'refused' && !known.has(code ?? '') ? `an unknown code: ${each.why}` : why;
      return told === undefined ? [] : [`${texts[i]![0]}: ${told}\n${texts[i]![1]}`];
    });
    assert.equal(wrong.length, 0, `${wrong.length} of ${texts.length}\n${wrong.slice(0, 12).join('\n\n')}`);
    const refused = prepared.flatMap((each, i) =>
      each.kind === 'refused' ? [`${texts[i]![0]}: ${each.why}\n${texts[i]![1]}`] : [],
    );
    const ready = texts.length - refused.length;
    assert.ok(ready >= least, `only ${ready} of ${texts.length} became code\n${refused.slice(0, 12).join('\n\n')}`);
  }

  for (const [role, write] of Object.entries(ROLES)) {
    it(`as a name: ${role}`, () =>
      check(
        NAMES.map((name) => [name, write(name)]),
        20,
      ));
  }

  it('as a name of other letters: each is read', () => {
    const texts = Object.values(ROLES).flatMap((write) => LETTERS.map((name) => ['letters', write(name)] as const));
    return check(texts, texts.length);
  });

  it('as a name that is written another way where it is used', () => {
    const texts = [
      ['é', 'e\u0301'],
      ['e\u0301', 'é'],
      ['fi', 'ﬁ'],
    ].map(
      ([name, used]) =>
        [
          name!,
          `block ${name}(n: int) {\n  input x\n  output x -> Conv2d(n, 1)\n}\nmodel Net {\n  input x: [N, 4, 8, 8]\n  y${name} = x -> ${used}(4)\n  output y${used} -> ReLU\n}`,
        ] as const,
    );
    return check(texts, texts.length);
  });

  for (const [role, write] of Object.entries(TWICE)) {
    it(`as two names that are one to Python: ${role}`, () =>
      check(
        PAIRS.flatMap(([a, b]) => [
          [`${a} ${b}`, write(a, b)],
          [`${b} ${a}`, write(b, a)],
        ]),
        1,
      ));
  }

  for (const [place, write] of Object.entries(PLACES)) {
    it(`as a text: ${place}`, () =>
      check(
        TEXTS.map((text) => [JSON.stringify(text), write(text)]),
        place === 'argument' || place === 'label' ? 0 : 20,
      ));
  }
});
