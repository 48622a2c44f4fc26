// Laws of extremes: Gumbel's, the generalized ones, and Weibull's bent, doubled or cut.

import type { Family, Law } from '../law.ts';
import { positive, reflected } from '../law.ts';
import { logRatio, times } from '../special/elementary.ts';
import { fixed, makeLaw, notNegative, ofPositive, ofTwo, real } from './scipy-law.ts';

const infinity = Number.POSITIVE_INFINITY;

/** e^{exponent − w}, 0 where w is infinite. */
function falling(exponent: number, w: number): number {
  return w === infinity ? 0 : Math.exp(exponent - w);
}

const gumbelRight = fixed({
  pdf: (z) => falling(-z, Math.exp(-z)),
  cdf: (z) => Math.exp(-Math.exp(-z)),
  upper: (z) => -Math.expm1(-Math.exp(-z)),
});

const gumbelLaw = reflected(gumbelRight.law([]));
const gumbelLeft: Family = { shapes: [], law: () => gumbelLaw };

/** ln(1 − cz)/c, which is −z at c = 0. */
function boxCoxLog(z: number, c: number): number {
  if (Math.abs(c) < 1e-100) return -z;
  return (c * z > 1 ? Number.NEGATIVE_INFINITY : Math.log1p(-c * z)) / c;
}

/** F(z) = e^{−w}, w = (1 − cz)^{1/c}: bounded above for c > 0, below for c < 0 (scipy's sign of c). */
function genextreme(c: number): Law {
  const logW = (z: number) => boxCoxLog(z, c);
  return makeLaw({
    from: c < 0 ? 1 / c : Number.NEGATIVE_INFINITY,
    to: c > 0 ? 1 / c : infinity,
    pdf: (z) => falling(times(1 - c, logW(z)), Math.exp(logW(z))),
    cdf: (z) => Math.exp(-Math.exp(logW(z))),
    upper: (z) => -Math.expm1(-Math.exp(logW(z))),
    ...powerRight(c < 0 ? -1 / c : infinity, Math.log(-c) / c),
  });
}

/** A right tail P(X > z) ≈ e^{logFactor} z^{−index}. */
function powerRight(index: number, logFactor: number) {
  if (index === infinity) return {};
  return { rightTail: index, logRightTail: (logZ: number) => logFactor - index * logZ };
}

/**
 * F(z) = (1 − hw)^{1/h}, w = (1 − kz)^{1/k} (Hosking, IBM J. Res. Dev. 38, 1994). Its left end is where hw = 1
 * or, for h ≤ 0, where kz = 1 if k < 0.
 */
function kappa4(h: number, k: number): Law {
  const logW = (z: number) => boxCoxLog(z, k);
  const logCdf = (z: number) => {
    const y = logW(z);
    if (Math.abs(h) < 1e-100) return -Math.exp(y);
    if (h < 0 && y > 700) return (Math.log(-h) + y) / h;
    const part = h * Math.exp(y);
    return (part < 1 ? Math.log1p(-part) : Number.NEGATIVE_INFINITY) / h;
  };
  const leftEnd = Math.abs(k) < 1e-100 ? Math.log(h) : -Math.expm1(-k * Math.log(h)) / k;
  const openLeft = k < 0 ? 1 / k : Number.NEGATIVE_INFINITY;
  return makeLaw({
    from: h > 0 ? leftEnd : openLeft,
    to: k > 0 ? 1 / k : infinity,
    pdf: (z) => densityOf(times(1 - k, logW(z)), times(1 - h, logCdf(z))),
    cdf: (z) => Math.exp(logCdf(z)),
    upper: (z) => -Math.expm1(logCdf(z)),
    ...powerRight(k < 0 ? -1 / k : infinity, Math.log(-k) / k),
    ...(h < 0 && k > 0 && powerLeft(-1 / (h * k), Math.log(-h) / h + Math.log(k) / (h * k))),
  });
}

/** The exponential of a sum whose terms may be infinite with unlike signs: then the density vanishes. */
function densityOf(first: number, second: number): number {
  const exponent = first + second;
  return Number.isNaN(exponent) ? 0 : Math.exp(exponent);
}

function powerLeft(index: number, logFactor: number) {
  return { leftTail: index, logLeftTail: (logZ: number) => logFactor - index * logZ };
}

/** F(z) = e^{−z^{−c}}: Fréchet's law. */
function invweibull(c: number): Law {
  const logC = Math.log(c);
  const w = (z: number) => Math.exp(-c * Math.log(z));
  return makeLaw({
    from: 0,
    pdf: (z) => falling(logC - (c + 1) * Math.log(z), w(z)),
    cdf: (z) => Math.exp(-w(z)),
    upper: (z) => -Math.expm1(-w(z)),
    ...powerRight(c, 0),
  });
}

/** 1 − F(z) = (1 + cz)^{−1/c}; bounded above for c < 0. */
function genpareto(c: number): Law {
  const hazard = (z: number) => -boxCoxLog(z, -c);
  return makeLaw({
    from: 0,
    to: c < 0 ? -1 / c : infinity,
    pdf: (z) => Math.exp(-times(1 + c, hazard(z))),
    cdf: (z) => -Math.expm1(-hazard(z)),
    upper: (z) => Math.exp(-hazard(z)),
    ...powerRight(c > 1e-100 ? 1 / c : infinity, -Math.log(c) / c),
  });
}

/** Weibull's law on both sides of 0. */
function dweibull(c: number): Law {
  const tail = (z: number) => 0.5 * Math.exp(-(Math.abs(z) ** c));
  const logHalf = Math.log(c / 2);
  return makeLaw({
    pdf: (z) => falling(logHalf + times(c - 1, Math.log(Math.abs(z))), Math.abs(z) ** c),
    cdf: (z) => (z < 0 ? tail(z) : 1 - tail(z)),
    upper: (z) => (z < 0 ? 1 - tail(z) : tail(z)),
    kinks: [0],
  });
}

/** F(z) = (1 − e^{−t})^a, t = z^c. */
function exponweib(a: number, c: number): Law {
  const logBoth = Math.log(a) + Math.log(c);
  /** ln(1 − e^{−t}). */
  const logBase = (t: number, logT: number) => {
    if (t < 1e-17) return logT;
    return t < 1 ? Math.log(-Math.expm1(-t)) : Math.log1p(-Math.exp(-t));
  };
  const logCdf = (z: number) => a * logBase(z ** c, c * Math.log(z));
  return makeLaw({
    from: 0,
    pdf: (z) => {
      if (z === 0) return limitAtZero(a * c, a * c);
      const logZ = Math.log(z);
      const t = z ** c;
      return falling(logBoth + (a - 1) * logBase(t, c * logZ) + (c - 1) * logZ, t);
    },
    cdf: (z) => Math.exp(logCdf(z)),
    upper: (z) => -Math.expm1(logCdf(z)),
  });
}

/** What factor·z^{power − 1} is at 0. */
function limitAtZero(power: number, factor: number): number {
  if (power === 1) return factor;
  return power < 1 ? infinity : 0;
}

/** Weibull's law on [a, b]. */
const truncweibull: Family = {
  shapes: [positive('c'), notNegative('a'), positive('b')],
  conflict: ([c, a, b]) => {
    if (!((b as number) > (a as number))) return { name: 'b', wanted: '> a' };
    const mass = powerRise(a as number, b as number, c as number);
    return mass > 0 ? null : { name: 'c', wanted: 'such that a^c is a finite number less than b^c' };
  },
  law: (shapes) => {
    const [c, a, b] = shapes as [number, number, number];
    const whole = -Math.expm1(-powerRise(a, b, c));
    return makeLaw({
      from: a,
      to: b,
      pdf: (z) => (c / whole) * densityOf(times(c - 1, Math.log(z)), -powerRise(a, z, c)),
      cdf: (z) => -Math.expm1(-powerRise(a, z, c)) / whole,
      upper: (z) => {
        const rise = powerRise(a, z, c);
        return rise === infinity ? 0 : (Math.exp(-rise) * -Math.expm1(-powerRise(z, b, c))) / whole;
      },
    });
  },
};

/** z^c − a^c for z ≥ a. */
function powerRise(a: number, z: number, c: number): number {
  if (a === 0) return z ** c;
  const growth = c * logRatio(z, a);
  return growth < 1 ? a ** c * Math.expm1(growth) : z ** c - a ** c;
}

export const extremeFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['gumbel_r', gumbelRight],
  ['gumbel_l', gumbelLeft],
  ['genextreme', { shapes: [real('c')], law: ([c]) => genextreme(c as number) }],
  ['kappa4', ofTwo(real('h'), real('k'), kappa4)],
  ['invweibull', ofPositive('c', invweibull)],
  ['genpareto', { shapes: [real('c')], law: ([c]) => genpareto(c as number) }],
  ['dweibull', ofPositive('c', dweibull)],
  ['exponweib', ofTwo(positive('a'), positive('c'), exponweib)],
  ['truncweibull_min', truncweibull],
]);
