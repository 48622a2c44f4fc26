// What only the database can show: rights, schema numbers, notifications, and workers in each other's way.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { wallNow } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { readDatabaseClock } from './clock.ts';
import { type Database, isWorthRetrying, listen, openDatabase, type Role } from './connect.ts';
import {
  hour,
  noon,
  playRounds,
  publishBoard,
  sampleAnswers,
  sampleLeaderboard,
  samplePrediction,
  sampleRound,
  sampleSettlement,
  settleRound,
  windows,
} from './contract/samples.ts';
import { compareAll } from './contract/windows.ts';
import { migrate, requireSchema } from './migrate.ts';
import { createPostgresRepositories } from './repositories.ts';
import { emptyDatabase, freshDatabase } from './test-database.ts';

const { url } = await freshDatabase();
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

test('waiting() finds rounds that close in another order than they commit', async () => {
  await emptyDatabase(owner);
  const { predict, settlements } = createPostgresRepositories(owner);
  const [slow, quick] = [sampleRound(noon), sampleRound(noon + 60)] as const;
  await predict.write([slow, quick].map((round) => ({ type: 'round', round })));
  const client = await owner.connect();
  await client.query('begin');
  await client.query('update rounds set closed_at = now(), closed_xid = pg_current_xact_id() where round_id = $1', [
    slow.roundId,
  ]);
  await predict.write([sampleAnswers(quick)]);
  assert.equal((await settlements.waiting(Infinity, 10)).length, 1);
  assert.equal((await settlements.waiting(Infinity, 10)).length, 1);
  await client.query('commit');
  await client.end();
  assert.equal((await settlements.waiting(Infinity, 10)).length, 2);
});

test('publish() makes one board when two workers publish at once', async () => {
  await emptyDatabase(owner);
  const one = createPostgresRepositories(open('condor_score'));
  const two = createPostgresRepositories(open('condor_score'));
  const { predict } = createPostgresRepositories(owner);
  const round = sampleRound();
  await predict.write([{ type: 'round', round }, sampleAnswers(round)]);
  await settleRound(one, round, { m1: 1, m2: 2, m3: 3 });
  const asOf = noon + 2 * hour;
  const options = {
    windows,
    ruleName: 'condor',
    snapshot: true,
    build: (input: Parameters<typeof sampleLeaderboard>[1]) => sampleLeaderboard(asOf, input, []),
  };
  const published = await Promise.all([one.board.publish(asOf, options), two.board.publish(asOf, options)]);
  assert.deepEqual(published.filter(Boolean).length, 1);
  const { sums, counts } = await publishBoard(two, asOf + 60);
  assert.deepEqual(sums.map(({ sum }) => sum).sort(), ['1', '1', '1', '2', '2', '2', '3', '3', '3']);
  assert.equal(counts.rounds.settled, 1);
});

test('compareWindows() says which sums were spoilt, and puts them right (fault of ours, never a model)', async () => {
  await emptyDatabase(owner);
  const score = createPostgresRepositories(open('condor_score'));
  const { predict } = createPostgresRepositories(owner);
  const round = sampleRound();
  const shadowRules = [{ name: 'log', version: 1 }];
  await predict.write([{ type: 'round', round }, sampleAnswers(round)]);
  const beside = [{ ruleName: 'log', ruleVersion: 1, points: { m1: 7 } }];
  await settleRound(score, round, { m1: 1, m2: 2 }, undefined, beside);
  await publishBoard(score, noon + 2 * hour, { shadowRules });
  await owner.query(`update model_windows set sum = sum + 1e-9 where model_id = 'm1' and window_name = 'steady'`);
  await owner.query(`delete from model_windows where model_id = 'm2' and window_name = 'anchor'`);
  await owner.query(`insert into model_windows values ('m9', 'BTC', '1h', 'recent', 5, 1, 1)`);
  await owner.query('update shadow_windows set answered = 0 where window_name = $1', ['recent']);

  const compared = await compareAll(score, noon + 2 * hour);
  const one = { sum: '1', count: 1, answered: 1 };
  assert.deepEqual(compared, [
    {
      rule: 'condor',
      asset: 'BTC',
      profile: '1h',
      asOf: noon + 2 * hour,
      differences: [
        { modelId: 'm1', window: 'steady', kept: { ...one, sum: '1.000000001' }, computed: one },
        { modelId: 'm2', window: 'anchor', kept: null, computed: { ...one, sum: '2' } },
        { modelId: 'm9', window: 'recent', kept: { ...one, sum: '5' }, computed: null },
      ],
    },
    {
      rule: 'log',
      asset: 'BTC',
      profile: '1h',
      asOf: noon + 2 * hour,
      differences: [
        {
          modelId: 'm1',
          window: 'recent',
          kept: { sum: '7', count: 1, answered: 0 },
          computed: { sum: '7', count: 1, answered: 1 },
        },
      ],
    },
  ]);
  const { sums, shadowSums } = await publishBoard(score, noon + 2 * hour + 60, { shadowRules });
  assert.deepEqual(sums.map(({ modelId, sum }) => `${modelId} ${sum}`).sort(), [
    ...Array(3).fill('m1 1'),
    ...Array(3).fill('m2 2'),
  ]);
  assert.deepEqual(
    shadowSums.log?.map(({ answered }) => answered),
    [1, 1, 1],
  );
  assert.deepEqual((await score.report.stats()).windows, { comparedAt: noon + 2 * hour, differences: 4 });
});

test('publish() computes all windows anew after a worker that knows fewer of them', async () => {
  await emptyDatabase(owner);
  const score = createPostgresRepositories(open('condor_score'));
  const { predict } = createPostgresRepositories(owner);
  const rounds = [sampleRound(noon), sampleRound(noon + 60)];
  await predict.write(rounds.flatMap((round) => [{ type: 'round', round } as const, sampleAnswers(round)]));
  const shadowRules = [{ name: 'log', version: 1 }];
  for (const [i, round] of rounds.entries()) {
    const beside = [{ ruleName: 'log', ruleVersion: 1, points: { m1: 7 + i } }];
    await settleRound(score, round, { m1: 1 + i }, undefined, beside);
    await publishBoard(score, noon + 2 * hour + i, { shadowRules });
    // What such a worker leaves behind: a later board, these windows as they were.
    if (i === 0) await owner.query(`update score_progress set passed_until = passed_until + interval '0.5 s'`);
    if (i === 0) await owner.query('update model_windows set sum = 100');
  }
  const { sums, shadowSums } = await publishBoard(score, noon + 2 * hour + 60, { shadowRules });
  assert.deepEqual([sums[0]?.sum, shadowSums.log?.[0]?.sum], ['3', '15']);
});

test('publish() keeps the newest leaderboard and those at snapshot instants', async () => {
  await emptyDatabase(owner);
  const score = createPostgresRepositories(open('condor_score'));
  for (const [i, snapshot] of [true, false, false, true, false].entries()) {
    await publishBoard(score, noon + 60 * i, { snapshot });
  }
  const kept = await owner.query<{ asOf: number }>('select as_of as "asOf" from leaderboards order by as_of');
  assert.deepEqual(
    kept.map(({ asOf }) => asOf - noon),
    [0, 180, 240],
  );
});

test('ensure_day() makes a day for several workers at once, and refuses absurd ones', async () => {
  const [predict, score] = [open('condor_predict'), open('condor_score')];
  await Promise.all([predict, score, predict].map((db) => db.query(`select ensure_day('2031-01-01')`)));
  await assert.rejects(predict.query(`select ensure_day('9999-01-01')`), /days are between/);
  await assert.rejects(open('condor_report').query(`select ensure_day('2031-01-02')`), /permission denied/);
});

function open(role: Role | null): Database {
  const db = openDatabase(url, { role, applicationName: 'test', maxConnections: 3 });
  after(() => db.close());
  return db;
}

test('SettlementRepository.commit() stores diagnostics of every rule as they are, hours as float32', async () => {
  await emptyDatabase(owner);
  const repositories = createPostgresRepositories(owner);
  const round = sampleRound();
  const { roundId, resolvableAt } = round;
  await playRounds(repositories, [round]);
  await repositories.settlements.waiting(Infinity, 1);
  await repositories.settlements.claim([roundId], 'worker', 30);
  const row = { roundId, modelId: 'm1', ruleVersion: 1, score: 0.1, points: -1 / 3, answered: true };
  const calibration = {
    steps: 70_000, // more than a smallint holds
    pitCounts: Array.from({ length: 20 }, (_, i) => i * 3_500),
    covered: [40_000, 50_000, 69_999],
    dispersion: 1 / 7,
    overPrediction: 1e-300,
    underPrediction: 0,
  } as const;
  const hourPoints = [-1 / 3, 1e300, 1e-60];
  await repositories.settlements.commit('worker', [
    {
      settlement: sampleSettlement(round),
      resolvableAt,
      verdicts: [],
      scores: [
        { ...row, ruleName: 'condor', diagnostics: { firstHour: 485_773, hourPoints, calibration } },
        { ...row, ruleName: 'other', diagnostics: null },
        { ...row, ruleName: 'third', diagnostics: { firstHour: 1, hourPoints: [], calibration: null } },
      ],
    },
  ]);
  const rows = await owner.query(
    `select rule, points, first_hour, hour_points, steps, pit_counts, covered, dispersion, over_prediction,
       under_prediction from scores order by rule`,
  );
  const nothing = { steps: null, pit_counts: null, covered: null, dispersion: null };
  const noParts = { over_prediction: null, under_prediction: null };
  assert.deepEqual(rows, [
    {
      ...{ rule: 'condor', points: -1 / 3, first_hour: 485_773, steps: 70_000 },
      hour_points: [-0.33333334, 3.4028235e38, 0], // shortest decimals that are these float32
      ...{ pit_counts: calibration.pitCounts, covered: calibration.covered },
      ...{ dispersion: 1 / 7, over_prediction: 1e-300, under_prediction: 0 },
    },
    { rule: 'other', points: -1 / 3, first_hour: null, hour_points: null, ...nothing, ...noParts },
    { rule: 'third', points: -1 / 3, first_hour: 1, hour_points: [], ...nothing, ...noParts },
  ]);
});
