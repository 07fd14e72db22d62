/** Names in PyTorch, planned from the text alone. What they come to in a state_dict is held by test/golden/names. */
import assert from 'node:assert/strict';
import type { Block, Model, SourceFile, Stage } from '../../server/src/core/definition.ts';
import { POSITION, type NamePlan, planNames, snakeCase } from '../../server/src/core/elaborate/names.ts';
import { whyReserved } from '../../server/src/core/elaborate/reserved.ts';
import { InstanceCache } from '../../server/src/core/elaborate/instanceCache.ts';
import { Session } from '../../server/src/core/elaborate/session.ts';
import { Linker } from '../../server/src/core/program.ts';
import { readSource } from '../../server/src/language/read.ts';

/** The plan of the text's last definition. */
function planOf(text: string): { readonly plan: NamePlan; readonly names: string } {
  const file: SourceFile = readSource('test.scv', text).file;
  const session = new Session(new Linker({ file: () => file, resolve: (_, path) => path }), new InstanceCache());
  const definition = file.definitions.at(-1) as Model | Block;
  const plan = planNames(definition, (name) => session.resolve(definition, name));
  // In the order of the text, the outer before the inner.
  const stages = [...plan.stages].sort(([a], [b]) => a.range.start - b.range.start || b.range.end - a.range.end);
  return { plan, names: stages.map(([stage, { name, module }]) => shown(stage, name, module)).join(' ') };
}

function shown(stage: Stage, name: unknown, module: string | undefined): string {
  const text = name === POSITION ? '#' : typeof name === 'string' ? name : name === undefined ? '-' : labelText(stage);
  return module === undefined ? text : `${text}:${module}`;
}

function labelText({ label }: Stage): string {
  return (label?.parts ?? []).map((part) => (typeof part === 'string' ? part : '{}')).join('');
}

function inModel(chain: string, parameters = ''): { readonly names: string; readonly codes: readonly string[] } {
  const { plan, names } = planOf(`model M${parameters} { input x: [N, 3, 8, 8]  output x -> ${chain} }`);
  return { names, codes: plan.problems.map(({ code }) => code) };
}

describe('names in PyTorch', () => {
  it('are after kinds in a class, the second with _2', () => {
    assert.equal(inModel('Conv2d(4, 1) -> BatchNorm2d -> ReLU -> Conv2d(4, 1)').names, 'conv bn relu conv_2');
  });

  it('pass over labels, wherever they stand, and what Python and nn.Module have', () => {
    assert.equal(inModel('Conv2d(4, 1) -> conv: Conv2d(4, 1) -> conv_2: Conv2d(4, 1)').names, 'conv_3 conv conv_2');
    const { names } = planOf('block Half { input x  output x -> ReLU }\nmodel M { input x: [N, 3]  output x -> Half }');
    assert.equal(names, 'half_2');
  });

  it('are positions in a group, a repetition and a block of one chain', () => {
    assert.equal(inModel('body: (Conv2d(4, 1) -> act: ReLU)').names, 'body:Sequential # act');
    assert.equal(inModel('Conv2d(4, 1) * 2').names, 'conv:Sequential');
    const { plan, names } = planOf('block B { input x  y = x -> Conv2d(4, 1)  output y -> ReLU * 2 }');
    assert.equal(plan.form, 'Sequential');
    assert.equal(plan.chain?.length, 2);
    assert.equal(names, '# #');
  });

  it('of a repetition are attributes where all labels have numbers', () => {
    assert.equal(inModel('for i in 0..3 { conv{i}: Conv2d(4, 1) -> bn{i}: BatchNorm2d }').names, '- conv{} bn{}');
    assert.equal(inModel('for i in 0..3 { conv{i}: Conv2d(4, 1) -> ReLU }').names, 'seq:Sequential conv{} #');
  });

  it('of a labelled `if` go to the one stage chosen', () => {
    assert.equal(
      inModel('a: if wide { Conv2d(4, 1) } else { Conv2d(4, 1) -> ReLU }', '(wide: bool = True)').names,
      'a:chosen a # #',
    );
  });

  it('of branches are a list, a dictionary, or as if each stood alone', () => {
    assert.equal(inModel('p: [ReLU, ReLU -> ReLU] -> Concat(1)').names, 'p:ModuleList # # # -');
    assert.equal(inModel('p: [a: ReLU, b: ReLU] -> Concat(1)').names, 'p:ModuleDict a b -');
    assert.equal(inModel('[ReLU, a: ReLU] -> Concat(1)').names, '- relu a -');
    assert.equal(inModel('g: ([ReLU, a: ReLU] -> Concat(1))').names, 'g:Sequential #:Module relu a #');
  });

  it('have problems of their own', () => {
    assert.deepEqual(inModel('a: ReLU -> a: ReLU').codes, ['label-clash']);
    assert.deepEqual(inModel('if c { a: ReLU } else { a: Tanh }', '(c: bool = True)').codes, []);
    assert.deepEqual(inModel('for i in 0..2 { a: ReLU }').codes, ['label-clash']);
    assert.deepEqual(inModel('train: ReLU').codes, ['label-reserved']);
    assert.deepEqual(inModel('append: ReLU').codes, []);
    assert.deepEqual(inModel('g: (append: ReLU)').codes, ['label-reserved']);
    assert.deepEqual(inModel('p: [a: ReLU, ReLU] -> Concat(1)').codes, ['label-mix']);
    assert.deepEqual(inModel('frozen ReLU').codes, ['frozen-unlabelled']);
  });

  it('are in snake case for blocks', () => {
    const cases = { HRModule: 'hr_module', MBConv: 'mb_conv', ResNet50: 'res_net50', UNet: 'u_net', ASPP: 'aspp' };
    for (const [name, wanted] of Object.entries(cases)) assert.equal(snakeCase(name), wanted);
  });

  it('are never what a module has itself', () => {
    assert.equal(whyReserved('lambda', 'Module'), 'is a keyword of Python');
    assert.match(whyReserved('forward', 'Module') ?? '', /nn\.Module/);
    assert.match(whyReserved('__init__', 'Module') ?? '', /nn\.Module/);
    assert.match(whyReserved('keys', 'ModuleDict') ?? '', /nn\.ModuleDict/);
    assert.equal(whyReserved('keys', 'Module'), undefined);
  });
});
