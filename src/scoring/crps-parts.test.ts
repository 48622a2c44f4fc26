import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crps } from './crps.ts';
import { crpsParts } from './crps-parts.ts';
import { normalDensity } from './distribution.ts';
import { quantile } from './quantile.ts';
import { leafOf, lone, mixtureOf } from './testing/densities.ts';

const laws = {
  normal: normalDensity(1, 2),
  t: lone('t', 0.5, 0.3, 3),
  laplace: lone('laplace', -1, 4),
  'skewed normals': mixtureOf([0.7, leafOf('norm', 0, 1)], [0.3, leafOf('norm', 4, 3)]),
  'normal and t': mixtureOf([0.6, leafOf('norm', 0, 1)], [0.4, leafOf('t', 2, 1, 1.5)]),
};

test('crpsParts() sum to the CRPS, and none is negative', () => {
  for (const [name, density] of Object.entries(laws)) {
    for (const y of [-300, -2, 0, 0.4, 0.5, 1, 7, 1e6]) {
      const { dispersion, overPrediction, underPrediction } = crpsParts(density, y);
      const whole = crps(density, y);
      const sum = dispersion + overPrediction + underPrediction;
      assert.ok(Math.abs(sum - whole) <= 1e-9 * whole, `${name} at ${y}: ${sum}, CRPS ${whole}`);
      assert.ok(dispersion > 0 && overPrediction >= 0 && underPrediction >= 0, `${name} at ${y}`);
      assert.ok(overPrediction === 0 || underPrediction === 0, `${name} at ${y}`);
    }
  }
});

test('crpsParts() is all dispersion at the median', () => {
  for (const density of Object.values(laws)) {
    const median = quantile(density, 0.5);
    const { dispersion, overPrediction, underPrediction } = crpsParts(density, median);
    assert.ok(overPrediction + underPrediction < 1e-9 * dispersion);
    assert.ok(Math.abs(dispersion / crps(density, median) - 1) < 1e-9);
  }
});

test('crpsParts() calls a forecast above the outcome an over-prediction', () => {
  const { dispersion, overPrediction, underPrediction } = crpsParts(normalDensity(0, 1), -2.3);
  assert.ok(Math.abs(dispersion - 0.233694977255) < 1e-12);
  assert.ok(Math.abs(overPrediction - (1.743133585836 - 0.233694977255)) < 1e-12);
  assert.equal(underPrediction, 0);
});

test('crpsParts() of what never happened', () => {
  assert.ok(Number.isNaN(crpsParts(normalDensity(0, 1), Number.NaN).overPrediction));
  assert.equal(crpsParts(normalDensity(0, 1), Number.POSITIVE_INFINITY).underPrediction, Number.POSITIVE_INFINITY);
  assert.equal(crpsParts(normalDensity(0, 1), Number.NEGATIVE_INFINITY).overPrediction, Number.POSITIVE_INFINITY);
});

test('crpsParts() refuses what has no CRPS', () => {
  assert.throws(() => crpsParts(lone('t', 0, 1, 0.5), 0), RangeError);
  assert.throws(() => crpsParts({ leaves: [{ ...leafOf('norm', 0, 1), weight: -1 }] }, 0), {
    name: 'RangeError',
    message: 'Cannot split the CRPS: weights: must be ≥ 0, one is -1',
  });
});
