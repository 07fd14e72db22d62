/** The value of a number as Python reads it; undefined where Python refuses it. */
export function numberValue(text: string): bigint | number | undefined {
  const digits = text.replaceAll('_', '');
  if (/^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/.test(digits)) return BigInt(digits.toLowerCase());
  if (/^0[a-zA-Z]/.test(digits) && !/^0[eE]/.test(digits)) return undefined;
  if (!/^\d+$/.test(digits)) return Number(digits);
  return /^0+[1-9]/.test(digits) ? undefined : BigInt(digits);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** What a string in quotes says; a closing quote may be missing. */
export function stringValue(text: string): string {
  const quote = text[0] ?? '"';
  const isClosed = text.length > 1 && text.endsWith(quote);
  const inner = text.slice(1, isClosed ? -1 : undefined);
  if (!inner.includes('\\')) return inner;
  return inner.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g, (whole, code: string) =>
    code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? whole),
  );
}
