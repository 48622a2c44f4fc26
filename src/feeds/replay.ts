// Recorded prices: a directory with one `ASSET.csv` for each asset, held in memory. It hands out what was
// recorded and nothing else: a gap stays a gap.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Price } from '../domain/price.ts';
import type { Clock } from '../lib/clock.ts';
import type { FeedHealth, PriceFeed } from './feed.ts';
import { batchMax, followClock, type KnownPrices } from './follow-clock.ts';
import { type Recording, readRecording } from './recording.ts';

export interface ReplayFeedOptions {
  readonly directory: string;
  /** The game's assets; other files of the directory are not read. */
  readonly assets: readonly string[];
  readonly candleSeconds: number;
  /** What `live` follows. `history` hands out any recorded instant: the caller says how far. */
  readonly clock: Clock;
}

/** @throws Error naming file, line, value present and value wanted, when a file is missing or malformed. */
export async function createReplayFeed(options: ReplayFeedOptions): Promise<PriceFeed> {
  const { directory, assets, candleSeconds, clock } = options;
  if (assets.length === 0) throw new Error(`Cannot replay "${directory}": no asset is asked for`);
  refuseMissing(directory, assets);
  const recordings = new Map<string, Recording>();
  for (const asset of assets) recordings.set(asset, await readRecording(directory, asset, candleSeconds));
  const newest: Record<string, number> = {};
  const all = [...recordings.values()];
  const span = {
    from: Math.max(...all.map(({ pricedAt }) => pricedAt[0] as number)), // a recording has at least one row
    to: Math.max(...all.map(({ pricedAt }) => pricedAt[pricedAt.length - 1] as number)),
  };

  function knownPrices(symbols: readonly string[]): KnownPrices {
    const chosen = symbols.map((asset) => ({ asset, ...recordingOf(asset) }));
    return {
      nextAfter: (instant) =>
        Math.min(...chosen.map(({ pricedAt }) => pricedAt[indexAfter(pricedAt, instant)] ?? Number.POSITIVE_INFINITY)),
      *between(from, to) {
        const next = chosen.map(({ pricedAt }) => indexAfter(pricedAt, from));
        let batch: Price[] = [];
        for (;;) {
          const instant = Math.min(
            ...chosen.map(({ pricedAt }, k) => pricedAt[next[k] as number] ?? Number.POSITIVE_INFINITY),
          );
          if (instant > to || instant === Number.POSITIVE_INFINITY) break;
          for (const [k, { asset, pricedAt, price }] of chosen.entries()) {
            const index = next[k] as number;
            if (pricedAt[index] !== instant) continue;
            batch.push({ asset, pricedAt: instant, price: price[index] as number, source: 'replay' });
            newest[asset] = Math.max(newest[asset] ?? 0, instant);
            next[k] = index + 1;
          }
          if (batch.length + chosen.length > batchMax) {
            yield batch;
            batch = [];
          }
        }
        if (batch.length > 0) yield batch;
      },
    };
  }

  function recordingOf(asset: string): Recording {
    const recording = recordings.get(asset);
    if (recording === undefined) {
      const known = [...recordings.keys()].map((symbol) => `"${symbol}"`).join(', ');
      throw new Error(`Cannot give prices of asset "${asset}": the replay of "${directory}" has ${known}`);
    }
    return recording;
  }

  return {
    source: 'replay',
    world: `replay:${hashOf(recordings)}`,
    alwaysOpen: [],
    span,
    async *history(asset, from, to, signal) {
      for (const batch of knownPrices([asset]).between(from, to)) {
        signal?.throwIfAborted();
        yield batch;
      }
    },
    live: (symbols, signal) => followClock(knownPrices(symbols), { from: clock.now(), clock, signal }),
    health: (): FeedHealth => ({
      connected: true,
      newest: { ...newest },
      reconnects: 0,
      unknownMessages: 0,
      note: `recorded prices from ${isoOf(span.from)} to ${isoOf(span.to)}`,
    }),
  };
}

/** Says at once what a directory lacks that was recorded for another game; a lone file is named when it is read. */
function refuseMissing(directory: string, assets: readonly string[]): void {
  const missing = assets.map((asset) => `${asset}.csv`).filter((file) => !existsSync(join(directory, file)));
  if (missing.length < 2) return;
  throw new Error(
    `Cannot replay "${directory}": it lacks ${missing.join(', ')}; ` +
      `the game needs a file for each of its ${assets.length} assets, or --prices simulated`,
  );
}

/** One hash over all files, in name order, so that neither the directory's place nor the asset order counts. */
function hashOf(recordings: ReadonlyMap<string, Recording>): string {
  const hash = createHash('sha256');
  for (const asset of [...recordings.keys()].sort()) hash.update(`${asset} ${recordings.get(asset)?.sha256}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** The index of the first element > `instant`; the length when there is none. */
function indexAfter(ascending: Float64Array, instant: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isoOf(instant: number): string {
  return `${new Date(instant * 1000).toISOString().slice(0, 19)}Z`;
}
