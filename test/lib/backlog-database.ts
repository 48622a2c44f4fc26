// A backlog of closed, unscored rounds of the backlog game in a fresh database, and everything that score makes of
// it, as text to be compared.

import { createHash } from 'node:crypto';
import pg from 'pg';
import { freshDatabase } from '../../src/storage/test-database.ts';

/** Midnight; the first round ends two minutes later. */
const startedAt = Date.UTC(2026, 0, 5) / 1000;
const modelCount = 4;

export interface Backlog {
  readonly url: string;
  readonly client: pg.Client;
  /** The last board there will be. */
  readonly lastBoardAt: number;
}

/**
 * `minutes` × 2 rounds with answers of four models: valid, invalid and missing ones. The clock stands after the
 * last of them. The same rows for the same number, but for where the database lies.
 */
export async function freshBacklog(minutes: number): Promise<Backlog> {
  const { url } = await freshDatabase();
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const endedAt = startedAt + (minutes + 4) * 60;
  // Predict's part, as SQL: the same in every run.
  await client.query(`
    insert into competition (game, world, seed, board_every_seconds, always_open)
      values ('backlog-test', 'live:test', 1, 900, '{}');
    insert into game_versions values ('test', '{"shadowRules":[{"name":"first","version":1}]}');
    insert into prices (asset, priced_at, source, price, received_at)
      select asset, to_timestamp(${startedAt} + 60 * i), 'test', base * (1 + 0.01 * sin(i * (1.7 + base))), now()
      from generate_series(0, ${minutes} + 5) i, (values ('AAA', 100), ('BBB', 10)) a(asset, base);
    insert into models select 'm' || i, 'm' || i, 'm' || i, 'm' || i, 'm' || i, to_timestamp(${startedAt})
      from generate_series(1, ${modelCount}) i;
    insert into memberships (model_id, joined_at) select model_id, seen_at from models;
    insert into rounds (round_id, profile, asset, started_at, resolvable_at, game_version, rule, rule_version, asked_at,
        scored_steps, context, member_ids, warmup, closed_at, closed_xid)
      select '2m.' || asset || '.' || t, '2m', asset, to_timestamp(t), to_timestamp(t + 120), 'test', 'near', 1,
        to_timestamp(t), '{"60":[[1,2]]}', 'null', (select array_agg(model_id order by model_id) from models), false,
        to_timestamp(t + 1), pg_current_xact_id()
      from (select ${startedAt} + 60 * i as t from generate_series(0, ${minutes} - 1) i) slots,
        (values ('AAA'), ('BBB')) a(asset);
    select ensure_day(day::date) from generate_series(to_timestamp(${startedAt}), to_timestamp(${endedAt}), '1 day') day;
    insert into predictions (day, round_id, model_id, deployment_id, status, cause, asked_at, answered_at, latency_us,
        queued_us, variant_type, codec, payload, payload_bytes)
      select (r.resolvable_at at time zone 'UTC')::date, r.round_id, m.model_id, 'd', case when is_late then 'timeout'
          else 'success' end, case when is_late then 'timeout' end, r.asked_at, r.asked_at, 1, 1,
        case when not is_late then 'json' end, case when not is_late then 'raw' end,
        case when not is_late then convert_to('[' || density || ',' || density || ']', 'UTF8') end, 1
      from rounds r cross join models m
        cross join lateral (select hashtext(r.round_id || m.model_id) as hash) h
        cross join lateral (select hash % 11 = 0 as is_late, '{"type":"builtin","name":"norm","params":{"loc":'
          || case when hash % 13 = 0 then '"none"' else (hash % 1000 / 500.0)::text end || ',"scale":1}}' as density) d;
    insert into market_clock (now, speed, mode, started_at)
      values (to_timestamp(${endedAt}), 1, 'live', to_timestamp(${startedAt}));
    analyze;
  `);
  return { url, client, lastBoardAt: Math.floor(endedAt / 900) * 900 };
}

export async function boardsHavePassed({ client, lastBoardAt }: Backlog): Promise<boolean> {
  const { rows } = await client.query('select extract(epoch from passed_until)::float8 as at from score_progress');
  return rows[0]?.at === lastBoardAt;
}

export async function settledRounds({ client }: Backlog): Promise<number> {
  const { rows } = await client.query(`select count(*)::int as count from settlements where state <> 'waiting'`);
  return rows[0]?.count ?? 0;
}

/** Everything score has written, by table: how many rows, and the hash of all of them in order. */
export async function scoredRows({ client }: Backlog): Promise<Readonly<Record<string, string>>> {
  const selects: Readonly<Record<string, string>> = {
    verdicts: 'select * from verdicts order by round_id, model_id',
    scores: 'select * from scores order by round_id, model_id, rule',
    settlements: `select round_id, resolvable_at, state, checked, settled_at, source, baseline_score, price_at_start,
      price_at_end, first_priced_at, last_priced_at, reason, ours, folded_at, lease_token from settlements order by 1`,
    model_windows: 'select * from model_windows order by 1, 2, 3, 4',
    shadow_windows: 'select * from shadow_windows order by 1, 2, 3, 4, 5',
    leaderboards: 'select as_of, snapshot, leaderboard::text from leaderboards order by 1',
    snapshots: 'select as_of, model_id, standing::text from snapshots order by 1, 2',
  };
  const found: Record<string, string> = {};
  for (const [table, select] of Object.entries(selects)) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from (${select}) t`);
    const hash = createHash('sha256');
    for (const { row } of rows) hash.update(`${row}\n`);
    found[table] = `${rows.length} rows ${hash.digest('hex')}`;
  }
  return found;
}
