// The standard Student t law with ν > 0 degrees of freedom: distribution function and CRPS.

import beta from '@stdlib/math-base-special-beta';
import { logOnePlusSquare, studentScale, studentUpper } from './student-tail.ts';

/** P(X ≤ z), relatively accurate in the lower tail. */
export function studentCdf(z: number, nu: number): number {
  return z < 0 ? studentUpper(-z, nu) : 1 - studentUpper(z, nu);
}

/**
 * CRPS at z for ν > 1: E|X − z| − ½E|X − X'|. Jordan, Krüger & Lerch 2019, App. A. Just above 1 its terms are huge and
 * cancel: see `studentClosedFrom`.
 */
export function studentCrps(z: number, nu: number): number {
  return studentMeanDistance(z, nu) - studentHalfMeanDistance(nu);
}

/** E|X − z| = z(2F(z) − 1) + 2f(z)(ν + z²)/(ν − 1), for ν > 1. */
export function studentMeanDistance(z: number, nu: number): number {
  const distance = Math.abs(z);
  // f(z)(ν + z²) = ν(1 + z²/ν)^{−(ν−1)/2} / (√ν·B), which neither overflows nor underflows early.
  const power = Math.exp((-(nu - 1) / 2) * logOnePlusSquare(z, nu));
  const spread = (2 * nu * power) / studentScale(nu) / (nu - 1);
  return distance * (1 - 2 * studentUpper(distance, nu)) + spread;
}

/** From here on the closed form keeps 12 digits; below it, and above ½, the integral does better. */
export const studentClosedFrom = 1.01;

/** ½E|X − X'| = (2√ν/(ν − 1))·B(½, ν − ½)/B(½, ν/2)²; the last ν is remembered, as models keep to one. */
export function studentHalfMeanDistance(nu: number): number {
  if (nu !== lastNu) {
    const scale = studentScale(nu);
    lastHalfMeanDistance = (2 * nu * Math.sqrt(nu) * (beta(0.5, nu - 0.5) / scale / scale)) / (nu - 1);
    lastNu = nu;
  }
  return lastHalfMeanDistance;
}

let lastNu = Number.NaN;
let lastHalfMeanDistance = Number.NaN;

/** CRPS at z for ν = 1: (2/π)(z·atan z + ln 2) − (1/π)ln(1 + z²); finite although the mean is not. */
export function cauchyCrps(z: number): number {
  return (2 * (z * Math.atan(z) + Math.LN2) - logOnePlusSquare(z, 1)) / Math.PI;
}
