/** Reads back what dimensions and conditions print, by rules of its own: for tests. */

export type Environment = Readonly<Record<string, bigint>>;

export type Tree =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'operation'; readonly operator: string; readonly operands: readonly Tree[] };

const TOKEN = /\s*(?:(\d+)|([\p{L}_][\p{L}\p{N}_.]*)|(\/\/|\*\*|==|!=|<=|>=|, or |[-+*%<>(){},]))/uy;

export function parse(text: string): Tree {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`Can't read ${text}`);
    tokens.push(found[0].trim());
  }
  const parser = new Parser(tokens);
  const tree = parser.alternatives();
  if (parser.position !== tokens.length) throw new Error(`${tokens[parser.position] ?? ''} is too much in ${text}`);
  return tree;
}

class Parser {
  position = 0;
  readonly tokens: readonly string[];

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  accept(...wanted: readonly string[]): string | undefined {
    const token = this.tokens[this.position];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.position++;
    return token;
  }

  expect(wanted: string): void {
    if (this.accept(wanted) === undefined) throw new Error(`${wanted} expected`);
  }

  alternatives(): Tree {
    let tree = this.disjunction();
    while (this.accept(', or') !== undefined) tree = operation('or', tree, this.disjunction());
    return tree;
  }

  disjunction(): Tree {
    let tree = this.conjunction();
    while (this.accept('or') !== undefined) tree = operation('or', tree, this.conjunction());
    return tree;
  }

  conjunction(): Tree {
    let tree = this.negation();
    while (this.accept('and') !== undefined) tree = operation('and', tree, this.negation());
    return tree;
  }

  negation(): Tree {
    return this.accept('not') === undefined ? this.comparison() : operation('not', this.negation());
  }

  comparison(): Tree {
    const left = this.sum();
    if (this.accept('odd') !== undefined) return operation('==', operation('%', left, integer(2n)), integer(1n));
    if (this.accept('even') !== undefined) return operation('==', operation('%', left, integer(2n)), integer(0n));
    const negated = this.accept('not') !== undefined;
    let tree: Tree | undefined;
    if (this.accept('divisible') !== undefined) {
      this.expect('by');
      tree = operation('==', operation('%', left, this.sum()), integer(0n));
    } else if (this.accept('in') !== undefined) {
      this.expect('{');
      do {
        const member = operation('==', left, this.sum());
        tree = tree === undefined ? member : operation('or', tree, member);
      } while (this.accept(',') !== undefined);
      this.expect('}');
    }
    if (tree !== undefined) return negated ? operation('not', tree) : tree;
    let chain: Tree | undefined;
    let previous = left;
    for (;;) {
      const operator = this.accept('==', '!=', '<', '<=', '>', '>=');
      if (operator === undefined) return chain ?? left;
      const next = this.sum();
      const link = operation(operator, previous, next);
      chain = chain === undefined ? link : operation('and', chain, link);
      previous = next;
    }
  }

  sum(): Tree {
    let tree = this.product();
    for (;;) {
      const operator = this.accept('+', '-');
      if (operator === undefined) return tree;
      tree = operation(operator, tree, this.product());
    }
  }

  product(): Tree {
    let tree = this.sign();
    for (;;) {
      const operator = this.accept('*', '//', '%');
      if (operator === undefined) return tree;
      tree = operation(operator, tree, this.sign());
    }
  }

  sign(): Tree {
    if (this.accept('-') !== undefined) return operation('negative', this.sign());
    const base = this.primary();
    return this.accept('**') === undefined ? base : operation('**', base, this.sign());
  }

  primary(): Tree {
    if (this.accept('(') !== undefined) {
      const tree = this.alternatives();
      this.expect(')');
      return tree;
    }
    const token = this.tokens[this.position++];
    if (token === undefined) throw new Error('more expected');
    if (/^\d/.test(token)) return integer(BigInt(token));
    if (token === 'if') {
      const test = this.alternatives();
      const arms: Tree[] = [];
      for (const word of ['{', 'else']) {
        if (word === 'else') {
          this.expect('else');
        }
        this.expect('{');
        arms.push(this.alternatives());
        this.expect('}');
      }
      return operation('if', test, ...arms);
    }
    if (token === 'True' || token === 'False') return operation(token);
    if (this.accept('(') === undefined) return { kind: 'name', name: token };
    const operands = [this.alternatives()];
    while (this.accept(',') !== undefined) operands.push(this.alternatives());
    this.expect(')');
    return operation(token, ...operands);
  }
}

function integer(of: bigint): Tree {
  return { kind: 'integer', value: of };
}

function operation(operator: string, ...operands: readonly Tree[]): Tree {
  return { kind: 'operation', operator, operands };
}

export function value(tree: Tree, env: Environment): bigint {
  const result = evaluate(tree, env);
  if (typeof result !== 'bigint') throw new Error('a number expected');
  return result;
}

export function truth(tree: Tree, env: Environment): boolean {
  const result = evaluate(tree, env);
  if (typeof result !== 'boolean') throw new Error('a condition expected');
  return result;
}

function evaluate(tree: Tree, env: Environment): bigint | boolean {
  if (tree.kind === 'integer') return tree.value;
  if (tree.kind === 'name') {
    const known = env[tree.name];
    if (known === undefined) throw new Error(`${tree.name} is unknown`);
    return known;
  }
  const [first, second, third] = tree.operands;
  const number = (operand: Tree | undefined): bigint => value(operand ?? integer(0n), env);
  const holds = (operand: Tree | undefined): boolean => truth(operand ?? integer(0n), env);
  switch (tree.operator) {
    case 'True':
      return true;
    case 'False':
      return false;
    case 'if':
      return evaluate((holds(first) ? second : third) ?? integer(0n), env);
    case 'and':
      return holds(first) && holds(second);
    case 'or':
      return holds(first) || holds(second);
    case 'not':
      return !holds(first);
    case 'negative':
      return -number(first);
    case 'min':
      return tree.operands.map(number).reduce((a, b) => (a < b ? a : b));
    case 'max':
      return tree.operands.map(number).reduce((a, b) => (a > b ? a : b));
    case 'mystery':
      return (number(first) ** 2n + 3n) % 11n;
  }
  const [a, b] = [number(first), number(second)];
  switch (tree.operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '**':
      return a ** b;
    case '//':
      return (a - remainder(a, b)) / b;
    case '%':
      return remainder(a, b);
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
  throw new Error(`${tree.operator} is unknown`);
}

/** Of the divisor's sign. */
function remainder(a: bigint, b: bigint): bigint {
  return ((a % b) + b) % b;
}
