// The families of laws a density may be made of, each in standard form (loc 0, scale 1). All three are
// symmetric about 0, so the upper tail of one is its lower tail at −z.

import { laplaceCdf, laplacePdf } from './laplace.ts';
import { normalCdf, normalPdf } from './normal.ts';
import { studentCdf } from './student.ts';
import { studentPdf } from './student-tail.ts';

export type FamilyName = 'norm' | 't' | 'laplace';

export interface Family {
  /** The parameter beside loc and scale; > 0. */
  readonly shapeName: 'df' | null;
  /** Density at z. */
  pdf(z: number, shape: number): number;
  /** P(X ≤ z), relatively accurate where it is small. */
  cdf(z: number, shape: number): number;
  /** P(X > z), relatively accurate where it is small. */
  upper(z: number, shape: number): number;
  /** p of tails that fall like |z|^−p; Infinity when they fall faster than every power. */
  tailIndex(shape: number): number;
  /** Where quadrature is cut, in scales on both sides of loc, ascending; beyond the last only a power tail counts. */
  readonly cuts: readonly number[];
}

/** By name. Another family is one more entry. */
export const families: Readonly<Record<FamilyName, Family>> = {
  norm: {
    shapeName: null,
    pdf: normalPdf,
    cdf: normalCdf,
    upper: (z) => normalCdf(-z),
    tailIndex: () => Number.POSITIVE_INFINITY,
    cuts: [3, 9],
  },
  t: {
    shapeName: 'df',
    pdf: studentPdf,
    cdf: studentCdf,
    upper: (z, df) => studentCdf(-z, df),
    tailIndex: (df) => df,
    cuts: [2, 10],
  },
  laplace: {
    shapeName: null,
    pdf: laplacePdf,
    cdf: laplaceCdf,
    upper: (z) => laplaceCdf(-z),
    tailIndex: () => Number.POSITIVE_INFINITY,
    cuts: [4, 38],
  },
};
