import { memo, type PointerEvent, type ReactNode, useMemo } from 'react';
import { drawLine, pathOf } from '../../../server/src/core/drawing/line.ts';
import type { Line } from '../../../server/src/core/layout/graph.ts';
import type { View } from '../../../server/src/core/view/view.ts';
import { fontScale, Marks } from './marks.tsx';
import { fullName } from './names.ts';

interface LineLayerProps {
  readonly view: View;
  readonly lines: readonly Line[];
  /** Edges of what is pointed at or selected. */
  readonly near: ReadonlySet<number> | undefined;
  readonly target: Line | undefined;
  readonly hasShapes: boolean;
  readonly isSmall: boolean;
  readonly onPress: (line: Line, event: PointerEvent) => void;
}

/** The edges in sight. */
export const LineLayer = memo(
  ({ view, lines, near, target, hasShapes, isSmall, onPress }: LineLayerProps): ReactNode => {
    const first = useMemo(() => firstLines(lines), [lines]);
    return (
      <svg className="lines" width="1" height="1">
        {lines.map((line) => {
          const isNear = near !== undefined && line.edges.some((edge) => near.has(edge));
          const isFirst = line.edges.some((each) => first.get(each) === line);
          return (
            <LineView
              key={`${String(line.edges[0])}:${String(line.points[0])},${String(line.points[1])}`}
              view={view}
              line={line}
              isNear={isNear}
              isTarget={line === target}
              hasShape={(hasShapes || isNear) && isFirst && !isSmall}
              isSmall={isSmall}
              onPress={onPress}
            />
          );
        })}
      </svg>
    );
  },
);
LineLayer.displayName = 'LineLayer';

interface LineViewProps extends Pick<LineLayerProps, 'view' | 'isSmall' | 'onPress'> {
  readonly line: Line;
  readonly isNear: boolean;
  readonly isTarget: boolean;
  readonly hasShape: boolean;
}

const LineView = memo(({ view, line, isNear, isTarget, hasShape, isSmall, onPress }: LineViewProps): ReactNode => {
  const { label: _, ...bare } = line;
  const shape = view.edges[line.edges[0] ?? -1]?.shape;
  return (
    <g
      className={['line', line.kind, isNear ? 'near' : '', isTarget ? 'target' : ''].join(' ')}
      role="img"
      aria-label={spoken(view, line)}
    >
      <path
        className="hit nopan"
        d={pathOf(line.points)}
        onPointerDown={(event) => {
          onPress(line, event);
        }}
      />
      <Marks marks={drawLine(isSmall ? bare : line)} />
      {hasShape && shape !== undefined && (
        <text
          className="edge-shape"
          x={(line.points[0] ?? 0) + 5}
          y={(line.points[1] ?? 0) + 12}
          fontSize={10 * fontScale()}
        >
          {shape}
        </text>
      )}
    </g>
  );
});
LineView.displayName = 'LineView';

/** An edge that crosses frames is drawn in pieces: its shape is written at the first one. */
function firstLines(lines: readonly Line[]): ReadonlyMap<number, Line> {
  const first = new Map<number, Line>();
  for (const line of lines) for (const edge of line.edges) if (!first.has(edge)) first.set(edge, line);
  return first;
}

function spoken(view: View, line: Line): string {
  return line.edges
    .flatMap((index) => {
      const edge = view.edges[index];
      return edge === undefined ? [] : [`${nameOf(view, edge.source)} to ${nameOf(view, edge.target)}, ${edge.shape}`];
    })
    .join('; ');
}

function nameOf(view: View, id: string): string {
  const box = view.byId.get(id);
  return box === undefined ? '' : fullName(box);
}
