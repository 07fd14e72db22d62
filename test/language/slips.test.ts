/** One mistake, one message, at its place: what is written from habit, and what is half typed. */
import assert from 'node:assert/strict';
import { analyseText } from '../core/texts.ts';

function found(body: string): { readonly problems: readonly string[]; readonly messages: readonly string[] } {
  return analyseText(`model A {\n  input image: [N, 3, 8, 8]\n  ${body}\n}\n`);
}

/** What is written, the one problem and the text that it marks, and a word of its message. */
type Slip = readonly [written: string, problem: string, says: string];

function each(slips: readonly Slip[]): void {
  for (const [written, problem, says] of slips) {
    it(written.replaceAll('\n', '⏎'), () => {
      const { problems, messages } = found(written);
      const errors = problems
        .map((text, i) => ({ text, message: messages[i]! }))
        .filter((one) => !one.text.startsWith('hint:'));
      assert.deepEqual(
        errors.map(({ text }) => text),
        [problem],
      );
      assert.ok(errors[0]!.message.includes(says), errors[0]!.message);
    });
  }
}

describe('the head of a stage', () => {
  each([
    ['output image -> if image.channels = 8 { ReLU }', 'syntax =', '"=="'],
    ['c = 8  output image -> if c = 8 { ReLU } else { Tanh }', 'syntax =', '"=="'],
    ['output image -> for i = 0..3 { ReLU }', 'syntax =', '"in"'],
    ['output image -> for (i, j) in [[1, 2]] { Conv2d(i, j) }', 'syntax (', 'without parentheses'],
    ['output image -> for i, (j, k) in [[1, 2, 3]] { Conv2d(i, j, k) }', 'syntax (', 'side by side'],
    ['x = image  for i in 0..3 { x }  output x', 'syntax for', 'a for is a stage'],
    ['output image -> for i in 0..3 ( ReLU ) -> Tanh', 'syntax (', 'braces'],
    ['output image -> if image.channels == 3 ( ReLU )', 'syntax (', 'braces'],
    ['output image -> for', 'syntax for', '"in"'],
    ['output image -> for i', 'syntax i', '"in"'],
    ['output image -> for i in', 'syntax in', 'missing'],
    ['output image -> for i in 0..3', 'syntax 3', '"{"'],
    ['output image -> if image.channels', 'syntax channels', '"{"'],
  ]);

  it('may hold conditions, lists and calls', () => {
    const { problems } = found(
      'n = 2  output image -> for i in if n == 2 { [1, 2] } else { [3] } { ReLU } -> for i, j in zip([1], [2]) { Conv2d(i, kernel_size=j) } -> [if n == 2 { ReLU } else { Tanh }, for i in 0..2 { ReLU }]  -> Concat(1)',
    );
    assert.deepEqual(problems, []);
  });
});

describe('an arrow that is missing', () => {
  each([
    ['output image -> for c in [3, 4] { if c > 3 { ReLU } Conv2d(4, 1) }', 'syntax Conv2d', '"->" is missing'],
    ['output image -> head: (Conv2d(8, 3) ReLU) -> ReLU', 'syntax ReLU', '"->" is missing'],
    ['output image -> if image.channels == 3 { ReLU Tanh }', 'syntax Tanh', '"->" is missing'],
    ['output image -> [Conv2d(8, 3) ReLU, Tanh] -> Concat(1)', 'syntax ReLU', 'A comma or "->" is missing'],
    ['output image -> Conv2d(8, 3) ReLU', 'syntax ReLU', '"->" is missing'],
    ['output image -> head: (Conv2d(8, 3) = ReLU) -> ReLU', 'syntax =', "can't stand"],
    ['output image -> (conv = Conv2d(8, 3) -> ReLU)', 'syntax =', 'label'],
  ]);
});

describe('arguments and methods', () => {
  each([
    ['output image -> Conv2d 8, 3', 'syntax 8', 'parentheses'],
    ['output image -> Conv2d 8, 3 -> ReLU', 'syntax 8', 'parentheses'],
    ['output image -> Conv2d[8, 3]', 'syntax [', 'parentheses'],
    ['output image -> conv-1: Conv2d(8, 3)', 'syntax -', 'conv_1: Layer'],
    ['output image -> ReLU(inplace)', 'unknown-name inplace', 'inplace=True'],
    ['output image -> Conv2d(8, 3, padding_mode)', 'unknown-name padding_mode', 'padding_mode='],
    ['output image -> BN', 'unknown-layer BN', 'BatchNorm2d here'],
    ['output image -> Conv2d(8, 3).relu()', 'syntax .', '-> ReLU'],
    ['output image -> Conv2d(8, 3).relu() -> Tanh', 'syntax .', '-> ReLU'],
  ]);
});

describe('half a line', () => {
  each([
    ['x = image -> Conv2d(8, 3) ->\n  output x', 'syntax ->', 'layer is missing'],
    ['x = \n  output image', 'syntax =', 'value is missing'],
    ['output image -> Conv2d(image.', 'unclosed-bracket (', ''],
    ['output image -> Conv2d( -> Flatten', 'unclosed-bracket ->', ''],
    ['layer h = ', 'syntax =', 'value is missing'],
    ['weight w: [3', 'unclosed-bracket [', ''],
    ['output (image -> Re', 'unclosed-bracket (', ''],
    ['output image -> (Conv2d(8, 3) -> Re', 'unclosed-bracket (', ''],
  ]);
});

describe('what other languages write', () => {
  each([
    ['output image -> ReLU // the output', 'syntax //', '"#"'],
    ["// hello world, it isn't → this\n  output image -> ReLU", 'syntax //', '"#"'],
    ['output image -> ReLU\n  // stem\n  -> Tanh', 'syntax //', '"#"'],
    ['n = 3 // half of it\n  output image -> Conv2d(n, 1)', 'syntax //', '"#"'],
    ['output image => ReLU', 'syntax =>', '"->"'],
    ['output image -> ReLU => Tanh', 'syntax =>', '"->"'],
    ['output image | ReLU -> Tanh', 'syntax |', '"->"'],
    ['x = image\n  x += image\n  output x', 'syntax +=', 'bound once'],
    ['y = image -> ReLU\n  return y', 'syntax return', 'output y'],
    ['return image', 'syntax return', 'output image'],
  ]);

  it('has braces around a body', () => {
    const { problems, messages } = analyseText('model A:\n  input image: [N, 3, 8, 8]\n  output image -> ReLU\n');
    assert.deepEqual(problems, ['syntax :']);
    assert.ok(messages[0]!.includes('braces'));
  });

  it('has comments outside of definitions, too', () => {
    const { problems } = analyseText('// my model\nmodel A {\n  input x: [N, 3]\n  output x -> ReLU\n}\n// end');
    assert.deepEqual(problems, ['syntax //', 'syntax //']);
  });

  it('may divide', () => {
    const { problems } = found(
      'n = 16 // 2 m = n // 2 k = (n + m)\n // 3\n output image -> Conv2d(image.shape[1] // 1 * n // m + k, 1)',
    );
    assert.deepEqual(problems, []);
  });
});
