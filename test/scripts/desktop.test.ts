import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/**
 * The ways that lead to a desktop VS Code, as far as they can be gone without one: a stand-in that writes down how
 * it was called.
 */
describe('with a desktop VS Code', function () {
  this.timeout(60_000);
  let folder: string;
  let code: string;

  beforeEach(function () {
    if (process.platform === 'win32') this.skip(); // the stand-in is a shell script
    folder = mkdtempSync(join(tmpdir(), 'scv-desktop-'));
    code = join(folder, 'code');
    writeFileSync(
      code,
      `#!/bin/sh
printf '%s\\n' "$@" > '${folder}/called'
if [ -n "$SCV_TEST_RESULTS" ]; then printf '%s' "$FAKE_RESULTS" > "$SCV_TEST_RESULTS"; fi
exit "\${FAKE_STATUS:-0}"
`,
    );
    chmodSync(code, 0o755);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function script(
    args: string[],
    env: Record<string, string>,
  ): { status: number | null; stdout: string; stderr: string } {
    const options = {
      cwd: root,
      env: { ...process.env, VSCODE_EXECUTABLE: undefined, ...env },
      encoding: 'utf8',
    } as const;
    return spawnSync(process.execPath, args, options);
  }

  const called = () => readFileSync(join(folder, 'called'), 'utf8').trimEnd().split('\n');
  const passed = JSON.stringify([{ title: 'a test', state: 'passed' }]);

  it("npm start opens examples/ in the 'code' on the PATH", () => {
    const { status, stderr } = script(['scripts/start.ts'], {
      PATH: `${folder}${delimiter}${process.env.PATH!}`,
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual(called(), [`--extensionDevelopmentPath=${root}`, join(root, 'examples')]);
  });

  it('npm start prefers VSCODE_EXECUTABLE, and ends with its status', () => {
    const { status } = script(['scripts/start.ts'], { VSCODE_EXECUTABLE: code, FAKE_STATUS: '3' });
    assert.equal(status, 3);
    assert.ok(called().includes(join(root, 'examples')));
  });

  it('the tests in the extension host go to VSCODE_EXECUTABLE', () => {
    const { status, stdout, stderr } = script(['scripts/test.ts', 'extension-host'], {
      VSCODE_EXECUTABLE: code,
      FAKE_RESULTS: passed,
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\n1 passed, 0 failed\n$/);
    const args = called();
    assert.ok(args.includes(`--extensionDevelopmentPath=${root}`));
    assert.ok(args.includes(`--extensionTestsPath=${join(root, 'out/test/extensionHost.cjs')}`));
  });

  it('a VS Code that crashes after its tests is a failure', () => {
    const { status, stdout } = script(['scripts/test.ts', 'extension-host'], {
      VSCODE_EXECUTABLE: code,
      FAKE_RESULTS: passed,
      FAKE_STATUS: '1',
    });
    assert.equal(status, 1);
    assert.match(stdout, /\n1 passed, 1 failed\n$/);
  });

  it('without VS Code and browser, the tests fail and say what is missing', () => {
    const { status, stdout, stderr } = script(['scripts/test.ts', 'extension-host'], { CHROMIUM: '/nowhere/chromium' });
    assert.equal(status, 1);
    assert.match(stdout, /\n0 passed, 1 failed\n$/);
    assert.match(stderr, /CHROMIUM names \/nowhere\/chromium, which doesn't exist/);
  });
});
