/** Produces every message that a case asks for: run under V8's coverage by messages.test.ts. */
import { LAYERS } from '../../server/src/core/layers/catalogue.ts';
import { makeCase } from '../oracle/layers/cases.ts';
import { ours } from '../oracle/layers/compare.ts';
import { Random } from '../random.ts';
import { analyse, casesOf, programOf } from './cases.ts';

/** Of each layer so many that oracle/layers.test.ts holds against torch. */
const LAYER_CASES = 60;

for (const each of casesOf('diagnostics')) analyse(programOf(each, 'main.scv'));
for (const layer of LAYERS) {
  const random = new Random(1, layer.name);
  for (let i = 0; i < LAYER_CASES; i++) ours(makeCase(layer, random));
}
