// One round, whole: what its predictions are worth once the outcome is known. Writes nothing.

import type { Game, ShadowRule } from '../domain/game.ts';
import type { SettlementRepository, WaitingRound } from '../domain/repositories.ts';
import type { Round } from '../domain/round.ts';
import type { RoundState } from '../domain/settle-round.ts';
import type { Diagnostics, Score, Settlement } from '../domain/settlement.ts';
import { pointsByHour, type RealizedHours, realizedHours, spread } from './hours.ts';
import type { RoundResult, ShadowResult } from './round-result.ts';
import { cleanReason } from './score-answers.ts';
import type { PredictionPages, RoundTask, ScoringThreads } from './threads.ts';
import { questionOf } from './versions.ts';

/** What `SettlementRepository.commit` takes for one round. */
export type CommittedRound = Parameters<SettlementRepository['commit']>[1][number];

export interface ScoredRound extends CommittedRound {
  /** Shadow rules that could not be computed for this round at all, and why: it has no rows of them. */
  readonly shadowFaults: readonly { readonly rule: ShadowRule; readonly reason: string }[];
}

/** The task that reads, and with an outcome scores, a round's answers. */
export function roundTask(game: Game, round: Round, outcome: RoundTask['outcome']): RoundTask {
  const { kind, minScale = 0, leavesMax } = game.rule;
  return {
    roundId: round.roundId,
    question: questionOf(game, round),
    maxBytes: game.answerMaxBytes,
    minScale,
    ...(kind === undefined ? {} : { kind }),
    ...(leavesMax === undefined ? {} : { leavesMax }),
    outcome,
    shadowRules: outcome === null ? [] : game.shadowRules.map(({ name }) => name),
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
  predictions: PredictionPages,
): Promise<ScoredRound> {
  const { roundId, resolvableAt } = round;
  const none = { resolvableAt, scores: [], shadowFaults: [] };
  if (state.state === 'void') {
    const { verdicts } = game ? await threads.scoreRound(roundTask(game, round, null), predictions) : { verdicts: [] };
    return { settlement: { roundId, ...state }, verdicts, ...none };
  }
  if (game === null) throw new Error(`Cannot score round "${roundId}": this worker doesn't have its game`);
  const outcome = { realized: state.outcome, context: round.context };
  const result = await threads.scoreRound(roundTask(game, round, outcome), predictions);
  const { settledAt, priceAtStart, priceAtEnd, firstPricedAt, lastPricedAt } = state;
  const voided = (reason: string): ScoredRound => ({
    settlement: { roundId, state: 'void', settledAt, reason, ours: true },
    verdicts: result.verdicts,
    ...none,
  });
  const baselineScore = result.baseline;
  if (typeof baselineScore !== 'number') return voided(`The baseline ${baselineScore}`);
  const points = pointsOf(game.points, round, result.scores, baselineScore);
  if (typeof points === 'string') return voided(`The game ${points}`);
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
  const hours = realizedHours(round.startedAt, state.outcome);
  const primary = scoresOf(game.rule, round, result.scores, points, game.rule.missingPoints);
  const shadows = game.shadowRules.map((rule, k) => shadowScores(rule, round, result.shadows[k]));
  return {
    settlement,
    resolvableAt,
    verdicts: result.verdicts,
    scores: [
      ...primary.map((score) => ({ ...score, diagnostics: diagnose(game, round, score, result, hours) })),
      ...shadows.flatMap((scores) => (typeof scores === 'string' ? [] : scores)),
    ],
    shadowFaults: game.shadowRules.flatMap((rule, k) => {
      const reason = shadows[k];
      return typeof reason === 'string' ? [{ rule, reason }] : [];
    }),
  };
}

/** Points of the valid answers by model id, or why there are none. Scores go in in id order. */
function pointsOf(
  pointsFrom: Game['points'],
  { memberIds, context }: WaitingRound,
  scores: ReadonlyMap<string, number>,
  baselineScore: number,
): ReadonlyMap<string, number> | string {
  const valid = memberIds.filter((modelId) => scores.has(modelId));
  try {
    const points = pointsFrom(
      valid.map((modelId) => scores.get(modelId) as number), // just filtered by has()
      baselineScore,
      context,
    );
    if (points.length !== valid.length) return `gave ${points.length} points for ${valid.length} scores`;
    if (!points.every(Number.isFinite)) return 'gave points that are not finite';
    return new Map(valid.map((modelId, i) => [modelId, points[i] as number]));
  } catch (error) {
    return cleanReason(`could not give points: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

/** One row for each member; one without a valid answer, for whatever reason, gets `missingPoints`. */
function scoresOf(
  rule: { readonly name: string; readonly version: number },
  { roundId, memberIds }: WaitingRound,
  scores: ReadonlyMap<string, number>,
  points: ReadonlyMap<string, number>,
  missingPoints: number,
): readonly Score[] {
  return [...new Set(memberIds)].map((modelId) => ({
    roundId,
    modelId,
    ruleName: rule.name,
    ruleVersion: rule.version,
    score: scores.get(modelId) ?? null,
    points: points.get(modelId) ?? missingPoints,
    answered: scores.has(modelId),
    diagnostics: null,
  }));
}

/**
 * Rows under a rule that ranks nobody, or why there can be none. Without points of its own the score counts,
 * turned so that higher is better, and a missing answer counts as the baseline would.
 */
function shadowScores(
  rule: ShadowRule,
  round: WaitingRound,
  result: ShadowResult | undefined,
): readonly Score[] | string {
  if (result === undefined || Number.isNaN(result.baseline)) return 'gave the baseline no score';
  const sign = rule.direction === 'higher' ? 1 : -1;
  const turned: Game['points'] = (scores) => scores.map((score) => sign * score);
  const own: Game['points'] = (...given) => rule.points?.(...given) ?? turned(...given);
  const points = pointsOf(own, round, result.scores, result.baseline);
  if (typeof points === 'string') return points;
  return scoresOf(rule, round, result.scores, points, rule.missingPoints ?? sign * result.baseline);
}

function diagnose(
  game: Game,
  { context }: WaitingRound,
  { modelId, score, points }: Score,
  { details, baseline, baselineHours }: RoundResult,
  { firstHour, steps }: RealizedHours,
): Diagnostics {
  const own = details.get(modelId);
  if (score === null || own === undefined) return { hourPoints: spread(points, steps), firstHour, calibration: null };
  const hourPoints = pointsByHour(
    game,
    points,
    { score, hours: own.hours },
    { baseline: { score: Number(baseline), hours: baselineHours }, context, steps },
  );
  return { hourPoints, firstHour, calibration: own.calibration };
}
