import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react';
import { TextField } from '../components/TextField.tsx';
import { found, type Row } from './rows.ts';

/** So many are listed; the count tells of the others. */
const MOST_SHOWN = 12;

interface SearchBoxProps {
  readonly rows: readonly Row[];
  readonly onJump: (id: string) => void;
  readonly onClose: () => void;
}

/** Finds layers by kind, name, path, arguments or shape, in what is folded too. */
export function SearchBox({ rows, onJump, onClose }: SearchBoxProps): ReactNode {
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const [isOpen, setOpen] = useState(true);
  const hits = useMemo(() => found(rows, query), [rows, query]);
  const shown = hits.slice(0, MOST_SHOWN);
  const key = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (hits.length > 0) setChosen((chosen + step + shown.length) % shown.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const hit = shown[chosen];
      if (hit === undefined) return;
      onJump(hit.box.id);
      // Enter again goes on to the next one.
      setChosen((chosen + 1) % shown.length);
    }
  };
  return (
    <div
      className="search"
      onFocus={() => {
        setOpen(true);
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setOpen(false);
      }}
    >
      <TextField
        label="Search layers"
        placeholder="Search layers"
        icon="search"
        value={query}
        takesFocus
        onInput={(value) => {
          setQuery(value);
          setChosen(0);
        }}
        onKeyDown={key}
        onCancel={onClose}
      />
      {isOpen && query.trim() !== '' && (
        <div className="hits">
          <p role="status">{hits.length === 0 ? 'Nothing found' : `${hits.length.toLocaleString('en')} found`}</p>
          <ul role="listbox" aria-label="Found layers">
            {shown.map(({ box, path }, index) => (
              <li
                key={box.id}
                role="option"
                aria-selected={index === chosen}
                onPointerDown={(event) => {
                  event.preventDefault(); // the field keeps the focus
                  setChosen(index);
                  onJump(box.id);
                }}
              >
                <b>{box.title}</b> <span className="muted">{path}</span>
                <span className="right">{box.shape}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
