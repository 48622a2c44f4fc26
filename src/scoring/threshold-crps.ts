// The CRPS of one tail: what a forecast said about outcomes beyond a threshold, scored properly.

import type { Density, Leaf } from './density.ts';
import { lowerTail, upperTail } from './distribution.ts';
import { integrateBetween, integrateTail } from './integrals/crps-quadrature.ts';
import { probabilityFor } from './probability.ts';
import { normalCdf, normalPdf } from './special/normal.ts';

/** What `thresholdCrps` counts. */
export interface ThresholdOptions {
  /** In units of the outcome; fixed before the forecast. */
  readonly threshold: number;
  /** `right` weighs z ≥ threshold, `left` z ≤ threshold. */
  readonly tail: 'left' | 'right';
}

/**
 * twCRPS(F, y) = ∫ w(z)·(F(z) − 1{z ≥ y})² dz with w(z) = 1{z ≥ threshold} or 1{z ≤ threshold}: the CRPS counted on
 * one side only; left and right add up to it. Lower is better; in units of y. Proper (Gneiting & Ranjan, J. Bus. Econ.
 * Stat. 29, 2011), unlike choosing rounds by their outcome. Within 1e-10 relative: closed for a lone normal law,
 * quadrature elsewhere (mixtures of normals need Owen's T). Needs a light tail on the weighted side only. NaN when y is
 * NaN; Infinity when y is infinite on the weighted side, and what it tends to on the other.
 * @throws RangeError when `asProbability` refuses the density, when the threshold is not finite or the tail neither
 * `left` nor `right`, or when a power tail on the weighted side makes the integral infinite.
 */
export function thresholdCrps(density: Density, y: number, { threshold, tail }: ThresholdOptions): number {
  if (!Number.isFinite(threshold)) {
    throw new RangeError(`Cannot compute a threshold CRPS: threshold must be a finite number, is ${threshold}`);
  }
  if (tail !== 'left' && tail !== 'right') {
    throw new RangeError(`Cannot compute a threshold CRPS: tail must be "left" or "right", is ${String(tail)}`);
  }
  const { leaves } = probabilityFor('compute a threshold CRPS', density);
  const side = tail === 'left' ? -1 : 1;
  const heavy = leaves.find(({ law }) => !((side < 0 ? law.leftTail : law.rightTail) > 0.5));
  if (heavy !== undefined) {
    throw new RangeError(
      `Cannot compute a threshold CRPS: the ${tail} tail of ${heavy.name} with shapes ${heavy.shapes.join(', ')} makes it infinite (it must fall faster than |x|^-0.5)`,
    );
  }
  if (Number.isNaN(y)) return y;
  if (y === side * Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const [only] = leaves;
  const { loc, scale } = only as Leaf; // a probability law has one
  const [z, r] = [(y - loc) / scale, (threshold - loc) / scale];
  // Not in units of a scale of which y is more than every double away, as a needle's may be.
  const isLone = leaves.length === 1 && Number.isFinite(r) && (Number.isFinite(z) || !Number.isFinite(y));
  if (only === undefined || !isLone) return byQuadrature(leaves, y, threshold, side);
  const closed = only.name === 'norm' ? normalThresholdCrps(side * z, side * r) : null;
  return scale * (closed ?? byQuadrature([{ ...only, weight: 1, loc: 0, scale: 1 }], z, r, side));
}

// Of the closed form's terms; below it they cancel, and more than six digits of the sixteen would be lost.
const closedFrom = 1e-6;

/** Right tail of N(0, 1): G(b) − G(a) + G(−b), a = r, b = max(r, y); null where it cancels. */
function normalThresholdCrps(y: number, r: number): number | null {
  const b = Math.max(r, y);
  const value = squareIntegral(b) - squareIntegral(r) + squareIntegral(-b);
  return value > closedFrom * Math.max(1, Math.abs(b), Math.abs(r)) ? value : null;
}

/** G(z) = ∫_{−∞}^z Φ² = zΦ(z)² + 2φ(z)Φ(z) − Φ(√2·z)/√π (own derivation). */
function squareIntegral(z: number): number {
  const mass = normalCdf(z);
  return z * mass * mass + 2 * normalPdf(z) * mass - normalCdf(Math.SQRT2 * z) / Math.sqrt(Math.PI);
}

/** Where w > 0: the tail beyond both y and r, squared, and between r and a y beyond it the other tail, squared. */
function byQuadrature(leaves: readonly Leaf[], y: number, r: number, side: -1 | 1): number {
  const isBeyond = side * y > side * r;
  const beyond = integrateTail(leaves, side, 2, isBeyond ? y : r);
  if (!isBeyond) return beyond;
  const other = side < 0 ? upperTail : lowerTail;
  return beyond + integrateBetween(leaves, [Math.min(r, y), Math.max(r, y)], (x) => other(leaves, x) ** 2);
}
