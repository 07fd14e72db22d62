/** Long expressions by chance, laid out as `ruff format` does. */
import assert from 'node:assert/strict';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { layoutStatement } from '../../server/src/core/pytorch/layout.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';
import { ruffFormat } from './generated.ts';

const count = caseCount(300, 5000);

describe(`the layout of Python (SCV_SEED=${SEED})`, function () {
  this.timeout(0);

  it("is ruff's", async () => {
    const python = await pythonEnvironment();
    const random = new Random(SEED, 'layout');
    const files = new Map(Array.from({ length: count }, (_, i) => [`p${i}.py`, statement(random)]));
    assert.equal(ruffFormat(python, files), '');
  });
});

/** One statement as the generator writes them, in as many `if`s as it may stand in. */
function statement(random: Random): string {
  const depth = random.int(1, 3);
  const kind = random.pick(['x = ', 'return ', 'if ']);
  const head = Array.from({ length: depth - 1 }, (_, i) => `${'    '.repeat(i + 1)}if y:\n`).join('');
  const expression = random.chance(0.3) ? atom(random, 3) : condition(random, 2);
  const lines = layoutStatement(kind, expression, kind === 'if ' ? ':' : '', depth).join('\n');
  const body = kind === 'if ' ? `\n${'    '.repeat(depth + 1)}pass` : '';
  return `def f():\n${head}${lines}${body}\n`;
}

function condition(random: Random, depth: number): string {
  const compared = (): string =>
    `${number(random, depth)} ${random.pick(['==', '!=', '<', '>='])} ${number(random, depth)}`;
  if (random.chance(0.5)) return compared();
  return `${compared()} ${random.pick(['and', 'or'])} ${random.chance(0.3) ? `not ${name(random)}` : compared()}`;
}

function number(random: Random, depth: number): string {
  if (random.chance(0.5)) return atom(random, depth);
  return `${atom(random, depth - 1)} ${random.pick(['+', '-', '*', '//'])} ${atom(random, depth - 1)}`;
}

function atom(random: Random, depth: number): string {
  const kind = random.int(0, 9);
  if (kind < 3 || depth <= 0) return random.pick([name(random), String(random.int(0, 9)), `self.${name(random)}`]);
  const inner = (): string => number(random, depth - 1);
  if (kind === 3) return `(${inner()} if ${condition(random, depth - 1)} else ${inner()})`;
  if (kind === 4) return `${name(random)}(${inner()}, ${name(random)}=${inner()})`;
  if (kind === 5) return `${name(random)}.${name(random)}(${inner()})`;
  if (kind === 6) return `max(${inner()}, 8)`;
  if (kind === 7) return `F.${name(random)}(${inner()}, ${name(random)}=${inner()})${random.pick(['[0]', '.values'])}`;
  if (kind === 8)
    return `${name(random)}(${inner()}).${name(random)}(${inner()})${random.pick(['[0]', '.values', ''])}`;
  return `${name(random)}${random.pick(['[0]', '.shape[1]', '.size()'])}`;
}

function name(random: Random): string {
  return 'abcdefghijklmnop'.slice(0, random.int(1, 16)) + random.pick(['', '_channels', '_size']);
}
