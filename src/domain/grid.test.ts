import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Calendar } from './calendar.ts';
import { roundId, scoredStepNumbers, scoredSteps, slotsBetween } from './grid.ts';

const assets = ['BTC', 'ETH', 'XAU', 'SOL'];
const hourly = { name: '24h', horizonSeconds: 86_400, stepsSeconds: [300], everySeconds: 3600, assets };
const often = { name: '1h', horizonSeconds: 3600, stepsSeconds: [60], everySeconds: 720, assets };
const midnight = Date.parse('2025-06-01T00:00:00Z') / 1000;

test('roundId() is computed from what is asked', () => {
  assert.equal(roundId({ profile: '24h', asset: 'BTC', startedAt: 1748736000 }), '24h.BTC.1748736000');
});

test('slotsBetween() staggers assets by a share of the interval', () => {
  const slots = slotsBetween({ profiles: [hourly], candleSeconds: 60 }, midnight - 1, midnight + 3600);
  assert.deepEqual(
    slots.map(({ asset, startedAt }) => `${asset} +${startedAt - midnight}`),
    ['BTC +0', 'ETH +900', 'XAU +1800', 'SOL +2700', 'BTC +3600'],
  );
});

test('slotsBetween() rounds offsets down to whole candles', () => {
  const third = { ...often, everySeconds: 480, assets: ['BTC', 'ETH', 'SOL'] };
  const slots = slotsBetween({ profiles: [third], candleSeconds: 60 }, -1, 479);
  assert.deepEqual(
    slots.map(({ startedAt }) => startedAt),
    [0, 120, 300], // 480/3 = 160 → 120, 320 → 300
  );
});

test('slotsBetween() excludes its start, includes its end, and ties go by profile', () => {
  const game = { profiles: [hourly, often], candleSeconds: 60 };
  assert.deepEqual(slotsBetween(game, midnight - 1, midnight).map(roundId), [
    `24h.BTC.${midnight}`,
    `1h.BTC.${midnight}`,
  ]);
  assert.deepEqual(slotsBetween(game, midnight, midnight), []);
});

test('slotsBetween() asks each asset once in each interval, however the span is cut', () => {
  const game = { profiles: [hourly, often], candleSeconds: 60 };
  const whole = slotsBetween(game, midnight - 1, midnight + 86_399).map(roundId);
  const cuts = Array.from({ length: 145 }, (_, i) => midnight - 1 + i * 600);
  const pieces = cuts.slice(1).flatMap((to, i) => slotsBetween(game, cuts[i] as number, to));
  assert.equal(whole.length, 4 * 24 + 4 * 120);
  assert.equal(new Set(whole).size, whole.length);
  assert.deepEqual(pieces.map(roundId), whole);
});

const closedAtNoon: Calendar = {
  zone: 'UTC',
  weekly: [
    { from: 'Sunday 00:00', to: 'Sunday 12:00' },
    { from: 'Sunday 13:00', to: 'Sunday 23:00' },
  ],
};
const hour = (hours: number) => midnight + hours * 3600; // 2025-06-01 is a Sunday

test('scoredSteps() are all of them in a market that never closes', () => {
  assert.deepEqual(scoredSteps(hourly, undefined, midnight), { 300: [[1, 288]] });
});

test('scoredSteps() have both boundaries in open time', () => {
  const profile = { horizonSeconds: 10_800, stepsSeconds: [1800] };
  // 10:30 … 13:30: open until 12:00; the instant of opening, 13:00, is not open
  assert.deepEqual(scoredSteps(profile, closedAtNoon, hour(10.5)), { 1800: [[1, 3]] });
  // 11:00 … 14:00: 11:30, 12:00 | 13:30 → 14:00
  assert.deepEqual(scoredSteps(profile, closedAtNoon, hour(11)), {
    1800: [
      [1, 2],
      [6, 6],
    ],
  });
});

test('scoredSteps() is null when the round starts closed or is scored for less than half', () => {
  const profile = { horizonSeconds: 10_800, stepsSeconds: [1800] };
  assert.equal(scoredSteps(profile, closedAtNoon, hour(12.5)), null);
  assert.equal(scoredSteps(profile, closedAtNoon, hour(13)), null); // the instant of opening
  assert.notEqual(scoredSteps(profile, closedAtNoon, hour(11.5)), null); // steps 1, 5, 6: half is enough
  assert.equal(scoredSteps({ ...profile, horizonSeconds: 7200 }, closedAtNoon, hour(11.5)), null); // 1 of 4
});

test('scoredSteps() counts steps over all step sizes together', () => {
  const profile = { horizonSeconds: 7200, stepsSeconds: [1800, 7200] };
  assert.deepEqual(scoredSteps(profile, closedAtNoon, hour(10)), { 1800: [[1, 4]], 7200: [[1, 1]] });
  // 11:00 … 13:00: 11:30 and 12:00 open, 13:00 not: 2 of 5
  assert.equal(scoredSteps(profile, closedAtNoon, hour(11)), null);
});

test('scoredStepNumbers() lists every number of the ranges', () => {
  assert.deepEqual(
    [
      ...scoredStepNumbers([
        [1, 2],
        [6, 6],
      ]),
    ],
    [1, 2, 6],
  );
});
