/** What is too much of anything: soon answered, with a message that says so, and never a throw. */
import assert from 'node:assert/strict';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { readSource } from '../../server/src/language/read.ts';
import { analyseText } from '../core/texts.ts';
import { someOf } from '../scale.ts';

/** Milliseconds for one text on a busy machine; what hangs takes minutes. */
const SOON = 60_000;

const chain = (stages: string, parameters = ''): string =>
  `model A${parameters} {\n  input x: [N, 3, 8, 8]\n  output x -> ${stages}\n}\n`;
const value = (expression: string): string => chain(`Conv2d(n, 1)\n`).replace('output', `n = ${expression}\n  output`);
const times = (count: number, text: string): string => text.repeat(count);

/** The codes of the messages that are asked for; `[]` is a sound program. */
const CASES: readonly (readonly [name: string, text: string, codes: readonly string[]])[] = [
  // Deep.
  ['parentheses', value(`${times(10_000, '(')}8${times(10_000, ')')}`), ['nesting-too-deep']],
  ['parentheses that stay open', value(times(10_000, '(')), ['nesting-too-deep']],
  ['brackets', value(`${times(10_000, '[')}8${times(10_000, ']')}`), ['nesting-too-deep']],
  ['groups', chain(`${times(10_000, '(')}ReLU${times(10_000, ')')}`), ['nesting-too-deep']],
  ['branches', chain(`${times(10_000, '[')}ReLU${times(10_000, ']')}`), ['nesting-too-deep']],
  ['loops', chain(`${times(5000, 'for i in 0..1 { ')}ReLU${times(5000, ' }')}`), ['nesting-too-deep']],
  ['conditions', chain(`${times(5000, 'if True { ')}ReLU${times(5000, ' }')}`), ['nesting-too-deep']],
  ['else if', chain(`${times(10_000, 'if x.channels == 4 { ReLU } else ')}{ Tanh }`), ['nesting-too-deep']],
  ['braces that stay open', times(10_000, 'model A { '), ['unclosed-bracket', 'nesting-too-deep']],
  ['braces that close nothing', times(10_000, '}'), ['syntax']],
  // Long.
  ['sums', value(`1${times(10_000, ' + 1')}`), ['nesting-too-deep']],
  ['powers', value(`1${times(10_000, ' ** 1')}`), ['nesting-too-deep']],
  ['signs', value(`${times(10_000, '-')}8`), ['nesting-too-deep']],
  ['not', chain(`if ${times(10_000, 'not ')}True { ReLU }`), ['nesting-too-deep']],
  ['members', value(`x${times(10_000, '.shape')}`), ['nesting-too-deep']],
  ['items', value(`[1]${times(10_000, '[0]')}`), ['nesting-too-deep', 'unknown-name']],
  ['comparisons', chain(`if 1${times(10_000, ' < 1')} { ReLU }`), ['nesting-too-deep']],
  ['a chain of 10,000 stages', chain(`ReLU${times(9_999, ' -> ReLU')}`), []],
  ['2,000 branches', chain(`[${times(2000, 'ReLU, ')}] -> Concat(1)`), []],
  [
    '10,000 statements',
    chain('ReLU').replace('output', `${times(10_000, 'weight w: [1]\n')}output`),
    ['label-clash', 'bound-twice'],
  ],
  ['a long name', chain(`${times(100_000, 'a')}: ReLU`), []],
  ['a long number', value(`1${times(100_000, '0')}`), ['too-large']],
  ['a long list', value(`len([${times(50_000, '1, ')}])`), []],
  // Large.
  ['an int past 2^53', chain('Conv2d(9007199254740993, 1)'), []],
  ['a power', value('2 ** 10 ** 9'), ['too-large']],
  ['ten to a power', value('10 ** 100000'), ['too-large']],
  ['a power of a power', value('((2 ** 1000) ** 1000) ** 1000'), ['too-large']],
  ['a product of large numbers', value('(2 ** 4000) * (2 ** 4000) * 0 + 8'), []],
  ['a negative power', value('2 ** -(10 ** 9)'), ['argument-type']],
  ['a float past all bounds', value('int(1e308 * 10)'), ['expression-type']],
  ['repetitions', chain('ReLU * (10 ** 9)'), ['too-large']],
  ['repetitions of repetitions', chain('((((ReLU * 10000) * 10000) * 10000) * 10000)'), ['too-large']],
  ['a range', chain('for i in 0..10 ** 12 { ReLU }'), ['too-large']],
  ['ranges in ranges', chain(`${times(8, 'for i in 0..5000 { ')}ReLU${times(8, ' }')}`), ['too-large']],
  [
    'branches of loops in loops',
    chain('for a in 0..1000 { [for b in 0..1000 { for c in 0..1000 { Conv2d(3, 1) } }] -> Sum(0) }'),
    ['too-large'],
  ],
  ['a range of parameters', chain('for i in 0..n { ReLU }', '(n: int = 10 ** 12)'), ['too-large']],
  ['a size of an input', 'model A { input x: [N, 10 ** 400, 2, 2]  output x -> ReLU }', ['too-large']],
  ['padding', chain('ZeroPad2d(10 ** 30)'), []],
  ['a slice', chain('Slice(1, stop=10 ** 30)'), []],
  ['chunks', chain('Chunk(10 ** 9) -> Concat(0)'), []],
  ['a shape', chain('Unsqueeze(0)').replace('Unsqueeze(0)', `Unsqueeze(0)${times(2000, ' -> Unsqueeze(0)')}`), []],
  ['blocks that double', doubling(64), ['too-large']],
  // Broken.
  ['nothing', '', []],
  ['white space', ' \t\r\n\v\f\u00a0\u3000', []],
  ['a NUL', 'model A {\0 input x: [N]  output x -> ReLU }', ['syntax']],
  ['control characters', '\u0001\u0002\u001b[31m', ['syntax']],
  ['half a character', 'model \ud83d { input x: [N]  output x -> ReLU }', ['syntax']],
  ['a quote that stays open', 'model A { author: "somebody\n input x: [N, 3]  output x -> ReLU }', ['syntax']],
  ['a byte order mark', `\ufeff${chain('ReLU')}`, []],
  ['a byte order mark inside', chain('\ufeff ReLU'), []],
  ['CRLF', chain('ReLU').replaceAll('\n', '\r\n'), []],
  ['lone CR', `# a comment\r${chain('ReLU').replaceAll('\n', '\r')}`, []],
];

/** Each block has the one before twice. */
function doubling(count: number): string {
  const blocks = Array.from({ length: count }, (_, i) =>
    i === 0 ? 'block B0 { input x  output x -> ReLU }' : `block B${i} { input x  output x -> B${i - 1} -> B${i - 1} }`,
  );
  return `${blocks.join('\n')}\nmodel A { input x: [N, 3]  output x -> B${count - 1} }\n`;
}

describe('extremes', function () {
  this.timeout(120_000);

  for (const [name, text, codes] of someOf(CASES, 3)) {
    it(name, () => {
      const started = performance.now();
      const { facts, problems, messages } = analyseText(text);
      const errors = new Set(
        problems
          .filter((_, i) => !isHint(problems[i]!) && messages[i] !== undefined)
          .map((each) => each.split(' ')[0]!),
      );
      const model = facts.models.at(-1);
      if (errors.size === 0 && model !== undefined) generate(facts.session, model);
      const took = performance.now() - started;
      assert.deepEqual([...errors], codes, messages.slice(0, 3).join('\n').slice(0, 600));
      assert.ok(took < SOON, `${took.toFixed(0)} ms`);
    });
  }

  it('10 MB of text are refused before they are read', () => {
    const started = performance.now();
    const { problems } = readSource('file:///a.scv', times(1_000_000, 'x -> ReLU\n'));
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['too-large'],
    );
    assert.ok(performance.now() - started < 1000);
  });
});

function isHint(problem: string): boolean {
  return problem.startsWith('hint:');
}
