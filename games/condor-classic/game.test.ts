import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileDensity, type Density, normalDensity, type Outcome } from 'condor-coordinator';
import condor from '../condor/game.ts';
import classic from './game.ts';

function compiled(spec: unknown): Density {
  const result = compileDensity(spec);
  assert.ok(result.ok);
  return result.density;
}

function scoreOf(densities: readonly Density[], x: readonly number[], parts?: readonly Float64Array[]): number {
  const outcome: Outcome[] = [{ stepSeconds: 60, x: Float64Array.from(x) }];
  return classic.score({ steps: [{ stepSeconds: 60, densities }] }, outcome, null, parts);
}

const standard = normalDensity(0, 1);
const atCentre = 1 / Math.sqrt(2 * Math.PI);
/** Infinite at 0, 1 elsewhere. */
const pole: Density = {
  leaves: standard.leaves.map((leaf) => ({
    ...leaf,
    law: { ...leaf.law, pdf: (z: number) => (z === 0 ? Number.POSITIVE_INFINITY : 1) },
  })),
};

test('condor-classic asks what condor asks, of the same models', () => {
  for (const key of ['crunchId', 'className', 'assets', 'profiles', 'windows', 'responseSeconds'] as const) {
    assert.deepEqual(classic[key], condor[key]);
  }
  const question = { asset: 'BTC', horizonSeconds: 3600, stepsSeconds: [60], startedAt: 0 };
  assert.deepEqual(classic.requests.predict(question), condor.requests.predict(question));
});

test('condor-classic leaves steps that are not scored out of the mean', () => {
  const parts = [new Float64Array(3).fill(Number.NaN)];
  const score = scoreOf([standard, standard, standard], [0, Number.NaN, 1], parts);
  const atOne = atCentre * Math.exp(-0.5);
  assert.ok(Math.abs(score - (atCentre + atOne) / 2) < 1e-15);
  assert.deepEqual(parts[0], Float64Array.of(atCentre / 2, Number.NaN, atOne / 2));
});

test('condor-classic fails an answer whose mean is not finite: a pole, or nothing that could be scored', () => {
  assert.ok(Number.isNaN(scoreOf([standard, pole], [0, 0])));
  assert.ok(Number.isFinite(scoreOf([standard, pole], [0, 0.5])));
  assert.ok(Number.isNaN(scoreOf([standard], [Number.NaN])));
});

test('condor-classic takes weights as they are, and rewards a needle: why it is improper', () => {
  const heavy = compiled({
    type: 'mixture',
    components: [{ weight: 3, density: { type: 'builtin', name: 'norm', params: { loc: 0, scale: 1 } } }],
  });
  assert.ok(Math.abs(scoreOf([heavy], [0]) - 3 * atCentre) < 1e-15);
  // Expected score when the truth is N(0, 1) and the answer N(0, s²): 1/√(2π(1 + s²)), largest for s → 0.
  const expected = (s: number) => {
    const draws = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 400);
    const mean = draws.reduce((sum, y) => sum + scoreOf([normalDensity(0, s)], [y]) * Math.exp((-y * y) / 2), 0);
    return (mean / 400) * atCentre;
  };
  assert.ok(Math.abs(expected(1) - 0.2820947917738782) < 1e-6);
  assert.ok(expected(0.1) > expected(0.5) && expected(0.5) > expected(1));
});
