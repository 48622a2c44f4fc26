// Student's t law and the Cauchy law.

import type { Family, Law } from '../law.ts';
import { positive } from '../law.ts';
import { cauchyCrps, studentCdf, studentClosedFrom, studentCrps } from '../special/student.ts';
import { logOnePlusSquare, studentLogTail, studentPeak } from '../special/student-tail.ts';

function studentLaw(df: number): Law {
  const peak = studentPeak(df);
  const logPeak = Math.log(peak);
  const power = -(df + 1) / 2;
  return {
    pdf: (z) => peak * Math.exp(power * logOnePlusSquare(z, df)),
    logPdf: (z) => logPeak + power * logOnePlusSquare(z, df),
    cdf: (z) => studentCdf(z, df),
    upper: (z) => studentCdf(-z, df),
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    leftTail: df,
    rightTail: df,
    cuts: [-10, -2, 2, 10],
    ...(df >= studentClosedFrom && { crps: (z: number) => studentCrps(z, df) }),
    ...(df === 1 && { crps: cauchyCrps }),
    logLeftTail: (logZ) => studentLogTail(logZ, df),
    logRightTail: (logZ) => studentLogTail(logZ, df),
  };
}

/** P(X ≤ z) = ½ + atan(z)/π, from the side on which nothing cancels. */
function cauchyCdf(z: number): number {
  return z < 0 ? Math.atan(-1 / z) / Math.PI : 0.5 + Math.atan(z) / Math.PI;
}

const logPi = Math.log(Math.PI);

const cauchyLaw: Law = {
  pdf: (z) => 1 / (Math.PI * (1 + z * z)),
  logPdf: (z) => -logOnePlusSquare(z, 1) - logPi,
  cdf: cauchyCdf,
  upper: (z) => cauchyCdf(-z),
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
  leftTail: 1,
  rightTail: 1,
  cuts: [-10, -2, 2, 10],
  crps: cauchyCrps,
  logLeftTail: (logZ) => -logZ - logPi,
  logRightTail: (logZ) => -logZ - logPi,
};

export const t: Family = { shapes: [positive('df')], law: ([df]) => studentLaw(df as number) };
export const cauchy: Family = { shapes: [], law: () => cauchyLaw };
