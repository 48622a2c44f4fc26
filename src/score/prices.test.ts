import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Price } from '../domain/price.ts';
import type { PriceRepository } from '../domain/repositories.ts';
import type { PriceFeed } from '../feeds/feed.ts';
import { silentLog } from '../lib/log.ts';
import { createSettlementPrices, sourceOf } from './prices.ts';

const price = (pricedAt: number): Price => ({ asset: 'AAA', pricedAt, price: pricedAt / 10, source: 'test' });

/** A repository of one asset that notes what was asked of it. */
function fakePrices(...instants: readonly number[]) {
  const rows = new Map(instants.map((pricedAt) => [pricedAt, price(pricedAt)]));
  const reads: string[] = [];
  const repository: PriceRepository = {
    async append(prices) {
      const fresh = prices.filter(({ pricedAt }) => !rows.has(pricedAt));
      for (const row of fresh) rows.set(row.pricedAt, row);
      return fresh.length;
    },
    async range(_asset, _source, from, to) {
      reads.push(`${from}-${to}`);
      const within = [...rows.values()].filter(({ pricedAt }) => pricedAt > from && pricedAt <= to);
      return within.toSorted((a, b) => a.pricedAt - b.pricedAt);
    },
    latest: async () => ({}),
  };
  return { repository, reads };
}

function fakeFeed(...instants: readonly number[]) {
  const asked: string[] = [];
  const feed = {
    async *history(_asset: string, from: number, to: number) {
      asked.push(`${from}-${to}`);
      yield instants.filter((pricedAt) => pricedAt > from && pricedAt <= to).map(price);
    },
  } as unknown as PriceFeed; // settlement asks for history alone
  return { feed, asked };
}

const base = { source: 'test', candleSeconds: 60, log: silentLog, signal: new AbortController().signal };

test('cover() reads each span once, whichever way it grows', async () => {
  const { repository, reads } = fakePrices(100, 200, 300, 400);
  const prices = createSettlementPrices({ ...base, prices: repository });
  assert.equal((await prices.cover('AAA', 150, 250)).length, 1);
  assert.equal((await prices.cover('AAA', 150, 250)).length, 1);
  assert.equal((await prices.cover('AAA', 50, 350)).length, 3);
  assert.equal((await prices.cover('AAA', 200, 400)).length, 4);
  assert.deepEqual(reads, ['150-250', '50-150', '250-350', '350-400']);
});

test('cover() reads in slices, so that a long absence is not one answer', async () => {
  const { repository, reads } = fakePrices(100);
  await createSettlementPrices({ ...base, candleSeconds: 1, prices: repository }).cover('AAA', 0, 25_000);
  assert.deepEqual(reads, ['0-10000', '10000-20000', '20000-25000']);
});

test('cover() reads again what a failed read left out', async () => {
  const { repository } = fakePrices(100, 200);
  let isAway = false;
  const range: PriceRepository['range'] = async (...span) => {
    if (isAway) throw new Error('away');
    return repository.range(...span);
  };
  const prices = createSettlementPrices({ ...base, prices: { ...repository, range } });
  await prices.cover('AAA', 0, 150);
  isAway = true;
  await assert.rejects(prices.cover('AAA', 0, 250), /away/);
  isAway = false;
  assert.equal((await prices.cover('AAA', 0, 250)).length, 2);
});

test('fault 5.1 #15: forgetBefore() bounds what is held, and what is asked for again is read again', async () => {
  const { repository } = fakePrices(100, 200, 300);
  const prices = createSettlementPrices({ ...base, prices: repository });
  const series = await prices.cover('AAA', 0, 300);
  prices.forgetBefore(250);
  assert.equal(series.length, 1);
  assert.equal((await prices.cover('AAA', 0, 300)).length, 3);
});

test('fault 5.1 #15: refill() sees a price that came late, at most every 5 s unless forced', async () => {
  let wall = 1000;
  const { repository } = fakePrices(100, 300);
  const prices = createSettlementPrices({ ...base, prices: repository, wall: () => wall });
  const series = await prices.cover('AAA', 0, 300);
  assert.equal(await prices.refill('AAA', 0, 300), 0);
  await repository.append([price(200)], 0);
  assert.equal(await prices.refill('AAA', 0, 300), 0);
  wall += 5;
  assert.equal(await prices.refill('AAA', 0, 300), 1);
  assert.equal(series.nearest(200, 10)?.pricedAt, 200);
  await repository.append([price(250)], 0);
  assert.equal(await prices.refill('AAA', 0, 300, { force: true }), 1);
});

test('refill() appends what a feed has and the database lacks, asking once a minute', async () => {
  let wall = 1000;
  const { repository } = fakePrices(100, 300);
  const { feed, asked } = fakeFeed(100, 200, 300, 400);
  const prices = createSettlementPrices({ ...base, prices: repository, feed, wall: () => wall });
  const series = await prices.cover('AAA', 0, 300);
  assert.equal(await prices.refill('AAA', 0, 300, { force: true }), 1);
  assert.equal(series.length, 3);
  await prices.refill('AAA', 0, 300, { force: true });
  assert.deepEqual(asked, ['0-300']);
  wall += 60;
  await prices.refill('AAA', 0, 300, { force: true });
  assert.deepEqual(asked, ['0-300', '0-300']);
});

test('refill() goes on without a feed that fails', async () => {
  const { repository } = fakePrices(100);
  const feed = {
    async *history() {
      yield [price(150)];
      throw new Error('429');
    },
  } as unknown as PriceFeed;
  const prices = createSettlementPrices({ ...base, prices: repository, feed });
  await prices.cover('AAA', 0, 300);
  assert.equal(await prices.refill('AAA', 0, 300), 0);
});

test('sourceOf() names the source of a world', () => {
  assert.deepEqual(['live:binance', 'simulated:7', 'replay:abc'].map(sourceOf), ['binance', 'simulated', 'replay']);
});
