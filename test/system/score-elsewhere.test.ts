// `condor score` needs a database and the game's path, nothing else: started in an empty directory on what
// predict has written, it gives every number again, to the last digit. It may run on another machine.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type pg from 'pg';
import { afterwards, startCondor, temporaryFolder } from '../lib/condor.ts';
import { connectTo, serveKept } from '../lib/database.ts';
import { eventually, sleep } from '../lib/eventually.ts';
import { packageRoot } from '../lib/package-root.ts';

const ownTables = ['verdicts', 'settlements', 'scores', 'model_windows', 'snapshots', 'leaderboards', 'score_progress'];

test('score works everything out again from an empty directory', { timeout: 180_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const dataDir = join(folder, 'data');
  const played = startCondor(t, {
    args: [
      'up',
      '--game',
      'coin',
      '--prices',
      'simulated',
      '--once',
      '--duration',
      '10m',
      '--seed',
      '3',
      '--data-dir',
      dataDir,
    ],
    dataDir,
  });
  const exit = await Promise.race([played.exited, sleep(100_000, 'not within 100 s', { ref: false })]);
  assert.deepEqual(exit, { code: 0, signal: null }, played.tail());
  const database = await serveKept(dataDir);
  afterwards(t, () => database.stop());
  const client = await connectTo(database.url);
  afterwards(t, () => client.end());
  const before = await numbersOf(client);
  assert.ok(before.scores.length > 200 && before.windows.length === 4 * 2 * 3);

  await client.query(`truncate ${ownTables.join(', ')}`);
  const elsewhere = temporaryFolder(t);
  const score = startCondor(t, {
    args: ['score'],
    folder: elsewhere,
    env: { DATABASE_URL: database.url, CONDOR_GAME: join(packageRoot, 'games', 'coin', 'game.ts') },
  });
  const boards = before.boards.length;
  await eventually(
    `all ${boards} boards are there again`,
    60,
    async () => (await client.query('select from leaderboards')).rowCount === boards,
    score.tail,
  );
  const again = await numbersOf(client);
  assert.deepEqual(again.scores, before.scores);
  assert.deepEqual(again.settlements, before.settlements);
  assert.deepEqual(again.windows, before.windows);
  assert.deepEqual(again.boards, before.boards);
  assert.deepEqual(again.snapshots, before.snapshots);
  assert.deepEqual(readdirSync(elsewhere), []);
});

/** Every number score has written, as PostgreSQL prints it: equal text is equal to the last digit. */
async function numbersOf(client: pg.Client) {
  const texts = async (query: string) => (await client.query<{ text: string }>(query)).rows.map(({ text }) => text);
  return {
    scores: await texts('select s::text as text from scores s order by round_id, model_id, rule'),
    settlements: await texts(
      `select (round_id, state, settled_at, source, baseline_score, price_at_start, price_at_end, first_priced_at,
         last_priced_at, reason, ours)::text as text from settlements order by round_id`,
    ),
    windows: await texts('select w::text as text from model_windows w order by 1'),
    boards: await texts('select as_of::text || leaderboard::text as text from leaderboards order by as_of'),
    snapshots: await texts('select s::text as text from snapshots s order by as_of, model_id'),
  };
}
