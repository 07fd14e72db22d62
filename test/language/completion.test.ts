/** Completion as one meets it: what is offered with which detail, what accepting it writes, what stopping at it tells. */
import assert from 'node:assert/strict';
import type { CompletionItem, TextEdit } from 'vscode-languageserver';
import { TEMPLATES, newModel } from '../../server/src/core/templates.ts';
import { LAYERS } from '../../server/src/core/layers/catalogue.ts';
import {
  MODEL_STATEMENTS,
  STAGES,
  STAGE_WORDS,
  STATEMENTS,
  TOP_LEVEL,
} from '../../server/src/language/lsp/snippets.ts';
import { analyseText } from '../core/texts.ts';
import { type Workspace, workspace } from './services.ts';

const uri = { uri: '' };

interface Offered {
  readonly ws: Workspace;
  readonly items: readonly CompletionItem[];
  readonly find: (label: string) => CompletionItem;
  readonly resolve: (label: string) => CompletionItem;
}

async function offered(source: string, more: Record<string, string> = {}): Promise<Offered> {
  const ws = await workspace({ 'main.scv': source, ...more });
  const { CompletionProvider } = ws.language.scv.lsp;
  const list = await CompletionProvider.getCompletion(ws.document, { textDocument: uri, position: ws.position() });
  const items = list?.items ?? [];
  const find = (label: string): CompletionItem => {
    const found = items.find((each) => each.label === label);
    assert.ok(found, `${label} in ${items.map((each) => each.label).join(' ')}`);
    return found;
  };
  return { ws, items, find, resolve: (label) => CompletionProvider.resolve(find(label)) };
}

/** The text after an item was accepted, with its placeholders as they are. */
function accepted({ ws }: Offered, item: CompletionItem): string {
  const { textDocument } = ws.document;
  const edits = [item.textEdit as TextEdit, ...(item.additionalTextEdits ?? [])].map(({ range, newText }) => ({
    start: textDocument.offsetAt(range.start),
    end: textDocument.offsetAt(range.end),
    newText: filled(newText),
  }));
  edits.sort((a, b) => b.start - a.start);
  let text = textDocument.getText();
  for (const { start, end, newText } of edits) text = text.slice(0, start) + newText + text.slice(end);
  return text;
}

/** A snippet whose placeholders nobody changed. */
function filled(snippet: string): string {
  return snippet
    .replaceAll(/\$\{\d+:((?:[^}\\]|\\.)*)\}/g, '$1')
    .replaceAll(/\$\d+/g, '')
    .replaceAll(/\\([$}\\])/g, '$1');
}

const model = (body: string, shape = '[N, 3, 32, 32]'): string => `model A {\n  input image: ${shape}\n  ${body}\n}\n`;

describe('completion of layers', () => {
  it('says what would come out', async () => {
    const { find } = await offered(model('output image -> Conv2d(8, 3) -> <|>'));
    assert.equal(find('ReLU').labelDetails?.description, '[N, 8, 30, 30]');
    assert.equal(find('Conv2d').detail, '→ [N, 64, 28, 28]');
    assert.equal(find('Flatten').labelDetails?.description, '[N, 7200]');
    assert.equal(find('Conv1d').labelDetails, undefined);
    assert.match(find('Conv1d').detail!, /^Conv1d\(out_channels, kernel_size/);
  });

  it('says it over free sizes, and in blocks where all uses agree', async () => {
    const free = await offered(model('output image -> <|>', '[N, 3, H, W]'));
    assert.equal(free.find('ReLU').labelDetails?.description, '[N, 3, H, W]');
    const block = (uses: string): string =>
      `block B { input x\n output x -> <|> }\nmodel A { input x: [N, 4, 8, 8]\n output x ${uses} }`;
    assert.equal((await offered(block('-> B'))).find('ReLU').labelDetails?.description, '[N, 4, 8, 8]');
    assert.equal((await offered(block('-> B -> MaxPool2d(2) -> B'))).find('ReLU').labelDetails, undefined);
  });

  it('is sound when accepted as it is, for every layer that promises a shape', async () => {
    let tried = 0;
    for (const shape of ['[N, 3, 32, 32]', '[N, 16, 64]', '[N, 64]', '[N, 8, 8, 8, 8]']) {
      const offer = await offered(model('output image -> <|>', shape));
      for (const layer of LAYERS) {
        const item = offer.find(layer.name);
        if (item.labelDetails === undefined) continue;
        tried++;
        const text = accepted(offer, item);
        const { facts, problems, messages } = analyseText(text);
        const errors = facts.problems.filter(({ severity }) => severity === 'error');
        assert.deepEqual(errors, [], `${text} ${problems.join()} ${messages.join()}`);
      }
    }
    assert.ok(tried > 200, String(tried));
  });

  it('documents the one at which somebody stops', async () => {
    const { find, resolve } = await offered(model('output image -> <|>'));
    assert.equal(find('Conv2d').documentation, undefined);
    const { documentation } = resolve('Conv2d');
    assert.match(
      (documentation as { value: string }).value,
      /^`Conv2d\(out_channels[^`]*`\n\nSlides learned[^]*docs\.pytorch/,
    );
  });

  it('puts a space behind an arrow that has none', async () => {
    const tight = await offered(model('output image -><|>'));
    const conv = tight.find('Conv2d');
    assert.equal((conv.textEdit as TextEdit).newText, ' Conv2d(${1:64}, ${2:3})');
    assert.equal(conv.filterText, ' Conv2d');
    for (const { filterText } of tight.items) assert.match(filterText ?? '', /^ \w+$/);
    assert.equal((await offered(model('output image -> C<|>'))).find('Conv2d').filterText, undefined);
  });

  it('goes through what must be given', async () => {
    const offer = await offered(model('output image -> <|>'));
    assert.equal((offer.find('Conv2d').textEdit as TextEdit).newText, 'Conv2d(${1:64}, ${2:3})');
    assert.equal((offer.find('ReLU').textEdit as TextEdit).newText, 'ReLU');
    assert.equal((offer.find('Upsample').textEdit as TextEdit).newText, 'Upsample');
  });
});

describe('completion of blocks', () => {
  const BLOCKS =
    '# Twice the width.\nblock Wide(c: int = 4) {\n  input x\n  output x -> Conv2d(2 * c, 1)\n}\nblock Other { input x output x -> ReLU }\nmodel M { input x: [N, 3] output x -> Other }\n';

  it('says what comes out of one, with its documentation', async () => {
    const { resolve } = await offered(`${BLOCKS}${model('output image -> <|>')}`);
    const wide = resolve('Wide');
    assert.equal(wide.detail, '→ [N, 8, 32, 32]');
    assert.match((wide.documentation as { value: string }).value, /`block Wide\(c: int = 4\)`[^]*Twice the width\./);
  });

  it('offers those of other files, and imports them', async () => {
    const offer = await offered(`# Mine.\n${model('output image -> <|>')}`, { 'lib/blocks.scv': BLOCKS });
    const wide = offer.resolve('Wide');
    assert.equal(wide.labelDetails?.description, './lib/blocks.scv');
    assert.equal(wide.detail, '→ [N, 8, 32, 32]');
    assert.equal(
      accepted(offer, wide),
      `import { Wide } from "./lib/blocks.scv"\n\n# Mine.\n${model('output image -> Wide')}`,
    );
    assert.ok(!offer.items.some(({ label }) => label === 'M'), 'a model is nothing to put into another one');
  });

  it('adds to an import of the same file', async () => {
    const offer = await offered(`import { Other } from "./blocks.scv"\n\n${model('output image -> Other -> W<|>')}`, {
      'blocks.scv': BLOCKS,
    });
    assert.match(accepted(offer, offer.resolve('Wide')), /^import \{ Other, Wide \} from "\.\/blocks\.scv"\n/);
    assert.equal(offer.items.filter(({ label }) => label === 'Other').length, 1);
  });

  it('offers no two of one name', async () => {
    const offer = await offered(`block Wide { input x output x }\n${model('output image -> <|>')}`, {
      'blocks.scv': BLOCKS,
    });
    assert.equal(offer.items.filter(({ label }) => label === 'Wide').length, 1);
  });

  it('goes through the arguments that have no default', async () => {
    const { find } = await offered(`block B(c: int, k: int = 3) { input x output x }\n${model('output image -> <|>')}`);
    assert.equal((find('B').textEdit as TextEdit).newText, 'B(${1:c})');
  });
});

describe('completion of arguments and values', () => {
  const labels = async (source: string): Promise<string[]> =>
    (await offered(source)).items
      .toSorted((a, b) => ((a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1))
      .map(({ label }) => label);

  it('has what a flag is not by default first', async () => {
    assert.deepEqual((await labels(model('output image -> Conv2d(8, 3, bias=<|>)'))).slice(0, 2), ['False', 'True']);
    assert.deepEqual((await labels(model('output image -> Flatten -> ReLU(inplace=<|>)'))).slice(0, 2), [
      'True',
      'False',
    ]);
  });

  it('knows optimizers, losses and data sets', async () => {
    assert.deepEqual((await labels(model('train { optimizer: SGD(<|>) }'))).slice(0, 3), [
      'lr',
      'momentum',
      'dampening',
    ]);
    assert.ok(!(await labels(model('train { optimizer: SGD(lr=0.1, <|>) }'))).includes('lr'));
    assert.ok((await labels(model('dataset: EMNIST(<|>)'))).includes('split'));
    assert.ok((await labels(model('dataset: EMNIST(split=<|>)'))).includes('"letters"'));
  });

  it('offers no key twice', async () => {
    const all = await labels(model('author: "me"\n  <|>'));
    assert.ok(!all.includes('author') && all.includes('dataset'));
    const trained = await labels(model('train { epochs: 3\n <|> }'));
    assert.ok(!trained.includes('epochs') && trained.includes('optimizer'));
  });

  it('says the values of members', async () => {
    const { find } = await offered(model('y = image -> Conv2d(8, 3)\n  z = y.<|>\n  output y'));
    assert.equal(find('channels').detail, '8');
    assert.equal(find('shape').detail, '[N, 8, 30, 30]');
    const block = await offered(
      'block B { input x\n output x -> Linear(x.<|>) }\nmodel A { input x: [N, 4, 6]\n output x -> B }',
    );
    assert.equal(block.find('features').detail, '6');
  });
});

describe('snippets', () => {
  it('are programs', () => {
    const blocks = Object.values(TOP_LEVEL).flatMap(({ body }) =>
      body.startsWith('block ${1:') && body.length > 100 ? [filled(body)] : [],
    );
    assert.ok(blocks.length >= 3);
    for (const block of blocks) {
      const { messages } = analyseText(block);
      assert.deepEqual(messages, [], block);
    }
    for (const [name, { body }] of Object.entries(STAGES)) {
      const { messages } = analyseText(model(`output image -> ${filled(body)}`));
      assert.deepEqual(messages, [], name);
    }
    for (const { body } of Object.values(MODEL_STATEMENTS))
      assert.deepEqual(analyseText(model(`output image -> Flatten -> Linear(10)\n  ${filled(body)}`)).messages, []);
    assert.ok(Object.keys(STATEMENTS).length + Object.keys(STAGE_WORDS).length > 5);
    assert.ok(TEMPLATES.every(({ id, datasets }) => newModel(id, datasets[0]!.name) !== ''));
  });
});
