// The regularized incomplete gamma functions for large a and x of its size, where sums would need hundreds of terms.

import { erfc } from './erf.ts';
import { deviance } from './gamma.ts';

/** Where the expansion below leaves 1e-13. */
export function isUniform(a: number, x: number): boolean {
  return a > 200 && x > 0.35 * a && x < 2.3 * a;
}

/**
 * P (side −1) or Q (side 1) by DLMF 8.12.3–4: ½erfc(±η√(a/2)) ± e^{−aη²/2}/√(2πa)·Σ cₖ(η)a^{−k}, with
 * ½η² = x/a − 1 − ln(x/a). For a > 200 and |η| < 1 four terms of at most 30 coefficients leave 1e-13.
 */
export function uniformTail(a: number, x: number, side: 1 | -1): number {
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
