// A simulated market: every price is a function of (seed, asset, candle end) alone, so that history, live
// prices and a restart agree. It has what makes forecasting hard (volatility that clusters from minutes to
// days, a daily season, heavy tails, jumps) and nothing that makes it easy (returns are not predictable).
// It does not correlate assets.

import { isOpen } from '../domain/calendar.ts';
import type { Game } from '../domain/game.ts';
import type { Price } from '../domain/price.ts';
import type { Clock } from '../lib/clock.ts';
import type { FeedHealth, PriceFeed } from './feed.ts';
import { batchMax, followClock, type KnownPrices } from './follow-clock.ts';
import { createSimulatedMarket, type SimulatedAsset, type SimulatedMarket } from './simulated-market.ts';

export interface SimulatedFeedOptions {
  readonly seed: number;
  readonly candleSeconds: number;
  readonly assets: readonly SimulatedAsset[];
  /** What `live` follows. `history` computes any instant, past or future: the caller says how far. */
  readonly clock: Clock;
}

/** @throws Error when the seed, the candle length or an asset can't be simulated. */
export function createSimulatedFeed({ seed, candleSeconds, assets, clock }: SimulatedFeedOptions): PriceFeed {
  if (!Number.isSafeInteger(seed)) {
    throw new Error(`Cannot simulate prices: the seed must be a whole number, is ${seed}`);
  }
  if (!(Number.isSafeInteger(candleSeconds) && candleSeconds > 0)) {
    throw new Error(`Cannot simulate prices: candleSeconds must be a whole number > 0, is ${candleSeconds}`);
  }
  const markets = new Map(
    assets.map((asset) => [asset.symbol, createSimulatedMarket(seed, candleSeconds, asset)] as const),
  );
  const newest: Record<string, number> = {};

  function marketOf(asset: string): SimulatedMarket {
    const market = markets.get(asset);
    if (market === undefined) {
      const known = [...markets.keys()].map((symbol) => `"${symbol}"`).join(', ');
      throw new Error(`Cannot give prices of asset "${asset}": the simulated feed has ${known}`);
    }
    return market;
  }

  function knownPrices(symbols: readonly string[]): KnownPrices {
    const chosen = symbols.map((asset) => ({ asset, market: marketOf(asset) }));
    const candleAt = (instant: number) => Math.floor(instant / candleSeconds);
    return {
      nextAfter: (instant) => (candleAt(instant) + 1) * candleSeconds,
      *between(from, to) {
        let batch: Price[] = [];
        for (let candle = candleAt(from) + 1; candle <= candleAt(to); candle += 1) {
          for (const { asset, market } of chosen) {
            const price = market.priceOf(candle);
            if (Number.isNaN(price)) continue;
            batch.push({ asset, pricedAt: candle * candleSeconds, price, source: 'simulated' });
            newest[asset] = Math.max(newest[asset] ?? 0, candle * candleSeconds);
          }
          if (batch.length + chosen.length > batchMax) {
            yield batch;
            batch = [];
          }
        }
        if (batch.length > 0) yield batch;
      },
    };
  }

  return {
    source: 'simulated',
    world: `simulated:${seed}`,
    alwaysOpen: [],
    span: null,
    async *history(asset, from, to, signal) {
      if (!(Number.isFinite(from) && Number.isFinite(to))) {
        throw new Error(`Cannot simulate prices from ${from} to ${to}: both must be finite instants`);
      }
      for (const batch of knownPrices([asset]).between(from, to)) {
        signal?.throwIfAborted();
        yield batch;
      }
    },
    live: (symbols, signal) => followClock(knownPrices(symbols), { from: clock.now(), clock, signal }),
    health: (): FeedHealth => ({
      connected: true,
      newest: { ...newest },
      reconnects: 0,
      unknownMessages: 0,
      note: `simulated prices, seed ${seed}: not a real market`,
    }),
  };
}

/** A game's assets as the simulated market plays them, closed when their calendar says so. */
export function simulatedAssets({ assets }: Pick<Game, 'assets'>): SimulatedAsset[] {
  return assets.map(({ symbol, simulated, calendar }) => ({
    symbol,
    ...simulated,
    isOpen: (instant) => isOpen(calendar, instant),
  }));
}
