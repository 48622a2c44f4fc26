// Properties that every builtin law must have, on random shapes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crps } from '../crps.ts';
import type { Density, Leaf } from '../density.ts';
import { cdf, pdf } from '../distribution.ts';
import { crpsByQuadrature } from '../integrals/crps-quadrature.ts';
import { integrate } from '../integrals/quadrature.ts';
import { builtinFamilies } from './builtin.ts';

const shape = fc.double({ min: -1, max: 4, noNaN: true }).map((exponent) => Math.exp(exponent)); // 0.37 to 55
const leafOf = (name: string) => {
  const family = builtinFamilies.get(name);
  assert.ok(family);
  return fc
    .tuple(...family.shapes.map(() => (name === 'lognorm' ? shape.map((s) => s / 20) : shape)))
    .map((shapes): Leaf => ({ weight: 1, name, law: family.law(shapes), loc: 0, scale: 1, shapes }));
};
/** A place between the law's cuts, or a little outside. */
const place = fc.double({ min: -0.05, max: 1.05, noNaN: true });

function at({ law }: Leaf, p: number): number {
  const cuts = law.cuts.filter((cut) => Math.abs(cut) < 1e4);
  const [first = 0, last = 1] = [cuts[0], cuts.at(-1)];
  const inner = cuts[Math.min(cuts.length - 1, Math.floor(Math.abs(p) * cuts.length))] ?? 1;
  return p < 0 || p > 1 ? first + p * (last - first) : inner * (0.6 + 0.5 * p);
}

const scorable = ({ law }: Leaf) => Math.min(law.leftTail, law.rightTail) > 0.55;
const alone = (leaf: Leaf): Density => ({ leaves: [leaf], isProbability: true });

function assertNear(actual: number, expected: number, tolerance: number, { name, shapes }: Leaf, z: number) {
  const message = `${name} (${shapes}) at ${z}: ${actual}, expected ${expected}`;
  assert.ok(Math.abs(actual - expected) <= tolerance, message);
}

for (const name of builtinFamilies.keys()) {
  const numRuns = 60;

  test(`${name} has two tails that add up to 1 and never turn back`, () => {
    fc.assert(
      fc.property(leafOf(name), place, place, (leaf, p, q) => {
        const [a, b] = [at(leaf, p), at(leaf, q)].sort((x, y) => x - y) as [number, number];
        assertNear(leaf.law.cdf(a) + leaf.law.upper(a), 1, 1e-12, leaf, a);
        assert.ok(leaf.law.cdf(a) <= leaf.law.cdf(b) * (1 + 1e-12), `${name} (${leaf.shapes}) from ${a} to ${b}`);
        assert.ok(leaf.law.upper(b) <= leaf.law.upper(a) * (1 + 1e-12), `${name} (${leaf.shapes}) from ${a} to ${b}`);
      }),
      { numRuns },
    );
  });

  test(`${name} has a density that integrates to differences of its distribution function`, () => {
    fc.assert(
      fc.property(leafOf(name), place, (leaf, p) => {
        const z = at(leaf, p);
        const [from, to] = [z - 1e-3 * Math.abs(z), z + 1e-3 * Math.abs(z)];
        if (!(from < to) || (from < leaf.law.from && to > leaf.law.from)) return;
        const mass = integrate([{ part: 0, from, to }], (_, x) => leaf.law.pdf(x), 1e-10);
        const isUpper = leaf.law.upper(from) < 0.5;
        const expected = isUpper ? leaf.law.upper(from) - leaf.law.upper(to) : leaf.law.cdf(to) - leaf.law.cdf(from);
        const size = isUpper ? leaf.law.upper(from) : leaf.law.cdf(to); // differences lose what cancels
        assertNear(mass, expected, 1e-8 * expected + 1e-12 * size, leaf, z);
      }),
      { numRuns },
    );
  });

  test(`${name} is 0 outside its support and at infinity, and NaN at NaN`, () => {
    fc.assert(
      fc.property(leafOf(name), (leaf) => {
        const { law } = leaf;
        for (const z of [law.from - 1, law.to + 1]) assert.equal(law.pdf(z), 0, `${name} (${leaf.shapes}) at ${z}`);
        assert.ok(law.cdf(-1e308) < 1e-30 && law.upper(1e308) < 1e-30, `${name} (${leaf.shapes})`);
        for (const z of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
          assert.deepEqual([law.pdf(z), law.cdf(z), law.upper(z)], [0, z > 0 ? 1 : 0, z > 0 ? 0 : 1]);
        }
        assert.ok(Number.isNaN(pdf(alone(leaf), Number.NaN)) && Number.isNaN(cdf(alone(leaf), Number.NaN)));
      }),
      { numRuns: 20 },
    );
  });

  test(`${name} has the CRPS of its integral`, () => {
    fc.assert(
      fc.property(leafOf(name).filter(scorable), place, (leaf, p) => {
        const z = at(leaf, p);
        const score = crps(alone(leaf), z);
        assertNear(score, crpsByQuadrature([leaf], z), 1e-10 * score, leaf, z);
      }),
      { numRuns: 30 },
    );
  });

  test(`${name} has a CRPS whose derivative is 2F − 1`, () => {
    fc.assert(
      fc.property(leafOf(name).filter(scorable), place, (leaf, p) => {
        const z = at(leaf, p);
        const h = 1e-5 * Math.abs(z);
        if (h === 0) return;
        const slope = (crps(alone(leaf), z + h) - crps(alone(leaf), z - h)) / (2 * h);
        // The slope lies between those at the ends, up to the rounding of the scores.
        const rounding = (1e-13 * crps(alone(leaf), z)) / h + 1e-9;
        const [low, high] = [leaf.law.cdf(z - h), leaf.law.cdf(z + h)].map((u) => 2 * u - 1) as [number, number];
        assert.ok(slope >= low - rounding && slope <= high + rounding, `${name} (${leaf.shapes}) at ${z}: ${slope}`);
      }),
      { numRuns: 30 },
    );
  });

  test(`${name} has a CRPS that is ≥ 0 and moves and stretches with it; that of a needle is the distance`, () => {
    const move = fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: 0.01, max: 100, noNaN: true }));
    fc.assert(
      fc.property(leafOf(name).filter(scorable), place, move, (leaf, p, [loc, scale]) => {
        const z = at(leaf, p);
        const score = crps(alone(leaf), z);
        assert.ok(score >= 0);
        const y = loc + scale * z;
        const rounding = 1e-15 * (Math.abs(loc) + Math.abs(y)) * 4;
        assertNear(crps(alone({ ...leaf, loc, scale }), y), scale * score, 1e-11 * scale * score + rounding, leaf, y);
        // A needle on 3 scores the distance of 7: within its width, and what tails without a mean add to that.
        const needle = crps(alone({ ...leaf, loc: 3, scale: 1e-12 }), 7);
        assertNear(needle, 4, 4e-12 * crps(alone(leaf), 0) + 1e-4, leaf, 7);
      }),
      { numRuns: 30 },
    );
  });
}
