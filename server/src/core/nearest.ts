/** How much of a name has to be written before the rest can be guessed. */
const LEAST_PREFIX = 3;
/** How many letters must be there of a name whose middle was left out. */
const LEAST_SHORTENED = 5;

/** As many names as one would look through. */
const MOST = 4;

/**
 * The names most like the one written, nearest first; none where none is close. Spelled the same but for capitals and
 * `_` is closest, then what is written is the beginning of a name, then typing errors, then a name without its middle;
 * of equals the first.
 */
export function nearby(written: string, names: Iterable<string>): readonly string[] {
  const wanted = plain(written);
  const all = [...new Set(names)].map((name) => ({ name, plain: plain(name) }));
  const same = all.filter((each) => each.plain === wanted);
  if (same.length > 0) return same.slice(0, MOST).map(({ name }) => name);
  // Of a single letter nothing can be told.
  if (wanted.length < 2) return [];
  const far = Math.max(1, Math.floor(written.length / 3)) + 1;
  const isBegun = (name: string): boolean => wanted.length >= LEAST_PREFIX && name.startsWith(wanted);
  const close = all
    .map((each) => ({ ...each, distance: isBegun(each.plain) ? 0 : editDistance(wanted, each.plain, far) }))
    .filter(({ distance }) => distance < far)
    .sort((a, b) => a.distance - b.distance);
  const isLong = wanted.length >= LEAST_SHORTENED;
  const found = close.length > 0 || !isLong ? close : all.filter((each) => shortens(wanted, each.plain));
  return found.slice(0, MOST).map(({ name }) => name);
}

/** The first of {@link nearby}, for "did you mean". */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  return nearby(written, names)[0];
}

/** Whether a name was written without its middle: `CosineLR` for `CosineAnnealingLR`. */
function shortens(written: string, name: string): boolean {
  if (!name.startsWith(written.slice(0, LEAST_PREFIX))) return false;
  let at = 0;
  for (const letter of name) if (letter === written[at]) at++;
  return at === written.length;
}

/** A name without what is easily written otherwise: capitals and `_`. */
export function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** ` Did you mean x?`, or nothing. */
export function didYouMean(written: string, names: Iterable<string>): string {
  const name = nearest(written, names);
  return name === undefined ? '' : ` Did you mean ${name}?`;
}

/** Insertions, deletions, substitutions and swaps of neighbours (Damerau's distance, restricted); `limit` ends it early. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforeLast[j - 2]! + 1);
      }
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
