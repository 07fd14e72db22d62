/** What a hover says of where sizes come from is arithmetic that comes out: of every layer of every example and page. */
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { workedExample } from '../../../scripts/layerPages/example.ts';
import { sizesByHand } from '../../../server/src/core/analysis/layerFormulas.ts';
import { atUsualSize, rowsOf } from '../../../server/src/core/analysis/summary.ts';
import type { LayerNode } from '../../../server/src/core/graph.ts';
import { LAYERS } from '../../../server/src/core/layers/catalogue.ts';
import { samples } from '../../language/support.ts';
import { analyseText } from '../texts.ts';

/** `⌊(224 + 2·3 − 7) / 2⌋ + 1` as JavaScript has it. */
function worth(text: string): number {
  const script = text
    .replaceAll(/[⁰¹²³⁴⁵⁶⁷⁸⁹]+/gu, '**$&')
    .replaceAll(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/gu, (digit) => String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(digit)))
    .replaceAll('·', '*')
    .replaceAll('−', '-')
    .replaceAll('⌊', 'Math.floor(')
    .replaceAll('⌋', ')')
    .replaceAll(/\b(min|max)\(/g, 'Math.$1(');
  assert.match(script, /^(?:[\d\s+\-*/%(),]|Math\.(?:floor|min|max))+$/, text);
  return Number(runInNewContext(script));
}

function check(node: LayerNode, where: string): number {
  const found = sizesByHand(node);
  for (const { of, text } of found) {
    const [working, result] = text.split(' = ');
    assert.equal(String(worth(working!)), result, `${where}, ${of}: ${text}`);
  }
  return found.length;
}

describe('sizes by hand', () => {
  it('come out, for each layer', () => {
    let told = 0;
    for (const layer of LAYERS) told += check(workedExample(layer).node, layer.name);
    assert.ok(told > 80, `only ${String(told)} sizes are told`);
  });

  it('come out, in each example', () => {
    let told = 0;
    for (const { name, text } of samples('examples')) {
      const { models, session } = analyseText(text).facts;
      for (const model of models) {
        const { instance } = atUsualSize(session, model);
        const nodes = new Set(Array.from(rowsOf(instance), ({ node }) => node));
        for (const node of nodes) if (node.kind === 'layer' && isOfNumbers(node)) told += check(node, name);
      }
    }
    assert.ok(told > 200, `only ${String(told)} sizes are told`);
  });
});

/** With letters in it there is nothing to compute; the batch is free in all. */
function isOfNumbers(node: LayerNode): boolean {
  return sizesByHand(node).every(({ text }) => !/[A-Za-z?]/.test(text.replaceAll(/\b(?:min|max)\(/g, '')));
}
