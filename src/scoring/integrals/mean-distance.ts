// E|X − y| and E|X − X'| of independent normal, Laplace and Student t variables: what the CRPS of their mixtures is made
// of. All closed but the distances of a Student t from another law, which student-distance.ts integrates.

import type { Leaf } from '../density.ts';
import { erfc, scaledErfc } from '../special/erf.ts';
import { meanAbsoluteNormal } from '../special/normal.ts';
import { studentMeanDistance } from '../special/student.ts';
import { studentDistance } from './student-distance.ts';

/** Whether E|X − X'| is closed for it and others of the kind: mixtures of the rest may need quadrature. */
export function isEnergyClosed({ name }: Leaf): boolean {
  return name === 'norm' || name === 'laplace';
}

/** Whether E|X − y| is closed. */
export function isDistanceClosed(leaf: Leaf): boolean {
  return isEnergyClosed(leaf) || (leaf.name === 't' && (leaf.shapes[0] as number) >= studentMeanFrom);
}

// The mean distance grows like 1/(ν − 1), and what is left of it in a CRPS does not: here one digit is lost.
const studentMeanFrom = 1.05;

/** E|X − y| where `isDistanceClosed`. */
export function meanDistanceTo({ name, loc, scale, shapes }: Leaf, y: number): number {
  if (name === 'norm') return meanAbsoluteNormal(y - loc, scale);
  const distance = Math.abs(y - loc);
  if (name === 't') {
    const z = distance / scale;
    return z < Number.POSITIVE_INFINITY ? scale * studentMeanDistance(z, shapes[0] as number) : distance;
  }
  return distance + scale * Math.exp(-distance / scale); // Laplace
}

/** E|X − y| of a mixture: Σ wᵢE|Xᵢ − y|. */
export function meanDistanceFrom(leaves: readonly Leaf[], y: number): number {
  let sum = 0;
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i] as Leaf;
    sum += leaf.weight * meanDistanceTo(leaf, y);
  }
  return sum;
}

/** E|A − B| where `isDistanceClosed` for both; NaN when one is a Student t far from the other or of another size. */
export function meanDistance(a: Leaf, b: Leaf): number {
  if (a.name === 't' || b.name === 't') return studentDistance(a, b);
  const distance = Math.abs(a.loc - b.loc);
  if (a.name === 'norm' && b.name === 'norm') return meanAbsoluteNormal(distance, rootOfSquares(a.scale, b.scale));
  if (a.name === 'laplace' && b.name === 'laplace') return betweenLaplaces(distance, a.scale, b.scale);
  return a.name === 'norm' ? normalToLaplace(distance, a.scale, b.scale) : normalToLaplace(distance, b.scale, a.scale);
}

function rootOfSquares(a: number, b: number): number {
  const sum = a * a + b * b;
  return sum > 1e-290 && sum < 1e290 ? Math.sqrt(sum) : Math.hypot(a, b); // hypot takes five times as long
}

/**
 * d + (b³e^{−d/b} − c³e^{−d/c})/(b² − c²), from E|X − Y| = E[|X − m| + c·e^{−|X − m|/c}] (own derivation,
 * checked by quadrature). Written with expm1 so that nearly equal scales don't cancel.
 */
function betweenLaplaces(d: number, scaleA: number, scaleB: number): number {
  const b = Math.max(scaleA, scaleB);
  const c = Math.min(scaleA, scaleB);
  const tail = Math.exp(-d / b);
  if (b === c) return d + ((3 * b + d) / 2) * tail;
  const difference = b - c;
  const logRatio = 3 * Math.log1p(-difference / b) - (d / b) * (difference / c);
  // b³·(1 − e^{logRatio}) / ((b − c)(b + c)), the cubes divided out.
  return d + tail * b * (b / (b + c)) * (-Math.expm1(logRatio) / (difference / b));
}

/**
 * N(0, s²) and Laplace(d, b): E|X − d| + ½b·e^{−d²/2s²}·[erfcx((s/b − d/s)/√2) + erfcx((s/b + d/s)/√2)],
 * erfcx(x) = e^{x²}erfc(x) (own derivation, checked by quadrature).
 */
function normalToLaplace(d: number, s: number, b: number): number {
  const near = (s / b - d / s) / Math.SQRT2;
  const far = (s / b + d / s) / Math.SQRT2;
  const gauss = Math.exp(-0.5 * (d / s) ** 2);
  // For a negative argument erfcx overflows, but then its exponent as a whole is negative.
  const nearPart = near >= 0 ? gauss * scaledErfc(near) : Math.exp(0.5 * (s / b) ** 2 - d / b) * erfc(near);
  return meanAbsoluteNormal(d, s) + 0.5 * b * (nearPart + gauss * scaledErfc(far));
}
