import { UriUtils } from 'langium';
import type { Definition } from '../../core/definition.ts';
import { LAYERS } from '../../core/layers/catalogue.ts';
import { FAMILIES, FAMILY_TITLES } from '../../core/layers/layer.ts';
import type { PaletteGroup, PaletteParams } from '../../protocol/palette.ts';
import { readDocument } from '../documents.ts';
import type { ScvLanguage } from '../module.ts';

/** The blocks of the file itself first, then the catalogue by torch's families, then the blocks of other files. */
export async function answerPalette({ shared }: ScvLanguage, { uri }: PaletteParams): Promise<PaletteGroup[]> {
  await shared.workspace.WorkspaceManager.ready;
  const files = shared.workspace.LangiumDocuments.all.toArray().flatMap((document) => {
    const blocks = readDocument(document)?.file.definitions.filter(isBlock) ?? [];
    const file = document.uri.toString();
    return blocks.length === 0 ? [] : [{ file, title: UriUtils.basename(document.uri), blocks }];
  });
  const group = ({ file, title, blocks }: (typeof files)[number]): PaletteGroup => ({
    title: file === uri ? 'Blocks of this file' : title,
    pieces: blocks.map(({ name, documentation }) => ({
      name: name.text,
      file,
      ...(documentation === undefined ? {} : { summary: documentation }),
    })),
  });
  const layers = FAMILIES.map((family) => ({
    title: FAMILY_TITLES[family],
    pieces: LAYERS.filter((layer) => layer.family === family).map(({ name, summary }) => ({ name, summary })),
  }));
  return [
    ...files.filter(({ file }) => file === uri).map(group),
    ...layers,
    ...files
      .filter(({ file }) => file !== uri)
      .sort((a, b) => a.title.localeCompare(b.title))
      .map(group),
  ];
}

/** What may stand in a chain; one whose name is still being typed may not. */
function isBlock({ kind, name }: Definition): boolean {
  return kind !== 'model' && name.text !== '';
}
