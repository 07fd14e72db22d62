/** The keys of a model's metadata. */
import type { Definition } from '../../definition.ts';
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

export function checkMetadata(definition: Definition): readonly Problem[] {
  if (definition.kind !== 'model') return [];
  const report = reporter(definition.id);
  definition.statements.forEach((statement, part) => {
    if (statement.kind !== 'property' || statement.key.text in METADATA_KEYS) return;
    const keys = Object.keys(METADATA_KEYS);
    const { text, range } = statement.key;
    const name = statement.value.kind === 'pipeline' ? ` To name a tensor write ${text} = ….` : '';
    report.warning(
      'unknown-key',
      `Nothing is known under ${text}.${didYouMean(text, keys)} The keys of a model are ${keys.join(', ')}.${name}`,
      range,
      part,
    );
  });
  return report.problems;
}
