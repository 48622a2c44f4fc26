// The Weibull laws, P(X > z) = e^{−z^c}, and two of them with names of their own: exponential (c = 1) and
// Rayleigh (c = 2, stretched by √2).

import type { Family, Law } from '../law.ts';
import { positive, reflected } from '../law.ts';
import { erfc } from '../special/erf.ts';
import { logGamma } from '../special/gamma.ts';
import { lowerGamma } from '../special/incomplete-gamma.ts';

export const weibullMin: Family = { shapes: [positive('c')], law: ([c]) => weibullLaw(c as number) };
export const weibullMax: Family = { shapes: [positive('c')], law: ([c]) => reflected(weibullLaw(c as number)) };

/** z^c, or −ln of the upper tail, at the cuts: beyond 30, (1 − F)² is below 1e-26. */
const exponents = [1e-6, 1e-2, 0.3, 1, 4, 12, 30];

function weibullCuts(c: number): readonly number[] {
  // For small c the bulk of ∫(1 − F)² lies far above the law's own, at z^c = 1/(2c).
  const further = c < 0.2 ? [0.5 / c, 1 / c, 30 + 2 / c] : [];
  const cuts = [...exponents, ...further].map((exponent) => exponent ** (1 / c));
  return cuts.filter((cut) => cut > 0 && cut < Number.POSITIVE_INFINITY).sort((a, b) => a - b);
}

function weibullLaw(c: number): Law {
  const mean = Math.exp(logGamma(1 + 1 / c));
  // E min(X, X'), the CRPS at 0; in logarithms, as the mean alone overflows for small c.
  const nearest = Math.exp(logGamma(1 + 1 / c) - Math.LN2 / c);
  return {
    pdf: (z) => weibullPdf(z, c),
    logPdf: (z) => (z > 0 && z < Number.POSITIVE_INFINITY ? weibullLogPdf(z, c) : Math.log(weibullPdf(z, c))),
    cdf: (z) => (z > 0 ? -Math.expm1(-(z ** c)) : 0),
    upper: (z) => (z > 0 ? Math.exp(-(z ** c)) : 1),
    from: 0,
    to: Number.POSITIVE_INFINITY,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: Number.POSITIVE_INFINITY,
    cuts: weibullCuts(c),
    // z − 2∫₀^z (1 − F) + ∫₀^∞ (1 − F)², the first integral by the incomplete gamma function (own derivation); where
    // z^c vanishes, and may underflow, it is z.
    crps: (z) => {
      const power = z > 0 ? z ** c : 0;
      if (!(power > 1e-17)) return nearest - z;
      return (
        z - 2 * (mean < Number.POSITIVE_INFINITY ? mean * lowerGamma(1 / c, power) : partial(z, power, c)) + nearest
      );
    },
  };
}

/** ∫₀^z (1 − F) where the mean overflows: the series of DLMF 8.11.4, of which a dozen terms count. */
function partial(z: number, power: number, c: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 200 && term > sum * 1e-17; n++) {
    term *= power / (1 / c + n);
    sum += term;
  }
  return z * Math.exp(-power) * sum;
}

function weibullPdf(z: number, c: number): number {
  if (z === 0) return c < 1 ? Number.POSITIVE_INFINITY : c === 1 ? 1 : 0;
  if (!(z > 0 && z < Number.POSITIVE_INFINITY)) return 0;
  const power = z ** c;
  if (z < smallest || power < smallest) return Math.exp(weibullLogPdf(z, c)); // (c/z)·z^c may be Infinity·0
  return power < 750 ? (c / z) * power * Math.exp(-power) : 0;
}

const smallest = 1e-300;

function weibullLogPdf(z: number, c: number): number {
  return Math.log(c) + (c - 1) * Math.log(z) - z ** c;
}

const exponentialLaw: Law = {
  pdf: (z) => (z >= 0 ? Math.exp(-z) : 0),
  logPdf: (z) => (z >= 0 ? -z : Number.NEGATIVE_INFINITY),
  cdf: (z) => (z > 0 ? -Math.expm1(-z) : 0),
  upper: (z) => (z > 0 ? Math.exp(-z) : 1),
  from: 0,
  to: Number.POSITIVE_INFINITY,
  leftTail: Number.POSITIVE_INFINITY,
  rightTail: Number.POSITIVE_INFINITY,
  cuts: [1, 4, 12, 30],
  crps: (z) => (z > 0 ? z + 2 * Math.expm1(-z) + 0.5 : 0.5 - z),
};

export const expon: Family = { shapes: [], law: () => exponentialLaw };

const halfSqrtPi = 0.5 * Math.sqrt(Math.PI);
const sqrtTwoPi = Math.sqrt(2 * Math.PI);

const rayleighLaw: Law = {
  pdf: (z) => (z > 0 && z < 1e100 ? z * Math.exp(-0.5 * z * z) : 0),
  logPdf: (z) => (z > 0 && z < Number.POSITIVE_INFINITY ? Math.log(z) - 0.5 * z * z : Number.NEGATIVE_INFINITY),
  cdf: (z) => (z > 0 ? -Math.expm1(-0.5 * z * z) : 0),
  upper: (z) => (z > 0 ? Math.exp(-0.5 * z * z) : 1),
  from: 0,
  to: Number.POSITIVE_INFINITY,
  leftTail: Number.POSITIVE_INFINITY,
  rightTail: Number.POSITIVE_INFINITY,
  cuts: exponents.map((exponent) => Math.sqrt(2 * exponent)),
  crps: (z) => (z > 0 ? z - sqrtTwoPi * (1 - erfc(z / Math.SQRT2)) + halfSqrtPi : halfSqrtPi - z),
};

export const rayleigh: Family = { shapes: [], law: () => rayleighLaw };
