// The gamma function and its incomplete forms, in the shapes that laws need: densities that neither overflow
// nor lose digits for large shapes, and tails that keep their relative accuracy.

import gammainc from '@stdlib/math-base-special-gammainc';
import gammaln from '@stdlib/math-base-special-gammaln';
import { erfc } from './erf.ts';

/** ln Γ(a), a > 0. */
export function lnGamma(a: number): number {
  return gammaln(a);
}

/** P(a, x), the regularised lower incomplete gamma function, for a > 0 and any x. */
export function gammaLower(a: number, x: number): number {
  if (!(x > 0)) return 0;
  if (x === Number.POSITIVE_INFINITY) return 1;
  // Below, x^a·e^−x/Γ(a + 1) is exact and the series' first term is all there is.
  if (x < 1e-17) return Math.exp(a * Math.log(x) - gammaln(a + 1));
  return isUniform(a, x) ? uniformTail(a, x, -1) : gammainc(x, a, true, false);
}

/** Q(a, x) = 1 − P(a, x), relatively accurate where it is small. */
export function gammaUpper(a: number, x: number): number {
  if (!(x > 0)) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return isUniform(a, x) ? uniformTail(a, x, 1) : gammainc(x, a, true, true);
}

/**
 * Where Temme's uniform expansion is used: there the series is slow, and for x above 1000 @stdlib takes an
 * asymptotic one outside its domain (P(1085, 1040) comes out half as large again).
 */
function isUniform(a: number, x: number): boolean {
  return a > 200 && x > 0.35 * a && x < 2.3 * a;
}

/**
 * P (side −1) or Q (side 1) by DLMF 8.12.3–4: ½erfc(±η√(a/2)) ± e^{−aη²/2}/√(2πa)·Σ cₖ(η)a^{−k}, with
 * ½η² = x/a − 1 − ln(x/a). For a > 200 and |η| < 1 four terms of at most 30 coefficients leave 1e-13.
 */
function uniformTail(a: number, x: number, side: 1 | -1): number {
  const exponent = deviance(a, x); // ½aη²
  const eta = Math.sign(x - a) * Math.sqrt((2 * exponent) / a);
  let sum = 0;
  for (let k = uniformSeries.length - 1; k >= 0; k--) sum = sum / a + polynomial(uniformSeries[k] as number[], eta);
  const correction = (Math.exp(-exponent) / Math.sqrt(2 * Math.PI * a)) * sum;
  return 0.5 * erfc(side * Math.sign(eta) * Math.sqrt(exponent)) + side * correction;
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let n = coefficients.length - 1; n >= 0; n--) sum = sum * x + (coefficients[n] as number);
  return sum;
}

/** Taylor coefficients in η of c₀ … c₃: cₖ = c′ₖ₋₁/η + (−1)^k gₖ/μ (DLMF 8.12.12), μ = x/a − 1; poles cancel. */
const uniformSeries = uniformCoefficients(30, [1, 1 / 12, 1 / 288, -139 / 51840]);

function uniformCoefficients(order: number, stirling: readonly number[]): readonly number[][] {
  const count = order + 2 * stirling.length;
  const mu = [0, 1]; // μ(η), which solves μμ′ = η(1 + μ)
  for (let n = 2; n <= count + 1; n++) {
    let products = 0;
    for (let i = 2; i < n; i++) products += i * (mu[i] as number) * (mu[n + 1 - i] as number);
    mu[n] = ((mu[n - 1] as number) - products) / (n + 1);
  }
  const inverse = [1]; // η/μ
  for (let n = 1; n <= count; n++) {
    let sum = 0;
    for (let i = 1; i <= n; i++) sum += (mu[i + 1] as number) * (inverse[n - i] as number);
    inverse[n] = -sum;
  }
  const series = [inverse.slice(1)]; // 1/μ − 1/η
  for (let k = 1; k < stirling.length; k++) {
    const before = series[k - 1] as number[];
    const factor = (-1) ** k * (stirling[k] as number);
    const next: number[] = [];
    for (let n = 0; n + 2 < before.length; n++) {
      next.push((n + 2) * (before[n + 2] as number) + factor * (inverse[n + 1] as number));
    }
    series.push(next);
  }
  return series.map((coefficients) => coefficients.slice(0, order));
}

const lnSqrtTwoPi = 0.9189385332046728;

/** ln Γ(a + 1) − [(a + ½) ln a − a + ½ ln 2π]: what Stirling's formula leaves out. DLMF 5.11.1. */
export function stirlingError(a: number): number {
  if (a < 10) return gammaln(a + 1) - (a + 0.5) * Math.log(a) + a - lnSqrtTwoPi;
  const r = 1 / (a * a);
  // At a = 10 the first term left out is 6e-16.
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - (r * 691) / 360360))))) / a;
}

/** x − a − a·ln(x/a) ≥ 0, without cancellation for x near a (Loader's deviance, 2000). */
export function deviance(a: number, x: number): number {
  const t = (x - a) / a;
  if (!(t > -0.4 && t < 0.7)) return x - a - a * Math.log(x / a);
  const r = t / (2 + t); // ln(1 + t) = 2(r + r³/3 + r⁵/5 + …)
  const square = r * r;
  let power = square;
  let sum = 0;
  for (let k = 3; power > 1e-18; k += 2) {
    sum += power / k;
    power *= square; // at most 1/14 of the one before
  }
  return a * r * (t - 2 * sum);
}

/** The density of the gamma law, x^{a−1}e^{−x}/Γ(a); Infinity at 0 for a < 1. */
export function gammaDensity(a: number): (x: number) => number {
  const atZero = a < 1 ? Number.POSITIVE_INFINITY : a === 1 ? 1 : 0;
  const lnNorm = gammaln(a);
  const root = Math.sqrt(a / (2 * Math.PI));
  const error = stirlingError(a);
  return (x) => {
    if (x === 0) return atZero;
    if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return 0;
    if (a < 10) return Math.exp((a - 1) * Math.log(x) - x - lnNorm);
    return (root / x) * Math.exp(-error - deviance(a, x)); // the terms above would cancel
  };
}
