import { toMermaid } from '../../../server/src/core/drawing/mermaid.ts';
import { toSvg } from '../../../server/src/core/drawing/svg.ts';
import type { ThemeName } from '../../../server/src/core/drawing/theme.ts';
import { inColumns } from '../../../server/src/core/layout/columns.ts';
import type { PictureFormat } from '../../../server/src/protocol/graphView.ts';
import type { Host } from './host.ts';
import type { Picture } from './picture.ts';

/** Pixels for each of the picture's. */
const SHARPNESS = 2;
/** A canvas can't be longer than this. */
const LONGEST = 16_000;

/**
 * What is seen as a file, in the colours of a light or dark page as VS Code's are.
 *
 * @param isPage whether it is folded into as many columns as make it a page
 */
export async function savePicture(host: Host, picture: Picture, format: PictureFormat, isPage: boolean): Promise<void> {
  const { graph, view, own } = picture;
  const { name } = graph;
  if (format === 'mermaid') {
    host.post({ kind: 'save', format, name, content: toMermaid(view) });
    return;
  }
  const { parameters } = graph.modules[0]?.counts ?? {};
  const heading = {
    title: name,
    ...(parameters === undefined ? {} : { parameters }),
    ...(graph.at === undefined ? {} : { at: graph.at }),
  };
  const svg = toSvg(view, isPage ? inColumns(own, 'page') : own, heading, themeOf(document.body));
  const content = format === 'svg' ? svg : await toPng(svg);
  host.post({ kind: 'save', format, name, content });
}

function themeOf({ classList }: HTMLElement): ThemeName {
  const isDark = classList.contains('vscode-dark') || classList.contains('vscode-high-contrast');
  return isDark && !classList.contains('vscode-high-contrast-light') ? 'dark' : 'light';
}

/** In base 64. */
async function toPng(svg: string): Promise<string> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(SHARPNESS, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('the browser has no canvas');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const [, content] = canvas.toDataURL('image/png').split(',');
    if (content === undefined || content === '') throw new Error('it is too large');
    return content;
  } finally {
    URL.revokeObjectURL(url);
  }
}
