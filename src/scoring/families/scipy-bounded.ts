// Laws on an interval.

import type { Family, Law } from '../law.ts';
import { betaKernel } from '../special/beta.ts';
import { logRatio, minusSine } from '../special/elementary.ts';
import { lowerBeta } from '../special/incomplete-beta.ts';
import { fixed, makeLaw, ofPositive, ofTwo } from './scipy-law.ts';

const uniform = fixed({
  from: 0,
  to: 1,
  pdf: () => 1,
  cdf: (z) => z,
  upper: (z) => 1 - z,
  // |z − z̄| + z̄² − z̄ + ⅓, z̄ = z held to [0, 1] (Jordan, Krüger & Lerch 2019, App. A)
  crps: (z) => {
    const inside = Math.min(1, Math.max(0, z));
    return Math.abs(z - inside) + inside * (inside - 1) + 1 / 3;
  },
});

/** The area of a circle's segment of angle 2θ: z = −cos θ. */
function semicircularCdf(z: number): number {
  return minusSine(4 * Math.asin(Math.sqrt((1 + z) / 2))) / (2 * Math.PI);
}

const semicircular = fixed({
  from: -1,
  to: 1,
  pdf: (z) => (2 / Math.PI) * Math.sqrt((1 - z) * (1 + z)),
  cdf: (z) => (z < 0 ? semicircularCdf(z) : 1 - semicircularCdf(-z)),
  upper: (z) => (z < 0 ? 1 - semicircularCdf(z) : semicircularCdf(-z)),
});

function cosineCdf(z: number): number {
  return minusSine(z + Math.PI) / (2 * Math.PI);
}

/** Density (1 + cos z)/2π. */
const cosine = fixed({
  from: -Math.PI,
  to: Math.PI,
  pdf: (z) => Math.cos(z / 2) ** 2 / Math.PI,
  cdf: (z) => (z < 0 ? cosineCdf(z) : 1 - cosineCdf(-z)),
  upper: (z) => (z < 0 ? 1 - cosineCdf(z) : cosineCdf(-z)),
});

function arcsineCdf(z: number): number {
  return (2 / Math.PI) * Math.asin(Math.sqrt(z));
}

const arcsine = fixed({
  from: 0,
  to: 1,
  pdf: (z) => 1 / (Math.PI * Math.sqrt(z * (1 - z))),
  cdf: (z) => (z < 0.5 ? arcsineCdf(z) : 1 - arcsineCdf(1 - z)),
  upper: (z) => (z < 0.5 ? 1 - arcsineCdf(z) : arcsineCdf(1 - z)),
});

/** Density cos 2z. */
const anglit = fixed({
  from: -Math.PI / 4,
  to: Math.PI / 4,
  pdf: (z) => Math.cos(2 * z),
  cdf: (z) => Math.sin(z + Math.PI / 4) ** 2,
  upper: (z) => Math.sin(Math.PI / 4 - z) ** 2,
});

const unit = (name: string) => ({
  name,
  accepts: (value: number) => value >= 0 && value <= 1,
  wanted: 'between 0 and 1',
});

function triang(c: number): Law {
  return makeLaw({
    from: 0,
    to: 1,
    pdf: (z) => (z < c || c === 1 ? (2 * z) / c : (2 * (1 - z)) / (1 - c)),
    cdf: (z) => (z < c ? (z * z) / c : 1 - (1 - z) ** 2 / (1 - c)),
    upper: (z) => (z < c ? 1 - (z * z) / c : (1 - z) ** 2 / (1 - c)),
    kinks: [c],
  });
}

/** Rising to c, level to d, falling to 1. */
const trapezoid: Family = {
  shapes: [unit('c'), unit('d')],
  conflict: ([c, d]) => ((c as number) <= (d as number) ? null : { name: 'd', wanted: '≥ c' }),
  law: (shapes) => {
    const [c, d] = shapes as [number, number];
    const sides = d - c + 1; // twice the area at height 1
    const left = (z: number) => (z < c ? (z * z) / c : c + 2 * (z - c)) / sides;
    const right = (z: number) => (z > d ? (1 - z) ** 2 / (1 - d) : 1 - d + 2 * (d - z)) / sides;
    return makeLaw({
      from: 0,
      to: 1,
      pdf: (z) => (2 / sides) * (z < c ? z / c : z > d ? (1 - z) / (1 - d) : 1),
      cdf: (z) => (z > d ? 1 - right(z) : left(z)),
      upper: (z) => (z < c ? 1 - left(z) : right(z)),
      kinks: [c, d],
    });
  },
};

/** F(z) = z^a. */
function powerlaw(a: number): Law {
  return makeLaw({
    from: 0,
    to: 1,
    pdf: (z) => a * z ** (a - 1),
    cdf: (z) => z ** a,
    upper: (z) => -Math.expm1(a * Math.log(z)),
  });
}

/** Density ∝ 1/(1 + cz). */
function bradford(c: number): Law {
  const whole = Math.log1p(c);
  return makeLaw({
    from: 0,
    to: 1,
    pdf: (z) => c / (1 + c * z) / whole,
    cdf: (z) => Math.log1p(c * z) / whole,
    upper: (z) => Math.log1p((c * (1 - z)) / (1 + c * z)) / whole,
  });
}

/** Density ∝ (1 − z²)^{c/2 − 1}: a symmetric beta law on [−1, 1]. */
function rdist(c: number): Law {
  const half = c / 2;
  const kernel = betaKernel(half, half);
  const peak = kernel(0.5, 0.5) * 2;
  return makeLaw({
    from: -1,
    to: 1,
    pdf: (z) => {
      const x = (1 + z) / 2;
      const y = (1 - z) / 2;
      if (half < 10 || x === 0 || y === 0) return peak * ((1 - z) * (1 + z)) ** (half - 1);
      return kernel(x, y) / (2 * x * y);
    },
    cdf: (z) => lowerBeta(half, half, (1 + z) / 2, (1 - z) / 2),
    upper: (z) => lowerBeta(half, half, (1 - z) / 2, (1 + z) / 2),
  });
}

/**
 * The alias of old. scipy 1.10.1 lists no shapes for it, and specifications leave them out: then it is a trapezoid
 * without slopes.
 */
const trapz: Family = {
  ...trapezoid,
  shapes: [
    { ...unit('c'), fallback: 0 },
    { ...unit('d'), fallback: 1 },
  ],
};

const isOrdered = ([a, b]: readonly number[]) => ((b as number) > (a as number) ? null : { name: 'b', wanted: '> a' });

const loguniform: Family = {
  ...ofTwo(
    { name: 'a', accepts: (a) => a > 0, wanted: '> 0' },
    { name: 'b', accepts: (b) => b > 0, wanted: '> 0' },
    (a, b) => {
      const whole = logRatio(b, a);
      return makeLaw({
        from: a,
        to: b,
        pdf: (z) => 1 / (z * whole),
        cdf: (z) => logRatio(z, a) / whole,
        upper: (z) => logRatio(b, z) / whole,
      });
    },
  ),
  conflict: isOrdered,
};

/** Pareto's law on [1, c]. */
function truncpareto(b: number, c: number): Law {
  const whole = -Math.expm1(-b * Math.log(c));
  return makeLaw({
    from: 1,
    to: c,
    pdf: (z) => (b / whole) * z ** (-b - 1),
    cdf: (z) => -Math.expm1(-b * Math.log(z)) / whole,
    upper: (z) => (z ** -b * -Math.expm1(-b * logRatio(c, z))) / whole,
  });
}

/** Cauchy's law wrapped around the circle [0, 2π]. */
function wrapcauchy(c: number): Law {
  const ratio = (1 + c) / (1 - c);
  const top = ((1 - c) * (1 + c)) / (2 * Math.PI);
  const below = (z: number) => Math.atan(ratio * Math.tan(z / 2)) / Math.PI;
  return makeLaw({
    from: 0,
    to: 2 * Math.PI,
    pdf: (z) => top / ((1 - c) ** 2 + 4 * c * Math.sin(z / 2) ** 2),
    cdf: (z) => (z < Math.PI ? below(z) : 1 - below(2 * Math.PI - z)),
    upper: (z) => (z < Math.PI ? 1 - below(z) : below(2 * Math.PI - z)),
    kinks: [Math.PI],
  });
}

export const boundedFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['uniform', uniform],
  ['semicircular', semicircular],
  ['cosine', cosine],
  ['arcsine', arcsine],
  ['anglit', anglit],
  ['triang', { shapes: [unit('c')], law: ([c]) => triang(c as number) }],
  ['trapezoid', trapezoid],
  ['trapz', trapz],
  ['powerlaw', ofPositive('a', powerlaw)],
  ['bradford', ofPositive('c', bradford)],
  ['rdist', ofPositive('c', rdist)],
  ['loguniform', loguniform],
  ['reciprocal', loguniform],
  [
    'truncpareto',
    ofTwo(
      { name: 'b', accepts: (b) => b > 0, wanted: '> 0' },
      { name: 'c', accepts: (c) => c > 1, wanted: '> 1' },
      truncpareto,
    ),
  ],
  [
    'wrapcauchy',
    {
      shapes: [{ name: 'c', accepts: (c) => c > 0 && c < 1, wanted: 'between 0 and 1, exclusive' }],
      law: ([c]) => wrapcauchy(c as number),
    },
  ],
]);
