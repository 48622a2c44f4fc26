// Standings, snapshots and the leaderboard: what windows of points say about every model at one instant.

import type { Window } from './game.ts';

export type WindowName = Window['name'];

/** Exact sum of points of one model, asset, profile and window. */
export interface WindowSum {
  readonly modelId: string;
  readonly asset: string;
  readonly profile: string;
  readonly window: WindowName;
  /** Shortest decimal that is the exact sum, as PostgreSQL's numeric prints it. */
  readonly sum: string;
  /** Rounds in the window. */
  readonly count: number;
  /** Of them, answered with a valid forecast. */
  readonly answered: number;
}

/** A sum of the windows that is not what the scores add up to: nothing but a fault of ours makes one. */
export interface WindowDifference {
  readonly modelId: string;
  readonly window: WindowName;
  /** What was kept; null where there was no sum. */
  readonly kept: Pick<WindowSum, 'sum' | 'count' | 'answered'> | null;
  /** What the scores add up to, which is kept from now on; null where there is nothing in the window. */
  readonly computed: Pick<WindowSum, 'sum' | 'count' | 'answered'> | null;
}

/** What became of comparing one slice of the windows with the scores. */
export interface WindowComparison {
  readonly rule: string;
  readonly asset: string;
  readonly profile: string;
  /** The board at which they were compared. */
  readonly asOf: number;
  readonly differences: readonly WindowDifference[];
}

/** A window's mean with what stands behind it. */
export interface Mean {
  /** Mean of points; null while count is 0. */
  readonly value: number | null;
  readonly count: number;
  /** answered / count; null while count is 0. */
  readonly availability: number | null;
}

export type Means = Readonly<Record<WindowName, Mean>>;

/** One model's windows at one instant. */
export interface Standing {
  readonly modelId: string;
  /** 1 = best. Rows that tie share the rank. */
  readonly rank: number;
  readonly overall: Means;
  /** True for a window the model has not been a member for the whole length of. */
  readonly provisional: Readonly<Record<WindowName, boolean>>;
  readonly byProfile: Readonly<Record<string, Means>>;
  /** Key `{asset}` within key `{profile}`. */
  readonly byAsset: Readonly<Record<string, Readonly<Record<string, Means>>>>;
}

export interface Leaderboard {
  /** Market instant, unix seconds. */
  readonly asOf: number;
  readonly game: string;
  readonly gameVersion: string;
  readonly seed: number;
  readonly world: string;
  /** False while a round of the warm-up lies in a window; `whyNot` says so. */
  readonly official: boolean;
  readonly whyNot: string | null;
  readonly counts: BoardCounts;
  /** The rule that ranks. */
  readonly rule: BoardRule;
  /** What the ranks would be under each shadow rule, in the game's order. */
  readonly shadows: readonly {
    readonly rule: BoardRule;
    /** In rank order, ties by model id. Means are of points: higher is better. */
    readonly standings: readonly Pick<Standing, 'modelId' | 'rank' | 'overall'>[];
  }[];
  /** In rank order, ties by model id. */
  readonly standings: readonly Standing[];
}

export interface BoardRule {
  readonly name: string;
  readonly version: number;
  /** What a reader of its ranks should know; null when there is nothing. */
  readonly note: string | null;
}

/** Since the competition's start, as of the board's instant. */
export interface BoardCounts {
  readonly rounds: {
    readonly asked: number;
    readonly settled: number;
    readonly void: number;
    readonly skipped: number;
    readonly open: number;
  };
  /** Of settled and void rounds: what is still open changes with the pace of workers, and a board may not. */
  readonly predictions: {
    readonly success: number;
    readonly failed: number;
    readonly timeout: number;
    readonly absent: number;
    /** Those of `success` whose verdict is invalid. */
    readonly invalid: number;
  };
}
