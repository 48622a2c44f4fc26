// Looking back: one round, one prediction, one model's windows.

import type { WindowSum } from '../../domain/board.ts';
import type { Verdict } from '../../domain/prediction.ts';
import type { HistoryRepository, SettledRound, StoredPrediction } from '../../domain/repositories.ts';
import type { Score, Settlement } from '../../domain/settlement.ts';
import type { Database } from '../connect.ts';
import { dayOf } from './days.ts';
import { predictionColumns } from './predictions.ts';
import { roundColumns } from './rounds.ts';

/** The columns of `settlements s` as they make a `Settlement`, one row. */
export const settlementColumns = `s.state, s.settled_at as "settledAt", s.source, s.baseline_score as "baselineScore",
  s.price_at_start as "priceAtStart", s.price_at_end as "priceAtEnd", s.first_priced_at as "firstPricedAt",
  s.last_priced_at as "lastPricedAt", s.reason, s.ours`;

export function createHistoryRepository(db: Database): HistoryRepository {
  return {
    async round(roundId) {
      const [row] = await db.query<SettledRow>(
        `select ${roundColumns}, ${settlementColumns} from rounds r join settlements s using (round_id)
         where r.round_id = $1 and s.state <> 'waiting'`,
        [roundId],
      );
      return row === undefined ? null : settledRound(row);
    },

    async prediction({ roundId, resolvableAt }, modelId) {
      const key = [dayOf(resolvableAt), roundId, modelId];
      const [prediction] = await db.query<StoredPrediction>(
        `select ${predictionColumns} from predictions where day = $1 and round_id = $2 and model_id = $3`,
        key,
      );
      if (prediction === undefined) return null;
      const [verdict = null] = await db.query<Verdict>(
        `select round_id as "roundId", model_id as "modelId", verdict, reason from verdicts
         where day = $1 and round_id = $2 and model_id = $3`,
        key,
      );
      return { prediction, verdict };
    },

    async scores({ roundId, resolvableAt, ruleName }) {
      return await db.query<Score>(
        `select round_id as "roundId", model_id as "modelId", rule as "ruleName", rule_version as "ruleVersion", score,
           points, answered, null as diagnostics
         from scores where day = $1 and round_id = $2 and rule = $3 order by model_id`,
        [dayOf(resolvableAt), roundId, ruleName],
      );
    },

    async windows(modelId, asset, profile) {
      return await db.transaction(async (snapshot) => {
        const [progress] = await snapshot.query<{ asOf: number }>('select passed_until as "asOf" from score_progress');
        if (progress === undefined) return null;
        const sums = await snapshot.query<WindowSum>(
          `select model_id as "modelId", asset, profile, window_name as "window", sum::text as sum, count, answered
           from model_windows where model_id = $1 and asset = $2 and profile = $3 order by window_name`,
          [modelId, asset, profile],
        );
        return { asOf: progress.asOf, sums };
      }, 'snapshot');
    },
  };
}

type SettledRow = SettledRound & Record<keyof Extract<Settlement, { state: 'settled' }>, unknown>;

/** Splits a row of `roundColumns` and `settlementColumns` into round and settlement. */
export function settledRound(row: SettledRow): SettledRound {
  const { state, settledAt, source, baselineScore, priceAtStart, priceAtEnd, firstPricedAt, lastPricedAt, ...rest } =
    row;
  const { reason, ours, ...round } = rest as typeof rest & { reason: unknown; ours: unknown };
  const { roundId } = round;
  const settled = { source, baselineScore, priceAtStart, priceAtEnd, firstPricedAt, lastPricedAt };
  // The table's checks hold what the type says.
  const settlement = { roundId, state, settledAt, ...(state === 'void' ? { reason, ours } : settled) } as Settlement;
  return { ...(round as unknown as SettledRound), settlement };
}
