// E|A − B| where A follows a Student t law and B another one, a normal or a Laplace law: the part of a mixture's CRPS
// that does not depend on the outcome. It has no closed form; as a function of proportions alone it is worked out once.

import type { Leaf } from '../density.ts';
import { laplaceCdf } from '../special/laplace.ts';
import { normalCdf } from '../special/normal.ts';
import { studentHalfMeanDistance, studentMeanDistance } from '../special/student.ts';
import { studentUpper } from '../special/student-tail.ts';
import { integrate, type Panel } from './quadrature.ts';

// Scales, and distances beside them, further apart than this would take more cuts than are laid here.
const proportionMax = 1e4;

/** E|A − B|, at least one of them a Student t with a mean; NaN when they are too different in size or too far apart. */
export function studentDistance(a: Leaf, b: Leaf): number {
  const [heavy, unit] = b.name === 't' && (a.name !== 't' || a.scale < b.scale) ? [b, a] : [a, b];
  const nu = heavy.shapes[0] as number;
  const distance = rounded(Math.abs(a.loc - b.loc) / unit.scale);
  const stretch = rounded(heavy.scale / unit.scale);
  const unitNu = unit.name === 't' ? (unit.shapes[0] as number) : unit.name === 'norm' ? normal : laplace;
  if (unitNu === nu && stretch === 1 && distance === 0) return 2 * unit.scale * studentHalfMeanDistance(nu);
  const isNear = distance <= proportionMax * Math.max(1, stretch);
  if (!(isNear && stretch <= proportionMax && stretch >= 1 / proportionMax)) return Number.NaN;
  return unit.scale * remembered({ nu, unitNu, stretch, distance });
}

/**
 * To 46 bits. Models stretch all scales together from step to step, and the proportions they send differ in their last
 * bits; what is remembered is the value at the rounded ones, and so is what is not: no score depends on the others.
 */
function rounded(x: number): number {
  const high = x * 129; // 2^7 + 1: Dekker's split
  return high - (high - x);
}

/** A of scale `stretch` with ν degrees of freedom, `distance` from B, which is of scale 1 and `unitNu`. */
interface Proportions {
  readonly nu: number;
  /** Its degrees of freedom, `normal` or `laplace`. */
  readonly unitNu: number;
  readonly stretch: number;
  readonly distance: number;
}

const normal = Number.POSITIVE_INFINITY;
const laplace = -1;

interface Remembered extends Proportions {
  readonly value: number;
}

const keptMax = 64; // twice the pairs of the largest mixture that is scored so; looking through all takes 0.1 µs
const kept: Remembered[] = [];
let oldest = 0;

function remembered(of: Proportions): number {
  for (let i = 0; i < kept.length; i++) {
    const other = kept[i] as Remembered;
    if (other.stretch === of.stretch && other.nu === of.nu && other.distance === of.distance) {
      if (other.unitNu === of.unitNu) return other.value;
    }
  }
  const value = distanceOf(of);
  kept[oldest] = { ...of, value };
  oldest = (oldest + 1) % keptMax;
  return value;
}

/**
 * E|A − d| + E|B| − 2∫₀^∞ P(B > x)·[P(A > x) + P(A < −x)] dx with B about 0 (own derivation, from E|A − B| =
 * ∫ [F(1 − G) + G(1 − F)] and ∫_{−∞}^0 F + ∫_0^∞ (1 − F) = E|A|). The integral is less than half of what it is taken
 * from, and falls faster than either tail.
 */
function distanceOf(of: Proportions): number {
  const { nu, unitNu, stretch, distance } = of;
  const points = cutsOf(of);
  const panels: Panel[] = points.slice(1).map((to, i) => ({ part: 0, from: points[i] as number, to }));
  const product = (x: number) => {
    const near = studentTail((x - distance) / stretch, nu);
    const far = distance === 0 ? near : studentUpper((x + distance) / stretch, nu);
    return unitUpper(x, unitNu) * (near + far);
  };
  const isPower = unitNu > 0 && unitNu < normal;
  if (isPower) panels.push({ part: 1, from: 0, to: 1 });
  const last = points.at(-1) as number;
  // As for the tails of the CRPS: x = last·u^−q, with neither exponent of u small.
  const power = nu + unitNu - 1;
  const q = Math.max(2, Math.min(10, 2.5 * power)) / power;
  const integral = integrate(
    panels,
    (part, u) => {
      if (part === 0) return product(u);
      const x = last * u ** -q;
      return product(x) * x * (q / u);
    },
    1e-12,
    evaluationsMax,
  );
  return stretch * studentMeanDistance(distance / stretch, nu) + unitMean(unitNu) - 2 * integral;
}

const evaluationsMax = 1500; // a fifth of a millisecond; 120 to 400 are usual, at 0.1 µs

/** P(A > z) for any z. */
function studentTail(z: number, nu: number): number {
  return z < 0 ? 1 - studentUpper(-z, nu) : studentUpper(z, nu);
}

/** P(B > x), x ≥ 0. */
function unitUpper(x: number, unitNu: number): number {
  if (unitNu === normal) return normalCdf(-x);
  return unitNu === laplace ? laplaceCdf(-x) : studentUpper(x, unitNu);
}

/** E|B|. */
function unitMean(unitNu: number): number {
  if (unitNu === normal) return Math.sqrt(2 / Math.PI);
  return unitNu === laplace ? 1 : studentMeanDistance(0, unitNu);
}

// Beyond the last of them a normal or Laplace law has nothing left that counts.
const normalCuts = [3, 9];
const laplaceCuts = [8, 38];
const studentCuts = [2, 10];
const reach = 30; // a power tail between cuts so far apart still shows itself to the rule

/** Ascending from 0: where either law changes its ways, and along their tails up to there. */
function cutsOf({ unitNu, stretch, distance }: Proportions): number[] {
  const isPower = unitNu > 0 && unitNu < normal;
  const own = isPower ? studentCuts : unitNu === normal ? normalCuts : laplaceCuts;
  const ownEnd = own[1] as number;
  const end = isPower ? Math.max(ownEnd, distance + ownEnd * stretch) : ownEnd;
  const points = [0, ...own, distance];
  for (const cut of studentCuts)
    points.push(distance - cut * stretch, distance + cut * stretch, cut * stretch - distance);
  for (let x = ownEnd * reach; isPower && x < end; x *= reach) points.push(x);
  for (let x = 10 * stretch * reach; x < end + distance; x *= reach) points.push(distance - x, distance + x);
  points.sort((a, b) => a - b);
  return points.filter((point, i) => point >= 0 && point <= end && point > (points[i - 1] ?? -1));
}
