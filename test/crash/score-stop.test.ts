// SIGTERM in the middle of a batch: the worker ends by itself and well within what it has, gives back what it had
// claimed, and has written whole rounds only.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshBacklog } from '../lib/backlog-database.ts';
import { startCondor } from '../lib/condor.ts';
import { sleep } from '../lib/eventually.ts';
import { packageRoot } from '../lib/package-root.ts';
import { kill } from '../lib/processes.ts';

// `condor score` has 5 s to stop; a supervisor kills at 8 s. What is measured here is told, not asserted tightly.
const endsWithinMs = 8_000;

test('fault 5.1 #28: SIGTERM ends a score worker in the middle of a batch, and nothing is lost', async (t) => {
  const backlog = await freshBacklog(400);
  const { client, url } = backlog;
  t.after(() => client.end());
  const score = startCondor(t, {
    args: ['score'],
    env: {
      DATABASE_URL: url,
      CONDOR_GAME: join(packageRoot, 'dist', 'test', 'lib', 'backlog-game.js'),
      BACKLOG_GAME_MS: '100', // a batch takes half a minute
      CONDOR_SCORE_THREADS: '1',
      CONDOR_LOG_LEVEL: 'debug',
    },
  });
  await score.line(/claimed rounds/, 60);
  const askedAt = performance.now();
  kill(score.pid, 'SIGTERM');
  const exit = await Promise.race([score.exited, sleep(endsWithinMs, 'still running', { ref: false })]);
  t.diagnostic(`ended ${Math.round(performance.now() - askedAt)} ms after SIGTERM`);
  assert.deepEqual(exit, { code: 0, signal: null }, score.tail());

  const count = async (statement: string) => (await client.query(statement)).rowCount ?? 0;
  assert.equal(await count('select from settlements where lease_until > clock_timestamp()'), 0, 'given back');
  const halves = await count(`select from scores join settlements using (round_id) where state = 'waiting'`);
  assert.equal(halves, 0, 'a waiting round has no scores');
  assert.ok((await count(`select from settlements where state = 'waiting'`)) > 0, 'it was in the middle of its work');
});
