// Where a quadrature over a density is cut, so that no part of it is narrow beside its panel.

import type { Leaf } from './density.ts';
import type { Panel } from './quadrature.ts';

// A power tail over many decades hides its beginning from the nodes. Beyond twenty decades from the bulk it is
// below 1e-10 for all p > ½, and one panel does.
const decadesMax = 20;

/** Adjoining panels from `from` to `to` ≥ `from`, both finite; none where they are equal. */
export function panelsBetween(leaves: readonly Leaf[], from: number, to: number, part = 0): Panel[] {
  const points = [from, to];
  for (const { law, loc, scale } of leaves) {
    points.push(loc, loc + law.from * scale, loc + law.to * scale);
    for (const cut of law.cuts) points.push(loc + cut * scale);
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
  const panels: Panel[] = [];
  let last = from;
  for (const point of points) {
    if (!(point > last && point <= to)) continue;
    panels.push({ part, from: last, to: point });
    last = point;
  }
  return panels;
}
