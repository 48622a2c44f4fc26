// The beta function and its incomplete forms. Arguments come as a pair x, y = 1 − x, so that neither end of
// the interval loses digits.

import beta from '@stdlib/math-base-special-beta';
import betainc from '@stdlib/math-base-special-betainc';
import { deviance, stirlingError } from './gamma-function.ts';
import { lowerBeta } from './special/beta.ts';

/** B(½, a), a > 0: what mean distances of gamma, beta and Student laws are made of. */
export function betaHalf(a: number): number {
  return beta(0.5, a);
}

/** I_x(a, b) with y = 1 − x, relatively accurate where it is small. The upper tail is `betaLower(b, a, y, x)`. */
export function betaLower(a: number, b: number, x: number, y: number): number {
  if (!(x > 0)) return 0;
  if (!(y > 0)) return 1;
  // @stdlib's is 1e-9 off at 1e7 and wrong in the first digit at 1e10; up to here it is five times as fast.
  if (Math.max(a, b) > 1e6) return lowerBeta(a, b, x, y);
  if (x <= y) return betainc(x, a, b, true, false);
  // Its upper tail takes a y below the rounding of 1 for 0.
  return y < 1e-16 ? 1 - betainc(y, b, a, true, false) : betainc(y, b, a, true, true);
}

/** The function x^a·y^b / B(a, b) of x + y = 1, both > 0, by Loader's saddle point form: exact for large a and b too. */
export function betaKernel(a: number, b: number): (x: number, y: number) => number {
  const n = a + b;
  const logFactor = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const root = Math.sqrt((a / n / (2 * Math.PI)) * b);
  return (x, y) => root * Math.exp(logFactor - deviance(a, n * x) - deviance(b, n * y));
}
