import type { LexerResult, ParseResult } from 'langium';
import type { Range } from '../../core/definition.ts';
import { type Fix, fix, replace, withFixes } from '../../core/fix.ts';
import type { PartProblem, SyntaxProblem } from '../problem.ts';
import { endOf, endsOperand, kindOf, type Token } from './tokens.ts';

type ParserError = ParseResult['parserErrors'][number];
type LexerError = LexerResult['errors'][number];

/** What people write instead of what the language has, by its first character; `text` is what to write. */
const INSTEAD: Readonly<Record<string, { readonly says: string; readonly text?: string }>> = {
  '→': { says: 'an arrow is written "->"', text: '->' },
  '⟶': { says: 'an arrow is written "->"', text: '->' },
  '“': { says: 'strings stand in straight quotes, "…"', text: '"' },
  '”': { says: 'strings stand in straight quotes, "…"', text: '"' },
  '‘': { says: "strings stand in straight quotes, '…'", text: "'" },
  '’': { says: "strings stand in straight quotes, '…'", text: "'" },
  '×': { says: 'a product is written "*"', text: '*' },
  '−': { says: 'minus is written "-"', text: '-' },
  '–': { says: 'minus is written "-"', text: '-' },
  '—': { says: 'minus is written "-"', text: '-' },
  '≤': { says: '"<=" is meant', text: '<=' },
  '≥': { says: '">=" is meant', text: '>=' },
  '≠': { says: '"!=" is meant', text: '!=' },
  '&': { says: '"and" is meant', text: 'and' },
  '|': { says: '"or" is meant', text: 'or' },
  '!': { says: '"not" is meant', text: 'not ' },
  ';': { says: 'line breaks and semicolons mean nothing here: leave it out', text: '' },
  '…': { says: 'a range is written "..", as in 0..6', text: '..' },
  '\0': { says: "the file holds binary data, or isn't saved as UTF-8" },
};

export function lexicalProblem(error: LexerError, text: string): SyntaxProblem {
  const character = String.fromCodePoint(text.codePointAt(error.offset) ?? 0);
  const shown =
    character < ' '
      ? `The character U+${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`
      : `"${character}"`;
  const hint = INSTEAD[character];
  return {
    code: 'syntax',
    severity: 'error',
    message: `${shown} is nothing that SCV knows${hint === undefined ? '' : `: ${hint.says}`}.`,
    range: { start: error.offset, end: error.offset + error.length },
    ...withFixes(hint?.text === undefined ? [] : [writeInstead(error, text, character, hint.text)]),
  };
}

/** All of its kind on the line: quotes come in pairs, and a line's semicolons go together. */
function writeInstead({ offset }: LexerError, text: string, character: string, instead: string): Fix<Range> {
  const kinds = Object.keys(INSTEAD).filter((each) => INSTEAD[each]?.text === instead);
  const end = /\r?\n|$/.exec(text.slice(offset))!.index + offset;
  const edits = [...text.slice(offset, end).matchAll(/[^\w\s]/gu)]
    .filter(([each]) => kinds.includes(each))
    .map(({ index }) => ({ start: offset + index, end: offset + index + 1 }))
    // `&&` is one.
    .filter(({ start }) => instead === '' || instead === '"' || instead === "'" || text[start - 1] !== text[start])
    .map(({ start, end: last }) => {
      const doubled = text[start] === text[last] && /[&|]/.test(character);
      return replace({ start, end: doubled ? last + 1 : last }, instead);
    });
  const title = instead === '' ? `Remove ${character}` : `Write ${instead.trim()}`;
  return fix(title, edits, 'preferred');
}

/** The parser's first error in words. Most of what goes wrong is answered before, by repair.ts. */
export function parserProblem(error: ParserError, tokens: readonly Token[], farthest: number | undefined): PartProblem {
  const index = error.name === 'NoViableAltException' ? farthest : undefined;
  const place = index === undefined ? error.token : tokens[index];
  const isAtEnd = place === undefined || kindOf(place) === 'EOF' || place.image === '';
  const last = tokens.findLast((token) => token.image.trim() !== '')!;
  const token = isAtEnd ? last : place;
  return {
    code: 'syntax',
    severity: 'error',
    message: isAtEnd ? unfinished(tokens, last, error) : misplaced(tokens, token, error),
    range: { start: token.startOffset, end: endOf(token) },
  };
}

function unfinished(tokens: readonly Token[], last: Token, error: ParserError): string {
  const example = EXAMPLES[kindOf(tokens[0]) ?? ''];
  const wanted = expected(error);
  const what = wanted === undefined ? 'something is missing' : `${wanted} is missing`;
  return `${what[0]?.toUpperCase() ?? ''}${what.slice(1)} behind "${last.image}"${example === undefined ? '' : `: ${example}`}.`;
}

function misplaced(tokens: readonly Token[], token: Token, error: ParserError): string {
  const index = tokens.indexOf(token);
  const previous = tokens[index - 1];
  const wanted = expected(error);
  if (previous !== undefined && endsOperand(tokens, index - 1) && endsOperand(tokens, index)) {
    return `"${token.image}" can't stand directly behind "${previous.image}": an operator, a comma or "->" is missing between them.`;
  }
  if (wanted !== undefined && previous !== undefined) {
    return `${wanted[0]?.toUpperCase() ?? ''}${wanted.slice(1)} is missing between "${previous.image}" and "${token.image}".`;
  }
  const example = STAGES[kindOf(token) ?? ''] ?? EXAMPLES[kindOf(tokens[0]) ?? ''];
  return `"${token.image}" can't stand here${example === undefined ? '' : `; ${example}`}.`;
}

/** How each statement looks. */
const EXAMPLES: Readonly<Record<string, string>> = {
  import: 'an import is written import { Name } from "./file.scv"',
  model: 'a model is written model Name(parameter: int = 1) { … }',
  block: 'a block is written block Name(parameter: int = 1) { … }',
  extern: 'it is written extern block Name(out: int) from "module" { input x  output [x.shape[0], out] }',
  input: 'inputs are written input image: [N, 3, 224, 224]',
  output: 'an output is written output expression or output name: [N, 10] = expression',
  weight: 'a weight is written weight name: [1, 768] = Zeros',
  buffer: 'a buffer is written buffer name: [49, 49] = Zeros',
  layer: 'a shared layer is written layer name = Conv2d(8, 3)',
  train: 'it is written train { optimizer: Adam(lr=1e-3)  loss: CrossEntropyLoss  epochs: 5 }',
};

/** What begins a statement elsewhere and a stage here. */
const STAGES: Readonly<Record<string, string>> = {
  for: 'a for is a stage: write y = x -> for i in 0..3 { ReLU }',
  if: 'an if is a stage: write y = x -> if n == 2 { ReLU } else { Tanh }',
};

/** What the parser waited for, where that is one thing. */
function expected(error: ParserError): string | undefined {
  const match = /^Expecting (?:token of type '(\w+)'|keyword '(.*)'|`(.*)`) but found/.exec(error.message);
  const name = match?.[1] ?? match?.[2] ?? match?.[3];
  if (name === undefined) return undefined;
  if (name === 'ID') return 'a name';
  if (name === 'STRING') return 'a string';
  return name === 'NUMBER' ? 'a number' : `"${name}"`;
}
