/** A call of a layer or block as the expression that constructs its module. */
import type { Argument, CallStage, Definition, Stage } from '../../definition.ts';
import type { Layer } from '../../layers/layer.ts';
import { isForwarded } from '../modules.ts';
import { attribute } from '../python.ts';
import { INIT, NO_RULE, bindArguments, placeOfStage } from '../scope.ts';
import type { Signature, SizeArgument } from '../unit.ts';
import { externExpression } from './externs.ts';
import { Loops } from './loops.ts';

export class Calls extends Loops {
  callExpression(stage: Stage, body: CallStage): string {
    const name = body.callee.text;
    const args = body.arguments ?? [];
    if (this.parameter(name) !== undefined) {
      this.mentioned.add(name);
      return `${this.nameOf(name)}(${this.#protocolArguments(stage, name).join(', ')})`;
    }
    const callee = this.unit.resolve(name);
    switch (callee.kind) {
      case 'shared':
        return attribute(name);
      case 'layer':
        return this.#layerExpression(stage, callee.layer, args);
      case 'definition':
        return callee.definition.kind === 'extern'
          ? externExpression(this, stage, callee.definition, args)
          : this.#blockExpression(stage, callee.definition, args);
      case 'parameter':
      case 'unknown':
        return this.impossible(body.callee.range, `There is no layer called ${name}.`);
    }
  }

  #protocolArguments(stage: Stage, name: string): string[] {
    const [input] = this.inputsOf(stage);
    return this.file.protocol(this.unit.definition, name).map((axis) => {
      const size = input?.shape?.at(axis);
      return size === undefined ? 'None' : this.size(size);
    });
  }

  #layerExpression(stage: Stage, layer: Layer, args: readonly Argument[]): string {
    const node = this.nodeOf(stage);
    const { python } = layer;
    if (this.inlined.has(stage)) return 'nn.Identity()';
    if (this.isRuntime(layer, args)) return this.runtimeExpression(stage, layer, args);
    if (python.kind === 'function') return this.#functionExpression(layer, args);
    const types = this.typesOf(stage);
    const isFirst =
      node?.kind === 'layer' &&
      (stage.count !== undefined || !this.isInClass(stage)) &&
      (node.outputs.length > 1 || isForwarded(layer, types));
    const constructor = isFirst ? this.file.firstOutput(layer, types) : this.file.constructorOf(layer);
    const place = placeOfStage(stage);
    const texts = this.constructorArguments(layer, args, (parameter) => this.inferredText(place, parameter), place);
    return `${constructor}(${texts.join(', ')})`;
  }

  /** A tensor function as a module. */
  #functionExpression(layer: Layer, args: readonly Argument[]): string {
    const { python } = layer;
    if (python.kind !== 'function') return 'None';
    const texts = this.constructorArguments(layer, oneByOne(layer, args), () => undefined);
    if (python.module !== undefined) return `${python.module}(${texts.join(', ')})`;
    const name = this.file.functionModule(layer, [...bindArguments(layer, args).keys()]);
    return `${name}(${texts.join(', ')})`;
  }

  /** Stages whose call stands in the `forward` of an `nn.Sequential` of its own: at their positions stands nothing. */
  readonly inlined = new Set<Stage>();

  /** Stages that need a size of another tensor than the one that comes in. */
  farStages(stages: readonly Stage[]): readonly Stage[] {
    return stages.filter((stage) => {
      const { body } = stage;
      if (body.kind !== 'call' || stage.count !== undefined) return false;
      const callee = this.unit.resolve(body.callee.text);
      const args = body.arguments ?? [];
      if (callee.kind !== 'layer' || this.parameter(body.callee.text) !== undefined) return false;
      return this.isRuntime(callee.layer, args) && !this.isNear(stage, callee.layer, args);
    });
  }

  /** A call that reads sizes from what comes in, as a module; overridden where classes are written. */
  runtimeExpression(stage: Stage, layer: Layer, _args: readonly Argument[]): string {
    return this.impossible(stage.range, `${layer.name} needs a size here that is known only when the model runs.`);
  }

  /** A block's class with the sizes that it takes. */
  #blockExpression(stage: Stage, definition: Definition, args: readonly Argument[]): string {
    const signature = this.file.signature(this.unit, stage);
    if (signature === undefined)
      return this.impossible(stage.range, `${definition.name.text} is used in a way that has no Python.`);
    const inputs = this.inputsOf(stage);
    const sizes: string[] = [];
    const last: string[] = [];
    for (const argument of signature.sizes) {
      const { name, place } = argument;
      if (place === undefined) {
        last.push(`${name}=${this.givenSize(stage, signature, argument)}`);
        continue;
      }
      const size = inputs[place.input]?.shape?.[place.axis];
      sizes.push(this.sizeAt(stage, size, (node) => node.inputs[place.input]?.shape?.[place.axis]));
    }
    const outer = this.passedTo;
    this.passedTo = stage;
    const given = this.blockArguments(signature, args);
    this.passedTo = outer;
    return `${signature.unit.name}(${[...sizes, ...given, ...last].join(', ')})`;
  }

  /** What a size without a generic form is in all uses of this stage. */
  givenSize(stage: Stage, _signature: Signature, _argument: SizeArgument): string {
    return this.impossible(stage.range, `A size in this block ${NO_RULE}`);
  }

  blockArguments({ unit, parameters }: Signature, args: readonly Argument[]): string[] {
    const declared = unit.definition.parameters;
    const firstKeyword = declared.findIndex((each) => parameters.get(each.name.text)?.keywordOnly === true);
    return args.map(({ name, value }, i) => {
      const parameter = name === undefined ? declared[i] : declared.find((each) => each.name.text === name.text);
      if (parameter === undefined) return this.print(value, INIT);
      const python = parameters.get(parameter.name.text);
      const isLayer = this.valueOf(value)?.kind === 'layer';
      const outer = this.factoryAxes;
      if (isLayer) this.factoryAxes = this.file.protocol(unit.definition, parameter.name.text);
      const isInt = parameter.type?.text === 'int' || this.valueOf(value)?.kind === 'int';
      const text = isInt ? this.printInt(value) : this.print(value, INIT);
      this.factoryAxes = outer;
      return name !== undefined || (firstKeyword >= 0 && i >= firstKeyword)
        ? `${python?.name ?? parameter.name.text}=${text}`
        : text;
    });
  }
}

/** Sizes that are taken one by one, written so where they are a list: the class takes `*dims`. */
function oneByOne(layer: Layer, args: readonly Argument[]): readonly Argument[] {
  const [only, second] = args;
  const isOneByOne = Object.values(layer.parameters).some(({ variadic }) => variadic === true);
  if (!isOneByOne || only?.name === undefined || second !== undefined) return args;
  const { value, range } = only;
  return value.kind === 'list' || value.kind === 'tuple'
    ? value.items.map((item) => ({ value: item, range: item.range }))
    : [{ value, range }];
}
