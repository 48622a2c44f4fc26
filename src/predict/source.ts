// Where the turn takes its prices from. Two kinds with one shape: recorded (a replay or the recent past:
// everything up to an instant can be had) and live (what has been pushed so far).

import type { Price } from '../domain/price.ts';
import type { PriceFeed } from '../feeds/feed.ts';
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';

export interface PriceSource {
  /** Prices with pricedAt ≤ `now` not taken before, in order of time, then of the assets. */
  take(now: number): Promise<readonly Price[]>;
}

export interface LiveSource extends PriceSource {
  /** Resolves when a price is there that was not taken yet. */
  arrival(): Promise<void>;
  stop(): Promise<void>;
}

/** A day of four assets is 5,760 prices: read ahead in one go, small enough to hold. */
const readAheadCandles = 1_440;
const retryMostMs = 10_000;

/** Prices after `from` out of the feed's history. `knownUntil` says how far history can reach now (the wall clock, live). */
export function recordedPrices(
  feed: PriceFeed,
  assets: readonly string[],
  {
    from,
    candleSeconds,
    knownUntil,
    log,
    signal,
  }: {
    readonly from: number;
    readonly candleSeconds: number;
    readonly knownUntil: () => number;
    readonly log: Log;
    readonly signal: AbortSignal;
  },
): PriceSource {
  let buffer: Price[] = [];
  let readUntil = from;

  return {
    async take(now) {
      if (now > readUntil) {
        const target = Math.max(now, Math.min(readUntil + readAheadCandles * candleSeconds, knownUntil()));
        buffer.push(...(await readAll(feed, assets, readUntil, target, { log, signal })));
        readUntil = target;
      }
      const count = countUpTo(buffer, now);
      const taken = buffer.slice(0, count);
      buffer = buffer.slice(count);
      return taken;
    },
  };
}

/** All assets' prices in (from, to], retried until they are there or `signal` aborts. */
export async function readAll(
  feed: PriceFeed,
  assets: readonly string[],
  from: number,
  to: number,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<readonly Price[]> {
  for (let delayMs = 500; !signal.aborted; delayMs = Math.min(retryMostMs, delayMs * 2)) {
    try {
      const all = await Promise.all(assets.map((asset) => readOne(feed, asset, from, to, signal)));
      return inOrder(all.flat(), assets);
    } catch (error) {
      log.warn({ err: error, source: feed.source }, 'cannot read past prices; trying again');
      await sleep(delayMs, signal);
    }
  }
  return [];
}

/** Prices as the feed pushes them, from now on. Buffers at most `bufferMost` while nobody takes. */
export function livePrices(feed: PriceFeed, assets: readonly string[], log: Log): LiveSource {
  const bufferMost = 200_000; // 34 days of four assets by the minute; beyond it the oldest go
  const stopping = new AbortController();
  let buffer: Price[] = [];
  let arrived = signalOnce();
  const pump = (async () => {
    for await (const prices of feed.live(assets, stopping.signal)) {
      buffer.push(...prices);
      if (buffer.length > bufferMost) buffer = buffer.slice(-bufferMost);
      arrived.fire();
    }
  })().catch((error: unknown) => log.error({ err: error, source: feed.source }, 'the feed ended'));

  return {
    async take(now) {
      // An exchange whose clock is ahead of ours closes a candle before our market time has reached its end.
      const taken = buffer.filter(({ pricedAt }) => pricedAt <= now);
      buffer = buffer.filter(({ pricedAt }) => pricedAt > now);
      arrived = signalOnce();
      return inOrder(taken, assets);
    },
    arrival: () => arrived.promise,
    async stop() {
      stopping.abort();
      await pump;
    },
  };
}

async function readOne(
  feed: PriceFeed,
  asset: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<readonly Price[]> {
  const prices: Price[] = [];
  for await (const some of feed.history(asset, from, to, signal)) prices.push(...some);
  return prices;
}

function inOrder(prices: readonly Price[], assets: readonly string[]): readonly Price[] {
  const place = new Map(assets.map((asset, index) => [asset, index]));
  return prices.toSorted((a, b) => a.pricedAt - b.pricedAt || (place.get(a.asset) ?? 0) - (place.get(b.asset) ?? 0));
}

/** How many of the ordered prices lie at or before `now`. */
function countUpTo(prices: readonly Price[], now: number): number {
  const index = prices.findIndex(({ pricedAt }) => pricedAt > now);
  return index === -1 ? prices.length : index;
}

function signalOnce(): { readonly promise: Promise<void>; fire(): void } {
  let fire = () => {};
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}
