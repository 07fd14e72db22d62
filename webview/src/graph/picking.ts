/** Another node is chosen for an edit that is about two: by a click, or by going there and Enter. */
import { useCallback, useMemo, useState } from 'react';
import type { ViewBox } from '../../../server/src/core/view/view.ts';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';

export interface Picking {
  /** What is to be chosen: `what comes into Conv2d conv1`. */
  readonly what: string;
  /** The box that the edit is about; its answer is shown there. */
  readonly at: string;
  readonly edit: (picked: ViewBox) => GraphEdit;
}

export interface Picker {
  readonly picking: Picking | undefined;
  readonly begin: (picking: Picking) => void;
  readonly cancel: () => void;
  /** Does the edit with what is chosen; false where nothing is waited for. */
  readonly pick: (box: ViewBox) => boolean;
}

export function usePicker(edit: (edit: GraphEdit, at: string) => Promise<void>): Picker {
  const [picking, begin] = useState<Picking>();
  const cancel = useCallback(() => {
    begin(undefined);
  }, []);
  const pick = useCallback(
    (box: ViewBox) => {
      if (picking === undefined) return false;
      begin(undefined);
      void edit(picking.edit(box), picking.at);
      return true;
    },
    [picking, edit],
  );
  return useMemo(() => ({ picking, begin, cancel, pick }), [picking, cancel, pick]);
}
