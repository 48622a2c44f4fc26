// Elementary functions written so that nothing cancels.

/** ln(1 + v) − v, relatively accurate near 0. With r = v/(2 + v) it is r(2r²Σ r^{2k}/(2k + 3) − v). */
export function log1pMinus(v: number): number {
  if (!(Math.abs(v) < 0.6)) return Math.log1p(v) - v;
  const r = v / (2 + v);
  const square = r * r;
  let sum = 0;
  for (let k = 16; k >= 0; k--) sum = sum * square + 1 / (2 * k + 3);
  return r * (2 * square * sum - v);
}

/** e^t − 1 − t, relatively accurate near 0. */
export function expm1Minus(t: number): number {
  if (!(Math.abs(t) < 0.7)) return Math.expm1(t) - t;
  let sum = 1;
  for (let k = 17; k >= 3; k--) sum = 1 + (sum * t) / k;
  return 0.5 * t * t * sum;
}

/** t − sin t for t ≥ 0, relatively accurate near 0. */
export function minusSine(t: number): number {
  if (t > 1) return t - Math.sin(t);
  const square = t * t;
  let sum = 1;
  for (let k = 19; k >= 5; k -= 2) sum = 1 - (sum * square) / (k * (k - 1));
  return (t * square * sum) / 6;
}

/** ln(1 + e^t). */
export function softplus(t: number): number {
  return t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t));
}

/** factor·logarithm, where 0·(−∞) is 0: the logarithm of x⁰. */
export function times(factor: number, logarithm: number): number {
  return factor === 0 ? 0 : factor * logarithm;
}

/** ln(x/y) for x, y > 0, relatively accurate where they are close. */
export function logRatio(x: number, y: number): number {
  const v = (x - y) / y;
  return Math.abs(v) < 0.5 ? Math.log1p(v) : Math.log(x) - Math.log(y);
}
