// Density and distribution function of a compiled density: weighted sums over its leaves. Weights are
// taken as they are; negative ones included.

import type { Density, Leaf } from './density.ts';
import { normalLaw } from './families/builtin-norm.ts';

/** Σ wᵢ fᵢ(x), per unit of x. Infinity at a pole, 0 at infinite x; NaN when x is. */
export function pdf(density: Density, x: number): number {
  if (Number.isNaN(x)) return x;
  let sum = 0;
  for (const leaf of density.leaves) {
    if (leaf.weight === 0) continue; // 0 times a pole is 0
    sum += (leaf.weight * leaf.law.pdf((x - leaf.loc) / leaf.scale)) / leaf.scale;
  }
  return sum;
}

/** Σ wᵢ Fᵢ(x): P(X ≤ x) when the weights sum to 1. Relatively accurate in the lower tail; NaN when x is. */
export function cdf(density: Density, x: number): number {
  return Number.isNaN(x) ? x : lowerTail(density.leaves, x);
}

export function lowerTail(leaves: readonly Leaf[], x: number): number {
  let sum = 0;
  for (const leaf of leaves) sum += leaf.weight * leaf.law.cdf((x - leaf.loc) / leaf.scale);
  return sum;
}

/** Σ wᵢ (1 − Fᵢ(x)), relatively accurate in the upper tail. */
export function upperTail(leaves: readonly Leaf[], x: number): number {
  let sum = 0;
  for (const leaf of leaves) sum += leaf.weight * leaf.law.upper((x - leaf.loc) / leaf.scale);
  return sum;
}

/**
 * N(loc, scale²) as a density.
 * @throws RangeError when loc is not finite or scale not finite and > 0.
 */
export function normalDensity(loc: number, scale: number): Density {
  if (!Number.isFinite(loc) || !(scale > 0 && Number.isFinite(scale))) {
    throw new RangeError(`Cannot make a normal density: needs a finite loc and a scale > 0, has ${loc} and ${scale}`);
  }
  return { leaves: [{ weight: 1, name: 'norm', law: normalLaw, loc, scale, shapes: [] }], isProbability: true };
}
