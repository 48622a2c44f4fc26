// Score's repository of rounds: what waits, who works on it, and the commit of whole rounds.

import type { Json } from '../../domain/game.ts';
import type { SettlementRepository, WaitingRound } from '../../domain/repositories.ts';
import type { Settlement } from '../../domain/settlement.ts';
import type { Database, Session, Transaction } from '../connect.ts';
import { createDays, dayOf } from './days.ts';
import { readClock, readCompetition } from './predict.ts';
import { readPredictions } from './predictions.ts';
import { roundColumns } from './rounds.ts';
import { type Commitment, copyScores, copyVerdicts, type RoundVerdicts } from './scores.ts';
import { createSweep } from './sweep.ts';
import { storable } from './text.ts';

const waitingColumns = `${roundColumns}, r.fault, r.fault_reason as "faultReason", s.checked`;

export function createSettlementRepository(db: Database): SettlementRepository {
  const ensureDays = createDays(db);
  const sweep = createSweep(db);
  return {
    async competition() {
      const [competition, clock] = await Promise.all([readCompetition(db), readClock(db)]);
      return competition && clock ? { competition, clock } : null;
    },

    async gameVersion(gameVersion) {
      const [row] = await db.query<{ data: Json }>('select data from game_versions where game_version = $1', [
        gameVersion,
      ]);
      return row?.data ?? null;
    },

    async waiting(upTo, limit, after) {
      if (after === undefined) await sweep.run(); // once for all pages
      return await db.query<WaitingRound>(
        {
          name: 'waiting',
          text: `select ${waitingColumns} from settlements s join rounds r using (round_id)
            where s.state = 'waiting' and s.resolvable_at <= to_timestamp($1)
              and (s.resolvable_at, s.round_id) > (to_timestamp($3), $4)
            order by s.resolvable_at, s.round_id limit $2`,
        },
        [upTo, limit, after?.resolvableAt ?? Number.NEGATIVE_INFINITY, after?.roundId ?? ''],
      );
    },

    async unchecked(limit, endingAfter = Number.NEGATIVE_INFINITY) {
      await sweep.run();
      return await db.query<WaitingRound>(
        {
          name: 'unchecked',
          text: `select ${waitingColumns} from settlements s join rounds r using (round_id)
            where s.state = 'waiting' and not s.checked and s.resolvable_at > to_timestamp($2)
            order by s.resolvable_at, s.round_id limit $1`,
        },
        [limit, endingAfter],
      );
    },

    async claim(roundIds, token, leaseSeconds) {
      if (roundIds.length === 0) return [];
      const rows = await db.query<{ roundId: string }>(
        {
          name: 'claim',
          text: `update settlements s
            set lease_token = $2, lease_until = clock_timestamp() + make_interval(secs => $3)
            from (
              select round_id from settlements
              where round_id = any($1) and state = 'waiting'
                and (lease_token is null or lease_token = $2 or lease_until < clock_timestamp())
              order by round_id for update skip locked
            ) as free
            where s.round_id = free.round_id returning s.round_id as "roundId"`,
        },
        [[...roundIds], token, leaseSeconds],
      );
      const taken = new Set(rows.map(({ roundId }) => roundId));
      return roundIds.filter((roundId) => taken.has(roundId));
    },

    predictions(round) {
      return readPredictions(db, round);
    },

    async saveVerdicts(rounds) {
      if (rounds.length === 0) return;
      await ensureDays(rounds.map(({ resolvableAt }) => resolvableAt));
      await db.transaction(async (transaction) => {
        // Settlements before verdicts, as commit locks them: the other way round the two could deadlock.
        await transaction.query(
          {
            name: 'mark_checked',
            text: `update settlements s set checked = true
              from (select round_id from settlements where round_id = any($1) and not checked order by round_id for update) as c
              where s.round_id = c.round_id`,
          },
          [rounds.map(({ roundId }) => roundId)],
        );
        await insertVerdicts(transaction, rounds, 'do nothing');
      });
    },

    async commit(token, rounds) {
      if (rounds.length === 0) return [];
      await ensureDays(rounds.map(({ resolvableAt }) => resolvableAt));
      return await db.transaction((transaction) => commitHeld(transaction, token, rounds));
    },
  };
}

async function commitHeld(
  transaction: Transaction,
  token: string,
  rounds: readonly Commitment[],
): Promise<readonly string[]> {
  const held = await transaction.query<{ roundId: string; checked: boolean }>(
    {
      name: 'held',
      text: `select round_id as "roundId", checked from settlements
        where round_id = any($1) and state = 'waiting' and lease_token = $2 order by round_id for update`,
    },
    [rounds.map(({ settlement }) => settlement.roundId), token],
  );
  const isChecked = new Map(held.map(({ roundId, checked }) => [roundId, checked]));
  const ours = rounds.filter(({ settlement }) => isChecked.has(settlement.roundId));
  if (ours.length === 0) return [];
  const verdicts = ours.map(({ settlement, resolvableAt, verdicts: own }) => ({
    roundId: settlement.roundId,
    resolvableAt,
    verdicts: own,
  }));
  // Who writes verdicts marks the round, under the same lock: where it is not marked there are none to conflict.
  await copyVerdicts(
    transaction,
    verdicts.filter(({ roundId }) => !isChecked.get(roundId)),
  );
  await insertVerdicts(
    transaction,
    verdicts.filter(({ roundId }) => isChecked.get(roundId)),
    replaceDifferent,
  );
  await copyScores(transaction, ours);
  await settle(
    transaction,
    ours.map(({ settlement }) => settlement),
  );
  return ours.map(({ settlement }) => settlement.roundId);
}

/** Commit's verdicts win over earlier ones: an answer may be well formed and still defeat the game's score. */
const replaceDifferent = `do update set verdict = excluded.verdict, reason = excluded.reason
  where (verdicts.verdict, verdicts.reason) is distinct from (excluded.verdict, excluded.reason)`;

async function insertVerdicts(
  session: Session,
  rounds: readonly RoundVerdicts[],
  onConflict: 'do nothing' | typeof replaceDifferent,
): Promise<void> {
  const rows = rounds.flatMap(({ resolvableAt, verdicts }) =>
    verdicts.map((verdict) => ({ day: dayOf(resolvableAt), ...verdict })),
  );
  if (rows.length === 0) return;
  await session.query(
    {
      name: onConflict === 'do nothing' ? 'insert_verdicts' : 'replace_verdicts',
      text: `insert into verdicts (day, round_id, model_id, verdict, reason)
        select * from unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[])
        on conflict (day, round_id, model_id) ${onConflict}`,
    },
    [
      rows.map(({ day }) => day),
      rows.map(({ roundId }) => roundId),
      rows.map(({ modelId }) => modelId),
      rows.map(({ verdict }) => verdict),
      rows.map(({ reason }) => storable(reason)),
    ],
  );
}

async function settle(session: Session, settlements: readonly Settlement[]): Promise<void> {
  await session.query(
    {
      name: 'settle',
      text: `update settlements s set state = n.state, settled_at = to_timestamp(n."settledAt"), source = n.source,
          baseline_score = n."baselineScore", price_at_start = n."priceAtStart", price_at_end = n."priceAtEnd",
          first_priced_at = to_timestamp(n."firstPricedAt"), last_priced_at = to_timestamp(n."lastPricedAt"),
          reason = n.reason, ours = n.ours, checked = true, lease_token = null, lease_until = null
        from json_to_recordset($1) as n("roundId" text, state text, "settledAt" float8, source text,
          "baselineScore" float8, "priceAtStart" float8, "priceAtEnd" float8, "firstPricedAt" float8,
          "lastPricedAt" float8, reason text, ours boolean)
        where s.round_id = n."roundId"`,
    },
    [
      JSON.stringify(
        settlements.map((settlement) =>
          settlement.state === 'void' ? { ...settlement, reason: storable(settlement.reason) } : settlement,
        ),
      ),
    ],
  );
}
