/**
 * Expressions of anything and anything, in a block and in its use: whatever is wrong with them is said, not thrown.
 *
 * SCV_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { Random } from '../random.ts';
import { SEED, timeBox } from '../scale.ts';
import { analyseText } from './texts.ts';

/** Milliseconds. */
const TIME = timeBox(6_000, 120_000);

const VALUES = [
  ...['x', '[x]', '[x, x]', '(x, x)', '[n, x]', 'x.channels', 'x.shape', 'w'],
  ...['n', 's', 's[0]', 'len(s)', '[n]', '0', '2', '-1', '1.5', '"a"', 'True', 'None', 'f', 'ReLU', 'B'],
  ...['range(n)', '1..n', 'zip(s, [x])', 'enumerate(s)'],
];
const OPERATORS = ['+', '-', '*', '/', '//', '%', '**', '..', '==', '!=', '<', '>=', 'and', 'or', '@'];
const FUNCTIONS = ['sum', 'max', 'min', 'len', 'list', 'int', 'reversed', 'range', 'enumerate', 'abs', 'floor', 'sqrt'];

describe(`expressions of anything (SCV_SEED=${SEED})`, function () {
  this.timeout(TIME + 60_000);

  it('throw nothing', () => {
    const random = new Random(SEED, 'expressions');
    let count = 0;
    for (const end = Date.now() + TIME; Date.now() < end; count++) {
      const text = program(random);
      try {
        analyseText(text);
      } catch (error) {
        assert.fail(`${String((error as Error).stack)}\n\n${text}`);
      }
    }
    assert.ok(count > 50, `only ${String(count)} programs`);
  });
});

function program(random: Random): string {
  const value = (): string => expression(random, random.int(1, 3));
  return `block B(s${random.pick(['', ': ints', ' = [1]'])}, n${random.pick(['', ': int', ' = 2'])}, f: layer = ReLU) {
  input x
  w = ${value()}
  y = ${value()}
  z = x -> for i, k in ${value()} { ${random.pick(['Conv2d(k, 1)', 'ReLU', `Conv2d(${value()}, 1)`])} }
  v = x -> if ${value()} { ReLU } else { f }
  output ${random.pick(['y', 'z', 'v', 'y -> Concat(1)', `(x, ${value()}) -> Concat(1)`])}
}

model A {
  input x: [N, 4, 8, 8]
  n = 2
  s = [1, 2]
  f = ReLU
  w = ${value()}
  output x -> B(${random.pick(['[1, 2]', value()])}, ${random.pick(['2', value()])})
}
`;
}

function expression(random: Random, depth: number): string {
  const inner = (): string => expression(random, depth - 1);
  if (depth === 0 || random.chance(0.25)) return random.pick(VALUES);
  switch (random.int(0, 8)) {
    case 0:
    case 1:
    case 2:
      return `${inner()} ${random.pick(OPERATORS)} ${inner()}`;
    case 3:
      return `(${inner()})[${inner()}]`;
    case 4:
      return `(${inner()} if ${inner()} else ${inner()})`;
    case 5:
      return `[${inner()}, ${inner()}]`;
    case 6:
      return `${random.pick(FUNCTIONS)}(${inner()})`;
    case 7:
      return `(${inner()} -> ${random.pick(['ReLU', 'Concat(1)', `Conv2d(${inner()}, 1)`])})`;
    default:
      return `${random.pick(['not ', '-', ''])}(${inner()})`;
  }
}
