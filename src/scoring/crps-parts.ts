// Why a CRPS is what it is: how much of it is width, and how much is missing to one side.

import { crps } from './crps.ts';
import type { Density, Leaf } from './density.ts';
import { lowerTail, upperTail } from './distribution.ts';
import { integrateBetween } from './integrals/crps-quadrature.ts';
import { isDistanceClosed, meanDistanceTo } from './integrals/mean-distance.ts';
import { probabilityFor } from './probability.ts';
import { tailQuantile } from './quantile.ts';

/** A CRPS in parts that add up to it, each in units of the outcome. */
export interface CrpsParts {
  /** CRPS(F, m), m the median of F: what F's own width costs. > 0. */
  readonly dispersion: number;
  /** The rest where y < m: the forecast lay too high. Otherwise 0. */
  readonly overPrediction: number;
  /** The rest where y ≥ m: the forecast lay too low. Otherwise 0. */
  readonly underPrediction: number;
}

/**
 * CRPS(F, y) split at the median m: dispersion CRPS(F, m), and CRPS(F, y) − CRPS(F, m) = ∫_m^y (2F − 1), which is
 * ≥ 0 as ∂CRPS/∂y = 2F(y) − 1. In units of y; their sum is the CRPS within 1e-9. Lower is better for each, but only
 * their sum is a proper rule. Source: scoringutils 2.0 (Bosse et al., arXiv 2205.07090), for any law. NaN when y is
 * NaN; an infinite y makes the side it lies on infinite.
 * @throws RangeError when `asProbability` refuses the density, or when its CRPS is infinite.
 */
export function crpsParts(density: Density, y: number): CrpsParts {
  const law = probabilityFor('split the CRPS', density);
  const { leaves } = law;
  const median = tailQuantile(leaves, 0.5, -1, true);
  const dispersion = crps(law, median);
  const miss = Number.isFinite(y) ? missOf(leaves, median, y) : Math.abs(y);
  if (Number.isNaN(y)) return { dispersion, overPrediction: y, underPrediction: y };
  return { dispersion, overPrediction: y < median ? miss : 0, underPrediction: y < median ? 0 : miss };
}

/** CRPS(F, y) − CRPS(F, m) for a median m and a finite y: ≥ 0. */
export function missOf(leaves: readonly Leaf[], median: number, y: number): number {
  return Math.max(0, signedMiss(leaves, median, y)); // rounding is all that can make it negative
}

function signedMiss(leaves: readonly Leaf[], median: number, y: number): number {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) {
    const { law, loc, scale } = only;
    const [from, to] = [(median - loc) / scale, (y - loc) / scale];
    if (!Number.isFinite(to)) return Math.abs(y - median); // more scales away than doubles count: a point mass
    if (law.crps) return scale * (law.crps(to) - law.crps(from));
    return scale * missByQuadrature([{ ...only, weight: 1, loc: 0, scale: 1 }], from, to);
  }
  if (!leaves.every(isDistanceClosed)) return missByQuadrature(leaves, median, y);
  let miss = 0;
  for (const leaf of leaves) miss += leaf.weight * (meanDistanceTo(leaf, y) - meanDistanceTo(leaf, median));
  return miss;
}

/** ∫_m^y (2F − 1), as ∫ (F − S) with both tails relatively accurate. */
function missByQuadrature(leaves: readonly Leaf[], median: number, y: number): number {
  const span = [Math.min(median, y), Math.max(median, y)] as const;
  const integral = integrateBetween(leaves, span, (x) => lowerTail(leaves, x) - upperTail(leaves, x));
  return y < median ? -integral : integral;
}
