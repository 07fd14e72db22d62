import type { ReactNode } from 'react';
import { widthOf } from '../../../server/src/core/drawing/text.ts';
import type { Mark } from '../../../server/src/core/drawing/mark.ts';

/** Marks as elements; theme.css gives the classes their colours. */
export function Marks({ marks }: { readonly marks: readonly Mark[] }): ReactNode {
  return marks.map((mark, index) => <Shape key={index} mark={mark} />);
}

function Shape({ mark }: { readonly mark: Mark }): ReactNode {
  switch (mark.kind) {
    case 'rectangle':
      return (
        <rect
          className={painted(mark)}
          x={mark.x}
          y={mark.y}
          width={mark.width}
          height={mark.height}
          rx={mark.radius}
          strokeWidth={mark.strokeWidth}
          strokeDasharray={mark.dashed === true ? '4 3' : undefined}
          opacity={mark.opacity}
          fillOpacity={mark.fillOpacity}
        />
      );
    case 'path':
      return (
        <path
          className={painted(mark)}
          d={mark.d}
          strokeWidth={mark.strokeWidth}
          strokeDasharray={mark.dashed === true ? '4 3' : undefined}
        />
      );
    case 'circle':
      return (
        <circle className={painted(mark)} cx={mark.x} cy={mark.y} r={mark.radius} strokeWidth={mark.strokeWidth} />
      );
    case 'label':
      return (
        <text
          className={[
            `fill-${mark.fill}`,
            mark.isBold === true ? 'bold' : '',
            mark.isTabular === true ? 'tabular' : '',
            mark.fromZoom === undefined ? '' : mark.fromZoom >= 0.6 ? 'second' : 'small',
          ].join(' ')}
          x={mark.x}
          y={mark.y}
          fontSize={mark.size * fontScale()}
          textAnchor={mark.anchor}
        >
          {mark.text}
        </text>
      );
  }
}

let scale: number | undefined;

/** Texts have been given room as they are in Inter; in a font that is wider they are written smaller. */
export function fontScale(): number {
  if (scale === undefined) {
    const context = document.createElement('canvas').getContext('2d');
    if (context === null) return 1;
    context.font = `600 100px ${getComputedStyle(document.body).fontFamily}`;
    scale = Math.max(0.85, Math.min(1, widthOf(SAMPLE, 100, true) / context.measureText(SAMPLE).width));
  }
  return scale;
}

const SAMPLE = 'BatchNorm2d conv1, 64 × 3';

function painted({ fill, stroke }: Exclude<Mark, { kind: 'label' }>): string {
  return `fill-${fill ?? 'none'}${stroke === undefined ? '' : ` stroke-${stroke}`}`;
}
