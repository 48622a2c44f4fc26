// The prices that settlement looks at: one series for each asset, read from the database as far as rounds
// need it and forgotten behind them.

import type { Price } from '../domain/price.ts';
import type { PriceRepository } from '../domain/repositories.ts';
import { PriceSeries } from '../domain/series.ts';
import type { PriceFeed } from '../feeds/feed.ts';
import { wallNow } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';

export interface SettlementPrices {
  readonly source: string;
  /** The series of `asset`, holding at least what the database had in (`from`, `to`] when first asked. */
  cover(asset: string, from: number, to: number): Promise<PriceSeries>;
  /**
   * Reads (`from`, `to`] again, since prices may come late: a feed fills its holes. With a feed at hand,
   * what the database still lacks is fetched from it, at most once a minute for an asset, and appended.
   * Without `force`, an asset is read again at most every 5 s. Returns how many prices were new.
   */
  refill(asset: string, from: number, to: number, options?: { readonly force?: boolean }): Promise<number>;
  /** Forgets what is earlier than `t`. */
  forgetBefore(t: number): void;
}

export interface PricesOptions {
  readonly prices: PriceRepository;
  readonly source: string;
  readonly candleSeconds: number;
  /** Prices that predict's feed lost, for a worker that may reach a feed itself. */
  readonly feed?: PriceFeed;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Wall time, for pacing only. */
  readonly wall?: () => number;
}

const sliceCandles = 10_000; // a week of minutes; some 2 MB of rows
const rereadSeconds = 5;
const fetchSeconds = 60; // one REST call an asset and minute is far below every exchange's limit
const fetchTimeoutMs = 10_000;

export function createSettlementPrices(options: PricesOptions): SettlementPrices {
  const { prices, source, candleSeconds, feed, log, signal, wall = wallNow } = options;
  /** What each series holds: everything the database had in (from, to]. */
  const held = new Map<string, { readonly series: PriceSeries; from: number; to: number }>();
  const rereadAt = new Map<string, number>();
  const fetchedAt = new Map<string, number>();

  async function read(asset: string, series: PriceSeries, from: number, to: number): Promise<number> {
    let added = 0;
    for (let start = from; start < to; start += sliceCandles * candleSeconds) {
      const end = Math.min(to, start + sliceCandles * candleSeconds);
      for (const { pricedAt, price } of await prices.range(asset, source, start, end)) {
        if (series.append(pricedAt, price)) added++;
      }
    }
    return added;
  }

  /** What the feed has in (from, to]; nothing when it fails or was asked within the last minute. */
  async function fetchMissing(asset: string, from: number, to: number): Promise<void> {
    if (feed === undefined || wall() - (fetchedAt.get(asset) ?? Number.NEGATIVE_INFINITY) < fetchSeconds) return;
    fetchedAt.set(asset, wall());
    try {
      const fetched: Price[] = [];
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(fetchTimeoutMs)]);
      for await (const part of feed.history(asset, from, to, deadline)) fetched.push(...part);
      const added = await prices.append(
        fetched.filter((price) => price.source === source),
        wall(),
      );
      if (added > 0) log.info({ asset, added }, 'appended prices that were missing');
    } catch (error) {
      // The round waits as it did before; patience bounds how often this is tried.
      log.warn({ err: error, asset }, 'could not fetch missing prices');
    }
  }

  return {
    source,
    async cover(asset, from, to) {
      const known = held.get(asset);
      if (known === undefined || from < known.from - gapMax || from > known.to + gapMax) {
        const fresh = { series: new PriceSeries(), from, to };
        await read(asset, fresh.series, from, to);
        held.set(asset, fresh);
        return fresh.series;
      }
      // Widened only after the read has succeeded: a failed one is repeated, never skipped.
      await read(asset, known.series, from, known.from);
      known.from = Math.min(known.from, from);
      await read(asset, known.series, known.to, to);
      known.to = Math.max(known.to, to);
      return known.series;
    },
    async refill(asset, from, to, { force = false } = {}) {
      const known = held.get(asset);
      if (known === undefined) return 0; // nothing was read yet, so nothing is stale
      if (!force && wall() - (rereadAt.get(asset) ?? Number.NEGATIVE_INFINITY) < rereadSeconds) return 0;
      rereadAt.set(asset, wall());
      await fetchMissing(asset, from, to);
      return await read(asset, known.series, from, Math.min(to, known.to));
    },
    forgetBefore(t) {
      for (const asset of held.values()) {
        if (asset.from >= t) continue;
        asset.series.dropBefore(t);
        asset.from = Math.min(t, asset.to);
      }
    },
  };
}

const gapMax = 7 * 86_400; // a series is continued over at most a week; further away it starts afresh

/** The `source` that prices of a world carry: `live:binance` → `binance`, `replay:HASH` → `replay`. */
export function sourceOf(world: string): string {
  const [kind = '', name = ''] = world.split(':');
  return kind === 'live' ? name : kind;
}
