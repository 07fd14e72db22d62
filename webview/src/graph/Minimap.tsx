import { useReactFlow, useStore } from '@xyflow/react';
import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useStyle } from './paints.ts';
import type { Picture } from './picture.ts';

const LARGEST = { width: 110, height: 180 };

/** The whole picture in small, and what of it is in sight; a click or drag in it goes there. */
export function Minimap({ picture }: { readonly picture: Picture }): ReactNode {
  const { layout, offset } = picture;
  const flow = useReactFlow();
  const [isDragging, setDragging] = useState(false);
  const [x, y, zoom] = useStore((state) => state.transform);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const scale = Math.min(LARGEST.width / layout.width, LARGEST.height / layout.height);
  const size = { width: Math.max(12, layout.width * scale), height: Math.max(12, layout.height * scale) };

  const isWhole =
    x + offset.x * zoom >= 0 &&
    y + offset.y * zoom >= 0 &&
    layout.width * zoom <= width &&
    layout.height * zoom <= height;
  if (isWhole || width < 420) return null;

  const go = (event: PointerEvent): void => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const at = {
      x: (event.clientX - bounds.left) / scale + offset.x,
      y: (event.clientY - bounds.top) / scale + offset.y,
    };
    void flow.setViewport({ x: width / 2 - at.x * zoom, y: height / 2 - at.y * zoom, zoom });
  };
  const left = (-x / zoom - offset.x) * scale;
  const top = (-y / zoom - offset.y) * scale;
  return (
    <div
      className="minimap nopan nodrag"
      style={size}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
        go(event);
      }}
      onPointerMove={(event) => {
        if (isDragging) go(event);
      }}
      onPointerUp={() => {
        setDragging(false);
      }}
    >
      <Boxes picture={picture} scale={scale} size={size} />
      <div
        className="in-sight"
        style={{
          left: Math.max(0, left),
          top: Math.max(0, top),
          width: Math.min(size.width, left + (width / zoom) * scale) - Math.max(0, left),
          height: Math.min(size.height, top + (height / zoom) * scale) - Math.max(0, top),
        }}
      />
    </div>
  );
}

interface BoxesProps {
  readonly picture: Picture;
  readonly scale: number;
  readonly size: { readonly width: number; readonly height: number };
}

function Boxes({ picture: { layout, offset, view }, scale, size }: BoxesProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { paints } = useStyle();
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (canvas.current === null || context === null || context === undefined) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = size.width * ratio;
    canvas.current.height = size.height * ratio;
    context.setTransform(ratio * scale, 0, 0, ratio * scale, -offset.x * ratio * scale, -offset.y * ratio * scale);
    for (const [id, place] of layout.boxes) {
      const box = view.byId.get(id);
      if (box === undefined || box.form === 'frame') continue;
      context.fillStyle = box.problem === undefined ? paints[box.node?.family ?? 'edge'] : paints[box.problem.severity];
      // What is smaller than a pixel is still there.
      context.fillRect(place.x, place.y, Math.max(place.width, 1 / scale), Math.max(place.height, 1 / scale));
    }
  }, [layout, offset, view, scale, size.width, size.height, paints]);

  return <canvas ref={canvas} role="img" aria-label="The whole graph in small" />;
}
