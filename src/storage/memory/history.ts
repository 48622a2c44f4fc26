// Looking back, in memory.

import type { WindowSum } from '../../domain/board.ts';
import type { HistoryRepository, Rescore, RescoreRepository, SettledRound } from '../../domain/repositories.ts';
import type { Score } from '../../domain/settlement.ts';
import { readMembers, windowSums } from './board.ts';
import { compareText, keyOf, type MemoryState, type RoundState } from './state.ts';

export function createMemoryHistoryRepository(state: MemoryState): HistoryRepository {
  return {
    async round(roundId) {
      const found = state.rounds.get(roundId);
      return found ? settled(found) : null;
    },

    async prediction({ roundId }, modelId) {
      const round = state.rounds.get(roundId);
      const prediction = round?.predictions.find((candidate) => candidate.modelId === modelId);
      return prediction ? { prediction, verdict: round?.verdicts.get(modelId) ?? null } : null;
    },

    async scores({ roundId, ruleName }) {
      return [...(state.rounds.get(roundId)?.scores.values() ?? [])]
        .filter((score) => score.ruleName === ruleName)
        .map((score) => ({ ...score, diagnostics: null }))
        .sort((a, b) => compareText(a.modelId, b.modelId));
    },

    async windows(modelId, asset, profile) {
      if (state.passedUntil === null) return null;
      const asOf = state.passedUntil;
      const folded = [...state.rounds.values()].filter(({ foldedAt }) => foldedAt !== null);
      const ruleName = folded[0]?.round.ruleName ?? '';
      const isWanted = (sum: WindowSum) => sum.modelId === modelId && sum.asset === asset && sum.profile === profile;
      const counts = (score: Score) => score.ruleName === ruleName;
      const sums = windowSums(folded, state.windows, asOf, readMembers(state, asOf), counts);
      return { asOf, sums: sums.filter(isWanted) };
    },
  };
}

type Result = Parameters<RescoreRepository['save']>[2];

export function createMemoryRescoreRepository(state: MemoryState): RescoreRepository {
  const plans = new Map<string, { readonly plan: Rescore; readonly results: Map<string, Result> }>();
  const inSpan = ({ from, to }: Rescore) =>
    [...state.rounds.values()]
      .filter(({ settlement, round }) => {
        return settlement?.state === 'settled' && round.resolvableAt > from && round.resolvableAt <= to;
      })
      .sort((a, b) => a.round.resolvableAt - b.round.resolvableAt || compareText(a.round.roundId, b.round.roundId));
  return {
    async open(plan) {
      if (!plans.has(plan.rescoreId)) plans.set(plan.rescoreId, { plan, results: new Map() });
    },

    async next(rescoreId, limit) {
      const found = plans.get(rescoreId);
      if (found === undefined) return [];
      const left = inSpan(found.plan).filter(({ round }) => !found.results.has(round.roundId));
      return left.slice(0, limit).flatMap((round) => settled(round) ?? []);
    },

    async progress(rescoreId) {
      const found = plans.get(rescoreId);
      if (found === undefined) return { done: 0, total: 0, refused: 0 };
      const refused = [...found.results.values()].filter(({ reason }) => reason !== null).length;
      return { done: found.results.size, total: inSpan(found.plan).length, refused };
    },

    async save(rescoreId, roundId, result) {
      const results = plans.get(rescoreId)?.results;
      if (results && !results.has(roundId)) results.set(roundId, result);
    },

    async compare(rescoreId, windows) {
      const found = plans.get(rescoreId);
      if (found === undefined) throw new Error(`Cannot compare rescore "${rescoreId}": it was never opened`);
      const { plan, results } = found;
      const kept = inSpan(plan).filter(({ round }) => results.get(round.roundId)?.reason === null);
      const anew = kept.map((round) => ({ ...round, scores: scoresOf(plan, round, results) }));
      const members = readMembers(state, plan.to);
      const sumsOf = (rounds: readonly RoundState[], ruleName: string | undefined) =>
        windowSums(rounds, windows, plan.to, members, (score) => score.ruleName === ruleName);
      return { before: sumsOf(kept, kept[0]?.round.ruleName), after: sumsOf(anew, plan.ruleName), members };
    },

    async drop(rescoreId) {
      plans.delete(rescoreId);
    },
  };
}

function scoresOf({ ruleName, ruleVersion }: Rescore, { round }: RoundState, results: ReadonlyMap<string, Result>) {
  const { roundId } = round;
  const rows = results.get(roundId)?.scores ?? [];
  return new Map<string, Score>(
    rows.map((row) => [keyOf(row.modelId), { ...row, roundId, ruleName, ruleVersion, diagnostics: null }]),
  );
}

function settled({ round, settlement }: RoundState): SettledRound | null {
  return settlement === null ? null : { ...round, settlement };
}
