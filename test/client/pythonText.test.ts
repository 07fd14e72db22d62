import assert from 'node:assert/strict';
import { pythonText } from '../../client/src/features/generatePyTorch/pythonText.ts';

const file = 'file:///models/my%20net.scv';
const problem = (line: number, message: string, uri = file) => ({ message, uri, line, character: 0 });
const broken = { version: 2, models: ['Net'], problems: [problem(6, 'Conv2d needs\n  4 dimensions')] };

describe('the text of a Python document', () => {
  it('is the code under one line that says so', () => {
    const answer = { version: 1, models: ['Net'], model: 'Net', python: 'import torch\n', problems: [] };
    assert.equal(pythonText(answer, file, 'old'), '# Up to date: my net.scv as PyTorch.\nimport torch\n');
  });

  it('is the last code while the text has errors, each line where it was', () => {
    assert.equal(
      pythonText(broken, file, 'import torch\n'),
      '# NOT UP TO DATE: my net.scv has to be mended first (line 7: Conv2d needs 4 dimensions). ' +
        'The Python below is from before.\nimport torch\n',
    );
    const problems = [problem(6, 'a'), problem(7, 'b'), problem(8, 'c')];
    assert.match(
      pythonText({ ...broken, problems }, file, 'import torch\n'),
      /^#.*\(line 7: a\), and 2 more\..*\nimport/,
    );
  });

  it('says why there is no code yet', () => {
    assert.equal(
      pythonText(broken, file, undefined),
      '# There is no Python yet: my net.scv has to be mended first.\n#   line 7: Conv2d needs 4 dimensions\n',
    );
  });

  it('names the file of an error elsewhere, and counts the errors it leaves out', () => {
    const problems = [
      problem(0, 'a', 'file:///models/blocks/b.scv'),
      ...[1, 2, 3, 4].map((line) => problem(line, 'c')),
    ];
    assert.deepEqual(
      pythonText({ ...broken, problems }, file, undefined)
        .split('\n')
        .slice(1, -1),
      ['#   b.scv, line 1: a', '#   line 2: c', '#   line 3: c', '#   … and 2 more'],
    );
  });
});
