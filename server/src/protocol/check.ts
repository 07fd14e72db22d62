/**
 * Checks for what comes over a wire. TypeScript's types end where a message is sent, so every message is checked
 * where it arrives: a wrong one is refused with the place and the reason, never half used.
 */
export type Check<T> = (value: unknown, where: string) => T;

export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
}

export const string: Check<string> = (value, where) =>
  typeof value === 'string' ? value : refuse(value, where, 'a string');

export const boolean: Check<boolean> = (value, where) =>
  typeof value === 'boolean' ? value : refuse(value, where, 'true or false');

/** A whole number from 0 on: versions, lines, counts. */
export const natural: Check<number> = (value, where) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse(value, where, 'a whole number from 0 on');

export function array<T>(item: Check<T>): Check<T[]> {
  return (value, where) =>
    Array.isArray(value)
      ? value.map((element, index) => item(element, `${where}[${String(index)}]`))
      : refuse(value, where, 'a list');
}

/** A field that may be missing; JSON has no `undefined`, so null counts as missing too. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, where) => (value === undefined || value === null ? undefined : check(value, where));
}

/** An object with exactly these fields checked; unknown ones are dropped, so that an older end still understands. */
export function object<T extends object>(fields: { [K in keyof T]-?: Check<T[K] | Missing<T, K>> }): Check<T> {
  const entries = Object.entries<Check<unknown>>(fields);
  return (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(value, where, 'an object');
    const checked = entries.map(([key, check]) => {
      const field: unknown = (value as Record<string, unknown>)[key];
      return [key, check(field, `${where}.${key}`)] as const;
    });
    return Object.fromEntries(checked.filter(([, field]) => field !== undefined)) as T;
  };
}

/** `undefined` for the fields that T marks with `?`, nothing for the others. */
type Missing<T, K extends keyof T> = object extends Pick<T, K> ? undefined : never;

function refuse(value: unknown, where: string, wanted: string): never {
  throw new InvalidMessage(`${where} should be ${wanted}, but is ${value === undefined ? 'missing' : describe(value)}`);
}

function describe(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
