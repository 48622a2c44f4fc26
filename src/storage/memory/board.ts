// Boards in memory: windows and counts computed anew each time, from all folded rounds.

import type { BoardCounts, WindowSum } from '../../domain/board.ts';
import type { Window } from '../../domain/game.ts';
import type { BoardInput, BoardRepository } from '../../domain/repositories.ts';
import type { Score } from '../../domain/settlement.ts';
import { exactSum } from './decimal.ts';
import { compareText, keyOf, type MemoryState, type RoundState } from './state.ts';

export function createMemoryBoardRepository(state: MemoryState): BoardRepository {
  return {
    async passedUntil() {
      return state.passedUntil;
    },

    async publish(asOf, { windows, ruleName, shadowRules = [], snapshot, build }) {
      if (state.passedUntil !== null && state.passedUntil >= asOf) return false;
      const rounds = [...state.rounds.values()];
      const fresh = rounds.filter(
        ({ foldedAt, settlement }) => foldedAt === null && settlement !== null && settlement.settledAt <= asOf,
      );
      const folded = rounds.filter((round) => round.foldedAt !== null || fresh.includes(round));
      const warmups = folded.filter(({ round }) => round.warmup).map(({ round }) => round.resolvableAt);
      const members = readMembers(state, asOf);
      const memberSince = new Map(members.map(({ modelId, joinedAt }) => [modelId, joinedAt]));
      const sumsOf = (counts: (score: Score) => boolean) =>
        windows
          .flatMap((window) => sumWindow(folded, window, asOf, memberSince, counts))
          .sort(
            (a, b) =>
              compareText(a.modelId, b.modelId) ||
              compareText(a.asset, b.asset) ||
              compareText(a.profile, b.profile) ||
              compareText(a.window, b.window),
          );
      const leaderboard = build({
        sums: sumsOf((score) => score.ruleName === ruleName),
        shadowSums: Object.fromEntries(
          shadowRules.map(({ name, version }) => [
            name,
            sumsOf((score) => score.ruleName === name && score.ruleVersion === version),
          ]),
        ),
        members,
        counts: countBoard(state, folded, asOf),
        lastWarmupAt: warmups.length === 0 ? null : Math.max(...warmups),
      });
      // Nothing is changed before `build` has returned, since it may throw.
      for (const round of fresh) round.foldedAt = asOf;
      state.leaderboards = [...state.leaderboards.filter((kept) => kept.snapshot), { asOf, snapshot, leaderboard }];
      if (snapshot) state.snapshots.push(...leaderboard.standings.map((standing) => ({ asOf, standing })));
      state.passedUntil = asOf;
      return true;
    },

    async compareWindows() {
      return null; // nothing is kept that could differ
    },
  };
}

function sumWindow(
  folded: readonly RoundState[],
  window: Window,
  asOf: number,
  memberSince: ReadonlyMap<string, number>,
  counts: (score: Score) => boolean,
): WindowSum[] {
  const groups = new Map<
    string,
    { sum: Omit<WindowSum, 'sum' | 'count' | 'answered'>; points: number[]; answered: number }
  >();
  for (const { round, settlement, scores } of folded) {
    if (settlement?.state !== 'settled' || round.resolvableAt < asOf - window.seconds) continue;
    for (const score of scores.values()) {
      const { modelId, points, answered } = score;
      if (!counts(score) || round.startedAt < (memberSince.get(modelId) ?? Number.NEGATIVE_INFINITY)) continue;
      const { asset, profile } = round;
      const key = keyOf(modelId, asset, profile);
      const group = groups.get(key) ?? {
        sum: { modelId, asset, profile, window: window.name },
        points: [],
        answered: 0,
      };
      group.points.push(points);
      group.answered += answered ? 1 : 0;
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ sum, points, answered }) => ({
    ...sum,
    sum: exactSum(points),
    count: points.length,
    answered,
  }));
}

function readMembers(state: MemoryState, asOf: number): BoardInput['members'] {
  const newest = new Map<string, BoardInput['members'][number]>();
  for (const membership of state.memberships.values()) {
    const { modelId, joinedAt, goneAt, leftAt } = membership;
    if (joinedAt > asOf || joinedAt < (newest.get(modelId)?.joinedAt ?? -Infinity)) continue;
    const until = (instant: number | null) => (instant !== null && instant <= asOf ? instant : null);
    newest.set(modelId, { modelId, joinedAt, goneAt: until(goneAt), leftAt: until(leftAt) });
  }
  return [...newest.values()].sort((a, b) => compareText(a.modelId, b.modelId));
}

function countBoard(state: MemoryState, folded: readonly RoundState[], asOf: number): BoardCounts {
  const open = [...state.rounds.values()].filter(
    (round) => round.round.startedAt <= asOf && !folded.includes(round),
  ).length;
  const predictions = folded.flatMap((round) => round.predictions);
  const withStatus = (status: string) => predictions.filter((prediction) => prediction.status === status).length;
  return {
    rounds: {
      asked: folded.length + open,
      settled: folded.filter(({ settlement }) => settlement?.state === 'settled').length,
      void: folded.filter(({ settlement }) => settlement?.state === 'void').length,
      skipped: countSkipped(state, asOf),
      open,
    },
    predictions: {
      success: withStatus('success'),
      failed: withStatus('failed'),
      timeout: withStatus('timeout'),
      absent: withStatus('absent'),
      invalid: folded.reduce((sum, round) => sum + countVerdicts(round, 'invalid'), 0),
    },
  };
}

/** Slots skipped by `asOf`; a gap that goes on beyond it counts in proportion. */
export function countSkipped(state: MemoryState, asOf: number): number {
  return [...state.skips.values()]
    .filter(({ fromSlot }) => fromSlot <= asOf)
    .reduce(
      (sum, { fromSlot, toSlot, slots }) =>
        sum + (toSlot <= asOf ? slots : 1 + Math.floor(((slots - 1) * (asOf - fromSlot)) / (toSlot - fromSlot))),
      0,
    );
}

export function countVerdicts({ verdicts }: RoundState, wanted: string): number {
  return [...verdicts.values()].filter(({ verdict }) => verdict === wanted).length;
}
