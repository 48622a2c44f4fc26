// Score's repository of rounds in memory. Leases run on the wall clock, as the database's do.

import type { RoundPlace, SettlementRepository, WaitingRound } from '../../domain/repositories.ts';
import { wallNow } from '../../lib/clock.ts';
import { compareText, type MemoryState, type RoundState } from './state.ts';

const pageMax = 1_000; // as over PostgreSQL

export function createMemorySettlementRepository(state: MemoryState): SettlementRepository {
  return {
    async competition() {
      const { competition, clock } = state;
      return competition && clock ? { competition, clock } : null;
    },

    async gameVersion(gameVersion) {
      return state.gameVersions.get(gameVersion) ?? null;
    },

    async waiting(upTo, limit, after) {
      return readWaiting(state, limit, ({ round }) => round.resolvableAt <= upTo && isAfter(round, after));
    },

    async unchecked(limit, endingAfter = Number.NEGATIVE_INFINITY) {
      return readWaiting(state, limit, ({ checked, round }) => !checked && round.resolvableAt > endingAfter);
    },

    async claim(roundIds, token, leaseSeconds) {
      return roundIds.filter((roundId) => {
        const round = state.rounds.get(roundId);
        if (round === undefined || !isWaiting(round)) return false;
        const { lease } = round;
        if (lease !== null && lease.token !== token && lease.untilAt >= wallNow()) return false;
        round.lease = { token, untilAt: wallNow() + leaseSeconds };
        return true;
      });
    },

    async *predictions({ roundId }) {
      const predictions = state.rounds.get(roundId)?.predictions ?? [];
      for (let i = 0; i < predictions.length; i += pageMax) yield predictions.slice(i, i + pageMax);
    },

    async saveVerdicts(rounds) {
      for (const { roundId, verdicts } of rounds) {
        const round = state.rounds.get(roundId);
        if (round === undefined) continue;
        addNew(round.verdicts, verdicts, ({ modelId }) => modelId);
        round.checked = true;
      }
    },

    async commit(token, rounds) {
      const held = rounds.filter(({ settlement }) => {
        const round = state.rounds.get(settlement.roundId);
        return round !== undefined && isWaiting(round) && round.lease?.token === token;
      });
      for (const { settlement, scores } of held) {
        const wrong = scores.find(({ points }) => !Number.isFinite(points));
        if (wrong)
          throw new Error(`Cannot commit round "${settlement.roundId}": points ${wrong.points} are not finite`);
      }
      for (const { settlement, verdicts, scores } of held) {
        const round = state.rounds.get(settlement.roundId);
        if (round === undefined) continue;
        for (const verdict of verdicts) round.verdicts.set(verdict.modelId, verdict); // wins over an earlier one
        addNew(round.scores, scores, ({ modelId, ruleName }) => JSON.stringify([modelId, ruleName]));
        round.settlement = settlement;
        round.checked = true;
        round.lease = null;
      }
      return held.map(({ settlement }) => settlement.roundId);
    },
  };
}

function isWaiting({ isClosed, settlement }: RoundState): boolean {
  return isClosed && settlement === null;
}

function isAfter({ resolvableAt, roundId }: RoundPlace, after: RoundPlace | undefined): boolean {
  if (after === undefined) return true;
  return (resolvableAt - after.resolvableAt || compareText(roundId, after.roundId)) > 0;
}

function readWaiting(state: MemoryState, limit: number, passes: (round: RoundState) => boolean): WaitingRound[] {
  return [...state.rounds.values()]
    .filter((round) => isWaiting(round) && passes(round))
    .sort((a, b) => a.round.resolvableAt - b.round.resolvableAt || compareText(a.round.roundId, b.round.roundId))
    .slice(0, limit)
    .map(({ round, fault, faultReason, checked }) => ({ ...round, fault, faultReason, checked }));
}

/** What is there stays. */
function addNew<T>(into: Map<string, T>, values: readonly T[], keyOf: (value: T) => string): void {
  for (const value of values) {
    const key = keyOf(value);
    if (!into.has(key)) into.set(key, value);
  }
}
