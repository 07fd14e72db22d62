import type { ReactNode } from 'react';
import { type BoxOptions, HEAT_STEPS } from '../../../server/src/core/drawing/box.ts';
import { CARD_FAMILIES, type CardFamily } from '../../../server/src/core/view/modelGraph.ts';
import type { View } from '../../../server/src/core/view/view.ts';
import { amount } from './numbers.ts';
import type { SavedState } from './savedState.ts';
import { COLOURING_TITLES } from './Toolbar.tsx';

const FAMILIES: Readonly<Record<CardFamily, string>> = {
  convolution: 'Convolution',
  linear: 'Linear',
  pooling: 'Pooling',
  activation: 'Activation',
  normalization: 'Normalization',
  attention: 'Attention, recurrent',
  shape: 'Shape, dropout',
  block: 'Block',
};

interface LegendProps {
  readonly saved: SavedState;
  readonly view: View;
  readonly options: BoxOptions;
}

/** What the colours mean: of families those that are in the picture. */
export function Legend({ saved: { colouring }, view, options: { heat } }: LegendProps): ReactNode {
  if (heat === undefined || colouring === 'family') {
    const there = new Set(
      [...view.byId.values()].flatMap(({ node, form }) => (form === 'card' && node ? [node.family] : [])),
    );
    return (
      <ul className="legend" aria-label="Colours">
        {CARD_FAMILIES.filter((family) => there.has(family)).map((family) => (
          <li key={family}>
            <i className={`swatch paint-${family}`} /> {FAMILIES[family]}
          </li>
        ))}
      </ul>
    );
  }
  const steps = [0, ...HEAT_STEPS];
  return (
    <ul className="legend" aria-label={`Colours: ${COLOURING_TITLES[colouring]}`}>
      <li>
        <b>{COLOURING_TITLES[colouring]}</b>
      </li>
      {steps.map((step, index) => (
        <li key={step}>
          <i className={`swatch paint-heat${String(index)}`} />{' '}
          {index === 0 ? 'less' : `from ${amount(step * heat.most, colouring)}`}
        </li>
      ))}
    </ul>
  );
}
