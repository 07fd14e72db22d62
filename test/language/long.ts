/** A model of so many layers, one a statement, each fed by the one before. */
export function chainOfBindings(layers: number): string {
  const lines = Array.from(
    { length: layers },
    (_, index) => `  x${String(index + 1)} = x${String(index)} -> conv${String(index)}: Conv2d(8, 3, padding=1)`,
  );
  return `model Long {\n  input x0: [N, 8, 32, 32]\n${lines.join('\n')}\n  output x${String(layers)}\n}\n`;
}
