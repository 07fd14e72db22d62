import assert from 'node:assert/strict';
import type { SelectionRange } from 'vscode-languageserver';
import { selectionRange } from '../../server/src/language/lsp/selectionRanges.ts';
import { workspace } from './services.ts';

describe('document links', () => {
  it('lead from an import to its file, where there is one', async () => {
    const text =
      'import { B } from "./blocks.scv"\nimport { C } from \'./none.scv\'\nmodel M { input x  output x -> B }\n';
    const { document, language } = await workspace({ 'a.scv': text, 'blocks.scv': 'block B { input x  output x }\n' });
    const params = { textDocument: { uri: document.uri.toString() } };
    const links = await language.scv.lsp.DocumentLinkProvider!.getDocumentLinks(document, params);
    assert.deepEqual(
      links.map(({ range, target }) => [document.textDocument.getText(range), target]),
      [['./blocks.scv', 'file:///blocks.scv']],
    );
  });
});

describe('selection ranges', () => {
  async function around(text: string): Promise<string[]> {
    const files = await workspace({ 'a.scv': text });
    const texts: string[] = [];
    let at: SelectionRange | undefined = selectionRange(files.document, files.position());
    for (; at !== undefined; at = at.parent) texts.push(files.document.textDocument.getText(at.range));
    return texts;
  }

  it('go from a word outwards', async () => {
    const text =
      'block B {\n  input x\n  output x -> c: Conv2d(8, (3, <|>1)) -> ReLU\n}\nblock C { input x  output x }\n';
    const plain = text.replace('<|>', '');
    assert.deepEqual(await around(text), [
      '1',
      '(3, 1)',
      'Conv2d(8, (3, 1))',
      'c: Conv2d(8, (3, 1))',
      'x -> c: Conv2d(8, (3, 1)) -> ReLU',
      'output x -> c: Conv2d(8, (3, 1)) -> ReLU',
      plain.slice(0, plain.indexOf('\nblock C')),
      plain,
    ]);
  });

  it('are the file between definitions', async () => {
    assert.deepEqual(await around('block B { input x  output x }\n<|>\n'), ['block B { input x  output x }\n\n']);
  });
});
