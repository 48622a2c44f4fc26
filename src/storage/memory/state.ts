// What the repositories in memory share. For tests and benches: nothing survives the process.

import type { Leaderboard, Standing } from '../../domain/board.ts';
import type { Competition, MarketClock } from '../../domain/clock.ts';
import type { Json, Window } from '../../domain/game.ts';
import type { Deployment, Membership, Model } from '../../domain/model.ts';
import type { Verdict } from '../../domain/prediction.ts';
import type { Price } from '../../domain/price.ts';
import type { StoredPrediction } from '../../domain/repositories.ts';
import type { Fault, Round, Skip } from '../../domain/round.ts';
import type { Score, Settlement } from '../../domain/settlement.ts';

export interface RoundState {
  readonly round: Round;
  isClosed: boolean;
  fault: Fault | null;
  faultReason: string | null;
  /** In model-id order. */
  predictions: readonly StoredPrediction[];
  readonly verdicts: Map<string, Verdict>;
  readonly scores: Map<string, Score>;
  checked: boolean;
  lease: { readonly token: string; readonly untilAt: number } | null;
  settlement: Settlement | null;
  foldedAt: number | null;
}

export interface MemoryState {
  competition: Competition | null;
  clock: MarketClock | null;
  passedUntil: number | null;
  /** Of the newest board. */
  windows: readonly Window[];
  readonly gameVersions: Map<string, Json>;
  readonly models: Map<string, { readonly model: Model; readonly seenAt: number }>;
  readonly deployments: Map<string, Deployment>;
  readonly memberships: Map<string, Membership>;
  readonly rounds: Map<string, RoundState>;
  readonly skips: Map<string, Skip>;
  readonly prices: Map<string, Price>;
  leaderboards: { readonly asOf: number; readonly snapshot: boolean; readonly leaderboard: Leaderboard }[];
  readonly snapshots: { readonly asOf: number; readonly standing: Standing }[];
}

export function createMemoryState(): MemoryState {
  return {
    competition: null,
    clock: null,
    passedUntil: null,
    windows: [],
    gameVersions: new Map(),
    models: new Map(),
    deployments: new Map(),
    memberships: new Map(),
    rounds: new Map(),
    skips: new Map(),
    prices: new Map(),
    leaderboards: [],
    snapshots: [],
  };
}

/** One key of several words, whatever characters they hold. */
export function keyOf(...words: readonly (string | number)[]): string {
  return JSON.stringify(words);
}

/** The order of PostgreSQL's `collate "C"`: by bytes, which isn't JavaScript's where surrogates occur. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
