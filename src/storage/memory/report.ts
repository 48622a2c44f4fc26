// Report's repository in memory.

import type { ReportRepository } from '../../domain/repositories.ts';
import { countSkipped, countVerdicts } from './board.ts';
import { compareText, type MemoryState } from './state.ts';

export function createMemoryReportRepository(state: MemoryState): ReportRepository {
  const models = () =>
    [...state.models.values()].map(({ model }) => model).sort((a, b) => compareText(a.modelId, b.modelId));
  return {
    async leaderboard() {
      const newest = state.leaderboards.at(-1);
      return newest === undefined ? null : { leaderboard: newest.leaderboard, models: models() };
    },

    async models() {
      return models().map((model) => {
        const deployments = [...state.deployments.values()]
          .filter(({ modelId }) => modelId === model.modelId)
          .sort((a, b) => b.seenAt - a.seenAt || compareText(b.deploymentId, a.deploymentId));
        const connected = [...state.memberships.values()].some(
          ({ modelId, goneAt, leftAt }) => modelId === model.modelId && goneAt === null && leftAt === null,
        );
        return { ...model, deploymentId: deployments[0]?.deploymentId ?? '', connected };
      });
    },

    async snapshots(modelIds, start, end, limit, everySeconds) {
      const inSpan = state.snapshots.filter(({ asOf }) => asOf >= start && asOf <= end);
      const group = (asOf: number) => (everySeconds ? Math.floor(asOf / everySeconds) : asOf);
      const newest = new Map<number, number>();
      for (const { asOf } of inSpan) newest.set(group(asOf), Math.max(asOf, newest.get(group(asOf)) ?? asOf));
      return inSpan
        .filter(
          ({ asOf, standing }) => newest.get(group(asOf)) === asOf && (modelIds?.includes(standing.modelId) ?? true),
        )
        .sort((a, b) => a.asOf - b.asOf || compareText(a.standing.modelId, b.standing.modelId))
        .slice(0, limit);
    },

    async predictions(modelId, start, end, limit) {
      return [...state.rounds.values()]
        .filter(({ round }) => round.startedAt >= start && round.startedAt <= end)
        .sort((a, b) => a.round.startedAt - b.round.startedAt || compareText(a.round.roundId, b.round.roundId))
        .flatMap(({ round, settlement, scores, predictions, verdicts }) => {
          const prediction = predictions.find((candidate) => candidate.modelId === modelId);
          const score = scores.get(JSON.stringify([modelId, round.ruleName]));
          if (settlement?.state !== 'settled' || prediction === undefined || score === undefined) return [];
          const { roundId, profile, asset, startedAt, resolvableAt } = round;
          return [
            {
              roundId,
              modelId,
              profile,
              asset,
              startedAt,
              resolvableAt,
              settledAt: settlement.settledAt,
              points: score.points,
              score: score.score,
              answered: score.answered,
              status: prediction.status,
              cause: prediction.cause,
              verdict: verdicts.get(modelId)?.verdict ?? null,
              verdictReason: verdicts.get(modelId)?.reason ?? null,
            },
          ];
        })
        .slice(0, limit);
    },

    async stats() {
      const rounds = [...state.rounds.values()];
      const inState = (wanted: string) => rounds.filter(({ settlement }) => settlement?.state === wanted).length;
      const predictions = rounds.flatMap((round) => round.predictions);
      const verdicts = { valid: 0, invalid: 0 };
      for (const round of rounds) {
        verdicts.valid += countVerdicts(round, 'valid');
        verdicts.invalid += countVerdicts(round, 'invalid');
      }
      return {
        competition: state.competition,
        clock: state.clock,
        passedUntil: state.passedUntil,
        rounds: {
          asked: rounds.length,
          settled: inState('settled'),
          void: inState('void'),
          skipped: countSkipped(state, Infinity),
          open: rounds.length - inState('settled') - inState('void'),
        },
        windows: { comparedAt: null, differences: 0 },
        predictions: {
          byStatus: tally(predictions.map(({ status }) => status)),
          byCause: tally(predictions.flatMap(({ cause }) => cause ?? [])),
          byVerdict: Object.fromEntries(Object.entries(verdicts).filter(([, count]) => count > 0)),
        },
      };
    },
  };
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
