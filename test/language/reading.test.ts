import assert from 'node:assert/strict';
import type { Expression, Statement } from '../../server/src/core/definition.ts';
import { json, read, samples } from './support.ts';

/** A statement of a model's body, written alone. */
function statement(text: string): Statement {
  const { file, problems } = read(`model A {\n${text}\n}`);
  assert.deepEqual(problems, []);
  const [definition] = file.definitions;
  assert.ok(definition?.kind === 'model');
  assert.equal(definition.statements.length, 1);
  return definition.statements[0]!;
}

/** An expression with every operator's operands in parentheses. */
function structure(text: string): string {
  const binding = statement(`y = ${text}`);
  assert.ok(binding.kind === 'binding');
  return show(binding.value);
}

function show(value: Expression): string {
  switch (value.kind) {
    case 'number':
      return value.text;
    case 'name':
      return value.name.text;
    case 'unary':
      return `(${value.operator} ${show(value.operand)})`;
    case 'binary':
      return `(${show(value.left)} ${value.operator} ${show(value.right)})`;
    case 'compare':
      return `(${value.operands.map((operand, index) => `${index > 0 ? `${value.operators[index - 1]!} ` : ''}${show(operand)}`).join(' ')})`;
    case 'member':
      return `${show(value.object)}.${value.member.text}`;
    case 'index':
      return `${show(value.object)}[${show(value.index)}]`;
    case 'slice':
      return `${show(value.object)}[${[value.start, value.stop].map((each) => (each === undefined ? '' : show(each))).join(':')}]`;
    case 'tuple':
      return `(${value.items.map(show).join(', ')},)`;
    case 'call':
      return `${value.callee.text}(${value.arguments.map((each) => show(each.value)).join(', ')})`;
    case 'conditional':
      return `(if ${show(value.condition)} ${show(value.then)} ${show(value.otherwise)})`;
    case 'pipeline':
      return `(${show(value.source)} -> ${String(value.stages.length)})`;
    default:
      return value.kind;
  }
}

describe('expressions', () => {
  const cases: Record<string, string> = {
    '1 + 2 * 3': '(1 + (2 * 3))',
    '1 - 2 - 3': '((1 - 2) - 3)',
    'a ** b ** c': '(a ** (b ** c))',
    '-2 ** 2': '(- (2 ** 2))',
    '2 ** -1': '(2 ** (- 1))',
    '-x.channels * 2': '((- x.channels) * 2)',
    'a * -b + c': '((a * (- b)) + c)',
    'not a == b and c': '((not (a == b)) and c)',
    'not not a': '(not (not a))',
    'a or b and not c': '(a or (b and (not c)))',
    '1 < c <= 8': '(1 < c <= 8)',
    '0..n + 1': '(0 .. (n + 1))',
    'x.shape[1] // 2': '(x.shape[1] // 2)',
    'widths[1:]': 'widths[1:]',
    'widths[:-1]': 'widths[:(- 1)]',
    '(a, b)': '(a, b,)',
    '(a,)': '(a,)',
    '((a))': 'a',
    'if a { 1 } else if b { 2 } else { 3 }': '(if a 1 (if b 2 3))',
    'a + b -> ReLU': '((a + b) -> 1)',
    'make_divisible(c // 4, 8)': 'make_divisible((c // 4), 8)',
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(text, () => {
      assert.equal(structure(text), expected);
    });
  }

  it('reads numbers as Python does', () => {
    const value = (text: string): unknown => {
      const binding = statement(`y = ${text}`);
      return binding.kind === 'binding' && binding.value.kind === 'number' ? binding.value.value : undefined;
    };
    assert.equal(value('1_000'), 1000n);
    assert.equal(value('0x1F'), 31n);
    assert.equal(value('0b101'), 5n);
    assert.equal(value('1e-3'), 0.001);
    assert.equal(value('.5'), 0.5);
    assert.equal(value('99999999999999999999'), 99999999999999999999n);
    assert.equal(read('model A { y = 007 }').problems[0]?.code, 'syntax');
  });

  it('unescapes strings', () => {
    const property = statement(String.raw`author: "a\"b\n\u00e9"`);
    assert.ok(property.kind === 'property' && property.value.kind === 'string');
    assert.equal(property.value.value, 'a"b\né');
  });
});

describe('statements', () => {
  it('may be called by words of the language where they are labels, keys and arguments', () => {
    const words = [
      'input',
      'output',
      'weight',
      'buffer',
      'frozen',
      'layer',
      'train',
      'import',
      'from',
      'as',
      'model',
      'block',
      'extern',
      'function',
    ];
    const text = `block B(x: int = 1) {\n  input t\n${words.map((word) => `  y_${word} = t -> ${word}: Foo(${word}=1, ${word}=2)\n    -> ${word}{1}: Bar`).join('\n')}\n  output t\n}`;
    const { problems, file } = read(text);
    assert.deepEqual(problems, []);
    const [block] = file.definitions;
    assert.ok(block?.kind === 'block');
    assert.equal(block.statements.length, words.length + 2);
  });

  it('need no line breaks', () => {
    const { problems, file } = read(
      'block Up(c: int) { input x, skip up = x -> A(c) a, b = up -> B output (skip, a) -> Concat(1) output y: [N] = b train { epochs: 5 loss: L1 target: input } }',
    );
    assert.deepEqual(problems, []);
    const [block] = file.definitions;
    assert.ok(block?.kind === 'block');
    assert.deepEqual(
      block.statements.map(({ kind }) => kind),
      ['input', 'binding', 'binding', 'output', 'output', 'train'],
    );
  });

  it('may be broken anywhere', () => {
    const text =
      'input\n x\n,\n y\n:\n [\n N ]\n out\n , _\n = x\n ->\n conv\n :\n A\n (\n a\n =\n 1\n )\n *\n 3\n output\n logits\n : [ N ]\n = out';
    const { problems, file } = read(`model A {\n${text}\n}`);
    assert.deepEqual(problems, []);
    const [model] = file.definitions;
    assert.ok(model?.kind === 'model');
    assert.deepEqual(
      model.statements.map(({ kind }) => kind),
      ['input', 'binding', 'output'],
    );
  });

  it('have the comment lines directly above as documentation', () => {
    const { file } = read(
      '# One\n# two\nblock A(\n  # Channels.\n  c: int,\n  d: int) {\n  # no\n\n  # A bound value.\n  y = 1 # beside\n  z = 2\n}',
    );
    const [block] = file.definitions;
    assert.ok(block?.kind === 'block');
    assert.equal(block.documentation, 'One\ntwo');
    assert.deepEqual(
      block.parameters.map(({ documentation }) => documentation),
      ['Channels.', undefined],
    );
    assert.deepEqual(
      block.statements.map((each) => (each.kind === 'binding' ? each.documentation : '')),
      ['A bound value.', undefined],
    );
  });
});

describe('files', () => {
  it('of the examples and the clean golden cases have no syntax problems', () => {
    for (const { name, text } of samples(
      'examples',
      'test/golden/names',
      'test/golden/facts',
      'test/golden/diagnostics',
    )) {
      if (/\/(slip|syntax|unclosed|reserved|nesting)-.*(main|blocks)\.scv$/.test(name)) continue;
      assert.deepEqual(read(text).problems, [], name);
    }
  });

  it('say the same with CRLF, and with a byte order mark', () => {
    for (const { name, text } of samples('examples')) {
      const bare = (value: string): string =>
        json(read(value).file)
          .replaceAll(/"(start|end)": \d+/g, '')
          .replaceAll(/"hash": "\w+"/g, '');
      assert.equal(bare(text.replaceAll('\n', '\r\n')), bare(text), name);
      assert.equal(bare(`\ufeff${text}`), bare(text), name);
    }
  });

  it('give definitions that a line above leaves equal', () => {
    for (const { name, text } of samples('examples')) {
      assert.equal(
        json(read(`import { Q } from "./q.scv"\n\n${text}`).file.definitions),
        json(read(text).file.definitions),
        name,
      );
    }
  });

  it('may have names in any script', () => {
    const { file, problems } = read('model 분류기 { input 그림: [N, 3]\n output été = 그림 -> ΔConv }');
    assert.deepEqual(problems, []);
    assert.equal(file.definitions[0]?.name.text, '분류기');
  });

  it('nest brackets 200 deep, and have one error for more', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['[', ']'],
      ['f(', ')'],
      ['x[', ']'],
      ['if a {', '} else { 1 }'],
    ] as const) {
      const deep = (depth: number): string => `model A { y = ${open.repeat(depth)}1${close.repeat(depth)}\n z = 2 }`;
      assert.deepEqual(read(deep(199)).problems, [], open);
      const { problems, file } = read(deep(10_000));
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['nesting-too-deep'],
        open,
      );
      assert.equal(file.definitions[0]?.kind === 'model' && file.definitions[0].statements.length, 2, open);
    }
  });

  it('may be very long expressions, binary data and nothing', () => {
    assert.deepEqual(
      read(`model A { y = ${'1 + '.repeat(10_000)}1 }`).problems.map(({ code }) => code),
      ['nesting-too-deep'],
    );
    assert.deepEqual(
      read(`model A { y = ${'- '.repeat(10_000)}1 }`).problems.map(({ code }) => code),
      ['nesting-too-deep'],
    );
    assert.ok(read('\0'.repeat(10_000)).problems.length <= 1);
    assert.ok(read('m\0o\0d\0'.repeat(1000)).problems.length <= 2);
    assert.deepEqual(read('').problems, []);
    assert.deepEqual(read(`model A { input x\n output x ${'-> ReLU '.repeat(20_000)} }`).problems, []);
  });
});
