// Adds a leaf's probabilities (density times spacing) at the points of an even grid to a buffer. A normal or a
// Laplace law is a recurrence outward from its mode, and is left out where it is nothing.

import type { Leaf } from '../density.ts';
import { studentPeak } from '../special/student-tail.ts';
import type { GridPoints } from './points.ts';
import { inversePower } from './power.ts';

/** The filled part of a buffer: from `first` to `last`, both included; before and after, nothing. */
export interface Filled {
  first: number;
  last: number;
}

// Beyond them a law has less than 2e-19 on a side, which the rule's sum doesn't see.
const normalReach = 9;
const laplaceReach = 45;
// v ← v·r, r ← r·q: n steps multiply a rounding of q by n²/2; 32 keep it below 1e-13.
const anchorEvery = 32;
// 1 + z²/ν is off by 1e-16, its power by (ν + 1)/2 as much: beyond, the law's own density keeps more digits.
const studentMax = 256;
const sqrtTwoPi = Math.sqrt(2 * Math.PI);

/** Adds `leaf` to `buffer`; `filled` grows. */
export function fillLeaf(leaf: Leaf, grid: GridPoints, buffer: Float64Array, filled: Filled): void {
  if (leaf.name === 'norm') fillNormal(leaf, grid, buffer, filled);
  else if (leaf.name === 'laplace') fillLaplace(leaf, grid, buffer, filled);
  else if (leaf.name === 't' && (leaf.shapes[0] as number) <= studentMax) fillStudent(leaf, grid, buffer, filled);
  else fillAny(leaf, grid, buffer, filled);
}

function fillNormal(leaf: Leaf, grid: GridPoints, buffer: Float64Array, filled: Filled): void {
  const { loc, scale, weight } = leaf;
  const { at, min, spacing } = grid;
  const centre = (loc - min) / spacing;
  const reach = (normalReach * scale) / spacing;
  const first = Math.max(0, Math.ceil(centre - reach));
  const last = Math.min(grid.points - 1, Math.floor(centre + reach));
  if (!(first <= last)) return;
  grow(filled, first, last);
  const h = spacing / scale;
  const q = Math.exp(-h * h);
  const top = (weight * h) / sqrtTwoPi;
  const mode = Math.min(last, Math.max(first, Math.round(centre)));
  for (let from = mode; from <= last; from += anchorEvery) {
    const to = Math.min(last + 1, from + anchorEvery);
    const z = ((at[from] as number) - loc) / scale;
    let v = top * Math.exp(-0.5 * z * z);
    let r = Math.exp(-h * (z + 0.5 * h));
    for (let j = from; j < to; j++) {
      buffer[j] = (buffer[j] as number) + v;
      v *= r;
      r *= q;
    }
  }
  for (let from = mode - 1; from >= first; from -= anchorEvery) {
    const to = Math.max(first - 1, from - anchorEvery);
    const z = (loc - (at[from] as number)) / scale;
    let v = top * Math.exp(-0.5 * z * z);
    let r = Math.exp(-h * (z + 0.5 * h));
    for (let j = from; j > to; j--) {
      buffer[j] = (buffer[j] as number) + v;
      v *= r;
      r *= q;
    }
  }
}

function fillLaplace(leaf: Leaf, grid: GridPoints, buffer: Float64Array, filled: Filled): void {
  const { loc, scale, weight } = leaf;
  const { at, min, spacing } = grid;
  const centre = (loc - min) / spacing;
  const reach = (laplaceReach * scale) / spacing;
  const first = Math.max(0, Math.ceil(centre - reach));
  const last = Math.min(grid.points - 1, Math.floor(centre + reach));
  if (!(first <= last)) return;
  grow(filled, first, last);
  const h = spacing / scale;
  const r = Math.exp(-h);
  const top = 0.5 * weight * h;
  const right = Math.min(last + 1, Math.max(first, Math.ceil(centre))); // first point at or after the mode
  if (right <= last) {
    let v = top * Math.exp(-Math.abs((at[right] as number) - loc) / scale);
    for (let j = right; j <= last; j++) {
      buffer[j] = (buffer[j] as number) + v;
      v *= r;
    }
  }
  if (right > first) {
    let v = top * Math.exp(-Math.abs((at[right - 1] as number) - loc) / scale);
    for (let j = right - 1; j >= first; j--) {
      buffer[j] = (buffer[j] as number) + v;
      v *= r;
    }
  }
}

function fillStudent(
  { loc, scale, weight, shapes }: Leaf,
  grid: GridPoints,
  buffer: Float64Array,
  filled: Filled,
): void {
  const { at, spacing, points } = grid;
  const df = shapes[0] as number;
  const p = 0.5 * (df + 1);
  const top = weight * (spacing / scale) * studentPeak(df);
  const stretch = 1 / (scale * Math.sqrt(df));
  grow(filled, 0, points - 1);
  for (let j = 0; j < points; j++) {
    const z = ((at[j] as number) - loc) * stretch;
    buffer[j] = (buffer[j] as number) + top * inversePower(1 + z * z, p);
  }
}

function fillAny({ law, loc, scale, weight }: Leaf, grid: GridPoints, buffer: Float64Array, filled: Filled): void {
  const { at, spacing, points } = grid;
  const top = weight * (spacing / scale);
  grow(filled, 0, points - 1);
  for (let j = 0; j < points; j++) {
    buffer[j] = (buffer[j] as number) + top * law.pdf(((at[j] as number) - loc) / scale);
  }
}

function grow(filled: Filled, first: number, last: number): void {
  if (first < filled.first) filled.first = first;
  if (last > filled.last) filled.last = last;
}
