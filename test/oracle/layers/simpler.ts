import type { Case } from './cases.ts';
import { layerOf } from './compare.ts';
import { type Literal, isLayer } from './literal.ts';

/** Cases a little simpler than this one, the most promising first. */
export function* simpler(given: Case): Generator<Case> {
  for (const name of Object.keys(given.arguments)) {
    if (layerOf(given).parameters[name]?.default === undefined) continue;
    const others = Object.entries(given.arguments).filter(([other]) => other !== name);
    yield { ...given, arguments: Object.fromEntries(others) };
  }
  for (const [i, input] of given.inputs.entries()) {
    for (const [axis, size] of input.shape.entries()) {
      for (const smaller of new Set([1, Math.ceil(size / 2), size - 1])) {
        if (smaller < 1 || smaller >= size) continue;
        yield { ...given, inputs: given.inputs.with(i, { ...input, shape: input.shape.with(axis, smaller) }) };
      }
    }
  }
  for (const [name, literal] of Object.entries(given.arguments)) {
    for (const smaller of simplerLiterals(literal))
      yield { ...given, arguments: { ...given.arguments, [name]: smaller } };
  }
}

function simplerLiterals(literal: Literal): Literal[] {
  if (typeof literal === 'number' && Math.abs(literal) > 1) return [Math.sign(literal), literal - Math.sign(literal)];
  if (isLayer(literal)) {
    return Object.entries(literal.given).flatMap(([name, each]): Literal[] => {
      const others = Object.fromEntries(Object.entries(literal.given).filter(([other]) => other !== name));
      const isNeeded = layerOf(literal).parameters[name]?.default === undefined;
      const smaller = simplerLiterals(each).map((one) => ({ ...literal, given: { ...literal.given, [name]: one } }));
      return isNeeded ? smaller : [{ ...literal, given: others }, ...smaller];
    });
  }
  if (!Array.isArray(literal)) return [];
  const items = literal as readonly Literal[];
  return items.flatMap((item, i) => simplerLiterals(item).map((smaller) => items.with(i, smaller)));
}
