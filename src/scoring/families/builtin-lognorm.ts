// The log-normal law: ln X ~ N(0, s²).

import type { Family, Law } from '../law.ts';
import { positive } from '../law.ts';
import { erfc, scaledErfc } from '../special/erf.ts';
import { normalCdf, normalPdf } from '../special/normal.ts';

export const lognorm: Family = { shapes: [positive('s')], law: ([s]) => lognormalLaw(s as number) };

function lognormalLaw(s: number): Law {
  // ½E|X − X'| = m·erf(s/2), m the mean; the mean less it is m·erfc(s/2), with m = e^{s²/2}.
  const nearZero = Math.exp(0.25 * s * s) * scaledErfc(0.5 * s);
  const logFactor = Math.log(s) + 0.5 * Math.log(2 * Math.PI);
  const logPdf = (z: number) => {
    if (!(z > 0 && z < Number.POSITIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
    const logZ = Math.log(z);
    return -0.5 * (logZ / s) ** 2 - logZ - logFactor;
  };
  return {
    pdf: (z) => {
      if (!(z > 0 && z < Number.POSITIVE_INFINITY)) return 0;
      return z > smallest ? normalPdf(Math.log(z) / s) / (s * z) : Math.exp(logPdf(z));
    },
    logPdf,
    cdf: (z) => (z > 0 ? normalCdf(Math.log(z) / s) : 0),
    upper: (z) => (z > 0 ? normalCdf(-Math.log(z) / s) : 1),
    from: 0,
    to: Number.POSITIVE_INFINITY,
    leftTail: Number.POSITIVE_INFINITY,
    rightTail: Number.POSITIVE_INFINITY,
    cuts: lognormalCuts(s),
    crps: (z) => (z > 0 ? lognormalCrps(z, s, nearZero) : nearZero - z),
  };
}

const smallest = 1e-300; // 1/z is still a number

/**
 * CRPS at z > 0: z(2Φ(ω) − 1) − 2m[Φ(ω − s) + Φ(s/√2) − 1], ω = ln z/s, m = e^{s²/2}. Jordan, Krüger & Lerch
 * 2019, App. A; with m·Φ(ω − s) = z·e^{−ω²/2}·½erfcx((s − ω)/√2), as m alone overflows.
 */
function lognormalCrps(z: number, s: number, nearZero: number): number {
  const omega = Math.log(z) / s;
  const u = (s - omega) / Math.SQRT2;
  const partialMean =
    u >= 0 ? 0.5 * z * Math.exp(-0.5 * omega * omega) * scaledErfc(u) : 0.5 * Math.exp(0.5 * s * s) * erfc(u);
  return z * (normalCdf(omega) - normalCdf(-omega)) - 2 * partialMean + nearZero;
}

/** Where ln z/s lies between −8 and s/2 + 8: ∫(1 − F)² has its bulk at s/2. At most 24, else factors of e². */
function lognormalCuts(s: number): readonly number[] {
  const [from, to] = [-8, 0.5 * s + 8];
  const steps = Math.max(6, Math.min(23, Math.ceil((s * (to - from)) / 2)));
  const cuts: number[] = [];
  for (let i = 0; i <= steps; i++) cuts.push(Math.exp(s * (from + ((to - from) * i) / steps)));
  return cuts.filter((cut) => cut > 0 && cut < Number.POSITIVE_INFINITY);
}
