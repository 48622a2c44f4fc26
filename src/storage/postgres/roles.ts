// Who may write what. Each table has one writer, proven by grants; `prices` has two, and everybody reads.

import type pg from 'pg';
import type { Log } from '../../lib/log.ts';
import type { Role } from '../connect.ts';

/** Rights beside `select`, which every role has on every table. */
const rights: Readonly<Record<Role, Readonly<Record<string, string>>>> = {
  condor_predict: {
    competition: 'insert',
    market_clock: 'insert, update',
    game_versions: 'insert',
    models: 'insert, update',
    deployments: 'insert, update',
    memberships: 'insert, update',
    rounds: 'insert, update',
    skips: 'insert, update',
    predictions: 'insert',
    prices: 'insert',
  },
  condor_score: {
    settlements: 'insert, update',
    verdicts: 'insert, update',
    scores: 'insert',
    model_windows: 'insert, update, delete',
    shadow_windows: 'insert, update, delete',
    window_checks: 'insert, update, delete',
    leaderboards: 'insert, delete',
    snapshots: 'insert',
    score_progress: 'insert, update',
    prices: 'insert',
  },
  condor_report: {},
};

/**
 * Makes the roles and sets their rights anew, so that a database is right however it came here: roles
 * belong to the cluster and don't travel with a dump. Runs within the caller's transaction. Returns false,
 * having said so, when the url's user may not make roles; workers then keep that user's rights.
 */
export async function grantRights(client: pg.ClientBase, log: Log): Promise<boolean> {
  for (const role of Object.keys(rights)) {
    if (await hasRole(client, role)) continue;
    await client.query('savepoint make_role');
    try {
      await client.query(`create role ${role} nologin`);
    } catch (error) {
      await client.query('rollback to savepoint make_role');
      // Another database of the same cluster may be making it at this moment: roles have no "if not exists".
      if (!(await hasRole(client, role))) {
        log.warn(`working without the role ${role}: ${(error as Error).message}`);
        return false;
      }
    }
  }
  for (const [role, tables] of Object.entries(rights)) {
    await becomeMember(client, role, log);
    await client.query(`
      revoke all on all tables in schema public from ${role};
      grant usage on schema public to ${role};
      grant select on all tables in schema public to ${role};
      ${Object.entries(tables)
        .map(([table, words]) => `grant ${words} on public.${table} to ${role};`)
        .join('\n')}`);
  }
  await client.query('grant execute on function ensure_day(date) to condor_predict, condor_score');
  return true;
}

async function hasRole(client: pg.ClientBase, role: string): Promise<boolean> {
  return (await client.query('select from pg_roles where rolname = $1', [role])).rowCount === 1;
}

/** `set role` needs membership, unless the user may do anything. */
async function becomeMember(client: pg.ClientBase, role: string, log: Log): Promise<void> {
  const { rows } = await client.query<{ isMember: boolean }>(
    `select pg_has_role(current_user, $1, 'member') as "isMember"`,
    [role],
  );
  if (rows[0]?.isMember) return;
  await client.query('savepoint become_member');
  await client.query(`grant ${role} to current_user`).catch(async (error: Error) => {
    await client.query('rollback to savepoint become_member');
    log.warn(`working without membership in ${role}: ${error.message}`);
  });
}
