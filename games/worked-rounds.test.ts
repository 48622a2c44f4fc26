// Rounds on recorded prices, worked through independently in the rules of condor, condor-classic and synth: they pin
// the instant of a price, the scale and the sign of every game to the last digits.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  compileDensity,
  type Density,
  type Forecast,
  type Json,
  normalDensity,
  type Outcome,
} from 'condor-coordinator';
import type { Game } from '../src/domain/game.ts';
import { PriceSeries, pricesBefore } from '../src/domain/series.ts';
import { readRecording } from '../src/feeds/recording.ts';
import { testData } from '../src/lib/test-data.ts';
import condor from './condor/game.ts';
import classic from './condor-classic/game.ts';
import synth from './synth/game.ts';

const data = testData();
const skip = data === null ? 'no recorded prices (CONDOR_TEST_DATA)' : false;

interface Asked {
  readonly asset: string;
  readonly startedAt: number;
  readonly horizonSeconds: number;
  readonly score: number;
}

interface CondorRound extends Asked {
  readonly game: 'condor' | 'condor-classic';
  readonly stepSeconds: number;
  /** [weight, loc, scale] of normals, the same for every step */
  readonly forecast: readonly (readonly [number, number, number])[];
  readonly lookbackReturns: number;
  readonly v: number;
  readonly x: readonly number[];
  readonly scoreFirstSteps: readonly number[];
  readonly baselineScore: number;
  readonly points: number;
}

interface SynthRound extends Asked {
  readonly game: 'synth';
  readonly crpsSumByStep: Readonly<Record<string, number>>;
}

function workedRounds<Name extends 'condor' | 'condor-classic' | 'synth'>(name: Name) {
  const file = join(data as string, 'scoring', 'worked-rounds.json');
  const { rounds } = JSON.parse(readFileSync(file, 'utf8')) as { rounds: readonly (CondorRound | SynthRound)[] };
  return rounds.filter(({ game }) => game === name) as (Name extends 'synth' ? SynthRound : CondorRound)[];
}

/** A round as score sees it once its prices are there. */
async function settled(game: Game, { asset, startedAt, horizonSeconds }: Asked, stepsSeconds: readonly number[]) {
  const series = new PriceSeries();
  const { pricedAt, price } = await readRecording(join(data as string, 'prices'), asset, game.candleSeconds);
  for (const [i, at] of pricedAt.entries()) series.append(at, price[i] as number);
  const priceAt = (t: number) => series.nearest(t, game.toleranceCandles * game.candleSeconds)?.price ?? Number.NaN;
  const change = (before: number, after: number) =>
    game.change === 'difference' ? after - before : Math.log(after) - Math.log(before);
  const outcome: Outcome[] = stepsSeconds.map((stepSeconds) => ({
    stepSeconds,
    x: Float64Array.from({ length: horizonSeconds / stepSeconds }, (_, i) =>
      change(priceAt(startedAt + i * stepSeconds), priceAt(startedAt + (i + 1) * stepSeconds)),
    ),
  }));
  const question = { asset, startedAt, horizonSeconds, stepsSeconds };
  const context = game.context(question, pricesBefore(series, undefined, startedAt, game.contextSeconds));
  return { question, outcome, context };
}

function forecastOf({ forecast, horizonSeconds, stepSeconds }: CondorRound): Forecast {
  const components = forecast.map(([weight, loc, scale]) => ({
    weight,
    density: { type: 'builtin', name: 'norm', params: { loc, scale } },
  }));
  const compiled = compileDensity({ type: 'mixture', components });
  assert.ok(compiled.ok);
  const densities: readonly Density[] = new Array(horizonSeconds / stepSeconds).fill(compiled.density);
  return { steps: [{ stepSeconds, densities }] };
}

/** The game's score with its parts, which must add up to it. */
function scoreWithParts(game: Game, forecast: Forecast, outcome: readonly Outcome[], context: Json) {
  const parts = outcome.map(({ x }) => new Float64Array(x.length).fill(Number.NaN));
  const score = game.score(forecast, outcome, context, parts);
  assert.equal(game.score(forecast, outcome, context), score);
  const sums = parts.map((part) => part.reduce((sum, value) => sum + value, 0));
  assertClose(
    sums.reduce((sum, value) => sum + value, 0),
    score,
    'the sum of the parts',
  );
  return { score, parts, sums };
}

function assertClose(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual / expected - 1);
  assert.ok(error <= 1e-12, `${what} is ${actual}, expected ${expected}: ${error} apart`);
}

test('condor reproduces the worked rounds to 1e-12', { skip }, async () => {
  const rounds = workedRounds('condor');
  assert.equal(rounds.length, 2);
  for (const round of rounds) {
    const { question, outcome, context } = await settled(condor, round, [round.stepSeconds]);
    assert.equal((context as { returns: number }).returns, round.lookbackReturns);
    assertClose((context as { v: number }).v, round.v, 'v');
    const [{ x } = { x: new Float64Array() }] = outcome;
    for (const [i, expected] of round.x.entries()) assertClose(x[i] as number, expected, `x[${i}]`);

    const { score, parts } = scoreWithParts(condor, forecastOf(round), outcome, context);
    assertClose(score, round.score, 'score');
    for (const [i, expected] of round.scoreFirstSteps.entries()) {
      assertClose((parts[0]?.[i] as number) * x.length, expected, `score of step ${i + 1}`);
    }
    const baselineScore = condor.score(condor.baseline(question, context), outcome, context);
    assertClose(baselineScore, round.baselineScore, 'baselineScore');
    const [points = Number.NaN] = condor.points([score], baselineScore, context);
    assertClose(points, round.points, 'points');
  }
});

test('condor-classic reproduces the worked rounds to 1e-12', { skip }, async () => {
  const rounds = workedRounds('condor-classic');
  assert.equal(rounds.length, 2);
  for (const round of rounds) {
    const { outcome, context } = await settled(classic, round, [round.stepSeconds]);
    const { score } = scoreWithParts(classic, forecastOf(round), outcome, context);
    assertClose(score, round.score, 'score');
    assert.deepEqual(classic.points([score], 0, context), [score]);
  }
});

test('condor-classic shows the points of condor beside its own', { skip }, async () => {
  const [shadow] = classic.shadowRules;
  assert.ok(shadow?.points);
  for (const round of workedRounds('condor')) {
    const { question, outcome, context } = await settled(classic, round, [round.stepSeconds]);
    const score = shadow.score(forecastOf(round), outcome, context);
    const baselineScore = shadow.score(classic.baseline(question, context), outcome, context);
    assertClose(score, round.score, 'score');
    assertClose(shadow.points([score], baselineScore, context)[0] as number, round.points, 'points');
  }
});

test('synth reproduces the worked round to 1e-12', { skip }, async () => {
  const rounds = workedRounds('synth');
  assert.equal(rounds.length, 1);
  for (const round of rounds) {
    const steps = Object.keys(round.crpsSumByStep).map(Number);
    const { outcome, context } = await settled(synth, round, steps);
    const forecast: Forecast = {
      steps: outcome.map(({ stepSeconds, x }) => ({
        stepSeconds,
        densities: new Array(x.length).fill(normalDensity(0, 40 * Math.sqrt(stepSeconds / 60))),
      })),
    };
    const { score, sums } = scoreWithParts(synth, forecast, outcome, context);
    assertClose(score, round.score, 'score');
    for (const [j, step] of steps.entries()) {
      assertClose((sums[j] as number) * 1500, round.crpsSumByStep[step] as number, `the sum for steps of ${step} s`);
    }
  }
});
