// Quantiles of a density: closed for some lone laws, Newton's method on the logarithm of the nearer tail for the
// rest, and bisection of the doubles themselves, which always ends, where a density is too rough for that.

import type { Density, Leaf } from './density.ts';
import { lowerTail, pdf, upperTail } from './distribution.ts';
import { middleDouble } from './middle-double.ts';
import { probabilityFor } from './probability.ts';
import { lowerNormalQuantile } from './special/normal-quantile.ts';

/**
 * The smallest x with F(x) ≥ p, 0 < p < 1, to the last digits that F resolves; in units of the outcome. −Infinity
 * or Infinity when it lies beyond every double. Where F is flat at p, the left end of the flat part. A density that
 * has not passed `asProbability` is passed through it. At most about a hundred evaluations of F, whatever the density.
 * @throws RangeError when p is not between 0 and 1, or when `asProbability` refuses the density.
 */
export function quantile(density: Density, p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`Cannot take a quantile: p must be between 0 and 1, is ${p}`);
  const { leaves } = probabilityFor('take a quantile', density);
  return p <= 0.5 ? tailQuantile(leaves, p, -1) : tailQuantile(leaves, 1 - p, 1);
}

const roughTolerance = 1e-9; // of the CRPS at a median, before a last step that squares what is left
const fineTolerance = 1e-9; // of the tail, where steps square it
const lastDigits = 4 * Number.EPSILON; // of the tail, where they don't
const flatTolerance = 1e-9;
const newtonMax = 24; // 3–6 are usual; a jump of F uses them all before it is bisected

/**
 * The smallest x with P(X ≤ x) ≥ tail (side −1) or P(X > x) ≤ tail (side 1), 0 < tail ≤ ½, of leaves whose weights
 * are ≥ 0 and sum to 1. `isRough`: near enough for a CRPS there to be within 1e-9 of the least.
 */
export function tailQuantile(leaves: readonly Leaf[], tail: number, side: -1 | 1, isRough = false): number {
  const [only] = leaves;
  if (leaves.length !== 1 || only === undefined) return solve(leaves, tail, side, isRough);
  const closed = closedQuantiles.get(only.name)?.(tail, side, only.shapes[0] ?? Number.NaN);
  const z = closed ?? solve([{ ...only, weight: 1, loc: 0, scale: 1 }], tail, side, isRough);
  return only.loc + only.scale * z;
}

/** By scipy's name, in standard form, from the tail and the first shape; undefined where there is none. */
type ClosedQuantile = (tail: number, side: -1 | 1, shape: number) => number | undefined;

// Each keeps the relative accuracy of the tail it is given; those that vanish at ½, of the distance from it too.
const cauchy: ClosedQuantile = (tail, side) =>
  side * (tail > 0.25 ? Math.tan(Math.PI * (0.5 - tail)) : 1 / Math.tan(Math.PI * tail));
const norm = (tail: number, side: -1 | 1) => -side * lowerNormalQuantile(tail, 0.5 - tail) + 0; // + 0: no −0
/** −ln P(X > x), and −ln P(X ≤ x). */
const minusLogUpper = (tail: number, side: -1 | 1) => (side < 0 ? -Math.log1p(-tail) : -Math.log(tail));
const minusLogLower = (tail: number, side: -1 | 1) => (side < 0 ? -Math.log(tail) : -Math.log1p(-tail));

const closedQuantiles: ReadonlyMap<string, ClosedQuantile> = new Map<string, ClosedQuantile>([
  ['norm', norm],
  ['laplace', (tail, side) => -side * Math.log(2 * tail) + 0],
  ['cauchy', cauchy],
  [
    't',
    (tail, side, df) => {
      if (df === 1) return cauchy(tail, side, df);
      return df === 2 ? (side * (1 - 2 * tail)) / Math.sqrt(2 * tail * (1 - tail)) : undefined;
    },
  ],
  ['lognorm', (tail, side, s) => Math.exp(s * norm(tail, side))],
  ['expon', minusLogUpper],
  ['rayleigh', (tail, side) => Math.sqrt(2 * minusLogUpper(tail, side))],
  ['weibull_min', (tail, side, c) => minusLogUpper(tail, side) ** (1 / c)],
  ['weibull_max', (tail, side, c) => -(minusLogLower(tail, side) ** (1 / c))],
  ['pareto', (tail, side, b) => Math.exp(minusLogUpper(tail, side) / b)],
]);

function solve(leaves: readonly Leaf[], tail: number, side: -1 | 1, isRough: boolean): number {
  const width = widestScale(leaves);
  const isReached = (mass: number): boolean => (side < 0 ? mass >= tail : mass <= tail);
  const massAt = (x: number): number => (side < 0 ? lowerTail(leaves, x) : upperTail(leaves, x));
  let low = Number.NEGATIVE_INFINITY; // F is below p here
  let high = Number.POSITIVE_INFINITY; // and here it is not
  let isBracketed = false;
  let offBefore = 0;
  let x = centre(leaves);
  for (let step = 0; step < newtonMax; step++) {
    const mass = massAt(x);
    if (isReached(mass)) high = x;
    else low = x;
    // Newton on ln(mass / tail): a straight line where tails are exponential, and not far from one elsewhere.
    const off = Math.log(mass / tail);
    const stretch = mass / pdf({ leaves }, x);
    const next = x + side * off * stretch;
    if (next >= low && next <= high) {
      // f·δ² is what the CRPS at a median changes by.
      const isNear = isRough
        ? Math.abs(off) < 0.01 && Math.abs(off * (next - x)) <= roughTolerance * width
        : Math.abs(off) <= (Math.abs(off) <= Math.abs(offBefore) ** 1.5 ? fineTolerance : lastDigits);
      // Where a last digit of F would move x, F counts as flat: the left end is wanted, not the first hit.
      if (isNear && stretch * Number.EPSILON <= flatTolerance * (width + Math.abs(x))) return next;
    }
    offBefore = off;
    if (next > low && next < high) {
      x = next;
      continue;
    }
    if (!isBracketed) {
      const points = knownPoints(leaves).filter((point) => point > low && point < high);
      const count = reachedFrom(points, (point) => isReached(massAt(point)));
      low = points[count - 1] ?? low;
      high = points[count] ?? high;
      isBracketed = true;
    }
    const middle = 0.5 * low + 0.5 * high;
    x = Number.isFinite(middle) ? middle : middleDouble(low, high);
  }
  return bisect(low, high, (point) => isReached(massAt(point)));
}

/** The mean of the leaves' middles: 0 where their support is on both sides of it, else a cut. */
function centre(leaves: readonly Leaf[]): number {
  let sum = 0;
  for (const { weight, law, loc, scale } of leaves) {
    const isInside = law.from < 0 && law.to > 0;
    sum += weight * (isInside ? loc : loc + scale * (law.cuts[law.cuts.length >> 1] ?? 0));
  }
  return sum;
}

function widestScale(leaves: readonly Leaf[]): number {
  let widest = 0;
  for (const { scale } of leaves) if (scale > widest) widest = scale;
  return widest;
}

/** Ascending: where the leaves say that their mass is. */
function knownPoints(leaves: readonly Leaf[]): number[] {
  const points = leaves.flatMap(({ law, loc, scale }) =>
    [law.from, ...law.cuts, 0, law.to].map((point) => loc + point * scale),
  );
  return points.filter((point) => Number.isFinite(point)).sort((a, b) => a - b);
}

/** How many of the ascending points come before the first that is reached. */
function reachedFrom(points: readonly number[], isReached: (point: number) => boolean): number {
  let [from, to] = [0, points.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isReached(points[middle] as number)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The smallest double that is reached, `low` not being one and `high` being one, or infinite. */
function bisect(low: number, high: number, isReached: (point: number) => boolean): number {
  for (;;) {
    const middle = middleDouble(low, high);
    if (middle <= low || middle >= high) break; // neighbours: after 65 halvings at most
    if (isReached(middle)) high = middle;
    else low = middle;
  }
  return high === -Number.MAX_VALUE ? Number.NEGATIVE_INFINITY : high;
}
