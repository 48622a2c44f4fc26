// The scaled CRPS: proper, and blind to the units an asset moves in.

import { crps } from './crps.ts';
import { missOf } from './crps-parts.ts';
import type { Density, Leaf } from './density.ts';
import { integrateTail } from './integrals/crps-quadrature.ts';
import { isDistanceClosed, meanDistanceFrom } from './integrals/mean-distance.ts';
import { probabilityFor } from './probability.ts';
import { tailQuantile } from './quantile.ts';

/**
 * SCRPS(F, y) = −E|X − y| / E|X − X'| − ½ ln E|X − X'|. HIGHER is better, as Bolin & Wallin write it (Stat. Sci. 38(1),
 * 2023): all other scores here are losses. Proper, and locally scale invariant: an error in proportion to the scale
 * costs the same at any scale; multiplying y and F by c subtracts ½ ln c. So units matter only as a constant that is the
 * same for every forecast. Within 1e-9. NaN when y is NaN, −Infinity when y is infinite.
 * @throws RangeError when `asProbability` refuses the density, or when it has no finite mean.
 */
export function scrps(density: Density, y: number): number {
  const law = probabilityFor('compute SCRPS', density);
  const { leaves } = law;
  const heavy = leaves.find(({ law: { leftTail, rightTail } }) => !(Math.min(leftTail, rightTail) > 1));
  if (heavy !== undefined) {
    throw new RangeError(
      `Cannot compute SCRPS: it needs a finite mean, which ${heavy.name} with shapes ${heavy.shapes.join(', ')} doesn't have`,
    );
  }
  if (!Number.isFinite(y)) return Number.isNaN(y) ? y : Number.NEGATIVE_INFINITY;
  const { median, aboutMedian, between } = spreadOf(law);
  return -(aboutMedian + missOf(leaves, median, y)) / between - 0.5 * Math.log(between);
}

/** What does not depend on the outcome. */
interface Spread {
  readonly median: number;
  /** E|X − m|. */
  readonly aboutMedian: number;
  /** E|X − X'|. */
  readonly between: number;
}

// The last law's is remembered: a forecast often repeats one density for all its steps.
let lastLaw: Density | null = null;
let lastSpread: Spread = { median: Number.NaN, aboutMedian: Number.NaN, between: Number.NaN };

function spreadOf(law: Density): Spread {
  if (law === lastLaw) return lastSpread;
  const median = tailQuantile(law.leaves, 0.5, -1, true);
  const aboutMedian = meanDistance(law.leaves, median);
  // CRPS(F, m) = E|X − m| − ½E|X − X'|, and E|X − m| ≤ E|X − X'|: at most one digit cancels.
  lastSpread = { median, aboutMedian, between: 2 * (aboutMedian - crps(law, median)) };
  lastLaw = law;
  return lastSpread;
}

/** E|X − x| = ∫_{−∞}^x F + ∫_x^∞ (1 − F). */
function meanDistance(leaves: readonly Leaf[], x: number): number {
  const [only] = leaves;
  if (leaves.every(isDistanceClosed)) {
    return meanDistanceFrom(leaves, x);
  }
  if (leaves.length > 1 || only === undefined) return bothTails(leaves, x);
  return only.scale * bothTails([{ ...only, weight: 1, loc: 0, scale: 1 }], (x - only.loc) / only.scale);
}

function bothTails(leaves: readonly Leaf[], x: number): number {
  return integrateTail(leaves, -1, 1, x) + integrateTail(leaves, 1, 1, x);
}
