/**
 * Always on: for every definition and every instance, the generic facts evaluated are the concrete facts. Models are
 * tried with other arguments than their defaults too, because the generic form must hold for uses it hasn't seen.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { Analyser } from '../../server/src/core/analysis/analyse.ts';
import { DiskProgram, uriOfPath } from '../../server/src/cli/files.ts';
import type { Model } from '../../server/src/core/definition.ts';
import { format } from '../../server/src/core/dimension.ts';
import { collectInstances } from '../../server/src/core/analysis/analyse.ts';
import { type Mismatch, generalise } from '../../server/src/core/elaborate/generic.ts';
import type { Session } from '../../server/src/core/elaborate/session.ts';
import { boolValue, intValue } from '../../server/src/core/elaborate/values.ts';
import type { Instance } from '../../server/src/core/graph.ts';
import type { Value } from '../../server/src/core/value.ts';

const files = globSync(['examples/**/*.scv', 'test/golden/facts/*/*.scv', 'test/golden/names/*/*.scv']).sort();

describe('the generic form', () => {
  const program = new DiskProgram();
  const analyser = new Analyser();
  let compared = 0;

  for (const file of files) {
    it(`of ${file} holds for every use`, () => {
      const facts = analyser.analyse(program, uriOfPath(file));
      const instances = new Map<string, Instance[]>();
      for (const model of facts.models) {
        for (const each of [model, ...variants(facts.session, model)]) collectInstances(each, instances);
      }
      for (const list of instances.values()) {
        const { definition } = list[0]!;
        if (definition.kind === 'extern') continue;
        for (const generic of generalise(facts.session, definition, list)) {
          assert.deepEqual(generic.mismatches.map(describeMismatch), [], definition.name.text);
          compared += generic.facts.size * generic.instances.length;
        }
      }
    });
  }

  after(() => {
    assert.ok(compared > 1000, `only ${String(compared)} places were compared`);
  });
});

/** The model with each bool the other way round and each int one more, as far as that is sound. */
function variants(session: Session, model: Instance): Instance[] {
  return [...model.arguments].flatMap(([name, value]): Instance[] => {
    const other = changed(value);
    if (other === undefined) return [];
    const definition = model.definition as Model;
    const instance = session.instantiate(
      { definition, arguments: new Map([[name, other]]), inputs: undefined, open: undefined },
      () => undefined,
    );
    const isSound = instance !== undefined && !instance.problems.some(({ severity }) => severity === 'error');
    return isSound ? [instance] : [];
  });
}

function changed(value: Value): Value | undefined {
  if (value.kind === 'bool' && value.value.kind === 'constant') return boolValue(!value.value.value);
  if (value.kind === 'int') return intValue(BigInt(format(value.value)) + 1n);
  return undefined;
}

function describeMismatch({ generic, value, concrete, axis, place }: Mismatch): string {
  const at = JSON.stringify((place as { range?: unknown }).range);
  return `${at} axis ${String(axis)}: ${format(generic)} is ${value === undefined ? '?' : format(value)}, not ${format(concrete)}`;
}
