// The prices a model has been told: per asset a window of the newest 30 days, in typed arrays. Time comes
// from the prices alone. Points may come late, twice or out of order; the last word on an instant counts.

import type { TickPrices } from '../domain/game.ts';

/** Prices of one asset in columns, ascending by `pricedAt` (unix seconds). */
export interface PriceSeries {
  readonly pricedAt: Float64Array;
  readonly price: Float64Array;
}

/** One price with its instant, unix seconds. */
export interface PricePoint {
  readonly pricedAt: number;
  readonly price: number;
}

export interface PriceStoreOptions {
  /** Prices older than this, counted back from the asset's newest one, are forgotten. Default 30 days. */
  readonly windowSeconds?: number;
  /** Prices kept of one asset. Default 131 072: 30 days of minutes three times over, 2 MB. */
  readonly pointsMax?: number;
  /** Assets kept; a tick that brings more throws. Default 1000. */
  readonly assetsMax?: number;
}

/** What a model remembers of the market. `Model` fills one in `tick` and keeps it as `this.prices`. */
export class PriceStore {
  readonly #windowSeconds: number;
  readonly #pointsMax: number;
  readonly #assetsMax: number;
  readonly #columns = new Map<string, Column>();

  constructor({ windowSeconds = 30 * 86_400, pointsMax = 131_072, assetsMax = 1000 }: PriceStoreOptions = {}) {
    this.#windowSeconds = windowSeconds;
    this.#pointsMax = pointsMax;
    this.#assetsMax = assetsMax;
  }

  /**
   * Takes in what a tick brings: asset → `[unix seconds, price]` pairs in any order. A pair whose instant
   * or price is not a finite number, or whose price is not above 0, is left out.
   * @throws RangeError when there are more assets than `assetsMax`.
   */
  add(prices: TickPrices): void {
    for (const [asset, pairs] of Object.entries(prices)) {
      const points = pairs
        .filter(([pricedAt, price]) => Number.isFinite(pricedAt) && Number.isFinite(price) && price > 0)
        .sort(([a], [b]) => a - b);
      let column = this.#columns.get(asset);
      if (!column) {
        if (this.#columns.size >= this.#assetsMax) {
          throw new RangeError(
            `Cannot keep prices of "${asset.slice(0, 40)}": there are ${this.#assetsMax} assets already`,
          );
        }
        column = emptyColumn();
        this.#columns.set(asset, column);
      }
      merge(column, points);
      this.#forget(column);
    }
  }

  /** Names of the assets that have had a tick. */
  assets(): string[] {
    return [...this.#columns.keys()];
  }

  /** The newest price; null when there is none. */
  last(asset: string): PricePoint | null {
    const column = this.#columns.get(asset);
    return column && column.end > column.start ? pointAt(column, column.end - 1) : null;
  }

  /** The price whose instant lies nearest to `at`, the earlier of two as near; null when there is none. */
  closest(asset: string, at: number): PricePoint | null {
    const column = this.#columns.get(asset);
    if (!column || column.end === column.start) return null;
    const after = firstAtOrAfter(column, at);
    if (after === column.start) return pointAt(column, after);
    if (after === column.end) return pointAt(column, after - 1);
    const isEarlierNearer = at - (column.pricedAt[after - 1] as number) <= (column.pricedAt[after] as number) - at;
    return pointAt(column, isEarlierNearer ? after - 1 : after);
  }

  /**
   * Prices with `from` ≤ pricedAt ≤ `to`, ascending. With `resolutionSeconds` at most one in each interval
   * that ends at a whole multiple of it: the interval's last, so that minutes become honest hours.
   */
  range(asset: string, from: number, to: number, resolutionSeconds = 0): PriceSeries {
    const column = this.#columns.get(asset);
    if (!column) return { pricedAt: new Float64Array(), price: new Float64Array() };
    const first = firstAtOrAfter(column, from);
    const end = Math.max(first, firstAtOrAfter(column, to, true));
    const pricedAt = column.pricedAt.slice(first, end);
    const price = column.price.slice(first, end);
    if (resolutionSeconds <= 0) return { pricedAt, price };
    let kept = 0;
    for (let i = 0; i < pricedAt.length; i++) {
      const interval = Math.ceil((pricedAt[i] as number) / resolutionSeconds);
      if (i + 1 < pricedAt.length && Math.ceil((pricedAt[i + 1] as number) / resolutionSeconds) === interval) continue;
      pricedAt[kept] = pricedAt[i] as number;
      price[kept++] = price[i] as number;
    }
    return { pricedAt: pricedAt.subarray(0, kept), price: price.subarray(0, kept) };
  }

  /**
   * Log-returns over `resolutionSeconds` of the last `spanSeconds` before the newest price, oldest first.
   * A change across a hole (a closed market, lost candles) is no return over that time and is left out.
   */
  logReturns(asset: string, spanSeconds: number, resolutionSeconds: number): Float64Array {
    const to = this.last(asset)?.pricedAt ?? 0;
    const { pricedAt, price } = this.range(asset, to - spanSeconds, to, resolutionSeconds);
    const returns = new Float64Array(Math.max(0, price.length - 1));
    let count = 0;
    for (let i = 1; i < price.length; i++) {
      const elapsed = (pricedAt[i] as number) - (pricedAt[i - 1] as number);
      if (Math.abs(elapsed - resolutionSeconds) > resolutionSeconds / 2) continue;
      returns[count++] = Math.log(price[i] as number) - Math.log(price[i - 1] as number);
    }
    return returns.subarray(0, count);
  }

  #forget(column: Column): void {
    if (column.end === column.start) return;
    const oldest = (column.pricedAt[column.end - 1] as number) - this.#windowSeconds;
    column.start = Math.max(firstAtOrAfter(column, oldest), column.end - this.#pointsMax);
  }
}

/** Room for prices; those in use are `start` ≤ i < `end`. Old ones are dropped by moving `start`. */
interface Column {
  pricedAt: Float64Array;
  price: Float64Array;
  start: number;
  end: number;
}

function emptyColumn(): Column {
  return { pricedAt: new Float64Array(256), price: new Float64Array(256), start: 0, end: 0 };
}

type Pair = readonly [pricedAt: number, price: number];

/** Merges ascending points into the column: appends when they are new, else rebuilds the tail they touch. */
function merge(column: Column, points: readonly Pair[]): void {
  const first = points[0];
  if (!first) return;
  const from = firstAtOrAfter(column, first[0]);
  const tailAt = column.pricedAt.slice(from, column.end);
  const tail = column.price.slice(from, column.end);
  reserve(column, points.length);
  let end = column.end - tail.length;
  let i = 0;
  for (const [pricedAt, price] of points) {
    for (; i < tail.length && (tailAt[i] as number) < pricedAt; i++)
      end = put(column, end, tailAt[i] as number, tail[i] as number);
    if (i < tail.length && tailAt[i] === pricedAt) i++; // the last word counts
    if (end > column.start && column.pricedAt[end - 1] === pricedAt) end--;
    end = put(column, end, pricedAt, price);
  }
  for (; i < tail.length; i++) end = put(column, end, tailAt[i] as number, tail[i] as number);
  column.end = end;
}

function put(column: Column, at: number, pricedAt: number, price: number): number {
  column.pricedAt[at] = pricedAt;
  column.price[at] = price;
  return at + 1;
}

/** Makes room for `more` points behind the end: moves to the front of the arrays, or to arrays twice as long. */
function reserve(column: Column, more: number): void {
  if (column.end + more <= column.price.length) return;
  const used = column.end - column.start;
  const length = used + more <= column.price.length / 2 ? column.price.length : 2 * (used + more);
  for (const name of ['pricedAt', 'price'] as const) {
    const values = new Float64Array(length);
    values.set(column[name].subarray(column.start, column.end));
    column[name] = values;
  }
  column.end = used;
  column.start = 0;
}

/** Index of the first point with pricedAt ≥ `instant` (> `instant` when `after`), `end` when there is none. */
function firstAtOrAfter(column: Column, instant: number, after = false): number {
  let low = column.start;
  let high = column.end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = column.pricedAt[middle] as number;
    if (at < instant || (after && at === instant)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pointAt(column: Column, index: number): PricePoint {
  return { pricedAt: column.pricedAt[index] as number, price: column.price[index] as number };
}
