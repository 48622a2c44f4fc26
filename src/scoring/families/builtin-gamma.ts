// The gamma law and its relatives: chi-square is twice a gamma variable with a = df/2, chi the root of that.

import { halfMeanDistance } from '../integrals/crps-quadrature.ts';
import type { Family, Law } from '../law.ts';
import { positive } from '../law.ts';
import { betaHalf } from '../special/beta.ts';
import { gammaDensity, gammaLogDensity, logGamma } from '../special/gamma.ts';
import { lowerGamma, upperGamma } from '../special/incomplete-gamma.ts';

export const gamma: Family = { shapes: [positive('a')], law: ([a]) => gammaLaw(a as number) };
export const chi2: Family = { shapes: [positive('df')], law: ([df]) => chiSquareLaw(df as number) };
export const chi: Family = { shapes: [positive('df')], law: ([df]) => chiLaw(df as number) };

/** Around the mean by its deviation, and where (1 − F)² is below 1e-20 for every a. */
function gammaCuts(a: number): readonly number[] {
  const deviation = Math.sqrt(a);
  const cuts = [a - 8 * deviation, a - 2.5 * deviation, a, a + 2.5 * deviation, a + 8 * deviation + 24];
  return cuts.filter((cut) => cut > 0);
}

function gammaLaw(a: number): Law {
  const density = gammaDensity(a);
  const halfDistance = 1 / betaHalf(a);
  return {
    pdf: density,
    logPdf: gammaLogDensity(a),
    cdf: (z) => lowerP(a, z),
    upper: (z) => upperQ(a, z),
    from: 0,
    to: Number.POSITIVE_INFINITY,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: Number.POSITIVE_INFINITY,
    cuts: gammaCuts(a),
    crps: (z) => gammaCrps(z, a, density, halfDistance),
  };
}

/**
 * CRPS at z: (z − a)(2F(z) − 1) + 2z·f(z) − 1/B(½, a). Jordan, Krüger & Lerch 2019, App. A, with F of a + 1 by the
 * recurrence of the incomplete gamma function. Its terms are of the size of a: for a below 1e-4 they cancel.
 */
function gammaCrps(z: number, a: number, density: (z: number) => number, halfDistance: number): number {
  if (!(z > 0)) return a - z - halfDistance;
  const bulk = 2 * (z * density(z));
  return (z - a) * (lowerP(a, z) - upperQ(a, z)) + bulk - halfDistance;
}

function chiSquareLaw(df: number): Law {
  const a = 0.5 * df;
  const density = gammaDensity(a);
  const logDensity = gammaLogDensity(a);
  const halfDistance = 1 / betaHalf(a);
  return {
    pdf: (z) => 0.5 * density(0.5 * z),
    logPdf: (z) => logDensity(0.5 * z) - Math.LN2,
    cdf: (z) => lowerP(a, 0.5 * z),
    upper: (z) => upperQ(a, 0.5 * z),
    from: 0,
    to: Number.POSITIVE_INFINITY,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: Number.POSITIVE_INFINITY,
    cuts: gammaCuts(a).map((cut) => 2 * cut),
    crps: (z) => 2 * gammaCrps(0.5 * z, a, density, halfDistance),
  };
}

function chiLaw(df: number): Law {
  const a = 0.5 * df;
  const density = gammaDensity(a);
  const logNorm = logGamma(a + 1) + a * Math.LN2;
  /** Where z² underflows only the leading term counts. */
  const logNear = (z: number) => df * Math.log(z) - logNorm;
  const cdf = (z: number) => (z > 1e-100 ? lowerP(a, 0.5 * z * z) : z > 0 ? Math.exp(logNear(z)) : 0);
  const upper = (z: number) => (z > 1e-100 ? upperQ(a, 0.5 * z * z) : z > 0 ? -Math.expm1(logNear(z)) : 1);
  const mean = Math.SQRT2 * Math.exp(logGammaHalfStep(a));
  let halfDistance = Number.NaN; // worked out when it is first needed: it is no closed form
  const law: Law = {
    pdf: (z) => {
      if (z === 0) return df < 1 ? Number.POSITIVE_INFINITY : df === 1 ? Math.sqrt(2 / Math.PI) : 0;
      if (!(z > 0 && z < 1e150)) return 0;
      return z < 1e-100 ? df * Math.exp((df - 1) * Math.log(z) - logNorm) : z * density(0.5 * z * z);
    },
    cdf,
    upper,
    from: 0,
    to: Number.POSITIVE_INFINITY,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: Number.POSITIVE_INFINITY,
    cuts: gammaCuts(a).map((cut) => Math.sqrt(2 * cut)),
    crps: (z) => {
      if (Number.isNaN(halfDistance)) halfDistance = halfMeanDistance(law);
      return meanDistance(z) - halfDistance;
    },
  };
  /** E|X − z|: partial means are incomplete gamma functions of a + ½. */
  const meanDistance = (z: number) => {
    if (!(z > 0)) return mean - z;
    const x = 0.5 * z * z;
    const excess = upperQ(a + 0.5, x) - lowerP(a + 0.5, x);
    return z * (cdf(z) - upper(z)) + mean * excess;
  };
  return law;
}

/** ln Γ(a + ½) − ln Γ(a), of which the beta function loses no digits for large a. */
function logGammaHalfStep(a: number): number {
  return 0.5 * Math.log(Math.PI) - Math.log(betaHalf(a));
}

/** P(a, x) for every x. */
function lowerP(a: number, x: number): number {
  return x > 0 ? lowerGamma(a, x) : 0;
}

/** Q(a, x) for every x. */
function upperQ(a: number, x: number): number {
  return x > 0 ? upperGamma(a, x) : 1;
}
