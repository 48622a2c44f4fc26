// The beta function and the regularized incomplete beta function, given both x and y = 1 − x so that neither end
// of the unit interval is rounded.

import betainc from '@stdlib/math-base-special-betainc';
import { log1pMinus } from './elementary.ts';
import { logGamma, logGammaOnePlus, stirlingError } from './gamma.ts';

/** ln B(a, b). Two large arguments' gamma functions would cancel; Stirling's series of their ratio doesn't. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  const logSmall = logGammaOnePlus(small) - Math.log(small);
  if (large < 10) return logSmall + logGamma(large) - logGamma(a + b);
  const sum = a + b;
  const ratio = -(large - 0.5) * Math.log1p(small / large) - small * (Math.log(sum) - 1);
  if (small < 10) return logSmall + ratio + stirlingError(large) - stirlingError(sum);
  const logs = (small - 0.5) * Math.log(small / sum) - (large - 0.5) * Math.log1p(small / large) - 0.5 * Math.log(sum);
  return logs + 0.5 * Math.log(2 * Math.PI) + stirlingError(small) + stirlingError(large) - stirlingError(sum);
}

/** x^a y^b / B(a, b) with x + y = 1. */
export function betaKernel(a: number, b: number, x: number, y: number): number {
  if (x === 0 || y === 0) return 0;
  if (Math.min(a, b) < 10) return Math.exp(a * Math.log(x) + b * Math.log(y) - logBeta(a, b));
  const sum = a + b;
  // The smaller of x and y is the one that is exact.
  const distance = x < y ? x - a / sum : b / sum - y;
  const exponent = a * log1pMinus((distance * sum) / a) + b * log1pMinus((-distance * sum) / b);
  const stirling = stirlingError(sum) - stirlingError(a) - stirlingError(b);
  return Math.sqrt((a / sum) * (b / (2 * Math.PI))) * Math.exp(exponent + stirling);
}

/** I_x(a, b) with x + y = 1, relatively accurate where it is small. */
export function lowerBeta(a: number, b: number, x: number, y: number): number {
  if (!(x > 0)) return 0;
  if (!(y > 0)) return 1;
  return x < y ? betainc(x, a, b, true, false) : betainc(y, b, a, true, true);
}
