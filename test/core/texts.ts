/** Programs as texts, in memory. */
import { Analyser, type FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { rangeOfSite } from '../../server/src/core/place.ts';
import { readSource } from '../../server/src/language/read.ts';

export interface Analysed {
  readonly facts: FileFacts;
  /** Each problem as `code "marked text"`, hints with `hint:` before them; in the order of the text. */
  readonly problems: readonly string[];
  readonly messages: readonly string[];
  /** Where each is, as offsets in the text. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/**
 * @param files by name; `main.scv` is analysed. One text is that.
 * @param analyser one that saw earlier versions, perhaps
 */
export function analyseText(
  files: string | Readonly<Record<string, string>>,
  analyser: Analyser = new Analyser(),
): Analysed {
  const texts = typeof files === 'string' ? { 'main.scv': files } : files;
  const read = new Map(
    Object.entries(texts).map(([name, text]) => [`file:///${name}`, readSource(`file:///${name}`, text)]),
  );
  const program = {
    file: (uri: string) => read.get(uri)?.file,
    resolve: (uri: string, path: string) => new URL(path, uri).href,
  };
  const uri = 'file:///main.scv';
  const main = read.get(uri)!;
  const text = texts['main.scv']!;
  const facts = analyser.analyse(program, uri);
  const found = facts.problems.map(({ site, code, severity, message }) => {
    const { start, end } = rangeOfSite(site, main.file, main.placement)!;
    return { start, end, message, problem: `${severity === 'hint' ? 'hint:' : ''}${code} ${text.slice(start, end)}` };
  });
  for (const { range, code, message } of main.problems) {
    found.push({ ...range, message, problem: `${code} ${text.slice(range.start, range.end)}` });
  }
  found.sort((a, b) => a.start - b.start);
  return {
    facts,
    problems: found.map(({ problem }) => problem),
    messages: found.map(({ message }) => message),
    ranges: found.map(({ start, end }) => ({ start, end })),
  };
}
