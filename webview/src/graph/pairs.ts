/** Two numbers of an argument such as `kernel_size`: `3` and `(3, 1)`; undefined where it is another expression. */
export function pairOf(text: string | undefined): readonly [string, string] | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return [text, text];
  const [, first, second] = /^[([]\s*(\d+)\s*,\s*(\d+)\s*,?\s*[)\]]$/.exec(text) ?? [];
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** As one writes it: one number where both are the same. */
export function pairText([first, second]: readonly [string, string]): string {
  return first.trim() === second.trim() ? first.trim() : `(${first.trim()}, ${second.trim()})`;
}
