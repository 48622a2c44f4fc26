import assert from 'node:assert/strict';
import { test } from 'node:test';
import { betaKernel, logBeta } from './beta.ts';
import { expm1Minus, log1pMinus, minusSine } from './elementary.ts';
import { erf, scaledErfcDrop } from './erf.ts';
import { gammaKernel, logGamma, logGammaOnePlus } from './gamma.ts';
import { lowerBeta } from './incomplete-beta.ts';
import { lowerGamma, upperGamma } from './incomplete-gamma.ts';
import { logNormalCdf, normalCdf, normalMass } from './normal.ts';

function assertClose(value: number, expected: number, relative: number, what: string) {
  assert.ok(Math.abs(value - expected) <= relative * Math.abs(expected), `${what} is ${value}, must be ${expected}`);
}

test('log1pMinus(), expm1Minus() and minusSine() join their series', () => {
  for (const [f, at] of [
    [log1pMinus, 0.45],
    [log1pMinus, -0.45],
    [expm1Minus, 0.7],
    [expm1Minus, -0.7],
    [minusSine, 1],
  ] as const) {
    assertClose(f(at * (1 - 1e-15)), f(at * (1 + 1e-15)), 1e-14, `${f.name} at ${at}`);
  }
  assertClose(log1pMinus(1e-9), -5e-19 + 1e-27 / 3, 1e-15, 'log1pMinus');
  assertClose(expm1Minus(-1e-9), 5e-19 - 1e-27 / 6, 1e-15, 'expm1Minus');
  assertClose(minusSine(1e-5), 1e-15 / 6 - 1e-25 / 120, 1e-15, 'minusSine');
});

test('logGammaOnePlus() joins its series and is exact near 0', () => {
  assertClose(logGammaOnePlus(0.25), logGamma(1.25), 1e-14, 'ln Γ(1.25)');
  assertClose(logGammaOnePlus(-0.25), logGamma(0.75), 1e-14, 'ln Γ(0.75)');
  assertClose(logGammaOnePlus(1e-12), -5.772156649007e-13, 1e-12, 'ln Γ(1 + 1e-12)');
});

const gammaShapes = [1e-6, 0.02, 0.3, 0.999, 1, 3.5, 9.9, 10, 40, 149.9, 150.1, 400, 1107, 1e4, 1e6];

test('lowerGamma() and upperGamma() keep their recurrence over all their methods, each in its own small tail', () => {
  for (const a of gammaShapes) {
    for (const t of [-8, -4, -1, -0.1, 0.1, 1, 4, 8]) {
      const x = a < 1 ? 10 ** (t / 2) : a * Math.exp(t / Math.sqrt(a));
      const step = gammaKernel(a, x) / a; // P(a, x) − P(a + 1, x)
      const what = `at a = ${a}, x = ${x}`;
      assertClose(lowerGamma(a, x), lowerGamma(a + 1, x) + step, 1e-12, `P ${what}`);
      assertClose(upperGamma(a + 1, x), upperGamma(a, x) + step, 1e-12, `Q ${what}`);
      assertClose(lowerGamma(a, x) + upperGamma(a, x), 1, 1e-14, `P + Q ${what}`);
    }
  }
});

test('lowerGamma() is right where the library we first took was wrong', () => {
  // Two values of scipy.special.gammainc.
  assertClose(lowerGamma(1107.1971610846035, 1057.9792264290563), 0.06790282155021783, 1e-12, 'P');
  assertClose(lowerGamma(4821.914212634589, 4799.210538770598), 0.37347404449138777, 1e-12, 'P');
  assert.equal(lowerGamma(2, Number.POSITIVE_INFINITY), 1);
  assert.equal(upperGamma(2, 0), 1);
});

test('lowerBeta() keeps its recurrence over all its methods', () => {
  for (const [a, b] of [
    [0.5, 0.5],
    [0.02, 30],
    [3, 4],
    [9.5, 8],
    [12, 15],
    [300, 200],
    [1e4, 30],
    [1e5, 2e5],
    [1e8, 1e7],
  ] as const) {
    const mean = a / (a + b);
    const width = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
    for (const k of [-6, -2, 0, 2, 6]) {
      const x = Math.min(1 - 1e-3, Math.max(1e-6, mean + k * width));
      const y = 1 - x;
      const step = betaKernel(a, b)(x, y) / a;
      const what = `I at a = ${a}, b = ${b}, x = ${x}`;
      // Differences of large arguments' rounding grow like a + b.
      const tolerance = 1e-11 + 1e-16 * (a + b);
      assertClose(lowerBeta(a, b, x, y), lowerBeta(a + 1, b, x, y) + step, tolerance, what);
      assertClose(lowerBeta(a, b, x, y) + lowerBeta(b, a, y, x), 1, 1e-11, what);
    }
  }
  assertClose(lowerBeta(2, 1e12, 2e-12, 1 - 2e-12), lowerGamma(2, 2), 1e-11, 'I near its limit');
});

test('logBeta() joins Stirling to the gamma function', () => {
  for (const [a, b] of [
    [0.3, 9.99],
    [0.3, 10.01],
    [9.99, 12],
    [10.01, 12],
    [30, 40],
  ] as const) {
    assertClose(logBeta(a, b), logGamma(a) + logGamma(b) - logGamma(a + b), 1e-13, `ln B(${a}, ${b})`);
  }
  assertClose(logBeta(2, 1e12), -Math.log(1e12) - Math.log1p(1e12), 1e-14, 'ln B(2, 1e12)');
});

test('erf(), logNormalCdf() and normalMass() keep small values', () => {
  assertClose(erf(1e-9), (2e-9 / Math.sqrt(Math.PI)) * (1 - 1e-18 / 3), 1e-15, 'erf');
  assertClose(erf(0.5 - 1e-16), erf(0.5 + 1e-16), 1e-14, 'erf at its joint');
  for (const z of [-1.0000001, -0.9999999, -5, 3])
    assertClose(Math.exp(logNormalCdf(z)), normalCdf(z), 1e-13, `Φ(${z})`);
  assertClose(logNormalCdf(-100), -5005.524208694205, 1e-14, 'ln Φ(−100)');
  for (const [a, b] of [
    [-3, -2],
    [-1, 2],
    [1, 5],
    [-9, -8.9],
  ] as const) {
    const direct = a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
    assertClose(normalMass(a, b), direct, 1e-13, `mass of [${a}, ${b}]`);
  }
  assertClose(normalMass(2, 2 + 1e-9), 1e-9 * 0.05399096651318806 * (1 - 1e-9), 1e-7, 'a narrow mass');
});

test('scaledErfcDrop() joins its two methods', () => {
  for (const x of [0, 0.5, 3, 20]) {
    const d = 0.2 * (1 + x);
    assertClose(scaledErfcDrop(x, d * (1 - 1e-9)), scaledErfcDrop(x, d * (1 + 1e-9)), 1e-8, `at ${x}`);
    assertClose(scaledErfcDrop(x, d), scaledErfcDrop(x, d / 2) + scaledErfcDrop(x + d / 2, d / 2), 1e-12, `at ${x}`);
  }
});

test('lowerBeta(), lowerGamma() and upperGamma() end and stay probabilities wherever they are asked', () => {
  const sizes = [1e-300, 1e-15, 0.5, 10, 1e4, 10_001, 1e6, 1e7, 1e10, 1e16, 1e100, 1e300];
  const small = [5e-324, 1e-310, 1e-300, 1e-100, 1e-16, 1e-8, 0.1, 0.5];
  const isProbability = (value: number, what: string) => assert.ok(value >= 0 && value <= 1, `${what} is ${value}`);
  for (const a of sizes) {
    for (const b of sizes) {
      const mean = a < b ? a / (a + b) : b / (a + b);
      for (const x of [...small, mean, mean * (1 + 1e-12)]) {
        isProbability(lowerBeta(a, b, x, 1 - x), `I(${a}, ${b}) at ${x}`);
        isProbability(lowerBeta(a, b, 1 - x, x), `I(${a}, ${b}) at 1 − ${x}`);
      }
    }
    for (const x of [...small, 1, a * 0.99, a, a * 1.01, 1e155, 1e308]) {
      isProbability(lowerGamma(a, x), `P(${a}, ${x})`);
      isProbability(upperGamma(a, x), `Q(${a}, ${x})`);
    }
  }
});
