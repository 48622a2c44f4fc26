// What the workers need from storage, and nothing more. Each interface is implemented twice, over
// PostgreSQL and in memory, and one contract suite runs against both. All instants are unix seconds of
// market time. Every method rejects with an Error whose `cause` is the driver's when the database is away;
// callers retry or degrade, they never see half a write.

import type { BoardCounts, Leaderboard, Standing, WindowComparison, WindowSum } from './board.ts';
import type { Competition, MarketClock } from './clock.ts';
import type { Json, Rule, Window } from './game.ts';
import type { Deployment, Membership, Model } from './model.ts';
import type { Prediction, VariantName, Verdict } from './prediction.ts';
import type { Price } from './price.ts';
import type { Fault, Round, Skip } from './round.ts';
import type { Score, Settlement } from './settlement.ts';

/** One thing predict has to say. Entries of one batch are written in order, in one transaction. */
export type JournalEntry =
  | { readonly type: 'prices'; readonly prices: readonly Price[]; readonly receivedAt: number }
  | { readonly type: 'clock'; readonly clock: MarketClock }
  | { readonly type: 'model'; readonly model: Model; readonly seenAt: number }
  | { readonly type: 'deployment'; readonly deployment: Deployment }
  | { readonly type: 'membership'; readonly membership: Membership }
  | { readonly type: 'round'; readonly round: Round }
  | {
      readonly type: 'answers';
      readonly roundId: string;
      readonly resolvableAt: number;
      readonly fault: Fault | null;
      /** A sentence about the fault, for example how long a stall was. */
      readonly faultReason?: string | null;
      /** One for every member, in member order; payloads already compressed. */
      readonly predictions: readonly StoredPrediction[];
    }
  | { readonly type: 'skip'; readonly skip: Skip };

/** A prediction as it is kept: the answer compressed, its codec named. */
export type StoredPrediction = Omit<Prediction, 'answer'> & {
  readonly variantType: VariantName | null;
  /** `br` = brotli, `raw` = as it came, null = no answer. */
  readonly codec: 'br' | 'raw' | null;
  readonly payload: Uint8Array | null;
  /** Bytes of the answer before compression. */
  readonly payloadBytes: number;
};

/** Predict's own tables. Everything here is idempotent: writing an entry twice changes nothing. */
export interface PredictRepository {
  /**
   * Takes the competition the database is written for, or writes `wanted` when there is none.
   * @throws Error when the database belongs to another game or world, naming both.
   */
  openCompetition(wanted: Competition): Promise<Competition>;
  /** Stores the canonical data part of a game under its identity. */
  saveGameVersion(gameVersion: string, data: Json): Promise<void>;
  /** What predict knew when it stopped. Rounds are those without answers, oldest first. */
  load(): Promise<PredictState>;
  /**
   * Writes all entries in one transaction and tells listeners (channel `condor_predict`).
   * @throws Error without a `cause` when answers name a round that was never recorded.
   */
  write(entries: readonly JournalEntry[]): Promise<void>;
}

export interface PredictState {
  readonly clock: MarketClock | null;
  readonly models: readonly Model[];
  /** Only those that have not left. */
  readonly memberships: readonly Membership[];
  readonly openRounds: readonly Round[];
  /** Newest slot asked or skipped, by `{profile}.{asset}`. */
  readonly lastSlots: Readonly<Record<string, number>>;
}

export interface PriceRepository {
  /** Appends; a price already there under (asset, pricedAt, source) stays. Returns how many were new. */
  append(prices: readonly Price[], receivedAt: number): Promise<number>;
  /** Ascending by pricedAt, `from` exclusive, `to` inclusive. */
  range(asset: string, source: string, from: number, to: number): Promise<readonly Price[]>;
  /** Newest pricedAt of each asset of a source. */
  latest(source: string): Promise<Readonly<Record<string, number>>>;
}

/** A round that score has not finished with. */
export interface WaitingRound extends Round {
  readonly fault: Fault | null;
  readonly faultReason?: string | null;
  /** Whether all its predictions have verdicts. */
  readonly checked: boolean;
}

/** Where a round stands among those that wait, and in which partition its predictions lie. */
export type RoundPlace = Pick<Round, 'roundId' | 'resolvableAt'>;

/** Score's view of rounds: what to check, claim and commit. */
export interface SettlementRepository {
  /** The competition, its clock and game versions; null while predict has not started one. */
  competition(): Promise<{ readonly competition: Competition; readonly clock: MarketClock } | null>;
  /** The data part of a game as predict stored it under its identity; null when there is none. */
  gameVersion(gameVersion: string): Promise<Json | null>;
  /**
   * Rounds whose answers are in (or that are void through us) and that are neither settled nor void, with
   * `resolvableAt` ≤ `upTo`, by `resolvableAt` and round id, at most `limit`. With `after`, those that come after
   * that round in this order: the next page.
   */
  waiting(upTo: number, limit: number, after?: RoundPlace): Promise<readonly WaitingRound[]>;
  /**
   * Rounds whose answers are in and that lack verdicts, by `resolvableAt` and round id, at most `limit`. With
   * `endingAfter`, those alone whose `resolvableAt` is later.
   */
  unchecked(limit: number, endingAfter?: number): Promise<readonly WaitingRound[]>;
  /**
   * Takes a lease on those of `roundIds` that nobody else holds (skip locked). Lease time runs on the
   * database's clock. Returns the ids taken.
   */
  claim(roundIds: readonly string[], token: string, leaseSeconds: number): Promise<readonly string[]>;
  /**
   * All predictions of one round, in model-id order, with raw (compressed) payloads: page by page, each of at most
   * 1,000 and some 4 MiB of payloads (a single larger one is a page), read when asked for. A round of any size passes
   * through bounded memory.
   */
  predictions(round: RoundPlace): AsyncIterable<readonly StoredPrediction[]>;
  /** Writes verdicts of whole rounds and marks the rounds checked. Idempotent. */
  saveVerdicts(
    rounds: readonly {
      readonly roundId: string;
      readonly resolvableAt: number;
      readonly verdicts: readonly Verdict[];
    }[],
  ): Promise<void>;
  /**
   * Commits rounds whole: settlement, verdicts and scores (under every rule) in one transaction, with as many
   * statements for a thousand scores as for one. A round whose lease is no longer `token`'s is left out. Returns
   * the ids committed.
   */
  commit(
    token: string,
    rounds: readonly {
      readonly settlement: Settlement;
      readonly resolvableAt: number;
      readonly verdicts: readonly Verdict[];
      readonly scores: readonly Score[];
    }[],
  ): Promise<readonly string[]>;
}

/** What a board is built from, read inside the transaction that publishes it. */
export interface BoardInput {
  readonly sums: readonly WindowSum[];
  /** The same under each shadow rule, by its name. */
  readonly shadowSums: Readonly<Record<string, readonly WindowSum[]>>;
  /** Every model that was ever a member, with its newest membership at the board's instant. */
  readonly members: readonly {
    readonly modelId: string;
    readonly joinedAt: number;
    readonly goneAt: number | null;
    readonly leftAt: number | null;
  }[];
  readonly counts: BoardCounts;
  /** Newest resolvableAt of a folded warm-up round; null when there is none. */
  readonly lastWarmupAt: number | null;
}

export interface BoardRepository {
  /** The newest board instant published; null before the first. */
  passedUntil(): Promise<number | null>;
  /**
   * In one transaction under an advisory lock: folds every settled round with `settledAt` ≤ `asOf` not yet
   * folded, drops what has left each window (resolvableAt < asOf − seconds), lets `build` make the
   * leaderboard, keeps it (and a snapshot of each standing when `snapshot`), moves `passedUntil` to `asOf`
   * and notifies (channel `condor_board`). Void rounds are folded without points.
   * Returns false, changing nothing, when `asOf` was already passed or another worker holds the lock.
   *
   * Windows hold the points of `ruleName`, whatever version gave them, and beside them those of each shadow rule,
   * of its version only. Another rule, other windows, a new shadow rule or version: those windows alone are
   * computed anew, from scores. A model that returns after its grace returns as new: from the first board at or
   * after its return, rounds started before it count in none of its windows.
   */
  publish(
    asOf: number,
    options: {
      readonly windows: readonly Window[];
      readonly ruleName: string;
      /** Default none. */
      readonly shadowRules?: readonly Pick<Rule, 'name' | 'version'>[];
      readonly snapshot: boolean;
      readonly build: (input: BoardInput) => Leaderboard;
    },
  ): Promise<boolean>;
  /**
   * The daily check: one slice of the windows (one rule, asset and profile) not yet compared since the UTC day of
   * `asOf`, the newest board, began. Computes its sums anew from scores, compares them exactly, and keeps the
   * computed ones where they differ, in one transaction. Null when there is none left, or when another worker is
   * at the boards. A slice at a time, so that a board never waits for more than one.
   */
  compareWindows(asOf: number): Promise<WindowComparison | null>;
}

/** Rows for the HTTP API. Reads only. */
export interface ReportRepository {
  /** The newest leaderboard with names; null before the first. */
  leaderboard(): Promise<{ readonly leaderboard: Leaderboard; readonly models: readonly Model[] } | null>;
  /** All models ever seen, by id, with their newest deployment and whether they are connected. */
  models(): Promise<readonly (Model & { readonly deploymentId: string; readonly connected: boolean })[]>;
  /**
   * Snapshots with `start` ≤ asOf ≤ `end`, ascending by asOf then model id; all models when `modelIds` is null.
   * With `everySeconds`, of the instants in each so many seconds since the epoch only the newest: a chart of a
   * month needs no more. The first `limit` of what is left.
   */
  snapshots(
    modelIds: readonly string[] | null,
    start: number,
    end: number,
    limit: number,
    everySeconds?: number,
  ): Promise<readonly { readonly asOf: number; readonly standing: Standing }[]>;
  /** Scored predictions of one model with `start` ≤ startedAt ≤ `end`, ascending by startedAt, round id. */
  predictions(modelId: string, start: number, end: number, limit: number): Promise<readonly ScoredPrediction[]>;
  /** Live counts, not those of the last board. */
  stats(): Promise<ReportStats>;
}

export interface ScoredPrediction {
  readonly roundId: string;
  readonly modelId: string;
  readonly profile: string;
  readonly asset: string;
  readonly startedAt: number;
  readonly resolvableAt: number;
  readonly settledAt: number;
  readonly points: number;
  readonly score: number | null;
  readonly answered: boolean;
  readonly status: Prediction['status'];
  readonly cause: Prediction['cause'];
  readonly verdict: Verdict['verdict'] | null;
  readonly verdictReason: string | null;
}

export interface ReportStats {
  readonly competition: Competition | null;
  readonly clock: MarketClock | null;
  readonly passedUntil: number | null;
  readonly rounds: BoardCounts['rounds'];
  /**
   * The daily comparison of windows with scores: the board at which the slice compared longest ago was compared
   * (null before the first), and how many sums were ever found wrong.
   */
  readonly windows: { readonly comparedAt: number | null; readonly differences: number };
  readonly predictions: {
    readonly byStatus: Readonly<Record<string, number>>;
    readonly byCause: Readonly<Record<string, number>>;
    readonly byVerdict: Readonly<Record<string, number>>;
  };
}
