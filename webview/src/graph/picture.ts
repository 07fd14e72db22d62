/** A view with its places: what the canvas draws. */
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Layout } from '../../../server/src/core/layout/graph.ts';
import type { ModelGraph } from '../../../server/src/core/view/modelGraph.ts';
import type { Folding, View } from '../../../server/src/core/view/view.ts';
import { viewOf } from '../../../server/src/core/view/viewOf.ts';
import { type Offset, anchored, moved } from './anchor.ts';
import { type Area, Lines } from './culling.ts';
import { Layouts } from './layouts.ts';

export interface Picture {
  /** Counts up: a new one is drawn with an animation from the one before. */
  readonly turn: number;
  readonly graph: ModelGraph;
  readonly view: View;
  /** As the layout gave it: for files. */
  readonly own: Layout;
  /** Where it is in the canvas. */
  readonly layout: Layout;
  readonly offset: Offset;
  readonly lines: Lines;
  /** Boxes that weren't in the picture before. */
  readonly appeared: ReadonlySet<string>;
}

interface Wanted {
  readonly graph: ModelGraph | undefined;
  readonly folding: Folding;
  readonly isU: boolean;
  /** Ids of boxes that should stay where they are, best first. */
  readonly anchors: () => readonly string[];
  /** What of the canvas is in sight. */
  readonly seen: () => Area | undefined;
  readonly failed: (message: string) => void;
}

/** The picture of what is wanted; while it is laid out, the one before. */
export function usePicture({ graph, folding, isU, anchors, seen, failed }: Wanted): Picture | undefined {
  const [picture, setPicture] = useState<Picture>();
  const layouts = useRef<Layouts>(undefined);
  const now = useRef({ picture, anchors, seen });
  now.current = { picture, anchors, seen };
  const view = useMemo(() => graph && viewOf(graph, folding), [graph, folding]);

  // Without a frame in between: what runs after painting would begin that much later.
  useLayoutEffect(() => {
    if (graph === undefined || view === undefined) return;
    layouts.current ??= new Layouts(failed);
    layouts.current.layOut({
      view,
      uShape: isU,
      preferred: mainPath(now.current.picture),
      done: (own) => {
        const before = now.current.picture;
        // Another model begins at its own place.
        const isSame = before !== undefined && before.graph.modules[0]?.definition === graph.modules[0]?.definition;
        const offset = isSame
          ? anchored(
              { layout: before.own, offset: before.offset },
              own,
              now.current.anchors(),
              seenIn(before, now.current.seen()),
            )
          : { x: 0, y: 0 };
        const layout = moved(offset, own);
        const appeared = isSame ? new Set([...view.byId.keys()].filter((id) => !before.view.byId.has(id))) : NONE;
        setPicture({
          turn: (before?.turn ?? 0) + 1,
          graph,
          view,
          own,
          layout,
          offset,
          lines: new Lines(layout.lines),
          appeared,
        });
      },
    });
  }, [graph, view, isU, failed]);
  return picture;
}

const NONE: ReadonlySet<string> = new Set();

/** What lies on the axis of the first input, be it in frames. */
function mainPath(picture: Picture | undefined): ReadonlySet<string> {
  if (picture === undefined) return NONE;
  const { boxes } = picture.layout;
  const first = [...boxes.values()][0];
  return new Set(
    [...boxes].flatMap(([id, { axis }]) => (first !== undefined && Math.abs(axis - first.axis) < 1 ? [id] : [])),
  );
}

/** From the canvas's coordinates to those of the layout. */
function seenIn({ offset }: Picture, area: Area | undefined): Area | undefined {
  return (
    area && {
      left: area.left - offset.x,
      right: area.right - offset.x,
      top: area.top - offset.y,
      bottom: area.bottom - offset.y,
    }
  );
}
