import { type KeyboardEvent, type PointerEvent, type ReactNode, useMemo, useState } from 'react';
import type { PalettePiece } from '../../../server/src/protocol/palette.ts';
import { TextField } from '../components/TextField.tsx';
import type { Zone } from './dragging.ts';
import { matching } from './matching.ts';
import { shortName } from './names.ts';
import type { SidePanelProps } from './SidePanel.tsx';

/** What can be put in: dragged onto an edge or a node, or by Enter behind what is selected. */
export function PalettePanel({ groups, selected, onInsert, onDrag }: SidePanelProps): ReactNode {
  const [query, setQuery] = useState('');
  const shown = useMemo(() => matching(groups ?? [], query), [groups, query]);
  const first = shown[0]?.pieces[0];
  const target = selected.at(-1);
  return (
    <>
      <TextField
        label="Search the palette"
        placeholder="Search layers and blocks"
        icon="search"
        value={query}
        onInput={setQuery}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || first === undefined) return;
          event.preventDefault();
          onInsert(first, zoneOf(event));
        }}
      />
      <p className="muted">
        {target === undefined
          ? 'Drag one onto an edge or a node.'
          : `Drag one onto an edge or a node, or press Enter: behind ${shortName(target)}; with Shift on a way around it that is added, with Alt on one that is joined.`}
      </p>
      <div className="pieces">
        {groups !== undefined && shown.length === 0 && <p>Nothing found</p>}
        {shown.map(({ title, pieces }, index) => (
          <details key={`${title}${String(index)}`} open={query.trim() !== '' || index < 2}>
            <summary>
              {title} <span className="muted">{pieces.length}</span>
            </summary>
            <ul>
              {pieces.map((piece) => (
                <Piece key={`${piece.file ?? ''}#${piece.name}`} piece={piece} onInsert={onInsert} onDrag={onDrag} />
              ))}
            </ul>
          </details>
        ))}
      </div>
    </>
  );
}

/** With a key held, it goes on a way around what is selected. */
function zoneOf({ shiftKey, altKey }: KeyboardEvent): Zone {
  return shiftKey ? 'add' : altKey ? 'concat' : 'after';
}

type PieceProps = { readonly piece: PalettePiece } & Pick<SidePanelProps, 'onInsert' | 'onDrag'>;

function Piece({ piece, onInsert, onDrag }: PieceProps): ReactNode {
  const press = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    onDrag({ kind: 'piece', piece });
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onInsert(piece, zoneOf(event));
  };
  return (
    <li>
      <button type="button" title={piece.summary} onPointerDown={press} onKeyDown={key}>
        {piece.name}
      </button>
    </li>
  );
}
