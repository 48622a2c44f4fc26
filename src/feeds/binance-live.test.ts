import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';
import type { Price } from '../domain/price.ts';
import { manualClock, sleep } from '../lib/clock.ts';
import { createBinanceFeed } from './binance.ts';
import { closeAt, type FakeBinance, klineEvent, recordedLog, startFakeBinance } from './binance-fixture.ts';
import type { BinanceLimits } from './binance-limits.ts';

const t0 = 1_750_000_020; // a whole minute
const quick: Partial<BinanceLimits> = {
  retryMs: 1,
  requestSpacingMs: 1,
  reconnectMs: 5,
  reconnectMaxMs: 20,
  silenceMs: 5000,
};
const limited = { timeout: 10_000 };
const neverLate: Partial<BinanceLimits> = { lateSeconds: 86_400 }; // REST is asked on connects and holes alone

let server: FakeBinance;
let stop: AbortController;
beforeEach(async () => {
  server = await startFakeBinance(t0 - 60);
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await server.close();
});

/** A live feed whose clock stands at t0, and a reader of its prices as `ASSET pricedAt price`. */
function follow(assets: readonly string[], limits: Partial<BinanceLimits> = {}) {
  const clock = manualClock(t0);
  const { log, records } = recordedLog();
  const { restUrl, streamUrl } = server;
  const options = { assets, candleSeconds: 60, clock, log, restUrl, streamUrl };
  const feed = createBinanceFeed({ ...options, limits: { ...quick, ...limits } });
  const prices = feed.live(assets, stop.signal)[Symbol.asyncIterator]();
  const ready: Price[] = [];
  async function read(count: number): Promise<string[]> {
    while (ready.length < count) {
      const { value, done } = await prices.next();
      if (done) break;
      ready.push(...value);
    }
    return ready.splice(0, count).map(({ asset, pricedAt, price }) => `${asset} ${pricedAt - t0} ${price}`);
  }
  return { clock, feed, records, prices, read };
}

function line(asset: string, secondsAfter: number): string {
  return `${asset} ${secondsAfter} ${Number(closeAt(t0 + secondsAfter - 60))}`;
}

test('live() hands out closed candles once, stamped with their end', limited, async () => {
  const { clock, feed, read } = follow(['BTC', 'ETH']);
  const first = read(2); // the newest complete candle, by REST
  const { path, socket } = await server.connection();
  assert.equal(path, '/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m');
  assert.deepEqual((await first).sort(), [line('BTC', 0), line('ETH', 0)]);
  clock.set(t0 + 60);
  socket.send(klineEvent('BTCUSDT', t0, { isClosed: false, close: '7.0' }));
  socket.send(klineEvent('BTCUSDT', t0));
  socket.send(klineEvent('BTCUSDT', t0));
  socket.send(klineEvent('ETHUSDT', t0));
  socket.send(klineEvent('BTCUSDT', t0 + 60, { isClosed: false }));
  assert.deepEqual(await read(2), [line('BTC', 60), line('ETH', 60)]);
  clock.set(t0 + 120);
  socket.send(klineEvent('ETHUSDT', t0 + 60));
  assert.deepEqual(await read(1), [line('ETH', 120)]);
  assert.deepEqual(feed.health().newest, { BTC: t0 + 60, ETH: t0 + 120 });
  assert.equal(feed.health().connected, true);
  assert.equal(feed.health().unknownMessages, 0);
});

test('live() fills by REST the three minutes it was cut off', limited, async () => {
  const { clock, feed, read } = follow(['BTC'], neverLate);
  const first = read(1);
  const { socket } = await server.connection();
  assert.deepEqual(await first, [line('BTC', 0)]);
  clock.set(t0 + 60);
  socket.send(klineEvent('BTCUSDT', t0));
  assert.deepEqual(await read(1), [line('BTC', 60)]);
  const missed = read(3);
  socket.terminate();
  server.newestOpening = t0 + 240; // the last one is still moving
  clock.set(t0 + 241);
  const again = await server.connection();
  assert.deepEqual(await missed, [line('BTC', 120), line('BTC', 180), line('BTC', 240)]);
  again.socket.send(klineEvent('BTCUSDT', t0 + 180)); // known by REST already
  clock.set(t0 + 300);
  again.socket.send(klineEvent('BTCUSDT', t0 + 240));
  assert.deepEqual(await read(1), [line('BTC', 300)]);
  assert.equal(feed.health().reconnects, 1);
});

test('live() fills a hole it sees in an unbroken stream', limited, async () => {
  const { clock, read } = follow(['BTC'], neverLate);
  const first = read(1);
  const { socket } = await server.connection();
  await first;
  server.newestOpening = t0 + 120;
  clock.set(t0 + 181);
  socket.send(klineEvent('BTCUSDT', t0 + 120));
  assert.deepEqual((await read(3)).sort(), [line('BTC', 120), line('BTC', 180), line('BTC', 60)]);
});

test('live() does not ask again and again for candles that do not exist', limited, async () => {
  const { clock, read } = follow(['BTC'], neverLate);
  const first = read(1);
  const { socket } = await server.connection();
  await first;
  server.newestOpening = t0 + 120;
  server.missing.add(t0).add(t0 + 60); // the exchange stood still
  clock.set(t0 + 181);
  socket.send(klineEvent('BTCUSDT', t0 + 120));
  assert.deepEqual(await read(1), [line('BTC', 180)]);
  while (server.requests.length < 2) await sleep(5);
  await sleep(50); // lets the answer arrive
  for (let seconds = 240; seconds <= 600; seconds += 60) {
    clock.set(t0 + seconds);
    socket.send(klineEvent('BTCUSDT', t0 + seconds - 60));
    assert.deepEqual(await read(1), [line('BTC', seconds)]);
  }
  assert.ok(server.requests.length <= 3);
});

test('live() asks REST for a candle that is late', limited, async () => {
  const { clock, read } = follow(['BTC', 'XAU']);
  const first = read(2);
  const { socket } = await server.connection();
  await first;
  server.newestOpening = t0;
  clock.set(t0 + 60);
  socket.send(klineEvent('BTCUSDT', t0));
  assert.deepEqual(await read(1), [line('BTC', 60)]);
  clock.set(t0 + 64); // PAXG saw no trade, so the stream said nothing
  assert.deepEqual(await read(1), [line('XAU', 60)]);
});

test('live() leaves a stream that is silent, pings or not', limited, async () => {
  const { feed, read } = follow(['BTC'], { silenceMs: 80 });
  const first = read(1);
  const { socket } = await server.connection();
  const pings = setInterval(() => socket.ping(), 10);
  const again = await server.connection();
  clearInterval(pings);
  assert.deepEqual(await first, [line('BTC', 0)]);
  assert.notEqual(again.socket, socket);
  assert.ok(feed.health().reconnects >= 1);
});

test('live() stays with a stream that sends updates, and answers pings', limited, async () => {
  const { feed, read } = follow(['BTC'], { silenceMs: 1000 });
  const first = read(1);
  const { socket } = await server.connection();
  await first;
  const updates = setInterval(() => socket.send(klineEvent('BTCUSDT', t0, { isClosed: false })), 20);
  socket.ping('are you there');
  const [pong] = (await once(socket, 'pong')) as [Buffer];
  assert.equal(pong.toString(), 'are you there');
  await sleep(1200);
  clearInterval(updates);
  assert.equal(feed.health().reconnects, 0);
});

test('live() goes before the exchange cuts it off', limited, async () => {
  const { read } = follow(['BTC'], { connectionMaxMs: 60 });
  const first = read(1);
  const { socket } = await server.connection();
  await once(socket, 'close');
  await server.connection();
  assert.deepEqual(await first, [line('BTC', 0)]);
});

for (const notice of [
  '{"e":"serverShutdown","E":1770123456789}',
  '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
  '{"event":{"e":"serverShutdown","E":1770123456789}}',
]) {
  test(`live() connects anew on ${notice}`, limited, async () => {
    const { feed, read } = follow(['BTC']);
    const first = read(1);
    const { socket } = await server.connection();
    socket.send(notice);
    await server.connection();
    await first;
    assert.equal(feed.health().reconnects, 1);
    assert.equal(feed.health().unknownMessages, 0);
  });
}

test('live() logs each unknown shape whole once, counts all, and goes on', limited, async () => {
  const { clock, feed, records, read } = follow(['BTC']);
  const first = read(1);
  const { socket } = await server.connection();
  await first;
  const strange = [
    '{"stream":"x","data":{"e":"surprise","price":1}}',
    '{"stream":"y","data":{"e":"surprise","price":2}}',
  ];
  const numbers = klineEvent('BTCUSDT', t0).replace(/"c":"([\d.]+)"/, '"c":$1'); // a number where a string belongs
  const otherLength = klineEvent('BTCUSDT', t0).replace('"i":"1m"', '"i":"5m"');
  clock.set(t0 + 60);
  for (const text of [...strange, 'not { JSON', '[1,2]', 'null', numbers, otherLength]) socket.send(text);
  socket.send(klineEvent('DOGEUSDT', t0));
  socket.send(klineEvent('BTCUSDT', t0 + 86_400)); // from tomorrow
  socket.send('{"result":null,"id":1}');
  socket.send(klineEvent('BTCUSDT', t0));
  assert.deepEqual(await read(1), [line('BTC', 60)]);
  assert.equal(feed.health().unknownMessages, 9);
  const texts = records.filter(({ msg }) => msg === 'message of unknown shape, logged once').map(({ text }) => text);
  assert.deepEqual(texts.slice(0, 6), [strange[0], 'not { JSON', '[1,2]', 'null', numbers, otherLength]);
  assert.equal(texts.length, 8);
});

test('live() goes on trying while the server refuses, and obeys its Retry-After', limited, async () => {
  server.refusals.push({ status: 503 }, { status: 429, headers: { 'Retry-After': '1' } });
  const { feed, records, read } = follow(['BTC']);
  const startedMs = performance.now();
  const first = read(1); // REST answers meanwhile
  await server.connection();
  assert.ok(performance.now() - startedMs >= 990);
  assert.deepEqual(await first, [line('BTC', 0)]);
  assert.equal(feed.health().reconnects, 2);
  assert.ok(records.some(({ reason }) => reason === 'the server answered HTTP 503'));
});

test('live() goes on with the stream while REST is down, and fills when it is back', limited, async () => {
  server.replies.push({ status: 400 }, { status: 400 });
  const { clock, records, read } = follow(['BTC']);
  const first = read(1);
  const { socket } = await server.connection();
  clock.set(t0 + 60);
  socket.send(klineEvent('BTCUSDT', t0));
  assert.deepEqual(await first, [line('BTC', 60)]);
  const late = read(1);
  while (server.replies.length > 0) {
    clock.set(clock.now() + 60);
    await sleep(5);
  }
  clock.set(clock.now() + 60);
  assert.deepEqual(await late, [line('BTC', 0)]);
  assert.ok(records.some(({ msg }) => msg === 'cannot fill a hole, trying again'));
});

test('live() ends without throwing when it is stopped, and closes its connection', limited, async () => {
  const { feed, prices, read } = follow(['BTC']);
  const first = read(1);
  const { socket } = await server.connection();
  await first;
  const next = prices.next();
  const closed = once(socket, 'close');
  stop.abort();
  assert.equal((await next).done, true);
  await closed;
  assert.equal(feed.health().connected, false);
});

test('live() closes its connection when its reader leaves', limited, async () => {
  const { prices, read } = follow(['BTC']);
  const first = read(1);
  const { socket } = await server.connection();
  await first;
  const closed = once(socket, 'close');
  await prices.return?.();
  await closed;
});
