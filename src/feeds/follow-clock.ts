// The live side of feeds that know their prices beforehand: hands them out as market time reaches them.

import type { Price } from '../domain/price.ts';
import type { Clock } from '../lib/clock.ts';

export const batchMax = 4096; // prices an array; about 0.4 MB, and short enough not to hold up the event loop

export interface KnownPrices {
  /** The first instant after `instant` at which there may be a price, Infinity when there is none. */
  nextAfter(instant: number): number;
  /** Prices with `from` < pricedAt ≤ `to`, ascending by instant, in arrays of at most `batchMax`. */
  between(from: number, to: number): Iterable<readonly Price[]>;
}

/** Prices after `from` as `clock` reaches them, until `signal` aborts. A clock that jumps misses none. */
export async function* followClock(
  prices: KnownPrices,
  { from, clock, signal }: { from: number; clock: Clock; signal: AbortSignal },
): AsyncGenerator<readonly Price[], void, undefined> {
  let handedOutTo = from;
  while (!signal.aborted) {
    await clock.sleepUntil(prices.nextAfter(handedOutTo), signal);
    const now = clock.now();
    for (const batch of prices.between(handedOutTo, now)) {
      if (signal.aborted) return;
      yield batch;
    }
    handedOutTo = Math.max(handedOutTo, now); // a clock set back must not bring a price twice
  }
}
