/** How wide a text will be, near enough to cut it: nothing is measured, so that a picture is the same everywhere. */

/** Widths of Inter in thousandths of the size; other letters are taken as wide as the average one. */
const NARROW = /[ijl.,:;'|!()[\]{}ftrI ]/;
const WIDE = /[mwMW@%—…]/;
const BROAD = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/;

/** Pixels. */
export function widthOf(text: string, size: number, isBold = false): number {
  let width = 0;
  for (const letter of text) {
    if (BROAD.test(letter)) width += 1;
    else if (NARROW.test(letter)) width += 0.31;
    else if (WIDE.test(letter)) width += 0.88;
    else if (/[A-Z]/.test(letter)) width += 0.68;
    else width += 0.57;
  }
  return width * size * (isBold ? 1.06 : 1);
}

/** As much of a text as there is room for; none where that would say nothing. */
export function cut(text: string, room: number, size: number, isBold = false): string {
  if (widthOf(text, size, isBold) <= room) return text;
  const letters = Array.from(text);
  while (letters.length > 0 && widthOf(`${letters.join('')}…`, size, isBold) > room) letters.pop();
  const kept = letters.join('').replace(/[\s,(·×]+$/u, '');
  return kept.length < 2 ? '' : `${kept}…`;
}
