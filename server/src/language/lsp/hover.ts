import type { LangiumDocument } from 'langium';
import type { HoverProvider } from 'langium/lsp';
import { MarkupKind, type Hover, type HoverParams } from 'vscode-languageserver';
import { type FileFacts, collectInstances } from '../../core/analysis/analyse.ts';
import { DATASETS } from '../../core/analysis/checks/datasetTable.ts';
import { METADATA_KEYS } from '../../core/analysis/checks/metadata.ts';
import { TRAINING_KEYS } from '../../core/analysis/checks/training.ts';
import { macsFormula, parameterFormula } from '../../core/analysis/formulas.ts';
import { sizesByHand } from '../../core/analysis/layerFormulas.ts';
import { exactCount, withSeparators } from '../../core/analysis/numbers.ts';
import { workingSizes } from '../../core/analysis/sizes.ts';
import { atUsualSize, sampleOf, totalsOf, type Counts } from '../../core/analysis/summary.ts';
import { macsOf } from '../../core/analysis/walk.ts';
import type {
  CallStage,
  Definition,
  Expression,
  Identifier,
  Parameter,
  Stage,
  Statement,
} from '../../core/definition.ts';
import { constantValue, product } from '../../core/dimension.ts';
import { findFunction } from '../../core/elaborate/functions.ts';
import { describeKind, formatValue } from '../../core/elaborate/values.ts';
import { workedOut, workedOutName } from '../../core/analysis/workedExpression.ts';
import { blockSignature, signature, typedName } from '../../core/elaborate/words.ts';
import type { Fact, Instance } from '../../core/graph.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import { INITIALISERS } from '../../core/layers/initialisers.ts';
import type { Layer } from '../../core/layers/layer.ts';
import { formatShape, type Tensor } from '../../core/tensor.ts';
import type { Analysis } from '../analysis.ts';
import { readDocument } from '../documents.ts';
import type { LayerPages } from '../layerPages.ts';
import type { ScvServices } from '../module.ts';
import { chainAt, isIdentifier, isLabel, locate, type Location, type Ranged } from './locate.ts';

/** How many different uses of a block are told one by one. */
const MAX_USES = 4;

export class ScvHoverProvider implements HoverProvider {
  private readonly analysis: () => Analysis;
  private readonly pages: () => LayerPages;

  constructor(services: ScvServices) {
    this.analysis = () => services.scv.Analysis;
    this.pages = () => services.scv.LayerPages;
  }

  getHoverContent(document: LangiumDocument, { position }: HoverParams): Hover | undefined {
    const read = readDocument(document);
    const facts = this.analysis().factsOf(document);
    const location = read && locate(read, document.textDocument.offsetAt(position));
    if (facts === undefined || location === undefined) return undefined;
    const subject = chainAt(location.definition, location).at(-1);
    const using = this.analysis().factsOfUse(document, location.definition.id) ?? facts;
    const value = new Telling(facts, using, location, this.pages()).tell();
    if (subject === undefined || value === undefined) return undefined;
    const { start, end } = subject.range;
    return {
      contents: { kind: MarkupKind.Markdown, value },
      range: {
        start: document.textDocument.positionAt(location.partStart + start),
        end: document.textDocument.positionAt(location.partStart + end),
      },
    };
  }
}

/** What is told of one place. */
class Telling {
  private readonly facts: FileFacts;
  /** Of a file that uses the definition: the same file, where it does. */
  private readonly using: FileFacts;
  private readonly location: Location;
  private readonly pages: LayerPages;
  private readonly instances: readonly Instance[];
  /** Outermost first, in the file. */
  private readonly chain: readonly Ranged[];

  constructor(facts: FileFacts, using: FileFacts, location: Location, pages: LayerPages) {
    this.pages = pages;
    this.facts = facts;
    this.using = using;
    this.location = location;
    this.instances = using.instances.get(location.definition.id) ?? [];
    this.chain = chainAt(location.definition, location);
  }

  tell(): string | undefined {
    const subject = this.chain.at(-1);
    const around = this.chain.at(-2);
    if (isLabel(subject)) return this.labelled(this.chain.length - 2);
    if (!isIdentifier(subject)) return this.value(this.chain.length - 1);
    const { definition } = this.location;
    switch (around?.kind) {
      case undefined:
        if (subject === definition.name) return this.definition(definition);
        return this.nameIn(subject, around);
      case 'call':
        return this.callee(subject, this.chain.length - 2);
      case 'property':
        return this.key(subject.text);
      case 'member':
      case 'name':
        return this.value(this.chain.length - 2) ?? this.named(subject.text);
      case 'binding':
        return this.bound(subject, around as unknown as Statement & { kind: 'binding' });
      case 'weight':
      case 'buffer':
        return paragraphs(
          code(`${around.kind} ${subject.text}`),
          this.weightShape(),
          around.kind === 'weight' ? this.weightCount() : undefined,
          (around as { documentation?: string }).documentation,
        );
      case 'layer':
        return paragraphs(
          code(`layer ${subject.text}`),
          'One instance for every place that names it: they share its weights.',
          (around as { documentation?: string }).documentation,
        );
      case 'output':
        return paragraphs(
          code(`output ${subject.text}`),
          this.different((instance) => shapeOf(instance.outputs.find(({ name }) => name === subject.text)?.tensor)),
        );
      default:
        return undefined;
    }
  }

  // ------------------------------------------------------------------------------------------ layers and blocks

  private callee(name: Identifier, index: number): string | undefined {
    const stage = this.chain[index - 1];
    const isStage = stage !== undefined && 'body' in stage;
    const found = this.facts.session.resolve(this.location.definition, name.text);
    const flow = isStage ? this.flow(this.factsAt(index - 1, index)) : undefined;
    // A repeated stage's own facts tell what goes in and comes out of all turns; its body's have the layer of each.
    const counts = isStage ? this.counts(index, index - 1) : undefined;
    switch (found.kind) {
      case 'layer':
        return paragraphs(
          code(signature(found.layer)),
          flow,
          isStage ? this.sizes(this.factsAt(index, index - 1)) : undefined,
          found.layer.summary,
          counts,
          this.documentation(found.layer),
        );
      case 'definition':
        return paragraphs(code(titleOf(found.definition)), flow, found.definition.documentation, counts);
      case 'parameter':
      case 'shared':
        return paragraphs(code(name.text), flow, counts);
      default:
        return this.named(name.text);
    }
  }

  /** Of a label what is told of its stage. */
  private labelled(index: number): string | undefined {
    const stage = this.chain[index] as unknown as Stage;
    const { body } = stage;
    if (body.kind === 'call') {
      const place = { ...this.location, offset: body.callee.range.start };
      return new Telling(this.facts, this.using, place, this.pages).tell();
    }
    const name = stage.label?.parts.every((part) => typeof part === 'string') ? stage.label.parts.join('') : undefined;
    return paragraphs(name && code(name), this.flow(this.factsAt(index)), this.counts(index));
  }

  /** `[N, 3, 224, 224] → [N, 64, 112, 112]`, each different one once. */
  private flow(facts: readonly Fact[]): string | undefined {
    const texts = new Set<string>();
    for (const { inputs, value, node } of facts) {
      const into = (inputs ?? node?.inputs ?? []).map((tensor) => formatShape(tensor.shape)).join(', ');
      if (value.kind !== 'unknown') texts.add(code(`${into} → ${formatValue(value)}`));
    }
    return listed([...texts]);
  }

  /** How the sizes that a layer works out come about, for each different use. */
  private sizes(facts: readonly Fact[]): string | undefined {
    const texts = facts.flatMap(({ node }) =>
      node?.kind === 'layer' ? sizesByHand(node).map(({ of, text }) => `${of}: ${code(text)}`) : [],
    );
    return listed([...new Set(texts)]);
  }

  /** Parameters and multiply-adds of what a place became, for one sample, at the usual size where sizes are free. */
  private counts(...indices: number[]): string | undefined {
    const uses = new Map<string, { readonly output: string; readonly parts: readonly string[] }>();
    for (const { instance, at } of this.sized()) {
      const perSample = sampleOf(instance);
      for (const { node } of this.factsIn(instance, indices)) {
        if (node === undefined) continue;
        const parameters = node.kind === 'block' ? countOfBlock(node.instance) : parameterFormula(node);
        const macs = perSample(node.kind === 'block' ? totalsOf(node.instance).macs : macsOf(node));
        const known = constantValue(macs);
        const macsText = (node.kind === 'block' ? undefined : macsFormula(node, macs)) ?? exactCount(macs);
        const parts = [
          parameters === undefined ? '' : `Parameters: ${parameters}`,
          known === undefined || known === 0n ? '' : `Multiply-adds: ${macsText}${at === undefined ? '' : ` at ${at}`}`,
        ].filter((part) => part !== '' && isKnown(part));
        if (parts.length > 0) uses.set(parts.join(), { output: shapeOf(node.outputs[0]) ?? '', parts });
      }
    }
    const all = [...uses.values()];
    if (all.length === 1) return all[0]!.parts.join('  \n');
    return listed(all.map(({ output, parts }) => `→ ${output} ${parts.join(' · ')}`));
  }

  /** The uses of the definition when the file's models are at the image size of their data sets; `at` where that matters. */
  private sized(): readonly { readonly instance: Instance; readonly at: string | undefined }[] {
    const found = this.using.models.flatMap((model) => {
      const usual = atUsualSize(this.using.session, model);
      const instances = new Map<string, Instance[]>();
      collectInstances(usual.instance, instances);
      return (instances.get(this.location.definition.id) ?? []).map((instance) => ({
        instance,
        at: this.instances.includes(instance) ? undefined : usual.at?.join('×'),
      }));
    });
    return found.length > 0 ? found : this.instances.map((instance) => ({ instance, at: undefined }));
  }

  private definition(definition: Definition): string {
    const model = this.facts.models.find((each) => each.definition.id === definition.id);
    const told = model ?? (this.instances.length === 1 ? this.instances[0] : undefined);
    const totals = told && totalsOf(told);
    const flow = this.different((instance) =>
      code(
        `${instance.inputs.map(({ tensor }) => formatShape(tensor.shape)).join(', ')} → ${instance.outputs.map(({ tensor }) => formatShape(tensor.shape)).join(', ')}`,
      ),
    );
    const counts = totals && isKnown(exactCount(totals.parameters)) ? this.totals(told, totals) : undefined;
    const sizes = told && workingSizes(told);
    return paragraphs(
      code(titleOf(definition)),
      flow,
      counts,
      sizes?.kind === 'when' ? `Works only for ${sizes.text}.` : undefined,
      definition.documentation,
    )!;
  }

  private totals(instance: Instance, { parameters, trainable, macs }: Counts): string {
    const parts = [`Parameters: ${exactCount(parameters)}`];
    if (exactCount(trainable) !== exactCount(parameters)) parts.push(`trainable: ${exactCount(trainable)}`);
    if (constantValue(macs) !== undefined) return [...parts, `multiply-adds: ${exactCount(macs)}`].join(' · ');
    const { instance: sized, at } = atUsualSize(this.facts.session, instance);
    const known = at && constantValue(totalsOf(sized).macs);
    if (known !== undefined) parts.push(`multiply-adds: ${withSeparators(known)} at ${at!.join('×')}`);
    return parts.join(' · ');
  }

  // ------------------------------------------------------------------------------------------ values

  /** What an expression or stage comes to. */
  private value(index: number): string | undefined {
    const node = this.chain[index];
    if (node === undefined) return undefined;
    const values = new Set<string>();
    for (const instance of this.instances) {
      const own = chainAt(instance.definition, this.location)[index] as Expression;
      for (const [i, { value }] of (instance.facts.get(own) ?? []).entries()) {
        if (value.kind === 'unknown') continue;
        const text = value.kind === 'tensor' ? formatShape(value.tensor.shape) : formatValue(value);
        const working = own.kind === 'name' ? workedOutName(instance, own.name.text) : workedOut(instance, own, i);
        const result = code(equation(working, text));
        values.add(value.kind === 'tensor' ? result : `${result} — ${describeKind(value)}`);
      }
    }
    const name = node.kind === 'name' ? (node as Expression & { kind: 'name' }).name.text : undefined;
    const parameter = name === undefined ? undefined : this.parameter(name);
    if (values.size === 0 && parameter === undefined) return undefined;
    return paragraphs(
      parameter ? code(typedName(parameter)) : name && code(name),
      listed([...values]),
      parameter?.documentation,
    );
  }

  private parameter(name: string): Parameter | undefined {
    return this.location.definition.parameters.find((each) => each.name.text === name);
  }

  /** A port's, parameter's, loop variable's or argument's name. */
  private nameIn(subject: Identifier, around: Ranged | undefined): string | undefined {
    const parameter = this.parameter(subject.text);
    if (parameter?.name.range.start === subject.range.start && this.location.part < 0) {
      return paragraphs(code(typedName(parameter)), this.argumentsOf(subject.text), parameter.documentation);
    }
    const call = this.chain.findLast((node) => node.kind === 'call');
    if (around !== undefined && 'value' in around && call !== undefined)
      return this.argument(subject.text, call as unknown as CallStage);
    return paragraphs(
      code(`input ${subject.text}`),
      this.different((instance) => shapeOf(instance.inputs.find(({ name }) => name === subject.text)?.tensor)),
    );
  }

  private argumentsOf(name: string): string | undefined {
    return this.different((instance) => {
      const value = instance.arguments.get(name);
      return value === undefined || value.kind === 'unknown' ? undefined : code(formatValue(value));
    });
  }

  private argument(name: string, call: CallStage): string | undefined {
    const found = this.facts.session.resolve(this.location.definition, call.callee.text);
    if (found.kind === 'layer') {
      const parameter = found.layer.parameters[name];
      if (parameter === undefined) return undefined;
      const standard = parameter.default === undefined ? '' : ` = ${parameter.default}`;
      return paragraphs(code(`${name}: ${parameter.type}${standard}`), parameter.doc, this.documentation(found.layer));
    }
    if (found.kind !== 'definition') return undefined;
    const parameter = found.definition.parameters.find((each) => each.name.text === name);
    return parameter && paragraphs(code(typedName(parameter)), parameter.documentation);
  }

  private bound(name: Identifier, statement: Statement & { kind: 'binding' }): string {
    const index = statement.names.findIndex((each) => each.range.start === name.range.start);
    const values = new Set<string>();
    for (const instance of this.instances) {
      const there = chainAt(instance.definition, { ...this.location, offset: statement.value.range.start })[0] as
        typeof statement | undefined;
      for (const { value } of (there && instance.facts.get(there.value)) ?? []) {
        const own = statement.names.length > 1 && value.kind === 'list' ? value.items[index] : value;
        if (own === undefined || own.kind === 'unknown') continue;
        const working = there && own === value ? workedOut(instance, there.value) : undefined;
        const text = formatValue(own);
        values.add(code(equation(working, text)));
      }
    }
    return paragraphs(code(name.text), listed([...values]), statement.documentation)!;
  }

  private weightShape(): string | undefined {
    return this.different((instance) => shapeOf(this.weightIn(instance)));
  }

  private weightCount(): string | undefined {
    const counts = this.different((instance) => {
      const shape = this.weightIn(instance)?.shape;
      return shape === undefined ? undefined : exactCount(product(shape));
    });
    return counts && `Parameters: ${counts.replaceAll(/\s*\n/g, ', ')}`;
  }

  private weightIn(instance: Instance): Tensor | undefined {
    const found = instance.nodes.find(
      (node) => (node.kind === 'weight' || node.kind === 'buffer') && node.site.part === this.location.part,
    );
    return found?.outputs[0];
  }

  // ------------------------------------------------------------------------------------------ words

  private key(key: string): string | undefined {
    const training = TRAINING_KEYS.find(({ name }) => name === key);
    return METADATA_KEYS[key] ?? training?.summary;
  }

  /** What isn't bound in the file: functions, data sets, initialisers, layers as values. */
  private named(name: string): string | undefined {
    const called = findFunction(name);
    if (called !== undefined) return paragraphs(code(called.signature), called.summary);
    const dataset = DATASETS.find((each) => each.name === name);
    if (dataset !== undefined) return paragraphs(code(name), dataset.summary);
    const initialiser = INITIALISERS.find((each) => each.name === name);
    if (initialiser !== undefined) return paragraphs(code(name), initialiser.summary);
    const layer = findLayer(name);
    return layer && paragraphs(code(signature(layer)), layer.summary, this.documentation(layer));
  }

  private documentation(layer: Layer): string {
    const page = this.pages.linkTo(layer);
    const torch = `[${layer.kind === 'module' ? 'The layer' : 'The function'} in torch's documentation](${layer.documentation})`;
    return page === undefined ? torch : `[All about ${layer.name}](${page}) · ${torch}`;
  }

  // ------------------------------------------------------------------------------------------ facts

  /** What was found at nodes of the chain in all instances; later indices only where earlier ones have nothing. */
  private factsAt(...indices: number[]): readonly Fact[] {
    return this.instances.flatMap((instance) => this.factsIn(instance, indices));
  }

  private factsIn(instance: Instance, indices: readonly number[]): readonly Fact[] {
    const chain = chainAt(instance.definition, this.location);
    for (const index of indices) {
      const found = instance.facts.get(chain[index] as unknown as Stage);
      if (found !== undefined && found.length > 0) return found;
    }
    return [];
  }

  private different(text: (instance: Instance) => string | undefined): string | undefined {
    const texts = new Set(this.instances.flatMap((instance) => text(instance) ?? []));
    return listed([...texts]);
  }
}

/** Sizes of which nothing is known have numbered names that mean nothing to people. */
function isKnown(text: string): boolean {
  return !/\?\d/.test(text);
}

function countOfBlock(instance: Instance): string {
  return exactCount(totalsOf(instance).parameters);
}

function shapeOf(tensor: Tensor | undefined): string | undefined {
  return tensor && code(formatShape(tensor.shape));
}

function titleOf(definition: Definition): string {
  return definition.parameters.length === 0
    ? `${definition.kind} ${definition.name.text}`
    : `${definition.kind} ${blockSignature(definition)}`;
}

/** `2 * 64 = 128`; the result alone where there is nothing to work out. */
function equation(working: string | undefined, result: string): string {
  return working === undefined || working === result ? result : `${working} = ${result}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function listed(all: readonly string[]): string | undefined {
  const texts = all.filter(isKnown);
  if (texts.length === 0) return undefined;
  const more = texts.length > MAX_USES ? [`and ${String(texts.length - MAX_USES)} more`] : [];
  return [...texts.slice(0, MAX_USES), ...more].join('  \n');
}

function paragraphs(...parts: (string | undefined)[]): string | undefined {
  const told = parts.filter((part) => part !== undefined && part !== '');
  return told.length === 0 ? undefined : told.join('\n\n');
}
