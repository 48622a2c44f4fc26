import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crps } from './crps.ts';
import type { Density } from './density.ts';
import { normalDensity } from './distribution.ts';
import { leafOf, lone, mixtureOf, movedBy } from './testing/densities.ts';
import { thresholdCrps } from './threshold-crps.ts';

const close = (actual: number, expected: number, relative: number, what = '') =>
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${what}: ${actual}, expected ${expected}: ${Math.abs(actual / expected - 1)} apart`,
  );
const right = (threshold: number) => ({ threshold, tail: 'right' }) as const;
const left = (threshold: number) => ({ threshold, tail: 'left' }) as const;

test('thresholdCrps() has the golden values', () => {
  const standard = normalDensity(0, 1);
  assert.ok(Math.abs(thresholdCrps(standard, 0.5, right(1)) - 0.007235076826) < 1e-12);
  assert.ok(Math.abs(thresholdCrps(standard, 1.7, right(1)) - 0.577179717025) < 1e-12);
  assert.ok(Math.abs(thresholdCrps(standard, -2, right(1.5)) - 0.001049051304) < 1e-12);
});

const laws: Readonly<Record<string, Density>> = {
  normal: normalDensity(1, 2),
  t: lone('t', 0.5, 0.3, 3),
  'heavy t': lone('t', 0, 1, 0.7),
  laplace: lone('laplace', -1, 4),
  normals: mixtureOf([0.7, leafOf('norm', 0, 1)], [0.3, leafOf('norm', 4, 3)]),
  'normal and t': mixtureOf([0.6, leafOf('norm', 0, 1)], [0.4, leafOf('t', 2, 1, 1.5)]),
};

test('thresholdCrps() of both tails add up to the CRPS', () => {
  for (const [name, density] of Object.entries(laws)) {
    for (const y of [-25, -1, 0.4, 3, 60]) {
      for (const threshold of [-12, 0, 0.4, 5, 100]) {
        const sum = thresholdCrps(density, y, left(threshold)) + thresholdCrps(density, y, right(threshold));
        close(sum, crps(density, y), 1e-9, `${name} at ${y}, threshold ${threshold}`);
      }
    }
  }
});

test('thresholdCrps() of a normal law is the same closed and by quadrature, in its far tail too', () => {
  const normal = normalDensity(1, 2);
  const twice = mixtureOf([0.5, leafOf('norm', 1, 2)], [0.5, leafOf('norm', 1, 2)]);
  for (const y of [-30, 0, 1.5, 9, 30]) {
    for (const threshold of [-40, -9, 0, 1, 4, 9, 14, 40]) {
      for (const where of [left(threshold), right(threshold)]) {
        const expected = thresholdCrps(twice, y, where);
        if (expected < 1e-200) continue; // the last doubles have few digits
        close(thresholdCrps(normal, y, where), expected, 1e-9, `${where.tail} of ${threshold} at ${y}`);
      }
    }
  }
});

test('thresholdCrps() moves, stretches and mirrors with its density', () => {
  for (const [name, density] of Object.entries(laws)) {
    const own = thresholdCrps(density, 1.2, right(0.5));
    close(thresholdCrps(movedBy(density, 7, 30), 1.2 * 30 + 7, right(0.5 * 30 + 7)), 30 * own, 1e-8, name);
    const mirrored = { ...density, leaves: density.leaves.map((leaf) => ({ ...leaf, loc: -leaf.loc })) }; // symmetric laws
    close(thresholdCrps(mirrored, -1.2, left(-0.5)), own, 1e-10, name);
  }
});

test('thresholdCrps() needs a light tail on its own side only', () => {
  const heavy = lone('t', 0, 1, 0.4);
  const oneSided: Density = {
    ...heavy,
    leaves: heavy.leaves.map((leaf) => ({ ...leaf, law: { ...leaf.law, rightTail: Number.POSITIVE_INFINITY } })),
  };
  assert.throws(() => thresholdCrps(heavy, 0, right(1)), {
    name: 'RangeError',
    message:
      'Cannot compute a threshold CRPS: the right tail of t with shapes 0.4 makes it infinite (it must fall faster than |x|^-0.5)',
  });
  assert.throws(() => thresholdCrps(oneSided, 0, left(1)), RangeError);
  assert.ok(Number.isFinite(thresholdCrps(oneSided, 0, right(1))));
});

test('thresholdCrps() of what never happened', () => {
  const density = normalDensity(0, 1);
  assert.ok(Number.isNaN(thresholdCrps(density, Number.NaN, right(1))));
  assert.equal(thresholdCrps(density, Number.POSITIVE_INFINITY, right(1)), Number.POSITIVE_INFINITY);
  assert.equal(thresholdCrps(density, Number.NEGATIVE_INFINITY, right(1)), thresholdCrps(density, -9, right(1)));
  assert.throws(() => thresholdCrps(density, 0, right(Number.NaN)), {
    name: 'RangeError',
    message: 'Cannot compute a threshold CRPS: threshold must be a finite number, is NaN',
  });
});
