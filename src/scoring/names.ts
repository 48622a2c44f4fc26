// The names a specification may use, and what is said about those that it may not. The list is pinned: it holds what
// we have written, and no name of a stranger's is looked up anywhere else.

import { builtinFamilies } from './families/builtin.ts';
import { families } from './families.ts';
import type { Family } from './law.ts';

export type SpecType = 'builtin' | 'scipy' | 'statistics';

/** The name of a family as scipy calls it, and the family; or what is wrong with the name. */
export function familyNamed(type: SpecType, name: unknown): NamedFamily | string {
  if (typeof name !== 'string') {
    return `must be the name of a distribution, is ${name === undefined ? 'missing' : typeName(name)}`;
  }
  if (type === 'statistics') return name === 'normal' ? normal : `must be "normal", is ${quoted(name)}`;
  const named = (type === 'builtin' ? builtins : all).get(name);
  if (named !== undefined) return named;
  if (type === 'scipy' && withoutFunctions.has(name)) return `unsupported distribution ${quoted(name)}`;
  const what = type === 'builtin' ? 'builtin distribution' : 'continuous distribution of scipy.stats';
  return `must be a ${what}, is ${quoted(name)}`;
}

export interface NamedFamily {
  readonly name: string;
  readonly family: Family;
}

const all = new Map([...families].map(([name, family]): [string, NamedFamily] => [name, { name, family }]));
const builtins = new Map([...all].filter(([name]) => builtinFamilies.has(name)));
const normal = all.get('norm') as NamedFamily; // a builtin

/** Those that need special functions no good npm library has. With `families` every one of scipy 1.10.1 is named. */
const withoutFunctions = new Set([
  ...'rice vonmises vonmises_line ncx2 genhyperbolic geninvgauss norminvgauss ncf nct gausshyper ksone'.split(' '),
  ...'kstwo kstwobign tukeylambda levy_stable studentized_range'.split(' '),
]);

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function quoted(name: string): string {
  const text = name.slice(0, 24).replace(/[^ -~]/g, '?');
  return name.length > 24 ? `"${text}…"` : `"${text}"`;
}
