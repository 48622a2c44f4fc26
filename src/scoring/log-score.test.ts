import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalDensity, pdf } from './distribution.ts';
import { logScore } from './log-score.ts';
import { leafOf, lone, mixtureOf, movedBy } from './testing/densities.ts';

const close = (actual: number, expected: number, relative = 1e-13) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual}, expected ${expected}`);

const laws = [
  normalDensity(1, 2),
  lone('t', 0.5, 0.3, 3),
  lone('laplace', -1, 4),
  mixtureOf([0.7, leafOf('norm', 0, 1)], [0.2, leafOf('t', 4, 3, 2)], [0.1, leafOf('laplace', 0, 0.1)]),
];

test('logScore() is −ln f', () => {
  for (const density of laws) {
    for (const y of [-5, 0, 0.1, 3]) close(logScore(density, y), -Math.log(pdf(density, y)), 1e-12);
  }
});

test('logScore() is finite where f underflows', () => {
  close(logScore(normalDensity(0, 1), 60), 1800 + 0.5 * Math.log(2 * Math.PI));
  const pair = mixtureOf([0.5, leafOf('norm', 0, 1)], [0.5, leafOf('norm', 0, 2)]);
  close(logScore(pair, 200), 5000 + 0.5 * Math.log(2 * Math.PI) + Math.log(4));
  close(logScore(lone('laplace', 0, 1), 1e4), 1e4 + Math.LN2);
});

test('logScore() with a floor is that of the mixture with the reference', () => {
  const reference = normalDensity(0, 5);
  for (const density of laws) {
    for (const y of [-5, 0, 0.1, 3]) {
      const mixed = 0.99 * pdf(density, y) + 0.01 * pdf(reference, y);
      close(logScore(density, y, { reference, epsilon: 0.01 }), -Math.log(mixed), 1e-12);
      close(logScore(density, y, { reference }), -Math.log(0.999 * pdf(density, y) + 0.001 * pdf(reference, y)), 1e-12);
    }
  }
});

test('logScore() with a floor costs at most −ln ε beyond the reference', () => {
  const reference = normalDensity(0, 5);
  const needle = normalDensity(3, 1e-9);
  const excess = logScore(needle, 0, { reference, epsilon: 0.01 }) - logScore(reference, 0);
  close(excess, -Math.log(0.01));
});

test('logScore() stretched by c is ln c higher', () => {
  for (const density of laws) {
    close(logScore(movedBy(density, 3, 40), 0.7 * 40 + 3), logScore(density, 0.7) + Math.log(40), 1e-12);
  }
});

test('logScore() goes on where densities underflow', () => {
  close(logScore(lone('gamma', 0, 1, 3), 1e4), 1e4 - 2 * Math.log(1e4) + Math.LN2, 1e-12);
  close(logScore(lone('chi2', 0, 1, 6), 2e4), 1e4 - 2 * Math.log(1e4) + 2 * Math.LN2, 1e-12);
  close(logScore(lone('weibull_min', 0, 1, 2), 100), 1e4 - Math.log(200), 1e-12);
  close(logScore(lone('expon', 0, 2), 4e3), 2e3 + Math.LN2, 1e-12);
  close(logScore(lone('logistic', 0, 1), -2e3), 2e3, 1e-12);
  close(
    logScore(lone('lognorm', 0, 1, 0.1), 1e10),
    50 * Math.log(1e10) ** 2 + Math.log(1e9) + 0.5 * Math.log(2 * Math.PI),
    1e-12,
  );
});

test('logScore() of what never happened', () => {
  const reference = normalDensity(0, 5);
  assert.ok(Number.isNaN(logScore(normalDensity(0, 1), Number.NaN)));
  assert.ok(Number.isNaN(logScore(normalDensity(0, 1), Number.NaN, { reference })));
  assert.equal(logScore(normalDensity(0, 1), Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  assert.equal(logScore(normalDensity(0, 1), Number.NEGATIVE_INFINITY, { reference }), Number.POSITIVE_INFINITY);
  for (const ended of [lone('expon', 0, 1), lone('gamma', 0, 1, 2.5), lone('uniform', 0, 1)]) {
    assert.equal(logScore(ended, -1), Number.POSITIVE_INFINITY);
  }
  for (const pole of [lone('gamma', 0, 1, 0.5), lone('weibull_min', 0, 1, 0.5), lone('arcsine', 0, 1)]) {
    assert.equal(logScore(pole, 0), Number.NEGATIVE_INFINITY);
  }
});

test('logScore() refuses weights that are no probabilities, and an epsilon that is no share', () => {
  const half = { leaves: [{ ...leafOf('norm', 0, 1), weight: 0.5 }] };
  const message = 'weights: must sum to 1 within 0.00001, sum to 0.5';
  assert.throws(() => logScore(half, 0), { name: 'RangeError', message: `Cannot compute a log score: ${message}` });
  assert.throws(() => logScore(normalDensity(0, 1), 0, { reference: half }), {
    message: `Cannot compute a log score with this reference: ${message}`,
  });
  for (const epsilon of [0, 1, Number.NaN]) {
    assert.throws(() => logScore(normalDensity(0, 1), 0, { reference: normalDensity(0, 5), epsilon }), {
      name: 'RangeError',
      message: `Cannot compute a log score: epsilon must be between 0 and 1, is ${epsilon}`,
    });
  }
});
