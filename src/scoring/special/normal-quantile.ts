// The quantile function of the standard normal law, relatively accurate to the smallest double.

import { scaledErfc } from './erf.ts';
import { normalPdf } from './normal.ts';

const sqrtHalfPi = Math.sqrt(Math.PI / 2);

/** z with Φ(z) = p, 0 < p ≤ ½, from p and ½ − p: whichever is small is exact. */
export function lowerNormalQuantile(p: number, fromHalf: number): number {
  return fromHalf < 0.1 ? -centralQuantile(fromHalf) : tailQuantile(p);
}

/** z ≥ 0 with Φ(z) − ½ = d ≤ 0.1: Newton on the series, from the tangent at 0. */
function centralQuantile(d: number): number {
  let z = d / normalPdf(0);
  for (let step = 0; step < 3; step++) z -= massFromZero(z) / normalPdf(z) - d / normalPdf(z); // z³/6, squared twice
  return z;
}

/** Φ(z) − ½ = φ(z)·(z + z³/3 + z⁵/15 + …), all terms positive (Abramowitz & Stegun 26.2.11); z ≤ 0.26. */
function massFromZero(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 3; n <= 17; n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return normalPdf(z) * sum;
}

/**
 * Two Halley steps on ln Φ(z) − ln p from a start within 4.5e-4 (Abramowitz & Stegun 26.2.23); each cubes the
 * error. With R = Φ/φ, Mills' ratio, the logarithm's slope is 1/R and its bend −(z + 1/R)/R; nothing underflows.
 */
function tailQuantile(p: number): number {
  const logP = Math.log(p);
  const t = Math.sqrt(-2 * logP);
  let z = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 2; step++) {
    const scaled = scaledErfc(-z / Math.SQRT2);
    const mills = sqrtHalfPi * scaled;
    const off = Math.log(0.5 * scaled) - 0.5 * z * z - logP;
    z -= (off * mills) / (1 + (off * (mills * z + 1)) / 2);
  }
  return z;
}
