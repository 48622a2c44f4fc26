// Boards: one transaction takes in what was settled since the last board, lets the caller rank, and keeps
// the result. One worker at a time; the others find the board made.

import { hasPoints, type Leaderboard } from '../../domain/board.ts';
import type { Rule, Window } from '../../domain/game.ts';
import type { BoardInput, BoardRepository } from '../../domain/repositories.ts';
import type { Database, Session, Transaction } from '../connect.ts';
import { addRounds, boardCounts, countOpen, type FoldedCounts, noCounts } from './counts.ts';
import { createSweep } from './sweep.ts';
import { type CachedSums, type CachedWindows, cacheSums, createWindowCache, replaceSums } from './window-cache.ts';
import { createWindowCheck } from './window-check.ts';
import { type FoldedRound, readMoves } from './window-moves.ts';
import { dropOtherShadows, moveWindows, type RuleWindows, readWindows, rebuildWindows } from './windows.ts';

const lockKey = 0x626f6172; // "boar"

/** A shadow rule as its windows are told apart. */
type ShadowRule = Pick<Rule, 'name' | 'version'>;

export function createBoardRepository(db: Database): BoardRepository {
  const sweep = createSweep(db);
  const check = createWindowCheck();
  const cache = createWindowCache();
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
      const published = await db.transaction(async (transaction) => {
        if (!(await takeLock(transaction))) return null;
        const previous = await readProgress(transaction);
        if (previous !== null && previous.passedUntil >= asOf) return null;
        const known = cache.at(previous?.windowsXid ?? null);
        return await publishLocked(transaction, asOf, { shadowRules: [], ...options, previous, known, sweptXid });
      });
      if (published !== null) cache.keep(published.windowsXid, published.windows); // once it is committed
      return published !== null;
    },

    async compareWindows(asOf) {
      if (check.isDone(asOf)) return null;
      return await db.transaction(async (transaction) => {
        if (!(await takeLock(transaction))) return null;
        const progress = await readProgress(transaction);
        // Another worker has gone on, or the next board computes everything anew.
        if (progress?.passedUntil !== asOf || progress.movedUntil !== asOf) return null;
        const targets = [primary(progress.rule), ...progress.shadowRules.map(shadow)];
        const comparison = await check.compareNext(transaction, targets, { asOf, windows: progress.windows });
        if (comparison !== null && comparison.differences.length > 0) {
          await transaction.query('update score_progress set windows_xid = pg_current_xact_id()');
        }
        return comparison;
      });
    },
  };
}

/** One worker at a time works on boards and windows; the lock goes with its transaction. */
async function takeLock(transaction: Transaction): Promise<boolean> {
  const [lock] = await transaction.query<{ taken: boolean }>(
    { name: 'board_lock', text: 'select pg_try_advisory_xact_lock($1) as taken' },
    [lockKey],
  );
  return lock?.taken ?? false;
}

function primary(rule: string): RuleWindows {
  return { isShadow: false, rule, version: null };
}

function shadow({ name, version }: ShadowRule): RuleWindows {
  return { isShadow: true, rule: name, version };
}

interface Progress {
  readonly passedUntil: number;
  readonly rule: string;
  readonly windows: readonly Window[];
  /** Those that windows are kept for. */
  readonly shadowRules: readonly ShadowRule[];
  /** The board that moved all windows last; null when they must be computed anew. */
  readonly movedUntil: number | null;
  /** The transaction that changed a window last. */
  readonly windowsXid: string | null;
  readonly counts: FoldedCounts;
  readonly lastWarmupAt: number | null;
}

interface PublishOptions {
  readonly windows: readonly Window[];
  readonly ruleName: string;
  readonly shadowRules: readonly ShadowRule[];
  readonly snapshot: boolean;
  readonly build: (input: BoardInput) => Leaderboard;
  readonly previous: Progress | null;
  /** The sums as `previous` left them, if this worker knows them still. */
  readonly known: CachedWindows | null;
  readonly sweptXid: string;
}

async function publishLocked(
  transaction: Transaction,
  asOf: number,
  options: PublishOptions,
): Promise<{ readonly windowsXid: string; readonly windows: CachedWindows }> {
  const { windows, ruleName, shadowRules, snapshot, build, previous, sweptXid } = options;
  const folded = await foldRounds(transaction, asOf);
  const fresh = folded.filter(({ state }) => state === 'settled');
  const members = await readMembers(transaction, asOf);
  const sums = await bringWindows(transaction, asOf, options, fresh, members);
  const counts = await addRounds(transaction, previous?.counts ?? noCounts, folded);
  const lastWarmupAt = folded.reduce<number | null>(
    (latest, { warmup, resolvableAt }) => (warmup ? Math.max(latest ?? resolvableAt, resolvableAt) : latest),
    previous?.lastWarmupAt ?? null,
  );
  const { open, skipped } = await countOpen(transaction, asOf, sweptXid);
  const leaderboard = build({
    sums: sums.get(ruleName)?.sums ?? [],
    shadowSums: Object.fromEntries(shadowRules.map(({ name }) => [name, sums.get(name)?.sums ?? []])),
    members,
    counts: boardCounts(counts, open, skipped),
    lastWarmupAt,
  });
  await keepLeaderboard(transaction, asOf, leaderboard, snapshot);
  const windowsXid = await saveProgress(
    transaction,
    { passedUntil: asOf, rule: ruleName, windows, shadowRules, movedUntil: asOf, counts, lastWarmupAt },
    sweptXid,
  );
  return { windowsXid, windows: sums };
}

/**
 * Moves each rule's windows to this board, or computes them anew when they mean something else than the last's.
 * Returns their sums by rule.
 */
async function bringWindows(
  transaction: Transaction,
  asOf: number,
  { windows, ruleName, shadowRules, previous, known }: PublishOptions,
  fresh: readonly FoldedRound[],
  members: BoardInput['members'],
): Promise<CachedWindows> {
  const isKept = previous !== null && previous.movedUntil === previous.passedUntil && isSame(previous.windows, windows);
  const previousAsOf = previous?.passedUntil ?? asOf;
  const moves = isKept ? await readMoves(transaction, { asOf, previousAsOf, windows, fresh }) : [];
  // A membership that began since: of a newcomer, who has no sums, or of one that returns.
  const returned = members.filter(({ joinedAt }) => joinedAt > previousAsOf).map(({ modelId }) => modelId);
  const bring = async (target: RuleWindows, isOurs: boolean): Promise<CachedSums> => {
    let sums: CachedSums | null = null;
    if (isKept && isOurs) {
      const before = known?.get(target.rule);
      const changed = await moveWindows(transaction, target, { asOf, moves, returned });
      if (before !== undefined && changed !== null) sums = replaceSums(before, changed);
    } else {
      await rebuildWindows(transaction, target, { asOf, windows });
    }
    return sums ?? cacheSums(await readWindows(transaction, target));
  };
  const kept = previous?.shadowRules ?? [];
  if (kept.length > 0) {
    await dropOtherShadows(
      transaction,
      shadowRules.map(({ name }) => name),
    );
  }
  const sums = new Map([[ruleName, await bring(primary(ruleName), previous?.rule === ruleName)]]);
  for (const rule of shadowRules) {
    const isOurs = kept.some(({ name, version }) => name === rule.name && version === rule.version);
    sums.set(rule.name, await bring(shadow(rule), isOurs));
  }
  return sums;
}

/** Marks the rounds this board takes in, and returns them. */
async function foldRounds(
  session: Session,
  asOf: number,
): Promise<readonly (FoldedRound & { readonly state: 'settled' | 'void'; readonly warmup: boolean })[]> {
  return await session.query(
    {
      name: 'fold_rounds',
      // Rounds one by one: joined, the planner reads all of them for the one that was settled.
      text: `with folded as (
          update settlements s set folded_at = to_timestamp($1)
          where s.folded_at is null and s.settled_at <= to_timestamp($1)
          returning s.round_id, s.state, s.resolvable_at
        )
        select f.round_id as "roundId", f.state, f.resolvable_at as "resolvableAt", r.asset, r.profile, r.warmup,
          r.started_at as "startedAt"
        from folded f cross join lateral (
          select r.asset, r.profile, r.warmup, r.started_at from rounds r where r.round_id = f.round_id offset 0
        ) as r`,
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
    {
      name: 'keep_leaderboard',
      text: `with superseded as (delete from leaderboards where not snapshot and as_of < to_timestamp($1))
        insert into leaderboards (as_of, snapshot, leaderboard) values (to_timestamp($1), $2, $3)`,
    },
    [asOf, snapshot, JSON.stringify(leaderboard)],
  );
  if (!snapshot) return;
  const scored = leaderboard.standings.filter(hasPoints);
  await session.query(
    {
      name: 'insert_snapshots',
      text: `insert into snapshots (as_of, model_id, standing)
        select to_timestamp($1), s.model_id, s.standing::json from unnest($2::text[], $3::text[]) as s(model_id, standing)
        on conflict do nothing`,
    },
    [asOf, scored.map(({ modelId }) => modelId), scored.map((standing) => JSON.stringify(standing))],
  );
}

async function readProgress(session: Session): Promise<Progress | null> {
  const [row] = await session.query<Progress>({
    name: 'read_progress',
    text: `select passed_until as "passedUntil", rule, windows, shadow_rules as "shadowRules",
        moved_until as "movedUntil", windows_xid::text as "windowsXid", counts, last_warmup_at as "lastWarmupAt"
      from score_progress`,
  });
  return row ?? null;
}

/** Notifies, too. Returns the transaction it is in, as the last to have changed windows. */
async function saveProgress(
  session: Session,
  progress: Omit<Progress, 'windowsXid'>,
  sweptXid: string,
): Promise<string> {
  const [saved] = await session.query<{ windowsXid: string }>(
    {
      name: 'save_progress',
      text: `insert into score_progress (passed_until, rule, windows, counts, last_warmup_at, swept_xid, shadow_rules,
          moved_until, windows_xid)
        values (to_timestamp($1), $2, $3, $4, to_timestamp($5), $6::xid8, $7, to_timestamp($8), pg_current_xact_id())
        on conflict (single) do update set passed_until = excluded.passed_until, rule = excluded.rule,
          windows = excluded.windows, counts = excluded.counts, last_warmup_at = excluded.last_warmup_at,
          swept_xid = excluded.swept_xid, shadow_rules = excluded.shadow_rules, moved_until = excluded.moved_until,
          windows_xid = excluded.windows_xid
        returning windows_xid::text as "windowsXid", pg_notify('condor_board', $9)`,
    },
    [
      progress.passedUntil,
      progress.rule,
      JSON.stringify(progress.windows),
      JSON.stringify(progress.counts),
      progress.lastWarmupAt,
      sweptXid,
      JSON.stringify(progress.shadowRules.map(({ name, version }) => ({ name, version }))),
      progress.movedUntil,
      String(progress.passedUntil),
    ],
  );
  if (saved === undefined) throw new Error('Cannot save how far boards have come: the database kept no row');
  return saved.windowsXid;
}

function isSame(a: readonly Window[], b: readonly Window[]): boolean {
  return a.length === b.length && a.every(({ name, seconds }, i) => name === b[i]?.name && seconds === b[i]?.seconds);
}
