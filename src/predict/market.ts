// The market as predict knows it: every price in the order it arrived, and by asset in the order of time.
// A model's cursor is a position in the order of arrival, so that a late price reaches everybody too.

import type { Calendar } from '../domain/calendar.ts';
import type { Game, TickPrices } from '../domain/game.ts';
import type { Price } from '../domain/price.ts';
import { PriceSeries } from '../domain/series.ts';
import { encodeCall } from '../fleet/encode.ts';

/** 20,000 prices are about 0.5 MB of JSON: a chunk of history that a model digests in tens of milliseconds. */
const chunkPrices = 20_000;
/** Encoded ticks kept for models with the same cursor; one is about 1 KB. */
const cachedTicks = 32;
/** Encoded chunks of history kept for newcomers: 30 days of twelve assets are 26. */
const cachedChunks = 32;

export class Market {
  readonly #game: Game;
  readonly #series: ReadonlyMap<string, PriceSeries>;
  readonly #calendars: ReadonlyMap<string, Calendar | undefined>;
  #arrivals: Price[] = [];
  /** Position of the first entry of `#arrivals` minus one. */
  #forgotten = 0;
  #newestAt = Number.NEGATIVE_INFINITY;
  readonly #ticks = new Map<string, Uint8Array>();
  readonly #chunks = new Map<string, Uint8Array>();

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

  /**
   * Ticks that bring a model from position `cursor` to `upTo`, in chunks; the same bytes for everybody.
   * Each is encoded when it is first looked at, so that a newcomer's history never holds up the main thread
   * for more than one chunk. Chunks of history lie on a grid, so that only the last one differs between
   * models that came at different times.
   */
  tickRequests(cursor: number, upTo: number): readonly { readonly request: Uint8Array; readonly upTo: number }[] {
    const requests = [];
    for (let from = Math.max(cursor, this.#forgotten), to: number; from < upTo; from = to) {
      to = upTo - from <= chunkPrices ? upTo : (Math.floor(from / chunkPrices) + 1) * chunkPrices;
      requests.push(this.#tick(from, to));
    }
    return requests;
  }

  #tick(from: number, upTo: number): { readonly request: Uint8Array; readonly upTo: number } {
    const encoded = () => this.#encoded(from, upTo);
    return {
      upTo,
      get request() {
        return encoded();
      },
    };
  }

  #encoded(from: number, upTo: number): Uint8Array {
    const isChunk = upTo - from === chunkPrices;
    const cache = isChunk ? this.#chunks : this.#ticks;
    const key = `${from}:${upTo}`;
    const known = cache.get(key);
    if (known) return known;
    // Nothing before 0: prices may have been forgotten since the chunk was cut.
    const [first, end] = [from, upTo].map((position) => Math.max(0, position - this.#forgotten));
    const request = encodeCall(this.#game.requests.tick(byAsset(this.#arrivals.slice(first, end))));
    cache.set(key, request);
    if (cache.size > (isChunk ? cachedChunks : cachedTicks)) cache.delete(cache.keys().next().value ?? '');
    return request;
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
