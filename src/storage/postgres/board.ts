// Boards: one transaction takes in what was settled since the last board, lets the caller rank, and keeps
// the result. One worker at a time; the others find the board made.

import type { Leaderboard } from '../../domain/board.ts';
import type { Window } from '../../domain/game.ts';
import type { BoardInput, BoardRepository } from '../../domain/repositories.ts';
import type { Database, Session, Transaction } from '../connect.ts';
import { addRounds, boardCounts, countOpen, type FoldedCounts, noCounts } from './counts.ts';
import { createSweep } from './sweep.ts';
import { type FoldedRound, moveWindows, readWindows, rebuildWindows } from './windows.ts';

const lockKey = 0x626f6172; // "boar"

export function createBoardRepository(db: Database): BoardRepository {
  const sweep = createSweep(db);
  return {
    async passedUntil() {
      const [row] = await db.query<{ passedUntil: number }>({
        name: 'passed_until',
        text: 'select passed_until as "passedUntil" from score_progress',
      });
      return row?.passedUntil ?? null;
    },

    async publish(asOf, options) {
      await sweep.run();
      const sweptXid = sweep.cursor();
      return await db.transaction(async (transaction) => {
        const [lock] = await transaction.query<{ taken: boolean }>(
          { name: 'board_lock', text: 'select pg_try_advisory_xact_lock($1) as taken' },
          [lockKey],
        );
        if (!lock?.taken) return false;
        const previous = await readProgress(transaction);
        if (previous !== null && previous.passedUntil >= asOf) return false;
        await publishLocked(transaction, asOf, { ...options, previous, sweptXid });
        return true;
      });
    },
  };
}

interface Progress {
  readonly passedUntil: number;
  readonly rule: string;
  readonly windows: readonly Window[];
  readonly counts: FoldedCounts;
  readonly lastWarmupAt: number | null;
}

interface PublishOptions {
  readonly windows: readonly Window[];
  readonly ruleName: string;
  readonly snapshot: boolean;
  readonly build: (input: BoardInput) => Leaderboard;
  readonly previous: Progress | null;
  readonly sweptXid: string;
}

async function publishLocked(transaction: Transaction, asOf: number, options: PublishOptions): Promise<void> {
  const { windows, ruleName, snapshot, build, previous, sweptXid } = options;
  const folded = await foldRounds(transaction, asOf);
  const fresh = folded.filter(({ state }) => state === 'settled');
  if (previous !== null && previous.rule === ruleName && isSame(previous.windows, windows)) {
    await moveWindows(transaction, { asOf, previousAsOf: previous.passedUntil, windows, ruleName, fresh });
  } else {
    await rebuildWindows(transaction, { asOf, windows, ruleName });
  }
  const counts = await addRounds(transaction, previous?.counts ?? noCounts, folded);
  const lastWarmupAt = folded.reduce<number | null>(
    (latest, { warmup, resolvableAt }) => (warmup ? Math.max(latest ?? resolvableAt, resolvableAt) : latest),
    previous?.lastWarmupAt ?? null,
  );
  const { open, skipped } = await countOpen(transaction, asOf, sweptXid);
  const leaderboard = build({
    sums: await readWindows(transaction),
    members: await readMembers(transaction, asOf),
    counts: boardCounts(counts, open, skipped),
    lastWarmupAt,
  });
  await keepLeaderboard(transaction, asOf, leaderboard, snapshot);
  await saveProgress(transaction, { passedUntil: asOf, rule: ruleName, windows, counts, lastWarmupAt }, sweptXid);
  await transaction.query(`select pg_notify('condor_board', $1)`, [String(asOf)]);
}

/** Marks the rounds this board takes in, and returns them. */
async function foldRounds(
  session: Session,
  asOf: number,
): Promise<readonly (FoldedRound & { readonly state: 'settled' | 'void'; readonly warmup: boolean })[]> {
  return await session.query(
    {
      name: 'fold_rounds',
      text: `update settlements s set folded_at = to_timestamp($1) from rounds r
        where r.round_id = s.round_id and s.folded_at is null and s.settled_at <= to_timestamp($1)
        returning s.round_id as "roundId", s.state, s.resolvable_at as "resolvableAt", r.asset, r.profile, r.warmup`,
    },
    [asOf],
  );
}

/** Each model's newest membership that began by `asOf`, as it was then. */
export async function readMembers(session: Session, asOf: number): Promise<BoardInput['members']> {
  return await session.query(
    {
      name: 'read_members',
      text: `select distinct on (model_id) model_id as "modelId", joined_at as "joinedAt",
          case when gone_at <= to_timestamp($1) then gone_at end as "goneAt",
          case when left_at <= to_timestamp($1) then left_at end as "leftAt"
        from memberships where joined_at <= to_timestamp($1) order by model_id, joined_at desc`,
    },
    [asOf],
  );
}

/** The newest leaderboard stays, and those at snapshot instants: what is superseded goes, so the table stays small. */
async function keepLeaderboard(
  session: Session,
  asOf: number,
  leaderboard: Leaderboard,
  snapshot: boolean,
): Promise<void> {
  await session.query(
    { name: 'drop_superseded', text: 'delete from leaderboards where not snapshot and as_of < to_timestamp($1)' },
    [asOf],
  );
  await session.query(
    {
      name: 'insert_leaderboard',
      text: 'insert into leaderboards (as_of, snapshot, leaderboard) values (to_timestamp($1), $2, $3)',
    },
    [asOf, snapshot, JSON.stringify(leaderboard)],
  );
  if (!snapshot) return;
  await session.query(
    {
      name: 'insert_snapshots',
      text: `insert into snapshots (as_of, model_id, standing)
        select to_timestamp($1), s.model_id, s.standing::json from unnest($2::text[], $3::text[]) as s(model_id, standing)
        on conflict do nothing`,
    },
    [
      asOf,
      leaderboard.standings.map(({ modelId }) => modelId),
      leaderboard.standings.map((standing) => JSON.stringify(standing)),
    ],
  );
}

async function readProgress(session: Session): Promise<Progress | null> {
  const [row] = await session.query<Progress>({
    name: 'read_progress',
    text: `select passed_until as "passedUntil", rule, windows, counts, last_warmup_at as "lastWarmupAt"
      from score_progress`,
  });
  return row ?? null;
}

async function saveProgress(session: Session, progress: Progress, sweptXid: string): Promise<void> {
  await session.query(
    {
      name: 'save_progress',
      text: `insert into score_progress (passed_until, rule, windows, counts, last_warmup_at, swept_xid)
        values (to_timestamp($1), $2, $3, $4, to_timestamp($5), $6::xid8)
        on conflict (single) do update set passed_until = excluded.passed_until, rule = excluded.rule,
          windows = excluded.windows, counts = excluded.counts, last_warmup_at = excluded.last_warmup_at,
          swept_xid = excluded.swept_xid`,
    },
    [
      progress.passedUntil,
      progress.rule,
      JSON.stringify(progress.windows),
      JSON.stringify(progress.counts),
      progress.lastWarmupAt,
      sweptXid,
    ],
  );
}

function isSame(a: readonly Window[], b: readonly Window[]): boolean {
  return a.length === b.length && a.every(({ name, seconds }, i) => name === b[i]?.name && seconds === b[i]?.seconds);
}
