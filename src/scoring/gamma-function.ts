// The gamma function, in the shapes that laws need: densities that neither overflow nor lose digits for large shapes.
// Its incomplete forms: special/gamma.ts.

import gammaln from '@stdlib/math-base-special-gammaln';

/** ln Γ(a), a > 0. */
export function lnGamma(a: number): number {
  return gammaln(a);
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
