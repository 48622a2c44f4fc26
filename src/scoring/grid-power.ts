// What a Student t law needs at every point of a grid, at half the engine's cost: u^−p for many u and one p, by
// tables and short polynomials (Tang, ACM TOMS 15, 1989, and 16, 1990); and the constant in front of it.

const logBits = 7;
const logSize = 2 ** logBits;
const expBits = 6;
const expSize = 2 ** expBits;
const uMost = 2 ** 1000;
const lowestPower = -1022; // results below count as 0

// 1/c and log2 c for the middle c of each 128th of [1, 2); 2^(i/64); and the whole powers.
const inverse = Float64Array.from({ length: logSize }, (_, i) => 1 / (1 + (i + 0.5) / logSize));
const logarithm = inverse.map((value) => -Math.log2(value));
const fraction = Float64Array.from({ length: expSize }, (_, i) => 2 ** (i / expSize));
const power = Float64Array.from({ length: 1 - lowestPower }, (_, i) => 2 ** (i + lowestPower));
const downPower = Float64Array.from({ length: 1001 }, (_, i) => 2 ** -i);

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);
const highWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0; // where the exponent lies
const { LOG2E, LN2 } = Math;

/** u^−p for u ≥ 1 and p > 0. Off by 2e-16·p relative: log2 u is known to that. 0 where it underflows. */
export function inversePower(u: number, p: number): number {
  if (!(u < uMost)) return 0;
  bits[0] = u;
  const high = words[highWord] as number;
  const i = (high >> (20 - logBits)) & (logSize - 1);
  const whole = (high >> 20) - 1023;
  const r = u * (downPower[whole] as number) * (inverse[i] as number) - 1; // |r| ≤ 2^−8: r⁷/7 is 2e-18
  const series = r * (1 + r * (-1 / 2 + r * (1 / 3 + r * (-1 / 4 + r * (1 / 5 - r * (1 / 6))))));
  const exponent = -p * (whole + ((logarithm[i] as number) + series * LOG2E));
  if (exponent < lowestPower) return 0;
  const k = (exponent * expSize - 0.5) | 0; // the nearest
  const s = (exponent - k / expSize) * LN2; // |s| < 0.006: s⁶/720 is 5e-17
  const small = 1 + s * (1 + s * (1 / 2 + s * (1 / 6 + s * (1 / 24 + s * (1 / 120)))));
  return (power[(k >> expBits) - lowestPower] as number) * (fraction[k & (expSize - 1)] as number) * small;
}

const seriesFrom = 32;

/**
 * The density of the Student t law at 0: Γ((ν + 1)/2) / (√(νπ)·Γ(ν/2)). With R(x) = Γ(x + ½)/Γ(x), from
 * R(x) = R(x + 1)·x/(x + ½) and, from 32 on, √x·(1 − 1/8x + 1/128x² + …) (DLMF 5.11.13), to 1e-13.
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
  const tail = 5 / 1024 + v * (-21 / 32_768 + v * (-399 / 262_144 + v * (869 / 4_194_304)));
  const series = 1 + v * (-1 / 8 + v * (1 / 128 + v * tail));
  return ((numerator / denominator) * Math.sqrt(x) * series) / Math.sqrt(nu * Math.PI);
}
