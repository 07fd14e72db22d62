import type { Definition, Import, SourceFile } from './definition.ts';
import { usesInDefinition } from './elaborate/uses.ts';
import { hashText } from './hash.ts';

/** The files of a program, as they are now. */
export interface Program {
  file(uri: string): SourceFile | undefined;
  /** The file that an import's path means, seen from the importing one; it need not exist. */
  resolve(uri: string, path: string): string;
  /** Why a file that is there can't be read, in words that stand behind its name. */
  whyUnreadable?(uri: string): string | undefined;
  /** The other files that are known to define something of this name, by uri; none are known where absent. */
  exporters?(uri: string, name: string): readonly string[];
  /** Whether another file that is known imports this definition of a file; none is known where absent. */
  isImported?(uri: string, name: string): boolean;
  /** The paths by which one file may import the others that are known; none are known where absent. */
  pathsFrom?(uri: string): readonly string[];
}

/** By their id and hash, as long as anything may hang on them. */
interface Earlier {
  get(key: string): Definition | undefined;
  set(key: string, definition: Definition): void;
}

/**
 * The files of a program's versions, in which a definition whose text didn't change stays the same object. What is found
 * of it (instances with their facts by place, names) can so be kept by the definition itself.
 */
export class SteadyFiles {
  readonly #latest = new Map<string, Definition>();
  readonly #earlier: Earlier;
  readonly #files = new WeakMap<SourceFile, SourceFile>();

  /** @param earlier definitions of earlier versions, which are the same object again when their text comes back */
  constructor(earlier: Earlier) {
    this.#earlier = earlier;
  }

  steady(file: SourceFile): SourceFile {
    let steady = this.#files.get(file);
    if (steady === undefined) {
      steady = { ...file, definitions: file.definitions.map((definition) => this.#definition(definition)) };
      this.#files.set(file, steady);
    }
    return steady;
  }

  #definition(definition: Definition): Definition {
    const { id, hash } = definition;
    const latest = this.#latest.get(id);
    if (latest?.hash === hash) return latest;
    if (latest !== undefined) this.#earlier.set(`${id} ${latest.hash}`, latest);
    const steady = this.#earlier.get(`${id} ${hash}`) ?? definition;
    this.#latest.set(id, steady);
    return steady;
  }
}

/** One version of a program, with such files. */
export class SteadyProgram implements Program {
  readonly #program: Program;
  readonly #files: SteadyFiles;

  constructor(program: Program, files: SteadyFiles) {
    this.#program = program;
    this.#files = files;
  }

  resolve(uri: string, path: string): string {
    return this.#program.resolve(uri, path);
  }

  whyUnreadable(uri: string): string | undefined {
    return this.#program.whyUnreadable?.(uri);
  }

  exporters(uri: string, name: string): readonly string[] {
    return this.#program.exporters?.(uri, name) ?? [];
  }

  isImported(uri: string, name: string): boolean {
    return this.#program.isImported?.(uri, name) ?? false;
  }

  pathsFrom(uri: string): readonly string[] {
    return this.#program.pathsFrom?.(uri) ?? [];
  }

  file(uri: string): SourceFile | undefined {
    const file = this.#program.file(uri);
    return file && this.#files.steady(file);
  }
}

/** The file that a definition stands in. */
export function uriOf(definitionId: string): string {
  return definitionId.slice(0, definitionId.indexOf('#'));
}

/** The name of a file. */
export function lastPart(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
}

/** How an import in one file names another one. */
export function relativePath(from: string, to: string): string {
  const [here, there] = [from, to].map((uri) => decodeURIComponent(uri).split('/'));
  const folder = here!.slice(0, -1);
  let same = 0;
  while (same < folder.length && folder[same] === there![same]) same++;
  const up = folder.slice(same).map(() => '..');
  return [...(up.length === 0 ? ['.'] : up), ...there!.slice(same)].join('/');
}

/** One import's name and what it means. */
export interface ImportedDefinition {
  readonly statement: Import;
  readonly index: number;
  readonly name: string;
  readonly definition: Definition;
}

/** Looks names up across the files of one version of a program. */
export class Linker {
  readonly program: Program;
  readonly #scopes = new Map<string, ReadonlyMap<string, Definition>>();
  readonly #names = new Map<string, string>();
  readonly #hashes = new Map<Definition, string>();

  constructor(program: Program) {
    this.program = program;
  }

  /** The definition that a name means in a file: its own come before imported ones. */
  find(uri: string, name: string): Definition | undefined {
    return this.scope(uri).get(name);
  }

  scope(uri: string): ReadonlyMap<string, Definition> {
    let scope = this.#scopes.get(uri);
    if (scope === undefined) {
      const names = new Map<string, Definition>();
      for (const { name, definition } of this.imported(uri)) if (!names.has(name)) names.set(name, definition);
      const own = new Set<string>();
      for (const definition of this.program.file(uri)?.definitions ?? []) {
        if (own.has(definition.name.text)) continue;
        own.add(definition.name.text);
        names.set(definition.name.text, definition);
      }
      scope = names;
      this.#scopes.set(uri, scope);
    }
    return scope;
  }

  imported(uri: string): readonly ImportedDefinition[] {
    return (this.program.file(uri)?.imports ?? []).flatMap((statement, index) => {
      const target = this.program.file(this.program.resolve(uri, statement.path.value));
      return statement.names.flatMap(({ target: wanted, alias }) => {
        const definition = target?.definitions.find(({ name }) => name.text === wanted.text);
        return definition === undefined ? [] : [{ statement, index, name: (alias ?? wanted).text, definition }];
      });
    });
  }

  /** Every name of a file's definitions and imports, found or not: messages about other names depend on them. */
  #namesIn(uri: string): string {
    let names = this.#names.get(uri);
    if (names === undefined) {
      const imported = this.program.file(uri)?.imports.flatMap((each) => each.names) ?? [];
      names = [...this.scope(uri).keys(), '', ...imported.map(({ target, alias }) => (alias ?? target).text)].join(' ');
      this.#names.set(uri, names);
    }
    return names;
  }

  /** Of a definition, all that it uses and what else may be named there: equal hashes mean that it elaborates to the same. */
  deepHash(definition: Definition): string {
    const known = this.#hashes.get(definition);
    if (known !== undefined) return known;
    // All that it reaches, in a fixed order: this holds for definitions that use each other too.
    const reached = new Set<Definition>([definition]);
    const files = new Set<string>();
    const parts: string[] = [];
    for (const each of reached) {
      parts.push(each.id, each.hash);
      files.add(uriOf(each.id));
      for (const { name } of usesInDefinition(each)) {
        const used = this.find(uriOf(each.id), name.text);
        if (used === undefined) continue;
        parts.push(name.text, used.id);
        reached.add(used);
      }
    }
    for (const uri of files) parts.push(this.#namesIn(uri));
    const hash = hashText(parts.join('\n'));
    this.#hashes.set(definition, hash);
    return hash;
  }
}
