import type { AstNode, CstNode, LangiumDocument } from 'langium';
import { AstUtils, CstUtils, URI, UriUtils } from 'langium';
import type { LangiumDocuments } from 'langium';
import type { CompletionProvider } from 'langium/lsp';
import {
  CompletionItemKind,
  InsertTextFormat,
  type CompletionItem,
  type CompletionList,
  type CompletionParams,
} from 'vscode-languageserver';
import { DATASETS, findDataSet } from '../../core/analysis/checks/datasetTable.ts';
import { METADATA_KEYS } from '../../core/analysis/checks/metadata.ts';
import { TRAINING_KEYS, findTrainingClass } from '../../core/analysis/checks/training.ts';
import { PARAMETER_TYPES, type Definition, type Stage } from '../../core/definition.ts';
import type { Refused } from '../../core/elaborate/session.ts';
import { findFunction, functionNames } from '../../core/elaborate/functions.ts';
import type { FileFacts } from '../../core/analysis/analyse.ts';
import type { Instance } from '../../core/graph.ts';
import { blockSignature, positionalParameters, signature } from '../../core/elaborate/words.ts';
import { layersByRank } from '../../core/layers/byRank.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import { INITIALISERS } from '../../core/layers/initialisers.ts';
import { usualOutcome } from '../../core/layers/usualValues.ts';
import { formatShape, isUnknown, sameShape, type Tensor } from '../../core/tensor.ts';
import type { Analysis } from '../analysis.ts';
import { fileOf, parsedOf, pathTo, readDocument, resolveImport } from '../documents.ts';
import { textEdits } from '../fixEdits.ts';
import * as ast from '../generated/ast.ts';
import type { LayerPages } from '../layerPages.ts';
import type { ScvServices } from '../module.ts';
import { stringValue } from '../reading/literals.ts';
import { definitionOf, type ScvScopeProvider } from '../scope.ts';
import type { FileParser } from '../text/parser.ts';
import { endOf, isWord, kindOf, type Token } from '../text/tokens.ts';
import { contextAt, type Context } from './completionContext.ts';
import {
  called,
  dataFor,
  item,
  isCompletionData,
  keys,
  layerItem,
  markdown,
  ordinal,
  snippets,
} from './completionItems.ts';
import { type Location, isStage, locate, nodesIn } from './locate.ts';
import { MODEL_STATEMENTS, STAGES, STAGE_WORDS, STATEMENTS, TOP_LEVEL } from './snippets.ts';

/** What may stand at the cursor, from the tokens before it: a text that is being typed has no better structure. */
export class ScvCompletionProvider implements CompletionProvider {
  readonly completionOptions = { triggerCharacters: ['.', '>', '(', '"', '/'] };
  private readonly scopes: ScvScopeProvider;
  private readonly documents: LangiumDocuments;
  private readonly analysis: () => Analysis;
  private readonly parser: () => FileParser;
  private readonly pages: () => LayerPages;

  constructor(services: ScvServices) {
    this.scopes = services.references.ScopeProvider;
    this.documents = services.shared.workspace.LangiumDocuments;
    this.analysis = () => services.scv.Analysis;
    this.parser = () => services.scv.FileParser;
    this.pages = () => services.scv.LayerPages;
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
    // Asked right behind an arrow, the list stays while a space and a name are typed: that is what it is filtered by.
    const space = text.getText().slice(0, start).endsWith('->') ? ' ' : '';
    const items = this.items(document, context, offset, last).map((item) => ({
      ...item,
      ...(space === '' ? {} : { filterText: `${space}${item.filterText ?? item.label}` }),
      textEdit: { range, newText: `${space}${item.insertText ?? item.label}` },
    }));
    return { isIncomplete: false, items };
  }

  /** What costs too much to say of each item of a list: documentation, the shape of a block, the import that it needs. */
  resolve(asked: CompletionItem): CompletionItem {
    const { data } = asked as { data?: unknown };
    if (!isCompletionData(data)) return asked;
    const document = this.documents.getDocument(URI.parse(data.uri));
    const location = document && this.locationAt(document, data.offset);
    if (document === undefined || location === undefined) return asked;
    const facts = this.analysis().factsOfUse(document, location.definition.id);
    const layer = data.from === undefined ? findLayer(data.name) : undefined;
    const other = data.from === undefined ? undefined : this.documents.getDocument(URI.parse(data.from));
    const found =
      other === undefined
        ? facts?.session.resolve(location.definition, data.name)
        : readDocument(other)?.file.definitions.find(({ name }) => name.text === data.name);
    const definition =
      found === undefined || 'id' in found ? found : found.kind === 'definition' ? found.definition : undefined;
    if (definition !== undefined) {
      const shape = facts && this.outcome(facts.session, definition, this.inputsAt(document, data.offset));
      const told = [
        `\`${definition.kind} ${blockSignature(definition)}\``,
        shape && `→ \`${shape}\``,
        definition.documentation,
      ];
      const edits =
        other &&
        textEdits(document, [{ kind: 'import', into: data.uri, name: data.name, from: data.from! }], this.parser());
      return {
        ...asked,
        ...(shape === undefined ? {} : { detail: `→ ${shape}` }),
        documentation: markdown(told.filter((text) => text !== undefined).join('\n\n')),
        ...(edits === undefined ? {} : { additionalTextEdits: edits }),
      };
    }
    if (layer === undefined) return asked;
    const page = this.pages().linkTo(layer);
    const link =
      page === undefined ? `[In torch's documentation](${layer.documentation})` : `[All about ${layer.name}](${page})`;
    return { ...asked, documentation: markdown(`\`${signature(layer)}\`\n\n${layer.summary}\n\n${link}`) };
  }

  /** The shape of what comes out of a block that needs no arguments. */
  private outcome(
    session: FileFacts['session'],
    definition: Definition,
    inputs: readonly Tensor[] | undefined,
  ): string | undefined {
    if (inputs === undefined || definition.kind === 'extern') return undefined;
    if (definition.parameters.some((each) => each.default === undefined)) return undefined;
    const refused: Refused[] = [];
    const instance = session.instantiate({ definition, arguments: new Map(), inputs, open: undefined }, (why) => {
      refused.push(why);
    });
    const shape = instance?.outputs[0]?.tensor.shape;
    const isWrong = refused.length > 0 || instance?.problems.some(({ severity }) => severity === 'error') === true;
    return isWrong || shape === undefined ? undefined : formatShape(shape);
  }

  private locationAt(document: LangiumDocument, offset: number): Location | undefined {
    const read = readDocument(document);
    const written = document.textDocument.getText().slice(0, offset).trimEnd().length;
    return read && (locate(read, offset) ?? locate(read, written));
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
        return [...snippets(STATEMENTS), ...(context.definition === 'model' ? modelKeys(node) : [])];
      case 'stage': {
        const inputs = this.inputsAt(document, offset);
        return [
          ...this.callables(document, offset, node),
          ...layerItems(document, offset, inputs),
          ...this.importable(document, offset, node),
          ...snippets(STAGE_WORDS),
          ...(inputs?.length === 1 && inputs[0]!.shape?.length !== 4 ? [] : snippets(STAGES)),
        ];
      }
      case 'argument':
        return [
          ...this.argumentNames(node, context),
          ...this.values(node),
          ...this.choices(node, context),
          ...(this.takesLayers(node, context) ? layerItems(document, offset, undefined) : []),
        ];
      case 'expression':
        return this.values(node);
      case 'initialiser':
        return INITIALISERS.filter(({ buffer }) => !buffer || context.isBuffer).map(({ name, summary }) =>
          item(name, CompletionItemKind.Function, summary),
        );
      case 'member':
        return this.members(document, offset, last);
      case 'type':
        return PARAMETER_TYPES.map((name) => item(name, CompletionItemKind.TypeParameter));
      case 'trainKey':
        return trainingKeys(node);
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

  /** What the stage at the cursor gets, where that is the same in all uses. */
  private inputsAt(document: LangiumDocument, offset: number): readonly Tensor[] | undefined {
    const read = readDocument(document);
    // A stage that isn't written yet may stand right before the cursor.
    const found = this.locationAt(document, offset);
    if (read === undefined || found === undefined) return undefined;
    const facts = this.analysis().factsOfUse(document, found.definition.id);
    const at = locate(read, offset) === undefined ? Infinity : found.offset;
    const all = (facts?.instances.get(found.definition.id) ?? []).map((instance) => {
      const stage = stageAt(instance.definition, found.part, at);
      const [fact] = (stage && instance.facts.get(stage)) ?? [];
      return fact?.inputs;
    });
    return alike(all);
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
  private callables(document: LangiumDocument, offset: number, node: AstNode | undefined): CompletionItem[] {
    return this.visible(node).flatMap(({ name, node: target }): CompletionItem[] => {
      const definition = definitionOf(target);
      if (definition !== undefined) {
        // A model in itself would have no end; a block may, with an if.
        if (
          definition.$type === 'Model' &&
          node !== undefined &&
          AstUtils.hasContainerOfType(node, (each) => each === definition)
        )
          return [];
        return [{ ...definitionItem(name, definition), data: dataFor(document, offset, name), sortText: `0${name}` }];
      }
      if (ast.isSharedLayer(target))
        return [{ ...item(name, CompletionItemKind.Constant), detail: 'shared layer', sortText: `0${name}` }];
      if (ast.isParameter(target))
        return [{ ...item(name, CompletionItemKind.TypeParameter), detail: 'parameter', sortText: `0${name}` }];
      return [];
    });
  }

  /** Blocks of other files; their import is added, which {@link resolve} works out. */
  private importable(document: LangiumDocument, offset: number, node: AstNode | undefined): CompletionItem[] {
    const known = new Set(this.visible(node).map(({ name }) => name));
    return this.documents.all
      .filter(({ uri }) => !UriUtils.equals(uri, document.uri))
      .toArray()
      .flatMap((other) => {
        const description = pathTo(document.uri, other.uri);
        if (description === undefined) return [];
        return (fileOf(other)?.definitions ?? []).flatMap((definition) => {
          const { name } = definition;
          // Before an error a definition may have no name.
          if (definition.$type === 'Model' || !name || known.has(name) || findLayer(name) !== undefined) return [];
          return [
            {
              ...definitionItem(name, definition),
              labelDetails: { description },
              data: dataFor(document, offset, name, other),
              sortText: `2${name}`,
            },
          ];
        });
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
        insertText: `${name}($0)`,
        insertTextFormat: InsertTextFormat.Snippet,
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
    const training = findTrainingClass(context.callee);
    if (training !== undefined) {
      return training.parameters
        .filter(({ name }) => !context.given.has(name))
        .slice(context.positional)
        .map(({ name, type, default: standard }, i) => ({
          ...item(name, CompletionItemKind.Field),
          detail: standard === undefined ? type : `${type} = ${standard}`,
          insertText: `${name}=`,
          sortText: `!${ordinal(i)}`,
        }));
    }
    const dataset = findDataSet(context.callee);
    if (dataset !== undefined) {
      return (dataset.arguments ?? [])
        .filter(({ name }) => !context.given.has(name))
        .map(({ name, type }, i) => ({
          ...item(name, CompletionItemKind.Field),
          detail: type,
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

  /** The values that the argument at the cursor can have, where they are few. */
  private choices(node: AstNode | undefined, { callee, name }: Context & { kind: 'argument' }): CompletionItem[] {
    if (name === undefined) return [];
    const parameter = findLayer(callee)?.parameters[name];
    const own = definitionOf(this.visible(node).find((each) => each.name === callee)?.node);
    const type = parameter?.type ?? own?.parameters.find((each) => each.name === name)?.type;
    const splits = findDataSet(callee)?.arguments?.find((each) => each.name === name)?.classesOf;
    // What isn't the default is most likely meant.
    const words = type === 'bool' ? (parameter?.default === 'True' ? ['False', 'True'] : ['True', 'False']) : [];
    const texts = [...(parameter?.choices ?? []), ...Object.keys(splits ?? {})].map((choice) => `"${choice}"`);
    return [...words, ...texts].map((choice, i) => ({
      ...item(choice, CompletionItemKind.EnumMember),
      sortText: `!${ordinal(i)}`,
    }));
  }

  /** What a tensor has, with its values. */
  private members(document: LangiumDocument, offset: number, last: Token | undefined): CompletionItem[] {
    const tensor = this.tensorBefore(document, kindOf(last) === '.' ? offset : (last?.startOffset ?? offset));
    return Object.entries(MEMBERS).map(([name, { doc, value }], i) => {
      const found =
        tensor?.shape === undefined ? undefined : value(tensor.shape.map((size) => formatShape([size]).slice(1, -1)));
      return {
        ...item(name, CompletionItemKind.Property, doc),
        ...(found === undefined ? {} : { detail: found, labelDetails: { description: found } }),
        sortText: ordinal(i),
      };
    });
  }

  /** The tensor of the name before a dot, where it is the same in all uses. */
  private tensorBefore(document: LangiumDocument, offset: number): Tensor | undefined {
    const read = readDocument(document);
    const before = document.textDocument
      .getText()
      .slice(0, offset)
      .replace(/\.\s*$/, '')
      .trimEnd();
    const location = read && locate(read, before.length);
    const name = /[\p{L}\p{N}_]+$/u.exec(before)?.[0];
    if (location === undefined || name === undefined) return undefined;
    const facts = this.analysis().factsOfUse(document, location.definition.id);
    const all = (facts?.instances.get(location.definition.id) ?? []).map((instance) => {
      const port = instance.inputs.find((each) => each.name === name)?.tensor;
      const bound = port ?? boundTensor(instance.definition, name, instance.facts);
      return bound === undefined ? undefined : [bound];
    });
    return alike(all)?.[0];
  }

  private propertyValues(key: string): CompletionItem[] {
    if (key === 'dataset')
      return DATASETS.map(({ name, summary }) => item(name, CompletionItemKind.EnumMember, summary));
    const value = TRAINING_KEYS.find(({ name }) => name === key)?.value;
    if (value === undefined) return [];
    if (value.kind === 'choice') return value.of.map((each) => item(each, CompletionItemKind.EnumMember));
    if (value.kind === 'class' || value.kind === 'classes') {
      return [...value.of.classes.values()].map(({ name, parameters }) => {
        const needed = parameters.filter((each) => each.default === undefined);
        return {
          ...item(name, CompletionItemKind.Class),
          detail: `${name}(${parameters.map((each) => each.name).join(', ')})`,
          ...called(
            name,
            needed.map((each) => ({ prefix: '', placeholder: each.name })),
          ),
        };
      });
    }
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
    return this.documents.all
      .filter(({ uri }) => !UriUtils.equals(uri, document.uri))
      .toArray()
      .flatMap(({ uri }) => {
        const path = pathTo(document.uri, uri);
        return path === undefined ? [] : [item(`${quote}${path}${quote}`, CompletionItemKind.File)];
      });
  }
}

/** Those that take what comes in first, common ones before rare ones, with what would come out. */
function layerItems(
  document: LangiumDocument,
  offset: number,
  inputs: readonly Tensor[] | undefined,
): CompletionItem[] {
  return layersByRank(inputs?.[0]?.shape?.length).map((layer, i) => {
    const shape = inputs && usualOutcome(layer, inputs);
    const isTold = shape !== undefined && !shape.some(isUnknown);
    return {
      ...layerItem(layer, isTold ? formatShape(shape) : undefined),
      data: dataFor(document, offset, layer.name),
      sortText: `1${ordinal(i)}`,
    };
  });
}

function definitionItem(name: string, { $type, parameters }: ast.Definition): CompletionItem {
  const needed = parameters.filter((parameter) => parameter.default === undefined);
  return {
    ...item(name, CompletionItemKind.Function),
    detail: `${$type.toLowerCase()} ${name}${parameters.length === 0 ? '' : `(${parameters.map((each) => each.name).join(', ')})`}`,
    ...called(
      name,
      needed.map((parameter) => ({ prefix: '', placeholder: parameter.name })),
    ),
  };
}

/** Without those that the model has. */
function modelKeys(node: AstNode | undefined): CompletionItem[] {
  const model = node && AstUtils.getContainerOfType(node, ast.isModel);
  const has = new Set(model?.statements.flatMap((each) => (ast.isProperty(each) ? [each.key] : [])));
  const isTrained = model?.statements.some(ast.isTrain) === true;
  return [
    ...keys(METADATA_KEYS).filter(({ label }) => !has.has(label)),
    ...(isTrained ? [] : snippets(MODEL_STATEMENTS)),
  ];
}

function trainingKeys(node: AstNode | undefined): CompletionItem[] {
  const section = node && AstUtils.getContainerOfType(node, ast.isTrain);
  const has = new Set(section?.properties.map(({ key }) => key));
  return keys(Object.fromEntries(TRAINING_KEYS.map(({ name, summary }) => [name, summary]))).filter(
    ({ label }) => !has.has(label),
  );
}

/** The tensors of all uses, where they have the same shapes in each. */
function alike(all: readonly (readonly Tensor[] | undefined)[]): readonly Tensor[] | undefined {
  const [first] = all;
  const isSame = all.every(
    (each) => each?.length === first?.length && each?.every(({ shape }, i) => isSameShape(shape, first?.[i]?.shape)),
  );
  return isSame ? first : undefined;
}

function isSameShape(a: Tensor['shape'], b: Tensor['shape']): boolean {
  return a === undefined || b === undefined ? a === b : sameShape(a, b);
}

/** What a name is bound to. */
function boundTensor(definition: Definition, name: string, facts: Instance['facts']): Tensor | undefined {
  if (definition.kind === 'extern') return undefined;
  for (const statement of definition.statements) {
    if (statement.kind !== 'binding' || statement.names.length !== 1 || statement.names[0]!.text !== name) continue;
    const value = facts.get(statement.value)?.[0]?.value;
    return value?.kind === 'tensor' ? value.tensor : undefined;
  }
  return undefined;
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

interface MemberWords {
  readonly doc: string;
  readonly value: (sizes: readonly string[]) => string | undefined;
}

const MEMBERS: Readonly<Record<string, MemberWords>> = {
  channels: { doc: 'The size of dimension 1.', value: (sizes) => sizes[1] },
  height: { doc: 'The last but one size.', value: (sizes) => sizes.at(-2) },
  width: { doc: 'The last size.', value: (sizes) => sizes.at(-1) },
  features: { doc: 'The last size.', value: (sizes) => sizes.at(-1) },
  rank: { doc: 'The number of dimensions.', value: (sizes) => String(sizes.length) },
  shape: { doc: "All sizes, as torch's `x.shape`.", value: (sizes) => `[${sizes.join(', ')}]` },
};
