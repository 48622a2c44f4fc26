// Compares our clock with the database's, at start and each minute. A worker whose clock is far off would
// ask at the wrong instants, so it asks nothing until it is right again: skipped, ours.

import { wallNow } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';

export interface SkewWatch {
  /** Seconds our clock is ahead of the database's (negative: behind), as last measured; 0 before. */
  seconds(): number;
  /** Whether rounds may start. */
  isTolerable(): boolean;
  /** Measures now and, until `signal` aborts, each minute. A database that is away leaves the last measurement. */
  start(signal: AbortSignal): Promise<void>;
}

const warnSeconds = 2;
const stopSeconds = 30;
const everyMs = 60_000;

export function watchSkew(
  databaseNow: () => Promise<number>,
  log: Log,
  { now = wallNow, repeatMs = everyMs }: { readonly now?: () => number; readonly repeatMs?: number } = {},
): SkewWatch {
  let skew = 0;

  async function measure(): Promise<void> {
    const before = now();
    const theirs = await databaseNow().catch(() => null);
    if (theirs === null) return;
    skew = (before + now()) / 2 - theirs; // half the round trip each way
    if (Math.abs(skew) > stopSeconds) {
      log.error({ skewSeconds: skew, stopSeconds }, 'our clock is wrong: no round starts');
    } else if (Math.abs(skew) > warnSeconds) {
      log.warn({ skewSeconds: skew }, "our clock differs from the database's");
    }
  }

  return {
    seconds: () => skew,
    isTolerable: () => Math.abs(skew) <= stopSeconds,
    async start(signal) {
      const timer = setInterval(() => void measure(), repeatMs);
      signal.addEventListener('abort', () => clearInterval(timer), { once: true });
      await measure();
    },
  };
}
