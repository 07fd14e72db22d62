/** Whether what a form was filled in with can be written where it shall stand. */
import { PYTHON_KEYWORDS } from '../../core/elaborate/reserved.ts';
import type { Expression, Stage } from '../../core/definition.ts';
import { KEYWORDS } from '../reading/reader.ts';
import { toSourceFile } from '../reading/sourceFile.ts';
import type { FileParser } from '../text/parser.ts';
import { Refused } from './refused.ts';

/** The one value that a text is; a text of several statements, or with a comment, is none. */
export function expressionOf(text: string, parser: FileParser): Expression | undefined {
  if (/[#\r\n]/u.test(text)) return undefined;
  const { file, problems } = toSourceFile('text:', parser.parse(`block B {\n  y = ${text}\n}\n`));
  const [definition, second] = file.definitions;
  if (problems.length > 0 || definition?.kind !== 'block' || second !== undefined) return undefined;
  const [statement, more] = definition.statements;
  return statement?.kind === 'binding' && more === undefined ? statement.value : undefined;
}

/** @param what `The value of padding` */
export function checkExpression(text: string, parser: FileParser, what: string): string {
  const trimmed = text.trim();
  const value = expressionOf(trimmed, parser);
  if (value === undefined || value.kind === 'pipeline' || value.kind === 'missing')
    throw new Refused(`${what} can't be read: write a value as in Python, such as 3, (3, 1), "same" or 2 * width.`);
  return trimmed;
}

export function checkShape(text: string, parser: FileParser): string {
  const trimmed = text.trim();
  if (expressionOf(trimmed, parser)?.kind !== 'list')
    throw new Refused("This shape can't be read: write a list of sizes, such as [N, 3, 224, 224].");
  return trimmed;
}

/** Whether a text can be the value of a key of a model, or of its `train` section. */
export function isPropertyValue(key: string, text: string, section: 'model' | 'train', parser: FileParser): boolean {
  if (/[#\r\n]/u.test(text) || text === '') return false;
  const line = `${key}: ${text}`;
  const { file, problems } = toSourceFile(
    'text:',
    parser.parse(`model M {\n${section === 'train' ? `train {\n${line}\n}` : line}\n}\n`),
  );
  const [definition, second] = file.definitions;
  if (problems.length > 0 || definition?.kind !== 'model' || second !== undefined) return false;
  const [statement, more] = definition.statements;
  if (more !== undefined) return false;
  return section === 'train'
    ? statement?.kind === 'train' && statement.properties.length === 1
    : statement?.kind === 'property';
}

/** The stage that a text is: `Conv2d(64, 3)`. */
export function stageOfText(text: string, parser: FileParser): Stage | undefined {
  const value = expressionOf(`x -> ${text}`, parser);
  if (value?.kind !== 'pipeline' || value.stages.length !== 1 || value.source.kind !== 'name') return undefined;
  return value.stages[0];
}

/** A name for a tensor, a model or a key. */
export function checkName(text: string, parser: FileParser): string {
  const name = text.trim();
  const value = expressionOf(name, parser);
  if (value?.kind !== 'name' || value.name.text !== name.normalize('NFKC') || KEYWORDS.has(name) || name === '_')
    throw new Refused(
      `${name === '' ? 'An empty text' : `"${name}"`} can't be a name here: use letters, digits and _, and begin with a letter.`,
    );
  if (PYTHON_KEYWORDS.has(name)) throw new Refused(`${name} is a keyword of Python: choose another name.`);
  return name;
}
