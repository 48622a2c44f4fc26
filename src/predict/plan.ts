// What a start of predict is to do, from its options and what an earlier run left behind: play live, warm
// up first, or replay (from the beginning, or from where a replay was cut off).

import type { MarketClock } from '../domain/clock.ts';
import type { Game } from '../domain/game.ts';
import { type Clock, manualClock, runningClock, wallNow } from '../lib/clock.ts';
import type { Replay } from './play.ts';

export interface PlanOptions {
  readonly game: Game;
  /** Replay at this speed (Infinity: as fast as possible); undefined plays live. */
  readonly speed?: number | undefined;
  readonly from?: number | undefined;
  readonly durationSeconds?: number | undefined;
  /** Replays this much of the recent past first, when the database is empty. */
  readonly warmupSeconds: number;
}

const warmupResponseMs = 20_000; // longer than any honest model needs, short enough that a hanging one delays a warm-up once
const replayResponseMs = 120_000; // a timeout in a replay is loud and makes it unrepeatable, so be generous

export type Plan =
  | { readonly kind: 'live'; readonly startsAt: number; readonly startedAt: number }
  | {
      readonly kind: 'replay';
      readonly startsAt: number;
      readonly startedAt: number;
      readonly replay: Replay;
      readonly clock: Clock & { set?(instant: number): void };
      readonly knownUntil: () => number;
    };

/** Live, a warm-up (an empty database, or one whose warm-up was interrupted), or a replay (new, or gone on with). */
export function planOf(
  options: PlanOptions,
  span: { readonly from: number; readonly to: number } | null,
  clock: MarketClock | null,
): Plan {
  const { game, warmupSeconds, durationSeconds } = options;
  const wall = Math.floor(wallNow() / game.candleSeconds) * game.candleSeconds;
  const isWarmup = options.speed === undefined && (clock ? clock.mode === 'warmup' : warmupSeconds > 0);
  if (options.speed === undefined && !isWarmup) {
    return { kind: 'live', startsAt: wall, startedAt: clock?.startedAt ?? wall };
  }
  const speed = isWarmup ? Number.POSITIVE_INFINITY : (options.speed ?? 1);
  const startedAt = clock?.startedAt ?? (isWarmup ? wall - warmupSeconds : (options.from ?? span?.from ?? wall));
  const startsAt = clock ? clock.now + game.candleSeconds - (clock.now % game.candleSeconds) : startedAt;
  return {
    kind: 'replay',
    startsAt,
    startedAt,
    clock: speed === Number.POSITIVE_INFINITY ? manualClock(startsAt) : runningClock({ startAt: startsAt, speed }),
    knownUntil: isWarmup ? wallNow : () => Number.POSITIVE_INFINITY,
    replay: {
      mode: isWarmup ? 'warmup' : 'replay',
      speed,
      startedAt,
      from: startsAt,
      until: durationSeconds === undefined || isWarmup ? Number.POSITIVE_INFINITY : startedAt + durationSeconds,
      pricesEndAt: isWarmup ? Number.POSITIVE_INFINITY : (span?.to ?? Number.POSITIVE_INFINITY),
      reaches: isWarmup ? (instant) => instant <= wallNow() : () => true,
      responseMs: isWarmup ? warmupResponseMs : replayResponseMs,
    },
  };
}
