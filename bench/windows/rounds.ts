// Seven days of settled rounds of a competition of production's size, written straight into the database: 276
// models, 12 assets over 24 h and 5 over 1 h, and one more round for each turn.

import type { Leaderboard } from '../../src/domain/board.ts';
import type { Window } from '../../src/domain/game.ts';
import type { BoardInput } from '../../src/domain/repositories.ts';
import type { Database } from '../../src/storage/connect.ts';

export const windows: readonly Window[] = [
  { name: 'recent', seconds: 86_400 },
  { name: 'steady', seconds: 259_200 },
  { name: 'anchor', seconds: 604_800 },
];

/** The longest. */
export const windowSeconds = 604_800;

const models = 276;
const day = ['BTC', 'SOL', 'ETH', 'XAUT', 'SP500', 'NVDAX', 'TSLAX', 'AAPLX', 'GOOGLX', 'XRP', 'HYPE', 'WTIOIL'];
const params = [
  ...day.map((asset) => ({ asset, profile: '24h', horizon: 86_400 })),
  ...['BTC', 'SOL', 'ETH', 'XRP', 'HYPE'].map((asset) => ({ asset, profile: '1h', horizon: 3600 })),
];

export interface Filled {
  readonly asOf: number;
  readonly rounds: number;
  readonly rows: number;
}

/** About `rows` scores over the seven days before a midnight, evenly over params and time. */
export async function fillScores(db: Database, rows: number): Promise<Filled> {
  const asOf = Date.UTC(2026, 0, 12) / 1000 + 43_200; // a noon, so that the turns lie within one day
  const each = Math.max(8, Math.round(rows / models / params.length));
  const everySeconds = windowSeconds / each;
  for (let daysAgo = 0; daysAgo <= 9; daysAgo++) {
    await db.query('select ensure_day(to_timestamp($1)::date)', [asOf + 86_400 - daysAgo * 86_400]);
  }
  await db.query(
    `insert into models select 'model-' || lpad(i::text, 3, '0'), 'm', 'k', 'c', 'n', to_timestamp(0)
     from generate_series(1, $1) i`,
    [models],
  );
  await db.query(`insert into memberships select model_id, to_timestamp($1), null, null from models`, [asOf - 864_000]);
  await insertRounds(
    db,
    `select p.asset, p.profile, p.horizon, to_timestamp($4 + 60 - k * $5::float8 - p.place * 0.5) as ends
     from unnest($1::text[], $2::text[], $3::int[]) with ordinality as p(asset, profile, horizon, place),
       generate_series(1, $6) k`,
    [asOf - 120, everySeconds, each],
  );
  return { asOf, rounds: each * params.length, rows: each * params.length * models };
}

/** One more round of one param, due just before `asOf`, with a score for every model; none of it is folded yet. */
export async function scoreRound(db: Database, asOf: number, turn: number): Promise<void> {
  await insertRounds(
    db,
    `select p.asset, p.profile, p.horizon, to_timestamp($4) as ends
     from unnest($1::text[], $2::text[], $3::int[]) with ordinality as p(asset, profile, horizon, place)
     where p.place = $5 + 1`,
    [asOf - 0.5, turn % params.length],
  );
}

/** Settled rounds with their scores and predictions' ends; the first three values are the params. */
async function insertRounds(db: Database, selected: string, values: readonly unknown[]): Promise<void> {
  const inserted = await db.query<{ roundId: string }>(
    `insert into rounds (round_id, profile, asset, started_at, resolvable_at, game_version, rule, rule_version, asked_at,
       scored_steps, context, member_ids, warmup, closed_at)
     select n.profile || '.' || n.asset || '.' || extract(epoch from n.ends - make_interval(secs => n.horizon)),
       n.profile, n.asset, n.ends - make_interval(secs => n.horizon), n.ends, 'v', 'synth', 1,
       n.ends - make_interval(secs => n.horizon), '{}', '{}', '{}', false, n.ends
     from (${selected}) as n returning round_id as "roundId"`,
    [
      params.map(({ asset }) => asset),
      params.map(({ profile }) => profile),
      params.map(({ horizon }) => horizon),
      ...values,
    ],
  );
  const ids = inserted.map(({ roundId }) => roundId);
  await db.query(
    `insert into settlements (round_id, resolvable_at, state, checked, settled_at)
     select round_id, resolvable_at, 'settled', true, resolvable_at from rounds where round_id = any($1)`,
    [ids],
  );
  // Points of full length, as a rule gives them: short ones would be cheap to add.
  await db.query(
    `insert into scores (day, round_id, model_id, rule, rule_version, score, points, answered)
     select (r.resolvable_at at time zone 'UTC')::date, r.round_id, m.model_id, 'synth', 1, 1,
       case when n.n < 0.05 then 0 else sin(n.n * 1e4) end, n.n >= 0.05
     from rounds r cross join models m
       cross join lateral (select (hashtextextended(m.model_id || r.round_id, 7) & 16777215) / 16777216.0::float8 as n) n
     where r.round_id = any($1)`,
    [ids],
  );
}

/** The board itself is the pass's to build; here nothing stands on it. */
export function emptyLeaderboard(asOf: number, { counts }: BoardInput): Leaderboard {
  return {
    asOf,
    game: 'bench',
    gameVersion: 'v',
    seed: 0,
    world: 'simulated:0',
    official: true,
    whyNot: null,
    counts,
    rule: { name: 'synth', version: 1, note: null },
    shadows: [],
    standings: [],
  };
}
