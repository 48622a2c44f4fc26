// What every part of the check is given, and how it complains.

import type { GameFacts } from './game-facts.ts';
import type { Played } from './played.ts';
import type { Prices } from './prices.ts';

export interface CheckOptions {
  readonly played: Played;
  readonly prices: Prices;
  readonly facts: GameFacts;
  /** Market time asked for by the run, from its start on. */
  readonly durationSeconds: number;
  /** Who must be a member of every round. */
  readonly modelIds: readonly string[];
  /** Predictions of each model, asset and profile that are integrated. */
  readonly integratedEach: number;
  /** The file `--board` wrote. */
  readonly board: BoardFile;
}

export interface BoardFile {
  readonly asOf: string;
  readonly game: string;
  readonly seed: number;
  readonly world: string;
  readonly counts: {
    readonly rounds: Readonly<Record<'asked' | 'settled' | 'void' | 'skipped' | 'open', number>>;
    readonly predictions: Readonly<Record<'success' | 'failed' | 'timeout' | 'absent' | 'invalid', number>>;
  };
  readonly rows: readonly {
    readonly model_id: string;
    readonly rank: number;
    readonly score_recent: number | null;
    readonly score_steady: number | null;
    readonly score_anchor: number | null;
  }[];
}

/** Takes one complaint: what is there, and what should be. */
export type Complain = (text: string) => void;

/** Equal to `tolerance`, relative to the wanted value or to `size`, whichever is larger; null equals only null. */
export function isNear(found: unknown, wanted: number | null, tolerance: number, size = 1): boolean {
  if (typeof found !== 'number' || wanted === null) return (found ?? null) === wanted;
  return Math.abs(found - wanted) <= tolerance * Math.max(size, Math.abs(wanted));
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
