import assert from 'node:assert/strict';
import { workspace } from './services.ts';

/** The first file's text with its hints in `⟦ ⟧`. */
async function hinted(files: Readonly<Record<string, string>>, settings: object = {}): Promise<string> {
  const { document, language } = await workspace(files);
  language.shared.workspace.ConfigurationProvider.updateConfiguration({ settings: { scv: { inlayHints: settings } } });
  const hints = await language.scv.lsp.InlayHintProvider!.getInlayHints(document, {
    textDocument: { uri: document.uri.toString() },
    range: { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } },
  });
  let text = document.textDocument.getText();
  const placed = (hints ?? []).map(({ position, label }) => ({ at: document.textDocument.offsetAt(position), label }));
  for (const { at, label } of placed.sort((a, b) => b.at - a.at))
    text = `${text.slice(0, at)}⟦${typeof label === 'string' ? label : label.map(({ value }) => value).join('')}⟧${text.slice(at)}`;
  return text;
}

async function lenses(files: Readonly<Record<string, string>>, settings: object = {}): Promise<string[]> {
  const { document, language } = await workspace(files);
  language.shared.workspace.ConfigurationProvider.updateConfiguration({ settings: { scv: { codeLenses: settings } } });
  const found = await language.scv.lsp.CodeLensProvider!.provideCodeLens(document, {
    textDocument: { uri: document.uri.toString() },
  });
  return (found ?? []).map(({ range, command }) => {
    const { title, command: id, arguments: args = [] } = command!;
    return `${range.start.line + 1}: ${title}${id === '' ? '' : ` → ${id} ${JSON.stringify(args)}`}`;
  });
}

const NET = `block Unit(width: int) {
  input x
  y = x -> Conv2d(width, 3, padding=1) -> ReLU
  output y + 1
}
model M {
  input image: [N, 3, 8, 8]
  output logits = image
    -> Conv2d(4, 3, padding=1) -> ReLU
    -> Unit(6) -> Unit(6) * 2
    -> Flatten -> Linear(10)
}
`;

describe('inlay hints', () => {
  it('tell the shape at the end of a line, sizes that differ as dots, and the parameters of blocks', async () => {
    assert.equal(
      await hinted({ 'a.scv': NET }),
      NET.replace('-> ReLU\n  output y', '-> ReLU⟦[N, 6, 8, 8]⟧\n  output y')
        .replace('y + 1', 'y + 1⟦[N, 6, 8, 8]⟧')
        .replace('-> ReLU\n    ->', '-> ReLU⟦[N, 4, 8, 8]⟧\n    ->')
        .replace('Unit(6) -> Unit(6) * 2', 'Unit(6)⟦222 params⟧ -> Unit(6) * 2⟦[N, 6, 8, 8] · 660 params⟧')
        .replace('Linear(10)', 'Linear(10)⟦[N, 10]⟧'),
    );
  });

  it('tell sizes that differ from use to use by parameters and inputs', async () => {
    const text = NET.replace('Unit(6) -> Unit(6) * 2', 'Unit(6) -> Unit(8)');
    assert.match(await hinted({ 'a.scv': text }), /-> ReLU⟦\[N, width, 8, 8\]⟧\n {2}output y \+ 1⟦\[N, width, 8, 8\]⟧/);
    const wide = text.replace('Unit(8)', 'MaxPool2d(2) -> Unit(8)');
    assert.match(await hinted({ 'a.scv': wide }), /output y \+ 1⟦\[N, width, x\.height, x\.width\]⟧/);
    const halved = wide.replace('-> ReLU', '-> MaxPool2d(2)');
    assert.match(
      await hinted({ 'a.scv': halved }),
      /-> MaxPool2d\(2\)⟦\[N, width, x\.height \/\/ 2, x\.width \/\/ 2\]⟧/,
    );
  });

  it('use the names that an input gives its sizes', async () => {
    const text =
      'block B {\n  input x: [N, H, W, C]\n  output x -> Linear(C // 2)\n}\nmodel M {\n  input x: [N, 4, 6, 8]\n  output (x -> B) + 0 -> Linear(16) -> B\n}\n';
    assert.match(await hinted({ 'a.scv': text }), /Linear\(C \/\/ 2\)⟦\[N, 4, 6, C \/\/ 2\]⟧/);
  });

  it('show dots for sizes that follow no rule, and nothing where none does', async () => {
    const text = `block Grow(n: int) {
  input x
  output x -> for i in 0..n { Conv2d(x.channels * 2 ** (i * i), 1) }
}
model M {
  input image: [N, 3, 8, 8]
  output image -> Grow(2) -> Grow(3)
}
`;
    assert.match(await hinted({ 'a.scv': text }), /\(i \* i\), 1\) \}⟦\[N, …, 8, 8\]⟧/);
  });

  it('know the uses of a block in other files', async () => {
    const [block, model] = NET.split(/(?=^model)/m) as [string, string];
    const files = { 'blocks.scv': block, 'a.scv': `import { Unit } from "./blocks.scv"\n${model}` };
    assert.match(await hinted(files), /output y \+ 1⟦\[N, 6, 8, 8\]⟧/);
  });

  it('stand after every stage where that is set', async () => {
    const found = await hinted({ 'a.scv': NET }, { shapes: 'all', parameters: false });
    assert.match(found, /-> Flatten⟦\[N, 384\]⟧ -> Linear\(10\)⟦\[N, 10\]⟧/);
    assert.doesNotMatch(found, /params/);
  });

  it('name arguments where that is set, but for those that say it themselves', async () => {
    const found = await hinted({ 'a.scv': NET }, { shapes: 'off', parameters: false, argumentNames: true });
    const expected = NET.replace('Conv2d(width, 3', 'Conv2d(⟦out_channels:⟧width, ⟦kernel_size:⟧3')
      .replace('Conv2d(4, 3', 'Conv2d(⟦out_channels:⟧4, ⟦kernel_size:⟧3')
      .replaceAll('Unit(6)', 'Unit(⟦width:⟧6)')
      .replace('Linear(10)', 'Linear(⟦out_features:⟧10)');
    assert.equal(found, expected);
    const named =
      'block B(width: int) {\n  input x\n  output x -> C(width)\n}\nblock C(width: int) {\n  input x\n  output x\n}\n';
    assert.equal(await hinted({ 'a.scv': named }, { argumentNames: true }), named);
  });

  it('are none where they are switched off', async () => {
    assert.equal(await hinted({ 'a.scv': NET }, { shapes: 'off', parameters: false }), NET);
  });
});

describe('code lenses', () => {
  it('tell the size of a model and lead to its PyTorch, and count the uses of a block', async () => {
    const place = JSON.stringify({ line: 0, character: 6 });
    assert.deepEqual(await lenses({ 'a.scv': NET }), [
      `1: used 2 times → scv.showReferences ["file:///a.scv",${place}]`,
      '6: 4,844 parameters · 66,048 MACs',
      '6: PyTorch → scv.generatePyTorch ["file:///a.scv","M"]',
      '6: Graph → scv.openGraph ["file:///a.scv","M"]',
    ]);
  });

  it('say at which size multiply-adds are counted where that is free', async () => {
    const text =
      'model M {\n  dataset: ImageNet\n  input image: [N, 3, H, W]\n  output image -> Conv2d(1000, 1) -> AdaptiveAvgPool2d(1) -> Flatten\n}\n';
    assert.equal((await lenses({ 'a.scv': text }))[0], '1: 4,000 parameters · 151 MMACs at 224×224');
  });

  it('count uses in other files, under other names and as arguments', async () => {
    const block = 'block Unit { input x  output x -> ReLU }\nblock Idle { input x  output x -> ReLU }\n';
    const other =
      'import { Unit as U } from "./a.scv"\nblock B(act = U) { input x  output x -> act }\nmodel M {\n  input x: [N, 2]\n  output x -> U -> B(act=U)\n}\n';
    const found = await lenses({ 'a.scv': block, 'other.scv': other });
    assert.match(found[0]!, /^1: used 3 times → /);
    assert.equal(found[1], '2: not used');
  });

  it('are none where they are switched off', async () => {
    assert.deepEqual(await lenses({ 'a.scv': NET }, { enabled: false }), []);
  });
});
