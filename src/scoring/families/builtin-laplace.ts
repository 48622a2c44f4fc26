// The Laplace law.

import type { Family, Law } from '../law.ts';
import { laplaceCdf, laplaceCrps, laplacePdf } from '../special/laplace.ts';

const laplaceLaw: Law = {
  pdf: laplacePdf,
  logPdf: (z) => -Math.abs(z) - Math.LN2,
  cdf: laplaceCdf,
  upper: (z) => laplaceCdf(-z),
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
  leftTail: Number.POSITIVE_INFINITY,
  rightTail: Number.POSITIVE_INFINITY,
  cuts: [-38, -4, 4, 38],
  crps: laplaceCrps,
};

export const laplace: Family = { shapes: [], law: () => laplaceLaw };
