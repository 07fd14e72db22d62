import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';

describe('the Python environment', () => {
  it('has the versions that everything is compared with', async function () {
    this.timeout(0); // it may have to be made
    const program =
      'import torch, importlib.metadata as m; print(torch.__version__, m.version("torchvision"), m.version("ruff"))';
    const told = execFileSync(await pythonEnvironment(), ['-c', program], { encoding: 'utf8' });
    assert.match(told, /^2\.13\.0\S* 0\.28\.0\S* 0\.17\.6\s*$/);
  });
});
