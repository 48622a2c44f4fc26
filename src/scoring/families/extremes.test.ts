// Every family at the ends of the doubles and of its support: a stranger's answer may ask for any of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families } from '../families.ts';
import type { Law } from '../law.ts';
import { shapesFor } from '../testing/densities.ts';

const magnitudes = [
  5e-324, 2e-323, 1e-320, 1e-310, 1e-300, 1e-155, 1e-30, 1e-8, 0.7, 1, 40, 1e8, 1e30, 1e100, 1e154, 1e155, 1e300, 1e308,
];
const places = [0, ...magnitudes, Number.MAX_VALUE, Number.POSITIVE_INFINITY].flatMap((size) => [size, -size]);

/** The places, and those about the ends of the support. */
function placesOf({ from, to }: Law): number[] {
  const ends = [from, to].filter(Number.isFinite);
  return [...places, ...ends.flatMap((end) => [end, end - 1e-12, end + 1e-12, end * (1 - 2e-16), end * (1 + 2e-16)])];
}

/** Several laws of each family, its extreme shapes among them. */
function* laws(): Generator<readonly [what: string, law: Law]> {
  const extremes = [1e-3, 1e3, 1e5, 0.999, 1.001, -1e3];
  for (const [name, family] of families) {
    const all = [0, 2, 5].map((choice) => shapesFor(family, choice));
    for (const value of extremes) {
      const isTaken = family.shapes.length > 0 && family.shapes.every(({ accepts }) => accepts(value));
      const shapes = family.shapes.map((_, i) => value * (1 + i / 8));
      if (isTaken && (family.conflict?.(shapes) ?? null) === null) all.push(shapes);
    }
    for (const shapes of all) if (shapes !== null) yield [`${name}(${shapes.join(', ')})`, family.law(shapes)];
  }
}

test('laws are numbers at the ends of the doubles and of their support', () => {
  const complaints: string[] = [];
  for (const [what, law] of laws()) {
    for (const z of placesOf(law)) {
      const [density, below, above] = [law.pdf(z), law.cdf(z), law.upper(z)];
      const isFine = density >= 0 && below >= 0 && below <= 1 && above >= 0 && above <= 1;
      if (!isFine) complaints.push(`${what} at ${z}: pdf ${density}, cdf ${below}, upper ${above}`);
      else if (Math.abs(below + above - 1) > 1e-9) complaints.push(`${what} at ${z}: cdf ${below} + upper ${above}`);
    }
  }
  assert.equal(complaints.length, 0, complaints.slice(0, 20).join('\n'));
});

test('laws have closed scores that are numbers at the ends of the doubles', () => {
  const complaints: string[] = [];
  for (const [what, law] of laws()) {
    for (const z of places.filter(Number.isFinite)) {
      const score = law.crps?.(z) ?? 0;
      if (!(score >= 0)) complaints.push(`${what} at ${z}: ${score}`);
    }
  }
  assert.equal(complaints.length, 0, complaints.slice(0, 20).join('\n'));
});

test('laws have logarithms of densities that agree with these, and go on below them', () => {
  const complaints: string[] = [];
  for (const [what, law] of laws()) {
    for (const z of placesOf(law)) {
      const [density, log] = [law.pdf(z), law.logPdf?.(z) ?? Math.log(law.pdf(z))];
      const isFine =
        density > 1e-290 && density < 1e300 ? Math.abs(log - Math.log(density)) < 1e-9 : log < -660 || log > 680;
      if (!isFine) complaints.push(`${what} at ${z}: ${log}, pdf ${density}`);
    }
  }
  assert.equal(complaints.length, 0, complaints.slice(0, 20).join('\n'));
});
