// Why a model scored as it did, in memory.

import type { ScoreSummary } from '../../domain/repositories.ts';
import type { Calibration, Score } from '../../domain/settlement.ts';
import { compareText, keyOf, type MemoryState, type RoundState } from './state.ts';

export function readDiagnostics(
  state: MemoryState,
  modelId: string,
  start: number,
  end: number,
  limit: number,
): readonly ScoreSummary[] {
  const joined = [...state.memberships.values()].filter(
    (membership) => membership.modelId === modelId && membership.joinedAt <= end,
  );
  const since = Math.max(Number.NEGATIVE_INFINITY, ...joined.map(({ joinedAt }) => joinedAt));
  const groups = new Map<string, { readonly round: RoundState['round']; readonly scores: Score[] }>();
  const asked = [...state.rounds.values()]
    .filter(({ foldedAt, settlement }) => foldedAt !== null && settlement?.state === 'settled')
    .filter(
      ({ round: { resolvableAt, startedAt } }) => resolvableAt >= start && resolvableAt <= end && startedAt >= since,
    )
    .sort((a, b) => b.round.resolvableAt - a.round.resolvableAt || compareText(a.round.roundId, b.round.roundId))
    .slice(0, limit);
  for (const { round, scores } of asked) {
    for (const score of scores.values()) {
      if (score.modelId !== modelId) continue;
      const key = keyOf(score.ruleName, round.profile, round.asset);
      const group = groups.get(key) ?? { round, scores: [] };
      group.scores.push(score);
      groups.set(key, group);
    }
  }
  return [...groups.values()]
    .map(({ round, scores }) => summaryOf(round, scores))
    .sort((a, b) => compareText(a.rule, b.rule) || compareText(a.profile, b.profile) || compareText(a.asset, b.asset));
}

function summaryOf({ profile, asset }: RoundState['round'], scores: readonly Score[]): ScoreSummary {
  const raw = scores.flatMap(({ score }) => score ?? []);
  return {
    rule: scores[0]?.ruleName ?? '',
    profile,
    asset,
    count: scores.length,
    answered: scores.filter(({ answered }) => answered).length,
    points: mean(scores.map(({ points }) => points)),
    score: raw.length === 0 ? null : mean(raw),
    calibration: addUp(scores.flatMap(({ diagnostics }) => diagnostics?.calibration ?? [])),
  };
}

function addUp(parts: readonly Calibration[]): Calibration | null {
  const steps = sum(parts.map((part) => part.steps));
  if (steps === 0) return null;
  const overSteps = (value: (part: Calibration) => number) =>
    sum(parts.map((part) => part.steps * value(part))) / steps;
  const within = (level: 0 | 1 | 2) => sum(parts.map(({ covered }) => covered[level]));
  return {
    steps,
    pitCounts: Array.from({ length: 20 }, (_, i) => sum(parts.map(({ pitCounts }) => pitCounts[i] ?? 0))),
    covered: [within(0), within(1), within(2)],
    dispersion: overSteps(({ dispersion }) => dispersion),
    overPrediction: overSteps(({ overPrediction }) => overPrediction),
    underPrediction: overSteps(({ underPrediction }) => underPrediction),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
