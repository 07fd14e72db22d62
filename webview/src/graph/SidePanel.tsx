import type { KeyboardEvent, ReactNode } from 'react';
import type { ModelGraph } from '../../../server/src/core/view/modelGraph.ts';
import type { View, ViewBox } from '../../../server/src/core/view/view.ts';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';
import type { PaletteGroup, PalettePiece } from '../../../server/src/protocol/palette.ts';
import type { Description } from './description.ts';
import type { Dragged, Zone } from './dragging.ts';
import type { Host } from './host.ts';
import { Inspector } from './Inspector.tsx';
import { LayersPanel } from './LayersPanel.tsx';
import { PalettePanel } from './PalettePanel.tsx';
import type { Picking } from './picking.ts';
import type { Row } from './rows.ts';
import { type Panel, PANELS } from './savedState.ts';

const TITLES: Readonly<Record<Panel, string>> = { node: 'Inspector', layers: 'Layers', palette: 'Palette' };

export interface SidePanelProps {
  readonly host: Host;
  readonly panel: Panel;
  readonly graph: ModelGraph;
  readonly view: View;
  readonly rows: readonly Row[];
  /** There are more layers than the rows tell. */
  readonly isCut: boolean;
  readonly selected: readonly ViewBox[];
  readonly description: Description;
  readonly groups: readonly PaletteGroup[] | undefined;
  readonly onPanel: (panel: Panel) => void;
  readonly onPoint: (id: string) => void;
  readonly onJump: (id: string) => void;
  readonly onInsert: (piece: PalettePiece, zone: Zone) => void;
  readonly onDrag: (dragged: Dragged) => void;
  readonly onEdit: (edit: GraphEdit) => void;
  readonly onPick: (picking: Picking) => void;
  readonly onText: (box: ViewBox) => void;
  readonly onFoldAround: (id: string) => void;
}

export function SidePanel(props: SidePanelProps): ReactNode {
  const { panel, onPanel } = props;
  const key = (event: KeyboardEvent<HTMLElement>): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = PANELS[(PANELS.indexOf(panel) + step + PANELS.length) % PANELS.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onPanel(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-panel="${next}"]`)?.focus();
  };
  return (
    <aside className="side" aria-label="Side panel">
      <div className="tabs" role="tablist" aria-label="Side panel" onKeyDown={key}>
        {PANELS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            data-panel={each}
            id={`tab-${each}`}
            aria-selected={each === panel}
            aria-controls="side-panel"
            tabIndex={each === panel ? 0 : -1}
            onClick={() => {
              onPanel(each);
            }}
          >
            {TITLES[each]}
          </button>
        ))}
      </div>
      <div className={`panel ${panel}`} id="side-panel" role="tabpanel" aria-labelledby={`tab-${panel}`} tabIndex={0}>
        {panel === 'node' && <Inspector {...props} />}
        {panel === 'layers' && <LayersPanel {...props} />}
        {panel === 'palette' && <PalettePanel {...props} />}
      </div>
    </aside>
  );
}
