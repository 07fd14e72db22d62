/**
 * Checks for what comes over a wire. TypeScript's types end where a message is sent, so every message is checked
 * where it arrives: a wrong one is refused with the place and the reason, never half used.
 */
export type Check<T> = (value: unknown, where: string) => T;

export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
  readonly #where: string;
  readonly #reason: string;

  /** @param reason what should be there, and what is */
  constructor(where: string, reason: string) {
    super(`${where} ${reason}`);
    this.#where = where;
    this.#reason = reason;
  }

  /** The same, told from further outside. */
  within(where: string): InvalidMessage {
    return new InvalidMessage(where + this.#where, this.#reason);
  }
}

export const string: Check<string> = (value, where) =>
  typeof value === 'string' ? value : refuse(value, where, 'a string');

export const boolean: Check<boolean> = (value, where) =>
  typeof value === 'boolean' ? value : refuse(value, where, 'true or false');

export const number: Check<number> = (value, where) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(value, where, 'a number');

/** A whole number from 0 on: versions, lines, counts. */
export const natural: Check<number> = (value, where) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse(value, where, 'a whole number from 0 on');

export const integer: Check<number> = (value, where) =>
  Number.isSafeInteger(value) ? (value as number) : refuse(value, where, 'a whole number');

export function oneOf<const T extends string | number | boolean>(choices: readonly T[]): Check<T> {
  return (value, where) =>
    (choices as readonly unknown[]).includes(value)
      ? (value as T)
      : refuse(value, where, `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`);
}

// A message may have thousands of fields: the place of one is put together when it is refused, from the inside out.

export function array<T>(item: Check<T>): Check<T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) return refuse(value, where, 'a list');
    const checked = new Array<T>(value.length);
    let index = 0;
    try {
      for (; index < value.length; index++) checked[index] = item(value[index], '');
    } catch (error) {
      throw placed(error, `${where}[${String(index)}]`);
    }
    return checked;
  };
}

/** An object used as a table: any keys, values of one kind. */
export function record<T>(item: Check<T>): Check<Record<string, T>> {
  return (value, where) => {
    if (!isObject(value)) return refuse(value, where, 'an object');
    const checked: [string, T][] = [];
    let at = '';
    try {
      for (const [key, element] of Object.entries(value)) {
        at = key;
        checked.push([key, item(element, '')]);
      }
    } catch (error) {
      throw placed(error, `${where}.${at}`);
    }
    return Object.fromEntries(checked);
  };
}

/** Objects that say of which kind they are. */
export function variant<T extends { readonly kind: string }>(kinds: {
  [K in T['kind']]: Check<Omit<Extract<T, { readonly kind: K }>, 'kind'>>;
}): Check<T> {
  const checks = new Map(Object.entries<Check<object>>(kinds));
  return (value, where) => {
    const kind = isObject(value) ? value.kind : undefined;
    const check = typeof kind === 'string' ? checks.get(kind) : undefined;
    if (check === undefined) return refuse(kind, `${where}.kind`, `one of ${[...checks.keys()].join(', ')}`);
    return { kind, ...check(value, where) } as unknown as T;
  };
}

/** A field that may be missing; JSON has no `undefined`, so null counts as missing too. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, where) => (value === undefined || value === null ? undefined : check(value, where));
}

/** An object with exactly these fields checked; unknown ones are dropped, so that an older end still understands. */
export function object<T extends object>(fields: { [K in keyof T]-?: Check<T[K] | Missing<T, K>> }): Check<T> {
  const entries = Object.entries<Check<unknown>>(fields);
  return (value, where) => {
    if (!isObject(value)) return refuse(value, where, 'an object');
    const checked: Record<string, unknown> = {};
    let at = '';
    try {
      for (const [key, check] of entries) {
        at = key;
        const field = check(value[key], '');
        if (field !== undefined) checked[key] = field;
      }
    } catch (error) {
      throw placed(error, `${where}.${at}`);
    }
    return checked as T;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `undefined` for the fields that T marks with `?`, nothing for the others. */
type Missing<T, K extends keyof T> = object extends Pick<T, K> ? undefined : never;

/** Says no: `wanted` is what should be there. */
export function refuse(value: unknown, where: string, wanted: string): never {
  throw new InvalidMessage(where, `should be ${wanted}, but is ${value === undefined ? 'missing' : describe(value)}`);
}

function placed(error: unknown, where: string): unknown {
  return error instanceof InvalidMessage ? error.within(where) : error;
}

function describe(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
