// A small game for tests that need a backlog: one asset pair, rounds of two minutes, one shadow rule. Scoring an
// answer takes BACKLOG_GAME_MS of waiting, so that there is a time to fall into; what it gives doesn't depend on it.

import { defineGame } from 'condor-coordinator';

const waitMs = Number(process.env.BACKLOG_GAME_MS ?? 0);
const still = new Int32Array(new SharedArrayBuffer(4));

export default defineGame({
  name: 'backlog-test',
  crunchId: 'backlog-test',
  className: 'test.Model',
  assets: [
    { symbol: 'AAA', weight: 2, simulated: { price: 100, candleVolatility: 0.001 } },
    { symbol: 'BBB', simulated: { price: 10, candleVolatility: 0.001 } },
  ],
  profiles: [{ name: '2m', horizonSeconds: 120, stepsSeconds: [60], everySeconds: 60 }],
  windows: [
    { name: 'recent', seconds: 6 * 3600 },
    { name: 'steady', seconds: 12 * 3600 },
    { name: 'anchor', seconds: 24 * 3600 },
  ],
  candleSeconds: 60,
  candleWaitSeconds: 5,
  startToleranceSeconds: 10,
  responseSeconds: 10,
  boardEverySeconds: 900,
  change: 'difference',
  rule: { name: 'near', version: 1, missingPoints: -0.3, minScale: 1e-6 },
  shadowRules: [
    {
      name: 'first',
      version: 1,
      score: (forecast, outcome) => Math.abs(locOf(forecast, 0) - (outcome[0]?.x[0] ?? 0)),
    },
  ],
  requests: {
    tick: (prices) => ({ method: 'tick', arguments: [{ type: 'json', value: prices }] }),
    predict: ({ asset }) => ({ method: 'predict', arguments: [{ type: 'string', value: asset }] }),
  },
  context: () => null,
  score(forecast, outcome) {
    if (waitMs > 0) Atomics.wait(still, 0, 0, waitMs);
    const distances = [...(outcome[0]?.x ?? [])].map((change, i) => Math.abs(locOf(forecast, i) - change));
    return distances.reduce((a, b) => a + b, 0) / distances.length;
  },
  baseline: () => {
    const density = { leaves: [], isProbability: true } as const; // scored by its absent loc
    return { steps: [{ stepSeconds: 60, densities: [density, density] }] };
  },
  points: (scores, baselineScore) => scores.map((score) => baselineScore - score / 3),
});

function locOf(
  forecast: {
    readonly steps: readonly { readonly densities: readonly { readonly leaves: readonly { loc: number }[] }[] }[];
  },
  i: number,
): number {
  return forecast.steps[0]?.densities[i]?.leaves[0]?.loc ?? 0;
}
