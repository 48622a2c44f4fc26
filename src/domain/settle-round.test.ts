import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Calendar } from './calendar.ts';
import type { Round } from './round.ts';
import { PriceSeries } from './series.ts';
import { type SettlementGame, type SettleOptions, settleRound } from './settle-round.ts';

const start = 1_750_000_020; // a whole minute, Sunday 2025-06-15 15:07 UTC
const minute = (n: number) => start + n * 60;

const game: SettlementGame = {
  profiles: [{ name: '5m', horizonSeconds: 300, stepsSeconds: [60], everySeconds: 300, assets: ['BTC'] }],
  candleSeconds: 60,
  toleranceCandles: 1.5,
  patienceSeconds: 600,
  change: 'log-return',
};

const round: Round = {
  roundId: `5m.BTC.${start}`,
  profile: '5m',
  asset: 'BTC',
  startedAt: start,
  resolvableAt: minute(5),
  gameVersion: 'v1',
  ruleName: 'test',
  ruleVersion: 1,
  askedAt: start,
  lastPricedAt: start,
  scoredSteps: { '60': [[1, 5]] },
  context: null,
  memberIds: [],
  warmup: false,
};

function seriesOf(points: Readonly<Record<number, number>>): PriceSeries {
  const series = new PriceSeries();
  for (const [n, price] of Object.entries(points)) series.append(minute(Number(n)), price);
  return series;
}

const whole = { 0: 100, 1: 101, 2: 102, 3: 103, 4: 104, 5: 105, 6: 106 };

function settle(points: Readonly<Record<number, number>>, options: Partial<SettleOptions> = {}, asked = round) {
  return settleRound(asked, { game, calendar: undefined, series: seriesOf(points), now: minute(60), ...options });
}

/** Which steps have a realized change, 1-based. */
function scored(state: ReturnType<typeof settle>): number[] {
  assert.equal(state.state, 'settled');
  const [outcome] = state.state === 'settled' ? state.outcome : [];
  return [...(outcome?.x ?? [])].flatMap((x, i) => (Number.isNaN(x) ? [] : [i + 1]));
}

test('settleRound() gives differences of logarithms, settled at the instant of the witness', () => {
  const state = settle(whole);
  assert.ok(state.state === 'settled');
  assert.deepEqual(
    [...(state.outcome[0]?.x ?? [])],
    [101, 102, 103, 104, 105].map((p) => Math.log(p) - Math.log(p - 1)),
  );
  assert.equal(state.settledAt, minute(6));
  assert.deepEqual([state.priceAtStart, state.priceAtEnd], [100, 105]);
  assert.deepEqual([state.firstPricedAt, state.lastPricedAt], [minute(0), minute(5)]);
});

test('settleRound() gives price differences in a game that says so', () => {
  const state = settle(whole, { game: { ...game, change: 'difference' } });
  assert.ok(state.state === 'settled');
  assert.deepEqual([...(state.outcome[0]?.x ?? [])], [1, 1, 1, 1, 1]);
});

test('settleRound() waits for its witness, whatever else is there', () => {
  const { 6: _, ...unwitnessed } = whole;
  assert.equal(settle(unwitnessed, { now: minute(6) }).state, 'wait');
  assert.equal(settle(whole, { now: minute(5) + 59 }).state, 'wait');
  assert.equal(settle(whole, { now: minute(6) }).state, 'settled');
});

test('settleRound() takes the earlier of two prices equally near (peer-faults 5.1 14: never without a limit)', () => {
  const { 3: _, ...gap } = whole;
  const state = settle(gap); // P(minute 3) is the price of minute 2: step 3 has one price at both ends
  assert.deepEqual(scored(state), [1, 2, 4, 5]);
  assert.ok(state.state === 'settled');
  assert.equal(state.outcome[0]?.x[3], Math.log(104) - Math.log(102));
});

test('settleRound() accepts a price exactly at the tolerance and none beyond it', () => {
  const points = { 0: 100, 1: 101, 2: 102, 3: 103, 3.5: 103.5, 7: 107 };
  assert.equal(settle(points).state, 'settled'); // minute 5 is 90 s after 3.5, and 120 s before 7
  const beyond = settle(points, { game: { ...game, toleranceCandles: 1.49 } });
  assert.ok(beyond.state === 'void');
  assert.match(beyond.reason, /^No price of BTC within 89\.4 s of 2025-06-15T15:12:00Z after 600 s of patience$/);
});

test('settleRound() voids a gap in a scored step for everybody (peer-faults 5.1 14)', () => {
  const { 2: _2, 3: _3, 4: _4, ...gap } = whole;
  const state = settle(gap);
  assert.ok(state.state === 'void');
  assert.equal(state.ours, false);
  assert.equal(state.settledAt, minute(15));
  assert.match(state.reason, /^No price of BTC within 90 s of 2025-06-15T15:10:00Z/);
});

test('settleRound() asks no price of steps that are not scored', () => {
  const { 3: _3, 4: _4, 5: _5, ...gap } = whole;
  const state = settle({ ...gap, 6: 106 }, {}, { ...round, scoredSteps: { '60': [[1, 2]] } });
  assert.deepEqual(scored(state), [1, 2]);
  assert.ok(state.state === 'settled');
  assert.deepEqual([state.priceAtStart, state.priceAtEnd], [100, null]);
  assert.equal(state.lastPricedAt, minute(2));
});

test('settleRound() voids a round in which no step has two prices', () => {
  const coarse: SettlementGame = { ...game, candleSeconds: 300 };
  const state = settle({ 2: 102, 8: 108 }, { game: coarse }, { ...round, scoredSteps: { '60': [[2, 3]] } });
  assert.ok(state.state === 'void');
  assert.equal(state.settledAt, minute(8));
  assert.match(state.reason, /^No step of BTC .* has two prices$/);
});

test('settleRound() voids when patience ends, at that instant, and not a second earlier', () => {
  const { 6: _, ...unwitnessed } = whole;
  assert.equal(settle(unwitnessed, { now: minute(15) - 1 }).state, 'wait');
  const state = settle(unwitnessed, { now: minute(15) });
  assert.ok(state.state === 'void');
  assert.equal(state.settledAt, minute(15));
  assert.equal(state.reason, 'No price of BTC after 2025-06-15T15:12:00Z after 600 s of patience');
});

test('settleRound() counts a witness at the end of patience and none later', () => {
  const { 6: _, ...unwitnessed } = whole;
  assert.equal(settle({ ...unwitnessed, 15: 115 }).state, 'settled');
  assert.equal(settle({ ...unwitnessed, 16: 116 }).state, 'void');
});

test('settleRound() counts patience in open time', () => {
  const calendar: Calendar = {
    zone: 'UTC',
    weekly: [
      { from: 'Sunday 00:00', to: 'Sunday 15:14' },
      { from: 'Sunday 18:00', to: 'Sunday 23:00' },
    ],
  };
  const { 6: _, ...unwitnessed } = whole;
  const reopened = minute(0) + 173 * 60; // 18:00; two minutes of patience went by before the close
  const atEnd = { ...unwitnessed, [173 + 8]: 110 };
  const settled = settle(atEnd, { calendar, now: reopened + 8 * 60 });
  assert.ok(settled.state === 'settled');
  assert.equal(settled.settledAt, reopened + 8 * 60);
  const state = settle(unwitnessed, { calendar, now: reopened + 8 * 60 });
  assert.ok(state.state === 'void');
  assert.equal(state.settledAt, reopened + 8 * 60);
});

test('settleRound() voids a round with a fault of ours at once, at its end, whatever the prices', () => {
  const state = settle({}, { now: minute(5) }, { ...round, fault: 'interrupted' } as Round);
  assert.deepEqual(state, {
    state: 'void',
    settledAt: minute(5),
    reason: 'Our worker stopped while models were answering',
    ours: true,
  });
});

test('settleRound() gives the reason that came with a fault', () => {
  const state = settle({}, {}, { ...round, fault: 'operator', faultReason: 'BTC was halted' } as Round);
  assert.equal(state.state === 'void' && state.reason, 'BTC was halted');
});

test('settleRound() says which profile is missing', () => {
  assert.throws(() => settle(whole, {}, { ...round, profile: '1d' }), /of profile "1d": the game has "5m"/);
});

test('settleRound() never changes a verdict once given, however late it is asked and whatever came after', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: -2, max: 40 }), { minLength: 0, maxLength: 40 });
  fc.assert(
    fc.property(minutes, fc.integer({ min: 5, max: 20 }), fc.integer({ min: 0, max: 30 }), (known, asked, later) => {
      const all = seriesOf(Object.fromEntries(known.map((n) => [n, 100 + n])));
      const early = seriesOf(Object.fromEntries(known.filter((n) => n <= asked).map((n) => [n, 100 + n])));
      const options = { game, calendar: undefined };
      const first = settleRound(round, { ...options, series: early, now: minute(asked) });
      assert.deepEqual(first, settleRound(round, { ...options, series: all, now: minute(asked) }));
      if (first.state !== 'wait') {
        assert.deepEqual(settleRound(round, { ...options, series: all, now: minute(asked + later) }), first);
      }
    }),
  );
});
