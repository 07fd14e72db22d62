/** A new model behind what a file says already: what comes in goes out. */
import type { GraphEdit } from '../../core/edits/edit.ts';
import { INDENT } from '../format/writer.ts';
import { Refused } from './refused.ts';
import { checkName, checkShape } from './texts.ts';
import type { Work } from './work.ts';

export function createModel(
  work: Work,
  { file, name, input, shape, output }: GraphEdit & { readonly kind: 'createModel' },
): void {
  const model = checkName(name, work.parser);
  const port = checkName(input, work.parser);
  const out = output === undefined ? port : checkName(output, work.parser);
  const text = work.draft.text(file);
  if (work.draft.facts(file).session.linker.scope(file).has(model))
    throw new Refused(`There is a ${model} in this file already: choose another name.`);
  const lines = [
    `model ${model} {`,
    `${INDENT}input ${port}: ${checkShape(shape, work.parser)}`,
    `${INDENT}output ${out === port ? port : `${out} = ${port}`}`,
    '}',
  ];
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  const end = text.trimEnd().length;
  const put = `${end === 0 ? '' : newLine + newLine}${lines.join(newLine)}${newLine}`;
  work.draft.change(file, [{ start: end, end: text.length, text: put }]);
  work.focus = work.draft.anchor(file, work.draft.text(file).lastIndexOf(lines[0]!));
}
