// The grid rule as it is defined, point by point: any density, any grid. What the fast way is compared with, and
// falls back on.

import type { Density } from '../density.ts';
import { pdf } from '../distribution.ts';
import { type GridPoints, pointsBelow } from './points.ts';

/** In the order in which the reference adds, so that roundings agree too. */
export function crpsGridPlain(density: Density, y: number, grid: GridPoints): number {
  const { at, points, spacing } = grid;
  const below = pointsBelow(grid, y);
  let cumulated = 0;
  let sum = 0;
  let before = 0;
  for (let j = 0; j < points; j++) {
    cumulated += pdf(density, at[j] as number);
    const mass = Math.min(1, Math.max(0, cumulated * spacing));
    const distance = j < below ? mass : mass - 1;
    const square = distance * distance;
    if (j > 0) sum += ((at[j] as number) - (at[j - 1] as number)) * ((before + square) / 2);
    before = square;
  }
  return sum;
}
