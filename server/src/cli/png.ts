/** An SVG as pixels, everywhere with the same font: what a machine has installed changes nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Resvg, initWasm } from '@resvg/resvg-wasm';
import { UsageError } from './usage.ts';

/** Pixels for each of the picture's: sharp on today's screens. */
const SCALE = 2;
/** More than this in a row or column is beyond what viewers open. */
const MOST = 16_000;

let ready: Promise<void> | undefined;

export async function toPng(svg: string): Promise<Uint8Array> {
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'png');
  if (!existsSync(folder)) throw new UsageError(`pictures in PNG need ${folder}, which is missing: draw .svg`);
  ready ??= initWasm(readFileSync(join(folder, 'resvg.wasm')));
  await ready;
  const [width, height] = ['width', 'height'].map((name) => Number(new RegExp(`${name}="(\\d+)"`).exec(svg)?.[1]));
  const scale = Math.min(SCALE, MOST / Math.max(width!, height!));
  const fontBuffers = ['Regular', 'SemiBold'].map((face) => readFileSync(join(folder, `Inter-${face}.ttf`)));
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { fontBuffers, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
  });
  return resvg.render().asPng();
}
