import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deviance, gammaDensity, stirlingError } from './gamma.ts';
import { lowerGamma, upperGamma } from './incomplete-gamma.ts';

function assertClose(actual: number, expected: number, relative = 1e-12) {
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual}, expected ${expected}`);
}

test('lowerGamma() agrees with scipy where @stdlib does not, and at its ends', () => {
  assertClose(lowerGamma(1084.8353588041064, 1039.8742338018133), 0.08468312309995378);
  assertClose(lowerGamma(1e6, 1e6), 0.5001329807608725);
  assertClose(lowerGamma(1e10, 1e10 + 1e5), 0.8413447460725758);
  assert.equal(lowerGamma(2, Number.POSITIVE_INFINITY), 1);
  assertClose(lowerGamma(0.05, 1e-200), 1e-10 / 0.9735042655627757); // Γ(1.05)
});

test('lowerGamma() and upperGamma() add up to 1, and grow as the density says', () => {
  const a = fc.double({ min: 0.05, max: 3000, noNaN: true });
  const place = fc.double({ min: -4, max: 4, noNaN: true });
  fc.assert(
    fc.property(a, place, (shape, k) => {
      const x = Math.max(0.01, shape + k * Math.sqrt(shape));
      assertClose(lowerGamma(shape, x) + upperGamma(shape, x), 1);
      const h = 1e-4 * Math.min(x, Math.sqrt(shape));
      const slope = (lowerGamma(shape, x + h) - lowerGamma(shape, x - h)) / (2 * h);
      assertClose(slope, gammaDensity(shape)(x), 1e-5);
    }),
    { numRuns: 300 },
  );
});

test('upperGamma() satisfies its recurrence across the border of Temme’s expansion', () => {
  // Q(a + 1, x) − Q(a, x) = x^a·e^−x/Γ(a + 1)
  for (const a of [199.5, 200, 800, 1500]) {
    for (const ratio of [0.34, 0.36, 0.8, 1, 1.2, 2.2, 2.4, 8]) {
      const x = ratio * a;
      const step = (x / a) * gammaDensity(a)(x);
      const difference = upperGamma(a + 1, x) - upperGamma(a, x);
      assert.ok(Math.abs(difference - step) <= 1e-12 * Math.max(step, upperGamma(a, x)), `a = ${a}, x = ${x}`);
    }
  }
});

test('stirlingError() is what Stirling’s formula leaves out, on both sides of its border', () => {
  assertClose(stirlingError(1), 1 - 0.9189385332046728, 1e-14);
  assertClose(stirlingError(10 - 1e-9), stirlingError(10), 1e-9);
  assertClose(stirlingError(10), 0.00833056343336287, 1e-13);
});

test('deviance() keeps its digits near a, and is continuous where its formulas meet', () => {
  assertClose(deviance(1, 1 + 1e-9), 0.5e-18, 1e-6);
  for (const ratio of [0.6, 1.7]) {
    assertClose(deviance(3, 3 * ratio * (1 - 1e-12)), deviance(3, 3 * ratio * (1 + 1e-12)), 1e-10);
  }
});
