// Predict's repository in memory.

import type { Membership } from '../../domain/model.ts';
import type { JournalEntry, PredictRepository } from '../../domain/repositories.ts';
import type { Skip } from '../../domain/round.ts';
import { refuseOther } from '../competition.ts';
import { appendPrices } from './prices.ts';
import { compareText, keyOf, type MemoryState } from './state.ts';

export function createMemoryPredictRepository(state: MemoryState): PredictRepository {
  return {
    async openCompetition(wanted) {
      state.competition ??= wanted;
      refuseOther(state.competition, wanted);
      return state.competition;
    },

    async saveGameVersion(gameVersion, data) {
      if (!state.gameVersions.has(gameVersion)) state.gameVersions.set(gameVersion, data);
    },

    async load() {
      const rounds = [...state.rounds.values()];
      const lastSlots: Record<string, number> = {};
      const slots = [
        ...rounds.map(({ round }) => ({ ...round, slot: round.startedAt })),
        ...[...state.skips.values()].map((skip) => ({ ...skip, slot: skip.toSlot })),
      ];
      for (const { profile, asset, slot } of slots) {
        const key = `${profile}.${asset}`;
        lastSlots[key] = Math.max(lastSlots[key] ?? slot, slot);
      }
      return {
        clock: state.clock,
        models: [...state.models.values()].map(({ model }) => model).sort((a, b) => compareText(a.modelId, b.modelId)),
        memberships: [...state.memberships.values()]
          .filter(({ leftAt }) => leftAt === null)
          .sort((a, b) => compareText(a.modelId, b.modelId) || a.joinedAt - b.joinedAt),
        openRounds: rounds
          .filter(({ isClosed }) => !isClosed)
          .map(({ round }) => round)
          .sort((a, b) => a.startedAt - b.startedAt || compareText(a.roundId, b.roundId)),
        lastSlots,
      };
    },

    async write(entries) {
      refuseUnknownRounds(state, entries);
      for (const entry of entries) writeEntry(state, entry);
    },
  };
}

function refuseUnknownRounds(state: MemoryState, entries: readonly JournalEntry[]): void {
  const fresh = new Set(entries.flatMap((entry) => (entry.type === 'round' ? [entry.round.roundId] : [])));
  for (const entry of entries) {
    if (entry.type === 'answers' && !fresh.has(entry.roundId) && !state.rounds.has(entry.roundId)) {
      throw new Error(`Cannot write answers of round "${entry.roundId}": the round was never recorded`);
    }
  }
}

function writeEntry(state: MemoryState, entry: JournalEntry): void {
  switch (entry.type) {
    case 'prices':
      appendPrices(state, entry.prices);
      break;
    case 'clock':
      if (state.clock === null || state.clock.now <= entry.clock.now) state.clock = entry.clock;
      break;
    case 'model': {
      const { model, seenAt } = entry;
      const known = state.models.get(model.modelId);
      if (known === undefined || known.seenAt <= seenAt) state.models.set(model.modelId, { model, seenAt });
      break;
    }
    case 'deployment': {
      const { deployment } = entry;
      const key = keyOf(deployment.modelId, deployment.deploymentId);
      const known = state.deployments.get(key);
      if (known === undefined || known.seenAt < deployment.seenAt) state.deployments.set(key, deployment);
      break;
    }
    case 'membership':
      writeMembership(state, entry.membership);
      break;
    case 'round': {
      const { round } = entry;
      if (state.rounds.has(round.roundId)) break;
      state.rounds.set(round.roundId, {
        round,
        isClosed: false,
        fault: null,
        faultReason: null,
        predictions: [],
        verdicts: new Map(),
        scores: new Map(),
        checked: false,
        lease: null,
        settlement: null,
        foldedAt: null,
      });
      break;
    }
    case 'answers':
      closeRound(state, entry);
      break;
    case 'skip':
      writeSkip(state, entry.skip);
      break;
  }
}

function writeMembership(state: MemoryState, membership: Membership): void {
  const key = keyOf(membership.modelId, membership.joinedAt);
  if (state.memberships.get(key)?.leftAt == null) state.memberships.set(key, membership);
}

function closeRound(state: MemoryState, entry: Extract<JournalEntry, { type: 'answers' }>): void {
  const round = state.rounds.get(entry.roundId);
  if (round === undefined || round.isClosed) return;
  round.isClosed = true;
  round.fault = entry.fault;
  round.faultReason = entry.faultReason ?? null;
  const byModel = new Map([...entry.predictions].reverse().map((prediction) => [prediction.modelId, prediction]));
  round.predictions = [...byModel.values()].sort((a, b) => compareText(a.modelId, b.modelId));
}

function writeSkip(state: MemoryState, skip: Skip): void {
  const key = keyOf(skip.profile, skip.asset, skip.fromSlot);
  const known = state.skips.get(key);
  if (known === undefined || known.toSlot < skip.toSlot) state.skips.set(key, skip);
}
