// The names a specification may use, and what is said about those that it may not.

import { families } from './families.ts';

export type SpecType = 'builtin' | 'scipy' | 'statistics';

/** Why a family can't be used; null when it can. */
export function nameRefusal(type: SpecType, name: unknown): string | null {
  if (typeof name !== 'string')
    return `must be the name of a distribution, is ${name === undefined ? 'missing' : typeName(name)}`;
  if (type === 'statistics') return name === 'normal' ? null : `must be "normal", is ${quoted(name)}`;
  const isKnown = type === 'builtin' ? builtinNames.has(name) : scipyNames.has(name);
  if (isKnown) return families.has(name) ? null : `${quoted(name)} is not supported yet`;
  if (type === 'scipy' && withoutFunctions.has(name)) return `unsupported distribution ${quoted(name)}`;
  const what = type === 'builtin' ? 'builtin distribution' : 'continuous distribution of scipy.stats';
  return `must be a ${what}, is ${quoted(name)}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function quoted(name: string): string {
  const text = name.slice(0, 24).replace(/[^ -~]/g, '?');
  return name.length > 24 ? `"${text}…"` : `"${text}"`;
}

const builtinNames = new Set(
  'norm lognorm expon t weibull_min weibull_max gamma beta chi chi2 rayleigh pareto cauchy laplace f'.split(' '),
);

/** Every continuous distribution of scipy 1.10.1 but the sixteen below. A pinned list: never looked up by name. */
const scipyNames = new Set([
  ...builtinNames,
  ...'logistic uniform gumbel_l gumbel_r halfnorm maxwell erlang lomax loglaplace fisk burr burr12 betaprime'.split(
    ' ',
  ),
  ...'invgamma invweibull levy levy_l genextreme genpareto genlogistic gennorm johnsonsu johnsonsb skewnorm'.split(' '),
  ...'exponnorm laplace_asymmetric hypsecant semicircular cosine arcsine triang trapezoid truncnorm truncexpon'.split(
    ' ',
  ),
  ...'loguniform powerlaw powernorm nakagami gengamma dgamma dweibull exponpow exponweib foldnorm foldcauchy'.split(
    ' ',
  ),
  ...'halfcauchy halflogistic invgauss wald moyal gompertz kappa3 kappa4 rdist pearson3 loggamma alpha argus'.split(
    ' ',
  ),
  ...'bradford anglit crystalball mielke skewcauchy fatiguelife genexpon genhalflogistic gibrat gilbrat'.split(' '),
  ...'halfgennorm powerlognorm recipinvgauss truncpareto truncweibull_min wrapcauchy reciprocal trapz'.split(' '),
]);

/** Those that need special functions no good npm library has. */
const withoutFunctions = new Set([
  ...'rice vonmises vonmises_line ncx2 genhyperbolic geninvgauss norminvgauss ncf nct gausshyper ksone'.split(' '),
  ...'kstwo kstwobign tukeylambda levy_stable studentized_range'.split(' '),
]);
