// Laws made of exponentials: logistic and its kin, Laplace's and exponential ones bent, cut or sped up.

import type { Family, Law } from '../law.ts';
import { positive } from '../law.ts';
import { expm1Minus, softplus, times } from '../special/elementary.ts';
import { fixed, makeLaw, ofPositive } from './scipy-law.ts';

function logisticCdf(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return (z < 0 ? e : 1) / (1 + e);
}

const logistic = fixed({
  pdf: (z) => {
    const e = Math.exp(-Math.abs(z));
    return e / (1 + e) ** 2;
  },
  logPdf: (z) => -Math.abs(z) - 2 * Math.log1p(Math.exp(-Math.abs(z))),
  cdf: logisticCdf,
  upper: (z) => logisticCdf(-z),
  // |z| + 2 ln(1 + e^{−|z|}) − 1 (Jordan, Krüger & Lerch 2019, App. A)
  crps: (z) => Math.abs(z) + 2 * Math.log1p(Math.exp(-Math.abs(z))) - 1,
});

/** F(z) = (1 + e^{−z})^{−c}. */
function genlogistic(c: number): Law {
  const logC = Math.log(c);
  return makeLaw({
    pdf: (z) => Math.exp(logC + (z < 0 ? c * z : -z) - (c + 1) * Math.log1p(Math.exp(-Math.abs(z)))),
    cdf: (z) => Math.exp(-c * softplus(-z)),
    upper: (z) => -Math.expm1(-c * softplus(-z)),
  });
}

/** The logistic law folded at 0: F(z) = tanh(z/2). */
const halflogistic = fixed({
  from: 0,
  pdf: (z) => (2 * Math.exp(-z)) / (1 + Math.exp(-z)) ** 2,
  cdf: (z) => Math.tanh(z / 2),
  upper: (z) => (2 * Math.exp(-z)) / (1 + Math.exp(-z)),
});

/** F(z) = (1 − w)/(1 + w), w = (1 − cz)^{1/c}, on [0, 1/c]. */
function genhalflogistic(c: number): Law {
  const logBase = (z: number) => Math.log1p(-Math.min(1, c * z));
  return makeLaw({
    from: 0,
    to: 1 / c,
    pdf: (z) => {
      const log = logBase(z);
      return (2 * Math.exp(times(1 / c - 1, log))) / (1 + Math.exp(log / c)) ** 2;
    },
    cdf: (z) => -Math.expm1(logBase(z) / c) / (1 + Math.exp(logBase(z) / c)),
    upper: (z) => (2 * Math.exp(logBase(z) / c)) / (1 + Math.exp(logBase(z) / c)),
  });
}

const hypsecant = fixed({
  pdf: (z) => 1 / (Math.PI * Math.cosh(z)),
  cdf: (z) => (2 / Math.PI) * Math.atan(Math.exp(z)),
  upper: (z) => (2 / Math.PI) * Math.atan(Math.exp(-z)),
});

/** Density e^{−κz} right of 0 and e^{z/κ} left of it, over κ + 1/κ. */
function laplaceAsymmetric(kappa: number): Law {
  const peak = 1 / (kappa + 1 / kappa);
  const massLeft = 1 / (1 + kappa ** -2);
  const massRight = 1 / (1 + kappa ** 2);
  return makeLaw({
    pdf: (z) => peak * Math.exp(z < 0 ? z / kappa : -z * kappa),
    cdf: (z) => (z < 0 ? massLeft * Math.exp(z / kappa) : massLeft - massRight * Math.expm1(-z * kappa)),
    upper: (z) => (z < 0 ? massRight - massLeft * Math.expm1(z / kappa) : massRight * Math.exp(-z * kappa)),
    kinks: [0],
  });
}

/** The exponential law on [0, b]. */
function truncexpon(b: number): Law {
  const mass = -Math.expm1(-b);
  return makeLaw({
    from: 0,
    to: b,
    pdf: (z) => Math.exp(-z) / mass,
    cdf: (z) => -Math.expm1(-z) / mass,
    upper: (z) => (Math.exp(-z) * -Math.expm1(z - b)) / mass,
  });
}

/** Hazard rate a + b(1 − e^{−cz}). */
const genexpon: Family = {
  shapes: [positive('a'), positive('b'), positive('c')],
  law: (shapes) => {
    const [a, b, c] = shapes as [number, number, number];
    const hazard = (z: number) => a * z + (b / c) * expm1Minus(-c * z);
    return makeLaw({
      from: 0,
      pdf: (z) => (a - b * Math.expm1(-c * z)) * Math.exp(-hazard(z)),
      cdf: (z) => -Math.expm1(-hazard(z)),
      upper: (z) => Math.exp(-hazard(z)),
    });
  },
};

/** 1 − F(z) = e^{−c(e^z − 1)}. */
function gompertz(c: number): Law {
  const hazard = (z: number) => c * Math.expm1(z);
  const logC = Math.log(c);
  return makeLaw({
    from: 0,
    pdf: (z) => Math.exp(logC + Math.min(z, far) - hazard(z)),
    cdf: (z) => -Math.expm1(-hazard(z)),
    upper: (z) => Math.exp(-hazard(z)),
  });
}

const far = 1e4; // e^{1e4} is Infinity, and Infinity − Infinity would be NaN

/** 1 − F(z) = e^{1 − e^t}, t = z^b. */
function exponpow(b: number): Law {
  const logB = Math.log(b);
  return makeLaw({
    from: 0,
    pdf: (z) => {
      const t = Math.min(z ** b, far);
      return Math.exp(logB + times(b - 1, Math.log(z)) + t - Math.expm1(t));
    },
    cdf: (z) => -Math.expm1(-Math.expm1(z ** b)),
    upper: (z) => Math.exp(-Math.expm1(z ** b)),
  });
}

export const exponentialFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['logistic', logistic],
  ['genlogistic', ofPositive('c', genlogistic)],
  ['halflogistic', halflogistic],
  ['genhalflogistic', ofPositive('c', genhalflogistic)],
  ['hypsecant', hypsecant],
  ['laplace_asymmetric', ofPositive('kappa', laplaceAsymmetric)],
  ['truncexpon', ofPositive('b', truncexpon)],
  ['genexpon', genexpon],
  ['gompertz', ofPositive('c', gompertz)],
  ['exponpow', ofPositive('b', exponpow)],
]);
