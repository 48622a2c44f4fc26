// One round, whole: what its predictions are worth once the outcome is known. Writes nothing.

import type { Game } from '../domain/game.ts';
import type { Prediction } from '../domain/prediction.ts';
import type { SettlementRepository, StoredPrediction, WaitingRound } from '../domain/repositories.ts';
import type { RoundState } from '../domain/settle-round.ts';
import type { Score, Settlement } from '../domain/settlement.ts';
import { cleanReason } from './score-answers.ts';
import type { RoundResult, RoundTask, ScoringThreads } from './threads.ts';
import { questionOf } from './versions.ts';

/** What `SettlementRepository.commit` takes for one round. */
export type CommittedRound = Parameters<SettlementRepository['commit']>[1][number];

/** The task that reads, and with an outcome scores, a round's answers. */
export function roundTask(game: Game, round: WaitingRound, outcome: RoundTask['outcome']): RoundTask {
  return {
    roundId: round.roundId,
    question: questionOf(game, round),
    maxBytes: game.answerMaxBytes,
    minScale: game.rule.minScale ?? 0,
    outcome,
  };
}

/**
 * Settlement, verdicts and scores of one round that is due, under the game it was started under (null: this
 * worker doesn't have it, which only a round void through us allows). A void round has verdicts and no scores. A
 * round whose baseline or points the game can't give is void, ours: whose answers they were makes no
 * difference, and trying again would give the same.
 */
export async function scoreRound(
  game: Game | null,
  threads: Pick<ScoringThreads, 'scoreRound'>,
  round: WaitingRound,
  state: Exclude<RoundState, { state: 'wait' }>,
  source: string,
  predictions: readonly StoredPrediction[],
): Promise<CommittedRound> {
  const { roundId, resolvableAt } = round;
  if (state.state === 'void') {
    const { verdicts } = game ? await threads.scoreRound(roundTask(game, round, null), predictions) : { verdicts: [] };
    return { settlement: { roundId, ...state }, resolvableAt, verdicts, scores: [] };
  }
  if (game === null) throw new Error(`Cannot score round "${roundId}": this worker doesn't have its game`);
  const outcome = { realized: state.outcome, context: round.context };
  const result = await threads.scoreRound(roundTask(game, round, outcome), predictions);
  const { settledAt, priceAtStart, priceAtEnd, firstPricedAt, lastPricedAt } = state;
  const voided = (reason: string): CommittedRound => ({
    settlement: { roundId, state: 'void', settledAt, reason, ours: true },
    resolvableAt,
    verdicts: result.verdicts,
    scores: [],
  });
  const baselineScore = result.baseline;
  if (typeof baselineScore !== 'number') return voided(`The baseline ${baselineScore}`);
  const points = pointsOf(game, round, result, baselineScore);
  if (typeof points === 'string') return voided(points);
  const settlement: Settlement = {
    roundId,
    state: 'settled',
    settledAt,
    source,
    baselineScore,
    priceAtStart,
    priceAtEnd,
    firstPricedAt,
    lastPricedAt,
  };
  const scores = round.memberIds.map((modelId) => scoreOf(game, round, modelId, result.scores, points));
  return { settlement, resolvableAt, verdicts: result.verdicts, scores };
}

/** Points of the valid answers by model id, or why the game could not give them. Scores go in in id order. */
function pointsOf(game: Game, round: WaitingRound, result: RoundResult, baselineScore: number) {
  const valid = round.memberIds.filter((modelId) => result.scores.has(modelId));
  try {
    const points = game.points(
      valid.map((modelId) => result.scores.get(modelId) as number), // just filtered by has()
      baselineScore,
      round.context,
    );
    if (points.length !== valid.length) return `The game gave ${points.length} points for ${valid.length} scores`;
    if (!points.every(Number.isFinite)) return 'The game gave points that are not finite';
    return new Map(valid.map((modelId, i) => [modelId, points[i] as number]));
  } catch (error) {
    return cleanReason(`The game could not give points: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

/** A member without a valid answer, for whatever reason, gets the game's missing points. */
function scoreOf(
  { rule }: Game,
  { roundId }: WaitingRound,
  modelId: Prediction['modelId'],
  scores: ReadonlyMap<string, number>,
  points: ReadonlyMap<string, number>,
): Score {
  return {
    roundId,
    modelId,
    ruleName: rule.name,
    ruleVersion: rule.version,
    score: scores.get(modelId) ?? null,
    points: points.get(modelId) ?? rule.missingPoints,
    answered: scores.has(modelId),
    diagnostics: null,
  };
}
