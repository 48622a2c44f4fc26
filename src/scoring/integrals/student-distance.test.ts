import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crps } from '../crps.ts';
import type { Leaf } from '../density.ts';
import { leafOf, mixtureOf } from '../testing/densities.ts';
import { crpsByQuadrature } from './crps-quadrature.ts';
import { meanDistance } from './mean-distance.ts';
import { studentDistance } from './student-distance.ts';

function assertClose(actual: number, expected: number, relative: number, what = ''): void {
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${what} is ${actual}, expected ${expected}`);
}

const loc = fc.oneof(fc.constant(0), fc.double({ min: -30, max: 30, noNaN: true }));
const scale = fc.double({ min: -3, max: 3, noNaN: true }).map((exponent) => 10 ** exponent);
const df = fc.double({ min: 0.06, max: 6, noNaN: true }).map((exponent) => Math.exp(exponent));
const student = fc.tuple(loc, scale, df).map(([l, s, nu]) => leafOf('t', l, s, nu));
const other = fc.tuple(fc.constantFrom('norm', 'laplace'), loc, scale).map(([name, l, s]) => leafOf(name, l, s));
const weight = fc.double({ min: 0.05, max: 1, noNaN: true });

function weighted(parts: readonly (readonly [number, Leaf])[]) {
  const sum = parts.reduce((total, [own]) => total + own, 0);
  return mixtureOf(...parts.map(([own, leaf]) => [own / sum, leaf] as const));
}

test('crps() of mixtures with a Student t is the integral that it is', () => {
  const parts = fc
    .tuple(
      fc.tuple(weight, student),
      fc.array(fc.tuple(weight, fc.oneof(student, other)), { minLength: 1, maxLength: 3 }),
    )
    .map(([first, rest]) => weighted([first, ...rest]));
  const outcome = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(parts, outcome, (density, y) => {
      const what = density.leaves.map(({ name, loc, scale, shapes }) => [name, loc, scale, ...shapes]).join(' + ');
      assertClose(crps(density, y), crpsByQuadrature(density.leaves, y), 1e-10, `${what} at ${y}`);
    }),
    { numRuns: 200 },
  );
});

test('studentDistance() of two of one law is closed, and joins those of nearly one', () => {
  const own = studentDistance(leafOf('t', 3, 2, 2), leafOf('t', 3, 2, 2));
  assertClose(own, (2 * Math.PI) / Math.SQRT2, 1e-13); // π/√2 for two degrees of freedom
  assertClose(studentDistance(leafOf('t', 3, 2, 2), leafOf('t', 3, 2 + 1e-12, 2)), own, 1e-11);
  assertClose(
    studentDistance(leafOf('t', 0, 1, 1e8), leafOf('norm', 1, 2)),
    meanDistance(leafOf('norm', 0, 1), leafOf('norm', 1, 2)),
    1e-7,
  );
});

test('studentDistance() is the same whatever was asked before', () => {
  const pair = [leafOf('t', 0.1, 1.1, 3.3), leafOf('norm', 0.3, 0.7)] as const;
  const first = studentDistance(...pair);
  assert.equal(studentDistance(...pair), first);
  for (let i = 0; i < 200; i++) studentDistance(leafOf('t', 0, 1 + i / 100, 5), leafOf('laplace', 0, 1));
  assert.equal(studentDistance(...pair), first);
  // Half a last digit of the proportions makes no difference.
  const stretched = pair.map((leaf) => ({ ...leaf, loc: leaf.loc * 1.7, scale: leaf.scale * 1.7 })) as [Leaf, Leaf];
  assertClose(studentDistance(...stretched), 1.7 * first, 1e-15);
});

test('studentDistance() leaves to the integral what is too far apart', () => {
  assert.equal(studentDistance(leafOf('t', 0, 1, 3), leafOf('norm', 0, 1e5)), Number.NaN);
  assert.equal(studentDistance(leafOf('t', 1e5, 1, 3), leafOf('norm', 0, 1)), Number.NaN);
  assert.equal(studentDistance(leafOf('t', 0, 1e-300, 3), leafOf('t', 1e10, 1e100, 3)), Number.NaN);
  const far = mixtureOf([0.5, leafOf('t', 1e5, 1, 3)], [0.5, leafOf('norm', 0, 1)]);
  assertClose(crps(far, 0), 25_000, 1e-4);
});

test('crps() of mixtures with a Student t without a mean, or hardly one, is the integral', () => {
  for (const nu of [0.6, 1, 1.02, 1.049, 1.05, 1.06]) {
    const density = mixtureOf([0.3, leafOf('t', 0, 1, nu)], [0.7, leafOf('norm', 0.2, 0.5)]);
    for (const y of [-3, 0.1, 40]) {
      assertClose(crps(density, y), crpsByQuadrature(density.leaves, y), 1e-11, `df ${nu} at ${y}`);
    }
  }
  // A wide part of little weight makes mean distances that cancel.
  const wide = mixtureOf([1e-5, leafOf('t', 0, 1e4, 1.5)], [1 - 1e-5, leafOf('norm', 0, 1)]);
  assertClose(crps(wide, 0.3), crpsByQuadrature(wide.leaves, 0.3), 1e-10);
});
