import { useCallback, useEffect, useMemo, useState } from 'react';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';
import type { Host } from './host.ts';

/** What an edit came to that isn't done: shown at the box that it was for. */
export type Bubble =
  | { readonly kind: 'refused'; readonly at: string | undefined; readonly reason: string }
  | {
      readonly kind: 'ask';
      readonly at: string | undefined;
      readonly edit: GraphEdit;
      readonly name: string;
      readonly uses: number;
      readonly files: number;
    };

export interface Editing {
  readonly bubble: Bubble | undefined;
  /** A line for all to see, and for screen readers. */
  readonly status: string;
  readonly dismiss: () => void;
  /** @param at the id of the box that it is about */
  readonly edit: (edit: GraphEdit, at: string | undefined, scope?: 'all' | 'here') => Promise<void>;
}

/** So long a status stays, in milliseconds. */
const STATUS_STAYS = 8000;

/** @param number of the graph that is seen: an edit made in an older one is refused */
export function useEditing(host: Host, number: number): Editing {
  const [bubble, setBubble] = useState<Bubble>();
  const [status, setStatus] = useState('');
  const edit = useCallback<Editing['edit']>(
    async (wanted, at, scope) => {
      setBubble(undefined);
      const outcome = await host.edit(number, { edit: wanted, ...(scope === undefined ? {} : { scope }) });
      switch (outcome.kind) {
        case 'done':
          setStatus(outcome.notes.join(' '));
          return;
        case 'stale':
          setStatus('The text has changed meanwhile: nothing was edited. Look again, and repeat it.');
          return;
        case 'refused':
          setBubble({ kind: 'refused', at, reason: outcome.reason });
          return;
        case 'ask':
          setBubble({ ...outcome, at, edit: wanted });
      }
    },
    [host, number],
  );
  const dismiss = useCallback(() => {
    setBubble(undefined);
  }, []);
  useEffect(() => {
    if (status === '') return;
    const timer = setTimeout(() => {
      setStatus('');
    }, STATUS_STAYS);
    return () => {
      clearTimeout(timer);
    };
  }, [status]);
  return useMemo(() => ({ bubble, status, dismiss, edit }), [bubble, status, dismiss, edit]);
}
