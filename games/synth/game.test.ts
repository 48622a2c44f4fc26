import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crps, crpsGrid, type Forecast, normalDensity, type Outcome } from 'condor-coordinator';
import { slotsBetween } from '../../src/domain/grid.ts';
import synth from './game.ts';

const noon = Date.parse('2026-06-02T12:00:00Z') / 1000;
const steps = { '24h': [300, 3600, 21_600, 86_400], '1h': [60, 300, 900, 1800, 3600] };

function minutes(price: number) {
  return { pricedAt: [noon - 60, noon], price: [price, price] };
}

test('synth asks for 12 assets daily and 5 hourly, every hour and every 12 minutes', () => {
  const hour = slotsBetween(synth, noon, noon + 3600);
  const counts = synth.profiles.map(({ name }) => hour.filter(({ profile }) => profile === name).length);
  assert.deepEqual(counts, [12, 25]);
  assert.equal(synth.assets.length, 12);
  assert.ok(!synth.assets.some(({ symbol }) => symbol === 'SPYX'), 'retired');
});

test('synth asks for all step sizes in one call', () => {
  const question = { asset: 'SOL', horizonSeconds: 86_400, stepsSeconds: steps['24h'], startedAt: noon };
  assert.deepEqual(synth.requests.predict(question), {
    method: 'predict_all',
    arguments: [
      { type: 'string', value: 'SOL' },
      { type: 'int', value: 86_400 },
      { type: 'json', value: [300, 3600, 21_600, 86_400] },
    ],
  });
});

test('synth.score() sums over step sizes and steps, grids growing with the root of the step beyond 5 minutes', () => {
  const question = { asset: 'SOL', horizonSeconds: 3600, stepsSeconds: steps['1h'], startedAt: noon };
  const context = synth.context(question, minutes(150));
  const density = normalDensity(0.02, 0.4);
  const forecast: Forecast = {
    steps: question.stepsSeconds.map((stepSeconds) => ({
      stepSeconds,
      densities: new Array(3600 / stepSeconds).fill(density),
    })),
  };
  const outcome: Outcome[] = question.stepsSeconds.map((stepSeconds) => ({
    stepSeconds,
    x: new Float64Array(3600 / stepSeconds).fill(0.3),
  }));
  const halfWidths = { 60: 4, 300: 4, 900: 4 * Math.sqrt(3), 1800: 4 * Math.sqrt(6), 3600: 4 * Math.sqrt(12) };
  const expected = Object.entries(halfWidths).reduce((sum, [step, max]) => {
    return sum + (3600 / Number(step)) * crpsGrid(density, 0.3, { min: -max, max, points: 256 });
  }, 0);
  const score = synth.score(forecast, outcome, context);
  assert.ok(Math.abs(score / (expected / 4) - 1) < 1e-13, `${score} ${expected / 4}`);

  // A step without a price makes the sum smaller; without any, there is no score.
  outcome[0]?.x.fill(Number.NaN);
  const fewer = synth.score(forecast, outcome, context);
  const first = 60 * crpsGrid(density, 0.3, { min: -4, max: 4, points: 256 });
  assert.ok(Math.abs(fewer - (score - first / 4)) < 1e-12);
  for (const { x } of outcome) x.fill(Number.NaN);
  assert.ok(Number.isNaN(synth.score(forecast, outcome, context)));
  assert.ok(Number.isNaN(synth.score({ steps: forecast.steps.slice(1) }, outcome, context)), 'a step size is missing');
});

test('synth takes its baseline in units of the price, and its shadow rule is the exact CRPS against it', () => {
  const question = { asset: 'BTC', horizonSeconds: 3600, stepsSeconds: [900, 3600], startedAt: noon };
  const context = synth.context(question, minutes(100_000));
  assert.deepEqual(context, { v: 5.1e-4, returns: 1, price: 100_000, halfWidth: 1500 });
  const forecast = synth.baseline(question, context);
  const scales = forecast.steps.map(({ densities }) => densities[0]?.leaves[0]?.scale as number);
  const expected = [51 * Math.sqrt(15), 51 * Math.sqrt(60)];
  for (const [i, scale] of scales.entries()) assert.ok(Math.abs(scale / (expected[i] as number) - 1) < 1e-14);

  const [shadow] = synth.shadowRules;
  const outcome: Outcome[] = [
    { stepSeconds: 900, x: Float64Array.of(100, -200, 0, Number.NaN) },
    { stepSeconds: 3600, x: Float64Array.of(-400) },
  ];
  const terms = [100, -200, 0]
    .map((y) => crps(normalDensity(0, scales[0] as number), y) / (scales[0] as number))
    .concat(crps(normalDensity(0, scales[1] as number), -400) / (scales[1] as number));
  const mean = (Math.sqrt(Math.PI) * terms.reduce((sum, term) => sum + term, 0)) / 4;
  const score = shadow?.score(forecast, outcome, context) as number;
  assert.ok(Math.abs(score / mean - 1) < 1e-14);
  assert.deepEqual(shadow?.points?.([score, score + 0.01], score, context).map(Math.round), [0, -1]);
});

test('synth.context() names an asset that the game does not have', () => {
  const question = { asset: 'SPYX', horizonSeconds: 3600, stepsSeconds: [60], startedAt: noon };
  assert.throws(() => synth.context(question, minutes(1)), /SPYX/);
});
