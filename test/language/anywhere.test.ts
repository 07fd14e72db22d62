/** Whatever stands in a text and wherever the cursor is, questions about names are answered, or refused in words. */
import assert from 'node:assert/strict';
import { ResponseError } from 'vscode-languageserver';
import { filesOf } from '../oracle/programs/files.ts';
import { makeProgram } from '../oracle/programs/generator.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';
import { workspace } from './services.ts';
import { samples } from './support.ts';

/** What is put between other things: brackets, words, astral letters, ends of lines. */
const PIECES =
  '{ } ( ) [ ] -> , : = " \n \r\n x 😀 𝑦 {i} # block model output _ 1 frozen layer if for import{A}from"./b.scv" from"./b.scv"'.split(
    ' ',
  );

/** Milliseconds for one answer on a busy machine. */
const SOON = 2000;

function broken(text: string, random: Random): string {
  let broken = text;
  for (let i = random.int(0, 6); i > 0; i--) {
    const start = random.int(0, broken.length);
    broken = random.chance(0.5)
      ? broken.slice(0, start) + broken.slice(start + random.int(1, 12))
      : `${broken.slice(0, start)}${random.pick(PIECES)} ${broken.slice(start)}`;
  }
  return broken;
}

describe(`names anywhere in broken files (SCV_SEED=${SEED})`, function () {
  this.timeout(0);
  const texts = samples('examples', 'test/golden/diagnostics').map(({ text }) => text);

  for (let i = 0; i < caseCount(10, 500); i++) {
    it(`number ${i}`, async () => {
      const random = new Random(SEED + i, 'anywhere');
      const whole = random.chance(0.3)
        ? filesOf(makeProgram(SEED + i))
        : { 'main.scv': random.pick(texts), 'b.scv': random.pick(texts) };
      const files = Object.fromEntries(Object.entries(whole).map(([name, text]) => [name, broken(text, random)]));
      const ws = await workspace(files);
      const { document, language } = ws;
      const { lsp } = language.scv;
      const { FileOperationHandler, WorkspaceSymbolProvider } = language.shared.lsp;
      const textDocument = { uri: '' };

      async function answered(what: string, ask: () => unknown): Promise<void> {
        const started = performance.now();
        try {
          await ask();
        } catch (error) {
          assert.ok(
            error instanceof ResponseError,
            `${what}: ${String((error as Error).stack)}\n${files['main.scv']!}`,
          );
        }
        assert.ok(performance.now() - started < SOON, `${what} takes too long\n${files['main.scv']!}`);
      }

      for (let k = 0; k < 8; k++) {
        const position = document.textDocument.positionAt(random.int(0, files['main.scv']!.length));
        const at = { textDocument, position };
        const newName = random.pick(['a', 'zzz', 'Conv2d', 'fc', 'N', '𝑦']);
        const item = async (): Promise<void> => {
          for (const each of (await lsp.CallHierarchyProvider!.prepareCallHierarchy(document, at)) ?? []) {
            await lsp.CallHierarchyProvider!.incomingCalls({ item: each });
            await lsp.CallHierarchyProvider!.outgoingCalls({ item: each });
          }
        };
        await answered('definition', () => lsp.DefinitionProvider!.getDefinition(document, at));
        await answered('type definition', () => lsp.TypeProvider!.getTypeDefinition(document, at));
        await answered('implementation', () => lsp.ImplementationProvider!.getImplementation(document, at));
        await answered('highlight', () => lsp.DocumentHighlightProvider!.getDocumentHighlight(document, at));
        await answered('references', () =>
          lsp.ReferencesProvider!.findReferences(document, { ...at, context: { includeDeclaration: true } }),
        );
        await answered('rename', () => lsp.RenameProvider!.rename(document, { ...at, newName }));
        await answered('call hierarchy', item);
      }
      await answered('outline', () => lsp.DocumentSymbolProvider!.getSymbols(document, { textDocument }));
      await answered('folding', () => lsp.FoldingRangeProvider!.getFoldingRanges(document, { textDocument }));
      await answered('symbols', () => WorkspaceSymbolProvider!.getSymbols({ query: 'a' }));
      const moves = [{ oldUri: 'file:///main.scv', newUri: 'file:///deep/main.scv' }];
      await answered('moving', () => FileOperationHandler!.willRenameFiles!({ files: moves }));
    });
  }
});
