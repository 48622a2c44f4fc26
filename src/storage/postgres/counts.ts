// Counts of rounds and predictions. What boards have folded is added up once and kept; only what is still
// under way is counted anew.

import type { BoardCounts } from '../../domain/board.ts';
import type { Session } from '../connect.ts';
import { dayOf } from './days.ts';

export type Tally = Readonly<Record<string, number>>;

/** What all folded rounds add up to. Only successful calls have a verdict. */
export interface FoldedCounts {
  readonly rounds: { readonly settled: number; readonly void: number };
  readonly status: Tally;
  readonly cause: Tally;
  readonly verdict: Tally;
}

export const noCounts: FoldedCounts = { rounds: { settled: 0, void: 0 }, status: {}, cause: {}, verdict: {} };

interface CountableRound {
  readonly roundId: string;
  readonly resolvableAt: number;
  readonly state: string;
}

/** `counts` with these rounds and their predictions added. */
export async function addRounds(
  session: Session,
  counts: FoldedCounts,
  rounds: readonly CountableRound[],
): Promise<FoldedCounts> {
  if (rounds.length === 0) return counts;
  // Told day and round, PostgreSQL reads only their partitions and keys.
  const keys = [
    [...new Set(rounds.map(({ resolvableAt }) => dayOf(resolvableAt)))],
    rounds.map(({ roundId }) => roundId),
  ];
  const ends = await session.query<{ status: string; cause: string | null; count: number }>(
    `select status, cause, count(*) as count from predictions where day = any($1::date[]) and round_id = any($2)
     group by status, cause`,
    keys,
  );
  const verdicts = await session.query<{ verdict: string; count: number }>(
    `select verdict, count(*) as count from verdicts where day = any($1::date[]) and round_id = any($2)
     group by verdict`,
    keys,
  );
  const inState = (state: string) => rounds.filter((round) => round.state === state).length;
  return {
    rounds: {
      settled: counts.rounds.settled + inState('settled'),
      void: counts.rounds.void + inState('void'),
    },
    status: addTo(counts.status, ends, 'status'),
    cause: addTo(counts.cause, ends, 'cause'),
    verdict: addTo(counts.verdict, verdicts, 'verdict'),
  };
}

/** A board's counts from what is folded and what is not. */
export function boardCounts({ rounds, status, verdict }: FoldedCounts, open: number, skipped: number): BoardCounts {
  return {
    rounds: { asked: rounds.settled + rounds.void + open, settled: rounds.settled, void: rounds.void, skipped, open },
    predictions: {
      success: status.success ?? 0,
      failed: status.failed ?? 0,
      timeout: status.timeout ?? 0,
      absent: status.absent ?? 0,
      invalid: verdict.invalid ?? 0,
    },
  };
}

/**
 * Rounds that started by `asOf` and aren't folded, and slots skipped by then; one statement, so that a
 * round which closes meanwhile is counted once. A gap that goes on beyond `asOf` counts in proportion.
 */
export async function countOpen(
  session: Session,
  asOf: number,
  sweptXid: string,
): Promise<{ readonly open: number; readonly skipped: number }> {
  const [row] = await session.query<{ open: number; skipped: number }>(
    {
      name: 'count_open',
      text: `with board as (select to_timestamp($1) as as_of)
        select
          (select count(*) from settlements s join rounds r using (round_id)
            where s.folded_at is null and r.started_at <= as_of)
          + (select count(*) from rounds r where r.closed_at is null and r.started_at <= as_of)
          + (select count(*) from rounds r where r.closed_xid >= $2::xid8 and r.started_at <= as_of
              and not exists (select from settlements s where s.round_id = r.round_id)) as open,
          (select coalesce(sum(case
              when to_slot <= as_of then slots
              else 1 + floor((slots - 1) * extract(epoch from as_of - from_slot) / extract(epoch from to_slot - from_slot))
            end), 0)::bigint from skips where from_slot <= as_of) as skipped
        from board`,
    },
    [asOf, sweptXid],
  );
  return row ?? { open: 0, skipped: 0 };
}

function addTo<K extends string>(
  tally: Tally,
  groups: readonly ({ readonly [key in K]: string | null } & { readonly count: number })[],
  word: K,
): Tally {
  const sum: Record<string, number> = { ...tally };
  for (const group of groups) {
    const key = group[word];
    if (key !== null) sum[key] = (sum[key] ?? 0) + group.count;
  }
  return sum;
}
