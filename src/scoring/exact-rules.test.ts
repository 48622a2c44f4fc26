// What all exact rules have in common, on a law of every family and on mixtures of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCalibrationTally } from './calibration.ts';
import { crps } from './crps.ts';
import { crpsParts } from './crps-parts.ts';
import type { Density, Leaf } from './density.ts';
import { pdf } from './distribution.ts';
import { families } from './families.ts';
import { intervalScore, wis } from './interval-score.ts';
import { logScore } from './log-score.ts';
import { pit } from './pit.ts';
import { scrps } from './scrps.ts';
import { leafOf, mixtureOf, movedBy, shapesFor } from './testing/densities.ts';
import { thresholdCrps } from './threshold-crps.ts';

function assertClose(actual: number, expected: number, relative: number, what: string): void {
  if (actual === expected) return; // two infinities
  const apart = Math.abs(actual - expected);
  assert.ok(apart <= relative * Math.abs(expected), `${what}: ${actual}, expected ${expected}: ${apart} apart`);
}

/** Its law has a CRPS, and not so barely that half the digits are in a tail beyond every double. */
function isScorable({ law }: Leaf): boolean {
  return Math.min(law.leftTail, law.rightTail) > 0.6;
}

function hasMean({ leaves }: Density): boolean {
  return leaves.every(({ law }) => Math.min(law.leftTail, law.rightTail) > 1.05);
}

const describe = ({ leaves }: Density) => leaves.map(({ name, shapes }) => `${name}(${shapes})`).join(' + ');

/** One leaf of each family that has a CRPS. */
const oneOfEach = [...families]
  .map(([name, family]) => ({ name, shapes: shapesFor(family, 0) }))
  .filter(({ shapes }) => shapes !== null)
  .map(({ name, shapes }) => leafOf(name, 0.2, 1.5, ...(shapes ?? [])))
  .filter(isScorable);

/** Enough of them to be quick. */
const some = oneOfEach.filter((_, i) => i % Math.ceil(oneOfEach.length / 20) === 0);

function assertAddsUp(density: Density, y: number, threshold: number): void {
  const what = `${describe(density)} at ${y}`;
  const whole = crps(density, y);
  const sides = (['left', 'right'] as const).map((tail) => thresholdCrps(density, y, { threshold, tail }));
  assertClose((sides[0] as number) + (sides[1] as number), whole, 1e-8, `${what}, tails beyond ${threshold}`);
  const { dispersion, overPrediction, underPrediction } = crpsParts(density, y);
  assertClose(dispersion + overPrediction + underPrediction, whole, 1e-8, `${what}, parts`);
  assert.ok(dispersion > 0 && overPrediction >= 0 && underPrediction >= 0, `${what}, signs of parts`);
  const tally = createCalibrationTally();
  tally.add(density, y);
  const result = tally.result();
  assert.ok(result, `${what}, calibration`);
  assertClose(result.dispersion, dispersion, 1e-7, `${what}, tallied dispersion`);
  if (!Number.isFinite(pdf(density, y))) return;
  assertClose(Math.exp(-logScore(density, y)), pdf(density, y), 1e-9, `${what}, log score`);
}

test('exact rules add up for a law of every family', () => {
  for (const leaf of oneOfEach) {
    for (const [y, threshold] of [
      [0.9, 0.4],
      [-1.1, 0.7],
    ] as const) {
      assertAddsUp(mixtureOf([1, leaf]), y, threshold);
    }
  }
});

const anyLeaf = fc
  .tuple(
    fc.constantFrom(...families.keys()),
    fc.nat(8),
    fc.double({ min: -3, max: 3, noNaN: true }),
    fc.double({ min: 0.1, max: 4, noNaN: true }),
  )
  .map(([name, choice, loc, scale]) => {
    const family = families.get(name);
    const shapes = family === undefined ? null : shapesFor(family, choice);
    const leaf = shapes === null ? null : leafOf(name, loc, scale, ...shapes);
    return leaf !== null && isScorable(leaf) && isWithinReason(leaf) ? leaf : leafOf('norm', loc, scale);
  });
/** A log-normal law of shape 12 lies some 30 orders of magnitude beside the others, and takes their digits. */
function isWithinReason({ law }: Leaf): boolean {
  return Number.isFinite(law.rightTail) || law.upper(1e9) < 1e-9;
}
const anyMixture = fc
  .array(fc.tuple(fc.double({ min: 0.1, max: 1, noNaN: true }), anyLeaf), { minLength: 2, maxLength: 3 })
  .map((parts) => {
    const sum = parts.reduce((total, [weight]) => total + weight, 0);
    return mixtureOf(...parts.map(([weight, leaf]) => [weight / sum, leaf] as const));
  });
const anyOutcome = fc.double({ min: -8, max: 8, noNaN: true });

test('exact rules add up for mixtures of any families', () => {
  fc.assert(fc.property(anyMixture, anyOutcome, fc.double({ min: -4, max: 4, noNaN: true }), assertAddsUp), {
    numRuns: 40,
  });
});

test('exact rules move and stretch with their density', () => {
  const stretches = [1 / 64, 1, 32]; // powers of two, so that what is moved keeps its digits
  for (const leaf of some) {
    const density = mixtureOf([0.4, leaf], [0.6, leafOf('norm', -0.5, 1)]);
    const y = 0.75;
    const what = describe(density);
    for (const stretch of stretches) {
      const moved = movedBy(density, -2, stretch);
      const at = y * stretch - 2;
      assertClose(pit(moved, at), pit(density, y), 1e-11, what);
      assertClose(wis(moved, at), stretch * wis(density, y), 1e-9, what);
      const alpha = 0.2;
      assertClose(intervalScore(moved, at, { alpha }), stretch * intervalScore(density, y, { alpha }), 1e-9, what);
      assertClose(logScore(moved, at), logScore(density, y) + Math.log(stretch), 1e-8, what);
      if (hasMean(density)) assertClose(scrps(moved, at), scrps(density, y) - 0.5 * Math.log(stretch), 1e-7, what);
    }
  }
});

test('exact rules see no difference between a law and a mixture of itself', () => {
  for (const leaf of some) {
    const [lone, twice] = [mixtureOf([1, leaf]), mixtureOf([0.3, leaf], [0.7, leaf])];
    for (const y of [-1.1, 0.9]) {
      const what = `${describe(lone)} at ${y}`;
      assertClose(wis(twice, y), wis(lone, y), 1e-9, what);
      assertClose(crpsParts(twice, y).dispersion, crpsParts(lone, y).dispersion, 1e-8, what);
      if (hasMean(lone)) assertClose(scrps(twice, y), scrps(lone, y), 1e-7, what);
    }
  }
});
