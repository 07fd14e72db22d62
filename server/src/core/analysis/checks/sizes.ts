/** Conditions on free sizes that hold for no size together, or for none that anybody has. */
import {
  type Condition,
  and,
  compare,
  conditionSymbols,
  conjunction,
  constant,
  equal,
  explain,
  symbol,
  symbolsOf,
} from '../../dimension.ts';
import type { Instance, SizeCondition } from '../../graph.ts';
import type { Problem, Severity } from '../../problem.ts';
import { uriOf } from '../../program.ts';
import { workingSizes } from '../sizes.ts';

/** Nobody has images, or batches, that are all this small. */
const TINY = 8n;

export function checkSizes(instance: Instance): readonly Problem[] {
  const { definition, conditions, problems } = instance;
  if (definition.kind !== 'model' || problems.some(({ severity }) => severity === 'error')) return [];
  const sizes = workingSizes(instance);
  const report = (severity: Severity, code: string, message: string, at: SizeCondition): readonly Problem[] => {
    // What is wrong in another file is shown where something comes of it here.
    const isHere = uriOf(at.site.definition) === uriOf(definition.id);
    const output = instance.outputs[0]?.site;
    if (isHere) return [{ severity, code, message, site: at.site }];
    return output === undefined
      ? []
      : [{ severity, code, message, site: output, related: [{ site: at.site, message: 'asked for here' }] }];
  };
  if (sizes.kind === 'never') {
    const until = conditions.findIndex((_, i) => together(conditions.slice(0, i + 1)).kind === 'never');
    const last = conditions[until]!;
    const symbols = conditionSymbols(last.condition);
    const before = together(
      conditions
        .slice(0, until)
        .filter(({ condition }) => [...conditionSymbols(condition)].some((name) => symbols.has(name))),
    );
    const others = before.kind === 'when' ? before.text : 'never';
    const message = `This works only for ${last.text}, but what it comes from only for ${others}: no size is both. Bring the paths to one size, with the same strides and padding.`;
    return report('error', 'shape-mismatch', message, last);
  }
  const batch = batchOf(instance);
  const ofBatch = conditions.find(({ condition }) => batch !== undefined && conditionSymbols(condition).has(batch));
  if (ofBatch !== undefined) {
    const message = `This works only for ${ofBatch.text}, but ${batch!} is the number of samples, which training chooses: the last batch of an epoch has another. Most likely samples are mixed here: keep the first dimension, as Flatten and Reshape([${batch!}, …]) do.`;
    return report('warning', 'batch-size', message, ofBatch);
  }
  const tiny = sizes.kind === 'when' ? sizes.parts.find(({ condition }) => isTiny(condition)) : undefined;
  if (tiny === undefined) return [];
  const at = conditions.find(({ condition }) => isTiny(condition)) ?? conditions.at(-1)!;
  const message = `This works only for ${tiny.text}. A size that is free is hardly meant to be so small: bring the paths to one size, with the same strides and padding.`;
  return report('warning', 'tiny-size', message, at);
}

/** The symbol that is the first size of every input with one of its own: what they are a batch of. */
function batchOf({ inputs }: Instance): string | undefined {
  const firsts = new Set(
    inputs.map(({ tensor }) => {
      const [first] = tensor.shape ?? [];
      const [name, ...others] = first === undefined ? [] : symbolsOf(first);
      return others.length === 0 && first !== undefined && name !== undefined && equal(first, symbol(name, 1n))
        ? name
        : undefined;
    }),
  );
  const [only] = firsts;
  return firsts.size === 1 ? only : undefined;
}

function together(conditions: readonly SizeCondition[]): ReturnType<typeof conjunction> {
  return conjunction(conditions.map(({ condition }) => condition));
}

/** Whether it holds for numbers up to {@link TINY} alone. */
function isTiny(condition: Condition): boolean {
  const [name, ...others] = conditionSymbols(condition);
  if (name === undefined || others.length > 0) return false;
  return explain(and(condition, compare('>', symbol(name, 1n), constant(TINY)))).kind === 'never';
}
