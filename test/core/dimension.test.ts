import { SEED, caseCount, isLong } from '../scale.ts';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import {
  add,
  agree,
  and,
  compare,
  conditionKey,
  conjunction,
  constant,
  constantValue,
  decided,
  equal,
  evaluate,
  evaluateCondition,
  exactDivide,
  explain,
  FALSE,
  floorDivide,
  format,
  formatCondition,
  formatFactored,
  formatPython,
  key,
  lowerBound,
  maximum,
  minimum,
  modulo,
  multiply,
  negate,
  not,
  ONE,
  opaque,
  opaqueCondition,
  or,
  power,
  product,
  select,
  structure,
  substitute,
  subtract,
  sum,
  symbol,
  symbolsOf,
  TRUE,
  upperBound,
  ZERO,
  type Comparison,
  type Condition,
  type Dimension,
  type OpaquePrinter,
} from '../../server/src/core/dimension.ts';
import { parse, truth, value, type Environment } from './dimensionText.ts';

const seed = SEED;
const runs = (numRuns: number): fc.Parameters<unknown> => ({ seed, numRuns: caseCount(numRuns, 25 * numRuns) });

const H = symbol('H', 1n);
const W = symbol('W', 1n);
const N = symbol('N', 1n);
const p = symbol('p');
const n = constant;
const times = (d: Dimension, factor: number): Dimension => multiply(d, n(factor));
const plus = (d: Dimension, offset: number): Dimension => add(d, n(offset));
const over = (d: Dimension, divisor: number): Dimension => floorDivide(d, n(divisor));

/** A convolution's or pool's size. */
function slide(size: Dimension, kernel: number, stride: number, padding: number): Dimension {
  return plus(over(plus(size, 2 * padding - kernel), stride), 1);
}

function repeated(size: Dimension, count: number, step: (size: Dimension) => Dimension): Dimension {
  let result = size;
  for (let i = 0; i < count; i++) result = step(result);
  return result;
}

describe('dimension', () => {
  before(() => {
    console.log(`    SCV_SEED=${String(seed)}`);
  });

  describe('normal form', () => {
    const cases: readonly [string, Dimension, string][] = [
      ['7x7 convolution, stride 2', slide(H, 7, 2, 3), '(H - 1) // 2 + 1'],
      ['3x3 convolution that keeps the size', slide(H, 3, 1, 1), 'H'],
      ['2x2 pool', slide(H, 2, 2, 0), 'H // 2'],
      ['3x3 pool without padding', slide(H, 3, 2, 0), '(H - 1) // 2'],
      ['patches', slide(H, 16, 16, 0), 'H // 16'],
      ['4x4 convolution of stride 4 with padding', slide(H, 7, 4, 2), '(H - 3) // 4 + 1'],
      ['four pools', repeated(H, 4, (h) => slide(h, 2, 2, 0)), 'H // 16'],
      ['ResNet', repeated(slide(H, 7, 2, 3), 4, (h) => slide(h, 3, 2, 1)), '(H - 1) // 32 + 1'],
      ['ResNet by 1x1 shortcuts', repeated(slide(H, 7, 2, 3), 4, (h) => slide(h, 1, 2, 0)), '(H - 1) // 32 + 1'],
      [
        'U-Net, down and up',
        times(
          repeated(H, 4, (h) => over(h, 2)),
          16,
        ),
        'H // 16 * 16',
      ],
      ['rounded up', negate(over(negate(H), 2)), '(H - 1) // 2 + 1'],
      ['even quotient', over(plus(times(H, 2), 4), 2), 'H + 2'],
      ['rounded constant', over(plus(times(H, 4), 2), 4), 'H'],
      ['common divisor', over(plus(times(H, 6), 5), 4), '3 * H // 2 + 1'],
      ['nested quotients', over(plus(over(plus(H, 1), 2), 1), 3), '(H - 3) // 6 + 1'],
      ['quotient and remainder', add(times(over(H, 7), 7), modulo(H, n(7))), 'H'],
      ['remainder', modulo(H, n(4)), 'H % 4'],
      ['remainder of a sum', modulo(plus(H, 7), n(4)), '(H - 1) % 4'],
      ['remainder below the divisor', over(modulo(H, n(4)), 8), '0'],
      ['remainder of a remainder', modulo(modulo(H, n(12)), n(4)), 'H % 4'],
      ['the sign of a product', over(subtract(n(8), H), 2), '3 - (H - 1) // 2'],
      ['DenseNet', plus(times(symbol('i'), 32), 64), '32 * i + 64'],
      ['sum in one order', sum([W, N, n(2), H, W]), 'H + N + 2 * W + 2'],
      ['cancelling', subtract(add(H, W), H), 'W'],
      ['tokens', plus(multiply(over(H, 16), over(W, 16)), 1), 'H // 16 * (W // 16) + 1'],
      ['windows', over(multiply(H, W), 49), 'H * W // 49'],
      ['positive first', subtract(n(8), H), '8 - H'],
      ['negative', negate(over(H, 2)), '-(H // 2)'],
      ['square', multiply(H, H), 'H ** 2'],
      ['negative square', negate(multiply(H, H)), '-(H ** 2)'],
      ['divisor with a symbol', floorDivide(product([H, W, n(6)]), times(W, 3)), '2 * H'],
      ['part of a divisor with a symbol', floorDivide(add(multiply(p, W), H), W), 'p + H // W'],
      ['polynomials', floorDivide(subtract(multiply(H, H), ONE), plus(H, 1)), 'H - 1'],
      ['minimum by bounds', minimum(H, plus(H, 2), n(0)), '0'],
      ['maximum by bounds', maximum(over(H, 2), H, ONE), 'H'],
      ['minimum', minimum(n(7), over(H, 2), n(9)), 'min(H // 2, 7)'],
      ['equal arms', select(compare('==', p, ONE), H, H), 'H'],
      ['decided', select(compare('>=', H, ONE), H, W), 'H'],
      ['select', select(compare('!=', p, ONE), times(H, 2), W), 'if p != 1 { 2 * H } else { W }'],
    ];
    for (const [what, d, text] of cases) {
      it(`${what}: ${text}`, () => {
        assert.equal(format(d), text);
      });
    }

    const steps = (size: Dimension): Dimension => plus(over(plus(size, -1), 2), 1);
    const products: [Dimension, string][] = [
      [multiply(n(9408), multiply(steps(H), steps(W))), '9408 * ((H - 1) // 2 + 1) * ((W - 1) // 2 + 1)'],
      [
        sum([multiply(n(5), multiply(plus(H, 3), plus(W, -7))), multiply(n(3), multiply(steps(H), steps(W))), n(2048)]),
        '5 * (H + 3) * (W - 7) + 3 * ((H - 1) // 2 + 1) * ((W - 1) // 2 + 1) + 2048',
      ],
      [plus(subtract(H, multiply(p, plus(W, -1))), 7), 'H - p * (W - 1) + 7'],
      [plus(times(H, -2), -4), '-2 * (H + 2)'],
      [multiply(plus(H, 1), plus(H, 1)), '(H + 1) ** 2'],
      [plus(H, 1), 'H + 1'],
      [subtract(ONE, H), '1 - H'],
      [plus(multiply(H, W), 1), 'H * W + 1'],
    ];
    for (const [d, text] of products) {
      it(`factored: ${text}`, () => {
        assert.equal(formatFactored(d), text);
      });
    }

    it('is the same whatever way it was written', () => {
      assert.equal(key(plus(over(plus(H, 6 - 7), 2), 1)), key(plus(over(plus(H, -1), 2), 1)));
      assert.equal(key(select(compare('<', p, ONE), H, W)), key(select(compare('>=', p, ONE), W, H)));
      assert.equal(key(minimum(p, minimum(H, n(3)))), key(minimum(n(3), H, p)));
      assert.notEqual(key(symbol('H*W')), key(multiply(H, W)));
    });

    it('has constants of any size', () => {
      const large = 2n ** 70n;
      assert.equal(constantValue(multiply(n(large), n(large))), large * large);
      assert.equal(constantValue(floorDivide(n(-7), n(2))), -4n);
      assert.equal(constantValue(modulo(n(7), n(-2))), -1n);
      assert.equal(power(H, n(-1)), undefined);
      assert.equal(power(n(10), n(10n ** 10n)), undefined);
      assert.throws(() => n(0.5), RangeError);
    });

    it('keeps a division by zero', () => {
      const zero = floorDivide(H, ZERO);
      assert.equal(
        evaluate(zero, () => 1n),
        undefined,
      );
      assert.ok(equal(multiply(zero, ZERO), zero));
      assert.equal(
        evaluate(
          substitute(multiply(p, modulo(H, p)), () => ZERO),
          () => 1n,
        ),
        undefined,
      );
      assert.equal(decided(compare('==', zero, zero)), undefined);
    });
  });

  describe('opaque terms', () => {
    const scaled = opaque('int(p * 0.75)', ['p'], (lookup) => {
      const known = lookup('p');
      return known === undefined ? undefined : (known * 3n) / 4n;
    });

    it('are evaluated once all is known', () => {
      const bound = substitute(plus(scaled, 1), () => times(H, 4));
      assert.deepEqual([...symbolsOf(bound)], ['H']);
      assert.equal(constantValue(substitute(bound, () => n(2))), 7n);
      assert.equal(
        evaluate(bound, () => 2n),
        7n,
      );
      assert.notEqual(key(bound), key(plus(scaled, 1)));
    });

    it('cancel like any other', () => {
      assert.equal(format(subtract(times(scaled, 3), scaled)), '2 * int(p * 0.75)');
      assert.equal(agree(scaled, H).kind, 'when');
    });
  });

  describe('conditions', () => {
    const cases: readonly [Condition, string][] = [
      [compare('==', times(H, 2), n(6)), '2 * H == 6'],
      [compare('==', times(H, 2), n(5)), 'False'],
      [compare('<', ZERO, H), 'True'],
      [compare('<', n(3), H), 'H > 3'],
      [compare('>=', subtract(H, over(H, 2)), ZERO), 'True'],
      [compare('<=', H, multiply(H, W)), 'True'],
      [not(compare('<', p, ONE)), 'p >= 1'],
      [or(compare('!=', p, ONE), compare('!=', H, times(W, 4))), 'p != 1 or H != 4 * W'],
      [and(compare('==', p, ONE), compare('!=', p, ONE)), 'False'],
      [and(TRUE, or(FALSE, compare('==', p, ONE))), 'p == 1'],
      [and(compare('==', p, ONE), or(compare('>', H, n(3)), compare('>', W, n(3)))), 'p == 1 and (H > 3 or W > 3)'],
    ];
    for (const [condition, text] of cases) {
      it(text, () => {
        assert.equal(formatCondition(condition), text);
      });
    }

    it('have one key for one meaning', () => {
      assert.equal(conditionKey(compare('==', times(H, 2), n(6))), conditionKey(compare('==', n(3), H)));
      assert.equal(conditionKey(compare('<', H, n(4))), conditionKey(not(compare('>', H, n(3)))));
    });
  });

  describe('agreement', () => {
    const unet = times(
      repeated(H, 4, (h) => over(h, 2)),
      16,
    );
    const cases: readonly [Dimension, Dimension, string][] = [
      [slide(H, 3, 2, 1), slide(H, 1, 2, 0), 'always'],
      [slide(H, 3, 2, 1), slide(H, 7, 2, 3), 'always'],
      [repeated(H, 5, (h) => slide(h, 3, 2, 1)), plus(over(plus(H, -1), 32), 1), 'always'],
      [times(over(H, 2), 2), plus(times(over(H, 2), 2), 1), 'never'],
      [unet, H, 'H divisible by 16'],
      [slide(H, 3, 2, 1), slide(H, 2, 2, 0), 'H even'],
      [repeated(H, 3, (h) => slide(h, 3, 2, 1)), repeated(H, 3, (h) => slide(h, 2, 2, 0)), 'H divisible by 8'],
      [
        times(
          repeated(H, 3, (h) => slide(h, 3, 2, 1)),
          8,
        ),
        H,
        'H divisible by 8',
      ],
      [slide(H, 3, 1, 0), H, 'never'],
      [slide(H, 4, 2, 1), over(H, 2), 'always'],
      [modulo(H, n(8)), n(4), 'H % 8 == 4'],
      [times(over(H, 2), 2), plus(H, -1), 'H odd'],
      [H, n(224), 'H == 224'],
      [ZERO, H, 'never'],
      [over(H, 32), n(7), '224 <= H <= 255'],
      [multiply(H, H), n(49), 'H == 7'],
      [multiply(H, H), n(50), 'never'],
      [multiply(plus(H, -3), plus(H, -5)), ZERO, 'H in {3, 5}'],
      [multiply(p, p), n(9), 'p in {-3, 3}'],
      [power(p, n(3)) ?? ZERO, times(p, 4), 'p in {-2, 0, 2}'],
      [modulo(multiply(H, H), n(8)), ONE, 'H odd'],
      [modulo(H, n(4)), modulo(times(H, 3), n(4)), 'H even'],
      [modulo(multiply(H, H), n(3)), ONE, 'H not divisible by 3'],
      [modulo(multiply(H, H), n(5)), n(4), 'H % 5 in {2, 3}'],
      [over(H, 8), times(over(H, 16), 2), 'H % 16 < 8'],
      [maximum(H, n(1000000)), H, 'H >= 1000000'],
      [maximum(H, n(1000000)), n(1000000), 'H <= 1000000'],
      [maximum(p, ZERO), p, 'p >= 0'],
      [minimum(times(over(H, 4), 4), n(8)), H, 'H in {4, 8}'],
      [maximum(times(over(H, 4), 4), n(6)), H, 'H == 6, or H divisible by 4 and H >= 8'],
      [times(over(p, 4), 4), p, 'p divisible by 4'],
      [multiply(N, times(over(H, 2), 2)), multiply(N, H), 'H even'],
      [multiply(plus(N, 3), times(over(H, 2), 2)), multiply(plus(N, 3), H), 'H even'],
      [add(W, over(H, 4)), add(W, n(3)), '12 <= H <= 15'],
      [over(add(times(H, 5), W), 4), add(H, over(add(H, W), 4)), 'always'],
      [modulo(sum([multiply(H, H), H, times(W, 2)]), n(2)), ONE, 'never'],
      [add(times(H, 2), times(W, 4)), n(7), 'never'],
      [add(H, W), ONE, 'never'],
      [times(over(multiply(H, W), 49), 49), multiply(H, W), 'H * W // 49 * 49 == H * W'],
      [times(multiply(over(H, 2), over(W, 2)), 4), multiply(H, W), 'H // 2 * (W // 2) * 4 == H * W'],
      [times(over(H, 100003), 100003), H, 'H // 100003 * 100003 == H'],
      [floorDivide(plus(H, 3), H), n(2), '(H + 3) // H == 2'],
    ];
    for (const [a, b, text] of cases) {
      it(`${format(a)} == ${format(b)}: ${text}`, () => {
        const found = agree(a, b);
        assert.equal(found.kind === 'when' ? found.text : found.kind, text);
      });
    }

    it('joins what is said of one symbol', () => {
      const of = (...pairs: readonly (readonly [Dimension, Dimension])[]): string => {
        const found = conjunction(pairs.map(([a, b]) => compare('==', a, b)));
        return found.kind === 'when' ? found.text : found.kind;
      };
      const multipleOf = (d: Dimension, m: number): readonly [Dimension, Dimension] => [times(over(d, m), m), d];
      assert.equal(of(multipleOf(H, 4), multipleOf(H, 16)), 'H divisible by 16');
      assert.equal(of(multipleOf(H, 4), multipleOf(H, 6)), 'H divisible by 12');
      assert.equal(of(multipleOf(H, 4), multipleOf(W, 4)), 'H divisible by 4 and W divisible by 4');
      assert.equal(of(multipleOf(H, 4), [H, n(6)]), 'never');
      assert.equal(of(multipleOf(H, 4), [H, n(8)]), 'H == 8');
      assert.equal(of([H, W], [W, H], multipleOf(H, 2)), 'H == W and H even');
      assert.equal(of([H, H]), 'always');
    });

    it('explains any condition', () => {
      const text = (condition: Condition): string => {
        const found = explain(condition);
        return found.kind === 'when' ? found.text : found.kind;
      };
      assert.equal(text(compare('==', modulo(H, n(32)), ZERO)), 'H divisible by 32');
      assert.equal(text(compare('>', over(H, 4), n(2))), 'H >= 12');
      assert.equal(text(compare('>', H, W)), 'H > W');
      assert.equal(text(compare('!=', multiply(p, p), ONE)), 'p != -1 and p != 1');
    });

    it('divides where that is exact', () => {
      const text = (d: Dimension | undefined): string | undefined => (d === undefined ? undefined : format(d));
      assert.equal(text(exactDivide(times(H, 4), n(4))), 'H');
      assert.equal(text(exactDivide(multiply(H, W), W)), 'H');
      assert.equal(text(exactDivide(multiply(H, plus(H, 1)), n(2))), '(H ** 2 + H) // 2');
      assert.equal(exactDivide(H, n(2)), undefined);
      assert.equal(exactDivide(H, ZERO), undefined);
      assert.equal(exactDivide(ONE, H), undefined);
    });
  });

  describe('random expressions', function () {
    this.timeout(isLong ? 300_000 : 30_000);

    it('have the value that was written, within their bounds', () => {
      fc.assert(
        fc.property(expression, environment, (e, env) => {
          const expected = naive(e, env);
          const d = build(e);
          if (expected === undefined) return;
          assert.equal(
            evaluate(d, (name) => env[name]),
            expected,
          );
          assert.equal(constantValue(substitute(d, (name) => n(env[name] ?? 0n))), expected);
          const [lower, upper] = [lowerBound(d), upperBound(d)];
          assert.ok(lower === undefined || lower <= expected, `${String(lower)} <= ${String(expected)}`);
          assert.ok(upper === undefined || upper >= expected, `${String(upper)} >= ${String(expected)}`);
        }),
        runs(6000),
      );
    });

    it('keep it when other expressions take the place of symbols', () => {
      fc.assert(
        fc.property(expression, expression, sizeExpression, environment, (e, forP, forH, env) => {
          const [innerP, innerH] = [naive(forP, env), naive(forH, env)];
          if (innerP === undefined || innerH === undefined) return;
          const expected = naive(e, { ...env, p: innerP, H: innerH });
          if (expected === undefined) return;
          const [atP, atH] = [build(forP), build(forH)];
          const d = substitute(build(e), (name) => (name === 'p' ? atP : name === 'H' ? atH : undefined));
          assert.equal(
            evaluate(d, (name) => env[name]),
            expected,
          );
        }),
        runs(3000),
      );
    });

    it('have equal values where they have equal keys', () => {
      const seen = new Map<string, Expression>();
      let shared = 0;
      fc.assert(
        fc.property(smallExpression, environment, (e, env) => {
          const d = build(e);
          const other = seen.get(key(d));
          if (other === undefined) {
            seen.set(key(d), e);
            return;
          }
          shared++;
          const [a, b] = [naive(e, env), naive(other, env)];
          if (a !== undefined && b !== undefined) assert.equal(a, b);
          assert.ok(equal(d, build(other)));
        }),
        runs(5000),
      );
      assert.ok(shared > 500);
    });

    it('are normal: building again from what is read changes nothing', () => {
      fc.assert(
        fc.property(expression, (e) => {
          const d = build(e);
          assert.equal(
            key(substitute(d, (name) => symbol(name, name === 'H' || name === 'W' ? 1n : undefined))),
            key(d),
          );
        }),
        runs(2000),
      );
    });

    it('have conditions with the truth that was written', () => {
      fc.assert(
        fc.property(condition, environment, (c, env) => {
          const expected = naiveTruth(c, env);
          if (expected === undefined) return;
          const built = buildCondition(c);
          assert.equal(
            evaluateCondition(built, (name) => env[name]),
            expected,
          );
          assert.equal(
            evaluateCondition(not(built), (name) => env[name]),
            !expected,
          );
          const said = explain(built);
          assert.equal(
            said.kind === 'when' ? evaluateCondition(said.condition, (name) => env[name]) : said.kind === 'always',
            expected,
          );
          assert.equal(truth(parse(formatCondition(built, printCall)), env), expected);
        }),
        runs(3000),
      );
    });

    it('read back as they were', () => {
      fc.assert(
        fc.property(expression, environment, (e, env) => {
          const expected = naive(e, env);
          if (expected === undefined) return;
          const text = format(build(e), printCall);
          assert.equal(value(parse(text), env), expected, text);
        }),
        runs(4000),
      );
    });

    it('read back as they were when they are printed as products', () => {
      let shorter = 0;
      fc.assert(
        fc.property(expression, environment, (e, env) => {
          const expected = naive(e, env);
          if (expected === undefined) return;
          const text = formatFactored(build(e), printCall);
          assert.equal(value(parse(text), env), expected, text);
          if (text.length < format(build(e), printCall).length) shorter += 1;
        }),
        runs(4000),
      );
      assert.ok(shorter > 40, `only ${shorter} are shorter`);
    });

    it('are Python', () => {
      const cases: [string, string][] = [];
      fc.assert(
        fc.property(expression, environment, (e, env) => {
          const expected = naive(e, env);
          if (expected === undefined) return;
          const text = formatPython(build(e), (name) => pythonName(name, env), pythonCall(env));
          cases.push([text, String(expected)]);
        }),
        runs(3000),
      );
      const python = spawnSync('python3', ['-c', PYTHON], { input: JSON.stringify(cases), encoding: 'utf8' });
      assert.equal(python.status, 0, python.stderr);
      assert.equal(python.stdout.trim(), String(cases.length));
    });

    it('agree exactly where they are equal', () => {
      const kinds = new Map<string, number>();
      fc.assert(
        fc.property(oneSymbol, oneSymbol, fc.constantFrom('H', 'p'), (a, b, name) => {
          const [left, right] = [rename(a, name), rename(b, name)];
          const found = agree(build(left), build(right));
          kinds.set(found.kind, (kinds.get(found.kind) ?? 0) + 1);
          const text = found.kind === 'when' ? parse(found.text) : undefined;
          const reach = 2n * min(periodOf(left) * periodOf(right), 150n) + 40n;
          for (let at = name === 'H' ? 1n : -reach; at <= reach; at++) {
            const env = { [name]: at };
            const [x, y] = [naive(left, env), naive(right, env)];
            if (x === undefined || y === undefined) continue;
            if (found.kind === 'when' && text !== undefined) {
              assert.equal(
                evaluateCondition(found.condition, () => at),
                x === y,
                `${found.text} at ${String(at)}`,
              );
              assert.equal(truth(text, env), x === y, `${found.text} at ${String(at)}`);
            } else {
              assert.equal(found.kind === 'always', x === y, `${found.kind} at ${String(at)}`);
            }
          }
        }),
        runs(1500),
      );
      for (const kind of ['always', 'never', 'when']) assert.ok((kinds.get(kind) ?? 0) > 10, kind);
    });

    it('agree exactly where they are equal, with several symbols', () => {
      fc.assert(
        fc.property(
          expression,
          expression,
          fc.array(environment, { minLength: 10, maxLength: 10 }),
          (a, b, environments) => {
            const found = agree(build(a), build(b));
            for (const env of environments) {
              const [x, y] = [naive(a, env), naive(b, env)];
              if (x === undefined || y === undefined) continue;
              const same =
                found.kind === 'when'
                  ? evaluateCondition(found.condition, (name) => env[name])
                  : found.kind === 'always';
              assert.equal(same, x === y);
            }
          },
        ),
        runs(1500),
      );
    });

    it('have a structure of simpler parts', () => {
      const depth = (d: Dimension): number => {
        const node = structure(d);
        const parts = {
          constant: () => [],
          symbol: () => [],
          opaque: () => [],
          sum: () => (node.kind === 'sum' ? node.terms.map(({ value: part }) => part) : []),
          product: () => (node.kind === 'product' ? node.factors : []),
          power: () => (node.kind === 'power' ? [node.base] : []),
          floorDivide: () => (node.kind === 'floorDivide' ? [node.dividend, node.divisor] : []),
          modulo: () => (node.kind === 'modulo' ? [node.dividend, node.divisor] : []),
          minimum: () => (node.kind === 'minimum' ? node.operands : []),
          maximum: () => (node.kind === 'maximum' ? node.operands : []),
          select: () => (node.kind === 'select' ? [node.whenTrue, node.whenFalse] : []),
        }[node.kind]();
        return 1 + Math.max(0, ...parts.map(depth));
      };
      fc.assert(
        fc.property(expression, (e) => {
          assert.ok(depth(build(e)) < 200);
        }),
        runs(1000),
      );
    });
  });

  it('is quick', () => {
    const started = performance.now();
    let size = n(224);
    for (let layer = 0; layer < 25_000; layer++) size = slide(size, 3, 1, 1);
    const constants = performance.now() - started;
    let symbolic = H;
    for (let layer = 0; layer < 10_000; layer++)
      symbolic = slide(layer % 16 === 0 ? H : symbolic, 3, layer % 4 === 0 ? 2 : 1, 1);
    const symbols = performance.now() - started - constants;
    console.log(
      `      100,000 operations on constants: ${constants.toFixed(0)} ms; 40,000 on H: ${symbols.toFixed(0)} ms`,
    );
    assert.equal(constantValue(size), 224n);
  });
});

// Expressions as they are written, and what they mean, independently of the normal form.

type Expression =
  | { op: 'constant'; value: bigint }
  | { op: 'symbol'; name: string }
  | {
      op: 'add' | 'subtract' | 'multiply' | 'floorDivide' | 'modulo' | 'minimum' | 'maximum';
      a: Expression;
      b: Expression;
    }
  | { op: 'negate' | 'square' | 'opaque'; a: Expression }
  | { op: 'select'; test: Test; a: Expression; b: Expression };
type Test =
  | { op: Comparison; a: Expression; b: Expression }
  | { op: 'and' | 'or'; x: Test; y: Test }
  | { op: 'not'; x: Test }
  | { op: 'opaque'; name: string };

const SYMBOLS: Readonly<Record<string, Dimension>> = { H, W, p, q: symbol('q') };

function arbitraries(names: readonly string[], depth: number, withOpaque: boolean, divisors: readonly number[]) {
  return fc.letrec<{ e: Expression; t: Test }>((tie) => ({
    e: fc.oneof(
      { maxDepth: depth, withCrossShrink: true },
      fc.oneof(
        fc.integer({ min: -9, max: 9 }).map((number): Expression => ({ op: 'constant', value: BigInt(number) })),
        fc.constantFrom(...names).map((name): Expression => ({ op: 'symbol', name })),
      ),
      fc.record({
        op: fc.constantFrom('add' as const, 'subtract' as const, 'multiply' as const),
        a: tie('e'),
        b: tie('e'),
      }),
      fc.record({ op: fc.constantFrom('add' as const, 'subtract' as const), a: tie('e'), b: tie('e') }),
      fc.record({
        op: fc.constantFrom('floorDivide' as const, 'modulo' as const),
        a: tie('e'),
        b: fc.constantFrom(...divisors).map((number): Expression => ({ op: 'constant', value: BigInt(number) })),
      }),
      ...(withOpaque
        ? [
            fc.record({ op: fc.constantFrom('floorDivide' as const, 'modulo' as const), a: tie('e'), b: tie('e') }),
            fc.record({
              op: fc.constant('opaque' as const),
              a: fc.constantFrom(...names).map((name): Expression => ({ op: 'symbol', name })),
            }),
          ]
        : []),
      fc.record({ op: fc.constantFrom('minimum' as const, 'maximum' as const), a: tie('e'), b: tie('e') }),
      fc.record({ op: fc.constantFrom('negate' as const, 'square' as const), a: tie('e') }),
      fc.record({ op: fc.constant('select' as const), test: tie('t'), a: tie('e'), b: tie('e') }),
    ),
    t: fc.oneof(
      { maxDepth: depth },
      fc.record({
        op: fc.constantFrom<Comparison>('==', '!=', '<', '<=', '>', '>='),
        a: tie('e'),
        b: tie('e'),
      }),
      fc.record({ op: fc.constantFrom('and' as const, 'or' as const), x: tie('t'), y: tie('t') }),
      fc.record({ op: fc.constant('not' as const), x: tie('t') }),
      ...(withOpaque ? [fc.record({ op: fc.constant('opaque' as const), name: fc.constantFrom(...names) })] : []),
    ),
  }));
}

const all = arbitraries(['H', 'W', 'p', 'q'], 4, true, [2, 3, 4, 7, -3, 0, 8]);
const expression = all.e;
const condition = all.t;
const smallExpression = arbitraries(['H', 'p'], 2, false, [2, 4]).e;
const oneSymbol = arbitraries(['H'], 3, false, [2, 2, 3, 4, 6, 8, -4]).e;
const sizeExpression = fc
  .tuple(expression, fc.integer({ min: 1, max: 5 }))
  .map(([a, least]): Expression => ({ op: 'maximum', a, b: { op: 'constant', value: BigInt(least) } }));
const environment: fc.Arbitrary<Environment> = fc.record({
  H: fc.bigInt({ min: 1n, max: 300n }),
  W: fc.bigInt({ min: 1n, max: 12n }),
  p: fc.bigInt({ min: -20n, max: 20n }),
  q: fc.bigInt({ min: -3n, max: 3n }),
});

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function floor(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Stands for a function that the algebra doesn't know. */
function mystery(x: bigint): bigint {
  return (((x * x + 3n) % 11n) + 11n) % 11n;
}

function naive(e: Expression, env: Environment): bigint | undefined {
  switch (e.op) {
    case 'constant':
      return e.value;
    case 'symbol':
      return env[e.name];
    case 'select': {
      const holds = naiveTruth(e.test, env);
      return holds === undefined ? undefined : naive(holds ? e.a : e.b, env);
    }
    case 'negate':
    case 'square':
    case 'opaque': {
      const a = naive(e.a, env);
      if (a === undefined) return undefined;
      return e.op === 'negate' ? -a : e.op === 'square' ? a * a : mystery(a);
    }
    default: {
      const [a, b] = [naive(e.a, env), naive(e.b, env)];
      if (a === undefined || b === undefined) return undefined;
      switch (e.op) {
        case 'add':
          return a + b;
        case 'subtract':
          return a - b;
        case 'multiply':
          return a * b;
        case 'minimum':
          return min(a, b);
        case 'maximum':
          return -min(-a, -b);
        case 'floorDivide':
          return b === 0n ? undefined : floor(a, b);
        case 'modulo':
          return b === 0n ? undefined : a - b * floor(a, b);
      }
    }
  }
}

function naiveTruth(t: Test, env: Environment): boolean | undefined {
  switch (t.op) {
    case 'and':
    case 'or': {
      const [x, y] = [naiveTruth(t.x, env), naiveTruth(t.y, env)];
      if (x === undefined || y === undefined) return undefined;
      return t.op === 'and' ? x && y : x || y;
    }
    case 'not': {
      const x = naiveTruth(t.x, env);
      return x === undefined ? undefined : !x;
    }
    case 'opaque': {
      const x = env[t.name];
      return x === undefined ? undefined : mystery(x) > 4n;
    }
    default: {
      const [a, b] = [naive(t.a, env), naive(t.b, env)];
      if (a === undefined || b === undefined) return undefined;
      return { '==': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[t.op];
    }
  }
}

function build(e: Expression): Dimension {
  switch (e.op) {
    case 'constant':
      return n(e.value);
    case 'symbol':
      return SYMBOLS[e.name] ?? symbol(e.name);
    case 'add':
      return add(build(e.a), build(e.b));
    case 'subtract':
      return subtract(build(e.a), build(e.b));
    case 'multiply':
      return multiply(build(e.a), build(e.b));
    case 'floorDivide':
      return floorDivide(build(e.a), build(e.b));
    case 'modulo':
      return modulo(build(e.a), build(e.b));
    case 'minimum':
      return minimum(build(e.a), build(e.b));
    case 'maximum':
      return maximum(build(e.a), build(e.b));
    case 'negate':
      return negate(build(e.a));
    case 'square':
      return power(build(e.a), n(2)) ?? ZERO;
    case 'select':
      return select(buildCondition(e.test), build(e.a), build(e.b));
    case 'opaque': {
      assert.ok(e.a.op === 'symbol');
      const { name } = e.a;
      return opaque(`mystery(${name})`, [name], (lookup) => {
        const known = lookup(name);
        return known === undefined ? undefined : mystery(known);
      });
    }
  }
}

function buildCondition(t: Test): Condition {
  switch (t.op) {
    case 'and':
      return and(buildCondition(t.x), buildCondition(t.y));
    case 'or':
      return or(buildCondition(t.x), buildCondition(t.y));
    case 'not':
      return not(buildCondition(t.x));
    case 'opaque':
      return opaqueCondition(`mystery(${t.name}) > 4`, [t.name], (lookup) => {
        const known = lookup(t.name);
        return known === undefined ? undefined : mystery(known) > 4n;
      });
    default:
      return compare(t.op, build(t.a), build(t.b));
  }
}

function rename(e: Expression, name: string): Expression {
  return JSON.parse(
    JSON.stringify(e, (_, each: unknown) => (typeof each === 'bigint' ? `bigint ${String(each)}` : each)),
    (field, each: unknown) => {
      if (field === 'name') return name;
      return typeof each === 'string' && each.startsWith('bigint ') ? BigInt(each.slice(7)) : each;
    },
  ) as Expression;
}

/** A multiple of every period in it. */
function periodOf(e: Expression): bigint {
  const text = JSON.stringify(e, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each));
  let period = 1n;
  for (const [, divisor] of text.matchAll(/"op":"(?:floorDivide|modulo)".*?"b":\{"op":"constant","value":(-?\d+)\}/g)) {
    period *= BigInt(Math.abs(Number(divisor ?? 1)) || 1);
  }
  return period;
}

const printCall: OpaquePrinter = ({ name }) => (name.endsWith('> 4') ? { text: name, precedence: 4 } : name);

const pythonName = (name: string, env: Environment): string =>
  name === 'H' ? `x.shape[${String(env[name])}]` : `${name}_${String(env[name]).replace('-', 'm')}`;

function pythonCall(env: Environment): OpaquePrinter {
  return (term) => {
    const text = term.name.replace(/\((\w)\)/, (_, name: string) => `(${pythonName(name, env)})`);
    return term.name.endsWith('> 4') ? { text, precedence: 4 } : text;
  };
}

const PYTHON = `
import json, re, sys

class Shape:
    def __getitem__(self, index):
        return index

class Tensor:
    shape = Shape()

class Names(dict):
    def __missing__(self, name):
        if re.fullmatch(r"[Wpq]_m?[0-9]+", name):
            return int(name[2:].replace("m", "-"))
        raise KeyError(name)

names = Names(x=Tensor(), mystery=lambda n: (n * n + 3) % 11, min=min, max=max)
cases = json.load(sys.stdin)
for text, expected in cases:
    found = eval(text, {"__builtins__": {}}, names)
    assert found == int(expected), (text, found, expected)
print(len(cases))
`;
