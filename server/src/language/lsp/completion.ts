import type { AstNode, CstNode, LangiumDocument } from 'langium';
import { AstUtils, CstUtils, UriUtils } from 'langium';
import type { LangiumDocuments } from 'langium';
import type { CompletionProvider } from 'langium/lsp';
import {
  CompletionItemKind,
  InsertTextFormat,
  MarkupKind,
  type CompletionItem,
  type CompletionList,
  type CompletionParams,
} from 'vscode-languageserver';
import { DATASETS } from '../../core/analysis/checks/datasetTable.ts';
import { METADATA_KEYS } from '../../core/analysis/checks/metadata.ts';
import { TRAINING_KEYS } from '../../core/analysis/checks/training.ts';
import { PARAMETER_TYPES, type Definition, type Stage } from '../../core/definition.ts';
import { findFunction, functionNames } from '../../core/elaborate/functions.ts';
import { positionalParameters, signature } from '../../core/elaborate/words.ts';
import { layersByRank } from '../../core/layers/byRank.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import { INITIALISERS } from '../../core/layers/initialisers.ts';
import type { Layer } from '../../core/layers/layer.ts';
import type { Analysis } from '../analysis.ts';
import { fileOf, parsedOf, readDocument, resolveImport } from '../documents.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { stringValue } from '../reading/literals.ts';
import { definitionOf, type ScvScopeProvider } from '../scope.ts';
import { endOf, isWord, kindOf, type Token } from '../text/tokens.ts';
import { contextAt, type Context } from './completionContext.ts';
import { isStage, locate, nodesIn } from './locate.ts';

/** What may stand at the cursor, from the tokens before it: a text that is being typed has no better structure. */
export class ScvCompletionProvider implements CompletionProvider {
  readonly completionOptions = { triggerCharacters: ['.', '>', '(', '"', '/'] };
  private readonly scopes: ScvScopeProvider;
  private readonly documents: LangiumDocuments;
  private readonly analysis: () => Analysis;

  constructor(services: ScvServices) {
    this.scopes = services.references.ScopeProvider;
    this.documents = services.shared.workspace.LangiumDocuments;
    this.analysis = () => services.scv.Analysis;
  }

  getCompletion(document: LangiumDocument, { position }: CompletionParams): CompletionList | undefined {
    const parsed = parsedOf(document);
    if (parsed === undefined) return undefined;
    const text = document.textDocument;
    const offset = text.offsetAt(position);
    if (parsed.comments.some((comment) => comment.startOffset < offset && offset <= endOf(comment))) return undefined;
    const before = parsed.tokens.filter((token) => token.startOffset < offset);
    const last = before.at(-1);
    const isTyping =
      last !== undefined && endOf(last) >= offset && (isWord(last) || kindOf(last)?.endsWith('STRING') === true);
    const start = isTyping ? last.startOffset : offset;
    const context = contextAt(
      isTyping ? before.slice(0, -1) : before,
      isTyping && kindOf(last)?.endsWith('STRING') === true ? last : undefined,
    );
    const range = { start: text.positionAt(start), end: position };
    const items = this.items(document, context, offset, last).map((item) => ({
      ...item,
      textEdit: { range, newText: item.insertText ?? item.label },
    }));
    return { isIncomplete: false, items };
  }

  private items(
    document: LangiumDocument,
    context: Context,
    offset: number,
    last: Token | undefined,
  ): CompletionItem[] {
    const node = this.nodeAt(document, offset);
    switch (context.kind) {
      case 'topLevel':
        return snippets(TOP_LEVEL);
      case 'statement':
        return [
          ...snippets(STATEMENTS),
          ...(context.definition === 'model' ? [...keys(METADATA_KEYS), ...snippets(MODEL_STATEMENTS)] : []),
        ];
      case 'stage':
        return [...this.callables(node), ...layerItems(this.rankAt(document, offset)), ...snippets(STAGE_WORDS)];
      case 'argument':
        return [
          ...this.argumentNames(node, context),
          ...this.values(node),
          ...this.choices(context),
          ...(this.takesLayers(node, context) ? layerItems(undefined) : []),
        ];
      case 'expression':
        return this.values(node);
      case 'initialiser':
        return INITIALISERS.filter(({ buffer }) => !buffer || context.isBuffer).map(({ name, summary }) =>
          item(name, CompletionItemKind.Function, summary),
        );
      case 'member':
        return Object.entries(MEMBERS).map(([name, doc]) => item(name, CompletionItemKind.Property, doc));
      case 'type':
        return PARAMETER_TYPES.map((name) => item(name, CompletionItemKind.TypeParameter));
      case 'trainKey':
        return TRAINING_KEYS.map(({ name, summary }) => ({
          ...item(name, CompletionItemKind.Property, summary),
          insertText: `${name}: `,
        }));
      case 'propertyValue':
        return this.propertyValues(context.key);
      case 'importedName':
        return this.exportsOf(document, offset);
      case 'importPath':
        return this.files(document, last);
      case 'nothing':
        return [];
    }
  }

  private nodeAt(document: LangiumDocument, offset: number): AstNode | undefined {
    const root = document.parseResult.value.$cstNode;
    let node: CstNode | undefined =
      root && (CstUtils.findLeafNodeAtOffset(root, offset) ?? CstUtils.findLeafNodeBeforeOffset(root, offset));
    // After an error there are leaves of nodes that the parser dropped.
    while (node && AstUtils.findRootNode(node.astNode).$document === undefined) node = node.container;
    return node?.astNode;
  }

  private visible(node: AstNode | undefined): { name: string; node: AstNode | undefined }[] {
    if (node === undefined) return [];
    return [...this.scopes.visibleAt(node)].map((each) => ({ name: each.name, node: each.node }));
  }

  /** The number of dimensions that the stage at the cursor gets, where that is known. */
  private rankAt(document: LangiumDocument, offset: number): number | undefined {
    const read = readDocument(document);
    const location = read && locate(read, offset);
    // A stage that isn't written yet may stand right before the cursor.
    const found = location ?? (read && locate(read, document.textDocument.getText().slice(0, offset).trimEnd().length));
    if (found === undefined) return undefined;
    const facts = this.analysis().factsOfUse(document, found.definition.id);
    const at = location === undefined ? Infinity : found.offset;
    const ranks = (facts?.instances.get(found.definition.id) ?? []).map((instance) => {
      const stage = stageAt(instance.definition, found.part, at);
      const [fact] = (stage && instance.facts.get(stage)) ?? [];
      return fact?.inputs?.[0]?.shape?.length;
    });
    return new Set(ranks).size === 1 ? ranks[0] : undefined;
  }

  /** Whether the argument at the cursor may be a layer. */
  private takesLayers(node: AstNode | undefined, { callee, name }: Context & { kind: 'argument' }): boolean {
    const parameters = findLayer(callee)?.parameters;
    if (parameters !== undefined)
      return Object.entries(parameters).some(
        ([each, { type }]) => type.includes('layer') && (name === undefined || name === each),
      );
    const definition = definitionOf(this.visible(node).find((each) => each.name === callee)?.node);
    return (
      definition === undefined ||
      definition.parameters.some(
        (each) => (each.type === undefined || each.type === 'layer') && (name === undefined || name === each.name),
      )
    );
  }

  /** Blocks, models, shared layers and layer parameters. */
  private callables(node: AstNode | undefined): CompletionItem[] {
    return this.visible(node).flatMap(({ name, node: target }) => {
      const definition = definitionOf(target);
      if (definition !== undefined) {
        // A model in itself would have no end; a block may, with an if.
        if (
          definition.$type === 'Model' &&
          node !== undefined &&
          AstUtils.hasContainerOfType(node, (each) => each === definition)
        )
          return [];
        const required = definition.parameters.some((parameter) => parameter.default === undefined);
        return [
          {
            ...item(name, CompletionItemKind.Function, `${definition.$type.toLowerCase()} ${name}`),
            ...called(name, required),
            sortText: `0${name}`,
          },
        ];
      }
      if (ast.isSharedLayer(target))
        return [{ ...item(name, CompletionItemKind.Constant, 'shared layer'), sortText: `0${name}` }];
      if (ast.isParameter(target))
        return [{ ...item(name, CompletionItemKind.TypeParameter, 'parameter'), sortText: `0${name}` }];
      return [];
    });
  }

  private values(node: AstNode | undefined): CompletionItem[] {
    const names = this.visible(node).flatMap(({ name, node: target }) =>
      target === undefined ||
      definitionOf(target) !== undefined ||
      ast.isSharedLayer(target) ||
      isBoundLater(target, node)
        ? []
        : [{ ...item(name, CompletionItemKind.Variable, target.$type.toLowerCase()), sortText: `0${name}` }],
    );
    const functions = [...functionNames()].map((name) => {
      const found = findFunction(name);
      return {
        ...item(name, CompletionItemKind.Function, found?.summary),
        detail: found?.signature ?? name,
        ...called(name, true),
      };
    });
    return [...names, ...functions, ...['True', 'False', 'None'].map((word) => item(word, CompletionItemKind.Keyword))];
  }

  private argumentNames(node: AstNode | undefined, context: Context & { kind: 'argument' }): CompletionItem[] {
    if (context.name !== undefined) return [];
    const definition = definitionOf(this.visible(node).find(({ name }) => name === context.callee)?.node);
    if (definition !== undefined) {
      return definition.parameters
        .slice(context.positional)
        .filter(({ name }) => !context.given.has(name))
        .map(({ name, type }, i) => ({
          ...item(name, CompletionItemKind.Field, type),
          insertText: `${name}=`,
          sortText: `!${ordinal(i)}`,
        }));
    }
    const layer = findLayer(context.callee);
    const positional = layer === undefined ? [] : positionalParameters(layer, []);
    const taken = new Set(positional.slice(0, context.positional));
    return Object.entries(layer?.parameters ?? {}).flatMap(([name, { doc, type, infer, default: standard }], i) =>
      infer !== undefined || context.given.has(name) || taken.has(name)
        ? []
        : [
            {
              ...item(name, CompletionItemKind.Field, doc),
              detail: standard === undefined ? type : `${type} = ${standard}`,
              insertText: `${name}=`,
              sortText: `!${ordinal(i)}`,
            },
          ],
    );
  }

  private choices(context: Context & { kind: 'argument' }): CompletionItem[] {
    const parameter = context.name === undefined ? undefined : findLayer(context.callee)?.parameters[context.name];
    return (parameter?.choices ?? []).map((choice) => ({
      ...item(`"${choice}"`, CompletionItemKind.EnumMember),
      sortText: `!${choice}`,
    }));
  }

  private propertyValues(key: string): CompletionItem[] {
    if (key === 'dataset')
      return DATASETS.map(({ name, summary }) => item(name, CompletionItemKind.EnumMember, summary));
    const value = TRAINING_KEYS.find(({ name }) => name === key)?.value;
    if (value === undefined) return [];
    if (value.kind === 'choice') return value.of.map((each) => item(each, CompletionItemKind.EnumMember));
    if (value.kind === 'class' || value.kind === 'classes')
      return [...value.of.classes.keys()].map((name) => item(name, CompletionItemKind.Class));
    return value.kind === 'bool' ? ['True', 'False'].map((word) => item(word, CompletionItemKind.Keyword)) : [];
  }

  /** What the file of the import at the cursor holds; its path stands behind. */
  private exportsOf(document: LangiumDocument, offset: number): CompletionItem[] {
    const part = parsedOf(document)?.parts.imports.find(
      ({ anchor, length }) => anchor.offset < offset && offset <= anchor.offset + length,
    );
    const path = part?.node?.path;
    const target = path ? this.documents.getDocument(resolveImport(document.uri, stringValue(path))) : undefined;
    const definitions = (target && fileOf(target))?.definitions ?? [];
    return definitions.map(({ name, $type }) => item(name, CompletionItemKind.Function, $type.toLowerCase()));
  }

  /** Paths of the other files, as an import writes them. */
  private files(document: LangiumDocument, last: Token | undefined): CompletionItem[] {
    const quote = kindOf(last)?.endsWith('STRING') === true ? (last?.image[0] ?? '"') : '"';
    const folder = UriUtils.dirname(document.uri);
    return this.documents.all
      .filter(({ uri }) => uri.toString() !== document.uri.toString())
      .map(({ uri }) => {
        const path = UriUtils.relative(folder, uri);
        return item(`${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`, CompletionItemKind.File);
      })
      .toArray();
  }
}

function item(label: string, kind: CompletionItemKind, documentation?: string): CompletionItem {
  return {
    label,
    kind,
    ...(documentation === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
  };
}

/** Those that take a tensor of this rank first, common ones before rare ones. */
function layerItems(rank: number | undefined): CompletionItem[] {
  return layersByRank(rank).map((layer, i) => ({ ...layerItem(layer), sortText: `1${ordinal(i)}` }));
}

function ordinal(index: number): string {
  return String(index).padStart(3, '0');
}

/** Whether a name is bound by the statement that the cursor is in, or below it. */
function isBoundLater(target: AstNode, node: AstNode | undefined): boolean {
  const own = ast.isBoundName(target) ? target.$container : target;
  const definition = own.$container;
  if (definition === undefined || !(ast.isModel(definition) || ast.isBlock(definition))) return false;
  const { statements } = definition;
  const bound = statements.indexOf(own as ast.Statement);
  let here = node;
  while (here !== undefined && here.$container !== definition) here = here.$container;
  return bound >= 0 && here !== undefined && bound >= statements.indexOf(here as ast.Statement) && !ast.isInput(own);
}

/** The last stage that begins before a place of a statement. */
function stageAt(definition: Definition, part: number, offset: number): Stage | undefined {
  const statement = definition.kind === 'extern' ? undefined : definition.statements[part];
  let found: Stage | undefined;
  for (const node of statement === undefined ? [] : nodesIn(statement)) {
    if (!isStage(node) || node.range.start > offset) continue;
    if (found === undefined || node.range.start >= found.range.start) found = node;
  }
  return found;
}

function layerItem(layer: Layer): CompletionItem {
  const required = Object.values(layer.parameters).some(
    (each) => each.infer === undefined && each.default === undefined,
  );
  const kind = layer.kind === 'module' ? CompletionItemKind.Class : CompletionItemKind.Function;
  return {
    ...item(layer.name, kind, layer.summary),
    detail: signature(layer),
    ...called(layer.name, required),
  };
}

/** With parentheses and the cursor in them, where something has to stand there. */
function called(name: string, required: boolean): Partial<CompletionItem> {
  return required ? { insertText: `${name}($0)`, insertTextFormat: InsertTextFormat.Snippet } : {};
}

function keys(documented: Readonly<Record<string, string>>): CompletionItem[] {
  return Object.entries(documented).map(([name, doc]) => ({
    ...item(name, CompletionItemKind.Property, doc),
    insertText: `${name}: `,
  }));
}

function snippets(bodies: Readonly<Record<string, string>>): CompletionItem[] {
  return Object.entries(bodies).map(([label, insertText]) => ({
    ...item(label, CompletionItemKind.Keyword),
    insertText,
    insertTextFormat: InsertTextFormat.Snippet,
  }));
}

const TOP_LEVEL = {
  model:
    'model ${1:Name} {\n  input ${2:image}: [N, ${3:3, 224, 224}]\n  output ${4:logits} = ${2:image}\n    -> $0\n}',
  block: 'block ${1:Name}(${2:channels: int}) {\n  input ${3:x}\n  output ${3:x} -> $0\n}',
  import: 'import { $0 } from "$1"',
  extern:
    'extern block ${1:Name}(${2:out: int}) from "${3:module}" {\n  input ${4:x}\n  output [${4:x}.shape[0], ${2:out}]\n}',
};

const STATEMENTS = {
  input: 'input ${1:x}',
  output: 'output $0',
  weight: 'weight ${1:name}: [${2:1}] = ${3:Zeros}',
  buffer: 'buffer ${1:name}: [${2:1}] = ${3:Zeros}',
  layer: 'layer ${1:name} = $0',
  frozen: 'frozen $0',
};

const MODEL_STATEMENTS = {
  train:
    'train {\n  optimizer: ${1:Adam(lr=1e-3)}\n  loss: ${2:CrossEntropyLoss}\n  epochs: ${3:5}\n  batch_size: ${4:64}\n}',
};

const STAGE_WORDS = {
  for: 'for ${1:i} in 0..${2:n} { $0 }',
  if: 'if ${1:condition} { $0 }',
  frozen: 'frozen ${1:label}: $0',
};

const MEMBERS = {
  channels: 'The size of dimension 1.',
  height: 'The last but one size.',
  width: 'The last size.',
  features: 'The last size.',
  rank: 'The number of dimensions.',
  shape: "All sizes, as torch's `x.shape`.",
};
