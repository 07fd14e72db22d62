/** What is shown at a box, over the picture and as large at any zoom. */
import { useStore } from '@xyflow/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ViewBox } from '../../../server/src/core/view/view.ts';
import { Button } from '../components/Button.tsx';
import { TextField } from '../components/TextField.tsx';
import { spoken } from './BoxNode.tsx';
import { useDescription } from './description.ts';
import type { Editing } from './editing.ts';
import type { Host } from './host.ts';
import { Markdown } from './Markdown.tsx';
import type { Picture } from './picture.ts';

/** Pixels; graph.css says so, and a little room beside it. */
const WIDEST = 420 + 8;

interface BubbleProps {
  readonly picture: Picture;
  /** Of a box; the first one where there is none such. */
  readonly id: string | undefined;
  readonly side: 'below' | 'over';
  readonly className: string;
  readonly children: ReactNode;
}

function Bubble({ picture, id, side, className, children }: BubbleProps): ReactNode {
  const zoom = useStore((state) => state.transform[2]);
  const left = useStore((state) => state.transform[0]);
  const width = useStore((state) => state.width);
  const { boxes } = picture.layout;
  const place = (id === undefined ? undefined : boxes.get(id)) ?? [...boxes.values()][0];
  if (place === undefined) return null;
  // It stays in sight where its box is near the right edge.
  const over = Math.max(0, Math.min(place.x * zoom + left + WIDEST - width, place.x * zoom + left));
  const x = place.x - over / zoom;
  const y = side === 'over' ? place.y : place.y + Math.min(place.height, 60) + 6 / zoom;
  return (
    <div
      className={`bubble nopan nowheel ${className}`}
      style={{ transform: `translate(${String(x)}px, ${String(y)}px) scale(${String(1 / zoom)})` }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') event.stopPropagation();
      }}
      onPointerDown={(event) => {
        event.stopPropagation();
      }}
    >
      {children}
    </div>
  );
}

/** It stands above. */
function withoutProblem({ problem: _, ...rest }: ViewBox): ViewBox {
  return rest;
}

interface HoverBubbleProps {
  readonly host: Host;
  readonly picture: Picture;
  /** Of the graph that is drawn. */
  readonly number: number;
  /** Becomes what is to be called with the box that the pointer is on. */
  readonly rest: { current: ((id: string | undefined) => void) | undefined };
}

/** Milliseconds that the pointer rests before it is told. */
const REST = 500;

/** What the text's hover says. */
export function HoverBubble({ host, picture, number, rest }: HoverBubbleProps): ReactNode {
  const [id, setId] = useState<string>();
  useEffect(() => {
    rest.current = setId;
    return () => {
      rest.current = undefined;
    };
  }, [rest]);
  const box = id === undefined ? undefined : picture.view.byId.get(id);
  const { of, node: description } = useDescription(host, number, box, false, REST);
  if (box === undefined || of !== box.id) return null;
  const { problem } = box;
  return (
    <Bubble picture={picture} id={box.id} side="below" className="hover">
      {problem !== undefined && <p className={problem.severity}>{problem.message}</p>}
      {description?.hover === undefined ? (
        <p>{spoken(withoutProblem(box))}</p>
      ) : (
        <Markdown host={host} text={description.hover} />
      )}
    </Bubble>
  );
}

/** Why an edit wasn't done, or what is meant by it. */
export function EditBubble({ picture, editing }: { readonly picture: Picture; readonly editing: Editing }): ReactNode {
  const { bubble } = editing;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (bubble?.kind === 'ask')
      element.current?.querySelector<HTMLElement>('vscode-button')?.focus({ preventScroll: true });
  }, [bubble]);
  if (bubble === undefined) return null;
  if (bubble.kind === 'refused') {
    return (
      <Bubble picture={picture} id={bubble.at} side="below" className="refused">
        <p role="alert">{bubble.reason}</p>
        <Button onClick={editing.dismiss}>Close</Button>
      </Bubble>
    );
  }
  const { name, uses, files, edit, at } = bubble;
  const where = files > 1 ? ` in ${String(files)} files` : '';
  return (
    <Bubble picture={picture} id={at} side="below" className="ask">
      <div role="alertdialog" aria-label="What is meant" ref={element}>
        <p>{`${name} is used ${String(uses)} times${where}.`}</p>
        <div className="buttons">
          <Button appearance="primary" onClick={() => void editing.edit(edit, at, 'all')}>
            All uses
          </Button>
          <Button onClick={() => void editing.edit(edit, at, 'here')}>Only here</Button>
          <Button onClick={editing.dismiss}>Cancel</Button>
        </div>
      </div>
    </Bubble>
  );
}

interface RenameBubbleProps {
  readonly picture: Picture;
  readonly box: ViewBox;
  readonly label: string;
  readonly onRename: (label: string) => void;
  readonly onCancel: () => void;
}

/** F2: the label, which is the name in PyTorch. */
export function RenameBubble({ picture, box, label, onRename, onCancel }: RenameBubbleProps): ReactNode {
  return (
    <Bubble picture={picture} id={box.id} side="over" className="rename">
      <TextField label={`Label of ${box.title}`} value={label} takesFocus onCommit={onRename} onCancel={onCancel} />
    </Bubble>
  );
}
