// The continuous ranked probability score, exact: closed forms where they exist, quadrature elsewhere.

import { crpsByQuadrature, type Span } from './crps-quadrature.ts';
import { asProbability, type Density, type Leaf } from './density.ts';
import { meanDistance, meanDistanceTo } from './mean-distance.ts';

/**
 * CRPS(F, y) = ∫ (F(z) − 1{z ≥ y})² dz over the whole line = E|X − y| − ½E|X − X'|. Lower is better, 0 is a
 * point mass on y; in units of y. Strictly proper for laws with a mean (Gneiting & Raftery, JASA 102, 2007).
 * Within 1e-10 relative. NaN when y is NaN, Infinity when y is infinite. A density that has not passed
 * `asProbability` is passed through it. With a `span` the integral runs from `min` to `max` only, is finite for
 * every density and every y but NaN, and is proper for what happens between them.
 * @throws RangeError when `asProbability` refuses it, when `min` and `max` are not finite and ascending, or, on
 * the whole line, when a tail is so heavy that the integral is infinite.
 */
export function crps(density: Density, y: number, span?: Span): number {
  const { leaves } = density.isProbability === true ? density : probability(density);
  if (span !== undefined) return crpsWithin(leaves, y, span);
  if (!Number.isFinite(y)) return Number.isNaN(y) ? y : Number.POSITIVE_INFINITY;
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return leafCrps(only, y);
  return leaves.every(isEnergyClosed) ? energyCrps(leaves, y) : quadratureCrps(leaves, y);
}

function crpsWithin(leaves: readonly Leaf[], y: number, { min, max }: Span): number {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min < max)) {
    throw new RangeError(`Cannot compute CRPS: the span must be finite and ascending, is ${min} to ${max}`);
  }
  return Number.isNaN(y) ? y : crpsByQuadrature(leaves, y, { min, max });
}

/** Whether E|X − X'| with every other such leaf is closed. */
function isEnergyClosed({ name }: Leaf): boolean {
  return name === 'norm' || name === 'laplace';
}

function probability(density: Density): Density {
  const passed = asProbability(density);
  if (!passed.ok) throw new RangeError(`Cannot compute CRPS: ${passed.reason}`);
  return passed.density;
}

/** scale·CRPS₀((y − loc)/scale), CRPS₀ of the standard law. */
function leafCrps(leaf: Leaf, y: number): number {
  const z = (y - leaf.loc) / leaf.scale;
  if (!Number.isFinite(z)) return Math.abs(y - leaf.loc); // so far out that the width of the law is below rounding
  if (leaf.law.crps) return leaf.scale * leaf.law.crps(z);
  return leaf.scale * quadratureCrps([{ ...leaf, weight: 1, loc: 0, scale: 1 }], z);
}

function quadratureCrps(leaves: readonly Leaf[], y: number): number {
  const heavy = leaves.find(({ law }) => !(Math.min(law.leftTail, law.rightTail) > 0.5));
  if (heavy !== undefined) {
    throw new RangeError(
      `Cannot compute CRPS: tails of ${heavy.name} with shapes ${heavy.shapes.join(', ')} make it infinite (they must fall faster than |x|^-0.5)`,
    );
  }
  return crpsByQuadrature(leaves, y);
}

/** Σ wᵢ E|Xᵢ − y| − ½ ΣΣ wᵢwⱼ E|Xᵢ − Xⱼ|, all closed: mixtures of normal and Laplace laws. */
function energyCrps(leaves: readonly Leaf[], y: number): number {
  let distance = 0;
  let spread = 0;
  for (let i = 0; i < leaves.length; i++) {
    const a = leaves[i] as Leaf;
    distance += a.weight * meanDistanceTo(a, y);
    let others = 0;
    for (let j = 0; j < i; j++) {
      const b = leaves[j] as Leaf;
      others += b.weight * meanDistance(a, b);
    }
    spread += a.weight * (others + 0.5 * a.weight * meanDistance(a, a));
  }
  return distance - spread;
}
