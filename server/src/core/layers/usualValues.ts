/** What one writes for a parameter that must be given, where nothing better is known. */
import type { Parameter } from './parameters.ts';

const BY_NAME: Readonly<Partial<Record<string, string>>> = {
  out_channels: '64',
  out_features: '10',
  kernel_size: '3',
  hidden_size: '128',
  num_heads: '8',
  output_size: '7',
};

export function usualValue(name: string, { type, choices }: Parameter<unknown>): string {
  const known = BY_NAME[name];
  if (known !== undefined) return known;
  if (choices !== undefined && !type.startsWith('int')) return `"${choices[0]!}"`;
  return type.startsWith('float') ? '0.5' : '2';
}
