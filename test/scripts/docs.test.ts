import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { layerPagesFolder } from '../../scripts/docs.ts';
import { workedExample } from '../../scripts/layerPages/example.ts';
import { formulasOf, parametersFormula } from '../../server/src/core/analysis/layerFormulas.ts';
import { layerPages } from '../../scripts/layerPages/page.ts';
import { format } from '../../server/src/core/dimension.ts';
import { LAYERS, findLayer } from '../../server/src/core/layers/catalogue.ts';
import { formatShape } from '../../server/src/core/tensor.ts';

function formulas(name: string): readonly (string | undefined)[] {
  const found = formulasOf(workedExample(findLayer(name)!).node)!;
  return [found.outputs.map(formatShape).join(' '), parametersFormula(found), found.macs && format(found.macs)];
}

describe("the layers' pages", () => {
  for (const layer of LAYERS) {
    it(`have an example of ${layer.name} that works`, () => {
      const { node } = workedExample(layer);
      assert.equal(node.layer, layer);
      assert.ok(node.outputs.length > 0);
    });
  }

  it('are as the catalogue has them', () => {
    const pages = layerPages(LAYERS);
    const there = (readdirSync(layerPagesFolder, { recursive: true }) as string[])
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => /\.\w+$/.test(file));
    assert.deepEqual(there.sort(), [...pages.keys()].sort(), "'npm run docs' writes them anew");
    for (const [path, text] of pages) {
      const written = readFileSync(join(layerPagesFolder, path), 'utf8');
      assert.ok(written === text, `docs/layers/${path} isn't what its entry says: 'npm run docs' writes it anew`);
    }
  });

  it('link to what is there', () => {
    for (const [path, text] of layerPages(LAYERS)) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
        if (target.startsWith('https://')) continue;
        const [file = '', anchor] = target.split('#');
        const to = join(layerPagesFolder, dirname(path), file);
        assert.ok(existsSync(to), `${path}: ${target}`);
        if (anchor === undefined) continue;
        const headings = Array.from(readFileSync(to, 'utf8').matchAll(/^#+ (.*)$/gm), ([, heading]) =>
          heading!.toLowerCase().replaceAll(' ', '-'),
        );
        assert.ok(headings.includes(anchor), `${path}: ${target}`);
      }
    }
  });

  it('have pictures that are well formed and say what they show', () => {
    for (const [path, text] of layerPages(LAYERS)) {
      if (!path.endsWith('.svg')) continue;
      const open: string[] = [];
      for (const [, closes, name, ends] of text.matchAll(/<(\/?)(\w+)(?:\s[^<>]*?)?(\/?)>/g)) {
        if (closes === '/') assert.equal(open.pop(), name, path);
        else if (ends !== '/') open.push(name!);
      }
      assert.deepEqual(open, [], path);
      assert.match(text, /<title>[^<]+ → [^<]+<\/title>/, path);
      assert.doesNotMatch(text, /NaN|undefined|&(?!amp;|lt;|gt;)/, path);
    }
  });

  it("take formulas from the entries' rules", () => {
    assert.deepEqual(formulas('Linear'), ['[N, out_features]', 'F * out_features + out_features', 'F * out_features']);
    assert.deepEqual(formulas('AvgPool1d')[0], '[N, C, (L - kernel_size + 2 * padding) // stride + 1]');
    assert.deepEqual(formulas('Flatten'), ['[N, C * H * W]', '0', undefined]);
    // proj_size: with 0 for its default it means something else than a size, so it is no name in the formula.
    assert.deepEqual(formulas('TransformerEncoder').slice(1), [
      '4 * F ** 2 * num_layers + 4105 * F * num_layers + 2048 * num_layers',
      '4 * F ** 2 * L * num_layers + 2 * F * L ** 2 * num_layers + 4096 * F * L * num_layers',
    ]);
    assert.deepEqual(
      formulas('LSTM')[0],
      '[N, L, hidden_size] [num_layers, N, hidden_size] [num_layers, N, hidden_size]',
    );
  });
});
