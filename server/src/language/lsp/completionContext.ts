import { closerOf, endsOperand, isCloser, isName, kindOf, type Token } from '../text/tokens.ts';

/** What a cursor stands behind. */
export type Context =
  | {
      readonly kind:
        | 'topLevel'
        | 'stage'
        | 'expression'
        | 'member'
        | 'type'
        | 'trainKey'
        | 'importedName'
        | 'importPath'
        | 'nothing';
    }
  | { readonly kind: 'statement'; readonly definition: 'model' | 'block' }
  | {
      readonly kind: 'argument';
      readonly callee: string;
      /** `padding_mode=|`. */
      readonly name: string | undefined;
      /** By name. */
      readonly given: ReadonlySet<string>;
      /** How many arguments without a name stand before. */
      readonly positional: number;
    }
  | { readonly kind: 'initialiser'; readonly isBuffer: boolean }
  | { readonly kind: 'propertyValue'; readonly key: string };

type Bracket =
  | { readonly kind: 'body'; readonly definition: 'model' | 'block' }
  | { readonly kind: 'stages' | 'values' | 'train' | 'names' | 'parameters' | 'extern' }
  | {
      readonly kind: 'call';
      readonly callee: string;
      /** Where the callee stands. */
      readonly offset: number;
      readonly given: Set<string>;
      positional: number;
      /** Of the argument that is being read, where it has one. */
      name: string | undefined;
    };

/** The call whose arguments a cursor is in. */
export interface CallAt {
  readonly callee: string;
  readonly offset: number;
  /** By name, the one at the cursor included. */
  readonly given: ReadonlySet<string>;
  /** How many arguments without a name stand before. */
  readonly positional: number;
  /** Of the argument at the cursor, where it has one. */
  readonly name: string | undefined;
}

const STATEMENT_WORDS = new Set(['input', 'output', 'weight', 'buffer', 'layer', 'frozen', 'train']);

/** Where the cursor is behind these tokens; `string` is the one that it is in. */
export function contextAt(tokens: readonly Token[], string: Token | undefined): Context {
  return new ContextReader(tokens).read(string);
}

/** The innermost call around the cursor behind these tokens; lists and tuples in its arguments are parts of those. */
export function callAt(tokens: readonly Token[]): CallAt | undefined {
  return new ContextReader(tokens).call();
}

/** Goes through the tokens of the definition that the cursor is in, keeping in mind what the brackets hold. */
class ContextReader {
  private readonly tokens: readonly Token[];
  private readonly open: Bracket[] = [];
  /** The keyword or name that the statement began with, at the body's level. */
  private statement: string | undefined;
  private isStage = false;

  constructor(tokens: readonly Token[]) {
    const start = tokens.findLastIndex((_token, index) => startsDefinition(tokens, index));
    this.tokens = start < 0 ? tokens : tokens.slice(start);
  }

  read(string: Token | undefined): Context {
    for (let index = 0; index < this.tokens.length; index++) this.step(index);
    return this.context(string);
  }

  call(): CallAt | undefined {
    for (let index = 0; index < this.tokens.length; index++) this.step(index);
    const inner = this.open.findLast(({ kind }) => kind !== 'values');
    return inner?.kind === 'call' ? inner : undefined;
  }

  private step(index: number): void {
    const token = this.tokens[index]!;
    const kind = token.tokenType.name;
    const previous = kindOf(this.tokens[index - 1]);
    const inner = this.open.at(-1);
    if (closerOf(kind) !== undefined) {
      this.open.push(this.bracket(index));
      this.isStage = this.open.at(-1)?.kind === 'stages';
      if (this.open.at(-1)?.kind === 'body') this.statement = undefined;
      return;
    }
    if (isCloser(kind)) {
      this.open.pop();
      this.isStage = false;
      if (kind === '}' && this.open.at(-1)?.kind === 'body' && inner?.kind === 'train') this.statement = undefined;
      return;
    }
    if (inner?.kind === 'call' && kind === '=' && previous !== undefined) {
      inner.name = this.tokens[index - 1]!.image;
      inner.given.add(inner.name);
    } else if (inner?.kind === 'call' && kind === ',') {
      if (inner.name === undefined) inner.positional++;
      inner.name = undefined;
    }
    const next = kindOf(this.tokens[index + 1]);
    const isAtBody = inner?.kind === 'body' || inner?.kind === 'train' || inner?.kind === 'extern';
    if (
      isAtBody &&
      isName(token) &&
      (endsOperand(this.tokens, index - 1) || previous === '{' || this.statement === undefined)
    ) {
      const isLabel = this.isStage && next === ':';
      if (!isLabel && (STATEMENT_WORDS.has(kind) || next === '=' || next === ':' || next === ','))
        this.statement = token.image;
    }
    if (kind === '->') this.isStage = true;
    else if (kind === ',') this.isStage = inner?.kind === 'stages';
    else if (kind === '=' && inner?.kind === 'body') this.isStage = this.statement === 'layer';
    else if (!(this.isStage && (kind === ':' || kind === 'frozen' || next === ':'))) this.isStage = false;
  }

  private bracket(index: number): Bracket {
    const kind = kindOf(this.tokens[index]);
    const before = this.tokens[index - 1];
    const first = kindOf(this.tokens[0]);
    if (this.open.length === 0) {
      if (kind === '{')
        return first === 'import'
          ? { kind: 'names' }
          : first === 'extern'
            ? { kind: 'extern' }
            : { kind: 'body', definition: first === 'model' ? 'model' : 'block' };
      return { kind: 'parameters' };
    }
    if (kind === '{') {
      if (kindOf(before) === 'train') return { kind: 'train' };
      return { kind: this.bracesHoldStages(index) ? 'stages' : 'values' };
    }
    if (kind === '(' && kindOf(before) === 'ID') {
      const { image: callee, startOffset: offset } = before!;
      return { kind: 'call', callee, offset, given: new Set(), positional: 0, name: undefined };
    }
    return { kind: this.isStage ? 'stages' : 'values' };
  }

  /** `-> if c {` holds stages, `x = if c {` values. */
  private bracesHoldStages(index: number): boolean {
    for (let at = index - 1, depth = 0; at >= 0; at--) {
      const kind = kindOf(this.tokens[at]);
      if (isCloser(kind)) depth++;
      else if (closerOf(kind) !== undefined && --depth < 0) return false;
      if (depth === 0 && (kind === 'for' || (kind === 'if' && kindOf(this.tokens[at - 1]) !== 'else'))) {
        const before = kindOf(this.tokens[at - 1]);
        const isLabelled = before === ':' && kindOf(this.tokens[at - 3]) === '->';
        return (
          kind === 'for' ||
          before === '->' ||
          isLabelled ||
          ((before === '(' || before === '[' || before === ',' || before === '{') &&
            this.open.at(-1)?.kind === 'stages')
        );
      }
    }
    return false;
  }

  private context(string: Token | undefined): Context {
    const inner = this.open.at(-1);
    const last = this.tokens.at(-1);
    const previous = kindOf(last);
    const first = kindOf(this.tokens[0]);
    if (first === 'import' && this.open.length === 0)
      return previous === 'from'
        ? { kind: 'importPath' }
        : previous === 'STRING'
          ? { kind: 'topLevel' }
          : { kind: 'nothing' };
    if (string !== undefined && inner?.kind !== 'call') return { kind: 'nothing' };
    if (previous === '.') return { kind: 'member' };
    if (inner === undefined)
      return previous === undefined || previous === '}' ? { kind: 'topLevel' } : { kind: 'nothing' };
    switch (inner.kind) {
      case 'names':
        return { kind: 'importedName' };
      case 'parameters':
        return previous === ':'
          ? { kind: 'type' }
          : previous === '='
            ? { kind: 'argument', callee: '', name: '', given: new Set(), positional: 0 }
            : { kind: 'nothing' };
      case 'train':
        return previous === ':' || this.isInList()
          ? { kind: 'propertyValue', key: this.statement ?? '' }
          : { kind: 'trainKey' };
      case 'call': {
        const name = previous === '=' ? this.tokens.at(-2)?.image : undefined;
        if (previous !== '(' && previous !== ',' && previous !== '=') return { kind: 'expression' };
        return { kind: 'argument', callee: inner.callee, name, given: inner.given, positional: inner.positional };
      }
      case 'stages':
        return this.isStage ? { kind: 'stage' } : { kind: 'nothing' };
      case 'values':
        if (this.isStage) return { kind: 'stage' };
        return this.open.at(-2)?.kind === 'train'
          ? { kind: 'propertyValue', key: this.statement ?? '' }
          : { kind: 'expression' };
      case 'extern':
        return previous === ':' ? { kind: 'expression' } : { kind: 'nothing' };
      case 'body':
        return this.inBody(inner.definition, previous);
    }
  }

  private isInList(): boolean {
    return kindOf(this.tokens.at(-1)) === '[';
  }

  private inBody(definition: 'model' | 'block', previous: string | undefined): Context {
    if (this.isStage) return { kind: 'stage' };
    if (previous === '{' || endsOperand(this.tokens, this.tokens.length - 1)) return { kind: 'statement', definition };
    if (previous === ':' && this.statement !== undefined && !STATEMENT_WORDS.has(this.statement))
      return { kind: 'propertyValue', key: this.statement };
    if (previous === '=' && (this.statement === 'weight' || this.statement === 'buffer'))
      return { kind: 'initialiser', isBuffer: this.statement === 'buffer' };
    if (
      previous === 'input' ||
      previous === 'weight' ||
      previous === 'buffer' ||
      previous === 'layer' ||
      previous === 'frozen'
    )
      return { kind: 'nothing' };
    return { kind: 'expression' };
  }
}

function startsDefinition(tokens: readonly Token[], index: number): boolean {
  const kind = kindOf(tokens[index]);
  if (kind === 'import') return kindOf(tokens[index + 1]) === '{' || index === tokens.length - 1;
  if (kind === 'extern') return true;
  return (
    (kind === 'model' || kind === 'block') &&
    kindOf(tokens[index + 1]) === 'ID' &&
    kindOf(tokens[index - 1]) !== 'extern'
  );
}
