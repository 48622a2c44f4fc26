// CRPS as the integral it is: ∫_{−∞}^{y} F² + ∫_{y}^{∞} (1 − F)². Both integrands are positive and keep
// their relative accuracy in the tails, so nothing cancels, and no mean is needed: only tails with p > ½.

import type { Leaf } from './density.ts';
import { lowerTail, upperTail } from './distribution.ts';
import { integrate, type Panel } from './quadrature.ts';

const relativeError = 1e-11; // an upper estimate: the result is nearer by two digits or more
const below = 0;
const above = 1;
const leftTail = 2;
const rightTail = 3;

/** CRPS(F, y) of a probability law all of whose tails fall faster than |z|^−½. */
export function crpsByQuadrature(leaves: readonly Leaf[], y: number): number {
  const points = cutPoints(leaves, y);
  const first = points[0] as number; // at least y and one leaf's cuts
  const last = points.at(-1) as number;
  const panels: Panel[] = [];
  for (let i = 1; i < points.length; i++) {
    const from = points[i - 1] as number;
    panels.push({ part: from < y ? below : above, from, to: points[i] as number });
  }
  const heaviest = heaviestLeaf(leaves);
  if (heaviest !== null) panels.push({ part: leftTail, from: 0, to: 1 }, { part: rightTail, from: 0, to: 1 });
  return integrate(
    panels,
    (part, x) => {
      if (part === below) return lowerTail(leaves, x) ** 2;
      if (part === above) return upperTail(leaves, x) ** 2;
      // A tail in the variable u of x = loc ± reach·u^−q; heaviest is not null where there is one.
      const leaf = heaviest as Leaf;
      return part === leftTail
        ? tailIntegrand(leaves, leaf, -1, leaf.loc - first, x)
        : tailIntegrand(leaves, leaf, 1, last - leaf.loc, x);
    },
    relativeError,
  );
}

/** Ascending: y, and each leaf's centre and cuts. Those closer than rounding are one. */
function cutPoints(leaves: readonly Leaf[], y: number): number[] {
  const points = [y];
  for (const { law, loc, scale } of leaves) {
    points.push(loc);
    for (const cut of law.cuts) points.push(loc + cut * scale);
  }
  points.sort((a, b) => a - b);
  return points.filter((point, i) => i === 0 || point > (points[i - 1] as number));
}

/** The leaf with the heaviest power tail; null when all tails are lighter than any power. */
function heaviestLeaf(leaves: readonly Leaf[]): Leaf | null {
  let heaviest: Leaf | null = null;
  let smallest = Number.POSITIVE_INFINITY;
  for (const leaf of leaves) {
    const index = Math.min(leaf.law.leftTail, leaf.law.rightTail);
    if (index >= smallest) continue;
    heaviest = leaf;
    smallest = index;
  }
  return heaviest;
}

/**
 * T(x)²·|dx/du| at x = loc ± reach·u^{−q}, T the tail's probability. With p its index the integrand is
 * u^{q(2p − 1) − 1} times a series in u^{2q}; q is chosen so that neither power is small, as Gauss–Kronrod
 * needs. Worked out in logarithms: for p close to ½, x runs beyond every double.
 */
function tailIntegrand(leaves: readonly Leaf[], heaviest: Leaf, side: 1 | -1, reach: number, u: number): number {
  const power = 2 * Math.min(heaviest.law.leftTail, heaviest.law.rightTail) - 1;
  const q = Math.max(2, Math.min(10, 2.5 * power)) / power;
  const logDistance = Math.log(reach) - q * Math.log(u);
  const logTail =
    logDistance < logFar
      ? Math.log(tailProbability(leaves, heaviest.loc + side * Math.exp(logDistance), side))
      : Math.log(heaviest.weight) + logTailOf(heaviest, logDistance);
  return Math.exp(2 * logTail + logDistance - Math.log(u)) * q;
}

/** Beyond 1e100 only the leading term of the heaviest leaf is left, and x itself soon overflows. */
const logFar = Math.log(1e100);

function tailProbability(leaves: readonly Leaf[], x: number, side: 1 | -1): number {
  return side < 0 ? lowerTail(leaves, x) : upperTail(leaves, x);
}

/** ln P(X > loc + e^logDistance) by its leading term. */
function logTailOf({ law, scale }: Leaf, logDistance: number): number {
  return law.logRightTail?.(logDistance - Math.log(scale)) ?? Number.NEGATIVE_INFINITY;
}
