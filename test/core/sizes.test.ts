/**
 * For which sizes a model works, as we tell it, against trying every size: each net is elaborated once with a free size and
 * once with each number, where nothing is free and torch's rules are plain arithmetic (test/oracle holds them to torch).
 */
import assert from 'node:assert/strict';
import { workingSizes } from '../../server/src/core/analysis/sizes.ts';
import { evaluateCondition } from '../../server/src/core/dimension.ts';
import { Random } from '../random.ts';
import { SEED, caseCount, isLong } from '../scale.ts';
import { analyseText } from './texts.ts';

const NETS = caseCount(20, 400, 6);
const LARGEST = isLong ? 200 : 130;

interface Told {
  readonly text: string;
  readonly works: (size: number) => boolean | undefined;
}

/** @param body the statements behind the input, which is `x: [N, 4, H, H]` where `free` says nothing else */
function program(body: string, size: string): string {
  return `model A {\n  input x: [2, 4, ${size}, ${size}]\n${body}\n}\n`;
}

function hasErrors(text: string): boolean {
  return analyseText(text).facts.problems.some(({ severity }) => severity === 'error');
}

function toldOf(body: string): Told {
  const { facts } = analyseText(program(body, 'H'));
  const errors = facts.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { text: errors.map(({ message }) => message).join(' '), works: () => false };
  const sizes = workingSizes(facts.models[0]!);
  if (sizes.kind === 'never') return { text: 'never', works: () => false };
  if (sizes.kind === 'always') return { text: 'always', works: () => true };
  return {
    text: sizes.text,
    works: (size) => evaluateCondition(sizes.condition, (name) => (name === 'H' ? BigInt(size) : undefined)),
  };
}

/** With sums of stacks: that a size happens to be 1, and torch repeats it, isn't what a sum is meant for. */
function withoutBroadcast(body: string): string {
  return body.replace(/(\w+) \+ (\w+|\(.*\))$/gm, '($1, $2) -> Stack(0) -> Sum(0)');
}

function differences(body: string, largest = LARGEST): readonly string[] {
  const told = toldOf(body);
  const strict = withoutBroadcast(body);
  const found: string[] = [];
  for (let size = 1; size <= largest; size++) {
    const works = !hasErrors(program(strict, String(size)));
    if (told.works(size) !== works) found.push(`${String(size)} ${works ? 'works' : 'fails'}`);
  }
  return found.length === 0 ? [] : [`${body}\ntold: ${told.text}\nbut: ${found.slice(0, 12).join(', ')}`];
}

// ---------------------------------------------------------------------------------------------- nets

const DOWN = [
  'MaxPool2d(2)',
  'MaxPool2d(2, ceil_mode=True)',
  'MaxPool2d(3, stride=2, padding=1)',
  'MaxPool2d(3, stride=2, ceil_mode=True)',
  'AvgPool2d(2)',
  'Conv2d(4, 3, stride=2, padding=1)',
  'Conv2d(4, 3, stride=2)',
  'Conv2d(4, 2, stride=2)',
  'Conv2d(4, 5, stride=3, padding=2)',
  'Conv2d(4, 3, stride=2, padding=2, dilation=2)',
  'Interpolate(scale_factor=0.5)',
  'PixelUnshuffle(2) -> Conv2d(4, 1)',
];
const UP = [
  'ConvTranspose2d(4, 2, stride=2)',
  'ConvTranspose2d(4, 3, stride=2, padding=1)',
  'ConvTranspose2d(4, 3, stride=2, padding=1, output_padding=1)',
  'ConvTranspose2d(4, 3, stride=2)',
  'ConvTranspose2d(4, 4, stride=3)',
  'Upsample(scale_factor=2)',
];
const SAME = [
  'Conv2d(4, 3, padding=1)',
  'ReLU',
  'Conv2d(4, 3, padding="same")',
  'Conv2d(4, 3)',
  'MaxPool2d(3, stride=1, padding=1)',
];

class Net {
  readonly #random: Random;
  readonly #lines: string[] = [];
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  text(): string {
    const kind = this.#random.pick(['unet', 'unet', 'unet', 'pyramid', 'branches', 'windows', 'patches', 'parallel']);
    const out = this.#make(kind);
    return [...this.#lines, `  output ${out}`].join('\n');
  }

  #make(kind: string): string {
    const random = this.#random;
    switch (kind) {
      case 'pyramid': {
        const levels = [this.#bind(`x -> ${random.pick(DOWN)}`)];
        for (let i = random.int(1, 3); i > 0; i--) levels.push(this.#bind(`${levels.at(-1)!} -> ${random.pick(DOWN)}`));
        const up = random.pick(UP);
        return levels.reverse().reduce((top, level) => this.#bind(`${level} + (${top} -> ${up})`));
      }
      case 'branches':
        return this.#bind(
          `x -> [${random.pick(DOWN)}, ${random.pick(DOWN)}, ${random.pick(SAME)} -> ${random.pick(DOWN)}] -> Concat(1)`,
        );
      case 'windows': {
        const w = random.pick([4, 7, 8]);
        const patches = random.pick(['Identity', 'Conv2d(4, 4, stride=4)', 'MaxPool2d(2)']);
        const y = this.#bind(`x -> ${patches}`);
        const parts = this.#bind(
          `${y} -> Reshape([2, 4, ${y}.height // ${String(w)}, ${String(w)}, ${y}.width // ${String(w)}, ${String(w)}])`,
        );
        return this.#bind(`${parts} -> Permute(0, 2, 4, 1, 3, 5) -> Reshape([-1, 4, ${String(w)}, ${String(w)}])`);
      }
      case 'patches': {
        const p = random.pick([4, 8, 16]);
        const tokens = random.pick([49, 196, 9]);
        this.#lines.push(`  weight position: [2, ${String(tokens)}, 4] = Zeros`);
        const y = this.#bind(`x -> Conv2d(4, ${String(p)}, stride=${String(p)}) -> Flatten(2) -> Transpose(1, 2)`);
        return this.#bind(`${y} + position`);
      }
      case 'parallel': {
        // Streams of two resolutions that exchange, as in HRNet.
        const high = this.#bind(`x -> ${random.pick(SAME)}`);
        const low = this.#bind(`${high} -> ${random.pick(DOWN)}`);
        const higher = this.#bind(`${high} + (${low} -> ${random.pick(UP)})`);
        const lower = this.#bind(`${low} + (${higher} -> ${random.pick(DOWN)})`);
        return this.#bind(`${higher} + (${lower} -> ${random.pick(UP)})`);
      }
      default:
        return this.#unet('x', random.int(1, 4));
    }
  }

  #unet(x: string, depth: number): string {
    const random = this.#random;
    const skip = random.chance(0.3) ? this.#bind(`${x} -> ${random.pick(SAME)}`) : x;
    const down = this.#bind(`${skip} -> ${random.pick(DOWN)}`);
    const inner = depth > 1 ? this.#unet(down, depth - 1) : down;
    const up = this.#bind(`${inner} -> ${random.pick(UP)}`);
    return random.chance(0.5)
      ? this.#bind(`(${skip}, ${up}) -> Concat(1) -> Conv2d(4, 1)`)
      : this.#bind(`${skip} + ${up}`);
  }

  #bind(value: string): string {
    this.#names += 1;
    const name = `y${String(this.#names)}`;
    this.#lines.push(`  ${name} = ${value}`);
    return name;
  }
}

describe('the sizes that a model works for', () => {
  const known: readonly (readonly [string, string, string])[] = [
    ['a U-Net of depth 4', unet(4, 'MaxPool2d(2)', 'ConvTranspose2d(4, 2, stride=2)'), 'H divisible by 16'],
    ['a U-Net that rounds up', unet(2, 'MaxPool2d(2, ceil_mode=True)', 'Upsample(scale_factor=2)'), 'H divisible by 4'],
    [
      'a U-Net of unpadded strides',
      unet(2, 'Conv2d(4, 3, stride=2)', 'ConvTranspose2d(4, 3, stride=2)'),
      'H % 4 == 3 and H >= 7',
    ],
    [
      'windows of patches',
      '  y = x -> Conv2d(4, 4, stride=4)\n  output y -> Reshape([2, 4, y.height // 7, 7, y.width // 7, 7])',
      'H % 28 < 4 and H >= 28',
    ],
    [
      'two divisors',
      '  y = x -> PixelUnshuffle(4)\n  z = x -> PixelUnshuffle(16)\n  output (y, z)',
      'H divisible by 16',
    ],
    [
      'a bound and a divisor',
      '  y = x -> PixelUnshuffle(2)\n  z = x -> Conv2d(4, 33)\n  output (y, z)',
      'H even and H >= 34',
    ],
  ];
  for (const [name, body, wanted] of known) {
    it(`of ${name}`, () => {
      assert.equal(toldOf(body).text, wanted);
      assert.deepEqual(differences(body), []);
    });
  }

  it('of windows are told of height and width apart', () => {
    const windows = (height: string, width: string): string =>
      `model A {\n  input x: [2, 4, ${height}, ${width}]\n  output x -> Reshape([2, 4, x.height // 7, 7, x.width // 7, 7])\n}\n`;
    const sizes = workingSizes(analyseText(windows('H', 'W')).facts.models[0]!);
    assert.ok(sizes.kind === 'when');
    assert.equal(sizes.text, 'H divisible by 7 and W divisible by 7');
    for (let height = 1; height <= 22; height++) {
      for (let width = 1; width <= 22; width++) {
        const values = new Map([
          ['H', BigInt(height)],
          ['W', BigInt(width)],
        ]);
        const works = !hasErrors(windows(String(height), String(width)));
        assert.equal(
          evaluateCondition(sizes.condition, (name) => values.get(name)),
          works,
          `${String(height)}×${String(width)}`,
        );
      }
    }
  });

  it(`are exactly those that work, for ${String(NETS)} nets by chance`, function () {
    this.timeout(0);
    let conditional = 0;
    for (let i = 0; i < NETS; i++) {
      const body = new Net(new Random(SEED + i, 'sizes')).text();
      assert.deepEqual(differences(body), [], `SCV_SEED=${String(SEED + i)} SCV_CASES=1`);
      if (toldOf(body).text !== 'always') conditional += 1;
    }
    assert.ok(conditional > NETS / 3, `${String(conditional)} of ${String(NETS)} nets ask anything of their size`);
  });
});

function unet(depth: number, down: string, up: string): string {
  const lines: string[] = [];
  for (let i = 0; i < depth; i++) lines.push(`  d${String(i + 1)} = ${i === 0 ? 'x' : `d${String(i)}`} -> ${down}`);
  let top = `d${String(depth)}`;
  for (let i = depth - 1; i >= 0; i--) {
    lines.push(`  u${String(i)} = (${i === 0 ? 'x' : `d${String(i)}`}, ${top} -> ${up}) -> Concat(1) -> Conv2d(4, 1)`);
    top = `u${String(i)}`;
  }
  return [...lines, `  output ${top}`].join('\n');
}
