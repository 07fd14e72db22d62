import type { LangiumDocument } from 'langium';
import type { InlayHintProvider } from 'langium/lsp';
import { InlayHintKind, MarkupKind, type InlayHint, type InlayHintParams, type Range } from 'vscode-languageserver';
import type { FileFacts } from '../../core/analysis/analyse.ts';
import { shortCount, withSeparators } from '../../core/analysis/numbers.ts';
import { totalsOf } from '../../core/analysis/summary.ts';
import type { CallStage, Definition, Expression, Model, Block, Stage, Statement } from '../../core/definition.ts';
import { constantValue, equal, format, substitute, symbol, symbolsOf } from '../../core/dimension.ts';
import { type Generic, generalise } from '../../core/elaborate/generic.ts';
import { portsOf, positionalParameters } from '../../core/elaborate/words.ts';
import type { Fact, Instance } from '../../core/graph.ts';
import { type Shape, formatShape, isUnknown } from '../../core/tensor.ts';
import type { Analysis } from '../analysis.ts';
import { readDocument } from '../documents.ts';
import type { ScvServices } from '../module.ts';
import type { InlayHintSettings, Settings } from '../settings.ts';
import { isStage, nodesIn, type Ranged } from './locate.ts';

/** Longer ones are cut short; the whole is told on hover. */
const LONGEST = 60;
/** Of a size over parameters and inputs. */
const LONGEST_SIZE = 24;

/** What the text doesn't say: shapes behind stages, parameter counts behind blocks, the names of arguments. */
export class ScvInlayHintProvider implements InlayHintProvider {
  private readonly analysis: () => Analysis;
  private readonly settings: Settings;
  /** By the facts that they are made of, and definition. */
  private readonly generics = new WeakMap<FileFacts, Map<string, Generic | undefined>>();

  constructor(services: ScvServices) {
    this.analysis = () => services.scv.Analysis;
    this.settings = services.scv.Settings;
  }

  /** What holds for all uses of a block, over its parameters and the sizes of its inputs; where there is one such form. */
  private genericOf(facts: FileFacts, definition: Model | Block): Generic | undefined {
    let known = this.generics.get(facts);
    if (known === undefined) this.generics.set(facts, (known = new Map<string, Generic | undefined>()));
    if (!known.has(definition.id)) {
      const instances = facts.instances.get(definition.id) ?? [];
      const isSound = instances.every(({ problems }) => problems.every(({ severity }) => severity !== 'error'));
      const [only, ...others] = isSound ? generalise(facts.session, instances[0]!.definition as Block, instances) : [];
      known.set(definition.id, others.length === 0 && only?.mismatches.length === 0 ? only : undefined);
    }
    return known.get(definition.id);
  }

  async getInlayHints(document: LangiumDocument, { range }: InlayHintParams): Promise<InlayHint[] | undefined> {
    const settings = await this.settings.inlayHints();
    const read = readDocument(document);
    const facts = this.analysis().factsOf(document);
    if (read === undefined || facts === undefined) return undefined;
    const hints: InlayHint[] = [];
    read.file.definitions.forEach((definition, i) => {
      if (definition.kind === 'extern') return;
      const using = this.analysis().factsOfUse(document, definition.id) ?? facts;
      definition.statements.forEach((statement, part) => {
        const start = read.placement.definitions[i]!.statements[part]!;
        const lines = {
          start: document.textDocument.positionAt(start),
          end: document.textDocument.positionAt(start + statement.range.end),
        };
        if (lines.end.line < range.start.line || lines.start.line > range.end.line) return;
        const generic = (): Generic | undefined => this.genericOf(using, definition);
        hints.push(...new Statements(document, using, definition, part, start, settings, generic).hints(statement));
      });
    });
    return hints.filter(({ position }) => isWithin(position.line, range));
  }
}

function isWithin(line: number, { start, end }: Range): boolean {
  return line >= start.line && line <= end.line;
}

/** A place that has a result, and what was found there in each use of the definition. */
export interface Result {
  readonly node: Ranged;
  /** Of a stage, its body's too: a repeated one's has the blocks of all turns. */
  readonly facts: readonly { readonly own: readonly Fact[]; readonly body: readonly Fact[] }[];
}

/** The hints of one statement. */
class Statements {
  private readonly document: LangiumDocument;
  private readonly facts: FileFacts;
  private readonly definition: Model | Block;
  private readonly start: number;
  private readonly settings: InlayHintSettings;
  private readonly results: readonly Result[];
  private readonly part: number;
  private readonly generic: () => Generic | undefined;

  constructor(
    document: LangiumDocument,
    facts: FileFacts,
    definition: Model | Block,
    part: number,
    start: number,
    settings: InlayHintSettings,
    generic: () => Generic | undefined,
  ) {
    this.part = part;
    this.generic = generic;
    this.document = document;
    this.facts = facts;
    this.definition = definition;
    this.start = start;
    this.settings = settings;
    this.results = results(definition, part, facts.instances.get(definition.id) ?? []);
  }

  hints(statement: Statement): InlayHint[] {
    const hints: InlayHint[] = [];
    const { shapes, parameters, argumentNames } = this.settings;
    const ends = this.results.toSorted((a, b) => a.node.range.end - b.node.range.end);
    const line = ({ node }: Result): number => this.at(node.range.end).line;
    ends.forEach((result, i) => {
      const next = ends[i + 1];
      const isLast = next === undefined || line(next) > line(result);
      const texts: Told[] = [];
      if (shapes === 'all' || (shapes === 'lineEnds' && isLast))
        texts.push(...shapeHint(result, () => this.rulesOf(result)));
      if (parameters) texts.push(...countHint(result));
      if (texts.length > 0) hints.push(this.behind(result.node, texts));
    });
    if (argumentNames) for (const call of callsIn(statement)) hints.push(...this.names(call));
    return hints;
  }

  /** Each size in terms that hold for all uses; undefined where there are none that a reader knows. */
  private rulesOf(result: Result): readonly (string | undefined)[] | undefined {
    const generic = this.generic();
    if (generic === undefined) return undefined;
    const same = results(this.definition, this.part, [generic.instance])[this.results.indexOf(result)];
    const values = same?.facts.flatMap(({ own }) => own.map(({ value }) => value)) ?? [];
    const [only] = values;
    if (values.length !== 1 || only?.kind !== 'tensor') return undefined;
    const words = wordsIn(generic);
    return only.tensor.shape?.map((size) => {
      const isTold = !isUnknown(size) && [...symbolsOf(size)].every((name) => words.has(name));
      const text = isTold ? format(substitute(size, (name) => symbol(words.get(name)!, undefined))) : undefined;
      return text !== undefined && text.length <= LONGEST_SIZE ? text : undefined;
    });
  }

  private behind(node: Ranged, texts: readonly Told[]): InlayHint {
    const doc = texts.flatMap((each) => each.doc ?? []).join('\n\n');
    return {
      position: this.at(node.range.end),
      label: texts.map(({ text }) => text).join(' · '),
      kind: InlayHintKind.Type,
      paddingLeft: true,
      ...(doc === '' ? {} : { tooltip: { kind: MarkupKind.Markdown, value: doc } }),
    };
  }

  private names({ callee, arguments: given = [] }: Pick<CallStage, 'callee' | 'arguments'>): InlayHint[] {
    const found = this.facts.session.resolve(this.definition, callee.text);
    const names =
      found.kind === 'layer'
        ? positionalParameters(found.layer, given)
        : found.kind === 'definition'
          ? found.definition.parameters.map(({ name }) => name.text)
          : [];
    return given.flatMap(({ name, value, range }, i) => {
      const parameter = names[i];
      if (name !== undefined || parameter === undefined || says(value, parameter)) return [];
      return [
        {
          position: this.at(range.start),
          label: `${parameter}:`,
          kind: InlayHintKind.Parameter,
          paddingRight: true,
        },
      ];
    });
  }

  private at(offset: number): { line: number; character: number } {
    return this.document.textDocument.positionAt(this.start + offset);
  }
}

/** A name that says what the parameter is called needs no hint. */
function says(value: Expression, parameter: string): boolean {
  return value.kind === 'name' && value.name.text === parameter;
}

interface Told {
  readonly text: string;
  readonly doc?: string;
}

/**
 * What comes out; sizes that differ from use to use are dots.
 * @param rules says them over parameters and inputs, as far as it can
 */
export function shapeHint(
  { facts }: Result,
  rules: () => readonly (string | undefined)[] | undefined = () => undefined,
): readonly Told[] {
  const different = new Map<string, Shape>();
  for (const { value } of facts.flatMap(({ own }) => own)) {
    const shape = value.kind === 'tensor' ? value.tensor.shape : undefined;
    if (shape !== undefined) different.set(formatShape(shape), shape);
  }
  const [first, ...others] = different.values();
  if (first === undefined || others.some(({ length }) => length !== first.length)) return [];
  const terms = others.length === 0 ? undefined : rules();
  const sizes = first.map((size, i) =>
    others.every((other) => equal(other[i]!, size)) ? (isUnknown(size) ? undefined : format(size)) : terms?.[i],
  );
  const told = sizes.filter((size) => size !== undefined);
  if (told.length < (others.length === 0 ? 1 : 2) && first.length > 0) return [];
  const whole = others.length === 0 ? formatShape(first) : `[${sizes.map((size) => size ?? '…').join(', ')}]`;
  const text = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
  if (text === formatShape(first)) return [{ text }];
  return [{ text, doc: [...different.keys()].map((each) => `\`${each}\``).join('  \n') }];
}

/** What a reader calls the symbols of a generic form: parameters, loop variables, `x.channels`. */
function wordsIn({ symbols, definition, instance }: Generic): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  const ports = new Map(portsOf(definition).map((port) => [port.name.text, port]));
  for (const [name, meaning] of symbols) {
    if (meaning.kind === 'parameter' || meaning.kind === 'loopVariable') words.set(name, meaning.name);
    if (meaning.kind !== 'size' || meaning.times !== 1n) continue;
    const stated = ports.get(meaning.input)?.shape?.items[meaning.axis];
    if (stated?.kind === 'name') {
      words.set(name, stated.name.text);
      continue;
    }
    const rank = instance.inputs.find((input) => input.name === meaning.input)?.tensor.shape?.length;
    const member = rank === 4 ? IMAGE_MEMBERS[meaning.axis] : undefined;
    words.set(name, `${meaning.input}.${member ?? `shape[${String(meaning.axis)}]`}`);
  }
  return words;
}

const IMAGE_MEMBERS: readonly (string | undefined)[] = [undefined, 'channels', 'height', 'width'];

/** The parameters of a block, over all turns, where all uses of what it stands in have as many. */
function countHint({ facts }: Result): readonly Told[] {
  const counts = new Set(
    facts.map(({ own, body }) => {
      const blocks = (body.length > 0 ? body : own).flatMap(({ node }) =>
        node?.kind === 'block' ? [constantValue(totalsOf(node.instance).parameters)] : [],
      );
      return blocks.includes(undefined) ? undefined : blocks.reduce<bigint>((sum, each) => sum + each!, 0n);
    }),
  );
  const [only] = counts;
  if (counts.size !== 1 || only === undefined || only === 0n) return [];
  return [{ text: `${shortCount(only)} params`, doc: `${withSeparators(only)} parameters` }];
}

/** A definition's text in an instance may be an older one of the same words, so its places are found by their order. */
export function results(definition: Model | Block, part: number, instances: readonly Instance[]): readonly Result[] {
  const places = new Map<Definition, readonly Ranged[]>();
  const placesOf = (each: Definition): readonly Ranged[] => {
    let found = places.get(each);
    if (found === undefined) {
      const statement = each.kind === 'extern' ? undefined : each.statements[part];
      places.set(each, (found = statement === undefined ? [] : [...resultsIn(statement)]));
    }
    return found;
  };
  return placesOf(definition).map((node, i) => ({
    node,
    facts: instances.map((instance) => {
      const place = placesOf(instance.definition)[i] as Stage | Expression | undefined;
      const own = (place && instance.facts.get(place)) ?? [];
      const inner = place !== undefined && 'body' in place ? instance.facts.get(place.body) : undefined;
      return { own, body: inner ?? [] };
    }),
  }));
}

/** Stages, and what is bound or goes out without one. */
function* resultsIn(statement: Statement): Generator<Ranged> {
  if ((statement.kind === 'binding' || statement.kind === 'output') && statement.value.kind !== 'pipeline')
    yield statement.value;
  for (const node of nodesIn(statement)) if (isStage(node)) yield node;
}

function* callsIn(statement: Statement): Generator<Pick<CallStage, 'callee' | 'arguments'>> {
  for (const node of nodesIn(statement)) if (node.kind === 'call') yield node as CallStage;
}
