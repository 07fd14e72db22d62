import assert from 'node:assert/strict';
import { type Column, displayWidth, table } from '../../server/src/cli/table.ts';

const columns: readonly Column[] = [
  { heading: 'Layer', align: 'left', shrinks: true },
  { heading: 'Output', align: 'left' },
  { heading: 'MACs', align: 'right' },
  { heading: 'Field', align: 'right', optional: true },
  { heading: 'Jump', align: 'right', optional: true },
];
const rows = [
  ['encoder.layers.encoder_layer_11.mlp.0', '[N, 197, 3072]', '464,781,312', 'all', ''],
  ['분류기.conv', '[N, 8, 4, 4]', '1', '7×7', '1/2'],
];

describe('tables in a terminal', () => {
  it('are as wide as they must where nothing bounds them', () => {
    const { lines, leftOut } = table(columns, rows);
    assert.deepEqual(lines, [
      'Layer                                  Output                 MACs  Field  Jump',
      'encoder.layers.encoder_layer_11.mlp.0  [N, 197, 3072]  464,781,312    all',
      '분류기.conv                            [N, 8, 4, 4]              1    7×7   1/2',
    ]);
    assert.deepEqual(leftOut, []);
  });

  it('fit every width: names are shortened, then columns go, then names are shortened more', () => {
    for (let width = 37; width <= 90; width++) {
      for (const line of table(columns, rows, width).lines) assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
    }
    const at = (width: number): readonly string[] => [
      table(columns, rows, width).lines[1]!,
      ...table(columns, rows, width).leftOut,
    ];
    assert.deepEqual(at(60), ['….encoder_layer_11.mlp.0  [N, 197, 3072]  464,781,312    all', 'Jump']);
    assert.deepEqual(at(40), ['…r_11.mlp.0  [N, 197, 3072]  464,781,312', 'Field', 'Jump']);
  });

  it('count what a character takes', () => {
    assert.equal(displayWidth('conv'), 4);
    assert.equal(displayWidth('분류기'), 6);
    assert.equal(displayWidth('e\u0301'), 1);
    assert.equal(displayWidth('卷积.カナ'), 9);
  });
});
