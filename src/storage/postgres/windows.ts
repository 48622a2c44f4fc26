// Windows of points, kept as exact sums: rounds come in when they are folded and go out when they have left
// the window. Exact, so that no order of rounds and no rebuild changes a digit.

import type { WindowSum } from '../../domain/board.ts';
import type { Window } from '../../domain/game.ts';
import type { Session } from '../connect.ts';
import { dayOf } from './days.ts';

export interface FoldedRound {
  readonly roundId: string;
  readonly asset: string;
  readonly profile: string;
  readonly resolvableAt: number;
}

interface Move {
  readonly round: FoldedRound;
  readonly windowName: string;
  /** 1 into the window, −1 out of it. */
  readonly sign: 1 | -1;
}

/**
 * Moves the windows from the previous board to this one. Both bounds belong to a window: it holds
 * `asOf` − seconds ≤ resolvableAt ≤ `asOf`.
 */
export async function moveWindows(
  session: Session,
  options: {
    readonly asOf: number;
    readonly previousAsOf: number;
    readonly windows: readonly Window[];
    readonly ruleName: string;
    /** Settled rounds folded by this board. */
    readonly fresh: readonly FoldedRound[];
  },
): Promise<void> {
  const { asOf, previousAsOf, windows, ruleName, fresh } = options;
  const moves: Move[] = [];
  for (const { name, seconds } of windows) {
    for (const round of fresh) {
      if (round.resolvableAt >= asOf - seconds) moves.push({ round, windowName: name, sign: 1 });
    }
    for (const round of await readFolded(session, previousAsOf - seconds, asOf - seconds, asOf)) {
      moves.push({ round, windowName: name, sign: -1 });
    }
  }
  await applyMoves(session, moves, ruleName);
}

/** Computes the windows anew from all folded rounds, for another rule or other windows than the last board's. */
export async function rebuildWindows(
  session: Session,
  {
    asOf,
    windows,
    ruleName,
  }: { readonly asOf: number; readonly windows: readonly Window[]; readonly ruleName: string },
): Promise<void> {
  await session.query('delete from model_windows');
  const longest = Math.max(...windows.map(({ seconds }) => seconds));
  const rounds = await readFolded(session, asOf - longest, Infinity, Infinity);
  const moves = windows.flatMap(({ name, seconds }) =>
    rounds
      .filter(({ resolvableAt }) => resolvableAt >= asOf - seconds)
      .map((round): Move => ({ round, windowName: name, sign: 1 })),
  );
  await applyMoves(session, moves, ruleName);
}

/** All sums, by model id, asset, profile and window. */
export async function readWindows(session: Session): Promise<readonly WindowSum[]> {
  return await session.query<WindowSum>({
    name: 'read_windows',
    text: `select model_id as "modelId", asset, profile, window_name as "window", sum::text as sum, count, answered
      from model_windows order by model_id, asset, profile, window_name`,
  });
}

/** Settled rounds with `from` ≤ resolvableAt < `before` that boards earlier than `foldedBefore` have folded. */
async function readFolded(
  session: Session,
  from: number,
  before: number,
  foldedBefore: number,
): Promise<readonly FoldedRound[]> {
  return await session.query<FoldedRound>(
    {
      name: 'read_folded',
      text: `select s.round_id as "roundId", r.asset, r.profile, s.resolvable_at as "resolvableAt"
        from settlements s join rounds r using (round_id)
        where s.folded_at is not null and s.folded_at < to_timestamp($3) and s.state = 'settled'
          and s.resolvable_at >= to_timestamp($1) and s.resolvable_at < to_timestamp($2)`,
    },
    [from, before, foldedBefore],
  );
}

/**
 * Adds or takes away the points of each move. A cast from float8 to numeric keeps 15 digits only; by way of
 * text it is the shortest decimal that is this float8, and adding those is exact. `offset 0` keeps the
 * planner from turning the probes by key into a join by comparison, which it does while a day is new to it:
 * 1,400 ms instead of 50.
 */
async function applyMoves(session: Session, moves: readonly Move[], ruleName: string): Promise<void> {
  if (moves.length === 0) return;
  const days = moves.map(({ round }) => dayOf(round.resolvableAt));
  await session.query(
    `insert into model_windows as w (model_id, asset, profile, window_name, sum, count, answered)
     select s.model_id, m.asset, m.profile, m.window_name, trim_scale(sum(m.sign * s.points::text::numeric)),
       sum(m.sign), sum(case when s.answered then m.sign else 0 end)
     from unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::int[])
         as m(round_id, day, asset, profile, window_name, sign)
       cross join lateral (
         select s.model_id, s.points, s.answered from scores s
         where s.day = m.day and s.day = any($7::date[]) and s.round_id = m.round_id and s.rule = $8 offset 0
       ) as s
     group by s.model_id, m.asset, m.profile, m.window_name
     order by s.model_id, m.asset, m.profile, m.window_name
     on conflict (model_id, asset, profile, window_name) do update
       set sum = trim_scale(w.sum + excluded.sum), count = w.count + excluded.count,
         answered = w.answered + excluded.answered`,
    [
      moves.map(({ round }) => round.roundId),
      days,
      moves.map(({ round }) => round.asset),
      moves.map(({ round }) => round.profile),
      moves.map(({ windowName }) => windowName),
      moves.map(({ sign }) => sign),
      [...new Set(days)],
      ruleName,
    ],
  );
  if (moves.some(({ sign }) => sign === -1)) await session.query('delete from model_windows where count = 0');
}
