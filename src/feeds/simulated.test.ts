import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Price } from '../domain/price.ts';
import { manualClock } from '../lib/clock.ts';
import { collect, statisticsOf, take } from './feed-fixtures.ts';
import { createSimulatedFeed } from './simulated.ts';
import type { SimulatedAsset } from './simulated-market.ts';

const start = Date.UTC(2026, 0, 5) / 1000; // a Monday
const days30 = 30 * 86_400;

// Standard deviations of one-minute returns in the recorded files.
const assets: readonly SimulatedAsset[] = [
  { symbol: 'BTC', price: 100_000, candleVolatility: 5.1e-4 },
  { symbol: 'ETH', price: 2500, candleVolatility: 10.5e-4 },
  { symbol: 'SOL', price: 150, candleVolatility: 10.5e-4 },
  { symbol: 'XAU', price: 3300, candleVolatility: 3.2e-4, isOpen: isGoldOpen },
];

/** A gold-like week: closed daily 21:00–22:00 UTC, Friday 21:00 to Sunday 22:00. */
function isGoldOpen(instant: number): boolean {
  const minuteOfWeek = Math.floor(instant / 60 + 4 * 1440) % 10_080; // Sunday 00:00 is 0
  const [day, minute] = [Math.floor(minuteOfWeek / 1440), minuteOfWeek % 1440];
  if (day === 6) return false;
  if (day === 0) return minute > 22 * 60;
  return minute <= 21 * 60 || (day !== 5 && minute > 22 * 60);
}

function feedOf(seed: number, candleSeconds = 60) {
  return createSimulatedFeed({ seed, candleSeconds, assets, clock: manualClock(start) });
}

function historyOf(seed: number, asset: string, from: number, to: number, candleSeconds = 60): Promise<Price[]> {
  return collect(feedOf(seed, candleSeconds).history(asset, from, to));
}

test('createSimulatedFeed() gives one price for each candle end, `from` excluded and `to` included', async () => {
  const prices = await historyOf(1, 'BTC', start, start + 180);
  assert.deepEqual(
    prices.map(({ asset, pricedAt, source }) => ({ asset, pricedAt, source })),
    [60, 120, 180].map((seconds) => ({ asset: 'BTC', pricedAt: start + seconds, source: 'simulated' })),
  );
  assert.deepEqual(await historyOf(1, 'BTC', start + 0.5, start + 59.5), []);
});

test('createSimulatedFeed() gives the same prices forwards, backwards and from any instant', async () => {
  const whole = await historyOf(3, 'ETH', start, start + 20 * 86_400);
  const feed = feedOf(3);
  const backwards: Price[] = [];
  for (let to = start + 20 * 86_400; to > start; to -= 86_400) {
    backwards.unshift(...(await collect(feed.history('ETH', to - 86_400, to))));
  }
  assert.deepEqual(backwards, whole);
  const at = whole[12_345] as Price;
  assert.deepEqual(await historyOf(3, 'ETH', at.pricedAt - 60, at.pricedAt), [at]);
});

test('createSimulatedFeed() gives the same prices in another process', async () => {
  const script = `
    const { createSimulatedFeed } = await import(${JSON.stringify(new URL('./simulated.js', import.meta.url).href)});
    const assets = [{ symbol: 'SOL', price: 150, candleVolatility: 10.5e-4 }];
    const clock = { now: () => 0, sleepUntil: async () => {} };
    const feed = createSimulatedFeed({ seed: 11, candleSeconds: 60, assets, clock });
    for await (const batch of feed.history('SOL', ${start}, ${start + 7200})) console.log(JSON.stringify(batch));`;
  const there = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(there), await historyOf(11, 'SOL', start, start + 7200));
});

test('createSimulatedFeed() gives the prices it always gave', async () => {
  // A changed digest changes every simulated competition: raise it knowingly, and say so in the changelog.
  const hash = createHash('sha256');
  for (const { symbol } of assets) hash.update(JSON.stringify(await historyOf(1, symbol, start, start + 3 * 86_400)));
  assert.equal(hash.digest('hex').slice(0, 16), '8938d248ea61b645');
});

test('createSimulatedFeed() differs between seeds and between assets', async () => {
  const [one, two] = [await historyOf(1, 'BTC', start, start + 600), await historyOf(2, 'BTC', start, start + 600)];
  assert.notDeepEqual(one, two);
  const [eth, sol] = [await historyOf(1, 'ETH', start, start + 600), await historyOf(1, 'SOL', start, start + 600)];
  const relative = (prices: Price[]) => prices.map(({ price }) => price / (prices[0] as Price).price);
  assert.notDeepEqual(relative(eth), relative(sol));
});

for (const { symbol, price, candleVolatility } of assets) {
  test(`createSimulatedFeed() moves ${symbol} like a market, for seeds 1 to 5 and 7`, async () => {
    for (const seed of [1, 2, 3, 4, 5, 7]) {
      const prices = (await historyOf(seed, symbol, start, start + days30)).map((row) => row.price);
      const { standardDeviation, kurtosis, autocorrelationAt1, absoluteAutocorrelationAt60 } = statisticsOf(prices);
      const about = `${symbol}, seed ${seed}`;
      assert.ok(kurtosis > 7 && kurtosis < 40, `${about}: kurtosis ${kurtosis}`);
      assert.ok(absoluteAutocorrelationAt60 > 0.06, `${about}: ${absoluteAutocorrelationAt60} at lag 60`);
      assert.ok(Math.abs(autocorrelationAt1) < 0.025, `${about}: ${autocorrelationAt1} at lag 1`);
      const ratio = standardDeviation / candleVolatility;
      assert.ok(ratio > 0.65 && ratio < 1.5, `${about}: standard deviation is ${ratio} times the asked`);
      assert.ok(Math.max(...prices) < 10 * price && Math.min(...prices) > price / 10, `${about}: wandered off`);
    }
  });
}

test('createSimulatedFeed() has no price in closed time and every price in open time', async () => {
  const instants = (await historyOf(1, 'XAU', start, start + 7 * 86_400)).map(({ pricedAt }) => pricedAt);
  const wanted = Array.from({ length: 10_080 }, (_, index) => start + 60 * (index + 1)).filter(isGoldOpen);
  assert.deepEqual(instants, wanted);
});

test('createSimulatedFeed() opens after a weekend near where it closed', async () => {
  const prices = await historyOf(1, 'XAU', start, start + days30);
  const gaps = prices.slice(1).flatMap((price, index) => {
    const before = prices[index] as Price;
    return price.pricedAt - before.pricedAt > 86_400 ? [Math.abs(Math.log(price.price / before.price))] : [];
  });
  assert.equal(gaps.length, 4);
  assert.ok(Math.max(...gaps) < 10 * 3.2e-4);
});

test('createSimulatedFeed() serves candles of one second', async () => {
  const prices = await historyOf(1, 'BTC', start, start + 30_000, 1);
  assert.equal(prices.length, 30_000);
  const { standardDeviation, kurtosis } = statisticsOf(prices.map(({ price }) => price));
  assert.ok(standardDeviation > 3e-4 && standardDeviation < 8e-4 && kurtosis > 6);
});

test('createSimulatedFeed() rounds prices to ticks far below a candle’s movement', async () => {
  const prices = await historyOf(1, 'SOL', start, start + 6000);
  for (const { price } of prices) assert.equal(price, Number(price.toFixed(4)));
});

test('createSimulatedFeed() brings live prices as the clock reaches them, those of history', async () => {
  const clock = manualClock(start + 30);
  const feed = createSimulatedFeed({ seed: 1, candleSeconds: 60, assets, clock });
  const stop = new AbortController();
  const live = feed.live(['BTC', 'ETH'], stop.signal)[Symbol.asyncIterator]();
  clock.set(start + 45);
  const first = live.next();
  clock.set(start + 60);
  const firstBatch = (await first).value as readonly Price[];
  assert.deepEqual(
    firstBatch.map(({ asset, pricedAt }) => [asset, pricedAt]),
    [
      ['BTC', start + 60],
      ['ETH', start + 60],
    ],
  );
  clock.set(start + 200); // a jump: nothing is missed
  const jumped = (await live.next()).value as readonly Price[];
  assert.deepEqual(
    jumped.filter(({ asset }) => asset === 'BTC'),
    await collect(feed.history('BTC', start + 60, start + 200)),
  );
  assert.equal(feed.health().newest.ETH, start + 180);
  const waiting = live.next();
  stop.abort();
  assert.equal((await waiting).done, true);
});

test('createSimulatedFeed() brings in live what a long jump passed, in bounded batches', async () => {
  const clock = manualClock(start);
  const feed = createSimulatedFeed({ seed: 1, candleSeconds: 60, assets, clock });
  const live = feed.live(['BTC', 'ETH', 'SOL'], new AbortController().signal);
  clock.set(start + 2 * 86_400);
  const sizes: number[] = [];
  const instants = new Set<number>();
  for await (const batch of live) {
    sizes.push(batch.length);
    for (const { pricedAt } of batch) instants.add(pricedAt);
    if (batch.some(({ pricedAt }) => pricedAt === start + 2 * 86_400)) break;
  }
  assert.equal(instants.size, 2880);
  assert.ok(Math.max(...sizes) <= 4096);
});

test('createSimulatedFeed() says in health that it is simulated', () => {
  const feed = feedOf(5);
  assert.equal(feed.world, 'simulated:5');
  assert.match(feed.health().note, /simulated prices, seed 5: not a real market/);
});

test('createSimulatedFeed() refuses what it cannot simulate', async () => {
  const clock = manualClock(start);
  assert.throws(() => createSimulatedFeed({ seed: 0.5, candleSeconds: 60, assets, clock }), /seed .* is 0\.5/);
  assert.throws(() => createSimulatedFeed({ seed: 1, candleSeconds: 0, assets, clock }), /candleSeconds .* is 0/);
  assert.throws(
    () =>
      createSimulatedFeed({
        seed: 1,
        candleSeconds: 60,
        assets: [{ symbol: 'BTC', price: -1, candleVolatility: 1e-3 }],
        clock,
      }),
    /asset "BTC": price must be a finite number > 0, is -1/,
  );
  await assert.rejects(take(feedOf(1).history('DOGE', 0, 60), 1), /asset "DOGE": the simulated feed has "BTC", "ETH"/);
  await assert.rejects(
    take(feedOf(1).history('BTC', 0, Number.POSITIVE_INFINITY), 1),
    /from 0 to Infinity: both must be finite/,
  );
});
