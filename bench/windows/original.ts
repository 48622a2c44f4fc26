// The original's windows, written anew from their description: one table of predictions with their score beside
// the payload, and at each look, for every (model, asset, horizon, step), the averages of the scores of three
// windows by filtered aggregates over the predictions that became resolvable within the longest.

import type { Database } from '../../src/storage/connect.ts';

export interface OriginalAverage {
  readonly modelId: string;
  readonly asset: string;
  readonly profile: string;
  readonly recent: number | null;
  readonly steady: number | null;
  readonly anchor: number | null;
}

/**
 * The table and the index that this look can use. Payloads are left out (they lie outside the row in any case),
 * and of its other columns those that nothing here reads: the rows are narrower than the original's, which
 * favours it.
 */
export async function createOriginal(db: Database): Promise<void> {
  await db.query(`create table original_predictions (
    id text primary key, model_id text not null, asset text not null, horizon integer not null, step integer not null,
    status text not null, performed_at timestamp not null, resolvable_at timestamp not null,
    score_value double precision, score_success boolean, score_scored_at timestamp)`);
  await addToOriginal(db, Number.NEGATIVE_INFINITY);
  await db.query('create index on original_predictions (resolvable_at)');
}

/** Adds the predictions of rounds that end after `endedAfter`. Their scoring is in nobody's measured time. */
export async function addToOriginal(db: Database, endedAfter: number): Promise<void> {
  await db.query(
    `insert into original_predictions
     select 'PRE_' || s.model_id || '_' || s.round_id, s.model_id, r.asset,
       extract(epoch from r.resolvable_at - r.started_at)::int, 300, 'SUCCESS', r.started_at at time zone 'UTC',
       r.resolvable_at at time zone 'UTC', s.points, s.answered, r.resolvable_at at time zone 'UTC'
     from scores s join rounds r using (round_id)
     where r.resolvable_at > to_timestamp($1::float8) and s.day >= to_timestamp(greatest($1::float8, 0))::date`,
    [endedAfter],
  );
}

/** One look at `asOf`, as the original takes it each time it has scored. */
export async function averageAll(db: Database, asOf: number): Promise<readonly OriginalAverage[]> {
  return await db.query<OriginalAverage>(
    `with moment as (select to_timestamp($1) at time zone 'UTC' as at)
     select model_id as "modelId", asset, case horizon when 3600 then '1h' else '24h' end as profile,
       avg(score_value) filter (where resolvable_at >= (select at from moment) - interval '24 hours') as recent,
       avg(score_value) filter (where resolvable_at >= (select at from moment) - interval '72 hours') as steady,
       avg(score_value) filter (where resolvable_at >= (select at from moment) - interval '168 hours') as anchor,
       min(resolvable_at) as first
     from original_predictions
     where score_value is not null and resolvable_at >= (select at from moment) - interval '168 hours'
       and resolvable_at <= (select at from moment)
     group by model_id, asset, horizon, step`,
    [asOf],
  );
}
