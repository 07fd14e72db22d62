import assert from 'node:assert/strict';
import { analyseText } from './texts.ts';

function problems(input: string, stage: string): readonly string[] {
  return analyseText(`model A {\n  input x: ${input}\n  output x -> ${stage}\n}`).problems;
}

describe('an inferred size given by habit', () => {
  const slips: [input: string, stage: string, argument: string][] = [
    ['[N, 400]', 'Linear(400, 120)', '400'],
    ['[N, 400]', 'Linear(256, 120)', '256'],
    ['[N, 3, 32, 32]', 'Conv2d(3, 64, 3)', '3'],
    ['[N, 64, 8, 8]', 'ConvTranspose2d(64, 32, 2, stride=2)', '64'],
    ['[N, 64, 8, 8]', 'BatchNorm2d(64)', '64'],
    ['[N, 64, 8, 8]', 'BatchNorm2d(32)', '32'],
    ['[N, 64, 8, 8]', 'GroupNorm(8, 64)', '64'],
    ['[N, 10, 64]', 'LayerNorm(64)', '64'],
    ['[N, 10, 64]', 'MultiheadAttention(64, 8)', '64'],
    ['[N, 10, 64]', 'LSTM(64, 128, 2)', '64'],
    ['[N, 10, 64]', 'GRU(64, 128)', '64'],
    ['[N, 64]', 'LSTMCell(64, 128)', '64'],
    ['[N, 10, 64]', 'RMSNorm(64)', '64'],
    ['[N, 64, 8, 8]', 'SyncBatchNorm(64)', '64'],
  ];
  for (const [input, stage, argument] of slips) {
    it(`is told: ${stage} on ${input}`, () => {
      assert.deepEqual(problems(input, stage), [`inferred-argument ${argument}`]);
    });
  }

  it('is told where the size is not known, too', () => {
    assert.deepEqual(problems('[N, 3, 8, 8]', 'Oops -> Linear(256, 120)'), [
      'unknown-layer Oops',
      'inferred-argument 256',
    ]);
    assert.deepEqual(analyseText('block B { input x  output x -> Linear(256, 10) }').problems, [
      'inferred-argument 256',
    ]);
  });

  const meant: [string, string][] = [
    ['[N, 64]', 'Linear(64)'],
    ['[N, 64]', 'Linear(64, False)'],
    ['[N, 64, 8, 8]', 'Conv2d(64, 3)'],
    ['[N, 64, 8, 8]', 'Conv2d(64, 7, 2)'],
    ['[N, 64, 8, 8]', 'GroupNorm(8)'],
    ['[N, 64, 8, 8]', 'BatchNorm2d(1e-3, 0.1)'],
    ['[N, 10, 128]', 'LSTM(128, 2)'],
    ['[N, 10, 128]', 'GRU(128)'],
    ['[N, 128]', 'GRUCell(128)'],
    ['[N, 10, 128]', 'MultiheadAttention(8, 0.1)'],
  ];
  for (const [input, stage] of meant) {
    it(`is not seen in ${stage} on ${input}`, () => {
      assert.deepEqual(problems(input, stage), []);
    });
  }
});

describe('two inferred sizes given by habit', () => {
  it('are told together', () => {
    const { messages } = analyseText(
      'model A {\n  input a: [N, 20], b: [N, 30]\n  output (a, b) -> Bilinear(20, 30, 40)\n}',
    );
    assert.deepEqual(messages, [
      'in1_features and in2_features are worked out from what comes in: leave the first 2 arguments out and write Bilinear(40).',
    ]);
  });
});
