import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Layer } from '../core/layers/layer.ts';

/** Where hovers find the pages of layers that come with the program (docs/layers). */
export class LayerPages {
  /** The folder they are in, if it is there. */
  folder: string | undefined;
  /** The editor's own command that shows a page, given a layer's name. */
  command: string | undefined;

  /** A link that the editor can follow. */
  linkTo({ name }: Layer): string | undefined {
    if (this.command !== undefined) return `command:${this.command}?${encodeURIComponent(JSON.stringify([name]))}`;
    if (this.folder === undefined) return undefined;
    const page = join(this.folder, `${name}.md`);
    return existsSync(page) ? pathToFileURL(page).href : undefined;
  }
}
