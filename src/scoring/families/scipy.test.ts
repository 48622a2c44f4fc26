import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crps } from '../crps.ts';
import { compileDensity, type Leaf } from '../density.ts';
import { crpsByQuadrature } from '../integrals/crps-quadrature.ts';
import { integrate } from '../integrals/quadrature.ts';
import { type Law, reflected } from '../law.ts';
import { scipyFamilies } from './scipy.ts';

/** A few laws of each family; where its tails are powers, the first has a CRPS. */
const examples: Readonly<Record<string, readonly (readonly number[])[]>> = {
  logistic: [[]],
  genlogistic: [[0.4], [7]],
  halflogistic: [[]],
  genhalflogistic: [[0.3], [2]],
  hypsecant: [[]],
  laplace_asymmetric: [[0.3], [4]],
  truncexpon: [[0.2], [30]],
  genexpon: [
    [1, 2, 3],
    [0.01, 5, 0.2],
  ],
  gompertz: [[0.02], [5]],
  exponpow: [[0.3], [4]],
  gumbel_r: [[]],
  gumbel_l: [[]],
  genextreme: [[-0.4], [0], [0.7]],
  kappa4: [
    [-0.5, 0.3],
    [0.5, 0.2],
    [0, 0],
    [0, -0.3],
    [-2, 0],
  ],
  invweibull: [[3], [0.8]],
  genpareto: [[0.4], [0], [-0.6]],
  dweibull: [[0.6], [3]],
  exponweib: [
    [2, 0.7],
    [0.3, 4],
  ],
  truncweibull_min: [
    [1.7, 0.2, 2],
    [0.8, 0, 5],
  ],
  uniform: [[]],
  semicircular: [[]],
  cosine: [[]],
  arcsine: [[]],
  anglit: [[]],
  triang: [[0.3], [0], [1]],
  trapezoid: [
    [0.2, 0.7],
    [0, 0.4],
    [0.5, 0.5],
  ],
  trapz: [[0.2, 0.7]],
  powerlaw: [[0.3], [5]],
  bradford: [[0.1], [50]],
  rdist: [[0.9], [6], [40]],
  loguniform: [[0.1, 20]],
  reciprocal: [[3, 3.5]],
  truncpareto: [[2.5, 4]],
  wrapcauchy: [[0.3], [0.9]],
  lomax: [[3], [0.7]],
  loglaplace: [[3], [0.7]],
  fisk: [[3], [0.7]],
  burr: [
    [3, 0.4],
    [0.8, 5],
  ],
  mielke: [
    [1.2, 3],
    [5, 0.8],
  ],
  burr12: [
    [2, 1.6],
    [0.7, 1.2],
  ],
  betaprime: [
    [2, 3],
    [0.6, 0.9],
    [30, 40],
  ],
  kappa3: [[3], [0.8]],
  halfcauchy: [[]],
  foldcauchy: [[0], [4]],
  skewcauchy: [[0.4]],
  levy: [[]],
  levy_l: [[]],
  halfnorm: [[]],
  foldnorm: [[0], [3]],
  truncnorm: [
    [-1, 2],
    [3, 8],
    [-0.02, -0.01],
    [-30, -20],
  ],
  powernorm: [[0.3], [40]],
  powerlognorm: [
    [2, 0.5],
    [0.4, 0.3],
  ],
  gibrat: [[]],
  gilbrat: [[]],
  johnsonsu: [[-0.5, 1.3]],
  johnsonsb: [[1, 0.8]],
  fatiguelife: [[0.5], [2]],
  alpha: [[2]],
  moyal: [[]],
  crystalball: [
    [1.2, 4],
    [2, 1.7],
  ],
  invgauss: [[0.3], [200]],
  wald: [[]],
  recipinvgauss: [[0.4], [8]],
  exponnorm: [[0.2], [3], [500]],
  skewnorm: [[3], [-0.4], [0]],
  erlang: [[3], [400]],
  maxwell: [[]],
  invgamma: [[4], [0.8]],
  nakagami: [[0.4], [6]],
  gengamma: [
    [2, 1.5],
    [3, -1.2],
    [200, 2],
  ],
  dgamma: [[0.6], [5]],
  gennorm: [[0.7], [4]],
  halfgennorm: [[0.7], [4]],
  pearson3: [[0.5], [-1.5], [0], [0.01]],
  loggamma: [[0.2], [30]],
  argus: [[0.5], [8]],
};

const laws = Object.entries(examples).flatMap(([name, sets]) =>
  sets.map((shapes) => ({ title: `${name} ${shapes.join(' ')}`, name, shapes, law: lawOf(name, shapes) })),
);

function lawOf(name: string, shapes: readonly number[]): Law {
  const family = scipyFamilies.get(name);
  assert.ok(family !== undefined, name);
  assert.ok(shapes.length === family.shapes.length && shapes.every((shape, i) => family.shapes[i]?.accepts(shape)));
  return family.law(shapes);
}

/** The z with P(X ≤ z) = p. */
function pointAt(law: Law, p: number): number {
  const scaled = (z: number) => Math.asinh(Math.max(-1e200, Math.min(1e200, z)) * 1e20);
  let [low, high] = [scaled(law.from), scaled(law.to)];
  for (let step = 0; step < 60; step++) {
    const middle = 0.5 * (low + high);
    if (law.cdf(Math.sinh(middle) / 1e20) < p) low = middle;
    else high = middle;
  }
  return Math.sinh(high) / 1e20;
}

test('scipyFamilies has an example of every family here, and no other', () => {
  assert.deepEqual(Object.keys(examples).sort(), [...scipyFamilies.keys()].sort());
});

test('scipyFamilies: each tail is the integral of the density, digit for digit down to 1e-10', () => {
  for (const { title, law } of laws) {
    for (const [side, each] of [law, reflected(law)].entries()) {
      const points = [1e-10, 1e-7, 1e-4, 0.01, 0.4].map((p) => pointAt(each, p));
      for (let i = 1; i < points.length; i++) {
        const [from, to] = [points[i - 1] as number, points[i] as number];
        const mass = integrate([{ part: 0, from, to }], (_part, z) => each.pdf(z), 1e-11);
        const difference = each.cdf(to) - each.cdf(from);
        // Beside an end other than 0 the distance to it, and so the tail, has the rounding of z.
        const ulp = 2 * Number.EPSILON * Math.abs(from);
        const rounding = Math.abs(each.cdf(from + ulp) - each.cdf(from - ulp)) + each.pdf(to) * ulp;
        const error = Math.abs(mass - difference);
        assert.ok(error <= 1e-9 * difference + rounding, `${title}, side ${side}, ${from} to ${to}: ${error} apart`);
      }
    }
  }
});

test('scipyFamilies: P(X ≤ z) and P(X > z) sum to 1 and ascend', () => {
  for (const { title, law } of laws) {
    let before = 0;
    for (const p of [1e-9, 1e-3, 0.1, 0.5, 0.9, 0.999]) {
      const z = pointAt(law, p);
      assert.ok(Math.abs(law.cdf(z) + law.upper(z) - 1) < 1e-12, `${title} at ${z}`);
      assert.ok(law.cdf(z) >= before, `${title} at ${z}`);
      before = law.cdf(z);
    }
  }
});

const corners = [0, 0.5, 1, 2, 1e-9, 1e-3, 50, 1e4, 1e9, 1e-200, 1e200, 1 - 2 ** -53, 1 + 2 ** -52];
const places = [...corners, 5e-324, 700, 800, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Math.PI];

test('scipyFamilies give a density and probabilities for every z, whatever the shapes', () => {
  for (const [name, family] of scipyFamilies) {
    const candidates = family.shapes.map(({ accepts }) => [...corners, ...corners.map((c) => -c)].filter(accepts));
    for (let i = 0; i < 60; i++) {
      // Strides without a common factor with the number of candidates, so that many pairs are met.
      const shapes = candidates.map((values, k) => values[(i * (k * 4 + 1)) % values.length] as number);
      if (family.conflict?.(shapes)) continue;
      const law = family.law(shapes);
      const ends = [law.from, law.to, law.from + 1e-9, law.to - 1e-9].filter((end) => !Number.isNaN(end));
      for (const z of [...places, ...places.map((place) => -place), ...ends]) {
        const [density, below, above] = [law.pdf(z), law.cdf(z), law.upper(z)];
        const isSound = density >= 0 && below >= 0 && below <= 1 && above >= 0 && above <= 1;
        assert.ok(isSound, `${name} ${shapes.join(' ')} at ${z}: ${density}, ${below}, ${above}`);
      }
      assert.ok(Number.isNaN(law.pdf(Number.NaN)));
      assert.ok(law.cuts.every(Number.isFinite), `${name} ${shapes.join(' ')}: ${law.cuts}`);
    }
  }
});

function leafOf(name: string, shapes: readonly number[], law: Law): Leaf {
  return { weight: 1, name, law, loc: 0, scale: 1, shapes };
}

test('scipyFamilies: where CRPS is cut, nothing is lost (against panels a hundred times as fine)', () => {
  for (const { title, name, shapes, law } of laws) {
    if (Math.min(law.leftTail, law.rightTail) < 1.5) continue; // there the panels below would need 1e50 more
    const levels = [1e-30, 1e-24, 1e-20, 1e-16, 1e-13, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.35];
    const points = levels.map((p) => pointAt(law, p));
    points.push(...levels.map((p) => -pointAt(reflected(law), p)));
    const y = pointAt(law, 0.4);
    points.push(y, ...[law.from, law.to].filter(Number.isFinite));
    points.sort((a, b) => a - b);
    const panels = points.slice(1).map((to, i) => ({ part: to <= y ? 0 : 1, from: points[i] as number, to }));
    const whole = integrate(panels, (part, z) => (part === 0 ? law.cdf(z) : law.upper(z)) ** 2, 1e-12);
    const value = crps({ leaves: [leafOf(name, shapes, law)], isProbability: true }, y);
    assert.ok(Math.abs(value / whole - 1) < 1e-9, `${title} at ${y}: ${value}, must be ${whole}`);
  }
});

test('scipyFamilies: the closed forms of CRPS are the integral', () => {
  for (const name of ['logistic', 'uniform', 'gibrat']) {
    const law = lawOf(name, []);
    for (const y of [-3, 0, 0.3, 0.9, 2, 15]) {
      const whole = crpsByQuadrature([leafOf(name, [], law)], y);
      const closed = law.crps?.(y) as number;
      assert.ok(Math.abs(closed / whole - 1) < 1e-10, `${name} at ${y}: ${closed}, must be ${whole}`);
    }
  }
});

function reasonOf(name: string, params: object): string {
  const compiled = compileDensity({ type: 'scipy', name, params });
  assert.ok(!compiled.ok, `${name} ${JSON.stringify(params)} must be refused`);
  return compiled.reason;
}

test('scipyFamilies refuse shapes out of their domain, alone and together', () => {
  assert.equal(reasonOf('burr', { c: 1, d: 0 }), 'params.d: must be > 0, is 0');
  assert.equal(reasonOf('gengamma', { a: 1, c: 0 }), 'params.c: must be other than 0, is 0');
  assert.equal(reasonOf('foldnorm', { c: -1 }), 'params.c: must be ≥ 0, is -1');
  assert.equal(reasonOf('crystalball', { beta: 1, m: 1 }), 'params.m: must be > 1, is 1');
  assert.equal(reasonOf('skewcauchy', { a: 1 }), 'params.a: must be between -1 and 1, exclusive, is 1');
  assert.equal(reasonOf('wrapcauchy', { c: 1 }), 'params.c: must be between 0 and 1, exclusive, is 1');
  assert.equal(reasonOf('triang', { c: 1.1 }), 'params.c: must be between 0 and 1, is 1.1');
  assert.equal(reasonOf('trapezoid', { c: 0.6, d: 0.5 }), 'params.d: must be ≥ c, is 0.5');
  assert.equal(reasonOf('truncnorm', { a: 1, b: 1 }), 'params.b: must be > a, is 1');
  assert.equal(reasonOf('loguniform', { a: 2, b: 1 }), 'params.b: must be > a, is 1');
  assert.equal(reasonOf('truncweibull_min', { c: 1, a: 2, b: 1 }), 'params.b: must be > a, is 1');
  assert.equal(
    reasonOf('truncweibull_min', { c: 1000, a: 9, b: 10 }),
    'params.c: must be such that a^c is a finite number less than b^c, is 1000',
  );
  assert.equal(reasonOf('kappa4', { h: 1 }), 'params.k: must be a finite number, is missing');
});

test('scipyFamilies take trapz without its shapes', () => {
  const compiled = compileDensity({ type: 'scipy', name: 'trapz', params: { scale: 2 } });
  assert.ok(compiled.ok);
  assert.deepEqual(compiled.density.leaves[0]?.shapes, [0, 1]);
});
