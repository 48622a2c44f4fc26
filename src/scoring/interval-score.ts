// Scores of central intervals, and of a set of them.

import type { Density, Leaf } from './density.ts';
import { probabilityFor } from './probability.ts';
import { tailQuantile } from './quantile.ts';

/** Which interval `intervalScore` judges. */
export interface IntervalScoreOptions {
  /** The interval is central and holds 1 − alpha; 0 < alpha < 1. */
  readonly alpha: number;
}

/**
 * IS_α(F, y) = (u − l) + (2/α)(l − y)₊ + (2/α)(y − u)₊ with l and u the quantiles of F at α/2 and 1 − α/2: width, and a
 * penalty for missing it. Lower is better; in units of y. Proper for those quantiles (Gneiting & Raftery, JASA 102, 2007,
 * eq. 43). NaN when y is NaN, Infinity when y or an end of the interval is infinite.
 * @throws RangeError when `asProbability` refuses the density, or when alpha is not between 0 and 1.
 */
export function intervalScore(density: Density, y: number, { alpha }: IntervalScoreOptions): number {
  checkAlpha('compute an interval score', alpha);
  const { leaves } = probabilityFor('compute an interval score', density);
  return Number.isFinite(y) ? scoreOf(leaves, y, alpha) : Math.abs(y);
}

/** Which intervals `wis` judges beside the median. */
export interface WisOptions {
  /** The alphas of the intervals. Default: 0.02, 0.05, 0.1, 0.2, … 0.9, as forecast hubs ask for. */
  readonly alphas?: readonly number[];
}

const hubAlphas: readonly number[] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const alphasMax = 10_000; // each costs two quantiles: 10 ms in all

/**
 * WIS(F, y) = (½|y − m| + Σ_k (α_k/2)·IS_{α_k}(F, y)) / (K + ½), m the median, of K central intervals. Lower is better;
 * in units of y. Proper; the mean quantile score over the 2K + 1 levels, so it tends to the CRPS as equally spaced levels
 * grow denser (Bracher et al., PLoS Comput. Biol. 17(2), 2021). NaN when y is NaN, Infinity when y or an end of an
 * interval is infinite. Without intervals |y − m|.
 * @throws RangeError when `asProbability` refuses the density, when an alpha is not between 0 and 1, or when there are
 * more than 10,000.
 */
export function wis(density: Density, y: number, { alphas = hubAlphas }: WisOptions = {}): number {
  if (alphas.length > alphasMax) {
    throw new RangeError(`Cannot compute WIS: at most ${alphasMax} alphas are taken, there are ${alphas.length}`);
  }
  for (const alpha of alphas) checkAlpha('compute WIS', alpha);
  const { leaves } = probabilityFor('compute WIS', density);
  if (!Number.isFinite(y)) return Math.abs(y);
  let sum = 0.5 * Math.abs(y - tailQuantile(leaves, 0.5, -1));
  for (const alpha of alphas) sum += 0.5 * alpha * scoreOf(leaves, y, alpha);
  return sum / (alphas.length + 0.5);
}

function scoreOf(leaves: readonly Leaf[], y: number, alpha: number): number {
  const lower = tailQuantile(leaves, alpha / 2, -1);
  const upper = tailQuantile(leaves, alpha / 2, 1);
  const missed = Math.max(0, lower - y) + Math.max(0, y - upper);
  return upper - lower + (2 / alpha) * missed;
}

function checkAlpha(action: string, alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`Cannot ${action}: alpha must be between 0 and 1, is ${alpha}`);
}
