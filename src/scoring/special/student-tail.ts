// The upper tail of the Student t law, fast: quadrature asks for it hundreds of times with few different ν,
// and the incomplete beta function costs half a microsecond each. Near the centre Taylor series about fixed
// nodes give the same digits in 40 ns; a node is worked out when it is first needed.

import betainc from '@stdlib/math-base-special-betainc';

/** What depends on ν alone. */
interface Table {
  /** √ν·B(½, ν/2): 1 over the density at 0. */
  readonly scale: number;
  readonly spacing: number;
  /** `order` + 1 coefficients for each node; the first of a node still to be worked out is 0. */
  readonly coefficients: Float64Array;
}

// With |h| ≤ spacing/2 the terms fall faster than 8^−n (the series' radius is √(ν + z²)) and than zⁿhⁿ/n!
// (the tail is Gaussian at large ν): at z = 8 both are below 1e-14 after 16 terms.
const order = 16;
const tableEnd = 8;
const spacingMax = 0.25;
const tablesKept = 256; // ≈ 5 KB each; models send few different ν, and a stranger's many cost no memory

const tables = new Map<number, Table>();
let lastNu = Number.NaN;
let lastTable: Table = { scale: 1, spacing: 1, coefficients: new Float64Array(0) };

function tableOf(nu: number): Table {
  if (nu === lastNu) return lastTable;
  let table = tables.get(nu);
  if (table === undefined) {
    const spacing = Math.min(spacingMax, Math.sqrt(nu) / 4);
    // Below ν = 0.01 there would be hundreds of nodes, and no such law has a CRPS: it takes the slow way.
    const nodes = nu < 0.01 ? 0 : Math.floor(tableEnd / spacing) + 1;
    table = {
      scale: 1 / studentPeak(nu),
      spacing,
      coefficients: new Float64Array(nodes * (order + 1)),
    };
    if (tables.size >= tablesKept) tables.clear();
    tables.set(nu, table);
  }
  lastNu = nu;
  lastTable = table;
  return table;
}

const seriesFrom = 32;

/**
 * The density of the Student t law at 0: Γ((ν + 1)/2) / (√(νπ)·Γ(ν/2)). With R(x) = Γ(x + ½)/Γ(x), from
 * R(x) = R(x + 1)·x/(x + ½) and, from 32 on, √x·(1 − 1/8x + 1/128x² + …) (DLMF 5.11.13), to 1e-14.
 */
export function studentPeak(nu: number): number {
  let x = nu / 2;
  let numerator = 1;
  let denominator = 1;
  for (; x < seriesFrom; x++) {
    numerator *= x;
    denominator *= x + 0.5;
  }
  const v = 1 / x;
  const tail = 5 / 1024 + v * (-21 / 32_768 + v * (-399 / 262_144 + v * (869 / 4_194_304 + (v * 39_325) / 33_554_432)));
  const series = 1 + v * (-1 / 8 + v * (1 / 128 + v * tail));
  return ((numerator / denominator) * Math.sqrt(x) * series) / Math.sqrt(nu * Math.PI);
}

/** √ν·B(½, ν/2). */
export function studentScale(nu: number): number {
  return tableOf(nu).scale;
}

/** ln(1 + z²/ν), also where z² overflows. */
export function logOnePlusSquare(z: number, nu: number): number {
  return Math.abs(z) < 1e100 ? Math.log1p((z * z) / nu) : 2 * Math.log(Math.abs(z)) - Math.log(nu);
}

/** (1 + z²/ν)^{−(ν+1)/2} / (√ν·B(½, ν/2)). */
export function studentPdf(z: number, nu: number): number {
  return Math.exp((-(nu + 1) / 2) * logOnePlusSquare(z, nu)) / studentScale(nu);
}

/** P(X > z) for z ≥ 0, relatively accurate however small. */
export function studentUpper(z: number, nu: number): number {
  const { spacing, coefficients } = tableOf(nu);
  const node = Math.round(z / spacing);
  const start = node * (order + 1);
  if (!(start < coefficients.length)) return studentUpperByBeta(z, nu);
  if (coefficients[start] === 0) fillNode(coefficients, start, node * spacing, nu);
  const h = z - node * spacing;
  let sum = coefficients[start + order] as number;
  for (let n = order - 1; n >= 0; n--) sum = sum * h + (coefficients[start + n] as number);
  return sum;
}

/**
 * Taylor coefficients of the tail about z: −aₙ/(n + 1) with aₙ those of the density, which solves
 * (ν + z²)f′ + (ν + 1)z·f = 0.
 */
function fillNode(coefficients: Float64Array, start: number, z: number, nu: number): void {
  coefficients[start] = studentUpperByBeta(z, nu);
  let before = 0;
  let a = studentPdf(z, nu);
  for (let n = 0; n < order; n++) {
    coefficients[start + n + 1] = -a / (n + 1);
    const next = -(z * (2 * n + nu + 1) * a + (n + nu) * before) / ((nu + z * z) * (n + 1));
    before = a;
    a = next;
  }
}

/** ½ I_x(ν/2, ½) at x = ν/(ν + z²), for z ≥ 0. */
function studentUpperByBeta(z: number, nu: number): number {
  const square = z * z;
  if (square > 1e16 * Math.max(nu, 1)) return Math.exp(studentLogTail(Math.log(z), nu));
  // Whichever argument is the smaller one is exact; its complement would be rounded to 1.
  if (square < nu) return 0.5 * betainc(square / (nu + square), 0.5, nu / 2, true, true);
  return z < tableEnd ? 0.5 * betainc(nu / (nu + square), nu / 2, 0.5, true, false) : studentUpperBySeries(z, nu);
}

/**
 * The same by the hypergeometric series of I_x (DLMF 8.17.8), x ≤ ½:
 * x^{ν/2}√(1 − x) / (ν·B(½, ν/2)) · Σ (½ + ν/2)ₙ/(1 + ν/2)ₙ xⁿ. All terms are positive; at z = 8 and ν = 4 a dozen count.
 */
function studentUpperBySeries(z: number, nu: number): number {
  const x = nu / (nu + z * z);
  const a = nu / 2;
  let term = 1;
  let sum = 1;
  for (let n = 0; n < seriesMax && term > sum * 1e-17; n++) {
    term *= (x * (a + 0.5 + n)) / (a + 1 + n);
    sum += term;
  }
  return (x ** a * Math.sqrt(1 - x) * sum) / (Math.sqrt(nu) * studentScale(nu));
}

const seriesMax = 64; // terms fall at least like 2^−n

/** ln P(X > z) for z ≫ √ν, from ln z: the leading term ν^{ν/2 − 1} z^{−ν} / B(½, ν/2); the next is smaller by ν/z². */
export function studentLogTail(logZ: number, nu: number): number {
  return (nu / 2 - 0.5) * Math.log(nu) - nu * logZ - Math.log(studentScale(nu));
}
