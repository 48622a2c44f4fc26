// The families of laws a density may be made of, by the names scipy gives them.

import { scipyFamilies } from './families/scipy.ts';
import { laplaceCdf, laplaceCrps, laplacePdf } from './laplace.ts';
import type { Family, Law } from './law.ts';
import { positive } from './law.ts';
import { normalCdf, normalCrps, normalPdf } from './normal.ts';
import { cauchyCrps, studentCdf, studentClosedFrom, studentCrps } from './student.ts';
import { studentLogTail, studentPdf } from './student-tail.ts';

const light = Number.POSITIVE_INFINITY;

export const normalLaw: Law = {
  pdf: normalPdf,
  cdf: normalCdf,
  upper: (z) => normalCdf(-z),
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
  leftTail: light,
  rightTail: light,
  cuts: [-9, -3, 3, 9],
  crps: normalCrps,
};

export const laplaceLaw: Law = {
  pdf: laplacePdf,
  cdf: laplaceCdf,
  upper: (z) => laplaceCdf(-z),
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
  leftTail: light,
  rightTail: light,
  cuts: [-38, -4, 4, 38],
  crps: laplaceCrps,
};

export function studentLaw(df: number): Law {
  return {
    pdf: (z) => studentPdf(z, df),
    cdf: (z) => studentCdf(z, df),
    upper: (z) => studentCdf(-z, df),
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    leftTail: df,
    rightTail: df,
    cuts: [-10, -2, 2, 10],
    logLeftTail: (logZ) => studentLogTail(logZ, df),
    logRightTail: (logZ) => studentLogTail(logZ, df),
    ...(df >= studentClosedFrom && { crps: (z: number) => studentCrps(z, df) }),
    ...(df === 1 && { crps: cauchyCrps }),
  };
}

/** By name. Another family is one more entry. A pinned list: no name of a stranger's is looked up elsewhere. */
export const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['norm', { shapes: [], law: () => normalLaw }],
  ['laplace', { shapes: [], law: () => laplaceLaw }],
  ['t', { shapes: [positive('df')], law: ([df]) => studentLaw(df as number) }],
  ...scipyFamilies,
]);
