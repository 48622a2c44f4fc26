import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crps } from './crps.ts';
import { asProbability, type Density, type Leaf } from './density.ts';
import { cdf, normalDensity } from './distribution.ts';
import { families } from './families.ts';
import type { Law } from './law.ts';
import { integrate } from './quadrature.ts';

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
    [one('t', 0, 1, 1), 0, 0.441271200305],
    [one('t', 0, 1, 1), 0.5, 0.517826019534],
    [one('t', 0, 1, 1), 1, 0.720635600153],
    [one('t', 0, 1, 1), -3, 2.093837307328],
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
