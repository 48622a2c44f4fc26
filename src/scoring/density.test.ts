import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asProbability, compileDensity, type DensityLimits, type Leaf } from './density.ts';

const norm = { type: 'builtin', name: 'norm', params: { loc: 0, scale: 1 } };
const mixture = (...components: unknown[]) => ({ type: 'mixture', components });

function leavesOf(spec: unknown): readonly Leaf[] {
  const compiled = compileDensity(spec);
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.reason);
  return compiled.density.leaves;
}

/** Without their laws, which are functions. */
function plainLeavesOf(spec: unknown) {
  return leavesOf(spec).map(({ law: _, ...leaf }) => leaf);
}

function reasonOf(spec: unknown, limits?: DensityLimits): string {
  const compiled = compileDensity(spec, limits);
  assert.ok(!compiled.ok);
  return compiled.reason;
}

test('compileDensity() takes a family in every form', () => {
  const one = (name: string, loc: number, scale: number, ...shapes: number[]) => [
    { weight: 1, name, loc, scale, shapes },
  ];
  assert.deepEqual(plainLeavesOf(norm), one('norm', 0, 1));
  assert.deepEqual(
    plainLeavesOf({ type: 'builtin', name: 't', params: { df: 3, loc: 1, scale: 2 } }),
    one('t', 1, 2, 3),
  );
  assert.deepEqual(plainLeavesOf({ type: 'scipy', name: 't', params: { df: 3 } }), one('t', 0, 1, 3));
  assert.deepEqual(plainLeavesOf({ type: 'scipy', name: 'laplace', params: { scale: 2 } }), one('laplace', 0, 2));
  assert.deepEqual(
    plainLeavesOf({ type: 'statistics', name: 'normal', params: { mu: 3, sigma: 2 } }),
    one('norm', 3, 2),
  );
  assert.deepEqual(plainLeavesOf({ type: 'statistics', name: 'normal', params: { loc: 3 } }), one('norm', 3, 1));
});

test('compileDensity() ignores extra keys, and extra parameters of a builtin', () => {
  assert.deepEqual(plainLeavesOf({ ...norm, step: 300, params: { loc: 0, scale: 1, df: 3 } }), plainLeavesOf(norm));
});

test('compileDensity() unwraps {step, prediction}', () => {
  assert.deepEqual(plainLeavesOf({ step: 300, prediction: norm }), plainLeavesOf(norm));
  assert.equal(
    reasonOf({ step: 300, prediction: { ...norm, params: { loc: 0, scale: 0 } } }),
    'prediction.params.scale: must be > 0, is 0',
  );
});

test('compileDensity() flattens mixtures, multiplying weights as they are', () => {
  const spec = mixture(
    { density: mixture({ density: norm, weight: 2 }, { density: norm, weight: -0.5 }), weight: 0.5 },
    { density: norm, weight: 0 },
  );
  assert.deepEqual(
    leavesOf(spec).map(({ weight }) => weight),
    [1, -0.25, 0],
  );
});

test('compileDensity() allows three mixtures inside one another and refuses four', () => {
  const deeper = (density: unknown) => mixture({ density, weight: 1 });
  assert.equal(leavesOf(deeper(deeper(deeper(norm)))).length, 1);
  assert.equal(
    reasonOf(deeper(deeper(deeper(deeper(norm))))),
    'components[0].density.components[0].density.components[0].density.type: at most 3 mixtures may lie inside one another',
  );
});

test('compileDensity() bounds components and leaves', () => {
  const many = (n: number) => mixture(...new Array(n).fill({ density: norm, weight: 1 / n }));
  assert.equal(leavesOf(many(64)).length, 64);
  assert.equal(reasonOf(many(65)), 'components: must hold at most 64 components, holds 65');
  const nested = mixture({ density: many(40), weight: 0.5 }, { density: many(40), weight: 0.5 });
  assert.equal(
    reasonOf(nested),
    'components[1].density.components[24].density: is one too many: a density has at most 64 parts',
  );
});

test('compileDensity() names the path, what must be and what is', () => {
  const bad = { ...norm, params: { loc: 0, scale: -3 } };
  assert.equal(
    reasonOf(mixture({ density: norm, weight: 0.5 }, { density: bad, weight: 0.5 })),
    'components[1].density.params.scale: must be > 0, is -3',
  );
  assert.equal(
    reasonOf({ ...norm, params: { loc: 0, scale: true } }),
    'params.scale: must be a finite number, is true',
  );
  assert.equal(reasonOf({ ...norm, params: { loc: '0', scale: 1 } }), 'params.loc: must be a finite number, is "0"');
  assert.equal(
    reasonOf({ ...norm, params: { loc: Number.NaN, scale: 1 } }),
    'params.loc: must be a finite number, is NaN',
  );
  assert.equal(reasonOf({ ...norm, params: { scale: 1 } }), 'params.loc: must be a finite number, is missing');
  assert.equal(reasonOf(null), 'density must be an object with a type, is null');
  assert.equal(reasonOf(mixture()), 'components: must be a list with at least one component, is an empty list');
  assert.equal(reasonOf(mixture(null)), 'components[0]: must be an object, is null');
});

test('compileDensity() tells unknown and unsupported names apart', () => {
  const named = (type: string, name: unknown) => reasonOf({ type, name, params: {} });
  assert.equal(named('scipy', 'rice'), 'name: unsupported distribution "rice"');
  assert.equal(named('builtin', 'normal'), 'name: must be a builtin distribution, is "normal"');
  assert.equal(named('scipy', 'describe'), 'name: must be a continuous distribution of scipy.stats, is "describe"');
  assert.equal(named('scipy', '__proto__'), 'name: must be a continuous distribution of scipy.stats, is "__proto__"');
  assert.equal(named('statistics', 'norm'), 'name: must be "normal", is "norm"');
  assert.equal(named('builtin', null), 'name: must be the name of a distribution, is null');
});

test('compileDensity() refuses an unknown parameter where parameters have defaults', () => {
  assert.equal(
    reasonOf({ type: 'scipy', name: 'norm', params: { mu: 0 } }),
    'params: must hold only loc, scale, has "mu"',
  );
  assert.equal(
    reasonOf({ type: 'statistics', name: 'normal', params: { sd: 0 } }),
    'params: must hold only mu, loc, sigma, scale, has "sd"',
  );
});

test('compileDensity() repeats at most a few printable characters of what it was sent', () => {
  assert.equal(
    reasonOf({ type: `<script>\u202E${'x'.repeat(1e6)}` }),
    'type: must be "builtin", "scipy", "statistics" or "mixture", is "<script>?xxxxxxxxxxx…"',
  );
});

test('compileDensity() applies the limits of an exact rule where they are given', () => {
  const limits = { minScale: 1e-8, magnitudeMax: 1e100, needsCrps: true };
  const scaled = (scale: number, loc = 0) => ({ ...norm, params: { loc, scale } });
  assert.ok(compileDensity(scaled(1e-300)).ok);
  assert.equal(reasonOf(scaled(1e-9), limits), 'params.scale: must be ≥ 1e-8, is 1e-9');
  assert.equal(reasonOf(scaled(1e101), limits), 'params.scale: must be ≤ 1e+100, is 1e+101');
  assert.equal(reasonOf(scaled(1, -1e101), limits), 'params.loc: must be between -1e+100 and 1e+100, is -1e+101');
  const heavy = { type: 'scipy', name: 't', params: { df: 0.5 } };
  assert.ok(compileDensity(heavy).ok);
  assert.equal(
    reasonOf(heavy, limits),
    'params: must give tails that fall faster than |x|^-0.5 (with heavier ones the CRPS is infinite), has df 0.5',
  );
});

test('compileDensity() bounds mixtures that are scored by quadrature', () => {
  const student = { type: 'scipy', name: 't', params: { df: 4 } };
  const many = (n: number, density: unknown) => mixture(...new Array(n).fill({ density, weight: 1 / n }));
  assert.ok(compileDensity(many(8, student), { needsCrps: true }).ok);
  assert.ok(compileDensity(many(64, norm), { needsCrps: true }).ok);
  assert.ok(compileDensity(many(64, student)).ok);
  assert.equal(
    reasonOf(many(9, student), { needsCrps: true }),
    'density must have at most 8 parts when one of them is a Student t, has 9',
  );
});

function probabilityOf(...weights: number[]) {
  const compiled = compileDensity(mixture(...weights.map((weight) => ({ density: norm, weight }))));
  assert.ok(compiled.ok);
  return asProbability(compiled.density);
}

test('asProbability() divides by the sum and drops weights of 0', () => {
  const passed = probabilityOf(0.333333, 0.333333, 0.333333, 0);
  assert.ok(passed.ok);
  assert.deepEqual(
    passed.density.leaves.map(({ weight }) => weight),
    [0.333333 / 0.999999, 0.333333 / 0.999999, 0.333333 / 0.999999],
  );
});

test('asProbability() refuses weights that are negative or do not sum to 1', () => {
  assert.deepEqual(probabilityOf(1.5, -0.5), { ok: false, reason: 'weights: must be ≥ 0, one is -0.5' });
  assert.deepEqual(probabilityOf(0.5, 0.4), { ok: false, reason: 'weights: must sum to 1 within 0.00001, sum to 0.9' });
  assert.equal(probabilityOf(0.5, 0.50002).ok, false);
  assert.equal(probabilityOf(0.5, 0.500009).ok, true);
  assert.equal(probabilityOf(0, 0).ok, false);
});

test('asProbability() is not fooled by two negative weights that multiply to a positive one', () => {
  const inner = mixture({ density: norm, weight: -1 });
  const compiled = compileDensity(mixture({ density: inner, weight: -1 }));
  assert.ok(compiled.ok);
  assert.deepEqual(asProbability(compiled.density), { ok: false, reason: 'weights: must be ≥ 0, one is -1' });
});

test('asProbability() passes the same density twice unchanged', () => {
  const once = probabilityOf(0.5, 0.5);
  assert.ok(once.ok);
  assert.equal((asProbability(once.density) as typeof once).density, once.density);
});
