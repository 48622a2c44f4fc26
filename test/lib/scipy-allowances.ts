// What is allowed beyond 1e-9 relative where scipy 1.10.1 itself is wrong: family, value, size and the reason. Our
// own values are shown right there without scipy, by integrals of the density and by each tail's own formula.

export type Value = 'pdf' | 'cdf' | 'sf';

type Size = (shapes: readonly number[], x: number) => number;

interface Allowance {
  readonly families: readonly string[];
  readonly values: readonly Value[];
  readonly reason: string;
  readonly absolute?: Size;
  readonly relative?: Size;
}

const epsilon = Number.EPSILON;

const allowances: readonly Allowance[] = [
  {
    families:
      'cauchy halfnorm maxwell loglaplace fisk johnsonsu johnsonsb hypsecant trapezoid truncexpon powerlaw powernorm dgamma dweibull foldnorm foldcauchy halfcauchy halflogistic gompertz kappa4 rdist pearson3 alpha anglit crystalball skewcauchy genhalflogistic gibrat gilbrat powerlognorm loguniform reciprocal'.split(
        ' ',
      ),
    values: ['sf'],
    reason: 'sf is worked out as 1 − cdf: what is left has the rounding of 1 (2.4e-16 seen)',
    absolute: () => 2 * epsilon,
  },
  {
    families: 'pareto cauchy halfnorm levy_l triang dgamma foldnorm foldcauchy skewcauchy genhalflogistic'.split(' '),
    values: ['cdf'],
    reason: 'cdf is worked out as a difference of numbers about 1 (4.7e-16 seen)',
    absolute: () => 4 * epsilon,
  },
  {
    families: 'burr genlogistic triang semicircular kappa3 mielke exponweib'.split(' '),
    values: ['sf'],
    reason: 'sf is 1 − cdf, and cdf a power or quotient of rounded numbers (2.6e-14 seen: mielke)',
    absolute: () => 5e-14,
  },
  {
    families: 'semicircular powernorm argus powerlognorm'.split(' '),
    values: ['cdf'],
    reason: 'cdf is 1 less a power, sum or quotient of rounded numbers (2.3e-14 seen: semicircular)',
    absolute: () => 5e-14,
  },
  {
    families: ['truncnorm'],
    values: ['cdf', 'sf'],
    reason: 'differences of normal probabilities, divided by the small one of [a, b] (4.7e-14 seen at b − a = 0.011)',
    absolute: ([a, b]) => (10 * epsilon) / Math.min(1, (b as number) - (a as number)),
  },
  {
    families: ['truncweibull_min'],
    values: ['cdf', 'sf'],
    reason: 'differences of exponentials, divided by the one over [a, b] (1.1e-12 seen at b^c − a^c = 1e-4)',
    absolute: ([c, a, b]) =>
      (4 * epsilon) / -Math.expm1((a as number) ** (c as number) - (b as number) ** (c as number)),
  },
  {
    families: ['f'],
    values: ['cdf', 'sf'],
    reason: 'the incomplete beta function gets dfd/(dfd + dfn·x) rounded to 1: sf 1 for 0.999 seen',
    relative: ([dfn, dfd], x) => roundedOdds((dfn as number) * x, dfd as number, (dfn as number) + (dfd as number)),
  },
  {
    families: ['betaprime'],
    values: ['cdf', 'sf'],
    reason: 'the incomplete beta function gets x/(1 + x) rounded to 1: cdf 1 for 0.999 seen; sf is 1 − cdf',
    absolute: () => 4 * epsilon,
    relative: ([a, b], x) => roundedOdds(x, 1, (a as number) + (b as number)),
  },
  {
    families: ['genlogistic', 'loggamma'],
    values: ['cdf'],
    reason: 'e^±x over- or underflows beyond ±700, where with small c there still is a tail: 0 for 1e-12 seen',
    relative: (_shapes, x) => (x < -700 ? 1 : 0),
  },
  {
    families: ['johnsonsu'],
    values: ['pdf', 'cdf', 'sf'],
    reason: 'asinh x is worked out as ln(x + √(x² + 1)), which cancels for x < 0: cdf 0 for 1e-12 seen',
    relative: ([, b], x) => (x < 0 ? Math.min(1, 100 * (b as number) * epsilon * x * x) : 0),
  },
  {
    families: ['skewnorm'],
    values: ['cdf', 'sf'],
    reason: 'below 1e-6 the density is integrated by QUADPACK to its default 1.5e-8 (5.5e-9 seen)',
    relative: () => 1.5e-8,
  },
  {
    families: ['kappa4'],
    values: ['pdf', 'cdf', 'sf'],
    reason: '(1 − kx)^{1/k} magnifies the rounding of 1 − kx by 1/k, and 1 − h·(…) cancels at the left end (0.23 seen)',
    relative: ([h, k], x) => kappaLoss(h as number, k as number, x),
  },
];

/** The relative rounding of the smaller of p/(p + q) and q/(p + q) got as 1 less the other, to some power. */
function roundedOdds(p: number, q: number, power: number): number {
  return Math.min(1, 4 * epsilon * Math.max(1, power) * Math.max(p / q, q / p));
}

function kappaLoss(h: number, k: number, x: number): number {
  if (h <= 0 || k === 0) return 0;
  const left = 1 - h * Math.exp(Math.log1p(-k * x) / k);
  return left > 0 ? Math.min(1, (8 * epsilon) / Math.min(1, Math.abs(k)) / left) : 1;
}

/** The difference to allow, beside 1e-9 of the value. */
export function allowedBy(family: string, value: Value, shapes: readonly number[], x: number, own: number): number {
  let sum = 0;
  for (const { families, values, absolute, relative } of allowances) {
    if (!families.includes(family) || !values.includes(value)) continue;
    sum += (absolute?.(shapes, x) ?? 0) + (relative?.(shapes, x) ?? 0) * Math.abs(own);
  }
  return sum;
}
