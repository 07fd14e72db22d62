/**
 * The one form: what it looks like (`format/<case>/`), and what holds of it for every text: formatted twice it is the
 * same, it says the same, its line ends and byte order mark stay, and no comment is lost. Texts are the project's own,
 * with their spaces, lines, commas and comments thrown about.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { widthOf } from '../../server/src/core/columns.ts';
import { allParts } from '../../server/src/language/text/parser.ts';
import { format } from '../../server/src/language/format/format.ts';
import { Random } from '../random.ts';
import { SEED, caseCount, someOf } from '../scale.ts';
import { parser, read, samples } from './support.ts';
import { scrambled } from './scramble.ts';
import { applied, workspace } from './services.ts';

const folder = join(import.meta.dirname, 'format');
const texts = samples('examples', 'test');

function formatted(text: string): string {
  const found = format(text, parser);
  if ('problems' in found) assert.fail(JSON.stringify(found.problems));
  return found.text;
}

/** What a text says: its definitions without their places. */
function meaning(text: string): string {
  const { file } = read(text);
  return JSON.stringify(file, (key, value: unknown) =>
    PLACES.includes(key) ? undefined : typeof value === 'bigint' ? String(value) : value,
  );
}

const PLACES = ['range', 'hash', 'countOperator', 'operatorRange', 'documentation'];

function commentsOf(text: string): string[] {
  return parser.parse(text).comments.map(({ image }) => image.replaceAll(/\s/g, ''));
}

/** Sound as far as brackets go. */
const sound = texts.filter(({ text }) => !('problems' in format(text, parser)));

/** Of which all words are read. */
const readable = sound.filter(({ text }) =>
  [...allParts(parser.parse(text).parts)].every(({ problems }) => problems.length === 0),
);

describe('the formatter', function () {
  this.timeout(300_000);

  for (const file of globSync(join(folder, '*/expected.scv')).sort()) {
    it(basename(dirname(file)), () => {
      const expected = readFileSync(file, 'utf8');
      assert.equal(formatted(readFileSync(join(dirname(file), 'given.scv'), 'utf8')), expected);
      assert.equal(formatted(expected), expected);
    });
  }

  it('has the examples in its form', () => {
    for (const { name, text } of samples('examples')) assert.equal(formatted(text), text, name);
  });

  it('leaves what a text says, and its comments, and does nothing a second time', () => {
    assert.ok(sound.length > 200, `${sound.length} texts`);
    for (const { name, text } of someOf(sound, 5)) check(name, text);
  });

  it(`holds for texts thrown about (SCV_SEED=${SEED})`, () => {
    const count = caseCount(1, 10);
    let long = 0;
    for (const { name, text } of someOf(readable, 5)) {
      for (let i = 0; i < count; i++) {
        const random = new Random(SEED + i, name);
        const thrown = scrambled(text, parser, random);
        if (meaning(thrown) !== meaning(text)) assert.fail(`${name}: scrambling changed its meaning\n${thrown}`);
        check(name, thrown);
        if (formatted(thrown) !== formatted(text)) long++;
      }
    }
    assert.ok(long > 0, 'nothing was thrown about');
  });

  it('keeps line ends and a byte order mark', () => {
    for (const { name, text } of someOf(sound, 5)) {
      const unix = text.replaceAll(/[\r\ufeff]/g, '');
      const windows = unix.replaceAll('\n', '\r\n');
      assert.equal(formatted(windows), formatted(unix).replaceAll('\n', '\r\n'), name);
      assert.equal(formatted(`\ufeff${unix}`), `\ufeff${formatted(unix)}`, name);
    }
  });

  it('leaves a text alone that it would read otherwise, and says why it can', () => {
    const text =
      'model U\tNet {\nblock Type { input x  output x -> w: Linear(4) }\n# A dict.\n}\nblock Train { input x  output x }\n';
    const found = format(text, parser);
    assert.ok('problems' in found && found.problems.length > 0);
  });

  it('leaves what it can not read', () => {
    const found = format('model M {\n  output x -> (ReLU\n}\n', parser);
    assert.ok('problems' in found);
    assert.ok(found.problems.length > 0);
    const broken = 'model   M {\n  input x\n   y =  x ->   3 ->\n  output   y\n}\n';
    assert.equal(formatted(broken), 'model M {\n  input x\n  y =  x ->   3 ->\n  output y\n}\n');
  });

  it('gives edits that make it, the smallest', () => {
    for (const { name, text } of someOf(sound, 5)) {
      const found = format(text, parser);
      assert.ok('edits' in found);
      let made = '';
      let last = 0;
      for (const { start, end, text: now } of found.edits) {
        assert.ok(start >= last, name);
        assert.notEqual(text.slice(start, end), now, name);
        made += text.slice(last, start) + now;
        last = end;
      }
      assert.equal(made + text.slice(last), found.text, name);
    }
  });

  function check(name: string, text: string): void {
    const once = formatted(text);
    if (meaning(once) !== meaning(text)) assert.fail(`${name} means something else:\n${text}\n${once}`);
    assert.deepEqual(commentsOf(once), commentsOf(text), name);
    assert.equal(formatted(once), once, `${name}, a second time\n${text}`);
    const long = once.split('\n').filter((line) => widthOf(line) > 100 && canBreak(line));
    assert.deepEqual(long, [], name);
  }
});

/** Whether a line could be shorter: it isn't deep in brackets, and no word, string or comment makes it so long. */
function canBreak(line: string): boolean {
  const [text = ''] = line.split(/(?<=^|\s)#/);
  const words = text.trim().split(/(?<=[,({[]) ?| (?=->)/);
  return (
    line.search(/\S/) < 60 &&
    widthOf(text.trimEnd()) > 100 &&
    !text.includes('"') &&
    words.every((word) => word.length < 40)
  );
}

describe('formatting in an editor', () => {
  const given = 'model M {\n  input   x\n  y =   x\n  output   y\n}\n';

  async function edited(text: string, ask: (w: Awaited<ReturnType<typeof workspace>>) => unknown): Promise<string> {
    const files = await workspace({ 'a.scv': text });
    return applied(files.document, (await ask(files)) as never);
  }

  it('formats a file', async () => {
    const found = await edited(given, ({ language, document }) =>
      language.scv.lsp.Formatter!.formatDocument(document, {
        textDocument: { uri: document.uri.toString() },
        options: { tabSize: 8, insertSpaces: false },
      }),
    );
    assert.equal(found, 'model M {\n  input x\n  y = x\n  output y\n}\n');
  });

  it('formats the statements of a range', async () => {
    const found = await edited('model M {\n  input   x\n  y =   <|x|>\n  output   y\n}\n', (files) => {
      const { document, marks, language } = files;
      const [[start, end]] = marks.ranges as [[number, number]];
      return language.scv.lsp.Formatter!.formatDocumentRange(document, {
        textDocument: { uri: document.uri.toString() },
        range: { start: document.textDocument.positionAt(start), end: document.textDocument.positionAt(end) },
        options: { tabSize: 2, insertSpaces: true },
      });
    });
    assert.equal(found, 'model M {\n  input   x\n  y = x\n  output   y\n}\n');
  });

  for (const [name, text, ch, expected] of [
    [
      'a statement when its line ends',
      'model M {\n  input   x\n  y =   x\n<|>\n  output   y\n}\n',
      '\n',
      'model M {\n  input   x\n  y = x\n\n  output   y\n}\n',
    ],
    [
      'a statement when its bracket closes',
      'model M {\n  input   x\n  y =   (x,x)<|>\n  output   y\n}\n',
      ')',
      'model M {\n  input   x\n  y = (x, x)\n  output   y\n}\n',
    ],
    [
      'nothing in the middle of one',
      'model M {\n  input   x\n  y =   (x,x)<|>   -> Concat(1)\n  output   y\n}\n',
      ')',
      'model M {\n  input   x\n  y =   (x,x)   -> Concat(1)\n  output   y\n}\n',
    ],
    [
      'nothing of a file that can not be read',
      'model M {\n  input   x\n  y =   ((x,x)<|>\n  output   y\n',
      ')',
      'model M {\n  input   x\n  y =   ((x,x)\n  output   y\n',
    ],
  ] as const) {
    it(`formats ${name}`, async () => {
      const found = await edited(text, (files) =>
        files.language.scv.lsp.Formatter!.formatDocumentOnType(files.document, {
          textDocument: { uri: files.document.uri.toString() },
          position: files.position(),
          ch,
          options: { tabSize: 2, insertSpaces: true },
        }),
      );
      assert.equal(found, expected);
    });
  }
});
