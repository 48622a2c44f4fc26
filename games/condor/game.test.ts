// The game as it is played on recorded prices: worked rounds to the last digits, and gold's closed hours.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileDensity, type Forecast } from 'condor-coordinator';
import { scoredStepNumbers, scoredSteps, slotsBetween } from '../../src/domain/grid.ts';
import { PriceSeries, pricesBefore } from '../../src/domain/series.ts';
import { testData } from '../../src/lib/test-data.ts';
import condor from './game.ts';

const data = testData();
const skip = data === null ? 'no recorded prices (CONDOR_TEST_DATA)' : false;

/** A recorded file's rows, stamped with the END of their candle. */
function recorded(asset: string): PriceSeries {
  const series = new PriceSeries();
  for (const row of readFileSync(join(data as string, 'prices', `${asset}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)) {
    const [openedAt, close] = row.split(',').map(Number) as [number, number];
    series.append(openedAt + 60, close);
  }
  return series;
}

interface WorkedRound {
  readonly game: string;
  readonly asset: string;
  readonly startedAt: number;
  readonly horizonSeconds: number;
  readonly stepSeconds: number;
  /** [weight, loc, scale] of normals */
  readonly forecast: readonly (readonly [number, number, number])[];
  readonly lookbackReturns: number;
  readonly v: number;
  readonly e0: number;
  readonly x: readonly number[];
  readonly scoreFirstSteps: readonly number[];
  readonly score: number;
  readonly baselineScore: number;
  readonly points: number;
}

function workedRounds(): readonly WorkedRound[] {
  const file = join(data as string, 'scoring', 'worked-rounds.json');
  const { rounds } = JSON.parse(readFileSync(file, 'utf8')) as { rounds: WorkedRound[] };
  return rounds.filter(({ game }) => game === 'condor');
}

function assertClose(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual / expected - 1);
  assert.ok(error <= 1e-12, `${what} is ${actual}, expected ${expected}: ${error} apart`);
}

function forecastOf({ forecast, horizonSeconds, stepSeconds }: WorkedRound): Forecast {
  const components = forecast.map(([weight, loc, scale]) => ({
    weight,
    density: { type: 'builtin', name: 'norm', params: { loc, scale } },
  }));
  const compiled = compileDensity({ type: 'mixture', components });
  assert.ok(compiled.ok);
  return { steps: [{ stepSeconds, densities: new Array(horizonSeconds / stepSeconds).fill(compiled.density) }] };
}

function realized(series: PriceSeries, { startedAt, horizonSeconds, stepSeconds }: WorkedRound): Float64Array {
  return Float64Array.from({ length: horizonSeconds / stepSeconds }, (_, i) => {
    const before = series.nearest(startedAt + i * stepSeconds, 90)?.price ?? Number.NaN;
    const after = series.nearest(startedAt + (i + 1) * stepSeconds, 90)?.price ?? Number.NaN;
    return Math.log(after) - Math.log(before);
  });
}

test('condor reproduces the worked rounds to 1e-12', { skip }, () => {
  const rounds = workedRounds();
  assert.equal(rounds.length, 2);
  for (const round of rounds) {
    const { asset, startedAt, horizonSeconds, stepSeconds } = round;
    const series = recorded(asset);
    const question = { asset, startedAt, horizonSeconds, stepsSeconds: [stepSeconds] };
    const context = condor.context(question, pricesBefore(series, undefined, startedAt, condor.contextSeconds));
    assert.equal((context as { returns: number }).returns, round.lookbackReturns);
    assertClose((context as { v: number }).v, round.v, 'v');

    const x = realized(series, round);
    assertClose(x[0] as number, round.x[0] as number, 'x[0]');
    const outcome = [{ stepSeconds, x }];
    const forecast = forecastOf(round);
    const score = condor.score(forecast, outcome, context);
    const baselineScore = condor.score(condor.baseline(question, context), outcome, context);
    assertClose(score, round.score, 'score');
    assertClose(baselineScore, round.baselineScore, 'baselineScore');
    const [points = Number.NaN] = condor.points([score], baselineScore, context);
    assertClose(points, round.points, 'points');

    for (const [i, expected] of round.scoreFirstSteps.entries()) {
      const only = [{ stepSeconds, x: x.map((value, j) => (j === i ? value : Number.NaN)) }];
      assertClose(condor.score(forecast, only, context), expected, `score of step ${i + 1}`);
    }
  }
});

test('condor starts the rounds of recorded gold that its calendar allows, and each finds its prices', { skip }, () => {
  const series = recorded('XAU');
  const calendar = condor.assets.find(({ symbol }) => symbol === 'XAU')?.calendar;
  const from = series.firstAfter(0)?.pricedAt as number;
  const to = series.last()?.pricedAt as number;
  const counts = condor.profiles.map((profile) => {
    // Slots whose horizon ends within the file.
    const slots = slotsBetween(condor, from - 1, to - profile.horizonSeconds).filter(
      (slot) => slot.asset === 'XAU' && slot.profile === profile.name,
    );
    const started = slots.filter(({ startedAt }) => scoredSteps(profile, calendar, startedAt) !== null);
    const stepSeconds = profile.stepsSeconds[0] as number;
    const settled = started.filter(({ startedAt }) => {
      const ranges = scoredSteps(profile, calendar, startedAt)?.[stepSeconds] ?? [];
      return [...scoredStepNumbers(ranges)].every(
        (i) =>
          series.nearest(startedAt + i * stepSeconds, 90) !== undefined &&
          series.nearest(startedAt + (i - 1) * stepSeconds, 90) !== undefined,
      );
    });
    return {
      profile: profile.name,
      started: started.length,
      settled: settled.length,
      not: slots.length - started.length,
    };
  });
  assert.deepEqual(counts, [
    { profile: '24h', started: 274, settled: 274, not: 195 },
    { profile: '1h', started: 1633, settled: 1633, not: 831 },
  ]);
});

test('condor asks 24 h rounds hourly and 1 h rounds every 12 minutes, in the order BTC, ETH, XAU, SOL', () => {
  const noon = Date.parse('2025-06-02T12:00:00Z') / 1000;
  const slots = slotsBetween(condor, noon - 1, noon + 719).map(
    ({ profile, asset, startedAt }) => `${profile} ${asset} +${startedAt - noon}`,
  );
  assert.deepEqual(slots, ['24h BTC +0', '1h BTC +0', '1h ETH +180', '1h XAU +360', '1h SOL +540']);
});

test('condor calls models as the reference does', () => {
  assert.deepEqual(condor.requests.tick({ BTC: [[60, 1.5]] }), {
    method: 'tick',
    arguments: [{ type: 'json', value: { BTC: [[60, 1.5]] } }],
  });
  const question = { asset: 'BTC', horizonSeconds: 86_400, stepsSeconds: [300], startedAt: 0 };
  assert.deepEqual(condor.requests.predict(question), {
    method: 'predict',
    arguments: [
      { type: 'string', value: 'BTC' },
      { type: 'int', value: 86_400 },
      { type: 'int', value: 300 },
    ],
  });
});
