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
import { fileOf, resolveImport } from './documents.ts';
import type { Definition, File, ImportedName } from './generated/ast.ts';
import * as ast from './generated/ast.ts';
import { stringValue } from './reading/literals.ts';

type Names = ReadonlyMap<string, AstNodeDescription>;

/** The names of one document: by definition what it binds, and what stands around all of them. */
interface DocumentScope {
  readonly file: Names;
  readonly definitions: ReadonlyMap<AstNode, Names>;
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
        return scopeOf((name) => this.parameterOf(container.$container!, name));
      case 'CallStage':
      case 'Call':
      case 'Name':
        return scopeOf((name) => this.find(container, name));
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
      const names = definitions.get(around);
      if (names) yield* names.values();
    }
    yield* file.values();
  }

  /** What a name in a stage or an expression means, without linking it. */
  meant(node: AstNode, name: string): AstNode | undefined {
    return this.find(node, name)?.node;
  }

  private find(node: AstNode, name: string): AstNodeDescription | undefined {
    const { file, definitions } = this.scopeOfDocument(node);
    let inner: AstNode = node;
    for (let around = node.$container; around; inner = around, around = around.$container) {
      if (around.$type === 'ForStage' && inner.$containerProperty === 'stages') {
        const variable = (around as ast.ForStage).names.find((each) => each.name === name);
        if (variable) return this.describe(variable, name);
      }
      const names = definitions.get(around);
      if (names) return names.get(name) ?? file.get(name);
    }
    return undefined;
  }

  /** The parameter of a block that a named argument gives. */
  private parameterOf(call: AstNode, name: string): AstNodeDescription | undefined {
    if (call.$type !== 'CallStage' && call.$type !== 'Call') return undefined;
    const definition = definitionOf((call as ast.CallStage | ast.Call).callee.ref);
    const parameter = definition?.parameters.find((each) => each.name === name);
    return parameter && this.describe(parameter, name);
  }

  private exported(imported: ImportedName, name: string): AstNodeDescription | undefined {
    const statement = imported.$container;
    const importer = AstUtils.getDocument(imported).uri;
    const target = this.documents().getDocument(resolveImport(importer, stringValue(statement.path)));
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
        if (each.name !== undefined) this.add(names, each, each.name);
        else if (!names.has(each.target.$refText)) {
          const target = this.exported(each, each.target.$refText);
          if (target) names.set(each.target.$refText, target);
        }
      }
    }
    return { file: names, definitions: new Map(file.definitions.map((each) => [each, this.namesIn(each)])) };
  }

  private namesIn(definition: Definition): Names {
    const names = new Map<string, AstNodeDescription>();
    for (const parameter of definition.parameters) this.add(names, parameter, parameter.name);
    if (definition.$type === 'Extern') {
      for (const item of definition.items) if (item.$type === 'Input') this.addPorts(names, item);
      return names;
    }
    for (const statement of definition.statements) {
      switch (statement.$type) {
        case 'Input':
          this.addPorts(names, statement);
          break;
        case 'Binding':
          for (const name of statement.names) if (name.name !== '_') this.add(names, name, name.name);
          break;
        case 'Output':
        case 'Weight':
        case 'SharedLayer':
          this.add(names, statement, statement.name);
          break;
        default:
      }
    }
    // Symbols are what nothing else binds; they stand at their first use in an input's shape.
    for (const statement of definition.statements) {
      if (statement.$type !== 'Input') continue;
      for (const { shape } of statement.ports) {
        if (!shape) continue;
        for (const node of AstUtils.streamAst(shape)) if (ast.isName(node)) this.add(names, node, node.target.$refText);
      }
    }
    return names;
  }

  private addPorts(names: Map<string, AstNodeDescription>, input: ast.Input): void {
    for (const port of input.ports) this.add(names, port, port.name);
  }

  /** The first of a name counts: a second one is an error, which the core reports. */
  private add(names: Map<string, AstNodeDescription>, node: AstNode, name: string | undefined): void {
    if (name !== undefined && !names.has(name)) names.set(name, this.describe(node, name));
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
