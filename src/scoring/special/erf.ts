// The error function, its complement and the scaled complement, each relatively accurate where it is small.

import stdlibErfc from '@stdlib/math-base-special-erfc';
import { smoothIntegral } from './quadrature-rule.ts';

/** erfc(x) = 2/√π ∫ₓ^∞ e^{−t²} dt. */
export function erfc(x: number): number {
  return stdlibErfc(x);
}

/** erf(x) for x ≥ 0. */
export function erf(x: number): number {
  if (x > 0.5) return 1 - erfc(x);
  // 2/√π·e^{−x²}Σ 2ⁿx^{2n+1}/(2n + 1)!! (DLMF 7.6.2): all terms are positive.
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * 2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * x * sum;
}

const inverseSqrtPi = 1 / Math.sqrt(Math.PI);

/** e^{x²} erfc(x) for x ≥ 0: about 1/(x√π), where erfc itself underflows. */
export function scaledErfc(x: number): number {
  // e^{x²} multiplies the rounding of x² by x²: 1e-14 at 8, from where the continued fraction is exact.
  if (x < 8) return Math.exp(x * x) * erfc(x);
  let fraction = x;
  for (let k = 20; k >= 1; k--) fraction = x + k / 2 / fraction;
  return inverseSqrtPi / fraction;
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
