// Where prices come from: decides among Binance, the simulated market and a directory of recordings, and
// says what it decided. The door for everyone who needs a feed.

import { stat } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type BinanceFeed, type BinanceFeedOptions, createBinanceFeed } from './binance.ts';
import type { PriceFeed } from './feed.ts';
import { createReplayFeed } from './replay.ts';
import { createSimulatedFeed } from './simulated.ts';
import type { SimulatedAsset } from './simulated-market.ts';

export interface CreateFeedOptions {
  /** `auto`, `live`, `simulated`, or a directory of `ASSET.csv` files. */
  readonly prices: string;
  readonly seed: number;
  /** The game's assets. */
  readonly assets: readonly SimulatedAsset[];
  readonly candleSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  /** The world a data directory was written for, when it was: `auto` follows it, anything else must agree. */
  readonly world?: string | undefined;
  readonly binance?: Pick<BinanceFeedOptions, 'restUrl' | 'streamUrl' | 'limits' | 'random'>;
  /** How long `auto` waits for Binance's answer. */
  readonly probeMs?: number;
}

/**
 * The feed `prices` asks for. `auto` takes Binance when it serves the game and answers within 3 s, else the
 * simulated market.
 * @throws Error when the feed can't serve the game, a recording is malformed, or `world` is another one.
 */
export async function createFeed(options: CreateFeedOptions): Promise<PriceFeed> {
  const feed = await feedOf(options);
  const { world, log } = options;
  if (world !== undefined && feed.world !== world) {
    throw new Error(
      `Cannot use prices of "${feed.world}" here: the data directory was written for "${world}"; ` +
        'name another one with --data-dir, or empty this one with --reset',
    );
  }
  log.info({ world: feed.world, note: feed.health().note }, 'prices chosen');
  return feed;
}

function feedOf(options: CreateFeedOptions): Promise<PriceFeed> {
  const { prices, world } = options;
  if (prices === 'live') return live(options);
  if (prices === 'simulated') return Promise.resolve(simulated(options));
  if (prices !== 'auto') return replay(options);
  if (world === undefined) return liveElseSimulated(options);
  return Promise.resolve(remembered(options, world));
}

/** Binance, whether it answers or not: a feed that is down is no reason to stop. */
async function live(options: CreateFeedOptions): Promise<PriceFeed> {
  const feed = binance(options);
  const failure = await probe(feed, options);
  if (failure !== null) options.log.warn({ reason: failure }, 'Binance does not answer now, trying on');
  return feed;
}

async function liveElseSimulated(options: CreateFeedOptions): Promise<PriceFeed> {
  let failure: string | null;
  try {
    const feed = binance(options);
    failure = await probe(feed, options);
    if (failure === null) return feed;
  } catch (error) {
    failure = (error as Error).message; // an asset or a candle length that Binance does not serve
  }
  options.log.warn({ reason: failure }, 'no live prices for this game now: prices are simulated, not a real market');
  return simulated(options);
}

/** What `auto` decided when the data directory was new. */
function remembered(options: CreateFeedOptions, world: string): PriceFeed {
  if (world === 'live:binance') return binance(options);
  const seed = /^simulated:(-?\d{1,16})$/.exec(world)?.[1];
  if (seed !== undefined) return simulated({ ...options, seed: Number(seed) });
  throw new Error(
    `Cannot choose prices by itself: the data directory was written for "${world}"; ` +
      'name the directory of these recordings with --prices',
  );
}

/** Null when Binance answers; else why not. */
async function probe(feed: BinanceFeed, { probeMs = 3000 }: CreateFeedOptions): Promise<string | null> {
  try {
    await feed.probe(probeMs);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function binance({ assets, candleSeconds, clock, log, binance = {} }: CreateFeedOptions): BinanceFeed {
  return createBinanceFeed({ ...binance, assets: assets.map(({ symbol }) => symbol), candleSeconds, clock, log });
}

function simulated({ seed, candleSeconds, assets, clock }: CreateFeedOptions): PriceFeed {
  return createSimulatedFeed({ seed, candleSeconds, assets, clock });
}

async function replay({ prices, assets, candleSeconds, clock }: CreateFeedOptions): Promise<PriceFeed> {
  const found = await stat(prices).catch(() => null); // whatever the reason, it is not a directory we can read
  if (!found?.isDirectory()) {
    throw new Error(`Cannot read prices from "${prices}": it is neither auto, live, simulated nor a directory`);
  }
  return createReplayFeed({ directory: prices, assets: assets.map(({ symbol }) => symbol), candleSeconds, clock });
}
