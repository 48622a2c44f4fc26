import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCalibrationTally } from './calibration.ts';
import { crps } from './crps.ts';
import { crpsParts } from './crps-parts.ts';
import type { Density } from './density.ts';
import { normalDensity } from './distribution.ts';
import { quantile } from './quantile.ts';
import { leafOf, lone, mixtureOf } from './testing/densities.ts';

const laws: readonly Density[] = [
  normalDensity(1, 2),
  lone('t', 0.5, 0.3, 3),
  lone('t', 0.5, 0.3, 0.8),
  lone('laplace', -1, 4),
  mixtureOf([0.5, leafOf('norm', 1, 1)], [0.5, leafOf('laplace', 1, 3)]),
  mixtureOf([0.7, leafOf('norm', 0, 1)], [0.3, leafOf('norm', 4, 3)]),
  mixtureOf([0.6, leafOf('norm', 0, 1)], [0.4, leafOf('t', 2, 1, 1.5)]),
];
const resultOf = (pairs: readonly (readonly [Density, number])[]) => {
  const tally = createCalibrationTally();
  for (const [density, y] of pairs) tally.add(density, y);
  return tally.result();
};
const close = (actual: number, expected: number, what: string) =>
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.abs(expected) + 1e-12,
    `${what}: ${actual}, expected ${expected}`,
  );

test('createCalibrationTally() has the mean parts of the CRPS', () => {
  const pairs = laws.flatMap((density) => [-30, -1, 0.7, 1, 8].map((y) => [density, y] as const));
  const result = resultOf(pairs);
  assert.ok(result);
  const mean = (part: 'dispersion' | 'overPrediction' | 'underPrediction') =>
    pairs.reduce((sum, [density, y]) => sum + crpsParts(density, y)[part], 0) / pairs.length;
  assert.equal(result.steps, pairs.length);
  for (const part of ['dispersion', 'overPrediction', 'underPrediction'] as const)
    close(result[part], mean(part), part);
  const whole = pairs.reduce((sum, [density, y]) => sum + crps(density, y), 0) / pairs.length;
  close(result.dispersion + result.overPrediction + result.underPrediction, whole, 'sum');
});

test('createCalibrationTally() needs no second CRPS where one is known', () => {
  for (const density of laws) {
    const known = createCalibrationTally();
    for (const y of [-3, 0.2, 40]) known.add(density, y, crps(density, y));
    assert.deepEqual(known.result(), resultOf([-3, 0.2, 40].map((y) => [density, y] as const)));
  }
});

test('createCalibrationTally() finds outcomes uniform in the law they follow', () => {
  for (const density of laws) {
    // 400 outcomes at the middles of 400 equally probable slices.
    const result = resultOf(
      Array.from({ length: 400 }, (_, i) => [density, quantile(density, (i + 0.5) / 400)] as const),
    );
    assert.deepEqual(result?.pitCounts, new Array(20).fill(20));
    assert.deepEqual(result?.covered, [200, 320, 380]);
  }
});

test('createCalibrationTally() counts outcomes beyond the law at the ends', () => {
  const result = resultOf([
    [normalDensity(0, 1), -50],
    [normalDensity(0, 1), 50],
    [normalDensity(0, 1), 0],
  ]);
  assert.deepEqual(result?.pitCounts.slice(0, 1), [1]);
  assert.deepEqual(result?.pitCounts.slice(19), [1]);
  assert.deepEqual(result?.covered, [1, 1, 1]);
});

test('createCalibrationTally() is null where a density is no law or has no CRPS, and never throws', () => {
  const good = [normalDensity(0, 1), 0.5] as const;
  const negative: Density = { leaves: [{ ...leafOf('norm', 0, 1), weight: -1 }] };
  const light: Density = { leaves: [{ ...leafOf('norm', 0, 1), weight: 0.5 }] };
  for (const bad of [negative, light, lone('t', 0, 1, 0.3)]) {
    assert.equal(resultOf([good, [bad, 0.5]]), null);
    assert.equal(resultOf([[bad, 0.5], good]), null);
  }
  assert.equal(resultOf([good, [normalDensity(0, 1), Number.NaN]]), null);
  assert.equal(resultOf([]), null);
});

test('createCalibrationTally() is null, or finite, for whatever a density may be', () => {
  const magnitude = fc.double({ min: -300, max: 300, noNaN: true }).map((exponent) => 10 ** exponent);
  const anyLeaf = fc
    .tuple(fc.constantFrom('norm', 'laplace', 't'), magnitude, magnitude, fc.double({ min: 0.1, max: 9, noNaN: true }))
    .map(([name, loc, scale, df]) => leafOf(name, loc, scale, ...(name === 't' ? [df] : [])));
  fc.assert(
    fc.property(fc.array(fc.tuple(anyLeaf, magnitude), { minLength: 1, maxLength: 3 }), magnitude, (parts, y) => {
      const sum = parts.reduce((total, [, weight]) => total + weight, 0);
      const result = resultOf([[{ leaves: parts.map(([leaf, weight]) => ({ ...leaf, weight: weight / sum })) }, y]]);
      if (result === null) return;
      const { dispersion, overPrediction, underPrediction, pitCounts } = result;
      for (const part of [dispersion, overPrediction, underPrediction]) assert.ok(part >= 0 && Number.isFinite(part));
      assert.equal(
        pitCounts.reduce((total, count) => total + count, 0),
        1,
      );
    }),
    { numRuns: 200 },
  );
});

test('createCalibrationTally() does not confuse densities that follow each other', () => {
  const [a, b] = [normalDensity(0, 1), normalDensity(5, 0.1)];
  const pairs = [a, a, b, a, b, b].map((density, i) => [density, i] as const);
  const width = pairs.reduce((sum, [density]) => sum + crpsParts(density, 0).dispersion, 0) / pairs.length;
  close(resultOf(pairs)?.dispersion ?? Number.NaN, width, 'dispersion');
});
