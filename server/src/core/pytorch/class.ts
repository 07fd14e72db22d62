/** One class: its head, `__init__` and `forward`. */
import type { Argument, Definition, Expression, Parameter, ParallelStage, Stage } from '../definition.ts';
import { portsOf } from '../elaborate/words.ts';
import type { Value } from '../value.ts';
import { Forward } from './forward.ts';
import { layoutDefinition } from './layout.ts';
import { docstring } from './python.ts';
import { type Findings, INIT } from './scope.ts';
import type { File, Signature, SizeArgument, Unit } from './unit.ts';

export interface WrittenClass {
  readonly signature: Signature;
  readonly lines: readonly string[];
  /** Classes that stand before it. */
  readonly parts: readonly (readonly string[])[];
  readonly findings: Findings | undefined;
}

export class ClassWriter extends Forward {
  readonly #parts: (readonly string[])[] = [];

  static blank(unit: Unit): WrittenClass {
    const parameters = new Map(unit.definition.parameters.map(({ name }) => [name.text, { name: name.text, keywordOnly: false }]));
    return { signature: { unit, sizes: [], parameters }, lines: [], parts: [], findings: undefined };
  }

  write(): WrittenClass {
    const { definition, plan, built } = this.unit;
    const isSequential = plan.form === 'Sequential';
    if (isSequential) {
      definition.statements.forEach((statement, part) => {
        this.part = part;
        if (statement.kind === 'binding' && statement.value.kind !== 'pipeline' && built.has(statement)) this.constructStatement(statement);
      });
      this.constructChain(plan.chain ?? []);
    } else {
      for (const stage of this.#stagesOfClass()) this.classStages.add(stage);
      definition.statements.forEach((statement, part) => {
        this.part = part;
        if (built.has(statement) || statement.kind === 'weight' || statement.kind === 'buffer') this.constructStatement(statement);
      });
      this.writeForward();
    }
    const signature = this.#signature();
    return { signature, lines: this.#lines(signature, isSequential), parts: this.#parts, findings: this.findings };
  }

  /** Stages that `forward` calls, not an `nn.Sequential`. */
  #stagesOfClass(): Stage[] {
    return [...this.unit.plan.stages].flatMap(([stage, { name }]) => (typeof name === 'symbol' ? [] : [stage]));
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
    const base = isSequential ? this.#sequentialBase() : 'nn.Module';
    const arguments_ = ['self', ...sizes.filter(({ place }) => place !== undefined).map((size) => `${size.name}: int`)];
    const declared = definition.parameters.map((parameter) => this.#parameter(parameter));
    const firstKeyword = definition.parameters.findIndex(({ name: each }) => parameters.get(each.text)?.keywordOnly === true);
    if (firstKeyword >= 0) declared.splice(firstKeyword, 0, '*');
    arguments_.push(...declared);
    const given = sizes.filter(({ place }) => place === undefined);
    if (given.length > 0 && firstKeyword < 0) arguments_.push('*');
    arguments_.push(...given.map((size) => `${size.name}: int`));

    const lines = [`class ${name}(${base}):`];
    const documentation = definition.documentation === undefined ? [] : docstring(definition.documentation, 1);
    lines.push(...documentation);
    const needsInit = this.init.lines.length > 0 || this.kept.size > 0 || arguments_.length > 1;
    if (needsInit) {
      if (documentation.length > 0) lines.push('');
      lines.push(...layoutDefinition('__init__', arguments_, 'None', 1));
      if (isSequential) {
        const superAt = this.init.lines.findIndex((line) => line.trimStart().startsWith('super().__init__('));
        void superAt;
        lines.push(...this.init.lines);
      } else lines.push('        super().__init__()', ...this.#initLines());
    }
    if (!isSequential) {
      if (lines.length > 1) lines.push('');
      const ports = portsOf(definition).map((port) => `${this.nameOf(port.name.text)}: torch.Tensor`);
      this.file.import('torch');
      lines.push(...layoutDefinition('forward', ['self', ...ports], this.#resultType(), 1), ...this.body.lines);
    }
    return lines;
  }

  #initLines(): string[] {
    const first: string[] = [];
    const last: string[] = [];
    const own = new Set(this.unit.definition.parameters.map(({ name }) => this.nameOf(name.text)));
    for (const [attr, text] of this.kept) {
      if (own.has(text)) first.push(`        self.${attr} = ${text}`);
      else {
        const before = this.init.lines.length;
        this.init.assign(`self.${attr}`, text);
        last.push(...this.init.lines.splice(before));
      }
    }
    return [...first, ...this.init.lines, ...last];
  }

  #sequentialBase(): string {
    return this.passesTuples(this.unit.plan.chain ?? []) ? this.file.helper('TupleSequential', () => []) : 'nn.Sequential';
  }

  #resultType(): string {
    const count = this.unit.generic.instance.outputs.length;
    if (count === 1) return 'torch.Tensor';
    return `tuple[${Array.from({ length: count }, () => 'torch.Tensor').join(', ')}]`;
  }

  #parameter(parameter: Parameter): string {
    const { name, default: standard } = parameter;
    const type = this.#annotation(parameter);
    const text = standard === undefined ? '' : ` = ${this.#default(parameter, standard)}`;
    return `${this.nameOf(name.text)}: ${type}${text}`;
  }

  #default(parameter: Parameter, standard: Expression): string {
    if (standard.kind === 'list') return `(${standard.items.map((item) => this.print(item, INIT)).join(', ')}${standard.items.length === 1 ? ',' : ''})`;
    const outer = this.factoryAxes;
    this.factoryAxes = this.file.protocol(this.unit.definition, parameter.name.text);
    const text = this.#isLayer(parameter) ? this.#layerDefault(standard) : this.print(standard, INIT);
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
    const name = standard.kind === 'name' ? standard.name : standard.kind === 'call' ? standard.callee : undefined;
    const callee = name === undefined ? undefined : this.unit.resolve(name.text);
    if (callee?.kind === 'layer') {
      return this.layerFactory({ callee: callee.layer, arguments: new Map(), source: standard, writtenIn: this.unit.definition.id }, standard);
    }
    return this.print(standard, INIT);
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
        this.file.import('Sequence');
        return 'Sequence[int]';
      case 'layer':
        return this.#callable();
      default: {
        return this.#typeOf(this.example(parameter.name.text), parameter);
      }
    }
  }

  #callable(): string {
    this.file.import('Callable');
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
      case 'list':
        this.file.import('Sequence');
        return 'Sequence[int]';
      case 'layer':
        return this.#callable();
      default:
        return 'object';
    }
  }

  // -------------------------------------------------------------------------------------------- parts

  override partExpression(stage: Stage, body: ParallelStage): string {
    void body;
    return this.impossible(stage.range, 'Branches without a label inside a group have no Python yet: give them a label.');
  }

  override givenSize(stage: Stage, signature: Signature, symbol: string): string {
    const found = (this.file as File & { given(user: Unit, stage: Stage, signature: Signature, symbol: string): bigint | undefined }).given(this.unit, stage, signature, symbol);
    return found === undefined ? super.givenSize(stage, signature, symbol) : String(found);
  }

  override blockFactory(callee: Definition, args: readonly Argument[], source: Expression): string {
    return super.blockFactory(callee, args, source);
  }
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
