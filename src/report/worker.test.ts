import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import test from 'node:test';
import type { Game } from '../domain/game.ts';
import { silentLog } from '../lib/log.ts';
import { openDatabase } from '../storage/connect.ts';
import { createPostgresRepositories } from '../storage/repositories.ts';
import { freshDatabase } from '../storage/test-database.ts';
import { game, leaderboard, model, noon } from './fixture.ts';
import { startReportWorker } from './worker.ts';

const place = { game: game as Game, host: '127.0.0.1', port: 0, log: silentLog };

test('startReportWorker() serves what predict and score have written, and tells of the next board', async (t) => {
  const { url: databaseUrl } = await freshDatabase(t);
  const db = openDatabase(databaseUrl, { role: null, applicationName: 'test' });
  t.after(() => db.close());
  const { predict, board } = createPostgresRepositories(db);
  await predict.openCompetition({
    game: 'condor',
    world: 'simulated:1',
    seed: 1,
    boardEverySeconds: 60,
    alwaysOpen: [],
  });
  const clock = { now: noon + 30, speed: Number.POSITIVE_INFINITY, mode: 'replay', startedAt: noon - 60 } as const;
  await predict.write([
    { type: 'clock', clock },
    { type: 'model', model: model('7', 'light'), seenAt: noon },
    { type: 'deployment', deployment: { deploymentId: 'dep-7', modelId: '7', seenAt: noon } },
    { type: 'membership', membership: { modelId: '7', joinedAt: noon - 60, goneAt: null, leftAt: null } },
  ]);
  const worker = await startReportWorker({ ...place, databaseUrl });
  t.after(() => worker.stop());
  const get = async (path: string) => (await fetch(worker.url + path)).json() as Promise<never>;

  assert.deepEqual(await get('/reports/leaderboard'), []);
  const events = ((await fetch(`${worker.url}/v1/events`)).body as ReadableStream<Uint8Array>).getReader();
  const windows = game.windows;
  await board.publish(noon, { windows, ruleName: 'condor', snapshot: true, build: () => leaderboard(noon) });
  let text = '';
  while (!text.includes(`"asOf":${noon}`)) text += Buffer.from((await events.read()).value ?? []).toString();

  const rows: { model_name: string; created_at: string }[] = await get('/reports/leaderboard');
  assert.deepEqual([rows[0]?.model_name, rows[0]?.created_at], ['light', '2026-01-05T12:00:00']);
  const history: { performed_at: string }[] = await get('/reports/models/global?projectIds=7,9');
  assert.deepEqual(
    history.map(({ performed_at }) => performed_at),
    ['2026-01-05T12:00:00', '2026-01-05T12:00:00'],
  );
  assert.deepEqual(await get('/reports/predictions?projectIds=7'), []);
  const stats: { world: string; clock: { now: number; speed: string } } = await get('/v1/stats');
  assert.deepEqual([stats.world, stats.clock.now, stats.clock.speed], ['simulated:1', noon + 30, 'max']);
});

test('startReportWorker() serves while the database is away, and says so', async (t) => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));

  const worker = await startReportWorker({ ...place, databaseUrl: `postgres://nobody@127.0.0.1:${port}/nothing` });
  t.after(() => worker.stop());
  assert.equal((await fetch(worker.url)).status, 200);
  assert.equal((await fetch(`${worker.url}/healthz`)).status, 503);
  assert.equal((await fetch(`${worker.url}/reports/leaderboard`)).status, 503);
});

test('startReportWorker() outlives a database that goes away, and goes on when it is back', async (t) => {
  const { url: databaseUrl } = await freshDatabase(t);
  const name = /\/(test_\w+)/.exec(databaseUrl)?.[1];
  const admin = openDatabase(databaseUrl.replace(`/${name}`, '/postgres'), { role: null, applicationName: 'test' });
  t.after(() => admin.close());
  const worker = await startReportWorker({ ...place, databaseUrl });
  t.after(() => worker.stop());
  const health = async () => (await fetch(`${worker.url}/healthz`)).status;
  // Counts are kept for a second; asking again until the answer changes is what a probe does.
  const untilHealth = async (wanted: number) => {
    while ((await health()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await untilHealth(200);
  await admin.query(`alter database ${name} allow_connections false`);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await untilHealth(503);
  await admin.query(`alter database ${name} allow_connections true`);
  await untilHealth(200);
});

test('startReportWorker() refuses a database without the schema it knows', async (t) => {
  const { url } = await freshDatabase(t);
  const db = openDatabase(url, { role: null, applicationName: 'test' });
  t.after(() => db.close());
  await db.query('update migrations set name = $1', ['9999_from_the_future']);
  await assert.rejects(startReportWorker({ ...place, databaseUrl: url }), /its schema is number 9999/);
});

test('startReportWorker() says that its port is taken', async (t) => {
  const { url: databaseUrl } = await freshDatabase(t);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  await assert.rejects(startReportWorker({ ...place, databaseUrl, port }), /another program has this port/);
});
