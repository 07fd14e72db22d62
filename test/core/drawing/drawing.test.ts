/** Pictures hold what they should: every card's words inside it, every box and line once, text as text, well formed. */
import assert from 'node:assert/strict';
import { describeModel } from '../../../server/src/core/analysis/describeModel.ts';
import { drawBox } from '../../../server/src/core/drawing/box.ts';
import { pathOf } from '../../../server/src/core/drawing/line.ts';
import { toMermaid } from '../../../server/src/core/drawing/mermaid.ts';
import { toSvg } from '../../../server/src/core/drawing/svg.ts';
import { cut, widthOf } from '../../../server/src/core/drawing/text.ts';
import { layOut } from '../../../server/src/core/layout/layOut.ts';
import { UNFOLDED, type View } from '../../../server/src/core/view/view.ts';
import { viewOf } from '../../../server/src/core/view/viewOf.ts';
import { samples } from '../../language/support.ts';
import { analyseText } from '../texts.ts';

describe('pictures', function () {
  this.timeout(60_000);

  it('keep the words of a card in it, each from the other', () => {
    let labels = 0;
    for (const view of views()) {
      for (const box of view.byId.values()) {
        if (box.form === 'frame') continue;
        const { width, height } = box;
        const marks = drawBox(box, { width, height, axis: width / 2 }, { most: 1e9 });
        const words = marks.flatMap((mark) => {
          if (mark.kind !== 'label' || mark.text === '!') return [];
          const long = widthOf(mark.text, mark.size, mark.isBold);
          const left = mark.anchor === 'start' ? mark.x : mark.anchor === 'end' ? mark.x - long : mark.x - long / 2;
          return [{ y: mark.y, left, right: left + long, text: mark.text }];
        });
        for (const { left, right, text, y } of words) {
          // The shape of a join stands beneath it.
          if (y > height) continue;
          labels += 1;
          assert.ok(left >= 0 && right <= width + 0.5, `${text} of ${box.id} goes from ${left} to ${right}`);
        }
        for (const [i, a] of words.entries()) {
          for (const b of words.slice(i + 1)) {
            const areApart = a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || Math.abs(a.y - b.y) > 9;
            assert.ok(areApart, `${a.text} and ${b.text} of ${box.id} lie over each other`);
          }
        }
      }
    }
    assert.ok(labels > 5000, `${labels} labels`);
  });

  it('cut a long text, and leave a short one', () => {
    assert.equal(cut('Conv2d', 100, 12), 'Conv2d');
    assert.equal(cut('', 0, 12), '');
    const text = cut('a name that is much too long', 60, 12);
    assert.match(text, /^a name.*…$/);
    assert.ok(widthOf(text, 12) <= 60);
    assert.equal(cut('wide', 5, 12), '');
    assert.ok(widthOf('합성곱', 12) > widthOf('abc', 12));
  });

  it('have round corners, and end where the arrow begins', () => {
    assert.equal(pathOf([0, 0, 0, 40, 30, 40]), 'M0 0L0 32Q0 40 8 40L30 40');
    assert.equal(pathOf([0, 0, 0, 40], 6), 'M0 0L0 34');
    assert.equal(pathOf([0, 0, 0, 4, 30, 4]), 'M0 0L0 2Q0 4 2 4L30 4');
  });

  it('are well-formed SVG with a group for each box and every colour resolved, light and dark', () => {
    const text = 'model Net {\n  input image: [N, 3, H, W]\n  output image -> a: Conv2d(8, 3)\n}';
    const { facts } = analyseText(text);
    const graph = describeModel(facts, facts.models[0]!);
    const view = viewOf(graph);
    for (const theme of ['light', 'dark'] as const) {
      const svg = toSvg(view, layOut(view), { title: 'Net <1> & "2"' }, theme);
      assert.match(svg, /<title>Net &lt;1&gt; &amp; &quot;2&quot;<\/title>/);
      assert.doesNotMatch(svg, /var\(|NaN|undefined|Infinity/);
      assert.equal(svg.match(/<g transform/g)?.length, view.byId.size + 1);
      assert.equal(svg.match(/<g[ >]/g)?.length, svg.match(/<\/g>/g)?.length);
      assert.match(svg, />Conv2d<\/text>/);
    }
  });

  it('are Mermaid with the boxes, the frames and the edges of the view', () => {
    const text = `block Unit {\n  input x\n  output (x -> Conv2d(8, 3, padding=1)) + x\n}\nmodel Net {\n  input image: [N, 8, 16, 16]\n  output image -> unit: Unit -> Sigmoid\n}`;
    const { facts } = analyseText(text);
    const view = viewOf(describeModel(facts, facts.models[0]!), UNFOLDED);
    assert.equal(
      toMermaid(view),
      `flowchart TD
  n0(["image"])
  subgraph n1["unit · Unit"]
    n2["Conv2d<br/>8, 3×3"]
    n3(("+"))
  end
  n4["Sigmoid"]
  n5(["output"])
  n0 -->|"8 × 16 × 16"| n2
  n2 -->|"8 × 16 × 16"| n3
  n0 -->|"8 × 16 × 16"| n3
  n3 -->|"8 × 16 × 16"| n4
  n4 -->|"8 × 16 × 16"| n5
`,
    );
  });
});

/** The examples' models, as they begin and unfolded. */
function* views(): Generator<View> {
  const all = samples('examples');
  const files = Object.fromEntries(all.map(({ name, text }) => [name.replace(/^.*examples\//, ''), text]));
  for (const { text } of all) {
    const { facts } = analyseText({ ...files, 'main.scv': text });
    for (const model of facts.models) {
      const graph = describeModel(facts, model);
      yield viewOf(graph);
      yield viewOf(graph, UNFOLDED);
    }
  }
}
