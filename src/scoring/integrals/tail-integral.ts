// ∫ of a power of one tail's probability out to infinity: what CRPS, its thresholded form and mean distances are
// made of. The integrands are positive and relatively accurate, so nothing cancels.

import type { Leaf } from '../density.ts';
import { lowerTail, upperTail } from '../distribution.ts';
import { integrateAlong } from './integrate-along.ts';

const relativeError = 1e-11;

/**
 * ∫ of P(X > x)^power over x ≥ edge (side 1) or of P(X ≤ x)^power over x ≤ edge (side −1), in units of x; power 1
 * or 2. Infinity when a tail on that side falls no faster than |x|^(−1/power).
 */
export function integrateTail(leaves: readonly Leaf[], side: -1 | 1, power: number, edge: number): number {
  const heaviest = heaviestLeaf(leaves, side);
  const index = tailIndex(heaviest, side);
  if (!(index * power > 1)) return Number.POSITIVE_INFINITY;
  const last = bulkEnd(leaves, side, edge);
  const tail: FarTail = { side, power, index, reach: Math.abs(last - heaviest.loc) };
  return integrateAlong(
    leaves,
    [Math.min(edge, last), Math.max(edge, last)],
    (x) => tailAt(leaves, side, x) ** power,
    relativeError,
    index < Number.POSITIVE_INFINITY ? (u) => farIntegrand(leaves, heaviest, tail, u) : undefined,
  );
}

function tailAt(leaves: readonly Leaf[], side: -1 | 1, x: number): number {
  return side < 0 ? lowerTail(leaves, x) : upperTail(leaves, x);
}

function tailIndex({ law }: Leaf, side: -1 | 1): number {
  return side < 0 ? law.leftTail : law.rightTail;
}

/** The leaf with the heaviest tail on that side. */
function heaviestLeaf(leaves: readonly Leaf[], side: -1 | 1): Leaf {
  return leaves.reduce((heaviest, leaf) => (tailIndex(leaf, side) < tailIndex(heaviest, side) ? leaf : heaviest));
}

/** The outermost place, from `edge` on, where a leaf changes its ways: beyond it there are only power tails. */
function bulkEnd(leaves: readonly Leaf[], side: -1 | 1, edge: number): number {
  let end = side * edge;
  for (const leaf of leaves) {
    const { law, loc, scale } = leaf;
    const outermost = (side < 0 ? law.cuts[0] : law.cuts.at(-1)) ?? 0;
    const isHeavy = tailIndex(leaf, side) < Number.POSITIVE_INFINITY;
    // At least one scale beyond a heavy leaf's loc: its tail is measured from there.
    end = Math.max(end, side * loc + (isHeavy ? Math.max(1, side * outermost) : side * outermost) * scale);
    const supportEnd = side < 0 ? law.from : law.to;
    if (Number.isFinite(supportEnd)) end = Math.max(end, side * (loc + supportEnd * scale));
  }
  return side * end;
}

interface FarTail {
  readonly side: -1 | 1;
  readonly power: number;
  readonly index: number;
  readonly reach: number;
}

/**
 * T(x)^power·|dx/du| at x = loc ± reach·u^(−q), u in (0, 1]. With p the index it is u^(q(p·power − 1) − 1) times a
 * series in u^q; q is chosen so that neither exponent is small, as Gauss–Kronrod needs. Worked out in logarithms: for
 * p·power close to 1, x runs beyond every double.
 */
function farIntegrand(leaves: readonly Leaf[], heaviest: Leaf, tail: FarTail, u: number): number {
  const { side, power, index, reach } = tail;
  const excess = index * power - 1;
  const q = Math.max(2, Math.min(10, 2.5 * excess)) / excess;
  const logDistance = Math.log(reach) - q * Math.log(u);
  const logTail =
    logDistance < logFar
      ? Math.log(tailAt(leaves, side, heaviest.loc + side * Math.exp(logDistance)))
      : logFarTail(heaviest, side, logDistance);
  return Math.exp(power * logTail + logDistance - Math.log(u)) * q;
}

/** Beyond 1e100 only the leading term of the heaviest leaf is left, and x itself soon overflows. */
const logFar = Math.log(1e100);

function logFarTail({ law, weight, scale }: Leaf, side: -1 | 1, logDistance: number): number {
  const logTail = side < 0 ? law.logLeftTail : law.logRightTail;
  if (logTail === undefined) return Number.NEGATIVE_INFINITY; // what is left out is below 1e-100 of the whole per index
  return Math.log(weight) + logTail.call(law, logDistance - Math.log(scale));
}
