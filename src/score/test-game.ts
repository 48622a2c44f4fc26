// A small game for the tests of this folder. Some forecasts make its score function misbehave, as a
// hostile answer might make a real one.

import { defineGame } from '../domain/define-game.ts';
import type { Forecast } from '../domain/game.ts';
import { normalDensity } from '../scoring/distribution.ts';

/** `loc` of a forecast's first density, and what scoring it does. */
export const hostile = { throws: 1001, hangs: 1002, eatsMemory: 1003, isNaN: 1004, exits: 1005 } as const;

/** The same, to the shadow rule `tiny-near` alone. */
export const hostileToShadow = { throws: 2001, isNaN: 2002, exits: 2003 } as const;

export default defineGame({
  name: 'tiny',
  crunchId: 'tiny',
  className: 'tiny.Model',
  assets: [
    { symbol: 'AAA', weight: 2, simulated: { price: 100, candleVolatility: 0.001 } },
    {
      symbol: 'BBB',
      simulated: { price: 10, candleVolatility: 0.001 },
      // Closed for ten minutes of a Monday, within the tests' hour.
      calendar: {
        zone: 'UTC',
        weekly: [
          { from: 'Sunday 00:00', to: 'Monday 00:40' },
          { from: 'Monday 00:50', to: 'Saturday 00:00' },
        ],
      },
    },
  ],
  profiles: [
    { name: '2m', horizonSeconds: 120, stepsSeconds: [60], everySeconds: 60 },
    { name: '5m', horizonSeconds: 300, stepsSeconds: [60, 300], everySeconds: 300 },
  ],
  windows: [
    { name: 'recent', seconds: 600 },
    { name: 'steady', seconds: 1200 },
    { name: 'anchor', seconds: 2400 },
  ],
  candleSeconds: 60,
  candleWaitSeconds: 5,
  startToleranceSeconds: 10,
  responseSeconds: 10,
  patienceSeconds: 300,
  graceSeconds: 600,
  boardEverySeconds: 60,
  snapshotEverySeconds: 300,
  answerMaxBytes: 65_536,
  change: 'difference',
  rule: { name: 'tiny', version: 1, missingPoints: -0.5, minScale: 1e-6 },
  shadowRules: [
    {
      name: 'tiny-near',
      version: 1,
      direction: 'higher',
      score(forecast, outcome) {
        const loc = forecast.steps[0]?.densities[0]?.leaves[0]?.loc ?? 0;
        if (loc === hostileToShadow.isNaN) return Number.NaN;
        if (loc === hostileToShadow.throws) throw new Error('thrown by a shadow');
        if (loc === hostileToShadow.exits) process.exit(3);
        return 1 / (1 + Math.abs(loc - (outcome[0]?.x[0] ?? 0)));
      },
    },
    {
      name: 'tiny-first',
      version: 2,
      score: (forecast) => forecast.steps[0]?.densities[0]?.leaves[0]?.loc ?? 0,
      points: (scores) => scores.map((score) => (score === Math.max(...scores) ? 1 : 0)),
      missingPoints: -1,
    },
  ],
  requests: {
    tick: (prices) => ({ method: 'tick', arguments: [{ type: 'json', value: prices }] }),
    predict: ({ asset }) => ({ method: 'predict', arguments: [{ type: 'string', value: asset }] }),
  },
  context: () => null,
  score(forecast, outcome) {
    const loc = forecast.steps[0]?.densities[0]?.leaves[0]?.loc;
    if (loc === hostile.isNaN) return Number.NaN;
    misbehave(loc);
    const distances = outcome.flatMap(({ x }, s) =>
      [...x].flatMap((change, i) =>
        Number.isNaN(change) ? [] : [Math.abs((forecast.steps[s]?.densities[i]?.leaves[0]?.loc ?? 0) - change)],
      ),
    );
    return distances.reduce((a, b) => a + b, 0) / distances.length;
  },
  baseline: ({ horizonSeconds, stepsSeconds }): Forecast => ({
    steps: stepsSeconds.map((stepSeconds) => ({
      stepSeconds,
      densities: Array.from({ length: horizonSeconds / stepSeconds }, () => normalDensity(0, 1)),
    })),
  }),
  points: (scores, baselineScore) => scores.map((score) => baselineScore - score),
});

function misbehave(loc: number | undefined): void {
  if (loc === hostile.throws) throw new Error('thrown by score');
  if (loc === hostile.exits) process.exit(3);
  for (const hoard: unknown[] = []; loc === hostile.eatsMemory; ) hoard.push(Array.from({ length: 1e5 }, () => [0]));
  while (loc === hostile.hangs);
}
