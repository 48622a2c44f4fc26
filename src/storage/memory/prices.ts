// Prices in memory.

import type { Price } from '../../domain/price.ts';
import type { PriceRepository } from '../../domain/repositories.ts';
import { keyOf, type MemoryState } from './state.ts';

export function createMemoryPriceRepository(state: MemoryState): PriceRepository {
  return {
    async append(prices) {
      return appendPrices(state, prices);
    },

    async range(asset, source, from, to) {
      return [...state.prices.values()]
        .filter((price) => price.asset === asset && price.source === source)
        .filter(({ pricedAt }) => pricedAt > from && pricedAt <= to)
        .sort((a, b) => a.pricedAt - b.pricedAt);
    },

    async latest(source) {
      const newest: Record<string, number> = {};
      for (const price of state.prices.values()) {
        if (price.source !== source) continue;
        newest[price.asset] = Math.max(newest[price.asset] ?? price.pricedAt, price.pricedAt);
      }
      return newest;
    },
  };
}

/** A price that is there stays. Returns how many were new. */
export function appendPrices(state: MemoryState, prices: readonly Price[]): number {
  const before = state.prices.size;
  for (const price of prices) {
    const key = keyOf(price.asset, price.pricedAt, price.source);
    if (!state.prices.has(key)) state.prices.set(key, price);
  }
  return state.prices.size - before;
}
