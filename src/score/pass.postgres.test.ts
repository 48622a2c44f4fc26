import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLog } from '../lib/log.ts';
import { openDatabase } from '../storage/connect.ts';
import { createPostgresRepositories } from '../storage/repositories.ts';
import { freshDatabase } from '../storage/test-database.ts';
import { type Played, type PlayOptions, play, seededRandom } from './test-play.ts';
import { createScoringThreads, type ScoringThreads } from './threads.ts';

let threads: ScoringThreads;
before(() => {
  threads = createScoringThreads({
    game: fileURLToPath(new URL('./test-game.js', import.meta.url)),
    threads: 2,
    log: silentLog,
  });
});
after(() => threads.close());

async function playOnPostgres(options: Omit<PlayOptions, 'threads'>): Promise<Played> {
  const { url } = await freshDatabase();
  const db = openDatabase(url, { role: null, applicationName: 'test' });
  try {
    return await play(createPostgresRepositories(db), { ...options, threads });
  } finally {
    await db.close();
  }
}

test('pass() gives the same boards and scores on PostgreSQL whatever lags, is killed, or runs beside it', async () => {
  const lockstep = await playOnPostgres({ workers: 1, aheadMax: 1, killChance: 0, random: seededRandom(1) });
  const wild = await playOnPostgres({ workers: 3, aheadMax: 30, killChance: 0.02, random: seededRandom(2) });
  assert.ok(wild.kills > 0);
  assert.deepEqual(wild, { ...lockstep, kills: wild.kills });
});
