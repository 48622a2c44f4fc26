// What the game asks and when, above all around gold's closed hours. Its numbers: worked-rounds.test.ts.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { scoredStepNumbers, scoredSteps, slotsBetween } from '../../src/domain/grid.ts';
import { PriceSeries } from '../../src/domain/series.ts';
import { readRecording } from '../../src/feeds/recording.ts';
import { testData } from '../../src/lib/test-data.ts';
import condor from './game.ts';

const data = testData();
const skip = data === null ? 'no recorded prices (CONDOR_TEST_DATA)' : false;

test('condor starts the rounds of recorded gold that its calendar allows, and each finds its prices', {
  skip,
}, async () => {
  const series = new PriceSeries();
  const { pricedAt, price } = await readRecording(join(data as string, 'prices'), 'XAU', condor.candleSeconds);
  for (const [i, at] of pricedAt.entries()) series.append(at, price[i] as number);
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
