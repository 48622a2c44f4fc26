// The market as predict knows it: every price in the order it arrived, and by asset in the order of time.
// A model's cursor is a position in the order of arrival, so that a late price reaches everybody too.

import type { Calendar } from '../domain/calendar.ts';
import type { Game, TickPrices } from '../domain/game.ts';
import type { Price } from '../domain/price.ts';
import { PriceSeries } from '../domain/series.ts';
import { encodeCall } from '../fleet/encode.ts';

/** 20,000 prices are about 0.5 MB of JSON: a chunk of history that a model digests in tens of milliseconds. */
const chunkPrices = 20_000;
/** Requests kept for models with the same cursor. A tick is 1 KB; the history of 30 days 4 MB. */
const cachedRequests = 32;

export class Market {
  readonly #game: Game;
  readonly #series: ReadonlyMap<string, PriceSeries>;
  readonly #calendars: ReadonlyMap<string, Calendar | undefined>;
  #arrivals: Price[] = [];
  /** Position of the first entry of `#arrivals` minus one. */
  #forgotten = 0;
  #newestAt = Number.NEGATIVE_INFINITY;
  readonly #requests = new Map<string, readonly { request: Uint8Array; upTo: number }[]>();

  constructor(game: Game, alwaysOpen: readonly string[]) {
    this.#game = game;
    this.#series = new Map(game.assets.map(({ symbol }) => [symbol, new PriceSeries()]));
    this.#calendars = new Map(
      game.assets.map(({ symbol, calendar }) => [symbol, alwaysOpen.includes(symbol) ? undefined : calendar]),
    );
  }

  /** Takes in prices and returns those that are new. Prices of assets the game doesn't play are left out. */
  append(prices: readonly Price[]): readonly Price[] {
    const fresh = prices.filter(({ asset, pricedAt, price }) => this.#series.get(asset)?.append(pricedAt, price));
    for (const price of fresh) {
      this.#arrivals.push(price);
      this.#newestAt = Math.max(this.#newestAt, price.pricedAt);
    }
    if (fresh.length > 0) this.#forget();
    return fresh;
  }

  /** Where a model stands that has been told everything. */
  get position(): number {
    return this.#forgotten + this.#arrivals.length;
  }

  /** Newest pricedAt of any asset. */
  get newestAt(): number {
    return this.#newestAt;
  }

  series(asset: string): PriceSeries {
    const series = this.#series.get(asset);
    if (!series)
      throw new Error(`Cannot look up prices of "${asset}": the game plays ${[...this.#series.keys()].join(', ')}`);
    return series;
  }

  /** The calendar in force; undefined means always open. */
  calendar(asset: string): Calendar | undefined {
    return this.#calendars.get(asset);
  }

  /** Encoded ticks that bring a model from position `cursor` to `upTo`, in chunks; the same bytes for everybody. */
  tickRequests(cursor: number, upTo: number): readonly { readonly request: Uint8Array; readonly upTo: number }[] {
    const from = Math.max(cursor, this.#forgotten);
    const key = `${from}:${upTo}`;
    const known = this.#requests.get(key);
    if (known) return known;
    const requests = [];
    for (let start = from; start < upTo; start += chunkPrices) {
      const end = Math.min(upTo, start + chunkPrices);
      const prices = this.#arrivals.slice(start - this.#forgotten, end - this.#forgotten);
      requests.push({ request: encodeCall(this.#game.requests.tick(byAsset(prices))), upTo: end });
    }
    this.#requests.set(key, requests);
    if (this.#requests.size > cachedRequests) this.#requests.delete(this.#requests.keys().next().value ?? '');
    return requests;
  }

  /** Drops what is older than the game's history, a quarter of it at a time so that it costs nothing a tick. */
  #forget(): void {
    const oldest = this.#newestAt - this.#game.historySeconds;
    const slack = this.#game.historySeconds / 4;
    if ((this.#arrivals[0]?.pricedAt ?? oldest) >= oldest - slack) return;
    const keep = this.#arrivals.findIndex(({ pricedAt }) => pricedAt >= oldest);
    this.#forgotten += keep;
    this.#arrivals = this.#arrivals.slice(keep);
    for (const series of this.#series.values()) series.dropBefore(oldest - this.#game.contextSeconds);
  }
}

function byAsset(prices: readonly Price[]): TickPrices {
  const ticks: Record<string, [number, number][]> = {};
  for (const { asset, pricedAt, price } of prices) {
    ticks[asset] ??= [];
    ticks[asset].push([pricedAt, price]);
  }
  // A hole filled late arrives after newer prices; within one tick each asset ascends.
  for (const pairs of Object.values(ticks)) pairs.sort(([a], [b]) => a - b);
  return ticks;
}
