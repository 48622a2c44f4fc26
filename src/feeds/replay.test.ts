import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Price } from '../domain/price.ts';
import { manualClock } from '../lib/clock.ts';
import { testData } from '../lib/test-data.ts';
import { collect, take } from './feed-fixtures.ts';
import { createReplayFeed } from './replay.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'condor-replay-'));
});
after(() => rm(directory, { recursive: true, force: true }));

const header = 'timestamp_unix_seconds,close';

function record(asset: string, ...rows: readonly string[]): Promise<void> {
  return writeFile(join(directory, `${asset}.csv`), `${[header, ...rows].join('\n')}\n`);
}

function replayOf(assets: readonly string[], now = 0) {
  return createReplayFeed({ directory, assets, candleSeconds: 60, clock: manualClock(now) });
}

test('createReplayFeed() stamps a price with the end of its candle', async () => {
  // The first three rows of the recorded BTC.csv. The file stamps openings: the candle opened at 1746372780
  // (15:33:00) closed at 95502.7 at 15:34:00 = 1746372840.
  await record('BTC', '1746372780,95502.7', '1746372840,95478.1', '1746372900,95457.6');
  const feed = await replayOf(['BTC']);
  assert.deepEqual(await collect(feed.history('BTC', 0, 2e9)), [
    { asset: 'BTC', pricedAt: 1746372840, price: 95502.7, source: 'replay' },
    { asset: 'BTC', pricedAt: 1746372900, price: 95478.1, source: 'replay' },
    { asset: 'BTC', pricedAt: 1746372960, price: 95457.6, source: 'replay' },
  ]);
  assert.deepEqual(feed.span, { from: 1746372840, to: 1746372960 });
});

test('createReplayFeed() stamps the recorded BTC.csv like that', async (t) => {
  const data = testData();
  if (data === null) {
    t.skip('recorded prices are missing (CONDOR_TEST_DATA)');
    return;
  }
  const options = { directory: join(data, 'prices'), candleSeconds: 60, clock: manualClock(0) };
  const feed = await createReplayFeed({ ...options, assets: ['BTC', 'ETH', 'SOL', 'XAU'] });
  const first = await collect(feed.history('BTC', 1746372840, 1746372960));
  assert.deepEqual(
    first.map(({ pricedAt, price }) => [pricedAt, price]),
    [
      [1746372900, 95478.1],
      [1746372960, 95457.6],
    ],
  );
  // XAU begins last: its first row opens at 1747283700; SOL ends last: its last row opens at 1750761180.
  assert.deepEqual(feed.span, { from: 1747283760, to: 1750761240 });
  const outage = await createReplayFeed({ ...options, directory: join(data, 'prices/spot-2023'), assets: ['BTC'] });
  const rows = await collect(outage.history('BTC', 0, 2e9));
  const gaps = rows.slice(1).filter(({ pricedAt }, index) => pricedAt - (rows[index] as Price).pricedAt > 60);
  assert.equal(gaps.length, 1); // a gap stays a gap
  assert.equal(rows.length, 66_087);
});

test('createReplayFeed() excludes `from`, includes `to`, and cuts long histories into batches', async () => {
  await record('BTC', ...Array.from({ length: 10_000 }, (_, minute) => `${minute * 60},${100 + minute}`));
  const feed = await replayOf(['BTC']);
  const range = await collect(feed.history('BTC', 120, 240));
  assert.deepEqual(
    range.map(({ pricedAt, price }) => [pricedAt, price]),
    [
      [180, 102],
      [240, 103],
    ],
  );
  const sizes: number[] = [];
  for await (const batch of feed.history('BTC', 0, 1e9)) sizes.push(batch.length);
  assert.ok(sizes.length > 1 && Math.max(...sizes) <= 4096);
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    10_000,
  );
});

test('createReplayFeed() spans from the first instant at which every asset has a price', async () => {
  await record('BTC', '60,1', '120,1', '180,1');
  await record('XAU', '120,1');
  const feed = await replayOf(['BTC', 'XAU']);
  assert.deepEqual(feed.span, { from: 180, to: 240 });
  assert.equal(feed.health().note, 'recorded prices from 1970-01-01T00:03:00Z to 1970-01-01T00:04:00Z');
});

test('createReplayFeed() brings live prices as the clock reaches them, all assets of an instant together', async () => {
  await record('BTC', '0,10', '60,11', '180,13');
  await record('ETH', '60,21', '120,22');
  const clock = manualClock(60);
  const feed = await createReplayFeed({ directory, assets: ['BTC', 'ETH'], candleSeconds: 60, clock });
  const stop = new AbortController();
  const live = feed.live(['BTC', 'ETH'], stop.signal)[Symbol.asyncIterator]();
  const first = live.next();
  clock.set(120);
  assert.deepEqual((await first).value, [
    { asset: 'BTC', pricedAt: 120, price: 11, source: 'replay' },
    { asset: 'ETH', pricedAt: 120, price: 21, source: 'replay' },
  ]);
  clock.set(1000);
  assert.deepEqual((await live.next()).value, [
    { asset: 'ETH', pricedAt: 180, price: 22, source: 'replay' },
    { asset: 'BTC', pricedAt: 240, price: 13, source: 'replay' },
  ]);
  assert.deepEqual(feed.health().newest, { BTC: 240, ETH: 180 });
  const afterTheEnd = live.next();
  clock.set(2000);
  stop.abort();
  assert.equal((await afterTheEnd).done, true);
});

test('createReplayFeed() names its world by the files of the game’s assets alone', async () => {
  await record('BTC', '0,10');
  await record('ETH', '0,20');
  const world = (await replayOf(['BTC', 'ETH'])).world;
  assert.match(world, /^replay:[0-9a-f]{16}$/);
  await record('SOL', '0,30');
  assert.equal((await replayOf(['ETH', 'BTC'])).world, world);
  assert.notEqual((await replayOf(['BTC'])).world, world);
  await record('ETH', '0,20.5');
  assert.notEqual((await replayOf(['BTC', 'ETH'])).world, world);
});

test('createReplayFeed() accepts CRLF and a last line without an ending', async () => {
  await writeFile(join(directory, 'BTC.csv'), `${header}\r\n0,10.5\r\n60,1.1e1`);
  const prices = await collect((await replayOf(['BTC'])).history('BTC', 0, 1000));
  assert.deepEqual(
    prices.map(({ price }) => price),
    [10.5, 11],
  );
});

const malformed: readonly { what: string; text: string; error: RegExp }[] = [
  { what: 'an empty file', text: '', error: /BTC\.csv" line 1: "" is there, wanted the header "timestamp_unix_/ },
  { what: 'another header', text: 'time,close\n0,1\n', error: /line 1: "time,close" is there, wanted the header/ },
  { what: 'no rows', text: `${header}\n`, error: /line 2: "" is there, wanted at least one row/ },
  { what: 'a blank line', text: `${header}\n0,1\n\n60,1\n`, error: /line 3: "" is there, wanted the opening/ },
  {
    what: 'a duplicate',
    text: `${header}\n60,1\n60,1\n`,
    error: /line 3: "60" is there, wanted a stamp later than 60/,
  },
  { what: 'a step back', text: `${header}\n60,1\n0,1\n`, error: /line 3: "0" is there, wanted a stamp later than 60/ },
  { what: 'a stamp below 0', text: `${header}\n-60,1\n`, error: /line 2: "-60" is there, wanted the opening/ },
  { what: 'a stamp with a fraction', text: `${header}\n60.5,1\n`, error: /line 2: "60\.5" is there/ },
  { what: 'milliseconds', text: `${header}\n1746372780000,1\n`, error: /line 2: "1746372780000" .* unix seconds/ },
  { what: 'a stamp off the grid', text: `${header}\n61,1\n`, error: /line 2: "61" .* multiple of the game's 60 s/ },
  { what: 'NaN', text: `${header}\n0,NaN\n`, error: /line 2: "NaN" is there, wanted a price/ },
  { what: 'Infinity', text: `${header}\n0,1e999\n`, error: /line 2: "1e999" is there, wanted a price/ },
  { what: 'a price below 0', text: `${header}\n0,-5\n`, error: /line 2: "-5" is there, wanted a price/ },
  { what: 'a price of 0', text: `${header}\n0,0.0\n`, error: /line 2: "0\.0" is there, wanted a price/ },
  { what: 'no price', text: `${header}\n0\n`, error: /line 2: "" is there, wanted a price/ },
  { what: 'a third column', text: `${header}\n0,1,2\n`, error: /line 2: "1,2" is there, wanted a price/ },
  { what: 'binary', text: `${header}\n${'\u0000'.repeat(100)}\n`, error: /line 2: "(\\u0000){60}…" is there/ },
];
for (const { what, text, error } of malformed) {
  test(`createReplayFeed() refuses ${what}, naming file, line, present and wanted`, async () => {
    await writeFile(join(directory, 'BTC.csv'), text);
    await assert.rejects(replayOf(['BTC']), error);
  });
}

test('createReplayFeed() refuses a missing file and an asset it was not opened with', async () => {
  await record('BTC', '0,1');
  await assert.rejects(replayOf(['BTC', 'DOGE']), /asset "DOGE" from ".*DOGE\.csv": there is no such file/);
  await assert.rejects(
    replayOf(['DOGE', 'BTC', 'PEPE']),
    /Cannot replay ".*": it lacks DOGE\.csv, PEPE\.csv; the game needs a file for each of its 3 assets, or --prices simulated/,
  );
  await assert.rejects(take((await replayOf(['BTC'])).history('ETH', 0, 60), 1), /asset "ETH": the replay of .* "BTC"/);
});

test('createReplayFeed() refuses a file too large to hold, without reading it', async () => {
  await record('BTC', '0,1');
  await truncate(join(directory, 'BTC.csv'), 300 * 1024 * 1024); // sparse: takes no room
  await assert.rejects(replayOf(['BTC']), /it holds 314572800 bytes, at most 268435456 are read/);
});
