// The prices of one asset in memory, ordered by `pricedAt`: growable typed arrays, appended at the end
// nearly always, looked up by bisection.

import { addOpenSeconds, type Calendar, isOpen } from './calendar.ts';
import type { PricesBefore } from './game.ts';

/** One price of a series. */
export interface PricePoint {
  readonly pricedAt: number;
  readonly price: number;
}

export class PriceSeries {
  private times = new Float64Array(64);
  private prices = new Float64Array(64);
  /** Live points lie in [head, tail). */
  private head = 0;
  private tail = 0;

  get length(): number {
    return this.tail - this.head;
  }

  /** Puts a price in its place; false, changing nothing, when there already is one for that instant. */
  append(pricedAt: number, price: number): boolean {
    const place = this.length === 0 || pricedAt > this.timeAt(this.tail - 1) ? this.tail : this.firstFrom(pricedAt);
    if (place < this.tail && this.timeAt(place) === pricedAt) return false;
    const index = place - this.head;
    this.makeRoom();
    const at = this.head + index;
    if (at < this.tail) {
      this.times.copyWithin(at + 1, at, this.tail);
      this.prices.copyWithin(at + 1, at, this.tail);
    }
    this.times[at] = pricedAt;
    this.prices[at] = price;
    this.tail++;
    return true;
  }

  /** P(t): the price nearest to `t`, ties to the earlier; undefined when none lies within the tolerance. */
  nearest(t: number, toleranceSeconds: number): PricePoint | undefined {
    const after = this.firstFrom(t);
    const before = after - 1;
    const distanceAfter = after < this.tail ? this.timeAt(after) - t : Number.POSITIVE_INFINITY;
    const distanceBefore = before >= this.head ? t - this.timeAt(before) : Number.POSITIVE_INFINITY;
    if (Math.min(distanceAfter, distanceBefore) > toleranceSeconds || this.length === 0) return undefined;
    return this.pointAt(distanceBefore <= distanceAfter ? before : after);
  }

  /** The earliest price later than `t`. */
  firstAfter(t: number): PricePoint | undefined {
    const index = this.firstAbove(t);
    return index < this.tail ? this.pointAt(index) : undefined;
  }

  /** The newest price. */
  last(): PricePoint | undefined {
    return this.length > 0 ? this.pointAt(this.tail - 1) : undefined;
  }

  /** Prices with `fromExclusive` < pricedAt ≤ `toInclusive`, ascending. */
  between(fromExclusive: number, toInclusive: number): PricesBefore {
    const first = this.firstAbove(fromExclusive);
    const end = Math.max(first, this.firstAbove(toInclusive));
    return {
      pricedAt: Array.from(this.times.subarray(first, end)),
      price: Array.from(this.prices.subarray(first, end)),
    };
  }

  /** Forgets prices earlier than `t`. */
  dropBefore(t: number): void {
    this.head = this.firstFrom(t);
  }

  private timeAt(index: number): number {
    return this.times[index] as number; // callers stay within [head, tail)
  }

  private pointAt(index: number): PricePoint {
    return { pricedAt: this.timeAt(index), price: this.prices[index] as number };
  }

  /** Index of the first point with pricedAt ≥ t, else tail. */
  private firstFrom(t: number): number {
    let low = this.head;
    let high = this.tail;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeAt(middle) < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first point with pricedAt > t, else tail. */
  private firstAbove(t: number): number {
    const index = this.firstFrom(t);
    return index < this.tail && this.timeAt(index) === t ? index + 1 : index;
  }

  /** One free place at the tail. Moves down when half of the array is dropped prices, else doubles it. */
  private makeRoom(): void {
    if (this.tail < this.times.length) return;
    const grown = this.head * 2 >= this.tail ? this.times.length : this.times.length * 2;
    this.times = moved(this.times, this.head, this.tail, grown);
    this.prices = moved(this.prices, this.head, this.tail, grown);
    this.tail -= this.head;
    this.head = 0;
  }
}

function moved(from: Float64Array, head: number, tail: number, capacity: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(capacity);
  to.set(from.subarray(head, tail));
  return to;
}

/**
 * What a game's `context` sees: the prices of the `contextSeconds` of open time that end at `startedAt`,
 * the one at the beginning included (1,441 one-minute prices make the 1,440 returns of a day). Prices
 * stamped in closed time are left out.
 */
export function pricesBefore(
  series: PriceSeries,
  calendar: Calendar | undefined,
  startedAt: number,
  contextSeconds: number,
): PricesBefore {
  const from = addOpenSeconds(calendar, startedAt, -contextSeconds);
  const all = series.between(from - 0.5, startedAt); // instants of prices are whole seconds
  if (calendar === undefined) return all;
  const open = all.pricedAt.map((pricedAt) => isOpen(calendar, pricedAt));
  return { pricedAt: all.pricedAt.filter((_, i) => open[i]), price: all.price.filter((_, i) => open[i]) };
}
