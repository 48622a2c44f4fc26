// Report's repository: reads for the HTTP API, each with a limit.

import type { Leaderboard, Standing } from '../../domain/board.ts';
import type { Model } from '../../domain/model.ts';
import type { ReportRepository, ReportStats, ScoredPrediction } from '../../domain/repositories.ts';
import type { Database, Session } from '../connect.ts';
import { addRounds, countOpen, type FoldedCounts, noCounts } from './counts.ts';
import { readClock, readCompetition } from './predict.ts';

const modelColumns = `m.model_id as "modelId", m.model_name as "modelName", m.cruncher_key as "cruncherKey",
  m.cruncher_id as "cruncherId", m.cruncher_name as "cruncherName"`;

export function createReportRepository(db: Database): ReportRepository {
  return {
    async leaderboard() {
      const [row] = await db.query<{ leaderboard: Leaderboard }>({
        name: 'newest_leaderboard',
        text: 'select leaderboard from leaderboards order by as_of desc limit 1',
      });
      if (row === undefined) return null;
      const models = await db.query<Model>(`select ${modelColumns} from models m order by m.model_id`);
      return { leaderboard: row.leaderboard, models };
    },

    async models() {
      return await db.query(
        `select ${modelColumns},
           coalesce((select d.deployment_id from deployments d where d.model_id = m.model_id
             order by d.seen_at desc, d.deployment_id desc limit 1), '') as "deploymentId",
           exists (select from memberships p
             where p.model_id = m.model_id and p.gone_at is null and p.left_at is null) as connected
         from models m order by m.model_id`,
      );
    },

    async snapshots(modelIds, start, end, limit, everySeconds = 0) {
      // The instants first: they are few, and a thinned month then reads only the rows it returns.
      return await db.query<{ asOf: number; standing: Standing }>(
        `select as_of as "asOf", standing from snapshots
         where as_of in (
             select max(as_of) from leaderboards
             where snapshot and as_of between to_timestamp($1) and to_timestamp($2)
             group by case when $4 > 0 then floor(extract(epoch from as_of) / $4) else extract(epoch from as_of) end)
           and ($5::text[] is null or model_id = any($5))
         order by as_of, model_id limit $3`,
        [start, end, limit, everySeconds, modelIds === null ? null : [...modelIds]],
      );
    },

    async predictions(modelId, start, end, limit) {
      // From rounds in order, so that the limit ends the search; each row is then a few probes by key.
      return await db.query<ScoredPrediction>(
        `select r.round_id as "roundId", p.model_id as "modelId", r.profile, r.asset, r.started_at as "startedAt",
           r.resolvable_at as "resolvableAt", s.settled_at as "settledAt", c.points, c.score, c.answered, p.status,
           p.cause, v.verdict, v.reason as "verdictReason"
         from rounds r
           join settlements s on s.round_id = r.round_id and s.state = 'settled'
           cross join lateral (select (r.resolvable_at at time zone 'UTC')::date as day) d
           join scores c on c.day = d.day and c.round_id = r.round_id and c.model_id = $1 and c.rule = r.rule
           join predictions p on p.day = d.day and p.round_id = r.round_id and p.model_id = $1
           left join verdicts v on v.day = d.day and v.round_id = r.round_id and v.model_id = $1
         where r.started_at between to_timestamp($2) and to_timestamp($3)
         order by r.started_at, r.round_id limit $4`,
        [modelId, start, end, limit],
      );
    },

    async stats() {
      return await db.transaction(async (snapshot) => {
        const [competition, clock, progress] = [
          await readCompetition(snapshot),
          await readClock(snapshot),
          await readProgress(snapshot),
        ];
        const underWay = await readUnderWay(snapshot, progress.sweptXid);
        const counts = await addRounds(snapshot, progress.counts, underWay);
        const { open, skipped } = await countOpen(snapshot, Infinity, progress.sweptXid);
        const settledSince = underWay.filter(({ state }) => state === 'settled' || state === 'void').length;
        const { rounds } = counts;
        return {
          competition,
          clock,
          passedUntil: progress.passedUntil,
          rounds: {
            asked: progress.counts.rounds.settled + progress.counts.rounds.void + open,
            settled: rounds.settled,
            void: rounds.void,
            skipped,
            open: open - settledSince,
          },
          windows: await readChecks(snapshot),
          predictions: { byStatus: counts.status, byCause: counts.cause, byVerdict: counts.verdict },
        };
      }, 'snapshot');
    },
  };
}

async function readProgress(
  session: Session,
): Promise<{ readonly passedUntil: number | null; readonly counts: FoldedCounts; readonly sweptXid: string }> {
  const [row] = await session.query<{ passedUntil: number; counts: FoldedCounts; sweptXid: string }>(
    'select passed_until as "passedUntil", counts, swept_xid::text as "sweptXid" from score_progress',
  );
  return row ?? { passedUntil: null, counts: noCounts, sweptXid: '0' };
}

async function readChecks(session: Session): Promise<ReportStats['windows']> {
  const [row] = await session.query<ReportStats['windows']>(
    `select min(compared_at) as "comparedAt", coalesce(sum(differences), 0)::bigint as differences from window_checks`,
  );
  return row ?? { comparedAt: null, differences: 0 };
}

/** Rounds whose answers are in and that no board has folded: with a settlements row, or too new to have one. */
async function readUnderWay(
  session: Session,
  sweptXid: string,
): Promise<readonly { readonly roundId: string; readonly resolvableAt: number; readonly state: string }[]> {
  return await session.query(
    `select round_id as "roundId", resolvable_at as "resolvableAt", state from settlements where folded_at is null
     union all
     select r.round_id, r.resolvable_at, 'waiting' from rounds r where r.closed_xid >= $1::xid8
       and not exists (select from settlements s where s.round_id = r.round_id)`,
    [sweptXid],
  );
}
