/**
 * How linking grows: `node test/bench/scope.ts`. A linear scope takes about ten times as long for ten times the layers;
 * one that goes through all names for each reference takes a hundred times as long.
 */
import { URI } from 'langium';
import { createScvServices } from '../../server/src/language/module.ts';
import { chainOfBindings } from '../language/long.ts';

async function time(layers: number): Promise<{ whole: number; link: number }> {
  const { shared, scv } = createScvServices();
  const { LangiumDocuments, DocumentBuilder } = shared.workspace;
  const start = performance.now();
  const document = LangiumDocuments.createDocument(URI.parse(`file:///${String(layers)}.scv`), chainOfBindings(layers));
  await DocumentBuilder.build([document], {});
  const whole = performance.now() - start;
  scv.references.Linker.unlink(document);
  const again = performance.now();
  await scv.references.Linker.link(document);
  return { whole, link: performance.now() - again };
}

await time(1000); // warm
const small = await time(1000);
const large = await time(10_000);
const row = (name: string, a: number, b: number): void => {
  console.log(
    `${name.padEnd(24)}${a.toFixed(1).padStart(10)}${b.toFixed(1).padStart(12)}${(b / a).toFixed(1).padStart(10)}`,
  );
};
console.log(`${'milliseconds'.padEnd(24)}${'1,000'.padStart(10)}${'10,000'.padStart(12)}${'ratio'.padStart(10)}`);
row('read, index and link', small.whole, large.whole);
row('link', small.link, large.link);
