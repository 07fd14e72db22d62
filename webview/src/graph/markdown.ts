export type Span =
  | { readonly kind: 'text' | 'code' | 'bold'; readonly text: string }
  /** To the page of a layer. */
  | { readonly kind: 'page'; readonly text: string; readonly layer: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: string };

const SPAN = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** Paragraphs of lines of spans. Addresses that aren't of the web or of a layer's page stay text. */
export function parseMarkdown(text: string): Span[][][] {
  return text
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => paragraph.split(/ {2,}\n|\\\n/).map((line) => spansOf(line.replaceAll('\n', ' '))));
}

function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of line.matchAll(SPAN)) {
    if (match.index > at) spans.push({ kind: 'text', text: line.slice(at, match.index) });
    at = match.index + match[0].length;
    const [, code, bold, text, to] = match;
    if (code !== undefined) spans.push({ kind: 'code', text: code });
    else if (bold !== undefined) spans.push({ kind: 'bold', text: bold });
    else spans.push(link(text!, to!));
  }
  if (at < line.length) spans.push({ kind: 'text', text: line.slice(at) });
  return spans;
}

function link(text: string, to: string): Span {
  const layer = /^command:scv\.openLayerPage\?%5B%22(\w+)%22%5D$/i.exec(to)?.[1];
  if (layer !== undefined) return { kind: 'page', text, layer };
  return to.startsWith('https://') ? { kind: 'link', text, to } : { kind: 'text', text };
}
