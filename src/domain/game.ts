// What a game is: plain data, and the few pure functions where its judgement lives. `defineGame` checks
// it once, at load. Where a game is played (addresses, feeds, folders) is the environment's, never here.

import type { Density } from '../scoring/density.ts';
import type { Calendar } from './calendar.ts';

/** A value that survives JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface GameAsset {
  /** For example `BTC`. Letters and digits, 1 to 12. */
  readonly symbol: string;
  /** Weight in overall means, > 0. Default 1. */
  readonly weight?: number;
  /** When the market is open. Default: always. */
  readonly calendar?: Calendar;
  /** The simulated market: a starting price and the standard deviation of one candle's log-return. */
  readonly simulated: { readonly price: number; readonly candleVolatility: number };
}

export interface Profile {
  /** For example `24h`. Letters and digits, 1 to 12. */
  readonly name: string;
  /** How far ahead a round looks. */
  readonly horizonSeconds: number;
  /** The steps the horizon is cut into; each divides the horizon. */
  readonly stepsSeconds: readonly number[];
  /** Each asset is asked once in this many seconds. */
  readonly everySeconds: number;
  /** Symbols; default all assets of the game. Their order staggers the slots. */
  readonly assets?: readonly string[];
}

/** A rolling window of scores. Games have three, shortest first: recent, steady, anchor. */
export interface Window {
  readonly name: 'recent' | 'steady' | 'anchor';
  readonly seconds: number;
}

/** One value in a call to a model, by its wire type. */
export type Argument =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'json'; readonly value: Json };

/** A method call on a model: positional arguments, in order. */
export interface ModelCall {
  readonly method: string;
  readonly arguments: readonly Argument[];
}

/** asset → `[pricedAt, price]` pairs, ascending. What a tick carries. */
export type TickPrices = Readonly<Record<string, readonly (readonly [pricedAt: number, price: number])[]>>;

/** The question of one round, as `requests.predict` sees it. */
export interface Question {
  readonly asset: string;
  readonly horizonSeconds: number;
  readonly stepsSeconds: readonly number[];
  /** Unix seconds. */
  readonly startedAt: number;
}

/** Prices of one asset known at a round's start, ascending; the last may be at `startedAt`. */
export interface PricesBefore {
  readonly pricedAt: readonly number[];
  readonly price: readonly number[];
}

/**
 * What happened, for one step size of a round. `x[i]` is the realized change of step i + 1
 * (log-return or difference, as the game says), NaN where the step is not scored.
 */
export interface Outcome {
  readonly stepSeconds: number;
  readonly x: Float64Array;
}

/** A valid answer: for each step size of the profile, one compiled density a step. */
export interface Forecast {
  readonly steps: readonly { readonly stepSeconds: number; readonly densities: readonly Density[] }[];
}

/** Whether a lower or a higher raw score is better. */
export type Direction = 'lower' | 'higher';

/** What scores a round, as data: identified by name and version, explained by its note. */
export interface Rule {
  /** For example `condor`. */
  readonly name: string;
  /** Written by hand; raised whenever a number could change. */
  readonly version: number;
  /** Which raw score is better. Default `lower`. */
  readonly direction?: Direction;
  /** A sentence for the page that shows its ranks, above all where the rule can be gamed. */
  readonly note?: string;
}

/** The rule that ranks. */
export interface PrimaryRule extends Rule {
  /**
   * What densities it takes. `exact` (the default): probability laws with a scale of at least `minScale` whose
   * CRPS exists. `compatible`: whatever is well formed, weights as they are, as the existing systems do.
   */
  readonly kind?: 'exact' | 'compatible';
  /** Points of a member whose answer is missing (not success, or invalid). */
  readonly missingPoints: number;
  /** Smallest scale an exact rule accepts in a density. > 0; wanted for an exact rule, absent for a compatible one. */
  readonly minScale?: number;
  /** Most components of one density after flattening, 1 to 64. Default 64. */
  readonly leavesMax?: number;
}

/**
 * A rule that is computed beside the primary one and ranks nobody: pages show what the ranks would be. It is
 * given what the primary rule has found valid; NaN, or a throw, makes the answer missing under this rule alone.
 */
export interface ShadowRule extends Rule {
  score(forecast: Forecast, outcome: readonly Outcome[], context: Json): number;
  /**
   * As the game's. Without it the points are the score itself where higher is better, else its negative, so
   * that higher points are better under every rule.
   */
  points?(scores: readonly number[], baselineScore: number, context: Json): readonly number[];
  /** Points of a missing answer. Wanted beside `points`; without both, a missing answer gets the baseline's score. */
  readonly missingPoints?: number;
}

/** A score with its parts: what the steps realized within each UTC hour add to it, in order, without gaps. */
export interface HourlyScore {
  readonly score: number;
  readonly hours: readonly number[];
}

export interface GameDefinition {
  /** For example `condor`. Lower-case letters, digits and hyphens. */
  readonly name: string;
  /** The crunch this game is played in on the platform; the path of the orchestrator's address. */
  readonly crunchId: string;
  /** The base class a participant's model extends, as the runner is told at Setup. */
  readonly className: string;
  readonly assets: readonly GameAsset[];
  readonly profiles: readonly Profile[];
  readonly windows: readonly Window[];
  readonly candleSeconds: number;
  /** A slot opens at the latest this long after its instant when its candle hasn't come. */
  readonly candleWaitSeconds: number;
  /** A round that would start later than this after its slot is skipped, ours. */
  readonly startToleranceSeconds: number;
  /** How long models may take to answer, from the moment asked. Wall time. */
  readonly responseSeconds: number;
  /** How far P(t) may lie from t, in candles. Default 1.5. */
  readonly toleranceCandles?: number;
  /** How long a round waits for its prices, in open time of its asset. Default 7200. */
  readonly patienceSeconds?: number;
  /** How long a disconnected model stays a member. Default 86400. */
  readonly graceSeconds?: number;
  /** How much history a newcomer's first tick carries. Default 30 days. */
  readonly historySeconds?: number;
  /** How much open time before a round `context` sees. Default 86400. */
  readonly contextSeconds?: number;
  readonly boardEverySeconds: number;
  /** Default 900. A multiple of boardEverySeconds. */
  readonly snapshotEverySeconds?: number;
  /** The longest answer accepted, bytes. Default 1 MiB, at most 64 MiB. */
  readonly answerMaxBytes?: number;
  /** What a step's realized change is. */
  readonly change: 'log-return' | 'difference';
  readonly rule: PrimaryRule;
  /** At most 4. Default none. */
  readonly shadowRules?: readonly ShadowRule[];
  /**
   * An overall (or profile's) mean where some (asset, profile) of the game has no mean: `available` (the
   * default) averages what is there, `complete` is null.
   */
  readonly overall?: 'available' | 'complete';
  readonly requests: {
    /** Pure, < 5 ms for a minute's prices. */
    tick(prices: TickPrices): ModelCall;
    /** Pure, < 5 ms. */
    predict(question: Question): ModelCall;
  };
  /** Plain data known at the round's start, stored with it. Pure, < 5 ms. */
  context(question: Question, pricesBefore: PricesBefore): Json;
  /**
   * Raw score of one valid answer. NaN means it could not be scored: the answer is invalid. Where `parts` is
   * given it is to be filled, for people who ask why: `parts[j][i]` with what step i + 1 of the j-th step size
   * adds to the score, NaN where that step is not scored; they add up to the score, but for rounding. A game
   * that leaves them alone has its score spread evenly.
   */
  score(forecast: Forecast, outcome: readonly Outcome[], context: Json, parts?: readonly Float64Array[]): number;
  /** The reference forecast, scored beside the models and known before the round. */
  baseline(question: Question, context: Json): Forecast;
  /** Raw scores of the round's valid answers → points, same order; higher is better. */
  points(scores: readonly number[], baselineScore: number, context: Json): readonly number[];
  /**
   * How an answer's points come from the UTC hours in which its steps were realized: one number for each of
   * `own.hours`; they add up to `points`. Default: in proportion to what each hour adds to the score.
   */
  pointsByHour?(own: HourlyScore, points: number, baseline: HourlyScore, context: Json): readonly number[];
}

/** A game with every default filled in, checked. What workers use. */
export type Game = Omit<GameDefinition, OptionalGameKeys | 'assets' | 'profiles'> &
  Required<Pick<GameDefinition, OptionalGameKeys>> & {
    readonly assets: readonly (Required<Pick<GameAsset, 'symbol' | 'weight' | 'simulated'>> &
      Pick<GameAsset, 'calendar'>)[];
    readonly profiles: readonly Required<Profile>[];
  };

type OptionalGameKeys =
  | 'toleranceCandles'
  | 'patienceSeconds'
  | 'graceSeconds'
  | 'historySeconds'
  | 'contextSeconds'
  | 'snapshotEverySeconds'
  | 'answerMaxBytes'
  | 'shadowRules'
  | 'overall';
