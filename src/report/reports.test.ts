import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Game } from '../domain/game.ts';
import { silentLog } from '../lib/log.ts';
import { createReportApp } from './app.ts';
import { fakeData, fakeRepository, game, noon, prediction, standing } from './fixture.ts';

async function open(t: TestContext, played: Game = game) {
  const data = fakeData();
  const repository = fakeRepository(data);
  const app = await createReportApp({ repository, game: played, log: silentLog, now: () => 0, onBoard: () => {} });
  t.after(() => app.close());
  const get = async (url: string) => {
    const response = await app.inject(url);
    return { status: response.statusCode, body: response.json(), headers: response.headers };
  };
  return { data, repository, get };
}

const day = 86_400;

test('GET /reports/models lists all models ever seen, five strings each', async (t) => {
  const { get } = await open(t);
  const { status, body } = await get('/reports/models');
  assert.equal(status, 200);
  assert.deepEqual(body[0], {
    model_id: '7',
    model_name: 'light',
    cruncher_name: 'degu',
    cruncher_id: 'cruncher-7',
    deployment_id: 'dep-7',
  });
  assert.equal(body.length, 2);
});

test('GET /reports/leaderboard gives the newest board by rank', async (t) => {
  const { get } = await open(t);
  const { status, body } = await get('/reports/leaderboard');
  assert.equal(status, 200);
  assert.deepEqual(
    body.map((row: Record<string, unknown>) => [row.rank, row.model_id, row.score_recent, row.username, row.status]),
    [
      [1, '7', 12.5, 'degu', 'active'],
      [2, '9', 0, 'vole', 'inactive'],
    ],
  );
});

test('fault 5.3 windows per request: GET /reports/leaderboard and /v1/leaderboard read one board, and no prediction', async (t) => {
  const { get, repository } = await open(t);
  for (let i = 0; i < 5; i++) {
    await get('/reports/leaderboard');
    await get('/v1/leaderboard');
  }
  assert.deepEqual(repository.reads.toSorted(), ['leaderboard', 'models']);
});

test('GET /reports/leaderboard is an empty array before the first board', async (t) => {
  const { data, get } = await open(t);
  data.board = null;
  assert.deepEqual((await get('/reports/leaderboard')).body, []);
});

test('GET /reports/models/global takes comma-joined and repeated ids, and ignores unknown ones', async (t) => {
  const { data, get } = await open(t);
  data.snapshots = ['7', '8', '9'].map((id) => ({ asOf: noon, standing: standing(id, 1, 1) }));
  const idsOf = async (query: string) =>
    (await get(`/reports/models/global?${query}`)).body.map((row: { model_id: string }) => row.model_id);
  assert.deepEqual(await idsOf('projectIds=7,9'), ['7', '9']);
  assert.deepEqual(await idsOf('projectIds=7&projectIds=9'), ['7', '9']);
  assert.deepEqual(await idsOf('projectIds=7,nobody&projectIds=%209%20'), ['7', '9']);
  assert.deepEqual(await idsOf('projectIds=nobody'), []);
  assert.deepEqual(await idsOf('projectIds='), []);
  assert.deepEqual(await idsOf(''), ['7', '8', '9']);
});

test('GET /reports/models/global takes the last 7 days ending at market now where dates are missing', async (t) => {
  const { data, get } = await open(t);
  data.snapshots = [noon - 8 * day, noon - 6 * day, noon, noon + day].map((asOf) => ({
    asOf,
    standing: standing('7', 1, 1),
  }));
  const timesOf = async (query: string) =>
    (await get(`/reports/models/global?${query}`)).body.map((row: { performed_at: string }) => row.performed_at);
  assert.deepEqual(await timesOf(''), ['2025-12-30T12:00:00', '2026-01-05T12:00:00']);
  assert.deepEqual(await timesOf('start=2025-12-01'), [
    '2025-12-28T12:00:00',
    '2025-12-30T12:00:00',
    '2026-01-05T12:00:00',
  ]);
  assert.deepEqual(await timesOf('end=2025-12-30T12:00:00.000Z'), ['2025-12-28T12:00:00', '2025-12-30T12:00:00']);
  assert.deepEqual(await timesOf('start=2026-01-01&end=2025-12-01'), []);
});

test('GET /reports/models/global includes both ends of the range', async (t) => {
  const { data, get } = await open(t);
  data.snapshots = [{ asOf: noon, standing: standing('7', 1, 1) }];
  const { body } = await get('/reports/models/global?start=2026-01-05T12:00:00Z&end=2026-01-05T12:00:00.9Z');
  assert.equal(body.length, 1);
});

test('GET /reports/models/params gives a row for each param', async (t) => {
  const { data, get } = await open(t);
  data.snapshots = [{ asOf: noon, standing: standing('7', 1, 1) }];
  const { body } = await get('/reports/models/params?projectIds=7');
  assert.deepEqual(
    body.map((row: { param: string }) => row.param),
    ['BTC-86400-300', 'ETH-86400-300', 'BTC-3600-60'],
  );
});

test('fault 5.3 ascending with a limit: GET /reports/models/global thins a long range evenly and keeps the newest', async (t) => {
  const { data, repository, get } = await open(t);
  data.stats = { ...data.stats, clock: { now: noon, speed: 1, mode: 'live', startedAt: noon - 200 * day } };
  data.snapshots = Array.from({ length: 200 * 96 }, (_, index) => ({
    asOf: noon - 200 * day + (index + 1) * 900,
    standing: standing('7', 1, 1),
  }));
  const { body, headers } = await get('/reports/models/global?projectIds=7&start=2025-01-01');
  assert.equal(headers['x-condor-every-seconds'], '1800');
  assert.ok(repository.reads.includes('snapshots every 1800'));
  assert.ok(body.length > 9000 && body.length <= 10_000, `${body.length} rows`);
  assert.equal(body.at(-1).performed_at, '2026-01-05T12:00:00');
});

test('GET /reports/models/global thins further when more models have a past than the board lists', async (t) => {
  const { data, get } = await open(t);
  data.snapshots = Array.from({ length: 20 * 600 }, (_, index) => ({
    asOf: noon - 900 * (19 - Math.floor(index / 600)),
    standing: standing(`m${index % 600}`, 1, 1),
  }));
  const { body, headers } = await get('/reports/models/global');
  assert.equal(headers['x-condor-every-seconds'], '3600');
  assert.ok(body.length <= 10_000);
  assert.equal(body.at(-1).performed_at, '2026-01-05T12:00:00');
});

test('fault 5.1 #16: GET /reports/predictions gives scored rows of one model, 0 being a score', async (t) => {
  const { data, get } = await open(t);
  data.predictions = [prediction(noon - 7200, { points: 0 }), prediction(noon - 3600, { modelId: '9' })];
  const { status, body } = await get('/reports/predictions?projectIds=7&start=2026-01-01T00:00:00.000Z');
  assert.equal(status, 200);
  assert.deepEqual(
    body.map((row: Record<string, unknown>) => [row.model_id, row.score_value, row.score_failed, row.performed_at]),
    [['7', 0, false, '2026-01-05T10:00:00']],
  );
});

test('fault 5.3 ascending with a limit: GET /reports/predictions keeps the newest where a range holds more than fits, and says so', async (t) => {
  const profiles = [{ ...game.profiles[1], everySeconds: 10, assets: ['BTC'] }] as unknown as Game['profiles'];
  const { data, get } = await open(t, { ...game, profiles });
  data.predictions = Array.from({ length: 25_000 }, (_, index) => prediction(noon - (24_999 - index) * 10));
  const { body, headers } = await get('/reports/predictions?projectIds=7');
  assert.equal(body.at(-1).performed_at, '2026-01-05T12:00:00');
  assert.ok(body.length > 19_900 && body.length <= 20_000, `${body.length} rows`);
  assert.equal(headers['x-condor-cut-before'], '2026-01-03T04:27:20');
});

test('GET /reports/predictions without an id is 422, as the existing backend words it', async (t) => {
  const { get } = await open(t);
  for (const query of ['', '?projectIds=', '?projectIds=,']) {
    const { status, body } = await get(`/reports/predictions${query}`);
    assert.equal(status, 422);
    assert.deepEqual(body, {
      detail: [{ type: 'missing', loc: ['query', 'projectIds'], msg: 'Field required', input: null }],
    });
  }
});

test('GET /reports/predictions with two ids is 400, as the existing backend words it', async (t) => {
  const { get } = await open(t);
  for (const query of ['projectIds=7,9', 'projectIds=7&projectIds=9']) {
    const { status, body } = await get(`/reports/predictions?${query}`);
    assert.equal(status, 400);
    assert.deepEqual(body, {
      detail: 'Service is available only for one model at a time. Please provide a single model_id.',
    });
  }
});

test('GET /reports/… with a malformed date is 422 and says what is there and what is wanted', async (t) => {
  const { get } = await open(t);
  for (const path of ['models/global', 'models/params', 'predictions']) {
    const { status, body } = await get(`/reports/${path}?projectIds=7&start=yesterday&end=2026-02-30`);
    assert.equal(status, 422);
    const msg = 'Input should be a valid datetime in ISO-8601, for example 2025-11-01T00:00:00Z';
    assert.deepEqual(body, {
      detail: [
        { type: 'datetime_parsing', loc: ['query', 'start'], msg, input: 'yesterday' },
        { type: 'datetime_parsing', loc: ['query', 'end'], msg, input: '2026-02-30' },
      ],
    });
  }
});

test('GET /reports/… bounds how many ids are asked for, and how long they are', async (t) => {
  const { get } = await open(t);
  const many = Array.from({ length: 1001 }, (_, index) => index).join(',');
  const { status, body } = await get(`/reports/models/global?projectIds=${many}`);
  assert.equal(status, 422);
  assert.deepEqual(body.detail[0].loc, ['query', 'projectIds']);
  assert.equal(body.detail[0].msg, 'List should have at most 1000 items, not 1001');
  assert.equal((await get(`/reports/models/global?projectIds=${'x'.repeat(201)}`)).status, 422);
});

test('GET /reports/leaderboard goes on with the last board while the database is away; the rest says 503', async (t) => {
  const { data, get } = await open(t);
  assert.equal((await get('/reports/leaderboard')).body.length, 2);
  data.failure = new Error('connect ECONNREFUSED 10.1.2.3:5432');
  const { status, body } = await get('/reports/models');
  assert.equal(status, 503);
  assert.deepEqual(body, { detail: 'The database does not answer just now; please try again in a few seconds' });
  assert.equal((await get('/reports/leaderboard')).body.length, 2);
});

test('GET /reports/leaderboard is 503 while the database is away and no board is known', async (t) => {
  const { data, get } = await open(t);
  data.failure = new Error('away');
  assert.equal((await get('/reports/leaderboard')).status, 503);
});
