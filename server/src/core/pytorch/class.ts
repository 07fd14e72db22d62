/** One class: its head, `__init__` and `forward`. */
import type { Argument, Definition, Expression, Parameter, ParallelStage, Range, Stage } from '../definition.ts';
import { givenNumbers, loopsOf } from '../elaborate/generic.ts';
import { childrenOf } from '../elaborate/uses.ts';
import { portsOf } from '../elaborate/words.ts';
import { type Dimension, constantValue, key, symbol, symbolsOf } from '../dimension.ts';
import type { Layer } from '../layers/layer.ts';
import type { Problem } from '../problem.ts';
import type { Tensor } from '../tensor.ts';
import type { Value } from '../value.ts';
import { type Environment, printExpression, printSize } from './expression.ts';
import { passesTuples, sequentialClass } from './construct/containers.ts';
import { loopsWithin } from './construct/loops.ts';
import { Forward } from './forward.ts';
import { layoutDefinition } from './layout.ts';
import { Code, attribute, docstring } from './python.ts';
import { type Findings, INIT, defaultLayer, numbersText, placeOf } from './scope.ts';
import type { Signature, SizeArgument, Unit } from './unit.ts';

export interface WrittenClass {
  readonly signature: Signature;
  readonly lines: readonly string[];
  /** Classes that stand before it. */
  readonly parts: readonly (readonly string[])[];
  readonly findings: Findings | undefined;
  readonly problems: readonly Problem[];
}

export class ClassWriter extends Forward {
  /** By name: what is tried as an expression is written again as statements. */
  readonly #parts = new Map<string, readonly (readonly string[])[]>();

  static blank(unit: Unit): WrittenClass {
    const parameters = new Map(
      unit.definition.parameters.map(({ name }) => [name.text, { name: name.text, keywordOnly: false }]),
    );
    return { signature: { unit, sizes: [], parameters }, lines: [], parts: [], findings: undefined, problems: [] };
  }

  write(): WrittenClass {
    const { definition, plan, built } = this.unit;
    const isSequential = plan.form === 'Sequential';
    if (isSequential) {
      definition.statements.forEach((statement, part) => {
        this.part = part;
        if (statement.kind === 'binding' && statement.value.kind !== 'pipeline' && built.has(statement))
          this.constructStatement(statement);
      });
      const chain = plan.chain ?? [];
      const far = this.farStages(chain);
      for (const stage of far) this.inlined.add(stage);
      this.#constructSequence(chain, far, this.nameOf(portsOf(definition)[0]?.name.text ?? 'x'));
    } else {
      for (const statement of definition.statements) {
        if (statement.kind === 'layer') this.noteClassStages([statement.stage]);
        else if (statement.kind === 'binding' || statement.kind === 'output') this.#noteChains(statement.value);
      }
      definition.statements.forEach((statement, part) => {
        this.part = part;
        if (built.has(statement) || statement.kind === 'weight' || statement.kind === 'buffer')
          this.constructStatement(statement);
      });
      this.writeForward();
    }
    const signature = this.#signature();
    const lines = this.#lines(signature, isSequential);
    const { problems, findings } = this;
    return { signature, lines, parts: [...this.#parts.values()].flat(), findings, problems };
  }

  #noteChains(expression: Expression): void {
    if (expression.kind === 'pipeline') this.noteClassStages(expression.stages);
    for (const child of childrenOf(expression)) this.#noteChains(child);
  }

  // -------------------------------------------------------------------------------------------- the constructor

  #signature(): Signature {
    const sizes = [...this.sizes.values()].sort(bySize);
    const parameters = new Map<string, { name: string; keywordOnly: boolean }>();
    let isOptional = false;
    for (const { name, default: standard } of this.unit.definition.parameters) {
      parameters.set(name.text, { name: this.nameOf(name.text), keywordOnly: isOptional && standard === undefined });
      if (standard !== undefined) isOptional = true;
    }
    return { unit: this.unit, sizes, parameters };
  }

  #lines({ sizes, parameters }: Signature, isSequential: boolean): string[] {
    const { definition, name } = this.unit;
    const base = isSequential ? sequentialClass(this, this.unit.plan.chain ?? []) : 'nn.Module';
    const arguments_ = ['self', ...sizes.filter(({ place }) => place !== undefined).map((size) => `${size.name}: int`)];
    const declared = definition.parameters.map((parameter) => this.#parameter(parameter));
    const firstKeyword = definition.parameters.findIndex(
      ({ name: each }) => parameters.get(each.text)?.keywordOnly === true,
    );
    if (firstKeyword >= 0) declared.splice(firstKeyword, 0, '*');
    arguments_.push(...declared);
    const given = sizes.filter(({ place }) => place === undefined);
    if (given.length > 0 && firstKeyword < 0) arguments_.push('*');
    arguments_.push(...given.map((size) => `${size.name}: ${this.#sizeType(size)}`));

    const lines = [`class ${name}(${base}):`];
    const documentation = definition.documentation === undefined ? [] : docstring(definition.documentation, 1);
    lines.push(...documentation);
    const needsInit = this.init.lines.length > 0 || this.kept.size > 0 || arguments_.length > 1;
    if (needsInit) {
      if (documentation.length > 0) lines.push('');
      lines.push(...layoutDefinition('__init__', arguments_, 'None', 1));
      if (isSequential) {
        addAll(lines, this.init.text());
        addAll(lines, this.#keptLines());
      } else {
        lines.push('        super().__init__()');
        addAll(lines, this.#initLines());
      }
    }
    if (!isSequential || this.body.lines.length > 0) {
      if (lines.length > 1) lines.push('');
      const ports = portsOf(definition).map((port) => `${this.nameOf(port.name.text)}: torch.Tensor`);
      lines.push(...layoutDefinition('forward', ['self', ...ports], this.#resultType(), 1));
      addAll(lines, this.body.text());
    }
    return lines;
  }

  #keptLines(): string[] {
    return [...this.kept].map(([attr, text]) => `        self.${attr} = ${text}`);
  }

  #initLines(): string[] {
    const first: string[] = [];
    const last = new Code(2);
    const own = new Set(this.unit.definition.parameters.map(({ name }) => this.nameOf(name.text)));
    for (const [attr, text] of this.kept) {
      if (own.has(text)) first.push(`        self.${attr} = ${text}`);
      else last.assign(`self.${attr}`, text);
    }
    return [...first, ...this.init.text(), ...last.text()];
  }

  #resultType(): string {
    const count = this.unit.generic.instance.outputs.length;
    if (count === 1) return 'torch.Tensor';
    if (count > 4) return 'tuple[torch.Tensor, ...]';
    return `tuple[${Array.from({ length: count }, () => 'torch.Tensor').join(', ')}]`;
  }

  #parameter(parameter: Parameter): string {
    const { name, default: standard } = parameter;
    const type = this.#annotation(parameter);
    const text = standard === undefined ? '' : ` = ${this.#default(parameter, standard)}`;
    return `${this.nameOf(name.text)}: ${type}${text}`;
  }

  #default(parameter: Parameter, standard: Expression): string {
    if (standard.kind === 'list')
      return `(${standard.items.map((item) => this.print(item, INIT)).join(', ')}${standard.items.length === 1 ? ',' : ''})`;
    const outer = this.factoryAxes;
    this.factoryAxes = this.file.protocol(this.unit.definition, parameter.name.text);
    this.isDefault = true;
    this.factoryTakesOptions = this.file.takesOptions(this.unit.definition, parameter.name.text);
    const text = this.#isLayer(parameter) ? this.#layerDefault(standard) : this.print(standard, INIT);
    this.isDefault = false;
    this.factoryTakesOptions = false;
    this.factoryAxes = outer;
    return text;
  }

  #isLayer({ name, type }: Parameter): boolean {
    return type?.text === 'layer' || this.example(name.text)?.kind === 'layer';
  }

  #layerDefault(standard: Expression): string {
    const found = this.valueOf(standard);
    if (found?.kind === 'layer') return this.layerFactory(found.layer, standard);
    // No use at hand takes the default, so it was never looked at.
    const layer = defaultLayer(standard, this.unit.resolve, this.unit.definition.id);
    return layer === undefined ? this.print(standard, INIT) : this.layerFactory(layer, standard);
  }

  /** Of a size that loops have for each turn, so many sequences in sequences. */
  #sizeType({ given }: SizeArgument): string {
    return (given?.loops ?? []).reduce((type) => `Sequence[${type}]`, 'int');
  }

  #annotation(parameter: Parameter): string {
    const declared = parameter.type?.text;
    switch (declared) {
      case 'int':
      case 'float':
      case 'bool':
      case 'str':
        return declared;
      case 'ints':
        return 'Sequence[int]';
      case 'layer':
        return this.#callable();
      default: {
        const values = this.unit.generic.instances.map((each) => each.arguments.get(parameter.name.text));
        return oneOf(values.map((value) => this.#typeOf(value, parameter)));
      }
    }
  }

  #callable(): string {
    return 'Callable[..., nn.Module]';
  }

  #typeOf(value: Value | undefined, parameter: Parameter): string {
    switch (value?.kind) {
      case 'int':
        return parameter.default?.kind === 'number' && typeof parameter.default.value === 'number' ? 'float' : 'int';
      case 'bool':
        return 'bool';
      case 'float':
      case 'ratio':
        return 'float';
      case 'string':
        return 'str';
      case 'list': {
        const [first] = value.items;
        return first === undefined || first.kind === 'int'
          ? 'Sequence[int]'
          : `Sequence[${this.#typeOf(first, parameter)}]`;
      }
      case 'layer':
        return this.#callable();
      case 'none':
        return 'None';
      default:
        return 'object';
    }
  }

  // -------------------------------------------------------------------------------------------- parts

  /** An `nn.Sequential`; where stages of it are far, with a `forward` that calls them. */
  #constructSequence(stages: readonly Stage[], far: readonly Stage[], input: string): void {
    const firstFar = stages.findIndex((stage) => far.includes(stage));
    if (firstFar > 0 && stages.length - firstFar === far.length && !passesTuples(this, stages)) {
      // They all stand at the end: the others go on as they would by themselves.
      this.constructChain(stages.slice(0, firstFar));
      this.#sequenceForward(stages, input, firstFar);
      return;
    }
    this.constructChain(stages);
    if (far.length > 0) this.#sequenceForward(stages, input, 0);
  }

  /** @param together how many of the first stages are called at once */
  #sequenceForward(stages: readonly Stage[], input: string, together: number): void {
    // Positions are known only where no stage is spliced.
    const spliced = stages
      .slice(together)
      .find((stage) => stage.body.kind === 'for' || stage.body.kind === 'if' || stage.count !== undefined);
    if (spliced !== undefined && this.planOf(spliced).module === undefined) {
      this.impossible(
        spliced.range,
        'A later stage needs a size of what came in first, so the stages before it must be counted when this is written: give this repetition or condition a label.',
      );
    }
    const [first] = stages;
    const tensor = first === undefined ? undefined : this.inputsOf(first)[0];
    this.runtime = this.#readingFrom(tensor, input, first?.range ?? this.unit.definition.name.range);
    this.writeSequence(stages, input, together);
  }

  override sequential(stages: readonly Stage[]): string {
    const far = this.farStages(stages);
    const [first] = far;
    if (first === undefined || far.every((stage) => this.inlined.has(stage))) return super.sequential(stages);
    const name = this.file.partName(first, `${this.unit.name}Sequence`);
    return this.#part(name, stages, (part) => part.writeSequencePart(name, stages, far));
  }

  writeSequencePart(name: string, stages: readonly Stage[], far: readonly Stage[]): readonly string[] {
    for (const stage of far) this.inlined.add(stage);
    this.#constructSequence(stages, far, 'x');
    const declared = this.#arguments().map((argument) => argument.declared);
    return [
      `class ${name}(nn.Sequential):`,
      ...layoutDefinition('__init__', ['self', ...declared], 'None', 1),
      ...this.init.text(),
      ...this.#keptLines(),
      '',
      ...layoutDefinition('forward', ['self', 'x: torch.Tensor'], 'torch.Tensor', 1),
      ...this.body.text(),
    ];
  }

  override partExpression(stage: Stage, body: ParallelStage): string {
    const name = this.file.partName(stage, `${this.unit.name}Branches`);
    return this.#part(name, [stage], (part) => part.writePart(name, stage, body));
  }

  override runtimeExpression(stage: Stage, layer: Layer): string {
    const name = this.file.partName(stage, layer.name);
    return this.#part(name, [stage], (part) => part.writeRuntime(name, stage, layer));
  }

  /** A class for a part of this one: what it needs of this one's names it takes as arguments. */
  #part(name: string, stages: readonly Stage[], write: (part: ClassWriter) => readonly string[]): string {
    const own = loopsWithin(stages);
    const ends = [...own]
      .flatMap((stage) => this.unit.generic.loops.get(stage)?.running ?? [])
      .map(({ final }) => final);
    const asked = ends.filter((end) => this.before?.asked.has(end) === true || this.#askedOf.has(end));
    let part: ClassWriter;
    let lines: readonly string[] = [];
    let findings: Findings | undefined;
    // As a class is: the first writing finds out what is needed.
    for (let isSettled = false; !isSettled;) {
      part = new ClassWriter(this.file, this.unit, findings);
      part.#outer = this;
      for (const end of ends) part.#ends.add(end);
      for (const end of asked) {
        part.#askedOf.add(end);
        part.symbols.add(end);
      }
      const next = write(part);
      isSettled = findings !== undefined && next.join('\n') === lines.join('\n');
      ({ findings } = part);
      lines = next;
    }
    this.#parts.set(name, [...[...part!.#parts.values()].flat(), lines]);
    addAll(this.problems, part!.problems);
    const args = part!.#arguments().map(({ outer }) => outer());
    const text = `${name}(${args.join(', ')})`;
    if (part!.#telling.size === 0) return text;
    const local = this.hold(name, text);
    for (const [end, attr] of part!.#telling) {
      const read = `${local}.${attr}`;
      this.told.set(end, read);
      this.tell(end, attr, read);
    }
    return local;
  }
  #outer: ClassWriter | undefined;
  /** What the loops inside of this part end in, and what of that the class around it asks for. */
  readonly #ends = new Set<string>();
  readonly #askedOf = new Set<string>();
  /** By what they are: the attributes that are read. */
  readonly #telling = new Map<string, string>();

  override tell(size: string, wanted: string, text: string): void {
    if (!this.#askedOf.has(size)) return;
    const attr = this.#telling.get(size) ?? this.attributeName(wanted);
    this.#telling.set(size, attr);
    this.init.assign(attribute(attr), text);
  }

  /** What loops around this part carry, by what it is. */
  readonly #loopSizes = new Map<string, { readonly name: string; readonly size: Dimension }>();

  override loopSize(text: string): string {
    if (this.#outer === undefined || this.#ends.has(text)) return super.loopSize(text);
    return this.#outerSize(
      symbol(text),
      this.unit.generic.symbols.get(text)?.kind === 'index' ? 'index' : 'in_channels',
    );
  }

  /** In the arm that isn't taken, no loop has carried anything: the class around this part decides. */
  override chosenOutside(size: Dimension): string | undefined {
    const isOutside = (text: string): boolean =>
      this.unit.generic.symbols.get(text)?.kind === 'running' && !this.loopSymbols.has(text) && !this.#ends.has(text);
    return this.#outer !== undefined && [...symbolsOf(size)].some(isOutside)
      ? this.#outerSize(size, 'in_channels')
      : undefined;
  }

  #outerSize(size: Dimension, wanted: string): string {
    let known = this.#loopSizes.get(key(size));
    if (known === undefined) {
      known = { name: this.fresh(wanted), size };
      this.#loopSizes.set(key(size), known);
    }
    return known.name;
  }

  sizeOfSymbol(text: string): string {
    return this.size(symbol(text));
  }

  /** What a part takes: its declaration, and what it is outside. */
  #arguments(): readonly { readonly declared: string; readonly outer: () => string }[] {
    const outer = this.#outer;
    if (outer === undefined) return [];
    const sizes = [...this.sizes.values()].sort(bySize).map((size) => ({
      declared: `${size.name}: ${this.#sizeType(size)}`,
      outer: () =>
        size.given === undefined ? outer.sizeOfSymbol(size.symbol) : outer.givenArgument(size.symbol, size.given).name,
    }));
    const loops = [...this.#loopSizes.values()].map(({ name, size }) => ({
      declared: `${name}: int`,
      outer: () => outer.size(size),
    }));
    const bound = new Set([...this.sizes.values()].map(({ name }) => name));
    const names = [...this.mentioned]
      .filter((text) => !bound.has(this.nameOf(text)) && !this.entered.has(text))
      .map((text) => {
        const parameter = this.parameter(text);
        const declared = this.nameOf(text);
        return {
          declared: `${declared}: ${parameter === undefined ? 'int' : this.#annotation(parameter)}`,
          outer: () => {
            outer.mentioned.add(text);
            outer.bindings.add(text);
            return outer.nameOf(text);
          },
        };
      });
    return [...sizes, ...loops, ...names];
  }

  writePart(name: string, stage: Stage, body: ParallelStage): readonly string[] {
    for (const branch of body.branches) this.noteClassStages(branch);
    for (const branch of body.branches) this.constructBranch(branch);
    const count = this.inputsOf(stage).length;
    const inputs = count > 1 ? Array.from({ length: count }, (_, i) => this.fresh(`x${i + 1}`)) : ['x'];
    this.writeBranches(stage, body, inputs);
    return this.#partLines(name, inputs, 'tuple[torch.Tensor, ...]');
  }

  writeRuntime(name: string, stage: Stage, layer: Layer): readonly string[] {
    const [input, second] = this.inputsOf(stage);
    const several = second !== undefined;
    const inputs = several ? this.inputsOf(stage).map((_, i) => this.fresh(`x${i + 1}`)) : ['x'];
    this.runtime = this.#readingFrom(input, inputs[0] ?? 'x', stage.range);
    this.body.statement('return ', this.callText(stage, layer, inputs));
    return this.#partLines(name, inputs, 'torch.Tensor');
  }

  /** Expressions whose sizes are read from one tensor. */
  #readingFrom(input: Tensor | undefined, name: string, range: Range): Environment {
    const shape = input?.shape ?? [];
    const readWhole = (size: Dimension): string | undefined => {
      const whole = shape.findIndex((each) => key(each) === key(size));
      return whole >= 0 && constantValue(size) === undefined ? `${name}.shape[${whole}]` : undefined;
    };
    const read = (size: Dimension): string =>
      readWhole(size) ??
      printSize(size, {
        known: () => undefined,
        symbol: (text) => {
          const meaning = this.unit.generic.symbols.get(text);
          if (meaning?.kind === 'parameter' || meaning?.kind === 'loopVariable') {
            return this.keep(meaning.name, this.nameOf(meaning.name));
          }
          const place = placeOf(text, shape);
          if (place === undefined) {
            return this.impossible(
              range,
              'This needs a size of another tensor than the one that comes in: write this chain outside of the group.',
            );
          }
          return `${name}.shape[${place.axis}]${place.factor === 1n ? '' : ` // ${place.factor}`}`;
        },
        opaque: () => this.impossible(range, 'This needs a size that has no Python here.'),
      });
    const environment: Environment = {
      ...this.forwardEnvironment,
      size: (expression) => {
        const value = this.isSize(expression) ? this.valueOf(expression) : undefined;
        return value?.kind === 'int' ? read(value.value) : undefined;
      },
      // A size that comes in is read as such, however it was worked out before (`H // 2`).
      known: (expression) => {
        const value = this.valueOf(expression);
        const whole = value?.kind === 'int' ? readWhole(value.value) : undefined;
        return whole ?? this.forwardEnvironment.known(expression);
      },
      name: ({ text }, expression) => {
        const binding = this.numberBinding(text);
        const value = this.valueOf(expression);
        if (binding !== undefined && this.readsTensors(binding.value))
          return `(${printExpression(binding.value, environment)})`;
        if (binding !== undefined || this.parameter(text) !== undefined || this.isLoopVariable(text))
          return this.keep(text, this.nameOf(text));
        return value?.kind === 'int' ? read(value.value) : this.nameOf(text);
      },
    };
    return environment;
  }

  #partLines(name: string, inputs: readonly string[], result: string): string[] {
    const lines = [`class ${name}(nn.Module):`];
    const init = this.#initLines();
    const declared = this.#arguments().map((argument) => argument.declared);
    if (init.length > 0 || declared.length > 0) {
      lines.push(
        ...layoutDefinition('__init__', ['self', ...declared], 'None', 1),
        '        super().__init__()',
        ...init,
        '',
      );
    }
    lines.push(
      ...layoutDefinition('forward', ['self', ...inputs.map((input) => `${input}: torch.Tensor`)], result, 1),
      ...this.body.text(),
    );
    return lines;
  }

  override blockFactory(callee: Definition, args: readonly Argument[], source: Expression): string {
    const signature = this.file.signatureOf(callee);
    if (signature === undefined && callee.kind !== 'extern')
      return this.impossible(
        source.range,
        `Nothing builds ${callee.name.text}, and of what blocks mostly take it can’t be built: pass on another layer, or none.`,
        'unbuilt-layer',
      );
    if (signature === undefined) return super.blockFactory(callee, args, source);
    const written = this.blockArguments(signature, args);
    const named = written.map((text, i) => {
      const parameter = args[i]?.name === undefined ? signature.unit.definition.parameters[i] : undefined;
      return parameter === undefined
        ? text
        : `${signature.parameters.get(parameter.name.text)?.name ?? parameter.name.text}=${text}`;
    });
    const needs = signature.sizes.filter(({ place }) => place !== undefined).length;
    const { generic } = signature.unit;
    // Whoever calls it knows the sizes that come in; what follows no rule has to be the same in all uses.
    const layer = this.valueOf(source);
    const uses = layer?.kind === 'layer' ? this.file.usesOf(layer.layer, this.unit, this.passedTo) : [];
    const isBuilt = uses.length > 0;
    if (isBuilt && needs > this.factoryAxes.length) return super.blockFactory(callee, args, source);
    const last: string[] = [];
    for (const { name, given } of signature.sizes) {
      if (given === undefined) continue;
      const numbers = givenNumbers(isBuilt ? uses : generic.instances, given);
      if (numbers === undefined && isBuilt) return super.blockFactory(callee, args, source);
      if (numbers !== undefined) last.push(`${name}=${numbersText(numbers)}`);
    }
    return this.factory(signature.unit.name, needs, true, !isBuilt, (variables) => [...variables, ...named, ...last]);
  }

  override givenSize(stage: Stage, signature: Signature, argument: SizeArgument): string {
    const { symbol: inside, given } = argument;
    const rule = this.file.given(this.unit, stage, signature, inside);
    if (rule !== undefined) return this.size(rule);
    if (given === undefined) return super.givenSize(stage, signature, argument);
    const { generic, definition, plan } = this.unit;
    const there = { ...given, within: [stage, ...given.within] };
    const size = { ...there, loops: loopsOf(generic.instances, there) };
    const numbers = givenNumbers(generic.instances, size);
    if (numbers !== undefined) return `${numbersText(numbers)}${this.turnText(size)}`;
    // Each use of this class has numbers of its own: it passes them on.
    if (definition.kind === 'model' || generic.instances.some((each) => givenNumbers([each], size) === undefined))
      return super.givenSize(stage, signature, argument);
    return this.given(`${[...plan.stages.keys()].indexOf(stage)} ${inside}`, size);
  }
}

/** `int | Sequence[int] | None`; an int is a float too. */
function oneOf(types: readonly string[]): string {
  const all = new Set(types);
  if (all.has('float')) all.delete('int');
  if (all.delete('None')) all.add('None');
  return [...all].join(' | ');
}

/** in_channels, in_features, height, width, size_1, …; in the order of the inputs. */
function bySize(a: SizeArgument, b: SizeArgument): number {
  const rank = ({ place }: SizeArgument): number => {
    if (place === undefined) return 1000;
    return place.input * 100 + place.axis;
  };
  const order = ({ name }: SizeArgument): number => (/(?:channels|features)$/u.test(name) ? 0 : 1);
  const [x, y] = [a.place?.input ?? 1000, b.place?.input ?? 1000];
  return x - y || order(a) - order(b) || rank(a) - rank(b);
}

/** As many as a file has lines: more than a call takes as arguments. */
function addAll<T>(list: T[], more: readonly T[]): void {
  for (const each of more) list.push(each);
}
