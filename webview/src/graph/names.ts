/** How a box is called in a sentence. */
import type { ViewBox } from '../../../server/src/core/view/view.ts';

/** `conv1`, or `Conv2d` where it has no name of its own. */
export function shortName({ name, title }: ViewBox): string {
  return name ?? title;
}

/** `Conv2d conv1` */
export function fullName({ name, title }: ViewBox): string {
  return name === undefined ? title : `${title} ${name}`;
}
