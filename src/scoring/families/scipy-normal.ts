// Laws of functions of a normal variable.

import type { Family, Law } from '../law.ts';
import { positive } from '../law.ts';
import { erf, erfc, scaledErfc } from '../special/erf.ts';
import { logNormalCdf, normalCdf, normalMass, normalPdf, scaledMass } from '../special/normal.ts';
import { fixed, makeLaw, notNegative, ofPositive, ofTwo, real } from './scipy-law.ts';

const logSqrtTwoPi = 0.5 * Math.log(2 * Math.PI);

const halfnorm = fixed({
  from: 0,
  pdf: (z) => 2 * normalPdf(z),
  cdf: (z) => erf(z / Math.SQRT2),
  upper: (z) => erfc(z / Math.SQRT2),
});

/** |c + N|. */
function foldnorm(c: number): Law {
  return makeLaw({
    from: 0,
    pdf: (z) => normalPdf(z - c) + normalPdf(z + c),
    cdf: (z) => normalMass(c - z, c + z),
    upper: (z) => normalCdf(c - z) + normalCdf(-c - z),
    kinks: [c],
  });
}

/** N given a < N < b. Densities are taken relative to the one at the end of [a, b] that is nearer to 0. */
const truncnorm: Family = {
  ...ofTwo(real('a'), real('b'), (a, b) => {
    // A law wholly left of 0 is the mirror of one on the right.
    if (a + b < 0) return onRight(-b, -a, -1);
    return onRight(a, b, 1);
  }),
  conflict: ([a, b]) => ((a as number) < (b as number) ? null : { name: 'b', wanted: '> a' }),
};

/** `side` −1 mirrors. a + b ≥ 0. */
function onRight(a: number, b: number, side: 1 | -1): Law {
  const anchor = Math.max(a, 0);
  const density = (z: number) => Math.exp(-0.5 * (z - anchor) * (z + anchor));
  /** The mass of [x, y] over the density at the anchor. */
  const mass = (x: number, y: number) => {
    if (x >= 0) return density(x) * scaledMass(x, y - x);
    return y <= 0 ? density(y) * scaledMass(-y, y - x) : Math.sqrt(2 * Math.PI) * normalMass(x, y);
  };
  const whole = mass(a, b);
  const below = (z: number) => mass(a, z) / whole;
  const above = (z: number) => mass(z, b) / whole;
  return makeLaw({
    from: side > 0 ? a : -b,
    to: side > 0 ? b : -a,
    pdf: (z) => density(side * z) / whole,
    cdf: side > 0 ? below : (z) => above(-z),
    upper: side > 0 ? above : (z) => below(-z),
  });
}

/** −z²/2 + (c − 1) ln Φ(−z), whose squares would cancel far on the right. */
function logPowered(z: number, c: number): number {
  if (z < 1) return -0.5 * z * z + (c - 1) * logNormalCdf(-z);
  return z < 1e150 ? -0.5 * c * z * z + (c - 1) * Math.log(0.5 * scaledErfc(z / Math.SQRT2)) : Number.NEGATIVE_INFINITY;
}

/** 1 − F(z) = Φ(−z)^c. */
function powernorm(c: number): Law {
  const logFactor = Math.log(c) - logSqrtTwoPi;
  return makeLaw({
    pdf: (z) => Math.exp(logFactor + logPowered(z, c)),
    cdf: (z) => -Math.expm1(c * logNormalCdf(-z)),
    upper: (z) => Math.exp(c * logNormalCdf(-z)),
  });
}

/** 1 − F(z) = Φ(−ln z/s)^c. */
function powerlognorm(c: number, s: number): Law {
  const logFactor = Math.log(c) - Math.log(s) - logSqrtTwoPi;
  const logUpper = (z: number) => c * logNormalCdf(-Math.log(z) / s);
  return makeLaw({
    from: 0,
    pdf: (z) => {
      if (z === 0) return 0;
      const v = Math.log(z) / s;
      return Math.exp(logFactor - Math.log(z) + logPowered(v, c));
    },
    cdf: (z) => -Math.expm1(logUpper(z)),
    upper: (z) => Math.exp(logUpper(z)),
  });
}

/** e^N. */
const gibrat = fixed({
  from: 0,
  pdf: (z) => (z === 0 ? 0 : Math.exp(-Math.log(z) * (1 + 0.5 * Math.log(z)) - logSqrtTwoPi)),
  cdf: (z) => normalCdf(Math.log(z)),
  upper: (z) => normalCdf(-Math.log(z)),
  // The log-normal law's of spec/scoring.md 4.3 (Jordan, Krüger & Lerch 2019, App. A) at μ = 0, σ = 1.
  crps: (z) => {
    const log = z > 0 ? Math.log(z) : Number.NEGATIVE_INFINITY;
    const y = z > 0 ? z * (1 - 2 * normalCdf(-log)) : -z;
    return y - 2 * Math.exp(0.5) * (normalCdf(log - 1) - normalCdf(-Math.SQRT1_2));
  },
});

/** sinh((N − a)/b). */
function johnsonsu(a: number, b: number): Law {
  const v = (z: number) => a + b * Math.asinh(z);
  return makeLaw({
    pdf: (z) => (b / Math.hypot(z, 1)) * normalPdf(v(z)),
    cdf: (z) => normalCdf(v(z)),
    upper: (z) => normalCdf(-v(z)),
  });
}

/** The logistic function of (N − a)/b. */
function johnsonsb(a: number, b: number): Law {
  const v = (z: number) => a + b * (Math.log(z) - Math.log1p(-z));
  const logB = Math.log(b) - logSqrtTwoPi;
  return makeLaw({
    from: 0,
    to: 1,
    pdf: (z) => {
      if (z === 0 || z === 1) return 0;
      return Math.exp(logB - Math.log(z) - Math.log1p(-z) - 0.5 * v(z) ** 2);
    },
    cdf: (z) => normalCdf(v(z)),
    upper: (z) => normalCdf(-v(z)),
  });
}

/** Birnbaum and Saunders' law: Φ((√z − 1/√z)/c). */
function fatiguelife(c: number): Law {
  const v = (z: number) => (z - 1) / (c * Math.sqrt(z));
  const logFactor = -Math.log(2 * c) - logSqrtTwoPi;
  return makeLaw({
    from: 0,
    pdf: (z) => {
      if (z === 0) return 0;
      return Math.exp(logFactor - 0.5 * v(z) ** 2 - 1.5 * Math.log(z) + Math.log1p(z));
    },
    cdf: (z) => normalCdf(v(z)),
    upper: (z) => normalCdf(-v(z)),
  });
}

/** 1/(a − N) given N < a. */
function alpha(a: number): Law {
  const whole = normalCdf(a);
  return makeLaw({
    from: 0,
    pdf: (z) => (z < 1e-150 ? 0 : normalPdf(a - 1 / z) / (z * z) / whole),
    cdf: (z) => normalCdf(a - 1 / z) / whole,
    // Far out the interval's width is known to the last digit, and its left end is not.
    upper: (z) => {
      const start = a - 1 / z;
      return (start > 0 ? normalPdf(start) * scaledMass(start, 1 / z) : normalMass(start, a)) / whole;
    },
    rightTail: 1,
    logRightTail: (logZ) => Math.log(normalPdf(a) / whole) - logZ,
  });
}

/** −ln of a squared standard normal variable. */
const moyal = fixed({
  pdf: (z) => (z < -1e3 ? 0 : Math.exp(-0.5 * (z + Math.exp(-z)) - logSqrtTwoPi)),
  cdf: (z) => erfc(Math.exp(-0.5 * z) / Math.SQRT2),
  upper: (z) => erf(Math.exp(-0.5 * z) / Math.SQRT2),
});

/** Normal right of −β, a power law (…)^{−m} left of it. */
function crystalball(beta: number, m: number): Law {
  const edge = Math.exp(-0.5 * beta * beta);
  const tailMass = Math.min(((m / (m - 1)) * edge) / beta, 1e300);
  const rootTwoPi = Math.sqrt(2 * Math.PI);
  const norm = 1 / (tailMass + rootTwoPi * normalCdf(beta));
  const logBase = (z: number) => Math.log1p((-beta * (beta + z)) / m);
  return makeLaw({
    pdf: (z) => norm * (z > -beta ? Math.exp(-0.5 * z * z) : edge * Math.exp(-m * logBase(z))),
    cdf: (z) =>
      z > -beta
        ? norm * (tailMass + rootTwoPi * normalMass(-beta, z))
        : norm * tailMass * Math.exp((1 - m) * logBase(z)),
    upper: (z) =>
      norm *
      (z > -beta
        ? rootTwoPi * normalCdf(-z)
        : rootTwoPi * normalCdf(beta) - tailMass * Math.expm1((1 - m) * logBase(z))),
    leftTail: m - 1,
    logLeftTail: (logZ) => Math.log(norm * tailMass) + (1 - m) * (Math.log(beta / m) + logZ),
    kinks: [-beta],
  });
}

export const normalFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['halfnorm', halfnorm],
  ['foldnorm', { shapes: [notNegative('c')], law: ([c]) => foldnorm(c as number) }],
  ['truncnorm', truncnorm],
  ['powernorm', ofPositive('c', powernorm)],
  ['powerlognorm', ofTwo(positive('c'), positive('s'), powerlognorm)],
  ['gibrat', gibrat],
  ['gilbrat', gibrat],
  ['johnsonsu', ofTwo(real('a'), positive('b'), johnsonsu)],
  ['johnsonsb', ofTwo(real('a'), positive('b'), johnsonsb)],
  ['fatiguelife', ofPositive('c', fatiguelife)],
  ['alpha', ofPositive('a', alpha)],
  ['moyal', moyal],
  ['crystalball', ofTwo(positive('beta'), { name: 'm', accepts: (m) => m > 1, wanted: '> 1' }, crystalball)],
]);
