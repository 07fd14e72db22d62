/** All that is to be said of one file, in the order of its text. */
import type { FileFacts } from '../core/analysis/analyse.ts';
import type { Site } from '../core/definition.ts';
import { rangeOfSite } from '../core/place.ts';
import type { Severity } from '../core/problem.ts';
import { uriOf } from '../core/program.ts';
import { withoutEchoes } from '../language/echoes.ts';
import { shortened } from '../language/problem.ts';
import type { DiskProgram, OpenFile } from './files.ts';
import type { Place } from './lines.ts';

export interface Message extends Place {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly end: Place;
  readonly related: readonly RelatedPlace[];
}

export interface RelatedPlace extends Place {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with the text itself, then what the text means. */
export function messagesOf(program: DiskProgram, file: OpenFile, facts: FileFacts): readonly Message[] {
  const messages: { readonly start: number; readonly message: Message }[] = [];
  const add = (start: number, end: number, rest: Pick<Message, 'severity' | 'code' | 'message' | 'related'>): void => {
    const message = shortened(rest.message);
    messages.push({ start, message: { ...file.lines.at(start), end: file.lines.at(end), ...rest, message } });
  };
  const found = facts.problems.map((problem) => ({
    ...problem,
    range: rangeOfSite(problem.site, file.file, file.placement) ?? { start: 0, end: 0 },
  }));
  const problems = withoutEchoes(file.problems, found, file.placement);
  for (const { range, severity, code, message } of problems.text) {
    add(range.start, range.end, { severity, code, message, related: [] });
  }
  for (const { range, severity, code, message, related = [] } of problems.meaning) {
    const places = related.flatMap((each) => {
      const place = placeOf(program, each.site);
      return place === undefined ? [] : [{ ...place, message: shortened(each.message) }];
    });
    add(range.start, range.end, { severity, code, message, related: places });
  }
  return messages.sort((a, b) => a.start - b.start).map(({ message }) => message);
}

function placeOf(program: DiskProgram, site: Site): (Place & { readonly path: string }) | undefined {
  const file = program.opened(uriOf(site.definition));
  const range = file === undefined ? undefined : rangeOfSite(site, file.file, file.placement);
  return file === undefined || range === undefined ? undefined : { path: file.path, ...file.lines.at(range.start) };
}
