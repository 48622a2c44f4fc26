import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { manualClock } from '../lib/clock.ts';
import { createBinanceFeed } from './binance.ts';
import { type FakeBinance, recordedLog, startFakeBinance } from './binance-fixture.ts';
import type { BinanceLimits } from './binance-limits.ts';
import { collect } from './feed-fixtures.ts';

const t0 = 1_750_000_020; // a whole minute
const quick: Partial<BinanceLimits> = { retryMs: 1, requestSpacingMs: 1 };

let server: FakeBinance;
beforeEach(async () => {
  server = await startFakeBinance(t0);
});
afterEach(() => server.close());

function feedAt(now: number, limits: Partial<BinanceLimits> = {}) {
  const { restUrl, streamUrl } = server;
  const { log, records } = recordedLog();
  const feed = createBinanceFeed({
    assets: ['BTC', 'XAU'],
    candleSeconds: 60,
    clock: manualClock(now),
    log,
    restUrl,
    streamUrl,
    limits: { ...quick, ...limits },
  });
  return { feed, records };
}

test('history() stamps a candle with its end and reads its close', async () => {
  const { feed } = feedAt(t0 + 65);
  // The candle that opens at 1750000020 closes at 1000 + (29166667 mod 1000) + 0.5 = 1667.5, one minute later.
  assert.deepEqual(await collect(feed.history('BTC', t0, t0 + 60)), [
    { asset: 'BTC', pricedAt: 1_750_000_080, price: 1667.5, source: 'binance' },
  ]);
  assert.equal(
    `${server.requests[0]?.pathname}${server.requests[0]?.search}`,
    '/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1750000020000&endTime=1750000020000&limit=1000',
  );
  assert.equal(feed.health().newest.BTC, 1_750_000_080);
});

test('history() reads page after page, each candle once', async () => {
  const { feed } = feedAt(t0 + 65);
  const prices = await collect(feed.history('XAU', t0 - 2499 * 60, t0 + 60));
  assert.deepEqual(
    prices.map(({ pricedAt }) => pricedAt),
    Array.from({ length: 2500 }, (_, index) => t0 - 2498 * 60 + index * 60),
  );
  assert.equal(server.requests.length, 3);
  assert.ok(server.requests.every(({ searchParams }) => searchParams.get('symbol') === 'PAXGUSDT'));
});

test('history() drops the current candle, however the server lists it', async () => {
  const { feed } = feedAt(t0 + 59.9); // the candle that opened at t0 is still moving, and the server returns it
  const prices = await collect(feed.history('BTC', t0 - 120, t0 + 3600));
  assert.deepEqual(
    prices.map(({ pricedAt }) => pricedAt),
    [t0 - 60, t0],
  );
});

test('history() drops a candle that is incomplete by the exchange’s clock when ours is ahead', async () => {
  server.headers = { date: new Date((t0 + 58) * 1000).toUTCString() };
  const { feed } = feedAt(t0 + 61);
  const prices = await collect(feed.history('BTC', t0 - 60, t0 + 60));
  assert.deepEqual(
    prices.map(({ pricedAt }) => pricedAt),
    [t0],
  );
});

test('history() leaves a gap of the exchange a gap', async () => {
  for (let opening = t0 - 80 * 60; opening < t0; opening += 60) server.missing.add(opening);
  const { feed } = feedAt(t0 + 65);
  const prices = await collect(feed.history('BTC', t0 - 82 * 60, t0 + 60));
  assert.deepEqual(
    prices.map(({ pricedAt }) => pricedAt),
    [t0 - 81 * 60, t0 - 80 * 60, t0 + 60],
  );
});

test('history() asks for nothing that is not complete yet', async () => {
  const { feed } = feedAt(t0 + 30);
  assert.deepEqual(await collect(feed.history('BTC', t0, t0 + 3600)), []);
  assert.equal(server.requests.length, 0);
});

test('history() tries again after a server’s fault', async () => {
  server.replies.push({ status: 503, body: 'busy' }, { body: '<html>sign in</html>' });
  const { feed, records } = feedAt(t0 + 65);
  assert.equal((await collect(feed.history('BTC', t0, t0 + 60))).length, 1);
  assert.equal(server.requests.length, 3);
  assert.equal(feed.health().unknownMessages, 1);
  assert.equal(records.find(({ shape }) => shape === 'klines not JSON')?.text, '<html>sign in</html>');
});

test('history() waits as long as a 429 says', async () => {
  server.replies.push({ status: 429, headers: { 'retry-after': '1' }, body: '{"code":-1003,"msg":"Too much"}' });
  const { feed } = feedAt(t0 + 65);
  const startedMs = performance.now();
  assert.equal((await collect(feed.history('BTC', t0, t0 + 60))).length, 1);
  assert.ok(performance.now() - startedMs >= 990);
  assert.equal(server.requests.length, 2);
});

test('history() fails at once on a ban longer than its deadline, and asks nothing until it ends', async () => {
  server.replies.push({ status: 418, headers: { 'retry-after': '7200' }, body: '{"code":-1003,"msg":"banned"}' });
  const { feed } = feedAt(t0 + 65);
  await assert.rejects(
    collect(feed.history('BTC', t0, t0 + 60)),
    /Cannot read candles of BTCUSDT from http.*: HTTP 418: .*banned.*; HTTP 418, asking again after \d{4}-/,
  );
  await assert.rejects(collect(feed.history('XAU', t0, t0 + 60)), /HTTP 418, asking again after/);
  assert.equal(server.requests.length, 1);
});

test('history() pauses when the used weight nears the limit', async () => {
  server.headers = { 'x-mbx-used-weight-1m': '5000' };
  const { feed } = feedAt(t0 + 65, { pageDeadlineMs: 900 });
  assert.equal((await collect(feed.history('BTC', t0, t0 + 60))).length, 1);
  await assert.rejects(collect(feed.history('BTC', t0, t0 + 60)), /used weight 5000, asking again after/);
  assert.equal(server.requests.length, 1);
});

test('history() does not repeat a request that is wrong', async () => {
  server.replies.push({ status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' });
  const { feed } = feedAt(t0 + 65);
  await assert.rejects(collect(feed.history('BTC', t0, t0 + 60)), /HTTP 400: .*Invalid symbol/);
  assert.equal(server.requests.length, 1);
});

test('history() fails with the reason when all attempts failed', async () => {
  server.replies.push({ body: 'never' }, { body: 'never' });
  const { feed } = feedAt(t0 + 65, { attemptsMax: 2, requestTimeoutMs: 40 });
  await assert.rejects(collect(feed.history('BTC', t0, t0 + 60)), /BTCUSDT .* no answer within 40 ms/);
  assert.equal(server.requests.length, 2);
});

test('history() fails with the reason when nobody listens', async () => {
  await server.close();
  const { feed } = feedAt(t0 + 65, { attemptsMax: 2 });
  await assert.rejects(collect(feed.history('BTC', t0, t0 + 60)), /fetch failed \(.*ECONNREFUSED/);
  server = await startFakeBinance(t0);
});

const misshapen: readonly { what: string; body: string }[] = [
  { what: 'an object', body: '{"code":0}' },
  { what: 'numbers for strings', body: `[[${t0}000,1,1,1,1.5,1,${t0 + 59}999]]` },
  { what: 'a price of 0', body: `[[${t0}000,"1","1","1","0.0","1",${t0 + 59}999]]` },
  { what: 'a price that is no number', body: `[[${t0}000,"1","1","1","NaN","1",${t0 + 59}999]]` },
  { what: 'an opening off the grid', body: `[[${t0}001,"1","1","1","1.5","1",${t0 + 59}999]]` },
  {
    what: 'descending rows',
    body: `[[${t0}000,"1","1","1","2","1",${t0 + 59}999],[${t0 - 60}000,"1","1","1","2","1",${t0}000]]`,
  },
  { what: 'short rows', body: `[[${t0}000,"1"]]` },
];
for (const { what, body } of misshapen) {
  test(`history() takes no price from ${what}`, async () => {
    server.replies.push({ body });
    const { feed, records } = feedAt(t0 + 65, { attemptsMax: 1 });
    await assert.rejects(collect(feed.history('BTC', t0, t0 + 60)), /the answer is not a list of 1m candles/);
    assert.equal(feed.health().unknownMessages, 1);
    assert.equal(records.filter(({ text }) => text === body).length, 1);
  });
}

test('history() stops with the signal’s reason', async () => {
  server.replies.push({ body: 'never' });
  const { feed } = feedAt(t0 + 65);
  const stop = new AbortController();
  const reading = collect(feed.history('BTC', t0, t0 + 60, stop.signal));
  setTimeout(() => stop.abort(new Error('enough')), 20);
  await assert.rejects(reading, /enough/);
});

test('createBinanceFeed() refuses what Binance does not serve', () => {
  const { log } = recordedLog();
  const clock = manualClock(t0);
  assert.throws(
    () => createBinanceFeed({ assets: ['TSLAX'], candleSeconds: 60, clock, log }),
    /"TSLAX" from Binance: .*BTC, ETH, SOL, XAU/,
  );
  assert.throws(() => createBinanceFeed({ assets: ['constructor'], candleSeconds: 60, clock, log }), /"constructor"/);
  assert.throws(
    () => createBinanceFeed({ assets: ['BTC'], candleSeconds: 300, clock, log }),
    /candles of 300 s are wanted, it serves 1 s and 60 s/,
  );
  assert.throws(
    () => createBinanceFeed({ assets: ['BTC'], candleSeconds: 60, clock, log, streamUrl: 'https://x' }),
    /"https:\/\/x": wanted an address that begins with wss: or ws:/,
  );
  assert.deepEqual(createBinanceFeed({ assets: ['BTC', 'XAU'], candleSeconds: 1, clock, log }).alwaysOpen, ['XAU']);
});
