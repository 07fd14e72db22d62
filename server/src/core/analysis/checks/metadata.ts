/** The keys of a model's metadata. */
import type { Definition, Statement } from '../../definition.ts';
import { fix, remove, replace, spellings } from '../../fix.ts';
import { didYouMean } from '../../nearest.ts';
import type { Problem } from '../../problem.ts';
import { reporter } from './report.ts';

export const METADATA_KEYS: Readonly<Record<string, string>> = {
  author: 'Who made the model.',
  dataset: 'The data set that it is for: shape and class count are checked against it.',
  description: 'What the model is, in a sentence or two.',
  tags: 'Words to find it by.',
  license: 'Under which conditions others may use it.',
  homepage: 'Where there is more about it.',
};

const STATEMENTS: ReadonlySet<string> = new Set(['input', 'output', 'weight', 'buffer', 'layer']);

export function checkMetadata(definition: Definition): readonly Problem[] {
  if (definition.kind !== 'model') return [];
  const report = reporter(definition.id);
  const { statements } = definition;
  statements.forEach((statement, part) => {
    if (statement.kind !== 'property' || statement.key.text in METADATA_KEYS) return;
    // `output: [N, 10] = …`: that a name is missing is told.
    if (STATEMENTS.has(statement.key.text)) return;
    const { text, range } = statement.key;
    if (statement.value.kind === 'pipeline') {
      report.error(
        'unknown-key',
        `A tensor gets its name by "=": write ${text} = …. A label stands before the layer: … -> ${text}: ….`,
        range,
        part,
        [
          fix(
            `Write ${text} = …`,
            [replace({ start: range.end, end: statement.value.range.start }, ' = ')],
            'preferred',
          ),
        ],
      );
    } else if (!endsInLambda(statements[part - 1])) {
      const keys = Object.keys(METADATA_KEYS);
      report.warning(
        'unknown-key',
        `Nothing is known under ${text}.${didYouMean(text, keys)} The keys of a model are ${keys.join(', ')}.`,
        range,
        part,
        [...spellings(text, range, keys), fix(`Remove ${text}`, [remove(statement.range)])],
      );
    }
  });
  return report.problems;
}

/** `-> lambda x: x * 2`: the lambda is told, its body reads like a key. */
function endsInLambda(statement: Statement | undefined): boolean {
  if (statement === undefined || !('value' in statement) || statement.value.kind !== 'pipeline') return false;
  const body = statement.value.stages.at(-1)?.body;
  return body?.kind === 'call' && body.callee.text === 'lambda';
}
