import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../domain/game.ts';
import { baselineRule } from './baseline-rule.ts';
import type { Density } from './density.ts';
import { normalDensity } from './distribution.ts';
import { asShadowRule } from './shadow.ts';

const own = baselineRule({ candleSeconds: 60, fallbackVolatility: { BTC: 5e-4 } });
const rule = { name: 'own', version: 3, missingPoints: -0.2, minScale: 1e-8 };
const shadow = asShadowRule({ rule, ...own });
const context = { v: 0.001, returns: 400 };
const outcome: Outcome[] = [{ stepSeconds: 60, x: Float64Array.of(0.0007, -0.0001) }];

function forecastOf(...densities: Density[]) {
  return { steps: [{ stepSeconds: 60, densities }] };
}

test('asShadowRule() scores and rewards as the game itself does', () => {
  const forecast = forecastOf(normalDensity(0, 0.001), normalDensity(1e-4, 0.002));
  const score = shadow.score(forecast, outcome, context);
  assert.equal(score, own.score(forecast, outcome, context));
  assert.deepEqual(shadow.points?.([score], 1, context), own.points([score], 1, context));
  const { name, version, missingPoints } = shadow;
  assert.deepEqual({ name, version, missingPoints }, { name: 'own', version: 3, missingPoints: -0.2 });
});

test('asShadowRule() leaves out what the game would refuse', () => {
  const good = normalDensity(0, 0.001);
  const [leaf] = good.leaves;
  assert.ok(leaf);
  const needle = normalDensity(0, 1e-9);
  const doubled: Density = { leaves: [leaf, leaf] };
  const negative: Density = {
    leaves: [
      { ...leaf, weight: 2 },
      { ...leaf, weight: -1 },
    ],
  };
  for (const bad of [needle, doubled, negative]) {
    assert.ok(Number.isNaN(shadow.score(forecastOf(good, bad), outcome, context)));
  }
  assert.ok(Number.isFinite(shadow.score(forecastOf(good, good), outcome, context)));
});
