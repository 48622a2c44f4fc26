// Snapshots and scored predictions as the existing API shows them. Pure.

import type { Means, Standing } from '../domain/board.ts';
import type { Game } from '../domain/game.ts';
import type { Cause } from '../domain/prediction.ts';
import type { ScoredPrediction } from '../domain/repositories.ts';
import { naiveIso } from './instant.ts';
import { publicText } from './public-text.ts';

/** A kind of question by the existing API's names: seconds, and `{asset}-{horizon}-{step}`. */
interface Param {
  readonly param: string;
  readonly asset: string;
  readonly horizon: number;
  /** The smallest step when a profile has several. */
  readonly step: number;
}

interface Scores {
  readonly score_recent: number | null;
  readonly score_steady: number | null;
  readonly score_anchor: number | null;
}

export interface GlobalRow extends Scores {
  readonly model_id: string;
  readonly performed_at: string;
}

export interface ParamRow extends Scores, Param {
  readonly model_id: string;
  readonly performed_at: string;
}

export interface PredictionRow extends Param {
  readonly model_id: string;
  /** Points; those of a missing answer when `score_failed`. */
  readonly score_value: number | null;
  readonly score_failed: boolean;
  readonly score_failed_reason: string | null;
  readonly scored_at: string;
  readonly performed_at: string;
}

type Snapshot = { readonly asOf: number; readonly standing: Standing };

/** One row for each snapshot of a model's overall standing, in the order given. */
export function globalRows(snapshots: readonly Snapshot[]): GlobalRow[] {
  return snapshots.map(({ asOf, standing }) => ({
    model_id: standing.modelId,
    ...scoresOf(standing.overall),
    performed_at: naiveIso(asOf),
  }));
}

/**
 * One row for each snapshot and each asset of each profile in it, in the order given; within a snapshot
 * profiles and assets as the game lists them. A profile the game no longer has is left out: its horizon and
 * step are not known.
 */
export function paramRows(snapshots: readonly Snapshot[], game: Game): ParamRow[] {
  const params = paramsOf(game);
  return snapshots.flatMap(({ asOf, standing }) => {
    const performedAt = naiveIso(asOf);
    return params.flatMap(({ profile, param }) => {
      const means = standing.byAsset[profile]?.[param.asset];
      if (means === undefined) return [];
      return [{ model_id: standing.modelId, ...param, ...scoresOf(means), performed_at: performedAt }];
    });
  });
}

/** One row for each scored prediction, in the order given; those of a profile the game no longer has are left out. */
export function predictionRows(predictions: readonly ScoredPrediction[], game: Game): PredictionRow[] {
  const params = new Map(paramsOf(game).map(({ profile, param }) => [`${profile}.${param.asset}`, param]));
  return predictions.flatMap((prediction) => {
    const param = params.get(`${prediction.profile}.${prediction.asset}`);
    if (param === undefined) return [];
    return [
      {
        model_id: prediction.modelId,
        ...param,
        score_value: prediction.points,
        score_failed: !prediction.answered,
        score_failed_reason: failedReason(prediction),
        scored_at: naiveIso(prediction.settledAt),
        performed_at: naiveIso(prediction.startedAt),
      },
    ];
  });
}

/** Every (profile, asset) the game asks about, in its order. */
export function paramsOf(game: Game): { readonly profile: string; readonly param: Param }[] {
  return game.profiles.flatMap(({ name, horizonSeconds, stepsSeconds, assets }) =>
    assets.map((asset) => ({
      profile: name,
      param: {
        param: `${asset}-${horizonSeconds}-${stepsSeconds.join('+')}`,
        asset,
        horizon: horizonSeconds,
        step: Math.min(...stepsSeconds),
      },
    })),
  );
}

function scoresOf(means: Means): Scores {
  return {
    score_recent: means.recent.value,
    score_steady: means.steady.value,
    score_anchor: means.anchor.value,
  };
}

const causeWords: Readonly<Record<Cause, string>> = {
  timeout: 'no whole answer before the deadline',
  busy: 'the model was still at work on an earlier call',
  raised: 'the model reported an error',
  undecodable: 'the answer could not be decoded',
  crashed: 'the connection was lost during the call',
  oversize: 'the answer was larger than the competition allows',
  refused: 'no connection could be made',
  unauthenticated: 'the model refused our credentials, or we refused its',
  absent: 'the model was not connected',
  interrupted: 'our worker was restarted during the round',
};

const reasonMax = 200; // a path and a short sentence; a chart's tooltip holds no more

/** What the public may know: our own words for the status and cause, score's word for an invalid content. */
function failedReason({ answered, status, cause, verdict, verdictReason }: ScoredPrediction): string | null {
  if (answered) return null;
  if (status !== 'success') return cause === null ? status : `${cause}: ${causeWords[cause]}`;
  if (verdict === 'invalid') return publicText(`invalid: ${verdictReason ?? 'not a forecast'}`, reasonMax);
  return 'unscored: the forecast gave no finite score';
}
