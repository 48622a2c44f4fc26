// Laws with power tails.

import type { Family, Law } from '../law.ts';
import { positive, reflected } from '../law.ts';
import { betaKernel, logBeta } from '../special/beta.ts';
import { softplus, times } from '../special/elementary.ts';
import { erf, erfc } from '../special/erf.ts';
import { lowerBeta } from '../special/incomplete-beta.ts';
import { fixed, makeLaw, notNegative, ofPositive, ofTwo } from './scipy-law.ts';

/** P(X > z) ≈ e^{logFactor} z^{−index}. */
function rightTail(index: number, logFactor = 0) {
  return { rightTail: index, logRightTail: (logZ: number) => logFactor - index * logZ };
}

/** 1 − F(z) = (1 + z)^{−c}. */
function lomax(c: number): Law {
  return makeLaw({
    from: 0,
    pdf: (z) => c * Math.exp(-(c + 1) * Math.log1p(z)),
    cdf: (z) => -Math.expm1(-c * Math.log1p(z)),
    upper: (z) => Math.exp(-c * Math.log1p(z)),
    ...rightTail(c),
  });
}

/** e^L of a Laplace variable L of rate c. */
function loglaplace(c: number): Law {
  return makeLaw({
    from: 0,
    pdf: (z) => (c / 2) * z ** (z < 1 ? c - 1 : -c - 1),
    cdf: (z) => (z < 1 ? 0.5 * z ** c : 1 - 0.5 * z ** -c),
    upper: (z) => (z < 1 ? 1 - 0.5 * z ** c : 0.5 * z ** -c),
    kinks: [1],
    ...rightTail(c, -Math.LN2),
  });
}

const largest = 1e300; // a power of 1 is 1, and must not become Infinity·0

/** F(z) = (1 + z^{−c})^{−d}; `both` is c·d, which a caller may know exactly. */
function burr(c: number, d: number, both = c * d): Law {
  const logFactor = both > 0 && both < largest ? Math.log(both) : Math.log(c) + Math.log(d);
  const power = Math.min(both, largest) - 1;
  const logCdf = (z: number) => -d * softplus(-c * Math.log(z));
  return makeLaw({
    from: 0,
    pdf: (z) => {
      const logZ = Math.log(z);
      const bend = (d + 1) * Math.log1p(Math.exp(-c * Math.abs(logZ)));
      return Math.exp(logFactor + (z < 1 ? times(power, logZ) : -(c + 1) * logZ) - bend);
    },
    cdf: (z) => Math.exp(logCdf(z)),
    upper: (z) => -Math.expm1(logCdf(z)),
    ...rightTail(c, Math.log(d)),
  });
}

/** 1 − F(z) = (1 + z^c)^{−d}. */
function burr12(c: number, d: number): Law {
  const logFactor = Math.log(c) + Math.log(d);
  const index = Math.min(c * d, largest);
  const logUpper = (z: number) => -d * softplus(c * Math.log(z));
  return makeLaw({
    from: 0,
    pdf: (z) => {
      const logZ = Math.log(z);
      const bend = (d + 1) * Math.log1p(Math.exp(-c * Math.abs(logZ)));
      return Math.exp(logFactor + (z < 1 ? times(c - 1, logZ) : -(index + 1) * logZ) - bend);
    },
    cdf: (z) => -Math.expm1(logUpper(z)),
    upper: (z) => Math.exp(logUpper(z)),
    ...rightTail(index),
  });
}

/** The odds of a beta variable. */
function betaprime(a: number, b: number): Law {
  const logFactor = -Math.log(b) - logBeta(a, b);
  const kernel = betaKernel(a, b);
  const atZero = a < 1 ? Number.POSITIVE_INFINITY : a === 1 ? b : 0;
  return makeLaw({
    from: 0,
    pdf: (z) => (z === 0 ? atZero : kernel(z / (1 + z), 1 / (1 + z)) / z),
    cdf: (z) => lowerBeta(a, b, z / (1 + z), 1 / (1 + z)),
    upper: (z) => lowerBeta(b, a, 1 / (1 + z), z / (1 + z)),
    ...rightTail(b, logFactor),
  });
}

/** F(z) = z/(a + z^a)^{1/a}. */
function kappa3(a: number): Law {
  const logA = Math.log(a);
  const log = (z: number) => a * Math.log(z) - logA;
  return makeLaw({
    from: 0,
    pdf: (z) => Math.exp(-logA / a - (1 + 1 / a) * softplus(log(z))),
    cdf: (z) => Math.exp(-softplus(-log(z)) / a),
    upper: (z) => -Math.expm1(-softplus(-log(z)) / a),
    ...rightTail(a),
  });
}

const halfcauchy = fixed({
  from: 0,
  pdf: (z) => 2 / Math.PI / (1 + z * z),
  cdf: (z) => (2 / Math.PI) * Math.atan(z),
  upper: (z) => (2 / Math.PI) * Math.atan(1 / z),
  ...rightTail(1, Math.log(2 / Math.PI)),
});

/**
 * |c + Cauchy|: F(z) = (atan(z + c) + atan(z − c))/π, written as one angle, so that neither end cancels.
 */
function foldcauchy(c: number): Law {
  const far = 1e150 * (1 + c);
  return makeLaw({
    from: 0,
    pdf: (z) => (1 / (1 + (z - c) ** 2) + 1 / (1 + (z + c) ** 2)) / Math.PI,
    cdf: (z) => (z > far ? 1 - 2 / (Math.PI * z) : Math.atan2(2 * z, 1 + (c - z) * (c + z)) / Math.PI),
    upper: (z) => (z > far ? 2 / (Math.PI * z) : Math.atan2(2 * z, (z - c) * (z + c) - 1) / Math.PI),
    kinks: [c],
    ...rightTail(1, Math.log(2 / Math.PI)),
  });
}

/** A Cauchy law of width 1 − a left of 0 and 1 + a right of it. */
function skewcauchy(a: number): Law {
  const below = (z: number, width: number) => (width / Math.PI) * Math.atan2(width, -z);
  const tail = (width: number) => (logZ: number) => Math.log((width * width) / Math.PI) - logZ;
  return makeLaw({
    pdf: (z) => 1 / (Math.PI * (1 + (z / (1 + a * Math.sign(z))) ** 2)),
    cdf: (z) => (z < 0 ? below(z, 1 - a) : 1 - below(-z, 1 + a)),
    upper: (z) => (z < 0 ? 1 - below(z, 1 - a) : below(-z, 1 + a)),
    leftTail: 1,
    rightTail: 1,
    logLeftTail: tail(1 - a),
    logRightTail: tail(1 + a),
    kinks: [0],
  });
}

const sqrtTwoPi = Math.sqrt(2 * Math.PI);

/** 1/N² of a standard normal N. */
const levy = fixed({
  from: 0,
  pdf: (z) => (z === 0 ? 0 : Math.exp(-0.5 / z - 1.5 * Math.log(z)) / sqrtTwoPi),
  cdf: (z) => erfc(Math.sqrt(0.5 / z)),
  upper: (z) => erf(Math.sqrt(0.5 / z)),
  ...rightTail(0.5, 0.5 * Math.log(2 / Math.PI)),
});

const levyLeftLaw = reflected(levy.law([]));

export const powerFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['lomax', ofPositive('c', lomax)],
  ['loglaplace', ofPositive('c', loglaplace)],
  ['fisk', ofPositive('c', (c) => burr(c, 1))],
  ['burr', ofTwo(positive('c'), positive('d'), (c, d) => burr(c, d))],
  ['mielke', ofTwo(positive('k'), positive('s'), (k, s) => burr(s, k / s, k))],
  ['burr12', ofTwo(positive('c'), positive('d'), burr12)],
  ['betaprime', ofTwo(positive('a'), positive('b'), betaprime)],
  ['kappa3', ofPositive('a', kappa3)],
  ['halfcauchy', halfcauchy],
  ['foldcauchy', { shapes: [notNegative('c')], law: ([c]) => foldcauchy(c as number) }],
  [
    'skewcauchy',
    {
      shapes: [{ name: 'a', accepts: (a) => Math.abs(a) < 1, wanted: 'between -1 and 1, exclusive' }],
      law: ([a]) => skewcauchy(a as number),
    },
  ],
  ['levy', levy],
  ['levy_l', { shapes: [], law: () => levyLeftLaw }],
]);
