// The one shape of every price feed: live, replayed, simulated. A feed converts at its edge, so that all
// it hands out carries `pricedAt`, the END of the candle.

import type { Price } from '../domain/price.ts';

export interface PriceFeed {
  /** Goes into every price, for example `binance`. */
  readonly source: string;
  /** What a database remembers: `live:binance`, `simulated:SEED`, `replay:HASH`. */
  readonly world: string;
  /** Assets served as another instrument that trades all week, whatever the game's calendar says. */
  readonly alwaysOpen: readonly string[];
  /**
   * `from`: the first instant at which every asset has a price; `to`: the last `pricedAt` of any asset.
   * Null when the feed has no end.
   */
  readonly span: { readonly from: number; readonly to: number } | null;
  /** Closed candles with `from` < pricedAt ≤ `to`, ascending, in arrays of at most a few thousand. */
  history(asset: string, from: number, to: number, signal?: AbortSignal): AsyncIterable<readonly Price[]>;
  /**
   * Closed candles as they become known, for ever, until `signal` aborts (it then ends without throwing).
   * Reconnects and fills holes by itself; each (asset, pricedAt) comes once. Order within an asset ascends,
   * except for a hole that is filled late.
   */
  live(assets: readonly string[], signal: AbortSignal): AsyncIterable<readonly Price[]>;
  health(): FeedHealth;
}

export interface FeedHealth {
  readonly connected: boolean;
  /** Newest pricedAt handed out, by asset. */
  readonly newest: Readonly<Record<string, number>>;
  readonly reconnects: number;
  /** Messages of a shape the adapter did not understand (each shape logged whole once). */
  readonly unknownMessages: number;
  /** A sentence for people, for example `simulated prices, seed 1: not a real market`. */
  readonly note: string;
}
