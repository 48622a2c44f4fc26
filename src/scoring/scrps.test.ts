import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crps } from './crps.ts';
import { normalDensity, pdf } from './distribution.ts';
import { integrateBetween } from './integrals/crps-quadrature.ts';
import { scrps } from './scrps.ts';
import { leafOf, lone, mixtureOf, movedBy } from './testing/densities.ts';

const close = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`);

test('scrps() has the golden means over a standard normal outcome', () => {
  const truth = normalDensity(0, 1);
  const mean = (scale: number) =>
    integrateBetween(truth.leaves, [-12, 12], (y) => pdf(truth, y) * scrps(normalDensity(0, scale), y));
  close(mean(1), -1.0604, 5e-5);
  close(mean(0.8), -1.0807, 5e-5);
  close(mean(1.25), -1.0775, 5e-5);
});

test('scrps() of a normal law has its closed form', () => {
  // E|X − X'| = 2σ/√π, and E|X − y| at the mean is σ√(2/π).
  const between = (2 * 3) / Math.sqrt(Math.PI);
  close(scrps(normalDensity(5, 3), 5), -(3 * Math.sqrt(2 / Math.PI)) / between - 0.5 * Math.log(between), 1e-12);
});

const laws = {
  normal: normalDensity(1, 2),
  t: lone('t', 0.5, 0.3, 3),
  'nearly no mean': lone('t', 0.5, 0.3, 1.02),
  laplace: lone('laplace', -1, 4),
  normals: mixtureOf([0.7, leafOf('norm', 0, 1)], [0.3, leafOf('norm', 4, 3)]),
  'normal and t': mixtureOf([0.6, leafOf('norm', 0, 1)], [0.4, leafOf('t', 2, 1, 1.5)]),
};

test('scrps() differs by ½ ln c where everything is stretched by c', () => {
  for (const [name, density] of Object.entries(laws)) {
    for (const y of [-4, 0.5, 9]) {
      for (const stretch of [1e-4, 0.3, 500]) {
        const stretched = scrps(movedBy(density, 2, stretch), y * stretch + 2);
        close(stretched, scrps(density, y) - 0.5 * Math.log(stretch), 1e-7, `${name} at ${y} times ${stretch}`);
      }
    }
  }
});

test("scrps() says the same of E|X − y| and E|X − X'| as the CRPS", () => {
  for (const [name, density] of Object.entries(laws)) {
    // Two outcomes give E|X − X'|, and with it each E|X − y|.
    const [a, b] = [0.1, 6];
    const between = (crps(density, b) - crps(density, a)) / (scrps(density, a) - scrps(density, b));
    for (const y of [-3, a, b]) {
      const distance = crps(density, y) + 0.5 * between;
      close(scrps(density, y), -distance / between - 0.5 * Math.log(between), 1e-7, `${name} at ${y}`);
    }
  }
});

test('scrps() refuses a law without a mean', () => {
  assert.throws(() => scrps(lone('t', 0, 1, 1), 0), {
    name: 'RangeError',
    message: "Cannot compute SCRPS: it needs a finite mean, which t with shapes 1 doesn't have",
  });
});

test('scrps() of what never happened', () => {
  assert.ok(Number.isNaN(scrps(normalDensity(0, 1), Number.NaN)));
  assert.equal(scrps(normalDensity(0, 1), Number.NEGATIVE_INFINITY), Number.NEGATIVE_INFINITY);
});
