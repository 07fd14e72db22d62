/**
 * Definitions + facts → Python: one class for each block and model that is used, importable with torch alone.
 *
 * A class is written from its definition's text; what isn't in the text (input widths, shapes) comes from its generic
 * form. Each is written until nothing new is found out: which sizes its constructor needs depends on what is printed.
 */
import type { Argument, Block, Definition, Model, Stage, StageBody } from '../definition.ts';
import { HEADER } from '../definition.ts';
import { type Dimension, ZERO, constant, equal, isDimension, substitute, symbol, symbolsOf } from '../dimension.ts';
import { type Generic, environment, generalise, valueEnvironment } from '../elaborate/generic.ts';
import type { Session } from '../elaborate/session.ts';
import { builtStatements } from '../elaborate/uses.ts';
import { intValue, valueAt, valueKey } from '../elaborate/values.ts';
import { allNodes } from '../analysis/walk.ts';
import type { Fact, Instance, Node } from '../graph.ts';
import type { Layer } from '../layers/layer.ts';
import type { Problem } from '../problem.ts';
import { uriOf } from '../program.ts';
import type { DataType } from '../tensor.ts';
import type { LayerValue, Value } from '../value.ts';
import { ClassWriter, type WrittenClass } from './class.ts';
import { FunctionModules, firstOutputSource } from './modules.ts';
import { isFree, plainName } from './python.ts';
import { UnreadablePython } from './layout.ts';
import { NeedsStatements, bindArguments, defaultLayer } from './scope.ts';
import type { File, Signature, Unit } from './unit.ts';

export interface GeneratedPython {
  /** Empty where there are errors. */
  readonly python: string;
  readonly problems: readonly Problem[];
}

/** The PyTorch module of a model. */
export function generate(session: Session, model: Instance): GeneratedPython {
  const file = new ModuleFile(session, model);
  return file.write();
}

class ModuleFile implements File {
  readonly #session: Session;
  readonly #model: Instance;
  readonly #units: Unit[] = [];
  readonly #unitOf = new Map<Instance, Unit>();
  readonly #written = new Map<Unit, WrittenClass>();
  /** Those being written, the outermost first, with the number of the round each is in. */
  readonly #writing = new Map<Unit, number>();
  #rounds = 0;
  /** Those written while another one's constructor, which they call, wasn't settled: good for that one's round only. */
  readonly #provisional = new Map<Unit, { readonly of: Unit; readonly round: number }>();
  readonly #order: Unit[] = [];
  readonly #globals = new Set<string>();
  readonly #importsFrom = new Map<string, Map<string, string>>();
  readonly #helpers = new Map<string, { readonly name: string; readonly source: readonly string[] }>();
  readonly #functions: FunctionModules;
  readonly #protocols = new Map<string, readonly number[]>();
  readonly #takingOptions = new Set<string>();
  readonly #partNames = new Map<object, string>();
  readonly #instances = new Map<string, Instance[]>();

  constructor(session: Session, model: Instance) {
    this.#session = session;
    this.#model = model;
    this.#functions = new FunctionModules(
      (wanted) => this.#global(wanted),
      (layer, name) => this.imported(layer, name),
    );
  }

  write(): GeneratedPython {
    this.#collect(this.#model, new Set());
    this.#makeUnits();
    this.#addUntaken();
    this.#addIdle();
    // A layer that is passed on may itself take layers: what it is called with depends on what they are called with.
    for (let round = 0; round < PROTOCOL_ROUNDS && this.#findProtocols(); round += 1) {
      this.#written.clear();
      this.#provisional.clear();
      this.#order.length = 0;
    }
    const main = this.#unitOf.get(this.#model);
    if (main !== undefined) this.#class(main);
    const problems = distinct(this.#order.flatMap((unit) => this.#written.get(unit)?.problems ?? []));
    return { python: problems.length > 0 ? '' : this.#assemble(), problems };
  }

  // -------------------------------------------------------------------------------------------- what there is

  #collect(instance: Instance, seen: Set<Instance>): void {
    if (seen.has(instance)) return;
    seen.add(instance);
    const known = this.#instances.get(instance.definition.id);
    if (known === undefined) this.#instances.set(instance.definition.id, [instance]);
    else known.push(instance);
    for (const node of allNodes(instance.nodes)) if (node.kind === 'block') this.#collect(node.instance, seen);
  }

  #makeUnits(): void {
    const definitions = new Map<string, Definition>();
    for (const [id, [first]] of this.#instances) if (first !== undefined) definitions.set(id, first.definition);
    for (const { name } of definitions.values()) this.#globals.delete(name.text);
    for (const [id, instances] of this.#instances) {
      const definition = definitions.get(id);
      if (definition === undefined || definition.kind === 'extern') continue;
      for (const generic of generalise(this.#session, definition, instances)) this.#addUnit(definition, generic);
    }
  }

  #addUnit(definition: Model | Block, generic: Generic): void {
    const unit: Unit = {
      definition,
      name: this.#global(definition.name.text),
      plan: this.#session.names(definition),
      resolve: (name) => this.#session.resolve(definition, name),
      generic,
      built: builtStatements(definition.statements),
    };
    this.#units.push(unit);
    for (const instance of generic.instances) this.#unitOf.set(instance, unit);
  }

  /** Blocks that stand only in arms which this model doesn't build, and in those. */
  #addUntaken(): void {
    const known = new Set<Definition>(this.#units.map(({ definition }) => definition));
    // What is added on the way is gone through too.
    for (const { generic } of this.#units) {
      for (const use of openUses(generic)) {
        const { definition } = use.instance;
        if (known.has(definition)) continue;
        known.add(definition);
        this.#unbuilt(this.#asBuilt(generic, use));
      }
    }
  }

  /** Every use of a definition: those that this model builds, and one for each place in the text. */
  #uses(): readonly Instance[] {
    return [
      ...[...this.#instances.values()].flat(),
      ...this.#units.flatMap(({ generic }) => openUses(generic).map(({ instance }) => instance)),
    ];
  }

  /** The layers that parameters get, and their defaults: no use may take one, but who constructs the class may. */
  #passedLayers(): { readonly owner: Definition; readonly name: string; readonly layer: LayerValue }[] {
    const given = this.#uses().flatMap(({ definition: owner, arguments: all }) =>
      [...all].flatMap(([name, value]) => (value.kind === 'layer' ? [{ owner, name, layer: value.layer }] : [])),
    );
    const defaults = this.#units.flatMap(({ definition: owner, resolve }) =>
      owner.parameters.flatMap(({ name, default: source }) => {
        const layer = source === undefined ? undefined : defaultLayer(source, resolve, owner.id);
        return layer === undefined ? [] : [{ owner, name: name.text, layer }];
      }),
    );
    return [...given, ...defaults];
  }

  /** A name of the module's own. */
  #global(wanted: string): string {
    const isTaken = (name: string): boolean => this.#globals.has(name) || !isFree(name);
    const plain = plainName(wanted);
    let name = plain;
    for (let number = 2; isTaken(name); number += 1) name = `${plain}_${number}`;
    this.#globals.add(name);
    return name;
  }

  isGlobal(name: string): boolean {
    return this.#globals.has(name);
  }

  // -------------------------------------------------------------------------------------------- layers as arguments

  /** Parameters of type `layer` are called alike wherever one is passed on as another. Whether something is new. */
  #findProtocols(): boolean {
    let isNew = false;
    const groups = new Map<string, Set<string>>();
    const values = new Map<string, LayerValue[]>();
    const join = (a: string, b: string): void => {
      const merged = new Set([...(groups.get(a) ?? [a]), ...(groups.get(b) ?? [b])]);
      for (const each of merged) groups.set(each, merged);
    };
    for (const { owner, name, layer } of this.#passedLayers()) {
      const own = `${owner.id} ${name}`;
      values.set(own, [...(values.get(own) ?? []), layer]);
    }
    for (const unit of this.#units) this.#joinPassed(unit, join);
    for (const own of [...this.#takingOptions]) for (const each of groups.get(own) ?? []) this.#takingOptions.add(each);
    for (const own of values.keys()) {
      const all = [...(groups.get(own) ?? [own])].flatMap((each) => values.get(each) ?? []);
      const axes = [...new Set(all.flatMap((layer) => this.#axesOf(layer)))].sort((a, b) => b - a);
      isNew ||= axes.join() !== (this.#protocols.get(own) ?? []).join();
      this.#protocols.set(own, axes);
    }
    return isNew;
  }

  /** `Inner(act=act)`: one parameter handed on as another. */
  #joinPassed(unit: Unit, join: (a: string, b: string) => void): void {
    const { definition } = unit;
    for (const place of unit.generic.facts.keys()) {
      if (!('body' in place) || place.body.kind !== 'call') continue;
      const callee = unit.resolve(place.body.callee.text);
      if (callee.kind === 'layer') this.#noteOptions(definition, callee.layer, place.body.arguments ?? []);
      if (callee.kind !== 'definition') continue;
      (place.body.arguments ?? []).forEach(({ name, value }, i) => {
        if (
          value.kind !== 'name' ||
          !definition.parameters.some((parameter) => parameter.name.text === value.name.text)
        )
          return;
        const parameter = name?.text ?? callee.definition.parameters[i]?.name.text;
        if (parameter !== undefined)
          join(`${definition.id} ${value.name.text}`, `${callee.definition.id} ${parameter}`);
      });
    }
  }

  /** `Conv2dNormActivation(8, activation_layer=act)`: called by a class of the catalogue. */
  #noteOptions({ id, parameters }: Definition, layer: Layer, args: readonly Argument[]): void {
    for (const [name, { values }] of bindArguments(layer, args)) {
      const [value] = values;
      if (layer.parameters[name]?.layerForm !== 'factory' || value?.kind !== 'name') continue;
      if (parameters.some((parameter) => parameter.name.text === value.name.text))
        this.#takingOptions.add(`${id} ${value.name.text}`);
    }
  }

  takesOptions(definition: Definition, parameter: string): boolean {
    return this.#takingOptions.has(`${definition.id} ${parameter}`);
  }

  /** Blocks that are passed on and that nothing builds: classes all the same, for what such blocks mostly take. */
  #addIdle(): void {
    const built = new Set<Definition>(this.#units.map(({ definition }) => definition));
    for (const { layer } of this.#passedLayers()) {
      const { callee, arguments: given } = layer;
      if ('family' in callee || callee.kind === 'extern' || built.has(callee)) continue;
      built.add(callee);
      const found = IDLE_RANKS.map((rank) => this.#atRank(callee, given, rank)).find((each) => each !== undefined);
      if (found !== undefined) this.#unbuilt(found);
    }
  }

  #atRank(definition: Model | Block, given: ReadonlyMap<string, Value>, rank: number): Instance | undefined {
    const types = this.#session.inputTypes(definition);
    const shape = Array.from({ length: rank }, () => constant(IDLE_SIZE));
    const inputs = types.map((type) => ({ type, shape }));
    const input = { definition, arguments: given, inputs: definition.kind === 'model' ? undefined : inputs };
    const instance = this.#session.instantiate({ ...input, open: undefined }, () => undefined);
    return instance !== undefined && isSound(instance) ? instance : undefined;
  }

  /** A use of a block that no arm takes, as it would be in the program's first use of what it stands in. */
  #asBuilt(user: Generic, { instance, iterations }: OpenUse): Instance {
    const { definition } = instance;
    const [use] = user.instances;
    if (use === undefined || definition.kind === 'extern') return instance;
    const turns = turnsLike(use, iterations);
    const known = environment(user, use, turns);
    const sizes = (name: string): Dimension | undefined => known(name) ?? inFirstTurn(user, name, sizes);
    const values = valueEnvironment(user, use, turns);
    const given = new Map(
      [...instance.arguments].map(([name, value]) => [
        name,
        value.kind === 'int' ? intValue(substitute(value.value, sizes)) : valueAt(value, values),
      ]),
    );
    if ([...given.values()].some(({ kind }) => kind === 'unknown')) return instance;
    // What only this generic form has a name for means nothing to another.
    const isOwn = (size: Dimension): boolean =>
      [...symbolsOf(size)].some((name) => !OF_A_USE.has(user.symbols.get(name)?.kind));
    const inputs = instance.inputs.map(({ tensor: { type, shape } }) => ({
      type,
      shape: shape?.map((size) => substitute(size, sizes)),
    }));
    if (inputs.some(({ shape }) => shape?.some(isOwn) === true)) return instance;
    const built = this.#session.instantiate({ definition, arguments: given, inputs, open: undefined }, () => undefined);
    return built !== undefined && isSound(built) ? built : instance;
  }

  /** Which sizes a layer needs that its arguments don't say. */
  #axesOf({ callee, arguments: given }: LayerValue): number[] {
    if ('family' in callee) {
      return Object.entries(callee.parameters).flatMap(([name, { infer, default: standard }]) =>
        infer === undefined || standard !== undefined || given.has(name) ? [] : [axisOf(callee, infer)],
      );
    }
    const unit = this.#units.find(({ definition }) => definition === callee);
    if (unit === undefined) return [];
    const written = this.#class(unit);
    return written.signature.sizes.flatMap(({ place }) => {
      const rank = unit.generic.instance.inputs[place?.input ?? 0]?.tensor.shape?.length ?? 0;
      return place === undefined ? [] : [place.axis === 1 ? 1 : place.axis - rank];
    });
  }

  protocol(definition: Definition, parameter: string): readonly number[] {
    return this.#protocols.get(`${definition.id} ${parameter}`) ?? [];
  }

  // -------------------------------------------------------------------------------------------- classes

  #class(unit: Unit): WrittenClass {
    const known = this.#written.get(unit);
    if (this.#writing.has(unit)) {
      this.#lean(unit);
      return known ?? ClassWriter.blank(unit);
    }
    if (known !== undefined && this.#isGood(unit)) return known;
    let written = known ?? ClassWriter.blank(unit);
    this.#provisional.delete(unit);
    // Sizes and names settle after a few writings; a block that uses itself needs its own signature.
    for (let round = 0; round < 8; round += 1) {
      this.#writing.set(unit, ++this.#rounds);
      this.#written.set(unit, written);
      const next = this.#write(unit, written);
      const isSettled =
        next.lines.join('\n') === written.lines.join('\n') && sameSizes(next.signature, written.signature);
      written = next;
      if (isSettled && round > 0) break;
    }
    this.#written.set(unit, written);
    this.#writing.delete(unit);
    if (!this.#order.includes(unit)) this.#order.push(unit);
    // What waited for this one waits for what this one waits for.
    const own = this.#provisional.get(unit);
    for (const [each, { of }] of this.#provisional)
      if (of === unit && own !== undefined) this.#provisional.set(each, own);
    return written;
  }

  /** All that is being written inside of this one's writing depends on what comes of it. */
  #lean(on: Unit): void {
    const stack = [...this.#writing.keys()];
    const at = stack.indexOf(on);
    for (const each of stack.slice(at + 1)) {
      const before = this.#provisional.get(each);
      const isFurther = before === undefined || stack.indexOf(before.of) > at;
      if (isFurther) this.#provisional.set(each, { of: on, round: this.#writing.get(on)! });
    }
  }

  #isGood(unit: Unit): boolean {
    const waits = this.#provisional.get(unit);
    return waits === undefined || (this.#writing.get(waits.of) ?? waits.round) === waits.round;
  }

  /** Writes a class; what has no Python is a problem at its definition, whatever it is. */
  #write(unit: Unit, before: WrittenClass): WrittenClass {
    const writer = new ClassWriter(this, unit, before.findings);
    try {
      return writer.write();
    } catch (error) {
      if (!(error instanceof NeedsStatements) && !(error instanceof UnreadablePython)) throw error;
      const { definition } = unit;
      const message = `${definition.name.text} has a part that can't be written as PyTorch yet. Make a block of its innermost loop or condition.`;
      const site = { definition: definition.id, part: HEADER, range: definition.name.range };
      return { ...before, problems: [{ code: 'cannot-generate', severity: 'error', message, site }] };
    }
  }

  signatureOf(definition: Definition): Signature | undefined {
    const unit = this.#units.find((each) => each.definition === definition);
    return unit === undefined ? undefined : this.#class(unit).signature;
  }

  signature(user: Unit, stage: Stage): Signature | undefined {
    const callees = new Set<Unit>();
    for (const instance of user.generic.instances) {
      for (const fact of instance.facts.get(stage.body) ?? [])
        for (const unit of this.#unitsOf(fact.node)) callees.add(unit);
    }
    const [only, second] = callees;
    if (only === undefined || second !== undefined) return this.#signatureByName(user, stage);
    return this.#class(only).signature;
  }

  /** A stage that no use at hand builds: by what its name means. */
  #signatureByName(user: Unit, stage: Stage): Signature | undefined {
    const fact = user.generic.facts.get(stage.body)?.[0];
    if (fact?.node?.kind !== 'block') return undefined;
    const { instance } = fact.node;
    const { definition, inputs } = instance;
    const rank = inputs.map(({ tensor }) => tensor.shape?.length).join();
    const sameRank = this.#units.filter(
      (unit) =>
        unit.definition === definition &&
        unit.generic.instance.inputs.map(({ tensor }) => tensor.shape?.length).join() === rank,
    );
    const unit =
      sameRank[0] ??
      this.#units.find((each) => each.definition === definition) ??
      this.#unbuilt(this.#asBuilt(user.generic, { instance, iterations: fact.iterations }));
    return unit === undefined ? undefined : this.#class(unit).signature;
  }

  /** A block that stands only in arms which this model doesn't build. */
  #unbuilt(instance: Instance): Unit | undefined {
    if (instance.definition.kind === 'extern') return undefined;
    const [generic] = generalise(this.#session, instance.definition, [instance]);
    if (generic === undefined) return undefined;
    this.#addUnit(instance.definition, generic);
    return this.#units.at(-1);
  }

  #unitsOf(node: Node | undefined): Unit[] {
    if (node?.kind !== 'block') return [];
    const unit = this.#unitOf.get(node.instance);
    return unit === undefined ? [] : [unit];
  }

  given(user: Unit, stage: Stage, { unit: { generic } }: Signature, name: string): Dimension | undefined {
    const place = generic.symbols.get(name);
    const node = user.generic.facts.get(stage.body)?.[0]?.node;
    if (place?.kind !== 'given' || node?.kind !== 'block') return undefined;
    const told = environment(generic, node.instance, [])(name);
    if (told === undefined || [...symbolsOf(told)].some((each) => !user.generic.symbols.has(each))) return undefined;
    const isTrue = user.generic.instances.every((instance) =>
      (instance.facts.get(stage.body) ?? []).every((fact) => {
        if (fact.node?.kind !== 'block' || !fact.node.instance.facts.has(place.place)) return true;
        const found = environment(generic, fact.node.instance, [])(name);
        return (
          found !== undefined && equal(substitute(told, environment(user.generic, instance, fact.iterations)), found)
        );
      }),
    );
    return isTrue ? told : undefined;
  }

  usesOf(layer: LayerValue, user: Unit, stage: Stage | undefined): readonly Instance[] {
    const key = valueKey({ kind: 'layer', layer });
    const among = new Set<Instance>();
    const add = (instance: Instance): void => {
      if (among.has(instance)) return;
      among.add(instance);
      for (const node of allNodes(instance.nodes)) if (node.kind === 'block') add(node.instance);
    };
    if (stage === undefined) add(this.#model);
    else for (const instance of user.generic.instances) blocksAt(instance, stage.body).forEach(add);
    return [...among].flatMap((taker) => {
      const { definition } = taker;
      if (definition.kind === 'extern') return [];
      const names = new Set(
        [...taker.arguments].flatMap(([name, value]) =>
          value.kind === 'layer' && valueKey(value) === key ? [name] : [],
        ),
      );
      if (names.size === 0) return [];
      return [...this.#session.names(definition).stages.keys()].flatMap(({ body }) =>
        body.kind === 'call' && names.has(body.callee.text) ? blocksAt(taker, body) : [],
      );
    });
  }

  // -------------------------------------------------------------------------------------------- what classes ask for

  importFrom(module: string, name: string): string {
    let names = this.#importsFrom.get(module);
    if (names === undefined) {
      names = new Map();
      this.#importsFrom.set(module, names);
    }
    let known = names.get(name);
    if (known === undefined) {
      known = this.#global(name);
      names.set(name, known);
    }
    return known;
  }

  imported({ python, name: layer }: Layer, name: string): string {
    const module = python.kind === 'function' ? python.importsFrom : undefined;
    if (module === undefined) throw new Error(`${layer} takes ${name} from nowhere.`);
    return this.importFrom(module, name);
  }

  constructorOf(layer: Layer): string {
    const { python } = layer;
    if (python.kind !== 'module') return layer.name;
    if (python.source === undefined) return python.constructor;
    return this.#source(python.constructor, python.source);
  }

  #source(name: string, source: string): string {
    const known = this.#helpers.get(name);
    if (known !== undefined) return known.name;
    const own = this.#global(name);
    const text = own === name ? source : source.replace(new RegExp(`\\b${name}\\b`, 'gu'), own);
    this.#helpers.set(name, { name: own, source: text.trimEnd().split('\n') });
    return own;
  }

  functionModule(layer: Layer, written: readonly string[]): string {
    return this.#functions.use(layer, written);
  }

  firstOutput(layer: Layer, types: readonly DataType[]): string {
    const constructor = this.constructorOf(layer);
    const name = `First${layer.name}`;
    const key = types.length === 1 ? name : `${name}(${types.join()})`;
    return this.helper(name, (own) => firstOutputSource(own, constructor, layer, types), key);
  }

  helper(name: string, source: (name: string) => readonly string[], key = name): string {
    const known = this.#helpers.get(key);
    if (known !== undefined) return known.name;
    const own = this.#global(name);
    const lines = source(own);
    this.#helpers.set(key, { name: own, source: lines });
    return own;
  }

  partName(place: object, wanted: string): string {
    let name = this.#partNames.get(place);
    if (name === undefined) {
      name = this.#global(wanted);
      this.#partNames.set(place, name);
    }
    return name;
  }

  // -------------------------------------------------------------------------------------------- the file

  #assemble(): string {
    const uri = uriOf(this.#model.definition.id);
    const name = decoded(uri.slice(uri.lastIndexOf('/') + 1));
    const helpers = [...this.#helpers.values()].map((helper) => helper.source);
    const classes = this.#order.flatMap((unit) => {
      const written = this.#written.get(unit);
      return written === undefined ? [] : [...written.parts, written.lines];
    });
    const body = [...helpers, ...this.#functions.sources(), ...classes].map((lines) => lines.join('\n')).join('\n\n\n');
    return `# Generated by SCV from ${name}: change that file, not this one.\n\n${this.#importLines(body).join('\n')}\n\n\n${body}\n`;
  }

  /** What the text mentions. */
  #importLines(body: string): string[] {
    const has = (name: string): boolean =>
      new RegExp(`(?<![\\p{XID_Continue}.])${name}(?![\\p{XID_Continue}])`, 'u').test(code);
    const code = body.replace(/"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/gsu, '""');
    const collections = ['Callable', 'Sequence'].filter(has);
    const standard = [
      ...(has('math') ? ['import math'] : []),
      ...(has('OrderedDict') ? ['from collections import OrderedDict'] : []),
      ...(collections.length > 0 ? [`from collections.abc import ${collections.join(', ')}`] : []),
      ...(has('partial') ? ['from functools import partial'] : []),
    ];
    const from = new Map<string, string[]>([['torch', ['nn']]]);
    for (const [module, names] of this.#importsFrom) {
      const list = [...names].map(([name, own]) => (name === own ? name : `${name} as ${own}`));
      from.set(module, [...(from.get(module) ?? []), ...list]);
    }
    const torch = [
      ...(has('torch') ? ['import torch'] : []),
      ...(has('F') ? ['import torch.nn.functional as F'] : []),
      ...[...from]
        .sort(([a], [b]) => byText(a.toLowerCase(), b.toLowerCase()))
        .flatMap(([module, names]) => importLines(names).map((line) => `from ${module} import ${line}`)),
    ];
    return [...standard, ...(standard.length > 0 ? [''] : []), ...torch];
  }
}

/** A block in a generic form, and the turns that it is in. */
interface OpenUse {
  readonly instance: Instance;
  readonly iterations: Fact['iterations'];
}

/** The blocks that a generic form uses, in arms that nothing takes too. */
function openUses({ facts }: Generic): readonly OpenUse[] {
  return [...facts.values()].flatMap((visits) =>
    visits.flatMap(({ node, iterations }) => (node?.kind === 'block' ? [{ instance: node.instance, iterations }] : [])),
  );
}

/** What a name of a loop's turn is where the loop begins. */
function inFirstTurn(
  { loops }: Generic,
  name: string,
  sizes: (name: string) => Dimension | undefined,
): Dimension | undefined {
  for (const { index, running } of loops.values()) {
    if (index === name) return ZERO;
    const carried = running.find(({ symbol: text }) => text === name);
    if (carried !== undefined) return substitute(carried.initial, sizes);
  }
  return undefined;
}

/** Symbols of a model's inputs stay free in its uses. */
const OF_A_USE: ReadonlySet<string | undefined> = new Set([undefined, 'size']);

/** Turns of these loops as a use has them; none where it doesn't turn them. */
function turnsLike({ facts }: Instance, iterations: Fact['iterations']): Fact['iterations'] {
  if (iterations.length === 0) return [];
  for (const visits of facts.values()) {
    const found = visits.find((visit) => iterations.every(({ loop }, i) => visit.iterations[i]?.loop === loop));
    if (found !== undefined) return found.iterations;
  }
  return [];
}

function isSound({ problems }: Instance): boolean {
  return problems.every(({ severity }) => severity !== 'error');
}

/** The blocks that a stage of an instance builds. */
function blocksAt({ facts }: Instance, body: StageBody): readonly Instance[] {
  return (facts.get(body) ?? []).flatMap(({ node }) => (node?.kind === 'block' ? [node.instance] : []));
}

/** Which size of its input a layer's argument is: 1, or -1 for the last. */
function axisOf(layer: Layer, infer: NonNullable<Layer['parameters'][string]['infer']>): number {
  const ranks = layer.inputs.rank ?? [4];
  const rank = ranks.includes(4) ? 4 : (ranks.at(-1) ?? 4);
  const shape = Array.from({ length: rank }, (_, axis) => symbol(`size ${axis}`, 1n));
  const node: Node = {
    kind: 'input',
    site: { definition: '', part: HEADER, range: { start: 0, end: 0 } },
    name: undefined,
    inputs: [],
    outputs: [],
    iterations: [],
    frozen: false,
  };
  const size = infer([{ shape, type: 'float', node, output: 0 }], undefined);
  const [, channels] = shape;
  return isDimension(size) && channels !== undefined && equal(size, channels) ? 1 : -1;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Layers that take layers that take layers: deeper than anybody passes them on. */
const PROTOCOL_ROUNDS = 8;

/** A feature map, tokens, features. */
const IDLE_RANKS = [4, 3, 2];
/** Divisible by much; the class has a parameter for each size that it needs. */
const IDLE_SIZE = 48;

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What is imported from one module: a line for all, and one for each that gets another name. */
function importLines(names: readonly string[]): string[] {
  const plain = names.filter((name) => !name.includes(' as ')).sort(byImport);
  const renamed = names.filter((name) => name.includes(' as '));
  return [...(plain.length > 0 ? [plain.join(', ')] : []), ...renamed].sort(byImport);
}

/** Constants, classes, then the rest, as ruff sorts what is imported. */
function byImport(a: string, b: string): number {
  const rank = (name: string): number => (/^[A-Z][A-Z0-9_]+([ ,]|$)/u.test(name) ? 0 : /^[A-Z]/u.test(name) ? 1 : 2);
  return rank(a) - rank(b) || byText(a, b);
}

function sameSizes(a: Signature, b: Signature): boolean {
  return a.sizes.map(({ name }) => name).join() === b.sizes.map(({ name }) => name).join();
}

/** One message for one place, however many classes are written from it. */
function distinct(problems: readonly Problem[]): Problem[] {
  const byPlace = new Map(
    problems.map((problem) => {
      const { definition, part, range } = problem.site;
      return [`${definition} ${part} ${range.start} ${problem.message}`, problem];
    }),
  );
  return [...byPlace.values()];
}
