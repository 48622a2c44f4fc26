// A round: one question asked to everybody. Its id is computed from what it asks, so that asking twice
// is impossible.

import type { Json } from './game.ts';

/** Step size in seconds, as a key → ranges `[first, last]` of step numbers, 1-based, both included. */
export type ScoredSteps = Readonly<Record<string, readonly (readonly [first: number, last: number])[]>>;

/** One place on the grid: this question, at this instant. */
export interface Slot {
  readonly profile: string;
  readonly asset: string;
  /** Unix seconds. */
  readonly startedAt: number;
}

export interface Round extends Slot {
  /** `{profile}.{asset}.{startedAtUnix}` */
  readonly roundId: string;
  /** startedAt + horizonSeconds. */
  readonly resolvableAt: number;
  /** Identity of the game's data part it is played under (see domain/version.ts). */
  readonly gameVersion: string;
  readonly ruleName: string;
  readonly ruleVersion: number;
  /** Market time of the question, unix seconds with a fraction. */
  readonly askedAt: number;
  /** `pricedAt` of the newest price every asked model had been sent, null when there was none. */
  readonly lastPricedAt: number | null;
  /** Which steps will be scored: both boundaries in open time. Fixed at the start. */
  readonly scoredSteps: ScoredSteps;
  /** What the game knew at the start (for example the volatility). */
  readonly context: Json;
  /** Models asked, in id order. Fixed at the start. */
  readonly memberIds: readonly string[];
  /** Played during the replay of the recent past that precedes a live competition. */
  readonly warmup: boolean;
}

/** Why a round is void through us and nobody else. Predict's word; score writes the void from it. */
export type Fault = 'interrupted' | 'stalled' | 'operator';

/** Slots that were not asked, ours: one for each gap. */
export interface Skip {
  readonly profile: string;
  readonly asset: string;
  /** First and last slot of the gap, unix seconds. */
  readonly fromSlot: number;
  readonly toSlot: number;
  readonly slots: number;
  readonly reason: SkipReason;
}

export type SkipReason = 'stale-prices' | 'late-start' | 'worker-down' | 'clock-skew' | 'game-error';
