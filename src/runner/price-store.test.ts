import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PriceStore } from './price-store.ts';

const all = (store: PriceStore, asset = 'BTC') => {
  const { pricedAt, price } = store.range(asset, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  return Array.from(pricedAt, (at, i) => [at, price[i]]);
};

test('PriceStore.add() holds the last word on each instant, in order, however ticks come', () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(fc.array(point, { maxLength: 40 }), { maxLength: 12 }), (ticks) => {
      const store = new PriceStore({ windowSeconds: 1000 });
      const expected = new Map<number, number>();
      for (const tick of ticks) {
        store.add({ BTC: tick });
        for (const [at, price] of tick) expected.set(at, price);
      }
      assert.deepEqual(
        all(store),
        [...expected].sort(([a], [b]) => a - b),
      );
    }),
  );
});

test('PriceStore.add() forgets what is older than the window, and bounds what it keeps', () => {
  const store = new PriceStore({ windowSeconds: 100, pointsMax: 5 });
  store.add({
    BTC: [
      [0, 1],
      [150, 2],
      [200, 3],
    ],
  });
  assert.deepEqual(all(store), [
    [150, 2],
    [200, 3],
  ]);
  store.add({ BTC: [[10, 9]] });
  assert.deepEqual(all(store), [
    [150, 2],
    [200, 3],
  ]);
  for (let at = 201; at < 2000; at++) store.add({ BTC: [[at, at]] });
  assert.deepEqual(
    all(store).map(([at]) => at),
    [1995, 1996, 1997, 1998, 1999],
  );
});

test('PriceStore.add() leaves out what is no price and refuses assets without end', () => {
  const store = new PriceStore({ assetsMax: 2 });
  store.add({
    BTC: [
      [1, 0],
      [2, -1],
      [3, Number.NaN],
      [Number.NaN, 4],
      [5, 5],
    ],
    ETH: [],
  });
  assert.deepEqual(all(store), [[5, 5]]);
  assert.deepEqual(store.assets(), ['BTC', 'ETH']);
  assert.equal(store.last('ETH'), null);
  assert.throws(() => store.add({ SOL: [] }), /Cannot keep prices of "SOL": there are 2 assets already/);
});

test('PriceStore.closest() takes the nearer price, the earlier of two as near', () => {
  const store = new PriceStore();
  store.add({
    BTC: [
      [100, 1],
      [160, 2],
    ],
  });
  assert.equal(store.closest('BTC', 50)?.price, 1);
  assert.equal(store.closest('BTC', 130)?.price, 1);
  assert.equal(store.closest('BTC', 131)?.price, 2);
  assert.equal(store.closest('BTC', 999)?.price, 2);
  assert.equal(store.closest('ETH', 999), null);
  assert.deepEqual(store.last('BTC'), { pricedAt: 160, price: 2 });
});

test('PriceStore.range() takes both ends and thins by whole multiples of the resolution', () => {
  const store = new PriceStore();
  store.add({ BTC: Array.from({ length: 20 }, (_, i) => [60 * (i + 1), i + 1] as const) });
  assert.deepEqual([...store.range('BTC', 120, 240).price], [2, 3, 4]);
  assert.deepEqual([...store.range('BTC', 0, 9999, 300).pricedAt], [300, 600, 900, 1200]);
  assert.deepEqual([...store.range('BTC', 0, 1020, 300).pricedAt], [300, 600, 900, 1020]);
  assert.deepEqual([...store.range('BTC', 500, 100).price], []);
  assert.deepEqual([...store.range('ETH', 0, 1).price], []);
});

test('PriceStore.logReturns() leaves out changes across holes', () => {
  const store = new PriceStore();
  store.add({
    XAU: [
      [60, 1],
      [120, Math.E],
      [180, 1],
      [100_000, 50],
      [100_060, 50 * Math.E],
    ],
  });
  const returns = store.logReturns('XAU', 200_000, 60);
  assert.deepEqual(
    [...returns].map((r) => Math.round(r * 1e9) / 1e9),
    [1, -1, 1],
  );
  assert.equal(store.logReturns('BTC', 1000, 60).length, 0);
});
