/** Repairs of problems: plain data, made where a problem is found, for only there one knows what repairs it. */
import type { Range, Site } from './definition.ts';
import { nearby } from './nearest.ts';

/** One way to repair a problem. Where several are offered, each is one of its own. */
export interface Fix<Place = Site> {
  /**
   * What it does, with its numbers, in sentence case: `Insert Flatten before Linear`. Where the model could be built
   * before and the names in its `state_dict` are others afterwards, the title says so.
   */
  readonly title: string;
  readonly edits: readonly FixEdit<Place>[];
  /** What one does without thinking: an editor's "auto fix" takes it. */
  readonly isPreferred?: true;
  /** Nothing that runs is another one afterwards, so that it may be done to a whole file. */
  readonly isHarmless?: true;
}

export type FixEdit<Place = Site> =
  /** Other text at a place; put in where that is empty. Comments there are in that text too, or nothing is replaced. */
  | { readonly kind: 'replace'; readonly at: Place; readonly text: string; readonly hasComments?: true }
  /** An argument, stage or statement is taken out, with the comma, arrow or line that belongs to it. */
  | { readonly kind: 'remove'; readonly at: Place }
  /** The whole definition that stands there. */
  | { readonly kind: 'removeDefinition'; readonly at: Place }
  /** A statement is put on a line of its own before or behind another one. */
  | { readonly kind: 'statement'; readonly at: Place; readonly where: 'before' | 'behind'; readonly text: string }
  /** A definition is put before the one that stands at a place. */
  | { readonly kind: 'definition'; readonly at: Place; readonly text: string }
  /** A whole statement goes on a line of its own before another one. */
  | { readonly kind: 'move'; readonly at: Place; readonly before: Place }
  /** A name of another file is imported, by its uri. */
  | { readonly kind: 'import'; readonly into: string; readonly name: string; readonly from: string };

/** A place in the part at hand, or anywhere. */
export type LocalPlace = Range | Site;

/** A fix as one makes it while looking at one part of a definition. */
export type LocalFix = Fix<LocalPlace>;

type Kind = 'preferred' | 'harmless';

/** @param kinds `harmless` means preferred too */
export function fix<Place extends LocalPlace = Range>(
  title: string,
  edits: readonly FixEdit<Place>[],
  kind?: Kind,
): Fix<Place> {
  return {
    title,
    edits,
    ...(kind === undefined ? {} : { isPreferred: true }),
    ...(kind === 'harmless' ? { isHarmless: true } : {}),
  };
}

export function replace<Place extends LocalPlace>(at: Place, text: string): FixEdit<Place> {
  return { kind: 'replace', at, text };
}

export function insert(offset: number, text: string): FixEdit<Range> {
  return { kind: 'replace', at: { start: offset, end: offset }, text };
}

export function remove<Place extends LocalPlace>(at: Place): FixEdit<Place> {
  return { kind: 'remove', at };
}

/** `Replace Cov2d with Conv2d`, for each name that is near. */
export function spellings(written: string, at: Range, names: Iterable<string>): readonly Fix<Range>[] {
  return replacements(written, at, nearby(written, names));
}

/** One fix for each text that may stand there instead; the first is preferred. */
export function replacements(written: string, at: Range, texts: readonly string[]): readonly Fix<Range>[] {
  return texts.map((text, i) =>
    fix(`Replace ${written} with ${text}`, [replace(at, text)], i === 0 ? 'preferred' : undefined),
  );
}

/** A name that nothing has: `conv_2`. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 2; ; number++) {
    const free = `${name}_${String(number)}`;
    if (!isTaken(free)) return free;
  }
}

/** Fixes of one part, at their sites. */
export function placed(fixes: readonly LocalFix[], site: (range: Range) => Site): readonly Fix[] {
  const at = (place: LocalPlace): Site => ('definition' in place ? place : site(place));
  return fixes.map((each) => mapped(each, at));
}

/** A fix whose places are told in another way. */
export function mapped<From, To>({ edits, ...rest }: Fix<From>, at: (place: From) => To): Fix<To> {
  return {
    ...rest,
    edits: edits.map((edit) => {
      if (edit.kind === 'import') return edit;
      return edit.kind === 'move'
        ? { ...edit, at: at(edit.at), before: at(edit.before) }
        : { ...edit, at: at(edit.at) };
    }),
  };
}

/** ` { fixes }` of a problem, where there are some. */
export function withFixes<Place>(fixes: readonly Fix<Place>[] | undefined): { readonly fixes?: readonly Fix<Place>[] } {
  return fixes === undefined || fixes.length === 0 ? {} : { fixes };
}
