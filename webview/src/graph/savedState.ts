import { array, boolean, type Check, object, oneOf, optional, string } from '../../../server/src/protocol/check.ts';

export const COLOURINGS = ['family', 'parameters', 'macs', 'bytes'] as const;
/** By what cards are coloured. */
export type Colouring = (typeof COLOURINGS)[number];

export const PANELS = ['node', 'layers', 'palette'] as const;
export type Panel = (typeof PANELS)[number];

/** What stays when the page is hidden or VS Code is closed. */
export interface SavedState {
  readonly model?: string;
  /** Of that model: ids of boxes that somebody unfolded, and of those that somebody folded. */
  readonly unfolded: readonly string[];
  readonly folded: readonly string[];
  /** Of what nobody chose. */
  readonly all?: 'folded' | 'unfolded';
  readonly colouring: Colouring;
  readonly isU: boolean;
  readonly panel?: Panel;
}

export const FRESH: SavedState = { unfolded: [], folded: [], colouring: 'family', isU: true, panel: 'node' };

const savedState: Check<SavedState> = object<SavedState>({
  model: optional(string),
  unfolded: array(string),
  folded: array(string),
  all: optional(oneOf(['folded', 'unfolded'])),
  colouring: oneOf(COLOURINGS),
  isU: boolean,
  panel: optional(oneOf(PANELS)),
});

/** An older version may have saved something else: then one begins anew. */
export function readSavedState(value: unknown): SavedState {
  try {
    return savedState(value, 'The saved state');
  } catch {
    return FRESH;
  }
}
