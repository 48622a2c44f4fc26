// Distribution functions of the forecasts we check, worked out from series and continued fractions alone,
// so that nothing is shared with the code under test.

/** A forecast for one step: its distribution function, and where it bends. */
export interface Law {
  readonly cdf: (z: number) => number;
  /** Points between which the distribution function is smooth enough for one quadrature rule; ascending. */
  readonly edges: readonly number[];
}

/** A density as a model sends it, as far as this check knows it. */
export type DensityJson =
  | { readonly type: 'builtin' | 'scipy' | 'statistics'; readonly name: string; readonly params: Params }
  | {
      readonly type: 'mixture';
      readonly components: readonly { readonly density: DensityJson; readonly weight: number }[];
    };

type Params = Readonly<Record<string, number>>;

/** @throws Error for a family this check doesn't know: a check must never pass by not looking. */
export function lawOf(density: DensityJson): Law {
  if (density.type === 'mixture') return mixtureLaw(density.components);
  const { name, params } = density;
  const loc = param(params, 'loc');
  const scale = param(params, 'scale');
  const standard = standardLaw(name, params);
  return {
    cdf: (z) => standard.cdf((z - loc) / scale),
    edges: standard.edges.map((z) => loc + scale * z),
  };
}

function mixtureLaw(components: readonly { readonly density: DensityJson; readonly weight: number }[]): Law {
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  const parts = components.map(({ density, weight }) => ({ law: lawOf(density), share: weight / total }));
  return {
    cdf: (z) => parts.reduce((sum, { law, share }) => sum + share * law.cdf(z), 0),
    edges: [...new Set(parts.flatMap(({ law }) => law.edges))].sort((a, b) => a - b),
  };
}

function standardLaw(name: string, params: Params): Law {
  if (name === 'norm') return { cdf: normalCdf, edges: normalEdges };
  if (name === 'laplace') return { cdf: laplaceCdf, edges: laplaceEdges };
  if (name === 't') return { cdf: studentCdf(param(params, 'df')), edges: studentEdges };
  throw new Error(`Cannot check density "${name}": this check knows norm, t, laplace and mixtures of them`);
}

function param(params: Params, name: string): number {
  const value = params[name];
  if (typeof value !== 'number') throw new Error(`Cannot check a density without ${name}: ${JSON.stringify(params)}`);
  return value;
}

// Beyond the last edge F or 1 − F is below 1e-18, so its square adds nothing to an integral.
const normalEdges = Array.from({ length: 19 }, (_, i) => i - 9);
const laplaceEdges = [-42, -32, -24, -18, -14, -11, -8, -6, -4, -2, 0, 2, 4, 6, 8, 11, 14, 18, 24, 32, 42];
// Polynomial tails: each panel as long as all before it. (1 − F)² falls as z^(−2·df): 1e-40 at 1e5 for df 4.
const studentTail = [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512, 1e3, 4e3, 2e4, 1e5, 1e6];
const studentEdges = [...studentTail.map((z) => -z).reverse(), 0, ...studentTail];

/** Φ. Near 0 by its all-positive series, in the tail by the continued fraction of the Mills ratio. */
export function normalCdf(z: number): number {
  const a = Math.abs(z);
  const density = Math.exp(-0.5 * a * a) / Math.sqrt(2 * Math.PI);
  if (a < 3) {
    let term = a;
    let sum = a;
    for (let k = 3; term > 1e-17 * sum; k += 2) {
      term *= (a * a) / k;
      sum += term;
    }
    return z < 0 ? 0.5 - density * sum : 0.5 + density * sum;
  }
  let fraction = a;
  for (let k = 60; k > 0; k--) fraction = a + k / fraction;
  const tail = density / fraction;
  return z < 0 ? tail : 1 - tail;
}

export function laplaceCdf(z: number): number {
  return z < 0 ? 0.5 * Math.exp(z) : 1 - 0.5 * Math.exp(-z);
}

/** Student's t: 1 − ½·I_w(df/2, ½) above 0, with w = df/(df + z²). */
export function studentCdf(df: number): (z: number) => number {
  const logBeta = logGamma(df / 2) + logGamma(0.5) - logGamma((df + 1) / 2);
  return (z) => {
    const tail = 0.5 * incompleteBeta(df / 2, 0.5, df / (df + z * z), (z * z) / (df + z * z), logBeta);
    return z < 0 ? tail : 1 - tail;
  };
}

/** I_w(a, b) by the continued fraction, from the side on which it converges fast. `v` = 1 − w without cancellation. */
function incompleteBeta(a: number, b: number, w: number, v: number, logBeta: number): number {
  if (w <= 0) return 0;
  if (v <= 0) return 1;
  const front = Math.exp(a * Math.log(w) + b * Math.log(v) - logBeta);
  if (w < (a + 1) / (a + b + 2)) return (front / a) * betaFraction(a, b, w);
  return 1 - (front / b) * betaFraction(b, a, v);
}

/** Lentz's method (Numerical Recipes 6.4); some 20 terms on the side it is called for. */
function betaFraction(a: number, b: number, w: number): number {
  const tiny = 1e-300;
  const orTiny = (x: number) => (Math.abs(x) < tiny ? tiny : x);
  let c = 1;
  let d = 1 / orTiny(1 - ((a + b) * w) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * w) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / orTiny(1 + even * d);
    c = orTiny(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * w) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / orTiny(1 + odd * d);
    c = orTiny(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) return fraction;
  }
  return fraction;
}

/** ln Γ by Stirling's series, after moving the argument above 12 by the recurrence. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 12; y++) shift += Math.log(y);
  const inverse = 1 / (y * y);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
