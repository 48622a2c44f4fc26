import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNoise, exponential, lattice, triangular, uniform } from './noise.ts';

test('exponential() agrees with Math.exp', () => {
  for (const x of [-50, -3.7, -0.2, -1e-9, 0, 1e-9, 0.1, 0.126, 1, 7.3, 50]) {
    assert.ok(Math.abs(exponential(x) / Math.exp(x) - 1) < 1e-12, `at ${x}`);
  }
});

test('createNoise() gives the same bits for a name and a place, others for other names', () => {
  assert.equal(createNoise('a')(12), createNoise('a')(12));
  assert.notEqual(createNoise('a')(12), createNoise('b')(12));
  assert.notEqual(createNoise('a')(12), createNoise('a')(12 + 2 ** 32));
});

test('uniform() and triangular() of noise have the promised mean and variance', () => {
  const noise = createNoise('moments');
  const places = Array.from({ length: 100_000 }, (_, place) => noise(place));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean(places.map(uniform)) - 0.5) < 0.004);
  assert.ok(Math.abs(mean(places.map(triangular))) < 0.012);
  assert.ok(Math.abs(mean(places.map((bits) => triangular(bits) ** 2)) - 1) < 0.015);
});

test('lattice() is continuous and passes through its values at whole positions', () => {
  const noise = createNoise('lattice');
  assert.equal(lattice(noise, 7), triangular(noise(7)));
  assert.ok(Math.abs(lattice(noise, 8 - 1e-9) - lattice(noise, 8)) < 1e-6);
});
