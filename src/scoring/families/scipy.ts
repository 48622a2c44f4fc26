// The families that scipy has beside the builtins, as its version 1.10.1 names and parametrizes them.

import type { Family } from '../law.ts';
import { boundedFamilies } from './scipy-bounded.ts';
import { exponentialFamilies } from './scipy-exponential.ts';
import { extremeFamilies } from './scipy-extreme.ts';
import { gammaFamilies } from './scipy-gamma.ts';
import { normalFamilies } from './scipy-normal.ts';
import { passageFamilies } from './scipy-passage.ts';
import { powerFamilies } from './scipy-power.ts';

export const scipyFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ...exponentialFamilies,
  ...extremeFamilies,
  ...boundedFamilies,
  ...powerFamilies,
  ...normalFamilies,
  ...passageFamilies,
  ...gammaFamilies,
]);
