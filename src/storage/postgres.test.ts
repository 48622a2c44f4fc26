// What only the database can show: rights, schema numbers, notifications, and workers in each other's way.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { wallNow } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { readDatabaseClock } from './clock.ts';
import { isWorthRetrying, listen, openDatabase, type Role } from './connect.ts';
import { sampleAnswers, samplePrediction, sampleRound } from './contract/samples.ts';
import { migrate, requireSchema } from './migrate.ts';
import { createPostgresRepositories } from './repositories.ts';
import { emptyDatabase, freshDatabase, freshOpener } from './test-database.ts';

const { url, open } = await freshOpener();
const owner = open(null);

const predictWrites: Readonly<Record<string, readonly string[]>> = {
  competition: ['insert'],
  market_clock: ['insert', 'update'],
  game_versions: ['insert'],
  models: ['insert', 'update'],
  deployments: ['insert', 'update'],
  memberships: ['insert', 'update'],
  rounds: ['insert', 'update'],
  skips: ['insert', 'update'],
  predictions: ['insert'],
  prices: ['insert'],
};
const scoreWrites: Readonly<Record<string, readonly string[]>> = {
  verdicts: ['insert', 'update'],
  settlements: ['insert', 'update'],
  scores: ['insert'],
  model_windows: ['insert', 'update', 'delete'],
  shadow_windows: ['insert', 'update', 'delete'],
  window_checks: ['insert', 'update', 'delete'],
  rescores: ['insert', 'delete'],
  rescored_rounds: ['insert', 'delete'],
  rescored_scores: ['insert', 'delete'],
  snapshots: ['insert'],
  leaderboards: ['insert', 'delete'],
  score_progress: ['insert', 'update'],
  prices: ['insert'],
};

const writers: readonly (readonly [Role, Readonly<Record<string, readonly string[]>>])[] = [
  ['condor_predict', predictWrites],
  ['condor_score', scoreWrites],
  ['condor_report', {}],
];

for (const [role, writes] of writers) {
  test(`migrate() lets ${role} write its own tables and no other`, async () => {
    const db = open(role);
    const columns = await db.query<{ table: string; column: string }>(
      `select table_name as "table", min(column_name) as "column" from information_schema.columns
       where table_schema = 'public' group by table_name order by table_name`,
    );
    assert.ok(columns.length >= 18);
    for (const { table, column } of columns) {
      await db.query(`select 1 from ${table} limit 1`);
      const attempts = {
        insert: `insert into ${table} default values`,
        update: `update ${table} set ${column} = ${column}`,
        delete: `delete from ${table}`,
        truncate: `truncate ${table}`,
      };
      for (const [verb, statement] of Object.entries(attempts)) {
        if (writes[table]?.includes(verb)) continue;
        await assert.rejects(db.query(statement), /permission denied|read-only transaction/, `${role}: ${statement}`);
      }
    }
    await assert.rejects(db.query('create table mine (a int)'), /permission denied|read-only transaction/);
  });
}

test('openDatabase() keeps report from writing where roles are missing', async () => {
  const db = openDatabase(url, { role: 'condor_report', applicationName: 'test' });
  after(() => db.close());
  await db.query('reset role');
  await assert.rejects(db.query('delete from prices'), /read-only transaction/);
});

test('openDatabase() ends a statement at its deadline, and the connection is usable again', async () => {
  const db = openDatabase(url, { role: null, applicationName: 'test', maxConnections: 1, statementTimeoutMs: 50 });
  after(() => db.close());
  const slow = db.query('select pg_sleep(10)');
  await assert.rejects(slow, (error: Error) => isWorthRetrying(error) && error.cause instanceof pg.DatabaseError);
  assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }]);
});

test('isWorthRetrying() tells an absent database from a refused statement', async () => {
  const nowhere = openDatabase('postgresql://x@/x?host=/nowhere', { role: null, applicationName: 'test' });
  after(() => nowhere.close());
  await assert.rejects(nowhere.query('select 1'), (error: Error) => isWorthRetrying(error));
  await assert.rejects(owner.query('select 1/0'), (error: Error) => !isWorthRetrying(error));
  await assert.rejects(
    owner.transaction(async () => Promise.reject(new Error('ours'))),
    (error: Error) => !isWorthRetrying(error),
  );
});

test('write() rejects whole when the database refuses a prediction, and works on', async () => {
  await emptyDatabase(owner);
  const { predict } = createPostgresRepositories(open('condor_predict'));
  const round = sampleRound();
  const wrong = samplePrediction(round.roundId, 'm2', { status: 'lost' as 'absent' });
  const entries = [{ type: 'round', round } as const, sampleAnswers(round, { predictions: [wrong] })];
  await assert.rejects(
    predict.write(entries),
    (error: Error) => error.cause instanceof pg.DatabaseError && !isWorthRetrying(error),
  );
  assert.deepEqual((await predict.load()).openRounds, []);
  await predict.write([{ type: 'round', round }, sampleAnswers(round)]);
});

test('readDatabaseClock() is near ours', async () => {
  assert.ok(Math.abs((await readDatabaseClock(owner)) - wallNow()) < 60);
});

test('migrate() serves a user who may not make roles or become one', async () => {
  const { url: other } = await freshDatabase();
  const name = new URL(other.replace('@/', '@x/')).pathname.slice(1);
  await owner.query('create role hosted login');
  await owner.query(`create database ${name}_hosted owner hosted`);
  const hosted = other.replace('condor@', 'hosted@').replace(name, `${name}_hosted`);
  await migrate(hosted, silentLog);
  const score = openDatabase(hosted, { role: 'condor_score', applicationName: 'test' });
  const report = openDatabase(hosted, { role: 'condor_report', applicationName: 'test' });
  after(() => Promise.all([score.close(), report.close()]));
  assert.deepEqual(await score.query('select current_user as who'), [{ who: 'hosted' }]);
  await score.query(`select ensure_day('2025-06-01')`);
  await assert.rejects(report.query('delete from prices'), /read-only transaction/);
});

test('requireSchema() refuses an older and a newer schema, naming both numbers', async () => {
  const { url: other } = await freshDatabase();
  const db = openDatabase(other, { role: null, applicationName: 'test' });
  after(() => db.close());
  await requireSchema(db);
  await db.query(`insert into migrations (name, run_on) values ('0999_future', '2030-01-01')`);
  await assert.rejects(
    requireSchema(db),
    /its schema is number 999, and this release knows up to number \d+; install a newer/,
  );
  await assert.rejects(migrate(other, silentLog), /its schema is number 999, and this release knows up to number \d+/);
  await db.query('delete from migrations');
  await assert.rejects(requireSchema(db), /no schema yet, and this release needs number \d+; run "condor migrate"/);
});

test('migrate() may run twice at once, and repairs rights', async () => {
  const { url: other } = await freshDatabase();
  const db = openDatabase(other, { role: null, applicationName: 'test' });
  after(() => db.close());
  await db.query('grant delete on rounds to condor_report; revoke insert on rounds from condor_predict');
  await Promise.all([migrate(other, silentLog), migrate(other, silentLog)]);
  const [rights] = await db.query(
    `select has_table_privilege('condor_report', 'rounds', 'delete') as removed,
       has_table_privilege('condor_predict', 'rounds', 'insert') as given`,
  );
  assert.deepEqual(rights, { removed: false, given: true });
});

test('listen() tells of notifications, and tells once after it was cut off', async () => {
  const heard: string[] = [];
  let wake = () => {};
  const stop = new AbortController();
  const listener = openDatabase(url, { role: 'condor_report', applicationName: 'the-listener' });
  after(() => listener.close());
  const listening = listen(
    listener,
    ['condor_board'],
    (channel, payload) => {
      heard.push(`${channel}:${payload}`);
      wake();
    },
    stop.signal,
  );
  await heardCount(1);
  await owner.query(`select pg_notify('condor_board', '60')`);
  await heardCount(2);
  await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'the-listener'`);
  await heardCount(3);
  stop.abort();
  await listening;
  assert.deepEqual(heard, ['condor_board:', 'condor_board:60', 'condor_board:']);

  async function heardCount(count: number) {
    while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
  }
});

test('ensure_day() makes a day for several workers at once, and refuses absurd ones', async () => {
  const [predict, score] = [open('condor_predict'), open('condor_score')];
  await Promise.all([predict, score, predict].map((db) => db.query(`select ensure_day('2031-01-01')`)));
  await assert.rejects(predict.query(`select ensure_day('9999-01-01')`), /days are between/);
  await assert.rejects(open('condor_report').query(`select ensure_day('2031-01-02')`), /permission denied/);
});
