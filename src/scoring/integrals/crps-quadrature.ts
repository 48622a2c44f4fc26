// CRPS as the integral it is: ∫_{−∞}^{y} F² + ∫_{y}^{∞} (1 − F)². Both integrands are positive and keep
// their relative accuracy in the tails, so nothing cancels, and no mean is needed: only tails with p > ½. Other rules'
// integrals along a density are cut in the same places.

import type { Leaf } from '../density.ts';
import { lowerTail, upperTail } from '../distribution.ts';
import type { Law } from '../law.ts';
import { integrate, type Panel } from './quadrature.ts';

const relativeError = 1e-11; // an upper estimate: the result is nearer by two digits or more

// Tails worked out for one score at the most: 5 ms, as an incomplete beta function takes half a microsecond, and a
// forecast may have 288 steps. (Every panel is looked at once, even so.) Mixtures of three take 2,000 to 4,000; a
// stranger's of eight, spread over twelve orders of magnitude, would take 50,000, and loses digits instead.
const tailsMax = 12_000;

/** Where the integral of `crps` begins and ends, in units of the outcome: finite numbers, min < max. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

export const wholeLine: Span = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** ∫ (F(z) − 1{z ≥ y})² over the span. On the whole line every tail must fall faster than |z|^−½. */
export function crpsByQuadrature(leaves: readonly Leaf[], y: number, span: Span = wholeLine): number {
  return integrateSplit(leaves, [y], span, {
    below: (x) => lowerTail(leaves, x) ** 2,
    above: (x) => upperTail(leaves, x) ** 2,
    tailPower: 2,
  });
}

/** ½E|X − X'| = ∫ F(1 − F) of a law with a mean. */
export function halfMeanDistance(law: Law): number {
  const leaves: readonly Leaf[] = [{ weight: 1, name: '', law, loc: 0, scale: 1, shapes: [] }];
  const product = (x: number) => law.cdf(x) * law.upper(x);
  return integrateSplit(leaves, [0], wholeLine, { below: product, above: product, tailPower: 1 });
}

/**
 * ∫ of P(X > x)^power over x ≥ edge (side 1) or of P(X ≤ x)^power over x ≤ edge (side −1), in units of x. Infinity when
 * a tail on that side falls no faster than |x|^(−1/power).
 */
export function integrateTail(leaves: readonly Leaf[], side: -1 | 1, power: 1 | 2, edge: number): number {
  if (!leaves.every(({ law }) => (side < 0 ? law.leftTail : law.rightTail) * power > 1))
    return Number.POSITIVE_INFINITY;
  const span = side < 0 ? { ...wholeLine, max: edge } : { ...wholeLine, min: edge };
  const tail = side < 0 ? lowerTail : upperTail;
  const integrand = (x: number) => tail(leaves, x) ** power;
  return integrateSplit(leaves, [edge], span, { below: integrand, above: integrand, tailPower: power });
}

/** ∫ integrand over [from, to], both finite, of what is smooth where the leaves are. */
export function integrateBetween(
  leaves: readonly Leaf[],
  [from, to]: readonly [from: number, to: number],
  integrand: (x: number) => number,
): number {
  const span = { min: from, max: to };
  return integrateSplit(leaves, [from, to], span, { below: integrand, above: integrand, tailPower: 1 });
}

interface SplitIntegrand {
  below(x: number): number;
  above(x: number): number;
  /** The integrand falls like this power of the tail's probability. */
  readonly tailPower: 1 | 2;
}

// The parts of the integral. In the last four the variable is u: `fromEnd` x = end ± width·u⁴ beside an end of a
// support, where F may rise like a small power; `tail` x = loc ± reach·u^−q out to infinity; `reach` the same to a
// finite end, as x = loc ± reach·e^u.
const below = 0;
const above = 1;
const leftTail = 2;
const rightTail = 3;
const leftReach = 4;
const rightReach = 5;
const afterEnd = 6; // and on, in steps of 2: panels that begin, or end, at an end of a support
const beforeEnd = 7;

/** `places` are cuts too; at the first of them the integrand changes from `below` to `above`. */
function integrateSplit(
  leaves: readonly Leaf[],
  places: readonly [number, ...number[]],
  span: Span,
  split: SplitIntegrand,
): number {
  const [y] = places;
  const { points, ends } = cutPoints(leaves, places, span);
  addFalls(points, y, split);
  const first = points[0] as number; // at least y and one leaf's cuts
  const last = points.at(-1) as number;
  const panels: Panel[] = [];
  for (let i = 1; i < points.length; i++) panels.push(panelBetween(points, i, ends, y));
  const left = heaviestLeaf(leaves, 'leftTail');
  const right = heaviestLeaf(leaves, 'rightTail');
  if (left !== null && first > span.min) {
    if (span.min === Number.NEGATIVE_INFINITY) panels.push({ part: leftTail, from: 0, to: 1 });
    else panels.push({ part: leftReach, from: 0, to: Math.log((left.loc - span.min) / (left.loc - first)) });
  }
  if (right !== null && last < span.max) {
    if (span.max === Number.POSITIVE_INFINITY) panels.push({ part: rightTail, from: 0, to: 1 });
    else panels.push({ part: rightReach, from: 0, to: Math.log((span.max - right.loc) / (last - right.loc)) });
  }
  const spare = left as Leaf; // a tail's part is there only with its leaf
  const other = right as Leaf;
  return integrate(
    panels,
    (part, u) => {
      switch (part) {
        case below:
          return split.below(u);
        case above:
          return split.above(u);
        case leftTail:
          return tailIntegrand(leaves, spare, -1, spare.loc - first, split, u);
        case rightTail:
          return tailIntegrand(leaves, other, 1, last - other.loc, split, u);
        case leftReach: {
          const distance = (spare.loc - first) * Math.exp(u);
          return distance * split.below(spare.loc - distance);
        }
        case rightReach: {
          const distance = (last - other.loc) * Math.exp(u);
          return distance * split.above(other.loc + distance);
        }
        default: {
          const isAfter = (part - afterEnd) % 2 === 0;
          const i = (part - afterEnd) >> 1;
          const width = (points[i] as number) - (points[i - 1] as number);
          const offset = width * u ** 4;
          const x = isAfter ? (points[i - 1] as number) + offset : (points[i] as number) - offset;
          return 4 * width * u ** 3 * ((points[i - 1] as number) < y ? split.below(x) : split.above(x));
        }
      }
    },
    relativeError,
    tailsMax / leaves.length,
  );
}

function panelBetween(points: readonly number[], i: number, ends: ReadonlySet<number>, y: number): Panel {
  const from = points[i - 1] as number;
  const to = points[i] as number;
  if (ends.has(from)) return { part: afterEnd + 2 * i, from: 0, to: 1 };
  if (ends.has(to)) return { part: beforeEnd + 2 * i, from: 0, to: 1 };
  return { part: from < y ? below : above, from, to };
}

/** Ascending, within the span: the places, each leaf's centre, cuts and ends. Those closer than rounding are one. */
function cutPoints(leaves: readonly Leaf[], places: readonly number[], { min, max }: Span) {
  const ends = new Set<number>();
  const points = places.map((place) => Math.min(max, Math.max(min, place)));
  for (const { law, loc, scale } of leaves) {
    points.push(loc);
    for (const cut of law.cuts) points.push(loc + cut * scale);
    for (const end of [law.from, law.to]) {
      if (!Number.isFinite(end)) continue;
      ends.add(loc + end * scale);
      points.push(loc + end * scale);
    }
  }
  addReaches(points, leaves);
  points.sort((a, b) => a - b);
  const apart = points.filter((point, i) => i === 0 || point > (points[i - 1] as number));
  if ((apart[0] as number) >= min && (apart.at(-1) as number) <= max) return { points: apart, ends };
  const within = apart.filter((point) => point >= min && point <= max);
  if ((apart[0] as number) < min) within.unshift(min);
  if ((apart.at(-1) as number) > max) within.push(max);
  return { points: within, ends };
}

/** A power tail that runs out amid much wider leaves, or before y: cuts along it, until what is left is below rounding. */
function addReaches(points: number[], leaves: readonly Leaf[]): void {
  const first = Math.min(...points);
  const last = Math.max(...points);
  for (const { law, loc, scale } of leaves) {
    const outermost = [
      law.leftTail < reachedTail ? law.cuts[0] : undefined,
      law.rightTail < reachedTail ? law.cuts.at(-1) : undefined,
    ];
    for (const cut of outermost) {
      if (cut === undefined) continue;
      for (let k = 1; k <= reachesMax; k++) {
        const point = loc + cut * 30 ** k * scale;
        if (point > first && point < last) points.push(point);
      }
    }
  }
}

const reachedTail = 24; // lighter ones are gone at the first
const reachesMax = 4; // a million times the outermost cut

/**
 * Where the integrand falls a thousandfold within a hundredth of a panel, cuts the panel there, again and again: all
 * 15 points of the rule might miss the fall, and the estimate of the error with them.
 */
function addFalls(points: number[], y: number, { below, above }: SplitIntegrand): void {
  for (let i = points.length - 1; i >= 1; i--) {
    const from = points[i - 1] as number;
    const to = points[i] as number;
    const integrand = from < y ? below : above;
    points.splice(i, 0, ...fallsFrom(from, to, integrand).reverse(), ...fallsFrom(to, from, integrand));
  }
}

/** Cuts near `end` of the panel that reaches to `other`, the furthest first. */
function fallsFrom(end: number, other: number, integrand: (x: number) => number): number[] {
  const height = integrand(end);
  const cuts: number[] = [];
  for (let width = 0.01 * (other - end); cuts.length < fallsMax; width *= 0.01) {
    const cut = end + width;
    if (cut === end || !(height > 1e-15) || integrand(cut) > 1e-3 * height) break;
    cuts.push(cut);
  }
  return cuts;
}

const fallsMax = 8; // sixteen orders of magnitude: nearer, points are no longer apart

/** The leaf with the heaviest power tail on a side; null when all tails there are lighter than any power. */
function heaviestLeaf(leaves: readonly Leaf[], side: 'leftTail' | 'rightTail'): Leaf | null {
  let heaviest: Leaf | null = null;
  let smallest = Number.POSITIVE_INFINITY;
  for (const leaf of leaves) {
    if (leaf.law[side] >= smallest) continue;
    heaviest = leaf;
    smallest = leaf.law[side];
  }
  return heaviest;
}

/**
 * The integrand times |dx/du| at x = loc ± reach·u^{−q}. It falls like the power k of the tail's probability; with
 * p its index that is u^{q(kp − 1) − 1} times a series in u^{kq}; q is chosen so that neither power is small, as
 * Gauss–Kronrod needs. Far out in logarithms: for kp close to 1, x runs beyond every double.
 */
function tailIntegrand(
  leaves: readonly Leaf[],
  { law, loc }: Leaf,
  side: 1 | -1,
  reach: number,
  split: SplitIntegrand,
  u: number,
): number {
  const power = split.tailPower * (side < 0 ? law.leftTail : law.rightTail) - 1;
  const q = Math.max(2, Math.min(10, 2.5 * power)) / power;
  const logDistance = Math.log(reach) - q * Math.log(u);
  if (logDistance >= logFar) {
    return Math.exp(split.tailPower * farTail(leaves, logDistance, side) + logDistance - Math.log(u)) * q;
  }
  const distance = Math.exp(logDistance);
  return (side < 0 ? split.below(loc - distance) : split.above(loc + distance)) * distance * (q / u);
}

/** Beyond 1e100 only the leading terms of power tails are left, and x itself soon overflows. */
const logFar = Math.log(1e100);

/** ln Σ wᵢ P(|Xᵢ| > e^logDistance) by the leading terms. */
function farTail(leaves: readonly Leaf[], logDistance: number, side: 1 | -1): number {
  let greatest = Number.NEGATIVE_INFINITY;
  const terms: number[] = [];
  for (const { weight, law, scale } of leaves) {
    const term = Math.log(weight) + logTailOf(law, logDistance - Math.log(scale), side);
    terms.push(term);
    if (term > greatest) greatest = term;
  }
  if (greatest === Number.NEGATIVE_INFINITY) return greatest;
  return greatest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - greatest), 0));
}

/** By the law's own leading term, else the power that its index says, from the last place where it is known. */
function logTailOf(law: Law, logZ: number, side: 1 | -1): number {
  const index = side < 0 ? law.leftTail : law.rightTail;
  if (index === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  const own = side < 0 ? law.logLeftTail : law.logRightTail;
  if (own !== undefined) return own.call(law, logZ);
  const known = Math.min(logZ, logFar);
  const probability = side < 0 ? law.cdf(-Math.exp(known)) : law.upper(Math.exp(known));
  return Math.log(probability) - index * (logZ - known);
}
