// Laws of functions of a gamma variable.

import type { Family, Law } from '../law.ts';
import { positive, reflected } from '../law.ts';
import { erfc } from '../special/erf.ts';
import { gammaKernel, logGammaOnePlus } from '../special/gamma.ts';
import { lowerGamma, upperGamma } from '../special/incomplete-gamma.ts';
import { normalCdf, normalPdf } from '../special/normal.ts';
import { smoothIntegral } from '../special/quadrature-rule.ts';
import { type Formulas, fixed, makeLaw, ofPositive, real } from './scipy-law.ts';

/** |c|·(rate·z^c)^a e^{−rate·z^c} / (z Γ(a)): the law of (G/rate)^{1/c}. */
function gammaPower(a: number, c: number, rate = 1): Formulas {
  const logRate = Math.log(rate);
  const log = (z: number) => c * Math.log(z) + logRate;
  const below = c > 0 ? lowerGamma : upperGamma;
  const above = c > 0 ? upperGamma : lowerGamma;
  const x = (z: number) => rate * (c === 1 ? z : c === 2 ? z * z : z ** c);
  const index = -c * a;
  return {
    from: 0,
    pdf: (z) => (z === 0 ? atZero(a, c, logRate) : (Math.abs(c) * gammaKernel(a, x(z), log(z))) / z),
    cdf: (z) => below(a, x(z), log(z)),
    upper: (z) => above(a, x(z), log(z)),
    ...(c < 0 && {
      rightTail: index,
      logRightTail: (logZ: number) => a * logRate - index * logZ - logGammaOnePlus(a),
    }),
  };
}

function atZero(a: number, c: number, logRate: number): number {
  if (c < 0 || a * c > 1) return 0;
  return a * c < 1 ? Number.POSITIVE_INFINITY : Math.exp(a * logRate - logGammaOnePlus(a));
}

const maxwell = fixed({
  ...gammaPower(1.5, 2, 0.5),
  pdf: (z) => (z < 100 ? 2 * z * z * normalPdf(z) : 0),
  upper: (z) => (z < 100 ? erfc(z / Math.SQRT2) + 2 * z * normalPdf(z) : 0),
});

const gengamma: Family = {
  shapes: [positive('a'), { name: 'c', accepts: (c) => c !== 0, wanted: 'other than 0' }],
  law: ([a, c]) => makeLaw(gammaPower(a as number, c as number)),
};

/** The same law on both sides of 0. */
function doubled({ pdf, cdf, upper }: Formulas): Law {
  return makeLaw({
    pdf: (z) => 0.5 * pdf(Math.abs(z)),
    cdf: (z) => (z < 0 ? 0.5 * upper(-z) : z > 0 ? 0.5 + 0.5 * cdf(z) : 0.5),
    upper: (z) => (z > 0 ? 0.5 * upper(z) : z < 0 ? 0.5 + 0.5 * cdf(-z) : 0.5),
    kinks: [0],
  });
}

/** Density ∝ e^{−|z|^β}. */
function exponentialPower(beta: number): Formulas {
  const peak = Math.exp(-logGammaOnePlus(1 / beta));
  return { ...gammaPower(1 / beta, beta), pdf: (z) => peak * Math.exp(-(z ** beta)) };
}

const normalBelow = 0.000016; // as scipy does: the two differ by less than the skew

/** A gamma law of mean 0, variance 1 and the given skewness. */
function pearson3(skew: number): Law {
  if (skew < 0) return reflected(pearson3(-skew));
  if (skew < normalBelow) {
    return makeLaw({ pdf: normalPdf, cdf: normalCdf, upper: (z) => normalCdf(-z) });
  }
  const a = Math.max(4 / (skew * skew), 1e-300);
  const x = (z: number) => Math.max(0, a + (2 / skew) * z);
  const { pdf, cdf, upper } = gammaPower(a, 1);
  return makeLaw({
    from: -2 / skew,
    pdf: (z) => (2 / skew) * pdf(x(z)),
    cdf: (z) => cdf(x(z)),
    upper: (z) => upper(x(z)),
  });
}

/** The logarithm of a gamma variable. */
function loggamma(c: number): Law {
  return makeLaw({
    pdf: (z) => gammaKernel(c, Math.exp(z), z),
    cdf: (z) => lowerGamma(c, Math.exp(z), z),
    upper: (z) => upperGamma(c, Math.exp(z), z),
  });
}

/**
 * 1 − F(z) = P(3/2, χ²(1 − z²)/2)/P(3/2, χ²/2) on [0, 1] (the ARGUS Collaboration, Phys. Lett. B 241, 1990).
 */
function argus(chi: number): Law {
  const end = Math.min((chi * chi) / 2, 1e200);
  if (end < 1e-100) return makeLaw({ ...argusLimit, from: 0, to: 1 });
  const whole = lowerGamma(1.5, end);
  const rest = upperGamma(1.5, end);
  // 2·end^{3/2}/Γ(3/2) over the mass.
  const factor = (2 * end ** 1.5) / Math.exp(logGammaOnePlus(0.5)) / whole;
  const reach = (z: number) => end * (1 - z) * (1 + z);
  const density = (z: number) => factor * Math.exp(-reach(z)) * z * Math.sqrt((1 - z) * (1 + z));
  const upper = (z: number) => lowerGamma(1.5, reach(z)) / whole;
  return makeLaw({
    from: 0,
    to: 1,
    pdf: density,
    cdf: (z) => {
      const square = z * z;
      if (end * square < 1 && square < 0.5) return smoothIntegral(density, 0, z);
      return end > 2 ? (upperGamma(1.5, reach(z)) - rest) / whole : 1 - upper(z);
    },
    upper,
  });
}

/** As χ → 0. */
const argusLimit = {
  pdf: (z: number) => 3 * z * Math.sqrt((1 - z) * (1 + z)),
  cdf: (z: number) => -Math.expm1(1.5 * Math.log1p(-z * z)),
  upper: (z: number) => ((1 - z) * (1 + z)) ** 1.5,
};

export const gammaFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['erlang', ofPositive('a', (a) => makeLaw(gammaPower(a, 1)))],
  ['maxwell', maxwell],
  ['invgamma', ofPositive('a', (a) => makeLaw(gammaPower(a, -1)))],
  ['nakagami', ofPositive('nu', (nu) => makeLaw(gammaPower(nu, 2, nu)))],
  ['gengamma', gengamma],
  ['dgamma', ofPositive('a', (a) => doubled(gammaPower(a, 1)))],
  ['gennorm', ofPositive('beta', (beta) => doubled(exponentialPower(beta)))],
  ['halfgennorm', ofPositive('beta', (beta) => makeLaw(exponentialPower(beta)))],
  ['pearson3', { shapes: [real('skew')], law: ([skew]) => pearson3(skew as number) }],
  ['loggamma', ofPositive('c', loggamma)],
  ['argus', ofPositive('chi', argus)],
]);
