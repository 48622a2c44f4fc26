// What a settled round was settled with, from the prices up to its witness: whatever came later is left out.

import type { Competition } from '../domain/clock.ts';
import type { Game } from '../domain/game.ts';
import type { PriceRepository, SettledRound } from '../domain/repositories.ts';
import { PriceSeries } from '../domain/series.ts';
import { type RoundState, settleRound } from '../domain/settle-round.ts';
import { calendarOf } from './versions.ts';

/**
 * The outcome of a settled round; null when its prices are no longer there. With others put in their place it
 * may be another than it was: `differs` compares what is stored of it.
 * @throws Error when the round is void.
 */
export async function settledAgain(
  competition: Competition,
  game: Game,
  prices: Pick<PriceRepository, 'range'>,
  round: SettledRound,
): Promise<(Extract<RoundState, { state: 'settled' }> & { readonly differs: boolean }) | null> {
  const { settlement, asset, startedAt, roundId } = round;
  if (settlement.state !== 'settled') throw new Error(`Cannot look at the outcome of round "${roundId}": it is void`);
  const { source, settledAt } = settlement;
  const tolerance = game.toleranceCandles * game.candleSeconds;
  const series = new PriceSeries();
  for (const { pricedAt, price } of await prices.range(asset, source, startedAt - tolerance - 1, settledAt)) {
    series.append(pricedAt, price);
  }
  const calendar = calendarOf(game, competition, asset);
  const state = settleRound(round, { game, calendar, series, now: settledAt });
  if (state.state !== 'settled') return null;
  const stored = ['settledAt', 'priceAtStart', 'priceAtEnd', 'firstPricedAt', 'lastPricedAt'] as const;
  return { ...state, differs: stored.some((key) => state[key] !== settlement[key]) };
}
