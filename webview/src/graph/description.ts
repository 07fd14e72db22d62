import { useEffect, useState } from 'react';
import type { ViewBox } from '../../../server/src/core/view/view.ts';
import type { NodeDescription } from '../../../server/src/protocol/describeNode.ts';
import { editedPlace } from './edits.ts';
import type { Host } from './host.ts';

export interface Description {
  /** The box that it is about; undefined for the model. */
  readonly of: string | undefined;
  readonly node: NodeDescription | undefined;
}

const NOTHING: Description = { of: undefined, node: undefined };

/** What the server tells of a box, or of the model where there is none and `orModel`; after a pause of milliseconds. */
export function useDescription(
  host: Host,
  number: number,
  box: ViewBox | undefined,
  orModel: boolean,
  pause = 0,
): Description {
  const [description, setDescription] = useState(NOTHING);
  const place = box === undefined ? undefined : editedPlace(box);
  const key = place === undefined ? (orModel ? '' : undefined) : JSON.stringify(place);
  const of = box?.id;
  useEffect(() => {
    if (key === undefined) {
      setDescription(NOTHING);
      return;
    }
    let isOver = false;
    const ask = async (): Promise<void> => {
      const node = await host.describe(number, place ?? []);
      if (!isOver) setDescription({ of, node });
    };
    const timer = setTimeout(() => void ask(), pause);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
    // The key is the place.
  }, [host, number, key, of, pause]);
  return description;
}
