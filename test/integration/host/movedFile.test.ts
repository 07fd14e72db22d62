import assert from 'node:assert/strict';
import { Uri, workspace, WorkspaceEdit } from 'vscode';
import { closeAll, errors, hover, open, until } from './editor.ts';

const FILES: Readonly<Record<string, string>> = {
  'deep.scv': 'block Deep {\n  input x\n  output x -> ReLU\n}\n',
  'wide.scv': `import { Deep } from "./deep.scv"

block Wide(width: int) {
  input x
  output x -> Conv2d(width, 3, padding=1) -> Deep
}
`,
  'uses.scv': `import { Wide } from "./wide.scv"

model Uses {
  input x: [N, 3, 32, 32]
  output x -> Wide(8)
}
`,
};

describe('a file that is moved', () => {
  before(async () => {
    for (const [name, text] of Object.entries(FILES)) await workspace.fs.writeFile(at(name), Buffer.from(text));
  });

  afterEach(closeAll);

  after(async () => {
    for (const name of ['deep.scv', 'uses.scv', 'nets']) await workspace.fs.delete(at(name), { recursive: true });
  });

  it('takes its imports with it, and those of the files that import it', async () => {
    const uses = await open('uses.scv');
    await hover(uses, 'Wide(8'); // the server is there, and knows the three
    const move = new WorkspaceEdit();
    move.renameFile(at('wide.scv'), at('nets/broad.scv'));
    assert.ok(await workspace.applyEdit(move));
    await until('the new path', () => (uses.getText().includes('from "./nets/broad.scv"') ? true : undefined));
    const moved = await open('nets/broad.scv');
    assert.match(moved.getText(), /from "\.\.\/deep\.scv"/);
    await errors(uses, (found) => found.length === 0);
    await errors(moved, (found) => found.length === 0);
    // 8 · 3 · 3 · 3 weights and 8 biases
    assert.match(await hover(uses, 'Wide(8'), /\b224\b/);
  });
});

function at(name: string): Uri {
  return Uri.joinPath(workspace.workspaceFolders![0]!.uri, name);
}
