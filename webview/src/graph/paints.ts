/** The colours of the page's theme, for what is drawn on a canvas element. */
import { useSyncExternalStore } from 'react';
import { PAINTS, type Paint } from '../../../server/src/core/drawing/mark.ts';

export interface Style {
  readonly paints: Readonly<Record<Paint, string>>;
  readonly fontFamily: string;
}

/** As it is now; another object when the theme has changed. */
export function useStyle(): Style {
  return useSyncExternalStore(subscribe, styleNow);
}

let known: Style | undefined;

function styleNow(): Style {
  known ??= readStyle(document.body);
  return known;
}

const listeners = new Set<() => void>();

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => {
    listeners.delete(changed);
  };
}

// VS Code tells a page of another theme by its root's style and its body's class.
const observer = new MutationObserver(() => {
  known = undefined;
  for (const changed of listeners) changed();
});
for (const element of [document.documentElement, document.body])
  observer.observe(element, { attributes: true, attributeFilter: ['style', 'class'] });

function readStyle(element: Element): Style {
  const style = getComputedStyle(element);
  const paints = PAINTS.map((paint) => [paint, style.getPropertyValue(`--scv-${paint}`)]);
  return { paints: Object.fromEntries(paints) as Record<Paint, string>, fontFamily: style.fontFamily };
}
