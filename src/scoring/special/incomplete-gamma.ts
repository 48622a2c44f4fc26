// The regularized incomplete gamma functions P and Q, each relatively accurate where it is small. (@stdlib's gammainc
// 0.3.1 is wrong in the first digit at a = 1107, x = 1058, and takes 7 µs.)

import { log1pMinus } from './elementary.ts';
import { gammaKernel, logGammaOnePlus } from './gamma.ts';
import { panels } from './quadrature-rule.ts';
import { isUniform, uniformTail } from './uniform-gamma.ts';

const integralFrom = 150; // from here on sums would need more than 100 terms, without limit as a grows

/** P(a, x) = γ(a, x)/Γ(a) for a > 0, x ≥ 0. `logX` where x itself may underflow. */
export function lowerGamma(a: number, x: number, logX = Math.log(x)): number {
  if (x === Number.POSITIVE_INFINITY) return 1;
  if (logX === Number.NEGATIVE_INFINITY) return 0;
  if (isUniform(a, x)) return uniformTail(a, x, -1);
  if (a > integralFrom) return x < a ? lowerByIntegral(a, x, logX) : 1 - upperByIntegral(a, x, logX);
  return isLow(a, x) ? lowerBySeries(a, x, logX) : 1 - upperByFraction(a, x, logX);
}

/** Q(a, x) = 1 − P(a, x). */
export function upperGamma(a: number, x: number, logX = Math.log(x)): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (logX === Number.NEGATIVE_INFINITY) return 1;
  if (isUniform(a, x)) return uniformTail(a, x, 1);
  if (a > integralFrom) return x < a ? 1 - lowerByIntegral(a, x, logX) : upperByIntegral(a, x, logX);
  if (!isLow(a, x)) return upperByFraction(a, x, logX);
  return a < 1 ? upperBySeries(a, x, logX) : 1 - lowerBySeries(a, x, logX);
}

function isLow(a: number, x: number): boolean {
  return x < (a < 1 ? 1.1 : a + 1);
}

const termsMax = 1000; // a hundred are needed; a limit all the same

/** DLMF 8.11.4: all terms are positive. */
function lowerBySeries(a: number, x: number, logX: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n < termsMax && term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return Math.min(1, (gammaKernel(a, x, logX) / a) * sum);
}

/** For a < 1, where Q may be as small as a: 1 − x^a/Γ(1 + a)·[1 + aΣ (−x)ⁿ/(n!(a + n))] (DLMF 8.7.1). */
function upperBySeries(a: number, x: number, logX: number): number {
  let power = 1;
  let sum = 0;
  for (let n = 1; n < termsMax && Math.abs(power) > 1e-18; n++) {
    power *= -x / n;
    sum += power / (a + n);
  }
  const logFirst = a * logX - logGammaOnePlus(a);
  return -Math.expm1(logFirst) - Math.exp(logFirst) * a * sum;
}

/** Legendre's continued fraction (DLMF 8.9.2, contracted), by Lentz's method. */
function upperByFraction(a: number, x: number, logX: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < termsMax; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const step = c * d;
    product *= step;
    if (Math.abs(step - 1) < 2e-16) break;
  }
  return Math.min(1, gammaKernel(a, x, logX) * product);
}

const exponentEnd = 40; // e^{−40} is below the rounding of what it is added to

/** For large a and x ≥ a: the density at x times ∫ of how it falls from there. */
function upperByIntegral(a: number, x: number, logX: number): number {
  const kernel = gammaKernel(a, x, logX);
  if (kernel === 0) return 0;
  const slope = (x - a + 1) / x;
  // −exponent at distance u is at least slope·u + (a − 1)(u/x)²/(2(1 + u/x)).
  const curvature = (a - 1) / (x * x);
  const reach = reachOf(slope, curvature);
  const end = reach * (1 + 1.5 * Math.min(1, (reach / x) * 2));
  return (kernel / x) * panels((u) => Math.exp((a - 1) * log1pMinus(u / x) - slope * u), end);
}

/** For large a and x < a: the same downwards. */
function lowerByIntegral(a: number, x: number, logX: number): number {
  const kernel = gammaKernel(a, x, logX);
  if (kernel === 0) return 0;
  const slope = (a - 1 - x) / x;
  const end = Math.min(x, reachOf(Math.max(slope, 0), (a - 1) / (x * x)));
  return (kernel / x) * panels((u) => (u < x ? Math.exp((a - 1) * log1pMinus(-u / x) - slope * u) : 0), end);
}

/** Where slope·u + ½curvature·u² reaches the end of the exponent. */
function reachOf(slope: number, curvature: number): number {
  return (2 * exponentEnd) / (slope + Math.sqrt(slope * slope + 2 * curvature * exponentEnd));
}
