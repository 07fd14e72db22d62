/**
 * Every place of the sources that makes a message is reached by a golden case, or by a generated case of a layer (which
 * the oracle holds against torch). Places are found in the syntax trees, and whether they are reached by V8's coverage.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { isQuick } from '../scale.ts';
import { goldenFolder } from './cases.ts';

const root = join(goldenFolder, '../..');

/** A place that makes a message with a code: what it says begins here. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
  readonly text: string;
}

interface CoveredFunction {
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

/** Messages that no program gives, by a part of them, and why they are there all the same. */
const UNREACHED: Readonly<Record<string, string>> = {
  'cannot-generate': 'nothing is known that needs it',
  "can't be read.": 'for a failure of the parser, which would be a mistake of ours',
  'This is nested too deep to be read': 'brackets are counted before; for a smaller stack than usual',
  "can't make ${count} parts": 'the rule notes a condition there, which some size always meets',
  'takes out dimension ${axis}': 'the rule notes a condition there, which some size always meets',
};

describe('golden: messages', () => {
  // All of them or none: a part of the cases can't tell.
  (isQuick ? it.skip : it)('are each produced by a case', function () {
    this.timeout(0);
    const codes = documentedCodes();
    const places = globSync('server/src/{core,language,cli}/**/*.ts', { cwd: root })
      .filter((file) => !file.includes('/generated/'))
      .flatMap((file) => placesIn(file, codes));
    assert.ok(places.length > 200, `only ${String(places.length)} places make messages`);

    const covered = coverage();
    const without = places.filter(({ file, offset }) => !isReached(covered.get(file) ?? [], offset));
    const told = without.map(({ file, line, text }) => `${file}:${String(line)} ${text}`);
    const isKnown = (each: string): boolean => Object.keys(UNREACHED).some((known) => each.includes(known));
    assert.deepEqual(
      told.filter((each) => !isKnown(each)),
      [],
    );
    const stale = Object.keys(UNREACHED).filter((known) => !told.some((each) => each.includes(known)));
    assert.deepEqual(stale, [], 'these are reached by now');
  });
});

function documentedCodes(): ReadonlySet<string> {
  const text = readFileSync(join(root, 'docs/diagnostics.md'), 'utf8');
  return new Set([...text.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code!));
}

/** Calls that are given a code, and objects that hold one beside a message. */
function placesIn(file: string, codes: ReadonlySet<string>): readonly Place[] {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Place[] = [];
  const isCode = (node: ts.Node): boolean => ts.isStringLiteral(node) && codes.has(node.text);
  const visit = (node: ts.Node): void => {
    const isCall = ts.isCallExpression(node) && node.arguments.some(isCode) && node.arguments.length > 2;
    const isObject =
      ts.isObjectLiteralExpression(node) &&
      ['message', 'text'].some((name) => holds(node, name)) &&
      node.properties.some((each) => ts.isPropertyAssignment(each) && holdsName(each, 'code'));
    if (isCall || isObject) {
      const offset = node.getStart(source);
      const { line } = source.getLineAndCharacterOfPosition(offset);
      found.push({ file, line: line + 1, offset, text: node.getText(source).replace(/\s+/g, ' ').slice(0, 160) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function holds(node: ts.ObjectLiteralExpression, name: string): boolean {
  return node.properties.some((each) => holdsName(each, name));
}

function holdsName({ name }: ts.ObjectLiteralElementLike, wanted: string): boolean {
  return name !== undefined && ts.isIdentifier(name) && name.text === wanted;
}

/** Functions with how often their parts ran, by file. */
function coverage(): ReadonlyMap<string, readonly CoveredFunction[]> {
  const folder = mkdtempSync(join(tmpdir(), 'scv-messages-'));
  try {
    execFileSync(process.execPath, [join(goldenFolder, 'produceMessages.ts')], {
      env: { ...process.env, NODE_V8_COVERAGE: folder },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const covered = new Map<string, readonly CoveredFunction[]>();
    for (const name of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        result: { url: string; functions: CoveredFunction[] }[];
      };
      const here = pathToFileURL(root).href;
      for (const { url, functions } of result) {
        if (url.startsWith(here)) covered.set(relative(here, url), functions);
      }
    }
    return covered;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The innermost range around an offset says how often it ran. */
function isReached(functions: readonly CoveredFunction[], offset: number): boolean {
  let innermost: CoveredFunction['ranges'][number] | undefined;
  for (const { ranges } of functions) {
    for (const range of ranges) {
      if (range.startOffset > offset || range.endOffset <= offset) continue;
      const size = range.endOffset - range.startOffset;
      if (innermost === undefined || size <= innermost.endOffset - innermost.startOffset) innermost = range;
    }
  }
  return innermost !== undefined && innermost.count > 0;
}
