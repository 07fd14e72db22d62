/** What is known of one node of a graph: what its hover says, and a form of its arguments. */
import { originOf } from '../../core/analysis/describeModel.ts';
import { URI } from 'langium';
import { DATASETS } from '../../core/analysis/checks/datasetTable.ts';
import { METADATA_KEYS } from '../../core/analysis/checks/metadata.ts';
import { TRAINING_KEYS, type TrainingKey } from '../../core/analysis/checks/training.ts';
import { macsFormula, parameterFormula } from '../../core/analysis/formulas.ts';
import { sizesByHand } from '../../core/analysis/layerFormulas.ts';
import { exactCount } from '../../core/analysis/numbers.ts';
import { atUsualSize, sampleOf, totalsOf } from '../../core/analysis/summary.ts';
import { macsOf } from '../../core/analysis/walk.ts';
import type { Argument, Definition, Property, Range, Stage } from '../../core/definition.ts';
import { constantValue, format, isDimension } from '../../core/dimension.ts';
import { positionalParameters, textOfExpression } from '../../core/elaborate/words.ts';
import type { Fact, Instance, NamedTensor, Node } from '../../core/graph.ts';
import type { Layer } from '../../core/layers/layer.ts';
import type { Place } from '../../core/origin.ts';
import { formatShape, isUnknown, type Tensor } from '../../core/tensor.ts';
import type { DescribeNodeParams, NodeDescription, ParameterForm, PortForm } from '../../protocol/describeNode.ts';
import { analysed } from '../analysed.ts';
import type { ScvLanguage } from '../module.ts';

export async function answerDescribeNode(
  language: ScvLanguage,
  { uri, version, model, place }: DescribeNodeParams,
): Promise<{ node?: NodeDescription }> {
  const document = await analysed(language, URI.parse(uri), version);
  const facts = language.scv.scv.Analysis.factsOf(document);
  const found = facts?.models.find(({ definition }) => definition.name.text === model);
  if (facts === undefined || found === undefined || document.textDocument.version !== version) return {};
  const { instance } = atUsualSize(facts.session, found);
  const describing = new Describing(language, instance);
  const node = place.length === 0 ? describing.model() : await describing.place(place);
  return node === undefined ? {} : { node };
}

/** What stands at a place: a node, or a port of the instance. */
interface Found {
  readonly instance: Instance;
  readonly node?: Node;
  readonly port?: NamedTensor;
}

class Describing {
  readonly #language: ScvLanguage;
  readonly #root: Instance;

  constructor(language: ScvLanguage, root: Instance) {
    this.#language = language;
    this.#root = root;
  }

  /** Of the model itself: what is said of it, and how it is trained. */
  model(): NodeDescription {
    const { definition, inputs, outputs } = this.#root;
    const { statements } = definition as Extract<Definition, { kind: 'model' }>;
    const metadata = statements.flatMap((statement, part) =>
      statement.kind === 'property' ? [{ property: statement, part }] : [],
    );
    const training = statements.flatMap((statement, part) =>
      statement.kind === 'train' ? statement.properties.map((property) => ({ property, part })) : [],
    );
    const written = (of: typeof metadata, key: string): { written?: string } => {
      const found = of.find(({ property }: { property: Property }) => property.key.text === key);
      const text = found && this.#text(definition.id, found.part, found.property.value.range);
      return text === undefined ? {} : { written: text };
    };
    return {
      title: definition.name.text,
      isLabelled: false,
      parameters: [],
      inputs: inputs.map(portForm),
      outputs: outputs.map(portForm),
      metadata: Object.entries(METADATA_KEYS).map(([name, documentation]) => ({
        name,
        type: name === 'dataset' ? 'a data set' : name === 'tags' ? 'a list' : 'str',
        documentation,
        ...(name === 'dataset' ? { choices: DATASETS.map((each) => each.name) } : {}),
        ...written(metadata, name),
      })),
      train: TRAINING_KEYS.map((key) => ({
        name: key.name,
        documentation: key.summary,
        ...trainingType(key),
        ...written(training, key.name),
      })),
      formulas: [],
    };
  }

  async place(place: Place): Promise<NodeDescription | undefined> {
    const found = findPlace(this.#root, place);
    if (found === undefined) return undefined;
    const { instance, node, port } = found;
    const hover = await this.#hover(place, found);
    const common = { ...(hover === undefined ? {} : { hover }) };
    if (port !== undefined) {
      const stated = this.#statedShape(instance, port);
      const isInput = instance.inputs.includes(port);
      return {
        ...common,
        title: port.name,
        isLabelled: false,
        parameters: [],
        inputs: isInput ? [] : [portForm(port)],
        outputs: isInput ? [portForm(port)] : [],
        ...(stated === undefined ? {} : { shape: stated }),
        formulas: [],
      };
    }
    if (node === undefined) return undefined;
    const stage = stageOf(instance, node);
    const label = stage?.label && this.#text(instance.definition.id, node.site.part, stage.label.range);
    const shared = 'shared' in node;
    const page = node.kind === 'layer' && this.#language.scv.scv.LayerPages.linkTo(node.layer) !== undefined;
    return {
      ...common,
      title: node.kind === 'layer' ? node.layer.name : node.kind === 'block' ? node.instance.definition.name.text : '',
      ...(page ? { page: node.layer.name } : {}),
      isLabelled: stage !== undefined && !shared,
      ...(label === undefined ? {} : { label }),
      parameters: this.#parameters(instance, node, stage),
      inputs: named(node.inputs, inputNames(node)),
      outputs: named(outputsOf(node), []),
      formulas: this.#formulas(node),
    };
  }

  async #hover(place: Place, { instance, node }: Found): Promise<string | undefined> {
    const last = place.at(-1)!;
    const { document, start } = this.#language.scv.scv.Analysis.placeOf(last) ?? {};
    if (document === undefined || start === undefined) return undefined;
    const stage = node && stageOf(instance, node);
    // Of a stage its layer's name is pointed at, of a group its label.
    const within =
      stage?.body.kind === 'call' ? stage.body.callee.range.start : (stage?.label?.range.start ?? last.range.start);
    const position = document.textDocument.positionAt(start - last.range.start + within);
    const params = { textDocument: { uri: document.textDocument.uri }, position };
    const hover = await this.#language.scv.lsp.HoverProvider?.getHoverContent(document, params);
    const contents = hover?.contents;
    return typeof contents === 'object' && 'value' in contents ? contents.value : undefined;
  }

  #parameters(instance: Instance, node: Node, stage: Stage | undefined): ParameterForm[] {
    const body = stage?.body;
    const isCall = body?.kind === 'call';
    const own = isCall ? (body.arguments ?? []) : [];
    const text = (argument: Argument | undefined): { written?: string } => {
      const written = argument && this.#text(instance.definition.id, node.site.part, argument.value.range);
      return written === undefined ? {} : { written };
    };
    if ('shared' in node) return [];
    if (node.kind === 'layer' && isCall) return layerForms(node.layer, node.arguments, own, text);
    if ((node.kind === 'block' || node.kind === 'extern') && isCall) {
      return node.instance.definition.parameters.map((parameter, index) => {
        const { name, type, documentation } = parameter;
        const isBool = type?.text === 'bool';
        return {
          name: name.text,
          type: type?.text ?? 'any',
          ...text(own.find((each) => each.name?.text === name.text) ?? unnamed(own, index)),
          ...(parameter.default === undefined ? {} : { standard: textOfExpression(parameter.default) }),
          ...(isBool ? { choices: ['True', 'False'] } : {}),
          ...(documentation === undefined ? {} : { documentation }),
        };
      });
    }
    return [];
  }

  #formulas(node: Node): NodeDescription['formulas'] {
    const formulas: NodeDescription['formulas'] = [];
    if (node.kind === 'layer') formulas.push(...sizesByHand(node).map(({ of, text }) => ({ of, text })));
    const parameters = node.kind === 'block' ? exactCount(totalsOf(node.instance).parameters) : parameterFormula(node);
    if (parameters !== undefined) formulas.push({ of: 'parameters', text: parameters });
    const macs = sampleOf(this.#root)(node.kind === 'block' ? totalsOf(node.instance).macs : macsOf(node));
    const count = constantValue(macs);
    if (count !== undefined && count !== 0n) {
      formulas.push({
        of: 'multiply-adds',
        text: (node.kind === 'block' ? undefined : macsFormula(node, macs)) ?? exactCount(macs),
      });
    }
    return formulas;
  }

  #statedShape({ definition }: Instance, { name, site }: NamedTensor): string | undefined {
    if (definition.kind === 'extern') return undefined;
    const statement = definition.statements[site.part];
    const shape =
      statement?.kind === 'input'
        ? statement.ports.find((port) => port.name.text === name)?.shape
        : statement?.kind === 'output'
          ? statement.shape
          : undefined;
    return shape && this.#text(definition.id, site.part, shape.range);
  }

  /** As it is written. */
  #text(definition: string, part: number, range: Range): string | undefined {
    const place = this.#language.scv.scv.Analysis.placeOf({ definition, part, range });
    return place?.document.textDocument.getText().slice(place.start, place.end);
  }
}

function layerForms(
  layer: Layer,
  values: Readonly<Record<string, unknown>>,
  own: readonly Argument[],
  text: (argument: Argument | undefined) => { written?: string },
): ParameterForm[] {
  const positional = positionalParameters(layer, own);
  return Object.entries(layer.parameters).map(([name, parameter]) => {
    const { type, doc, default: standard, infer, choices } = parameter;
    const at = positional.indexOf(name);
    const value = values[name];
    return {
      name,
      type,
      documentation: doc,
      ...text(own.find((each) => each.name?.text === name) ?? (at < 0 ? undefined : unnamed(own, at))),
      ...(standard === undefined ? {} : { standard }),
      ...(infer !== undefined && isDimension(value) && !isUnknown(value) ? { inferred: format(value) } : {}),
      ...(type === 'bool' ? { choices: ['True', 'False'] } : {}),
      ...(choices === undefined ? {} : { choices: choices.map((choice) => JSON.stringify(choice)) }),
    };
  });
}

/** The argument at a position; those with a name come behind. */
function unnamed(own: readonly Argument[], index: number): Argument | undefined {
  const argument = own[index];
  return argument?.name === undefined ? argument : undefined;
}

function trainingType({ value }: TrainingKey): Pick<ParameterForm, 'type' | 'choices'> {
  switch (value.kind) {
    case 'class':
      return { type: `one of torch's: ${value.of.what}` };
    case 'classes':
      return { type: 'a list' };
    case 'choice':
      return { type: value.of.join(' or '), choices: [...value.of] };
    case 'bool':
      return { type: 'bool', choices: ['True', 'False'] };
    case 'patience':
      return { type: 'bool or int' };
    default:
      return { type: value.kind };
  }
}

function findPlace(root: Instance, place: Place): Found | undefined {
  let instance = root;
  for (const [index, origin] of place.entries()) {
    if (instance.definition.id !== origin.definition) return undefined;
    const node = nodeIn(instance, instance.nodes, origin);
    if (index === place.length - 1) {
      const port = [...instance.inputs, ...instance.outputs].find(
        ({ site }) => site.part === origin.part && isSame(site.range, origin.range),
      );
      if (node !== undefined) return { instance, node };
      return port && { instance, port };
    }
    if (node?.kind !== 'block') return undefined;
    instance = node.instance;
  }
  return undefined;
}

/** Of several turns the first that fits: where a place has no turn of a repeat, all of them are meant. */
function nodeIn(instance: Instance, nodes: readonly Node[], origin: Place[number]): Node | undefined {
  for (const node of nodes) {
    const { iterations } = node;
    const { part, ...range } = originOf(instance, node);
    const turns = origin.turns.every((turn, i) => {
      const index = iterations[i]?.index;
      return index !== undefined && Number(constantValue(index) ?? 0n) === turn;
    });
    if (node.kind !== 'input' && turns && part === origin.part && isSame(range, origin.range)) return node;
    const inside = node.kind === 'group' ? nodeIn(instance, node.nodes, origin) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function isSame(a: Range, b: Range): boolean {
  return a.start === b.start && a.end === b.end;
}

function stageOf({ facts }: Instance, node: Node): Stage | undefined {
  for (const [place, found] of facts as ReadonlyMap<object, readonly Fact[]>) {
    if ('body' in place && found.some((fact) => fact.node === node)) return place as Stage;
  }
  return undefined;
}

/** A group gives what its last stage gives. */
function outputsOf(node: Node): readonly Tensor[] {
  const last = node.kind === 'group' ? node.nodes.at(-1) : undefined;
  return last === undefined ? node.outputs : outputsOf(last);
}

function inputNames(node: Node): readonly string[] {
  if (node.inputs.length < 2) return [];
  if (node.kind === 'layer' && node.layer.inputs.variadic !== true) return node.layer.inputs.names;
  if (node.kind === 'block' || node.kind === 'extern') return node.instance.inputs.map(({ name }) => name);
  return [];
}

function named(tensors: readonly Tensor[], names: readonly string[]): PortForm[] {
  return tensors.map(({ shape }, i) => {
    const name = names[i];
    return { shape: formatShape(shape), ...(name === undefined ? {} : { name }) };
  });
}

function portForm({ name, tensor }: NamedTensor): PortForm {
  return { name, shape: formatShape(tensor.shape) };
}
