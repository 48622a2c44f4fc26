// Where the competition stands, as `/v1/stats`, `/healthz` and missing dates need it: the counts, read at
// most once a second whoever asks.

import type { ReportStats } from '../domain/repositories.ts';
import type { BoardCache } from './board-cache.ts';
import type { Reads } from './reads.ts';
import { worldNote } from './world-note.ts';

export interface Market {
  /** Counts at most a second old. */
  stats(): Promise<ReportStats>;
  /** Market now; wall time while no competition has started. */
  now(): Promise<number>;
}

const freshSeconds = 1;

export function createMarket({ reads, now }: { reads: Reads; now: () => number }): Market {
  let kept: { readonly stats: Promise<ReportStats>; readonly at: number } | null = null;

  function stats(): Promise<ReportStats> {
    if (kept !== null && now() - kept.at < freshSeconds) return kept.stats;
    const entry = { stats: reads.stats(), at: now() };
    kept = entry;
    // A failure is not kept: the next caller asks again.
    entry.stats.catch(() => {
      if (kept === entry) kept = null;
    });
    return entry.stats;
  }

  return {
    stats,
    async now() {
      return (await stats()).clock?.now ?? now();
    },
  };
}

/** `/v1/stats`. Instants are unix seconds of market time. */
export function statsView(stats: ReportStats, board: ReturnType<BoardCache['current']>, game: string, wallNow: number) {
  const { competition, clock, passedUntil, rounds, windows, predictions } = stats;
  const boardAsOf = board?.leaderboard?.asOf ?? null;
  return {
    game: competition?.game ?? game,
    world: competition?.world ?? null,
    worldNote: competition === null ? null : worldNote(competition.world),
    seed: competition?.seed ?? null,
    boardEverySeconds: competition?.boardEverySeconds ?? null,
    clock: clock && {
      now: clock.now,
      // JSON has no infinity.
      speed: Number.isFinite(clock.speed) ? clock.speed : ('max' as const),
      mode: clock.mode,
      startedAt: clock.startedAt,
      /** Share of the warm-up done: it ends when market time has caught up with the wall clock. */
      warmupDone:
        clock.mode === 'warmup' && wallNow > clock.startedAt
          ? Math.min(1, Math.max(0, (clock.now - clock.startedAt) / (wallNow - clock.startedAt)))
          : null,
    },
    passedUntil,
    boardAsOf,
    boardAgeSeconds: clock === null || boardAsOf === null ? null : Math.max(0, clock.now - boardAsOf),
    rounds,
    windows,
    predictions,
  };
}
