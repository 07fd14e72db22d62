import type { ReactNode } from 'react';
import type { PictureFormat } from '../../../server/src/protocol/graphView.ts';
import { Dropdown } from '../components/Dropdown.tsx';
import { IconButton } from '../components/IconButton.tsx';
import type { Row } from './rows.ts';
import { type Colouring, COLOURINGS, type SavedState } from './savedState.ts';
import { SearchBox } from './SearchBox.tsx';

export const COLOURING_TITLES: Readonly<Record<Colouring, string>> = {
  family: 'Family',
  parameters: 'Parameters',
  macs: 'MACs',
  bytes: 'Memory',
};

const EXPORTS = {
  none: { title: 'Export…' },
  svg: { title: 'SVG', format: 'svg', isPage: false },
  png: { title: 'PNG', format: 'png', isPage: false },
  svgPage: { title: 'SVG, as a page', format: 'svg', isPage: true },
  pngPage: { title: 'PNG, as a page', format: 'png', isPage: true },
  mermaid: { title: 'Mermaid', format: 'mermaid', isPage: false },
} as const;
const EXPORT_CHOICES = Object.entries(EXPORTS).map(([value, { title }]) => ({
  value: value as keyof typeof EXPORTS,
  title,
}));

interface ToolbarProps {
  readonly models: readonly string[];
  readonly model: string | undefined;
  readonly rows: readonly Row[];
  readonly saved: SavedState;
  readonly isSearching: boolean;
  readonly onSearch: (isSearching: boolean) => void;
  readonly onJump: (id: string) => void;
  readonly onModel: (model: string) => void;
  readonly onChange: (change: Partial<SavedState>) => void;
  readonly onShowAll: () => void;
  readonly onFoldAll: (all: 'folded' | 'unfolded') => void;
  /** `isPage`: in columns, so that it fits one. */
  readonly onExport: (format: PictureFormat, isPage: boolean) => void;
}

export function Toolbar(props: ToolbarProps): ReactNode {
  const {
    models,
    model,
    rows,
    saved,
    isSearching,
    onSearch,
    onJump,
    onModel,
    onChange,
    onShowAll,
    onFoldAll,
    onExport,
  } = props;
  return (
    <div className="toolbar" role="toolbar" aria-label="Graph">
      {models.length > 1 && model !== undefined && (
        <Dropdown
          label="Model"
          value={model}
          choices={models.map((each) => ({ value: each, title: each }))}
          onChange={onModel}
        />
      )}
      <IconButton icon="collapse-all" label="Fold All" onClick={() => onFoldAll('folded')} />
      <IconButton icon="expand-all" label="Unfold All" onClick={() => onFoldAll('unfolded')} />
      <IconButton icon="screen-full" label="Show All" onClick={onShowAll} />
      <IconButton
        icon={saved.isU ? 'arrow-swap' : 'arrow-down'}
        label={saved.isU ? 'Nested Skips as a U' : 'Nested Skips Downwards'}
        isPressed={saved.isU}
        onClick={() => onChange({ isU: !saved.isU })}
      />
      <Dropdown
        label="Colour by"
        value={saved.colouring}
        choices={COLOURINGS.map((value) => ({ value, title: COLOURING_TITLES[value] }))}
        onChange={(colouring) => onChange({ colouring })}
      />
      <span className="spring" />
      {isSearching ? (
        <SearchBox rows={rows} onJump={onJump} onClose={() => onSearch(false)} />
      ) : (
        <IconButton icon="search" label="Search (Ctrl+F)" onClick={() => onSearch(true)} />
      )}
      <Dropdown
        label="Export the picture"
        value="none"
        choices={EXPORT_CHOICES}
        onChange={(chosen) => {
          const what = EXPORTS[chosen];
          if ('format' in what) onExport(what.format, what.isPage);
        }}
      />
      <IconButton
        icon="add"
        label="Palette"
        isPressed={saved.panel === 'palette'}
        onClick={() => onChange({ panel: saved.panel === 'palette' ? 'node' : 'palette' })}
      />
      <IconButton
        icon="layout-sidebar-right"
        label="Side Panel"
        isPressed={saved.panel !== undefined}
        onClick={() => {
          onChange({ panel: saved.panel === undefined ? 'node' : undefined } as Partial<SavedState>);
        }}
      />
    </div>
  );
}
