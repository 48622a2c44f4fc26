// Condor's questions on a quick grid: candles of 5 s for its 60, a 24 h round each 10 s for its quarter of an
// hour. All that costs time is condor's: four assets, 172,800 prices of history, 1,440 prices of context, 288
// densities, waits, tolerances, scoring. Rounds of the 1 h profile are only in the backlog: their slots lie at
// 0, 6, 12 and 18 o'clock UTC.

import { baselineRule, defineGame } from 'condor-coordinator';

const candleSeconds = 5;
const hour = 3600;
const day = 24 * hour;
const volatility = { BTC: 1.5e-4, ETH: 3e-4, XAU: 1e-4, SOL: 3e-4 }; // of a 5 s log-return

export default defineGame({
  name: 'backlog',
  crunchId: 'backlog',
  className: 'condorgame.tracker.TrackerBase',
  assets: [
    { symbol: 'BTC', simulated: { price: 104_000, candleVolatility: volatility.BTC } },
    { symbol: 'ETH', simulated: { price: 2500, candleVolatility: volatility.ETH } },
    { symbol: 'XAU', simulated: { price: 3300, candleVolatility: volatility.XAU } },
    { symbol: 'SOL', simulated: { price: 155, candleVolatility: volatility.SOL } },
  ],
  profiles: [
    { name: '24h', horizonSeconds: day, stepsSeconds: [300], everySeconds: 40 },
    { name: '1h', horizonSeconds: hour, stepsSeconds: [60], everySeconds: day },
  ],
  windows: [
    { name: 'recent', seconds: day },
    { name: 'steady', seconds: 3 * day },
    { name: 'anchor', seconds: 7 * day },
  ],
  candleSeconds,
  candleWaitSeconds: 10,
  startToleranceSeconds: 20,
  responseSeconds: 60,
  historySeconds: 43_200 * candleSeconds,
  contextSeconds: 1_440 * candleSeconds,
  boardEverySeconds: 60,
  change: 'log-return',
  rule: { name: 'condor', version: 1, missingPoints: -0.2, minScale: 1e-8 },
  ...baselineRule({ candleSeconds, fallbackVolatility: volatility }),
  requests: {
    tick: (prices) => ({ method: 'tick', arguments: [{ type: 'json', value: prices }] }),
    predict: ({ asset, horizonSeconds, stepsSeconds: [stepSeconds = 0] }) => ({
      method: 'predict',
      arguments: [
        { type: 'string', value: asset },
        { type: 'int', value: horizonSeconds },
        { type: 'int', value: stepSeconds },
      ],
    }),
  },
});
