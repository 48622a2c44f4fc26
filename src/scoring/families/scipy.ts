// The families that scipy has beyond the builtin ones.

import type { Family } from '../law.ts';

export const scipyFamilies: ReadonlyMap<string, Family> = new Map<string, Family>();
