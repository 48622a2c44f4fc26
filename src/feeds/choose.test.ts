import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { manualClock } from '../lib/clock.ts';
import { type FakeBinance, recordedLog, startFakeBinance } from './binance-fixture.ts';
import { type CreateFeedOptions, createFeed } from './choose.ts';

const t0 = 1_750_000_020; // a whole minute
const btc = { symbol: 'BTC', price: 100_000, candleVolatility: 5e-4 };
const tsla = { symbol: 'TSLAX', price: 300, candleVolatility: 5e-4 };

let server: FakeBinance;
beforeEach(async () => {
  server = await startFakeBinance(t0);
});
afterEach(() => server.close());

/** Chooses a feed; gives it with what was logged. */
async function choose(options: Partial<CreateFeedOptions>) {
  const { log, records } = recordedLog();
  const { restUrl, streamUrl } = server;
  const binance = { restUrl, streamUrl, limits: { retryMs: 1, requestSpacingMs: 1 } };
  const base = { prices: 'auto', seed: 3, assets: [btc], candleSeconds: 60, clock: manualClock(t0 + 30), log, binance };
  const feed = await createFeed({ ...base, probeMs: 1000, ...options });
  return { feed, records };
}

function reasons(records: readonly Record<string, unknown>[]): string {
  return records.map(({ msg, reason }) => `${msg}: ${reason}`).join('\n');
}

test('createFeed() takes Binance for auto when it answers', async () => {
  const { feed, records } = await choose({});
  assert.equal(feed.world, 'live:binance');
  assert.ok(records.some(({ msg, world }) => msg === 'prices chosen' && world === 'live:binance'));
});

test('createFeed() takes the simulated market for auto when Binance does not answer in time, and says so', async () => {
  server.replies.push({ body: 'never' });
  const { feed, records } = await choose({ probeMs: 60 });
  assert.equal(feed.world, 'simulated:3');
  assert.match(reasons(records), /prices are simulated, not a real market: .*no answer within \d+ ms/);
});

for (const [what, reply] of [
  ['an error', { status: 500, body: 'down' }],
  ['a refusal', { status: 451, body: 'not in your country' }],
  ['a page of another sort', { body: '<html>sign in</html>' }],
] as const) {
  test(`createFeed() takes the simulated market for auto when Binance answers with ${what}`, async () => {
    server.replies.push(reply, reply);
    assert.equal((await choose({})).feed.world, 'simulated:3');
  });
}

test('createFeed() takes the simulated market for auto when Binance does not serve the game, without asking', async () => {
  const asset = await choose({ assets: [btc, tsla] });
  assert.equal(asset.feed.world, 'simulated:3');
  assert.match(reasons(asset.records), /"TSLAX" from Binance/);
  assert.equal((await choose({ candleSeconds: 10 })).feed.world, 'simulated:3');
  assert.equal(server.requests.length, 0);
});

test('createFeed() follows for auto what the data directory was written for, without asking', async () => {
  assert.equal((await choose({ world: 'live:binance' })).feed.world, 'live:binance');
  assert.equal((await choose({ world: 'simulated:9' })).feed.world, 'simulated:9');
  assert.equal(server.requests.length, 0);
  await assert.rejects(choose({ world: 'replay:0123456789abcdef' }), /written for "replay:0123456789abcdef"; name/);
});

test('createFeed() refuses another world than the data directory’s, naming the flags', async () => {
  await assert.rejects(
    choose({ prices: 'simulated', world: 'live:binance' }),
    /Cannot use prices of "simulated:3" here: .* for "live:binance"; .*--data-dir.*--reset/,
  );
  assert.equal((await choose({ prices: 'simulated', world: 'simulated:3' })).feed.world, 'simulated:3');
});

test('createFeed() takes Binance for live even when it does not answer, and says so', async () => {
  server.replies.push({ status: 503, body: 'down' }, { status: 503, body: 'down' });
  const { feed, records } = await choose({ prices: 'live' });
  assert.equal(feed.world, 'live:binance');
  assert.match(reasons(records), /Binance does not answer now, trying on: .*HTTP 503/);
  await assert.rejects(choose({ prices: 'live', assets: [tsla] }), /"TSLAX" from Binance/);
  await assert.rejects(choose({ prices: 'live', candleSeconds: 10 }), /candles of 10 s are wanted/);
});

test('createFeed() replays a directory, and refuses what is none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'condor-choose-'));
  try {
    await writeFile(join(directory, 'BTC.csv'), 'timestamp_unix_seconds,close\n0,1\n');
    assert.match((await choose({ prices: directory })).feed.world, /^replay:/);
    const file = join(directory, 'BTC.csv');
    await assert.rejects(choose({ prices: file }), /BTC\.csv": it is neither auto, live, simulated nor a directory/);
  } finally {
    await rm(directory, { recursive: true });
  }
});
