/** Where a refactoring is asked for: what the text means there, and how its pieces are spelled. */
import type { LangiumDocument } from 'langium';
import type { FileFacts } from '../../core/analysis/analyse.ts';
import {
  type Block,
  type Expression,
  type ForStage,
  HEADER,
  type Model,
  type PipelineExpression,
  type Range,
  type Stage,
  type StageBody,
  type Statement,
} from '../../core/definition.ts';
import { stagesIn } from '../../core/elaborate/callStages.ts';
import { PYTHON_KEYWORDS } from '../../core/elaborate/reserved.ts';
import { type NameUse, boundNames, childrenOf } from '../../core/elaborate/uses.ts';
import { type FixEdit, freeName, replace } from '../../core/fix.ts';
import type { Fact, Instance } from '../../core/graph.ts';
import type { Analysis } from '../analysis.ts';
import { readDocument } from '../documents.ts';
import { locate } from '../lsp/locate.ts';
import { KEYWORDS } from '../reading/reader.ts';
import type { ReadFile } from '../reading/sourceFile.ts';

export type RefactoringKind = 'refactor.extract' | 'refactor.inline' | 'refactor.rewrite';

/** Something that can be done to a text after which it means the same. */
export interface Refactoring {
  readonly kind: RefactoringKind;
  /** In sentence case. That keys of the `state_dict` change is added where they do. */
  readonly title: string;
  /** Absolute offsets in the file at hand. */
  readonly edits: readonly FixEdit<Range>[];
  /**
   * What is different in a sketch, which knows no parameter, goes through a loop once and takes both arms of an `if`: a
   * number is none any more, stages are written more or less often (`other`), or arms in another order.
   */
  readonly sketch?: 'other' | 'reordered';
}

/** What may be done at a spot; what would mean something else is left out afterwards. */
export type Refactor = (spot: Spot) => Iterable<Refactoring>;

/** A chain of stages, and what it stands in. */
export interface Chain {
  readonly stages: readonly Stage[];
  /** What flows into an expression's chain. */
  readonly source?: Expression;
  /** That expression. */
  readonly pipeline?: PipelineExpression;
  /** The stage that these are inside of. */
  readonly container?: Stage;
  /** Where that stage stands itself. */
  readonly outer?: { readonly chain: Chain; readonly index: number };
  readonly around: StageBody['kind'] | 'expression' | 'layer';
  /** The loops around it, outermost first. */
  readonly loops: readonly ForStage[];
}

/** A range or cursor in a statement of a definition. */
export class Spot {
  readonly document: LangiumDocument;
  readonly text: string;
  readonly read: ReadFile;
  readonly facts: FileFacts;
  /** Absolute, without the blanks and arrows around. */
  readonly selection: Range;
  readonly definition: Model | Block;
  /** {@link HEADER} or a statement's index. */
  readonly part: number;

  constructor(
    document: LangiumDocument,
    read: ReadFile,
    facts: FileFacts,
    selection: Range,
    definition: Model | Block,
    part: number,
  ) {
    this.document = document;
    this.text = document.textDocument.getText();
    this.read = read;
    this.facts = facts;
    this.selection = selection;
    this.definition = definition;
    this.part = part;
  }

  /** Nothing where the text can't be read, or nothing stands. */
  static at(document: LangiumDocument, analysis: Analysis, { start, end }: Range): Spot | undefined {
    const read = readDocument(document);
    const facts = analysis.factsOf(document);
    if (read === undefined || facts === undefined) return undefined;
    const selected = document.textDocument.getText().slice(start, end);
    // An arrow before or behind stages is none of them.
    const [, before = ''] = /^((?:\s|->)*)/u.exec(selected) ?? [];
    const [, inside = ''] = /^(.*?)(?:\s|->)*$/su.exec(selected.slice(before.length)) ?? [];
    const from = start + (inside === '' ? 0 : before.length);
    const selection = { start: from, end: from + inside.length };
    const place = locate(read, selection.start);
    if (place === undefined || place.definition.kind === 'extern') return undefined;
    // What was analysed: its stages and expressions are keys of the facts.
    const known = facts.session.linker.program.file(read.file.uri)?.definitions;
    const definition = known?.find(({ id }) => id === place.definition.id);
    if (definition === undefined || definition.kind === 'extern' || definition.isPartlyRead === true) return undefined;
    return new Spot(document, read, facts, selection, definition, place.part);
  }

  get hasSelection(): boolean {
    return this.selection.end > this.selection.start;
  }

  get statement(): Statement | undefined {
    return this.definition.statements[this.part];
  }

  /** Where a part of the definition begins. */
  base(part = this.part, definition: Model | Block = this.definition): number {
    const index = this.read.file.definitions.findIndex(({ id }) => id === definition.id);
    const place = this.read.placement.definitions[index]!;
    return part === HEADER ? place.header : place.statements[part]!;
  }

  /** A place in a part, in the text. */
  at({ start, end }: Range, part = this.part, definition: Model | Block = this.definition): Range {
    const base = this.base(part, definition);
    return { start: base + start, end: base + end };
  }

  /** As it is written. */
  written(range: Range, part = this.part, definition: Model | Block = this.definition): string {
    const { start, end } = this.at(range, part, definition);
    return this.text.slice(start, end);
  }

  touches(range: Range, part = this.part): boolean {
    const { start, end } = this.at(range, part);
    return start <= this.selection.end && this.selection.start <= end;
  }

  holds(range: Range, part = this.part): boolean {
    const { start, end } = this.at(range, part);
    return start <= this.selection.start && this.selection.end <= end;
  }

  /** The blanks before the statement. */
  get indent(): string {
    const { start } = this.at({ start: 0, end: 0 });
    const line = this.text.slice(this.text.lastIndexOf('\n', start - 1) + 1, start);
    return /^\s*/u.exec(line)![0];
  }

  replace(range: Range, text: string, part = this.part): FixEdit<Range> {
    return replace(this.at(range, part), text);
  }

  /** The chains of the statement that hold the selection, the innermost first. */
  chains(): readonly Chain[] {
    if (this.statement === undefined) return [];
    return chainsIn(this.statement)
      .filter(({ stages }) => this.holds(rangeOf(stages)))
      .reverse();
  }

  /** The innermost chain with what of it is selected: at least one stage. */
  selected(): { readonly chain: Chain; readonly from: number; readonly to: number } | undefined {
    const [chain] = this.chains();
    if (chain === undefined) return undefined;
    const from = chain.stages.findIndex(({ range }) => this.touches(range));
    const to = chain.stages.findLastIndex(({ range }) => this.touches(range));
    return from < 0 ? undefined : { chain, from, to };
  }

  instances(definition: Model | Block = this.definition): readonly Instance[] {
    return this.facts.instances.get(definition.id) ?? [];
  }

  /** What was found at one place of the definition, in all its uses. */
  found(place: Stage | StageBody | Expression | Statement): readonly Fact[] {
    return this.instances().flatMap(({ facts }) => facts.get(place) ?? []);
  }

  /** A name for something new in the definition, like this one. */
  freeName(base: string, alsoTaken: ReadonlySet<string> = new Set()): string {
    const taken = namesOf(this.definition);
    const others = this.facts.session.definitionNames(this.definition);
    const all = new Set([...taken, ...others, ...alsoTaken]);
    const isTaken = (name: string): boolean =>
      all.has(name) || KEYWORDS.has(name) || PYTHON_KEYWORDS.has(name) || name === '_';
    return isTaken(base) ? freeName(base, isTaken) : base;
  }
}

/** From the first to the last stage. */
export function rangeOf(stages: readonly Stage[]): Range {
  return { start: stages[0]?.range.start ?? 0, end: stages.at(-1)?.range.end ?? 0 };
}

/** Every chain of a statement; outer ones come before what is inside of them. */
export function chainsIn(statement: Statement): readonly Chain[] {
  const found: Chain[] = [];
  const inChain = (chain: Chain): void => {
    found.push(chain);
    for (const [index, stage] of chain.stages.entries()) {
      const { body } = stage;
      const below = { container: stage, outer: { chain, index }, around: body.kind, loops: chain.loops };
      if (body.kind === 'group') inChain({ ...below, stages: body.stages });
      else if (body.kind === 'for') inChain({ ...below, stages: body.stages, loops: [...chain.loops, body] });
      else if (body.kind === 'parallel') for (const branch of body.branches) inChain({ ...below, stages: branch });
      else if (body.kind === 'if')
        for (const arm of [body.then, body.otherwise ?? []]) if (arm.length > 0) inChain({ ...below, stages: arm });
    }
  };
  const inExpression = (expression: Expression): void => {
    if (expression.kind === 'pipeline') {
      const { source, stages } = expression;
      inChain({ stages, source, pipeline: expression, around: 'expression', loops: [] });
      inExpression(expression.source);
    } else for (const child of childrenOf(expression)) inExpression(child);
  };
  if (statement.kind === 'layer') inChain({ stages: [statement.stage], around: 'layer', loops: [] });
  else if (statement.kind === 'binding' || statement.kind === 'output') inExpression(statement.value);
  return found;
}

/** Every name that a definition makes, loop variables included. */
export function namesOf({ parameters, statements }: Model | Block): ReadonlySet<string> {
  const names = new Set(parameters.map(({ name }) => name.text));
  for (const statement of statements) {
    for (const { text } of boundNames(statement)) names.add(text);
    for (const { body } of stagesIn(statement))
      if (body.kind === 'for') for (const { text } of body.names) names.add(text);
    if (statement.kind === 'input')
      for (const { shape } of statement.ports)
        for (const item of shape?.items ?? []) for (const { name } of namesIn(item)) names.add(name.text);
  }
  return names;
}

function* namesIn(expression: Expression): Generator<NameUse> {
  if (expression.kind === 'name') yield { name: expression.name, as: 'value' };
  for (const child of childrenOf(expression)) yield* namesIn(child);
}

/** `conv1` of a label without a number. */
export function staticLabel({ label }: Stage): string | undefined {
  const [only, second] = label?.parts ?? [];
  return typeof only === 'string' && second === undefined ? only : undefined;
}
