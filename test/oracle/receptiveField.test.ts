/**
 * Receptive fields of networks made by chance, against what changes in PyTorch when a place of the input does: chains of
 * convolutions, pooling, enlarging layers, blocks in columns and branches that don't lie on each other.
 *
 * SCV_SEED repeats a run, SCV_CASES says how many networks (30).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import type { FieldSize } from '../../server/src/core/analysis/receptiveField.ts';
import { rowsOf } from '../../server/src/core/analysis/summary.ts';
import { constantValue } from '../../server/src/core/dimension.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { analyseText } from '../core/texts.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';

/** Of the input, each way. */
const SIZE = 96;
/** Larger maps take too long. */
const LARGEST = 150;

type Hull = readonly [first: number, last: number] | null;

interface Network {
  readonly text: string;
  readonly python: string;
  /** One for height and width; undefined where nothing is seen. */
  readonly field: readonly (FieldSize | undefined)[];
}

describe(`receptive fields (SCV_SEED=${SEED})`, function () {
  this.timeout(0);

  it('are the places that change the output', async () => {
    const random = new Random(SEED, 'receptive fields');
    const wanted = caseCount(30, 300);
    const networks: Network[] = [];
    const used = new Map<string, number>();
    for (let i = 0; networks.length < wanted && i < 20 * wanted; i++) {
      const text = program(random);
      const network = analysed(text);
      if (network === undefined) continue;
      networks.push(network);
      for (const [name] of new Set(text.match(/\b[A-Z]\w+(?=\()|Concat|\+/g) ?? []).entries())
        used.set(name, (used.get(name) ?? 0) + 1);
    }
    assert.equal(networks.length, wanted);
    for (const name of [
      'Conv2d',
      'MaxPool2d',
      'AvgPool2d',
      'ConvTranspose2d',
      'Upsample',
      'ZeroPad2d',
      'Fold',
      'Conv2dNormActivation',
      'Concat',
      '+',
    ]) {
      assert.ok((used.get(name) ?? 0) >= wanted / 20, `${name} is in ${used.get(name) ?? 0} of ${wanted} networks`);
    }
    const { stdout, stderr, status } = spawnSync(
      await pythonEnvironment(),
      [new URL('receptiveField.py', import.meta.url).pathname],
      {
        input: networks
          .map(({ python }) => `${JSON.stringify({ python, model: 'A', shape: [1, 1, SIZE, SIZE] })}\n`)
          .join(''),
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      },
    );
    assert.equal(status, 0, stderr);
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as readonly (readonly Hull[])[]);
    networks.forEach(({ text, field }, i) => {
      field.forEach((said, axis) => {
        const hulls = found[i]![axis]!;
        const what = said === undefined ? seesSomething(hulls) : wrong(hulls, said);
        assert.equal(what, undefined, `${what ?? ''}, dimension ${axis}\n${text}`);
      });
    });
  });
});

/** What is wrong with a field, by what the places in the middle of the output see. */
function wrong(hulls: readonly Hull[], { size, jump }: FieldSize): string | undefined {
  const { numerator, denominator } = jump!;
  for (let period = denominator; period <= 6 * denominator; period += denominator) {
    const middle = Math.floor((hulls.length - period) / 2);
    const turns = Array.from({ length: period }, (_, i) => [hulls[middle + i - period], hulls[middle + i]] as const);
    const further = (period / denominator) * numerator;
    const repeats = turns.every(([one, next]) =>
      one && next ? next[0] - one[0] === further && next[1] - one[1] === further : one === null && next === null,
    );
    if (!repeats) continue;
    const most = Math.max(...turns.map(([, hull]) => (hull ? hull[1] - hull[0] + 1 : 0)));
    return most === size ? undefined : `${String(size)} is said, but a place sees ${most}`;
  }
  return `a jump of ${numerator} / ${denominator} is said: ${JSON.stringify(hulls)}`;
}

/** What is wrong with having no field. */
function seesSomething(hulls: readonly Hull[]): string | undefined {
  const middle = hulls.slice(hulls.length / 3, -hulls.length / 3);
  return middle.some((hull) => hull !== null) ? 'nothing is said, but something is seen' : undefined;
}

function analysed(text: string): Network | undefined {
  const { facts, problems } = analyseText(text);
  if (problems.length > 0) return undefined;
  const model = facts.models[0]!;
  const rows = Array.from(rowsOf(model));
  const maps = rows.flatMap(({ output }) => (output?.length === 4 ? [output] : []));
  const heights = maps.map((output) => Math.max(...output.slice(2).map((size) => Number(constantValue(size)))));
  if (heights.some((height) => height > LARGEST)) return undefined;
  const { python, problems: unwritten } = generate(facts.session, model);
  assert.deepEqual(unwritten, []);
  const field = rows.at(-1)!.receptiveField;
  if (field === undefined) return { text, python, field: [undefined, undefined] };
  // In the middle nothing of the edges may be seen; what has no number is no matter of this test.
  if (field.some(({ size }) => typeof size !== 'number' || size > SIZE / 3)) return undefined;
  const isTooFar = ({ jump }: FieldSize): boolean =>
    jump === undefined || jump.numerator / jump.denominator > SIZE / 16 || jump.denominator > 8;
  if (field.some(isTooFar)) return undefined;
  return { text, python, field };
}

function program(random: Random): string {
  const stages = Array.from({ length: random.int(1, 6) }, () => stage(random));
  if (random.chance(0.3)) stages.unshift(blocks(random));
  return `model A {\n  input x: [N, 1, ${SIZE}, ${SIZE}]\n${statements(stages)}}\n`;
}

/** A stage that is `+` becomes a statement of its own. */
function statements(stages: readonly string[]): string {
  let text = '';
  let name = 'x';
  stages.forEach((each, i) => {
    const next = `y${i}`;
    text += `  ${next} = ${each.includes('+') ? each.replaceAll('_', name) : `${name} -> ${each}`}\n`;
    name = next;
  });
  return `${text}  output z = ${name} -> Conv2d(1, 1)\n`;
}

function stage(random: Random): string {
  const pair = (from: number, to: number): string => `(${random.int(from, to)}, ${random.int(from, to)})`;
  const branch = (): string => (random.chance(0.5) ? same(random) : `(ZeroPad2d((0, 1, 1, 0)) -> Conv2d(2, 2))`);
  switch (random.int(0, 12)) {
    case 0:
    case 1:
      return `Conv2d(2, ${pair(1, 5)}, stride=${pair(1, 2)}, padding=${pair(0, 2)}, dilation=${pair(1, 2)})`;
    case 2:
      return same(random);
    case 10:
      return `Conv2dNormActivation(2, ${pair(1, 5)}, stride=${pair(1, 2)}, dilation=${pair(1, 2)})`;
    case 3:
      return `MaxPool2d(${pair(2, 3)}, stride=${pair(1, 3)}, padding=1, ceil_mode=${random.chance(0.5) ? 'True' : 'False'})`;
    case 4:
      return `AvgPool2d(${pair(2, 3)}, stride=${pair(1, 2)})`;
    case 5:
    case 11:
      return `ConvTranspose2d(2, ${pair(1, 4)}, stride=${pair(1, 3)}, padding=${pair(0, 1)}, dilation=${pair(1, 2)})`;
    case 6:
    case 12:
      return `Upsample(scale_factor=${random.pick(['2', '3', '1.5', '[2, 3]'])}, mode=${random.pick(['"nearest"', '"bilinear"', '"nearest-exact"', '"area"'])})`;
    case 7:
      return `ZeroPad2d((${random.int(0, 3)}, ${random.int(-2, 3)}, ${random.int(-2, 3)}, 1))`;
    case 8:
      return `[${branch()}, ${branch()}] -> Concat(1)`;
    default:
      return `(_ -> ${branch()}) + (_ -> ${branch()})`;
  }
}

/** Blocks of the input as columns, and an image of them again; no place is left out. */
function blocks(random: Random): string {
  const [height, width] = [random.int(1, 4), random.int(1, 4)];
  const [down, right] = [height, width].map((size): readonly [dilation: number, stride: number] =>
    random.chance(0.3) ? [2, 1] : [1, random.int(1, size)],
  ) as [readonly [number, number], readonly [number, number]];
  const padding = `(${random.int(0, 2)}, ${random.int(0, 2)})`;
  const to = `(${height}, ${width}), dilation=(${down[0]}, ${right[0]}), padding=${padding}, stride=(${down[1]}, ${right[1]})`;
  return `Unfold(${to}) -> Conv1d(${2 * height * width}, 1) -> Fold((${SIZE}, ${SIZE}), ${to})`;
}

/** A convolution that keeps the size. */
function same(random: Random): string {
  return `Conv2d(2, ${random.int(1, 5)}, padding="same", dilation=${random.int(1, 3)})`;
}
