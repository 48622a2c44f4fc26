// Where score may fetch prices that predict's feed lost: the competition's own world, when it can be had
// from here. A recording lies on predict's machine and has no holes of ours.

import type { Competition } from '../domain/clock.ts';
import type { Game } from '../domain/game.ts';
import { createBinanceFeed } from '../feeds/binance.ts';
import type { PriceFeed } from '../feeds/feed.ts';
import { createSimulatedFeed, simulatedAssets } from '../feeds/simulated.ts';
import { runningClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';

export interface FillingOptions {
  readonly binanceRestUrl?: string | undefined;
}

/** A feed of the world the competition is played in; undefined when there is none here. */
export function fillingFeed(
  { world, seed }: Competition,
  { assets, candleSeconds }: Game,
  log: Log,
  { binanceRestUrl }: FillingOptions = {},
): PriceFeed | undefined {
  const clock = runningClock();
  if (world === 'live:binance') {
    const symbols = assets.map(({ symbol }) => symbol);
    return createBinanceFeed({
      assets: symbols,
      candleSeconds,
      clock,
      log,
      ...(binanceRestUrl && { restUrl: binanceRestUrl }),
    });
  }
  if (world === `simulated:${seed}`) {
    return createSimulatedFeed({ seed, candleSeconds, assets: simulatedAssets({ assets }), clock });
  }
  return undefined;
}
