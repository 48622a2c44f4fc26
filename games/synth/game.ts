// Synth: where will twelve assets be? Over the next 24 hours and the next hour, each in several step sizes asked for
// in one call. Answers are distributions of the price difference over each step, scored by the CRPS on a grid as the
// existing game computes it, and rewarded relative to the round's other answers. The README beside this file says
// what that can be made to reward; a shadow rule shows the ranks of an exact one.

import {
  asShadowRule,
  baselineRule,
  crpsGrid,
  type Density,
  defineGame,
  type Grid,
  type Json,
} from 'condor-coordinator';
import { relativePoints } from './points.ts';

const candleSeconds = 60;
const hour = 3600;
const day = 24 * hour;

/**
 * What the game knows of each asset. `halfWidth`: half the width of the grid for steps of up to five minutes, in the
 * price's unit; scores are divided by it. `weight`: in overall means. Both are the existing game's. `price` and
 * `volatility` (of a minute's log-return) are round figures for the simulated market and for a baseline without a
 * past. XAUT, the shares and the index are tokens or perpetuals that trade at all hours: no calendars.
 */
const assets = {
  BTC: { halfWidth: 1500, weight: 1, price: 104_000, volatility: 5.1e-4 },
  SOL: { halfWidth: 4, weight: 0.6310037175639559, price: 155, volatility: 1.05e-3 },
  ETH: { halfWidth: 80, weight: 0.7064366394033871, price: 2500, volatility: 1.05e-3 },
  XAUT: { halfWidth: 33, weight: 1.7370922597118699, price: 3300, volatility: 3.2e-4 },
  SP500: { halfWidth: 21, weight: 3.437935601155441, price: 6800, volatility: 1.2e-4 },
  NVDAX: { halfWidth: 2.3, weight: 1.6028217601617174, price: 185, volatility: 4.5e-4 },
  TSLAX: { halfWidth: 5.9, weight: 1.6068755936957768, price: 430, volatility: 5.5e-4 },
  AAPLX: { halfWidth: 2.1, weight: 2.0916380815843123, price: 270, volatility: 3e-4 },
  GOOGLX: { halfWidth: 3.4, weight: 1.6827392777257926, price: 300, volatility: 4e-4 },
  XRP: { halfWidth: 0.04, weight: 0.5658394110809131, price: 2.1, volatility: 8e-4 },
  HYPE: { halfWidth: 1.1, weight: 0.4784547133706857, price: 35, volatility: 1.2e-3 },
  WTIOIL: { halfWidth: 1.2, weight: 0.8475062847978935, price: 65, volatility: 5e-4 },
};

/** The context of a round: what the baseline needs, and the grid of its asset. */
type SynthContext = { readonly halfWidth: number };

const baseline = baselineRule({
  candleSeconds,
  fallbackVolatility: Object.fromEntries(
    Object.entries(assets).map(([symbol, { volatility }]) => [symbol, volatility]),
  ),
  change: 'difference',
});

export default defineGame({
  name: 'synth',
  crunchId: 'synth',
  className: 'crunch_synth.tracker.TrackerBase',

  assets: Object.entries(assets).map(([symbol, { weight, price, volatility }]) => ({
    symbol,
    weight,
    simulated: { price, candleVolatility: volatility },
  })),
  // Assets and intervals are data and change with the season: of the existing game's three public sources one says
  // an hour and 12 minutes, one the same in words, and one 39 and 8 minutes; published boards had yet another list.
  profiles: [
    { name: '24h', horizonSeconds: day, stepsSeconds: [300, hour, 6 * hour, day], everySeconds: hour },
    {
      name: '1h',
      horizonSeconds: hour,
      stepsSeconds: [60, 300, 900, 1800, hour],
      everySeconds: 12 * 60,
      assets: ['BTC', 'SOL', 'ETH', 'XRP', 'HYPE'],
    },
  ],
  windows: [
    { name: 'recent', seconds: day },
    { name: 'steady', seconds: 3 * day },
    { name: 'anchor', seconds: 7 * day },
  ],
  overall: 'complete',

  candleSeconds,
  candleWaitSeconds: 10,
  startToleranceSeconds: 20,
  responseSeconds: 40,
  boardEverySeconds: 60,

  change: 'difference',
  rule: {
    name: 'synth',
    version: 1,
    kind: 'compatible',
    missingPoints: 0,
    leavesMax: 3, // what the game allows its participants; their library refuses to send more
    note: 'Improper and kept for compatibility: points depend on the round’s best and 95th percentile, and the grid is not the exact CRPS, so forecasts that are 5 to 20 % too narrow gain on honest ones. The formula of the points is our reading. The ranks of an exact rule stand beside it.',
  },

  context: (question, pricesBefore) => ({
    ...(baseline.context(question, pricesBefore) as { readonly [key: string]: Json }), // v, returns, price
    halfWidth: halfWidthOf(question.asset),
  }),
  baseline: baseline.baseline,

  // Σ over step sizes and steps of the grid's CRPS, divided by the half width. A sum: a step that could not be
  // scored makes it smaller, for everybody alike.
  score(forecast, outcome, context, parts) {
    const { halfWidth } = context as SynthContext; // what `context` returned, back from the database
    let sum = 0;
    let scored = 0;
    for (const [j, { stepSeconds, x }] of outcome.entries()) {
      const densities = forecast.steps.find((step) => step.stepSeconds === stepSeconds)?.densities;
      if (densities === undefined) return Number.NaN;
      const grid = gridOf(halfWidth, stepSeconds);
      for (const [i, change] of x.entries()) {
        if (Number.isNaN(change)) continue;
        const crps = crpsGrid(densities[i] as Density, change, grid);
        if (parts?.[j]) parts[j][i] = crps / halfWidth;
        sum += crps;
        scored++;
      }
    }
    return scored === 0 ? Number.NaN : sum / halfWidth;
  },
  points: relativePoints,

  shadowRules: [asShadowRule({ rule: { name: 'crps', version: 1, missingPoints: -0.2 }, ...baseline })],

  requests: {
    tick: (prices) => ({ method: 'tick', arguments: [{ type: 'json', value: prices }] }),
    predict: ({ asset, horizonSeconds, stepsSeconds }) => ({
      method: 'predict_all',
      arguments: [
        { type: 'string', value: asset },
        { type: 'int', value: horizonSeconds },
        { type: 'json', value: stepsSeconds },
      ],
    }),
  },
});

function halfWidthOf(asset: string): number {
  if (asset in assets) return assets[asset as keyof typeof assets].halfWidth;
  throw new RangeError(`Cannot choose the grid of "${asset}": synth has ${Object.keys(assets).join(', ')}`);
}

const baseStepSeconds = 300;

/** 256 points on [−T, T], T growing with the root of steps that are longer than five minutes. */
function gridOf(halfWidth: number, stepSeconds: number): Grid {
  const max = halfWidth * Math.sqrt(Math.max(1, stepSeconds / baseStepSeconds));
  return { min: -max, max, points: 256 };
}
