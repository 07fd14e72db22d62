/** Long programs, for tests of growth and for the bench: each has about so many layers. */

/** One layer a statement, each fed by the one before. */
export function chainOfBindings(layers: number): string {
  const lines = Array.from(
    { length: layers },
    (_, index) => `  x${String(index + 1)} = x${String(index)} -> conv${String(index)}: Conv2d(8, 3, padding=1)`,
  );
  return `model Long {\n  input x0: [N, 8, 32, 32]\n${lines.join('\n')}\n  output x${String(layers)}\n}\n`;
}

const STAGES = ['Conv2d(8, 3, padding=1, bias=False)', 'BatchNorm2d', 'ReLU'];

function stages(layers: number): string {
  return Array.from({ length: layers }, (_, index) => `\n    -> ${STAGES[index % STAGES.length]!}`).join('');
}

/** All layers in one statement. */
function chainOfStages(layers: number): string {
  return `model Long {\n  input x: [N, 8, 32, 32]\n  output x${stages(layers)}\n}\n`;
}

/** Ten layers a block, each block used once. */
function chainOfBlocks(layers: number): string {
  const count = layers / 10;
  const blocks = Array.from(
    { length: count },
    (_, index) => `block Part${String(index)} {\n  input x\n  output x${stages(10)}\n}\n`,
  );
  const uses = Array.from({ length: count }, (_, index) => `\n    -> Part${String(index)}`);
  return `${blocks.join('\n')}\nmodel Long {\n  input x: [N, 8, 32, 32]\n  output x${uses.join('')}\n}\n`;
}

/** One block of three layers and an addition, used over and over, each time with another width. */
function residualNet(layers: number): string {
  const uses = Array.from({ length: Math.ceil(layers / 4) }, (_, index) => `\n    -> Residual(${String(8 + index)})`);
  return `block Residual(width: int) {
  input x
  main = x -> Conv2d(width, 3, padding=1, bias=False) -> BatchNorm2d
  shortcut = if x.channels != width { x -> Conv2d(width, 1) } else { x }
  output main + shortcut -> ReLU
}

model Long {
  input x: [N, 8, 32, 32]
  output x${uses.join('')}
}
`;
}

export const SHAPES: Readonly<Record<string, (layers: number) => string>> = {
  'one chain': chainOfStages,
  'a name a layer': chainOfBindings,
  'blocks of ten': chainOfBlocks,
  'residual blocks': residualNet,
};
