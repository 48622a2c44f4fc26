// The Pareto law: P(X > z) = z^−b for z ≥ 1.

import type { Family, Law } from '../law.ts';
import { positive } from '../law.ts';

export const pareto: Family = { shapes: [positive('b')], law: ([b]) => paretoLaw(b as number) };

function paretoLaw(b: number): Law {
  return {
    pdf: (z) => (z >= 1 ? (b / z) * z ** -b : 0),
    cdf: (z) => (z > 1 ? -Math.expm1(-b * Math.log(z)) : 0),
    upper: (z) => (z > 1 ? z ** -b : 1),
    from: 1,
    to: Number.POSITIVE_INFINITY,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: b,
    cuts: [2, 20, 1e3, 1e6, 1e12].map((odds) => odds ** (1 / b)).filter((cut, i) => cut < (i < 2 ? 1e300 : 100)),
    ...(b > 0.5 && { crps: (z: number) => paretoCrps(z, b) }),
    logRightTail: (logZ) => -b * logZ,
  };
}

/**
 * CRPS at z for b > ½: y − z + (y − 1) + 1/(2b − 1) + 2(y^{1−b} − 1)/(b − 1) with y = max(z, 1); at b = 1 the
 * last quotient is −2 ln y. (Own derivation: ∫₁^y (1 − z^−b)² + ∫_y^∞ z^−2b; no mean is needed.)
 */
function paretoCrps(z: number, b: number): number {
  const nearest = 1 / (2 * b - 1);
  if (!(z > 1)) return 1 - z + nearest;
  const power = b - 1;
  const logZ = Math.log(z);
  const quotient = power === 0 ? -logZ : Math.expm1(-power * logZ) / power;
  return z - 1 + nearest + 2 * quotient;
}
