// The families of laws a density may be made of, by the names scipy gives them.

import { builtinFamilies } from './families/builtin.ts';
import { scipyFamilies } from './families/scipy.ts';
import { type Family, remembering } from './law.ts';

/** By name. A pinned list: no name of a stranger's is looked up elsewhere. */
export const families: ReadonlyMap<string, Family> = new Map(
  [...builtinFamilies, ...scipyFamilies].map(([name, family]) => [name, remembering(family)]),
);
