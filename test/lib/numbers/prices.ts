// Prices by asset and instant, straight from CSV files or from SQL.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** asset → pricedAt (unix seconds, end of the candle) → price. */
export type Prices = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Reads `ASSET.csv` files of `timestamp_unix_seconds,close`; the timestamp is the candle's opening. */
export function readCsvPrices(folder: string, assets: readonly string[], candleSeconds: number): Prices {
  return new Map(assets.map((asset) => [asset, readCsv(join(folder, `${asset}.csv`), candleSeconds)]));
}

function readCsv(file: string, candleSeconds: number): ReadonlyMap<number, number> {
  const prices = new Map<number, number>();
  for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
    const [openedAt, close] = line.split(',').map(Number);
    if (openedAt === undefined || close === undefined || line.trim() === '') continue;
    prices.set(openedAt + candleSeconds, close);
  }
  return prices;
}

/** All prices one candle later (or earlier): the mistake that no other test would notice. */
export function shiftAll(prices: Prices, seconds: number): Prices {
  return new Map(
    [...prices].map(([asset, series]) => [asset, new Map([...series].map(([at, price]) => [at + seconds, price]))]),
  );
}

/** One price of one asset moved to another instant, in place of what is there. */
export function shiftOne(prices: Prices, asset: string, at: number, seconds: number): Prices {
  const series = new Map(prices.get(asset));
  const price = series.get(at);
  if (price === undefined) throw new Error(`Cannot shift the price of ${asset} at ${at}: there is none`);
  series.delete(at);
  series.set(at + seconds, price);
  return new Map([...prices, [asset, series]]);
}

/**
 * P(t), the price nearest to t and not more than 1.5 candles away, ties to the earlier, with its instant.
 * Instants of prices and `t` are multiples of the candle, so there are three places to look.
 */
export function priceAt(
  prices: Prices,
  asset: string,
  t: number,
  candleSeconds: number,
): { readonly pricedAt: number; readonly price: number } | undefined {
  const series = prices.get(asset);
  for (const pricedAt of [t, t - candleSeconds, t + candleSeconds]) {
    const price = series?.get(pricedAt);
    if (price !== undefined) return { pricedAt, price };
  }
  return undefined;
}

/** v of the specification: √ of the mean squared one-candle log-return over a day of open time. */
export function volatilityBefore(
  prices: Prices,
  { symbol, isOpen, volatility }: { symbol: string; isOpen: (t: number) => boolean; volatility: number },
  startedAt: number,
  candleSeconds: number,
): number {
  const series = prices.get(symbol);
  const farthest = startedAt - 14 * 86_400; // a day of open time lies well within
  let openCandles = 86_400 / candleSeconds;
  let squares = 0;
  let count = 0;
  for (let at = startedAt; openCandles > 0 && at > farthest; at -= candleSeconds) {
    if (!isOpen(at)) continue;
    openCandles--;
    const price = series?.get(at);
    const before = isOpen(at - candleSeconds) ? series?.get(at - candleSeconds) : undefined;
    if (price === undefined || before === undefined) continue;
    squares += (Math.log(price) - Math.log(before)) ** 2;
    count++;
  }
  return Math.max(1e-6, count >= 360 ? Math.sqrt(squares / count) : volatility);
}
