// The standard Student t law with ν > 0 degrees of freedom.

import beta from '@stdlib/math-base-special-beta';
import betainc from '@stdlib/math-base-special-betainc';

/** What depends on ν alone; models send the same ν for hundreds of steps. */
interface StudentConstants {
  /** √ν·B(½, ν/2): 1 over the density at 0. */
  readonly scale: number;
  /** (2√ν/(ν − 1))·B(½, ν − ½)/B(½, ν/2)²: E|X − X'|/2, for ν > 1. */
  readonly gini: number;
}

const constantsKept = 1024; // about 100 KB; a model that varies ν by step needs 288
const constantsByNu = new Map<number, StudentConstants>();

function constantsOf(nu: number): StudentConstants {
  const known = constantsByNu.get(nu);
  if (known !== undefined) return known;
  if (constantsByNu.size >= constantsKept) constantsByNu.clear();
  const b = beta(0.5, nu / 2);
  const gini = nu > 1 ? ((2 * Math.sqrt(nu)) / (nu - 1)) * (beta(0.5, nu - 0.5) / b / b) : Number.POSITIVE_INFINITY;
  const constants = { scale: Math.sqrt(nu) * b, gini };
  constantsByNu.set(nu, constants);
  return constants;
}

/** (1 + z²/ν)^{−(ν+1)/2} / (√ν·B(½, ν/2)). */
export function studentPdf(z: number, nu: number): number {
  return Math.exp((-(nu + 1) / 2) * logOnePlusSquare(z, nu)) / constantsOf(nu).scale;
}

/** ln(1 + z²/ν), also where z² overflows. */
function logOnePlusSquare(z: number, nu: number): number {
  return Math.abs(z) < 1e100 ? Math.log1p((z * z) / nu) : 2 * Math.log(Math.abs(z)) - Math.log(nu);
}

/** F(z), by the regularized incomplete beta function; relative accuracy kept in the lower tail. */
export function studentCdf(z: number, nu: number): number {
  return z < 0 ? studentUpper(-z, nu) : 1 - studentUpper(z, nu);
}

/** 1 − F(z) for z ≥ 0: ½ I_{ν/(ν+z²)}(ν/2, ½). */
function studentUpper(z: number, nu: number): number {
  const square = z * z;
  if (square > 1e16 * nu && square > 1e16) return Math.exp(studentLogTail(z, nu));
  // Whichever argument is the smaller one is exact; its complement would be rounded to 1.
  if (square < nu) return 0.5 * betainc(square / (nu + square), 0.5, nu / 2, true, true);
  return 0.5 * betainc(nu / (nu + square), nu / 2, 0.5, true, false);
}

/** ln(1 − F(z)) for z ≫ √ν: the leading term ν^{ν/2 − 1} z^{−ν} / B(½, ν/2), the next smaller by ν/z². */
export function studentLogTail(z: number, nu: number): number {
  return (nu / 2 - 0.5) * Math.log(nu) - nu * Math.log(z) - Math.log(constantsOf(nu).scale);
}

/**
 * CRPS at z for ν > 1: z(2F(z) − 1) + 2f(z)(ν + z²)/(ν − 1) − (2√ν/(ν − 1))·B(½, ν − ½)/B(½, ν/2)². Jordan,
 * Krüger & Lerch 2019, App. A. Just above 1 its terms are huge and cancel: see `studentClosedFrom`.
 */
export function studentCrps(z: number, nu: number): number {
  const { scale, gini } = constantsOf(nu);
  const distance = Math.abs(z);
  // f(z)(ν + z²) = ν(1 + z²/ν)^{−(ν−1)/2} / (√ν·B), which neither overflows nor underflows early.
  const spread = (2 * nu * Math.exp((-(nu - 1) / 2) * logOnePlusSquare(z, nu))) / scale / (nu - 1);
  return distance * (1 - 2 * studentUpper(distance, nu)) + spread - gini;
}

/** From here on the closed form keeps 12 digits; below it, and above ½, the integral does better. */
export const studentClosedFrom = 1.01;

/** CRPS at z for ν = 1: (2/π)(z·atan z + ln 2) − (1/π)ln(1 + z²); finite although the mean is not. */
export function cauchyCrps(z: number): number {
  return (2 * (z * Math.atan(z) + Math.LN2) - logOnePlusSquare(z, 1)) / Math.PI;
}
