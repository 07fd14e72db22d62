/** What our hovers are written in: paragraphs, line breaks, `code`, **bold** and links. */
import type { ReactNode } from 'react';
import { parseMarkdown, type Span } from './markdown.ts';
import type { Host } from './host.ts';

export function Markdown({ host, text }: { readonly host: Host; readonly text: string }): ReactNode {
  return parseMarkdown(text).map((lines, index) => (
    <p key={index}>
      {lines.map((spans, line) => (
        <span key={line} className="line-of-text">
          {spans.map((span, i) => (
            <Piece key={i} host={host} span={span} />
          ))}
        </span>
      ))}
    </p>
  ));
}

function Piece({ host, span }: { readonly host: Host; readonly span: Span }): ReactNode {
  switch (span.kind) {
    case 'text':
      return span.text;
    case 'code':
      return <code>{span.text}</code>;
    case 'bold':
      return <strong>{span.text}</strong>;
    case 'page':
      return (
        <a
          href="#"
          onClick={(event) => {
            event.preventDefault();
            host.post({ kind: 'openLayerPage', layer: span.layer });
          }}
        >
          {span.text}
        </a>
      );
    case 'link':
      return <a href={span.to}>{span.text}</a>;
  }
}
