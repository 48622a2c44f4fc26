// The normal law.

import type { Family, Law } from '../law.ts';
import { normalCdf, normalCrps, normalPdf } from '../special/normal.ts';

const logSqrtTwoPi = 0.5 * Math.log(2 * Math.PI);

export const normalLaw: Law = {
  pdf: normalPdf,
  logPdf: (z) => -0.5 * z * z - logSqrtTwoPi,
  cdf: normalCdf,
  upper: (z) => normalCdf(-z),
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
  leftTail: Number.POSITIVE_INFINITY,
  rightTail: Number.POSITIVE_INFINITY,
  cuts: [-9, -3, 3, 9],
  crps: normalCrps,
};

export const norm: Family = { shapes: [], law: () => normalLaw };
