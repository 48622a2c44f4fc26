import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalDensity } from './distribution.ts';
import { isCovered, pit } from './pit.ts';
import { quantile } from './quantile.ts';
import { leafOf, lone, mixtureOf } from './testing/densities.ts';

const laws = [
  normalDensity(1, 2),
  lone('t', 0.5, 0.3, 3),
  mixtureOf([0.7, leafOf('norm', 0, 1)], [0.3, leafOf('laplace', 4, 3)]),
];

test('pit() is uniform over the outcomes of a calibrated law', () => {
  for (const density of laws) {
    for (const p of [0.001, 0.2, 0.5, 0.8, 0.999]) assert.ok(Math.abs(pit(density, quantile(density, p)) - p) < 1e-13);
  }
});

test('isCovered() is true for that share of the outcomes of a calibrated law', () => {
  for (const density of laws) {
    const outcomes = Array.from({ length: 200 }, (_, i) => quantile(density, (i + 0.5) / 200));
    for (const level of [0.5, 0.8, 0.95]) {
      assert.equal(outcomes.filter((y) => isCovered(density, y, level)).length, 200 * level);
    }
  }
});

test('pit() and isCovered() of what never happened', () => {
  const density = normalDensity(0, 1);
  assert.equal(pit(density, Number.NEGATIVE_INFINITY), 0);
  assert.equal(pit(density, Number.POSITIVE_INFINITY), 1);
  assert.ok(Number.isNaN(pit(density, Number.NaN)));
  assert.equal(isCovered(density, Number.NaN, 0.5), false);
  assert.equal(isCovered(density, Number.POSITIVE_INFINITY, 0.5), false);
});

test('pit() and isCovered() refuse what is no probability', () => {
  const half = { leaves: [{ ...leafOf('norm', 0, 1), weight: 0.5 }] };
  assert.throws(() => pit(half, 0), RangeError);
  assert.throws(() => isCovered(half, 0, 0.5), RangeError);
  assert.throws(() => isCovered(normalDensity(0, 1), 0, 50), {
    name: 'RangeError',
    message: 'Cannot tell coverage: level must be between 0 and 1, is 50',
  });
});
