// The gamma function in the shapes that laws need: kernels and densities that neither overflow nor lose digits for large
// shapes. Its incomplete forms: incomplete-gamma.ts.

import gammaln from '@stdlib/math-base-special-gammaln';
import { log1pMinus } from './elementary.ts';

/** ln Γ(a) for a > 0. */
export function logGamma(a: number): number {
  return gammaln(a);
}

const eulerGamma = 0.5772156649015329;
/** ζ(k) − 1 from k = 2. */
const zetaMinusOne = [
  0.6449340668482264, 0.2020569031595943, 0.0823232337111382, 0.0369277551433699, 0.0173430619844491,
  0.0083492773819228, 0.0040773561979443, 0.0020083928260822, 0.0009945751278181, 0.0004941886041195, 0.000246086553308,
  0.0001227133475785, 0.0000612481350587, 0.000030588236307, 0.0000152822594087,
];

/** ln Γ(1 + a), a > −1, relatively accurate near 0 (Abramowitz & Stegun 6.1.33). */
export function logGammaOnePlus(a: number): number {
  if (Math.abs(a) > 0.25) return gammaln(1 + a);
  let sum = 0;
  for (let k = zetaMinusOne.length + 1; k >= 2; k--) {
    sum = sum * -a + (zetaMinusOne[k - 2] as number) / k;
  }
  return -Math.log1p(a) + a * (1 - eulerGamma) + a * a * sum;
}

const logSqrtTwoPi = 0.9189385332046728;

/** ln Γ(a + 1) − [(a + ½) ln a − a + ½ ln 2π]: what Stirling's formula leaves out. DLMF 5.11.1. */
export function stirlingError(a: number): number {
  if (a < 10) return gammaln(a + 1) - (a + 0.5) * Math.log(a) + a - logSqrtTwoPi;
  const r = 1 / (a * a);
  // At a = 10 the first term left out is 6e-16.
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - (r * 691) / 360360))))) / a;
}

/** x − a − a·ln(x/a) ≥ 0, without cancellation for x near a (Loader's deviance, 2000). */
export function deviance(a: number, x: number): number {
  const v = (x - a) / a;
  return Math.abs(v) < 0.4 ? -a * log1pMinus(v) : x - a - a * Math.log(x / a);
}

const saddleFrom = 10; // below, x^a·e^−x as it stands loses no digits

/**
 * x^a e^{−x}/Γ(a), given x and ln x. From a = 10 on about its peak, x = a: there the three logarithms would cancel.
 */
export function gammaKernel(a: number, x: number, logX = Math.log(x)): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (a < saddleFrom) return Math.exp(a * logX - x - logGammaOnePlus(a)) * a;
  const v = (x - a) / a;
  const exponent = Math.abs(v) < 0.5 ? a * log1pMinus(v) : a * (logX - Math.log(a)) - (x - a);
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(exponent - stirlingError(a));
}

/** The density of the gamma law, x^{a−1}e^{−x}/Γ(a); Infinity at 0 for a < 1. */
export function gammaDensity(a: number): (x: number) => number {
  const atZero = a < 1 ? Number.POSITIVE_INFINITY : a === 1 ? 1 : 0;
  const logNorm = gammaln(a);
  const root = Math.sqrt(a / (2 * Math.PI));
  const error = stirlingError(a);
  return (x) => {
    if (x === 0) return atZero;
    if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return 0;
    if (a < saddleFrom) return Math.exp((a - 1) * Math.log(x) - x - logNorm);
    if (x < smallest) return 0;
    return (root / x) * Math.exp(-error - deviance(a, x)); // the terms above would cancel
  };
}

const smallest = 1e-300; // 1/x is still a number

/** Its logarithm, also below the smallest double. */
export function gammaLogDensity(a: number): (x: number) => number {
  const atZero = Math.log(gammaDensity(a)(0));
  const factor = a < saddleFrom ? -logGamma(a) : 0.5 * Math.log(a / (2 * Math.PI)) - stirlingError(a);
  return (x) => {
    if (x === 0) return atZero;
    if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
    return a < saddleFrom ? (a - 1) * Math.log(x) - x + factor : factor - Math.log(x) - deviance(a, x);
  };
}
