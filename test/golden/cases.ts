/** Golden cases: one folder a case. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Analyser, type FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import type { Problem } from '../../server/src/core/problem.ts';
import { DiskProgram, uriOfPath } from '../../server/src/cli/files.ts';
import { messagesOf } from '../../server/src/cli/messages.ts';

export const goldenFolder = import.meta.dirname;

export interface Case {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
}

export function casesOf(kind: string): readonly Case[] {
  const folder = join(goldenFolder, kind);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, folder: join(folder, name), files: readdirSync(join(folder, name)) }));
}

export function expectedOf({ folder }: Case): unknown {
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
}

export function analyse(path: string): { readonly facts: FileFacts; readonly messages: readonly FoundMessage[] } {
  const program = new DiskProgram();
  const file = program.open(path);
  const facts = new Analyser().analyse(program, uriOfPath(path));
  const said = messagesOf(program, file, facts);
  const isSound = said.every(({ severity }) => severity !== 'error');
  const problems = isSound ? [...facts.problems, ...pythonProblems(facts)] : facts.problems;
  const messages = messagesOf(program, file, { ...facts, problems }).map(({ line, column, end, severity, code, message, related }) => ({
    line,
    column,
    ...(end.line === line ? { endColumn: end.column } : {}),
    severity,
    code,
    message,
    related: related.map((place) => ({ file: basename(place.path), line: place.line })),
  }));
  return { facts, messages };
}

/** What only `scv generate` says. */
function pythonProblems({ session, models }: FileFacts): readonly Problem[] {
  const model = models.at(-1);
  return model === undefined ? [] : generate(session, model).problems;
}

export interface FoundMessage {
  readonly line: number;
  readonly column: number;
  /** Absent where it ends on another line. */
  readonly endColumn?: number;
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly related: readonly RelatedLine[];
}

export interface RelatedLine {
  readonly file: string;
  readonly line: number;
}

export interface ExpectedMessage {
  readonly line: number;
  readonly column?: number;
  readonly endColumn?: number;
  readonly severity: string;
  readonly code: string;
  readonly messageIncludes?: readonly string[];
  readonly related?: readonly RelatedLine[];
}

/** What is different from what a case expects, in words; nothing where it is met. */
export function differences(found: readonly FoundMessage[], expected: readonly ExpectedMessage[]): readonly string[] {
  const problems: string[] = [];
  const left = [...found];
  for (const wanted of expected) {
    const at = left.findIndex((each) => fits(each, wanted));
    if (at < 0) problems.push(`missing: ${JSON.stringify(wanted)}`);
    else left.splice(at, 1);
  }
  for (const each of left) problems.push(`not expected: ${JSON.stringify(each)}`);
  return problems;
}

function fits(found: FoundMessage, wanted: ExpectedMessage): boolean {
  const text = found.message.toLowerCase();
  return (
    found.line === wanted.line &&
    found.severity === wanted.severity &&
    found.code === wanted.code &&
    (wanted.column === undefined || wanted.column === found.column) &&
    (wanted.endColumn === undefined || wanted.endColumn === found.endColumn) &&
    (wanted.messageIncludes ?? []).every((part) => text.includes(part.toLowerCase())) &&
    (wanted.related ?? []).every(({ file, line }) => found.related.some((r) => r.file === file && r.line === line))
  );
}

export function programOf({ folder }: Case, name: string): string {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Error(`${folder} has no ${name}`);
  return path;
}
