import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import type { CountsData } from '../../../server/src/core/view/modelGraph.ts';
import { amount, bytes, exact } from './numbers.ts';
import { type Row, sorted, type Sorting } from './rows.ts';
import type { SidePanelProps } from './SidePanel.tsx';

const ROW_HEIGHT = 22;
/** Rows above and below what is seen, so that a scroll shows no gaps. */
const MARGIN = 20;
const HEAVIEST = 5;

const COLUMNS: readonly { readonly by: Sorting; readonly title: string; readonly isNumber?: true }[] = [
  { by: 'path', title: 'Name' },
  { by: 'title', title: 'Kind' },
  { by: 'shape', title: 'Output' },
  { by: 'parameters', title: 'Parameters', isNumber: true },
  { by: 'macs', title: 'MACs', isNumber: true },
  { by: 'bytes', title: 'Memory', isNumber: true },
];

/** Totals, the heaviest layers, and all of them as a table. */
export function LayersPanel({ graph, rows, isCut, selected, onPoint, onJump }: SidePanelProps): ReactNode {
  const [sorting, setSorting] = useState<{ by: Sorting; isReversed: boolean }>({ by: 'order', isReversed: false });
  const [measure, setMeasure] = useState<keyof CountsData>('parameters');
  const all = useMemo(() => sorted(rows, sorting.by, sorting.isReversed), [rows, sorting]);
  const counts: CountsData = graph.modules[0]?.counts ?? {};
  return (
    <>
      <dl className="totals">
        <Total title="Parameters" value={exact(counts.parameters)} />
        <Total title="MACs" value={counts.macs === undefined ? '?' : amount(counts.macs, 'macs')} />
        <Total title="Activations" value={counts.bytes === undefined ? '?' : bytes(counts.bytes)} />
      </dl>
      <p className="muted">
        {[
          `${isCut ? 'more than ' : ''}${rows.length.toLocaleString('en')} layers`,
          graph.at && `at ${graph.at.join(' × ')}`,
        ]
          .filter(Boolean)
          .join(', ')}
      </p>
      <Heaviest rows={rows} measure={measure} onMeasure={setMeasure} onPoint={onPoint} />
      <Table
        rows={all}
        sorting={sorting}
        selected={selected[0]?.id}
        onSort={(by) => {
          setSorting(({ by: before, isReversed }) => {
            if (before !== by) return { by, isReversed: false };
            return isReversed ? { by: 'order', isReversed: false } : { by, isReversed: true };
          });
        }}
        onPoint={onPoint}
        onJump={onJump}
      />
    </>
  );
}

function Total({ title, value }: { readonly title: string; readonly value: string }): ReactNode {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface HeaviestProps {
  readonly rows: readonly Row[];
  readonly measure: keyof CountsData;
  readonly onMeasure: (measure: keyof CountsData) => void;
  readonly onPoint: (id: string) => void;
}

function Heaviest({ rows, measure, onMeasure, onPoint }: HeaviestProps): ReactNode {
  const heaviest = useMemo(
    () =>
      sorted(rows, measure, false)
        .filter(({ box }) => (box.counts[measure] ?? 0) > 0)
        .slice(0, HEAVIEST),
    [rows, measure],
  );
  const most = heaviest[0]?.box.counts[measure] ?? 0;
  const titles = { parameters: 'Parameters', macs: 'MACs', bytes: 'Memory' } as const;
  return (
    <section aria-label="Heaviest layers">
      <div className="choices" role="group" aria-label="Heaviest by">
        {(['parameters', 'macs', 'bytes'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === measure}
            onClick={() => {
              onMeasure(each);
            }}
          >
            {titles[each]}
          </button>
        ))}
      </div>
      <ul className="heaviest">
        {heaviest.map(({ box, path }) => (
          <li key={box.id}>
            <button
              type="button"
              onClick={() => {
                onPoint(box.id);
              }}
            >
              <span className="name">{path}</span>
              <span className="number">{amount(box.counts[measure] ?? 0, measure)}</span>
              <svg className="bar" width="100%" height="3" aria-hidden="true">
                <rect className="fill-barTrack" width="100%" height="3" rx="1.5" />
                <rect
                  className="fill-bar"
                  width={`${String((100 * (box.counts[measure] ?? 0)) / most)}%`}
                  height="3"
                  rx="1.5"
                />
              </svg>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface TableProps {
  readonly rows: readonly Row[];
  readonly sorting: { readonly by: Sorting; readonly isReversed: boolean };
  readonly selected: string | undefined;
  readonly onSort: (by: Sorting) => void;
  readonly onPoint: (id: string) => void;
  readonly onJump: (id: string) => void;
}

/** Only the rows in sight are elements. */
function Table({ rows, sorting, selected, onSort, onPoint, onJump }: TableProps): ReactNode {
  const [top, setTop] = useState(0);
  const [high, setHigh] = useState(600);
  const frame = useRef<HTMLDivElement>(null);
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN);
  const last = Math.min(rows.length, Math.ceil((top + high) / ROW_HEIGHT) + MARGIN);
  const key = (event: KeyboardEvent, index: number): void => {
    const { id } = rows[index]!.box;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Enter') onJump(id);
    else if (step !== 0) {
      frame.current?.querySelector<HTMLElement>(`[data-row="${String(index + step)}"]`)?.focus();
      const next = rows[index + step];
      if (next !== undefined) onPoint(next.box.id);
    } else return;
    event.preventDefault();
  };
  return (
    <div
      className="table"
      ref={frame}
      tabIndex={-1}
      onScroll={({ currentTarget }) => {
        setTop(currentTarget.scrollTop);
        setHigh(currentTarget.clientHeight);
      }}
    >
      <table aria-label="Layers" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {COLUMNS.map(({ by, title, isNumber }) => (
              <th
                key={by}
                scope="col"
                className={isNumber === true ? 'number' : ''}
                aria-sort={
                  sorting.by === by ? (sorting.isReversed === (isNumber === true) ? 'ascending' : 'descending') : 'none'
                }
              >
                <button
                  type="button"
                  onClick={() => {
                    onSort(by);
                  }}
                >
                  {title}
                  {sorting.by === by && <span aria-hidden="true">{sorting.isReversed ? ' ↑' : ' ↓'}</span>}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr aria-hidden="true" style={{ height: first * ROW_HEIGHT }} />}
          {rows.slice(first, last).map(({ box, path }, i) => (
            <tr
              key={box.id}
              data-row={first + i}
              aria-rowindex={first + i + 2}
              tabIndex={box.id === selected || (selected === undefined && first + i === 0) ? 0 : -1}
              className={box.id === selected ? 'selected' : ''}
              onClick={() => {
                onPoint(box.id);
              }}
              onDoubleClick={() => {
                onJump(box.id);
              }}
              onKeyDown={(event) => {
                key(event, first + i);
              }}
            >
              <td title={path}>{path}</td>
              <td title={box.details}>{box.title}</td>
              <td>{box.shape}</td>
              <td className="number">{exact(box.counts.parameters)}</td>
              <td className="number">{box.counts.macs === undefined ? '?' : amount(box.counts.macs, 'macs')}</td>
              <td className="number">{box.counts.bytes === undefined ? '?' : bytes(box.counts.bytes)}</td>
            </tr>
          ))}
          {last < rows.length && <tr aria-hidden="true" style={{ height: (rows.length - last) * ROW_HEIGHT }} />}
        </tbody>
      </table>
    </div>
  );
}
