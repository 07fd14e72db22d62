/**
 * Every layer against PyTorch: the same shapes, weights and multiply-adds, or both refuse. What a file of ours brings with
 * it does as torchvision's class of that name does, with the same weights.
 *
 * SCV_SEED repeats a run, SCV_CASES says how many cases a layer (20), SCV_LAYER names one layer.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LAYERS } from '../../server/src/core/layers/catalogue.ts';
import type { Layer, PythonModule } from '../../server/src/core/layers/layer.ts';
import type { Parameter } from '../../server/src/core/layers/parameters.ts';
import { type Case, makeCase } from './layers/cases.ts';
import { isChoice } from './layers/choices.ts';
import { OUR_DEFAULTS, TORCHVISION, difference, ours, symbolicDifference, toTorch } from './layers/compare.ts';
import { toPython } from './layers/literal.ts';
import { Torch } from './layers/process.ts';
import { Random } from '../random.ts';
import { simpler } from './layers/simpler.ts';
import { UNCOUNTED } from './layers/uncounted.ts';
import { SEED, caseCount } from '../scale.ts';

const seed = SEED;
const count = caseCount(20, 200);
const kept = JSON.parse(readFileSync(new URL('layers/kept.json', import.meta.url), 'utf8')) as Case[];

describe(`layers as PyTorch has them (SCV_SEED=${seed})`, function () {
  this.timeout(0);
  let torch: Torch;
  before(async () => {
    torch = await Torch.start();
  });
  after(() => torch.stop());

  async function differences(cases: readonly Case[]): Promise<(string | undefined)[]> {
    const answers = await torch.ask(cases.map(toTorch));
    return cases.map((given, i) => {
      const mine = ours(given);
      const answer = answers[i]!;
      if (answer.error === undefined && isChoice(mine.errors[0], given)) return undefined;
      return difference(mine, answer) ?? symbolicDifference(given, mine, new Random(seed, JSON.stringify(given)));
    });
  }

  async function simplest(given: Case, found: string): Promise<[Case, string]> {
    for (const next of simpler(given)) {
      const [still] = await differences([next]);
      if (still !== undefined && kindOf(still) === kindOf(found)) return simplest(next, still);
    }
    return [given, found];
  }

  it("have torch's parameters, in its order, with its defaults", async () => {
    for (const layer of LAYERS) {
      const inTorchvision = TORCHVISION[layer.name];
      if (layer.python.kind !== 'module' && inTorchvision === undefined) continue;
      const told = await torch.signature(inTorchvision ?? (layer.python as PythonModule).constructor);
      assert.ok(told.parameters, told.error);
      // Torch doesn't say more of those: `*args, **kwargs`.
      if (told.parameters.some(({ name }) => name === 'args')) continue;
      const parameters = Object.entries(layer.parameters);
      const mine = parameters
        .filter(([, { ofCall }]) => ofCall !== true)
        .map(([name, parameter]) => ({
          name,
          default: defaultOf(parameter),
          keywordOnly: parameter.keywordOnly ?? false,
        }));
      const isHere = ({ name }: { readonly name: string }): boolean => NOT_HERE[layer.name]?.includes(name) !== true;
      // A function takes its tensors beside them.
      const its = told.parameters.filter(({ name }) => layer.kind === 'module' || !layer.inputs.names.includes(name));
      const firstLeftOut = its.findIndex((each) => !isHere(each));
      const theirs = its
        // What stands behind one that is left out has another place in torch.
        .map((each, i) => (firstLeftOut >= 0 && i > firstLeftOut ? { ...each, keywordOnly: true } : each))
        .filter(isHere)
        .map((each) => ({ ...each, default: asNumber(each.default) }));
      const ours = { ...OUR_DEFAULTS[layer.name] };
      assert.deepEqual(
        mine,
        theirs.map((each) => ({ ...each, default: ours[each.name] ?? each.default })),
        layer.name,
      );
      const ofCall = parameters.filter(([, parameter]) => parameter.ofCall === true);
      if (ofCall.length === 0) continue;
      const forward = await torch.signature(`${(layer.python as PythonModule).constructor}.forward`);
      assert.deepEqual(
        [...layer.inputs.names, ...ofCall.map(([name, parameter]) => `${name}=${defaultOf(parameter)}`)],
        forward.parameters?.map(({ name, default: standard }) => (standard === null ? name : `${name}=${standard}`)),
        layer.name,
      );
    }
  });

  it("have the arguments of torch's functions, in their order, with their defaults", async () => {
    const said = new Set<string>();
    for (const layer of LAYERS) {
      if (layer.kind !== 'function' || layer.name === OWN_FUNCTION || layer.name in TORCHVISION) continue;
      // Its page is named after the function.
      const name = /\/torch\.([\w.]+)\.html$/.exec(layer.documentation)?.[1];
      assert.ok(name !== undefined, layer.documentation);
      const { overloads, error } = await torch.overloads(name);
      assert.ok(overloads, `${layer.name}: ${error}`);
      const mine = Object.entries(layer.parameters).map(([parameter, entry]) => {
        const other = SAID_OTHERWISE[`${layer.name}.${parameter}`];
        if (other !== undefined) said.add(`${layer.name}.${parameter}`);
        const standard = defaultOf(entry);
        return other ?? (standard === null ? parameter : `${parameter}=${standard}`);
      });
      const theirs = overloads.map((overload) =>
        overload
          .filter(
            (each) => !each.type.includes('Tensor') && !['self', 'input', ...layer.inputs.names].includes(each.name),
          )
          .filter((each) => !NOT_OURS.includes(each.name))
          .map((each) => (each.default === null ? each.name : `${each.name}=${asNumber(each.default)}`)),
      );
      assert.ok(
        theirs.some((each) => JSON.stringify(each) === JSON.stringify(mine)),
        `${layer.name} takes ${mine.join(', ')}; torch.${name} ${theirs.map((each) => each.join(', ')).join(' | ')}`,
      );
    }
    assert.deepEqual([...said].sort(), Object.keys(SAID_OTHERWISE).sort());
  });

  it("need what is written of torch's counter", async () => {
    for (const { layer: name, covers } of UNCOUNTED) {
      const random = new Random(seed, `${name} uncounted`);
      const layer = LAYERS.find((each) => each.name === name)!;
      const cases = Array.from({ length: 300 }, () => makeCase(layer, random)).filter(
        (given) => covers(given) && ours(given).errors.length === 0,
      );
      const answers = await torch.ask(cases.map((given) => ({ ...toTorch(given), counted: undefined })));
      assert.ok(
        cases.some((given, i) => difference(ours(given), answers[i]!)?.includes(' MACs, in torch ')),
        `${name}: torch counts it now`,
      );
    }
  });

  for (const layer of LAYERS.filter(({ name }) => (process.env.SCV_LAYER ?? name) === name)) {
    it(layer.name, async () => {
      const random = new Random(seed, layer.name);
      const cases = [
        ...kept.filter((each) => each.layer === layer.name),
        ...Array.from({ length: count }, () => makeCase(layer, random)),
      ];
      const found = await differences(cases);
      const first = found.findIndex((each) => each !== undefined);
      if (first < 0) {
        if (count >= 200) checkCoverage(layer, cases);
        return;
      }
      const [given, what] = await simplest(cases[first]!, found[first]!);
      const number = found.filter((each) => each !== undefined).length;
      assert.fail(
        `${what}\n${JSON.stringify(given)}\n${toTorch(given).module ?? ''} ${toTorch(given).forward}\n${number} of ${cases.length} cases`,
      );
    });
  }
});

/** As Python's repr has it. */
function defaultOf({ torchDefault, default: standard }: Parameter<unknown>): string | null {
  return asNumber(torchDefault ?? standard?.replaceAll('"', "'") ?? null);
}

/** Torch writes some defaults of floats as ints. */
function asNumber(standard: string | null): string | null {
  return standard !== null && /^-?\d+\.0$/.test(standard) ? standard.slice(0, -2) : standard;
}

/** A slice is Python's, not a function of torch. */
const OWN_FUNCTION = 'Slice';

/** Where torch has several forms for what is one here, or names that its pages don't use. */
const SAID_OTHERWISE: Readonly<Partial<Record<string, string>>> = {
  // Without a dim they are forms of their own.
  'Squeeze.dim': 'dim',
  'Max.dim': 'dim',
  'Min.dim': 'dim',
  'Mean.dim': 'dim',
  'Sum.dim': 'dim',
  'Roll.dims': 'dims=[]',
  'Expand.sizes': 'size',
  // -1 looks at the values.
  'OneHot.num_classes': 'num_classes=-1',
};

/** What is the same for all functions, or says how a gradient is held. */
const NOT_OURS = [
  'dtype',
  'layout',
  'device',
  'pin_memory',
  'memory_format',
  'generator',
  'out',
  'implicit',
  'sparse_grad',
  // opt_einsum's.
  'path',
];

/** Parameters of torch's that no model is written with: what they replace is older, or comes from outside. */
const NOT_HERE: Readonly<Partial<Record<string, readonly string[]>>> = {
  Embedding: ['_weight', '_freeze'],
  EmbeddingBag: ['_weight'],
  FractionalMaxPool2d: ['_random_samples'],
  FractionalMaxPool3d: ['_random_samples'],
  SyncBatchNorm: ['process_group'],
  Hardtanh: ['min_value', 'max_value'],
};

/** The part of a difference that has no numbers, so that a case isn't made simpler into another mistake. */
function kindOf(what: string): string {
  return what.slice(0, 12);
}

/** Enough of the cases must be legal, and each argument must be seen off its default. */
function checkCoverage(layer: Layer, cases: readonly Case[]): void {
  const legal = cases.filter((given) => ours(given).errors.length === 0);
  assert.ok(legal.length >= 0.4 * cases.length, `only ${legal.length} of ${cases.length} cases are legal`);
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    if (parameter.infer !== undefined || parameter.choices?.length === 1) continue;
    const seen = legal.filter((given) => {
      const literal = given.arguments[name];
      return literal !== undefined && toPython(literal) !== parameter.default;
    });
    assert.ok(seen.length >= 20, `${name} is off its default in only ${seen.length} legal cases`);
  }
}
