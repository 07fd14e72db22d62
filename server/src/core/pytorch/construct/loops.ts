/** Loops, as statements and as comprehensions, with the sizes that they carry from turn to turn. */
import type { Expression, ForStage, Stage } from '../../definition.ts';
import {
  type Dimension,
  ZERO,
  compare,
  constant,
  constantValue,
  equal,
  select,
  subtract,
  symbol,
  symbolsOf,
} from '../../dimension.ts';
import { isCarried } from '../../elaborate/generic.ts';
import type { LoopForm, RunningSize } from '../../elaborate/openness.ts';
import { isUnknown } from '../../tensor.ts';
import { within } from '../python.ts';
import { type ClassScope, INIT, NeedsStatements } from '../scope.ts';
import type { Entries } from './sinks.ts';
import { PlannedStages } from './stages.ts';

export class Loops extends PlannedStages {
  /** Whether a loop never turns, in any use. */
  isIdle(stage: Stage): boolean {
    const count = this.unit.generic.loops.get(stage)?.count;
    return count !== undefined && constantValue(count) === 0n;
  }

  /** A loop in a container that is written as an expression. */
  comprehension(stage: Stage, body: ForStage | undefined, sink: Entries, turn: () => void): void {
    if (this.isIdle(stage)) return;
    const form = this.unit.generic.loops.get(stage);
    if (form?.running.some(({ final }) => this.before?.symbols.has(final) === true) === true)
      throw new NeedsStatements();
    const index = new LoopIndex(this, stage, body, form);
    const [only, second] = sink.turn(() => {
      this.scoped(() => {
        index.bind();
        for (const running of form?.running ?? []) this.#runInline(stage, running, index);
        try {
          turn();
        } finally {
          index.release();
        }
      });
    });
    // A comprehension has one element.
    if (only === undefined || second !== undefined) throw new NeedsStatements();
    sink.entries.push({ ...only, loops: [index.head, ...only.loops] });
  }

  /** A loop around the lines that its turn writes. */
  loopStatement(stage: Stage, body: ForStage | undefined, turn: () => void): void {
    if (this.isIdle(stage)) return;
    const form = this.unit.generic.loops.get(stage);
    const index = new LoopIndex(this, stage, body, form);
    const carried = this.#carry(stage, form, index);
    const outer = this.init.lines.length;
    this.init.depth += 1;
    this.scoped(() => {
      index.bind();
      this.#turns.push([]);
      turn();
      for (const name of this.#turns.pop()!) this.release(name);
      for (const { name, running } of carried) {
        this.init.assign(name, this.#carriedSize(running, running.next));
      }
      index.release();
    });
    this.init.depth -= 1;
    for (const { name } of carried) this.release(name);
    const inner = this.init.lines.splice(outer);
    const [head = ''] = index.head.split(' in ', 1);
    this.init.statement(`${head} in `, index.head.slice(head.length + 4), ':');
    for (const line of inner) this.init.lines.push(line);
    if (inner.length === 0)
      this.init.lines.push({ depth: this.init.depth + 1, prefix: 'pass', expression: '', suffix: '' });
    for (const { name, running } of carried) this.tell(running.final, name, name);
  }

  /** A variable for a module that is filled and put into another at once. */
  local(wanted: string): string {
    const turn = this.#turns.at(-1);
    if (turn === undefined) return this.loopName(wanted, true);
    const name = this.loopName(wanted);
    turn.push(name);
    return name;
  }
  /** The variables of the turns being written: other loops may have them too. */
  readonly #turns: string[][] = [];

  // -------------------------------------------------------------------------------------------- sizes from turn to turn

  /** Gives the sizes that a loop as a statement carries a variable each, and their first values. */
  #carry(stage: Stage, form: LoopForm | undefined, index: LoopIndex): readonly Carried[] {
    const carried: Carried[] = [];
    const isUsed = ({ symbol, final }: RunningSize): boolean =>
      this.before === undefined || this.before.symbols.has(symbol) || this.before.symbols.has(final);
    for (const running of form?.running ?? []) {
      if (this.#isSteady(stage, running) && this.before?.symbols.has(running.final) !== true) {
        this.#runInline(stage, running, index);
        continue;
      }
      if (!isUsed(running)) {
        // The first writing finds out whether it is needed.
        this.loopSymbols.set(running.symbol, () => 'channels');
        continue;
      }
      this.#assertCarried(stage, running);
      const wanted =
        running.axis === 1 ? 'channels' : running.axis === 2 ? 'height' : running.axis === 3 ? 'width' : 'size';
      const name = this.loopName(wanted, this.before?.symbols.has(running.final) !== false);
      this.init.assign(name, this.#carriedSize(running, this.#initialOf(stage, running)));
      this.loopSymbols.set(running.symbol, () => name);
      this.loopSymbols.set(running.final, () => name);
      carried.push({ name, running });
    }
    return carried;
  }

  /** `initial if i == 0 else next`, where a size is the same from the second turn on. */
  #runInline(stage: Stage, running: RunningSize, index: LoopIndex): void {
    const { symbol, next } = running;
    this.loopSymbols.set(symbol, () => {
      if (!this.#isSteady(stage, running)) throw new NeedsStatements();
      this.#assertCarried(stage, running);
      const initial = this.#initialOf(stage, running);
      const first = index.first();
      return equal(initial, next)
        ? this.size(initial)
        : `${within(this.size(initial), 1)} if ${first} else ${this.size(next)}`;
    });
  }

  /** Whether a carried size is the same from the second turn on: nothing in it changes while the loop runs. */
  #isSteady(stage: Stage, { next }: RunningSize): boolean {
    const { loops, symbols } = this.unit.generic;
    const changing = loopsWithin([stage]);
    return [...symbolsOf(next)].every((name) => {
      const meaning = symbols.get(name);
      if (meaning?.kind === 'given') return !meaning.loops.some((loop) => changing.has(loop));
      return meaning === undefined || !('loop' in meaning) || (!changing.has(meaning.loop) && loops.has(meaning.loop));
    });
  }

  /** After a loop in a class of its own: what all its turns give out, where there is one. */
  override loopSize(name: string): string {
    for (const [stage, { count, running }] of this.unit.generic.loops) {
      const found = running.find(({ final }) => final === name);
      if (found === undefined) continue;
      if (count !== undefined && this.#isSteady(stage, found))
        return this.size(select(compare('>', count, ZERO), found.next, this.#initialOf(stage, found)));
      this.asked.add(name);
      const told = this.told.get(name);
      if (told !== undefined) return told;
    }
    return super.loopSize(name);
  }

  /** How sizes are read that loops in parts of this class end in. */
  readonly told = new Map<string, string>();

  /** Keeps a size that a loop ends in, where the class around this part asks for it. */
  tell(_size: string, _wanted: string, _text: string): void {
    // Nothing is around a class.
  }

  /** What goes into the first turn; where the generic form knows nothing of it, what it is in every use. */
  #initialOf(stage: Stage, { initial, tensor, axis }: RunningSize): Dimension {
    if (!isUnknown(initial)) return initial;
    const { instances } = this.unit.generic;
    const sizes = instances.flatMap(({ facts }) =>
      (facts.get(stage) ?? []).map(({ inputs }) => inputs?.[tensor]?.shape?.[axis] ?? initial),
    );
    const [first] = sizes;
    return first !== undefined && sizes.every((each) => equal(each, first)) ? first : initial;
  }

  #assertCarried(stage: Stage, running: RunningSize): void {
    if (isCarried(this.unit.generic, stage, running)) return;
    this.impossible(
      stage.range,
      'The sizes in this loop follow no rule that can be written: make a block of what it repeats, and give the sizes as parameters.',
    );
  }

  /** What a loop carries is needed only if what it becomes is. */
  #carriedSize({ symbol, final }: RunningSize, size: Dimension): string {
    const outer = this.nextOf;
    this.nextOf = symbol;
    const text = this.size(size);
    this.nextOf = outer;
    this.dependencies.set(final, new Set([symbol]));
    return text;
  }
}

/** A size in a variable, which each turn of a loop gives its next value. */
interface Carried {
  readonly name: string;
  readonly running: RunningSize;
}

/** The head of a loop, which is known after its body: whether a counter is needed. */
class LoopIndex {
  readonly #scope: ClassScope;
  readonly #body: ForStage | undefined;
  readonly #form: LoopForm | undefined;
  #counter: string | undefined;
  readonly #before = new Map<string, (() => string) | undefined>();
  readonly #names: readonly string[];
  readonly #iterable: string;
  /** The counter gets its name where it is first needed, perhaps behind a loop inside. */
  readonly #inside = new Set<string>();

  constructor(scope: ClassScope, stage: Stage, body: ForStage | undefined, form: LoopForm | undefined) {
    this.#scope = scope;
    this.#body = body;
    this.#form = form;
    this.#names = body?.names.map(({ text }) => scope.enterLoop(text)) ?? [];
    this.#iterable =
      body === undefined
        ? `range(${scope.print(stage.count ?? noCount(), INIT, true)})`
        : scope.print(body.iterable, INIT);
  }

  bind(): void {
    const form = this.#form;
    this.#scope.namesInside.push(this.#inside);
    if (form === undefined) return;
    this.#before.set(form.index, this.#scope.loopSymbols.get(form.index));
    this.#scope.loopSymbols.set(form.index, () => this.#indexText());
    const start = this.#rangeStart();
    const [variable] = form.variables;
    if (start !== undefined && variable !== undefined)
      this.#scope.loopSizes.set(form.index, subtract(symbol(variable.symbol), constant(start)));
    form.variables.forEach(({ symbol, name }) => {
      this.#scope.loopSymbols.set(symbol, () => this.#scope.nameOf(name));
    });
  }

  release(): void {
    this.#scope.namesInside.pop();
    if (this.#counter !== undefined) this.#scope.release(this.#counter);
    for (const name of this.#names) this.#scope.release(name);
    for (const [symbol, bound] of this.#before) {
      if (bound === undefined) this.#scope.loopSymbols.delete(symbol);
      else this.#scope.loopSymbols.set(symbol, bound);
    }
  }

  /** The range's variable and where it begins, where the loop is over a range. */
  #range(): { readonly name: string; readonly start: string } | undefined {
    const [name, second] = this.#names;
    const iterable = this.#body?.iterable;
    if (name === undefined || second !== undefined || iterable?.kind !== 'binary' || iterable.operator !== '..')
      return undefined;
    return { name, start: this.#scope.print(iterable.left, INIT, true) };
  }

  #rangeStart(): bigint | undefined {
    const iterable = this.#body?.iterable;
    if (this.#range() === undefined || iterable?.kind !== 'binary') return undefined;
    const value = this.#scope.valueOf(iterable.left);
    return value?.kind === 'int' ? constantValue(value.value) : undefined;
  }

  #indexText(): string {
    const range = this.#range();
    if (range === undefined) return this.#count();
    return range.start === '0' ? range.name : `(${range.name} - ${range.start})`;
  }

  #count(): string {
    this.#counter ??= this.#scope.loopName('i', false, this.#inside);
    return this.#counter;
  }

  /** Whether this is the first turn. */
  first(): string {
    const range = this.#range();
    return range === undefined ? `${this.#count()} == 0` : `${range.name} == ${range.start}`;
  }

  get head(): string {
    const names = this.#names.join(', ');
    if (this.#body === undefined) return `for ${this.#counter ?? '_'} in ${this.#iterable}`;
    if (this.#counter === undefined) return `for ${names} in ${this.#iterable}`;
    const target = this.#names.length === 1 ? names : `(${names})`;
    return `for ${this.#counter}, ${target} in enumerate(${this.#iterable})`;
  }
}

/** The loops among these stages and inside them. */
export function loopsWithin(stages: readonly Stage[], found = new Set<Stage>()): Set<Stage> {
  for (const stage of stages) {
    const { body } = stage;
    if (body.kind === 'for' || stage.count !== undefined) found.add(stage);
    if (body.kind === 'for' || body.kind === 'group') loopsWithin(body.stages, found);
    else if (body.kind === 'if') loopsWithin([...body.then, ...(body.otherwise ?? [])], found);
    else if (body.kind === 'parallel') loopsWithin(body.branches.flat(), found);
  }
  return found;
}

function noCount(): Expression {
  throw new Error('A repetition has a count.');
}
