/** Smaller programs that a failing one may be cut down to: text alone, whatever is still a program. */

/** Each is shorter than what it is made of, the much shorter ones first. */
export function* smaller(text: string): Generator<string> {
  yield* withoutDefinitions(text);
  yield* withoutLines(text);
  yield* withoutStages(text);
  yield* withoutWords(text);
}

function* withoutDefinitions(text: string): Generator<string> {
  const parts = text.split(/^(?=(?:block|model) )/mu);
  for (const [i] of parts.entries()) if (parts.length > 1) yield parts.filter((_, other) => other !== i).join('');
}

function* withoutLines(text: string): Generator<string> {
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    if (/^(?:block|model|\})/u.test(line)) continue;
    const without = [...lines.slice(0, i), ...lines.slice(i + 1)];
    yield without.join('\n');
    // y = x: x takes its place.
    const [, name, source] = /^\s*([\p{L}_][\p{L}\p{N}_]*) = ([\p{L}_][\p{L}\p{N}_]*)(?: ->.*)?$/u.exec(line) ?? [];
    if (name === undefined || source === undefined) continue;
    const word = new RegExp(`(?<![\\p{L}\\p{N}_.])${name}(?![\\p{L}\\p{N}_])`, 'gu');
    yield [...lines.slice(0, i), ...lines.slice(i + 1).map((each) => each.replace(word, source))].join('\n');
  }
}

const OPEN = '([{';
const CLOSE = ')]}';

/** Where what begins here ends: at a separator or bracket of the same depth. */
function endOf(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i]!;
    if (OPEN.includes(character)) depth++;
    else if (CLOSE.includes(character)) {
      if (depth === 0) return i;
      depth--;
    } else if (depth === 0 && (character === ',' || character === '\n' || text.startsWith('->', i))) return i;
  }
  return text.length;
}

function* withoutStages(text: string): Generator<string> {
  for (const { index } of text.matchAll(/->/gu)) {
    const end = endOf(text, index + 2);
    yield text.slice(0, index).trimEnd() + (text[end] === '-' ? ' ' : '') + text.slice(end);
    // What stands before the arrow goes: A -> B becomes B.
    let start = index;
    while (
      start > 0 &&
      endOf(text, start - 1) >= index &&
      !/[,([{\n=:]/u.test(text[start - 1]!) &&
      !text.startsWith('->', start - 2)
    )
      start--;
    yield `${text.slice(0, start)} ${text.slice(index + 2).trimStart()}`;
  }
  for (const { index } of text.matchAll(/[([{,]/gu)) {
    // An element of a list, or what is in brackets without them.
    const end = endOf(text, index + 1);
    if (text[end] === ',') yield text.slice(0, index + 1) + text.slice(end + 1).trimStart();
    else if (text[index] === ',') yield text.slice(0, index) + text.slice(end);
    else if (end < text.length && CLOSE.includes(text[end]!)) {
      yield text.slice(0, index) + text.slice(index + 1, end) + text.slice(end + 1);
      yield text.slice(0, index) + text.slice(end + 1);
    }
  }
  for (const { index } of text.matchAll(/\b(?:if|for) [^{}]*\{/gu)) {
    const open = text.indexOf('{', index);
    const close = closing(text, open);
    const inside = text.slice(open + 1, close).trim();
    const rest = text.slice(close + 1);
    const [otherwise] = /^ else (?:if [^{}]*)?\{/u.exec(rest) ?? [];
    if (otherwise === undefined) yield text.slice(0, index) + inside + rest;
    else {
      const end = closing(rest, otherwise.length - 1);
      yield text.slice(0, index) + inside + rest.slice(end + 1);
      yield text.slice(0, index) + rest.slice(otherwise.length, end).trim() + rest.slice(end + 1);
      yield text.slice(0, close + 1) + rest.slice(end + 1);
    }
  }
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (OPEN.includes(text[i]!)) depth++;
    else if (CLOSE.includes(text[i]!) && --depth === 0) return i;
  }
  return text.length;
}

/** Labels, counts, terms. */
function* withoutWords(text: string): Generator<string> {
  const patterns = [
    / \* \(?[\w]+(?: \+ 1\))?/gu,
    /[\p{L}_][\p{L}\p{N}_{}]*: (?=[A-Z(])/gu,
    /frozen /gu,
    / [-+] \w+/gu,
    /#.*\n/gu,
    /: (?:int|bool|float|str|ints|layer)\b/gu,
  ];
  for (const pattern of patterns)
    for (const match of text.matchAll(pattern))
      yield text.slice(0, match.index) + text.slice(match.index + match[0].length);
}
