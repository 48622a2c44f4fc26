// What scoring threads have found out about one round, gathered by model.

import type { Verdict } from '../domain/prediction.ts';
import type { Calibration } from '../domain/settlement.ts';
import { calibrationNumbers, readCalibration } from './calibrate.ts';
import type { AnswersResult, BaselineResult } from './score-answers.ts';

export interface RoundResult {
  /** The baseline's score, or why there is none; null when there is no outcome. */
  readonly baseline: number | string | null;
  /** What each UTC hour adds to it (see `realizedHours`); empty when there is no outcome. */
  readonly baselineHours: readonly number[];
  /** One for each successful prediction, in their order. */
  readonly verdicts: readonly Verdict[];
  /** Raw scores of the valid ones, by model id; empty when there is no outcome. */
  readonly scores: ReadonlyMap<string, number>;
  /** The same under each shadow rule that was asked for, in that order. */
  readonly shadows: readonly ShadowResult[];
  /** By model id of the valid ones; an answer may lack them where asking brought its thread down. */
  readonly details: ReadonlyMap<string, ScoreDetails>;
}

export interface ShadowResult {
  /** NaN where there is none. */
  readonly baseline: number;
  readonly scores: ReadonlyMap<string, number>;
}

export interface ScoreDetails {
  /** What each UTC hour adds to the score. */
  readonly hours: readonly number[];
  readonly calibration: Calibration | null;
}

/** What became of one answer. `score` is null when only validity was asked. */
export type AnswerOutcome =
  | { readonly ok: false; readonly reason: string }
  | {
      readonly ok: true;
      readonly score: number | null;
      readonly shadows: Float64Array;
      readonly hours: Float64Array;
      readonly calibration: Calibration | null;
    };

/** The outcomes of `count` answers out of a thread's arrays. */
export function outcomesOf(result: AnswersResult, count: number): AnswerOutcome[] {
  const row = (values: Float64Array, i: number, width = values.length / count) =>
    values.subarray(i * width, (i + 1) * width);
  return result.reasons.map((reason, i): AnswerOutcome => {
    if (reason !== null) return { ok: false, reason };
    const score = result.scores[i] as number;
    return {
      ok: true,
      score: Number.isNaN(score) ? null : score,
      shadows: row(result.shadows, i),
      hours: row(result.hours, i),
      calibration: readCalibration(row(result.calibrations, i, calibrationNumbers)),
    };
  });
}

/** Gathers a round answer by answer. */
export function collectRound({
  roundId,
  shadowRules = [],
}: {
  readonly roundId: string;
  readonly shadowRules?: readonly string[];
}) {
  let baseline: BaselineResult | null = null;
  const verdicts: Verdict[] = [];
  const scores = new Map<string, number>();
  const shadowScores = shadowRules.map(() => new Map<string, number>());
  const details = new Map<string, ScoreDetails>();
  return {
    addBaseline(result: BaselineResult) {
      baseline = result;
    },
    add(modelId: string, outcome: AnswerOutcome) {
      verdicts.push({
        roundId,
        modelId,
        verdict: outcome.ok ? 'valid' : 'invalid',
        reason: outcome.ok ? null : outcome.reason,
      });
      if (!outcome.ok || outcome.score === null) return;
      scores.set(modelId, outcome.score);
      details.set(modelId, { hours: Array.from(outcome.hours), calibration: outcome.calibration });
      for (const [k, own] of shadowScores.entries()) {
        const score = outcome.shadows[k] ?? Number.NaN;
        if (!Number.isNaN(score)) own.set(modelId, score);
      }
    },
    result(): RoundResult {
      const own = baseline as BaselineResult | null; // assigned by addBaseline, which flow analysis can't see
      return {
        baseline: own?.score ?? null,
        baselineHours: own ? Array.from(own.hours) : [],
        verdicts,
        scores,
        shadows: shadowScores.map((found, k) => ({ baseline: own?.shadows[k] ?? Number.NaN, scores: found })),
        details,
      };
    },
  };
}
