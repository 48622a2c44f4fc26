// Windows of points, kept as exact sums: rounds come in when they are folded and go out when they have left
// the window. Exact, so that no order of rounds and no rebuild changes a digit.
//
// A window of a model at T holds the folded rounds with T − seconds ≤ resolvableAt ≤ T that started since the
// model's newest membership by T began: who returns after its grace returns as new.

import type { WindowDifference, WindowSum } from '../../domain/board.ts';
import type { Window } from '../../domain/game.ts';
import type { Session } from '../connect.ts';
import { dayOf } from './days.ts';

/** Whose points the windows of one rule hold, and where they are kept. */
export interface RuleWindows {
  readonly isShadow: boolean;
  readonly rule: string;
  /** Points of this version only; null takes them whatever version gave them. */
  readonly version: number | null;
}

/** The (asset, profile) of rounds. */
export interface Place {
  readonly asset: string;
  readonly profile: string;
}

export interface FoldedRound extends Place {
  readonly roundId: string;
  readonly startedAt: number;
  readonly resolvableAt: number;
}

interface Move {
  readonly round: FoldedRound;
  readonly windowName: string;
  /** 1 into the window, −1 out of it. */
  readonly sign: 1 | -1;
}

/** What comes into windows and goes out of them between the previous board and this one, whatever the rule. */
export async function readMoves(
  session: Session,
  options: {
    readonly asOf: number;
    readonly previousAsOf: number;
    readonly windows: readonly Window[];
    /** Settled rounds folded by this board. */
    readonly fresh: readonly FoldedRound[];
  },
): Promise<readonly Move[]> {
  const { asOf, previousAsOf, windows, fresh } = options;
  const moves: Move[] = [];
  for (const { name, seconds } of windows) {
    for (const round of fresh) {
      if (round.resolvableAt >= asOf - seconds) moves.push({ round, windowName: name, sign: 1 });
    }
    for (const round of await readLeaving(session, previousAsOf - seconds, asOf - seconds, asOf)) {
      moves.push({ round, windowName: name, sign: -1 });
    }
  }
  return moves;
}

/**
 * Moves one rule's windows to the board at `asOf`, which follows the one at `previousAsOf`. The sums of a model
 * that has returned since are dropped, and what it was asked before its return neither comes in nor goes out.
 * Returns the sums that changed (with count 0 those that are gone); null when more did than can be said so.
 */
export async function moveWindows(
  session: Session,
  target: RuleWindows,
  options: { readonly asOf: number; readonly previousAsOf: number; readonly moves: readonly Move[] },
): Promise<readonly WindowSum[] | null> {
  const { asOf, previousAsOf, moves } = options;
  const { table, mine } = keptIn(target);
  const dropped = await session.query(
    {
      name: `drop_returned_${table}`,
      text: `delete from ${table} w where ${mine} and w.model_id in (
          select model_id from memberships where joined_at > to_timestamp($2) and joined_at <= to_timestamp($3))
        returning w.model_id`,
    },
    [target.rule, previousAsOf, asOf],
  );
  const changed = await applyMoves(session, target, moves, asOf);
  return dropped.length === 0 ? changed : null;
}

/** Computes one rule's windows anew, a place at a time: each statement then ends well within its deadline. */
export async function rebuildWindows(
  session: Session,
  target: RuleWindows,
  { asOf, windows }: { readonly asOf: number; readonly windows: readonly Window[] },
): Promise<void> {
  const { table, mine } = keptIn(target);
  await session.query(`delete from ${table} w where ${mine}`, [target.rule]);
  for (const place of await readPlaces(session, asOf, windows)) {
    await writeComputed(session, target, place, asOf, windows);
  }
}

/** Drops the windows of all shadow rules but these. */
export async function dropOtherShadows(session: Session, rules: readonly string[]): Promise<void> {
  await session.query('delete from shadow_windows where rule <> all($1)', [[...rules]]);
}

/** One rule's sums, by model id, asset, profile and window. */
export async function readWindows(session: Session, target: RuleWindows): Promise<readonly WindowSum[]> {
  const { table, mine } = keptIn(target);
  return await session.query<WindowSum>(
    {
      name: `read_${table}`,
      text: `select ${sumColumns} from ${table} w where ${mine}
        order by w.model_id, w.asset, w.profile, w.window_name`,
    },
    [target.rule],
  );
}

/** Where the settled rounds lie that belong to a window at `asOf`. */
export async function readPlaces(
  session: Session,
  asOf: number,
  windows: readonly Window[],
): Promise<readonly Place[]> {
  return await session.query<Place>(
    `select distinct r.asset, r.profile from settlements s join rounds r using (round_id)
     where s.folded_at is not null and s.state = 'settled' and s.resolvable_at >= to_timestamp($1)
     order by r.profile, r.asset`,
    [asOf - longestSeconds(windows)],
  );
}

/**
 * Compares what is kept of one rule and place with what scores add up to, exactly; keeps the latter where they
 * differ, and says where. `asOf` is the board that windows were last moved to, and the caller holds its lock.
 */
export async function compareWindows(
  session: Session,
  target: RuleWindows,
  place: Place,
  { asOf, windows }: { readonly asOf: number; readonly windows: readonly Window[] },
): Promise<readonly WindowDifference[]> {
  const { table, mine } = keptIn(target);
  const differences = await session.query<WindowDifference>(
    `with kept as (select model_id, window_name, sum, count, answered from ${table} w
         where ${mine} and asset = $4 and profile = $5),
       computed as (${computedSums})
     select coalesce(k.model_id, c.model_id) as "modelId", coalesce(k.window_name, c.window_name) as "window",
       case when k.model_id is not null then
         json_build_object('sum', k.sum::text, 'count', k.count, 'answered', k.answered) end as kept,
       case when c.model_id is not null then
         json_build_object('sum', c.sum::text, 'count', c.count, 'answered', c.answered) end as computed
     from kept k full join computed c on c.model_id = k.model_id and c.window_name = k.window_name
     where (k.sum, k.count, k.answered) is distinct from (c.sum, c.count, c.answered)
     order by 1, 2`,
    computedValues(target, place, asOf, windows),
  );
  if (differences.length === 0) return differences;
  await session.query(`delete from ${table} w where ${mine} and asset = $2 and profile = $3`, [
    target.rule,
    place.asset,
    place.profile,
  ]);
  await writeComputed(session, target, place, asOf, windows);
  return differences;
}

/** Fragments of statements whose first parameter is the rule. */
function keptIn({ isShadow }: RuleWindows): {
  readonly table: string;
  /** Which rows `w` of the table are the rule's. */
  readonly mine: string;
  readonly key: string;
  readonly value: string;
} {
  return isShadow
    ? { table: 'shadow_windows', mine: 'w.rule = $1', key: 'rule, ', value: '$1::text, ' }
    : { table: 'model_windows', mine: '$1::text is not null', key: '', value: '' }; // all rows are the rule's
}

/**
 * When each model's newest membership began, as of the board. Rounds started before it count in no window of
 * the model; a model without one (there is none such but in tests) is taken as having been there always.
 */
const memberSince = (asOf: string) =>
  `select model_id, max(joined_at) as joined_at from memberships where joined_at <= to_timestamp(${asOf})
   group by model_id`;

/**
 * Sums of one rule and place from scores. A cast from float8 to numeric keeps 15 digits only; by way of text it
 * is the shortest decimal that is this float8, and adding those is exact. `offset 0` keeps the planner from
 * turning the probes by key into a join by comparison, which it does while a day is new to it: 1,400 ms
 * instead of 50.
 */
const computedSums = `
  select p.model_id, n.name as window_name, trim_scale(sum(p.points)) as sum, count(*) as count,
    count(*) filter (where p.answered) as answered
  from (
      select s.round_id, (s.resolvable_at at time zone 'UTC')::date as day, s.resolvable_at, r.started_at
      from settlements s join rounds r using (round_id)
      where s.folded_at is not null and s.state = 'settled' and s.resolvable_at >= to_timestamp($8)
        and r.asset = $4 and r.profile = $5
    ) as a
    cross join lateral (
      select s.model_id, s.points::text::numeric as points, s.answered from scores s
      where s.day = a.day and s.day >= $9::date and s.round_id = a.round_id and s.rule = $1
        and ($2::int is null or s.rule_version = $2) offset 0
    ) as p
    left join (${memberSince('$3')}) as m on m.model_id = p.model_id
    join unnest($6::text[], $7::float8[]) as n(name, from_at) on a.resolvable_at >= to_timestamp(n.from_at)
  where m.joined_at is null or a.started_at >= m.joined_at
  group by p.model_id, n.name`;

function computedValues(
  { rule, version }: RuleWindows,
  { asset, profile }: Place,
  asOf: number,
  windows: readonly Window[],
): readonly unknown[] {
  const from = asOf - longestSeconds(windows);
  const names = windows.map(({ name }) => name);
  const starts = windows.map(({ seconds }) => asOf - seconds);
  return [rule, version, asOf, asset, profile, names, starts, from, dayOf(from)];
}

async function writeComputed(
  session: Session,
  target: RuleWindows,
  place: Place,
  asOf: number,
  windows: readonly Window[],
): Promise<void> {
  const { table, key, value } = keptIn(target);
  await session.query(
    `insert into ${table} (${key} model_id, asset, profile, window_name, sum, count, answered)
     select ${value} c.model_id, $4, $5, c.window_name, c.sum, c.count, c.answered from (${computedSums}) as c`,
    computedValues(target, place, asOf, windows),
  );
}

/** Settled rounds with `from` ≤ resolvableAt < `before` that boards earlier than `foldedBefore` have folded. */
async function readLeaving(
  session: Session,
  from: number,
  before: number,
  foldedBefore: number,
): Promise<readonly FoldedRound[]> {
  return await session.query<FoldedRound>(
    {
      name: 'read_leaving',
      text: `select s.round_id as "roundId", r.asset, r.profile, r.started_at as "startedAt",
          s.resolvable_at as "resolvableAt"
        from settlements s join rounds r using (round_id)
        where s.folded_at is not null and s.folded_at < to_timestamp($3) and s.state = 'settled'
          and s.resolvable_at >= to_timestamp($1) and s.resolvable_at < to_timestamp($2)`,
    },
    [from, before, foldedBefore],
  );
}

/** Adds or takes away the points of each move, as `computedSums` would add them. */
async function applyMoves(
  session: Session,
  target: RuleWindows,
  moves: readonly Move[],
  asOf: number,
): Promise<readonly WindowSum[]> {
  if (moves.length === 0) return [];
  const { table, mine, key, value } = keptIn(target);
  const days = moves.map(({ round }) => dayOf(round.resolvableAt));
  const changed = await session.query<WindowSum>(
    `insert into ${table} as w (${key} model_id, asset, profile, window_name, sum, count, answered)
     select ${value} p.model_id, m.asset, m.profile, m.window_name, trim_scale(sum(m.sign * p.points)), sum(m.sign),
       sum(case when p.answered then m.sign else 0 end)
     from unnest($4::text[], $5::date[], $6::float8[], $7::text[], $8::text[], $9::text[], $10::int[])
         as m(round_id, day, started_at, asset, profile, window_name, sign)
       cross join lateral (
         select s.model_id, s.points::text::numeric as points, s.answered from scores s
         where s.day = m.day and s.day = any($11::date[]) and s.round_id = m.round_id and s.rule = $1
           and ($2::int is null or s.rule_version = $2) offset 0
       ) as p
       left join (${memberSince('$3')}) as b on b.model_id = p.model_id
     where b.joined_at is null or to_timestamp(m.started_at) >= b.joined_at
     group by p.model_id, m.asset, m.profile, m.window_name
     order by p.model_id, m.asset, m.profile, m.window_name
     on conflict (${key} model_id, asset, profile, window_name) do update
       set sum = trim_scale(w.sum + excluded.sum), count = w.count + excluded.count,
         answered = w.answered + excluded.answered
     returning ${sumColumns}`,
    [
      target.rule,
      target.version,
      asOf,
      moves.map(({ round }) => round.roundId),
      days,
      moves.map(({ round }) => round.startedAt),
      moves.map(({ round }) => round.asset),
      moves.map(({ round }) => round.profile),
      moves.map(({ windowName }) => windowName),
      moves.map(({ sign }) => sign),
      [...new Set(days)],
    ],
  );
  if (changed.some(({ count }) => count === 0)) {
    await session.query(`delete from ${table} w where ${mine} and w.count = 0`, [target.rule]);
  }
  return changed;
}

const sumColumns =
  'w.model_id as "modelId", w.asset, w.profile, w.window_name as "window", w.sum::text as sum, w.count, w.answered';

function longestSeconds(windows: readonly Window[]): number {
  return Math.max(...windows.map(({ seconds }) => seconds));
}
