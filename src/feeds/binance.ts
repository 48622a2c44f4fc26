// Prices from Binance's public market data: closed candles over WebSocket, history and holes over REST.
// A feed that is down is no reason to end anything: live logs, counts and tries again for ever.

import type { Price } from '../domain/price.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type BinanceLimits, defaultLimits } from './binance-limits.ts';
import { followBinance } from './binance-live.ts';
import { createBinanceRest } from './binance-rest.ts';
import type { PriceFeed } from './feed.ts';
import { createUnknownShapes } from './unknown-shapes.ts';

export interface BinanceFeedOptions {
  readonly assets: readonly string[];
  readonly candleSeconds: number;
  /** Market time; tells which candles are complete. */
  readonly clock: Clock;
  readonly log: Log;
  readonly restUrl?: string;
  readonly streamUrl?: string;
  readonly limits?: Partial<BinanceLimits>;
  /** In [0, 1), for jitter. */
  readonly random?: () => number;
}

export interface BinanceFeed extends PriceFeed {
  /** @throws Error when a question for the newest candles of each asset is not answered within `withinMs`. */
  probe(withinMs: number): Promise<void>;
}

const symbols: Readonly<Record<string, string>> = {
  BTC: 'BTCUSDT',
  ETH: 'ETHUSDT',
  SOL: 'SOLUSDT',
  XAU: 'PAXGUSDT', // a token for an ounce of gold, which trades all week
};
const intervals: Readonly<Record<number, string>> = { 1: '1s', 60: '1m' };

/** @throws Error when an asset or the candle length is not one that Binance serves. */
export function createBinanceFeed(options: BinanceFeedOptions): BinanceFeed {
  const { assets, candleSeconds, clock, log } = options;
  const restUrl = options.restUrl ?? 'https://data-api.binance.vision';
  const streamUrl = options.streamUrl ?? 'wss://data-stream.binance.vision';
  // Jitter only: it must differ between machines, and touches no number.
  const random = options.random ?? Math.random;
  const limits = { ...defaultLimits, ...options.limits };
  const interval = intervals[candleSeconds];
  if (interval === undefined) {
    throw new Error(
      `Cannot take prices from Binance: candles of ${candleSeconds} s are wanted, it serves 1 s and 60 s`,
    );
  }
  for (const asset of assets) symbolOf(asset);
  requireUrl(restUrl, ['https:', 'http:']);
  requireUrl(streamUrl, ['wss:', 'ws:']);

  const unknownShapes = createUnknownShapes(log, 'binance');
  const restOptions = { baseUrl: restUrl, interval, candleSeconds, clock, limits, unknownShapes, random };
  const rest = createBinanceRest(restOptions);
  const newest: Record<string, number> = {};
  const state = { connected: false, reconnects: 0 };

  function priceOf(asset: string, { pricedAt, price }: { pricedAt: number; price: number }): Price {
    newest[asset] = Math.max(newest[asset] ?? 0, pricedAt);
    return { asset, pricedAt, price, source: 'binance' };
  }

  return {
    source: 'binance',
    world: 'live:binance',
    alwaysOpen: assets.includes('XAU') ? ['XAU'] : [],
    span: null,
    async *history(asset, from, to, signal) {
      for await (const candles of rest.candles(symbolOf(asset), from, to, signal)) {
        yield candles.map((candle) => priceOf(asset, candle));
      }
    },
    live(wanted, signal) {
      const bySymbol = new Map(wanted.map((asset) => [symbolOf(asset), asset] as const));
      const deps = { rest, streamUrl, interval, candleSeconds, clock, log, limits, unknownShapes, random, state };
      return followBinance({ ...deps, bySymbol, priceOf, from: clock.now() }, signal);
    },
    async probe(withinMs) {
      const hasty = { ...limits, attemptsMax: 2, pageDeadlineMs: withinMs };
      const { candles } = createBinanceRest({ ...restOptions, limits: hasty });
      const now = clock.now();
      await Promise.all(
        assets.map(async (asset) => {
          for await (const _ of candles(symbolOf(asset), now - 5 * candleSeconds, now)) return;
        }),
      );
    },
    health: () => ({
      ...state,
      newest: { ...newest },
      unknownMessages: unknownShapes.count,
      note: state.connected ? 'live prices from Binance' : 'prices from Binance: not connected',
    }),
  };
}

function requireUrl(url: string, protocols: readonly string[]): void {
  if (URL.canParse(url) && protocols.includes(new URL(url).protocol)) return;
  throw new Error(`Cannot take prices from "${url}": wanted an address that begins with ${protocols.join(' or ')}`);
}

function symbolOf(asset: string): string {
  const symbol = symbols[asset];
  if (symbol === undefined || !Object.hasOwn(symbols, asset)) {
    const known = Object.keys(symbols).join(', ');
    throw new Error(`Cannot take prices of asset "${asset}" from Binance: the adapter knows ${known}`);
  }
  return symbol;
}
