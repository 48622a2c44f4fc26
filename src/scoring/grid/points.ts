// The points of a grid, worked out once for each grid: a game asks for the same few again and again.

/** `points` evenly spaced grid points from `min` to `max`, both included. */
export interface Grid {
  readonly min: number;
  readonly max: number;
  readonly points: number;
}

/** A grid worked out. */
export interface GridPoints extends Grid {
  /** Ascending; each rounded as numpy's `linspace` rounds it. */
  readonly at: Float64Array;
  /** The first two points' distance, as the reference takes it. */
  readonly spacing: number;
  /**
   * Whether the points are so near their ideal places that recurrences may count on them: by less than
   * 1e-12 of a spacing. Not so far from 0: around 1e6 with a spacing of 1e-6.
   */
  readonly isEven: boolean;
}

export const gridPointsMax = 65_536; // 256 times the rule's own, 0.5 MB
const gridsKept = 64; // synth plays 13 assets with 4 grids each; 2 KB a grid
const unevenFrom = 4096; // |min| or |max| in spacings: a point's rounding, 2^−53 of it, is then 5e-13 spacings

let kept: GridPoints[] = [];
let last: GridPoints | null = null;

/** @throws RangeError unless `min` and `max` are finite, min ≤ max, and `points` a whole number from 2 to 65,536. */
export function gridPoints(grid: Grid): GridPoints {
  if (last !== null && isSame(last, grid)) return last;
  last = kept.find((other) => isSame(other, grid)) ?? keep(workOut(grid));
  return last;
}

function isSame(a: Grid, b: Grid): boolean {
  return a.min === b.min && a.max === b.max && a.points === b.points;
}

function keep(grid: GridPoints): GridPoints {
  if (kept.length >= gridsKept) kept = [];
  kept.push(grid);
  return grid;
}

function workOut({ min, max, points }: Grid): GridPoints {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min <= max)) {
    throw new RangeError(`Cannot lay a grid: needs finite ends in order, has ${min} and ${max}`);
  }
  if (!(Number.isInteger(points) && points >= 2 && points <= gridPointsMax)) {
    throw new RangeError(`Cannot lay a grid: needs 2 to ${gridPointsMax} points, has ${points}`);
  }
  const step = (max - min) / (points - 1);
  const at = new Float64Array(points);
  for (let j = 0; j < points; j++) at[j] = j * step + min;
  at[points - 1] = max;
  const spacing = (at[1] as number) - min;
  const isEven = Math.max(Math.abs(min), Math.abs(max)) <= unevenFrom * spacing && Number.isFinite(step);
  return { min, max, points, at, spacing, isEven };
}

/** How many points lie below y: all for NaN, which no point reaches. */
export function pointsBelow({ at, min, spacing, points }: GridPoints, y: number): number {
  if (!(y <= (at[points - 1] as number))) return points;
  let j = Math.max(0, Math.ceil((y - min) / spacing)) || 0; // 0 / 0 on a grid without width
  if (j >= points) j = points - 1;
  while (j > 0 && (at[j - 1] as number) >= y) j--;
  while ((at[j] as number) < y) j++;
  return j;
}
