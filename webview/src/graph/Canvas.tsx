import { ReactFlow, ViewportPortal, useReactFlow, useStore, useStoreApi } from '@xyflow/react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { BoxOptions } from '../../../server/src/core/drawing/box.ts';
import type { Line, PlacedBox } from '../../../server/src/core/layout/graph.ts';
import type { ViewBox } from '../../../server/src/core/view/view.ts';
import { type BoxNode, BoxView, type Detail } from './BoxNode.tsx';
import { LEAST_ZOOM } from './camera.ts';
import { type Area, around, boxesIn, contains } from './culling.ts';
import { boxAtPoint, type Dragged, type DropTarget, dropTarget, hasZones, type Zone, ZONES } from './dragging.ts';
import { LineLayer } from './LineLayer.tsx';
import { Minimap } from './Minimap.tsx';
import { shortName } from './names.ts';
import { LEAST_FOR_CARDS, Overview } from './Overview.tsx';
import type { Picture } from './picture.ts';
import { touching } from './walking.ts';

const NODE_TYPES = { box: BoxView };
const NO_EDGES: never[] = [];
const MOST_ZOOM = 2;
/** More boxes than these are drawn on one canvas; far away, where nobody reads them, many fewer. */
const MOST_ELEMENTS = 1500;
const MOST_FAR_ELEMENTS = 400;
/** Milliseconds: as long as the animation in graph.css. */
const ANIMATION = 180;
/** So far a pointer moves before a press becomes a drag. */
const DRAG_FROM = 5;

export interface CanvasProps {
  readonly picture: Picture;
  readonly options: BoxOptions;
  readonly selection: ReadonlySet<string>;
  /** What the keyboard is at. */
  readonly current: string | undefined;
  readonly hasShapes: boolean;
  readonly isStale: boolean;
  readonly dragged: Dragged | undefined;
  readonly onDrag: (dragged: Dragged | undefined) => void;
  readonly onDrop: (dragged: Dragged, target: DropTarget) => void;
  readonly onSelect: (id: string | undefined, adds: boolean) => void;
  readonly onToggle: (id: string, all: boolean) => void;
  readonly onOpen: (id: string) => void;
  readonly onRest: (id: string | undefined) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly seen: { current: (() => Area) | undefined };
  readonly children?: ReactNode;
}

export function Canvas(props: CanvasProps): ReactNode {
  const { picture, options, selection, current, hasShapes, isStale, dragged, onDrag, onDrop, onRest } = props;
  const { view, layout, lines } = picture;
  const flow = useReactFlow();
  const store = useStoreApi();
  const frame = useRef<HTMLDivElement>(null);
  const size = useStore((state) => `${String(state.width)}×${String(state.height)}`);
  const detail = useStore(({ transform: [, , zoom] }): Detail =>
    zoom < 0.35 ? 'kind' : zoom < 0.6 ? 'firstLine' : 'all',
  );
  const [area, setArea] = useState<Area>();
  const [hovered, setHovered] = useState<string>();
  const [target, setTarget] = useState<DropTarget>();
  const [ghost, setGhost] = useState<{ x: number; y: number }>();

  const seen = useCallback((): Area => {
    const { transform, width, height } = store.getState();
    const [x, y, zoom] = transform;
    return { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
  }, [store]);
  props.seen.current = seen;

  // Elements are made of what is in sight and half as much around; a pan within that makes none.
  const follow = useCallback(() => {
    const now = seen();
    setArea((before) =>
      before !== undefined && contains(before, now) && before.right - before.left < 4 * (now.right - now.left)
        ? before
        : around(now, 0.5),
    );
  }, [seen]);
  useEffect(follow, [follow, picture, size]);
  useFirstSight(picture, size, follow);

  const ids = useMemo(() => (area === undefined ? [] : boxesIn(layout, area)), [layout, area]);
  const isTiny = useStore(({ transform: [, , zoom] }) => zoom < LEAST_FOR_CARDS);
  const isOverview = isTiny || ids.length > (detail === 'kind' ? MOST_FAR_ELEMENTS : MOST_ELEMENTS);
  const drawnLines = useMemo(() => (area === undefined || isOverview ? [] : lines.in(area)), [lines, area, isOverview]);
  const near = useMemo(
    // What goes away tells nobody that the pointer has left it.
    () => (hovered === undefined || !view.byId.has(hovered) ? undefined : touching(view, hovered)),
    [view, hovered],
  );
  const selectedNear = useMemo(
    () => (selection.size === 1 ? touching(view, [...selection][0]!) : undefined),
    [view, selection],
  );

  // What didn't change stays the same object: React Flow does nothing for it then.
  const known = useRef(new Map<string, BoxNode>());
  const nodes = useMemo(() => {
    const before = known.current;
    known.current = new Map();
    // On a canvas there is nothing that could have the focus.
    const own = isOverview ? ids.filter((id) => selection.has(id) || id === current) : ids;
    return own.flatMap((id): BoxNode[] => {
      const box = view.byId.get(id);
      const place = layout.boxes.get(id);
      if (box === undefined || place === undefined) return [];
      const { x, y, width, height, axis } = place;
      const isSelected = selection.has(id);
      const isTarget = target?.kind === 'box' && target.id === id;
      const classes = [
        box.form,
        // A press on what can be moved is the beginning of that, not of a pan.
        isMovable(box) ? 'nopan' : '',
        isSelected ? 'selected' : '',
        near?.boxes.has(id) === true ? 'near' : '',
        isTarget ? 'target' : '',
        picture.appeared.has(id) ? 'appeared' : '',
      ];
      const depth = id.split('/').length;
      const isCurrent = id === current;
      const className = classes.filter((name) => name !== '').join(' ');
      const old = before.get(id);
      if (
        old?.data.box === box &&
        old.data.place === place &&
        old.data.options === options &&
        old.data.detail === detail &&
        old.className === className &&
        old.domAttributes?.tabIndex === (isCurrent ? 0 : -1)
      ) {
        known.current.set(id, old);
        return [old];
      }
      const node: BoxNode = {
        id,
        type: 'box',
        position: { x, y },
        width,
        height,
        measured: { width, height },
        data: { box, place, extent: { width, height, axis: axis - x }, options, detail },
        zIndex: box.form === 'frame' ? depth : 1000,
        className,
        ariaRole: 'button',
        domAttributes: {
          tabIndex: isCurrent ? 0 : -1,
          'aria-roledescription': 'layer',
          ...(box.isFoldable ? { 'aria-expanded': box.form === 'frame' } : {}),
          ...(isSelected ? { 'aria-current': true } : {}),
        },
      };
      known.current.set(id, node);
      return [node];
    });
  }, [ids, isOverview, view, layout, selection, near, target, options, detail, current, picture.appeared]);

  useKeyboardFocus(frame, current, picture);
  const isMoving = useAnimation(picture);

  const pointIn = (event: { clientX: number; clientY: number }): { x: number; y: number } =>
    flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });

  // A drag goes on wherever the pointer goes, until it is let go of or Escape is pressed.
  useEffect(() => {
    if (dragged === undefined) return;
    const at = (event: globalThis.PointerEvent): DropTarget | undefined => {
      const bounds = frame.current?.getBoundingClientRect();
      const isInside =
        bounds !== undefined &&
        event.clientX >= bounds.left &&
        event.clientX <= bounds.right &&
        event.clientY >= bounds.top &&
        event.clientY <= bounds.bottom;
      if (!isInside) return undefined;
      const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      return dropTarget(dragged, { view, layout, lines: lines.in(seen()) }, point);
    };
    const move = (event: globalThis.PointerEvent): void => {
      setGhost({ x: event.clientX, y: event.clientY });
      setTarget(at(event));
    };
    const end = (): void => {
      setTarget(undefined);
      setGhost(undefined);
      onDrag(undefined);
    };
    const up = (event: globalThis.PointerEvent): void => {
      const dropped = at(event);
      end();
      if (dropped !== undefined) onDrop(dragged, dropped);
    };
    const key = (event: globalThis.KeyboardEvent): void => {
      if (event.key === 'Escape') end();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', end);
    window.addEventListener('keydown', key, true);
    return () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', key, true);
    };
  }, [dragged, lines, seen, flow, layout, onDrag, onDrop, view]);

  /** Of a press: a drag once it has moved far enough, else nothing. */
  const mayDrag = useCallback(
    (event: PointerEvent, what: Dragged) => {
      if (event.button !== 0 || event.altKey) return;
      const { clientX, clientY } = event;
      const move = (moved: globalThis.PointerEvent): void => {
        if (Math.hypot(moved.clientX - clientX, moved.clientY - clientY) < DRAG_FROM) return;
        stop();
        onDrag(what);
      };
      const stop = (): void => {
        window.removeEventListener('pointermove', move);
        window.removeEventListener('pointerup', stop);
      };
      window.addEventListener('pointermove', move);
      window.addEventListener('pointerup', stop);
    },
    [onDrag],
  );
  const pressLine = useCallback(
    (line: Line, event: PointerEvent) => {
      const [edge] = line.edges;
      if (edge !== undefined) mayDrag(event, { kind: 'edge', edge });
    },
    [mayDrag],
  );
  const press = (event: PointerEvent): void => {
    const id = (event.target as Element).closest('.react-flow__node')?.getAttribute('data-id');
    const box = id === null || id === undefined ? undefined : view.byId.get(id);
    if (box !== undefined && isMovable(box)) {
      mayDrag(event, { kind: 'box', id: box.id });
    }
  };

  const click = (event: MouseEvent, id: string): void => {
    const box = view.byId.get(id);
    const left = layout.boxes.get(id)?.x ?? 0;
    const isChevron = box?.isFoldable === true && pointIn(event).x - left < 26;
    if (isChevron || (event.altKey && box?.isFoldable === true)) props.onToggle(id, event.altKey);
    else props.onSelect(id, event.ctrlKey || event.metaKey || event.shiftKey);
  };
  const doubleClick = (_event: MouseEvent, id: string): void => {
    if (view.byId.get(id)?.isFoldable === true) props.onToggle(id, false);
    else props.onOpen(id);
  };
  const zoomed = detail === 'all' ? '' : detail === 'firstLine' ? 'far' : 'very-far';

  return (
    <div
      ref={frame}
      className={[
        'canvas',
        isMoving ? 'moving' : '',
        isStale ? 'stale' : '',
        near === undefined ? '' : 'some',
        dragged ? 'dragging' : '',
        zoomed,
      ].join(' ')}
      role="application"
      aria-label={`Graph of ${picture.graph.name}. Arrow keys go along the edges, Enter unfolds.`}
      onKeyDown={props.onKeyDown}
      onPointerDown={press}
    >
      <ReactFlow
        nodes={nodes}
        edges={NO_EDGES}
        nodeTypes={NODE_TYPES}
        minZoom={LEAST_ZOOM}
        maxZoom={MOST_ZOOM}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        autoPanOnNodeFocus={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnDoubleClick={false}
        panOnScroll
        proOptions={{ hideAttribution: true }}
        onMove={follow}
        onNodeClick={(event, { id }) => {
          click(event, id);
        }}
        onNodeDoubleClick={(event, { id }) => {
          doubleClick(event, id);
        }}
        onNodeMouseEnter={(_, { id }) => {
          if (view.byId.get(id)?.form === 'frame') return;
          setHovered(id);
          onRest(id);
        }}
        onNodeMouseLeave={() => {
          setHovered(undefined);
          onRest(undefined);
        }}
        onPaneClick={(event) => {
          const id = isOverview ? boxAtPoint(view, layout, pointIn(event)) : undefined;
          if (id === undefined) props.onSelect(undefined, false);
          else if (event.detail > 1) doubleClick(event, id);
          else click(event, id);
        }}
        onPaneMouseMove={(event) => {
          const id = isOverview ? boxAtPoint(view, layout, pointIn(event)) : undefined;
          if (id === hovered) return;
          setHovered(id);
          onRest(id);
        }}
      >
        <ViewportPortal>
          <LineLayer
            view={view}
            lines={drawnLines}
            near={(near ?? selectedNear)?.edges}
            target={target?.kind === 'line' ? target.line : undefined}
            hasShapes={hasShapes && detail === 'all'}
            isSmall={detail !== 'all'}
            onPress={pressLine}
          />
          {dragged !== undefined && target?.kind === 'box' && hasZones(dragged, view.byId.get(target.id)) && (
            <Zones place={layout.boxes.get(target.id)} zone={target.zone} />
          )}
          {props.children}
        </ViewportPortal>
        {isOverview && (
          <Overview
            picture={picture}
            options={options}
            detail={detail}
            selection={selection}
            near={near}
            target={target?.kind === 'box' ? target.id : target?.line}
          />
        )}
        <Minimap picture={picture} />
      </ReactFlow>
      {dragged !== undefined && ghost !== undefined && (
        <div className="ghost" style={{ left: ghost.x, top: ghost.y }}>
          {ghostText(dragged, picture, target)}
        </div>
      )}
    </div>
  );
}

const ZONE_TITLES: Readonly<Record<Zone, string>> = { after: 'behind', add: '+', concat: 'concat' };

/** Over a card: what becomes of a piece that is dropped there. */
function Zones({ place, zone }: { readonly place: PlacedBox | undefined; readonly zone: Zone }): ReactNode {
  if (place === undefined) return null;
  const { x, y, width, height } = place;
  return (
    <div className="zones" style={{ transform: `translate(${String(x)}px, ${String(y)}px)`, width, height }}>
      {ZONES.map((each) => (
        <span key={each} className={each === zone ? 'chosen' : ''}>
          {ZONE_TITLES[each]}
        </span>
      ))}
    </div>
  );
}

function isMovable({ form }: ViewBox): boolean {
  return form === 'card' || form === 'operator' || form === 'join';
}

const AT: Readonly<Record<Zone, string>> = {
  after: 'behind',
  add: 'on a way that is added around',
  concat: 'on a way that is joined around',
};

function ghostText(dragged: Dragged, { view }: Picture, target: DropTarget | undefined): string {
  const at = target?.kind === 'box' ? view.byId.get(target.id) : undefined;
  const other = at && shortName(at);
  switch (dragged.kind) {
    case 'piece':
    case 'box': {
      const what = dragged.kind === 'piece' ? dragged.piece.name : view.byId.get(dragged.id)?.title;
      if (target?.kind !== 'box' || other === undefined) return what ?? '';
      return `${what ?? ''} ${at?.form === 'output' ? 'before' : AT[target.zone]} ${other}`;
    }
    case 'edge':
      return `from ${other ?? '…'}`;
  }
}

/** A model is first seen from its beginning: as wide as it is, but not larger than life. */
function useFirstSight(picture: Picture, size: string, follow: () => void): void {
  const flow = useReactFlow();
  const store = useStoreApi();
  const seen = useRef<string>(undefined);
  useEffect(() => {
    const model = picture.graph.modules[0]?.definition;
    const { width } = store.getState();
    if (model === seen.current || width === 0) return;
    seen.current = model;
    const { layout } = picture;
    // As wide as it fits and can be read; one goes down along it.
    const zoom = Math.min(1, Math.max(0.4, (width - 48) / layout.width));
    const axis = [...layout.boxes.values()][0]?.axis ?? layout.width / 2;
    const isWide = layout.width * zoom > width - 48;
    const left = isWide ? width / 2 - axis * zoom : (width - layout.width * zoom) / 2;
    void flow.setViewport({ x: left, y: 32, zoom }).then(follow);
  }, [picture, size, flow, store, follow]);
}

/** The element of the current box has the focus, if the canvas has it. */
function useKeyboardFocus(
  frame: { readonly current: HTMLElement | null },
  current: string | undefined,
  picture: Picture,
): void {
  useEffect(() => {
    const canvas = frame.current;
    if (canvas === null || current === undefined || !canvas.contains(document.activeElement)) return;
    canvas
      .querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(current)}"]`)
      ?.focus({ preventScroll: true });
  }, [frame, current, picture]);
}

/** Boxes move to their places for a moment after each new picture, but not to the first one. */
function useAnimation({ turn }: Picture): boolean {
  const [settled, setSettled] = useState(turn);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(turn);
    }, ANIMATION + 40);
    return () => {
      clearTimeout(timer);
    };
  }, [turn]);
  return settled !== turn && turn > 1;
}
