// SIGKILL of one of three score workers at one backlog, again and again, most of all between the claim of rounds
// and their commit: scores, windows and leaderboards are those of a run that nobody disturbed.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { boardsHavePassed, freshBacklog, scoredRows, settledRounds } from '../lib/backlog-database.ts';
import { type Condor, startCondor } from '../lib/condor.ts';
import { eventually, sleep } from '../lib/eventually.ts';
import { packageRoot } from '../lib/package-root.ts';
import { kill } from '../lib/processes.ts';

const kills = 50;
const killsWithinMin = 15;
const minutes = 5_000; // two rounds each, of four answers: an idle machine settles less than half of them before the last kill
const answerMs = 10; // a batch of 64 rounds then takes two and a half seconds
const leaseSeconds = 2;

function startScore(t: TestContext, url: string, waitMs: number): Condor {
  return startCondor(t, {
    args: ['score'],
    env: {
      DATABASE_URL: url,
      CONDOR_GAME: join(packageRoot, 'dist', 'test', 'lib', 'backlog-game.js'),
      BACKLOG_GAME_MS: String(waitMs),
      CONDOR_SCORE_THREADS: '1',
      CONDOR_SCORE_LEASE_SECONDS: String(leaseSeconds),
      CONDOR_LOG_LEVEL: 'debug',
      CONDOR_LOG_FORMAT: 'json',
    },
  });
}

/** Lease tokens under which a worker had claimed rounds and not yet committed them, as its log tells. */
function openTokens({ lines }: Condor): ReadonlySet<string> {
  const open = new Set<string>();
  for (const line of lines) {
    const record = JSON.parse(line) as { readonly msg?: string; readonly token?: string };
    if (record.token === undefined) continue;
    if (record.msg === 'claimed rounds') open.add(record.token);
    if (record.msg === 'settled rounds') open.delete(record.token);
  }
  return open;
}

test('killing score workers over one backlog changes no row', { timeout: 400_000 }, async (t) => {
  const calm = await freshBacklog(minutes);
  const wild = await freshBacklog(minutes);
  t.after(() => Promise.all([calm.client.end(), wild.client.end()]));
  const undisturbed = startScore(t, calm.url, 0);
  await eventually('the calm run has ended', 120, () => boardsHavePassed(calm), undisturbed.tail);
  kill(undisturbed.pid, 'SIGTERM');

  const crew = [1, 2, 3].map(() => startScore(t, wild.url, answerMs));
  let within = 0;
  for (let killed = 0; killed < kills; killed++) {
    const place = killed % crew.length;
    const victim = crew[place] as Condor;
    // Two of three while they hold rounds, later each time; the others when it happens to be.
    if (killed % 3 > 0) {
      await eventually('it has claimed rounds', 60, () => openTokens(victim).size > 0, victim.tail);
      await sleep((killed * 137) % 1_500);
    } else await sleep((killed * 211) % 1_000);
    kill(victim.pid, 'SIGKILL');
    await victim.exited;
    await sleep(100); // what it had logged
    const tokens = [...openTokens(victim)];
    const held = await wild.client.query(`select from settlements where state = 'waiting' and lease_token = any($1)`, [
      tokens,
    ]);
    if (tokens.length > 0 && (held.rowCount ?? 0) > 0) within++;
    crew[place] = startScore(t, wild.url, answerMs);
  }
  const settled = await settledRounds(wild);
  t.diagnostic(
    `${within} of ${kills} kills between claim and commit; ${settled} of ${2 * minutes} rounds settled by then`,
  );
  assert.ok(settled < 2 * minutes, 'the backlog was over before the last kill');
  assert.ok(within >= killsWithinMin, `only ${within} kills fell between claim and commit`);

  for (const { pid } of crew) kill(pid, 'SIGKILL');
  const last = startScore(t, wild.url, 0);
  await eventually('the disturbed run has ended', 120, () => boardsHavePassed(wild), last.tail);
  const rows = await scoredRows(wild);
  assert.deepEqual(rows, await scoredRows(calm));
  t.diagnostic(
    Object.entries(rows)
      .map(([table, text]) => `${table} ${text.split(' ')[0]}`)
      .join(', '),
  );
});
