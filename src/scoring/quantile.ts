// Quantiles of a density, by bracketing and bisection of its distribution function.

import type { Density } from './density.ts';
import { cdf } from './distribution.ts';

/**
 * The smallest x with F(x) ≥ p, 0 < p < 1, of a probability law, to the last digits.
 * @throws RangeError when p is not between 0 and 1.
 */
export function quantile(density: Density, p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`Cannot take a quantile: p must be between 0 and 1, is ${p}`);
  const centre = density.leaves.reduce((sum, { weight, loc }) => sum + weight * loc, 0);
  const width = Math.max(...density.leaves.map(({ scale }) => scale));
  let [low, high] = [centre - width, centre + width];
  for (let step = width; cdf(density, low) >= p; step *= 2) low -= step;
  for (let step = width; cdf(density, high) < p; step *= 2) high += step;
  for (;;) {
    const middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) return high;
    if (cdf(density, middle) < p) low = middle;
    else high = middle;
  }
}
