// What the tests of feeds share: reading a feed to the end, and statistics of a path.

import type { Price } from '../domain/price.ts';

/** Everything `batches` brings, in one array. */
export async function collect(batches: AsyncIterable<readonly Price[]>): Promise<Price[]> {
  const prices: Price[] = [];
  for await (const batch of batches) prices.push(...batch);
  return prices;
}

/** The first `count` prices `batches` brings; then it is left. */
export async function take(batches: AsyncIterable<readonly Price[]>, count: number): Promise<Price[]> {
  const prices: Price[] = [];
  for await (const batch of batches) {
    prices.push(...batch);
    if (prices.length >= count) break;
  }
  return prices;
}

export interface PathStatistics {
  readonly standardDeviation: number;
  readonly kurtosis: number;
  /** Of returns, one candle apart. */
  readonly autocorrelationAt1: number;
  /** Of absolute returns, 60 candles apart. */
  readonly absoluteAutocorrelationAt60: number;
}

/** Statistics of the log-returns between consecutive prices. */
export function statisticsOf(prices: readonly number[]): PathStatistics {
  const returns = prices.slice(1).map((price, index) => Math.log(price / (prices[index] as number)));
  const centred = centre(returns);
  const absolute = centre(returns.map(Math.abs));
  const variance = meanOf(centred.map((x) => x ** 2));
  return {
    standardDeviation: Math.sqrt(variance),
    kurtosis: meanOf(centred.map((x) => x ** 4)) / variance ** 2,
    autocorrelationAt1: autocorrelation(centred, 1),
    absoluteAutocorrelationAt60: autocorrelation(absolute, 60),
  };
}

function autocorrelation(centred: readonly number[], lag: number): number {
  const products = centred.slice(lag).map((x, index) => x * (centred[index] as number));
  return products.reduce((sum, x) => sum + x, 0) / centred.reduce((sum, x) => sum + x * x, 0);
}

function centre(values: readonly number[]): number[] {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
