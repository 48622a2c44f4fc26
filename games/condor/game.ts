// Condor: where will Bitcoin, Ether, gold and Solana be? Over the next 24 hours every 5 minutes, asked
// hourly; over the next hour every minute, asked every 12 minutes. Answers are distributions of the
// log-return over each step, scored by exact CRPS in units of a baseline known beforehand.

import { baselineRule, type Calendar, defineGame } from 'condor-coordinator';

/** Spot gold: a day's trading begins at 18:00 New York and ends at 17:00 the next day. */
const gold: Calendar = {
  zone: 'America/New_York',
  weekly: [
    { from: 'Sunday 18:00', to: 'Monday 17:00' },
    { from: 'Monday 18:00', to: 'Tuesday 17:00' },
    { from: 'Tuesday 18:00', to: 'Wednesday 17:00' },
    { from: 'Wednesday 18:00', to: 'Thursday 17:00' },
    { from: 'Thursday 18:00', to: 'Friday 17:00' },
  ],
  closed: [{ from: '2025-05-26 14:30', to: '2025-05-26 18:00' }], // Memorial Day
};

const candleSeconds = 60;
const hour = 3600;
const day = 24 * hour;

/** Standard deviation of a one-minute log-return, from 50 days of 2025. */
const volatility = { BTC: 5.1e-4, ETH: 1.05e-3, XAU: 3.2e-4, SOL: 1.05e-3 };

export default defineGame({
  name: 'condor',
  crunchId: 'condorgame',
  className: 'condorgame.tracker.TrackerBase',

  // Their order staggers the questions: with four assets, one a quarter of an hour later than the one before.
  assets: [
    { symbol: 'BTC', simulated: { price: 104_000, candleVolatility: volatility.BTC } },
    { symbol: 'ETH', simulated: { price: 2500, candleVolatility: volatility.ETH } },
    { symbol: 'XAU', simulated: { price: 3300, candleVolatility: volatility.XAU }, calendar: gold },
    { symbol: 'SOL', simulated: { price: 155, candleVolatility: volatility.SOL } },
  ],
  profiles: [
    { name: '24h', horizonSeconds: day, stepsSeconds: [300], everySeconds: hour },
    { name: '1h', horizonSeconds: hour, stepsSeconds: [60], everySeconds: 12 * 60 },
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
  boardEverySeconds: 60,

  change: 'log-return',
  rule: {
    name: 'condor',
    version: 1,
    note: 'Points are per cent of the score below the baseline’s: 0 is as good as the baseline.',
    // The baseline less a little: answering with the baseline always beats not answering, and one fault
    // does not wipe out a month of skill.
    missingPoints: -0.2,
    minScale: 1e-8, // a hundredth of Bitcoin's price increment, as a log-return
  },
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
