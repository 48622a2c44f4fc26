// The original Condor game's rule: how much density a forecast put where the price went. A compatible rule.

import type { Density } from './density.ts';
import { pdf } from './distribution.ts';

/**
 * Mean of pdf_k(x_k) over the steps whose `x` is not NaN; NaN when there is none, not finite where a density has
 * a pole at its x (the original counts both as failures). Higher is better; per unit of x. Weights are taken as
 * they are. Improper: the best report is a point mass on the mode (Gneiting & Raftery 2007), so it is kept for
 * compatibility only. Source: spec/scoring.md 2.
 * @throws RangeError unless there is one x for each density.
 */
export function meanDensity(densities: readonly Density[], x: ArrayLike<number>): number {
  if (x.length !== densities.length) {
    throw new RangeError(`Cannot score densities: needs one x for each of ${densities.length}, has ${x.length}`);
  }
  let sum = 0;
  let steps = 0;
  for (let k = 0; k < densities.length; k++) {
    const change = x[k] as number;
    if (Number.isNaN(change)) continue;
    sum += pdf(densities[k] as Density, change);
    steps++;
  }
  return sum / steps;
}
