/** Metadata of a model, and its `train` section. */
import type { Property, Range, TrainStatement } from '../../core/definition.ts';
import type { GraphEdit } from '../../core/edits/edit.ts';
import { uriOf } from '../../core/program.ts';
import { type FixEdit, insert, remove, replace } from '../../core/fix.ts';
import { parsedOf } from '../documents.ts';
import { INDENT } from '../format/writer.ts';
import type { FileParser } from '../text/parser.ts';
import { endOf, kindOf } from '../text/tokens.ts';
import type { Written } from './draft.ts';
import { absolute } from './element.ts';
import { putStatement } from './put.ts';
import { Refused } from './refused.ts';
import { isPropertyValue } from './texts.ts';
import type { Work } from './work.ts';

export function setMetadata(work: Work, { model, key, value }: GraphEdit & { readonly kind: 'setMetadata' }): void {
  const written = work.draft.definition(model, uriOf(model));
  const { statements } = written.definition;
  const part = statements.findIndex((each) => each.kind === 'property' && each.key.text === key);
  const property = statements[part];
  const text = value === undefined ? undefined : checkProperty(key, value, 'model', work.parser);
  if (property?.kind === 'property') {
    const at = { written, part };
    work.edit(written.uri, [
      text === undefined ? remove(absolute(at, property.range)) : replace(absolute(at, valueOf(property)), text),
    ]);
    return;
  }
  if (text === undefined) throw new Refused(`There is no ${key} to be removed.`);
  const last = statements.findLastIndex(({ kind }) => kind === 'property');
  const line = `${key}: ${text}`;
  work.edit(written.uri, [
    last >= 0
      ? putStatement(written, last, 'behind', line)
      : statements.length > 0
        ? putStatement(written, 0, 'before', line)
        : inEmptyBody(work, written, line),
  ]);
}

/** With the parentheses around it. */
function valueOf({ value, range }: Property): Range {
  return { start: value.range.start, end: Math.max(value.range.end, range.end) };
}

function checkProperty(key: string, value: string, section: 'model' | 'train', parser: FileParser): string {
  const text = value.trim();
  if (!/^\p{L}\w*$/u.test(key)) throw new Refused(`"${key}" can't be a key: use a word such as author.`);
  if (!isPropertyValue(key, text, section, parser))
    throw new Refused(`The value of ${key} can't be read: write a text in quotes, a number, a name or a list.`);
  return text;
}

export function inEmptyBody(work: Work, { uri, header }: Written, line: string): FixEdit<Range> {
  const tokens = parsedOf(work.draft.document(uri))?.tokens ?? [];
  const brace = tokens.find((token) => token.startOffset >= header && kindOf(token) === '{');
  if (brace === undefined) throw new Refused('This definition has no body yet: mend its text first.');
  const next = tokens.find((token) => token.startOffset > brace.startOffset);
  const isClosed = kindOf(next) === '}' && !work.draft.text(uri).slice(endOf(brace), next!.startOffset).includes('\n');
  return insert(endOf(brace), `\n${INDENT}${line}${isClosed ? '\n' : ''}`);
}

export function setTrain(work: Work, { model, key, value }: GraphEdit & { readonly kind: 'setTrain' }): void {
  const written = work.draft.definition(model, uriOf(model));
  if (written.definition.kind !== 'model') throw new Refused('Only a model has a train section.');
  const { statements } = written.definition;
  const part = statements.findIndex(({ kind }) => kind === 'train');
  const train = statements[part] as TrainStatement | undefined;
  const text = value === undefined ? undefined : checkProperty(key, value, 'train', work.parser);
  const property = train?.properties.find((each) => each.key.text === key);
  const at = { written, part };
  if (train === undefined) {
    if (text === undefined) throw new Refused(`There is no ${key} to be removed.`);
    const section = `train {\n${INDENT}${INDENT}${key}: ${text}\n${INDENT}}`;
    const last = statements.length - 1;
    work.edit(written.uri, [
      last < 0 ? inEmptyBody(work, written, section) : putStatement(written, last, 'behind', section),
    ]);
  } else if (property !== undefined && text !== undefined)
    work.edit(written.uri, [replace(absolute(at, valueOf(property)), text)]);
  else if (property !== undefined)
    work.edit(written.uri, [remove(absolute(at, train.properties.length === 1 ? train.range : property.range))]);
  else if (text === undefined) throw new Refused(`There is no ${key} to be removed.`);
  else work.edit(written.uri, [inTrain(work, at, train, `${key}: ${text}`)]);
}

/** Behind the last property, as the others stand: on lines of their own, or on one. */
function inTrain(
  work: Work,
  at: { readonly written: Written; readonly part: number },
  train: TrainStatement,
  line: string,
): FixEdit<Range> {
  const last = train.properties.at(-1);
  const whole = absolute(at, train.range);
  if (last === undefined) return replace(whole, `train { ${line} }`);
  const { uri } = at.written;
  const text = work.draft.text(uri);
  const { start, end } = absolute(at, last.range);
  const isAlone = /^[^\S\n]*$/u.test(text.slice(text.lastIndexOf('\n', start - 1) + 1, start));
  if (isAlone) return { kind: 'statement', at: { start, end: commaEnd(text, end) }, where: 'behind', text: line };
  return insert(commaEnd(text, end), text[commaEnd(text, end) - 1] === ',' ? ` ${line}` : `  ${line}`);
}

function commaEnd(text: string, end: number): number {
  return text[end] === ',' ? end + 1 : end;
}
