import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crps } from './crps.ts';
import { normalDensity } from './distribution.ts';
import { intervalScore, wis } from './interval-score.ts';
import { quantile } from './quantile.ts';
import { leafOf, lone, mixtureOf, movedBy } from './testing/densities.ts';

const close = (actual: number, expected: number, relative: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${what}: ${actual}, expected ${expected}`);

const laws = {
  normal: normalDensity(1, 2),
  t: lone('t', 0.5, 0.3, 3),
  laplace: lone('laplace', -1, 4),
  normals: mixtureOf([0.7, leafOf('norm', 0, 1)], [0.3, leafOf('norm', 4, 3)]),
  'normal and t': mixtureOf([0.6, leafOf('norm', 0, 1)], [0.4, leafOf('t', 2, 1, 1.5)]),
};

test('intervalScore() is the width, and 2/α for each unit that it misses', () => {
  const z = 1.959963984540054;
  const standard = normalDensity(0, 1);
  close(intervalScore(standard, 0, { alpha: 0.05 }), 2 * z, 1e-15);
  close(intervalScore(standard, 3, { alpha: 0.05 }), 2 * z + 40 * (3 - z), 1e-14);
  close(intervalScore(standard, -3, { alpha: 0.05 }), 2 * z + 40 * (3 - z), 1e-14);
  assert.ok(Number.isFinite(intervalScore(standard, 3, { alpha: 1e-30 }))); // where 1 − α/2 is 1
});

test('wis() is the mean quantile score of its levels', () => {
  for (const [name, density] of Object.entries(laws)) {
    for (const y of [-6, 0.2, 5]) {
      const levels = [0.05, 0.25, 0.5, 0.75, 0.95];
      const scores = levels.map((level) => {
        const q = quantile(density, level);
        return 2 * ((y <= q ? 1 : 0) - level) * (q - y);
      });
      const mean = scores.reduce((sum, score) => sum + score, 0) / levels.length;
      close(wis(density, y, { alphas: [0.1, 0.5] }), mean, 1e-12, `${name} at ${y}`);
    }
  }
});

test('wis() tends to the CRPS as levels densify', () => {
  for (const [name, density] of Object.entries(laws)) {
    for (const y of [-6, 0.2, 5]) {
      const exact = crps(density, y);
      const errors = [9, 49, 249].map((count) => {
        const alphas = Array.from({ length: count }, (_, k) => (k + 1) / (count + 1)); // equally spaced levels
        return Math.abs(wis(density, y, { alphas }) / exact - 1);
      });
      const [few = 1, more = 1, most = 1] = errors;
      assert.ok(more < few && most < more && most < 0.02, `${name} at ${y}: ${errors}`);
    }
  }
});

test('wis() and intervalScore() move and stretch with their density', () => {
  for (const [name, density] of Object.entries(laws)) {
    const moved = movedBy(density, 11, 0.02);
    const y = 2.5 * 0.02 + 11;
    close(wis(moved, y), 0.02 * wis(density, 2.5), 1e-9, name);
    close(intervalScore(moved, y, { alpha: 0.3 }), 0.02 * intervalScore(density, 2.5, { alpha: 0.3 }), 1e-9, name);
  }
});

test('wis() without intervals is the distance to the median', () => {
  close(wis(normalDensity(3, 2), 4.5, { alphas: [] }), 1.5, 1e-15);
});

test('wis() and intervalScore() of what never happened', () => {
  for (const score of [
    (y: number) => wis(normalDensity(0, 1), y),
    (y: number) => intervalScore(normalDensity(0, 1), y, { alpha: 0.1 }),
  ]) {
    assert.ok(Number.isNaN(score(Number.NaN)));
    assert.equal(score(Number.NEGATIVE_INFINITY), Number.POSITIVE_INFINITY);
  }
  assert.equal(intervalScore(lone('t', 0, 1, 0.01), 0, { alpha: 1e-9 }), Number.POSITIVE_INFINITY);
});

test('wis() and intervalScore() refuse levels that are none, and weights that are no probabilities', () => {
  const density = normalDensity(0, 1);
  for (const alpha of [0, 1, Number.NaN]) {
    const message = `alpha must be between 0 and 1, is ${alpha}`;
    assert.throws(() => wis(density, 0, { alphas: [0.5, alpha] }), {
      name: 'RangeError',
      message: `Cannot compute WIS: ${message}`,
    });
    assert.throws(() => intervalScore(density, 0, { alpha }), {
      name: 'RangeError',
      message: `Cannot compute an interval score: ${message}`,
    });
  }
  assert.throws(() => wis(density, 0, { alphas: new Array(10_001).fill(0.5) }), {
    message: 'Cannot compute WIS: at most 10000 alphas are taken, there are 10001',
  });
  assert.throws(() => wis({ leaves: [{ ...leafOf('norm', 0, 1), weight: 0.5 }] }, 0), RangeError);
});
