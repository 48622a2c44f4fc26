// What a participant extends. The runner itself asks for no base class: any class with these two methods
// is a model.

import type { TickPrices } from '../domain/game.ts';
import type { DensitySpecification } from './densities.ts';
import { PriceStore } from './price-store.ts';

/**
 * A model. One instance lives as long as its process; calls come one at a time.
 *
 * ```ts
 * import { Model, normal } from 'condor-coordinator';
 *
 * export default class Steady extends Model {
 *   override predict(asset: string, horizonSeconds: number, stepSeconds: number) {
 *     return Array.from({ length: horizonSeconds / stepSeconds }, () => normal(0, 0.001));
 *   }
 * }
 * ```
 */
export abstract class Model {
  /** All prices ticks have brought: 30 days of each asset. */
  protected readonly prices: PriceStore = new PriceStore();

  /** New prices, at least once a minute; the first calls bring up to 30 days of history. Takes them into `prices`. */
  tick(prices: TickPrices): void {
    this.prices.add(prices);
  }

  /**
   * The forecast for `asset`: `horizonSeconds / stepSeconds` densities, the k-th of the change over the
   * k-th step from now (in condor the log-return over that step alone, not since the start). Must answer
   * within the game's time (condor 60 s), also before there are any prices.
   */
  abstract predict(
    asset: string,
    horizonSeconds: number,
    stepSeconds: number,
  ): readonly DensitySpecification[] | Promise<readonly DensitySpecification[]>;
}
