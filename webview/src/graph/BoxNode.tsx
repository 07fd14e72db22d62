import type { Node, NodeProps } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import { type BoxOptions, drawBox, type Extent } from '../../../server/src/core/drawing/box.ts';
import type { Mark } from '../../../server/src/core/drawing/mark.ts';
import type { PlacedBox } from '../../../server/src/core/layout/graph.ts';
import type { ViewBox } from '../../../server/src/core/view/view.ts';
import { Marks } from './marks.tsx';

/** How much of a box is drawn, by the zoom. */
export type Detail = 'all' | 'firstLine' | 'kind';

export interface BoxData extends Record<string, unknown> {
  readonly box: ViewBox;
  readonly place: PlacedBox;
  readonly extent: Extent;
  readonly options: BoxOptions;
  readonly detail: Detail;
}

export type BoxNode = Node<BoxData, 'box'>;

const LEAST_ZOOM: Readonly<Record<Detail, number>> = { all: 0, firstLine: 0.6, kind: 0.35 };

export const BoxView = memo(
  ({ data: { box, extent, options, detail } }: NodeProps<BoxNode>): ReactNode => {
    const marks = drawBox(box, extent, options).filter((mark) => isDrawn(mark, detail));
    return (
      <>
        <span className="spoken">{spoken(box)}</span>
        <svg className="marks" width={extent.width} height={extent.height} aria-hidden="true">
          <Marks marks={marks} />
        </svg>
        <div className={`ring ${box.form}`} />
      </>
    );
  },
  (before, { data }) =>
    before.data.box === data.box &&
    before.data.options === data.options &&
    before.data.detail === data.detail &&
    before.data.extent.width === data.extent.width &&
    before.data.extent.height === data.extent.height &&
    before.data.extent.axis === data.extent.axis,
);
BoxView.displayName = 'BoxView';

/** Small print goes first. */
export function isDrawn(mark: Mark, detail: Detail): boolean {
  if (mark.kind !== 'label' || detail === 'all') return true;
  const from = mark.fromZoom ?? 0;
  return detail === 'firstLine' ? from < LEAST_ZOOM.firstLine : from < LEAST_ZOOM.kind;
}

/** `Conv2d conv1, 64, 3×3, gives 64 × 56 × 56, 9,408 parameters`: what a screen reader says. */
export function spoken({ title, name, form, details, repeats, shape, counts, problem }: ViewBox): string {
  const kind = { card: '', operator: '', join: '', value: '', frame: 'unfolded', input: 'input', output: 'output' }[
    form
  ];
  const parts = [
    [kind, title, name].filter(Boolean).join(' '),
    repeats > 1 ? `${String(repeats)} times` : '',
    details ?? '',
    shape === undefined ? '' : form === 'input' || form === 'output' ? shape : `gives ${shape}`,
    counts.parameters === undefined || counts.parameters === 0
      ? ''
      : `${counts.parameters.toLocaleString('en')} parameters`,
    problem === undefined ? '' : `${problem.severity}: ${problem.message}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
