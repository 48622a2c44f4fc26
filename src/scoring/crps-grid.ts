// The CRPS as the existing synth scorer computes it, on a grid. A compatible rule: it agrees with the reference
// to the last digits and is not the CRPS.

import type { Density, Leaf } from './density.ts';
import { type Filled, fillLeaf } from './grid/fill.ts';
import { crpsGridPlain } from './grid/plain.ts';
import { type Grid, type GridPoints, gridPoints, pointsBelow } from './grid/points.ts';

export type { Grid } from './grid/points.ts';

// One buffer for all: a call neither allocates nor waits.
let buffer = new Float64Array(256);
const filled: Filled = { first: 0, last: 0 };

/**
 * With g the grid and d its spacing: F_j = clip(d·Σ_{m≤j} pdf(g_m), 0, 1), and the trapezoid rule over
 * (F_j − 1{g_j ≥ y})². Weights are taken as they are; a pole on a grid point counts as +∞. Lower is better; in
 * units of y. Not proper and not the CRPS: mass outside the grid is lost, and at a scale of one spacing the mean
 * is 12 % too high. y beyond the grid counts as far beyond; no point reaches NaN, so it counts as +∞. Source:
 * crunch-synth `crps_integral`; spec/scoring.md 2.
 * @throws RangeError unless `min` and `max` are finite, min ≤ max, and `points` a whole number from 2 to 65,536.
 */
export function crpsGrid(density: Density, y: number, grid: Grid): number {
  const laid = gridPoints(grid);
  if (laid.min === laid.max) return 0;
  const score = laid.isEven ? crpsGridFast(density, y, laid) : null;
  return score ?? crpsGridPlain(density, y, laid);
}

/**
 * Errors of F here are below 1e-13 of the weights, those of the sum (by Cauchy and Schwarz) below 2e-13·√(points/sum)
 * of it: 6e-11 at this mean square. A score below it is no forecast's: it is where rounding is most of what is left.
 */
const meanSquareMin = 1e-5;

/** Null where the result might be too far off, or is not a number. */
function crpsGridFast({ leaves }: Density, y: number, grid: GridPoints): number | null {
  const { points, spacing } = grid;
  if (buffer.length < points) buffer = new Float64Array(points);
  buffer.fill(0, 0, points);
  filled.first = points;
  filled.last = -1;
  let weights = 0;
  let isGrowing = true;
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i] as Leaf;
    if (leaf.weight === 0) continue; // 0 times a pole is 0
    if (leaf.weight < 0) isGrowing = false;
    weights += Math.abs(leaf.weight);
    fillLeaf(leaf, grid, buffer, filled);
  }
  const below = pointsBelow(grid, y);
  const sum = isGrowing ? growingSum(points, below) : clippedSum(points, below);
  return sum >= meanSquareMin * weights * weights * points ? sum * spacing : null;
}

/** Trapezoid sum of (F_j − 1{j ≥ below})² where F only grows: from where it reaches 1 there is nothing to add. */
function growingSum(points: number, below: number): number {
  const end = filled.last + 1;
  let j = Math.min(filled.first, end);
  let sum = j > below ? j - below : 0; // F = 0 so far
  let mass = 0;
  const beforeY = Math.min(below, end);
  for (; j < beforeY; j++) {
    mass += buffer[j] as number;
    if (mass >= 1) return halveEnds(sum + below - j, 1, points, below);
    sum += mass * mass;
  }
  for (; j < end; j++) {
    mass += buffer[j] as number;
    if (mass >= 1) return halveEnds(sum, 1, points, below);
    sum += (1 - mass) * (1 - mass);
  }
  if (below > end) sum += (below - end) * mass * mass;
  sum += (points - Math.max(below, end)) * (1 - mass) * (1 - mass);
  return halveEnds(sum, mass, points, below);
}

/** The same where negative weights let F fall. */
function clippedSum(points: number, below: number): number {
  let sum = 0;
  let cumulated = 0;
  let mass = 0;
  for (let j = 0; j < points; j++) {
    cumulated += buffer[j] as number;
    mass = Math.min(1, Math.max(0, cumulated));
    const distance = j < below ? mass : 1 - mass;
    sum += distance * distance;
  }
  return halveEnds(sum, mass, points, below);
}

/** The trapezoid rule counts the first and the last square half. */
function halveEnds(sum: number, lastMass: number, points: number, below: number): number {
  const firstMass = Math.min(1, Math.max(0, buffer[0] as number));
  const first = below > 0 ? firstMass : 1 - firstMass;
  const last = below < points ? 1 - lastMass : lastMass;
  return sum - 0.5 * (first * first + last * last);
}
