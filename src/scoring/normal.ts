// The standard normal law. Tails come from erfc, so that they keep their relative accuracy.

import { erfc } from './erf.ts';

const sqrtTwo = Math.SQRT2;
const sqrtTwoPi = Math.sqrt(2 * Math.PI);
const inverseSqrtPi = 1 / Math.sqrt(Math.PI);

/** φ(z) = e^{−z²/2} / √(2π). */
export function normalPdf(z: number): number {
  return Math.exp(-0.5 * z * z) / sqrtTwoPi;
}

/** Φ(z) = ½ erfc(−z/√2). */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / sqrtTwo);
}

/**
 * CRPS of N(0, 1) at z: z(2Φ(z) − 1) + 2φ(z) − 1/√π. At least 0.2337 (z = 0), about |z| − 1/√π far out.
 * Jordan, Krüger & Lerch, J. Stat. Softw. 90(12), 2019, App. A.
 */
export function normalCrps(z: number): number {
  return meanAbsoluteNormal(z, 1) - inverseSqrtPi;
}

/**
 * E|X| for X ~ N(m, s²), s > 0: m(2Φ(m/s) − 1) + 2sφ(m/s). (A(m, s²) of Grimit et al., Q. J. R. Meteorol.
 * Soc. 132, 2006.)
 */
export function meanAbsoluteNormal(m: number, s: number): number {
  const z = Math.abs(m) / s;
  // Beyond 9 the terms left out are below 1e-18 of |m|, and z² can't overflow.
  if (z > 9) return Math.abs(m);
  return Math.abs(m) * (1 - erfc(z / sqrtTwo)) + 2 * s * normalPdf(z);
}
