// What `overall` decides. Everything else about standings is tested with the leaderboard they make.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowName, WindowSum } from './board.ts';
import { computeStandings, type StandingGame } from './standing.ts';

const day = 86_400;
const weights = { BTC: 1, XAUT: 1.7370922597118699, SP500: 3.437935601155441 };

const game: StandingGame = {
  assets: Object.entries(weights).map(([symbol, weight]) => ({
    symbol,
    weight,
    simulated: { price: 1, candleVolatility: 0.01 },
  })),
  profiles: [
    { name: '24h', horizonSeconds: day, stepsSeconds: [300], everySeconds: 3600, assets: ['BTC', 'XAUT', 'SP500'] },
    { name: '1h', horizonSeconds: 3600, stepsSeconds: [60], everySeconds: 720, assets: ['BTC'] },
  ],
  windows: [
    { name: 'recent', seconds: day },
    { name: 'steady', seconds: 3 * day },
    { name: 'anchor', seconds: 7 * day },
  ],
  overall: 'complete',
};

function sum(window: WindowName, profile: string, asset: string, total: string, count: number): WindowSum {
  return { modelId: 'a', window, profile, asset, sum: total, count, answered: count };
}

function standingOf(sums: readonly WindowSum[], of: StandingGame = game) {
  const [standing] = computeStandings(of, [{ modelId: 'a', joinedAt: 0, leftAt: null }], sums, 10 * day);
  assert.ok(standing);
  return standing;
}

const full = [
  sum('recent', '24h', 'BTC', '1.2', 2),
  sum('recent', '24h', 'XAUT', '0.4', 1),
  sum('recent', '24h', 'SP500', '0', 1),
  sum('recent', '1h', 'BTC', '2.7', 3),
];

test('computeStandings() with a complete overall is Σ w·mean / Σ w over every param of every profile', () => {
  const { overall, byProfile } = standingOf(full);
  const [xaut, sp500] = [weights.XAUT, weights.SP500];
  assert.equal(byProfile['24h']?.recent.value, (0.6 + xaut * 0.4) / (1 + xaut + sp500));
  assert.equal(byProfile['1h']?.recent.value, 2.7 / 3);
  // Not the mean of the two profiles.
  assert.equal(overall.recent.value, (0.6 + xaut * 0.4 + sp500 * 0 + 2.7 / 3) / (1 + xaut + sp500 + 1));
  assert.deepEqual([overall.recent.count, overall.recent.availability], [7, 1]);
});

test('computeStandings() with a complete overall has none, nor its profile, as long as one param is missing', () => {
  const { overall, byProfile, byAsset } = standingOf(full.filter(({ asset }) => asset !== 'XAUT'));
  assert.deepEqual(overall.recent, { value: null, count: 6, availability: 1 });
  assert.deepEqual(byProfile['24h']?.recent, { value: null, count: 3, availability: 1 });
  assert.equal(byProfile['1h']?.recent.value, 2.7 / 3);
  assert.equal(byAsset['24h']?.SP500?.recent.value, 0);
  assert.deepEqual(overall.anchor, { value: null, count: 0, availability: null });
});

test('computeStandings() with a complete overall looks at each window by itself', () => {
  const { overall } = standingOf([...full, ...full.slice(1).map((of) => ({ ...of, window: 'anchor' as const }))]);
  assert.notEqual(overall.recent.value, null);
  assert.equal(overall.anchor.value, null);
});

test('computeStandings() with a complete overall is not misled by a lone param of several', () => {
  const { overall, byProfile } = standingOf(full.slice(0, 1));
  assert.equal(overall.recent.value, null);
  assert.equal(byProfile['24h']?.recent.value, null);
});

test('computeStandings() with an available overall averages what is there', () => {
  const there = full.filter(({ asset }) => asset !== 'XAUT');
  const { overall } = standingOf(there, { ...game, overall: 'available' });
  assert.equal(overall.recent.value, (0.6 + 2.7 / 3) / (1 + weights.SP500 + 1));
});
