import { ReactFlowProvider } from '@xyflow/react';
import {
  type KeyboardEvent as KeyPress,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type BoxOptions, mostOf } from '../../../server/src/core/drawing/box.ts';
import type { Folding, View, ViewBox } from '../../../server/src/core/view/view.ts';
import type { PaletteGroup, PalettePiece } from '../../../server/src/protocol/palette.ts';
import type { ToPage } from '../../../server/src/protocol/graphView.ts';
import { Button } from '../components/Button.tsx';
import { Canvas } from './Canvas.tsx';
import type { Area } from './culling.ts';
import { boxAt, nearestBox, stillThere } from './cursor.ts';
import { type Dragged, dropEdit, type DropTarget, pieceEdit, type Zone } from './dragging.ts';
import { editedPlace, whereAt } from './edits.ts';
import { Empty } from './Empty.tsx';
import type { Host } from './host.ts';
import { EditBubble, HoverBubble, RenameBubble } from './Bubbles.tsx';
import { keyAction } from './keys.ts';
import { Legend } from './Legend.tsx';
import { usePicker } from './picking.ts';
import { usePicture } from './picture.ts';
import { rowsOf, wayTo } from './rows.ts';
import { FRESH, readSavedState, type SavedState } from './savedState.ts';
import { savePicture } from './savePicture.ts';
import { SidePanel } from './SidePanel.tsx';
import { Toolbar } from './Toolbar.tsx';
import { useCamera } from './camera.ts';
import { useDescription } from './description.ts';
import { useEditing } from './editing.ts';
import { frameAround, neighbour } from './walking.ts';

type Shown = Extract<ToPage, { kind: 'graph' }>;

export function App({ host }: { readonly host: Host }): ReactNode {
  return (
    <ReactFlowProvider>
      <GraphPage host={host} />
    </ReactFlowProvider>
  );
}

function GraphPage({ host }: { readonly host: Host }): ReactNode {
  const [saved, setSaved] = useState<SavedState>(() => readSavedState(host.saved));
  const [shown, setShown] = useState<Shown>();
  const [unavailable, setUnavailable] = useState<string>();
  const [selection, setSelection] = useState<readonly string[]>([]);
  const [dragged, setDragged] = useState<Dragged>();
  /** Tells the bubble where the pointer rests; nothing else is drawn anew for that. */
  const rest = useRef<(id: string | undefined) => void>(undefined);
  const onRest = useCallback((id: string | undefined) => rest.current?.(id), []);
  const [isRenaming, setRenaming] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const [groups, setGroups] = useState<readonly PaletteGroup[]>();
  const [cursor, setCursor] = useState<{ readonly uri: string; readonly offset: number }>();
  const seen = useRef<() => Area>(undefined);
  /** What was folded or unfolded last keeps its place. */
  const touched = useRef<string>(undefined);
  /** The box to go to when it has come into the picture. */
  const awaited = useRef<string>(undefined);

  const failed = useCallback((message: string) => host.post({ kind: 'failed', message }), [host]);
  const update = useCallback((change: Partial<SavedState>) => {
    setSaved((before) => ({ ...before, ...change }));
  }, []);

  // -------------------------------------------------------------------------------------------- what comes in

  useEffect(() => {
    const stop = host.listen((message) => {
      switch (message.kind) {
        case 'graph':
          setUnavailable(undefined);
          setShown(message);
          return;
        case 'settings':
          setShown((before) => before && { ...before, settings: message.settings });
          return;
        case 'cursor':
          setCursor({ uri: message.uri, offset: message.offset });
          return;
        case 'unavailable':
          setUnavailable(message.reason);
          return;
        case 'palette':
          setGroups(message.groups);
      }
    });
    const { model } = readSavedState(host.saved);
    host.post({ kind: 'ready', ...(model === undefined ? {} : { model }) });
    return stop;
  }, [host]);
  const answer = shown?.answer;
  // Another model has its own boxes: what was folded in the last one means nothing there.
  useEffect(() => {
    const model = answer?.model;
    if (model === undefined) return;
    setSaved((before) =>
      before.model === undefined || before.model === model
        ? { ...before, model }
        : {
            ...FRESH,
            colouring: before.colouring,
            isU: before.isU,
            ...(before.panel && { panel: before.panel }),
            model,
          },
    );
  }, [answer?.model]);
  useEffect(() => {
    host.save(saved);
  }, [host, saved]);
  useEffect(() => {
    if (saved.panel === 'palette') host.post({ kind: 'palette' });
  }, [host, saved.panel, shown?.number]);

  // -------------------------------------------------------------------------------------------- the picture

  // While a text can't be read its last picture stays: of half a text there would be half a graph.
  const readable = useRef<Shown>(undefined);
  if (shown !== undefined && isReadable(shown, readable.current)) readable.current = shown;
  const drawn = shown?.answer.models.length === 0 && shown.answer.problems.length === 0 ? undefined : readable.current;
  const graph = drawn?.answer.graph;
  const isStale = drawn !== shown || unavailable !== undefined;
  const note = unavailable ?? (shown === undefined ? undefined : noteOn(shown, isStale));

  const folding = useMemo<Folding>(() => foldingOf(saved), [saved]);
  const primary = selection.at(-1);
  const anchors = useCallback(
    () =>
      [touched.current, primary].flatMap((id) =>
        id === undefined ? [] : [id, id.endsWith('*') ? id.slice(0, -1) : `${id}*`],
      ),
    [primary],
  );
  const lookFor = useCallback(() => seen.current?.(), []);
  const picture = usePicture({ graph, folding, isU: saved.isU, anchors, seen: lookFor, failed });
  const view = picture?.view;
  const layout = picture?.layout;
  const camera = useCamera(picture, seen);

  const options = useMemo<BoxOptions>(() => {
    if (view === undefined) return {};
    const boxes = [...view.byId.values()];
    const { colouring } = saved;
    return {
      most: mostOf(boxes, 'parameters'),
      ...(colouring === 'family' ? {} : { heat: { by: colouring, most: mostOf(boxes, colouring) } }),
    };
  }, [view, saved.colouring]);
  // All layers are listed where somebody looks for them.
  const isListed = saved.panel === 'layers' || isSearching;
  const rows = useMemo(
    () => (!isListed || graph === undefined || view === undefined ? undefined : rowsOf(graph, view)),
    [graph, view, isListed],
  );

  // -------------------------------------------------------------------------------------------- selection

  const number = (drawn ?? shown)?.number ?? 0;
  const reveal = useCallback(
    (box: ViewBox, focus: boolean) => {
      host.post({ kind: 'reveal', number, place: box.place, focus });
    },
    [host, number],
  );
  const select = useCallback(
    (id: string | undefined, adds = false, tells = true) => {
      setRenaming(false);
      touched.current = undefined;
      const box = id === undefined ? undefined : view?.byId.get(id);
      if (box === undefined) {
        setSelection([]);
        return;
      }
      setSelection((before) =>
        !adds ? [box.id] : before.includes(box.id) ? before.filter((each) => each !== box.id) : [...before, box.id],
      );
      if (tells) reveal(box, false);
    },
    [view, reveal],
  );
  const selected = useMemo(() => selection.flatMap((id) => view?.byId.get(id) ?? []), [selection, view]);

  const lastView = useRef<View>(undefined);
  const selectedIds = useMemo(() => new Set(selection), [selection]);

  // What was selected may be folded, or gone, in the next picture.
  useEffect(() => {
    if (view === undefined) return;
    // By the view that it was in it is found again.
    const from = lastView.current ?? view;
    lastView.current = view;
    const jump = awaited.current;
    if (jump !== undefined && view.byId.has(jump)) {
      awaited.current = undefined;
      setSelection([jump]);
      camera.show(jump);
      reveal(view.byId.get(jump)!, false);
      return;
    }
    setSelection((before) => {
      const now = [...new Set(before.flatMap((id) => stillThere(view, id, from)?.id ?? []))];
      return now.length === before.length && now.every((id, i) => id === before[i]) ? before : now;
    });
    // Only for a new view: what else changes moves nothing.
  }, [view]);
  // The cursor in the text selects its node.
  useEffect(() => {
    // A cursor in a text that isn't drawn yet waits for its picture.
    if (cursor === undefined || picture === undefined || answer === undefined || picture.graph !== graph) return;
    setCursor(undefined);
    const box = boxAt(picture, answer.definitions, cursor.uri, cursor.offset, primary);
    if (box === undefined) return;
    select(box.id, false, false);
    camera.show(box.id);
    // It is looked at once, with the picture that is there then.
  }, [cursor, picture]);

  const toggle = useCallback(
    (id: string, all: boolean) => {
      const box = view?.byId.get(id);
      if (view === undefined || !box?.isFoldable) return;
      touched.current = id;
      const opens = box.form !== 'frame';
      const same = all ? [...view.byId.values()].filter((each) => isEqualBlock(each, box)) : [box];
      setSaved((before) =>
        chosen(
          before,
          same.map((each) => each.id),
          opens,
        ),
      );
    },
    [view],
  );
  /** Folds what a box stands in: the stack that it was unrolled of, else the frame. */
  const foldAround = useCallback(
    (id: string) => {
      if (view === undefined) return;
      const stack = view.byId.get(id)?.stack;
      const isUnrolled = stack !== undefined && stack !== id;
      const outer = isUnrolled ? stack : frameAround(view, id)?.id;
      if (outer === undefined) return;
      touched.current = outer;
      setSelection([outer]);
      setSaved((before) => chosen(before, [outer], false));
    },
    [view],
  );
  const jump = useCallback(
    (id: string) => {
      if (view?.byId.has(id) === true) {
        select(id);
        camera.show(id);
        return;
      }
      if (rows?.unfolded === undefined) return;
      awaited.current = id;
      const way = wayTo(rows.unfolded, id);
      setSaved((before) => chosen(before, way, true));
    },
    [view, rows, select, camera],
  );
  /** Where it is in the picture as it is, be it in what is folded. */
  const point = useCallback(
    (id: string) => {
      const box = view && nearestBox(view, id, rows?.unfolded ?? view);
      if (box === undefined) return;
      select(box.id);
      camera.show(box.id);
    },
    [view, select, camera],
  );

  // -------------------------------------------------------------------------------------------- edits

  const editing = useEditing(host, number);
  const { edit, dismiss } = editing;
  const insert = useCallback(
    (piece: PalettePiece, zone: Zone) => {
      const end = [...(view?.byId.values() ?? [])].find(({ form }) => form === 'output');
      const boxes = selected.length > 0 ? selected : end === undefined ? [] : [end];
      const asked = pieceEdit(piece, boxes, zone);
      if (asked !== undefined) void edit(asked, boxes.at(-1)?.id);
    },
    [edit, selected, view],
  );
  const drop = useCallback(
    (what: Dragged, target: DropTarget) => {
      const asked = view && dropEdit(view, what, target);
      const near = target.kind === 'box' ? target.id : view?.edges[target.line.edges[0] ?? -1]?.target;
      if (asked !== undefined) void edit(asked, near);
    },
    [edit, view],
  );
  const remove = useCallback(() => {
    if (selected.length > 0) void edit({ kind: 'delete', nodes: selected.map(editedPlace) }, selected[0]?.id);
  }, [edit, selected]);
  const move = useCallback(
    (direction: 'up' | 'down') => {
      const moved = selected.at(-1);
      const next = moved && view && layout && neighbour(view, layout, moved.id, direction);
      const other = next === undefined ? undefined : view?.byId.get(next);
      if (moved === undefined || other === undefined) return;
      const where = direction === 'up' ? ({ kind: 'before', node: editedPlace(other) } as const) : whereAt(other);
      void edit({ kind: 'move', node: editedPlace(moved), where }, moved.id);
    },
    [edit, selected, view, layout],
  );
  const picker = usePicker(edit);
  const { picking } = picker;
  const click = useCallback(
    (id: string | undefined, adds: boolean) => {
      const picked = id === undefined ? undefined : view?.byId.get(id);
      if (picked !== undefined && picker.pick(picked)) return;
      dismiss();
      select(id, adds);
    },
    [picker, select, view, dismiss],
  );

  const box = selected.at(-1);
  const description = useDescription(host, number, box, graph !== undefined && answer?.model !== undefined);

  // -------------------------------------------------------------------------------------------- keys

  const onKeyDown = (event: KeyPress): void => {
    const action = keyAction(event);
    if (action === undefined || view === undefined || picture === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onRest(undefined);
    const current = box?.id ?? view.boxes[0]?.id;
    if (current === undefined) return;
    switch (action.kind) {
      case 'walk': {
        const next = box === undefined ? current : neighbour(view, picture.layout, current, action.direction);
        if (next === undefined) return;
        select(next);
        camera.show(next);
        return;
      }
      case 'enter':
        if (box !== undefined && picker.pick(box)) return;
        if (view.byId.get(current)?.isFoldable === true) toggle(current, action.all);
        else if (box !== undefined) reveal(box, true);
        return;
      case 'foldAround':
        foldAround(current);
        return;
      case 'move':
        move(action.direction);
        return;
      case 'delete':
        remove();
        return;
      case 'rename':
        setRenaming(box !== undefined);
        return;
      case 'escape':
        if (picking !== undefined) picker.cancel();
        else if (editing.bubble !== undefined) editing.dismiss();
        else if (isRenaming) setRenaming(false);
        else select(undefined);
    }
  };
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'f') {
        event.preventDefault();
        event.stopPropagation();
        setSearching(true);
      }
    };
    window.addEventListener('keydown', key, true);
    return () => {
      window.removeEventListener('keydown', key, true);
    };
  }, []);

  // -------------------------------------------------------------------------------------------- the page

  const current = box?.id ?? view?.boxes[0]?.id;
  const isEmpty =
    shown !== undefined && graph === undefined && unavailable === undefined && shown.answer.problems.length === 0;
  return (
    <div className="page">
      <Toolbar
        models={answer?.models ?? []}
        model={answer?.model}
        rows={rows?.rows ?? []}
        saved={saved}
        isSearching={isSearching}
        onSearch={setSearching}
        onJump={jump}
        onModel={(model) => host.post({ kind: 'showModel', model })}
        onChange={update}
        onShowAll={camera.showAll}
        onFoldAll={(all) => update({ all, unfolded: [], folded: [] })}
        onExport={(format, isPage) => {
          if (picture === undefined) return;
          savePicture(host, picture, format, isPage).catch((error: unknown) => {
            failed(`The picture couldn't be made: ${String(error)}`);
          });
        }}
      />
      <div className="middle">
        <main className="stage">
          {note !== undefined && (
            <p className="note" role="status">
              {note}
            </p>
          )}
          {picking !== undefined && (
            <p className="note picking" role="status">
              Choose {picking.what}: click it, or go there and press Enter.
              <Button onClick={picker.cancel}>Cancel</Button>
            </p>
          )}
          {isEmpty && (
            <Empty
              onCreate={(name, shape) =>
                void edit({ kind: 'createModel', file: shown.uri, name, input: 'image', shape }, undefined)
              }
              problem={editing.bubble?.kind === 'refused' ? editing.bubble.reason : undefined}
            />
          )}
          {picture !== undefined && !isEmpty && (
            <Canvas
              picture={picture}
              options={options}
              selection={selectedIds}
              current={current}
              hasShapes={shown?.settings.edgeShapes === true}
              isStale={isStale}
              dragged={dragged}
              seen={seen}
              onDrag={setDragged}
              onDrop={drop}
              onSelect={click}
              onToggle={toggle}
              onOpen={(id) => {
                const opened = view?.byId.get(id);
                if (opened !== undefined) reveal(opened, true);
              }}
              onRest={onRest}
              onKeyDown={onKeyDown}
            >
              {dragged === undefined && <HoverBubble host={host} picture={picture} number={number} rest={rest} />}
              {isRenaming && box !== undefined && (
                <RenameBubble
                  picture={picture}
                  box={box}
                  label={description.node?.label ?? box.node?.name ?? ''}
                  onRename={(label) => {
                    setRenaming(false);
                    const value = label.trim() === '' ? {} : { label: label.trim() };
                    void edit({ kind: 'setLabel', node: editedPlace(box), ...value }, box.id);
                  }}
                  onCancel={() => {
                    setRenaming(false);
                  }}
                />
              )}
              <EditBubble picture={picture} editing={editing} />
            </Canvas>
          )}
          {picture !== undefined && !isEmpty && <Legend saved={saved} view={picture.view} options={options} />}
          <p className="status" role="status" aria-live="polite">
            {editing.status}
          </p>
        </main>
        {saved.panel !== undefined && graph !== undefined && view !== undefined && !isEmpty && (
          <SidePanel
            host={host}
            panel={saved.panel}
            graph={graph}
            view={view}
            rows={rows?.rows ?? []}
            isCut={rows !== undefined && rows.unfolded === undefined}
            selected={selected}
            description={description}
            groups={groups}
            onPanel={(panel) => update({ panel })}
            onPoint={point}
            onJump={jump}
            onInsert={insert}
            onDrag={setDragged}
            onEdit={(asked) => void edit(asked, box?.id)}
            onPick={picker.begin}
            onText={(each) => reveal(each, true)}
            onFoldAround={foldAround}
          />
        )}
      </div>
    </div>
  );
}

function isReadable({ answer }: Shown, before: Shown | undefined): boolean {
  if (answer.graph === undefined) return false;
  return answer.problems.length === 0 || before?.answer.model !== answer.model;
}

function noteOn({ answer: { problems } }: Shown, isStale: boolean): string | undefined {
  const [problem, ...more] = problems;
  if (problem === undefined) return undefined;
  const others = more.length === 0 ? '' : `, and ${String(more.length)} more`;
  return `${isStale ? 'The graph is from before' : 'The graph may lack parts'}: ${problem}${others}`;
}

function foldingOf({ unfolded, folded, all }: SavedState): Folding {
  return {
    choices: new Map([...folded.map((id) => [id, false] as const), ...unfolded.map((id) => [id, true] as const)]),
    ...(all === undefined ? {} : { depth: all === 'folded' ? 0 : Infinity, isUnrolled: all === 'unfolded' }),
  };
}

function chosen(before: SavedState, ids: readonly string[], opens: boolean): SavedState {
  const own = new Set(ids);
  const rest = (list: readonly string[]): string[] => list.filter((id) => !own.has(id));
  return {
    ...before,
    unfolded: opens ? [...rest(before.unfolded), ...ids] : rest(before.unfolded),
    folded: opens ? rest(before.folded) : [...rest(before.folded), ...ids],
  };
}

function isEqualBlock(a: ViewBox, b: ViewBox): boolean {
  return a.isFoldable && a.form === b.form && a.node?.kind === b.node?.kind && a.node?.title === b.node?.title;
}
