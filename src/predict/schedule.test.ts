import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Market } from './market.ts';
import { Schedule } from './schedule.ts';
import { testGame } from './test-game.ts';

const game = testGame();
/** A slot of asset A; B's slots lie ten minutes later. */
const t0 = 1_200_000;
const priceAt = (asset: string, pricedAt: number) => ({ asset, pricedAt, price: 1, source: 'test' });

function marketWith(...prices: readonly ReturnType<typeof priceAt>[]): Market {
  const market = new Market(game, []);
  market.append(prices);
  return market;
}

const asked = ({ ask }: { ask: readonly { asset: string; startedAt: number }[] }) =>
  ask.map(({ asset, startedAt }) => `${asset}@${startedAt - t0}`);

test('Schedule.due() asks each asset once an interval, staggered', () => {
  const market = marketWith();
  const schedule = new Schedule(game, t0, {});

  const all: string[] = [];
  for (let now = t0; now < t0 + 3_600; now += 60) {
    market.append([priceAt('A', now), priceAt('B', now)]);
    all.push(...asked(schedule.due(now, market)));
  }

  assert.deepEqual(all, ['A@0', 'B@600', 'A@1200', 'B@1800', 'A@2400', 'B@3000']);
});

test('Schedule.due() opens a slot when its candle has arrived', () => {
  const market = marketWith(priceAt('A', t0 - 60));
  const schedule = new Schedule(game, t0, {});

  assert.deepEqual(asked(schedule.due(t0, market)), []);
  market.append([priceAt('A', t0)]);

  assert.deepEqual(asked(schedule.due(t0 + 3, market)), ['A@0']);
});

test('Schedule.due() opens a slot without its candle after the wait', () => {
  const market = marketWith(priceAt('A', t0 - 60));
  const schedule = new Schedule(game, t0, {});
  schedule.due(t0, market);

  assert.equal(schedule.nextOpeningAt(), t0 + 10);
  assert.deepEqual(asked(schedule.due(t0 + 9.9, market)), []);
  assert.deepEqual(asked(schedule.due(t0 + 10, market)), ['A@0']);
});

test('Schedule.due() skips a slot whose newest price is older than three candles', () => {
  const schedule = new Schedule(game, t0, {});

  const { ask, skip } = schedule.due(t0 + 10, marketWith(priceAt('A', t0 - 240)));

  assert.deepEqual(ask, []);
  assert.deepEqual(skip, [{ profile: 'p', asset: 'A', fromSlot: t0, toSlot: t0, slots: 1, reason: 'stale-prices' }]);
});

test('Schedule.due() skips a late start and never asks it later; a gap is one growing row', () => {
  const market = marketWith(priceAt('A', t0), priceAt('B', t0));
  const schedule = new Schedule(game, t0, {});

  const late = schedule.due(t0 + 21, market);
  const later = schedule.due(t0 + 1_200 + 21, market);

  assert.deepEqual(late.skip, [{ profile: 'p', asset: 'A', fromSlot: t0, toSlot: t0, slots: 1, reason: 'late-start' }]);
  assert.deepEqual(
    later.skip.find(({ asset }) => asset === 'A'),
    { profile: 'p', asset: 'A', fromSlot: t0, toSlot: t0 + 1_200, slots: 2, reason: 'late-start' },
  );
});

test('Schedule.due() counts the slots missed while the worker was down, once', () => {
  const market = marketWith(priceAt('A', t0 + 3_600), priceAt('B', t0 + 3_600));
  const schedule = new Schedule(game, t0 + 3_600, { 'p.A': t0, 'p.B': t0 + 600 });

  const { ask, skip } = schedule.due(t0 + 3_600, market);

  assert.deepEqual(asked({ ask }), ['A@3600']);
  assert.deepEqual(
    skip.map(({ asset, slots, reason }) => [asset, slots, reason]),
    [
      ['A', 2, 'worker-down'],
      ['B', 2, 'worker-down'],
    ],
  );
});

test('Schedule.due() starts nothing while the market is closed, and nobody is at fault', () => {
  const weekend = testGame({
    assets: [
      {
        symbol: 'A',
        simulated: { price: 1, candleVolatility: 1e-3 },
        calendar: { zone: 'UTC', weekly: [{ from: 'Monday 00:00', to: 'Saturday 00:00' }] },
      },
    ],
  });
  const saturday = Date.parse('2026-01-10T00:00:00Z') / 1000;
  const market = new Market(weekend, []);
  const schedule = new Schedule(weekend, saturday, {});

  const { ask, skip } = schedule.due(saturday + 86_400, market);

  assert.deepEqual([ask, skip], [[], []]);
});

test('Schedule.due() skips, for the reason given, what it may not ask', () => {
  const schedule = new Schedule(game, t0, {});

  const { ask, skip } = schedule.due(t0, marketWith(priceAt('A', t0)), 'clock-skew');

  assert.deepEqual(ask, []);
  assert.deepEqual(
    skip.map(({ asset, reason }) => [asset, reason]),
    [['A', 'clock-skew']],
  );
});
