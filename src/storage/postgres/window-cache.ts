// The sums of windows as the last board left them, kept by the worker that made it: reading 14,000 rows
// costs several times what moving a round's 1,600 sums does. Good only while the database names the transaction
// that is kept here as the last to change a window.

import type { WindowSum } from '../../domain/board.ts';

/** One rule's sums in the order of `readWindows`, and where each of them stands. */
export interface CachedSums {
  readonly sums: readonly WindowSum[];
  readonly places: ReadonlyMap<string, number>;
}

export type CachedWindows = ReadonlyMap<string, CachedSums>;

export interface WindowCache {
  /** What is known by rule, if `xid` was the last to change a window; null otherwise. */
  at(xid: string | null): CachedWindows | null;
  keep(xid: string, windows: CachedWindows): void;
}

export function createWindowCache(): WindowCache {
  let kept: { readonly xid: string; readonly windows: CachedWindows } | null = null;
  return {
    at: (xid) => (kept !== null && kept.xid === xid ? kept.windows : null),
    keep(xid, windows) {
      kept = { xid, windows };
    },
  };
}

export function cacheSums(sums: readonly WindowSum[]): CachedSums {
  return { sums, places: new Map(sums.map((sum, place) => [keyOf(sum), place])) };
}

/** `cached` with these sums in place of the old ones; null when one comes or goes, which changes the places. */
export function replaceSums({ sums, places }: CachedSums, changed: readonly WindowSum[]): CachedSums | null {
  const next = [...sums];
  for (const sum of changed) {
    const place = places.get(keyOf(sum));
    if (place === undefined || sum.count === 0) return null;
    next[place] = sum;
  }
  return { sums: next, places };
}

/** Symbols, profiles and windows hold no space, so the model id, whatever it holds, can stand last. */
function keyOf({ modelId, asset, profile, window }: WindowSum): string {
  return `${asset} ${profile} ${window} ${modelId}`;
}
