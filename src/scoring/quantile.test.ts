import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Density } from './density.ts';
import { cdf, normalDensity, pdf, upperTail } from './distribution.ts';
import { families } from './families.ts';
import { quantile, tailQuantile } from './quantile.ts';
import { leafOf, lone, mixtureOf, shapesFor } from './testing/densities.ts';

const near = (actual: number, expected: number, relative: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${what} ${actual}, expected ${expected}`);

/** F(quantile(p)) is p, as far as the last digits of x and of F allow. */
function assertInverse(density: Density, p: number, what: string): void {
  const x = quantile(density, p);
  assert.ok(!Number.isNaN(x), `${what}: NaN`);
  if (!Number.isFinite(x)) return;
  const reach =
    8 * Number.EPSILON * Math.max(...density.leaves.map(({ loc, scale }) => Math.abs(loc) + scale), Math.abs(x));
  const [left, right] = [x - reach, x + reach];
  if (p <= 0.5) {
    assert.ok(cdf(density, left) <= p * (1 + 1e-11), `${what}: F is ${cdf(density, left)} left of ${x}, p is ${p}`);
    assert.ok(cdf(density, right) >= p * (1 - 1e-11), `${what}: F is ${cdf(density, right)} right of ${x}, p is ${p}`);
  } else {
    const above = (at: number) => upperTail(density.leaves, at);
    assert.ok(above(left) >= (1 - p) * (1 - 1e-11), `${what}: 1 − F is ${above(left)} left of ${x}, p is ${p}`);
    assert.ok(above(right) <= (1 - p) * (1 + 1e-11), `${what}: 1 − F is ${above(right)} right of ${x}, p is ${p}`);
  }
}

test('quantile() of a normal law is right to the last digits, near the middle and far out', () => {
  near(quantile(normalDensity(0, 1), 0.975), 1.959963984540054, 3e-16);
  near(quantile(normalDensity(0, 1), 1e-10), -6.361340902404056, 3e-16);
  near(quantile(normalDensity(0, 1), 1e-300), -37.0470962993612, 3e-16);
  near(quantile(normalDensity(0, 1), 0.5 - 2 ** -40), -(2 ** -40) * Math.sqrt(2 * Math.PI), 1e-15);
  near(quantile(normalDensity(0, 1), 0.4), -0.2533471031357997, 3e-16);
  assert.ok(quantile(normalDensity(0, 1), Number.MIN_VALUE) < -38);
  assert.equal(quantile(normalDensity(3, 2), 0.5), 3);
});

test('quantile() is the inverse of the cdf for every family', () => {
  for (const [name, family] of families) {
    for (const choice of [0, 2]) {
      const shapes = shapesFor(family, choice);
      if (shapes === null) continue;
      const density = lone(name, 0.5, 2, ...shapes);
      for (const p of [1e-12, 0.001, 0.3, 0.5, 0.9, 1 - 1e-6]) assertInverse(density, p, `${name}(${shapes})`);
    }
  }
});

const names = [...families.keys()];
const anyLeaf = fc
  .tuple(
    fc.constantFrom(...names),
    fc.nat(8),
    fc.double({ min: -3, max: 3, noNaN: true }),
    fc.double({ min: -3, max: 1, noNaN: true }),
  )
  .map(([name, choice, loc, magnitude]) => {
    const family = families.get(name);
    const shapes = family === undefined ? null : shapesFor(family, choice);
    return shapes === null ? leafOf('norm', loc, 10 ** magnitude) : leafOf(name, loc, 10 ** magnitude, ...shapes);
  });
const anyDensity = fc
  .array(fc.tuple(fc.double({ min: 0.05, max: 1, noNaN: true }), anyLeaf), { minLength: 1, maxLength: 4 })
  .map((parts) => {
    const sum = parts.reduce((total, [weight]) => total + weight, 0);
    return mixtureOf(...parts.map(([weight, leaf]) => [weight / sum, leaf] as const));
  });
const anyProbability = fc.oneof(
  fc.double({ min: 0.001, max: 0.999, noNaN: true }),
  fc.double({ min: -200, max: -3, noNaN: true }).map((exponent) => 10 ** exponent),
  fc.double({ min: -14, max: -3, noNaN: true }).map((exponent) => 1 - 10 ** exponent),
);

test('quantile() is the inverse of the cdf of mixtures', () => {
  fc.assert(
    fc.property(anyDensity, anyProbability, (density, p) => {
      assertInverse(density, p, density.leaves.map(({ name }) => name).join(' + '));
    }),
    { numRuns: 300 },
  );
});

test('quantile() ends on densities made to keep it busy', () => {
  const needle = mixtureOf([0.3, leafOf('norm', 1, 1e-300)], [0.7, leafOf('norm', 0, 1e300)]);
  assert.equal(quantile(needle, 0.5), 1); // all 0.3 of it lie on one double
  near(quantile(needle, 0.9), 1e300 * quantile(normalDensity(0, 1), 1 - 0.1 / 0.7), 1e-12);
  const hidden = mixtureOf([0.3, leafOf('norm', 0, 1e-300)], [0.7, leafOf('norm', 1e10, 1e3)]);
  for (const p of [0.1, 0.299999999, 0.3, 0.300000001, 0.7]) assertInverse(hidden, p, 'hidden');
  const many = mixtureOf(
    ...Array.from({ length: 64 }, (_, i) => [1 / 64, leafOf('norm', i % 2 === 0 ? i : -i, 10 ** (4 - i))] as const),
  );
  for (const p of [1e-300, 1e-5, 0.25, 0.5, 0.75, 1 - 1e-15]) assertInverse(many, p, 'many');
});

test('quantile() beyond every double is infinite', () => {
  assert.equal(quantile(lone('t', 0, 1, 0.01), 1e-9), Number.NEGATIVE_INFINITY);
  assert.equal(quantile(lone('t', 0, 1, 0.01), 1 - 1e-9), Number.POSITIVE_INFINITY);
  assert.equal(quantile(lone('t', 0, 1e300, 1), 1 - 1e-15), Number.POSITIVE_INFINITY);
});

test('quantile() where F is flat is the left end of the flat part', () => {
  const apart = mixtureOf([0.5, leafOf('norm', -100, 1)], [0.5, leafOf('norm', 100, 1)]);
  const x = quantile(apart, 0.5);
  assert.ok(x < -90 && x > -100, `${x}`);
  assert.equal(cdf(apart, x), 0.5);
  assert.ok(cdf(apart, x - 0.1) < 0.5);
});

test('tailQuantile() in haste is near enough that the CRPS there is the least', () => {
  fc.assert(
    fc.property(anyDensity, (density) => {
      const exact = quantile(density, 0.5);
      const rough = tailQuantile(density.leaves, 0.5, -1, true);
      const width = Math.max(...density.leaves.map(({ scale }) => scale));
      const peak = Math.max(pdf(density, exact), pdf(density, rough));
      if (!Number.isFinite(peak)) return; // at a pole the difference below says nothing
      const cost = Math.abs(rough - exact) * Math.abs(cdf(density, rough) - 0.5);
      assert.ok(cost <= 1e-9 * width, `${rough}, median ${exact}`);
    }),
    { numRuns: 300 },
  );
});

test('quantile() refuses what is no probability', () => {
  for (const p of [0, 1, -0.1, Number.NaN]) {
    assert.throws(() => quantile(normalDensity(0, 1), p), {
      name: 'RangeError',
      message: `Cannot take a quantile: p must be between 0 and 1, is ${p}`,
    });
  }
  assert.throws(() => quantile({ leaves: [{ ...leafOf('norm', 0, 1), weight: 0.5 }] }, 0.5), {
    name: 'RangeError',
    message: 'Cannot take a quantile: weights: must sum to 1 within 0.00001, sum to 0.5',
  });
});
