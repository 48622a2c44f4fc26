// What a Student t law needs at every point of a grid, at half the engine's cost: u^−p for many u and one p, by
// tables and short polynomials (Tang, ACM TOMS 15, 1989, and 16, 1990).

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
