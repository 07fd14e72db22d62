import type { Direction } from './walking.ts';

export type KeyAction =
  | { readonly kind: 'walk'; readonly direction: Direction }
  /** Unfolds, folds, or goes to the text; `all` means all equal blocks. */
  | { readonly kind: 'enter'; readonly all: boolean }
  | { readonly kind: 'foldAround' }
  /** One place on in the row. */
  | { readonly kind: 'move'; readonly direction: 'up' | 'down' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'rename' }
  | { readonly kind: 'escape' };

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/** What a key means on the canvas; what means nothing here is VS Code's. */
export function keyAction({ key, ctrlKey, metaKey, altKey, shiftKey }: Key): KeyAction | undefined {
  const command = ctrlKey || metaKey;
  const arrow = ARROWS[key];
  if (arrow !== undefined && !shiftKey && !altKey) {
    if (!command) return { kind: 'walk', direction: arrow };
    // Out of a frame and into it.
    if (arrow === 'up') return { kind: 'walk', direction: 'out' };
    return arrow === 'down' ? { kind: 'walk', direction: 'in' } : undefined;
  }
  if ((arrow === 'up' || arrow === 'down') && altKey && !command && !shiftKey)
    return { kind: 'move', direction: arrow };
  if (command) return undefined;
  if (key === 'Enter') return shiftKey ? { kind: 'foldAround' } : { kind: 'enter', all: altKey };
  if (altKey || shiftKey) return undefined;
  if (key === 'Delete' || key === 'Backspace') return { kind: 'delete' };
  if (key === 'F2') return { kind: 'rename' };
  return key === 'Escape' ? { kind: 'escape' } : undefined;
}
