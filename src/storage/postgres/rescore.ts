// History computed again under another rule, in tables of its own.

import type { WindowSum } from '../../domain/board.ts';
import type { Window } from '../../domain/game.ts';
import type { RescoreRepository } from '../../domain/repositories.ts';
import type { Database, Session } from '../connect.ts';
import { readMembers } from './board.ts';
import { settledRound, settlementColumns } from './history.ts';
import { roundColumns } from './rounds.ts';
import { storable } from './text.ts';
import { memberSince } from './windows.ts';

export function createRescoreRepository(db: Database): RescoreRepository {
  return {
    async open({ rescoreId, ruleName, ruleVersion, gameVersion, from, to }) {
      await db.query(
        `insert into rescores (rescore_id, rule, rule_version, game_version, from_at, to_at)
         values ($1, $2, $3, $4, to_timestamp($5), to_timestamp($6)) on conflict do nothing`,
        [rescoreId, ruleName, ruleVersion, gameVersion, from, to],
      );
    },

    async next(rescoreId, limit) {
      const rows = await db.query<Parameters<typeof settledRound>[0]>(
        `select ${roundColumns}, ${settlementColumns} ${span}
           and not exists (select from rescored_rounds d where d.rescore_id = $1 and d.round_id = s.round_id)
         order by s.resolvable_at, s.round_id limit $2`,
        [rescoreId, limit],
      );
      return rows.map(settledRound);
    },

    async progress(rescoreId) {
      const [row] = await db.query<{ done: number; total: number; refused: number }>(
        `select (select count(*) ${span}) as total,
           (select count(*) from rescored_rounds where rescore_id = $1) as done,
           (select count(*) from rescored_rounds where rescore_id = $1 and reason is not null) as refused`,
        [rescoreId],
      );
      return row ?? { done: 0, total: 0, refused: 0 };
    },

    async save(rescoreId, roundId, { reason, scores }) {
      await db.transaction(async (transaction) => {
        const [fresh] = await transaction.query(
          `insert into rescored_rounds (rescore_id, round_id, reason) values ($1, $2, $3)
           on conflict do nothing returning round_id`,
          [rescoreId, roundId, storable(reason)],
        );
        if (fresh === undefined || scores.length === 0) return;
        await transaction.query(
          `insert into rescored_scores (rescore_id, round_id, model_id, score, points, answered)
           select $1, $2, * from unnest($3::text[], $4::float8[], $5::float8[], $6::boolean[])`,
          [
            rescoreId,
            roundId,
            scores.map(({ modelId }) => modelId),
            scores.map(({ score }) => score),
            scores.map(({ points }) => points),
            scores.map(({ answered }) => answered),
          ],
        );
      });
    },

    async compare(rescoreId, windows) {
      return await db.transaction(async (snapshot) => {
        const [plan] = await snapshot.query<{ to: number }>(
          'select to_at as "to" from rescores where rescore_id = $1',
          [rescoreId],
        );
        if (plan === undefined) throw new Error(`Cannot compare rescore "${rescoreId}": it was never opened`);
        return {
          before: await sums(snapshot, rescoreId, plan.to, windows, asItStands),
          after: await sums(snapshot, rescoreId, plan.to, windows, asItWouldBe),
          members: await readMembers(snapshot, plan.to),
        };
      }, 'snapshot');
    },

    async drop(rescoreId) {
      await db.query('delete from rescores where rescore_id = $1', [rescoreId]);
    },
  };
}

/** Settled rounds of the span of rescore $1. */
const span = `from settlements s join rounds r using (round_id) join rescores p on p.rescore_id = $1
  where s.state = 'settled' and s.resolvable_at > p.from_at and s.resolvable_at <= p.to_at`;

const asItWouldBe = `select c.model_id, c.points, c.answered from rescored_scores c
  where c.rescore_id = d.rescore_id and c.round_id = d.round_id`;
const asItStands = `select c.model_id, c.points, c.answered from scores c
  where c.day = (r.resolvable_at at time zone 'UTC')::date and c.round_id = d.round_id and c.rule = r.rule`;

/** As boards make them: exact sums, of rounds since each model's newest joining, over the rescored rounds of each window that ends at `asOf`. */
async function sums(
  session: Session,
  rescoreId: string,
  asOf: number,
  windows: readonly Window[],
  source: string,
): Promise<readonly WindowSum[]> {
  return await session.query<WindowSum>(
    `select c.model_id as "modelId", r.asset, r.profile, w.name as "window",
       trim_scale(sum(c.points::text::numeric))::text as sum, count(*) as count,
       count(*) filter (where c.answered) as answered
     from rescored_rounds d join rounds r using (round_id)
       join unnest($3::text[], $4::float8[]) as w(name, seconds)
         on r.resolvable_at >= to_timestamp($2::float8 - w.seconds)
       cross join lateral (${source} offset 0) as c
       left join (${memberSince('$2')}) as m on m.model_id = c.model_id
     where d.rescore_id = $1 and d.reason is null and (m.joined_at is null or r.started_at >= m.joined_at)
     group by c.model_id, r.asset, r.profile, w.name
     order by c.model_id, r.asset, r.profile, w.name`,
    [rescoreId, asOf, windows.map(({ name }) => name), windows.map(({ seconds }) => seconds)],
  );
}
