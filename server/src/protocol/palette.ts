import { array, type Check, object, optional, string } from './check.ts';
import type { Request } from './message.ts';

export interface PaletteParams {
  /** The file that is drawn: its own blocks come first. */
  uri: string;
}

/** A family of torch's documentation, or a file with blocks. */
export interface PaletteGroup {
  title: string;
  pieces: PalettePiece[];
}

/** A layer of the catalogue, or a block. */
export interface PalettePiece {
  name: string;
  summary?: string;
  /** The uri of the file that defines the block; missing for a layer. */
  file?: string;
}

export const paletteGroups: Check<PaletteGroup[]> = array(
  object<PaletteGroup>({
    title: string,
    pieces: array(object<PalettePiece>({ name: string, summary: optional(string), file: optional(string) })),
  }),
);

/** Client → server: what can be put into a model, in torch's order, and the blocks of the workspace. */
export const palette: Request<PaletteParams, PaletteGroup[]> = {
  method: 'scv/palette',
  params: object<PaletteParams>({ uri: string }),
  result: paletteGroups,
};
