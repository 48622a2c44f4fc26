// Coin: a toy that shows everything within a quarter of an hour. Prices come every second; every ten
// seconds a round asks for the next ten. Read this one first, and copy it to make your own game.

import { baselineRule, defineGame } from 'condor-coordinator';

const candleSeconds = 1;

/** Standard deviation of a one-second log-return. */
const volatility = { COIN: 2e-4, DICE: 4e-4 };

export default defineGame({
  // What it is called, here and on the platform, and the class that a participant's model extends.
  name: 'coin',
  crunchId: 'coin',
  className: 'coin.Model',

  // What is forecast. `simulated` says what the market looks like when there is no real one.
  assets: [
    { symbol: 'COIN', simulated: { price: 100, candleVolatility: volatility.COIN } },
    { symbol: 'DICE', simulated: { price: 6, candleVolatility: volatility.DICE } },
  ],

  // What is asked: each asset once in ten seconds (COIN at :00, DICE at :05), for the price change in each
  // of the next ten seconds.
  profiles: [{ name: '10s', horizonSeconds: 10, stepsSeconds: [1], everySeconds: 10 }],

  // Over which spans scores are averaged; the longest full one decides the rank.
  windows: [
    { name: 'recent', seconds: 2 * 60 },
    { name: 'steady', seconds: 6 * 60 },
    { name: 'anchor', seconds: 14 * 60 },
  ],
  boardEverySeconds: 5,
  snapshotEverySeconds: 60,

  // How time is kept: a round waits a second for its candle, models have three to answer.
  candleSeconds,
  candleWaitSeconds: 1,
  startToleranceSeconds: 2,
  responseSeconds: 3,
  patienceSeconds: 30,
  graceSeconds: 2 * 60,
  historySeconds: 3600,
  contextSeconds: 10 * 60,

  // How answers are judged: exact CRPS against a random walk with the volatility of the last ten minutes.
  // Write `context`, `score`, `baseline` and `points` yourself to judge otherwise, and raise `version`
  // whenever a number could change.
  change: 'log-return',
  rule: {
    name: 'coin',
    version: 1,
    note: 'Points are per cent of the score below the baseline’s: 0 is as good as the baseline.',
    missingPoints: -0.2,
    minScale: 1e-8,
  },
  ...baselineRule({ candleSeconds, fallbackVolatility: volatility }),

  // How a model is called: positional arguments, by wire type.
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
