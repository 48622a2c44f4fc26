// The fifteen families of the reference's builtin densities, in the order its documentation lists them.

import type { Family } from '../law.ts';
import { beta, f } from './builtin-beta.ts';
import { chi, chi2, gamma } from './builtin-gamma.ts';
import { laplace } from './builtin-laplace.ts';
import { lognorm } from './builtin-lognorm.ts';
import { norm } from './builtin-norm.ts';
import { pareto } from './builtin-pareto.ts';
import { cauchy, t } from './builtin-student.ts';
import { expon, rayleigh, weibullMax, weibullMin } from './builtin-weibull.ts';

export const builtinFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['norm', norm],
  ['lognorm', lognorm],
  ['expon', expon],
  ['t', t],
  ['weibull_min', weibullMin],
  ['weibull_max', weibullMax],
  ['gamma', gamma],
  ['beta', beta],
  ['chi', chi],
  ['chi2', chi2],
  ['rayleigh', rayleigh],
  ['pareto', pareto],
  ['cauchy', cauchy],
  ['laplace', laplace],
  ['f', f],
]);
