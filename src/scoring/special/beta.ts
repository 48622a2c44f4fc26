// The beta function, and the kernel of its law. Arguments come as a pair x, y = 1 − x, so that neither end of the unit
// interval is rounded. Its incomplete form: incomplete-beta.ts.

import beta from '@stdlib/math-base-special-beta';
import { deviance, logGamma, logGammaOnePlus, stirlingError } from './gamma.ts';

/** B(½, a), a > 0: what mean distances of gamma, beta and Student laws are made of. */
export function betaHalf(a: number): number {
  return beta(0.5, a);
}

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

/**
 * The function x^a·y^b / B(a, b) of x + y = 1, by Loader's saddle point form: exact for large a and b too.
 */
export function betaKernel(a: number, b: number): (x: number, y: number) => number {
  const n = a + b;
  const logFactor = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const root = Math.sqrt((a / n / (2 * Math.PI)) * b);
  return (x, y) => {
    if (!(x > 0 && y > 0)) return 0;
    // n·x may underflow.
    if (x < smallest || y < smallest) return Math.exp(a * Math.log(x) + b * Math.log(y) - logBeta(a, b));
    return root * Math.exp(logFactor - deviance(a, n * x) - deviance(b, n * y));
  };
}

const smallest = 1e-300;
