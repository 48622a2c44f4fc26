import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crps } from './crps.ts';
import { normalDensity } from './distribution.ts';
import { ensembleCrps } from './ensemble-crps.ts';
import { quantile } from './quantile.ts';

const anyNumber = fc.double({ min: -100, max: 100, noNaN: true });

test('ensembleCrps() is the fair estimate, sum by sum', () => {
  fc.assert(
    fc.property(fc.array(anyNumber, { minLength: 2, maxLength: 30 }), anyNumber, (samples, y) => {
      const n = samples.length;
      const distance = samples.reduce((sum, x) => sum + Math.abs(x - y), 0) / n;
      const spread = samples.flatMap((a) => samples.map((b) => Math.abs(a - b))).reduce((sum, d) => sum + d, 0);
      const expected = distance - spread / (2 * n * (n - 1));
      assert.ok(Math.abs(ensembleCrps(samples, y) - expected) < 1e-11);
    }),
  );
});

test('ensembleCrps() is without bias: its mean over all pairs of outcomes is that of the many', () => {
  const many = Array.from({ length: 40 }, (_, i) => Math.sin(i) * 10);
  let sum = 0;
  for (const a of many) for (const b of many) if (a !== b) sum += ensembleCrps([a, b], 1);
  const pairs = many.length * (many.length - 1);
  assert.ok(Math.abs(sum / pairs - ensembleCrps(many, 1)) < 1e-12);
});

test('ensembleCrps() of many quantiles is the CRPS', () => {
  const normal = normalDensity(1, 2);
  const samples = Array.from({ length: 20_000 }, (_, i) => quantile(normal, (i + 0.5) / 20_000));
  for (const y of [-4, 1, 2.5]) assert.ok(Math.abs(ensembleCrps(samples, y) - crps(normal, y)) < 1e-3);
});

test('ensembleCrps() leaves the samples as they are', () => {
  const samples = [3, 1, 2];
  ensembleCrps(samples, 2);
  assert.deepEqual(samples, [3, 1, 2]);
});

test('ensembleCrps() of what never happened, and of no ensemble', () => {
  assert.ok(Number.isNaN(ensembleCrps([1, 2], Number.NaN)));
  assert.equal(ensembleCrps([1, 2], Number.NEGATIVE_INFINITY), Number.POSITIVE_INFINITY);
  assert.throws(() => ensembleCrps([1], 0), {
    name: 'RangeError',
    message: "Cannot compute an ensemble's CRPS: needs at least 2 samples, has 1",
  });
  assert.throws(() => ensembleCrps([1, Number.NaN], 0), RangeError);
  assert.throws(() => ensembleCrps([1, Number.NEGATIVE_INFINITY, 2], 0), RangeError);
});
