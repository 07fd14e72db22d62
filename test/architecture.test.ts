import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { objection, rooms } from '../scripts/rooms.ts';

const root = join(import.meta.dirname, '..');
const sources = globSync('{server,client,webview}/src/**/*.{ts,tsx}', { cwd: root }).map((file) =>
  file.replaceAll('\\', '/'),
);

describe('architecture', () => {
  it('keeps every import of the sources to the table of rooms', () => {
    const objections = sources.flatMap((file) => {
      const imports = ts.preProcessFile(readFileSync(join(root, file), 'utf8')).importedFiles;
      return imports.flatMap(({ fileName }) => objection(file, fileName) ?? []);
    });
    assert.deepEqual(objections, []);
    assert.ok(sources.length > 10);
  });

  it('has no room without sources', () => {
    assert.deepEqual(
      rooms.filter(({ place }) => !existsSync(join(root, place))).map(({ place }) => place),
      [],
    );
  });

  const refused: [string, string][] = [
    ['server/src/core/graph.ts', 'node:fs'],
    ['server/src/core/graph.ts', 'fs'],
    ['server/src/core/graph.ts', 'langium'],
    ['server/src/core/layers/layer.ts', '../../protocol/message.ts'],
    ['server/src/core/graph.ts', '../../../client/src/extension.ts'],
    ['server/src/protocol/check.ts', '../language/module.ts'],
    ['server/src/language/module.ts', '../cli/scv.ts'],
    ['server/src/language/module.ts', '../languageServer.ts'],
    ['server/src/languageServer.ts', 'langium/node'],
    ['server/src/cli/scv.ts', '../languageServer.ts'],
    ['client/src/extension.ts', '../../server/src/core/graph.ts'],
    ['client/src/extension.ts', 'node:fs'],
    ['server/src/newRoom/file.ts', '../core/graph.ts'],
    ['server/src/core/layout/layOut.ts', '../graph.ts'],
    ['server/src/core/view/viewOf.ts', '../layers/layer.ts'],
    ['webview/src/graph/App.tsx', '../../../server/src/core/graph.ts'],
    ['webview/src/graph/App.tsx', '@vscode/webview-ui-toolkit/react'],
    ['webview/src/graph/App.tsx', 'vscode'],
    ['webview/src/components/Button.tsx', '../graph/App.tsx'],
    ['client/src/extension.ts', '../../webview/src/graph/App.tsx'],
  ];
  for (const [file, specifier] of refused) {
    it(`refuses ${specifier} in ${file}`, () => {
      assert.notEqual(objection(file, specifier), undefined);
    });
  }

  const allowed: [string, string][] = [
    ['server/src/core/layers/layer.ts', '../graph.ts'],
    ['server/src/language/module.ts', 'langium/lsp'],
    ['server/src/language/lsp/hover.ts', '../../core/graph.ts'],
    ['server/src/cli/scv.ts', '../language/module.ts'],
    ['client/src/features/a/index.ts', '../../../../server/src/protocol/message.ts'],
    ['client/src/platform/languageServer.ts', 'vscode-languageclient/node'],
    ['test/architecture.test.ts', '../scripts/rooms.ts'],
    ['server/src/core/program.ts', './definition.ts'],
    ['webview/src/graph/App.tsx', '../components/Button.tsx'],
    ['webview/src/graph/App.tsx', '../../../server/src/core/view/view.ts'],
    ['webview/src/graph/App.tsx', '@xyflow/react'],
    ['webview/src/components/Button.tsx', '@vscode/webview-ui-toolkit/react'],
  ];
  for (const [file, specifier] of allowed) {
    it(`allows ${specifier} in ${file}`, () => {
      assert.equal(objection(file, specifier), undefined);
    });
  }
});
