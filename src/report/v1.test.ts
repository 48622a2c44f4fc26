import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { silentLog } from '../lib/log.ts';
import { createReportApp } from './app.ts';
import { fakeData, fakeRepository, game, leaderboard, noon, standing } from './fixture.ts';

async function open(t: TestContext) {
  const data = fakeData();
  const repository = fakeRepository(data);
  let seconds = 0;
  const app = await createReportApp({ repository, game, log: silentLog, now: () => seconds, onBoard: () => {} });
  t.after(() => app.close());
  const passSeconds = (count: number) => {
    seconds += count;
  };
  return { app, data, repository, passSeconds };
}

test('GET /healthz says that the database answers and how old the board is in market time', async (t) => {
  const { app } = await open(t);
  await app.inject('/reports/leaderboard');
  const response = await app.inject('/healthz');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), {
    status: 'ok',
    database: 'reachable',
    marketNow: noon + 30,
    boardAsOf: noon,
    boardAgeSeconds: 30,
  });
});

test('GET /healthz says 503 while the database is away, without the driver telling hosts and users', async (t) => {
  const { app, data } = await open(t);
  data.failure = new Error('password authentication failed for user "condor_report"');
  const response = await app.inject('/healthz');
  assert.equal(response.statusCode, 503);
  assert.deepEqual(response.json(), { status: 'unavailable', database: 'unreachable', boardAsOf: null });
});

test('GET /v1/stats gives counts, clock and competition', async (t) => {
  const { app } = await open(t);
  const body = (await app.inject('/v1/stats')).json();
  assert.equal(body.game, 'condor');
  assert.equal(body.worldNote, 'simulated prices, seed 1: not a real market');
  assert.deepEqual(body.clock, {
    now: noon + 30,
    speed: 'max',
    mode: 'replay',
    startedAt: noon - 7 * 86_400,
    warmupDone: null,
  });
  assert.equal(body.passedUntil, noon);
  assert.deepEqual(body.rounds, { asked: 12, settled: 9, void: 1, skipped: 3, open: 2 });
  assert.deepEqual(body.predictions.byVerdict, { valid: 19, invalid: 1 });
  assert.deepEqual(body.windows, { comparedAt: noon, differences: 0 });
});

test('GET /v1/stats says how far a warm-up has come', async (t) => {
  const { app, data, passSeconds } = await open(t);
  passSeconds(noon + 100);
  data.stats = { ...data.stats, clock: { now: noon + 25, speed: 60, mode: 'warmup', startedAt: noon } };
  assert.equal((await app.inject('/v1/stats')).json().clock.warmupDone, 0.25);
});

test('GET /v1/stats and /healthz answer before a competition has started', async (t) => {
  const { app, data } = await open(t);
  data.board = null;
  data.stats = { ...data.stats, competition: null, clock: null, passedUntil: null };
  const stats = (await app.inject('/v1/stats')).json();
  assert.deepEqual([stats.game, stats.world, stats.clock, stats.boardAsOf], ['condor', null, null, null]);
  assert.equal((await app.inject('/healthz')).json().status, 'ok');
});

test('GET /v1/stats asks the database at most once a second', async (t) => {
  const { app, repository, passSeconds } = await open(t);
  await Promise.all(Array.from({ length: 20 }, () => app.inject('/v1/stats')));
  assert.equal(repository.reads.filter((name) => name === 'stats').length, 1);
  passSeconds(1);
  await app.inject('/v1/stats');
  assert.equal(repository.reads.filter((name) => name === 'stats').length, 2);
});

test('GET /v1/leaderboard gives every standing with names', async (t) => {
  const { app } = await open(t);
  const body = (await app.inject('/v1/leaderboard')).json();
  assert.equal(body.asOf, noon);
  assert.deepEqual([body.official, body.whyNot], [false, 'rounds of the warm-up lie in its windows']);
  assert.deepEqual(body.profiles[1].stepsSeconds, [60]);
  const [first, second] = body.standings;
  assert.deepEqual([first.rank, first.modelName, first.cruncherName, first.connected], [1, 'light', 'degu', true]);
  assert.deepEqual(first.overall.recent, { value: 12.5, count: 10, availability: 0.9 });
  assert.deepEqual(first.provisional, { recent: false, steady: true, anchor: true });
  assert.equal(second.connected, false);
});

test('GET /v1/leaderboard names the rule that ranks, and says what the ranks would be under the others', async (t) => {
  const { app } = await open(t);
  const { rule, shadows, standings } = (await app.inject('/v1/leaderboard')).json();
  assert.deepEqual(rule, { name: 'condor', version: 1, note: null });
  assert.deepEqual(shadows[0].rule, { name: 'log-score', version: 2, note: 'Unbounded.' });
  assert.deepEqual(
    standings.map(({ modelId, wouldRank }: { modelId: string; wouldRank: unknown }) => [modelId, wouldRank]),
    [
      ['7', { 'log-score': { rank: 2, higher: -1 } }],
      ['9', { 'log-score': { rank: 1, higher: 1 } }],
    ],
  );
});

test('GET /v1/leaderboard shows a board of a release that knew no shadow rules', async (t) => {
  const { app, data } = await open(t);
  const { rule: _rule, shadows: _shadows, ...earlier } = leaderboard();
  data.board = earlier as never;
  const { rule, shadows, standings } = (await app.inject('/v1/leaderboard')).json();
  assert.deepEqual([rule.name, shadows[0].standings, standings[0].wouldRank], ['condor', [], {}]);
});

test('GET /v1/leaderboard carries count and availability with each mean', async (t) => {
  const { app } = await open(t);
  const [{ byProfile, byAsset }] = (await app.inject('/v1/leaderboard')).json().standings;
  assert.deepEqual(byProfile['1h'].recent, { value: 6.25, count: 10, availability: 0.9 });
  assert.deepEqual(byAsset['24h'].BTC.recent, { value: 12.5, count: 10, availability: 0.9 });
  assert.deepEqual(byAsset['24h'].ETH.recent, { value: null, count: 0, availability: null });
});

test('GET /v1/leaderboard before the first board has no standings and says so', async (t) => {
  const { app, data } = await open(t);
  data.board = null;
  const body = (await app.inject('/v1/leaderboard')).json();
  assert.deepEqual([body.asOf, body.game, body.standings, body.official], [null, 'condor', [], false]);
  assert.equal(body.whyNot, 'there is no board yet');
});

test('GET /v1/leaderboard is 304 for who has this version, in either encoding, until the next board', async (t) => {
  const { app, data, passSeconds } = await open(t);
  const first = await app.inject('/v1/leaderboard');
  const etag = String(first.headers.etag);
  const zipped = await app.inject({ url: '/v1/leaderboard', headers: { 'accept-encoding': 'br, gzip' } });
  assert.notEqual(zipped.headers.etag, etag);
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(zipped.rawPayload).toString(), first.body);
  assert.equal(first.headers.vary, 'accept-encoding');

  const ask = (tag: string) => app.inject({ url: '/v1/leaderboard', headers: { 'if-none-match': tag } });
  for (const tag of [etag, `W/${etag}`, `"other", ${zipped.headers.etag}`, '*']) {
    const response = await ask(tag);
    assert.deepEqual([response.statusCode, response.body], [304, ''], tag);
  }
  assert.equal((await ask('"other"')).statusCode, 200);

  data.board = leaderboard(noon + 60);
  passSeconds(1);
  assert.equal((await ask(etag)).statusCode, 200);
});

test('GET /v1/leaderboard is serialized once for a version', async (t) => {
  const { app, repository, passSeconds } = await open(t);
  for (let asked = 0; asked < 5; asked++) {
    await app.inject('/v1/leaderboard');
    passSeconds(1);
  }
  assert.equal(repository.reads.filter((name) => name === 'models').length, 1);
});

test('GET /v1/leaderboard goes unzipped to who refuses gzip', async (t) => {
  const { app } = await open(t);
  for (const accepted of ['identity', 'gzip;q=0', 'br']) {
    const response = await app.inject({ url: '/v1/leaderboard', headers: { 'accept-encoding': accepted } });
    assert.equal(response.headers['content-encoding'], undefined, accepted);
  }
});

test('createReportApp() lets any page read, and nothing be sniffed', async (t) => {
  const { app } = await open(t);
  for (const url of ['/reports/leaderboard', '/reports/predictions', '/v1/stats', '/healthz', '/nowhere']) {
    const { headers } = await app.inject({ url, headers: { origin: 'https://elsewhere.example' } });
    assert.equal(headers['access-control-allow-origin'], '*', url);
    assert.equal(headers['access-control-allow-credentials'], undefined, url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self'/, url);
  }
  const preflight = await app.inject({ method: 'OPTIONS', url: '/reports/leaderboard' });
  assert.equal(preflight.statusCode, 204);
  assert.equal(preflight.headers['access-control-allow-methods'], 'GET, HEAD');
});

test('createReportApp() answers what is not there with the existing body', async (t) => {
  const { app } = await open(t);
  const response = await app.inject('/report/leaderboard');
  assert.equal(response.statusCode, 404);
  assert.deepEqual(response.json(), { detail: 'Not Found' });
});

test('createReportApp() answers an address it cannot read with the existing body', async (t) => {
  const { app } = await open(t);
  const response = await app.inject('/%zz');
  assert.equal(response.statusCode, 400);
  assert.deepEqual(response.json(), { detail: 'Bad Request' });
});

test('createReportApp() tells a caller nothing of a mistake of ours', async (t) => {
  const { app, data } = await open(t);
  data.board = { ...leaderboard(), standings: [{ ...standing('7', 1, 1), overall: null as never }] };
  const response = await app.inject('/reports/leaderboard');
  assert.equal(response.statusCode, 500);
  assert.deepEqual(response.json(), { detail: 'Internal Server Error' });
});
