import type {
  AstNode,
  AstNodeDescription,
  AstNodeDescriptionProvider,
  CstNode,
  LangiumCoreServices,
  LangiumDocuments,
  LocalSymbols,
  NameProvider,
  ReferenceInfo,
  Scope,
  ScopeComputation,
  ScopeProvider,
} from 'langium';
import { AstUtils, DocumentCache, EMPTY_SCOPE, EMPTY_STREAM, GrammarUtils, MultiMap, stream } from 'langium';
import { HEADER } from '../core/definition.ts';
import { fileOf, resolveImport } from './documents.ts';
import type { Definition, File, ImportedName } from './generated/ast.ts';
import * as ast from './generated/ast.ts';
import { stringValue } from './reading/literals.ts';

type Names = ReadonlyMap<string, AstNodeDescription>;

/** A name that a definition binds, and from which of its statements on. */
interface Local {
  readonly description: AstNodeDescription;
  /** {@link HEADER} or the index of the statement that binds it. */
  readonly part: number;
}

/**
 * The names of one document: by definition what it binds, and what stands around all of them. A name that an import
 * brings without an alias stands for the import here: what it means changes with the other file.
 */
interface DocumentScope {
  readonly file: Names;
  readonly definitions: ReadonlyMap<AstNode, ReadonlyMap<string, Local>>;
}

const NO_SCOPE: DocumentScope = { file: new Map(), definitions: new Map() };

/**
 * Looks names up in maps that are made once for each version of a document. (Langium's own makes a stream for each
 * reference, which grows with the square of a file's length.)
 */
export class ScvScopeProvider implements ScopeProvider {
  /** How many document scopes were made: tests hold it to one a document and version. */
  computations = 0;
  private readonly descriptions: AstNodeDescriptionProvider;
  private readonly documents: () => LangiumDocuments;
  private readonly scopes: DocumentCache<string, DocumentScope>;

  constructor(services: LangiumCoreServices) {
    this.descriptions = services.workspace.AstNodeDescriptionProvider;
    this.documents = () => services.shared.workspace.LangiumDocuments;
    this.scopes = new DocumentCache(services.shared);
  }

  getScope({ container, property }: ReferenceInfo): Scope {
    switch (container.$type) {
      case 'ImportedName':
        return scopeOf((name) => this.exported(container as ImportedName, name));
      case 'Argument':
        return scopeOf((name) => this.parameterOf(container.$container, name));
      case 'CallStage':
      case 'Call':
      case 'Name':
        return isOtherWord(container) ? EMPTY_SCOPE : scopeOf((name) => this.find(container, name));
      default:
        throw new Error(`no scope for ${container.$type}.${property}`);
    }
  }

  /** All that a name may mean at a node, inner ones first: for completion. */
  *visibleAt(node: AstNode): Iterable<AstNodeDescription> {
    const { file, definitions } = this.scopeOfDocument(node);
    for (let around: AstNode | undefined = node; around; around = around.$container) {
      if (around.$type === 'ForStage')
        for (const name of (around as ast.ForStage).names) yield this.describe(name, name.name);
      for (const { description } of definitions.get(around)?.values() ?? []) yield description;
    }
    for (const [name, description] of file) {
      const meant = this.imported(description, name);
      if (meant) yield meant;
    }
  }

  /** What a name in a stage or an expression means, without linking it. */
  meant(node: AstNode, name: string): AstNode | undefined {
    return this.find(node, name)?.node;
  }

  /** What a definition binds by a name. */
  localOf(definition: Definition, name: string): AstNode | undefined {
    return this.scopeOfDocument(definition).definitions.get(definition)?.get(name)?.description.node;
  }

  private find(node: AstNode, name: string): AstNodeDescription | undefined {
    const { file, definitions } = this.scopeOfDocument(node);
    const inFile = (): AstNodeDescription | undefined => {
      const description = file.get(name);
      return description && this.imported(description, name);
    };
    let inner: AstNode = node;
    for (let around = node.$container; around; inner = around, around = around.$container) {
      if (around.$type === 'ForStage' && inner.$containerProperty === 'stages') {
        const variable = (around as ast.ForStage).names.find((each) => each.name === name);
        if (variable) return this.describe(variable, name);
      }
      const names = definitions.get(around);
      if (names === undefined) continue;
      const local = names.get(name);
      if (local === undefined || (node.$type === 'Call' && !isCallable(local.description.node))) return inFile();
      // Further up a name means what stands around it: `stem = x -> stem`. What means nothing there is a slip.
      const part = inner.$containerProperty === 'statements' ? inner.$containerIndex! : HEADER;
      const isBound = local.part < part || isBoundThroughout(local.description.node);
      return isBound ? local.description : (inFile() ?? local.description);
    }
    return undefined;
  }

  /** The parameter of a block that a named argument gives. */
  private parameterOf(call: AstNode | undefined, name: string): AstNodeDescription | undefined {
    // What the parser dropped after an error stands in nothing.
    if (call?.$type !== 'CallStage' && call?.$type !== 'Call') return undefined;
    const { callee } = call as Partial<ast.CallStage | ast.Call>;
    const definition = definitionOf(callee?.ref);
    const parameter = definition?.parameters.find((each) => each.name === name);
    return parameter && this.describe(parameter, name);
  }

  private exported(imported: ImportedName, name: string): AstNodeDescription | undefined {
    const { path } = imported.$container as Partial<ast.Import>;
    if (path === undefined) return undefined; // it couldn't be read
    const importer = AstUtils.getDocument(imported).uri;
    const target = this.documents().getDocument(resolveImport(importer, stringValue(path)));
    const definition = target && fileOf(target)?.definitions.find((each) => each.name === name);
    return definition && this.describe(definition, name);
  }

  private scopeOfDocument(node: AstNode): DocumentScope {
    const document = AstUtils.findRootNode(node).$document;
    if (document === undefined) return NO_SCOPE; // what the parser dropped after an error
    return this.scopes.get(document.uri, 'scope', () => this.compute(document.parseResult.value as File));
  }

  private compute(file: File): DocumentScope {
    this.computations++;
    const names = new Map<string, AstNodeDescription>();
    for (const definition of file.definitions) this.add(names, definition, definition.name);
    for (const { names: imported } of file.imports) {
      for (const each of imported) {
        const name = each.name ?? each.target.$refText;
        if (!names.has(name)) names.set(name, this.describe(each, name));
      }
    }
    return { file: names, definitions: new Map(file.definitions.map((each) => [each, this.namesIn(each)])) };
  }

  private namesIn(definition: Definition): ReadonlyMap<string, Local> {
    const names = new Map<string, Local>();
    let part = HEADER;
    // The first of a name counts: a second one is an error, which the core reports.
    const add = (node: AstNode, name: string | undefined): void => {
      if (name !== undefined && !names.has(name)) names.set(name, { description: this.describe(node, name), part });
    };
    for (const parameter of definition.parameters) add(parameter, parameter.name);
    if (definition.$type === 'Extern') {
      for (const item of definition.items)
        if (item.$type === 'Input') for (const port of item.ports) add(port, port.name);
      return names;
    }
    for (const [index, statement] of definition.statements.entries()) {
      part = index;
      switch (statement.$type) {
        case 'Input':
          for (const port of statement.ports) add(port, port.name);
          break;
        case 'Binding':
          for (const name of statement.names) if (name.name !== '_') add(name, name.name);
          break;
        case 'Output':
        case 'Weight':
        case 'SharedLayer':
          add(statement, statement.name);
          break;
        default:
      }
    }
    // Symbols are what nothing else binds; they stand at their first use in an input's shape.
    for (const [index, statement] of definition.statements.entries()) {
      if (statement.$type !== 'Input') continue;
      part = index;
      for (const { shape } of statement.ports) {
        if (!shape) continue;
        for (const node of AstUtils.streamAst(shape)) if (ast.isName(node)) add(node, node.target.$refText);
      }
    }
    return names;
  }

  /** The first of a name counts: a second one is an error, which the core reports. */
  private add(names: Map<string, AstNodeDescription>, node: AstNode, name: string | undefined): void {
    if (name !== undefined && !names.has(name)) names.set(name, this.describe(node, name));
  }

  /** What a name of the file means; behind an import without an alias, the definition in the other file. */
  private imported(description: AstNodeDescription, name: string): AstNodeDescription | undefined {
    const { node } = description;
    return ast.isImportedName(node) && node.name === undefined ? this.exported(node, name) : description;
  }

  private describe(node: AstNode, name: string): AstNodeDescription {
    return this.descriptions.createDescription(node, name);
  }
}

/** What a callee means in the end: the definition behind an import's alias. */
export function definitionOf(node: AstNode | undefined): Definition | undefined {
  if (node === undefined) return undefined;
  if (ast.isImportedName(node)) return node.target.ref;
  return ast.isDefinition(node) ? node : undefined;
}

/** Whether a name means the same in the whole definition; others do from the next statement on. */
function isBoundThroughout(node: AstNode | undefined): boolean {
  return ast.isParameter(node) || ast.isSharedLayer(node) || ast.isName(node);
}

/** What may stand before the parenthesis of a call in an expression: a parameter that is no layer isn't meant there. */
export function isCallable(node: AstNode | undefined): boolean {
  return ast.isParameter(node) ? node.type === undefined || node.type === 'layer' : ast.isSharedLayer(node);
}

/** Names that come from elsewhere: metadata and training, initialisers, what an extern is in Python. */
export function isOtherWord(node: AstNode): boolean {
  const { $container: container, $containerProperty: property } = node;
  if (property === 'initialiser' || property === 'construction') return true;
  for (let around: AstNode | undefined = container; around; around = around.$container) {
    if (ast.isProperty(around)) return !ast.isExtern(around.$container);
    if (ast.isDefinition(around)) return false;
  }
  return false;
}

function scopeOf(find: (name: string) => AstNodeDescription | undefined): Scope {
  return {
    ...EMPTY_SCOPE,
    getElement: find,
    getElements: (name) => {
      const element = find(name);
      return element === undefined ? EMPTY_STREAM : stream([element]);
    },
  };
}

/** Nothing: all look-ups go through {@link ScvScopeProvider}. */
export class ScvScopeComputation implements ScopeComputation {
  collectExportedSymbols(): Promise<AstNodeDescription[]> {
    return Promise.resolve([]);
  }

  collectLocalSymbols(): Promise<LocalSymbols> {
    return Promise.resolve(new MultiMap<AstNode, AstNodeDescription>());
  }
}

export class ScvNameProvider implements NameProvider {
  getName(node: AstNode): string | undefined {
    if (ast.isName(node)) return node.target.$refText;
    if (ast.isLabel(node)) return node.head;
    return 'name' in node && typeof node.name === 'string' ? node.name : undefined;
  }

  getNameNode(node: AstNode): CstNode | undefined {
    const property = ast.isName(node) ? 'target' : ast.isLabel(node) ? 'head' : 'name';
    return GrammarUtils.findNodeForProperty(node.$cstNode, property);
  }
}
