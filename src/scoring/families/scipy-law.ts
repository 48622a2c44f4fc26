// How the families here are put together: formulas that hold inside the support become a law that answers
// everywhere.

import type { Family, Law, Shape } from '../law.ts';
import { positive } from '../law.ts';

/** A law's formulas. They see points of the support only: `pdf` its ends too, `cdf` and `upper` the inside. */
export interface Formulas {
  readonly from?: number;
  readonly to?: number;
  /** May be Infinity, never NaN. */
  pdf(z: number): number;
  cdf(z: number): number;
  upper(z: number): number;
  readonly leftTail?: number;
  readonly rightTail?: number;
  /** Peaks, kinks and poles. */
  readonly kinks?: readonly number[];
  logPdf?(z: number): number;
  crps?(z: number): number;
  logLeftTail?(logZ: number): number;
  logRightTail?(logZ: number): number;
}

const negativeInfinity = Number.NEGATIVE_INFINITY;
const infinity = Number.POSITIVE_INFINITY;

/** The law of these formulas: 0 and 1 outside the support, NaN for NaN alone, cuts found when first asked for. */
export function makeLaw(formulas: Formulas): Law {
  const { from = negativeInfinity, to = infinity, leftTail = infinity, rightTail = infinity, kinks = [] } = formulas;
  const { pdf, cdf, upper, logPdf, crps, logLeftTail, logRightTail } = formulas;
  let cuts: readonly number[] | undefined;
  const law = {
    // z + 0 makes −0 into 0, whose powers are not −Infinity.
    pdf: (z: number) => (z >= from && z <= to && Number.isFinite(z) ? pdf(z + 0) : zeroUnlessNaN(z)),
    cdf: (z: number) => (z > from && z < to ? Math.min(1, cdf(z)) : z >= to ? 1 : zeroUnlessNaN(z)),
    upper: (z: number) => {
      if (z > from && z < to) return Math.min(1, upper(z));
      return z < to ? 1 : zeroUnlessNaN(z);
    },
    from,
    to,
    leftTail,
    rightTail,
    // Half of all laws are never integrated: they have a closed form, or the rule only asks for densities.
    get cuts(): readonly number[] {
      cuts ??= cutsOf(law, kinks);
      return cuts;
    },
    ...(logPdf && { logPdf: (z: number) => (z >= from && z <= to ? logPdf(z + 0) : Math.log(zeroUnlessNaN(z))) }),
    ...(crps && { crps }),
    ...(logLeftTail && { logLeftTail }),
    ...(logRightTail && { logRightTail }),
  };
  return law;
}

function zeroUnlessNaN(z: number): number {
  return Number.isNaN(z) ? z : 0;
}

// Probabilities at which quadrature is cut. Beyond 1e-17 nothing is left that counts beside 1; a power tail has
// its own integral from 1e-3 on.
const lightLevels = [1e-17, 1e-9, 1e-4, 0.02, 0.15];
const powerLevels = [1e-3, 0.02, 0.15];

function cutsOf(law: Law, kinks: readonly number[]): readonly number[] {
  const cuts = [...kinks, pointBelow(law.cdf, 0.5, law)];
  for (const level of levelsOf(law.leftTail)) cuts.push(pointBelow(law.cdf, level, law));
  // An integral over a power tail begins at some distance from 0.
  if (law.leftTail < infinity) cuts.push(-1);
  if (law.rightTail < infinity) cuts.push(1);
  const mirror = { from: -law.to, to: -law.from };
  for (const level of levelsOf(law.rightTail)) cuts.push(-pointBelow((z) => law.upper(-z), level, mirror));
  const within = cuts.filter((cut) => Number.isFinite(cut) && cut >= law.from && cut <= law.to).sort((a, b) => a - b);
  return within.flatMap((cut, i) => [...between(within[i - 1] ?? cut, cut), cut]);
}

/** Where a tail falls over decades from one level to the next (a log-normal one does): a cut a decade and a half. */
function between(from: number, to: number): number[] {
  const [near, far] = from > 0 ? [from, to] : [to, from];
  if (!(near * far > 0 && Math.abs(near) >= 1)) return []; // nearer to 0 the panels are short
  const count = Math.min(steps, Math.ceil(Math.log(far / near) / Math.log(30))) - 1;
  const added: number[] = [];
  for (let k = 1; k <= count; k++) added.push(near * (far / near) ** (k / (count + 1)));
  return from > 0 ? added : added.reverse();
}

const steps = 6; // nine decades: beyond, hardly a law has anything left

function levelsOf(tail: number): readonly number[] {
  return tail === infinity ? lightLevels : powerLevels;
}

/**
 * A z at which the ascending function is about `level`: within a third of its logarithm, which is near enough for
 * a cut and found in a dozen evaluations. Bisection in the logarithm of the distance to the support's end, or
 * to 0 where there is none.
 */
function pointBelow(ascending: (z: number) => number, level: number, ends: { from: number; to: number }): number {
  const place = placement(ends, ascending(0) > level);
  let low = -700;
  let high = 700;
  for (let step = 0; step < 60; step++) {
    const middle = 0.5 * (low + high);
    const value = ascending(place(middle));
    if (value > level * 0.5 && value < level * (level < 0.1 ? 3 : 1.5)) return place(middle);
    if (value < level) low = middle;
    else high = middle;
  }
  return place(high);
}

/** The real line onto the support, ascending. */
function placement({ from, to }: { from: number; to: number }, isNegative: boolean): (u: number) => number {
  if (from > negativeInfinity && to < infinity) {
    return (u) => (u < 0 ? from + (to - from) / (1 + Math.exp(-u)) : to - (to - from) / (1 + Math.exp(u)));
  }
  if (from > negativeInfinity) return (u) => from + Math.exp(u);
  if (to < infinity) return (u) => to - Math.exp(-u);
  return isNegative ? (u) => -Math.exp(-u) : (u) => Math.exp(u);
}

/** A family without shapes: its law is made once. */
export function fixed(formulas: Formulas): Family {
  const law = makeLaw(formulas);
  return { shapes: [], law: () => law };
}

/** A family whose one shape is > 0. */
export function ofPositive(name: string, law: (shape: number) => Law): Family {
  return { shapes: [positive(name)], law: ([shape]) => law(shape as number) };
}

/** A family of two shapes. */
export function ofTwo(first: Shape, second: Shape, law: (first: number, second: number) => Law): Family {
  return { shapes: [first, second], law: ([a, b]) => law(a as number, b as number) };
}

/** A shape that may be any finite number. */
export function real(name: string): Shape {
  return { name, accepts: () => true, wanted: 'a finite number' };
}

/** A shape ≥ 0. */
export function notNegative(name: string): Shape {
  return { name, accepts: (value) => value >= 0, wanted: '≥ 0' };
}
