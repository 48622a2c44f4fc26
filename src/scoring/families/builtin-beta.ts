// The beta law on [0, 1] and Fisher's F law, dfd/dfn times the odds x/(1 − x) of a beta variable.

import { halfMeanDistance } from '../integrals/crps-quadrature.ts';
import type { Family, Law } from '../law.ts';
import { positive } from '../law.ts';
import { betaHalf, betaKernel } from '../special/beta.ts';
import { logGamma } from '../special/gamma.ts';
import { lowerBeta } from '../special/incomplete-beta.ts';

export const beta: Family = {
  shapes: [positive('a'), positive('b')],
  law: ([a, b]) => betaLaw(a as number, b as number),
};

export const f: Family = {
  shapes: [positive('dfn'), positive('dfd')],
  law: ([dfn, dfd]) => fisherLaw(dfn as number, dfd as number),
};

function betaLaw(a: number, b: number): Law {
  const mean = a / (a + b);
  // B(2a, 2b)/B(a, b)² = ½B(½, a + b)/(B(½, a)·B(½, b)), by the duplication formula of Γ.
  const halfDistance = betaHalf(a + b) / betaHalf(a) / betaHalf(b) / (a + b);
  const kernel = betaKernel(a, b);
  const cdf = (z: number) => lowerBeta(a, b, z, 1 - z);
  const upper = (z: number) => lowerBeta(b, a, 1 - z, z);
  return {
    pdf: (z) => {
      if (z === 0) return a < 1 ? Number.POSITIVE_INFINITY : a === 1 ? b : 0;
      if (z === 1) return b < 1 ? Number.POSITIVE_INFINITY : b === 1 ? a : 0;
      return z > 0 && z < 1 ? kernel(z, 1 - z) / z / (1 - z) : 0;
    },
    cdf,
    upper,
    from: 0,
    to: 1,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: Number.POSITIVE_INFINITY,
    cuts: betaCuts(a, b),
    // (z − m)(2F − 1) + 2z(1 − z)f(z)/(a + b) − ½E|X − X'|: Jordan, Krüger & Lerch 2019, App. A, with F of a + 1 by
    // the recurrence of the incomplete beta function.
    crps: (z) => {
      if (!(z > 0)) return mean - z - halfDistance;
      if (!(z < 1)) return z - mean - halfDistance;
      const bulk = (2 * kernel(z, 1 - z)) / (a + b);
      return (z - mean) * (cdf(z) - upper(z)) + bulk - halfDistance;
    },
  };
}

/** Around the mean by the deviation, and further where the law is as skew as a gamma law; the ends are cut anyway. */
function betaCuts(a: number, b: number): number[] {
  const mean = a / (a + b);
  const deviation = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const reach = 8 * deviation + 24 / (a + b);
  const cuts = [mean - reach, mean - 2.5 * deviation, mean, mean + 2.5 * deviation, mean + reach];
  return cuts.filter((cut) => cut > 0 && cut < 1);
}

// Below it the mean, about 1/(dfd − 2), cancels digits; quadrature needs none.
const meanUsedFrom = 2.1;

function fisherLaw(dfn: number, dfd: number): Law {
  const a = 0.5 * dfn;
  const b = 0.5 * dfd;
  const kernel = betaKernel(a, b);
  /** The beta variable and its complement, neither rounded. */
  const cdf = (z: number) => (z > 0 ? lowerBeta(a, b, portion(dfn * z, dfd), portion(dfd, dfn * z)) : 0);
  const upper = (z: number) => (z > 0 ? lowerBeta(b, a, portion(dfd, dfn * z), portion(dfn * z, dfd)) : 1);
  const mean = dfd / (dfd - 2);
  // b/a·x^−1 to the power b over b·B(a, b): the leading term of I_y(b, a).
  const logTailAt1 = b * Math.log(dfd / dfn) - Math.log(b) - logGamma(a) - logGamma(b) + logGamma(a + b);
  let halfDistance = Number.NaN; // worked out when it is first needed: it is no closed form
  const law: Law = {
    pdf: (z) => {
      if (z === 0) return dfn < 2 ? Number.POSITIVE_INFINITY : dfn === 2 ? 1 : 0;
      const weight = dfn * z;
      if (!(z > 0 && weight > 0 && weight < Number.POSITIVE_INFINITY)) return 0;
      return kernel(weight / (weight + dfd), dfd / (weight + dfd)) / z;
    },
    cdf,
    upper,
    from: 0,
    to: Number.POSITIVE_INFINITY,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: b,
    cuts: fisherCuts(a, b),
    ...(dfd >= meanUsedFrom && {
      crps: (z: number) => {
        if (Number.isNaN(halfDistance)) halfDistance = halfMeanDistance(law);
        return meanDistance(z) - halfDistance;
      },
    }),
    logRightTail: (logZ) => logTailAt1 - b * logZ,
  };
  /** E|X − z|: the partial mean is an incomplete beta function of a + 1 and b − 1. */
  const meanDistance = (z: number) => {
    if (!(z > 0)) return mean - z;
    const [x, y] = [portion(dfn * z, dfd), portion(dfd, dfn * z)];
    const excess = lowerBeta(b - 1, a + 1, y, x) - lowerBeta(a + 1, b - 1, x, y);
    return z * (cdf(z) - upper(z)) + mean * excess;
  };
  return law;
}

/** part/(part + rest), also where one of them overflows. */
function portion(part: number, rest: number): number {
  return part === Number.POSITIVE_INFINITY ? 1 : part / (part + rest);
}

/** Those of the beta law; and a few above 1, beyond which the power tail is all that is left. */
function fisherCuts(a: number, b: number): readonly number[] {
  const bulk = betaCuts(a, b).map((x) => (b / a) * (x / (1 - x)));
  const last = Math.max(1, bulk.at(-1) ?? 1);
  return [...bulk, 3 * last, 10 * last].filter(Number.isFinite);
}
