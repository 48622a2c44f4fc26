// What laws made from the normal one need beside φ and Φ: erf, ln Φ, masses of intervals, differences of scaled
// tails. Each is relatively accurate where it is small.

import { erfc, scaledErfc } from '../erf.ts';
import { normalCdf, normalPdf } from '../normal.ts';
import { smoothIntegral } from './quadrature-rule.ts';

/** erf(x) for x ≥ 0. */
export function erf(x: number): number {
  if (x > 0.5) return 1 - erfc(x);
  // 2/√π·e^{−x²}Σ 2ⁿx^{2n+1}/(2n + 1)!! (DLMF 7.6.2): all terms are positive.
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * 2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * x * sum;
}

/** ln Φ(z). */
export function logNormalCdf(z: number): number {
  if (z > -1) return Math.log1p(-normalCdf(-z));
  return Math.log(0.5 * scaledErfc(-z / Math.SQRT2)) - 0.5 * z * z;
}

/** erfcx(x) − erfcx(x + d) for x ≥ 0, d ≥ 0. */
export function scaledErfcDrop(x: number, d: number): number {
  if (d > 0.2 * (1 + x)) return scaledErfc(x) - scaledErfc(x + d);
  // erfcx(x) = 2/√π ∫₀^∞ e^{−t² − 2xt} dt.
  const end = 40 / (x + Math.sqrt(x * x + 40));
  const f = (t: number) => Math.exp(-t * t - 2 * x * t) * -Math.expm1(-2 * d * t);
  const parts = smoothIntegral(f, 0, 0.2 * end) + smoothIntegral(f, 0.2 * end, 0.5 * end);
  return (2 / Math.sqrt(Math.PI)) * (parts + smoothIntegral(f, 0.5 * end, end));
}

/** Φ(b) − Φ(a) for a ≤ b. */
export function normalMass(a: number, b: number): number {
  if (a + b > 0) return normalMass(-b, -a);
  // Now the nearer end to 0 is b or the interval holds 0 with its longer part on the left.
  if (b > 0) return 0.5 * (erf(-a / Math.SQRT2) + erf(b / Math.SQRT2));
  return normalPdf(b) * scaledMass(-b, b - a);
}

/** ∫₀^d e^{−au − u²/2} du for a ≥ 0: the mass of [a, a + d] over the density at a. */
export function scaledMass(a: number, d: number): number {
  if (d * Math.max(a, 1) < 1) return smoothIntegral((u) => Math.exp(-u * (a + 0.5 * u)), 0, d);
  if (d === Number.POSITIVE_INFINITY) return mills(a);
  return mills(a) - Math.exp(-d * (a + 0.5 * d)) * mills(a + d);
}

/** Mills' ratio (1 − Φ(a))/φ(a), a ≥ 0. */
function mills(a: number): number {
  return Math.sqrt(Math.PI / 2) * scaledErfc(a / Math.SQRT2);
}
