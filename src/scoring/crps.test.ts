import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crps } from './crps.ts';
import { asProbability, type Density, type Leaf } from './density.ts';
import { cdf, normalDensity } from './distribution.ts';
import { families } from './families.ts';
import { integrate } from './integrals/quadrature.ts';
import type { Law } from './law.ts';

const leaf = (name: string, loc: number, scale: number, ...shapes: number[]): Leaf => {
  const law = families.get(name)?.law(shapes) as Law; // the names below are all there
  return { weight: 1, name, law, loc, scale, shapes };
};
const one = (...of: Parameters<typeof leaf>): Density => ({ leaves: [leaf(...of)] });
const mix = (...parts: (readonly [number, Leaf])[]): Density => ({
  leaves: parts.map(([weight, part]) => ({ ...part, weight })),
});

function assertClose(actual: number, expected: number, relative = 1e-10, what = ''): void {
  const error = Math.abs(actual - expected) / Math.abs(expected);
  assert.ok(error <= relative, `${what} is ${actual}, expected ${expected}: ${error} apart`);
}

test('crps() has the golden values', () => {
  const golden: readonly (readonly [Density, number, number])[] = [
    [normalDensity(0, 1), 0, 0.233694977255],
    [normalDensity(0, 1), 0.5, 0.331403531255],
    [normalDensity(0, 1), -2.3, 1.743133585836],
    [normalDensity(0.1, 0.02), 0.15, 0.038796373816],
    [mix([0.6, leaf('norm', 0, 1)], [0.4, leaf('norm', 2, 0.5)]), 1, 0.367252785042],
    [one('t', 0, 1, 3), 0.7, 0.446821131272],
    [one('t', 0, 1, 5), 0.7, 0.434575555572],
    [one('t', 0, 1, 1.5), 0.7, 0.495097271207],
    [one('t', 0.1, 2, 4), -1, 0.747461360561],
    [one('laplace', 0, 1), 0.5, 0.356530659713],
    [one('t', 0, 1, 1.5), 0.7, 0.495097271207],
    [one('expon', 0, 2), 1, 0.426122638851],
    [one('lognorm', 0, 1, 1), 1.5, 0.352509834859],
    [one('gamma', 0, 1.2, 2.5), 2, 0.501741931664],
    [one('beta', 0, 1, 2, 3), 0.4, 0.051602285714],
    [one('weibull_min', 0, 2, 1.5), 1, 0.391483244928],
    [one('weibull_max', 0, 2, 1.5), -1, 0.391483244928],
    [one('rayleigh', 0, 1.3), 1, 0.332992817135],
    [one('pareto', 0, 1, 3), 2, 0.45],
    [one('pareto', 0, 1, 3), 0, 1.2],
    [one('cauchy', 0, 1), 0, 0.441271200305],
    [one('cauchy', 0, 1), 0.5, 0.517826019534],
    [one('cauchy', 0, 1), 1, 0.720635600153],
    [one('cauchy', 0, 1), -3, 2.093837307328],
    [one('t', 0, 1, 1), -3, 2.093837307328],
    [one('chi2', 0, 1, 3), 2, 0.532003853889],
    [one('chi', 0, 1.5, 3), 2, 0.276435824679],
    [one('f', 0, 1, 5, 8), 1.2, 0.232612897135],
    [mix([0.7, leaf('norm', 0, 1)], [0.3, leaf('laplace', 1, 2)]), 0.5, 0.335730508212],
    [mix([0.5, leaf('t', 0, 1, 3)], [0.5, leaf('norm', 0, 2)]), 1, 0.624748038992],
  ];
  for (const [density, y, expected] of golden) {
    assert.ok(Math.abs(crps(density, y) - expected) < 1e-12, `${crps(density, y)}, expected ${expected}`);
  }
});

test('crps() is finite for tails without a mean', () => {
  assertClose(crps(one('t', 0, 1, 0.6), 0), 1.2638, 1e-4);
  assertClose(crps(one('t', 0, 1, 0.8), 0), 0.5784, 1e-4);
  assert.ok(Number.isFinite(crps(one('t', 0, 1, 0.500001), 3)));
});

test('crps() is continuous where its formulas meet', () => {
  for (const z of [0, 0.3, 5, 1e3]) {
    assertClose(crps(one('t', 0, 1, 1 + 1e-9), z), crps(one('t', 0, 1, 1), z), 1e-8, `t at ${z}, 1`);
    assertClose(crps(one('t', 0, 1, 1.01), z), crps(one('t', 0, 1, 1.01 - 1e-13), z), 1e-11, `t at ${z}, 1.01`);
    assertClose(crps(one('t', 0, 1, 1e9), z), crps(normalDensity(0, 1), z), 1e-8, `t at ${z}, 1e9`);
  }
});

test('crps() over a span is the integral over that span', () => {
  const density = mix([0.5, leaf('t', 0, 1, 3)], [0.5, leaf('expon', 1, 2)]);
  for (const y of [-40, -0.3, 1, 25]) {
    const parts = [-30, -2, 1.5, 20, 90].map((min, i, all) => ({ min, max: all[i + 1] as number })).slice(0, -1);
    const sum = parts.reduce((total, span) => total + crps(density, y, span), 0);
    assertClose(crps(density, y, { min: -30, max: 90 }), sum, 1e-10, `at ${y}`);
  }
  assertClose(crps(density, 1, { min: -1e9, max: 1e9 }), crps(density, 1), 1e-8);
  assertClose(crps(normalDensity(0, 1), 0.5, { min: -1e6, max: 1e6 }), crps(normalDensity(0, 1), 0.5));
  assertClose(crps(normalDensity(0, 1), 50, { min: 20, max: 30 }), 10);
});

test('crps() over a span takes tails that have none on the whole line', () => {
  assert.ok(Number.isFinite(crps(one('pareto', 0, 1, 0.3), 2, { min: -10, max: 1e6 })));
  // ∫₁^r z^−1 = ln r
  assertClose(crps(one('pareto', 0, 1, 0.5), 1, { min: -10, max: 1e6 }), Math.log(1e6));
});

test('crps() refuses a span that is not finite and ascending', () => {
  for (const [min, max] of [
    [1, 1],
    [2, 1],
    [Number.NEGATIVE_INFINITY, 1],
    [Number.NaN, 1],
  ] as const) {
    assert.throws(() => crps(normalDensity(0, 1), 0, { min, max }), {
      name: 'RangeError',
      message: `Cannot compute CRPS: the span must be finite and ascending, is ${min} to ${max}`,
    });
  }
});

test('crps() does a bounded amount of work, however its leaves are spread', () => {
  let tails = 0;
  const counted = (law: Law): Law => ({
    ...law,
    cdf: (z) => law.cdf(z) + 0 * tails++,
    upper: (z) => law.upper(z) + 0 * tails++,
  });
  const wide = [...Array(8).keys()].map((i) => leaf('t', i, 10 ** (2 * i - 8), 0.5 + 0.01 * (i + 1)));
  const density = mix(...wide.map((part) => [1 / 8, { ...part, law: counted(part.law) }] as const));
  assert.ok(Number.isFinite(crps(density, 1e-5)));
  // Where every panel is looked at once, and no more, it is a little above the 12,000.
  assert.ok(tails > 1000 && tails <= 15_000, `${tails} tails worked out`);
});

test('crps() sees what is missing of a tail before an outcome far out', () => {
  // By an integral over 300 panels a side, four a decade.
  assertClose(crps(one('powerlognorm', 0, 1, 0.63, 5), 1e6), 935305.9109263106, 1e-12);
  assertClose(crps(one('betaprime', 0, 1, 2.5, 3.7), 1e6), 999998.6472949923, 1e-12);
  assertClose(crps(one('mielke', 0, 1, 2.5, 3.7), 1e6), 999998.7394497994, 1e-12);
  assertClose(crps(one('burr12', 0, 1, 2.5, 3.7), 1e6), 999999.2727169185, 1e-12);
});

test('crps() integrates once for all who ask about one density and outcome', () => {
  let tails = 0;
  const part = leaf('lognorm', 0, 1, 0.5);
  const law: Law = { ...part.law, upper: (z) => part.law.upper(z) + 0 * tails++ };
  const leaves = [
    { ...part, law, weight: 0.6 },
    { ...leaf('norm', 0, 1), weight: 0.399999 },
  ];
  const first = crps({ leaves }, 0.7);
  const once = tails;
  assert.ok(once > 0);
  const passed = asProbability({ leaves });
  assert.ok(passed.ok);
  assert.equal(crps(passed.density, 0.7), first);
  assert.equal(tails, once);
  assert.notEqual(crps({ leaves }, 0.8), first);
  assert.ok(tails > once);
  assert.equal(crps({ leaves }, 0.7), first);
});

test('crps() refuses tails that make it infinite, and weights that are no probabilities', () => {
  assert.throws(() => crps(one('t', 0, 1, 0.5), 0), {
    name: 'RangeError',
    message: 'Cannot compute CRPS: tails of t with shapes 0.5 make it infinite (they must fall faster than |x|^-0.5)',
  });
  assert.throws(() => crps(mix([0.5, leaf('norm', 0, 1)]), 0), {
    name: 'RangeError',
    message: 'Cannot compute CRPS: weights: must sum to 1 within 0.00001, sum to 0.5',
  });
});

test('crps() of what never happened', () => {
  assert.ok(Number.isNaN(crps(normalDensity(0, 1), Number.NaN)));
  assert.equal(crps(normalDensity(0, 1), Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
});

test('crps() is about the distance far out', () => {
  for (const density of [
    normalDensity(0, 1),
    one('laplace', 0, 1),
    one('t', 0, 1, 3),
    mix([0.5, leaf('t', 0, 1, 3)], [0.5, leaf('norm', 1, 2)]),
  ]) {
    assertClose(crps(density, 1e6), 1e6, 1e-5);
    assertClose(crps(density, -1e6), 1e6, 1e-5);
    assertClose(crps(density, 1e30), 1e30);
  }
});

const anyLeaf = fc
  .record({
    name: fc.constantFrom<Leaf['name'][]>('norm', 't', 'laplace'),
    loc: fc.double({ min: -3, max: 3, noNaN: true }),
    scale: fc.double({ min: 0.05, max: 5, noNaN: true }),
    df: fc.double({ min: 0.7, max: 40, noNaN: true }),
  })
  .map(({ name, loc, scale, df }) => leaf(name, loc, scale, name === 't' ? df : Number.NaN));

const anyDensity = fc
  .array(fc.tuple(fc.double({ min: 0.05, max: 1, noNaN: true }), anyLeaf), { minLength: 1, maxLength: 4 })
  .map((parts) => {
    const sum = parts.reduce((total, [weight]) => total + weight, 0);
    const passed = asProbability(mix(...parts.map(([weight, part]) => [weight / sum, part] as const)));
    assert.ok(passed.ok);
    return passed.density;
  });
const anyOutcome = fc.double({ min: -20, max: 20, noNaN: true });

function moved({ leaves }: Density, shift: number, stretch: number): Density {
  return { leaves: leaves.map((part) => ({ ...part, loc: part.loc * stretch + shift, scale: part.scale * stretch })) };
}

test('crps() has the derivative 2F(y) − 1', () => {
  fc.assert(
    fc.property(anyDensity, anyOutcome, (density, y) => {
      const h = 1e-4;
      const slope = (crps(density, y + h) - crps(density, y - h)) / (2 * h);
      assert.ok(Math.abs(slope - (2 * cdf(density, y) - 1)) < 1e-5, `slope ${slope} at ${y}`);
    }),
    { numRuns: 100 },
  );
});

test('crps() moves and stretches with its density', () => {
  const shift = fc.double({ min: -5, max: 5, noNaN: true });
  const stretch = fc.double({ min: 1e-4, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(anyDensity, anyOutcome, shift, stretch, (density, y, by, times) => {
      assertClose(crps(moved(density, by, times), y * times + by), times * crps(density, y), 1e-7);
    }),
    { numRuns: 100 },
  );
});

test('crps() of a mixture of equal parts is that of the part', () => {
  fc.assert(
    fc.property(anyLeaf, anyOutcome, (part, y) => {
      const twice = mix([0.25, part], [0.75, part]);
      assertClose(crps(twice, y), crps({ leaves: [part] }, y), 1e-10, `${part.name} ${part.shapes}`);
    }),
    { numRuns: 100 },
  );
});

test('crps() is the integral of (F − 1{z ≥ y})²', () => {
  // Light tails only, so that a plain integral over ±200 is the whole line.
  const light = anyDensity.filter(({ leaves }) => leaves.every(({ name }) => name !== 't'));
  fc.assert(
    fc.property(light, anyOutcome, (density, y) => {
      const cuts = [
        -200,
        ...density.leaves.flatMap(({ loc, scale }) => [-40, -9, 0, 9, 40].map((cut) => loc + cut * scale)),
        y,
        200,
      ];
      const points = [...new Set(cuts)].sort((a, b) => a - b);
      const panels = points.slice(1).map((to, i) => ({ part: 0, from: points[i] as number, to }));
      const integral = integrate(panels, (_, z) => (cdf(density, z) - (z >= y ? 1 : 0)) ** 2, 1e-12);
      assertClose(crps(density, y), integral, 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('crps() is least, on average, for the law that outcomes follow', () => {
  // E over Y ~ N(0, 1) of the score of N(m, s²), by quadrature, over a grid of lies.
  const expected = (density: Density) =>
    integrate(
      [
        { part: 0, from: -9, to: 0 },
        { part: 0, from: 0, to: 9 },
      ],
      (_, y) => (crps(density, y) * Math.exp(-0.5 * y * y)) / Math.sqrt(2 * Math.PI),
      1e-10,
    );
  const honest = expected(normalDensity(0, 1));
  assertClose(honest, 1 / Math.sqrt(Math.PI), 1e-9);
  for (const m of [-0.2, -0.01, 0, 0.01, 0.2]) {
    for (const s of [0.5, 0.9, 0.99, 1, 1.01, 1.1, 2]) {
      if (m !== 0 || s !== 1) assert.ok(expected(normalDensity(m, s)) > honest, `N(${m}, ${s}²) beats the truth`);
    }
  }
});
