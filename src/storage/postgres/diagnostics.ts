// Why a model scored as it did: one statement over the rounds of a span, added up where they lie.

import type { ScoreSummary } from '../../domain/repositories.ts';
import type { Session } from '../connect.ts';
import { dayOf } from './days.ts';

const pitBins = 20;

/** From the rounds, newest first, so that the limit ends the search; each row is then a probe by key. */
export async function readDiagnostics(
  session: Session,
  modelId: string,
  start: number,
  end: number,
  limit: number,
): Promise<readonly ScoreSummary[]> {
  const pit = Array.from({ length: pitBins }, (_, i) => `coalesce(sum(c.pit_counts[${i + 1}]), 0)`).join(', ');
  const covered = [1, 2, 3].map((i) => `coalesce(sum(c.covered[${i}]), 0)`).join(', ');
  // Means over steps: a round counts by the steps it has.
  const overSteps = (column: string) => `sum(c.steps * c.${column}) / nullif(sum(c.steps), 0)`;
  return await session.query<ScoreSummary>(
    `with asked as (
       select s.round_id, s.resolvable_at, (s.resolvable_at at time zone 'UTC')::date as day, r.profile, r.asset
       from settlements s join rounds r using (round_id)
       where s.folded_at is not null and s.state = 'settled'
         and s.resolvable_at between to_timestamp($2) and to_timestamp($3)
         and r.started_at >= coalesce((select max(joined_at) from memberships
           where model_id = $1 and joined_at <= to_timestamp($3)), '-infinity')
       order by s.resolvable_at desc, s.round_id limit $4)
     select c.rule, a.profile, a.asset, count(*) as count, count(*) filter (where c.answered) as answered,
       avg(c.points) as points, avg(c.score) as score,
       case when sum(c.steps) > 0 then json_build_object(
         'steps', sum(c.steps), 'pitCounts', json_build_array(${pit}), 'covered', json_build_array(${covered}),
         'dispersion', ${overSteps('dispersion')}, 'overPrediction', ${overSteps('over_prediction')},
         'underPrediction', ${overSteps('under_prediction')}) end as calibration
     from asked a cross join lateral (
         select * from scores s
         where s.day = a.day and s.day >= $5::date and s.round_id = a.round_id and s.model_id = $1 offset 0
       ) as c
     group by c.rule, a.profile, a.asset order by c.rule, a.profile, a.asset`,
    [modelId, start, end, limit, dayOf(start)],
  );
}
