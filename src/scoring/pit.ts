// Where an outcome fell in its forecast.

import type { Density } from './density.ts';
import { cdf, upperTail } from './distribution.ts';
import { probabilityFor } from './probability.ts';

/**
 * The probability integral transform u = F(y), in [0, 1]: uniform over rounds exactly when forecasts are
 * probabilistically calibrated; a histogram shaped ∪ says too narrow, ∩ too wide, a slope biased. A diagnosis and no
 * score. Source: Gneiting, Balabdaoui & Raftery, J. R. Stat. Soc. B 69, 2007. 0 and 1 for infinite y, NaN for NaN.
 * @throws RangeError when `asProbability` refuses the density.
 */
export function pit(density: Density, y: number): number {
  const law = probabilityFor('compute PIT', density);
  if (!Number.isFinite(y)) return Number.isNaN(y) ? y : Number(y > 0);
  return Math.min(1, cdf(law, y)); // weights sum to 1 up to rounding
}

/**
 * Whether y lies in the central interval of F that holds `level` (0.5, 0.8, 0.95), its ends included: a calibrated
 * forecaster's share of rounds with true is `level`. A diagnosis and no score. False for infinite or NaN y.
 * @throws RangeError when `asProbability` refuses the density, or when level is not between 0 and 1.
 */
export function isCovered(density: Density, y: number, level: number): boolean {
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`Cannot tell coverage: level must be between 0 and 1, is ${level}`);
  }
  const law = probabilityFor('tell coverage', density);
  const outside = (1 - level) / 2;
  return Number.isFinite(y) && cdf(law, y) >= outside && upperTail(law.leaves, y) >= outside;
}
