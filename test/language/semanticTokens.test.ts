import assert from 'node:assert/strict';
import { SemanticTokensDecoder } from 'langium/lsp';
import type { SemanticTokens, SemanticTokensDelta } from 'vscode-languageserver';
import { workspace } from './services.ts';

const TEXT = `import { Unit as U } from "./blocks.scv"
block B(width: int, act = ReLU) {
  input x
  out = 2 * width
  output x -> conv{out}: Conv2d(out, kernel_size=3) -> act -> U
}
model M {
  dataset: MNIST
  input image: [N, 1, H, 28]
  rows = max(H, 2)
  output logits = image -> B(8) -> Flatten -> head: Linear(image.width)
}
`;
const BLOCKS = 'block Unit { input x  output x }\n';

async function open() {
  const files = await workspace({ 'a.scv': TEXT, 'blocks.scv': BLOCKS });
  const provider = files.language.scv.lsp.SemanticTokenProvider!;
  const textDocument = { uri: files.document.uri.toString() };
  const modifiers = Object.entries(provider.tokenModifiers);
  const spell = (tokens: SemanticTokens): string[] =>
    SemanticTokensDecoder.decode(tokens, provider.tokenTypes, files.document).map(
      ({ text, tokenType, tokenModifiers }) =>
        [
          `${text}:${tokenType}`,
          ...modifiers.flatMap(([name, bit]) => ((tokenModifiers & bit) === 0 ? [] : [name])),
        ].join(' '),
    );
  return { ...files, provider, textDocument, spell };
}

describe('semantic tokens', () => {
  it('tell what names mean', async () => {
    const { provider, textDocument, document, spell } = await open();
    assert.deepEqual(spell(await provider.semanticHighlight(document, { textDocument })), [
      'Unit:function',
      'U:function',
      'B:function declaration',
      'width:parameter declaration',
      'int:type',
      'act:parameter declaration',
      'ReLU:class defaultLibrary',
      'x:variable declaration',
      'out:variable declaration',
      'width:parameter',
      'x:variable',
      'conv:property declaration',
      'out:variable',
      'Conv2d:class defaultLibrary',
      'out:variable',
      'kernel_size:parameter',
      'act:parameter',
      'U:function',
      'M:class declaration',
      'dataset:property',
      'MNIST:enumMember',
      'image:variable declaration',
      'N:typeParameter',
      'H:typeParameter',
      'rows:variable declaration',
      'max:function defaultLibrary',
      'H:typeParameter',
      'logits:variable declaration',
      'image:variable',
      'B:function',
      'Flatten:function defaultLibrary',
      'head:property declaration',
      'Linear:class defaultLibrary',
      'image:variable',
      'width:property',
    ]);
  });

  it('are told for a range alone, and as what has changed', async () => {
    const { provider, textDocument, document, spell } = await open();
    const range = { start: { line: 7, character: 0 }, end: { line: 8, character: 0 } };
    const some = await provider.semanticHighlightRange(document, { textDocument, range });
    assert.deepEqual(spell(some), ['dataset:property', 'MNIST:enumMember']);
    const { resultId } = await provider.semanticHighlight(document, { textDocument });
    const delta = await provider.semanticHighlightDelta(document, { textDocument, previousResultId: resultId! });
    assert.deepEqual((delta as SemanticTokensDelta).edits, []);
  });
});
