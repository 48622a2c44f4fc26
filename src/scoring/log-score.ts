// The logarithmic score, with a floor that keeps it honest.

import type { Density } from './density.ts';
import { logPdf } from './log-density.ts';
import { probabilityFor } from './probability.ts';

/** A floor under every report: f' = (1 − ε)f + ε·f_ref. */
export interface LogScoreFloor {
  /** The law mixed in, the same for every report of a round and known before it. */
  readonly reference: Density;
  /** ε, between 0 and 1. Default 1e-3: an outcome that f excludes costs at most 6.9 more than under the reference. */
  readonly epsilon?: number;
}

/**
 * LogS(f, y) = −ln f(y), or −ln((1 − ε)f(y) + ε·f_ref(y)) with a floor. Lower is better; in nats, and relative to the
 * units of y (stretching y and f by c adds ln c). Strictly proper and local (Gneiting & Raftery, JASA 102, 2007). The
 * floor is mixed into the report and the mixture scored, which stays proper among such mixtures; clipping the score would
 * not be. By log-sum-exp, so it is finite far beyond where f underflows. Without a floor Infinity where f is 0;
 * −Infinity at a pole of f; NaN when y is NaN, Infinity when y is infinite.
 * @throws RangeError when `asProbability` refuses the density or the reference, or when ε is not between 0 and 1.
 */
export function logScore(density: Density, y: number, floor?: LogScoreFloor): number {
  const { leaves } = probabilityFor('compute a log score', density);
  const own = Number.isFinite(y) ? logPdf(leaves, y) : infiniteOrNone(y);
  if (floor === undefined) return -own;
  const { reference, epsilon = 1e-3 } = floor;
  if (!(epsilon > 0 && epsilon < 1)) {
    throw new RangeError(`Cannot compute a log score: epsilon must be between 0 and 1, is ${epsilon}`);
  }
  const law = probabilityFor('compute a log score with this reference', reference);
  const under = Number.isFinite(y) ? logPdf(law.leaves, y) : infiniteOrNone(y);
  return -logSum(Math.log1p(-epsilon) + own, Math.log(epsilon) + under);
}

/** ln f(±∞) = −∞, whatever f. */
function infiniteOrNone(y: number): number {
  return Number.isNaN(y) ? y : Number.NEGATIVE_INFINITY;
}

/** ln(e^a + e^b). */
function logSum(a: number, b: number): number {
  const larger = Math.max(a, b);
  return Number.isFinite(larger) ? larger + Math.log1p(Math.exp(Math.min(a, b) - larger)) : larger;
}
