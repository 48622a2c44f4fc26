// Integrals along a density, cut so that no part of it is narrow beside its panel.

import type { Leaf } from '../density.ts';
import { integrate, type Panel } from './quadrature.ts';

/** One part of the line. `end` says which of its ends is one of a support. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly end: 'from' | 'to' | null;
}

/** An integral over u in [0, 1] that is added to the one along the line. */
export type FarIntegrand = (u: number) => number;

const farPart = -1;

/**
 * ∫ integrand over [from, to], both finite, within `relative`; plus that of `far`. Beside an end of a support, where F
 * may rise like a small power, the variable is u of x = end ± width·u⁴, in which it is smooth.
 */
export function integrateAlong(
  leaves: readonly Leaf[],
  [from, to]: readonly [number, number],
  integrand: (x: number) => number,
  relative: number,
  far?: FarIntegrand,
): number {
  const stretches = stretchesBetween(leaves, from, to);
  const panels: Panel[] = stretches.map(({ from: first, to: last, end }, part) =>
    end === null ? { part, from: first, to: last } : { part, from: 0, to: 1 },
  );
  if (far) panels.push({ part: farPart, from: 0, to: 1 });
  return integrate(
    panels,
    (part, u) => {
      const stretch = stretches[part];
      if (stretch === undefined) return (far as FarIntegrand)(u); // only it has no stretch
      if (stretch.end === null) return integrand(u);
      const width = stretch.to - stretch.from;
      const offset = width * u ** 4;
      return 4 * width * u ** 3 * integrand(stretch.end === 'from' ? stretch.from + offset : stretch.to - offset);
    },
    relative,
  );
}

// A power tail over many decades hides its beginning from the nodes. Beyond twenty decades from the bulk it is
// below 1e-10 for all p > ½, and one panel does.
const decadesMax = 20;

function stretchesBetween(leaves: readonly Leaf[], from: number, to: number): Stretch[] {
  const ends = new Set<number>();
  const points = [to];
  for (const { law, loc, scale } of leaves) {
    points.push(loc);
    for (const cut of law.cuts) points.push(loc + cut * scale);
    for (const end of [loc + law.from * scale, loc + law.to * scale]) {
      ends.add(end);
      points.push(end);
    }
    if (law.leftTail < Number.POSITIVE_INFINITY) {
      const reach = Math.abs(law.cuts[0] ?? 1) * scale;
      for (let k = 1; k <= decadesMax && loc - reach * 10 ** k > from; k++) points.push(loc - reach * 10 ** k);
    }
    if (law.rightTail < Number.POSITIVE_INFINITY) {
      const reach = Math.abs(law.cuts.at(-1) ?? 1) * scale;
      for (let k = 1; k <= decadesMax && loc + reach * 10 ** k < to; k++) points.push(loc + reach * 10 ** k);
    }
  }
  points.sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  let last = from;
  for (const point of points) {
    if (!(point > last && point <= to)) continue;
    stretches.push({ from: last, to: point, end: ends.has(last) ? 'from' : ends.has(point) ? 'to' : null });
    last = point;
  }
  return stretches;
}
