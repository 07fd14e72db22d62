/** Where the modules of a container go: into one expression, or into statements that fill it. */
import { attribute, isMangled, stringLiteral } from '../python.ts';
import { type ClassScope, NeedsStatements } from '../scope.ts';

export type Sink = Entries | Statements;

/** One entry of a container that is written as an expression. */
export interface Entry {
  /** Python text of the name: a literal or an f-string. */
  readonly name: string | undefined;
  readonly text: string;
  /** `for … in …` around it. */
  readonly loops: readonly string[];
}

/** A container that is being written as one expression. */
export class Entries {
  entries: Entry[] = [];

  add(name: string | undefined, module: string): void {
    this.entries.push({ name, text: module, loops: [] });
  }

  /** What is decided when the model is built needs statements. */
  branch(_condition: string, _then: () => void, _otherwise: (() => void) | undefined, _isIf = false): void {
    throw new NeedsStatements();
  }

  /** Collects what a loop's turn adds, to be put under the loop's head, which is known after it. */
  turn(run: () => void): readonly Entry[] {
    const outer = this.entries;
    this.entries = [];
    try {
      run();
      return this.entries;
    } finally {
      this.entries = outer;
    }
  }
}

/** Adds modules line by line. */
export class Statements {
  readonly #scope: ClassScope;
  readonly #target: string;
  readonly #container: string;

  constructor(scope: ClassScope, target: string, container: string) {
    this.#scope = scope;
    this.#target = target;
    this.#container = container;
  }

  add(name: string | undefined, module: string): void {
    const { init } = this.#scope;
    if (name === undefined) init.call(`${this.#target}.append(${module})`);
    else if (isDict(this.#container)) init.assign(`${this.#target}[${name}]`, module);
    else {
      const own = this.attributeOf(name);
      if (own === undefined) init.call(`${this.#target}.add_module(${name}, ${module})`);
      else init.assign(own, module);
    }
  }

  /** The attribute that a name is, where the modules are the class's own. */
  attributeOf(name: string | undefined): string | undefined {
    const own = this.#target === 'self' ? keywordIn(name) : undefined;
    return own === undefined ? undefined : attribute(own);
  }

  /** `isIf`: the other arm is one more `if`. */
  branch(condition: string, then: () => void, otherwise: (() => void) | undefined, isIf = false): void {
    const { init } = this.#scope;
    init.block('if ', condition, () => this.#scope.scoped(then));
    if (otherwise !== undefined) init.otherwise(isIf, () => this.#scope.scoped(otherwise));
  }
}

/** A container as one expression. */
export function containerText(container: string, entries: readonly Entry[]): string {
  const isList = container === 'nn.ModuleList' || isHelper(container, 'Branches');
  if (entries.every(({ name }) => name === undefined)) {
    if (!isList) return `${container}(${positional(entries)})`;
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && only.loops.length > 0)
      return `${container}([${only.text} ${only.loops.join(' ')}])`;
    return `${container}([${splats(entries).join(', ')}])`;
  }
  if (isDict(container)) return dictText(container, entries);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && only.loops.length > 0) {
    return `${container}(OrderedDict((${only.name ?? ''}, ${only.text}) ${only.loops.join(' ')}))`;
  }
  if (entries.every(({ name, loops }) => loops.length === 0 && keywordIn(name) !== undefined)) {
    const items = entries.map(({ name, text }) => `${keywordIn(name)!}=${text}`);
    return `${container}(OrderedDict(${items.join(', ')}${items.length > 1 ? ',,' : ''}))`;
  }
  if (
    entries.some(
      ({ name, loops }, i) =>
        loops.length > 0 && (name === undefined || entries.slice(i + 1).some((later) => later.name === undefined)),
    )
  ) {
    throw new NeedsStatements();
  }
  const items = entries.map(({ name, text, loops }, i) => {
    const pair = `(${name ?? stringLiteral(String(i))}, ${text})`;
    return loops.length === 0 ? pair : `*[${pair} ${loops.join(' ')}]`;
  });
  return `${container}(OrderedDict([${items.join(', ')},,]))`;
}

function dictText(container: string, entries: readonly Entry[]): string {
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && only.loops.length > 0)
    return `${container}({${only.name ?? ''}: ${only.text} ${only.loops.join(' ')}})`;
  if (entries.some(({ loops }) => loops.length > 0)) throw new NeedsStatements();
  return `${container}({${entries.map(({ name, text }) => `${name ?? ''}: ${text}`).join(', ')},,})`;
}

/** Entries without names as arguments of `nn.Sequential`: each on a line of its own where they are many or long. */
export function positional(entries: readonly Entry[]): string {
  const items = splats(entries);
  const text = items.join(', ');
  return items.length > 2 || (items.length > 1 && text.length > 60) ? `${text},,` : text;
}

function splats(entries: readonly Entry[]): string[] {
  return entries.map(({ text, loops }) => (loops.length === 0 ? text : `*[${text} ${loops.join(' ')}]`));
}

/** The name in a literal, where Python takes it as a keyword and as an attribute. */
function keywordIn(literal: string | undefined): string | undefined {
  const name = literal?.startsWith('"') === true ? literal.slice(1, -1) : undefined;
  return name === undefined || isMangled(name) ? undefined : name;
}

/** Whether modules are put into a container by their names. */
function isDict(container: string): boolean {
  return container === 'nn.ModuleDict' || isHelper(container, 'NamedBranches');
}

/** Whether a container is a helper class of this kind; where its name is taken it has a number. */
function isHelper(container: string, kind: string): boolean {
  return container.replace(/_\d+$/u, '').endsWith(kind);
}
