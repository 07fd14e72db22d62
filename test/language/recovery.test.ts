import assert from 'node:assert/strict';
import type { Definition } from '../../server/src/core/definition.ts';
import { toSourceFile } from '../../server/src/language/reading/sourceFile.ts';
import { json, parser, read, samples, type Sample } from './support.ts';
import { Random } from '../random.ts';
import { SEED, timeBox } from '../scale.ts';

/** Each test goes on for so long at most; what it tries is drawn with this seed. */
/** The first texts take longest: the parser learns from them how it decides. */
const TIME_PER_TEST = Math.max(1500, timeBox(4000, 60_000));

/** Statements, ranges included, by definition: what a definition says, whatever its neighbours. */
function statementsOf(definitions: readonly Definition[]): Map<string, string[]> {
  return new Map(
    definitions.map((each, index) => [
      String(index),
      'statements' in each ? each.statements.map(json) : [json({ ...each, id: '', hash: '' })],
    ]),
  );
}

const examples = samples('examples');

describe(`recovery (seed ${String(SEED)})`, function () {
  this.timeout(TIME_PER_TEST + 60_000);

  it('reads every prefix of every example without a throw, and the statements before the cut as ever', () => {
    trying(examples, function* ({ text }) {
      const whole = read(text);
      const places = whole.placement.definitions;
      for (let length = 0; length <= text.length; length++) {
        const prefix = read(text.slice(0, length));
        const statements = statementsOf(prefix.file.definitions);
        for (const [index, definition] of whole.file.definitions.entries()) {
          if (definition.kind === 'extern') continue;
          const sound = definition.statements.filter(
            (each, part) => (places[index]?.statements[part] ?? 0) + each.range.end < length,
          );
          // The last of them may go on: `x` is sound, and so is the `x + y` that it becomes.
          const expected = sound.slice(0, -1).map(json);
          assert.deepEqual(
            (statements.get(String(index)) ?? []).slice(0, expected.length),
            expected,
            `cut at ${String(length)}`,
          );
        }
        assert.ok(prefix.problems.length <= 3, `cut at ${String(length)}: ${json(prefix.problems)}`);
        yield;
      }
    });
  });

  it('keeps all other statements when one token is deleted', () => {
    let tried = 0;
    let kept = 0;
    const lost = new Map<string, number>();
    trying(examples, function* ({ text }) {
      const { tokens } = parser.parse(text);
      const whole = statementsOf(read(text).file.definitions);
      for (const token of tokens) {
        const end = token.startOffset + token.image.length;
        const broken = `${text.slice(0, token.startOffset)}${' '.repeat(token.image.length)}${text.slice(end)}`;
        const statements = statementsOf(read(broken).file.definitions);
        const missing = [...whole].flatMap(([definition, all]) => {
          const there = new Set(statements.get(definition));
          return all.filter((each) => !there.has(each));
        });
        tried++;
        // The token's own statement says something else now, or nothing.
        if (missing.length <= 1) kept++;
        else lost.set(token.image, (lost.get(token.image) ?? 0) + 1);
        yield;
      }
    });
    assert.ok(tried > 100);
    assert.ok(kept / tried > 0.99, `${String(kept)} of ${String(tried)}; lost by ${json([...lost])}`);
  });

  it('reads text with tokens deleted, doubled and exchanged without a throw', () => {
    const random = numbers('words');
    trying(examples, function* ({ text }) {
      for (let round = 0; round < 400; round++) {
        const { tokens } = parser.parse(text);
        const images = tokens.map((token) => token.image);
        const count = 1 + Math.floor(random() * 4);
        for (let change = 0; change < count; change++) {
          const at = Math.floor(random() * images.length);
          const other = images[Math.floor(random() * images.length)] ?? '';
          images.splice(at, Math.floor(random() * 2), ...(random() < 0.7 ? [other] : []));
        }
        const separators = [' ', '\n', ' ', '  '];
        const broken = images.map((image) => image + (separators[Math.floor(random() * 4)] ?? '')).join('');
        const { problems, file } = read(broken);
        for (const { range } of problems)
          assert.ok(range.start >= 0 && range.end >= range.start && range.end <= broken.length, broken);
        assert.ok(!/"(start|end)": -/.test(json(file)), broken);
        yield;
      }
    });
  });

  it('reads an edited text as it reads the same text anew', () => {
    const random = numbers('places');
    trying(examples, function* ({ text: original }) {
      let text = original;
      let parsed = parser.parse(text);
      read(text);
      for (let round = 0; round < 200; round++) {
        const at = Math.floor(random() * text.length);
        const inserted =
          ['', ' ', '\n', '# note\n', 'x', '(', ')', '}', '{', ' -> ReLU', '\n  y = 3\n'][Math.floor(random() * 11)] ??
          '';
        text = text.slice(0, at) + inserted + text.slice(at + Math.floor(random() * 3));
        if (round % 20 === 19) text = original;
        parsed = parser.parse(text, parsed);
        const edited = readParsed(parsed);
        assert.ok(json(edited) === json(read(text)), text);
        yield;
      }
    });
  });
});

function readParsed(parsed: ReturnType<typeof parser.parse>): ReturnType<typeof read> {
  return toSourceFile('file:///a.scv', parsed);
}

/** Goes round the samples, a step each, until the time is over or all are through: its own, not the busy machine's. */
function trying(all: readonly Sample[], each: (sample: Sample) => Generator<void>): void {
  const before = process.cpuUsage();
  const spent = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  let running = all.map((sample) => ({ sample, steps: each(sample) }));
  while (running.length > 0 && spent() < TIME_PER_TEST) {
    running = running.filter(({ sample, steps }) => {
      try {
        return steps.next().done !== true;
      } catch (error) {
        (error as Error).message = `${sample.name}: ${(error as Error).message}`;
        throw error;
      }
    });
  }
}

function numbers(salt: string): () => number {
  const random = new Random(SEED, salt);
  return () => random.next();
}
