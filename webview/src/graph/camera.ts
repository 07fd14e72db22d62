import { useReactFlow, useStoreApi } from '@xyflow/react';
import { useCallback, useMemo, useRef } from 'react';
import { type Area, contains } from './culling.ts';
import type { Picture } from './picture.ts';

export const LEAST_ZOOM = 0.05;

export interface Camera {
  /** Brings a box into sight, as little as that takes. */
  readonly show: (id: string) => void;
  /** All of the picture, as large as it fits. */
  readonly showAll: () => void;
}

export function useCamera(picture: Picture | undefined, seen: { readonly current: (() => Area) | undefined }): Camera {
  const flow = useReactFlow();
  const store = useStoreApi();
  const now = useRef(picture);
  now.current = picture;
  const show = useCallback(
    (id: string) => {
      const place = now.current?.layout.boxes.get(id);
      const area = seen.current?.();
      const { width, height } = store.getState();
      if (place === undefined || area === undefined || width === 0) return;
      const { x, y, zoom } = flow.getViewport();
      const high = Math.min(place.height, 0.8 * (area.bottom - area.top));
      const own = {
        left: place.x - 12,
        right: place.x + place.width + 12,
        top: place.y - 24,
        bottom: place.y + high + 24,
      };
      const isReadable = zoom >= 0.35;
      if (isReadable && contains(area, own)) return;
      const scale = isReadable ? zoom : 0.8;
      // Where it is out of sight to one side only, the other direction stays.
      const keepsX = isReadable && own.left >= area.left && own.right <= area.right;
      const keepsY = isReadable && own.top >= area.top && own.bottom <= area.bottom;
      const to = {
        x: keepsX ? x : width / 2 - place.axis * scale,
        y: keepsY ? y : height / 2 - (place.y + high / 2) * scale,
        zoom: scale,
      };
      void flow.setViewport(to, { duration: isCalm() ? 0 : 180 });
    },
    [flow, store, seen],
  );
  const showAll = useCallback(() => {
    const picture = now.current;
    const { width, height } = store.getState();
    if (picture === undefined || width === 0) return;
    const { offset, layout } = picture;
    const zoom = Math.min(
      1,
      Math.max(LEAST_ZOOM, Math.min((width - 48) / layout.width, (height - 48) / layout.height)),
    );
    const to = {
      x: (width - layout.width * zoom) / 2 - offset.x * zoom,
      y: Math.max(24, (height - layout.height * zoom) / 2) - offset.y * zoom,
      zoom,
    };
    void flow.setViewport(to, { duration: isCalm() ? 0 : 180 });
  }, [flow, store]);
  return useMemo(() => ({ show, showAll }), [show, showAll]);
}

function isCalm(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}
