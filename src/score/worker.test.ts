import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JournalEntry } from '../domain/repositories.ts';
import { silentLog } from '../lib/log.ts';
import { openDatabase } from '../storage/connect.ts';
import { createMemoryRepositories } from '../storage/memory.ts';
import { createPostgresRepositories, type Repositories } from '../storage/repositories.ts';
import { freshDatabase } from '../storage/test-database.ts';
import { hostile } from './test-game.ts';
import { type Played, play, readRows, seededRandom } from './test-play.ts';
import { competition, endedAt, scenario, startedAt } from './test-scenario.ts';
import { createScoringThreads, type ScoringThreads } from './threads.ts';
import { startScoreWorker } from './worker.ts';

const gamePath = fileURLToPath(new URL('./test-game.js', import.meta.url));

/** A database that predict has written `batches` to. */
async function writtenDatabase(batches: readonly (readonly JournalEntry[])[]) {
  const { url } = await freshDatabase();
  const db = openDatabase(url, { role: null, applicationName: 'test' });
  const repositories = createPostgresRepositories(db);
  await repositories.predict.openCompetition(competition);
  for (const batch of batches) await repositories.predict.write(batch);
  return { url, db, repositories };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(20);
}

const hasPassed = async ({ board }: Repositories, instant: number) => (await board.passedUntil()) === instant;

// ---- The same numbers, whatever happens on the way --------------------------------------------------------

let threads: ScoringThreads;
/** In memory, one worker after every minute. */
let lockstep: Played;
before(async () => {
  threads = createScoringThreads({ game: gamePath, threads: 2, log: silentLog });
  const options = { threads, workers: 1, aheadMax: 1, killChance: 0, random: seededRandom(1) };
  lockstep = await play(createMemoryRepositories(), options);
});
after(() => threads.close());

test('pass() gives the same bytes on PostgreSQL whatever lags, is killed, or runs beside it', async () => {
  const { url } = await freshDatabase();
  const db = openDatabase(url, { role: null, applicationName: 'test' });
  const options = { threads, workers: 3, aheadMax: 30, killChance: 0.03, random: seededRandom(2) };
  const wild = await play(createPostgresRepositories(db), options);
  await db.close();
  assert.ok(wild.kills > 0);
  assert.deepEqual(wild, { ...lockstep, kills: wild.kills });
});

test('startScoreWorker() gives those bytes from a database and a game alone', { timeout: 60_000 }, async (t) => {
  const { url, db, repositories } = await writtenDatabase(scenario());
  const worker = startScoreWorker({ databaseUrl: url, game: gamePath, threads: 1, log: silentLog });
  t.after(() => worker.stop()); // also when the test fails, or the process would never end
  await until(() => hasPassed(repositories, endedAt));
  await worker.stop();
  assert.equal(await readRows(repositories.report), lockstep.rows);
  // Of the boards only the newest and the snapshots stay (peer-faults 5.1 22).
  const [kept] = await db.query<{ count: number }>('select count(*) as count from leaderboards');
  assert.equal(kept?.count, (endedAt - startedAt) / 300);
  await db.close();
});

// ---- Living and dying -------------------------------------------------------------------------------------

test('fault 5.1 #28: stop() ends a worker in the middle of a batch', { timeout: 60_000 }, async (t) => {
  const hung = scenario()
    .slice(0, 5)
    .map((batch) => batch.map((entry) => (entry.type === 'answers' ? { ...entry, predictions: hang(entry) } : entry)));
  const { url, db } = await writtenDatabase(hung);
  const worker = startScoreWorker({ databaseUrl: url, game: gamePath, threads: 1, log: silentLog });
  t.after(() => worker.stop()); // also when the test fails, or the process would never end
  await until(async () => (await db.query('select from settlements where lease_token is not null')).length > 0);
  await worker.stop(); // the answer alone would take two minutes
  const [settled] = await db.query<{ count: number }>(
    `select count(*) as count from settlements where state = 'settled'`,
  );
  assert.equal(settled?.count, 0);
  await db.close();
});

test('startScoreWorker() waits for a database that is away, until it is stopped', { timeout: 60_000 }, async () => {
  const worker = startScoreWorker({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    game: gamePath,
    threads: 1,
    log: silentLog,
  });
  await pause(50);
  await worker.stop();
});

test('startScoreWorker() refuses a game that is not there', async () => {
  const worker = startScoreWorker({ databaseUrl: 'postgres://unused', game: '/no/game.ts', log: silentLog });
  await assert.rejects(worker.done, /Cannot find game "\/no\/game\.ts"/);
});

/** The answers of an entry, all of which never end being scored. */
function hang({ predictions }: Extract<JournalEntry, { type: 'answers' }>) {
  return predictions.map((prediction) => {
    const text = Buffer.from(prediction.payload ?? '').toString();
    return { ...prediction, payload: Buffer.from(text.replaceAll(/"loc":[^,]*/g, `"loc":${hostile.hangs}`)) };
  });
}
