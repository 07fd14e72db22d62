/** Refactored programs in PyTorch: with the weights of the original they give its outputs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { CodeAction } from 'vscode-languageserver';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { fixesAt, textsAfter } from '../language/fixing.ts';
import { emptyWorkspace, type LiveWorkspace } from '../language/services.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';
import { prepare } from './programs/check.ts';
import { filesOf } from './programs/files.ts';
import { makeProgram } from './programs/generator.ts';

interface Pair {
  readonly title: string;
  readonly text: string;
  readonly refactored: string;
  readonly before: string;
  readonly after: string;
  readonly model: string;
  readonly inputs: unknown;
  readonly keepsKeys: boolean;
}

const URI = 'file:///main.scv';

/** What is put together so that each refactoring comes up. */
const WRITTEN = [
  `block Unit(width: int, stride: int = 1) {
  input x
  output x -> Conv2d(width, 3, stride=stride, padding=1) -> BatchNorm2d -> ReLU
}

model Net(width: int = 8, deep: bool = True) {
  tags: [a]
  dataset: CIFAR10
  input image: [N, 3, 32, 32]
  half = width // 2 + 1
  stem = image -> Unit(width) -> Unit(width, 2)
  body = stem -> stage: (Conv2d(width, 1) -> Conv2d(width, 1)) -> Tanh -> Tanh
  side = if half != 4 { stem -> Conv2d(width, 1) } else { stem }
  rest = body -> if deep { Conv2d(width, 1) } else { Conv2d(width, 3, padding=1) }
  more = rest -> for i in 0..2 { unit{i}: Conv2d(width, 1) } -> level1: Conv2d(width, 1) -> level2: Conv2d(width, 1)
  output side + more -> AdaptiveAvgPool2d(1) -> Flatten -> Linear(10)
}
`,
];

describe(`refactored programs in PyTorch (SCV_SEED=${String(SEED)})`, function () {
  this.timeout(0);

  it('give the same outputs from the same weights', async () => {
    const workspace = await emptyWorkspace();
    const pairs: Pair[] = [];
    for (const text of WRITTEN) pairs.push(...(await pairsOf(workspace, text, everyPlace(text))));
    for (let number = 0; number < caseCount(30, 600); number++) {
      const text = makeProgram(SEED + number);
      const random = new Random(SEED, String(number));
      if (Object.keys(filesOf(text)).length > 1) continue;
      const words = [...text.matchAll(/[\w.]+|->|\*/gu)].map(({ index }) => index);
      const lines = [...text.matchAll(/(?<=-> )\S.*$/gmu)].map(
        ({ index, 0: rest }) => [index, index + rest.length] as const,
      );
      const places = [random.pick(words), random.pick(words)].map((at) => [at, at] as const);
      pairs.push(...(await pairsOf(workspace, text, [...places, ...(lines.length > 0 ? [random.pick(lines)] : [])])));
    }
    const titles = new Set(pairs.map(({ title }) => title.split(' ').slice(0, 2).join(' ')));
    assert.ok(titles.size >= 12, `only ${[...titles].join(', ')}`);
    const answers = await outputsOf(pairs);
    const wrong = pairs.flatMap(({ title, text, refactored }, i) =>
      answers[i] === null ? [] : [`${title}: ${answers[i]!}\n${text}\n---\n${refactored}`],
    );
    assert.equal(
      wrong.length,
      0,
      `${String(wrong.length)} of ${String(pairs.length)}\n${wrong.slice(0, 5).join('\n\n')}`,
    );
  });
});

/** Each word, and what stands behind each arrow of a line, up to its end. */
function everyPlace(text: string): readonly (readonly [number, number])[] {
  return [
    ...[...text.matchAll(/[\w.]+/gu)].map(({ index }) => [index, index] as const),
    ...[...text.matchAll(/(?<=-> )\S.*$/gmu)].map(({ index, 0: rest }) => [index, index + rest.length] as const),
    ...[...text.matchAll(/(?<=\()\w+ [^\s()]+ \w+(?=[,)])/gu)].map(
      ({ index, 0: rest }) => [index, index + rest.length] as const,
    ),
  ];
}

async function pairsOf(
  workspace: LiveWorkspace,
  text: string,
  places: readonly (readonly [number, number])[],
): Promise<readonly Pair[]> {
  const original = prepare(text);
  if (original.kind !== 'ready') return [];
  await workspace.put(new Map([[URI, text]]));
  const found = new Map<string, CodeAction>();
  const document = workspace.document(URI);
  for (const [start, end] of places) {
    const { textDocument } = document;
    const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
    for (const action of fixesAt(workspace.language, document, range, [], ['refactor'])) {
      const after = textsAfter(workspace.language, action).get(URI)!;
      if (!found.has(after)) found.set(after, action);
    }
  }
  return [...found].map(([refactored, { title }]) => {
    const after = prepare(refactored);
    assert.ok(after.kind === 'ready', `${title}: ${'why' in after ? after.why : ''}\n${text}\n---\n${refactored}`);
    const { python, model, uses } = original.given;
    return {
      title,
      text,
      refactored,
      before: python,
      after: after.given.python,
      model,
      inputs: uses[0]!.inputs,
      keepsKeys: !title.includes('state_dict'),
    };
  });
}

/** What PyTorch says is different, of each pair. */
async function outputsOf(pairs: readonly Pair[]): Promise<readonly (string | null)[]> {
  const python = await pythonEnvironment();
  const script = join(import.meta.dirname, 'refactorings.py');
  const { stdout, stderr } = spawnSync(python, ['-W', 'ignore', script], {
    input: `${JSON.stringify(pairs)}\n`,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as (string | null)[];
}
