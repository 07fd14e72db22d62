/** Equal stages in a row as a repetition, and back. */
import type { Expression, ForStage, Identifier, Range, Stage } from '../../core/definition.ts';
import { type NameUse, usesInExpression, usesInStages } from '../../core/elaborate/uses.ts';
import { textOfExpression } from '../../core/elaborate/words.ts';
import { type Chain, type Refactoring, type Spot, rangeOf, staticLabel } from './spot.ts';

const LONGEST = 64;

/** `A -> A -> A` as `A * 3`; with numbered labels as a loop, as several stages that come again too. */
export function* repeatStages(spot: Spot): Generator<Refactoring> {
  const selected = spot.selected();
  if (selected === undefined || selected.chain.around === 'layer' || !isBuilt(spot)) return;
  const { chain, from } = selected;
  if (spot.found(chain.stages[from]!).length === 0) return;
  yield* equalRun(spot, chain, from);
  yield* numberedRun(spot, chain, from);
  yield* period(spot, chain, from);
}

/** What no model builds can't be compared. */
function isBuilt({ facts, definition }: Spot): boolean {
  return !facts.unused.has(definition.id);
}

/** A stage without its label and count. */
function core(spot: Spot, { frozen, body }: Stage): string {
  return `${frozen ? 'frozen ' : ''}${spot.written(body.range).replaceAll(/\s+/gu, ' ')}`;
}

/** The run of stages around one for which something holds. */
function runAround(stages: readonly Stage[], at: number, isEqual: (stage: Stage, index: number) => boolean): Stage[] {
  let [start, end] = [at, at + 1];
  while (start > 0 && isEqual(stages[start - 1]!, start - 1)) start -= 1;
  while (end < stages.length && isEqual(stages[end]!, end)) end += 1;
  return stages.slice(start, end);
}

function* equalRun(spot: Spot, { stages, container, around }: Chain, at: number): Generator<Refactoring> {
  const own = stages[at]!;
  const times = (stage: Stage): number | undefined => (stage.count === undefined ? 1 : literal(stage.count));
  const isPlain = (stage: Stage): boolean => stage.label === undefined && times(stage) !== undefined;
  if (!isPlain(own)) return;
  const text = core(spot, own);
  const run = runAround(stages, at, (stage) => isPlain(stage) && core(spot, stage) === text);
  if (run.length < 2) return;
  const count = run.reduce((sum, stage) => sum + times(stage)!, 0);
  const repeated = `${text} * ${String(count)}`;
  // A group of nothing else is that repetition itself, where its label stays.
  const isWhole = around === 'group' && container!.label !== undefined && container!.count === undefined;
  const range = isWhole && run.length === stages.length ? container!.body.range : rangeOf(run);
  yield {
    kind: 'refactor.rewrite',
    title: `Turn ${String(count)} equal stages into * ${String(count)}`,
    sketch: 'other',
    edits: [spot.replace(range, repeated)],
  };
}

/** `unit1: A -> unit2: A`. */
function* numberedRun(spot: Spot, { stages }: Chain, at: number): Generator<Refactoring> {
  const own = numbered(stages[at]!);
  if (own === undefined) return;
  const text = core(spot, stages[at]!);
  const run = runAround(stages, at, (stage, i) => {
    const other = numbered(stage);
    return (
      other?.prefix === own.prefix &&
      other.number === own.number + i - at &&
      stage.count === undefined &&
      core(spot, stage) === text
    );
  });
  if (run.length < 2) return;
  const name = spot.freeName('i');
  const first = numbered(run[0]!)!.number;
  const label = `${own.prefix}{${name}}: ${text.replace(/^frozen /u, '')}`;
  yield {
    kind: 'refactor.rewrite',
    title: `Turn ${String(run.length)} equal stages into a loop`,
    sketch: 'other',
    edits: [
      spot.replace(
        rangeOf(run),
        `for ${name} in ${String(first)}..${String(first + run.length)} { ${text.startsWith('frozen ') ? 'frozen ' : ''}${label} }`,
      ),
    ],
  };
}

function numbered(stage: Stage): { readonly prefix: string; readonly number: number } | undefined {
  const match = /^(.*?)(0|[1-9]\d*)$/su.exec(staticLabel(stage) ?? '');
  return match === null || match[1] === '' ? undefined : { prefix: match[1]!, number: Number(match[2]) };
}

/** `A -> B -> A -> B` as a loop. */
function* period(spot: Spot, { stages }: Chain, at: number): Generator<Refactoring> {
  const texts = stages.map((stage) => spot.written(stage.range).replaceAll(/\s+/gu, ' '));
  for (let length = 2; length * 2 <= stages.length && length <= 6; length++) {
    const recurs = (index: number): boolean =>
      index >= 0 && index + length < stages.length && texts[index] === texts[index + length];
    for (let start = Math.max(0, at - length + 1); start <= at; start++) {
      // The first of its kind: before it stands something else.
      if (Array.from({ length }, (_, i) => start - length + i).every(recurs)) continue;
      let times = 1;
      while (Array.from({ length }, (_, i) => start + (times - 1) * length + i).every(recurs)) times += 1;
      const unit = stages.slice(start, start + length);
      const isMixed = new Set(texts.slice(start, start + length)).size > 1;
      if (times < 2 || !isMixed || unit.some(({ label }) => label !== undefined)) continue;
      yield {
        kind: 'refactor.rewrite',
        title: `Turn ${String(times)} equal rows of ${String(length)} stages into a loop`,
        sketch: 'other',
        edits: [
          spot.replace(
            rangeOf(stages.slice(start, start + length * times)),
            `for _ in 0..${String(times)} { ${spot.written(rangeOf(unit))} }`,
          ),
        ],
      };
      return;
    }
  }
}

/** `A * 3` as `A -> A -> A`, a loop over numbers as what it does in each turn. */
export function* writeOut(spot: Spot): Generator<Refactoring> {
  if (!isBuilt(spot)) return;
  for (const chain of spot.chains()) {
    const stage = chain.stages.find(({ range }) => spot.touches(range));
    if (stage === undefined || spot.found(stage).length === 0) continue;
    const turns = stage.count !== undefined ? countedTurns(spot, stage) : loopTurns(spot, stage);
    if (turns === undefined || turns.length === 0) continue;
    const isSequential = spot.facts.session.names(spot.definition).stages.get(stage)?.module === 'Sequential';
    const row = turns.join(' -> ');
    const label = stage.label === undefined ? '' : `${spot.written(stage.label.range)}: `;
    const needsGroup = isSequential || label !== '' || chain.around === 'layer';
    const frozen = stage.frozen ? 'frozen ' : '';
    if (stage.frozen && !needsGroup) continue;
    yield {
      kind: 'refactor.rewrite',
      title: `Write the ${stage.body.kind === 'for' ? 'loop' : 'repetition'} out, ${String(turns.length)} times`,
      sketch: 'other',
      edits: [spot.replace(stage.range, needsGroup ? `${frozen}${label}(${row})` : row)],
    };
    return;
  }
}

function countedTurns(spot: Spot, { count, body }: Stage): readonly string[] | undefined {
  const times = count && literal(count);
  if (times === undefined || times < 1 || times > LONGEST) return undefined;
  return Array.from({ length: times }, () => spot.written(body.range));
}

function loopTurns(spot: Spot, { body }: Stage): readonly string[] | undefined {
  if (body.kind !== 'for') return undefined;
  const values = turnsOf(body);
  if (values === undefined || values.length > LONGEST) return undefined;
  return values.map((turn) => {
    const named = new Map(body.names.map(({ text }, i) => [text, turn[i]!]));
    return substituted(spot, rangeOf(body.stages), body.stages, named);
  });
}

/** The values of a loop's names in each turn, where they are written. */
export function turnsOf({ names, iterable }: ForStage): readonly (readonly string[])[] | undefined {
  if (iterable.kind === 'binary' && iterable.operator === '..') {
    const [start, end] = [literal(iterable.left), literal(iterable.right)];
    if (names.length !== 1 || start === undefined || end === undefined || end - start > LONGEST) return undefined;
    return Array.from({ length: Math.max(0, end - start) }, (_, i) => [String(start + i)]);
  }
  if (iterable.kind !== 'list') return undefined;
  const turns = iterable.items.map((item) => {
    const values = names.length === 1 ? [item] : item.kind === 'list' || item.kind === 'tuple' ? item.items : [];
    return values.map((value) => textOfExpression(value));
  });
  return turns.every((turn) => turn.length === names.length) ? turns : undefined;
}

/** Stages as they are written, with other text where names stand. */
export function substituted(
  spot: Spot,
  range: Range,
  stages: readonly Stage[],
  instead: ReadonlyMap<string, string>,
  uses: Iterable<NameUse> = usesInStages(stages),
): string {
  let result = '';
  let at = range.start;
  for (const { start, end, text } of substitutions(spot, stages, instead, uses)) {
    result += spot.written({ start: at, end: start }) + text;
    at = end;
  }
  return result + spot.written({ start: at, end: range.end });
}

/** What stands where names stood, in order. */
export function substitutions(
  spot: Spot,
  stages: readonly Stage[],
  instead: ReadonlyMap<string, string>,
  uses: Iterable<NameUse> = usesInStages(stages),
): readonly (Range & { readonly text: string })[] {
  const changes: (Range & { readonly text: string })[] = [];
  const labels: Range[] = [];
  const inStages = (chain: readonly Stage[]): void => {
    for (const { label, body } of chain) {
      // `unit{i}` with a number for i is `unit3`.
      const parts = label?.parts ?? [];
      const isPlain = parts.every((part) => typeof part === 'string' || isNumbered(part, instead));
      if (label !== undefined && isPlain && parts.some((part) => typeof part !== 'string')) {
        labels.push(label.range);
        const text = parts.map((part) => (typeof part === 'string' ? part : instead.get(nameOf(part)!.text)!)).join('');
        changes.push({ ...label.range, text });
      }
      if (body.kind === 'group' || body.kind === 'for') inStages(body.stages);
      else if (body.kind === 'if') inStages([...body.then, ...(body.otherwise ?? [])]);
      else if (body.kind === 'parallel') body.branches.forEach(inStages);
    }
  };
  inStages(stages);
  for (const { name, as } of uses) {
    const text = instead.get(name.text);
    const isInLabel = labels.some(({ start, end }) => start <= name.range.start && name.range.end <= end);
    if (text === undefined || isInLabel) continue;
    // A stage's name is a layer that was given.
    const isWhole = as === 'stage' || isBare(spot, name.range);
    changes.push({ ...name.range, text: isWhole ? text : atomic(text) });
  }
  return changes.sort((a, b) => a.start - b.start);
}

/** Whether something stands by itself between brackets and commas. */
function isBare(spot: Spot, range: Range): boolean {
  const { start, end } = spot.at(range);
  return /[(,[=]\s*$/u.test(spot.text.slice(0, start)) && /^\s*[),\]]/u.test(spot.text.slice(end));
}

function nameOf(part: Expression): Identifier | undefined {
  return part.kind === 'name' ? part.name : undefined;
}

function isNumbered(part: Expression, instead: ReadonlyMap<string, string>): boolean {
  const name = nameOf(part);
  return name !== undefined && /^\d+$/u.test(instead.get(name.text) ?? '');
}

/** In parentheses, where something could bind tighter from outside. */
export function atomic(text: string): string {
  return /^(?:[\w.]+|\[[^[\]]*\]|\([^()]*\)|"[^"]*")$/u.test(text) ? text : `(${text})`;
}

/** A whole number as it is written. */
export function literal(expression: Expression): number | undefined {
  if (expression.kind !== 'number' || typeof expression.value !== 'bigint') return undefined;
  return expression.value > 1_000_000n ? undefined : Number(expression.value);
}

/** Whether a name is used in an expression. */
export function mentions(expression: Expression, name: string): boolean {
  return [...usesInExpression(expression)].some((use) => use.name.text === name);
}
