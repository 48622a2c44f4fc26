// How a round is read and written; predict's and score's repositories share it.

import type { Round } from '../../domain/round.ts';
import type { Session } from '../connect.ts';

/** The columns of `rounds r` as a `Round`. */
export const roundColumns = `
  r.round_id as "roundId", r.profile, r.asset, r.started_at as "startedAt", r.resolvable_at as "resolvableAt",
  r.game_version as "gameVersion", r.rule as "ruleName", r.rule_version as "ruleVersion", r.asked_at as "askedAt",
  r.last_priced_at as "lastPricedAt", r.scored_steps as "scoredSteps", r.context, r.member_ids as "memberIds",
  r.warmup`;

/** Records rounds; one that is there already stays as it is. */
export async function insertRounds(session: Session, rounds: readonly Round[]): Promise<void> {
  if (rounds.length === 0) return;
  // Steps and context travel apart: inside a record PostgreSQL would look into them, and refuse U+0000.
  const rows = rounds.map(({ scoredSteps: _, context: __, ...row }) => row);
  await session.query(
    {
      name: 'insert_rounds',
      text: `insert into rounds (round_id, profile, asset, started_at, resolvable_at, game_version, rule, rule_version,
          asked_at, last_priced_at, scored_steps, context, member_ids, warmup)
        select "roundId", profile, asset, to_timestamp("startedAt"), to_timestamp("resolvableAt"), "gameVersion",
          "ruleName", "ruleVersion", to_timestamp("askedAt"), to_timestamp("lastPricedAt"), scored_steps::json,
          context::json, "memberIds", warmup
        from rows from (
          json_to_recordset($1) as ("roundId" text, profile text, asset text, "startedAt" float8,
            "resolvableAt" float8, "gameVersion" text, "ruleName" text, "ruleVersion" int, "askedAt" float8,
            "lastPricedAt" float8, "memberIds" text[], warmup boolean),
          unnest($2::text[], $3::text[])
        ) as r("roundId", profile, asset, "startedAt", "resolvableAt", "gameVersion", "ruleName", "ruleVersion",
          "askedAt", "lastPricedAt", "memberIds", warmup, scored_steps, context)
        on conflict do nothing`,
    },
    [
      JSON.stringify(rows),
      rounds.map(({ scoredSteps }) => JSON.stringify(scoredSteps)),
      rounds.map(({ context }) => JSON.stringify(context)),
    ],
  );
}
