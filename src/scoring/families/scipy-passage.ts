// Laws of first passages and sums of normal variables: inverse Gaussian, exponentially modified, skew normal.

import type { Family, Law } from '../law.ts';
import { reflected } from '../law.ts';
import { erfc, scaledErfc, scaledErfcDrop } from '../special/erf.ts';
import { normalCdf, normalPdf } from '../special/normal.ts';
import { smoothIntegral } from '../special/quadrature-rule.ts';
import { makeLaw, ofPositive, real } from './scipy-law.ts';

const sqrtTwoPi = Math.sqrt(2 * Math.PI);

/** F and 1 − F of the inverse Gaussian law of mean μ and shape 1. */
function inverseGaussian(mu: number) {
  /** e^{2/μ}Φ(−(z + μ)/(μ√z)), whose exponents make −v²/2 together. */
  const mirrored = (z: number, v: number) => 0.5 * scaledErfc((v + 2 / Math.sqrt(z)) / Math.SQRT2) * halfSquare(v);
  const arrival = (z: number) => Math.sqrt(z) / mu - 1 / Math.sqrt(z);
  return {
    arrival,
    cdf: (z: number) => {
      const v = arrival(z);
      return normalCdf(v) + mirrored(z, v);
    },
    upper: (z: number) => {
      const v = arrival(z);
      if (v < 0) return normalCdf(-v) - mirrored(z, v);
      const edge = halfSquare(v);
      return edge === 0 ? 0 : 0.5 * edge * scaledErfcDrop(v / Math.SQRT2, Math.SQRT2 / Math.sqrt(z));
    },
  };
}

function halfSquare(v: number): number {
  return Math.exp(-0.5 * v * v);
}

function invgauss(mu: number): Law {
  const { arrival, cdf, upper } = inverseGaussian(mu);
  return makeLaw({
    from: 0,
    pdf: (z) => (z === 0 ? 0 : Math.exp(-0.5 * arrival(z) ** 2 - 1.5 * Math.log(z)) / sqrtTwoPi),
    cdf,
    upper,
  });
}

/** The reciprocal of an inverse Gaussian variable. */
function recipinvgauss(mu: number): Law {
  const { arrival, cdf, upper } = inverseGaussian(mu);
  return makeLaw({
    from: 0,
    pdf: (z) => (z < 1e-300 ? 0 : halfSquare(arrival(1 / z)) / (sqrtTwoPi * Math.sqrt(z))),
    cdf: (z) => upper(1 / z),
    upper: (z) => cdf(1 / z),
  });
}

/** A standard normal variable plus K times a standard exponential one. */
function exponnorm(k: number): Law {
  const rate = 1 / k;
  /** e^{rate²/2 − rate·z}Φ(z − rate). */
  const shifted = (z: number) =>
    z < rate
      ? 0.5 * scaledErfc((rate - z) / Math.SQRT2) * halfSquare(z)
      : Math.exp(rate * (0.5 * rate - z)) * normalCdf(z - rate);
  // For large K and z ≥ 0 the difference Φ(z) − shifted(z) would cancel.
  const late = (z: number) => {
    const f = (t: number) => normalPdf(t) * -Math.expm1((t - z) * rate);
    const end = Math.min(z, 9);
    let sum = 0;
    for (let from = -9; from < end; from += 3) sum += smoothIntegral(f, from, Math.min(from + 3, end));
    return sum;
  };
  return makeLaw({
    pdf: (z) => rate * shifted(z),
    cdf: (z) => {
      const edge = halfSquare(z);
      if (z < 0) return edge === 0 ? 0 : 0.5 * edge * scaledErfcDrop(-z / Math.SQRT2, rate / Math.SQRT2);
      return rate * (z + 1) < 0.1 ? late(z) : normalCdf(z) - shifted(z);
    },
    upper: (z) => normalCdf(-z) + shifted(z),
  });
}

/** Density 2φ(z)Φ(az). */
function skewnorm(a: number): Law {
  if (a < 0) return reflected(skewnorm(-a));
  const pdf = (z: number) => normalPdf(z) * erfc((-a * z) / Math.SQRT2);
  const atZero = Math.atan2(1, a) / Math.PI;
  const bend = Math.hypot(1, a);
  return makeLaw({
    pdf,
    cdf: (z) => (z < 0 ? lowerSkew(z) : 1 - upperSkew(z)),
    upper: (z) => (z < 0 ? 1 - lowerSkew(z) : upperSkew(z)),
    kinks: [0],
  });

  /** z < 0: (1/π)∫_a^∞ e^{−z²(1 + x²)/2}/(1 + x²) dx, from Owen's T, without its cancelling Φ(z). */
  function lowerSkew(z: number): number {
    if (-z * bend < 1) return atZero - smoothIntegral(pdf, z, 0);
    const start = -a * z;
    const edge = Math.exp(-0.5 * z * z - 0.5 * start * start);
    if (edge === 0) return 0;
    // In s = −zx: beyond s²/2 = start²/2 + 40 nothing is left.
    const width = 80 / (start + Math.sqrt(start * start + 80));
    const f = (s: number) => Math.exp(-0.5 * (s - start) * (s + start)) / (z * z + s * s);
    const parts =
      smoothIntegral(f, start, start + 0.1 * width) +
      smoothIntegral(f, start + 0.1 * width, start + 0.4 * width) +
      smoothIntegral(f, start + 0.4 * width, start + width);
    return (-z / Math.PI) * edge * parts;
  }

  /** z ≥ 0: 2Φ(−z) less the same tail on the other side, which is at most half of it. */
  function upperSkew(z: number): number {
    return z === 0 ? 1 - atZero : erfc(z / Math.SQRT2) - lowerSkew(-z);
  }
}

export const passageFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['invgauss', ofPositive('mu', invgauss)],
  ['wald', { shapes: [], law: () => waldLaw }],
  ['recipinvgauss', ofPositive('mu', recipinvgauss)],
  ['exponnorm', ofPositive('K', exponnorm)],
  ['skewnorm', { shapes: [real('a')], law: ([a]) => skewnorm(a as number) }],
]);

const waldLaw = invgauss(1);
